// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/clock.h>
#include <Tactus/errors.h>
#include <Tactus/ratelimit.h>
#include <Tactus/tasktraits.h>

#include <QtCore/qfuture.h>
#include <QtCore/qlist.h>
#include <QtCore/qobject.h>
#include <QtCore/qpromise.h>
#include <QtCore/qproperty.h>

#include <exception>
#include <memory>
#include <optional>

namespace Tactus {

class SerialRateLimiterPrivate;
class TaskQueue;

namespace Detail {

class CancelWatch;
class TaskList;

// Tells a task whether the value its callable has just returned is still wanted.
class ResultGate
{
public:
    virtual bool accepts() = 0;

protected:
    ~ResultGate() = default;
};

// One queued task: its callable and, unless it was posted, the promise of its result, in one
// allocation.
class TACTUS_EXPORT LimiterTask
{
public:
    LimiterTask();
    virtual ~LimiterTask();

    // Calls the callable. The future is the one to wait for, if there is one.
    virtual std::optional<QFuture<void>> run(ResultGate &gate) = 0;

    // Whether the future that was waited for has left what succeed() is to pass on.
    virtual bool hasResult() const = 0;

    // Each of these ends the pushed future, once; what comes later changes nothing.
    virtual void succeed() = 0;
    virtual void fail(const std::exception_ptr &error) = 0;
    virtual void cancel() = 0;

    virtual bool isCanceled() const = 0;
    virtual std::optional<QFuture<void>> pushedFuture() const = 0;

private:
    Q_DISABLE_COPY_MOVE(LimiterTask)
    friend class ::Tactus::SerialRateLimiterPrivate;
    friend class ::Tactus::TaskQueue;
    friend class TaskList;
    LimiterTask *m_previous = nullptr;
    LimiterTask *m_next = nullptr;
    qint64 m_id = 0;
    const QObject *m_context = nullptr;
    std::unique_ptr<CancelWatch> m_watch;
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

    std::optional<QFuture<void>> run(ResultGate &gate) override
    {
        if constexpr (Asynchronous<Returned>) {
            return QFuture<void>(m_callable.future());
        } else {
            static_cast<void>(m_callable());
            static_cast<void>(gate.accepts());
            return std::nullopt;
        }
    }
    bool hasResult() const override { return true; }
    void succeed() override {}
    void fail(const std::exception_ptr &) override {}
    void cancel() override {}
    bool isCanceled() const override { return false; }
    std::optional<QFuture<void>> pushedFuture() const override { return std::nullopt; }

private:
    CallableHolder<F, Returned> m_callable;
};

template <typename F>
class PushedTask final : public LimiterTask
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
        m_promise.start();
    }

    QFuture<Result> future() const { return m_promise.future(); }

    std::optional<QFuture<void>> run([[maybe_unused]] ResultGate &gate) override
    {
        if constexpr (waits) {
            m_inner.emplace(m_callable.future());
            return QFuture<void>(*m_inner);
        } else if constexpr (std::is_void_v<Result>) {
            m_callable();
            static_cast<void>(gate.accepts());
            return std::nullopt;
        } else {
            Result value = m_callable();
            if (gate.accepts())
                m_promise.addResult(std::move(value));
            return std::nullopt;
        }
    }

    bool hasResult() const override
    {
        if constexpr (waits && !std::is_void_v<Result>)
            return m_inner->resultCount() > 0;
        else
            return true;
    }

    void succeed() override
    {
        if constexpr (waits && !std::is_void_v<Result>) {
            // The results are copied, not taken: taking them would reset a future that its
            // producer, and maybe the user, still holds. Only what cannot be copied is moved.
            const QFuture<Result> inner = *m_inner;
            for (auto it = inner.constBegin(), end = inner.constEnd(); it != end; ++it) {
                if constexpr (std::is_copy_constructible_v<Result>)
                    m_promise.addResult(*it);
                else
                    m_promise.addResult(std::move(const_cast<Result &>(*it)));
            }
        }
        m_promise.finish();
    }

    void fail(const std::exception_ptr &error) override
    {
        m_promise.setException(error);
        m_promise.finish();
    }

    void cancel() override
    {
        m_promise.future().cancel();
        m_promise.finish();
    }

    bool isCanceled() const override { return m_promise.isCanceled(); }

    std::optional<QFuture<void>> pushedFuture() const override
    {
        return QFuture<void>(m_promise.future());
    }

private:
    CallableHolder<F, Returned> m_callable;
    QPromise<Result> m_promise;
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
        auto future = queued->future();
        enqueue(std::move(queued));
        return future;
    }

    template <typename F>
    QFuture<Result<F>> push(const QObject *context, F &&task)
    {
        using Function = std::decay_t<F>;
        auto queued = std::make_unique<Detail::PushedTask<Function>>(std::forward<F>(task), context);
        auto future = queued->future();
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

private:
    void enqueue(std::unique_ptr<Detail::LimiterTask> task);
    void enqueue(std::unique_ptr<Detail::LimiterTask> task, const QObject *context,
                 bool contextFits);

    friend class SerialRateLimiterPrivate;
    const std::unique_ptr<SerialRateLimiterPrivate> d;
};

} // namespace Tactus
