// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/clock.h>
#include <Tactus/errors.h>
#include <Tactus/ratelimit.h>
#include <Tactus/tasktraits.h>

#include <QtCore/qfuture.h>
#include <QtCore/qfutureinterface.h>
#include <QtCore/qlist.h>
#include <QtCore/qobject.h>
#include <QtCore/qpromise.h>
#include <QtCore/qproperty.h>
#include <QtCore/qshareddata.h>

#include <exception>
#include <memory>
#include <optional>

namespace Tactus {

class SerialRateLimiterPrivate;
class TaskQueue;

namespace Detail {

class CancelWatch;
class TaskContext;
class TaskList;

// Tells a task whether the value its callable has just returned is still wanted.
class ResultGate
{
public:
    virtual bool accepts() = 0;

protected:
    ~ResultGate() = default;
};

class PushedTaskBase;

// One queued task: its callable and, unless it was posted, the shared state of its future, in one
// allocation.
class TACTUS_EXPORT LimiterTask
{
public:
    LimiterTask();
    virtual ~LimiterTask();

    // Calls the callable. The future is the one to wait for, if there is one.
    virtual std::optional<QFuture<void>> run(ResultGate &gate) = 0;

    // What only a pushed task has. Null for a posted one, whose end nobody waits for.
    virtual PushedTaskBase *pushed() { return nullptr; }

private:
    Q_DISABLE_COPY_MOVE(LimiterTask)
    friend class ::Tactus::SerialRateLimiterPrivate;
    friend class ::Tactus::TaskQueue;
    friend class TaskList;
    LimiterTask *m_previous = nullptr;
    LimiterTask *m_next = nullptr;
    qint64 m_id = 0;
    QExplicitlySharedDataPointer<TaskContext> m_context;
    bool m_isLocal = false; // pushed from the limiter's own thread
};

// A task with a future, which ends once: by finish(), fail() or cancel().
class TACTUS_EXPORT PushedTaskBase : public LimiterTask
{
public:
    PushedTaskBase *pushed() final { return this; }

    // Passes the result of the future that was waited for on, if it has left one. What copying it
    // throws comes through.
    virtual bool takeResult() = 0;

    virtual void finish() = 0;
    virtual void fail(const std::exception_ptr &error) = 0;
    virtual void cancel() = 0;

    virtual QFutureInterfaceBase &shared() = 0;
    bool isCanceled() { return shared().isCanceled(); }

private:
    friend class ::Tactus::TaskQueue;
    CancelWatch *m_watch = nullptr; // of this and other tasks that wait
};

template <typename F>
using CallResult = std::remove_cvref_t<std::invoke_result_t<Callable<F> &>>;
template <typename F>
using TaskResult = typename ResultOf<CallResult<F>>::Type;

template <typename F>
class PostedTask final : public LimiterTask
{
    using Returned = CallResult<F>;

public:
    template <typename G>
    PostedTask(G &&callable, const QObject *context)
        : m_callable(std::forward<G>(callable), context)
    {
    }

    std::optional<QFuture<void>> run(ResultGate &) override
    {
        if constexpr (Asynchronous<Returned>) {
            return QFuture<void>(m_callable.future());
        } else {
            static_cast<void>(m_callable());
            return std::nullopt;
        }
    }

private:
    CallableHolder<F, Returned> m_callable;
};

template <typename F>
class PushedTask final : public PushedTaskBase
{
    using Returned = CallResult<F>;
    using Result = TaskResult<F>;
    static constexpr bool waits = Asynchronous<Returned>;
    struct Nothing
    {
    };
    using Inner = std::conditional_t<waits, std::optional<QFuture<Result>>, Nothing>;

public:
    template <typename G>
    PushedTask(G &&callable, const QObject *context)
        : m_callable(std::forward<G>(callable), context)
    {
        m_shared.reportStarted();
    }

    // As everywhere, a promise that is dropped cancels its future. Whether it has ended, Qt does not
    // know: before 6.5.2 a continuation that takes the result resets it.
    ~PushedTask() override
    {
        if (!m_hasEnded)
            QPromise<Result>(std::move(m_shared));
    }

    QFutureInterface<Result> &shared() override { return m_shared; }

