// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// The two classes on the real clock. A loaded machine may be late by any time, so that only lower
// bounds are asserted, in nanoseconds, and every wait has a generous limit. What happens when, in
// full, is tested on virtual time.

#include <Tactus/scheduledtimer.h>
#include <Tactus/serialratelimiter.h>

#include <QtCore/qpromise.h>
#include <QtCore/qregularexpression.h>
#include <QtCore/qthread.h>
#include <QtCore/qtimer.h>
#include <QtTest/qtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <vector>

using namespace std::chrono_literals;
using namespace Tactus;
using Instant = Clock::Instant;
using Policy = ScheduledTimer::Policy;

namespace {

constexpr int Patience = 30'000; // milliseconds

Instant now()
{
    return Clock::system()->now();
}

// Work that ends by itself after some real time, and says so right before.
QFuture<void> workFor(std::chrono::milliseconds duration, std::function<void()> ends)
{
    auto promise = std::make_shared<QPromise<void>>();
    promise->start();
    const QFuture<void> future = promise->future();
    QTimer::singleShot(duration, Qt::PreciseTimer, [promise, ends = std::move(ends)] {
        ends();
        promise->finish();
    });
    return future;
}

struct Execution
{
    Instant start;
    Instant end;
};

} // namespace

class tst_SystemClock : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();

    void C2_fixedTicksAreNeverEarly_data();
    void C2_fixedTicksAreNeverEarly();
    void C2_manyTimersAreNeverEarly();
    void C7_oneNanosecondDoesNotFreezeTheEventLoop_data();
    void C7_oneNanosecondDoesNotFreezeTheEventLoop();
    void T3_dueInstantsStayOnTheGrid();
    void T4_delaySpacing();
    void T4_delaySpacingOfAsynchronousCallbacks();
    void T5_overrunNeitherBurstsNorLosesCount();
    void T6_stoppedTimerStaysStopped();
    void T15_movedTimerIsNeverEarly();
    void T16_timeoutIsNeverEarly();

    void L3_windowHoldsOnRealTime();
    void L3_everyWindowHoldsWithAsynchronousTasks();
    void L8_noTaskRunsInsidePush();
    void L12_holdIsNeverShort();
    void L19_taskTimeoutIsNeverEarly();
};

void tst_SystemClock::init()
{
    QTest::failOnWarning(QRegularExpression(QStringLiteral(".*")));
}

