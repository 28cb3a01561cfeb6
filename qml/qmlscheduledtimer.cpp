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
        warnOfValue(this, "callback", "a function of its own engine", QStringLiteral("another one's"));
        return;
    }
    if (callback.strictlyEquals(m_callback))
        return;
    m_callback = callback;
    if (isNothing)
        clearCallback();
    else
        setCallback([this, callback](const Tick &tick) { return call(callback, tick); });
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
    if (clock == manualClock())
        return;
    if (isRunning() || isBusy()) {
        qmlWarning(this) << "clock cannot be changed while the timer is running or busy - ignored";
        return;
    }
    setClock(m_clockUser.use(clock));
    Q_EMIT clockChanged();
}

QJSValue QmlScheduledTimer::stop()
{
    return promiseFor(ScheduledTimer::stop());
}

QJSValue QmlScheduledTimer::cancel()
{
    return promiseFor(ScheduledTimer::cancel());
}

QJSValue QmlScheduledTimer::promiseFor(const QFuture<void> &future) const
{
    PromiseAdapter *const adapter = PromiseAdapter::of(this);
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
