// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include <Tactus/scheduledtimer.h>

#include "boundvalue_p.h"
#include "logging_p.h"
#include "scheduledtimer_p.h"

#include <QtCore/qcoreevent.h>
#include <QtCore/qthread.h>

namespace Tactus {

Detail::TimerCallback::~TimerCallback() = default;

/*!
    \class Tactus::ScheduledTimer
    \inmodule Tactus
    \inheaderfile Tactus/ScheduledTimer
    \brief A repeating timer with an explicit schedule: ticks that do not drift, never overlap,
    and are counted when they are missed.

    \snippet tst_reference.cpp timer

    At every tick the timer runs its \e callback: it emits tick(), then calls the callable that was
    set with setCallback(), and, if that returns a QFuture (or another type with TaskTraits), waits
    until the future is finished. The callback is all of that.

    \section1 Two policies

    Let the \e anchor be the instant of start().

    \badcode
    start 1     2     3     4     5     6
    |-----|-----|-----|-----|-----|-----|
          [cb]  [callback----------]    [cb]    tick 6: slots 3, 4 and 5 were missed
    \endcode

    With \c Fixed tick n is due at anchor + n * interval, for ever. The instants are computed by
    multiplication, in whole nanoseconds, so they do not drift. A callback that overruns makes the
    timer pass over the slots that came due meanwhile; they are counted, and never made up.

    \badcode
    start 1         2                3
    |-----[cb]------[callback-]------[cb]
    <---->    <---->           <---->       one interval each
    \endcode

    With \c Delay the next tick is due one interval after the callback was completed. Nothing is
    missed.

    \section1 Guarantees

    \list
    \li \l T1 No overlap, \l T2 never early, \l T3 \c Fixed does not drift, \l T4 \c Delay counts
        from completion.
    \li \l T5 Overrun: slots passed over are counted, and never made up.
    \li \l T6 stop() is deterministic, \l T7 cancel() also asks, \l T8 a second start() changes
        nothing, \l T9 a new run waits for the callback that is left.
    \li \l T10 Everything may be deleted from anywhere, \l T11 errors are reported, \l T12 a bad
        value changes nothing.
    \li \l T13 Another interval anchors anew, \l T14 maximumTicks stops, \l T15 one thread, which
        may change, \l T16 timeouts ask.
    \endlist

    What each of them says, and why, is on the page \l {Guarantees of ScheduledTimer}.

    \section1 Signals and re-entrance

    All state is settled before a signal is emitted, and every handler may call any function of the
    timer, delete it, or run a nested event loop. The order in one tick is: missedCountChanged() and
    ticksMissed() if slots were missed, busyChanged(), tick(), tickCountChanged(), the callable,
    and, when the callback has ended, busyChanged(), errorOccurred() if it failed, completed(), the
    futures of stop(), stopped(). timedOut() comes as soon as a future is late, and between
    busyChanged() and errorOccurred() where the callable was synchronous.

    \section1 Precision and power

    How late a tick comes depends on the platform's timers and on what else the event loop does;
    Tick::lateness() tells. \l tolerance has influence on that, and on how often the process is woken
    up. What happens while the machine is suspended is on the same page, \l {Precision and Power}.

    \section1 Threads

    A timer belongs to one thread, as any QObject: everything is called from there, and the callback
    runs there. moveToThread() is fine at any time, also on a running timer: the schedule goes on.
    When its thread ends, a running timer stops. Only one that was moved to a thread which then ends
    without having run an event loop goes on to say that it is running; it ticks when it is moved on, or
    when the thread is started again.

    \sa SerialRateLimiter, ManualClock, {Cookbook}

    \since Tactus 0.1
*/

/*!
    \enum Tactus::ScheduledTimer::Policy
    What a tick's due instant is counted from.

    \value Fixed  The anchor: tick n is due at anchor + n * interval.
    \value Delay  The end of the previous callback: the next tick is due one interval later.
*/

/*!
    \enum Tactus::ScheduledTimer::ErrorPolicy
    What happens after a callback has failed.

    \value Continue  The schedule goes on. The default.
    \value Stop      The timer stops.
*/

/*!
    A stopped timer with an interval of one second and the policy \c Fixed, owned by \a parent, on
    Clock::defaultClock().
*/
ScheduledTimer::ScheduledTimer(QObject *parent)
    : ScheduledTimer(std::chrono::seconds(1), Policy::Fixed, parent)
{
}

/*!
    A stopped timer with the given \a interval and \a policy, owned by \a parent. An \a interval
    that is not positive is refused with a warning and leaves one second.
*/
ScheduledTimer::ScheduledTimer(Duration interval, Policy policy, QObject *parent)
    : QObject(parent)
    , d(std::make_unique<ScheduledTimerPrivate>(this, interval, policy))
{
}

/*!
    A stopped timer with the given \a interval and the policy \c Fixed, owned by \a parent.
*/
ScheduledTimer::ScheduledTimer(Duration interval, QObject *parent)
    : ScheduledTimer(interval, Policy::Fixed, parent)
{
}

/*!
    Stops, silently. Futures of stop() that are still pending finish; a running callback's future is
    asked to cancel.
*/
ScheduledTimer::~ScheduledTimer()
{
    d->end(); // while there is a d: what is called may call the timer
}

/*!
    \property Tactus::ScheduledTimer::interval
    The time between two slots (\c Fixed), or between the end of a callback and the next tick
    (\c Delay), in nanoseconds. One second by default. A value that is not positive is refused with a
    warning (\l T12).

    \l T13: Another interval on a running timer anchors the schedule at that instant. tickCount()
    and missedCount() go on; slots are numbered from 1 again. Slots of the old schedule that had
    come due, but had no tick yet, are missed; those that had not come due are not. Setting the
    value it has changes nothing.
*/
Duration ScheduledTimer::interval() const
{
    return d->interval.value();
}

void ScheduledTimer::setInterval(Duration interval)
{
    if (d->isCalledWell("ScheduledTimer::setInterval")
        && ScheduledTimerPrivate::acceptsInterval(interval, "ScheduledTimer::setInterval")) {
        d->interval.setValue(interval);
    }
}

QBindable<Duration> ScheduledTimer::bindableInterval()
{
    return QBindable<Duration>(&d->interval);
}

/*!
    \property Tactus::ScheduledTimer::policy
    What a tick's due instant is counted from: \c Fixed, the default, or \c Delay.

    On a running timer another policy takes effect when the next tick is planned, that is at the end
    of the next callback. Numbers go on: a \c Delay tick is numbered one more than the tick before,
    and back on \c Fixed the slots in between count as missed, so that T5's sum holds.
*/
ScheduledTimer::Policy ScheduledTimer::policy() const
{
    return d->policy.value();
}

void ScheduledTimer::setPolicy(Policy policy)
{
    if (d->isCalledWell("ScheduledTimer::setPolicy")
        && acceptsEnumerator<lcTimer>(policy, "ScheduledTimer::setPolicy")) {
        d->policy.setValue(policy);
    }
}

QBindable<ScheduledTimer::Policy> ScheduledTimer::bindablePolicy()
{
    return QBindable<Policy>(&d->policy);
}

/*!
    \property Tactus::ScheduledTimer::errorPolicy
    Whether the timer goes on after a callback has failed (\c Continue, the default) or stops
    (\c Stop). A failure of a callback that began before the last start() does not stop the timer.
*/
ScheduledTimer::ErrorPolicy ScheduledTimer::errorPolicy() const
{
    return d->errorPolicy.value();
}

void ScheduledTimer::setErrorPolicy(ErrorPolicy errorPolicy)
{
    if (d->isCalledWell("ScheduledTimer::setErrorPolicy")
        && acceptsEnumerator<lcTimer>(errorPolicy, "ScheduledTimer::setErrorPolicy")) {
        d->errorPolicy.setValue(errorPolicy);
    }
}

QBindable<ScheduledTimer::ErrorPolicy> ScheduledTimer::bindableErrorPolicy()
{
    return QBindable<ErrorPolicy>(&d->errorPolicy);
}

/*!
    \property Tactus::ScheduledTimer::running
    Whether ticks are scheduled. Setting it is start() or stop(). The bindable is read-only.

    \sa busy
*/
bool ScheduledTimer::isRunning() const
{
    return d->running.value();
}

void ScheduledTimer::setRunning(bool running)
{
    if (running)
        start();
    else
        stop();
}

QBindable<bool> ScheduledTimer::bindableRunning() const
{
    const auto &running = d->running;
    return QBindable<bool>(&running);
}

/*!
    \property Tactus::ScheduledTimer::busy
    Whether a callback is executing, which it may be on a stopped timer too. Read-only.
*/
bool ScheduledTimer::isBusy() const
{
    return d->busy.value();
}

QBindable<bool> ScheduledTimer::bindableBusy() const
{
    const auto &busy = d->busy;
    return QBindable<bool>(&busy);
}

/*!
    \property Tactus::ScheduledTimer::triggeredOnStart
    Whether the anchor is a slot too: slot 0, which ticks from the event loop right after start().
    False by default. Takes effect with the next start() or restart(); a change of the interval is
    an anchor without a slot.
*/
bool ScheduledTimer::triggeredOnStart() const
{
    return d->triggeredOnStart.value();
}

void ScheduledTimer::setTriggeredOnStart(bool triggeredOnStart)
{
    if (d->isCalledWell("ScheduledTimer::setTriggeredOnStart"))
        d->triggeredOnStart.setValue(triggeredOnStart);
}

QBindable<bool> ScheduledTimer::bindableTriggeredOnStart()
{
    return QBindable<bool>(&d->triggeredOnStart);
}

/*!
    \property Tactus::ScheduledTimer::maximumTicks
    After how many ticks the timer stops by itself; 0, the default, means never. A negative number is
    refused with a warning (\l T12).

    \l T14: \l running is already false while the last tick is emitted, so that a handler can start
    the timer again; stopped() comes when that callback has been completed. A limit that a running
    timer has already reached when it is set stops it at once.
*/
qint64 ScheduledTimer::maximumTicks() const
{
    return d->maximumTicks.value();
}

void ScheduledTimer::setMaximumTicks(qint64 maximumTicks)
{
    if (d->isCalledWell("ScheduledTimer::setMaximumTicks")
        && acceptsCount<lcTimer>(maximumTicks, "ScheduledTimer::setMaximumTicks")) {
        d->maximumTicks.setValue(maximumTicks);
    }
}

QBindable<qint64> ScheduledTimer::bindableMaximumTicks()
{
    return QBindable<qint64>(&d->maximumTicks);
}

/*!
    \property Tactus::ScheduledTimer::callbackTimeout
    How long a callback may run, in nanoseconds; 0, the default, means any time. A negative value is
    refused with a warning (\l T12).

    \l T16: A callback that runs strictly longer gets a request to cancel on its future, and
    timedOut() is emitted, once. The timer stays busy until the future is really finished. That
    applies after stop() too. A callable that blocks the event loop is reported when it has
    returned. A change applies to the callback that is executing, counted from its start.
*/
Duration ScheduledTimer::callbackTimeout() const
{
    return d->callbackTimeout.value();
}

void ScheduledTimer::setCallbackTimeout(Duration timeout)
{
    if (d->isCalledWell("ScheduledTimer::setCallbackTimeout")
        && acceptsDuration<lcTimer>(timeout, "ScheduledTimer::setCallbackTimeout")) {
        d->callbackTimeout.setValue(timeout);
    }
}

QBindable<Duration> ScheduledTimer::bindableCallbackTimeout()
{
    return QBindable<Duration>(&d->callbackTimeout);
}

/*!
    \property Tactus::ScheduledTimer::tolerance
    How much later than due a wake-up may be arranged, in nanoseconds; 1 ms by default, which is as
    punctual as Qt's precise timers. Less asks for the best that the platform has; with more,
    wake-ups of different timers and limiters of one thread share one wake-up of the process. The
    schedule itself never shifts by it, and virtual time is always exact. A negative value is refused
    with a warning (\l T12).

    \sa {Precision and Power}
*/
Duration ScheduledTimer::tolerance() const
{
    return d->tolerance.value();
}

void ScheduledTimer::setTolerance(Duration tolerance)
{
    if (d->isCalledWell("ScheduledTimer::setTolerance")
        && acceptsDuration<lcTimer>(tolerance, "ScheduledTimer::setTolerance")) {
        d->tolerance.setValue(tolerance);
    }
}

QBindable<Duration> ScheduledTimer::bindableTolerance()
{
    return QBindable<Duration>(&d->tolerance);
}

/*!
    \property Tactus::ScheduledTimer::tickCount
    How many ticks there have been since start() or restart(). In a handler of tick() and in the
    callable that tick is one of them.
*/
qint64 ScheduledTimer::tickCount() const
{
    return d->tickCount;
}

/*!
    \property Tactus::ScheduledTimer::missedCount
    How many slots were passed over since start() or restart(). A slot counts when the tick after it
    is about to come, or when a change of the interval ends the schedule it belonged to.
*/
qint64 ScheduledTimer::missedCount() const
{
    return d->missedCount;
}

/*!
    \fn template <typename F> void ScheduledTimer::setCallback(F &&callable)

    Has \a callable called at every tick, after the handlers of tick(), in the timer's thread. It
    takes nothing or a \c{const Tick &}, or, if it is a coroutine, a \c{Tick}: the one that it is called
    with is gone when it goes on. If it returns a QFuture, or another type with TaskTraits,
    the timer waits for it, and looks only for an exception in it: attach a then() to a result that is
    wanted. Any other value is ignored. The callable may be move-only.

    It replaces the callable there was; one that is executing lives until it is completed. A null
    function pointer or empty \c std::function is refused with a warning.
*/

/*!
    \fn template <typename F> void ScheduledTimer::setCallback(const QObject *context, F &&callable)

    As above, for as long as \a context lives; after that the timer goes on without a callable, and
    a future that is being waited for is asked to cancel. If \a callable is a pointer to a member
    function, it is called on the context.

    A null context, one of another class than the member function's, and one that lives in another
    thread is refused with a warning.
*/

/*!
    Removes the callable. One that is executing goes on to its end.
*/
void ScheduledTimer::clearCallback()
{
    if (d->isCalledWell("ScheduledTimer::clearCallback"))
        d->install(nullptr, nullptr);
}

void ScheduledTimer::refuseCallback(const char *why)
{
    qCWarning(lcTimer) << "ScheduledTimer::setCallback:" << why << "- ignored";
}

void ScheduledTimer::installCallback(std::unique_ptr<Detail::TimerCallback> callback)
{
    if (d->isCalledWell("ScheduledTimer::setCallback"))
        d->install(std::move(callback), nullptr);
}

void ScheduledTimer::installCallback(std::unique_ptr<Detail::TimerCallback> callback,
                                     const QObject *context)
{
    if (!d->isCalledWell("ScheduledTimer::setCallback"))
        return;
    if (context->thread() != thread())
        refuseCallback("the context lives in another thread than the timer");
    else
        d->install(std::move(callback), context);
}

/*!
    Has the timer run on \a clock, which must outlive it. Refused with a warning while the timer is
    running or busy, and if \a clock is null.
*/
void ScheduledTimer::setClock(Clock *clock)
{
    if (!d->isCalledWell("ScheduledTimer::setClock"))
        return;
    if (!clock)
        qCWarning(lcTimer) << "ScheduledTimer::setClock: the clock is null - ignored";
    else if (isRunning() || isBusy())
        qCWarning(lcTimer) << "ScheduledTimer::setClock: the timer is running or busy - ignored";
    else
        d->clock = clock;
}

/*!
    The clock the timer runs on.
*/
Clock *ScheduledTimer::clock() const
{
    return d->clock;
}

/*!
    Anchors the schedule now, resets tickCount() and missedCount(), and emits started(). On a running
    timer it changes nothing and returns false; so it does, with a warning, in another thread.

    \sa restart()
*/
bool ScheduledTimer::start()
{
    return d->isCalledWell("ScheduledTimer::start") && d->start();
}

/*!
    As start(), but a running timer is anchored anew. A callback that is executing goes on; a tick
    whose callback has not begun is given up. Returns true, except in another thread.
*/
bool ScheduledTimer::restart()
{
    return d->isCalledWell("ScheduledTimer::restart") && d->restart();
}

/*!
    Stops. Once it has returned, no callback starts until the next start(). The future finishes when
    the callback that is executing, if any, has been completed; without one it is finished already.
    Called from another thread it does nothing but warn, and the future is canceled.

    \snippet tst_reference.cpp stop

    A callback may stop its own timer (\l {Until it is ready}). The future then finishes after that
    callback, which therefore must not return it: it would wait for its own end.

    \sa cancel(), stopped()
*/
QFuture<void> ScheduledTimer::stop()
{
    return d->isCalledWell("ScheduledTimer::stop") ? d->stop(false) : QFuture<void>();
}

/*!
    Stops, and asks the future of the callback that is executing, if any, to cancel. What comes of
    that is the producer's affair: the returned future finishes when the callback really has.
*/
QFuture<void> ScheduledTimer::cancel()
{
    return d->isCalledWell("ScheduledTimer::cancel") ? d->stop(true) : QFuture<void>();
}

/*!
    \fn void ScheduledTimer::tick(const Tactus::Tick &tick)
    It is time for \a tick. This is the first part of the callback: handlers in the timer's thread run
    within it. Queued connections, as to objects in other threads, are not waited for.
*/

/*!
    \fn void ScheduledTimer::completed(const Tactus::Tick &tick)
    The callback of \a tick has ended: once after every tick(), after errorOccurred() if there was
    an error. The next tick is planned already.
*/

/*!
    \fn void ScheduledTimer::errorOccurred(const Tactus::Tick &tick, const QString &message)
    The callable of \a tick has thrown, or its future holds an exception; \a message is its
    \l {The text of an error}{text}.
*/

/*!
    \fn void ScheduledTimer::timedOut(const Tactus::Tick &tick)
    The callback of \a tick runs longer than \l callbackTimeout.
*/

/*!
    \fn void ScheduledTimer::ticksMissed(qint64 count)
    \a count slots were passed over since the previous tick. Comes right before the tick that reports
    them.
*/

/*!
    \fn void ScheduledTimer::started()
    The timer was started or restarted.
*/

/*!
    \fn void ScheduledTimer::stopped()
    The timer is not running, and no callback is executing any more. Not emitted if start() came
    before the last callback had ended.
*/

/*!
    \fn template <typename F> Tactus::ScheduledTimer *Tactus::every(Tactus::Duration interval, QObject *context, F &&callable)
    \relates Tactus::ScheduledTimer

    Makes a timer with the given \a interval and the policy \c Fixed, sets \a callable with
    \a context as in setCallback(), starts it and returns it. The context owns the timer, so both
    end together.

    \snippet tst_reference.cpp every

    A context that is null or lives in another thread gets no timer, but a warning and \nullptr.
    With an interval that is not positive the timer is there, but not started.
*/
ScheduledTimer *ScheduledTimer::makeFor(Duration interval, const QObject *context)
{
    if (!context || context->thread() != QThread::currentThread()) {
        qCWarning(lcTimer) << "every() wants a context that lives in the calling thread, got"
                           << context << "- no timer is made";
        return nullptr;
    }
    return new ScheduledTimer(interval, const_cast<QObject *>(context));
}

/*! \internal */
bool ScheduledTimer::event(QEvent *event)
{
    if (event->type() == QEvent::ThreadChange)
        d->leaveThread();
    return QObject::event(event);
}

} // namespace Tactus
