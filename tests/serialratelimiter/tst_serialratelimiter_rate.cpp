// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// When tasks start: windows, margin, holds, their changes, wake-ups, and what estimatedWait() says.

#include "limiterfixture.h"

#include <limits>
#include <stdexcept>

using namespace LimiterTest;

class tst_SerialRateLimiter_rate : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { failOnWarnings(); }

    void L3_rateThLastCompletionIsAWindowAgo();
    void L3_completionsAreCountedNotStarts();
    void L3_burstsDoNotSaveUp();
    void L3_severalWindows();
    void L3_orderOfWindowsDoesNotMatter();
    void L3_marginLengthensEveryWindow();
    void L3_marginRaisedAfterManyCompletions();
    void L3_blockedEventLoop();
    void L4_startsAtTheVeryInstant();
    void L4_completionThatFreesALaterWindow();
    void L4_wakeUpsWhereNothingMayStart();
    void L4_queuedAndIdleHoldsOneWakeUp();
    void L4_tasksWithoutLimitNeedNoTime();
    void L4_hugeWindowNeverOpens();
    void L6_failingTasksUseSlots();
    void L6_canceledRunningTaskUsesASlotAtItsEnd();
    void L6_taskCanceledInTaskStartedUsesASlot();
    void L6_taskCanceledInTheQueueUsesNone();
    void L6_rejectedTasksUseNone();
    void L12_holdFor();
    void L12_holdUntil();
    void L12_holdsOnlyExtend();
    void L12_holdAndWindowTheLaterCounts();
    void L12_holdFromInsideATask();
    void L12_holdWithoutEnd();
    void L13_rateUpInMidFlight();
    void L13_rateDownInMidFlight();
    void L13_perUpAndDown();
    void L13_windowAddedAndRemoved();
    void L13_changeWhileATaskRuns();
    void L13_lostCompletionsCountAtTheOldestKept();
    void L13_completionsThatNeverHappenedConstrainNothing();
    void L13_downAndUpAgain();
    void estimatedWaitMatchesAnActualRun_data();
    void estimatedWaitMatchesAnActualRun();
    void estimatedWaitOfAPausedLimiterIsForever();
    void setClockKeepsTheAgeOfCompletions();
    void setClockKeepsAHold();
    void setClockIsRefusedWhileThereAreTasks();
};

void tst_SerialRateLimiter_rate::L3_rateThLastCompletionIsAWindowAgo()
{
    Fixture f(3, 1s);
    for (int i = 0; i < 8; ++i)
        f.limiter.post([&] { f.clock.elapse(100ms); });
    f.clock.advance(5s);
    // Completions: 100, 200, 300 | 1200, 1300, 1400 | 2300, 2400.
    QCOMPARE(f.log->starts,
             (QList<Duration>{ 0ms, 100ms, 200ms, 1100ms, 1200ms, 1300ms, 2200ms, 2300ms }));
}

void tst_SerialRateLimiter_rate::L3_completionsAreCountedNotStarts()
{
    Fixture f(1, 1s);
    Job<void> slow;
    f.limiter.push(slow.task());
    f.limiter.post([] {});
    f.clock.advance(5s);
    slow.finish();
    f.settle();
    QCOMPARE(f.log->starts, QList<Duration>{ 0s });
    f.clock.advance(1s - 1ns);
    QCOMPARE(f.log->starts, QList<Duration>{ 0s });
    f.clock.advance(1ns);
    QCOMPARE(f.log->starts, (QList<Duration>{ 0s, 6s }));
}

void tst_SerialRateLimiter_rate::L3_burstsDoNotSaveUp()
{
    Fixture f(2, 1s);
    f.clock.advance(1h);
    for (int i = 0; i < 5; ++i)
        f.limiter.post([] {});
    f.clock.advance(10s);
    QCOMPARE(f.log->starts, (QList<Duration>{ 1h, 1h, 1h + 1s, 1h + 1s, 1h + 2s }));
}

