// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/clock.h>

#include <memory>

namespace Tactus {

// Wakes the event loop of the thread that made it at one instant at a time. It lives on the
// thread's event dispatcher, and must go when that goes.
class WakeSource
{
public:
    using Instant = Clock::Instant; // on the system clock

    class Owner
    {
    public:
        // It is time, or nearly. May destroy the source.
        virtual void awake() = 0;

    protected:
        ~Owner() = default;
    };

    // The best one that can be had. The calling thread has an event dispatcher.
    static std::unique_ptr<WakeSource> make(Owner *owner);

    virtual ~WakeSource() = default;

    // Takes the place of what was armed before.
    virtual void arm(Instant instant) = 0;
    virtual void disarm() = 0;

    // Asked by the owner that is awake: a source that still is armed comes again in every turn of
    // the event loop, nested ones included, until it is armed anew or disarmed.
    virtual bool isArmed() const = 0;

    // The latest instant to arm it for, for it to wake the event loop no more than tolerance after
    // due on an idle machine. The later that is, the more share the wake-up.
    virtual Instant latestFor(Instant due, Duration tolerance) const = 0;

protected:
    WakeSource() = default;

private:
    Q_DISABLE_COPY_MOVE(WakeSource)
};

} // namespace Tactus
