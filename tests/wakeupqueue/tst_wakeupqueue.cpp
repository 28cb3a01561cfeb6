// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "alarm.h"
#include "instantmath_p.h"

#include <Tactus/manualclock.h>
#include <Tactus/scheduledtimer.h>

#include <QtCore/qabstracteventdispatcher.h>
#include <QtCore/qcoreapplication.h>
#include <QtCore/qdeadlinetimer.h>
#include <QtCore/qeventloop.h>
#include <QtCore/qpointer.h>
#include <QtCore/qregularexpression.h>
#include <QtCore/qsemaphore.h>
#include <QtCore/qthread.h>
#include <QtCore/qtimer.h>
#include <QtTest/qtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <limits>
#include <map>
#include <memory>
#include <new>
#include <random>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using namespace Tactus;
using Instant = Clock::Instant;

namespace {

// What this thread asks of the heap: C4 promises that arming and canceling asks for nothing.
thread_local qint64 allocations = 0;

} // namespace

#ifndef __SANITIZE_THREAD__ // whose model of Qt has a heap of its own; then nothing is counted
void *operator new(size_t size)
{
    ++allocations;
    if (void *const block = std::malloc(size))
        return block;
    throw std::bad_alloc();
}

void operator delete(void *block) noexcept
{
    std::free(block);
}

void operator delete(void *block, size_t) noexcept
{
    std::free(block);
}
#endif

namespace {

constexpr std::chrono::milliseconds Ceiling = 10s; // for what should come at once

Instant at(Duration sinceEpoch)
{
    return Instant(sinceEpoch);
}

qint64 ns(Instant instant)
{
    return instant.time_since_epoch().count();
}

// Runs the event loop until then, so that whatever came too early had its chance to.
bool systemTimePasses(Duration duration)
{
    Alarm alarm;
    alarm.armIn(Clock::system(), duration);
    return QTest::qWaitFor([&] { return alarm.count() > 0; }, static_cast<int>(Ceiling.count()));
}

// A clock whose platform timer always goes off too early.
class HalfSpeedClock final : public Clock
{
public:
    Instant now() const override
    {
        const Instant real = system()->now();
        return m_start + (real - m_start) / 2;
    }

private:
    const Instant m_start = system()->now();
};

// A clock that stands where it is put, as after a virtual machine was suspended.
class StandingClock final : public Clock
{
public:
    Instant now() const override { return Instant(Duration(m_now.load())); }
    void moveTo(Instant instant) { m_now = instant.time_since_epoch().count(); }

private:
    std::atomic<qint64> m_now = 0;
};

WakeUpQueue *queueOf(Clock *clock)
{
    return WakeUpQueue::forCurrentThread(clock);
}

} // namespace

class tst_WakeUpQueue : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();

    // The heap
    void C5_ordersByDueThenByArming();
    void C4_agreesWithAMultimap_data();
    void C4_agreesWithAMultimap();
    void C4_reArmingInHandlersAgreesWithAMultimap_data();
    void C4_reArmingInHandlersAgreesWithAMultimap();
    void C4_nextDueAfterSkipsWhatIsDue();
    void C4_millionRoundsHoldNoMemory();
    void C4_oneQueueForAThreadAndAClock();
    void C4_servingManyWithToleranceIsNotQuadratic();
    void destroyingAnArmedWakeUpCancelsIt();
    void destroyingTheClockDisarms();

    // Handlers
    void handlersCancelOthers();
    void handlersReArmThemselvesAndOthers();
    void handlersDestroyOthers();
    void handlersDestroyThemselves();
    void handlerIsNotArmedWhileItRuns();
    void nestedEventLoopServesTheOthers_data();
    void nestedEventLoopServesTheOthers();
    void nestedEventLoopServesTheHandlersOwnWakeUp_data();
    void nestedEventLoopServesTheHandlersOwnWakeUp();

    // Turns of the event loop
    void C7_reArmedForNowWaitsForTheNextPass();
    void C7_reArmedForThePastDoesNotOvertake();
    void C7_otherEventsGetTheirTurn();
    void C7_timersGetTheirTurn_data();
    void C7_timersGetTheirTurn();

    // The platform's timer
    void C2_neverBeforeDue_data();
    void C2_neverBeforeDue();
    void C2_halfSpeedClock();
    void C2_standingClock();
    void C2_toleranceCoalescesButNeverAdvances();
    void C2_toleranceDelaysNobodyElse();
    void C2_arrangedWithinTolerance_data();
    void C2_arrangedWithinTolerance();
    void C2_arrangedForTheFirstThatCanNotWait();
    void C2_dueAlreadyIsNotPutOff();
    void C2_wakeUpsFallWithTolerance();
    void C4_looksAtFewToDecideHowLongToSleep();
    void C4_servingAsksForNoMemory();
    void C2_earlierOneReplacesTheArrangement();
    void C2_canceledFirstLeavesTheOthers();
    void C3_longWaitsAreNotWrapped_data();
    void C3_longWaitsAreNotWrapped();
    void C3_neverIsNotArmed();

    // Threads
    void threadEndAbandons_data();
    void threadEndAbandons();
    void abandonedHandlersCancelAndDestroyOthers();
    void clockGoesInAHandler_data();
    void clockGoesInAHandler();
    void threadWithoutEventLoopGetsOneLater();
    void threadWithoutEventLoopAbandons();
    void armedWhenTheThreadHasFinished();
    void clockDestroyedWhileAThreadThatUsedItFinishes();
    void clockDestroyedWhileAnotherThreadsTimerRuns();
};

void tst_WakeUpQueue::init()
{
    QTest::failOnWarning(QRegularExpression(QStringLiteral(".*")));
}

void tst_WakeUpQueue::C5_ordersByDueThenByArming()
{
    ManualClock clock;
    QByteArray order;
    Alarm a([&] { order += 'a'; });
    Alarm b([&] { order += 'b'; });
    Alarm c([&] { order += 'c'; });
    Alarm d([&] { order += 'd'; });
    a.arm(&clock, at(20ns));
    b.arm(&clock, at(10ns));
    c.arm(&clock, at(20ns));
    d.arm(&clock, at(20ns));
    a.arm(&clock, at(20ns)); // armed again: behind the others now
    clock.advance(20ns);
    QCOMPARE(order, "bcda");
}

