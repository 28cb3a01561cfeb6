// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// Tasks that are given up: by the user, who cancels the future, or by the limiter, after taskTimeout.

#include "../readyfuture.h"
#include "limiterfixture.h"

#include <Tactus/errors.h>

#include <QtCore/qdeadlinetimer.h>
#include <QtCore/qeventloop.h>
#include <QtCore/qfuturewatcher.h>

#include <limits>
#include <memory>
#include <stdexcept>

using namespace LimiterTest;

class tst_SerialRateLimiter_cancel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { failOnWarnings(); }

    void L7_cancelOfAQueuedFuture_data();
    void L7_cancelOfAQueuedFuture();
    void L7_futureIsFinishedWhenItsSignalComes();
    void L7_cancelSomeOfVeryMany();
    void L7_cancelIsNotForgottenWhenAnotherTaskLeaves();
    void L7_waitingFuturesShareWatches();
    void L7_cancelBeforeTheEventLoopHadATurn();
    void L7_cancelBehindSlowTasks_data();
    void L7_cancelBehindSlowTasks();
    void L7_cancelOfTheRunningTask();
    void L7_cancelFromInsideASynchronousTask();
    void L7_cancelInANestedEventLoop();
    void L7_canceledTaskThatFails();
    void L7_canceledByTheTaskItself();
    void L7_futureReturnedAfterTheCancellation();
    void L19_exactlyAtTheLimitIsInTime();
    void L19_oneNanosecondOver();
    void L19_postedTask();
    void L19_timedOutBeforeItIsCalled_data();
    void L19_timedOutBeforeItIsCalled();
    void L19_laneStaysTaken();
    void L19_synchronousTask();
    void L19_synchronousTaskInANestedEventLoop();
    void L19_blockedBeforeItReturnedItsFuture();
    void L19_canceledAndTimedOut();
    void L19_timedOutThenCanceled();
    void L19_cancelRequestEndsTheTask();
    void L19_changedWhileRunning();
    void L19_eachTaskHasItsOwnTime();
    void L19_timeToWaitDoesNotCount();
    void L19_timeOfAContinuationDoesNotCount();
    void L19_timeOfADestructorDoesNotCount();
};

void tst_SerialRateLimiter_cancel::L7_cancelOfAQueuedFuture_data()
{
    QTest::addColumn<QByteArray>("because");
    for (const char *because : { "paused", "held", "rate-limited", "behind a running one" })
        QTest::newRow(because) << QByteArray(because);
}

void tst_SerialRateLimiter_cancel::L7_cancelOfAQueuedFuture()
{
    QFETCH(QByteArray, because);
    Fixture f(1, 1h);
    Job<void> job;
    if (because == "paused") {
        f.limiter.pause();
    } else if (because == "held") {
        f.limiter.holdFor(1h);
    } else if (because == "rate-limited") {
        f.limiter.post([] {});
    } else {
        f.limiter.post(job.task());
    }
    f.settle();
    f.log->take();

    bool ran = false;
    auto future = f.limiter.push([&] { ran = true; });
    int continued = 0;
    const auto continuation = future.onCanceled([&] { ++continued; });
    const auto next = f.limiter.push([] {});
    f.settle();
    future.cancel();
    QVERIFY(!future.isFinished()); // not from inside cancel()
    QVERIFY(f.log->lines.isEmpty());
    f.settle();
    QVERIFY(wasCanceled(future));
    QCOMPARE(continued, 1);
    QCOMPARE(f.log->take().size(), 1);
    QCOMPARE(f.limiter.canceledCount(), 1);
    QCOMPARE(f.limiter.pendingCount(), 1);
    QVERIFY(!next.isFinished());

    f.limiter.resume();
    f.clock.advance(1h);
    if (job.isRunning())
        job.finish();
    f.clock.advance(1h);
    QVERIFY(!ran);
    QVERIFY(next.isFinished() && !next.isCanceled());
    QCOMPARE(f.limiter.canceledCount(), 1);
}

void tst_SerialRateLimiter_cancel::L7_futureIsFinishedWhenItsSignalComes()
{
    Fixture f;
    f.limiter.pause();
    QList<QFuture<void>> futures;
    for (int i = 0; i < 3; ++i)
        futures.append(f.limiter.push([] {}));
    f.settle();
    QList<qint64> told;
    connect(&f.limiter, &SerialRateLimiter::taskCanceled, this, [&](qint64 id) {
        told.append(id);
        QVERIFY(futures[static_cast<qsizetype>(id) - 1].isFinished());
    });
    futures[1].cancel();
    f.settle();
    f.limiter.clear();
    QCOMPARE(told, (QList<qint64>{ 2, 1, 3 }));
}

