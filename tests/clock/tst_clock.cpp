// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include <Tactus/clock.h>
#include <Tactus/manualclock.h>

#include <QtCore/qdeadlinetimer.h>
#include <QtCore/qregularexpression.h>
#include <QtCore/qscopeguard.h>
#include <QtTest/qtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <type_traits>
#include <vector>

using namespace std::chrono_literals;
using namespace Tactus;
using Instant = Clock::Instant;

// What chrono's own templates ask of a clock, as far as types can tell.
static_assert(std::is_same_v<Duration, std::chrono::nanoseconds>);
static_assert(std::is_same_v<Clock::duration, Duration>);
static_assert(std::is_same_v<Clock::rep, Duration::rep> && sizeof(Clock::rep) == 8);
static_assert(std::is_same_v<Clock::period, std::nano>);
static_assert(std::is_same_v<Clock::time_point, Instant>);
static_assert(std::is_same_v<Instant::clock, Clock>);
static_assert(Clock::is_steady);
static_assert(
        !std::is_copy_constructible_v<ManualClock> && !std::is_move_constructible_v<ManualClock>);
static_assert(std::has_virtual_destructor_v<Clock>);
static_assert(!std::is_convertible_v<Instant, ManualClock>, "a start has to be said explicitly");
// An instant is not one of another clock, nor a number.
static_assert(!std::is_convertible_v<std::chrono::steady_clock::time_point, Instant>);
static_assert(!std::is_convertible_v<Duration, Instant>);

class tst_Clock : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();

    void C1_neverGoesBack();
    void C1_neverGoesBackAcrossThreads();
    void C1_systemClockReadsTheDeadlineTimer();
    void C1_systemClockIsTheSteadyClock();
    void C1_manualClockNeverGoesBack();
    void systemClockIsOneObject();

    void C6_defaultIsTheSystemClock();
    void C6_setDefault();
    void C6_nullptrMeansTheSystemClock();
    void C6_defaultIsTheSameInEveryThread();

    void chronoInterface();
    void clocksOfOnesOwn();
};

void tst_Clock::init()
{
    QTest::failOnWarning(QRegularExpression(QStringLiteral(".*")));
}

void tst_Clock::C1_neverGoesBack()
{
    Instant before = Clock::system()->now();
    for (int i = 0; i < 100'000; ++i) {
        const Instant now = Clock::system()->now();
        QVERIFY(now >= before);
        before = now;
    }
}

// What one thread has read another one does not undercut.
void tst_Clock::C1_neverGoesBackAcrossThreads()
{
    std::atomic<qint64> latest = Clock::system()->now().time_since_epoch().count();
    std::atomic<int> wentBack = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int reading = 0; reading < 20'000; ++reading) {
                const qint64 before = latest.load();
                const qint64 now = Clock::system()->now().time_since_epoch().count();
                if (now < before)
                    ++wentBack;
                latest.store(now);
            }
        });
    }
    for (std::thread &thread : threads)
        thread.join();
    QCOMPARE(wentBack.load(), 0);
}

void tst_Clock::C1_systemClockReadsTheDeadlineTimer()
{
    for (int i = 0; i < 100; ++i) {
        const qint64 before = QDeadlineTimer::current(Qt::PreciseTimer).deadlineNSecs();
        const qint64 now = Clock::system()->now().time_since_epoch().count();
        const qint64 after = QDeadlineTimer::current(Qt::PreciseTimer).deadlineNSecs();
        QVERIFY(before <= now);
        QVERIFY(now <= after);
    }
}

void tst_Clock::C1_systemClockIsTheSteadyClock()
{
#ifndef Q_OS_LINUX
    QSKIP("QDeadlineTimer is the steady clock on Linux; elsewhere nobody says so");
#endif
    for (int i = 0; i < 100; ++i) {
        const Duration before = std::chrono::steady_clock::now().time_since_epoch();
        const Duration now = Clock::system()->now().time_since_epoch();
        const Duration after = std::chrono::steady_clock::now().time_since_epoch();
        QVERIFY(before <= now);
        QVERIFY(now <= after);
    }
}

