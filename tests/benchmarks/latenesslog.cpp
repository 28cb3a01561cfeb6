// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "latenesslog.h"

namespace Benchmarks {

namespace {

Nanoseconds intervalOf(const Options &options, LatenessLog::Grid grid)
{
    const Nanoseconds interval = options.nanoseconds("interval");
    return grid == LatenessLog::Grid::AsAsked
                   ? interval
                   : std::chrono::ceil<std::chrono::milliseconds>(interval);
}

} // namespace

LatenessLog::LatenessLog(const Options &options, Grid grid)
    : m_options(options)
    , m_interval(intervalOf(options, grid))
    , m_ticks(options.number("ticks"))
{
    m_lateness.reserve(static_cast<size_t>(m_ticks));
}

void LatenessLog::start()
{
    m_options.waitForStart();
    m_start = SteadyClock::now();
}

bool LatenessLog::ticked(qint64 tick)
{
    m_lastLateness = SteadyClock::now() - due(tick);
    if (tick > m_ticks / 20) {
        m_lateness.push_back(m_lastLateness.count());
        m_early += m_lastLateness < Nanoseconds::zero();
    }
    return tick < m_ticks;
}

bool LatenessLog::tickedForgiving(qint64 tick)
{
    const bool goesOn = ticked(tick);
    if (m_lastLateness >= m_interval)
        m_start += m_lastLateness;
    return goesOn;
}

QJsonObject LatenessLog::result() const
{
    QJsonObject result = distribution(m_lateness);
    result.insert(QStringLiteral("early"), m_early);
    return result;
}

} // namespace Benchmarks
