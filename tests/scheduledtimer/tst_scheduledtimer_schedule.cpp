// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// When ticks come, and how they are numbered and counted.

#include "signallog.h"
#include "virtualtimer.h"

#include <QtCore/qregularexpression.h>
#include <QtTest/qtest.h>

using namespace std::chrono_literals;
using namespace Tactus;
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

class tst_ScheduledTimerSchedule : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();

    void T2_neverBeforeTheDueInstant();

    void T3_noDriftUnderIrregularCallbacks();
    void T3_noDriftAfterABillionSlots();
    void T3_anIntervalThatOverflowsNeverTicks();

    void T4_delayCountsFromCompletion();
    void T4_delayCountsFromTheEndOfAnAsynchronousCallback();
    void T4_aLateDelayTickMissesNothing();

    void T5_overrunSkipsToNextSlot();
    void T5_slotDueAtTheEndOfTheCallbackIsPassedOver();
    void T5_lateEventLoopRunsTheLatestSlotOnly();
    void T5_slotDueExactlyWhenTheEventLoopWakesIsTheOneToRun();
    void T5_oneNanosecondAgainstTenSeconds();
    void T5_missedSlotsOfAnAsynchronousCallback();
    void T5_missedIsToldPerTickAndCountedInTotal();
    void T5_delayIsNumberedFromOne();
    void T5_slotZeroTicksAtTheAnchorFromTheEventLoop();
    void T5_slotZeroIsMissedWhenTheCallbackBeforeItRunsOn();
    void T5_slotZeroServedLate();
    void T5_dueAndLateness();

    void T13_anotherIntervalAnchorsNow();
    void T13_theSameIntervalDoesNothing();
    void T13_slotsThatHadNotComeDueAreNotMissed();
    void T13_slotsDueButNotServedAreMissed();
    void T13_intervalOfADelayTimer();
    void T13_intervalDuringACallback();
    void T13_intervalOfAStoppedTimerIsJustSet();
    void T13_anchorHasNoSlotZero();
    void T13_policyTakesEffectAtTheNextDecision();
    void T13_policyThereAndBackKeepsTheSum();
};

void tst_ScheduledTimerSchedule::init()
{
    QTest::failOnWarning(QRegularExpression(QStringLiteral(".*")));
}

void tst_ScheduledTimerSchedule::T2_neverBeforeTheDueInstant()
{
    constexpr Duration interval = 333'333'333ns;
    for (const Policy policy : { Policy::Fixed, Policy::Delay }) {
        VirtualTimer v(interval, policy);
        v.timer.start();
        for (std::size_t n = 1; n <= 5; ++n) {
            v.clock.advance(interval - 1ns);
            QCOMPARE(v.ticks.size(), n - 1);
            v.clock.advance(1ns);
            QCOMPARE(v.ticks.size(), n);
        }
    }
}

