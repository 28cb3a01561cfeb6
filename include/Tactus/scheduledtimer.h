// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/clock.h>
#include <Tactus/tasktraits.h>
#include <Tactus/tick.h>

#include <QtCore/qfuture.h>
#include <QtCore/qobject.h>
#include <QtCore/qproperty.h>

#include <memory>
#include <optional>

namespace Tactus {

namespace Detail {

// A timer's callable, whatever its type: the future is the one to wait for, if there is one.
class TACTUS_EXPORT TimerCallback
{
public:
    TimerCallback() = default;
    virtual ~TimerCallback();
    virtual std::optional<QFuture<void>> call(const Tick &tick) = 0;

private:
    Q_DISABLE_COPY_MOVE(TimerCallback)
};

template <typename F>
class TimerCallable final : public TimerCallback
{
public:
    template <typename G>
    TimerCallable(G &&callable, const QObject *context)
        : m_callable(std::forward<G>(callable), context)
    {
    }

    std::optional<QFuture<void>> call(const Tick &tick) override
    {
        if constexpr (takesTick)
            return wait(tick);
        else
            return wait();
    }

private:
    static constexpr bool takesTick = std::is_invocable_v<Callable<F> &, const Tick &>;
    static auto returnedType()
    {
        if constexpr (takesTick)
            return std::type_identity<std::invoke_result_t<Callable<F> &, const Tick &>>{};
        else
            return std::type_identity<std::invoke_result_t<Callable<F> &>>{};
    }
    using Returned = std::remove_cvref_t<typename decltype(returnedType())::type>;

    template <typename... Arguments>
    std::optional<QFuture<void>> wait(const Arguments &...arguments)
    {
        if constexpr (Asynchronous<Returned>) {
            return QFuture<void>(m_callable.future(arguments...));
        } else {
            static_cast<void>(m_callable(arguments...));
            return std::nullopt;
        }
    }

    CallableHolder<F, Returned> m_callable;
};

} // namespace Detail

class ScheduledTimerPrivate;

class TACTUS_EXPORT ScheduledTimer : public QObject
{
    Q_OBJECT
    Q_PROPERTY(Tactus::Duration interval READ interval WRITE setInterval NOTIFY intervalChanged
                       BINDABLE bindableInterval)
    Q_PROPERTY(Policy policy READ policy WRITE setPolicy NOTIFY policyChanged BINDABLE bindablePolicy)
    Q_PROPERTY(ErrorPolicy errorPolicy READ errorPolicy WRITE setErrorPolicy NOTIFY
                       errorPolicyChanged BINDABLE bindableErrorPolicy)
    Q_PROPERTY(bool running READ isRunning WRITE setRunning NOTIFY runningChanged BINDABLE
                       bindableRunning)
    Q_PROPERTY(bool busy READ isBusy NOTIFY busyChanged BINDABLE bindableBusy)
    Q_PROPERTY(bool triggeredOnStart READ triggeredOnStart WRITE setTriggeredOnStart NOTIFY
                       triggeredOnStartChanged BINDABLE bindableTriggeredOnStart)
    Q_PROPERTY(qint64 maximumTicks READ maximumTicks WRITE setMaximumTicks NOTIFY
                       maximumTicksChanged BINDABLE bindableMaximumTicks)
    Q_PROPERTY(Tactus::Duration callbackTimeout READ callbackTimeout WRITE setCallbackTimeout NOTIFY
                       callbackTimeoutChanged BINDABLE bindableCallbackTimeout)
    Q_PROPERTY(Tactus::Duration tolerance READ tolerance WRITE setTolerance NOTIFY toleranceChanged
                       BINDABLE bindableTolerance)
    Q_PROPERTY(qint64 tickCount READ tickCount NOTIFY tickCountChanged)
    Q_PROPERTY(qint64 missedCount READ missedCount NOTIFY missedCountChanged)

public:
    enum class Policy { Fixed, Delay };
    Q_ENUM(Policy)
    enum class ErrorPolicy { Continue, Stop };
    Q_ENUM(ErrorPolicy)

    explicit ScheduledTimer(QObject *parent = nullptr);
    explicit ScheduledTimer(Duration interval, Policy policy = Policy::Fixed,
                            QObject *parent = nullptr);
    ScheduledTimer(Duration interval, QObject *parent);
    ~ScheduledTimer() override;