void tst_SerialRateLimiter_rate::L3_severalWindows()
{
    Fixture f;
    f.limiter.setLimits({ RateLimit(2, 1s), RateLimit(3, 10s), RateLimit(4, 1min) });
    for (int i = 0; i < 6; ++i)
        f.limiter.post([] {});
    f.clock.advance(2min);
    QCOMPARE(f.log->starts, (QList<Duration>{ 0s, 0s, 1s, 10s, 60s, 60s }));
}

void tst_SerialRateLimiter_rate::L3_orderOfWindowsDoesNotMatter()
{
    Fixture f;
    f.limiter.setLimits({ RateLimit(4, 1min), RateLimit(3, 10s), RateLimit(2, 1s) });
    QCOMPARE(f.limiter.rate(), 4);
    for (int i = 0; i < 6; ++i)
        f.limiter.post([] {});
    f.clock.advance(2min);
    QCOMPARE(f.log->starts, (QList<Duration>{ 0s, 0s, 1s, 10s, 60s, 60s }));
}

void tst_SerialRateLimiter_rate::L3_marginLengthensEveryWindow()
{
    Fixture f;
    f.limiter.setLimits({ RateLimit(1, 1s), RateLimit(2, 10s) });
    f.limiter.setMargin(50ms);
    for (int i = 0; i < 4; ++i)
        f.limiter.post([] {});
    f.clock.advance(15s);
    QCOMPARE(f.log->starts, (QList<Duration>{ 0ms, 1050ms, 10050ms, 11100ms }));
    f.limiter.setMargin(0ms);
    f.limiter.post([] {});
    f.clock.advanceTo(at(20050ms));
    QCOMPARE(f.log->starts.last(), 20050ms);
    f.limiter.post([] {});
    f.limiter.setMargin(1s); // while it waits: 11.1 s + 10 s + 1 s
    f.clock.advance(30s);
    QCOMPARE(f.log->starts.last(), 22100ms);
}

void tst_SerialRateLimiter_rate::L3_marginRaisedAfterManyCompletions()
{
    // More completions than a limiter keeps for ever; the raised margin needs the old ones.
    constexpr int Rate = 1500;
    Fixture f(Rate, 1s);
    for (int i = 0; i < Rate; ++i)
        f.limiter.post([] {});
    f.clock.advance(1s);
    f.limiter.post([] {});
    f.settle();
    f.limiter.setMargin(10s);
    f.limiter.post([] {});
    f.clock.advance(20s);
    QCOMPARE(f.log->starts.size(), Rate + 2);
    QCOMPARE(f.log->starts[Rate], 1s);
    QCOMPARE(f.log->starts[Rate + 1], 11s);
}

void tst_SerialRateLimiter_rate::L3_blockedEventLoop()
{
    // A wake-up that comes late shifts what follows; nothing is made up for.
    Fixture f(1, 1s);
    for (int i = 0; i < 4; ++i)
        f.limiter.post([] {});
    f.settle();
    f.clock.elapse(10s);
    f.clock.advance(10s);
    QCOMPARE(f.log->starts, (QList<Duration>{ 0s, 10s, 11s, 12s }));
}

void tst_SerialRateLimiter_rate::L4_startsAtTheVeryInstant()
{
    Fixture f(2, 7ns);
    for (int i = 0; i < 6; ++i)
        f.limiter.post([] {});
    f.clock.advance(1us);
    QCOMPARE(f.log->starts, (QList<Duration>{ 0ns, 0ns, 7ns, 7ns, 14ns, 14ns }));

    // Pushed later: at once if the window is open, else when it opens.
    f.limiter.post([] {});
    f.limiter.post([] {});
    f.settle();
    QCOMPARE(f.log->starts.last(), 1us);
    f.clock.advance(3ns);
    f.limiter.post([] {});
    f.clock.advance(1us);
    QCOMPARE(f.log->starts.last(), 1007ns);
}

void tst_SerialRateLimiter_rate::L4_completionThatFreesALaterWindow()
{
    // While a task runs the window opens; the next one starts at its end, not at the next wake-up.
    Fixture f(2, 1s);
    Job<void> slow;
    f.limiter.post([] {});
    f.limiter.push(slow.task());
    f.limiter.post([] {});
    f.limiter.post([] {});
    f.clock.advance(1700ms);
    slow.finish();
    f.clock.advance(10s);
    QCOMPARE(f.log->starts, (QList<Duration>{ 0s, 0s, 1700ms, 2700ms }));
}

