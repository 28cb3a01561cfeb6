// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/Clock>

#include <QtCore/qobject.h>

#include <array>
#include <deque>

// What has happened in the last half minute, for a view of it. An event is a stretch of time, or a
// mere instant.
class ActivityLog : public QObject
{
    Q_OBJECT

public:
    enum Lane { Heartbeat, Poll, Requests, LaneCount };
    enum class Kind { Good, Failed, Canceled, Missed };

    struct Event
    {
        Tactus::Clock::Instant begin;
        Tactus::Clock::Instant end;
        Kind kind = Kind::Good;
        bool isOpen = false; // has not ended yet
    };

    explicit ActivityLog(QObject *parent = nullptr);

    Tactus::Clock::Instant now() const { return m_clock->now(); }
    const std::deque<Event> &events(Lane lane) const { return m_lanes[lane]; }

    void mark(Lane lane, Tactus::Clock::Instant instant, Kind kind = Kind::Good);
    void begin(Lane lane);
    void end(Lane lane, Kind kind);

private:
    void append(Lane lane, const Event &event);

    Tactus::Clock *const m_clock;
    std::array<std::deque<Event>, LaneCount> m_lanes;
};
