// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// How fast does virtual time pass?

#include "measuring.h"
#include "registry.h"

#include <Tactus/ManualClock>
#include <Tactus/ScheduledTimer>

using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace Benchmarks {

namespace {

QJsonObject tactus(const Options &options)
{
    Tactus::ManualClock clock;
    Tactus::ScheduledTimer timer(1s);
    timer.setClock(&clock);
    qint64 ticks = 0;
    QObject::connect(&timer, &Tactus::ScheduledTimer::tick, &timer, [&ticks] { ++ticks; });
    timer.start();
    const qint64 expected = options.number("ticks");
    const Nanoseconds duration = timeOf([&] { clock.advance(expected * 1s); });
    if (ticks != expected)
        qFatal("%lld ticks instead of %lld", ticks, expected);
    return { { u"ticksPerSecond"_s,
               static_cast<double>(ticks) / std::chrono::duration<double>(duration).count() } };
}

const Registration registration("virtual", "tactus", &tactus);

} // namespace

} // namespace Benchmarks
