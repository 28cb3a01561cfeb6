// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// The example 13-database-writer, killed at random moments and started again.
//
// TACTUS_SEED repeats a run, as far as the machine does the same again.

#include <QtCore/qmap.h>
#include <QtCore/qprocess.h>
#include <QtCore/qrandom.h>
#include <QtCore/qregularexpression.h>
#include <QtCore/qscopeguard.h>
#include <QtCore/qtemporarydir.h>
#include <QtCore/qthread.h>
#include <QtSql/qsqldatabase.h>
#include <QtSql/qsqlerror.h>
#include <QtSql/qsqlquery.h>
#include <QtTest/qtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

constexpr qint64 batchesToKeep = 10; // as in the example
constexpr int kills = 32;

quint32 chosenSeed()
{
    bool isSet = false;
    const quint32 seed = qEnvironmentVariable("TACTUS_SEED").toUInt(&isSet);
    return isSet ? seed : QRandomGenerator::global()->generate();
}

// The numbers in the first column.
QList<qint64> column(const QSqlDatabase &database, const QString &statement)
{
    QSqlQuery query(database);
    QList<qint64> values;
    if (!query.exec(statement))
        QTest::qFail(qPrintable(query.lastError().text()), __FILE__, __LINE__);
    while (query.next())
        values.append(query.value(0).toLongLong());
    return values;
}

} // namespace

class tst_DatabaseWriter : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void killedAtRandomMoments();

private:
    void run(int acknowledgements, std::chrono::microseconds more);
    void readAcknowledged(QProcess *writer);
    void check();

    QTemporaryDir m_folder;
    QString m_path = m_folder.filePath(u"readings.sqlite"_s);
    QMap<qint64, qint64> m_acknowledged; // batches and their sizes
    int m_inThisRun = 0;
    int m_unacknowledged = 0; // runs that left a batch that they had no time to acknowledge
};

void tst_DatabaseWriter::readAcknowledged(QProcess *writer)
{
    static const QRegularExpression form(u"^batch (\\d+): (\\d+) readings\\n$"_s);
    while (writer->canReadLine()) {
        const QString line = QString::fromUtf8(writer->readLine());
        QVERIFY2(!line.startsWith(u"failed"_s), qPrintable(line));
        const QRegularExpressionMatch match = form.match(line);
        if (!match.hasMatch())
            continue;
        const qint64 batch = match.captured(1).toLongLong();
        QVERIFY2(!m_acknowledged.contains(batch), qPrintable(line));
        m_acknowledged.insert(batch, match.captured(2).toLongLong());
        ++m_inThisRun;
    }
}

