// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "instantmath_p.h"
#include "schedule_p.h"

#include <QtCore/qregularexpression.h>
#include <QtTest/qtest.h>

#include <random>

using namespace std::chrono_literals;
using namespace Tactus;
using Instant = Clock::Instant;
using Policy = Schedule::Policy;

namespace {

Instant at(Duration sinceEpoch)
{
    return Instant(sinceEpoch);
}

qint64 ns(Instant instant)
{
    return instant.time_since_epoch().count();
}

// The rules of T3, T4 and T5 once more, walked slot by slot with additions and comparisons only: no
// division, no multiplication, no clamping, so that it can not share a mistake with the arithmetic.
class Simulation
{
public:
    Simulation(Duration interval, Policy policy)
        : m_interval(interval)
        , m_policy(policy)
        , m_plannedPolicy(policy)
    {
    }

    void setInterval(Duration interval) { m_interval = interval; }
    void setPolicy(Policy policy) { m_policy = policy; }

    void anchor(Instant now, bool anchorIsSlot)
    {
        m_plannedPolicy = m_policy;
        m_anchor = { 0, now };
        m_last = anchorIsSlot ? Position{ -1, now - m_interval } : m_anchor;
        m_planned = next(m_last);
    }

    void planAfter(Instant completion)
    {
        m_plannedPolicy = m_policy;
        if (m_policy == Policy::Delay) {
            if (m_last.index < 0)
                m_last = m_anchor;
            m_planned = { next(m_last).index, completion + m_interval };
            return;
        }
        m_planned = next(m_last);
        while (m_planned.due <= completion)
            m_planned = next(m_planned);
    }

    Instant plannedInstant() const { return m_planned.due; }

    Schedule::Slot latestDue(Instant now) const
    {
        Position latest = m_planned;
        if (m_plannedPolicy == Policy::Fixed) {
            while (next(latest).due <= now)
                latest = next(latest);
        }
        Schedule::Slot slot{ latest.index, 0, latest.due };
        for (Position passed = next(m_last); passed.index < latest.index; passed = next(passed))
            ++slot.missed;
        return slot;
    }

    qint64 unexecutedSlots(Instant now) const
    {
        qint64 count = 0;
        if (m_plannedPolicy == Policy::Fixed) {
            for (Position slot = next(m_last); slot.due <= now; slot = next(slot))
                ++count;
        }
        return count;
    }

    void passOver(qint64 slots)
    {
        for (qint64 slot = 0; slot < slots; ++slot)
            m_last = next(m_last);
    }

    void execute(const Schedule::Slot &slot)
    {
        while (m_last.index < slot.index)
            m_last = next(m_last);
    }

private:
    struct Position
    {
        qint64 index;
        Instant due;
    };
    Position next(const Position &position) const
    {
        return { position.index + 1, position.due + m_interval };
    }

    Duration m_interval;
    Policy m_policy;
    Policy m_plannedPolicy;
    Position m_anchor{};
    Position m_last{};
    Position m_planned{};
};

} // namespace

class tst_Schedule : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();

    void T5_agreesWithASlotBySlotSimulation_data();
    void T5_agreesWithASlotBySlotSimulation();
    void T5_formulaHoldsAtEveryTick_data();
    void T5_formulaHoldsAtEveryTick();
    void T5_nextSlotIsStrictlyAfterTheEnd();
    void T5_lateWakeUpRunsTheLatestSlot();
    void T5_passedOverSlotsAreNotCountedTwice();
    void T5_oneNanosecondAgainstTenSeconds();

    void T3_billionSlotsAreOffByNothing_data();
    void T3_billionSlotsAreOffByNothing();
    void T3_tickByTickNeverDrifts();
    void C3_saturatesToNever_data();
    void C3_saturatesToNever();
    void C3_endOfTime();

    void T4_firstTickIsOneIntervalAfterTheAnchor();
    void T4_nextTickIsOneIntervalAfterTheEnd();
    void T4_neverMissesAnything();

    void T9_fixedSlotsThatComeDueMeanwhileAreMissed();
    void T9_delayWaitsForTheEnd();
    void T9_slotZeroIsPassedOver();

    void T13_slotsRestartAtOne();
    void T13_slotsNotYetDueAreNotMissed();
    void T13_policyTakesEffectWithTheNextPlan();
};

