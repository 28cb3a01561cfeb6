// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// How much of the permitted rate does a limiter use, and does it ever use more?

#include "measuring.h"
#include "registry.h"

#include <Tactus/SerialRateLimiter>

#include <QtCore/qcoreapplication.h>

#include <algorithm>
#include <vector>

using namespace Qt::StringLiterals;

namespace Benchmarks {

namespace {

// The most of sorted instants that lie in one half-open interval of this length.
qint64 mostWithin(Nanoseconds length, const std::vector<SteadyClock::time_point> &instants)
{
    qint64 most = 0;
    auto first = instants.begin();
    for (auto last = first; last != instants.end(); ++last) {
        while (*last - *first >= length)
            ++first;
        most = std::max<qint64>(most, last - first + 1);
    }
    return most;
}

// Tasks are instant: the one instant that each of them reads stands for its completion. The first
// one begins as many windows as were asked for; one task more ends the last of them.
QJsonObject tactus(const Options &options)
{
    const qint64 rate = options.number("rate");
    const Nanoseconds per = options.nanoseconds("per");
    const qint64 windows = options.number("windows");
    const qint64 tasks = rate * windows + 1;

    Tactus::SerialRateLimiter limiter(static_cast<int>(rate), per);
    limiter.setTolerance(Nanoseconds::zero());
    std::vector<SteadyClock::time_point> instants;
    instants.reserve(static_cast<size_t>(tasks));
    QObject::connect(&limiter, &Tactus::SerialRateLimiter::drained, &limiter,
                     [] { QCoreApplication::exit(); });
    options.waitForStart();
    for (qint64 task = 0; task < tasks; ++task)
        limiter.post([&instants] { instants.push_back(SteadyClock::now()); });
    QCoreApplication::exec();

    const Nanoseconds needed = instants.back() - instants.front();
    return { { u"share"_s, perItem(windows * per, 1) / perItem(needed, 1) },
             { u"mostInWindow"_s, mostWithin(per, instants) } };
}

const Registration registration("rate", "tactus", &tactus);

} // namespace

} // namespace Benchmarks
