// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "readingstore.h"

#include <QtCore/qvariant.h>
#include <QtSql/qsqlerror.h>
#include <QtSql/qsqlquery.h>

#include <stdexcept>

using namespace Qt::StringLiterals;

namespace {

[[noreturn]] void fail(const QSqlError &error)
{
    throw std::runtime_error(error.text().toStdString());
}

QSqlQuery prepared(const QSqlDatabase &database, const QString &statement)
{
    QSqlQuery query(database);
    if (!query.prepare(statement))
        fail(query.lastError());
    return query;
}

void execute(QSqlQuery &query, const QVariantList &values = {})
{
    for (int i = 0; i < values.size(); ++i)
        query.bindValue(i, values.at(i));
    if (!query.exec())
        fail(query.lastError());
}

void execute(const QSqlDatabase &database, const QString &statement)
{
    QSqlQuery query = prepared(database, statement);
    execute(query);
}

// All that happens until commit(), or nothing of it.
class Transaction
{
public:
    explicit Transaction(QSqlDatabase *database)
        : m_database(database)
    {
        if (!m_database->transaction())
            fail(m_database->lastError());
    }

    ~Transaction()
    {
        if (!m_isCommitted)
            m_database->rollback();
    }

    void commit()
    {
        if (!m_database->commit())
            fail(m_database->lastError());
        m_isCommitted = true;
    }

private:
    Q_DISABLE_COPY_MOVE(Transaction)
    QSqlDatabase *const m_database;
    bool m_isCommitted = false;
};

} // namespace

ReadingStore::ReadingStore(const QString &path)
    : m_database(QSqlDatabase::addDatabase(u"QSQLITE"_s, u"readings"_s))
{
    m_database.setDatabaseName(path);
    if (!m_database.open())
        fail(m_database.lastError());

    // A commit of a write-ahead log is one write. With FULL it is on the disk when it returns, so that
    // not even a power failure takes it back.
    execute(m_database, u"PRAGMA journal_mode = WAL"_s);
    execute(m_database, u"PRAGMA synchronous = FULL"_s);
    execute(m_database, u"PRAGMA foreign_keys = ON"_s);

    Transaction transaction(&m_database);
    execute(m_database, u"CREATE TABLE IF NOT EXISTS batches ("
                        "number INTEGER PRIMARY KEY AUTOINCREMENT, size INTEGER NOT NULL)"_s);
    execute(m_database, u"CREATE TABLE IF NOT EXISTS readings ("
                        "batch INTEGER NOT NULL REFERENCES batches ON DELETE CASCADE, "
                        "time INTEGER NOT NULL, value REAL NOT NULL)"_s);
    execute(m_database, u"CREATE INDEX IF NOT EXISTS readings_of_batch ON readings (batch)"_s);
    transaction.commit();
}

ReadingStore::~ReadingStore()
{
    m_database = QSqlDatabase();
    QSqlDatabase::removeDatabase(u"readings"_s);
}

//! [append]
qint64 ReadingStore::append(const QList<Reading> &batch)
{
    Transaction transaction(&m_database);
    QSqlQuery batches = prepared(m_database, u"INSERT INTO batches (size) VALUES (?)"_s);
    execute(batches, { batch.size() });
    const QVariant number = batches.lastInsertId();

    QSqlQuery readings = prepared(m_database,
                                  u"INSERT INTO readings (batch, time, value) VALUES (?, ?, ?)"_s);
    for (const Reading &reading : batch)
        execute(readings, { number, reading.time, reading.value });
    transaction.commit();
    return number.toLongLong();
}
//! [append]

void ReadingStore::maintain(qint64 batchesToKeep)
{
    Transaction transaction(&m_database);
    QSqlQuery old = prepared(
            m_database,
            u"DELETE FROM batches WHERE number <= (SELECT max(number) FROM batches) - ?"_s);
    execute(old, { batchesToKeep });
    transaction.commit();
    execute(m_database, u"PRAGMA optimize"_s);
}
