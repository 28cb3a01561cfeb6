// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "timerfd_p.h"

#include "instantmath_p.h"
#include "logging_p.h"

#include <QtCore/qcoreevent.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <limits>

#include <sys/timerfd.h>
#include <unistd.h>

using namespace std::chrono_literals;

namespace Tactus {

std::unique_ptr<TimerFd> TimerFd::make(Owner *owner)
{
    const int descriptor = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (descriptor >= 0)
        return std::unique_ptr<TimerFd>(new TimerFd(descriptor, owner));
    static std::atomic<bool> warned = false;
    if (!warned.exchange(true)) {
        qCWarning(lcClock, "timerfd_create: %s. Wake-ups will be up to a millisecond late.",
                  qUtf8Printable(qt_error_string(errno)));
    }
    return nullptr;
}

TimerFd::TimerFd(int descriptor, Owner *owner)
    : m_descriptor(descriptor)
    , m_owner(owner)
    , m_notifier(this)
{
}

TimerFd::~TimerFd()
{
    m_notifier.setEnabled(false);
    close(m_descriptor);
}

// Setting it also makes a ready descriptor wait again: there is no need to read it.
void TimerFd::arm(Instant instant)
{
    if (m_isReady && instant <= Clock::system()->now())
        return; // it still is
    using std::chrono::seconds;
    constexpr seconds longest(std::numeric_limits<time_t>::max());
    const Duration time = std::max<Duration>(instant.time_since_epoch(), 1ns); // 0 would disarm
    const seconds whole = std::min(std::chrono::duration_cast<seconds>(time), longest);
    itimerspec setting{};
    setting.it_value.tv_sec = static_cast<time_t>(whole.count());
    setting.it_value.tv_nsec = static_cast<long>((time % 1s).count());
    timerfd_settime(m_descriptor, TFD_TIMER_ABSTIME, &setting, nullptr);
    m_isSet = true;
    m_isReady = false;
}

void TimerFd::disarm()
{
    const itimerspec never{};
    timerfd_settime(m_descriptor, 0, &never, nullptr);
    m_isSet = false;
    m_isReady = false;
}

// Wake-ups are put on a grid, on which those of all threads and processes meet. It is the coarser the
// more is tolerated, up to a millisecond; beyond that they are put off, too.
WakeSource::Instant TimerFd::latestFor(Instant due, Duration tolerance) const
{
    constexpr Duration ownLateness = 200us;
    // Not a fraction of a millisecond, so that few intervals are a multiple of it: a timer would keep
    // its place between two lines of the grid, which may be a bad one.
    constexpr Duration coarsest(3 << 18);
    const Duration grid = std::min(tolerance - ownLateness, coarsest);
    if (grid <= Duration::zero())
        return due;
    const Instant latest = saturatedAdd(due, tolerance - ownLateness - grid);
    const Duration pastLine = latest.time_since_epoch() % grid;
    return pastLine > Duration::zero() ? saturatedAdd(latest, grid - pastLine) : latest;
}

TimerFd::Notifier::Notifier(TimerFd *timer)
    : QSocketNotifier(timer->m_descriptor, Read)
    , m_timer(timer)
{
}

bool TimerFd::Notifier::event(QEvent *event)
{
    if (event->type() != QEvent::SockAct)
        return QSocketNotifier::event(event);
    m_timer->m_isReady = true;
    m_timer->m_owner->awake();
    return true;
}

} // namespace Tactus
