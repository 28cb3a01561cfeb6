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
    \inheaderfile Tactus/Clock
    \brief Where timers and limiters take their time from.

    Every ScheduledTimer and SerialRateLimiter reads one clock, and every wake-up it waits for is
    kept in the queue that the calling thread has for that clock. There are two: system(), which
    is the real monotonic time, and ManualClock, which is virtual time for tests.

    Instants and durations are \c std::chrono values with a resolution of one nanosecond. A clock
    meets the requirements that \c std::chrono templates put on one, but for the static \c now().

    \section1 Guarantees

    \l C1 Time does not go back, \l C2 nothing is early, \l C3 long waits are split, \l C4 one queue
    serves all, \l C6 one line changes the clock of an application, \l C7 a busy timer freezes nothing;
    and \l C5, which is ManualClock's. What each of them says, and why, is on the page
    \l {Guarantees of the Clock}.

    \section1 How a thread is woken up

    On Linux by a \c timerfd, a file descriptor for each thread and clock in use. Without one, because
    the process has too many files open (which is reported once), because the environment variable
    \c TACTUS_NO_TIMERFD is set, or on other systems, by a timer of Qt's event dispatcher, which waits in whole milliseconds. Event
    loops that were told to leave out what it comes by, with \c QEventLoop::ExcludeSocketNotifiers on
    Linux, serve no wake-ups. How late they come is on the page \l {Precision and Power}.

    \section1 A clock of your own

    A subclass only says what time it is. Wake-ups are then arranged with the platform's timer for
    as long as the clock says that is left, looked at again, and arranged again if the clock is not
    there yet. A clock that runs faster than real time is thus served late, never early.

    \section1 Threads

    now() may be called from any thread and has to be safe there. A clock outlives the objects that
    run on it. Clocks that are not on the stack or static belong to whoever made them.

    \since Tactus 0.1
*/

/*!
    \typealias Tactus::Clock::Instant
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
    const QMutexLocker locker(&partings);
    for (WakeUpQueue *queue : std::exchange(m_queues, {}))
        queue->clockGone();
}

void ClockPrivate::addQueue(WakeUpQueue *queue)
{
    const QMutexLocker locker(&m_mutex);
    m_queues.push_back(queue);
}

QBasicMutex ClockPrivate::partings;

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