void tst_ScheduledTimerSchedule::T3_noDriftUnderIrregularCallbacks()
{
    constexpr Duration interval = 1'000'003ns;
    VirtualTimer v(interval);
    Duration duration = 0ns;
    v.timer.setCallback([&] {
        duration = (duration + 7'919ns) % interval;
        v.clock.elapse(duration);
    });
    v.timer.start();
    v.clock.advance(1000 * interval + interval / 2);
    QCOMPARE(v.times.size(), 1000U);
    for (std::size_t n = 0; n < v.times.size(); ++n)
        QVERIFY(v.times[n] == static_cast<qint64>(n + 1) * interval);
    QCOMPARE(v.timer.missedCount(), 0);
}

void tst_ScheduledTimerSchedule::T3_noDriftAfterABillionSlots()
{
    constexpr Duration interval = 1'234'567ns;
    constexpr qint64 billion = 1'000'000'000;
    VirtualTimer v(interval);
    v.timer.start();
    v.clock.elapse(billion * interval - 1ns);
    v.clock.advance(0ns);
    QCOMPARE(v.ticks.size(), 1U);
    QCOMPARE(v.ticks[0].index(), billion - 1);
    QVERIFY(v.ticks[0].lateness() == interval - 1ns);
    v.clock.advance(1ns);
    QCOMPARE(v.ticks.size(), 2U);
    QCOMPARE(v.ticks[1].index(), billion);
    QVERIFY(v.ticks[1].due() == billion * interval);
    QVERIFY(v.ticks[1].lateness() == 0ns);
}

void tst_ScheduledTimerSchedule::T3_anIntervalThatOverflowsNeverTicks()
{
    for (const Policy policy : { Policy::Fixed, Policy::Delay }) {
        VirtualTimer v(Duration::max(), policy);
        v.timer.start();
        QVERIFY(v.timer.isRunning());
        v.clock.advance(std::chrono::years(200));
        QCOMPARE(v.ticks.size(), 0U);
        v.timer.stop();
        QVERIFY(!v.timer.isRunning());
    }
}

//   0     10       14          24       28
//   |------[cb 4 ms]------------[cb 4 ms]---
void tst_ScheduledTimerSchedule::T4_delayCountsFromCompletion()
{
    VirtualTimer v(10ms, Policy::Delay);
    v.timer.setCallback([&v] { v.clock.elapse(4ms); });
    v.timer.start();
    v.clock.advance(40ms);
    QVERIFY((v.times == Times{ 10ms, 24ms, 38ms }));
    QVERIFY(v.ticks[1].due() == 24ms);
    QVERIFY(v.ticks[1].lateness() == 0ns);
    QCOMPARE(v.timer.missedCount(), 0);
}

void tst_ScheduledTimerSchedule::T4_delayCountsFromTheEndOfAnAsynchronousCallback()
{
    VirtualTimer v(10ms, Policy::Delay);
    PendingWork work;
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    v.clock.advance(95ms);
    QVERIFY((v.times == Times{ 10ms }));
    work.finish();
    v.clock.advance(10ms - 1ns);
    QCOMPARE(v.times.size(), 1U);
    v.clock.advance(1ns);
    QVERIFY((v.times == Times{ 10ms, 105ms }));
}

void tst_ScheduledTimerSchedule::T4_aLateDelayTickMissesNothing()
{
    VirtualTimer v(10ms, Policy::Delay);
    v.timer.start();
    v.clock.elapse(37ms);
    v.clock.advance(0ns);
    QVERIFY((v.times == Times{ 37ms }));
    QVERIFY(v.ticks[0].due() == 10ms);
    QVERIFY(v.ticks[0].lateness() == 27ms);
    v.clock.advance(10ms);
    QVERIFY((v.times == Times{ 37ms, 47ms }));
    QCOMPARE(indexesOf(v.ticks), (Indexes{ 1, 2 }));
    QCOMPARE(v.timer.missedCount(), 0);
}

// ---- T5

//   0    10              35  40
//   |-----[callback 25 ms]---[4]----[5]
void tst_ScheduledTimerSchedule::T5_overrunSkipsToNextSlot()
{
    VirtualTimer v(10ms);
    v.timer.setCallback([&v] { v.clock.elapse(v.ticks.size() == 1 ? 25ms : 0ms); });
    v.timer.start();
    v.clock.advance(60ms);
    QVERIFY((v.times == Times{ 10ms, 40ms, 50ms, 60ms }));
    QCOMPARE(indexesOf(v.ticks), (Indexes{ 1, 4, 5, 6 }));
    QCOMPARE(v.ticks[1].missed(), 2);
    QCOMPARE(v.ticks[2].missed(), 0);
    QCOMPARE(v.timer.missedCount(), 2);
}

void tst_ScheduledTimerSchedule::T5_slotDueAtTheEndOfTheCallbackIsPassedOver()
{
    for (const Duration overrun : { 10ms - 1ns, 10ms + 0ns, 10ms + 1ns }) {
        VirtualTimer v(10ms);
        v.timer.setCallback([&v, overrun] { v.clock.elapse(v.ticks.size() == 1 ? overrun : 0ns); });
        v.timer.start();
        v.clock.advance(30ms);
        const bool secondComes = overrun < 10ms;
        QVERIFY(v.times == (secondComes ? Times{ 10ms, 20ms, 30ms } : Times{ 10ms, 30ms }));
        QCOMPARE(v.timer.missedCount(), secondComes ? 0 : 1);
    }
}

void tst_ScheduledTimerSchedule::T5_lateEventLoopRunsTheLatestSlotOnly()
{
    VirtualTimer v(10ms);
    SignalLog log(&v.timer);
    v.timer.start();
    v.clock.elapse(45ms);
    log.take();
    v.clock.advance(0ns);
    QCOMPARE(log.take(), lines({ "missedCount 3", "ticksMissed 3", "busy", "tick 4 missed 3",
                                 "tickCount 1", "not busy", "completed 4" }));
    QVERIFY(v.ticks[0].due() == 40ms);
    QVERIFY(v.ticks[0].lateness() == 5ms);
    v.clock.advance(4ms);
    QCOMPARE(log.take(), QStringList());
    v.clock.advance(1ms);
    QCOMPARE(indexesOf(v.ticks), (Indexes{ 4, 5 }));
}

void tst_ScheduledTimerSchedule::T5_slotDueExactlyWhenTheEventLoopWakesIsTheOneToRun()
{
    for (const Duration late : { 40ms - 1ns, 40ms + 0ns }) {
        VirtualTimer v(10ms);
        v.timer.start();
        v.clock.elapse(late);
        v.clock.advance(0ns);
        QCOMPARE(v.ticks.size(), 1U);
        QCOMPARE(v.ticks[0].index(), late < 40ms ? 3 : 4);
    }
}

// Whoever walks over the missed slots instead of dividing does not come back from this one.
void tst_ScheduledTimerSchedule::T5_oneNanosecondAgainstTenSeconds()
{
    VirtualTimer v(1ns);
    v.timer.setCallback([&v] { v.clock.elapse(10s); });
    v.timer.start();
    for (int i = 0; i < 3; ++i)
        v.clock.advance(1ns);
    constexpr qint64 slots = Duration(10s).count();
    QVERIFY(v.ticks.size() >= 2);
    QCOMPARE(v.ticks[0].index(), 1);
    QCOMPARE(v.ticks[1].index(), slots + 2);
    QCOMPARE(v.ticks[1].missed(), slots);
    QCOMPARE(v.timer.tickCount() + v.timer.missedCount(), v.ticks.back().index());
}

void tst_ScheduledTimerSchedule::T5_missedSlotsOfAnAsynchronousCallback()
{
    VirtualTimer v(10ms);
    PendingWork work;
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    v.clock.advance(72ms);
    QCOMPARE(indexesOf(v.ticks), (Indexes{ 1 }));
    QCOMPARE(v.timer.missedCount(), 0);
    work.finish();
    v.clock.advance(8ms);
    QCOMPARE(indexesOf(v.ticks), (Indexes{ 1, 8 }));
    QCOMPARE(v.ticks[1].missed(), 6);
    QVERIFY(v.ticks[1].lateness() == 0ns);
}

void tst_ScheduledTimerSchedule::T5_missedIsToldPerTickAndCountedInTotal()
{
    VirtualTimer v(10ms);
    qint64 told = 0;
    QObject::connect(&v.timer, &ScheduledTimer::ticksMissed, &v.receiver, [&](qint64 count) {
        QVERIFY(count > 0);
        told += count;
        QCOMPARE(v.timer.missedCount(), told);
    });
    QObject::connect(&v.timer, &ScheduledTimer::tick, &v.receiver, [&](const Tick &tick) {
        QCOMPARE(v.timer.tickCount() + v.timer.missedCount(), tick.index());
        QCOMPARE(v.timer.tickCount(), static_cast<qint64>(v.ticks.size()));
    });
    v.timer.setCallback([&v] { v.clock.elapse(v.ticks.size() % 2 ? 32ms : 3ms); });
    v.timer.start();
    v.clock.advance(500ms);
    qint64 sum = 0;
    for (const Tick &tick : v.ticks)
        sum += tick.missed();
    QVERIFY(sum > 0);
    QCOMPARE(sum, v.timer.missedCount());
    QCOMPARE(told, sum);
}

void tst_ScheduledTimerSchedule::T5_delayIsNumberedFromOne()
{
    for (const bool triggered : { false, true }) {
        VirtualTimer v(10ms, Policy::Delay);
        v.timer.setTriggeredOnStart(triggered);
        v.timer.setCallback([&v] { v.clock.elapse(25ms); });
        v.timer.start();
        v.clock.advance(90ms);
        QCOMPARE(indexesOf(v.ticks), triggered ? (Indexes{ 0, 1, 2 }) : (Indexes{ 1, 2, 3 }));
        QVERIFY(v.times == (triggered ? Times{ 0ms, 35ms, 70ms } : Times{ 10ms, 45ms, 80ms }));
        QCOMPARE(v.timer.missedCount(), 0);
    }
}

void tst_ScheduledTimerSchedule::T5_slotZeroTicksAtTheAnchorFromTheEventLoop()
{
    VirtualTimer v(10ms);
    QObject::connect(&v.timer, &ScheduledTimer::tick, &v.receiver, [&v](const Tick &tick) {
        QCOMPARE(v.timer.tickCount() - 1 + v.timer.missedCount(), tick.index());
    });
    v.timer.setTriggeredOnStart(true);
    v.timer.setCallback([&v] { v.clock.elapse(v.ticks.size() == 2 ? 21ms : 1ms); });
    v.timer.start();
    QCOMPARE(v.ticks.size(), 0U);
    QCoreApplication::processEvents();
    QVERIFY((v.times == Times{ 0ns }));
    v.clock.advance(49ms);
    QCOMPARE(indexesOf(v.ticks), (Indexes{ 0, 1, 4, 5 }));
    QVERIFY(v.ticks[0].due() == 0ns);
}

void tst_ScheduledTimerSchedule::T5_slotZeroIsMissedWhenTheCallbackBeforeItRunsOn()
{
    VirtualTimer v(10ms);
    PendingWork work;
    v.timer.setTriggeredOnStart(true);
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    v.clock.advance(0ns);
    v.timer.restart();
    QCOMPARE(v.timer.tickCount(), 0);
    v.clock.advance(4ms);
    work.finish();
    v.clock.advance(6ms);
    QCOMPARE(indexesOf(v.ticks), (Indexes{ 0, 1 }));
    QCOMPARE(v.ticks[1].missed(), 1);
    QCOMPARE(v.timer.tickCount() - 1 + v.timer.missedCount(), 1);
}

void tst_ScheduledTimerSchedule::T5_slotZeroServedLate()
{
    VirtualTimer v(10ms);
    v.timer.setTriggeredOnStart(true);
    v.timer.start();
    v.clock.elapse(9ms);
    v.clock.advance(0ns);
    QCOMPARE(indexesOf(v.ticks), (Indexes{ 0 }));
    QVERIFY(v.ticks[0].lateness() == 9ms);
    v.timer.restart();
    v.clock.elapse(25ms);
    v.clock.advance(0ns);
    QCOMPARE(indexesOf(v.ticks), (Indexes{ 0, 2 }));
    QCOMPARE(v.ticks[1].missed(), 2); // 0 and 1
    QCOMPARE(v.timer.tickCount() - 1 + v.timer.missedCount(), 2);
}

void tst_ScheduledTimerSchedule::T5_dueAndLateness()
{
    VirtualTimer v(10ms);
    v.clock.advance(3ms); // the anchor is not the clock's first instant
    QObject::connect(&v.timer, &ScheduledTimer::ticksMissed, &v.receiver,
                     [&v] { v.clock.elapse(2ms); });
    v.timer.start();
    v.clock.elapse(34ms);
    v.clock.advance(0ns);
    QCOMPARE(v.ticks.size(), 1U);
    QCOMPARE(v.ticks[0].index(), 3);
    QVERIFY(v.ticks[0].due() == 30ms);
    QVERIFY(v.ticks[0].lateness() == 6ms); // the start of the callback is what counts
}

// ---- T13

void tst_ScheduledTimerSchedule::T13_anotherIntervalAnchorsNow()
{
    VirtualTimer v(10ms);
    SignalLog log(&v.timer);
    v.timer.start();
    v.clock.advance(24ms);
    log.take();
    v.timer.setInterval(7ms);
    QCOMPARE(log.take(), lines({ "intervalChanged" }));
    v.clock.advance(16ms);
    QVERIFY((v.times == Times{ 10ms, 20ms, 31ms, 38ms }));
    QCOMPARE(indexesOf(v.ticks), (Indexes{ 1, 2, 1, 2 }));
    QCOMPARE(v.timer.tickCount(), 4);
    QCOMPARE(v.timer.missedCount(), 0);
    QVERIFY(v.ticks[3].due() == 14ms);
}

void tst_ScheduledTimerSchedule::T13_theSameIntervalDoesNothing()
{
    VirtualTimer v(10ms);
    SignalLog log(&v.timer);
    v.timer.start();
    v.clock.advance(14ms);
    log.take();
    v.timer.setInterval(10ms);
    QCOMPARE(log.take(), QStringList());
    v.clock.advance(6ms);
    QVERIFY((v.times == Times{ 10ms, 20ms }));
}

void tst_ScheduledTimerSchedule::T13_slotsThatHadNotComeDueAreNotMissed()
{
    VirtualTimer v(10ms);
    v.timer.start();
    v.clock.advance(19ms);
    v.timer.setInterval(100ms);
    v.clock.advance(100ms);
    QVERIFY((v.times == Times{ 10ms, 119ms }));
    QCOMPARE(v.ticks[1].missed(), 0);
    QCOMPARE(v.timer.missedCount(), 0);
}

void tst_ScheduledTimerSchedule::T13_slotsDueButNotServedAreMissed()
{
    VirtualTimer v(10ms);
    SignalLog log(&v.timer);
    v.timer.start();
    v.clock.advance(10ms);
    v.clock.elapse(32ms); // 20, 30 and 40 have come due
    log.take();
    v.timer.setInterval(5ms);
    QCOMPARE(v.timer.missedCount(), 3);
    QCOMPARE(log.take(), lines({ "missedCount 3", "intervalChanged" }));
    v.clock.advance(5ms);
    QCOMPARE(log.take(), lines({ "ticksMissed 3", "busy", "tick 1 missed 3", "tickCount 2",
                                 "not busy", "completed 1" }));
    QCOMPARE(v.timer.missedCount(), 3);

    // The same again with slots missed on both sides of the anchor.
    v.clock.elapse(11ms);
    v.timer.setInterval(10ms);
    v.clock.elapse(25ms);
    v.clock.advance(0ns);
    QCOMPARE(v.ticks.back().index(), 2);
    QCOMPARE(v.ticks.back().missed(), 3);
    QCOMPARE(v.timer.missedCount(), 6);
    QCOMPARE(v.timer.tickCount(), 3);
}

void tst_ScheduledTimerSchedule::T13_intervalOfADelayTimer()
{
    VirtualTimer v(10ms, Policy::Delay);
    v.timer.start();
    v.clock.advance(10ms);
    v.clock.elapse(32ms);
    v.timer.setInterval(5ms);
    v.clock.advance(10ms);
    QVERIFY((v.times == Times{ 10ms, 47ms, 52ms }));
    QCOMPARE(indexesOf(v.ticks), (Indexes{ 1, 1, 2 }));
    QCOMPARE(v.timer.missedCount(), 0);
}

void tst_ScheduledTimerSchedule::T13_intervalDuringACallback()
{
    VirtualTimer v(10ms);
    PendingWork work;
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    v.clock.advance(35ms); // 20 and 30 passed over
    v.timer.setInterval(4ms); // anchored at 35
    QCOMPARE(v.timer.missedCount(), 2);
    v.clock.advance(10ms); // 39 and 43 passed over
    work.finish();
    v.clock.advance(2ms);
    QVERIFY((v.times == Times{ 10ms, 47ms }));
    QCOMPARE(v.ticks[1].index(), 3);
    QCOMPARE(v.ticks[1].missed(), 4);
    QCOMPARE(v.timer.missedCount(), 4);
}

void tst_ScheduledTimerSchedule::T13_intervalOfAStoppedTimerIsJustSet()
{
    VirtualTimer v(10ms);
    v.timer.setInterval(3ms);
    QVERIFY(!v.timer.isRunning());
    v.clock.advance(1h);
    QCOMPARE(v.ticks.size(), 0U);
    v.timer.start();
    v.clock.advance(3ms);
    QCOMPARE(v.ticks.size(), 1U);
}

void tst_ScheduledTimerSchedule::T13_anchorHasNoSlotZero()
{
    VirtualTimer v(10ms);
    v.timer.setTriggeredOnStart(true);
    v.timer.start();
    v.clock.advance(12ms);
    v.timer.setInterval(5ms);
    v.clock.advance(5ms);
    QVERIFY((v.times == Times{ 0ms, 10ms, 17ms }));
    QCOMPARE(indexesOf(v.ticks), (Indexes{ 0, 1, 1 }));
}

void tst_ScheduledTimerSchedule::T13_policyTakesEffectAtTheNextDecision()
{
    VirtualTimer v(10ms);
    SignalLog log(&v.timer);
    v.timer.setCallback([&v] { v.clock.elapse(3ms); });
    v.timer.start();
    v.clock.advance(14ms);
    log.take();
    v.timer.setPolicy(Policy::Delay);
    QCOMPARE(log.take(), lines({ "policyChanged" }));
    v.clock.advance(22ms);
    // 20 was planned already; from there on, completion + interval.
    QVERIFY((v.times == Times{ 10ms, 20ms, 33ms }));
    QCOMPARE(indexesOf(v.ticks), (Indexes{ 1, 2, 3 }));
}

void tst_ScheduledTimerSchedule::T13_policyThereAndBackKeepsTheSum()
{
    VirtualTimer v(10ms);
    QObject::connect(&v.timer, &ScheduledTimer::tick, &v.receiver, [&v](const Tick &tick) {
        QCOMPARE(v.timer.tickCount() + v.timer.missedCount(), tick.index());
    });
    v.timer.setCallback([&v] { v.clock.elapse(3ms); });
    v.timer.setPolicy(Policy::Delay);
    v.timer.start();
    v.clock.advance(60ms); // ticks at 10, 23, 36, 49
    QCOMPARE(v.ticks.size(), 4U);
    v.timer.setPolicy(Policy::Fixed);
    v.clock.advance(30ms); // 62 is still Delay's, then the grid of the anchor: 70, 80, 90
    QVERIFY((v.times == Times{ 10ms, 23ms, 36ms, 49ms, 62ms, 70ms, 80ms, 90ms }));
    QCOMPARE(indexesOf(v.ticks), (Indexes{ 1, 2, 3, 4, 5, 7, 8, 9 }));
    QCOMPARE(v.timer.missedCount(), 1);
}

QTEST_GUILESS_MAIN(tst_ScheduledTimerSchedule)

#include "tst_scheduledtimer_schedule.moc"
