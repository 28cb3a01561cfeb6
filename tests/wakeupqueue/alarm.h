// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include "wakeupqueue_p.h"

#include <Tactus/clock.h>

#include <functional>
#include <utility>

// A wake-up with lambdas for handlers, for tests. The handlers may destroy the alarm.
class Alarm
{
public:
    using Handler = std::function<void()>;

    explicit Alarm(Handler expired = {}, Handler abandoned = {})
        : m_expired(std::move(expired))
        , m_abandoned(std::move(abandoned))
        , m_wakeUp(
                  this, [](void *self) { static_cast<Alarm *>(self)->expire(); },
                  [](void *self) { static_cast<Alarm *>(self)->abandon(); })
    {
    }

    void onExpired(Handler handler) { m_expired = std::move(handler); }

    void arm(Tactus::Clock *clock, Tactus::Clock::Instant due, Tactus::Duration tolerance = {})
    {
        m_wakeUp.arm(clock, due, tolerance, clock->now());
    }
    void armIn(Tactus::Clock *clock, Tactus::Duration delay, Tactus::Duration tolerance = {})
    {
        arm(clock, clock->now() + delay, tolerance);
    }
    void cancel() { m_wakeUp.cancel(); }
    bool isArmed() const { return m_wakeUp.isArmed(); }
    int count() const { return m_count; }

private:
    void expire()
    {
        ++m_count;
        const Handler handler = m_expired;
        if (handler)
            handler();
    }
    void abandon()
    {
        const Handler handler = m_abandoned;
        if (handler)
            handler();
    }

    Handler m_expired;
    Handler m_abandoned;
    int m_count = 0;
    Tactus::WakeUp m_wakeUp;
};
