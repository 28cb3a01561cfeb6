// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include <Tactus/serialratelimiter.h>

#include "boundvalue_p.h"
#include "instantmath_p.h"
#include "logging_p.h"
#include "serialratelimiter_p.h"

#include <QtCore/qcoreevent.h>

namespace Tactus {

/*!
    \class Tactus::SerialRateLimiter
    \inmodule Tactus
    \inheaderfile Tactus/SerialRateLimiter
    \brief Runs tasks one at a time, in order, and never completes more than \c rate of them in any
    \c per.

    \snippet tst_reference.cpp limiter

    A task is any callable. If it returns a QFuture (or another type with TaskTraits), the task runs
    until that future is finished, and no other task starts before. push() returns a QFuture with
    the task's result: of \c T if the task returns \c T or \c{QFuture<T>}.

    \section1 Why completions are counted

    A server counts a request when it arrives: some time between its start and its end, which is all
    the client knows. Limiters that count starts therefore let too many arrive together when
    requests are slow; this one does not.

    \badcode
    [task 1] [task 2.....]           [task 3]      [task 4]       rate 2, per P
            c1            c2
            |<---------- P --------->|                            3 starts at c1 + P, not before
                          |<---------- P --------->|              4 starts at c2 + P
    \endcode

    A task starts only when the rate-th last completion is at least \c per ago. Its own completion
    comes later still, so no stretch of length \c per ever holds more than \c rate completions; and
    neither does it hold more than \c rate of \e any instants, if one is picked inside each
    execution. There are no tokens to save up, and so no bursts beyond the window. The price is
    throughput: with slow tasks less than the permitted rate is used.

    A completion is the instant at which the limiter sees that the task has ended. Continuations and
    handlers of taskCompleted() come after it, each with a delay of its own, so instants noted there
    may lie closer together than the window allows.

    \section1 Guarantees

    \list
    \li \l L1 One at a time, \l L2 first come, first served, \l L3 the rate holds everywhere, \l L4
        never later than it must.
    \li \l L5 Every future finishes, \l L6 who has started has used a slot, \l L7 cancellation.
    \li \l L8 No task runs inside push(), \l L9 fair to the event loop, \l L10 handlers may do
        anything.
    \li \l L11 Bounded queue, \l L12 holds, \l L13 windows may change, \l L14 drain(), \l L15 the
        destructor does not block.
    \li \l L16 Exceptions arrive unchanged, \l L17 push() from any thread, \l L18 a bad value changes
        nothing, \l L19 timeouts, \l L20 signals.
    \endlist

    What each of them says, and why, is on the page \l {Guarantees of SerialRateLimiter}.

    \section1 Signals and re-entrance

    All state is settled before a signal is emitted, and every handler, task and continuation may call
    any function of the limiter, delete it, or run a nested event loop. The order for one task is:
    busyChanged(), taskStarted(), the callable, and, when the task has ended, the pushed future,
    busyChanged(), one of taskCompleted(), taskFailed() and taskCanceled(), the futures of drain(),
    drained(). After a timeout the pushed future and taskFailed() do not wait for that end.

    pendingCountChanged() and the signals of the counters come at most once per turn of the event loop;
    the getters are always exact. The destructor is silent: it emits no signals. What became of the
    tasks is in their futures.

    \section1 Threads

    push() and post() may be called from any thread, everything else from the limiter's own (\l L17).
    Tasks run in the limiter's thread. For work that takes long, return a QFuture (from
    QtConcurrent::run(), a network request, ...). moveToThread() is fine at any time; tasks go on in
    the new thread. When the thread finishes, queued futures are canceled, and later pushes are
    canceled at once. Only tasks that were queued before the limiter was moved to a thread which then
    ends without having run an event loop wait for the limiter's destruction.

    What a push() from another thread does to the limiter's other tasks is done in the limiter's thread:
    the future of one that gives way to it (Overflow::DropOldest) fails there, a turn of the event loop
    later. Only when more than maximumPending, or 64, of them wait for that, because the limiter's thread
    is blocked, does the oldest that has come from another thread fail inside the push() that drops one
    more.

    \section1 Memory

    A limiter keeps as many completions as its largest rate asks for: with room for more, up to 32
    bytes for each. Beyond 1,024 it forgets those that are older than its longest window.

    \sa ScheduledTimer, RateLimit, {Cookbook}

    \since Tactus 0.1
*/

/*!
    \enum Tactus::SerialRateLimiter::Overflow
    Which task fails with QueueFullError when one more is pushed than \l maximumPending allows.

    \value RejectNewest  The one that is pushed. The default.
    \value DropOldest    The one that has waited longest.
*/

/*!
    \typealias Tactus::SerialRateLimiter::Result

    What the future of a task that is an \c F holds: the table at push() tells.
*/

/*!
    A limiter of one task per second, owned by \a parent, on Clock::defaultClock().
*/
SerialRateLimiter::SerialRateLimiter(QObject *parent)
    : SerialRateLimiter(1, std::chrono::seconds(1), parent)
{
}

/*!
    A limiter of \a rate tasks in any \a per, owned by \a parent. Values that are not positive are
    refused with a warning and leave one task per second.
*/
SerialRateLimiter::SerialRateLimiter(int rate, Duration per, QObject *parent)
    : QObject(parent)
    , d(std::make_unique<SerialRateLimiterPrivate>(this, RateLimit(rate, per)))
{
}

/*!
    Cancels and finishes every queued future, asks the future of the running task to cancel, finishes
    the running task's pushed future and those of drain(), and does not block.
*/
SerialRateLimiter::~SerialRateLimiter()
{
    d->end(); // while there is a d: what is called may call the limiter
}

/*!
    \property Tactus::SerialRateLimiter::rate
    How many completions the first window allows; 1 by default. A view of \l limits. A value below 1 is
    refused with a warning (\l L18).
*/
int SerialRateLimiter::rate() const
{
    return d->rate.value();
}

void SerialRateLimiter::setRate(int rate)
{
    if (d->isCalledWell("SerialRateLimiter::setRate")
        && SerialRateLimiterPrivate::accepts({ RateLimit(rate, d->per.valueBypassingBindings()) },
                                             "SerialRateLimiter::setRate")) {
        d->rate.setValue(rate);
    }
}

QBindable<int> SerialRateLimiter::bindableRate()
{
    return QBindable<int>(&d->rate);
}

/*!
    \property Tactus::SerialRateLimiter::per
    The length of the first window, in nanoseconds; one second by default. A view of \l limits. A value
    that is not positive is refused with a warning (\l L18).
*/
Duration SerialRateLimiter::per() const
{
    return d->per.value();
}

void SerialRateLimiter::setPer(Duration per)
{
    if (d->isCalledWell("SerialRateLimiter::setPer")
        && SerialRateLimiterPrivate::accepts({ RateLimit(d->rate.valueBypassingBindings(), per) },
                                             "SerialRateLimiter::setPer")) {
        d->per.setValue(per);
    }
}

QBindable<Duration> SerialRateLimiter::bindablePer()
{
    return QBindable<Duration>(&d->per);
}

/*!
    \property Tactus::SerialRateLimiter::limits
    All windows; at least one. A task starts when every one of them permits it. They may change at any
    time (\l L13); a list that is empty, or has a window with a rate below 1 or a period that is not
    positive, is refused with a warning (\l L18).

    \snippet tst_reference.cpp limits

    Setting it sets \l rate and \l per to the first one, and the other way round.
*/
QList<RateLimit> SerialRateLimiter::limits() const
{
    return d->limits.value();
}

void SerialRateLimiter::setLimits(const QList<RateLimit> &limits)
{
    if (d->isCalledWell("SerialRateLimiter::setLimits")
        && SerialRateLimiterPrivate::accepts(limits, "SerialRateLimiter::setLimits")) {
        d->limits.setValue(limits);
    }
}

QBindable<QList<RateLimit>> SerialRateLimiter::bindableLimits()
{
    return QBindable<QList<RateLimit>>(&d->limits);
}

/*!
    \property Tactus::SerialRateLimiter::margin
    What is added to the length of every window, in nanoseconds; 0 by default. For servers whose
    clock is not quite ours. A negative value is refused with a warning (\l L18).
*/
Duration SerialRateLimiter::margin() const
{
    return d->margin.value();
}

void SerialRateLimiter::setMargin(Duration margin)
{
    if (d->isCalledWell("SerialRateLimiter::setMargin")
        && acceptsDuration<lcLimiter>(margin, "SerialRateLimiter::setMargin")) {
        d->margin.setValue(margin);
    }
}

QBindable<Duration> SerialRateLimiter::bindableMargin()
{
    return QBindable<Duration>(&d->margin);
}

/*!
    \property Tactus::SerialRateLimiter::maximumPending
    How many tasks may wait; 0, the default, means any number. The running task does not count. A
    negative number is refused with a warning (\l L18).

    \l L11: When the queue is full, \l overflow says which task fails, with QueueFullError. That task
    has an id, and counts as failed. Lowering the bound drops nothing that is queued.
*/
qsizetype SerialRateLimiter::maximumPending() const
{
    return d->maximumPending.value();
}

void SerialRateLimiter::setMaximumPending(qsizetype maximumPending)
{
    if (d->isCalledWell("SerialRateLimiter::setMaximumPending")
        && acceptsCount<lcLimiter>(maximumPending, "SerialRateLimiter::setMaximumPending")) {
        d->maximumPending.setValue(maximumPending);
    }
}

QBindable<qsizetype> SerialRateLimiter::bindableMaximumPending()
{
    return QBindable<qsizetype>(&d->maximumPending);
}

/*!
    \property Tactus::SerialRateLimiter::overflow
    Which task fails when the queue is full: \c RejectNewest, the default, or \c DropOldest.

    \sa maximumPending
*/
SerialRateLimiter::Overflow SerialRateLimiter::overflow() const
{
    return d->overflow.value();
}

void SerialRateLimiter::setOverflow(Overflow overflow)
{
    if (d->isCalledWell("SerialRateLimiter::setOverflow")
        && acceptsEnumerator<lcLimiter>(overflow, "SerialRateLimiter::setOverflow")) {
        d->overflow.setValue(overflow);
    }
}

QBindable<SerialRateLimiter::Overflow> SerialRateLimiter::bindableOverflow()
{
    return QBindable<Overflow>(&d->overflow);
}

/*!
    \property Tactus::SerialRateLimiter::taskTimeout
    How long a task may run, in nanoseconds; 0, the default, means any time. A negative value is
    refused with a warning (\l L18).

    \l L19: A task that runs strictly longer gets a request to cancel on the future it returned, and
    the pushed future fails at once with TimeoutError. The task counts as running, and uses its slot,
    until it is really finished. One that blocks the event loop is noticed when it returns. A change
    applies to the running task, counted from its start.
*/
Duration SerialRateLimiter::taskTimeout() const
{
    return d->taskTimeout.value();
}

void SerialRateLimiter::setTaskTimeout(Duration timeout)
{
    if (d->isCalledWell("SerialRateLimiter::setTaskTimeout")
        && acceptsDuration<lcLimiter>(timeout, "SerialRateLimiter::setTaskTimeout")) {
        d->taskTimeout.setValue(timeout);
    }
}

QBindable<Duration> SerialRateLimiter::bindableTaskTimeout()
{
    return QBindable<Duration>(&d->taskTimeout);
}

/*!
    \property Tactus::SerialRateLimiter::tolerance
    How much later than permitted a wake-up may be arranged, in nanoseconds; 1 ms by default. Less asks
    for the best that the platform has; with more, wake-ups of different limiters and timers of one
    thread share one wake-up of the process. A negative value is refused with a warning (\l L18).

    \sa {Precision and Power}
*/
Duration SerialRateLimiter::tolerance() const
{
    return d->tolerance.value();
}

void SerialRateLimiter::setTolerance(Duration tolerance)
{
    if (d->isCalledWell("SerialRateLimiter::setTolerance")
        && acceptsDuration<lcLimiter>(tolerance, "SerialRateLimiter::setTolerance")) {
        d->tolerance.setValue(tolerance);
    }
}

QBindable<Duration> SerialRateLimiter::bindableTolerance()
{
    return QBindable<Duration>(&d->tolerance);
}

/*!
    \property Tactus::SerialRateLimiter::paused
    Whether no task is started for now. The running one goes on.
*/
bool SerialRateLimiter::isPaused() const
{
    return d->paused.value();
}

void SerialRateLimiter::setPaused(bool paused)
{
    if (d->isCalledWell("SerialRateLimiter::setPaused"))
        d->paused.setValue(paused);
}

QBindable<bool> SerialRateLimiter::bindablePaused()
{
    return QBindable<bool>(&d->paused);
}

/*!
    \property Tactus::SerialRateLimiter::busy
    Whether a task is running. Read-only.
*/
bool SerialRateLimiter::isBusy() const
{
    return d->busy.value();
}

QBindable<bool> SerialRateLimiter::bindableBusy() const
{
    const auto &busy = d->busy;
    return QBindable<bool>(&busy);
}

/*!
    \property Tactus::SerialRateLimiter::pendingCount
    How many tasks wait; the running one is not among them. A task whose future was canceled goes in
    the next turn of the event loop; in a backlog of quick tasks, more than 64 in a millisecond, that
    nothing keeps waiting, it goes when it would have been started.
*/
qsizetype SerialRateLimiter::pendingCount() const
{
    return d->pendingCount();
}

/*!
    \property Tactus::SerialRateLimiter::completedCount
    How many tasks have succeeded.
*/
qint64 SerialRateLimiter::completedCount() const
{
    return d->completedCount;
}

/*!
    \property Tactus::SerialRateLimiter::failedCount
    How many tasks have failed: with an exception, by a timeout, or because the queue was full.
*/
qint64 SerialRateLimiter::failedCount() const
{
    return d->failedCount;
}

/*!
    \property Tactus::SerialRateLimiter::canceledCount
    How many tasks were canceled, queued or running.
*/
qint64 SerialRateLimiter::canceledCount() const
{
    return d->canceledCount;
}

/*!
    \fn template <typename F> QFuture<SerialRateLimiter::Result<F>> SerialRateLimiter::push(F &&task)

    Appends \a task to the queue and returns a future of its result. May be called from any thread.

    \table
    \header \li The task returns \li The future holds
    \row \li nothing \li nothing
    \row \li \c T, also move-only \li \c T
    \row \li \c QFuture<T> \li what that future holds: its results, its exception, its cancellation
    \row \li a type with TaskTraits \li what its toFuture() holds
    \endtable

    A task that throws, or whose future holds an exception, makes the pushed future fail with it. A
    future that finishes without the result it should hold cancels it. The task's own future is
    only observed: continuations on it, attached before or after, keep working. Results are copied
    from it, or moved if they cannot be copied; if a continuation on it takes the result, nothing is
    left, and the pushed future is canceled. (Before Qt 6.5.2, not before the task has returned it:
    such a future cannot be told from one that has not begun.) The callable is destroyed after its future has
    finished, so a coroutine may use its captures.

    A task may push other tasks, but must not wait for them, nor return their futures: they start when
    it has ended.

    Canceling the returned future cancels the task (\l L7). Put onCanceled() before onFailed() in a
    chain of continuations: in Qt 6.4 a cancellation does not pass an onFailed() that follows a
    then().
*/

/*!
    \fn template <typename F> QFuture<SerialRateLimiter::Result<F>> SerialRateLimiter::push(const QObject *context, F &&task)

    As above, but the task is canceled when \a context is destroyed. If \a task is a pointer to a
    member function, it is called on the context.

    The context has to live in the limiter's thread. With a null one the future is canceled at once;
    so it is, with a warning, if the context is of another class than the member function's, or lives
    in another thread.
*/

/*!
    \fn template <typename F> void SerialRateLimiter::post(F &&task)

    As push(), for a \a task whose result nobody waits for: it costs no future. What becomes of it
    is told by the signals only. May be called from any thread.
*/

/*!
    \fn template <typename F> void SerialRateLimiter::post(const QObject *context, F &&task)

    As above; \a task is canceled with \a context as in push().
*/

void SerialRateLimiter::enqueue(std::unique_ptr<Detail::LimiterTask> task)
{
    d->enqueue(std::move(task), nullptr, false);
}

void SerialRateLimiter::enqueue(std::unique_ptr<Detail::LimiterTask> task, const QObject *context,
                                bool contextFits)
{
    bool refused = !contextFits;
    if (context && refused) {
        qCWarning(lcLimiter) << "SerialRateLimiter::push: the context" << context
                             << "is not of the member function's class - the task is canceled";
    } else if (context && context->thread() != thread()) {
        refused = true;
        qCWarning(lcLimiter) << "SerialRateLimiter::push: the context" << context << "lives in"
                             << context->thread() << "but the limiter in" << thread()
                             << "- the task is canceled";
    }
    // The limiter as context adds nothing: its tasks end with it anyway.
    d->enqueue(std::move(task), refused || context == this ? nullptr : context, refused);
}

/*!
    Cancels every task that waits, and returns how many. Their futures finish and taskCanceled() is
    emitted before this returns. What handlers of these push stays in the queue. The running task goes
    on; to end it as well, cancel its future.
*/
qsizetype SerialRateLimiter::clear()
{
    return d->isCalledWell("SerialRateLimiter::clear") ? d->clear() : 0;
}

/*!
    A future that finishes when every task pushed so far has ended, in whatever way; it is finished
    already if there is none. Called from another thread it is canceled, with a warning.
*/
QFuture<void> SerialRateLimiter::drain()
{
    return d->isCalledWell("SerialRateLimiter::drain") ? d->drain() : QFuture<void>();
}

/*!
    Lets no task start for \a duration nanoseconds from now, as when a server has answered "429 Too
    Many Requests" with a Retry-After. A hold that ends later stays, and none can be taken back: what
    is to be ended at will is pause(). A negative \a duration is refused with a warning.
*/
void SerialRateLimiter::holdFor(Duration duration)
{
    if (d->isCalledWell("SerialRateLimiter::holdFor")
        && acceptsDuration<lcLimiter>(duration, "SerialRateLimiter::holdFor")) {
        d->holdUntil(saturatedAdd(d->clock->now(), duration));
    }
}

/*!
    Lets no task start before \a instant on clock(). A hold that ends later stays; an instant in the
    past changes nothing.
*/
void SerialRateLimiter::holdUntil(Clock::Instant instant)
{
    if (d->isCalledWell("SerialRateLimiter::holdUntil"))
        d->holdUntil(instant);
}

/*!
    How long a task pushed now would wait, in nanoseconds, if all tasks were instant: the time that
    the windows, a hold and the queue take alone, and so a lower bound. \c Duration::max() while the
    limiter is paused. With one window it takes constant time, with several it is linear in the number
    of pending tasks.
*/
Duration SerialRateLimiter::estimatedWait() const
{
    return d->isCalledWell("SerialRateLimiter::estimatedWait") ? d->estimatedWait()
                                                               : Duration::zero();
}

/*!
    Has the limiter run on \a clock, which must outlive it. Past completions keep their age. Refused
    with a warning while tasks wait or one is running, and if \a clock is null.
*/
void SerialRateLimiter::setClock(Clock *clock)
{
    if (!d->isCalledWell("SerialRateLimiter::setClock"))
        return;
    if (!clock)
        qCWarning(lcLimiter) << "SerialRateLimiter::setClock: the clock is null - ignored";
    else if (isBusy() || pendingCount() > 0)
        qCWarning(lcLimiter) << "SerialRateLimiter::setClock: there are tasks - ignored";
    else
        d->changeClock(clock);
}

/*!
    The clock the limiter runs on.
*/
Clock *SerialRateLimiter::clock() const
{
    return d->clock;
}

/*!
    Starts no more tasks until resume(). The running one goes on.
*/
void SerialRateLimiter::pause()
{
    setPaused(true);
}

/*!
    Ends a pause().
*/
void SerialRateLimiter::resume()
{
    setPaused(false);
}

/*!
    \fn void SerialRateLimiter::taskStarted(qint64 id)
    The callable of task \a id is about to be called. Tasks are numbered 1, 2, 3, ... in the order of
    push() and post().
*/

/*!
    \fn void SerialRateLimiter::taskCompleted(qint64 id)
    Task \a id has succeeded; its future is finished.
*/

/*!
    \fn void SerialRateLimiter::taskFailed(qint64 id, const QString &message)
    Task \a id has failed; \a message is the \l {The text of an error}{text} of the exception, which
    is also in its future.
*/

/*!
    \fn void SerialRateLimiter::taskCanceled(qint64 id)
    Task \a id was canceled, queued or running; its future is finished.
*/

/*!
    \fn void SerialRateLimiter::drained()
    Nothing waits and nothing runs any more. Never emitted when there was nothing.
*/

/*! \internal */
bool SerialRateLimiter::event(QEvent *event)
{
    if (event->type() == TurnEvent::eventType()) {
        d->postedTurn(static_cast<TurnEvent *>(event));
        return true;
    }
    if (event->type() == QEvent::ThreadChange)
        d->leaveThread();
    return QObject::event(event);
}

/*! \internal */
void SerialRateLimiter::connectNotify(const QMetaMethod &signal)
{
    d->connected(signal);
    QObject::connectNotify(signal);
}

} // namespace Tactus
