// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// How a run begins and ends. Everything in virtual time.

#include "signallog.h"
#include "virtualtimer.h"

#include <QtCore/qregularexpression.h>
#include <QtTest/qtest.h>

#include <stdexcept>

using namespace std::chrono_literals;
using namespace Tactus;
using ErrorPolicy = ScheduledTimer::ErrorPolicy;
using Policy = ScheduledTimer::Policy;

namespace {

std::vector<qint64> indexesOf(const std::vector<Tick> &ticks)
{
    std::vector<qint64> indexes;
    for (const Tick &tick : ticks)
        indexes.push_back(tick.index());
    return indexes;
}

using Indexes = std::vector<qint64>;
using Times = std::vector<Duration>;

} // namespace

class tst_ScheduledTimer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();

    void defaults();
    void constructorsTakeWhatTheySay();
    void aTimerTakesTheDefaultClock();

    void T1_startAndStopDuringAnAsynchronousCallbackLeaveOneLoop();

    void T6_noTickAfterStop();
    void T6_stopLeavesNoWakeUp();
    void T6_futureOfStopWithoutACallbackIsFinished();
    void T6_futureOfStopFinishesWithTheCallback();
    void T6_everyFutureOfStopFinishes();

    void T7_cancelAsksTheFutureToCancel();
    void T7_cancelOnAStoppedTimerReachesTheCallbackThatIsLeft();
    void T7_stopDoesNotCancel();

    void T8_startOnARunningTimerChangesNothing();
    void T8_restartAnchorsAnew();
    void T8_restartStartsAStoppedTimer();
    void T8_countersBeginAnewWithEachStart();
    void T8_setRunning();

    void T9_startWhileACallbackIsInFlight_data();
    void T9_startWhileACallbackIsInFlight();
    void T9_fixedTickDueAfterTheOldCallbackComesInTime();

    void T14_stopsAfterMaximumTicks();
    void T14_notRunningWhileTheLastTickIsEmitted();
    void T14_stoppedComesWhenTheLastCallbackHasEnded();
    void T14_restartFromTheHandlerOfTheLastTick();
    void T14_slotZeroCountsAsATick();
    void T14_missedSlotsAreNoTicks();
    void T14_limitAlreadyReachedStopsAtOnce();
    void T14_raisedLimitIsTheNewLimit();
};

void tst_ScheduledTimer::init()
{
    QTest::failOnWarning(QRegularExpression(QStringLiteral(".*")));
}

void tst_ScheduledTimer::defaults()
{
    const ScheduledTimer timer;
    QVERIFY(timer.interval() == 1s);
    QVERIFY(timer.policy() == Policy::Fixed);
    QVERIFY(timer.errorPolicy() == ErrorPolicy::Continue);
    QVERIFY(!timer.isRunning());
    QVERIFY(!timer.isBusy());
    QVERIFY(!timer.triggeredOnStart());
    QCOMPARE(timer.maximumTicks(), 0);
    QVERIFY(timer.callbackTimeout() == 0ns);
    QVERIFY(timer.tolerance() == 1ms);
    QCOMPARE(timer.tickCount(), 0);
    QCOMPARE(timer.missedCount(), 0);
    QCOMPARE(timer.clock(), Clock::system());
}

void tst_ScheduledTimer::constructorsTakeWhatTheySay()
{
    QObject parent;
    const auto *plain = new ScheduledTimer(&parent);
    QCOMPARE(plain->parent(), &parent);
    const auto *fixed = new ScheduledTimer(3ns, &parent);
    QCOMPARE(fixed->parent(), &parent);
    QVERIFY(fixed->interval() == 3ns);
    QVERIFY(fixed->policy() == Policy::Fixed);
    const auto *delay = new ScheduledTimer(4h, Policy::Delay, &parent);
    QCOMPARE(delay->parent(), &parent);
    QVERIFY(delay->interval() == 4h);
    QVERIFY(delay->policy() == Policy::Delay);

    // What the constructor was given is what counts, not only what the getters return.
    VirtualTimer v(7ns, Policy::Delay);
    v.timer.setCallback([&v] { v.clock.elapse(1ns); });
    v.timer.start();
    v.clock.advance(20ns);
    QVERIFY((v.times == Times{ 7ns, 15ns }));
}

void tst_ScheduledTimer::aTimerTakesTheDefaultClock()
{
    ManualClock clock;
    Clock::setDefault(&clock);
    ScheduledTimer timer(1s);
    Clock::setDefault(nullptr);
    QCOMPARE(timer.clock(), &clock);
    timer.start();
    clock.advance(3s);
    QCOMPARE(timer.tickCount(), 3);
    const ScheduledTimer later;
    QCOMPARE(later.clock(), Clock::system());
}