void tst_SerialRateLimiter_cancel::L7_cancelSomeOfVeryMany()
{
    constexpr int count = 1000;
    Fixture f(1, 1ms);
    f.limiter.pause();
    std::vector<QFuture<int>> futures;
    QList<int> ran;
    for (int i = 0; i < count; ++i) {
        futures.push_back(f.limiter.push([&ran, i] {
            ran.append(i);
            return i;
        }));
        if (i % 3 == 0)
            f.limiter.post([] {}); // has no future to watch
    }
    f.settle();
    QList<int> expected;
    for (int i = 0; i < count; ++i) {
        if (i % 7 == 0 || i > count - 100)
            futures[static_cast<size_t>(i)].cancel();
        else
            expected.append(i);
    }
    f.settle();
    QCOMPARE(f.limiter.canceledCount(), count - expected.size());
    QCOMPARE(f.limiter.pendingCount(), expected.size() + (count + 2) / 3);

    // And while they are on their way.
    f.limiter.resume();
    f.clock.advance(100ms);
    for (int i = 500; i < 510; ++i) {
        futures[static_cast<size_t>(i)].cancel();
        expected.removeOne(i);
    }
    f.settle();
    f.clock.advance(10s);
    QCOMPARE(ran, expected);
    for (int i = 0; i < count; ++i) {
        const auto &future = futures[static_cast<size_t>(i)];
        if (expected.contains(i))
            QCOMPARE(future.result(), i);
        else
            QVERIFY(wasCanceled(future));
    }
    QCOMPARE(f.limiter.canceledCount(), count - expected.size());
}

// To stop watching one future drops what is on its way about those that are watched together.
void tst_SerialRateLimiter_cancel::L7_cancelIsNotForgottenWhenAnotherTaskLeaves()
{
    Fixture f;
    f.limiter.setMaximumPending(3);
    f.limiter.setOverflow(SerialRateLimiter::Overflow::DropOldest);
    f.limiter.pause();
    const auto first = f.limiter.push([] {});
    auto second = f.limiter.push([] {});
    auto third = f.limiter.push([] {});
    f.settle();
    second.cancel();
    third.cancel();
    f.limiter.post([] {}); // drops the first one at once
    QVERIFY(first.isFinished() && !second.isFinished());
    f.settle();
    QVERIFY(wasCanceled(second) && wasCanceled(third));
    QCOMPARE(f.limiter.pendingCount(), 1);
}