void tst_Clock::C1_manualClockNeverGoesBack()
{
    ManualClock clock(Instant(5s));
    QCOMPARE(clock.now(), Instant(5s));
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("-1000000000 ns")));
    clock.advance(-1s);
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("4000000000 ns")));
    clock.advanceTo(Instant(4s));
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("-1 ns")));
    clock.elapse(-1ns);
    QCOMPARE(clock.now(), Instant(5s));
}

void tst_Clock::systemClockIsOneObject()
{
    QVERIFY(Clock::system());
    QCOMPARE(Clock::system(), Clock::system());
    Clock *inThread = nullptr;
    std::thread thread([&] { inThread = Clock::system(); });
    thread.join();
    QCOMPARE(inThread, Clock::system());
}

void tst_Clock::C6_defaultIsTheSystemClock()
{
    QCOMPARE(Clock::defaultClock(), Clock::system());
}

void tst_Clock::C6_setDefault()
{
    const auto restore = qScopeGuard([] { Clock::setDefault(nullptr); });
    ManualClock one;
    ManualClock two;
    Clock::setDefault(&one);
    QCOMPARE(Clock::defaultClock(), &one);
    QVERIFY(Clock::system() != &one);
    Clock::setDefault(&two);
    QCOMPARE(Clock::defaultClock(), &two);
    Clock::setDefault(Clock::system());
    QCOMPARE(Clock::defaultClock(), Clock::system());
}

void tst_Clock::C6_nullptrMeansTheSystemClock()
{
    const auto restore = qScopeGuard([] { Clock::setDefault(nullptr); });
    ManualClock clock;
    Clock::setDefault(&clock);
    Clock::setDefault(nullptr);
    QCOMPARE(Clock::defaultClock(), Clock::system());
}

void tst_Clock::C6_defaultIsTheSameInEveryThread()
{
    const auto restore = qScopeGuard([] { Clock::setDefault(nullptr); });
    ManualClock clock;
    Clock::setDefault(&clock);
    Clock *inThread = nullptr;
    std::thread thread([&] {
        inThread = Clock::defaultClock();
        Clock::setDefault(nullptr);
    });
    thread.join();
    QCOMPARE(inThread, &clock);
    QCOMPARE(Clock::defaultClock(), Clock::system());
}

void tst_Clock::chronoInterface()
{
    using std::chrono::milliseconds;
    using std::chrono::time_point_cast;

    ManualClock clock(Instant(1'999'999ns));
    const Instant now = clock.now();
    QCOMPARE(time_point_cast<milliseconds>(now).time_since_epoch(), 1ms);
    QCOMPARE(std::chrono::floor<milliseconds>(Instant(-1ns)).time_since_epoch(), -1ms);
    QCOMPARE(std::chrono::ceil<milliseconds>(now).time_since_epoch(), 2ms);

    // Coarser instants convert by themselves, and mix with the clock's own.
    const std::chrono::time_point<Clock, std::chrono::seconds> coarse(3s);
    const Instant fine = coarse;
    QCOMPARE(fine, Instant(3'000'000'000ns));
    QVERIFY(coarse > now);
    QCOMPARE(coarse - now, 2'998'000'001ns);
    clock.advanceTo(coarse);
    QCOMPARE(clock.now(), fine);
    clock.advance(1h + 1min);
    QCOMPARE(clock.now() - fine, 3'660s);
    QCOMPARE(Instant::min().time_since_epoch(), Duration::min());
    QCOMPARE(Instant::max().time_since_epoch(), Duration::max());
}

void tst_Clock::clocksOfOnesOwn()
{
    class Constant final : public Clock
    {
    public:
        Instant now() const override { return Instant(42ns); }
    };
    const auto restore = qScopeGuard([] { Clock::setDefault(nullptr); });
    Constant clock;
    Clock::setDefault(&clock);
    QCOMPARE(Clock::defaultClock()->now(), Instant(42ns));
}

QTEST_GUILESS_MAIN(tst_Clock)
#include "tst_clock.moc"
