// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// What goes wrong around a program: its event loop is blocked or missing, time stands still or jumps,
// the application ends in the middle of everything. How a process ends is seen from outside: those
// scenarios run in processes of their own, this program with the name of one.

#include <Tactus/manualclock.h>
#include <Tactus/scheduledtimer.h>
#include <Tactus/serialratelimiter.h>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qeventloop.h>
#include <QtCore/qprocess.h>
#include <QtCore/qpromise.h>
#include <QtCore/qsemaphore.h>
#include <QtCore/qthread.h>
#include <QtTest/qtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#ifdef Q_OS_UNIX
#  include <unistd.h>
#endif

using namespace std::chrono_literals;
using Tactus::Clock;
using Tactus::Duration;
using Tactus::ManualClock;
using Tactus::ScheduledTimer;
using Tactus::SerialRateLimiter;
using Tactus::Tick;

namespace {

// ---- Scenarios: what each returns is the exit code, 0 if all went as promised

// A task and a callback that never finish, futures of everything.
struct WorkInFlight
{
    WorkInFlight()
    {
        timer.setCallback([this] {
            QCoreApplication::quit();
            return pending();
        });
        timer.start();
        futures.push_back(QFuture<void>(limiter.push([this] { return pending(); })));
        futures.push_back(limiter.push([] {}));
        futures.push_back(limiter.drain());
    }

    QFuture<void> pending()
    {
        promises.emplace_back(std::make_unique<QPromise<void>>());
        promises.back()->start();
        return promises.back()->future();
    }

    std::vector<std::unique_ptr<QPromise<void>>> promises;
    std::vector<QFuture<void>> futures;
    ScheduledTimer timer{ 1ms };
    SerialRateLimiter limiter{ 1000, 1s };
};

bool allFinished(const std::vector<QFuture<void>> &futures)
{
    return std::all_of(futures.begin(), futures.end(),
                       [](const QFuture<void> &future) { return future.isFinished(); });
}

int quitWithPendingFutures(int argc, char *argv[])
{
    QCoreApplication application(argc, argv);
    auto work = std::make_unique<WorkInFlight>();
    QCoreApplication::exec();
    std::vector<QFuture<void>> futures = work->futures;
    futures.push_back(work->timer.stop());
    if (futures.back().isFinished())
        return 1; // the callback is in flight
    const QFuture<void> inner = work->promises.front()->future();
    std::vector<std::unique_ptr<QPromise<void>>> promises;
    promises.swap(work->promises);
    work.reset();
    return allFinished(futures) && inner.isCanceled() && !inner.isFinished() ? 0 : 2;
}

int quitWithoutFutures(int argc, char *argv[])
{
    QCoreApplication application(argc, argv);
    ScheduledTimer timer(1ms);
    SerialRateLimiter limiter(1, 1h);
    int ran = 0;
    for (int i = 0; i < 1000; ++i)
        limiter.post([&ran] { ++ran; });
    timer.setMaximumTicks(3);
    QObject::connect(&timer, &ScheduledTimer::stopped, &application, &QCoreApplication::quit);
    timer.start();
    QCoreApplication::exec();
    return ran == 1 && limiter.pendingCount() == 999 ? 0 : 1;
}

int applicationDestroyedFirst(int argc, char *argv[])
{
    auto application = std::make_unique<QCoreApplication>(argc, argv);
    auto work = std::make_unique<WorkInFlight>();
    QCoreApplication::exec();
    application.reset();

    const auto late = work->limiter.push([] {});
    work->timer.restart();
    std::vector<QFuture<void>> futures = work->futures;
    futures.push_back(late);
    futures.push_back(work->timer.stop());
    if (late.isFinished())
        return 1; // there is no event loop, but there may be one again
    work.reset();
    return allFinished(futures) ? 0 : 2;
}

std::unique_ptr<WorkInFlight> staticWork;

int staticObjects(int argc, char *argv[])
{
    QCoreApplication application(argc, argv);
    staticWork = std::make_unique<WorkInFlight>();
    QCoreApplication::exec();
    return 0; // and now it goes down, after the application
}

int exitInTheMiddle(int argc, char *argv[], void (*leave)(int))
{
    QCoreApplication application(argc, argv);
    static ManualClock clock;
    static ScheduledTimer timer(1ms);
    static SerialRateLimiter limiter(1, 1ms);
    timer.setClock(&clock);
    limiter.setClock(&clock);
    limiter.post([] {});
    limiter.post([] {});
    QObject::connect(&timer, &ScheduledTimer::tick, &timer, [leave](const Tick &tick) {
        if (tick.index() == 3)
            leave(3);
    });
    timer.start();
    clock.advance(1s);
    return 1;
}

int run(const QByteArray &scenario, int argc, char *argv[])
{
    if (scenario == "quitWithPendingFutures")
        return quitWithPendingFutures(argc, argv);
    if (scenario == "quitWithoutFutures")
        return quitWithoutFutures(argc, argv);
    if (scenario == "applicationDestroyedFirst")
        return applicationDestroyedFirst(argc, argv);
    if (scenario == "staticObjects")
        return staticObjects(argc, argv);
    if (scenario == "exitInTheMiddleOfAdvance")
        return exitInTheMiddle(argc, argv, [](int code) { std::exit(code); });
#ifdef Q_OS_UNIX
    if (scenario == "underscoreExitInTheMiddleOfAdvance")
        return exitInTheMiddle(argc, argv, [](int code) { _exit(code); });
#endif
    return -1;
}

// A clock of the program's own: the system's, but it may stand still, and jump.
class OddClock : public Clock
{
public:
    Instant now() const override
    {
        return m_stopped ? m_stoppedAt : Clock::system()->now() + m_ahead;
    }
    void stop()
    {
        m_stoppedAt = now();
        m_stopped = true;
    }
    void goOn() { m_stopped = false; }
    void jump(Duration step) { m_ahead += step; }

private:
    bool m_stopped = false;
    Instant m_stoppedAt;
    Duration m_ahead{};
};

// Blocks, as a program does that computes.
void block(std::chrono::milliseconds duration)
{
    const auto end = std::chrono::steady_clock::now() + duration;
    while (std::chrono::steady_clock::now() < end)
        continue;
}

} // namespace