void tst_SerialRateLimiter_rate::L4_wakeUpsWhereNothingMayStart()
{
    Fixture f(1, 1s);
    QCOMPARE(f.clock.pendingWakeUps(), 0);
    f.limiter.post([] {});
    f.limiter.post([] {});
    f.settle();
    f.limiter.pause();
    f.settle();
    QCOMPARE(f.clock.pendingWakeUps(), 0);
    f.limiter.resume();
    QCOMPARE(f.clock.pendingWakeUps(), 1);
    f.limiter.clear();
    f.settle();
    QCOMPARE(f.clock.pendingWakeUps(), 0);

    // While one runs nothing is to be woken up for, except a timeout.
    f.clock.advance(1s);
    Job<void> job;
    f.limiter.push(job.task());
    f.limiter.post([] {});
    f.settle();
    QCOMPARE(f.clock.pendingWakeUps(), 0);
    f.limiter.setTaskTimeout(1min);
    QCOMPARE(f.clock.pendingWakeUps(), 1);
    job.finish();
    f.settle();
    QCOMPARE(f.clock.pendingWakeUps(), 1); // for the next task
    f.clock.advance(1s);
    QCOMPARE(f.log->startedIds, (QList<qint64>{ 1, 3, 4 }));
    QCOMPARE(f.clock.pendingWakeUps(), 0);
}

void tst_SerialRateLimiter_rate::L4_queuedAndIdleHoldsOneWakeUp()
{
    Fixture f(1, 1s);
    QList<QFuture<void>> futures;
    for (int i = 0; i < 10; ++i)
        futures.append(f.limiter.push([] {}));
    QCOMPARE(f.clock.pendingWakeUps(), 1); // before the event loop had its turn, too
    for (int i = 0; i < 5; ++i) {
        f.clock.advance(900ms);
        QCOMPARE(f.clock.pendingWakeUps(), 1);
    }
    futures[7].cancel();
    f.limiter.holdFor(3s);
    f.limiter.setPer(2s);
    f.limiter.setMargin(1ms);
    QCOMPARE(f.clock.pendingWakeUps(), 1);
    f.settle();
    QCOMPARE(f.clock.pendingWakeUps(), 1);
    for (auto &future : futures)
        future.cancel();
    f.settle();
    QCOMPARE(f.clock.pendingWakeUps(), 0);
}

void tst_SerialRateLimiter_rate::L4_tasksWithoutLimitNeedNoTime()
{
    Fixture f(std::numeric_limits<int>::max(), Duration::max());
    for (int i = 0; i < 5000; ++i)
        f.limiter.post([] {});
    f.settle();
    QCOMPARE(f.limiter.completedCount(), 5000);
    QCOMPARE(f.now(), 0s);
}

void tst_SerialRateLimiter_rate::L4_hugeWindowNeverOpens()
{
    // Past the largest instant means never, and not a wrapped instant in the past.
    Fixture f(1, Duration::max());
    f.clock.advance(1h);
    f.limiter.setMargin(Duration::max());
    f.limiter.post([] {});
    f.limiter.post([] {});
    f.clock.advance(24h * 365 * 100);
    QCOMPARE(f.log->startedIds, QList<qint64>{ 1 });
    QCOMPARE(f.limiter.pendingCount(), 1);
    f.limiter.setMargin(0s);
    f.limiter.setPer(1s);
    f.settle();
    QCOMPARE(f.log->startedIds, (QList<qint64>{ 1, 2 }));
}

void tst_SerialRateLimiter_rate::L6_failingTasksUseSlots()
{
    Fixture f(2, 1s);
    for (int i = 0; i < 50; ++i)
        f.limiter.post([] { throw std::runtime_error("no"); });
    f.clock.advance(24s);
    QCOMPARE(f.limiter.failedCount(), 50);
    for (int i = 0; i < 50; ++i)
        QCOMPARE(f.log->starts[i], i / 2 * 1s);
    f.limiter.post([] {});
    f.clock.advance(1s - 1ns);
    QCOMPARE(f.log->starts.size(), 50);
    f.clock.advance(1ns);
    QCOMPARE(f.log->starts.size(), 51);
}

