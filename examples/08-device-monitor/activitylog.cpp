// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "activitylog.h"

#include <chrono>

using namespace std::chrono_literals;

ActivityLog::ActivityLog(QObject *parent)
    : QObject(parent)
    , m_clock(Tactus::Clock::defaultClock())
{
}

void ActivityLog::mark(Lane lane, Tactus::Clock::Instant instant, Kind kind)
{
    append(lane, { instant, instant, kind, false });
}

void ActivityLog::begin(Lane lane)
{
    append(lane, { now(), now(), Kind::Good, true });
}

void ActivityLog::end(Lane lane, Kind kind)
{
    if (m_lanes[lane].empty() || !m_lanes[lane].back().isOpen)
        return;
    Event &event = m_lanes[lane].back();
    event.end = now();
    event.kind = kind;
    event.isOpen = false;
}

void ActivityLog::append(Lane lane, const Event &event)
{
    std::deque<Event> &events = m_lanes[lane];
    while (!events.empty() && events.front().end < now() - 30s)
        events.pop_front();
    events.push_back(event);
}