// ---- T1

// Whoever plans the next tick twice, once in start() and once when the old callback has ended, has
// two chains of wake-ups from then on.
void tst_ScheduledTimer::T1_startAndStopDuringAnAsynchronousCallbackLeaveOneLoop()
{
    for (const Policy policy : { Policy::Fixed, Policy::Delay }) {
        VirtualTimer v(10ms, policy);
        PendingWork work;
        v.timer.setCallback([&work] { return work.begin(); });
        v.timer.start();
        v.clock.advance(10ms);
        QCOMPARE(work.count(), 1U);
        for (int i = 0; i < 3; ++i) {
            v.timer.stop();
            QVERIFY(v.timer.start());
            v.clock.advance(15ms);
            QCOMPARE(work.count(), 1U);
        }
        v.timer.setCallback([] {});
        v.ticks.clear();
        v.times.clear();
        work.finish();
        v.clock.advance(0ns);
        QVERIFY(v.clock.pendingWakeUps() == 1);

        // The last start was at 40 ms, the old callback ended at 55 ms.
        v.clock.advance(30ms);
        const Times expected = policy == Policy::Fixed ? Times{ 60ms, 70ms, 80ms }
                                                       : Times{ 65ms, 75ms, 85ms };
        QVERIFY(v.times == expected);
        QVERIFY(v.clock.pendingWakeUps() == 1);
    }
}

// ---- T6, T7

void tst_ScheduledTimer::T6_noTickAfterStop()
{
    for (const Policy policy : { Policy::Fixed, Policy::Delay }) {
        VirtualTimer v(10ms, policy);
        int calls = 0;
        v.timer.setCallback([&calls] { ++calls; });
        v.timer.start();
        v.clock.advance(20ms);
        v.clock.elapse(25ms); // the next one is due already, the event loop has yet to serve it
        v.timer.stop();
        v.clock.advance(1h);
        QCOMPARE(v.ticks.size(), 2U);
        QCOMPARE(calls, 2);
    }
}

void tst_ScheduledTimer::T6_stopLeavesNoWakeUp()
{
    VirtualTimer v(10ms);
    v.timer.setCallbackTimeout(1s);
    PendingWork work;
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    QCOMPARE(v.clock.pendingWakeUps(), 1);
    v.timer.stop();
    QCOMPARE(v.clock.pendingWakeUps(), 0);
    v.timer.start();
    v.clock.advance(10ms);
    QCOMPARE(v.clock.pendingWakeUps(), 1); // the timeout
    v.timer.stop();
    work.finish();
    v.clock.advance(0ns);
    QCOMPARE(v.clock.pendingWakeUps(), 0);
}

void tst_ScheduledTimer::T6_futureOfStopWithoutACallbackIsFinished()
{
    VirtualTimer v(10ms);
    SignalLog log(&v.timer);
    QFuture<void> idle = v.timer.stop();
    QVERIFY(idle.isFinished());
    QVERIFY(!idle.isCanceled());
    QCOMPARE(log.take(), QStringList());
    v.timer.start();
    log.take();
    QFuture<void> waiting = v.timer.stop();
    QVERIFY(waiting.isFinished());
    QVERIFY(!waiting.isCanceled());
    QCOMPARE(log.take(), lines({ "not running", "stopped" }));
}

void tst_ScheduledTimer::T6_futureOfStopFinishesWithTheCallback()
{
    VirtualTimer v(10ms);
    SignalLog log(&v.timer);
    PendingWork work;
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    v.clock.advance(10ms);
    log.take();
    QFuture<void> stopped = v.timer.stop();
    const auto noted = stopped.then([&log] { log.note("future of stop"); });
    v.clock.advance(1h);
    QVERIFY(!stopped.isFinished());
    QCOMPARE(log.take(), lines({ "not running" }));
    work.finish();
    v.clock.advance(0ns);
    QVERIFY(stopped.isFinished());
    QVERIFY(!stopped.isCanceled());
    QCOMPARE(log.take(), lines({ "not busy", "completed 1", "future of stop", "stopped" }));
}