void tst_Schedule::init()
{
    QTest::failOnWarning(QRegularExpression(QStringLiteral(".*")));
}

void tst_Schedule::T5_agreesWithASlotBySlotSimulation_data()
{
    QTest::addColumn<quint32>("seed");
    for (quint32 seed = 1; seed <= 8; ++seed)
        QTest::addRow("seed %u", seed) << seed;
}

// 8 x 500 timers of 60 ticks each: late wake-ups, callbacks of all lengths, policies that change,
// new intervals, and starts while a callback is in flight.
void tst_Schedule::T5_agreesWithASlotBySlotSimulation()
{
    QFETCH(quint32, seed);
    std::mt19937 random(seed);
    const auto pick = [&random](qint64 low, qint64 high) {
        return std::uniform_int_distribution<qint64>(low, high)(random);
    };
    const auto oneIn = [&pick](qint64 n) { return pick(1, n) == 1; };

    for (int timer = 0; timer < 500; ++timer) {
        Duration interval(pick(1, 40));
        const Policy first = oneIn(2) ? Policy::Fixed : Policy::Delay;
        Schedule schedule(interval, first);
        Simulation simulation(interval, first);
        Instant now = at(Duration(pick(-1000, 1000)));

        const auto anchor = [&](bool anchorIsSlot) {
            schedule.anchor(now, anchorIsSlot);
            simulation.anchor(now, anchorIsSlot);
            QCOMPARE(ns(schedule.anchorInstant()), ns(now));
        };
        const auto sameCount = [&](Instant instant) {
            QCOMPARE(schedule.unexecutedSlots(instant), simulation.unexecutedSlots(instant));
        };
        anchor(oneIn(2));

        for (int tick = 0; tick < 60; ++tick) {
            QCOMPARE(ns(schedule.plannedInstant()), ns(simulation.plannedInstant()));
            now = std::max(now, schedule.plannedInstant());
            if (oneIn(3))
                now += Duration(pick(0, 5 * interval.count()));
            sameCount(now);

            const Schedule::Slot slot = schedule.latestDue(now);
            const Schedule::Slot expected = simulation.latestDue(now);
            QCOMPARE(slot.index, expected.index);
            QCOMPARE(slot.missed, expected.missed);
            QCOMPARE(ns(slot.due), ns(expected.due));
            QVERIFY(slot.due <= now);

            if (oneIn(2)) { // as a timer does that reports them before the tick
                schedule.passOver(slot.missed);
                simulation.passOver(slot.missed);
                sameCount(now);
            }
            if (oneIn(10)) { // stopped by whoever heard of the missed ones: the tick is not run
                anchor(oneIn(2));
                continue;
            }
            schedule.execute(slot);
            simulation.execute(slot);
            sameCount(now);

            if (oneIn(8)) {
                const Policy policy = oneIn(2) ? Policy::Fixed : Policy::Delay;
                schedule.setPolicy(policy);
                simulation.setPolicy(policy);
            }
            if (oneIn(10)) {
                now += Duration(pick(0, 2 * interval.count()));
                sameCount(now);
                interval = Duration(pick(1, 40));
                schedule.setInterval(interval);
                simulation.setInterval(interval);
                anchor(false);
            } else if (oneIn(10)) {
                now += Duration(pick(0, 2 * interval.count()));
                anchor(oneIn(2));
            }
            if (oneIn(2))
                now += Duration(pick(0, 6 * interval.count()));
            schedule.planAfter(now);
            simulation.planAfter(now);
            if (QTest::currentTestFailed())
                return;
        }
    }
}

void tst_Schedule::T5_formulaHoldsAtEveryTick_data()
{
    QTest::addColumn<bool>("anchorIsSlot");
    QTest::newRow("slots from 1") << false;
    QTest::newRow("slots from 0") << true;
}

