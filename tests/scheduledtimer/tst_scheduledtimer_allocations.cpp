// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include <Tactus/manualclock.h>
#include <Tactus/scheduledtimer.h>

#include <QtCore/qeventloop.h>
#include <QtCore/qtimer.h>
#include <QtTest/qtest.h>

#include <cstdlib>
#include <new>

using namespace std::chrono_literals;
using namespace Tactus;
using Policy = ScheduledTimer::Policy;

namespace {

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

// A timer that ticks takes no memory from the heap.
class tst_ScheduledTimerAllocations : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void ticks_data();
    void ticks();
    void ticksOnTheSystemClock_data();
    void ticksOnTheSystemClock();
    void restartsAndOtherIntervals();
};

void tst_ScheduledTimerAllocations::initTestCase()
{
    const qint64 before = allocations;
    delete new QObject;
#ifndef __SANITIZE_THREAD__
    QVERIFY(allocations > before); // Qt's, too
#else
    QCOMPARE(allocations, before);
#endif
}

void tst_ScheduledTimerAllocations::ticks_data()
{
    QTest::addColumn<Policy>("policy");
    QTest::addColumn<Duration>("tolerance");
    QTest::newRow("Fixed") << Policy::Fixed << Duration(1ms);
    QTest::newRow("Fixed, no tolerance") << Policy::Fixed << Duration(0);
    QTest::newRow("Delay") << Policy::Delay << Duration(1ms);
    QTest::newRow("Delay, much tolerance") << Policy::Delay << Duration(5ms);
}

// With a slot for every signal, a callable, a timeout, and slots that are missed.
void tst_ScheduledTimerAllocations::ticks()
{
    QFETCH(const Policy, policy);
    ManualClock clock;
    ScheduledTimer timer(1s, policy);
    timer.setClock(&clock);
    timer.setCallbackTimeout(3s);
    qint64 told = 0;
    connect(&timer, &ScheduledTimer::tick, this, [&] { ++told; });
    connect(&timer, &ScheduledTimer::completed, this, [&] { ++told; });
    connect(&timer, &ScheduledTimer::ticksMissed, this, [&] { ++told; });
    connect(&timer, &ScheduledTimer::busyChanged, this, [&] { ++told; });
    connect(&timer, &ScheduledTimer::tickCountChanged, this, [&] { ++told; });
    timer.setCallback([&](const Tick &tick) {
        if (tick.index() % 10 == 0)
            clock.elapse(2500ms);
    });
    timer.start();
    clock.advance(1min);
    const qint64 before = allocations;
    clock.advance(1h);
    QCOMPARE(allocations - before, 0);
    QVERIFY(told > 5 * 2000);
}

void tst_ScheduledTimerAllocations::ticksOnTheSystemClock_data()
{
    ticks_data();
}

void tst_ScheduledTimerAllocations::ticksOnTheSystemClock()
{
#ifndef Q_OS_LINUX
    QSKIP("Qt's timers take memory each time they are started");
#endif
    QFETCH(const Policy, policy);
    QFETCH(const Duration, tolerance);
    constexpr int Warm = 10;
    constexpr int Counted = 30;
    ScheduledTimer timer(1ms, policy);
    timer.setTolerance(tolerance);
    QEventLoop loop;
    qint64 counted = -1;
    connect(&timer, &ScheduledTimer::tick, this, [&] {
        if (timer.tickCount() == Warm)
            counted = allocations;
        if (timer.tickCount() == Warm + Counted) {
            counted = allocations - counted;
            loop.quit();
        }
    });
    timer.setCallback([] {});
    QTimer tooLate;
    connect(&tooLate, &QTimer::timeout, &loop, &QEventLoop::quit);
    tooLate.start(30s);
    timer.start();
    loop.exec();
    QVERIFY(timer.tickCount() >= Warm + Counted);
    QCOMPARE(counted, 0);
}

void tst_ScheduledTimerAllocations::restartsAndOtherIntervals()
{
    ManualClock clock;
    ScheduledTimer timer(1s);
    timer.setClock(&clock);
    timer.start();
    timer.restart();
    const qint64 before = allocations;
    for (int i = 0; i < 100; ++i) {
        timer.restart();
        timer.setInterval(Duration(1s) + Duration(i));
    }
    QCOMPARE(allocations - before, 0);
}

QTEST_GUILESS_MAIN(tst_ScheduledTimerAllocations)
#include "tst_scheduledtimer_allocations.moc"
