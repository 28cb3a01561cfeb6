// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/clock.h>

#include <QtCore/qglobal.h>

namespace Tactus {

// When the ticks of a timer are due, as arithmetic on instants: no clock, no event loop.
//
//   Fixed   anchor    1     2     3     4     5        slot n is due at anchor + n * interval
//              |-----|-----|-----|-----|-----|
//                    [callback--------]      [...]     3 and 4 were passed over, 5 is next
//
//   Delay      |-----[callback--------]-----[...]      one interval after the end of the callback
//
// Ticks are numbered from 1, or from 0 where the anchor is a slot too. m_last is the number of the
// last slot that was executed or passed over; one tick at most is planned.
class Schedule
{
public:
    using Instant = Clock::Instant;
    enum class Policy { Fixed, Delay };

    struct Slot
    {
        qint64 index = 0;
        qint64 missed = 0; // slots passed over between the last one and this
        Instant due;
    };

    Schedule(Duration interval, Policy policy);

    // Take effect with the next plan.
    void setInterval(Duration interval) { m_interval = interval; }
    void setPolicy(Policy policy) { m_policy = policy; }

    // Anchors the schedule at now and plans the first tick: the anchor itself, or one interval
    // later. Where a callback is still running, planAfter() replaces that plan.
    void anchor(Instant now, bool anchorIsSlot);

    // The next tick after a callback that ended at completion.
    void planAfter(Instant completion);

    Instant anchorInstant() const { return m_anchor; }
    Instant plannedInstant() const { return m_planned.due; }

    // The tick to run at now, at or after the planned instant: the latest slot already due.
    Slot latestDue(Instant now) const;

    // How many slots have come due by now and were neither executed nor passed over.
    qint64 unexecutedSlots(Instant now) const;

    void passOver(qint64 slots) { m_last += slots; }
    void execute(const Slot &slot) { m_last = slot.index; }

private:
    Instant instantOf(qint64 index) const;
    qint64 latestIndex(Instant now) const;

    Duration m_interval;
    Policy m_policy;
    Policy m_plannedPolicy;
    Instant m_anchor;
    qint64 m_last = 0;
    Slot m_planned;
};

} // namespace Tactus