void tst_ScheduledTimer::T6_everyFutureOfStopFinishes()
{
    VirtualTimer v(10ms);
    PendingWork work;
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    v.clock.advance(10ms);
    QFuture<void> first = v.timer.stop();
    QFuture<void> second = v.timer.stop();
    v.timer.start();
    QFuture<void> third = v.timer.cancel();
    v.timer.start(); // does not keep them waiting for the new run's end
    QVERIFY(!first.isFinished() && !second.isFinished() && !third.isFinished());
    work.fail(std::make_exception_ptr(std::runtime_error("no")));
    v.clock.advance(0ns);
    QVERIFY(first.isFinished() && second.isFinished() && third.isFinished());
    QVERIFY(v.timer.isRunning());
}

void tst_ScheduledTimer::T7_cancelAsksTheFutureToCancel()
{
    VirtualTimer v(10ms);
    SignalLog log(&v.timer);
    PendingWork work;
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    v.clock.advance(10ms);
    log.take();
    QFuture<void> canceled = v.timer.cancel();
    QVERIFY(work.isLastCanceled());
    QVERIFY(!v.timer.isRunning());
    // A request is no end: the producer decides when it is over.
    v.clock.advance(1h);
    QVERIFY(v.timer.isBusy());
    QVERIFY(!canceled.isFinished());
    QCOMPARE(log.take(), lines({ "not running" }));
    work.finish();
    v.clock.advance(0ns);
    QVERIFY(canceled.isFinished());
    QVERIFY(!canceled.isCanceled());
    QCOMPARE(log.take(), lines({ "not busy", "completed 1", "stopped" }));
}

void tst_ScheduledTimer::T7_cancelOnAStoppedTimerReachesTheCallbackThatIsLeft()
{
    VirtualTimer v(10ms);
    PendingWork work;
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    v.clock.advance(10ms);
    v.timer.stop();
    QVERIFY(!work.isLastCanceled());
    QFuture<void> canceled = v.timer.cancel();
    QVERIFY(work.isLastCanceled());
    QVERIFY(!canceled.isFinished());
    work.finish();
    v.clock.advance(0ns);
    QVERIFY(canceled.isFinished());
}

void tst_ScheduledTimer::T7_stopDoesNotCancel()
{
    VirtualTimer v(10ms);
    PendingWork work;
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    v.clock.advance(10ms);
    v.timer.stop();
    v.timer.start();
    v.timer.restart();
    v.timer.setInterval(1ms);
    QVERIFY(!work.isLastCanceled());
}

// ---- T8, T9

void tst_ScheduledTimer::T8_startOnARunningTimerChangesNothing()
{
    VirtualTimer v(10ms);
    SignalLog log(&v.timer);
    QVERIFY(v.timer.start());
    QCOMPARE(log.take(), lines({ "running", "started" }));
    v.clock.advance(14ms);
    log.take();
    QVERIFY(!v.timer.start());
    QCOMPARE(log.take(), QStringList());
    QCOMPARE(v.timer.tickCount(), 1);
    v.clock.advance(6ms);
    QVERIFY((v.times == Times{ 10ms, 20ms }));
}

void tst_ScheduledTimer::T8_restartAnchorsAnew()
{
    VirtualTimer v(10ms);
    SignalLog log(&v.timer);
    v.timer.start();
    v.clock.advance(10ms);
    v.clock.elapse(14ms);
    log.take();
    QVERIFY(v.timer.restart());
    QCOMPARE(log.take(), lines({ "tickCount 0", "started" }));
    v.clock.advance(10ms - 1ns);
    QCOMPARE(v.ticks.size(), 1U);
    v.clock.advance(1ns);
    QVERIFY((v.times == Times{ 10ms, 34ms }));
    QCOMPARE(indexesOf(v.ticks), (Indexes{ 1, 1 }));
    QCOMPARE(v.ticks[1].missed(), 0);
}

void tst_ScheduledTimer::T8_restartStartsAStoppedTimer()
{
    VirtualTimer v(10ms);
    SignalLog log(&v.timer);
    QVERIFY(v.timer.restart());
    QCOMPARE(log.take(), lines({ "running", "started" }));
    v.clock.advance(10ms);
    QVERIFY((v.times == Times{ 10ms }));
}

void tst_ScheduledTimer::T8_countersBeginAnewWithEachStart()
{
    VirtualTimer v(10ms);
    SignalLog log(&v.timer);
    v.timer.start();
    v.clock.elapse(35ms);
    v.clock.advance(0ns);
    v.timer.stop();
    // They stay readable after the run.
    QCOMPARE(v.timer.tickCount(), 1);
    QCOMPARE(v.timer.missedCount(), 2);
    log.take();
    v.timer.start();
    QCOMPARE(log.take(), lines({ "running", "tickCount 0", "missedCount 0", "started" }));
    QCOMPARE(v.timer.tickCount(), 0);
    QCOMPARE(v.timer.missedCount(), 0);
    v.clock.advance(10ms);
    QCOMPARE(v.ticks.back().index(), 1);
    QCOMPARE(v.ticks.back().missed(), 0);
}