class tst_Faults : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void T5_eventLoopBlockedForAnHourOfVirtualTime();
    void L3_eventLoopBlockedForAnHourOfVirtualTime();
    void T5_L3_eventLoopReallyBlocked();
    void T2_L4_threadWithoutAnEventLoopThenWithOne();
    void T2_clockStandsStill();
    void T5_clockJumpsForwardByADay();
    void L3_clockJumpsForwardByADay();
    void T2_L4_everyCoreIsBusy();
    void processEnds_data();
    void processEnds();
};

void tst_Faults::T5_eventLoopBlockedForAnHourOfVirtualTime()
{
    ManualClock clock;
    ScheduledTimer timer(1ms);
    timer.setClock(&clock);
    std::vector<Tick> ticks;
    connect(&timer, &ScheduledTimer::tick, this, [&](const Tick &tick) { ticks.push_back(tick); });
    timer.start();
    clock.elapse(1h);
    clock.advance(2ms);
    QCOMPARE(ticks.size(), size_t{ 3 });
    QCOMPARE(ticks[0].index(), 3'600'000);
    QCOMPARE(ticks[0].missed(), 3'599'999);
    QCOMPARE(ticks[1].missed(), 0);
    QCOMPARE(ticks[2].index(), 3'600'002);
}

void tst_Faults::L3_eventLoopBlockedForAnHourOfVirtualTime()
{
    ManualClock clock;
    SerialRateLimiter limiter(2, 1s);
    limiter.setClock(&clock);
    std::vector<Clock::Instant> calls;
    for (int i = 0; i < 6; ++i)
        limiter.post([&] { calls.push_back(clock.now()); });
    clock.elapse(1h);
    clock.advance(2s);
    QCOMPARE(calls.size(), size_t{ 6 }); // no more than two at a time, however long it has waited
    for (size_t i = 0; i < calls.size(); ++i)
        QVERIFY(calls[i].time_since_epoch() == 1h + (i / 2) * 1s);
}

