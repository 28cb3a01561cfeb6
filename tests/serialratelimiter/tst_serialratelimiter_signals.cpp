// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// What the limiter tells, and when: the signals of tasks, drained(), drain(), and the counters.

#include "limiterfixture.h"

#include <QtCore/qdeadlinetimer.h>
#include <QtTest/qsignalspy.h>

#include <algorithm>
#include <stdexcept>

using namespace LimiterTest;

class tst_SerialRateLimiter_signals : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { failOnWarnings(); }

    void L14_drainFinishesWithEarlierTasks();
    void L14_drainOfAnIdleLimiterIsFinished();
    void L14_drainWaitsForWhatIsBeingCleared();
    void L14_drainWaitsForWhatIsBeingClearedAroundANestedLoop();
    void L14_drainSurvivesClearCancelAndOverflow_data();
    void L14_drainSurvivesClearCancelAndOverflow();
    void L14_drainFromInsideATask();
    void L20_signalsOfASuccess();
    void L20_startedComesRightBeforeTheCallable();
    void L20_everyTaskEndsOnce();
    void L20_drainedExactlyWhen();
    void L20_drainedComesAfterAllThatWasCleared();
    void L20_drainedComesAfterTheEndThatCausedIt();
    void L20_busyAndPendingCount();
    void L20_countersAreExactAndCoalesced();
    void L20_countersOfSlowTasksAreCoalesced();
    void L20_countersOfAsynchronousTasksAreCoalesced();
};

void tst_SerialRateLimiter_signals::L14_drainFinishesWithEarlierTasks()
{
    Fixture f(1, 1s);
    f.limiter.post([] {});
    f.limiter.post([] { throw std::runtime_error("no"); });
    const QFuture<void> two = f.limiter.drain();
    Job<void> job;
    f.limiter.push(job.task());
    const QFuture<void> three = f.limiter.drain();
    f.limiter.post([] {}); // later than both
    QVERIFY(!two.isFinished());
    f.settle();
    QVERIFY(!two.isFinished());
    f.clock.advance(1s);
    QVERIFY(two.isFinished());
    QVERIFY(!two.isCanceled());
    f.clock.advance(1s);
    QCOMPARE(f.log->startedIds.last(), 3);
    QVERIFY(!three.isFinished());
    job.finish();
    f.settle();
    QVERIFY(three.isFinished());
    QVERIFY(f.log->count("drained") == 0);
    QCOMPARE(f.limiter.pendingCount(), 1);
}

void tst_SerialRateLimiter_signals::L14_drainOfAnIdleLimiterIsFinished()
{
    Fixture f;
    QVERIFY(f.limiter.drain().isFinished());
    QVERIFY(!f.limiter.drain().isCanceled());
    f.limiter.post([] {});
    f.settle();
    QVERIFY(f.limiter.drain().isFinished());
    f.settle();
    QCOMPARE(f.log->count("drained"), 1);
}

void tst_SerialRateLimiter_signals::L14_drainWaitsForWhatIsBeingCleared()
{
    // drain() in a handler of clear(): the others that clear() takes have not ended yet.
    Fixture f;
    f.limiter.pause();
    f.limiter.post([] {});
    const auto last = f.limiter.push([] {});
    bool finishedTooEarly = false;
    QFuture<void> drain;
    connect(&f.limiter, &SerialRateLimiter::taskCanceled, this, [&](qint64 id) {
        if (id == 1) {
            drain = f.limiter.drain();
            finishedTooEarly = drain.isFinished() && !last.isFinished();
        }
    });
    f.limiter.clear();
    f.settle();
    QVERIFY(drain.isFinished());
    QVERIFY(!finishedTooEarly);
}

void tst_SerialRateLimiter_signals::L14_drainWaitsForWhatIsBeingClearedAroundANestedLoop()
{
    // The running task ends in a nested event loop, between two that are cleared.
    Fixture f;
    Job<int> job;
    f.limiter.push(job.task());
    f.limiter.post([] {});
    f.limiter.post([] {});
    f.settle();
    f.log->take();
    f.limiter.drain().then([&f] { f.log->add("drain finished"); });
    connect(&f.limiter, &SerialRateLimiter::taskCanceled, this, [](qint64 id) {
        if (id == 2)
            QCoreApplication::processEvents();
    });
    job.finish(1);
    f.limiter.clear();
    f.settle();
    QCOMPARE(f.log->take(), (QByteArrayList{ "canceled 2", "completed 1", "canceled 3",
                                             "drain finished", "drained" }));
}