void tst_WakeUpQueue::C4_agreesWithAMultimap_data()
{
    QTest::addColumn<quint32>("seed");
    QTest::addColumn<size_t>("alarms");
    quint32 seed = 0;
    for (const size_t alarms : { 1U, 3U, 5U, 6U, 20U, 21U, 22U, 300U })
        QTest::addRow("%zu alarms", alarms) << ++seed << alarms;
}

// A multimap keeps what has equal keys in the order of insertion: due, then arming.
void tst_WakeUpQueue::C4_agreesWithAMultimap()
{
    QFETCH(quint32, seed);
    QFETCH(size_t, alarms);
    std::mt19937 random(seed);
    const auto pick = [&random](qint64 low, qint64 high) {
        return std::uniform_int_distribution<qint64>(low, high)(random);
    };

    ManualClock clock;
    std::vector<size_t> served;
    std::vector<std::unique_ptr<Alarm>> all;
    for (size_t i = 0; i < alarms; ++i)
        all.push_back(std::make_unique<Alarm>([&served, i] { served.push_back(i); }));
    std::multimap<Instant, size_t> model;
    const auto forget = [&model](size_t i) {
        std::erase_if(model, [i](const auto &entry) { return entry.second == i; });
    };

    for (int step = 0; step < 20'000; ++step) {
        const auto i = static_cast<size_t>(pick(0, static_cast<qint64>(alarms) - 1));
        const qint64 choice = pick(0, 9);
        if (choice < 6) {
            // Few different instants, so that many are equal; some lie in the past.
            const Instant due = clock.now() + Duration(pick(-3, 12));
            all[i]->arm(&clock, due);
            forget(i);
            model.emplace(due, i);
        } else if (choice < 8) {
            all[i]->cancel();
            forget(i);
        } else {
            const Duration forward(pick(0, 6));
            std::vector<size_t> expected;
            const Instant end = clock.now() + forward;
            while (!model.empty() && model.begin()->first <= end) {
                expected.push_back(model.begin()->second);
                model.erase(model.begin());
            }
            clock.advance(forward);
            QCOMPARE(served, expected);
            served.clear();
        }
        QCOMPARE(queueOf(&clock)->size(), static_cast<qsizetype>(model.size()));
        QCOMPARE(clock.pendingWakeUps(), static_cast<qsizetype>(model.size()));
        QCOMPARE(ns(queueOf(&clock)->nextDue()), ns(model.empty() ? Never : model.begin()->first));
        QCOMPARE(all[i]->isArmed(), std::any_of(model.begin(), model.end(), [i](const auto &entry) {
                     return entry.second == i;
                 }));
    }
}

void tst_WakeUpQueue::C4_reArmingInHandlersAgreesWithAMultimap_data()
{
    QTest::addColumn<quint32>("seed");
    for (quint32 seed = 1; seed <= 5; ++seed)
        QTest::addRow("seed %u", seed) << seed;
}

// Handlers arm and cancel at random, for now and for the past too. What they arm for a passed
// instant comes after all that is due already.
void tst_WakeUpQueue::C4_reArmingInHandlersAgreesWithAMultimap()
{
    QFETCH(quint32, seed);
    constexpr size_t Alarms = 40;
    std::mt19937 random(seed);
    const auto pick = [&random](qint64 low, qint64 high) {
        return std::uniform_int_distribution<qint64>(low, high)(random);
    };

    ManualClock clock;
    std::vector<std::unique_ptr<Alarm>> all;
    std::multimap<Instant, size_t> model;
    int servedOutOfOrder = 0;
    qint64 served = 0;
    const auto forget = [&model](size_t i) {
        std::erase_if(model, [i](const auto &entry) { return entry.second == i; });
    };
    const auto change = [&] {
        const auto i = static_cast<size_t>(pick(0, Alarms - 1));
        forget(i);
        if (pick(0, 3) == 0) {
            all[i]->cancel();
        } else {
            const Instant due = clock.now() + Duration(pick(-2, 20));
            all[i]->arm(&clock, due);
            model.emplace(std::max(due, clock.now()), i);
        }
    };
    for (size_t i = 0; i < Alarms; ++i) {
        all.push_back(std::make_unique<Alarm>([&, i] {
            ++served;
            // The model's first is this one, and now is its instant.
            if (model.empty() || model.begin()->second != i || model.begin()->first != clock.now())
                ++servedOutOfOrder;
            forget(i);
            // On the average one new one, so that it goes on.
            for (qint64 changes = pick(0, 2); changes > 0; --changes)
                change();
        }));
    }
    for (int step = 0; step < 4000; ++step) {
        change();
        clock.advance(Duration(pick(0, 5)));
        QCOMPARE(servedOutOfOrder, 0);
        QCOMPARE(clock.pendingWakeUps(), static_cast<qsizetype>(model.size()));
    }
    QVERIFY(served > 1000);
}

void tst_WakeUpQueue::C4_nextDueAfterSkipsWhatIsDue()
{
    ManualClock clock;
    Alarm a;
    Alarm b;
    Alarm c;
    QCOMPARE(ns(queueOf(&clock)->nextDue()), ns(Never));
    QCOMPARE(ns(queueOf(&clock)->nextDueAfter(at(0ns))), ns(Never));
    a.arm(&clock, at(10ns));
    b.arm(&clock, at(30ns));
    c.arm(&clock, at(20ns));
    QCOMPARE(ns(queueOf(&clock)->nextDueAfter(at(0ns))), 10);
    QCOMPARE(ns(queueOf(&clock)->nextDueAfter(at(10ns))), 20);
    QCOMPARE(ns(queueOf(&clock)->nextDueAfter(at(29ns))), 30);
    QCOMPARE(ns(queueOf(&clock)->nextDueAfter(at(30ns))), ns(Never));
}

void tst_WakeUpQueue::C4_millionRoundsHoldNoMemory()
{
    ManualClock manual;
    for (Clock *const clock : { Clock::system(), static_cast<Clock *>(&manual) }) {
        std::vector<std::unique_ptr<Alarm>> alarms;
        for (int i = 0; i < 100; ++i) {
            alarms.push_back(std::make_unique<Alarm>());
            alarms.back()->armIn(clock, 2h);
        }
        Alarm alarm;
        alarm.armIn(clock, 1h);
        const qint64 before = allocations;
        for (size_t round = 0; round < 1'000'000; ++round) {
            alarm.armIn(clock, 1h);
            alarm.cancel();
            alarms[round % alarms.size()]->armIn(clock, 1h);
        }
        QVERIFY2(allocations - before < 10, QByteArray::number(allocations - before).constData());
        QCOMPARE(queueOf(clock)->size(), 100);
    }
}

