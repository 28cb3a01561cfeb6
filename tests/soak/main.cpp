// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// Limiters and timers in several threads under load, on the real clock, each watched by a checker that
// knows the guarantees L1 to L7 and T1 to T6. What it reads of the clock itself can only lie closer
// together than what the library goes by, so that it never complains about nothing.

#include <Tactus/errors.h>
#include <Tactus/scheduledtimer.h>
#include <Tactus/serialratelimiter.h>

#include <QtCore/qcommandlineparser.h>
#include <QtCore/qcoreapplication.h>
#include <QtCore/qfile.h>
#include <QtCore/qpromise.h>
#include <QtCore/qthread.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using Tactus::Clock;
using Tactus::Duration;
using Tactus::RateLimit;
using Tactus::ScheduledTimer;
using Tactus::SerialRateLimiter;
using Tactus::Tick;

namespace {

constexpr qint64 IntendedRate = 50'000; // operations a second: tasks and ticks
constexpr int Threads = 2;
constexpr int LimitersPerThread = 2;
constexpr int TimersPerThread = 5;
constexpr qint64 TicksPerSecond = Threads * TimersPerThread * 1000
                                  / 2; // they rest half of the time
constexpr int Producers = 4;

std::atomic<qint64> operations = 0;
std::atomic<qint64> violations = 0;

void require(bool condition, const char *guarantee)
{
    if (!condition && violations++ < 20)
        std::fprintf(stderr, "violated: %s\n", guarantee);
}

Clock::Instant now()
{
    return Clock::system()->now();
}

// A limiter, and what is watched of it: everything but push() in its own thread.
class WatchedLimiter : public QObject
{
public:
    WatchedLimiter()
    {
        m_limiter.setLimits(m_limits);
        m_limiter.setMaximumPending(5'000);
        connect(&m_limiter, &SerialRateLimiter::taskStarted, this, &WatchedLimiter::started);
        connect(&m_limiter, &SerialRateLimiter::taskCompleted, this, &WatchedLimiter::ended);
        connect(&m_limiter, &SerialRateLimiter::taskFailed, this, &WatchedLimiter::ended);
        connect(&m_limiter, &SerialRateLimiter::taskCanceled, this, &WatchedLimiter::ended);
        m_owner.setCallback([this] { own(); });
        m_owner.start();
    }

    // From any thread: one of the kinds of tasks, with a future or without.
    std::optional<QFuture<void>> push(unsigned kind)
    {
        ++m_pushed;
        switch (kind % 8) {
        case 0:
            return m_limiter.push([this] { return later(); });
        case 1: {
            QFuture<void> future = m_limiter.push([this] { run(); });
            future.cancel();
            return future;
        }
        case 2:
            return m_limiter.push([this] {
                run();
                throw std::runtime_error("failed");
            });
        case 3:
            return m_limiter.push([this] { run(); });
        default:
            m_limiter.post([this] { run(); });
            return std::nullopt;
        }
    }

    qsizetype pendingCount() const { return m_limiter.pendingCount(); }

    // When nobody pushes any more.
    QFuture<void> finish()
    {
        m_owner.stop();
        m_limiter.resume();
        return m_limiter.drain();
    }

    void verify()
    {
        require(m_limiter.pendingCount() == 0 && !m_limiter.isBusy(), "L4: the limiter is stuck");
        const qint64 pushed = m_pushed;
        require(m_endedCount == pushed && m_endedSum == pushed * (pushed + 1) / 2,
                "L20: not every task has ended once");
        require(m_limiter.completedCount() + m_limiter.failedCount() + m_limiter.canceledCount()
                        == pushed,
                "the counters do not add up");
        for (const QFuture<void> &future : m_futures)
            require(future.isFinished(), "L5: a future has not finished");
    }

private:
    // L6: every task that has started counts.
    void started(qint64 id)
    {
        const Clock::Instant instant = now();
        require(!m_isRunning, "L1: two tasks at a time");
        require(id > m_lastStarted, "L2: out of order");
        for (const RateLimit &limit : m_limits) {
            const auto rate = static_cast<std::size_t>(limit.rate());
            require(m_completions.size() < rate
                            || instant - m_completions[m_completions.size() - rate] >= limit.per(),
                    "L3: a task too early for a window");
        }
        m_isRunning = true;
        m_lastStarted = id;
        m_completions.push_back(instant); // replaced by what the callable reads
        if (m_completions.size() > 2'000)
            m_completions.pop_front();
        m_lastActivity = instant;
    }

    void run()
    {
        require(m_isRunning, "L1: a callable without taskStarted()");
        require(thread() == QThread::currentThread(), "L17: a task in another thread");
        m_completions.back() = now();
    }

    QFuture<void> later()
    {
        run();
        m_promise.emplace();
        m_promise->start();
        const auto finish = [this] {
            m_completions.back() = now();
            m_promise->finish();
        };
        QMetaObject::invokeMethod(this, finish, Qt::QueuedConnection);
        return m_promise->future();
    }

    void ended(qint64 id)
    {
        ++operations;
        ++m_endedCount;
        m_endedSum += id;
        if (m_isRunning && id == m_lastStarted) {
            require(!m_promise || m_promise->future().isFinished(), "L1: ended before its future");
            m_promise.reset();
            m_isRunning = false;
        }
        m_lastActivity = now();
    }

    // What the owner does every now and then.
    void own()
    {
        switch (++m_round % 8) {
        case 0:
            m_limiter.pause();
            break;
        case 1:
            m_limiter.resume();
            break;
        case 2:
            m_limiter.holdFor(1ms);
            break;
        case 3:
            m_limiter.clear();
            break;
        case 4: { // L7: what is canceled before the event loop goes on does not run
            ++m_pushed;
            QFuture<void> future = m_limiter.push(
                    [] { require(false, "L7: a canceled task was called"); });
            future.cancel();
            m_futures.push_back(future);
            break;
        }
        default:
            require(m_limiter.pendingCount() == 0 || m_limiter.isPaused()
                            || now() - m_lastActivity < 30s,
                    "L4: nothing happens");
            while (!m_futures.empty() && m_futures.front().isFinished())
                m_futures.pop_front();
        }
    }

    // Wide enough for what the producers push.
    const QList<RateLimit> m_limits{ RateLimit(100, 5ms), RateLimit(1'900, 100ms) };
    std::atomic<qint64> m_pushed = 0;
    bool m_isRunning = false;
    qint64 m_lastStarted = 0;
    std::deque<Clock::Instant> m_completions;
    std::optional<QPromise<void>> m_promise;
    std::deque<QFuture<void>> m_futures;
    qint64 m_endedCount = 0;
    qint64 m_endedSum = 0;
    Clock::Instant m_lastActivity = now();
    unsigned m_round = 0;
    ScheduledTimer m_owner{ 7ms };
    SerialRateLimiter m_limiter; // first to go
};

class WatchedTimer : public QObject
{
public:
    explicit WatchedTimer(int number)
        : m_timer(1ms, number % 2 ? ScheduledTimer::Policy::Delay : ScheduledTimer::Policy::Fixed)
    {
        connect(&m_timer, &ScheduledTimer::tick, this, &WatchedTimer::ticked);
        m_timer.setCallback([this] { call(); });
        m_owner.setCallback([this] { own(); });
        start();
        m_owner.start();
    }

    void finish()
    {
        m_owner.stop();
        m_isRunning = false;
        m_timer.stop();
    }

private:
    bool isFixed() const { return m_timer.policy() == ScheduledTimer::Policy::Fixed; }

    void start()
    {
        m_isRunning = true;
        m_anchor = now(); // not later than the timer's
        m_lastIndex = 0;
        m_lastEnd = m_anchor;
        m_timer.start();
    }

    void ticked(const Tick &tick)
    {
        const Clock::Instant instant = now();
        ++operations;
        require(!m_isInside, "T1: two callbacks at a time");
        require(m_isRunning, "T6: a tick after stop()");
        require(tick.lateness() >= 0ns && instant - m_anchor >= tick.due(), "T2: a tick too early");
        require(!isFixed() || tick.due() == tick.index() * 1ms, "T3: the schedule drifts");
        require(isFixed() || instant - m_lastEnd >= 1ms, "T4: less than an interval apart");
        require(tick.index() == m_lastIndex + tick.missed() + 1
                        && m_timer.tickCount() + m_timer.missedCount() == tick.index(),
                "T5: the slots do not add up");
        m_lastIndex = tick.index();
        m_isInside = true;
    }

    void call()
    {
        require(m_isInside, "T1: a callable without tick()");
        m_isInside = false;
        m_lastEnd = now();
    }

    void own()
    {
        if (m_isRunning) {
            m_isRunning = false;
            m_timer.stop();
        } else {
            start();
        }
    }

    bool m_isRunning = false;
    bool m_isInside = false;
    Clock::Instant m_anchor;
    Clock::Instant m_lastEnd;
    qint64 m_lastIndex = 0;
    ScheduledTimer m_owner{ 450ms, ScheduledTimer::Policy::Delay };
    ScheduledTimer m_timer;
};

// A thread with its limiters and timers.
class Worker : public QThread
{
public:
    void begin()
    {
        start();
        m_context.moveToThread(this);
        inThread([this] {
            for (auto &limiter : limiters)
                limiter = std::make_unique<WatchedLimiter>();
            for (int number = 0; number < TimersPerThread; ++number)
                m_timers.push_back(std::make_unique<WatchedTimer>(number));
        });
    }

    void end()
    {
        std::vector<QFuture<void>> drains;
        inThread([&] {
            for (const auto &timer : m_timers)
                timer->finish();
            for (const auto &limiter : limiters)
                drains.push_back(limiter->finish());
        });
        for (QFuture<void> &drain : drains)
            drain.waitForFinished();
        inThread([this] {
            for (auto &limiter : limiters) {
                limiter->verify();
                limiter.reset();
            }
            m_timers.clear();
        });
        quit();
        wait();
    }

    std::array<std::unique_ptr<WatchedLimiter>, LimitersPerThread> limiters;

private:
    template <typename Work>
    void inThread(Work work)
    {
        QMetaObject::invokeMethod(&m_context, work, Qt::BlockingQueuedConnection);
    }

    QObject m_context;
    std::vector<std::unique_ptr<WatchedTimer>> m_timers;
};

// Pushes its part of the rate, in steps of a millisecond; what is late is caught up with.
void produce(std::array<Worker, Threads> &workers, unsigned number, const std::atomic<bool> &isOver)
{
    constexpr qint64 perSecond = (IntendedRate - TicksPerSecond) / Producers;
    std::mt19937 random(number);
    std::deque<QFuture<void>> futures;
    const auto begin = std::chrono::steady_clock::now();
    for (qint64 step = 1; !isOver; ++step) {
        for (qint64 n = (step - 1) * perSecond / 1000; n < step * perSecond / 1000; ++n) {
            const auto dice = static_cast<unsigned>(random());
            WatchedLimiter &limiter = *workers[dice % Threads]
                                               .limiters[dice / Threads % LimitersPerThread];
            if (limiter.pendingCount() > 2'000)
                continue; // too slow here: the rate is not reached
            if (auto future = limiter.push(dice >> 8))
                futures.push_back(*future);
        }
        while (!futures.empty() && futures.front().isFinished())
            futures.pop_front();
        std::this_thread::sleep_until(begin + step * 1ms);
    }
    for (QFuture<void> &future : futures) { // L5; a future that does not finish stops everything
        while (!future.isFinished())
            std::this_thread::sleep_for(1ms);
    }
}

double residentMegabytes()
{
    QFile file(QStringLiteral("/proc/self/statm"));
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    return file.readAll().split(' ').value(1).toDouble() * 4096 / 1e6;
}

// By least squares.
double slope(const std::vector<std::pair<double, double>> &points)
{
    double x = 0;
    double y = 0;
    for (const auto &point : points) {
        x += point.first / static_cast<double>(points.size());
        y += point.second / static_cast<double>(points.size());
    }
    double above = 0;
    double below = 0;
    for (const auto &point : points) {
        above += (point.first - x) * (point.second - y);
        below += (point.first - x) * (point.first - x);
    }
    return below > 0 ? above / below : 0;
}

} // namespace

int main(int argc, char *argv[])
{
    QCoreApplication application(argc, argv);
    QCommandLineParser parser;
    const QCommandLineOption minutes(QStringLiteral("minutes"),
                                     QStringLiteral("How long, 30 by default."),
                                     QStringLiteral("number"), QStringLiteral("30"));
    parser.addOption(minutes);
    parser.addHelpOption();
    parser.process(application);
    const double seconds = parser.value(minutes).toDouble() * 60;
    if (seconds <= 0)
        parser.showHelp(2);

    std::array<Worker, Threads> workers;
    for (Worker &worker : workers)
        worker.begin();
    std::atomic<bool> isOver = false;
    std::vector<std::thread> producers;
    for (unsigned number = 0; number < Producers; ++number)
        producers.emplace_back([&, number] { produce(workers, number, isOver); });

    const auto begin = std::chrono::steady_clock::now();
    std::vector<std::pair<double, double>> memory; // minutes, megabytes; of the second half
    for (int sample = 1;; ++sample) {
        const double until = std::min(seconds, sample * std::min(10.0, seconds / 20));
        std::this_thread::sleep_until(begin + std::chrono::duration<double>(until));
        const double megabytes = residentMegabytes();
        if (until >= seconds / 2)
            memory.emplace_back(until / 60, megabytes);
        if (seconds >= 60 && sample % 6 == 0) {
            std::printf("%6.1f min %14lld operations %8.1f MB %lld violations\n", until / 60,
                        static_cast<long long>(operations), megabytes,
                        static_cast<long long>(violations));
            std::fflush(stdout);
        }
        if (until >= seconds)
            break;
    }
    const qint64 done = operations;
    isOver = true;
    for (std::thread &producer : producers)
        producer.join();
    for (Worker &worker : workers)
        worker.end();

    std::printf("%.0f s, %d limiters and %d timers in %d threads, %d threads that push\n", seconds,
                Threads * LimitersPerThread, Threads * TimersPerThread, Threads, Producers);
    std::printf("operations: %lld, %.0f a second, %.0f %% of the intended %lld\n",
                static_cast<long long>(done), static_cast<double>(done) / seconds,
                static_cast<double>(done) / seconds / IntendedRate * 100,
                static_cast<long long>(IntendedRate));
    std::printf("memory: %.1f MB at the end, slope %+.3f MB a minute\n", memory.back().second,
                slope(memory));
    std::printf("violations: %lld\n", static_cast<long long>(violations));
    return violations == 0 ? 0 : 1;
}
