// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "clock_p.h"
#include "wakeupqueue_p.h"

#include <QtCore/qdeadlinetimer.h>

#include <algorithm>
#include <atomic>
#include <utility>

namespace Tactus {

/*!
    \class Tactus::Clock
    \inmodule Tactus
    \brief Where timers and limiters take their time from.

    Every ScheduledTimer and SerialRateLimiter reads one clock, and every wake-up it waits for is
    kept in the queue that the calling thread has for that clock. There are two: system(), which
    is the real monotonic time, and ManualClock, which is virtual time for tests.

    Instants and durations are \c std::chrono values with a resolution of one nanosecond. A clock
    meets the requirements that \c std::chrono templates put on one, but for the static \c now().

    \section1 Guarantees

    \list
    \li \b C1 now() never goes back. The system clock reads
        \c QDeadlineTimer::current(Qt::PreciseTimer).
    \li \b C2 A wake-up never runs before its due instant. Where the platform wakes early, the
        wake-up is armed again.
    \li \b C3 Waits longer than the platform's timer can hold (2^31 ms) are split. An instant that
        would overflow 64-bit nanoseconds means "never".
    \li \b C4 All wake-ups of one thread and one clock share one queue and one platform timer:
        arming, re-arming and canceling one is O(log n), whatever Qt's own list of timers costs. A
        canceled wake-up holds no memory.
    \li \b C6 setDefault() puts every object made afterwards on a clock.
    \li \b C7 A wake-up that becomes due again while its queue is being served waits for the next
        turn of the event loop: a timer with an interval of 1 ns keeps its thread busy, but never
        freezes it.
    \endlist

    C5 is ManualClock's.

    \section1 A clock of your own

    A subclass only says what time it is. Wake-ups are then arranged with the platform's timer for
    as long as the clock says that is left, looked at again, and arranged again if the clock is not
    there yet. A clock that runs faster than real time is thus served late, never early.

    \section1 Threads

    now() may be called from any thread and has to be safe there. A clock outlives the objects that
    run on it. Clocks that are not on the stack or static belong to whoever made them.

    Since 0.1.
*/

/*!
    \typealias Clock::Instant
    A point in time: nanoseconds on this clock.
*/

/*!
    \fn Tactus::Clock::Instant Clock::now() const
    The present instant. It never is earlier than one it returned before.
*/

namespace {

class SystemClock final : public Clock
{
public:
    Instant now() const override
    {
        return Instant(Duration(QDeadlineTimer::current(Qt::PreciseTimer).deadlineNSecs()));
    }
};

std::atomic<Clock *> chosenDefault = nullptr;

} // namespace

ClockPrivate::ClockPrivate(Time time)
    : m_time(time)
{
}

ClockPrivate::~ClockPrivate()
{
    for (WakeUpQueue *queue : std::exchange(m_queues, {}))
        queue->clockGone();
}

void ClockPrivate::addQueue(WakeUpQueue *queue)
{
    const QMutexLocker locker(&m_mutex);
    m_queues.push_back(queue);
}

void ClockPrivate::removeQueue(WakeUpQueue *queue)
{
    const QMutexLocker locker(&m_mutex);
    m_queues.erase(std::remove(m_queues.begin(), m_queues.end(), queue), m_queues.end());
}

/*!
    A clock whose wake-ups are arranged with the platform's timer.
*/
Clock::Clock()
    : Clock(std::make_unique<ClockPrivate>(ClockPrivate::Time::Real))
{
}

Clock::Clock(std::unique_ptr<ClockPrivate> priv)
    : d(std::move(priv))
{
}

/*!
    Destroys the clock. Nothing may run on it any more.
*/
Clock::~Clock() = default;

/*!
    The real time: monotonic, with the resolution of \c QDeadlineTimer, and on most platforms the
    same clock as \c std::chrono::steady_clock. It lives as long as the process.
*/
Clock *Clock::system()
{
    // Never destroyed: static objects may still stop their timers after main().
    static auto *const clock = new SystemClock;
    return clock;
}

/*!
    The clock that new timers and limiters start with: system(), unless setDefault() said
    otherwise. May be called from any thread.
*/
Clock *Clock::defaultClock()
{
    Clock *const chosen = chosenDefault.load(std::memory_order_acquire);
    return chosen ? chosen : system();
}

/*!
    Makes \a clock the one that every timer and limiter made afterwards starts with, so that an
    application can be tested on virtual time without passing a clock through its code; \nullptr
    means system() again. Objects that exist keep their clock. May be called from any thread.

    \snippet tst_reference.cpp default clock
*/
void Clock::setDefault(Clock *clock)
{
    chosenDefault.store(clock, std::memory_order_release);
}

} // namespace Tactus
