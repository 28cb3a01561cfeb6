// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/manualclock.h>
#include <Tactus/scheduledtimer.h>

#include <QtCore/qpromise.h>

#include <deque>
#include <memory>
#include <vector>

// A timer in virtual time, and when it ticked.
struct VirtualTimer
{
    using Instant = Tactus::Clock::Instant;

    // The clock does not begin at zero: an anchor that is forgotten shall show.
    explicit VirtualTimer(Tactus::Duration interval, Tactus::ScheduledTimer::Policy policy =
                                                             Tactus::ScheduledTimer::Policy::Fixed)
        : owned(std::make_unique<Tactus::ScheduledTimer>(interval, policy))
        , timer(*owned)
    {
        timer.setClock(&clock);
        QObject::connect(&timer, &Tactus::ScheduledTimer::tick, &receiver,
                         [this](const Tactus::Tick &tick) {
                             ticks.push_back(tick);
                             times.push_back(sinceOrigin());
                         });
    }

    Tactus::Duration sinceOrigin() const { return clock.now() - origin; }

    const Instant origin{ std::chrono::hours(1) + Tactus::Duration(7) };
    Tactus::ManualClock clock{ origin };
    std::unique_ptr<Tactus::ScheduledTimer> owned;
    Tactus::ScheduledTimer &timer;
    std::vector<Tactus::Tick> ticks;
    std::vector<Tactus::Duration> times; // of the ticks, since the origin
    QObject receiver; // first to go
};

// The work of asynchronous callables: futures that the test finishes.
class PendingWork
{
public:
    QFuture<int> begin()
    {
        m_promises.emplace_back();
        m_promises.back().start();
        return m_promises.back().future();
    }

    std::size_t count() const { return m_promises.size(); }
    QPromise<int> &last() { return m_promises.back(); }
    bool isLastCanceled() const { return m_promises.back().isCanceled(); }
    bool isRunning() const
    {
        return !m_promises.empty() && !m_promises.back().future().isFinished();
    }

    void finish()
    {
        m_promises.back().addResult(1);
        m_promises.back().finish();
    }
    void fail(std::exception_ptr error)
    {
        m_promises.back().setException(std::move(error));
        m_promises.back().finish();
    }
    void drop() { m_promises.pop_back(); }

private:
    std::deque<QPromise<int>> m_promises;
};
