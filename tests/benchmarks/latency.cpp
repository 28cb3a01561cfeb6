// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// Does the event loop go on while a long queue drains?

#include "measuring.h"
#include "registry.h"
#include "unlimited.h"

#include <QtCore/qtimer.h>

#include <algorithm>
#include <vector>

using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace Benchmarks {

namespace {

// How much longer than its interval a precise QTimer takes, from one tick to the next, while the
// tasks run.
template <typename Enqueue>
QJsonObject latency(const Options &options, Enqueue &&enqueue)
{
    constexpr auto Interval = 5ms;
    Unlimited limiter;
    std::vector<qint64> lateness;
    SteadyClock::time_point previous;
    QTimer timer;
    timer.setTimerType(Qt::PreciseTimer);
    const auto look = [&] {
        const SteadyClock::time_point now = SteadyClock::now();
        lateness.push_back(std::max<qint64>((now - previous - Interval) / 1ns, 0));
        previous = now;
    };
    QObject::connect(&timer, &QTimer::timeout, &timer, look);
    qint64 tasks = options.number("tasks");
    for (qint64 round = 0; round < options.number("rounds") || lateness.empty(); ++round) {
        if (round > 0 && lateness.empty())
            tasks *= 2; // they were done before the timer's first tick
        limiter.pause();
        for (qint64 task = 0; task < tasks; ++task)
            enqueue(&limiter, [] { return 1; });
        previous = SteadyClock::now();
        timer.start(Interval);
        limiter.resume();
        limiter.runAll();
        timer.stop();
        if (SteadyClock::now() - previous > Interval)
            look(); // a tick that was due, and would have come
    }
    return distribution(std::move(lateness));
}

QJsonObject latencyOfPush(const Options &options)
{
    return latency(options, [](Unlimited *limiter, auto &&task) { limiter->push(task); });
}

QJsonObject latencyOfPost(const Options &options)
{
    return latency(options, [](Unlimited *limiter, auto &&task) { limiter->post(task); });
}

const Registration latencies[] = {
    { "latency", "tactus-push", &latencyOfPush },
    { "latency", "tactus-post", &latencyOfPost },
};

} // namespace

} // namespace Benchmarks
