// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "slidingwindow_p.h"

#include "instantmath_p.h"

#include <algorithm>

namespace Tactus {

namespace {
// Rings up to this size keep every completion that the rates ask for. In larger ones those go that
// are older than the longest window, so that an enormous rate does not hold memory for nothing.
constexpr qint64 AlwaysKept = 1024;

// How many may be left in front of a small ring before it moves up.
constexpr qint64 Slack = 16;
} // namespace

SlidingWindow::SlidingWindow(const QList<RateLimit> &limits)
    : m_limits(limits)
{
}

void SlidingWindow::setLimits(const QList<RateLimit> &limits)
{
    const Instant oldestKept = oldest();
    m_limits = limits;
    m_first += std::max<qint64>(size() - largestRate(), 0);
    countLost(oldestKept);
    compact();
}

void SlidingWindow::setMargin(Duration margin)
{
    const bool isLonger = margin > m_margin;
    m_margin = margin;
    if (isLonger)
        countLost(oldest());
}

void SlidingWindow::countLost(Instant oldestKept)
{
    m_lost = std::min(m_total, largestRate()) - size();
    m_lostAt = oldestKept;
}

void SlidingWindow::record(Instant completion)
{
    m_ring.push_back(completion);
    ++m_total;
    const qint64 surplus = size() + m_lost - largestRate();
    if (surplus > 0) {
        const qint64 ofTheLost = std::min(surplus, m_lost);
        m_lost -= ofTheLost;
        m_first += surplus - ofTheLost;
    }
    if (size() > AlwaysKept)
        dropExpired(completion);
    compact();
}

// The kth last completion, if it constrains anything.
SlidingWindow::Instant SlidingWindow::kept(qint64 k) const
{
    if (k <= size())
        return m_ring[m_ring.size() - static_cast<size_t>(k)];
    return k <= size() + m_lost ? m_lostAt : Instant::min();
}

SlidingWindow::Instant SlidingWindow::freed(Instant completion, const RateLimit &limit) const
{
    return completion == Instant::min()
                   ? completion
                   : saturatedAdd(completion, saturatedAdd(limit.per(), m_margin));
}

SlidingWindow::Instant SlidingWindow::earliestStart() const
{
    Instant start = Instant::min();
    for (const RateLimit &limit : m_limits)
        start = std::max(start, freed(kept(limit.rate()), limit));
    return start;
}

SlidingWindow::Instant SlidingWindow::earliestStartBehind(qint64 ahead, Instant from,
                                                          std::optional<Instant> next) const
{
    const auto last = [this, next](qint64 k) {
        if (!next)
            return kept(k);
        return k == 1 ? *next : kept(k - 1);
    };
    if (m_limits.size() == 1) {
        // Task j + rate follows task j by exactly one window.
        const RateLimit &limit = m_limits.first();
        const Duration step = saturatedAdd(limit.per(), m_margin);
        const Instant first = std::max(from,
                                       freed(last(limit.rate() - ahead % limit.rate()), limit));
        return saturatedAdd(first, saturatedProduct(step, ahead / limit.rate()));
    }

    std::vector<Instant> starts;
    starts.reserve(static_cast<size_t>(ahead));
    for (qint64 task = 0;; ++task) {
        Instant start = from;
        for (const RateLimit &limit : m_limits) {
            const qint64 back = limit.rate();
            const Instant completion = back <= task ? starts[static_cast<size_t>(task - back)]
                                                    : last(back - task);
            start = std::max(start, freed(completion, limit));
        }
        if (task == ahead)
            return start;
        starts.push_back(start);
    }
}

void SlidingWindow::shift(Duration step)
{
    for (auto it = m_ring.begin() + m_first; it != m_ring.end(); ++it)
        *it = saturatedAdd(*it, step);
    m_lostAt = saturatedAdd(m_lostAt, step);
}

qint64 SlidingWindow::largestRate() const
{
    return std::max_element(m_limits.begin(), m_limits.end(),
                            [](const RateLimit &a, const RateLimit &b) {
                                return a.rate() < b.rate();
                            })
            ->rate();
}

Duration SlidingWindow::longestWindow() const
{
    const auto longest = std::max_element(m_limits.begin(), m_limits.end(),
                                          [](const RateLimit &a, const RateLimit &b) {
                                              return a.per() < b.per();
                                          });
    return saturatedAdd(longest->per(), m_margin);
}

SlidingWindow::Instant SlidingWindow::oldest() const
{
    return m_lost > 0 || size() == 0 ? m_lostAt : m_ring[static_cast<size_t>(m_first)];
}

void SlidingWindow::dropExpired(Instant now)
{
    const Instant expired = saturatedAdd(now, -longestWindow());
    while (size() > AlwaysKept && m_ring[static_cast<size_t>(m_first)] <= expired)
        ++m_first;
}

void SlidingWindow::compact()
{
    if (m_first <= Slack || m_first <= size())
        return;
    m_ring.erase(m_ring.begin(), m_ring.begin() + m_first);
    m_first = 0;
}

} // namespace Tactus
