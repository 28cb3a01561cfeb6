// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "schedule_p.h"

#include "instantmath_p.h"

#include <algorithm>

namespace Tactus {

Schedule::Schedule(Duration interval, Policy policy)
    : m_interval(interval)
    , m_policy(policy)
    , m_plannedPolicy(policy)
{
}

void Schedule::anchor(Instant now, bool anchorIsSlot)
{
    m_anchor = now;
    m_last = anchorIsSlot ? -1 : 0;
    m_plannedPolicy = m_policy;
    m_planned.index = anchorIsSlot ? 0 : 1;
    m_planned.due = instantOf(m_planned.index);
}

void Schedule::planAfter(Instant completion)
{
    m_plannedPolicy = m_policy;
    if (m_policy == Policy::Fixed) {
        const bool isLast = qAddOverflow(latestIndex(completion), qint64{ 1 }, &m_planned.index);
        m_planned.due = isLast ? Never : instantOf(m_planned.index);
        return;
    }
    // Delay passes nothing over: an anchor inside a running callback is simply not a slot.
    m_last = std::max<qint64>(m_last, 0);
    m_planned.index = m_last + 1;
    m_planned.due = saturatedAdd(completion, m_interval);
}

Schedule::Slot Schedule::latestDue(Instant now) const
{
    Slot slot = m_planned;
    if (m_plannedPolicy == Policy::Fixed) {
        slot.index = std::max(slot.index, latestIndex(now));
        slot.due = instantOf(slot.index);
    }
    slot.missed = slot.index - m_last - 1;
    return slot;
}

qint64 Schedule::unexecutedSlots(Instant now) const
{
    if (m_plannedPolicy == Policy::Delay)
        return 0;
    return std::max<qint64>(latestIndex(now) - m_last, 0);
}

Schedule::Instant Schedule::instantOf(qint64 index) const
{
    Duration::rep offset = 0;
    if (qMulOverflow(m_interval.count(), Duration::rep{ index }, &offset))
        return Never;
    return saturatedAdd(m_anchor, Duration(offset));
}

qint64 Schedule::latestIndex(Instant now) const
{
    return saturatedDifference(now, m_anchor) / m_interval;
}

} // namespace Tactus