void tst_SerialRateLimiter_rate::L6_canceledRunningTaskUsesASlotAtItsEnd()
{
    Fixture f(1, 1s);
    Job<int> job;
    auto future = f.limiter.push(job.task());
    f.limiter.post([] {});
    f.clock.advance(2s);
    future.cancel();
    f.clock.advance(2s);
    QCOMPARE(f.log->starts.size(), 1);
    job.finish();
    f.clock.advance(2s);
    QCOMPARE(f.log->starts, (QList<Duration>{ 0s, 5s }));
}

void tst_SerialRateLimiter_rate::L6_taskCanceledInTaskStartedUsesASlot()
{
    Fixture f(1, 1s);
    bool called = false;
    auto future = f.limiter.push([&] { called = true; });
    connect(&f.limiter, &SerialRateLimiter::taskStarted, this, [&] { future.cancel(); });
    f.limiter.post([] {});
    f.clock.advance(5s);
    QVERIFY(!called);
    QVERIFY(wasCanceled(future));
    QCOMPARE(f.log->starts, (QList<Duration>{ 0s, 1s }));
    QCOMPARE(f.limiter.canceledCount(), 1);
}

void tst_SerialRateLimiter_rate::L6_taskCanceledInTheQueueUsesNone()
{
    Fixture f(1, 1s);
    f.limiter.push([] {}).cancel(); // first in an idle queue
    f.limiter.post([] {});
    f.settle();
    QCOMPARE(f.log->starts, QList<Duration>{ 0s });
    auto waiting = f.limiter.push([] {});
    f.limiter.post([] {});
    f.settle();
    waiting.cancel();
    f.clock.advance(1s);
    QCOMPARE(f.log->starts, (QList<Duration>{ 0s, 1s }));
}

void tst_SerialRateLimiter_rate::L6_rejectedTasksUseNone()
{
    Fixture f(1, 1s);
    f.limiter.setMaximumPending(1);
    f.limiter.post([] {});
    for (int i = 0; i < 5; ++i)
        f.limiter.post([] {});
    f.settle();
    f.limiter.post([] {});
    f.clock.advance(1s);
    QCOMPARE(f.log->starts, (QList<Duration>{ 0s, 1s }));
}

void tst_SerialRateLimiter_rate::L12_holdFor()
{
    Fixture f;
    f.clock.advance(1s);
    f.limiter.holdFor(30s);
    f.limiter.post([] {});
    f.clock.advance(30s - 1ns);
    QVERIFY(f.log->starts.isEmpty());
    QCOMPARE(f.clock.pendingWakeUps(), 1);
    f.clock.advance(1ns);
    QCOMPARE(f.log->starts, QList<Duration>{ 31s });
    f.limiter.post([] {});
    f.settle();
    QCOMPARE(f.log->starts.size(), 2);
}

void tst_SerialRateLimiter_rate::L12_holdUntil()
{
    Fixture f;
    f.limiter.post([] {});
    f.limiter.holdUntil(at(10s)); // in time: nothing has started yet
    f.clock.advance(1min);
    QCOMPARE(f.log->starts, QList<Duration>{ 10s });
    f.limiter.holdUntil(at(20s)); // in the past
    f.limiter.holdUntil(Clock::Instant::min());
    f.limiter.post([] {});
    f.settle();
    QCOMPARE(f.log->starts, (QList<Duration>{ 10s, 60s }));
}

void tst_SerialRateLimiter_rate::L12_holdsOnlyExtend()
{
    Fixture f;
    f.limiter.post([] {});
    f.limiter.holdFor(10s);
    f.limiter.holdFor(5s);
    f.limiter.holdUntil(at(1s));
    f.limiter.holdFor(0s);
    f.clock.advance(9s);
    QVERIFY(f.log->starts.isEmpty());
    f.limiter.holdFor(2s);
    f.clock.advance(1min);
    QCOMPARE(f.log->starts, QList<Duration>{ 11s });
}

