// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/clock.h>

#include <QtCore/qnumeric.h>

// Arithmetic on instants that ends at the edges of int64 nanoseconds instead of wrapping.

namespace Tactus {

// The instant that never comes: what overflows lands here.
inline constexpr Clock::Instant Never = Clock::Instant::max();

inline Clock::Instant saturatedAdd(Clock::Instant instant, Duration step)
{
    Duration::rep sum = 0;
    if (!qAddOverflow(instant.time_since_epoch().count(), step.count(), &sum))
        return Clock::Instant(Duration(sum));
    return step < Duration::zero() ? Clock::Instant::min() : Clock::Instant::max();
}

inline Duration saturatedAdd(Duration a, Duration b)
{
    Duration::rep sum = 0;
    if (!qAddOverflow(a.count(), b.count(), &sum))
        return Duration(sum);
    return b < Duration::zero() ? Duration::min() : Duration::max();
}

inline Duration saturatedDifference(Clock::Instant later, Clock::Instant earlier)
{
    Duration::rep difference = 0;
    if (!qSubOverflow(later.time_since_epoch().count(), earlier.time_since_epoch().count(),
                      &difference)) {
        return Duration(difference);
    }
    return later < earlier ? Duration::min() : Duration::max();
}

// For factors that are not negative.
inline Duration saturatedProduct(Duration unit, qint64 factor)
{
    Duration::rep product = 0;
    if (!qMulOverflow(unit.count(), Duration::rep{ factor }, &product))
        return Duration(product);
    return Duration::max();
}

} // namespace Tactus