void tst_SerialRateLimiter_signals::L14_drainSurvivesClearCancelAndOverflow_data()
{
    QTest::addColumn<QByteArray>("end");
    for (const char *end : { "clear", "cancel", "context", "overflow" })
        QTest::newRow(end) << QByteArray(end);
}

void tst_SerialRateLimiter_signals::L14_drainSurvivesClearCancelAndOverflow()
{
    QFETCH(QByteArray, end);
    Fixture f;
    f.limiter.pause();
    auto context = std::make_unique<QObject>();
    auto future = f.limiter.push(context.get(), [] {});
    const QFuture<void> drain = f.limiter.drain();
    f.settle();
    QVERIFY(!drain.isFinished());

    if (end == "clear") {
        f.limiter.clear();
    } else if (end == "cancel") {
        future.cancel();
    } else if (end == "context") {
        context.reset();
    } else {
        f.limiter.setMaximumPending(1);
        f.limiter.setOverflow(SerialRateLimiter::Overflow::DropOldest);
        f.limiter.post([] {});
    }
    f.settle();
    QVERIFY(future.isFinished());
    QVERIFY(drain.isFinished());
    QVERIFY(!drain.isCanceled());
}

void tst_SerialRateLimiter_signals::L14_drainFromInsideATask()
{
    Fixture f;
    QFuture<void> drain;
    f.limiter.post([&] {
        drain = f.limiter.drain();
        f.log->add(drain.isFinished() ? "finished" : "open");
    });
    f.settle();
    QCOMPARE(f.log->lines, (QByteArrayList{ "started 1", "open", "completed 1", "drained" }));
    QVERIFY(drain.isFinished());
}

void tst_SerialRateLimiter_signals::L20_signalsOfASuccess()
{
    Fixture f;
    Job<int> job;
    const auto future = f.limiter.push(job.task());
    f.settle();
    QCOMPARE(f.log->take(), QByteArrayList{ "started 1" });
    f.clock.advance(3s);
    QVERIFY(f.log->lines.isEmpty());
    bool finishedBefore = false;
    connect(&f.limiter, &SerialRateLimiter::taskCompleted, this,
            [&] { finishedBefore = future.isFinished(); });
    job.finish(1);
    f.settle();
    QCOMPARE(f.log->take(), (QByteArrayList{ "completed 1", "drained" }));
    QVERIFY(finishedBefore);
    f.clock.advance(1h);
    QVERIFY(f.log->lines.isEmpty());
}

void tst_SerialRateLimiter_signals::L20_startedComesRightBeforeTheCallable()
{
    Fixture f;
    for (int i = 1; i <= 2; ++i)
        f.limiter.post([&] { f.log->add("called"); });
    bool busy = false;
    connect(&f.limiter, &SerialRateLimiter::taskStarted, this, [&] { busy = f.limiter.isBusy(); });
    f.settle();
    QCOMPARE(f.log->lines, (QByteArrayList{ "started 1", "called", "completed 1", "started 2",
                                            "called", "completed 2", "drained" }));
    QVERIFY(busy);
}

void tst_SerialRateLimiter_signals::L20_everyTaskEndsOnce()
{
    Fixture f;
    f.limiter.setMaximumPending(6);
    auto context = std::make_unique<QObject>();
    Job<int> job;
    f.limiter.push(job.task());
    f.settle();
    f.limiter.push([] { return 1; });
    f.limiter.post([] { throw std::runtime_error("no"); });
    f.limiter.push([] {}).cancel();
    f.limiter.push(context.get(), [] {});
    f.limiter.push([] { return QFuture<int>(); });
    f.limiter.push([] {});
    f.limiter.push([] {}); // one too many
    f.limiter.push(static_cast<QObject *>(nullptr), [] {});
    context.reset();
    f.settle();
    job.finish(1);
    f.settle();
    QByteArrayList ends;
    for (const QByteArray &line : std::as_const(f.log->lines)) {
        if (!line.startsWith("started"))
            ends.append(line);
    }
    std::sort(ends.begin(), ends.end());
    QCOMPARE(ends,
             (QByteArrayList{ "canceled 4", "canceled 5", "canceled 6", "canceled 9", "completed 1",
                              "completed 2", "completed 7", "drained", "failed 3", "failed 8" }));
    QCOMPARE(f.limiter.completedCount(), 3);
    QCOMPARE(f.limiter.failedCount(), 2);
    QCOMPARE(f.limiter.canceledCount(), 4);
}