void tst_SerialRateLimiter_rate::L12_holdAndWindowTheLaterCounts()
{
    Fixture f(1, 10s);
    f.limiter.post([] {});
    f.limiter.post([] {});
    f.limiter.post([] {});
    f.settle();
    f.limiter.holdFor(3s);
    f.clock.advance(10s);
    QCOMPARE(f.log->starts, (QList<Duration>{ 0s, 10s }));
    f.limiter.holdFor(15s);
    f.clock.advance(1min);
    QCOMPARE(f.log->starts, (QList<Duration>{ 0s, 10s, 25s }));
}

void tst_SerialRateLimiter_rate::L12_holdFromInsideATask()
{
    // As for "429 Too Many Requests": the others wait.
    Fixture f;
    f.limiter.post([&] { f.limiter.holdFor(30s); });
    f.limiter.post([] {});
    f.limiter.post([] {});
    f.clock.advance(1min);
    QCOMPARE(f.log->starts, (QList<Duration>{ 0s, 30s, 30s }));
}

void tst_SerialRateLimiter_rate::L12_holdWithoutEnd()
{
    Fixture f;
    f.clock.advance(1h);
    f.limiter.holdFor(Duration::max());
    auto future = f.limiter.push([] {});
    f.clock.advance(24h * 365 * 200);
    QVERIFY(f.log->starts.isEmpty());
    future.cancel();
    f.settle();
    QVERIFY(wasCanceled(future));
}

void tst_SerialRateLimiter_rate::L13_rateUpInMidFlight()
{
    Fixture f(1, 10s);
    for (int i = 0; i < 5; ++i)
        f.limiter.post([] {});
    f.clock.advance(13s);
    QCOMPARE(f.log->starts, (QList<Duration>{ 0s, 10s }));
    // Of the last two completions only the one at 10 s was kept: both count as if at 10 s.
    f.limiter.setRate(2);
    f.clock.advance(20s);
    QCOMPARE(f.log->starts, (QList<Duration>{ 0s, 10s, 20s, 20s, 30s }));
}

void tst_SerialRateLimiter_rate::L13_rateDownInMidFlight()
{
    Fixture f(3, 10s);
    for (int i = 0; i < 6; ++i)
        f.limiter.post([] {});
    f.clock.advance(4s);
    f.limiter.setRate(1);
    f.clock.advance(1min);
    QCOMPARE(f.log->starts, (QList<Duration>{ 0s, 0s, 0s, 10s, 20s, 30s }));
}

void tst_SerialRateLimiter_rate::L13_perUpAndDown()
{
    Fixture f(1, 10s);
    for (int i = 0; i < 4; ++i)
        f.limiter.post([] {});
    f.clock.advance(4s);
    f.limiter.setPer(30s);
    f.clock.advance(25s);
    QCOMPARE(f.log->starts, QList<Duration>{ 0s });
    f.clock.advance(1s);
    QCOMPARE(f.log->starts, (QList<Duration>{ 0s, 30s }));
    f.clock.advance(5s);
    f.limiter.setPer(2s); // has been over for long
    f.settle();
    QCOMPARE(f.log->starts, (QList<Duration>{ 0s, 30s, 35s }));
    f.clock.advance(10s);
    QCOMPARE(f.log->starts, (QList<Duration>{ 0s, 30s, 35s, 37s }));
}

void tst_SerialRateLimiter_rate::L13_windowAddedAndRemoved()
{
    Fixture f(2, 1s);
    for (int i = 0; i < 6; ++i)
        f.limiter.post([] {});
    f.clock.advance(1s); // four have run: at 0, 0, 1, 1; two are kept
    f.limiter.setLimits({ RateLimit(2, 1s), RateLimit(4, 20s) });
    f.clock.advance(19s);
    QCOMPARE(f.log->starts.size(), 4);
    f.clock.advance(1s); // those at 0 count as if at 1
    QCOMPARE(f.log->starts.last(), 21s);
    QCOMPARE(f.log->starts.size(), 6);
    f.limiter.post([] {});
    f.limiter.setLimits({ RateLimit(2, 1s) });
    f.clock.advance(5s);
    QCOMPARE(f.log->starts.last(), 22s);
}