    std::optional<QFuture<void>> run([[maybe_unused]] ResultGate &gate) override
    {
        if constexpr (waits) {
            m_inner.emplace(m_callable.future());
            return QFuture<void>(*m_inner);
        } else if constexpr (std::is_void_v<Result>) {
            m_callable();
            return std::nullopt;
        } else {
            Result value = m_callable();
            if (gate.accepts())
                m_shared.reportResult(std::move(value));
            return std::nullopt;
        }
    }

    bool takeResult() override
    {
        if constexpr (waits && !std::is_void_v<Result>) {
            // The results are copied, not taken: taking them would reset a future that its
            // producer, and maybe the user, still holds. Only what cannot be copied is moved.
            const QFuture<Result> inner = *m_inner;
            for (auto it = inner.constBegin(), end = inner.constEnd(); it != end; ++it) {
                if constexpr (std::is_copy_constructible_v<Result>)
                    m_shared.reportResult(*it);
                else
                    m_shared.reportResult(std::move(const_cast<Result &>(*it)));
            }
            return inner.resultCount() > 0;
        } else {
            return true;
        }
    }

    void finish() override
    {
        m_hasEnded = true;
        m_shared.reportFinished();
    }

    void fail(const std::exception_ptr &error) override
    {
        m_hasEnded = true;
        auto shared = m_shared; // a continuation may destroy the task
        shared.reportException(error);
        shared.reportFinished();
    }

    void cancel() override
    {
        m_hasEnded = true;
        auto shared = m_shared;
        shared.cancel();
        shared.reportFinished();
    }

private:
    CallableHolder<F, Returned> m_callable;
    bool m_hasEnded = false;
    QFutureInterface<Result> m_shared; // a QPromise shows nobody its state
    [[no_unique_address]] Inner m_inner{};
};

} // namespace Detail

class TACTUS_EXPORT SerialRateLimiter : public QObject
{
    Q_OBJECT
    Q_PROPERTY(int rate READ rate WRITE setRate NOTIFY rateChanged BINDABLE bindableRate)
    Q_PROPERTY(Tactus::Duration per READ per WRITE setPer NOTIFY perChanged BINDABLE bindablePer)
    Q_PROPERTY(QList<Tactus::RateLimit> limits READ limits WRITE setLimits NOTIFY limitsChanged
                       BINDABLE bindableLimits)
    Q_PROPERTY(Tactus::Duration margin READ margin WRITE setMargin NOTIFY marginChanged BINDABLE
                       bindableMargin)
    Q_PROPERTY(qsizetype maximumPending READ maximumPending WRITE setMaximumPending NOTIFY
                       maximumPendingChanged BINDABLE bindableMaximumPending)
    Q_PROPERTY(Overflow overflow READ overflow WRITE setOverflow NOTIFY overflowChanged BINDABLE
                       bindableOverflow)
    Q_PROPERTY(Tactus::Duration taskTimeout READ taskTimeout WRITE setTaskTimeout NOTIFY
                       taskTimeoutChanged BINDABLE bindableTaskTimeout)
    Q_PROPERTY(Tactus::Duration tolerance READ tolerance WRITE setTolerance NOTIFY toleranceChanged
                       BINDABLE bindableTolerance)
    Q_PROPERTY(bool paused READ isPaused WRITE setPaused NOTIFY pausedChanged BINDABLE bindablePaused)
    Q_PROPERTY(bool busy READ isBusy NOTIFY busyChanged BINDABLE bindableBusy)
    Q_PROPERTY(qsizetype pendingCount READ pendingCount NOTIFY pendingCountChanged)
    Q_PROPERTY(qint64 completedCount READ completedCount NOTIFY completedCountChanged)
    Q_PROPERTY(qint64 failedCount READ failedCount NOTIFY failedCountChanged)
    Q_PROPERTY(qint64 canceledCount READ canceledCount NOTIFY canceledCountChanged)

public:
    enum class Overflow { RejectNewest, DropOldest };
    Q_ENUM(Overflow)

#ifdef Q_QDOC // qdoc of Qt 6.4 knows no C++20
    template <typename F>
    using Result = F;
#else
    template <typename F>
    using Result = Detail::TaskResult<std::decay_t<F>>;
#endif