void tst_Faults::T5_L3_eventLoopReallyBlocked()
{
    ScheduledTimer timer(1ms);
    SerialRateLimiter limiter(1, 10ms);
    std::vector<Tick> ticks;
    std::vector<Clock::Instant> calls;
    connect(&timer, &ScheduledTimer::tick, this, [&](const Tick &tick) {
        if (tick.index() > 0 && ticks.empty())
            block(2s);
        ticks.push_back(tick);
    });
    timer.start();
    for (int i = 0; i < 4; ++i)
        limiter.post([&] { calls.push_back(Clock::system()->now()); });
    QTRY_COMPARE_WITH_TIMEOUT(calls.size(), size_t{ 4 }, 60'000);
    QTRY_VERIFY_WITH_TIMEOUT(ticks.size() >= 3, 60'000);
    timer.stop();
    QCOMPARE_GE(ticks[1].missed(), 1998); // all of them, and no burst
    for (size_t i = 1; i < ticks.size(); ++i)
        QCOMPARE(ticks[i].index(), ticks[i - 1].index() + ticks[i].missed() + 1);
    for (size_t i = 1; i < calls.size(); ++i)
        QVERIFY(calls[i] - calls[i - 1] >= 10ms);
}

void tst_Faults::T2_L4_threadWithoutAnEventLoopThenWithOne()
{
    std::atomic<int> ticksBefore = -1;
    std::atomic<int> tasksBefore = -1;
    std::atomic<int> ticks = 0;
    std::atomic<int> tasks = 0;
    std::thread thread([&] {
        ScheduledTimer timer(1ms);
        SerialRateLimiter limiter(1, 1ms);
        timer.setCallback([&] { ++ticks; });
        timer.start();
        const auto last = [&] {
            for (int i = 0; i < 4; ++i)
                limiter.post([&] { ++tasks; });
            return limiter.push([&] { ++tasks; });
        }();
        block(20ms);
        ticksBefore = ticks.load();
        tasksBefore = tasks.load();
        QEventLoop loop;
        while (!last.isFinished() || ticks < 3)
            loop.processEvents(QEventLoop::WaitForMoreEvents);
    });
    thread.join();
    QCOMPARE(ticksBefore, 0);
    QCOMPARE(tasksBefore, 0);
    QCOMPARE(tasks, 5);
    QCOMPARE_GE(ticks, 3);
}

void tst_Faults::T2_clockStandsStill()
{
    OddClock clock;
    ScheduledTimer timer(1ms);
    timer.setClock(&clock);
    SerialRateLimiter limiter(1, 1ms);
    limiter.setClock(&clock);
    int ticks = 0;
    timer.setCallback([&] { ++ticks; });
    timer.start();
    clock.stop();
    int tasks = 0;
    for (int i = 0; i < 3; ++i)
        limiter.post([&] { ++tasks; });

    // Others are served meanwhile; on this clock nothing becomes due.
    ScheduledTimer other(1ms);
    other.setMaximumTicks(50);
    other.start();
    QTRY_VERIFY_WITH_TIMEOUT(!other.isRunning(), 60'000);
    QCOMPARE_LE(ticks, 1); // where one was due when it stopped
    QCOMPARE(tasks, 1);

    clock.goOn();
    QTRY_VERIFY_WITH_TIMEOUT(ticks >= 3, 60'000);
    QTRY_COMPARE_WITH_TIMEOUT(tasks, 3, 60'000);
}

void tst_Faults::T5_clockJumpsForwardByADay()
{
    OddClock clock;
    ScheduledTimer timer(1min);
    timer.setClock(&clock);
    std::vector<Tick> ticks;
    connect(&timer, &ScheduledTimer::tick, this, [&](const Tick &tick) { ticks.push_back(tick); });
    timer.start();
    clock.jump(24h + 59s);
    // The process slept through it: its platform timer knows nothing. Whatever arms anew looks.
    timer.setTolerance(0ns);
    QTRY_COMPARE_WITH_TIMEOUT(ticks.size(), size_t{ 1 }, 60'000);
    QCOMPARE_GE(ticks[0].index(), 24 * 60); // one tick for all of them, on the old grid
    QCOMPARE_LE(ticks[0].index(), 24 * 60 + 1);
    QCOMPARE(ticks[0].missed(), ticks[0].index() - 1);
    QVERIFY(ticks[0].due() == ticks[0].index() * 1min);
}

void tst_Faults::L3_clockJumpsForwardByADay()
{
    OddClock clock;
    SerialRateLimiter limiter(2, 1h);
    limiter.setClock(&clock);
    int tasks = 0;
    for (int i = 0; i < 10; ++i)
        limiter.post([&] { ++tasks; });
    QTRY_COMPARE_WITH_TIMEOUT(tasks, 2, 60'000);
    clock.jump(24h);
    limiter.holdFor(1ns); // looks at the time
    QTRY_COMPARE_WITH_TIMEOUT(tasks, 4, 60'000);
    QCoreApplication::processEvents();
    QCOMPARE(tasks, 4); // a day makes no room for more than one window does
}

void tst_Faults::T2_L4_everyCoreIsBusy()
{
    std::atomic<bool> isOver = false;
    std::vector<std::thread> load;
    for (int i = 0; i < 2 * QThread::idealThreadCount(); ++i) {
        load.emplace_back([&] {
            while (!isOver)
                continue;
        });
    }
    ScheduledTimer timer(1ms);
    SerialRateLimiter limiter(10, 5ms);
    bool isEarly = false;
    qint64 sum = 0;
    connect(&timer, &ScheduledTimer::tick, this, [&](const Tick &tick) {
        isEarly = isEarly || tick.lateness() < 0ns;
        sum += tick.missed() + 1;
        isEarly = isEarly || sum != tick.index();
    });
    timer.start();
    std::vector<Clock::Instant> calls;
    for (int i = 0; i < 50; ++i)
        limiter.post([&] { calls.push_back(Clock::system()->now()); });
    QTRY_COMPARE_WITH_TIMEOUT(calls.size(), size_t{ 50 }, 60'000);
    isOver = true;
    for (std::thread &thread : load)
        thread.join();
    QVERIFY(!isEarly);
    for (size_t i = 10; i < calls.size(); ++i)
        QVERIFY(calls[i] - calls[i - 10] >= 5ms);
}

void tst_Faults::processEnds_data()
{
    QTest::addColumn<int>("exitCode");
    QTest::newRow("quitWithPendingFutures") << 0;
    QTest::newRow("quitWithoutFutures") << 0;
    QTest::newRow("applicationDestroyedFirst") << 0;
    QTest::newRow("staticObjects") << 0;
    QTest::newRow("exitInTheMiddleOfAdvance") << 3;
#ifdef Q_OS_UNIX
    QTest::newRow("underscoreExitInTheMiddleOfAdvance") << 3;
#endif
}

void tst_Faults::processEnds()
{
    QFETCH(int, exitCode);
    QProcess process;
    process.start(QCoreApplication::applicationFilePath(),
                  { QStringLiteral("--scenario"), QString::fromUtf8(QTest::currentDataTag()) });
    QVERIFY(process.waitForFinished(60'000));
    const QByteArray errors = process.readAllStandardError();
    QVERIFY2(process.exitStatus() == QProcess::NormalExit, errors.constData());
    QVERIFY2(process.exitCode() == exitCode,
             (QByteArray::number(process.exitCode()) + ": " + errors).constData());
    QCOMPARE(errors, QByteArray());
}

int main(int argc, char *argv[])
{
    if (argc == 3 && qstrcmp(argv[1], "--scenario") == 0)
        return run(argv[2], argc, argv);
    QCoreApplication application(argc, argv);
    tst_Faults test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_faults.moc"
