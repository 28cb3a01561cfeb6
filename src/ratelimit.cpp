// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include <Tactus/ratelimit.h>

#include <cmath>
#include <limits>

namespace Tactus {

/*!
    \class Tactus::RateLimit
    \inmodule Tactus
    \inheaderfile Tactus/RateLimit
    \brief One window of a SerialRateLimiter: at most \c rate completions in any \c per.

    "Any" is meant: the window slides. However a stretch of length \c per is laid over the
    timeline, closed at its beginning and open at its end, it holds at most \c rate completions.

    \snippet tst_reference.cpp limits

    A default-constructed RateLimit has rate 0 and period 0. No limiter accepts it: a window wants
    a rate of at least 1 and a period of at least 1 ns. In QML \c per is a real number of
    milliseconds.

    \since Tactus 0.1
*/

/*!
    \fn RateLimit::RateLimit()
    A window that no limiter accepts: rate 0, period 0.
*/

/*!
    At most \a rate completions in any stretch of time of length \a per.
*/
RateLimit::RateLimit(int rate, Duration per)
    : m_rate(rate)
    , m_per(per)
{
}

/*!
    \fn int RateLimit::rate() const
    How many completions the window allows.
*/

/*!
    \fn Tactus::Duration RateLimit::per() const
    The length of the window, in nanoseconds.
*/

double RateLimit::perMilliseconds() const
{
    return std::chrono::duration<double, std::milli>(m_per).count();
}

void RateLimit::setPerMilliseconds(double milliseconds)
{
    // What is no duration becomes 0, which every limiter refuses with a warning.
    constexpr double limit = 9.2e12; // below 2^63 ns in milliseconds
    m_per = std::isfinite(milliseconds) && std::abs(milliseconds) < limit
                    ? Duration(std::llround(milliseconds * 1e6))
                    : Duration::zero();
}

} // namespace Tactus
