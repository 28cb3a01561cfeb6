// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "qmlmanualclock_p.h"

#include "milliseconds_p.h"

#include <QtCore/qmutex.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace Tactus {

/*!
    \qmltype ManualClock
    \inqmlmodule Tactus
    \brief Virtual time: a clock that moves only when it is told to, for tests.

    A test decides what time it is. An hour of ticks passes in microseconds, every tick comes at
    exactly its due instant, and every run is like the one before. All of it is Tactus::ManualClock;
    instants and durations are real numbers of milliseconds here.

    \snippet qml/tst_heartbeat.qml test

    (\c{clock: clock} means the object with that id as long as both are in one component. A Component
    in between finds its own property first: give the clock another id there.)

    An application's own components need not have a \c clock property to be tested. Those that are
    created while a clock is the \l {asDefault}{default} one run on it:

    \snippet qml/tst_dashboard.qml test

    While an instant is served, everything that is posted to the event loop is delivered as well:
    Promises are settled and their reactions run at the right virtual time, inside advance(). QML's
    own Timer and animations know nothing of virtual time.

    A value that is no number of milliseconds (NaN, Infinity, more than 292 years) or that lies in
    the past is refused with a warning.

    Objects that run on the clock keep it alive, whatever the order in which QML destroys them.

    \since Tactus 0.1

    \sa {Testing a component}, {Testing with Virtual Time}, ScheduledTimer, SerialRateLimiter
*/

namespace {

// Engines may live in different threads.
struct DefaultManualClock
{
    QMutex mutex;
    QmlManualClock *object = nullptr;
    std::weak_ptr<ManualClock> clock; // may outlive the object
};

DefaultManualClock &defaultManualClock()
{
    static DefaultManualClock instance;
    return instance;
}

} // namespace

QmlManualClock::QmlManualClock(QObject *parent)
    : QObject(parent)
    , m_clock(std::make_shared<ManualClock>())
{
}

QmlManualClock::~QmlManualClock()
{
    DefaultManualClock &current = defaultManualClock();
    const QMutexLocker locker(&current.mutex);
    if (asDefault())
        Clock::setDefault(nullptr);
    if (current.object == this)
        current.object = nullptr;
}

/*!
    \qmlproperty real ManualClock::now
    \readonly
    The present instant: milliseconds since the clock was made, at 0. Inside of handlers and
    callbacks it is the virtual time at which they run. The change is notified when the function
    that moved time returns.
*/
double QmlManualClock::now() const
{
    return toMilliseconds(m_clock->now().time_since_epoch());
}

/*!
    \qmlproperty bool ManualClock::asDefault
    Whether timers and limiters that are created from now on run on this clock, if nobody gives them
    another one; also those that are made in C++. False by default. Of several clocks the one that
    was made the default last is. Objects that exist keep their clock; when this one is destroyed,
    the default is the real time again.

    Objects made in C++ do not keep the clock alive, and have to be destroyed before it.
*/
bool QmlManualClock::asDefault() const
{
    return m_asDefault && Clock::defaultClock() == m_clock.get();
}

void QmlManualClock::setAsDefault(bool asDefault)
{
    if (asDefault == this->asDefault())
        return;
    m_asDefault = asDefault;
    {
        DefaultManualClock &current = defaultManualClock();
        const QMutexLocker locker(&current.mutex);
        Clock::setDefault(asDefault ? m_clock.get() : nullptr);
        QmlManualClock *const previous = std::exchange(current.object, asDefault ? this : nullptr);
        if (previous && previous != this) // maybe of another thread
            QMetaObject::invokeMethod(previous, &QmlManualClock::asDefaultChanged,
                                      Qt::QueuedConnection);
        if (asDefault)
            current.clock = m_clock;
    }
    Q_EMIT asDefaultChanged();
}

std::shared_ptr<ManualClock> QmlManualClock::sharedDefault()
{
    DefaultManualClock &current = defaultManualClock();
    const QMutexLocker locker(&current.mutex);
    const std::shared_ptr<ManualClock> clock = current.clock.lock();
    return clock.get() == Clock::defaultClock() ? clock : nullptr;
}