void tst_SerialRateLimiter_rate::L13_changeWhileATaskRuns()
{
    Fixture f(1, 1s);
    Job<void> job;
    f.limiter.push(job.task());
    f.limiter.post([] {});
    f.limiter.post([] {});
    f.clock.advance(500ms);
    f.limiter.setLimits({ RateLimit(2, 5s) });
    f.clock.advance(500ms);
    QCOMPARE(f.log->starts.size(), 1);
    job.finish();
    f.clock.advance(10s);
    QCOMPARE(f.log->starts, (QList<Duration>{ 0s, 1s, 6s }));
}

void tst_SerialRateLimiter_rate::L13_lostCompletionsCountAtTheOldestKept()
{
    Fixture f(2, 1s);
    for (int i = 0; i < 6; ++i) // at 0, 0, 1, 1, 2, 2
        f.limiter.post([] {});
    f.clock.advance(3s);
    f.limiter.setLimits({ RateLimit(5, 10s) }); // the fifth last was at 0, the oldest kept is at 2
    f.limiter.post([] {});
    f.clock.advance(1min);
    QCOMPARE(f.log->starts.last(), 12s);
}

void tst_SerialRateLimiter_rate::L13_completionsThatNeverHappenedConstrainNothing()
{
    Fixture f(2, 1s);
    f.limiter.post([] {});
    f.limiter.post([] {});
    f.clock.advance(10ms);
    f.limiter.setLimits({ RateLimit(4, 1h) });
    for (int i = 0; i < 3; ++i)
        f.limiter.post([] {});
    f.settle();
    QCOMPARE(f.log->starts, (QList<Duration>{ 0s, 0s, 10ms, 10ms }));
    f.clock.advance(2h);
    QCOMPARE(f.log->starts.last(), 1h);
}

void tst_SerialRateLimiter_rate::L13_downAndUpAgain()
{
    Fixture f(3, 10s);
    for (int i = 0; i < 3; ++i) {
        f.limiter.post([] {});
        f.clock.advance(1s); // at 0, 1, 2
    }
    f.limiter.setRate(1);
    f.limiter.setRate(3); // the two older ones are forgotten, and count as if at 2
    f.limiter.post([] {});
    f.clock.advance(1min);
    QCOMPARE(f.log->starts.last(), 12s);
}

void tst_SerialRateLimiter_rate::estimatedWaitMatchesAnActualRun_data()
{
    QTest::addColumn<QList<RateLimit>>("limits");
    QTest::addColumn<Duration>("margin");
    QTest::addColumn<int>("ran"); // before
    QTest::addColumn<int>("queued");
    QTest::addColumn<bool>("running");
    QTest::addColumn<Duration>("hold");

    const QList<RateLimit> one = { RateLimit(3, 1s) };
    const QList<RateLimit> several = { RateLimit(2, 1s), RateLimit(5, 10s), RateLimit(9, 1min) };
    QTest::newRow("nothing") << one << Duration(0) << 0 << 0 << false << Duration(0);
    QTest::newRow("full window") << one << Duration(0) << 3 << 0 << false << Duration(0);
    QTest::newRow("queue") << one << Duration(0) << 2 << 20 << false << Duration(0);
    QTest::newRow("queue of whole windows")
            << one << Duration(0) << 3 << 21 << false << Duration(0);
    QTest::newRow("margin") << one << Duration(7ms) << 4 << 5 << false << Duration(0);
    QTest::newRow("hold") << one << Duration(0) << 3 << 4 << false << Duration(1min);
    QTest::newRow("running") << one << Duration(0) << 2 << 4 << true << Duration(0);
    QTest::newRow("running alone") << one << Duration(0) << 2 << 0 << true << Duration(0);
    QTest::newRow("running and hold") << one << Duration(0) << 1 << 4 << true << Duration(5s);
    QTest::newRow("several") << several << Duration(0) << 4 << 0 << false << Duration(0);
    QTest::newRow("several, queue") << several << Duration(0) << 3 << 30 << false << Duration(0);
    QTest::newRow("several, all") << several << Duration(9ms) << 7 << 12 << true << Duration(3s);
}

