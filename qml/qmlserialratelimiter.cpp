// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "qmlserialratelimiter_p.h"

#include "milliseconds_p.h"
#include "promiseadapter_p.h"

#include <QtCore/qmetaobject.h>
#include <QtCore/qvariant.h>
#include <QtQml/qqmlinfo.h>

#include <algorithm>
#include <limits>
#include <optional>

namespace Tactus {

/*!
    \qmltype SerialRateLimiter
    \inqmlmodule Tactus
    \brief Runs tasks one at a time, in order, and never completes more than \c rate of them in any
    \c per.

    \snippet qml/tst_reference.qml limiter

    Somewhere in a function:

    \snippet qml/tst_reference.qml push

    It is a Tactus::SerialRateLimiter: everything said there holds here, with durations as real
    numbers of milliseconds. C++ can take the object as one, and push tasks of its own into the same
    queue. The other way round does not work: a limiter that C++ has made takes no functions.

    \section1 Tasks and Promises

    A task is a function. If it returns a Promise, or any other object with a \c then() function, the
    task runs until that is settled, and no other one starts before. A Promise that nobody can settle
    or cancel any more does not hold up the queue for ever: its task is canceled as soon as the garbage
    collector has found it.

    push() returns a Promise of the task's value. It is rejected

    \list
    \li with what the task has thrown, or its Promise was rejected with, the very same value;
    \li with an \c Error whose \c name is \c QueueFullError, if the queue was full;
    \li with one named \c TimeoutError, if the task has run longer than \l taskTimeout;
    \li with one named \c CanceledError, if the task was canceled: by \c cancel() or clear(), or
        because the limiter was destroyed.
    \endlist

    QML says nothing of a rejection that nobody handles; taskFailed() and taskCanceled() tell of it in
    any case.

    What is no function is refused: push() and post() throw a \c TypeError. Other values that are no
    good give a warning, and change nothing, as those of a ScheduledTimer do: see \l {Bad values}.

    \section1 Canceling one task

    The Promise that push() returns has a function \c cancel().

    \snippet qml/tst_reference.qml cancel

    A task that waits is taken out of the queue, and never called. One that is running is asked to
    cancel: if what it has returned has a function \c cancel() too, that is called, once, and the next
    task starts when it is settled, with whatever. (What push() returns can be returned by a task of
    another limiter, or by the callback of a ScheduledTimer, and is canceled with it.) After the task has
    ended, \c cancel() does nothing. It is a member of that very Promise, not of those that its
    \c then() returns.

    \since Tactus 0.1

    \sa ScheduledTimer, ManualClock
*/

/*!
    \qmlproperty int SerialRateLimiter::rate
    How many completions the first window allows; at least 1, which is the default.
*/

/*!
    \qmlproperty real SerialRateLimiter::per
    The length of the first window, in milliseconds; positive. 1000 by default.
*/

/*!
    \qmlproperty list SerialRateLimiter::limits
    All windows, as objects with \c rate and \c per; at least one. A task starts when every one of
    them permits it. Setting it sets \l rate and \l per to the first one, and the other way round.
    What is read are values: to change a window, assign a whole list.

    \snippet qml/tst_reference.qml limits
*/

/*!
    \qmlproperty real SerialRateLimiter::margin
    What is added to the length of every window, in milliseconds; 0 by default. For servers whose
    clock is not quite ours.
*/

/*!
    \qmlproperty int SerialRateLimiter::maximumPending
    How many tasks may wait; 0, the default, means any number. The running task does not count.
*/

/*!
    \qmlproperty enumeration SerialRateLimiter::overflow
    Which task fails when the queue is full.

    \value SerialRateLimiter.RejectNewest  The default. The one that is pushed.
    \value SerialRateLimiter.DropOldest    The one that has waited longest.
*/

/*!
    \qmlproperty real SerialRateLimiter::taskTimeout
    How long a task may run, in milliseconds; 0, the default, means any time. The Promise of one that
    runs longer is rejected at once, and the one it waits for is asked to cancel; but no other task
    starts before that is settled.
*/

/*!
    \qmlproperty real SerialRateLimiter::tolerance
    How much later than permitted a wake-up may be arranged, in milliseconds; 1 by default.
*/

/*!
    \qmlproperty bool SerialRateLimiter::paused
    Whether no task is started for now. The running one goes on.
*/

/*!
    \qmlproperty bool SerialRateLimiter::busy
    \readonly
    Whether a task is running.
*/

/*!
    \qmlproperty int SerialRateLimiter::pendingCount
    \readonly
    How many tasks wait; the running one is not among them. The change is notified at most once a
    turn of the event loop, as is that of the counters.
*/

/*!
    \qmlproperty real SerialRateLimiter::completedCount
    \readonly
    How many tasks have succeeded.
*/

/*!
    \qmlproperty real SerialRateLimiter::failedCount
    \readonly
    How many tasks have failed: with an error, by a timeout, or because the queue was full.
*/

/*!
    \qmlproperty real SerialRateLimiter::canceledCount
    \readonly
    How many tasks were canceled, queued or running.
*/

/*!
    \qmlproperty ManualClock SerialRateLimiter::clock
    The virtual time the limiter runs on, for tests; \c null, the default, is the real time, or the
    clock that \l {ManualClock::asDefault}{was the default} when the limiter was created. While there
    are tasks it cannot be changed.
*/

/*!
    \qmlmethod Promise SerialRateLimiter::push(function task)
    Appends \a task to the queue. It is never called from in here, but from the event loop. The Promise
    has a function \c cancel(): see \l {Canceling one task}.
*/

/*!
    \qmlmethod void SerialRateLimiter::post(function task)
    As push(), for a \a task whose value nobody waits for: it costs no Promise. An error is told by
    taskFailed(), or, if nobody listens to that, by a warning.
*/

/*!
    \qmlmethod int SerialRateLimiter::clear()
    Cancels every task that waits, and returns how many. The running one goes on.
*/

/*!
    \qmlmethod Promise SerialRateLimiter::drain()
    A Promise that is fulfilled when every task pushed so far has ended, in whatever way.
*/

/*!
    \qmlmethod void SerialRateLimiter::holdFor(real milliseconds)
    Lets no task start for \a milliseconds, as when a server has answered "429 Too Many Requests" with
    a Retry-After. A hold that ends later stays.
*/

/*!
    \qmlmethod void SerialRateLimiter::holdUntil(real instant)
    Lets no task start before \a instant, which is compared with now().
*/

/*!
    \qmlmethod real SerialRateLimiter::estimatedWait()
    How many milliseconds a task pushed now would wait, if all tasks were instant. \c Infinity while
    the limiter is paused.
*/

/*!
    \qmlmethod real SerialRateLimiter::now()
    The present instant on the limiter's clock, in milliseconds since some point in the past.
*/

/*!
    \qmlmethod void SerialRateLimiter::pause()
    Starts no more tasks until resume(). As if \c paused were set, that ends a binding of it.
*/

/*!
    \qmlmethod void SerialRateLimiter::resume()
    Ends a pause(). As if \c paused were set, that ends a binding of it.
*/

/*!
    \qmlsignal SerialRateLimiter::taskStarted(int id)
    Task \a id is about to be called. Tasks are numbered 1, 2, 3, ... in the order of push() and
    post().
*/

/*!
    \qmlsignal SerialRateLimiter::taskCompleted(int id)
    Task \a id has succeeded.
*/

/*!
    \qmlsignal SerialRateLimiter::taskFailed(int id, string message)
    Task \a id has failed; \a message says why, and for an error of its function where.
*/

/*!
    \qmlsignal SerialRateLimiter::taskCanceled(int id)
    Task \a id was canceled, queued or running.
*/

/*!
    \qmlsignal SerialRateLimiter::drained()
    Nothing waits and nothing runs any more.
*/
namespace {

int toInt(qsizetype number)
{
    constexpr qsizetype largest = std::numeric_limits<int>::max();
    return static_cast<int>(std::min(number, largest));
}

// What a warning shows of a window: as it is written in QML.
QString textOf(const QVariant &window)
{
    if (window.metaType() == QMetaType::fromType<std::nullptr_t>())
        return QStringLiteral("null");
    if (!window.canConvert<QVariantMap>())
        return window.toString();
    const QVariantMap members = window.toMap();
    QStringList shown;
    for (auto it = members.constBegin(); it != members.constEnd(); ++it)
        shown << it.key() + QStringLiteral(": ") + it.value().toString();
    return QStringLiteral("{ ") + shown.join(QStringLiteral(", ")) + QStringLiteral(" }");
}

std::optional<RateLimit> windowOf(const QVariant &value)
{
    RateLimit window;
    if (value.metaType() == QMetaType::fromType<RateLimit>()) {
        window = value.value<RateLimit>();
    } else {
        const QVariantMap members = value.toMap();
        bool rateIsNumber = false;
        bool perIsNumber = false;
        const double rate = members.value(QStringLiteral("rate")).toDouble(&rateIsNumber);
        const double per = members.value(QStringLiteral("per")).toDouble(&perIsNumber);
        const std::optional<Duration> duration = fromMilliseconds(per);
        if (!rateIsNumber || !perIsNumber || !duration || !(rate >= 1)
            || rate > std::numeric_limits<int>::max()) {
            return std::nullopt;
        }
        window = RateLimit(static_cast<int>(rate), *duration);
        if (window.rate() != rate)
            return std::nullopt;
    }
    if (window.rate() < 1 || window.per() <= Duration::zero())
        return std::nullopt;
    return window;
}

} // namespace

QmlSerialRateLimiter::QmlSerialRateLimiter(QObject *parent)
    : SerialRateLimiter(parent)
    , m_clockUser(this)
{
}

QmlSerialRateLimiter::~QmlSerialRateLimiter() = default;

void QmlSerialRateLimiter::setCheckedRate(int rate)
{
    if (acceptsNumber(this, "rate", rate, 1))
        setRate(rate);
}

double QmlSerialRateLimiter::perMilliseconds() const
{
    return toMilliseconds(per());
}

void QmlSerialRateLimiter::setPerMilliseconds(double per)
{
    if (const auto duration = durationFor(this, "per", per, Sign::Positive))
        setPer(*duration);
}

QVariantList QmlSerialRateLimiter::limitList() const
{
    QVariantList list;
    for (const RateLimit &window : limits())
        list << QVariant::fromValue(window);
    return list;
}

void QmlSerialRateLimiter::setLimitList(const QVariantList &limits)
{
    QList<RateLimit> windows;
    for (const QVariant &value : limits) {
        const std::optional<RateLimit> window = windowOf(value);
        if (!window) {
            warnOfValue(this, "limits", "objects like { rate: 10, per: 1000 }, both positive",
                        textOf(value));
            return;
        }
        windows << *window;
    }
    if (windows.isEmpty())
        warnOfValue(this, "limits", "a list of at least one window", QStringLiteral("[]"));
    else
        setLimits(windows);
}

double QmlSerialRateLimiter::marginMilliseconds() const
{
    return toMilliseconds(margin());
}

void QmlSerialRateLimiter::setMarginMilliseconds(double margin)
{
    if (const auto duration = durationFor(this, "margin", margin, Sign::NotNegative))
        setMargin(*duration);
}

int QmlSerialRateLimiter::maximumPendingNumber() const
{
    return toInt(maximumPending());
}

void QmlSerialRateLimiter::setMaximumPendingNumber(int maximumPending)
{
    if (acceptsNumber(this, "maximumPending", maximumPending, 0))
        setMaximumPending(maximumPending);
}

void QmlSerialRateLimiter::setCheckedOverflow(Overflow overflow)
{
    if (acceptsEnumerator(this, "overflow", overflow))
        setOverflow(overflow);
}

double QmlSerialRateLimiter::taskTimeoutMilliseconds() const
{
    return toMilliseconds(taskTimeout());
}

void QmlSerialRateLimiter::setTaskTimeoutMilliseconds(double timeout)
{
    if (const auto duration = durationFor(this, "taskTimeout", timeout, Sign::NotNegative))
        setTaskTimeout(*duration);
}

double QmlSerialRateLimiter::toleranceMilliseconds() const
{
    return toMilliseconds(tolerance());
}

void QmlSerialRateLimiter::setToleranceMilliseconds(double tolerance)
{
    if (const auto duration = durationFor(this, "tolerance", tolerance, Sign::NotNegative))
        setTolerance(*duration);
}

int QmlSerialRateLimiter::pendingCountNumber() const
{
    return toInt(pendingCount());
}

void QmlSerialRateLimiter::setManualClock(QmlManualClock *clock)
{
    if (m_clockUser.uses(clock))
        return;
    if (isBusy() || pendingCount() > 0) {
        qmlWarning(this) << "clock cannot be changed while there are tasks - ignored";
        return;
    }
    m_clockUser.use(
            clock, [this](Clock *chosen) { setClock(chosen); }, [this] { Q_EMIT clockChanged(); });
}

QJSValue QmlSerialRateLimiter::push(const QJSValue &task)
{
    PromiseAdapter *const adapter = adapterFor("push()", task);
    if (!adapter)
        return {};
    return adapter->cancelablePromiseFor(
            SerialRateLimiter::push([this, task] { return call(task, false); }));
}

void QmlSerialRateLimiter::post(const QJSValue &task)
{
    if (adapterFor("post()", task))
        SerialRateLimiter::post([this, task] { return call(task, true); });
}

PromiseAdapter *QmlSerialRateLimiter::adapterFor(const char *method, const QJSValue &task)
{
    PromiseAdapter *const adapter = PromiseAdapter::of(this);
    if (!adapter || !adapter->isAlive())
        return nullptr;
    if (!task.isCallable()) {
        adapter->throwTypeError(QStringLiteral("SerialRateLimiter.%1 wants a function, got %2")
                                        .arg(QLatin1String(method), task.toString()));
        return nullptr;
    }
    if (!adapter->owns(task)) {
        // Thrown, it would be an exception of the wrong engine.
        warnOfValue(this, method, "a function of its own engine", QStringLiteral("another one's"));
        return nullptr;
    }
    return adapter;
}

QFuture<QJSValue> QmlSerialRateLimiter::call(const QJSValue &task, bool reportsErrors)
{
    PromiseAdapter *const adapter = PromiseAdapter::of(this);
    if (!adapter || !adapter->isAlive() || !task.isCallable())
        return {}; // the engine has gone: canceled
    ScriptCall call;
    call.function = task;
    call.place = adapter->placeOf(this);
    if (reportsErrors) {
        call.failed = [limiter = QPointer<const QmlSerialRateLimiter>(this)](
                              const QString &message) {
            static const auto signal = QMetaMethod::fromSignal(&SerialRateLimiter::taskFailed);
            if (limiter && !limiter->isSignalConnected(signal))
                qmlWarning(limiter).noquote() << "a task has failed: " << message;
        };
    }
    return adapter->call(call);
}

int QmlSerialRateLimiter::clear()
{
    return toInt(SerialRateLimiter::clear());
}

QJSValue QmlSerialRateLimiter::drain()
{
    PromiseAdapter *const adapter = PromiseAdapter::of(this);
    const QFuture<void> drained = SerialRateLimiter::drain();
    return adapter && adapter->isAlive() ? adapter->promiseFor(drained) : QJSValue();
}

void QmlSerialRateLimiter::holdFor(double milliseconds)
{
    if (const auto duration = durationFor(this, "holdFor()", milliseconds, Sign::NotNegative))
        SerialRateLimiter::holdFor(*duration);
}

void QmlSerialRateLimiter::holdUntil(double instant)
{
    if (const auto sinceEpoch = durationFor(this, "holdUntil()", instant, Sign::Any))
        SerialRateLimiter::holdUntil(Clock::Instant(*sinceEpoch));
}

double QmlSerialRateLimiter::estimatedWait() const
{
    const Duration wait = SerialRateLimiter::estimatedWait();
    return wait == Duration::max() ? std::numeric_limits<double>::infinity() : toMilliseconds(wait);
}

double QmlSerialRateLimiter::now() const
{
    return toMilliseconds(SerialRateLimiter::clock()->now().time_since_epoch());
}

} // namespace Tactus
