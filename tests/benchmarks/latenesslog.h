// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include "measuring.h"
#include "registry.h"

#include <vector>

namespace Benchmarks {

// How late the ticks of a timer are, by the grid that was asked for: tick n at the start + n x interval.
// The start is the instant right before the timer is started. The first ticks, a twentieth, warm up.
class LatenessLog
{
public:
    enum class Grid { AsAsked, WholeMilliseconds }; // for timers that know of nothing finer
    explicit LatenessLog(const Options &options, Grid grid = Grid::AsAsked);

    Nanoseconds interval() const { return m_interval; }
    SteadyClock::time_point due(qint64 tick) const { return m_start + tick * m_interval; }

    // Waits for the turn of this process; right before the timer is started.
    void start();
    // To be called first thing in the callback. False: that was the last one.
    bool ticked(qint64 tick);
    // The same for the repeating timers of Qt, which go on from where they are once they are late by
    // an interval. So does the grid: what was lost once does not count at every tick. grid.cpp counts it.
    bool tickedForgiving(qint64 tick);

    QJsonObject result() const;

private:
    const Options &m_options;
    const Nanoseconds m_interval;
    const qint64 m_ticks;
    SteadyClock::time_point m_start;
    std::vector<qint64> m_lateness;
    Nanoseconds m_lastLateness{};
    qint64 m_early = 0;
};

} // namespace Benchmarks