void tst_SerialRateLimiter_rate::estimatedWaitMatchesAnActualRun()
{
    QFETCH(QList<RateLimit>, limits);
    QFETCH(Duration, margin);
    QFETCH(int, ran);
    QFETCH(int, queued);
    QFETCH(bool, running);
    QFETCH(Duration, hold);

    Fixture f;
    f.limiter.setLimits(limits);
    f.limiter.setMargin(margin);
    for (int i = 0; i < ran; ++i)
        f.limiter.post([] {});
    while (f.limiter.pendingCount() > 0)
        f.clock.advance(130ms);
    Job<void> job;
    if (running) {
        f.limiter.push(job.task());
        while (!f.limiter.isBusy())
            f.clock.advance(170ms);
    }
    for (int i = 0; i < queued; ++i)
        f.limiter.post([] {});
    if (hold > 0s)
        f.limiter.holdFor(hold);

    // As soon as it was pushed the queue is one longer.
    const Duration estimate = f.limiter.estimatedWait();
    const Duration pushed = f.now();
    Duration started = Duration::min();
    f.limiter.post([&] { started = f.now(); });
    if (running)
        job.finish(); // were it instant, it would end now
    f.clock.advance(10min);
    QCOMPARE(ns(started - pushed), ns(estimate));
}

void tst_SerialRateLimiter_rate::estimatedWaitOfAPausedLimiterIsForever()
{
    Fixture f;
    QCOMPARE(f.limiter.estimatedWait(), 0ns);
    f.limiter.pause();
    QCOMPARE(f.limiter.estimatedWait(), Duration::max());
    f.limiter.post([] {});
    QCOMPARE(f.limiter.estimatedWait(), Duration::max());
    f.limiter.resume();
    QCOMPARE(f.limiter.estimatedWait(), 0ns);
}

void tst_SerialRateLimiter_rate::setClockKeepsTheAgeOfCompletions()
{
    Fixture f(1, 10s);
    f.limiter.post([] {});
    f.clock.advance(4s);
    ManualClock other(at(1000h));
    f.limiter.setClock(&other);
    QCOMPARE(f.limiter.clock(), &other);
    Duration started{};
    f.limiter.post([&] { started = other.now().time_since_epoch(); });
    QCOMPARE(f.clock.pendingWakeUps(), 0);
    f.clock.advance(1h); // is of no interest any more
    other.advance(6s - 1ns);
    QCOMPARE(started, 0s);
    other.advance(1ns);
    QCOMPARE(started, 1000h + 6s);
    QCOMPARE(f.clock.pendingWakeUps() + other.pendingWakeUps(), 0);
}

void tst_SerialRateLimiter_rate::setClockKeepsAHold()
{
    Fixture f;
    f.clock.advance(1h);
    f.limiter.holdFor(10s);
    f.clock.advance(3s);
    ManualClock other;
    f.limiter.setClock(&other);
    QCOMPARE(f.limiter.estimatedWait(), 7s);
}

void tst_SerialRateLimiter_rate::setClockIsRefusedWhileThereAreTasks()
{
    Fixture f;
    ManualClock other;
    expectWarning("setClock.*null");
    f.limiter.setClock(nullptr);
    Job<void> job;
    f.limiter.push(job.task());
    expectWarning("setClock.*tasks");
    f.limiter.setClock(&other);
    f.settle();
    QVERIFY(f.limiter.isBusy());
    expectWarning("setClock.*tasks");
    f.limiter.setClock(&other);
    job.finish();
    f.settle();
    QCOMPARE(f.limiter.clock(), &f.clock);
    f.limiter.setClock(&other);
    QCOMPARE(f.limiter.clock(), &other);
    f.limiter.setClock(&f.clock);
}

QTEST_GUILESS_MAIN(tst_SerialRateLimiter_rate)

#include "tst_serialratelimiter_rate.moc"