    Duration interval() const;
    void setInterval(Duration interval);
    QBindable<Duration> bindableInterval();

    Policy policy() const;
    void setPolicy(Policy policy);
    QBindable<Policy> bindablePolicy();

    ErrorPolicy errorPolicy() const;
    void setErrorPolicy(ErrorPolicy errorPolicy);
    QBindable<ErrorPolicy> bindableErrorPolicy();

    bool isRunning() const;
    void setRunning(bool running);
    QBindable<bool> bindableRunning() const;

    bool isBusy() const;
    QBindable<bool> bindableBusy() const;

    bool triggeredOnStart() const;
    void setTriggeredOnStart(bool triggeredOnStart);
    QBindable<bool> bindableTriggeredOnStart();

    qint64 maximumTicks() const;
    void setMaximumTicks(qint64 maximumTicks);
    QBindable<qint64> bindableMaximumTicks();

    Duration callbackTimeout() const;
    void setCallbackTimeout(Duration timeout);
    QBindable<Duration> bindableCallbackTimeout();

    Duration tolerance() const;
    void setTolerance(Duration tolerance);
    QBindable<Duration> bindableTolerance();

    qint64 tickCount() const;
    qint64 missedCount() const;

    template <typename F>
    void setCallback(F &&callable)
    {
        using Function = std::decay_t<F>;
        static_assert(!std::is_member_pointer_v<Function>,
                      "a pointer to a member needs a context: setCallback(object, &Class::method)");
        if (Detail::isNullCallable<Function>(callable))
            return refuseCallback("the callable is null");
        installCallback(std::make_unique<Detail::TimerCallable<Function>>(std::forward<F>(callable),
                                                                          nullptr));
    }

    template <typename F>
    void setCallback(const QObject *context, F &&callable)
    {
        using Function = std::decay_t<F>;
        if (!Detail::Callable<Function>::accepts(context))
            return refuseCallback("the context is null or of another class");
        if (Detail::isNullCallable<Function>(callable))
            return refuseCallback("the callable is null");
        installCallback(std::make_unique<Detail::TimerCallable<Function>>(std::forward<F>(callable),
                                                                          context),
                        context);
    }

    void clearCallback();

    void setClock(Clock *clock);
    Clock *clock() const;

public Q_SLOTS:
    bool start();
    bool restart();
    QFuture<void> stop();
    QFuture<void> cancel();

Q_SIGNALS:
    void tick(const Tactus::Tick &tick);
    void completed(const Tactus::Tick &tick);
    void errorOccurred(const Tactus::Tick &tick, const QString &message);
    void timedOut(const Tactus::Tick &tick);
    void ticksMissed(qint64 count);
    void started();
    void stopped();

    void intervalChanged();
    void policyChanged();
    void errorPolicyChanged();
    void runningChanged();
    void busyChanged();
    void triggeredOnStartChanged();
    void maximumTicksChanged();
    void callbackTimeoutChanged();
    void toleranceChanged();
    void tickCountChanged();
    void missedCountChanged();

protected:
    bool event(QEvent *event) override;

private:
    void refuseCallback(const char *why);
    void installCallback(std::unique_ptr<Detail::TimerCallback> callback);
    void installCallback(std::unique_ptr<Detail::TimerCallback> callback, const QObject *context);
    static ScheduledTimer *makeFor(Duration interval, const QObject *context);
    template <typename F>
    friend ScheduledTimer *every(Duration interval, QObject *context, F &&callable);

    friend class ScheduledTimerPrivate;
    const std::unique_ptr<ScheduledTimerPrivate> d;
};

// A started timer, owned by context. Without a context there is no timer: a warning and nullptr.
// With an interval that is not positive the timer exists, but is not started.
template <typename F>
ScheduledTimer *every(Duration interval, QObject *context, F &&callable)
{
    ScheduledTimer *timer = ScheduledTimer::makeFor(interval, context);
    if (timer) {
        timer->setCallback(context, std::forward<F>(callable));
        if (timer->interval() == interval)
            timer->start();
    }
    return timer;
}

} // namespace Tactus