void tst_SystemClock::C2_fixedTicksAreNeverEarly_data()
{
    QTest::addColumn<qint64>("interval");
    QTest::addColumn<qint64>("tolerance");
    QTest::addColumn<int>("ticks");
    const qint64 millisecond = 1'000'000;
    QTest::newRow("300 us") << qint64(300'000) << millisecond << 100;
    QTest::newRow("3.3 ms") << qint64(3'300'007) << millisecond << 40;
    QTest::newRow("no tolerance") << qint64(7'000'001) << qint64(0) << 10;
    QTest::newRow("much tolerance") << 10 * millisecond << 25 * millisecond << 10;
    // Beyond a second the wait is done in two stages.
    QTest::newRow("1.1 s") << 1'100 * millisecond << millisecond << 1;
}

void tst_SystemClock::C2_fixedTicksAreNeverEarly()
{
    QFETCH(const qint64, interval);
    QFETCH(const qint64, tolerance);
    QFETCH(const int, ticks);
    ScheduledTimer timer{ Duration(interval) };
    timer.setTolerance(Duration(tolerance));
    timer.setMaximumTicks(ticks);
    qint64 lastIndex = 0;
    Instant start;
    connect(&timer, &ScheduledTimer::tick, this, [&](const Tick &tick) {
        const Instant present = now();
        QVERIFY(present >= start + tick.index() * Duration(interval));
        QVERIFY(tick.lateness() >= 0ns);
        QVERIFY(tick.index() > lastIndex);
        lastIndex = tick.index();
    });
    start = now(); // the anchor is not before this
    timer.start();
    QTRY_VERIFY_WITH_TIMEOUT(!timer.isRunning(), Patience);
    QCOMPARE(timer.tickCount(), ticks);
    QCOMPARE(timer.tickCount() + timer.missedCount(), lastIndex);
}

void tst_SystemClock::C2_manyTimersAreNeverEarly()
{
    std::vector<std::unique_ptr<ScheduledTimer>> timers;
    int early = 0;
    const Instant start = now();
    for (int i = 0; i < 200; ++i) {
        const Duration interval = 1ms + i * 173us;
        auto timer = std::make_unique<ScheduledTimer>(interval);
        timer->setMaximumTicks(5);
        connect(timer.get(), &ScheduledTimer::tick, this, [=, &early](const Tick &tick) {
            if (now() < start + tick.index() * interval)
                ++early;
        });
        timer->start();
        timers.push_back(std::move(timer));
    }
    for (const auto &timer : timers)
        QTRY_VERIFY_WITH_TIMEOUT(!timer->isRunning(), Patience);
    QCOMPARE(early, 0);
}

void tst_SystemClock::C7_oneNanosecondDoesNotFreezeTheEventLoop_data()
{
    QTest::addColumn<Policy>("policy");
    QTest::newRow("Fixed") << Policy::Fixed;
    QTest::newRow("Delay") << Policy::Delay;
}

void tst_SystemClock::C7_oneNanosecondDoesNotFreezeTheEventLoop()
{
    QFETCH(const Policy, policy);
    ScheduledTimer timer(1ns, policy);
    timer.start();
    int turns = 0;
    QTimer other;
    connect(&other, &QTimer::timeout, this, [&turns] { ++turns; });
    other.start(1);
    QTRY_VERIFY_WITH_TIMEOUT(turns >= 20 && timer.tickCount() >= 20, Patience);
    timer.stop();
}

void tst_SystemClock::T3_dueInstantsStayOnTheGrid()
{
    constexpr Duration interval = 2ms;
    ScheduledTimer timer(interval);
    timer.setMaximumTicks(50);
    connect(&timer, &ScheduledTimer::tick, this,
            [&](const Tick &tick) { QVERIFY(tick.due() == tick.index() * interval); });
    timer.start();
    QTRY_VERIFY_WITH_TIMEOUT(!timer.isRunning(), Patience);
}

void tst_SystemClock::T4_delaySpacing()
{
    constexpr Duration interval = 4ms;
    ScheduledTimer timer(interval, Policy::Delay);
    timer.setMaximumTicks(15);
    Instant previousEnd;
    connect(&timer, &ScheduledTimer::tick, this, [&] { QVERIFY(now() >= previousEnd + interval); });
    timer.setCallback([&] {
        const Instant until = now() + 1500us; // time that passes in the callback
        while (now() < until)
            QThread::yieldCurrentThread();
        previousEnd = now();
    });
    previousEnd = now();
    timer.start();
    QTRY_VERIFY_WITH_TIMEOUT(!timer.isRunning(), Patience);
    QCOMPARE(timer.tickCount(), 15);
    QCOMPARE(timer.missedCount(), 0);
}

void tst_SystemClock::T4_delaySpacingOfAsynchronousCallbacks()
{
    constexpr Duration interval = 3ms;
    ScheduledTimer timer(interval, Policy::Delay);
    timer.setMaximumTicks(10);
    Instant previousEnd;
    int running = 0;
    int most = 0;
    int early = 0;
    timer.setCallback([&] {
        if (now() < previousEnd + interval)
            ++early;
        most = std::max(most, ++running);
        return workFor(2ms, [&] {
            --running;
            previousEnd = now();
        });
    });
    previousEnd = now();
    timer.start();
    QTRY_VERIFY_WITH_TIMEOUT(!timer.isRunning() && !timer.isBusy(), Patience);
    QCOMPARE(early, 0);
    QCOMPARE(most, 1);
    QCOMPARE(timer.tickCount(), 10);
}

void tst_SystemClock::T5_overrunNeitherBurstsNorLosesCount()
{
    constexpr Duration interval = 2ms;
    ScheduledTimer timer(interval);
    timer.setMaximumTicks(10);
    const Instant start = now();
    connect(&timer, &ScheduledTimer::tick, this, [&](const Tick &tick) {
        QCOMPARE(timer.tickCount() + timer.missedCount(), tick.index());
    });
    timer.setCallback([&](const Tick &tick) {
        const Instant until = now() + 5ms;
        while (now() < until)
            QThread::yieldCurrentThread();
        QVERIFY(tick.index() == 1 || tick.missed() >= 1);
    });
    timer.start();
    QTRY_VERIFY_WITH_TIMEOUT(!timer.isRunning(), Patience);
    QVERIFY(timer.missedCount() >= 9 * 2);
    QVERIFY(now() >= start + 10 * 5ms);
}

void tst_SystemClock::T6_stoppedTimerStaysStopped()
{
    ScheduledTimer stoppedTimer(1ms);
    ScheduledTimer reference(1ms);
    stoppedTimer.start();
    reference.start();
    QTRY_VERIFY_WITH_TIMEOUT(stoppedTimer.tickCount() >= 3, Patience);
    const QFuture<void> stopped = stoppedTimer.stop();
    QVERIFY(stopped.isFinished());
    const qint64 count = stoppedTimer.tickCount();
    const qint64 before = reference.tickCount();
    QTRY_VERIFY_WITH_TIMEOUT(reference.tickCount() >= before + 10, Patience);
    QCOMPARE(stoppedTimer.tickCount(), count);
}

void tst_SystemClock::T15_movedTimerIsNeverEarly()
{
    constexpr Duration interval = 3ms;
    QThread thread;
    thread.start();
    auto timer = std::make_unique<ScheduledTimer>(interval);
    std::atomic<int> ticks = 0;
    std::atomic<int> early = 0;
    Instant start;
    connect(
            timer.get(), &ScheduledTimer::tick, this,
            [&](const Tick &tick) {
                ++ticks;
                if (now() < start + tick.index() * interval)
                    ++early;
            },
            Qt::DirectConnection);
    start = now();
    timer->start();
    QTRY_VERIFY_WITH_TIMEOUT(ticks >= 3, Patience);
    const int before = ticks;
    timer->moveToThread(&thread);
    QTRY_VERIFY_WITH_TIMEOUT(ticks >= before + 5, Patience);
    thread.quit();
    QVERIFY(thread.wait(Patience));
    QVERIFY(!timer->isRunning());
    QCOMPARE(early, 0);
}

void tst_SystemClock::T16_timeoutIsNeverEarly()
{
    constexpr Duration timeout = 5ms;
    ScheduledTimer timer(2ms);
    timer.setMaximumTicks(1);
    timer.setCallbackTimeout(timeout);
    QPromise<void> promise;
    promise.start();
    timer.setCallback([&] { return promise.future(); });
    Instant timedOutAt;
    connect(&timer, &ScheduledTimer::timedOut, this, [&timedOutAt] { timedOutAt = now(); });
    const Instant start = now();
    timer.start();
    QTRY_VERIFY_WITH_TIMEOUT(timedOutAt != Instant(), Patience);
    QVERIFY(timedOutAt > start + 2ms + timeout);
    QVERIFY(timer.isBusy());
    QVERIFY(promise.isCanceled());
    promise.finish();
    QTRY_VERIFY_WITH_TIMEOUT(!timer.isBusy(), Patience);
}

// ---- The limiter

void tst_SystemClock::L3_windowHoldsOnRealTime()
{
    constexpr std::size_t rate = 5;
    constexpr Duration per = 60ms;
    SerialRateLimiter limiter(static_cast<int>(rate), per);
    std::vector<Execution> executions;
    for (int i = 0; i < 18; ++i) {
        limiter.push([&executions] { executions.push_back({ now(), now() }); });
    }
    QTRY_COMPARE_WITH_TIMEOUT(executions.size(), 18U, Patience);
    for (std::size_t i = rate; i < executions.size(); ++i)
        QVERIFY(executions[i].start - executions[i - rate].end >= per);
}

void tst_SystemClock::L3_everyWindowHoldsWithAsynchronousTasks()
{
    SerialRateLimiter limiter;
    limiter.setLimits({ RateLimit(2, 20ms), RateLimit(5, 110ms) });
    std::vector<Execution> executions;
    int running = 0;
    int most = 0;
    QFuture<void> last;
    for (int i = 0; i < 14; ++i) {
        last = limiter.push([&] {
            most = std::max(most, ++running);
            executions.push_back({ now(), {} });
            return workFor(2ms, [&] {
                --running;
                executions.back().end = now();
            });
        });
    }
    QTRY_VERIFY_WITH_TIMEOUT(last.isFinished(), Patience);
    QCOMPARE(most, 1);
    QCOMPARE(executions.size(), 14U);
    for (std::size_t i = 2; i < executions.size(); ++i)
        QVERIFY(executions[i].start - executions[i - 2].end >= 20ms);
    for (std::size_t i = 5; i < executions.size(); ++i)
        QVERIFY(executions[i].start - executions[i - 5].end >= 110ms);
}

void tst_SystemClock::L8_noTaskRunsInsidePush()
{
    SerialRateLimiter limiter(1000, 1ms);
    bool ran = false;
    const QFuture<void> pushed = limiter.push([&ran] { ran = true; });
    QVERIFY(!ran);
    QTRY_VERIFY_WITH_TIMEOUT(pushed.isFinished(), Patience);
    QVERIFY(ran);
}

void tst_SystemClock::L12_holdIsNeverShort()
{
    SerialRateLimiter limiter(100, 1s);
    const Instant until = now() + 30ms;
    limiter.holdUntil(until);
    Instant ran;
    const QFuture<void> pushed = limiter.push([&ran] { ran = now(); });
    QTRY_VERIFY_WITH_TIMEOUT(pushed.isFinished(), Patience);
    QVERIFY(ran >= until);
}

void tst_SystemClock::L19_taskTimeoutIsNeverEarly()
{
    SerialRateLimiter limiter(100, 1s);
    limiter.setTaskTimeout(8ms);
    QPromise<void> promise;
    promise.start();
    const Instant pushedAt = now();
    Instant failedAt;
    connect(&limiter, &SerialRateLimiter::taskFailed, this, [&failedAt] { failedAt = now(); });
    const QFuture<void> pushed = limiter.push([&promise] { return promise.future(); });
    QTRY_VERIFY_WITH_TIMEOUT(pushed.isFinished(), Patience);
    QVERIFY(failedAt > pushedAt + 8ms);
    QVERIFY_THROWS_EXCEPTION(TimeoutError, QFuture<void>(pushed).waitForFinished());
    QVERIFY(promise.isCanceled());
    QVERIFY(limiter.isBusy());
    promise.finish();
    QTRY_VERIFY_WITH_TIMEOUT(!limiter.isBusy(), Patience);
}

QTEST_GUILESS_MAIN(tst_SystemClock)

#include "tst_systemclock.moc"