// Lets it acknowledge so many batches, and kills it so much later.
void tst_DatabaseWriter::run(int acknowledgements, std::chrono::microseconds more)
{
    QProcess writer;
    writer.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    const auto killed = qScopeGuard([&writer] {
        writer.kill();
        writer.waitForFinished();
    });
    m_inThisRun = 0;
    writer.start(QStringLiteral(DATABASE_WRITER), { m_path }, QIODevice::ReadOnly);
    QVERIFY(writer.waitForStarted());
    while (m_inThisRun < acknowledgements) {
        QVERIFY(writer.waitForReadyRead(30'000));
        readAcknowledged(&writer);
    }
    QThread::usleep(static_cast<unsigned long>(more.count()));
    writer.kill(); // SIGKILL
    QVERIFY(writer.waitForFinished());
    QCOMPARE(writer.exitStatus(), QProcess::CrashExit);
    readAcknowledged(&writer);
}

void tst_DatabaseWriter::check()
{
    const QString name = u"check"_s;
    const auto closed = qScopeGuard([&name] { QSqlDatabase::removeDatabase(name); });
    QSqlDatabase database = QSqlDatabase::addDatabase(u"QSQLITE"_s, name);
    database.setDatabaseName(m_path);
    QVERIFY2(database.open(), qPrintable(database.lastError().text()));

    QSqlQuery integrity(u"PRAGMA integrity_check"_s, database);
    QVERIFY(integrity.next());
    QCOMPARE(integrity.value(0).toString(), u"ok"_s);
    integrity.clear();
    QVERIFY(column(database, u"PRAGMA foreign_key_check"_s).isEmpty());

    // All of the schema, or nothing at all of a program that was killed when it began.
    const QList<qint64> tables = column(database,
                                        u"SELECT count(*) FROM sqlite_schema WHERE name IN "
                                        "('batches', 'readings', 'readings_of_batch')"_s);
    QVERIFY(tables == QList<qint64>{ 3 } || tables == QList<qint64>{ 0 });
    if (tables == QList<qint64>{ 0 }) {
        QVERIFY(m_acknowledged.isEmpty());
        return;
    }

    // No part of a batch.
    QCOMPARE(column(database, u"SELECT count(*) FROM batches WHERE size <> "
                              "(SELECT count(*) FROM readings WHERE batch = number)"_s),
             QList<qint64>{ 0 });
    QCOMPARE(column(database, u"SELECT count(*) FROM readings WHERE batch NOT IN "
                              "(SELECT number FROM batches)"_s),
             QList<qint64>{ 0 });

    // Nothing that was acknowledged is missing, but for what is old; and that has been deleted: the first
    // thing that each run does, before its first batch.
    const QList<qint64> batches = column(database, u"SELECT number FROM batches ORDER BY number"_s);
    const qint64 last = batches.isEmpty() ? 0 : batches.last();
    for (qint64 batch = std::max<qint64>(1, last - batchesToKeep + 1); batch <= last; ++batch)
        QVERIFY2(batches.contains(batch), qPrintable(u"batch %1"_s.arg(batch)));
    for (auto [batch, size] : m_acknowledged.asKeyValueRange()) {
        QVERIFY2(batch <= last, qPrintable(u"batch %1 is lost"_s.arg(batch)));
        if (batches.contains(batch)) {
            QCOMPARE(column(database, u"SELECT size FROM batches WHERE number = %1"_s.arg(batch)),
                     QList<qint64>{ size });
        }
    }
    if (m_inThisRun > 0)
        QVERIFY(batches.size() <= batchesToKeep + m_inThisRun + 1);

    // At most the last one was not acknowledged any more.
    const qint64 lastAcknowledged = m_acknowledged.isEmpty() ? 0 : m_acknowledged.lastKey();
    if (m_inThisRun > 0)
        QVERIFY(last <= lastAcknowledged + 1);
    if (last > lastAcknowledged)
        ++m_unacknowledged;
}

void tst_DatabaseWriter::killedAtRandomMoments()
{
    const quint32 seed = chosenSeed();
    qInfo("TACTUS_SEED=%u", seed);
    QRandomGenerator random(seed);
    QVERIFY(m_folder.isValid());

    for (int kill = 0; kill < kills; ++kill) {
        // When it is about to start, when a batch has just been acknowledged, when one is due, at any time.
        constexpr std::array<std::array<int, 2>, 4> moments{
            { { 0, 60'000 }, { 0, 300 }, { 95'000, 110'000 }, { 0, 110'000 } }
        };
        const auto kind = static_cast<std::size_t>(kill) % moments.size();
        const int acknowledgements = kind == 0 ? 0 : random.bounded(1, 5);
        const std::chrono::microseconds more(random.bounded(moments[kind][0], moments[kind][1]));
        run(acknowledgements, more);
        if (!QTest::currentTestFailed())
            check();
        if (QTest::currentTestFailed()) {
            qWarning("kill %d: %lld us after %d batches", kill + 1, qlonglong{ more.count() },
                     acknowledgements);
            return;
        }
    }
    QVERIFY(m_acknowledged.size() >= kills * 3 / 4);
    qInfo("%d kills, %lld batches acknowledged, %d times one more was durable", kills,
          qlonglong{ m_acknowledged.size() }, m_unacknowledged);
}

QTEST_GUILESS_MAIN(tst_DatabaseWriter)
#include "tst_databasewriter.moc"
