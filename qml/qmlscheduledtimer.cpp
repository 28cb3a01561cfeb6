// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "qmlscheduledtimer_p.h"

#include "milliseconds_p.h"
#include "promiseadapter_p.h"

#include <QtCore/qmetaobject.h>
#include <QtQml/qqmlinfo.h>

#include <algorithm>
#include <limits>

namespace Tactus {

/*!
    \qmltype ScheduledTimer
    \inqmlmodule Tactus
    \brief A repeating timer with an explicit schedule: ticks that do not drift, never overlap, and
    are counted when they are missed.

    \snippet qml/tst_reference.qml timer

    It is a Tactus::ScheduledTimer: everything said there holds here, with durations as real numbers
    of milliseconds, down to the nanosecond. C++ can take the object as one.

    \section1 The callback

    At every tick the timer emits tick() and then calls the function \l callback. If that returns a
    Promise, or any other object with a \c then() function, the callback lasts until the Promise is
    settled, and no tick comes before. If what it returned has a function \c cancel() as well, that is
    how it is asked to cancel: once, by cancel(), by \l callbackTimeout, and when the timer is destroyed.
    What it is settled with after that is no error. A Promise that nobody can settle or cancel any more
    counts as canceled as soon as the garbage collector has found it.

    \snippet qml/CancelableRequest.qml callback

    What the function throws, and what its Promise is rejected with, arrives as text in
    errorOccurred(), with the file and, if it is an \c Error, the line in front:
    \c{qrc:/main.qml:12: Error: no answer}. If nobody listens to errorOccurred() it is a warning.

    \section1 Bad values

    A number that is no good (negative, NaN, Infinity, more than 292 years; 0 where a time has to
    pass) changes nothing but gives a warning, which names the property, the value and the place:
    \c{main.qml:5:5: QML ScheduledTimer: interval wants a positive number of milliseconds, got -5 -
    ignored}. A binding that yields one stays, and the timer goes on with the last good value.

    What is no number, as \c{"abc"}, does not get that far. The properties have types, so QML itself
    refuses it, as for its own types, and again nothing changes:

    \list
    \li \c{interval: "abc"} is an error of qmllint; the engine does not create the component:
        \c{main.qml:5:15: Invalid property assignment: number expected}.
    \li \c{interval: name}, where \c name turns out to be a string, is a warning:
        \c{main.qml:5:15: Unable to assign QString to double}.
    \li \c{timer.interval = "abc"} throws an \c Error with the file and the line:
        \c{Cannot assign QString to double}.
    \endlist

    That is the price, and the use, of typed properties: tools find such mistakes before the program
    runs.

    \section1 Beside QML's Timer

    Timer is driven by the animation loop: it ticks with a frame, at most once in each, and is set
    back when one of its properties is set. A ScheduledTimer runs on the system's timer, in programs
    without Qt Quick too; only \l interval, on a running timer, anchors its schedule anew.

    \since Tactus 0.1

    \sa SerialRateLimiter, ManualClock
*/

/*!
    \qmlproperty real ScheduledTimer::interval
    The time between two slots (\c Fixed), or between the end of a callback and the next tick
    (\c Delay), in milliseconds; positive. 1000 by default. What happens to other values:
    \l {Bad values}.
*/

/*!
    \qmlproperty enumeration ScheduledTimer::policy
    What a tick's due instant is counted from.

    \value ScheduledTimer.Fixed
        The default. The anchor, which is the instant of start(): tick n is due at anchor + n *
        interval, for ever. Slots that come due while a callback runs are missed and counted.
    \value ScheduledTimer.Delay
        The end of the previous callback: the next tick is due one interval later.

    \c{policy: Fixed}, \c{policy: ScheduledTimer.Fixed} and \c{policy: ScheduledTimer.Policy.Fixed}
    are the same.
*/

/*!
    \qmlproperty enumeration ScheduledTimer::errorPolicy
    What happens after a callback has failed.

    \value ScheduledTimer.Continue  The default. The schedule goes on.
    \value ScheduledTimer.Stop      The timer stops.
*/

/*!
    \qmlproperty bool ScheduledTimer::running
    Whether ticks are scheduled. Setting it is start() or stop(); \c{running: true} in a declaration
    takes effect when the component is complete, so that it does not matter in which order the
    properties are written.
*/

/*!
    \qmlproperty bool ScheduledTimer::busy
    \readonly
    Whether a callback is executing, which it may be on a stopped timer too.
*/

/*!
    \qmlproperty bool ScheduledTimer::triggeredOnStart
    Whether the anchor is a slot too: slot 0, which ticks from the event loop right after start().
    False by default. Takes effect with the next start() or restart().
*/

/*!
    \qmlproperty int ScheduledTimer::maximumTicks
    After how many ticks the timer stops by itself; 0, the default, means never. \l running is already
    false while the last tick is emitted.
*/

/*!
    \qmlproperty real ScheduledTimer::callbackTimeout
    How long a callback may run, in milliseconds; 0, the default, means any time. One that runs
    longer is reported by timedOut(), once, and its Promise is asked to cancel, if it has a function
    \c cancel(). The timer stays busy until the Promise is settled.
*/

/*!
    \qmlproperty real ScheduledTimer::tolerance
    How much later than due a wake-up may be arranged, in milliseconds; 1 by default. With more,
    timers and limiters share wake-ups of the process. The schedule itself never shifts by it.
*/

/*!
    \qmlproperty real ScheduledTimer::tickCount
    \readonly
    How many ticks there have been since start() or restart().
*/

/*!
    \qmlproperty real ScheduledTimer::missedCount
    \readonly
    How many slots were passed over since start() or restart().
*/

/*!
    \qmlproperty function ScheduledTimer::callback
    The function that is called at every tick, after the handlers of tick(), with the tick as its
    argument. \c null, or nothing: none. One that is executing goes on when it is replaced.
    Anything else but a function is refused with a warning.
*/

/*!
    \qmlproperty ManualClock ScheduledTimer::clock
    The virtual time the timer runs on, for tests; \c null, the default, is the real time, or the
    clock that \l {ManualClock::asDefault}{was the default} when the timer was created. While the
    timer is running or busy it cannot be changed.
*/

/*!
    \qmlmethod bool ScheduledTimer::start()
    Anchors the schedule now and resets the counters. On a running timer it changes nothing and
    returns false.
*/

/*!
    \qmlmethod bool ScheduledTimer::restart()
    As start(), but a running timer is anchored anew. Returns true.
*/

/*!
    \qmlmethod Promise ScheduledTimer::stop()
    Stops: once it has returned, no callback starts until the next start(). The Promise is fulfilled
    when the callback that is executing, if any, has been completed.

    \snippet qml/tst_reference.qml stop
*/

/*!
    \qmlmethod Promise ScheduledTimer::cancel()
    As stop(), and asks the callback that is executing to cancel: by the function \c cancel() of the
    Promise it returned, if there is one; or, if C++ has set the callback, by its future.
*/

/*!
    \qmlsignal ScheduledTimer::tick(tick tick)
    It is time for \a tick, a value with the members \c index (\c Fixed: the number of the slot;
    \c Delay: the ordinal), \c missed (how many slots were passed over since the previous tick),
    \c due (milliseconds since the anchor) and \c lateness (milliseconds).
*/

/*!
    \qmlsignal ScheduledTimer::completed(tick tick)
    The callback of \a tick has ended.
*/

/*!
    \qmlsignal ScheduledTimer::errorOccurred(tick tick, string message)
    The callback of \a tick has failed; \a message says where and why.
*/

/*!
    \qmlsignal ScheduledTimer::timedOut(tick tick)
    The callback of \a tick runs longer than \l callbackTimeout.
*/

/*!
    \qmlsignal ScheduledTimer::ticksMissed(int count)
    \a count slots were passed over. Comes right before the tick that reports them.
*/

/*!
    \qmlsignal ScheduledTimer::started()
    The timer was started or restarted.
*/

/*!
    \qmlsignal ScheduledTimer::stopped()
    The timer is not running, and no callback is executing any more.
*/
QmlScheduledTimer::QmlScheduledTimer(QObject *parent)
    : ScheduledTimer(parent)
    , m_clockUser(this)
{
}

QmlScheduledTimer::~QmlScheduledTimer() = default;

double QmlScheduledTimer::intervalMilliseconds() const
{
    return toMilliseconds(interval());
}

void QmlScheduledTimer::setIntervalMilliseconds(double interval)
{
    if (const auto duration = durationFor(this, "interval", interval, Sign::Positive))
        setInterval(*duration);
}

void QmlScheduledTimer::setCheckedPolicy(Policy policy)
{
    if (acceptsEnumerator(this, "policy", policy))
        setPolicy(policy);
}

void QmlScheduledTimer::setCheckedErrorPolicy(ErrorPolicy errorPolicy)
{
    if (acceptsEnumerator(this, "errorPolicy", errorPolicy))
        setErrorPolicy(errorPolicy);
}

void QmlScheduledTimer::setRunningWhenComplete(bool running)
{
    if (m_isComplete)
        setRunning(running);
    else
        m_startsWhenComplete = running;
}

int QmlScheduledTimer::maximumTicksNumber() const
{
    constexpr qint64 largest = std::numeric_limits<int>::max();
    return static_cast<int>(std::min(maximumTicks(), largest));
}

void QmlScheduledTimer::setMaximumTicksNumber(int maximumTicks)
{
    if (acceptsNumber(this, "maximumTicks", maximumTicks, 0))
        setMaximumTicks(maximumTicks);
}

double QmlScheduledTimer::callbackTimeoutMilliseconds() const
{
    return toMilliseconds(callbackTimeout());
}

void QmlScheduledTimer::setCallbackTimeoutMilliseconds(double timeout)
{
    if (const auto duration = durationFor(this, "callbackTimeout", timeout, Sign::NotNegative))
        setCallbackTimeout(*duration);
}

double QmlScheduledTimer::toleranceMilliseconds() const
{
    return toMilliseconds(tolerance());
}

void QmlScheduledTimer::setToleranceMilliseconds(double tolerance)
{
    if (const auto duration = durationFor(this, "tolerance", tolerance, Sign::NotNegative))
        setTolerance(*duration);
}

void QmlScheduledTimer::setCallbackFunction(const QJSValue &callback)
{
    const bool isNothing = callback.isNull() || callback.isUndefined();
    if (!isNothing && !callback.isCallable()) {
        warnOfValue(this, "callback", "a function or null", callback.toString());
        return;
    }
    const PromiseAdapter *const adapter = PromiseAdapter::of(this);
    if (!isNothing && adapter && !adapter->owns(callback)) {
        warnOfValue(this, "callback", "a function of its own engine",
                    QStringLiteral("another one's"));
        return;
    }
    const bool isAnother = !callback.strictlyEquals(m_callback);
    m_callback = callback;
    // In any case: C++ may have set another one, or cleared it.
    if (isNothing)
        clearCallback();
    else
        setCallback([this, callback](const Tick &tick) { return call(callback, tick); });
    if (isAnother)
        Q_EMIT callbackChanged();
}

QFuture<QJSValue> QmlScheduledTimer::call(const QJSValue &function, const Tick &tick)
{
    PromiseAdapter *const adapter = PromiseAdapter::of(this);
    if (!adapter || !adapter->isAlive() || !function.isCallable())
        return {}; // the engine has gone: canceled
    ScriptCall call;
    call.function = function;
    call.arguments = { adapter->toValue(QVariant::fromValue(tick)) };
    call.place = adapter->placeOf(this);
    call.failed = [timer = QPointer<const QmlScheduledTimer>(this)](const QString &message) {
        static const auto signal = QMetaMethod::fromSignal(&ScheduledTimer::errorOccurred);
        if (timer && !timer->isSignalConnected(signal))
            qmlWarning(timer).noquote() << "the callback has failed: " << message;
    };
    return adapter->call(call);
}

void QmlScheduledTimer::setManualClock(QmlManualClock *clock)
{
    if (m_clockUser.uses(clock))
        return;
    if (isRunning() || isBusy()) {
        qmlWarning(this) << "clock cannot be changed while the timer is running or busy - ignored";
        return;
    }
    m_clockUser.use(
            clock, [this](Clock *chosen) { setClock(chosen); }, [this] { Q_EMIT clockChanged(); });
}

QJSValue QmlScheduledTimer::stop()
{
    return promiseOf(&ScheduledTimer::stop);
}

QJSValue QmlScheduledTimer::cancel()
{
    return promiseOf(&ScheduledTimer::cancel);
}

// Whoever is told that the timer stops may delete it.
QJSValue QmlScheduledTimer::promiseOf(QFuture<void> (ScheduledTimer::*stopping)())
{
    const QPointer<PromiseAdapter> adapter = PromiseAdapter::of(this);
    const QFuture<void> future = (this->*stopping)();
    return adapter && adapter->isAlive() ? adapter->promiseFor(future) : QJSValue();
}

void QmlScheduledTimer::classBegin()
{
    m_isComplete = false;
}

void QmlScheduledTimer::componentComplete()
{
    m_isComplete = true;
    if (m_startsWhenComplete)
        start();
}

} // namespace Tactus