void tst_WakeUpQueue::C4_oneQueueForAThreadAndAClock()
{
    ManualClock one;
    ManualClock two;
    QVERIFY(!WakeUpQueue::existingForCurrentThread(&one));
    Alarm a;
    Alarm b;
    a.arm(&one, at(1h));
    WakeUpQueue *const queue = WakeUpQueue::existingForCurrentThread(&one);
    QVERIFY(queue);
    b.arm(&one, at(1h));
    QCOMPARE(queueOf(&one), queue);
    QCOMPARE(queue->size(), 2);
    QVERIFY(queueOf(&two) != queue);
    QCOMPARE(queueOf(&two), queueOf(&two));

    WakeUpQueue *others = queue;
    qsizetype othersSize = -1;
    std::thread thread([&] {
        Alarm c;
        c.arm(&one, at(1h));
        others = queueOf(&one);
        othersSize = others->size();
    });
    thread.join();
    QVERIFY(others != queue);
    QCOMPARE(othersSize, 1);
    QCOMPARE(queue->size(), 2);
}

// Looking at all the others each time one is served would take minutes for so many; all that is due
// is served in one pass, so whoever notices gives up for all.
void tst_WakeUpQueue::C4_servingManyWithToleranceIsNotQuadratic()
{
    constexpr size_t Count = 200'000;
    std::vector<std::unique_ptr<Alarm>> alarms;
    alarms.reserve(Count);
    size_t served = 0;
    const QDeadlineTimer generous(Ceiling);
    const Instant due = Clock::system()->now();
    for (size_t i = 0; i < Count; ++i) {
        alarms.push_back(std::make_unique<Alarm>([&] {
            ++served;
            if (generous.hasExpired()) {
                for (const std::unique_ptr<Alarm> &alarm : alarms)
                    alarm->cancel();
            }
        }));
        alarms.back()->arm(Clock::system(), due + Duration(i), 100ms);
    }
    QVERIFY(QTest::qWaitFor([&] { return queueOf(Clock::system())->size() == 0; }, 60'000));
    QCOMPARE(served, Count);
}

void tst_WakeUpQueue::destroyingAnArmedWakeUpCancelsIt()
{
    ManualClock clock;
    {
        Alarm alarm;
        alarm.arm(&clock, at(1ns));
        QCOMPARE(clock.pendingWakeUps(), 1);
    }
    QCOMPARE(clock.pendingWakeUps(), 0);
    clock.advance(1ns);
}

void tst_WakeUpQueue::destroyingTheClockDisarms()
{
    Alarm alarm;
    // The second clock is likely to get the address of the first one, but not its queue.
    for (int round = 0; round < 2; ++round) {
        auto clock = std::make_unique<ManualClock>();
        QVERIFY(!WakeUpQueue::existingForCurrentThread(clock.get()));
        alarm.arm(clock.get(), at(1ns));
        QVERIFY(alarm.isArmed());
        QCOMPARE(queueOf(clock.get())->size(), 1);
        clock.reset();
        QVERIFY(!alarm.isArmed());
    }
    QCOMPARE(alarm.count(), 0);
}

void tst_WakeUpQueue::handlersCancelOthers()
{
    ManualClock clock;
    Alarm sameInstant;
    Alarm later;
    Alarm first([&] {
        sameInstant.cancel();
        later.cancel();
    });
    first.arm(&clock, at(1ns));
    sameInstant.arm(&clock, at(1ns));
    later.arm(&clock, at(2ns));
    clock.advance(5ns);
    QCOMPARE(first.count(), 1);
    QCOMPARE(sameInstant.count(), 0);
    QCOMPARE(later.count(), 0);
    QCOMPARE(clock.pendingWakeUps(), 0);
}

void tst_WakeUpQueue::handlersReArmThemselvesAndOthers()
{
    ManualClock clock;
    std::vector<qint64> selfAt;
    Alarm other;
    Alarm self;
    self.onExpired([&] {
        selfAt.push_back(ns(clock.now()));
        self.armIn(&clock, 10ns);
        other.armIn(&clock, 15ns); // pushed off again and again
    });
    other.arm(&clock, at(11ns));
    self.arm(&clock, at(10ns));
    clock.advance(40ns);
    QCOMPARE(selfAt, (std::vector<qint64>{ 10, 20, 30, 40 }));
    QCOMPARE(other.count(), 0);
    self.cancel();
    clock.advance(15ns);
    QCOMPARE(other.count(), 1);
}

void tst_WakeUpQueue::handlersDestroyOthers()
{
    ManualClock clock;
    auto sameInstant = std::make_unique<Alarm>();
    auto later = std::make_unique<Alarm>();
    Alarm first([&] {
        sameInstant.reset();
        later.reset();
    });
    Alarm last;
    first.arm(&clock, at(1ns));
    sameInstant->arm(&clock, at(1ns));
    later->arm(&clock, at(2ns));
    last.arm(&clock, at(2ns));
    clock.advance(5ns);
    QVERIFY(!sameInstant);
    QCOMPARE(last.count(), 1);
    QCOMPARE(clock.pendingWakeUps(), 0);
}

void tst_WakeUpQueue::handlersDestroyThemselves()
{
    ManualClock clock;
    int calls = 0;
    std::unique_ptr<Alarm> self;
    self = std::make_unique<Alarm>([&] {
        ++calls;
        self->armIn(&clock, 1ns); // also while armed again
        self.reset();
    });
    Alarm other;
    self->arm(&clock, at(1ns));
    other.arm(&clock, at(1ns));
    clock.advance(5ns);
    QCOMPARE(calls, 1);
    QCOMPARE(other.count(), 1);
    QCOMPARE(clock.pendingWakeUps(), 0);
}

void tst_WakeUpQueue::handlerIsNotArmedWhileItRuns()
{
    ManualClock clock;
    bool armed = true;
    qsizetype pending = -1;
    Alarm alarm;
    alarm.onExpired([&] {
        armed = alarm.isArmed();
        pending = clock.pendingWakeUps();
        alarm.cancel(); // of what is not armed: nothing
    });
    alarm.arm(&clock, at(1ns));
    clock.advance(1ns);
    QVERIFY(!armed);
    QCOMPARE(pending, 0);
}

void tst_WakeUpQueue::nestedEventLoopServesTheOthers_data()
{
    QTest::addColumn<bool>("manual");
    QTest::newRow("system clock") << false;
    QTest::newRow("manual clock") << true;
}

// The first handler does not return before the others, due already and due later, had their turn.
void tst_WakeUpQueue::nestedEventLoopServesTheOthers()
{
    QFETCH(bool, manual);
    ManualClock manualClock;
    Clock *const clock = manual ? &manualClock : Clock::system();
    QByteArray order;
    QEventLoop loop;
    Alarm first([&] {
        order += '(';
        if (manual)
            manualClock.elapse(50ms); // for others to come due: nobody advances in here
        loop.exec();
        order += ')';
    });
    Alarm dueToo([&] { order += 'b'; });
    Alarm later([&] {
        order += 'c';
        loop.quit();
    });
    Alarm behind([&] { order += 'd'; });
    const Instant now = clock->now();
    first.arm(clock, now);
    dueToo.arm(clock, now);
    later.arm(clock, now + 30ms);
    QTRY_COMPARE_WITH_TIMEOUT(order, "(bc)", Ceiling.count());
    // The interrupted pass left the queue in order.
    behind.arm(clock, clock->now());
    QTRY_COMPARE_WITH_TIMEOUT(order, "(bc)d", Ceiling.count());
    QCOMPARE(first.count(), 1);
    QCOMPARE(dueToo.count(), 1);
}

void tst_WakeUpQueue::nestedEventLoopServesTheHandlersOwnWakeUp_data()
{
    nestedEventLoopServesTheOthers_data();
}

void tst_WakeUpQueue::nestedEventLoopServesTheHandlersOwnWakeUp()
{
    QFETCH(bool, manual);
    ManualClock manualClock;
    Clock *const clock = manual ? &manualClock : Clock::system();
    int depth = 0;
    int deepest = 0;
    QEventLoop loop;
    Alarm alarm;
    alarm.onExpired([&] {
        deepest = std::max(deepest, ++depth);
        if (depth == 1) {
            alarm.arm(clock, clock->now());
            loop.exec();
        } else {
            loop.quit();
        }
        --depth;
    });
    alarm.arm(clock, clock->now());
    QTRY_COMPARE_WITH_TIMEOUT(alarm.count(), 2, Ceiling.count());
    QCOMPARE(deepest, 2);
    QCOMPARE(depth, 0);
    QVERIFY(!alarm.isArmed());
}

void tst_WakeUpQueue::C7_reArmedForNowWaitsForTheNextPass()
{
    ManualClock manualClock;
    for (Clock *const clock : { Clock::system(), static_cast<Clock *>(&manualClock) }) {
        Alarm again;
        again.onExpired([&] { again.arm(clock, clock->now()); });
        again.arm(clock, clock->now());
        for (int pass = 1; pass <= 5; ++pass) {
            QVERIFY(queueOf(clock)->serve());
            QCOMPARE(again.count(), pass);
        }
        again.cancel();
        QVERIFY(!queueOf(clock)->serve());
    }
}

// Armed anew for an instant long gone, it may not keep those waiting that were due before.
void tst_WakeUpQueue::C7_reArmedForThePastDoesNotOvertake()
{
    ManualClock clock(at(1h));
    QByteArray order;
    Alarm again;
    Alarm other([&] { order += 'b'; });
    again.onExpired([&] {
        order += 'a';
        again.arm(&clock, Instant::min());
    });
    again.arm(&clock, at(1min));
    other.arm(&clock, at(1h));
    QVERIFY(queueOf(&clock)->serve());
    QCOMPARE(order, "ab");
    QVERIFY(queueOf(&clock)->serve());
    QCOMPARE(order, "aba");
}

void tst_WakeUpQueue::C7_otherEventsGetTheirTurn()
{
    Alarm busy;
    busy.onExpired([&] { busy.arm(Clock::system(), Clock::system()->now() + 1ns); });
    busy.armIn(Clock::system(), 1ns);

    int posted = 0;
    std::function<void()> postNext = [&] {
        if (++posted < 100)
            QMetaObject::invokeMethod(this, postNext, Qt::QueuedConnection);
    };
    postNext();
    QTimer timer;
    int timeouts = 0;
    connect(&timer, &QTimer::timeout, this, [&] { ++timeouts; });
    timer.start(0);
    Alarm other;
    other.armIn(Clock::system(), 5ms);

    QTRY_VERIFY_WITH_TIMEOUT(posted == 100 && timeouts >= 10 && other.count() == 1, Ceiling.count());
    const int before = busy.count();
    QTRY_VERIFY_WITH_TIMEOUT(busy.count() > before, Ceiling.count());
}

void tst_WakeUpQueue::C7_timersGetTheirTurn_data()
{
    QTest::addColumn<Duration>("delay");
    QTest::newRow("now") << Duration(0);
    QTest::newRow("1 ns") << Duration(1);
    QTest::newRow("10 us") << Duration(10us);
}

// In exec(), which treats timers and other sources of events differently, unlike processEvents().
void tst_WakeUpQueue::C7_timersGetTheirTurn()
{
    QFETCH(Duration, delay);
    const QDeadlineTimer generous(Ceiling);
    QEventLoop loop;
    Alarm busy;
    busy.onExpired([&] {
        if (generous.hasExpired())
            loop.quit(); // and no more of it: a queue that does not let go would be served for ever
        else
            busy.armIn(Clock::system(), delay);
    });
    busy.armIn(Clock::system(), delay);
    int timeouts = 0;
    QTimer timer;
    connect(&timer, &QTimer::timeout, this, [&] {
        if (++timeouts == 20)
            loop.quit();
    });
    timer.start(1);
    loop.exec();
    QCOMPARE(timeouts, 20);
    QVERIFY(busy.count() >= 10);
}

void tst_WakeUpQueue::C2_neverBeforeDue_data()
{
    QTest::addColumn<Duration>("wait");
    QTest::newRow("0 ns") << Duration(0);
    QTest::newRow("1 ns") << Duration(1);
    QTest::newRow("300 us") << Duration(300us);
    QTest::newRow("1 ms") << Duration(1ms);
    QTest::newRow("1 ms + 1 ns") << Duration(1ms + 1ns);
    QTest::newRow("17.3 ms") << Duration(17300us);
    QTest::newRow("999.9 ms") << Duration(999900us);
    QTest::newRow("in two stages") << Duration(1001ms);
}

void tst_WakeUpQueue::C2_neverBeforeDue()
{
    QFETCH(Duration, wait);
    Instant servedAt;
    Alarm alarm([&] { servedAt = Clock::system()->now(); });
    const Instant due = Clock::system()->now() + wait;
    alarm.arm(Clock::system(), due);
    QCOMPARE(alarm.count(), 0); // from the event loop, even if due already
    QTRY_COMPARE_WITH_TIMEOUT(alarm.count(), 1, Ceiling.count());
    QVERIFY(servedAt >= due);
    QVERIFY(!alarm.isArmed());
}

void tst_WakeUpQueue::C2_halfSpeedClock()
{
    HalfSpeedClock clock;
    Instant servedAt;
    Alarm alarm([&] { servedAt = clock.now(); });
    const Instant due = clock.now() + 40ms;
    alarm.arm(&clock, due);
    QTRY_COMPARE_WITH_TIMEOUT(alarm.count(), 1, Ceiling.count());
    QVERIFY(servedAt >= due);
}

void tst_WakeUpQueue::C2_standingClock()
{
    StandingClock clock;
    Alarm alarm;
    alarm.arm(&clock, at(10ms));
    QVERIFY(systemTimePasses(50ms));
    QCOMPARE(alarm.count(), 0);
    clock.moveTo(at(10ms - 1ns));
    QVERIFY(systemTimePasses(50ms));
    QCOMPARE(alarm.count(), 0);
    clock.moveTo(at(10ms));
    QTRY_COMPARE_WITH_TIMEOUT(alarm.count(), 1, Ceiling.count());
}

void tst_WakeUpQueue::C2_toleranceCoalescesButNeverAdvances()
{
    constexpr int Count = 5;
    int turns = 0; // of the event loop since the first was served
    int served = 0;
    int early = 0;
    std::vector<std::unique_ptr<Alarm>> alarms;
    const Instant start = Clock::system()->now();
    for (int i = 1; i <= Count; ++i) {
        const Instant due = start + 500ms + i * 10ms; // none is due before all are armed
        alarms.push_back(std::make_unique<Alarm>([&, due] {
            if (Clock::system()->now() < due)
                ++early;
            if (++served == 1) {
                QMetaObject::invokeMethod(
                        this, [&turns] { ++turns; }, Qt::QueuedConnection);
            }
        }));
        alarms.back()->arm(Clock::system(), due, 200ms);
    }
    QTRY_VERIFY_WITH_TIMEOUT(served > 0, Ceiling.count());
    QCOMPARE(served, Count);
    QCOMPARE(early, 0);
    QTRY_COMPARE_WITH_TIMEOUT(turns, 1, Ceiling.count());
}

// Those who tolerate much are served along with those who do not, who are served in time.
void tst_WakeUpQueue::C2_toleranceDelaysNobodyElse()
{
    Alarm patient;
    Alarm first;
    Alarm second;
    Alarm third;
    const Instant now = Clock::system()->now();
    patient.arm(Clock::system(), now + 1ms, 1h);
    first.arm(Clock::system(), now + 5ms, 1h);
    second.arm(Clock::system(), now + 40ms, 0ns);
    third.arm(Clock::system(), now + 30ms, 30min);
    QTRY_COMPARE_WITH_TIMEOUT(second.count(), 1, Ceiling.count());
    QCOMPARE(patient.count(), 1);
    QCOMPARE(first.count(), 1);
    QCOMPARE(third.count(), 1);
}

void tst_WakeUpQueue::C2_arrangedWithinTolerance_data()
{
    QTest::addColumn<Duration>("tolerance");
    QTest::newRow("0 ns") << Duration(0);
    QTest::newRow("1 ns") << Duration(1);
    QTest::newRow("200 us + 1 ns") << Duration(200us + 1ns);
    QTest::newRow("500 us") << Duration(500us);
    QTest::newRow("1 ms - 1 ns") << Duration(1ms - 1ns);
    QTest::newRow("1 ms") << Duration(1ms);
    QTest::newRow("1 ms + 1 ns") << Duration(1ms + 1ns);
    QTest::newRow("7 ms") << Duration(7ms);
    QTest::newRow("1 h") << Duration(1h);
    QTest::newRow("for ever") << Duration::max();
}

void tst_WakeUpQueue::C2_arrangedWithinTolerance()
{
    QFETCH(Duration, tolerance);
    std::mt19937_64 random(1);
    StandingClock clock;
    clock.moveTo(at(1h));
    for (int i = 0; i < 1000; ++i) {
        const Instant due = at(1h + Duration(1 + static_cast<qint64>(random() % 100'000'000)));
        StandingClock own;
        own.moveTo(at(1h));
        Alarm alarm;
        alarm.arm(&own, due, tolerance);
        const Instant arranged = queueOf(&own)->arrangedInstant();
        QVERIFY(arranged >= due);
        QVERIFY(arranged <= saturatedAdd(due, tolerance));
        // What is beyond the platform's own grain is used in full.
        QVERIFY(arranged >= saturatedAdd(due, tolerance - 1ms));
    }
}

// Among some that can wait, and come first.
void tst_WakeUpQueue::C2_arrangedForTheFirstThatCanNotWait()
{
    std::mt19937_64 random(2);
    const auto pick = [&random](Duration limit) {
        return Duration(static_cast<qint64>(random() % static_cast<quint64>(limit.count())));
    };
    for (int round = 0; round < 200; ++round) {
        StandingClock clock;
        std::vector<std::unique_ptr<Alarm>> alarms;
        Instant atLatest = Never;
        Instant atEarliest = Never;
        for (int i = 0; i < 60; ++i) {
            const Instant due = at(1ms + pick(1s));
            const Duration tolerance = pick(round % 2 ? Duration(1s) : Duration(10ms));
            alarms.push_back(std::make_unique<Alarm>());
            alarms.back()->arm(&clock, due, tolerance);
            atLatest = std::min(atLatest, due + tolerance);
            atEarliest = std::min(atEarliest, std::max(due, due + tolerance - 1ms));
        }
        WakeUpQueue *const queue = queueOf(&clock);
        for (int pass = 0; pass < 2; ++pass) {
            QVERIFY(queue->arrangedInstant() <= atLatest);
            QVERIFY(queue->arrangedInstant() >= atEarliest);
            QVERIFY(!queue->serve()); // nothing is due yet; it is arranged from the start
        }
    }
}

void tst_WakeUpQueue::C2_dueAlreadyIsNotPutOff()
{
    StandingClock clock;
    clock.moveTo(at(1h));
    Alarm waiting;
    waiting.arm(&clock, at(2h), 1ms);
    for (const Instant due : { at(1h), at(1h - 1ns), Instant::min() }) {
        Alarm alarm;
        alarm.arm(&clock, due, 1min);
        QCOMPARE(ns(queueOf(&clock)->arrangedInstant()), ns(due));
    }
}

// An idle machine, simulated: the clock jumps to each instant that was arranged.
void tst_WakeUpQueue::C2_wakeUpsFallWithTolerance()
{
    constexpr size_t Timers = 50;
    constexpr Duration End = 20s;
    int previous = std::numeric_limits<int>::max();
    for (const Duration tolerance : { 0ms, 1ms, 2ms, 10ms, 50ms, 200ms }) {
        StandingClock clock;
        std::mt19937 random(3);
        std::vector<std::unique_ptr<ScheduledTimer>> timers;
        int outsideTolerance = 0;
        int offTheGrid = 0;
        for (size_t i = 0; i < Timers; ++i) {
            const Duration interval(
                    std::uniform_int_distribution<qint64>(300'000'000, 900'000'000)(random));
            timers.push_back(std::make_unique<ScheduledTimer>(interval));
            ScheduledTimer *const timer = timers.back().get();
            timer->setClock(&clock);
            timer->setTolerance(tolerance);
            connect(timer, &ScheduledTimer::tick, this, [&, timer, interval](const Tick &tick) {
                if (tick.lateness() < 0ns || tick.lateness() > tolerance)
                    ++outsideTolerance;
                if (tick.due() != tick.index() * interval || timer->missedCount() != 0)
                    ++offTheGrid;
            });
            timer->start();
        }
        int wakeUps = 0;
        WakeUpQueue *const queue = queueOf(&clock);
        for (; clock.now() < at(End); ++wakeUps) {
            clock.moveTo(queue->arrangedInstant());
            QVERIFY(queue->serve()); // none for nothing
        }
        QCOMPARE(outsideTolerance, 0);
        QCOMPARE(offTheGrid, 0);
        // A millisecond may be the platform's own.
        if (tolerance > 1ms) {
            QVERIFY(wakeUps < previous);
            QVERIFY(wakeUps <= End / (tolerance - 1ms) + 1);
        }
        previous = wakeUps;
    }
}

// It does not look at all that could wait to find the one that can not, which would be linear: it is
// enough to wake up with many.
void tst_WakeUpQueue::C4_looksAtFewToDecideHowLongToSleep()
{
    constexpr int Patient = 10'000;
    StandingClock clock;
    std::vector<std::unique_ptr<Alarm>> patient;
    for (int i = 0; i < Patient; ++i) {
        patient.push_back(std::make_unique<Alarm>());
        patient.back()->arm(&clock, at(1h + Duration(i)), 24h);
    }
    Alarm impatient;
    impatient.arm(&clock, at(2h));
    WakeUpQueue *const queue = queueOf(&clock);
    QVERIFY(!queue->serve());
    const auto served = queue->arrangedInstant() - at(1h);
    QVERIFY(served >= 50ns);
    QVERIFY(served <= 1000ns);
    // With few it is worth the while.
    while (patient.size() > 20)
        patient.pop_back();
    QVERIFY(!queue->serve());
    QCOMPARE(ns(queue->arrangedInstant()), ns(at(2h)));
}

void tst_WakeUpQueue::C4_servingAsksForNoMemory()
{
#ifndef Q_OS_LINUX
    QSKIP("Qt's timers take memory each time they are started");
#endif
    if (qEnvironmentVariableIsSet("TACTUS_NO_TIMERFD"))
        QSKIP("Qt's timers take memory each time they are started");
    QEventLoop loop;
    std::vector<std::unique_ptr<Alarm>> alarms;
    for (int i = 1; i <= 20; ++i) {
        alarms.push_back(std::make_unique<Alarm>());
        Alarm *const alarm = alarms.back().get();
        alarm->onExpired([alarm, i] { alarm->armIn(Clock::system(), i * 50us, i % 2 * 1ms); });
        alarm->armIn(Clock::system(), 1ms);
    }
    qint64 before = 0;
    Alarm start([&] { before = allocations; });
    Alarm end([&] {
        before = allocations - before;
        loop.quit();
    });
    start.armIn(Clock::system(), 20ms);
    end.armIn(Clock::system(), 60ms);
    loop.exec();
    QCOMPARE(before, 0);
}

void tst_WakeUpQueue::C2_earlierOneReplacesTheArrangement()
{
    Alarm late;
    Alarm early;
    late.armIn(Clock::system(), 1h);
    early.armIn(Clock::system(), 10ms);
    QTRY_COMPARE_WITH_TIMEOUT(early.count(), 1, Ceiling.count());
    QCOMPARE(late.count(), 0);
    // And after it was served, the next one counts.
    late.armIn(Clock::system(), 10ms);
    QTRY_COMPARE_WITH_TIMEOUT(late.count(), 1, Ceiling.count());
}

// The platform timer stays armed for what was canceled; those behind it are not forgotten.
void tst_WakeUpQueue::C2_canceledFirstLeavesTheOthers()
{
    Alarm canceled;
    Alarm other;
    canceled.armIn(Clock::system(), 5ms);
    other.armIn(Clock::system(), 30ms);
    canceled.cancel();
    QTRY_COMPARE_WITH_TIMEOUT(other.count(), 1, Ceiling.count());
    QCOMPARE(canceled.count(), 0);
    // Also if it goes off for nothing, and only then something is armed.
    canceled.armIn(Clock::system(), 5ms);
    canceled.cancel();
    QVERIFY(systemTimePasses(30ms));
    other.armIn(Clock::system(), 5ms);
    QTRY_COMPARE_WITH_TIMEOUT(other.count(), 2, Ceiling.count());
}

void tst_WakeUpQueue::C3_longWaitsAreNotWrapped_data()
{
    using std::chrono::milliseconds;
    QTest::addColumn<Duration>("wait");
    QTest::newRow("2^31 - 1 ms") << Duration(milliseconds(0x7fffffffLL));
    QTest::newRow("2^31 ms") << Duration(milliseconds(0x80000000LL));
    QTest::newRow("2^31 ms and what is taken off")
            << Duration(milliseconds(0x80000000LL) * 1000 / 995);
    QTest::newRow("2^32 + 5 ms") << Duration(milliseconds(0x100000005LL));
    QTest::newRow("2^33 + 1 ms") << Duration(milliseconds(0x200000001LL));
    QTest::newRow("100 years") << Duration(24h * 36525);
    QTest::newRow("just before never") << Duration(Never - Clock::system()->now() - 1ms);
    QTest::newRow("1 ns before never") << Duration::max(); // clipped below
}

void tst_WakeUpQueue::C3_longWaitsAreNotWrapped()
{
    QFETCH(Duration, wait);
    const Instant now = Clock::system()->now();
    Alarm alarm;
    alarm.arm(Clock::system(), std::min(saturatedAdd(now, wait), Never - 1ns));
    QVERIFY(alarm.isArmed());
    // With a tolerance that overflows, too.
    Alarm tolerant;
    tolerant.arm(Clock::system(), now + 24h * 365, Duration::max());
    QVERIFY(systemTimePasses(20ms));
    QCOMPARE(alarm.count(), 0);
    QVERIFY(alarm.isArmed());
    QCOMPARE(tolerant.count(), 0);
    // What is far away does not stand in the way of what is near.
    alarm.armIn(Clock::system(), 1ms);
    QTRY_COMPARE_WITH_TIMEOUT(alarm.count(), 1, Ceiling.count());
}

void tst_WakeUpQueue::C3_neverIsNotArmed()
{
    ManualClock clock;
    Alarm alarm;
    alarm.arm(&clock, Never);
    QVERIFY(!alarm.isArmed());
    QCOMPARE(clock.pendingWakeUps(), 0);
    alarm.arm(&clock, at(1h));
    QVERIFY(alarm.isArmed());
    alarm.arm(&clock, Never);
    QVERIFY(!alarm.isArmed());
    clock.advanceTo(Instant::max());
    QCOMPARE(alarm.count(), 0);
}

void tst_WakeUpQueue::threadEndAbandons_data()
{
    nestedEventLoopServesTheOthers_data();
}

void tst_WakeUpQueue::threadEndAbandons()
{
    QFETCH(bool, manual);
    ManualClock manualClock;
    Clock *const clock = manual ? &manualClock : Clock::system();
    QThread thread;
    QThread *abandonedIn = nullptr;
    bool armedThen = true;
    std::unique_ptr<Alarm> alarm;
    alarm = std::make_unique<Alarm>(Alarm::Handler(), [&] {
        abandonedIn = QThread::currentThread();
        armedThen = alarm->isArmed();
    });
    QObject worker;
    worker.moveToThread(&thread);
    thread.start();
    QMetaObject::invokeMethod(
            &worker, [&] { alarm->armIn(clock, 1h); }, Qt::BlockingQueuedConnection);
    QCOMPARE(manualClock.pendingWakeUps(), manual ? 1 : 0);
    thread.quit();
    QVERIFY(thread.wait());
    QCOMPARE(abandonedIn, &thread);
    QVERIFY(!armedThen);
    QCOMPARE(alarm->count(), 0);
    QCOMPARE(manualClock.pendingWakeUps(), 0);
    // The queue is gone: time that moves finds nobody.
    manualClock.advance(2h);
    QCOMPARE(alarm->count(), 0);
}

void tst_WakeUpQueue::clockGoesInAHandler_data()
{
    QTest::addColumn<bool>("isManual");
    QTest::addColumn<bool>("inNestedLoop");
    QTest::addColumn<bool>("inAnotherThread");
    QTest::newRow("virtual time") << true << false << false;
    QTest::newRow("real time") << false << false << false;
    QTest::newRow("virtual time, nested event loop") << true << true << false;
    QTest::newRow("real time, nested event loop") << false << true << false;
    QTest::newRow("virtual time, by another thread") << true << false << true;
    QTest::newRow("real time, by another thread") << false << false << true;
}

// With the last object that ran on it, while the event loop serves the queue.
void tst_WakeUpQueue::clockGoesInAHandler()
{
    QFETCH(const bool, isManual);
    QFETCH(const bool, inNestedLoop);
    QFETCH(const bool, inAnotherThread);
    std::unique_ptr<Clock> clock;
    if (isManual)
        clock = std::make_unique<ManualClock>();
    else
        clock = std::make_unique<StandingClock>();
    auto first = std::make_unique<Alarm>();
    auto second = std::make_unique<Alarm>();
    const QPointer<QObject> queue = queueOf(clock.get());
    bool isGone = false;
    const auto go = [&] {
        first.reset();
        second.reset();
        if (inAnotherThread)
            std::thread([&clock] { clock.reset(); }).join();
        else
            clock.reset();
        isGone = true;
        QCoreApplication::sendPostedEvents(nullptr,
                                           QEvent::DeferredDelete); // as QTest::qWait() does
        QCoreApplication::processEvents();
        QVERIFY(queue); // it is at work
    };
    int turns = 0;
    first->onExpired([&] {
        QEventLoop loop;
        if (inNestedLoop)
            second->onExpired(go);
        else
            go();
        while (!isGone)
            loop.processEvents();
        // A source that stayed ready would make every one of these come at once.
        QTimer::singleShot(20ms, &loop, &QEventLoop::quit);
        const auto connection = connect(QAbstractEventDispatcher::instance(),
                                        &QAbstractEventDispatcher::awake, this, [&] { ++turns; });
        loop.exec();
        disconnect(connection);
    });
    first->armIn(clock.get(), 0ns);
    second->armIn(clock.get(), 0ns);
    QTRY_VERIFY_WITH_TIMEOUT(isGone, 5000);
    QTRY_VERIFY_WITH_TIMEOUT(!queue, 5000);
    QVERIFY2(turns < 50, QByteArray::number(turns).constData());
}

void tst_WakeUpQueue::abandonedHandlersCancelAndDestroyOthers()
{
    ManualClock clock;
    int abandoned = 0;
    std::vector<std::unique_ptr<Alarm>> alarms(4);
    const auto handler = [&] {
        // Only the first one finds the others.
        ++abandoned;
        alarms[1]->cancel();
        alarms[2].reset();
        alarms[3]->arm(&clock, Never);
    };
    for (std::unique_ptr<Alarm> &alarm : alarms)
        alarm = std::make_unique<Alarm>(Alarm::Handler(), handler);
    std::unique_ptr<QThread> thread(QThread::create([&] {
        Duration due = 1h;
        for (const std::unique_ptr<Alarm> &alarm : alarms)
            alarm->arm(&clock, at(due += 1h));
    }));
    thread->start();
    QVERIFY(thread->wait());
    QCOMPARE(abandoned, 1);
    QCOMPARE(clock.pendingWakeUps(), 0);
}

void tst_WakeUpQueue::threadWithoutEventLoopGetsOneLater()
{
    int early = 0;
    int count = 0;
    std::thread thread([&] {
        // Armed before Qt has an event dispatcher for this thread.
        QEventLoop *running = nullptr;
        const Instant due = Clock::system()->now() + 20ms;
        Alarm first([&] { early += Clock::system()->now() < due ? 1 : 0; });
        Alarm second([&] { running->quit(); });
        first.arm(Clock::system(), due);
        second.arm(Clock::system(), due + 20ms);
        QEventLoop loop;
        running = &loop;
        loop.exec();
        count = first.count() + second.count();
    });
    thread.join();
    QCOMPARE(early, 0);
    QCOMPARE(count, 2);
}

void tst_WakeUpQueue::threadWithoutEventLoopAbandons()
{
    std::atomic<int> abandoned = 0;
    std::atomic<bool> inThread = false;
    Alarm system({}, [&] { ++abandoned; });
    Alarm manual({}, [&] { ++abandoned; });
    ManualClock clock;
    std::thread thread([&, main = QThread::currentThread()] {
        system.armIn(Clock::system(), 1h);
        manual.arm(&clock, at(1h));
        inThread = QThread::currentThread() != main;
    });
    thread.join();
    QVERIFY(inThread);
    QCOMPARE(abandoned.load(), 2);
    QVERIFY(!system.isArmed());
    QVERIFY(!manual.isArmed());
    QCOMPARE(clock.pendingWakeUps(), 0);
}

void tst_WakeUpQueue::clockDestroyedWhileAThreadThatUsedItFinishes()
{
    for (int round = 0; round < 300; ++round) {
        auto clock = std::make_unique<ManualClock>();
        std::atomic<bool> finishes = false;
        QThread thread;
        QObject there;
        there.moveToThread(&thread);
        connect(
                &thread, &QThread::finished, &thread, [&finishes] { finishes = true; },
                Qt::DirectConnection);
        thread.start();
        const auto use = [&clock] { Alarm().arm(clock.get(), at(1h)); };
        QMetaObject::invokeMethod(&there, use, Qt::BlockingQueuedConnection);
        thread.quit();
        while (!finishes)
            std::this_thread::yield();
        for (int delay = 0; delay < round; ++delay)
            static_cast<void>(finishes.load());
        clock.reset();
        thread.wait();
    }
}

// By a thread_local object, in its destructor: there will be no event loop.
void tst_WakeUpQueue::armedWhenTheThreadHasFinished()
{
    static std::atomic<int> armed;
    static std::atomic<int> destroyed;
    armed = destroyed = 0;
    struct Late
    {
        void touch() const {}
        ~Late()
        {
            Alarm alarm;
            alarm.armIn(Clock::system(), 1h);
            armed += alarm.isArmed() ? 1 : 0;
            ++destroyed;
        }
    };
    class Thread final : public QThread
    {
        void run() override
        {
            static thread_local const Late late;
            late.touch();
        }
    };
    Thread thread;
    thread.start();
    thread.wait();
    QTRY_COMPARE_WITH_TIMEOUT(destroyed.load(), 1, 5000); // after wait(), maybe
    QCOMPARE(armed.load(), 0);
}

// Nothing runs on the clock any more when it is destroyed, but the thread's platform timer is still
// on its way for a wake-up that was canceled.
void tst_WakeUpQueue::clockDestroyedWhileAnotherThreadsTimerRuns()
{
    class MortalClock final : public Clock
    {
    public:
        explicit MortalClock(std::atomic<int> *afterDeath)
            : m_afterDeath(afterDeath)
        {
        }
        Instant now() const override
        {
            if (m_dead)
                ++*m_afterDeath;
            return system()->now();
        }
        void die() { m_dead = true; }

    private:
        std::atomic<int> *const m_afterDeath;
        std::atomic<bool> m_dead = false;
    };

    std::atomic<int> afterDeath = 0;
    auto clock = std::make_unique<MortalClock>(&afterDeath);
    QThread thread;
    QObject worker;
    worker.moveToThread(&thread);
    thread.start();
    QSemaphore canceled;
    QSemaphore destroyed;
    QMetaObject::invokeMethod(
            &worker,
            [&] {
                Alarm alarm;
                alarm.armIn(clock.get(), 5ms);
                alarm.cancel();
                canceled.release();
                destroyed.acquire();
                // Until the platform timer is overdue.
                const QDeadlineTimer overdue(20, Qt::PreciseTimer);
                while (!overdue.hasExpired())
                    QThread::yieldCurrentThread();
            },
            Qt::QueuedConnection);
    canceled.acquire();
    clock->die();
    clock.reset();
    destroyed.release();
    // Comes after the timer: one more trip through the other event loop.
    QMetaObject::invokeMethod(
            &worker, [] {}, Qt::BlockingQueuedConnection);
    thread.quit();
    QVERIFY(thread.wait());
    QCOMPARE(afterDeath.load(), 0);
}

QTEST_GUILESS_MAIN(tst_WakeUpQueue)
#include "tst_wakeupqueue.moc"
