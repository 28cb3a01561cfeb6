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
    if (clock == manualClock())
        return;
    if (isBusy() || pendingCount() > 0) {
        qmlWarning(this) << "clock cannot be changed while there are tasks - ignored";
        return;
    }
    setClock(m_clockUser.use(clock));
    Q_EMIT clockChanged();
}

QJSValue QmlSerialRateLimiter::push(const QJSValue &task)
{
    PromiseAdapter *const adapter = adapterFor("push()", task);
    if (!adapter)
        return {};
    return adapter->promiseFor(SerialRateLimiter::push([this, task] { return call(task, false); }));
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
        call.failed = [limiter = QPointer<const QmlSerialRateLimiter>(this)](const QString &message) {
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