    explicit SerialRateLimiter(QObject *parent = nullptr);
    SerialRateLimiter(int rate, Duration per, QObject *parent = nullptr);
    ~SerialRateLimiter() override;

    int rate() const;
    void setRate(int rate);
    QBindable<int> bindableRate();

    Duration per() const;
    void setPer(Duration per);
    QBindable<Duration> bindablePer();

    QList<RateLimit> limits() const;
    void setLimits(const QList<RateLimit> &limits);
    QBindable<QList<RateLimit>> bindableLimits();

    Duration margin() const;
    void setMargin(Duration margin);
    QBindable<Duration> bindableMargin();

    qsizetype maximumPending() const;
    void setMaximumPending(qsizetype maximumPending);
    QBindable<qsizetype> bindableMaximumPending();

    Overflow overflow() const;
    void setOverflow(Overflow overflow);
    QBindable<Overflow> bindableOverflow();

    Duration taskTimeout() const;
    void setTaskTimeout(Duration timeout);
    QBindable<Duration> bindableTaskTimeout();

    Duration tolerance() const;
    void setTolerance(Duration tolerance);
    QBindable<Duration> bindableTolerance();

    bool isPaused() const;
    void setPaused(bool paused);
    QBindable<bool> bindablePaused();

    bool isBusy() const;
    QBindable<bool> bindableBusy() const;

    qsizetype pendingCount() const;
    qint64 completedCount() const;
    qint64 failedCount() const;
    qint64 canceledCount() const;

    template <typename F>
    QFuture<Result<F>> push(F &&task)
    {
        using Function = std::decay_t<F>;
        static_assert(!std::is_member_pointer_v<Function>,
                      "a pointer to a member needs a context: push(object, &Class::method)");
        auto queued = std::make_unique<Detail::PushedTask<Function>>(std::forward<F>(task), nullptr);
        auto future = queued->shared().future();
        enqueue(std::move(queued));
        return future;
    }

    template <typename F>
    QFuture<Result<F>> push(const QObject *context, F &&task)
    {
        using Function = std::decay_t<F>;
        auto queued = std::make_unique<Detail::PushedTask<Function>>(std::forward<F>(task), context);
        auto future = queued->shared().future();
        enqueue(std::move(queued), context, Detail::Callable<Function>::accepts(context));
        return future;
    }

    template <typename F>
    void post(F &&task)
    {
        using Function = std::decay_t<F>;
        static_assert(!std::is_member_pointer_v<Function>,
                      "a pointer to a member needs a context: post(object, &Class::method)");
        enqueue(std::make_unique<Detail::PostedTask<Function>>(std::forward<F>(task), nullptr));
    }

    template <typename F>
    void post(const QObject *context, F &&task)
    {
        using Function = std::decay_t<F>;
        enqueue(std::make_unique<Detail::PostedTask<Function>>(std::forward<F>(task), context),
                context, Detail::Callable<Function>::accepts(context));
    }

    qsizetype clear();
    QFuture<void> drain();
    void holdFor(Duration duration);
    void holdUntil(Clock::Instant instant);
    Duration estimatedWait() const;

    void setClock(Clock *clock);
    Clock *clock() const;

public Q_SLOTS:
    void pause();
    void resume();

Q_SIGNALS:
    void taskStarted(qint64 id);
    void taskCompleted(qint64 id);
    void taskFailed(qint64 id, const QString &message);
    void taskCanceled(qint64 id);
    void drained();

    void rateChanged();
    void perChanged();
    void limitsChanged();
    void marginChanged();
    void maximumPendingChanged();
    void overflowChanged();
    void taskTimeoutChanged();
    void toleranceChanged();
    void pausedChanged();
    void busyChanged();
    void pendingCountChanged();
    void completedCountChanged();
    void failedCountChanged();
    void canceledCountChanged();

protected:
    bool event(QEvent *event) override;
    void connectNotify(const QMetaMethod &signal) override;

private:
    void enqueue(std::unique_ptr<Detail::LimiterTask> task);
    void enqueue(std::unique_ptr<Detail::LimiterTask> task, const QObject *context,
                 bool contextFits);

    friend class SerialRateLimiterPrivate;
    const std::unique_ptr<SerialRateLimiterPrivate> d;
};

} // namespace Tactus