void tst_ScheduledTimer::T8_setRunning()
{
    VirtualTimer v(10ms);
    v.timer.setRunning(true);
    QVERIFY(v.timer.isRunning());
    v.clock.advance(14ms);
    v.timer.setRunning(true); // no other anchor
    v.clock.advance(6ms);
    QVERIFY((v.times == Times{ 10ms, 20ms }));
    v.timer.setRunning(false);
    QVERIFY(!v.timer.isRunning());
    v.clock.advance(1h);
    QCOMPARE(v.ticks.size(), 2U);
}

void tst_ScheduledTimer::T9_startWhileACallbackIsInFlight_data()
{
    QTest::addColumn<Policy>("policy");
    QTest::addColumn<bool>("triggered");
    QTest::addColumn<qint64>("index");
    QTest::addColumn<qint64>("missed");
    QTest::addColumn<qint64>("milliseconds");
    // Started anew at 13 ms, the old callback ends at 47 ms.
    QTest::newRow("Fixed") << Policy::Fixed << false << qint64(4) << qint64(3) << qint64(53);
    QTest::newRow("Fixed, triggered")
            << Policy::Fixed << true << qint64(4) << qint64(4) << qint64(53);
    QTest::newRow("Delay") << Policy::Delay << false << qint64(1) << qint64(0) << qint64(57);
    QTest::newRow("Delay, triggered")
            << Policy::Delay << true << qint64(1) << qint64(0) << qint64(57);
}

void tst_ScheduledTimer::T9_startWhileACallbackIsInFlight()
{
    QFETCH(const Policy, policy);
    QFETCH(const bool, triggered);
    QFETCH(const qint64, index);
    QFETCH(const qint64, missed);
    QFETCH(const qint64, milliseconds);

    VirtualTimer v(10ms, policy);
    PendingWork work;
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    v.clock.advance(10ms);
    v.timer.stop();
    v.timer.setTriggeredOnStart(triggered);
    v.clock.advance(3ms);
    v.timer.start();
    v.clock.advance(34ms);
    QCOMPARE(v.ticks.size(), 1U); // T1
    QVERIFY(v.timer.isBusy());
    work.finish();
    v.clock.advance(10ms);
    QCOMPARE(v.ticks.size(), 2U);
    QCOMPARE(v.ticks[1].index(), index);
    QCOMPARE(v.ticks[1].missed(), missed);
    QCOMPARE(v.timer.missedCount(), missed);
    QCOMPARE(v.timer.tickCount(), 1);
    QVERIFY(v.times[1] == std::chrono::milliseconds(milliseconds));
    QVERIFY(v.ticks[1].due() == std::chrono::milliseconds(milliseconds - 13));
}

void tst_ScheduledTimer::T9_fixedTickDueAfterTheOldCallbackComesInTime()
{
    VirtualTimer v(10ms);
    PendingWork work;
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    v.clock.advance(10ms);
    v.timer.restart();
    v.clock.advance(5ms);
    work.finish();
    v.clock.advance(5ms);
    QVERIFY((v.times == Times{ 10ms, 20ms }));
    QCOMPARE(v.ticks[1].index(), 1);
    QCOMPARE(v.ticks[1].missed(), 0);
}

// ---- T14

void tst_ScheduledTimer::T14_stopsAfterMaximumTicks()
{
    for (const Policy policy : { Policy::Fixed, Policy::Delay }) {
        VirtualTimer v(10ms, policy);
        SignalLog log(&v.timer);
        v.timer.setMaximumTicks(2);
        v.timer.start();
        v.clock.advance(15ms);
        log.take();
        v.clock.advance(1h);
        QCOMPARE(log.take(), lines({ "busy", "not running", "tick 2", "tickCount 2", "not busy",
                                     "completed 2", "stopped" }));
        QCOMPARE(v.ticks.size(), 2U);
        QCOMPARE(v.clock.pendingWakeUps(), 0);
        v.timer.start(); // and as many once more
        v.clock.advance(1h);
        QCOMPARE(v.ticks.size(), 4U);
    }
}