void tst_SerialRateLimiter_signals::L20_drainedExactlyWhen()
{
    Fixture f(1, 1s);
    // Nothing was there.
    f.settle();
    f.limiter.clear();
    f.limiter.pause();
    f.limiter.resume();
    f.limiter.push(static_cast<QObject *>(nullptr), [] {});
    f.settle();
    QCOMPARE(f.log->take(), QByteArrayList{ "canceled 1" });

    // The last one decides, and each time it has become empty there is one signal.
    f.limiter.post([] {});
    f.limiter.post([] {});
    f.settle();
    QCOMPARE(f.log->take(), (QByteArrayList{ "started 2", "completed 2" }));
    f.clock.advance(1s);
    QCOMPARE(f.log->take(), (QByteArrayList{ "started 3", "completed 3", "drained" }));
    f.clock.advance(1h);
    QVERIFY(f.log->lines.isEmpty());

    // Through clear(), and through the cancellation of the only one.
    f.limiter.pause();
    f.limiter.post([] {});
    f.limiter.clear();
    f.settle();
    QCOMPARE(f.log->take(), (QByteArrayList{ "canceled 4", "drained" }));
    f.limiter.push([] {}).cancel();
    f.settle();
    QCOMPARE(f.log->take(), (QByteArrayList{ "canceled 5", "drained" }));

    // Not while one is running, nor when a handler of its end pushes the next.
    f.limiter.resume();
    Job<void> job;
    f.limiter.push(job.task());
    f.limiter.post([] {});
    f.settle();
    f.limiter.clear();
    QCOMPARE(f.log->take(), (QByteArrayList{ "started 6", "canceled 7" }));
    const auto connection = connect(&f.limiter, &SerialRateLimiter::taskCompleted, this,
                                    [&] { f.limiter.post([] {}); });
    job.finish();
    f.settle();
    QObject::disconnect(connection);
    QCOMPARE(f.log->take(), QByteArrayList{ "completed 6" });
    f.clock.advance(1s);
    QCOMPARE(f.log->take(), (QByteArrayList{ "started 8", "completed 8", "drained" }));
}

void tst_SerialRateLimiter_signals::L20_drainedComesAfterAllThatWasCleared()
{
    // A handler of the first cancellation clears again: nothing is left then, but the others of the
    // first clear() have not ended.
    Fixture f;
    f.limiter.pause();
    for (int i = 0; i < 3; ++i)
        f.limiter.post([] {});
    connect(&f.limiter, &SerialRateLimiter::taskCanceled, this, [&](qint64 id) {
        if (id == 1)
            f.limiter.clear();
    });
    f.limiter.clear();
    f.settle();
    QCOMPARE(f.log->lines, (QByteArrayList{ "canceled 1", "canceled 2", "canceled 3", "drained" }));
}

void tst_SerialRateLimiter_signals::L20_drainedComesAfterTheEndThatCausedIt()
{
    // A continuation of the running task's future, which finishes before its signal comes, empties
    // the queue.
    Fixture f;
    const auto done = f.limiter.push([] {}).then([&] { f.limiter.clear(); });
    f.limiter.post([] {});
    f.settle();
    QCOMPARE(f.log->lines, (QByteArrayList{ "started 1", "canceled 2", "completed 1", "drained" }));
}

void tst_SerialRateLimiter_signals::L20_busyAndPendingCount()
{
    Fixture f;
    QSignalSpy busy(&f.limiter, &SerialRateLimiter::busyChanged);
    Job<void> job;
    f.limiter.push(job.task());
    f.limiter.post([] {});
    QCOMPARE(f.limiter.pendingCount(), 2);
    QVERIFY(!f.limiter.isBusy());
    f.settle();
    QVERIFY(f.limiter.isBusy());
    QCOMPARE(busy.count(), 1);
    QCOMPARE(f.limiter.pendingCount(), 1); // the running one does not count
    job.finish();
    f.settle();
    QVERIFY(!f.limiter.isBusy());
    QCOMPARE(busy.count(), 4);
    QCOMPARE(f.limiter.pendingCount(), 0);
}