void tst_Schedule::T5_formulaHoldsAtEveryTick()
{
    QFETCH(bool, anchorIsSlot);
    std::mt19937 random(42);
    const auto pick = [&random](qint64 low, qint64 high) {
        return std::uniform_int_distribution<qint64>(low, high)(random);
    };

    for (int timer = 0; timer < 1000; ++timer) {
        const qint64 interval = pick(1, 1000000);
        Schedule schedule(Duration(interval), Policy::Fixed);
        Instant now = at(Duration(pick(-1000000000, 1000000000)));
        schedule.anchor(now, anchorIsSlot);
        qint64 tickCount = 0;
        qint64 missedCount = 0;
        for (int tick = 0; tick < 100; ++tick) {
            now = std::max(now, schedule.plannedInstant()) + Duration(pick(0, 2 * interval));
            const Schedule::Slot slot = schedule.latestDue(now);
            schedule.execute(slot);
            ++tickCount;
            missedCount += slot.missed;
            QVERIFY(slot.missed >= 0);
            QCOMPARE(tickCount - (anchorIsSlot ? 1 : 0) + missedCount, slot.index);
            now += Duration(pick(0, 4 * interval));
            schedule.planAfter(now);
            QVERIFY(schedule.plannedInstant() > now);
            QVERIFY(schedule.plannedInstant() - now <= Duration(interval));
        }
    }
}

//   anchor   1    2    3    4        slots every 10
//     |------|----|----|----|
//            [callback-]              ends exactly at 3: 3 is not strictly after, so 4 is next
void tst_Schedule::T5_nextSlotIsStrictlyAfterTheEnd()
{
    Schedule schedule(10ns, Policy::Fixed);
    schedule.anchor(at(0ns), false);
    schedule.execute(schedule.latestDue(at(10ns)));

    schedule.planAfter(at(29ns));
    QCOMPARE(ns(schedule.plannedInstant()), 30);
    QCOMPARE(schedule.latestDue(at(30ns)).missed, 1);

    schedule.planAfter(at(30ns));
    QCOMPARE(ns(schedule.plannedInstant()), 40);
    QCOMPARE(schedule.latestDue(at(40ns)).missed, 2);
}

void tst_Schedule::T5_lateWakeUpRunsTheLatestSlot()
{
    Schedule schedule(10ns, Policy::Fixed);
    schedule.anchor(at(5ns), false);

    const Schedule::Slot inTime = schedule.latestDue(at(24ns));
    QCOMPARE(inTime.index, 1);
    QCOMPARE(inTime.missed, 0);
    QCOMPARE(ns(inTime.due), 15);

    const Schedule::Slot late = schedule.latestDue(at(45ns));
    QCOMPARE(late.index, 4);
    QCOMPARE(late.missed, 3);
    QCOMPARE(ns(late.due), 45);
}

void tst_Schedule::T5_passedOverSlotsAreNotCountedTwice()
{
    Schedule schedule(10ns, Policy::Fixed);
    schedule.anchor(at(0ns), false);

    schedule.passOver(schedule.latestDue(at(45ns)).missed);
    QCOMPARE(schedule.unexecutedSlots(at(45ns)), 1); // the one that would be executed now
    QCOMPARE(schedule.latestDue(at(45ns)).index, 4);
    QCOMPARE(schedule.latestDue(at(45ns)).missed, 0);
}

