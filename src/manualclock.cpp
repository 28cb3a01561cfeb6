// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include <Tactus/manualclock.h>

#include "instantmath_p.h"
#include "logging_p.h"
#include "manualclock_p.h"
#include "wakeupqueue_p.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qcoreevent.h>
#include <QtCore/qthread.h>

#include <algorithm>

namespace Tactus {

/*!
    \class Tactus::ManualClock
    \inmodule Tactus
    \inheaderfile Tactus/ManualClock
    \brief Virtual time: a clock that moves only when it is told to.

    With a ManualClock a test decides what time it is. An hour of ticks passes in microseconds,
    every tick comes at exactly its due instant, and every run is like the one before.

    \snippet tst_reference.cpp manual clock

    Hand the clock to single objects with setClock(), or to a whole application with
    Clock::setDefault().

    \section1 What advance() does

    \badcode
    now        due    due        due                now + d
     |----------v------v----------v------------------|
                serve  serve      serve              serve what is due at the very end
                settle settle     settle             settle
    \endcode

    advance(d) visits each due instant in order, up to and including its end. While an instant is
    served, now() is that instant. Wake-ups due at the same instant are served in the order in
    which they were armed. Time moves on only when the present instant has settled: nothing is due,
    also nothing that was armed for now() while serving, and the posted events of the thread have
    been delivered, round after round, until there are none. So futures, continuations, queued
    connections and \c deleteLater() come at the right virtual time. After 1,000 rounds at one
    instant there is a warning, and time moves on.

    The clock never moves by itself. A wake-up that is due at the present instant is served by a
    running event loop too, as one would expect of a program that is not being advanced.

    A nested advance(), from inside a handler or callback, is refused with a warning; elapse() is for
    those. Past the largest instant that 64-bit nanoseconds can hold the clock stays there. Virtual
    wake-ups are exact: \c tolerance is about platform timers only.

    Qt's own timers, sockets and animations know nothing of virtual time.

    \section1 Threads

    now() may be called from any thread. The thread that calls advance() serves its own wake-ups.
    Objects in other threads are told that time has moved, and their event loops serve what is due,
    in their own time: for them the clock is one that may jump. Make the first ManualClock before
    other threads have an event loop running: it installs the counter of delivered events by which
    it knows when an instant has settled.

    Without a QCoreApplication wake-ups are served, but no posted events.

    \since Tactus 0.1
*/

namespace {

constexpr int MaximumRounds = 1000;

thread_local quint64 deliveredEvents = 0;

bool countDelivered(void **)
{
    ++deliveredEvents;
    return false;
}

void countDeliveredEvents()
{
    static const bool installed = QInternal::registerCallback(QInternal::EventNotifyCallback,
                                                              countDelivered);
    Q_UNUSED(installed)
}

// One round. False: there was none to deliver.
bool deliverPostedEvents()
{
    if (!QCoreApplication::instance())
        return false;
    const quint64 before = deliveredEvents;
    QCoreApplication::sendPostedEvents();
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    return deliveredEvents != before;
}

void settle(const Clock *clock)
{
    for (int round = 0; round < MaximumRounds; ++round) {
        WakeUpQueue *const queue = WakeUpQueue::existingForCurrentThread(clock);
        const bool served = queue && queue->serve();
        if (!deliverPostedEvents() && !served)
            return;
    }
    qCWarning(lcClock) << "ManualClock::advance: the instant"
                       << Shown{ clock->now().time_since_epoch() } << "has not settled in"
                       << MaximumRounds << "rounds; time moves on";
}

} // namespace

ManualClockPrivate::ManualClockPrivate(Clock::Instant start)
    : ClockPrivate(Time::Virtual)
    , m_now(start.time_since_epoch().count())
{
}

qsizetype ManualClockPrivate::pendingWakeUps() const
{
    const QMutexLocker locker(&m_mutex);
    qsizetype count = 0;
    for (const WakeUpQueue *queue : m_queues)
        count += queue->sharedSize();
    return count;
}

bool ManualClockPrivate::beginAdvance(const char *function)
{
    if (!m_advancing.exchange(true))
        return true;
    qCWarning(lcClock) << function
                       << "was called while the clock is being advanced - ignored; to let time "
                          "pass inside a callback use elapse()";
    return false;
}

// Another thread may be past that instant already: then this one only settles.
void ManualClockPrivate::advanceTo(const Clock *clock, Clock::Instant instant)
{
    if (!beginAdvance("ManualClock::advance"))
        return;
    const auto end = qScopeGuard([this] { endAdvance(); });

    settle(clock);
    // Callbacks may let time elapse(), even past the end.
    for (Clock::Instant present = now(); present < instant; present = now()) {
        const WakeUpQueue *const queue = WakeUpQueue::existingForCurrentThread(clock);
        moveTo(std::min(nextDueAfter(present, queue), instant), queue);
        settle(clock);
    }
}

void ManualClockPrivate::moveTo(Clock::Instant now, const WakeUpQueue *servedDirectly)
{
    Duration::rep present = m_now;
    while (present < now.time_since_epoch().count()
           && !m_now.compare_exchange_weak(present, now.time_since_epoch().count()))
        continue;
    tell(servedDirectly);
}

void ManualClockPrivate::elapse(Duration step)
{
    Duration::rep present = m_now;
    while (!m_now.compare_exchange_weak(
            present,
            saturatedAdd(Clock::Instant(Duration(present)), step).time_since_epoch().count()))
        continue;
    tell(nullptr);
}

void ManualClockPrivate::tell(const WakeUpQueue *servedDirectly)
{
    const QMutexLocker locker(&m_mutex);
    for (WakeUpQueue *queue : m_queues) {
        if (queue != servedDirectly)
            queue->timeMoved(now());
    }
}

Clock::Instant ManualClockPrivate::nextDueAfter(Clock::Instant instant,
                                                const WakeUpQueue *ownQueue) const
{
    Clock::Instant next = ownQueue ? ownQueue->nextDueAfter(instant) : Never;
    const QMutexLocker locker(&m_mutex);
    for (const WakeUpQueue *queue : m_queues) {
        if (queue == ownQueue)
            continue;
        const Clock::Instant due = queue->sharedNextDue();
        if (due > instant)
            next = std::min(next, due);
    }
    return next;
}

/*!
    A clock that stands at \a start.
*/
ManualClock::ManualClock(Instant start)
    : Clock(std::make_unique<ManualClockPrivate>(start))
{
    countDeliveredEvents();
}

/*!
    Destroys the clock. Nothing may run on it any more.
*/
ManualClock::~ManualClock() = default;

ManualClockPrivate *ManualClock::manual() const
{
    return static_cast<ManualClockPrivate *>(clockPrivate());
}

/*! \reimp */
Clock::Instant ManualClock::now() const
{
    return manual()->now();
}

/*!
    Moves time forward by \a step nanoseconds, serving everything that becomes due on the way. A
    step of zero settles the present instant. A negative step is refused with a warning, as is a
    call from inside another one.

    \sa elapse(), advanceToNext()
*/
void ManualClock::advance(Duration step)
{
    if (step < Duration::zero()) {
        qCWarning(lcClock) << "ManualClock::advance: the step must not be negative, got"
                           << Shown{ step } << "- ignored";
        return;
    }
    manual()->advanceTo(this, saturatedAdd(now(), step));
}

/*!
    Moves time forward to \a instant as advance() does. An instant in the past is refused with a
    warning.
*/
void ManualClock::advanceTo(Instant instant)
{
    if (instant < now()) {
        qCWarning(lcClock) << "ManualClock::advanceTo: the instant"
                           << Shown{ instant.time_since_epoch() } << "lies before now,"
                           << Shown{ now().time_since_epoch() } << "- ignored";
        return;
    }
    manual()->advanceTo(this, instant);
}

/*!
    Moves time forward to the next due wake-up and serves everything that is due then; false, and
    time does not move, if there is none. In a loop this runs all there is to run:

    \snippet tst_reference.cpp advance to next

    A wake-up that is due already counts: then time does not move. A call from inside advance() is
    refused with a warning, and returns false.
*/
bool ManualClock::advanceToNext()
{
    ManualClockPrivate *const self = manual();
    const auto next = [this, self] {
        return self->nextDueAfter(Instant::min(), WakeUpQueue::existingForCurrentThread(this));
    };
    {
        if (!self->beginAdvance("ManualClock::advanceToNext"))
            return false;
        const auto end = qScopeGuard([self] { self->endAdvance(); });
        // What is posted may arm a wake-up; what it starts must not be served twice.
        for (int round = 0; round < MaximumRounds && next() > now() && deliverPostedEvents();
             ++round)
            continue;
    }
    const Instant due = next();
    if (due == Never)
        return false;
    self->advanceTo(this, due);
    return true;
}

/*!
    Lets \a step nanoseconds pass while nobody is served, as when a callback takes its time or the
    event loop is blocked. Allowed everywhere, also inside callbacks that advance() called. What
    has become due is served afterwards, late: by the advance() that is under way, by the next one,
    or by the event loop. A negative step is refused with a warning.

    \snippet tst_reference.cpp elapse
*/
void ManualClock::elapse(Duration step)
{
    if (step < Duration::zero()) {
        qCWarning(lcClock) << "ManualClock::elapse: the step must not be negative, got"
                           << Shown{ step } << "- ignored";
        return;
    }
    manual()->elapse(step);
}

/*!
    How many wake-ups are armed on this clock, in all threads. A timer that waits for its tick
    holds one, a limiter with work to start another, a running callback with a timeout one more.
*/
qsizetype ManualClock::pendingWakeUps() const
{
    return manual()->pendingWakeUps();
}

} // namespace Tactus