void tst_SerialRateLimiter_cancel::L7_waitingFuturesShareWatches()
{
    Fixture f;
    f.limiter.pause();
    std::vector<QFuture<void>> futures;
    const auto push = [&](int count) {
        for (int i = 0; i < count; ++i)
            futures.push_back(f.limiter.push([] {}));
        f.settle();
    };
    push(10'000);
    const qsizetype watches = f.limiter.findChildren<QFutureWatcherBase *>().size();
    QCOMPARE_LE(watches, 200);
    QCOMPARE_GT(watches, 1);

    f.limiter.clear();
    push(1000);
    QCOMPARE_LT(f.limiter.findChildren<QFutureWatcherBase *>().size(), 50);

    // What is found among the children tells nothing, and does no harm.
    auto *const watch = f.limiter.findChild<QFutureWatcherBase *>();
    QVERIFY(!watch->isFinished());
    watch->cancel();
    f.settle();
    QCOMPARE(f.limiter.pendingCount(), 1000);
}

void tst_SerialRateLimiter_cancel::L7_cancelBeforeTheEventLoopHadATurn()
{
    Fixture f;
    bool ran = false;
    auto first = f.limiter.push([&] { ran = true; });
    auto second = f.limiter.push([&] { ran = true; });
    second.cancel();
    first.cancel();
    f.settle();
    QVERIFY(wasCanceled(first) && wasCanceled(second));
    QVERIFY(!ran);
    QCOMPARE(f.log->count("drained"), 1);
    QCOMPARE(f.clock.pendingWakeUps(), 0);
}

void tst_SerialRateLimiter_cancel::L7_cancelBehindSlowTasks_data()
{
    QTest::addColumn<std::chrono::nanoseconds>("time");
    QTest::addColumn<int>("count");
    QTest::newRow("one a turn") << std::chrono::nanoseconds(3ms) << 30;
    QTest::newRow("several a turn") << std::chrono::nanoseconds(100us) << 1000;
}

// Nothing keeps them waiting but one another.
void tst_SerialRateLimiter_cancel::L7_cancelBehindSlowTasks()
{
    QFETCH(std::chrono::nanoseconds, time);
    QFETCH(int, count);
    Fixture f(std::numeric_limits<int>::max(), 1ns);
    const auto slow = [time] {
        const QDeadlineTimer end(time, Qt::PreciseTimer);
        while (!end.hasExpired()) {
        }
    };
    QList<QFuture<void>> futures;
    for (int i = 0; i < count; ++i)
        futures.append(f.limiter.push(slow));
    futures.last().cancel();
    QEventLoop loop;
    while (!futures.last().isFinished())
        loop.processEvents();
    QCOMPARE(f.limiter.canceledCount(), 1);
    QVERIFY(f.limiter.pendingCount() > 0);
}

void tst_SerialRateLimiter_cancel::L7_cancelOfTheRunningTask()
{
    Fixture f;
    Job<int> job;
    auto future = f.limiter.push(job.task());
    const auto next = f.limiter.push([] { return 2; });
    f.settle();
    future.cancel();
    f.settle();
    QVERIFY(job.promise.isCanceled()); // the request has arrived
    QVERIFY(!future.isFinished());
    QVERIFY(f.limiter.isBusy());
    f.clock.advance(1h);
    QCOMPARE(f.log->lines, QByteArrayList{ "started 1" });
    job.finish(1);
    f.settle();
    QVERIFY(wasCanceled(future)); // although it returned a value
    QCOMPARE(next.result(), 2);
    QCOMPARE(f.log->lines,
             (QByteArrayList{ "started 1", "canceled 1", "started 2", "completed 2", "drained" }));
}

void tst_SerialRateLimiter_cancel::L7_cancelFromInsideASynchronousTask()
{
    Fixture f;
    QFuture<int> future;
    future = f.limiter.push([&] {
        future.cancel();
        return 1;
    });
    f.settle();
    QVERIFY(wasCanceled(future));
    QCOMPARE(f.limiter.canceledCount(), 1);
    QCOMPARE(f.limiter.completedCount(), 0);
}

void tst_SerialRateLimiter_cancel::L7_cancelInANestedEventLoop()
{
    Fixture f;
    QFuture<int> running;
    QFuture<int> queued;
    bool canceledInside = false;
    running = f.limiter.push([&] {
        turnNestedLoop();
        running.cancel();
        queued.cancel();
        turnNestedLoop();
        canceledInside = queued.isFinished();
        return 1;
    });
    queued = f.limiter.push([] { return 2; });
    f.settle();
    QVERIFY(canceledInside); // it is not behind anything that could not be skipped
    QVERIFY(wasCanceled(running) && wasCanceled(queued));
    QCOMPARE(f.log->lines, (QByteArrayList{ "started 1", "canceled 2", "canceled 1", "drained" }));
}

void tst_SerialRateLimiter_cancel::L7_canceledTaskThatFails()
{
    Fixture f;
    Job<int> job;
    auto future = f.limiter.push(job.task());
    f.settle();
    future.cancel();
    f.settle();
    job.fail(std::runtime_error("no"));
    f.settle();
    QVERIFY(wasCanceled(future));
    QCOMPARE(f.limiter.canceledCount(), 1);
    QCOMPARE(f.limiter.failedCount(), 0);
}

void tst_SerialRateLimiter_cancel::L7_canceledByTheTaskItself()
{
    Fixture f;
    Job<int> job;
    const auto future = f.limiter.push(job.task());
    f.settle();
    job.promise.future().cancel();
    f.settle();
    QVERIFY(!future.isFinished()); // the producer has not ended
    job.finish(1);
    f.settle();
    QVERIFY(wasCanceled(future));
    QCOMPARE(f.limiter.canceledCount(), 1);
}

void tst_SerialRateLimiter_cancel::L7_futureReturnedAfterTheCancellation()
{
    Fixture f;
    Job<int> job;
    QFuture<int> future;
    future = f.limiter.push([&] {
        future.cancel();
        return job.task()();
    });
    f.settle();
    QVERIFY(job.promise.isCanceled());
    QVERIFY(!future.isFinished());
    job.finish(1);
    f.settle();
    QVERIFY(wasCanceled(future));
}

void tst_SerialRateLimiter_cancel::L19_exactlyAtTheLimitIsInTime()
{
    Fixture f;
    f.limiter.setTaskTimeout(1s);
    Job<int> job;
    const auto future = f.limiter.push(job.task());
    f.clock.advance(1s);
    QVERIFY(!job.promise.isCanceled());
    job.finish(1);
    f.settle();
    QCOMPARE(future.result(), 1);
    QCOMPARE(f.clock.pendingWakeUps(), 0);
}

void tst_SerialRateLimiter_cancel::L19_oneNanosecondOver()
{
    Fixture f;
    f.limiter.setTaskTimeout(1s);
    Job<int> job;
    auto future = f.limiter.push(job.task());
    f.clock.advance(1s + 1ns);
    QVERIFY(job.promise.isCanceled());
    QVERIFY(future.isFinished()); // at once
    try {
        future.waitForFinished();
        QFAIL("no exception");
    } catch (const Tactus::TimeoutError &error) {
        QCOMPARE(ns(error.timeout()), ns(1s));
    }
    QCOMPARE(f.log->lines, (QByteArrayList{ "started 1", "failed 1" }));
    QCOMPARE(f.log->messages, QList<QString>{ QString::fromUtf8(Tactus::TimeoutError(1s).what()) });
    QCOMPARE(f.limiter.failedCount(), 1);
    job.finish(1);
    f.settle();
    QCOMPARE(f.log->lines, (QByteArrayList{ "started 1", "failed 1", "drained" }));
    QCOMPARE(f.limiter.failedCount(), 1);

    // Finished one nanosecond too late, before anybody looked.
    Job<int> late;
    const auto other = f.limiter.push(late.task());
    f.settle();
    f.clock.elapse(1s + 1ns);
    late.finish(1);
    f.settle();
    QCOMPARE(errorOf(other), QString::fromUtf8(Tactus::TimeoutError(1s).what()));
}

void tst_SerialRateLimiter_cancel::L19_postedTask()
{
    // Without a pushed future there is nothing that fails and could pass the request on.
    Fixture f;
    f.limiter.setTaskTimeout(1s);
    Job<int> job;
    f.limiter.post(job.task());
    f.limiter.post([] {});
    f.clock.advance(1s + 1ns);
    QVERIFY(job.promise.isCanceled());
    QCOMPARE(f.log->lines, (QByteArrayList{ "started 1", "failed 1" }));
    QVERIFY(f.limiter.isBusy());
    job.finish(1);
    f.settle();
    QCOMPARE(f.limiter.failedCount(), 1);
    QCOMPARE(f.limiter.completedCount(), 1);
}

void tst_SerialRateLimiter_cancel::L19_timedOutBeforeItIsCalled_data()
{
    QTest::addColumn<bool>("isPosted");
    QTest::newRow("pushed") << false;
    QTest::newRow("posted") << true;
}

// In the nested event loop of a slot.
void tst_SerialRateLimiter_cancel::L19_timedOutBeforeItIsCalled()
{
    QFETCH(bool, isPosted);
    Fixture f;
    f.limiter.setTaskTimeout(1s);
    connect(&f.limiter, &SerialRateLimiter::taskStarted, this, [&] {
        f.clock.elapse(2s);
        QEventLoop loop;
        loop.processEvents();
    });
    bool wasCalled = false;
    if (isPosted)
        f.limiter.post([&] { wasCalled = true; });
    else
        f.limiter.push([&] { wasCalled = true; });
    f.settle();
    QVERIFY(!wasCalled);
    QCOMPARE(f.log->lines, (QByteArrayList{ "started 1", "failed 1", "drained" }));
    QCOMPARE(f.limiter.failedCount(), 1);
    QVERIFY(!f.limiter.isBusy());
}

void tst_SerialRateLimiter_cancel::L19_laneStaysTaken()
{
    Fixture f(1, 1s);
    f.limiter.setTaskTimeout(100ms);
    Job<int> job;
    const auto future = f.limiter.push(job.task());
    const auto next = f.limiter.push([] { return 2; });
    f.clock.advance(10s);
    QVERIFY(future.isFinished());
    QVERIFY(f.limiter.isBusy());
    QVERIFY(!next.isFinished());
    QCOMPARE(f.log->startedIds.size(), 1);
    job.finish(1); // uses the slot now
    f.clock.advance(1s - 1ns);
    QVERIFY(!f.limiter.isBusy());
    QCOMPARE(f.log->startedIds.size(), 1);
    f.clock.advance(1ns);
    QCOMPARE(next.result(), 2);
    QCOMPARE(f.log->starts, (QList<Duration>{ 0s, 11s }));
}

void tst_SerialRateLimiter_cancel::L19_synchronousTask()
{
    Fixture f;
    f.limiter.setTaskTimeout(1s);
    const auto inTime = f.limiter.push([&] {
        f.clock.elapse(1s);
        return 1;
    });
    const auto late = f.limiter.push([&] {
        f.clock.elapse(1s + 1ns);
        return 2;
    });
    const auto nothing = f.limiter.push([&] { f.clock.elapse(2s); });
    f.limiter.post([&] { f.clock.elapse(2s); });
    auto failing = f.limiter.push([&] {
        f.clock.elapse(2s);
        throw std::runtime_error("no");
    });
    f.settle();
    QCOMPARE(inTime.result(), 1);
    const QString text = QString::fromUtf8(Tactus::TimeoutError(1s).what());
    QCOMPARE(errorOf(late), text);
    QCOMPARE(late.resultCount(), 0);
    QCOMPARE(errorOf(nothing), text);
    QCOMPARE(errorOf(failing), text);
    QCOMPARE(f.limiter.completedCount(), 1);
    QCOMPARE(f.limiter.failedCount(), 4);
}

void tst_SerialRateLimiter_cancel::L19_synchronousTaskInANestedEventLoop()
{
    Fixture f;
    f.limiter.setTaskTimeout(1s);
    QFuture<int> future;
    bool finishedInside = false;
    future = f.limiter.push([&] {
        f.clock.elapse(5s);
        turnNestedLoop();
        finishedInside = future.isFinished();
        return 1;
    });
    f.limiter.post([] {});
    f.settle();
    QVERIFY(finishedInside);
    QCOMPARE(errorOf(future), QString::fromUtf8(Tactus::TimeoutError(1s).what()));
    QCOMPARE(f.log->lines,
             (QByteArrayList{ "started 1", "failed 1", "started 2", "completed 2", "drained" }));
}

void tst_SerialRateLimiter_cancel::L19_blockedBeforeItReturnedItsFuture()
{
    Fixture f;
    f.limiter.setTaskTimeout(1s);
    const auto ready = f.limiter.push([&] {
        f.clock.elapse(2s);
        return readyFuture(1);
    });
    Job<int> job;
    const auto later = f.limiter.push([&] {
        f.clock.elapse(2s);
        return job.task()();
    });
    f.settle();
    const QString text = QString::fromUtf8(Tactus::TimeoutError(1s).what());
    QCOMPARE(errorOf(ready), text);
    QVERIFY(later.isFinished());
    QCOMPARE(errorOf(later), text);
    QVERIFY(job.promise.isCanceled());
    QVERIFY(f.limiter.isBusy());
    job.finish(1);
    f.settle();
    QCOMPARE(f.limiter.failedCount(), 2);
}

void tst_SerialRateLimiter_cancel::L19_canceledAndTimedOut()
{
    // The user gave up first: the future finishes at the timeout, but as the user's cancellation.
    Fixture f;
    f.limiter.setTaskTimeout(1s);
    Job<int> job;
    auto future = f.limiter.push(job.task());
    const auto next = f.limiter.push([] { return 2; });
    f.clock.advance(500ms);
    future.cancel();
    f.clock.advance(10s);
    QVERIFY(wasCanceled(future));
    QVERIFY(f.limiter.isBusy());
    QVERIFY(!next.isFinished());
    job.finish(1);
    f.settle();
    QCOMPARE(f.log->lines,
             (QByteArrayList{ "started 1", "canceled 1", "started 2", "completed 2", "drained" }));
    QCOMPARE(f.limiter.failedCount(), 0);
    QCOMPARE(f.limiter.canceledCount(), 1);
}

void tst_SerialRateLimiter_cancel::L19_timedOutThenCanceled()
{
    Fixture f;
    f.limiter.setTaskTimeout(1s);
    Job<int> job;
    auto future = f.limiter.push(job.task());
    f.clock.advance(2s);
    future.cancel();
    f.settle();
    job.fail(std::runtime_error("no"));
    f.settle();
    QCOMPARE(f.log->lines, (QByteArrayList{ "started 1", "failed 1", "drained" }));
    QCOMPARE(errorOf(future), QString::fromUtf8(Tactus::TimeoutError(1s).what()));
}

void tst_SerialRateLimiter_cancel::L19_timeOfADestructorDoesNotCount()
{
    ManualClock clock;
    SerialRateLimiter limiter(1000, 1s);
    limiter.setClock(&clock);
    limiter.setTaskTimeout(50ms);
    limiter.post(
            [last = std::shared_ptr<void>(nullptr, [&clock](void *) { clock.elapse(100ms); })] {});
    const auto next = limiter.push([] { return 2; });
    clock.advance(0ns);
    QCOMPARE(clock.now(), at(100ms));
    QVERIFY(next.isFinished());
    QCOMPARE(errorOf(QFuture<void>(next)), QString());
    QCOMPARE(limiter.failedCount(), 0);
}

void tst_SerialRateLimiter_cancel::L19_cancelRequestEndsTheTask()
{
    // The usual case: the task watches its future and ends when it is asked to.
    Fixture f;
    f.limiter.setTaskTimeout(1s);
    Job<int> job;
    QFutureWatcher<int> watcher;
    connect(&watcher, &QFutureWatcherBase::canceled, this, [&] { job.finish(); });
    const auto future = f.limiter.push([&] {
        auto inner = job.task()();
        watcher.setFuture(inner);
        return inner;
    });
    const auto next = f.limiter.push([] { return 2; });
    f.clock.advance(2s);
    QCOMPARE(errorOf(future), QString::fromUtf8(Tactus::TimeoutError(1s).what()));
    QCOMPARE(next.result(), 2);
    QCOMPARE(f.log->starts, (QList<Duration>{ 0s, 1s + 1ns }));
}

void tst_SerialRateLimiter_cancel::L19_changedWhileRunning()
{
    Fixture f;
    Job<int> job;
    const auto future = f.limiter.push(job.task());
    f.clock.advance(1s);
    f.limiter.setTaskTimeout(3s);
    f.clock.advance(1s);
    f.limiter.setTaskTimeout(0s);
    f.clock.advance(1h);
    QVERIFY(!future.isFinished());
    f.limiter.setTaskTimeout(1s); // exceeded for long
    f.settle();
    QVERIFY(future.isFinished());
    job.finish(1);
    f.settle();
    QCOMPARE(f.limiter.failedCount(), 1);
}

void tst_SerialRateLimiter_cancel::L19_eachTaskHasItsOwnTime()
{
    Fixture f;
    f.limiter.setTaskTimeout(1s);
    for (int i = 0; i < 5; ++i) {
        Job<int> job;
        const auto future = f.limiter.push(job.task());
        f.clock.advance(900ms);
        job.finish(i);
        f.settle();
        QCOMPARE(future.result(), i);
        QCOMPARE(f.clock.pendingWakeUps(), 0);
    }
}

void tst_SerialRateLimiter_cancel::L19_timeToWaitDoesNotCount()
{
    Fixture f(1, 1h);
    f.limiter.setTaskTimeout(1s);
    f.limiter.post([] {});
    const auto future = f.limiter.push([] { return 2; });
    f.clock.advance(1h);
    QCOMPARE(future.result(), 2);
}

// Nobody listens to the limiter here, which may then take it that no time passes between two tasks.
void tst_SerialRateLimiter_cancel::L19_timeOfAContinuationDoesNotCount()
{
    ManualClock clock;
    SerialRateLimiter limiter(1000, 1s);
    limiter.setClock(&clock);
    limiter.setTaskTimeout(1s);
    QFuture<int> behind;
    const auto continuation = limiter.push([] {}).then([&] {
        limiter.post([] {});
        turnNestedLoop(); // runs what was posted
        clock.elapse(2s);
        behind = limiter.push([] { return 2; });
    });
    clock.advance(0ns);
    QVERIFY(behind.isFinished());
    QCOMPARE(errorOf(QFuture<void>(behind)), QString());
    QCOMPARE(limiter.completedCount(), 3);
}

QTEST_GUILESS_MAIN(tst_SerialRateLimiter_cancel)

#include "tst_serialratelimiter_cancel.moc"
