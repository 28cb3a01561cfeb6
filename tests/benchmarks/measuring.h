// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QtCore/qjsonobject.h>

#include <chrono>
#include <vector>

// How the benchmarks measure: time, processor time, memory, distributions.
namespace Benchmarks {

using Nanoseconds = std::chrono::nanoseconds;
using SteadyClock = std::chrono::steady_clock;

// What all threads of this process have used of the processors, in user and kernel mode.
Nanoseconds processorTime();

// Occupies the processor.
void spinFor(Nanoseconds duration);

template <typename F>
Nanoseconds timeOf(F &&function)
{
    const SteadyClock::time_point begin = SteadyClock::now();
    function();
    return SteadyClock::now() - begin;
}

inline double perItem(Nanoseconds duration, qint64 items)
{
    return static_cast<double>(duration.count()) / static_cast<double>(items);
}

// Nanoseconds a call, of as many as take some time. The shorter rounds before warm up.
template <typename F>
double timePerCall(Nanoseconds atLeast, F &&function)
{
    for (qint64 calls = 1;; calls *= 2) {
        const Nanoseconds duration = timeOf([&] {
            for (qint64 call = 0; call < calls; ++call)
                function();
        });
        if (duration >= atLeast)
            return perItem(duration, calls);
    }
}

// Calls to malloc and its relatives by any code of this process, since its start. Needs glibc;
// without, canCountAllocations is false and nothing is counted.
extern const bool canCountAllocations;
qint64 allocationCount();

// Bytes that malloc has given out, with what it needs for itself. 0 where nobody can tell.
qint64 heapSize();

// A distribution: "quantiles" holds 101 values, from the least to the greatest.
QJsonObject distribution(std::vector<qint64> values);

} // namespace Benchmarks
