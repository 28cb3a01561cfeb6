// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include "clock_p.h"

#include <atomic>

namespace Tactus {

class ManualClockPrivate final : public ClockPrivate
{
public:
    explicit ManualClockPrivate(Clock::Instant start);

    Clock::Instant now() const { return Clock::Instant(Duration(m_now.load())); }
    qsizetype pendingWakeUps() const;

    bool beginAdvance(const char *function);
    void endAdvance() { m_advancing = false; }
    void advanceTo(const Clock *clock, Clock::Instant instant);

    // Time stands at `now`, unless another thread is ahead; the event loops of other threads, and
    // nested ones, are told.
    void moveTo(Clock::Instant now, const WakeUpQueue *servedDirectly);
    void elapse(Duration step);
    Clock::Instant nextDueAfter(Clock::Instant instant, const WakeUpQueue *ownQueue) const;

private:
    void tell(const WakeUpQueue *servedDirectly);

    std::atomic<Duration::rep> m_now;
    std::atomic<bool> m_advancing = false;
};

} // namespace Tactus