void tst_ScheduledTimer::T14_notRunningWhileTheLastTickIsEmitted()
{
    VirtualTimer v(10ms);
    v.timer.setMaximumTicks(3);
    std::vector<bool> running;
    QObject::connect(&v.timer, &ScheduledTimer::tick, &v.receiver,
                     [&] { running.push_back(v.timer.isRunning()); });
    int calls = 0;
    v.timer.setCallback([&calls] { ++calls; });
    v.timer.start();
    v.clock.advance(1s);
    QCOMPARE(running, (std::vector<bool>{ true, true, false }));
    QCOMPARE(calls, 3); // it is not stop(): the last callback is a whole one
}

void tst_ScheduledTimer::T14_stoppedComesWhenTheLastCallbackHasEnded()
{
    VirtualTimer v(10ms);
    SignalLog log(&v.timer);
    PendingWork work;
    v.timer.setMaximumTicks(1);
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    log.take();
    v.clock.advance(1h);
    QCOMPARE(log.take(), lines({ "busy", "not running", "tick 1", "tickCount 1" }));
    QFuture<void> stopped = v.timer.stop();
    QVERIFY(!stopped.isFinished());
    work.finish();
    v.clock.advance(0ns);
    QVERIFY(stopped.isFinished());
    QCOMPARE(log.take(), lines({ "not busy", "completed 1", "stopped" }));
}

void tst_ScheduledTimer::T14_restartFromTheHandlerOfTheLastTick()
{
    VirtualTimer v(10ms);
    SignalLog log(&v.timer);
    v.timer.setMaximumTicks(2);
    int rounds = 1;
    QObject::connect(&v.timer, &ScheduledTimer::tick, &v.receiver, [&] {
        if (!v.timer.isRunning() && rounds < 3) {
            ++rounds;
            QVERIFY(v.timer.start());
        }
    });
    int calls = 0;
    v.timer.setCallback([&] {
        ++calls;
        v.clock.elapse(4ms);
    });
    v.timer.start();
    v.clock.advance(1s);
    QCOMPARE(v.ticks.size(), 6U);
    QCOMPARE(calls, 6);
    QCOMPARE(indexesOf(v.ticks), (Indexes{ 1, 2, 1, 2, 1, 2 }));
    QVERIFY((v.times == Times{ 10ms, 20ms, 30ms, 40ms, 50ms, 60ms }));
    QCOMPARE(log.all().count(QStringLiteral("stopped")), 1);
    QCOMPARE(log.all().count(QStringLiteral("completed 2")), 3);
    QVERIFY(!v.timer.isRunning());
}

void tst_ScheduledTimer::T14_slotZeroCountsAsATick()
{
    VirtualTimer v(10ms);
    v.timer.setTriggeredOnStart(true);
    v.timer.setMaximumTicks(1);
    v.timer.start();
    v.clock.advance(1s);
    QVERIFY((v.times == Times{ 0ms }));
}

void tst_ScheduledTimer::T14_missedSlotsAreNoTicks()
{
    VirtualTimer v(10ms);
    v.timer.setMaximumTicks(2);
    v.timer.setCallback([&v] { v.clock.elapse(55ms); });
    v.timer.start();
    v.clock.advance(1s);
    QCOMPARE(indexesOf(v.ticks), (Indexes{ 1, 7 }));
}

void tst_ScheduledTimer::T14_limitAlreadyReachedStopsAtOnce()
{
    VirtualTimer v(10ms);
    SignalLog log(&v.timer);
    v.timer.start();
    v.clock.advance(30ms);
    log.take();
    v.timer.setMaximumTicks(4);
    QVERIFY(v.timer.isRunning());
    v.timer.setMaximumTicks(3);
    QVERIFY(!v.timer.isRunning());
    QCOMPARE(log.take(),
             lines({ "maximumTicksChanged", "not running", "stopped", "maximumTicksChanged" }));
    v.clock.advance(1h);
    QCOMPARE(v.ticks.size(), 3U);
}

void tst_ScheduledTimer::T14_raisedLimitIsTheNewLimit()
{
    VirtualTimer v(10ms);
    v.timer.setMaximumTicks(2);
    v.timer.start();
    v.clock.advance(10ms);
    v.timer.setMaximumTicks(4);
    v.clock.advance(1h);
    QCOMPARE(v.ticks.size(), 4U);
    v.timer.start();
    v.timer.setMaximumTicks(0);
    v.clock.advance(100ms);
    QCOMPARE(v.ticks.size(), 14U);
}

QTEST_GUILESS_MAIN(tst_ScheduledTimer)

#include "tst_scheduledtimer.moc"