void tst_SerialRateLimiter_signals::L20_countersAreExactAndCoalesced()
{
    Fixture f;
    QSignalSpy pending(&f.limiter, &SerialRateLimiter::pendingCountChanged);
    QSignalSpy completed(&f.limiter, &SerialRateLimiter::completedCountChanged);
    QSignalSpy failed(&f.limiter, &SerialRateLimiter::failedCountChanged);
    QSignalSpy canceled(&f.limiter, &SerialRateLimiter::canceledCountChanged);

    f.limiter.pause();
    for (int i = 0; i < 30; ++i) {
        f.limiter.post([i] {
            if (i % 3 == 0)
                throw std::runtime_error("no");
        });
    }
    QCOMPARE(f.limiter.pendingCount(), 30);
    QCOMPARE(pending.count(), 0);
    f.settle();
    QCOMPARE(pending.count(), 1);

    f.limiter.setMargin(1ns); // a turn of its own, with nothing to tell of
    f.settle();
    QCOMPARE(pending.count(), 1);
    QCOMPARE(completed.count() + failed.count() + canceled.count(), 0);

    // Whoever asks in between hears the exact numbers.
    bool exact = true;
    connect(&f.limiter, &SerialRateLimiter::taskStarted, this, [&](qint64 id) {
        exact = exact && f.limiter.completedCount() + f.limiter.failedCount() == id - 1
                && f.limiter.pendingCount() == 30 - id;
    });
    f.limiter.resume();
    QEventLoop loop;
    for (int turns = 1; f.limiter.pendingCount() > 0;
         ++turns) { // one, on a machine with nothing else to do
        loop.processEvents();
        QVERIFY(pending.count() <= 1 + turns);
        QVERIFY(completed.count() <= turns);
        QVERIFY(failed.count() <= turns);
    }
    QVERIFY(exact);
    QCOMPARE(f.limiter.completedCount(), 20);
    QCOMPARE(f.limiter.failedCount(), 10);
    f.settle();
    completed.clear();

    f.limiter.pause();
    for (int i = 0; i < 10; ++i)
        f.limiter.post([] {});
    f.limiter.clear();
    QCOMPARE(f.limiter.canceledCount(), 10);
    QCOMPARE(canceled.count(), 0);
    f.settle();
    QCOMPARE(canceled.count(), 1);
    QCOMPARE(completed.count(), 0);
}

void tst_SerialRateLimiter_signals::L20_countersOfSlowTasksAreCoalesced()
{
    // Tasks that take longer than the limiter works in one go, so that it comes back for each: by
    // the wake-up, and by the event that resume() has posted, in the same turn of the event loop.
    Fixture f;
    f.limiter.pause();
    for (int i = 0; i < 6; ++i) {
        f.limiter.post([] {
            const QDeadlineTimer end(3);
            while (!end.hasExpired()) {
            }
        });
    }
    f.settle();
    QSignalSpy completed(&f.limiter, &SerialRateLimiter::completedCountChanged);
    f.limiter.resume();
    QEventLoop loop;
    while (f.limiter.completedCount() < 6) {
        completed.clear();
        loop.processEvents();
        QVERIFY(completed.count() <= 1);
    }
}

void tst_SerialRateLimiter_signals::L20_countersOfAsynchronousTasksAreCoalesced()
{
    Fixture f;
    QSignalSpy completed(&f.limiter, &SerialRateLimiter::completedCountChanged);
    for (int i = 0; i < 50; ++i) {
        f.limiter.push([this] {
            auto promise = std::make_shared<QPromise<void>>();
            promise->start();
            QMetaObject::invokeMethod(
                    this, [promise] { promise->finish(); }, Qt::QueuedConnection);
            return promise->future();
        });
    }
    QEventLoop loop;
    while (f.limiter.completedCount() < 50) {
        completed.clear();
        loop.processEvents();
        QVERIFY(completed.count() <= 1);
    }
}

QTEST_GUILESS_MAIN(tst_SerialRateLimiter_signals)

#include "tst_serialratelimiter_signals.moc"