// Ten thousand million slots pass: a loop over them would take tens of seconds.
void tst_Schedule::T5_oneNanosecondAgainstTenSeconds()
{
    Schedule schedule(1ns, Policy::Fixed);
    Instant now = at(0ns);
    schedule.anchor(now, false);
    now = schedule.plannedInstant();
    qint64 missedCount = 0;
    for (qint64 tickCount = 1; tickCount <= 1000; ++tickCount) {
        const Schedule::Slot slot = schedule.latestDue(now);
        schedule.execute(slot);
        missedCount += slot.missed;
        QCOMPARE(tickCount + missedCount, slot.index);
        QCOMPARE(slot.missed, tickCount == 1 ? 0 : 10'000'000'000);
        now += 10s;
        QCOMPARE(schedule.unexecutedSlots(now), 10'000'000'000);
        schedule.planAfter(now);
        QCOMPARE(schedule.plannedInstant() - now, 1ns);
        now = schedule.plannedInstant();
    }
}

void tst_Schedule::T3_billionSlotsAreOffByNothing_data()
{
    QTest::addColumn<qint64>("anchor");
    QTest::addColumn<qint64>("interval");
    // Primes, so that neither the slots nor the anchor fall on what a double can hold.
    QTest::newRow("a second or so") << qint64{ 7'919 } << qint64{ 999'999'937 };
    QTest::newRow("odd milliseconds") << qint64{ -1'000'003 } << qint64{ 16'666'667 };
    QTest::newRow("a nanosecond") << qint64{ 1 } << qint64{ 1 };
    QTest::newRow("close to the end") << qint64{ 854'775'807 } << qint64{ 9'223'372'035 };
}

void tst_Schedule::T3_billionSlotsAreOffByNothing()
{
    QFETCH(qint64, anchor);
    QFETCH(qint64, interval);
    constexpr qint64 Billion = 1'000'000'000;
    const qint64 due = anchor + Billion * interval;

    Schedule schedule(Duration(interval), Policy::Fixed);
    schedule.anchor(at(Duration(anchor)), false);
    schedule.planAfter(at(Duration(due - 1)));
    QCOMPARE(ns(schedule.plannedInstant()), due);

    const Schedule::Slot slot = schedule.latestDue(at(Duration(due)));
    QCOMPARE(slot.index, Billion);
    QCOMPARE(slot.missed, Billion - 1);
    QCOMPARE(ns(slot.due), due);

    // One nanosecond before it the slot before is the latest, unless they are that close.
    schedule.anchor(at(Duration(anchor)), false);
    QCOMPARE(schedule.latestDue(at(Duration(due - 1))).index, Billion - 1);
}

void tst_Schedule::T3_tickByTickNeverDrifts()
{
    std::mt19937 random(3);
    std::uniform_int_distribution<qint64> late(0, 16'000'000);
    constexpr Duration interval(16'666'667);
    Schedule schedule(interval, Policy::Fixed);
    schedule.anchor(at(123ns), false);
    Instant due = at(123ns);
    for (qint64 tick = 1; tick <= 500'000; ++tick) {
        due += interval;
        QCOMPARE(ns(schedule.plannedInstant()), ns(due));
        const Instant now = due + Duration(late(random));
        const Schedule::Slot slot = schedule.latestDue(now);
        QCOMPARE(slot.index, tick);
        schedule.execute(slot);
        schedule.planAfter(now);
    }
}

void tst_Schedule::C3_saturatesToNever_data()
{
    QTest::addColumn<qint64>("anchor");
    QTest::addColumn<qint64>("interval");
    QTest::addColumn<bool>("fixed");
    QTest::addColumn<int>("ticks"); // that have a due instant before never

    constexpr qint64 Max = std::numeric_limits<qint64>::max();
    for (const bool fixed : { true, false }) {
        const char *const policy = fixed ? "Fixed" : "Delay";
        QTest::addRow("the longest interval, %s", policy) << qint64{ 1 } << Max << fixed << 0;
        QTest::addRow("ends at never, %s", policy) << qint64{ 0 } << Max << fixed << 0;
        QTest::addRow("half of all time, %s", policy) << qint64{ 0 } << Max / 2 << fixed << 2;
        QTest::addRow("a little over half, %s", policy) << qint64{ 0 } << Max / 2 + 2 << fixed << 1;
        QTest::addRow("late anchor, %s", policy) << Max - 1000 << qint64{ 300 } << fixed << 3;
        // From an anchor before 0, a distance may overflow where the instant would not.
        QTest::addRow("early anchor, %s", policy) << qint64{ -1'000'000 } << Max << fixed << 1;
        QTest::addRow("earlier anchor, %s", policy) << -Max / 2 << Max / 4 * 3 + 10 << fixed << 1;
    }
}

void tst_Schedule::C3_saturatesToNever()
{
    QFETCH(qint64, anchor);
    QFETCH(qint64, interval);
    QFETCH(bool, fixed);
    QFETCH(int, ticks);

    Schedule schedule(Duration(interval), fixed ? Policy::Fixed : Policy::Delay);
    schedule.anchor(at(Duration(anchor)), false);
    Instant due = at(Duration(anchor));
    for (int tick = 1; tick <= ticks; ++tick) {
        due += Duration(interval);
        QCOMPARE(ns(schedule.plannedInstant()), ns(due));
        const Schedule::Slot slot = schedule.latestDue(due);
        QCOMPARE(slot.index, tick);
        QCOMPARE(slot.missed, 0);
        schedule.execute(slot);
        schedule.planAfter(due);
    }
    QCOMPARE(ns(schedule.plannedInstant()), ns(Never));
}

// As many slots as there are numbers.
void tst_Schedule::C3_endOfTime()
{
    Schedule schedule(1ns, Policy::Fixed);
    schedule.anchor(at(0ns), false);
    schedule.execute(schedule.latestDue(Never - 1ns));
    schedule.planAfter(Never - 1ns);
    QCOMPARE(ns(schedule.plannedInstant()), ns(Never));
    schedule.planAfter(Never);
    QCOMPARE(ns(schedule.plannedInstant()), ns(Never));
    QCOMPARE(schedule.unexecutedSlots(Never), 1);
}

void tst_Schedule::T4_firstTickIsOneIntervalAfterTheAnchor()
{
    Schedule schedule(10ns, Policy::Delay);
    schedule.anchor(at(7ns), false);
    QCOMPARE(ns(schedule.plannedInstant()), 17);
    QCOMPARE(schedule.latestDue(at(17ns)).index, 1);

    schedule.anchor(at(7ns), true);
    QCOMPARE(ns(schedule.plannedInstant()), 7);
    QCOMPARE(schedule.latestDue(at(7ns)).index, 0);
}

//   anchor      1                2
//     |----10---[callback]---10--|
void tst_Schedule::T4_nextTickIsOneIntervalAfterTheEnd()
{
    Schedule schedule(10ns, Policy::Delay);
    schedule.anchor(at(0ns), false);
    schedule.execute(schedule.latestDue(at(10ns)));
    schedule.planAfter(at(33ns));
    QCOMPARE(ns(schedule.plannedInstant()), 43);

    // However late it wakes, its due instant stays what it was.
    const Schedule::Slot slot = schedule.latestDue(at(1000ns));
    QCOMPARE(slot.index, 2);
    QCOMPARE(ns(slot.due), 43);
}

void tst_Schedule::T4_neverMissesAnything()
{
    Schedule schedule(10ns, Policy::Delay);
    schedule.anchor(at(0ns), true);
    Instant now = at(0ns);
    for (qint64 tick = 0; tick < 1000; ++tick) {
        now = schedule.plannedInstant() + 55ns;
        QCOMPARE(schedule.unexecutedSlots(now), 0);
        const Schedule::Slot slot = schedule.latestDue(now);
        QCOMPARE(slot.index, tick);
        QCOMPARE(slot.missed, 0);
        schedule.execute(slot);
        now += 77ns;
        QCOMPARE(schedule.unexecutedSlots(now), 0);
        schedule.planAfter(now);
    }
}

//   old callback [--------------]
//   start()           |----|----|----|
//                   anchor 1    2    3     1 and 2 are missed, 3 is next
void tst_Schedule::T9_fixedSlotsThatComeDueMeanwhileAreMissed()
{
    Schedule schedule(10ns, Policy::Fixed);
    schedule.anchor(at(100ns), false);
    schedule.planAfter(at(120ns));
    QCOMPARE(ns(schedule.plannedInstant()), 130);
    const Schedule::Slot slot = schedule.latestDue(at(130ns));
    QCOMPARE(slot.index, 3);
    QCOMPARE(slot.missed, 2);
}

void tst_Schedule::T9_delayWaitsForTheEnd()
{
    for (const bool anchorIsSlot : { false, true }) {
        Schedule schedule(10ns, Policy::Delay);
        schedule.anchor(at(100ns), anchorIsSlot);
        schedule.planAfter(at(103ns));
        QCOMPARE(ns(schedule.plannedInstant()), 113);
        const Schedule::Slot slot = schedule.latestDue(at(113ns));
        QCOMPARE(slot.index, 1);
        QCOMPARE(slot.missed, 0);
    }
}

void tst_Schedule::T9_slotZeroIsPassedOver()
{
    Schedule schedule(10ns, Policy::Fixed);
    schedule.anchor(at(100ns), true);
    schedule.planAfter(at(100ns)); // ends at the anchor itself: slot 0 is not strictly after
    QCOMPARE(ns(schedule.plannedInstant()), 110);
    const Schedule::Slot slot = schedule.latestDue(at(110ns));
    QCOMPARE(slot.index, 1);
    QCOMPARE(slot.missed, 1);
}

void tst_Schedule::T13_slotsRestartAtOne()
{
    Schedule schedule(10ns, Policy::Fixed);
    schedule.anchor(at(0ns), true);
    schedule.execute(schedule.latestDue(at(50ns)));

    schedule.setInterval(7ns);
    schedule.anchor(at(53ns), false);
    QCOMPARE(ns(schedule.anchorInstant()), 53);
    QCOMPARE(ns(schedule.plannedInstant()), 60);
    const Schedule::Slot slot = schedule.latestDue(at(60ns));
    QCOMPARE(slot.index, 1);
    QCOMPARE(slot.missed, 0);
}

// What the timer counts as missed when it leaves a schedule: what had come due, to the nanosecond.
void tst_Schedule::T13_slotsNotYetDueAreNotMissed()
{
    Schedule schedule(10ns, Policy::Fixed);
    schedule.anchor(at(0ns), false);
    QCOMPARE(schedule.unexecutedSlots(at(9ns)), 0);
    QCOMPARE(schedule.unexecutedSlots(at(10ns)), 1);
    QCOMPARE(schedule.unexecutedSlots(at(39ns)), 3);
    schedule.execute(schedule.latestDue(at(10ns)));
    QCOMPARE(schedule.unexecutedSlots(at(10ns)), 0);
    QCOMPARE(schedule.unexecutedSlots(at(39ns)), 2);

    schedule.anchor(at(100ns), true);
    QCOMPARE(schedule.unexecutedSlots(at(100ns)), 1); // slot 0
}

void tst_Schedule::T13_policyTakesEffectWithTheNextPlan()
{
    Schedule schedule(10ns, Policy::Fixed);
    schedule.anchor(at(0ns), false);
    schedule.execute(schedule.latestDue(at(10ns)));
    schedule.planAfter(at(10ns));

    // What is planned stays a Fixed slot, with Fixed's rule for a late wake-up.
    schedule.setPolicy(Policy::Delay);
    QCOMPARE(ns(schedule.plannedInstant()), 20);
    QCOMPARE(schedule.unexecutedSlots(at(45ns)), 3);
    const Schedule::Slot slot = schedule.latestDue(at(45ns));
    QCOMPARE(slot.index, 4);
    QCOMPARE(slot.missed, 2);
    schedule.execute(slot);

    schedule.planAfter(at(48ns));
    QCOMPARE(ns(schedule.plannedInstant()), 58);
    QCOMPARE(schedule.latestDue(at(99ns)).index, 5);
    schedule.execute(schedule.latestDue(at(58ns)));

    // Back to Fixed, the grid is that of the anchor again.
    schedule.setPolicy(Policy::Fixed);
    schedule.planAfter(at(72ns));
    QCOMPARE(ns(schedule.plannedInstant()), 80);
    QCOMPARE(schedule.latestDue(at(80ns)).index, 8);
    QCOMPARE(schedule.latestDue(at(80ns)).missed, 2);
}

QTEST_GUILESS_MAIN(tst_Schedule)
#include "tst_schedule.moc"
