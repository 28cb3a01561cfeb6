// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include <Tactus/errors.h>

#include <QtCore/qfuture.h>
#include <QtCore/qpromise.h>
#include <QtTest/qtest.h>

#include <memory>

using namespace std::chrono_literals;
using namespace Tactus;

// What the errors carry comes along on every way that Qt sends exceptions.
class tst_Errors : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void throughAFuture();
    void clones();
};

namespace {

template <typename Error>
QFuture<void> futureWith(const Error &error)
{
    QPromise<void> promise;
    promise.start();
    promise.setException(static_cast<const QException &>(error));
    promise.finish();
    return promise.future();
}

template <typename Error>
std::unique_ptr<Error> caughtFrom(QFuture<void> future)
{
    try {
        future.waitForFinished();
    } catch (const Error &error) {
        return std::make_unique<Error>(error);
    }
    return nullptr;
}

template <typename Error>
std::unique_ptr<QException> cloneOf(const Error &error)
{
    return std::unique_ptr<QException>(static_cast<const QException &>(error).clone());
}

} // namespace

void tst_Errors::throughAFuture()
{
    const auto full = caughtFrom<QueueFullError>(futureWith(QueueFullError(7)));
    QVERIFY(full);
    QCOMPARE(full->maximumPending(), 7);
    const auto late = caughtFrom<TimeoutError>(futureWith(TimeoutError(3s)));
    QVERIFY(late);
    QCOMPARE(late->timeout(), Duration(3s));
    QVERIFY(caughtFrom<CanceledError>(futureWith(CanceledError())));
}

void tst_Errors::clones()
{
    const auto full = cloneOf(QueueFullError(7));
    QVERIFY(dynamic_cast<QueueFullError *>(full.get()));
    QCOMPARE(dynamic_cast<QueueFullError *>(full.get())->maximumPending(), 7);
    QCOMPARE(full->what(), QueueFullError(7).what());
    const auto late = cloneOf(TimeoutError(3s));
    QVERIFY(dynamic_cast<TimeoutError *>(late.get()));
    QCOMPARE(dynamic_cast<TimeoutError *>(late.get())->timeout(), Duration(3s));
    QVERIFY(dynamic_cast<CanceledError *>(cloneOf(CanceledError()).get()));
}

QTEST_GUILESS_MAIN(tst_Errors)
#include "tst_errors.moc"
