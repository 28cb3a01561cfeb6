// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// What becomes of a property's new value.

#include "serialratelimiter_p.h"

#include "boundvalue_p.h"
#include "logging_p.h"

#include <functional>
#include <utility>

namespace Tactus {

bool SerialRateLimiterPrivate::accepts(const QList<RateLimit> &limits, const char *where)
{
    if (limits.isEmpty()) {
        qCWarning(lcLimiter) << where << "wants at least one window, got none - ignored";
        return false;
    }
    for (const RateLimit &limit : limits) {
        if (limit.rate() < 1) {
            qCWarning(lcLimiter) << where << "wants a rate of at least 1, got" << limit.rate()
                                 << "- ignored";
            return false;
        }
        if (limit.per() <= Duration::zero()) {
            qCWarning(lcLimiter) << where << "wants a positive period, got" << Shown{ limit.per() }
                                 << "- ignored";
            return false;
        }
    }
    return true;
}

// A view that follows is no longer bound.
template <typename Property, typename Value>
bool SerialRateLimiterPrivate::follow(Property &view, Value &told, const Value &value)
{
    if (told == value)
        return false;
    // takeBinding() alone makes storage for bindings, and with that no object moves to another thread.
    if (view.hasBinding())
        view.takeBinding();
    view.setValueBypassingBindings(value);
    told = value;
    return true;
}

// The three properties are views of the windows. All have their values before any of them is told.
void SerialRateLimiterPrivate::setWindows(const QList<RateLimit> &newLimits,
                                          void (SerialRateLimiter::*changed)())
{
    window.setLimits(newLimits);
    rearm();
    const RateLimit first = newLimits.constFirst();
    const bool limitsFollow = follow(limits, good.limits, newLimits);
    const bool rateFollows = follow(rate, good.rate, first.rate());
    const bool perFollows = follow(per, good.per, first.per());
    frames.inTurn(
            [this, limitsFollow] {
                if (limitsFollow)
                    limits.notify();
            },
            [this, limitsFollow] {
                if (limitsFollow)
                    Q_EMIT q->limitsChanged();
            },
            [this, rateFollows] {
                if (rateFollows)
                    rate.notify();
            },
            [this, rateFollows] {
                if (rateFollows)
                    Q_EMIT q->rateChanged();
            },
            [this, perFollows] {
                if (perFollows)
                    per.notify();
            },
            [this, perFollows] {
                if (perFollows)
                    Q_EMIT q->perChanged();
            },
            // GCC's undefined-behaviour sanitizer does not see through ->* here.
            [limiter = q, changed] { std::invoke(changed, limiter); });
}

// `view` has got another value: the windows follow it.
template <typename Property, typename Value, typename Change>
void SerialRateLimiterPrivate::windowsSet(Property &view, Value &told, const char *where,
                                          Change change, void (SerialRateLimiter::*changed)())
{
    const Value value = view.valueBypassingBindings();
    if (value == told)
        return;
    QList<RateLimit> windows = window.limits();
    change(windows);
    if (!accepts(windows, where)) {
        restore(view, told);
        return;
    }
    told = value;
    setWindows(windows, changed);
}

void SerialRateLimiterPrivate::rateSet()
{
    windowsSet(
            rate, good.rate, "SerialRateLimiter::rate",
            [this](QList<RateLimit> &windows) {
                windows.first() = RateLimit(rate.valueBypassingBindings(), windows.first().per());
            },
            &SerialRateLimiter::rateChanged);
}

void SerialRateLimiterPrivate::perSet()
{
    windowsSet(
            per, good.per, "SerialRateLimiter::per",
            [this](QList<RateLimit> &windows) {
                windows.first() = RateLimit(windows.first().rate(), per.valueBypassingBindings());
            },
            &SerialRateLimiter::perChanged);
}

void SerialRateLimiterPrivate::limitsSet()
{
    windowsSet(
            limits, good.limits, "SerialRateLimiter::limits",
            [this](QList<RateLimit> &windows) { windows = limits.valueBypassingBindings(); },
            &SerialRateLimiter::limitsChanged);
}

void SerialRateLimiterPrivate::marginSet()
{
    if (!keepIfGood(margin, good.margin, acceptsDuration<lcLimiter>, "SerialRateLimiter::margin"))
        return;
    window.setMargin(good.margin);
    rearm();
    Q_EMIT q->marginChanged();
}

void SerialRateLimiterPrivate::maximumPendingSet()
{
    if (!keepIfGood(maximumPending, good.maximumPending, acceptsCount<lcLimiter, qsizetype>,
                    "SerialRateLimiter::maximumPending")) {
        return;
    }
    queue.setBound(good.maximumPending);
    Q_EMIT q->maximumPendingChanged();
}

void SerialRateLimiterPrivate::overflowSet()
{
    if (!keepIfGood(overflow, good.overflow, acceptsEnumerator<lcLimiter, Overflow>,
                    "SerialRateLimiter::overflow"))
        return;
    queue.setOverflow(good.overflow);
    Q_EMIT q->overflowChanged();
}

void SerialRateLimiterPrivate::taskTimeoutSet()
{
    if (!keepIfGood(taskTimeout, good.taskTimeout, acceptsDuration<lcLimiter>,
                    "SerialRateLimiter::taskTimeout")) {
        return;
    }
    armTimeout();
    Q_EMIT q->taskTimeoutChanged();
}

void SerialRateLimiterPrivate::toleranceSet()
{
    if (!keepIfGood(tolerance, good.tolerance, acceptsDuration<lcLimiter>,
                    "SerialRateLimiter::tolerance"))
        return;
    arm();
    armTimeout();
    Q_EMIT q->toleranceChanged();
}

void SerialRateLimiterPrivate::pausedSet()
{
    rearm();
    Q_EMIT q->pausedChanged();
}

} // namespace Tactus