/*!
    \qmlmethod void ManualClock::advance(real milliseconds)
    Moves time forward by \a milliseconds, serving everything that becomes due on the way, the end
    included. 0 settles the present instant. A call from inside of another one, as from a handler,
    is refused with a warning.

    \sa elapse()
*/
void QmlManualClock::advance(double milliseconds)
{
    const auto step = durationFor(this, "advance()", milliseconds, Sign::NotNegative);
    if (!step)
        return;
    const QPointer<QmlManualClock> self(this);
    const std::shared_ptr<ManualClock> clock = m_clock;
    clock->advance(*step);
    if (self)
        Q_EMIT nowChanged();
}

/*!
    \qmlmethod void ManualClock::advanceTo(real instant)
    As advance(), to the given \a instant. One in the past is refused with a warning.
*/
void QmlManualClock::advanceTo(double instant)
{
    const auto sinceStart = durationFor(this, "advanceTo()", instant, Sign::NotNegative);
    if (!sinceStart)
        return;
    if (Clock::Instant(*sinceStart) < m_clock->now()) {
        warnOfValue(this, "advanceTo()", "an instant that is not in the past",
                    QString::number(instant));
        return;
    }
    const QPointer<QmlManualClock> self(this);
    const std::shared_ptr<ManualClock> clock = m_clock;
    clock->advanceTo(Clock::Instant(*sinceStart));
    if (self)
        Q_EMIT nowChanged();
}

/*!
    \qmlmethod bool ManualClock::advanceToNext()
    Moves time forward to the next due wake-up and serves everything that is due then. Returns
    false, and time does not move, if there is none.

    \snippet qml/tst_reference.qml advance to next
*/
bool QmlManualClock::advanceToNext()
{
    const QPointer<QmlManualClock> self(this);
    const std::shared_ptr<ManualClock> clock = m_clock;
    const bool served = clock->advanceToNext();
    if (self && served)
        Q_EMIT nowChanged();
    return served;
}

/*!
    \qmlmethod void ManualClock::elapse(real milliseconds)
    Lets \a milliseconds pass while nobody is served, as when a handler takes its time. Allowed
    everywhere, also in handlers and callbacks.

    \snippet qml/tst_reference.qml elapse
*/
void QmlManualClock::elapse(double milliseconds)
{
    const auto step = durationFor(this, "elapse()", milliseconds, Sign::NotNegative);
    if (!step)
        return;
    m_clock->elapse(*step);
    Q_EMIT nowChanged();
}

/*!
    \qmlmethod int ManualClock::pendingWakeUps()
    How many wake-ups are armed on this clock: one for every timer that waits for its tick, for
    every limiter that waits to start a task, and for every timeout that is watched.
*/
int QmlManualClock::pendingWakeUps() const
{
    constexpr qsizetype largest = std::numeric_limits<int>::max();
    return static_cast<int>(std::min(m_clock->pendingWakeUps(), largest));
}

ClockUser::ClockUser(QObject *object)
    : m_object(object)
{
    keep(QmlManualClock::sharedDefault());
}

void ClockUser::use(QmlManualClock *clock, const std::function<void(Clock *)> &set,
                    const std::function<void()> &changed)
{
    m_clock = clock;
    m_isGiven = clock != nullptr;
    // The one before may go when it is not kept any more.
    set(clock ? clock->shared().get() : Clock::defaultClock());
    keep(clock ? clock->shared() : QmlManualClock::sharedDefault());
    QObject::disconnect(m_destroyed);
    if (clock)
        m_destroyed = QObject::connect(clock, &QObject::destroyed, m_object, changed);
    changed();
}

void ClockUser::keep(const std::shared_ptr<ManualClock> &clock)
{
    const QMetaObject::Connection previous = m_kept;
    m_kept = {};
    // What a connection holds goes with the QObject, which is after everything derived from it.
    if (clock)
        m_kept = QObject::connect(m_object, &QObject::destroyed, m_object, [clock] {});
    QObject::disconnect(previous);
}

} // namespace Tactus
