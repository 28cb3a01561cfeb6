// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "dispatchertimer_p.h"

#include "instantmath_p.h"

#include <algorithm>
#include <limits>

using namespace std::chrono_literals;

namespace Tactus {

namespace {

// poll() is late by up to 0.1 % of the wait. Beyond this wait the timer is aimed early, and whoever
// looks at the clock then arms it a second time for the rest.
constexpr Duration LongWait = 1s;

std::chrono::milliseconds timerWait(Duration wait)
{
    if (wait >= LongWait)
        wait -= 3ms + wait / 200;
    constexpr std::chrono::milliseconds longest(std::numeric_limits<int>::max());
    return std::clamp(std::chrono::ceil<std::chrono::milliseconds>(wait), 0ms, longest);
}

} // namespace

DispatcherTimer::DispatcherTimer(Owner *owner)
    : m_owner(owner)
{
}

void DispatcherTimer::arm(Instant instant)
{
    const Duration wait = saturatedDifference(instant, Clock::system()->now());
    m_timer.start(static_cast<int>(timerWait(wait).count()), Qt::PreciseTimer, this);
}

WakeSource::Instant DispatcherTimer::latestFor(Instant due, Duration tolerance) const
{
    constexpr Duration ownLateness = 1ms;
    return saturatedAdd(due, std::max(tolerance - ownLateness, Duration::zero()));
}

void DispatcherTimer::timerEvent(QTimerEvent *)
{
    m_timer.stop();
    m_owner->awake();
}

} // namespace Tactus
