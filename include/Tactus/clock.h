// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/tactus_export.h>

#include <QtCore/qglobal.h>

#include <chrono>
#include <memory>

namespace Tactus {

using Duration = std::chrono::nanoseconds;

class ClockPrivate;

class TACTUS_EXPORT Clock
{
public:
    using Instant = std::chrono::time_point<Clock, Duration>;

    // What std::chrono asks of a clock.
    using duration = Duration;
    using rep = Duration::rep;
    using period = Duration::period;
    using time_point = Instant;
    static constexpr bool is_steady = true;

    Clock();
    virtual ~Clock();

    virtual Instant now() const = 0;

    static Clock *system();
    static Clock *defaultClock();
    static void setDefault(Clock *clock);

protected:
    explicit Clock(std::unique_ptr<ClockPrivate> d);
    ClockPrivate *clockPrivate() const { return d.get(); }

private:
    Q_DISABLE_COPY_MOVE(Clock)
    friend class ClockPrivate;
    const std::unique_ptr<ClockPrivate> d;
};

} // namespace Tactus
