// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/clock.h>
#include <Tactus/ratelimit.h>

#include <QtCore/qlist.h>

#include <optional>
#include <vector>

namespace Tactus {

// When the next task may start, from the instants at which tasks completed: no clock, no queue.
//
// For a window (rate, per) the rate-th last completion must be at least per + margin ago:
//
//   rate 3:    c1    c2 c3     c4
//                    |<-- per + margin -->| start: any stretch of length per from here on
//                                           holds at most c3, c4 and this task
//
// One ring of completions serves all windows. It keeps as many as the largest rate asks for.
class SlidingWindow
{
public:
    using Instant = Clock::Instant;

    explicit SlidingWindow(const QList<RateLimit> &limits);

    const QList<RateLimit> &limits() const { return m_limits; }

    // Completions that the new, or longer, windows need, and that happened but were not kept, count as if
    // they had happened at the oldest one that was kept.
    void setLimits(const QList<RateLimit> &limits);
    void setMargin(Duration margin);

    // Completions come in the order of time.
    void record(Instant completion);

    // Instant::min() where nothing constrains.
    Instant earliestStart() const;

    // The start of the task behind `ahead` others, if all were instant and started as early as
    // they may, none before `from`; after a completion at `next`, if one is about to be recorded.
    Instant earliestStartBehind(qint64 ahead, Instant from,
                                std::optional<Instant> next = std::nullopt) const;

    // Moves all completions in time, for a change of clock.
    void shift(Duration step);

private:
    qint64 size() const { return static_cast<qint64>(m_ring.size()) - m_first; }
    qint64 largestRate() const;
    Duration longestWindow() const;
    Instant oldest() const;
    Instant kept(qint64 k) const;
    Instant freed(Instant completion, const RateLimit &limit) const;
    void countLost(Instant oldestKept);
    void dropExpired(Instant now);
    void compact();

    QList<RateLimit> m_limits;
    Duration m_margin{};
    std::vector<Instant> m_ring; // oldest first, from m_first on
    qint64 m_first = 0;
    qint64 m_total = 0; // completions that ever happened
    qint64 m_lost = 0; // older than the ring, and counted as if at m_lostAt
    Instant m_lostAt;
};

} // namespace Tactus
