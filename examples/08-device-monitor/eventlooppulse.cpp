// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "eventlooppulse.h"

#include <algorithm>
#include <chrono>

using namespace std::chrono_literals;
using Tactus::Duration;
using Tactus::ScheduledTimer;

EventLoopPulse::EventLoopPulse(QObject *parent)
    : QObject(parent)
    , m_timer(5ms)
{
    m_timer.setClock(Tactus::Clock::system()); // real, also where the rest is on virtual time
    m_timer.setTolerance(0ns);
    connect(&m_timer, &ScheduledTimer::tick, this, &EventLoopPulse::record);
    m_timer.start();
}

Duration EventLoopPulse::longest() const
{
    return *std::max_element(m_history.cbegin(), m_history.cend());
}

void EventLoopPulse::record(const Tactus::Tick &tick)
{
    // The tick is that of the latest slot; those that were missed have waited longer.
    const Duration wait = tick.lateness() + tick.missed() * m_timer.interval();

    // Steps that passed while nothing could tick are part of this wait.
    const qint64 step = (tick.due() + tick.lateness()) / StepLength;
    const qint64 passed = std::min<qint64>(step - m_step, StepCount);
    std::rotate(m_history.begin(), m_history.begin() + passed, m_history.end());
    std::fill(m_history.end() - passed, m_history.end(), wait);
    m_history.back() = std::max(m_history.back(), wait);
    m_step = step;
}
