// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include "limitermodel.h"

#include "../readyfuture.h"

#include <Tactus/manualclock.h>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qpromise.h>

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

namespace Model {

// A limiter, and the model beside it.
class LimiterWorld : public World
{
public:
    enum Kind {
        Push, // the values of these: a TaskKind
        PushWithContext,
        PushWithNullContext,
        PushFromOther,
        Post,
        PostWithContext,
        Clear,
        Pause,
        Resume,
        Hold,
        Drain,
        SetLimits,
        SetRate,
        SetPer,
        SetMargin,
        SetMaximumPending,
        SetOverflow,
        SetTimeout,
        SetTolerance,
        CancelQueued, // its value: which one
        CancelRunning,
        DeleteContext,
        SetClock,
        Move,
        CallFromOther,
        Delete,
        Elapse,
        Advance,
        Spin,
        Finish,
        Fail,
        Drop,
        CancelInner
    };
    enum Hook {
        InStarted,
        InTask,
        InCompleted,
        InFailed,
        InCanceled,
        InDrained,
        InFuture,
        InDrain,
        InBusy,
        InCounts,
        InProperty
    };
    enum TaskKind { Returns, Throws, ReturnsReady, ReturnsFailed, ReturnsCanceled, Waits };

    static const Vocabulary &vocabulary()
    {
        static constexpr Word words[] = {
            { "push", 10, 5, 0, 9 },
            { "push with a context", 5, 3, 0, 9 },
            { "push with a null context", 1, 1, 0, 9 },
            { "push from the other thread", 2, 1, 0, 9 },
            { "post", 4, 3, 0, 9 },
            { "post with a context", 2, 2, 0, 9 },
            { "clear", 2, 2, 0, 0 },
            { "pause", 2, 2, 0, 0 },
            { "resume", 4, 3, 0, 0 },
            { "holdFor", 2, 2, -1, 20 },
            { "drain", 2, 2, 0, 0 },
            { "setLimits", 3, 2, -1, 5 },
            { "setRate", 2, 1, 0, 4 },
            { "setPer", 2, 1, 0, 12 },
            { "setMargin", 2, 1, -1, 6 },
            { "setMaximumPending", 2, 2, -1, 4 },
            { "setOverflow", 2, 1, 0, 1 },
            { "setTaskTimeout", 2, 1, -1, 12 },
            { "setTolerance", 1, 1, -1, 3 },
            { "cancel a queued task", 4, 4, 0, 7 },
            { "cancel the running task", 2, 3, 0, 0 },
            { "delete the context", 2, 2, 0, 0 },
            { "setClock", 1, 1, 0, 0 },
            { "moveToThread", 2, 2, 0, 0 },
            { "clear from the other thread", 1, 0, 0, 0 },
            { "delete", 1, 1, 0, 0 },
            { "elapse", 4, 8, 0, 15 },
            { "advance", 18, 2, 0, 25 },
            { "spin", 3, 5, 0, 0 },
            { "finish", 7, 4, 0, 0 },
            { "fail", 2, 2, 0, 0 },
            { "drop the promise", 1, 1, 0, 0 },
            { "cancel the task's own future", 1, 1, 0, 0 },
        };
        static constexpr const char *hooks[] = { "taskStarted",        "the task",
                                                 "taskCompleted",      "taskFailed",
                                                 "taskCanceled",       "drained",
                                                 "a pushed future",    "a future of drain",
                                                 "busyChanged",        "a counter's signal",
                                                 "a property's signal" };
        static constexpr Vocabulary vocabulary{ words, hooks };
        return vocabulary;
    }

    explicit LimiterWorld(const Program &program)
        : World(program)
    {
    }
    ~LimiterWorld() override
    {
        runIn([this] { destroy(); });
    }

protected:
    using SerialRateLimiter = Tactus::SerialRateLimiter;

    const QByteArray &violation() const override { return m_model.violation(); }
    void fail(const char *violated) override { m_model.require(false, violated); }
    bool isAlive() const override { return m_limiter != nullptr; }
    QThread *thread() const override
    {
        return m_limiter ? m_limiter->thread() : QThread::currentThread();
    }

    void create() override
    {
        m_model = LimiterModel();
        m_promise.reset();
        m_futures.clear();
        m_drains.clear();
        m_announced = {};
        m_limiter = std::make_unique<SerialRateLimiter>(2, Tactus::Duration(5));
        m_limiter->setClock(clock());
        ++m_limiters;

        const auto on = [this](auto signal, auto handler) {
            QObject::connect(m_limiter.get(), signal, m_limiter.get(), handler);
        };
        on(&SerialRateLimiter::busyChanged, [this] {
            happens("busyChanged");
            runHook(InBusy);
        });
        on(&SerialRateLimiter::taskStarted, [this](qint64 id) {
            happens("started", id);
            m_model.started(id);
            runHook(InStarted);
        });
        on(&SerialRateLimiter::taskCompleted, [this](qint64 id) {
            happens("completed", id);
            m_model.ended(now(), id, LimiterModel::End::Completed, {});
            runHook(InCompleted);
        });
        on(&SerialRateLimiter::taskFailed, [this](qint64 id, const QString &message) {
            happens("failed", id);
            m_model.ended(now(), id, LimiterModel::End::Failed, message.toUtf8());
            runHook(InFailed);
        });
        on(&SerialRateLimiter::taskCanceled, [this](qint64 id) {
            happens("canceled", id);
            m_model.ended(now(), id, LimiterModel::End::Canceled, {});
            runHook(InCanceled);
        });
        on(&SerialRateLimiter::drained, [this] {
            happens("drained");
            m_model.drained();
            runHook(InDrained);
        });
        const auto onCount = [&](auto signal, std::size_t number, auto count) {
            on(signal, [this, number, count] {
                happens("a counter");
                m_announced[number] = std::invoke(count, *m_limiter);
                runHook(InCounts);
            });
        };
        onCount(&SerialRateLimiter::pendingCountChanged, 0, &SerialRateLimiter::pendingCount);
        onCount(&SerialRateLimiter::completedCountChanged, 1, &SerialRateLimiter::completedCount);
        onCount(&SerialRateLimiter::failedCountChanged, 2, &SerialRateLimiter::failedCount);
        onCount(&SerialRateLimiter::canceledCountChanged, 3, &SerialRateLimiter::canceledCount);
        for (const auto signal :
             { &SerialRateLimiter::rateChanged, &SerialRateLimiter::perChanged,
               &SerialRateLimiter::limitsChanged, &SerialRateLimiter::marginChanged,
               &SerialRateLimiter::maximumPendingChanged, &SerialRateLimiter::overflowChanged,
               &SerialRateLimiter::taskTimeoutChanged, &SerialRateLimiter::toleranceChanged,
               &SerialRateLimiter::pausedChanged }) {
            on(signal, [this] {
                happens("a property");
                runHook(InProperty);
            });
        }
    }

    int perform(const Operation &operation) override
    {
        m_model.disturbedAt = now(); // time may have been moved on from another thread
        look();
        const bool wasInLoop = std::exchange(m_isInLoop,
                                             operation.kind == Advance || operation.kind == Spin);
        const int expected = performIt(operation);
        m_isInLoop = wasInLoop;
        if (isAlive() && thread() == QThread::currentThread()) {
            look();
            compare();
        }
        return expected;
    }

    // L5: every future finishes.
    void checkRemains() override
    {
        if (isPending()) {
            m_model.require(m_promise->isCanceled(),
                            "L15: the task's future was not asked to cancel");
            m_promise->finish();
        }
        for (const auto &[id, future] : m_futures)
            m_model.require(future.isFinished(), "L15: a future has not finished");
        for (const auto &[id, future] : m_drains)
            m_model.require(future.isFinished(), "L15: a future of drain() has not finished");
    }

    void end() override
    {
        m_model.timeout = 0;
        m_limiter->setTaskTimeout(Tactus::Duration(0));
        m_model.isPaused = false;
        m_limiter->resume();
        const std::size_t tasks = m_model.tasks.size();
        for (std::size_t i = 0; i <= tasks && (i == 0 || !m_model.queue.empty() || m_model.running);
             ++i) {
            if (isPending())
                perform({ Finish, 0 });
            perform({ Advance, 40 });
        }
        m_model.require(m_model.queue.empty() && !m_model.running, "L4: the limiter is stuck");
        m_model.require(clock()->pendingWakeUps() == 0, "L20: an idle limiter holds a wake-up");
        destroy();
    }

private:
    Tactus::ManualClock *clock() { return &m_clocks[m_clock]; }
    Time now() const { return m_clocks[m_clock].now().time_since_epoch().count(); }
    bool isPending() const { return m_promise && !m_promise->future().isFinished(); }

    void look() { m_model.look(now(), m_limiter->isBusy(), m_isInLoop); }

    // Before the model is told of a signal.
    void happens(const char *signal, qint64 id = 0)
    {
        note(QByteArray::number(now()) + ": " + signal + ' ' + QByteArray::number(id));
        look();
        m_model.require(thread() == QThread::currentThread(), "L17: in another thread");
    }

    void runHook(Hook hook)
    {
        compare();
        ++m_depth;
        runScript(hook);
        --m_depth;
        m_model.disturbedAt = now();
    }

    void compare()
    {
        m_model.require(m_limiter->isBusy() == (m_model.running != 0),
                        "busy is not what it should be");
        m_model.require(m_limiter->isPaused() == m_model.isPaused,
                        "paused is not what it should be");
    }

    void settled()
    {
        using End = LimiterModel::End;
        look();
        m_model.settled(now());
        // Until now a handler may have kept the three from following one another.
        m_model.require(m_limiter->limits() == m_model.limits
                                && m_limiter->rate() == m_model.limits.first().rate()
                                && m_limiter->per() == m_model.limits.first().per(),
                        "L18: the windows are not what they should be");
        m_model.require(clock()->pendingWakeUps() == m_model.wakeUps(),
                        "there are other wake-ups than needed");
        m_model.require(!isPending() || !m_model.running
                                || !(m_model.task(m_model.running).isAskedToCancel
                                     || m_model.task(m_model.running).isTold)
                                || m_promise->isCanceled(),
                        "L7: the task's future was not asked to cancel");
        const std::array<qint64, 4> counts = { m_limiter->pendingCount(),
                                               m_limiter->completedCount(),
                                               m_limiter->failedCount(),
                                               m_limiter->canceledCount() };
        const std::array<qint64, 4> expected = { static_cast<qint64>(m_model.queue.size()),
                                                 m_model.countOf(End::Completed),
                                                 m_model.countOf(End::Failed),
                                                 m_model.countOf(End::Canceled) };
        m_model.require(counts == expected, "the counters have other values");
        m_model.require(m_announced == expected, "the last values were not announced");
        m_model.require(m_limiter->estimatedWait() == m_model.estimatedWait(now()),
                        "estimatedWait() is another time");
        std::erase_if(m_futures,
                      [this](auto &entry) { return isAsExpected(entry.first, entry.second); });
        std::erase_if(m_drains, [this](auto &drain) {
            m_model.require(drain.second.isFinished() == m_model.allEndedUpTo(drain.first),
                            "L14: the future of drain()");
            return drain.second.isFinished();
        });
    }

    // Whether it is over; that it is, and how, is checked.
    bool isAsExpected(qint64 id, QFuture<int> future)
    {
        using End = LimiterModel::End;
        const LimiterModel::Task &task = m_model.task(id);
        m_model.require(future.isFinished() == task.isTold, "L5: a future");
        if (!task.isTold || !future.isFinished())
            return false;
        try {
            future.waitForFinished();
            const bool hasResult = !future.isCanceled() && future.result() == id;
            m_model.require(task.end == (hasResult ? End::Completed : End::Canceled)
                                    || task.isAskedToCancel,
                            "L5: a future holds something else");
        } catch (const std::exception &error) {
            m_model.require(task.end == End::Failed && error.what() == task.message,
                            "L16: a future holds another exception");
        }
        return true;
    }

    int advance(Time step)
    {
        bool &isAdvancing = m_isAdvancing[m_clock];
        if (isAdvancing) {
            clock()->advance(Tactus::Duration(step));
            return 1;
        }
        isAdvancing = true;
        const int limiter = m_limiters;
        const QThread *const here = QThread::currentThread();
        Tactus::ManualClock *const advanced = clock();
        advanced->advance(Tactus::Duration(step));
        isAdvancing = false;
        if (m_limiter && m_limiters == limiter && thread() == here && advanced == clock()
            && m_depth == 0)
            settled();
        return 0;
    }

    void destroy()
    {
        if (!m_limiter)
            return;
        SerialRateLimiter *const limiter = m_limiter.release();
        delete limiter; // L15
        m_context.reset();
    }

    template <typename Result>
    void follow(QFuture<Result> future, Hook hook, qint64 id = 0)
    {
        future.then([this, hook, id, limiter = m_limiters](QFuture<Result>) {
            if (!m_limiter || m_limiters != limiter || thread() != QThread::currentThread())
                return;
            look();
            if (id > 0)
                m_model.futureFinished(now(), id);
            ++m_depth;
            runScript(hook);
            --m_depth;
            m_model.disturbedAt = now();
        });
    }

    QObject *context()
    {
        if (!m_context)
            m_context = std::make_unique<QObject>();
        return m_context.get();
    }

    void push(const Operation &operation)
    {
        // Canceled ones may have left the queue, though their ends are not told yet: how full it is, is
        // not settled then.
        if (m_model.maximumPending > 0
            && m_limiter->pendingCount() != static_cast<qsizetype>(m_model.queue.size())) {
            m_model.require(m_model.hasCanceledInQueue(), "pendingCount is another number");
            return;
        }
        const bool hasContext = operation.kind == PushWithContext
                                || operation.kind == PostWithContext;
        QObject *const with = hasContext ? context() : nullptr;
        const qint64 id = m_model.push(with, operation.kind == PushWithNullContext);
        if (operation.value >= Waits || operation.value == ReturnsReady
            || operation.value == ReturnsFailed || operation.value == ReturnsCanceled) {
            pushTask(operation.kind, with,
                     [this, id, kind = operation.value] { return callAsynchronously(id, kind); });
        } else {
            pushTask(operation.kind, with,
                     [this, id, kind = operation.value] { return callSynchronously(id, kind); });
        }
    }

    template <typename Task>
    void pushTask(int kind, QObject *with, Task task)
    {
        const auto id = static_cast<qint64>(m_model.tasks.size());
        const int limiter = m_limiters;
        QFuture<int> future;
        switch (kind) {
        case Post:
            m_limiter->post(std::move(task));
            return;
        case PostWithContext:
            m_limiter->post(with, std::move(task));
            return;
        case PushWithContext:
        case PushWithNullContext:
            future = m_limiter->push(static_cast<const QObject *>(with), std::move(task));
            break;
        case PushFromOther:
            if (QThread::currentThread() != OtherThread::instance) {
                OtherThread::instance->call([&] { future = m_limiter->push(std::move(task)); });
                break;
            }
            [[fallthrough]];
        default:
            future = m_limiter->push(std::move(task));
        }
        if (m_limiters == limiter)
            m_futures.emplace(id, future);
        follow(future, InFuture, id);
    }

    int performIt(const Operation &operation)
    {
        using Tactus::Duration;
        using Tactus::RateLimit;
        const qint64 value = operation.value;
        const Duration duration(value);
        switch (operation.kind) {
        case Push:
        case PushWithContext:
        case PushWithNullContext:
        case PushFromOther:
        case Post:
        case PostWithContext:
            push(operation);
            break;
        case Clear:
            clear();
            break;
        case Pause:
        case Resume:
            m_model.isPaused = operation.kind == Pause;
            m_limiter->setPaused(m_model.isPaused);
            break;
        case Hold:
            if (value >= 0)
                m_model.holdUntil(now() + value);
            m_limiter->holdFor(duration);
            return value >= 0 ? 0 : 1;
        case Drain: {
            const auto last = static_cast<qint64>(m_model.tasks.size());
            const QFuture<void> future = m_limiter->drain();
            m_drains.emplace_back(last, future);
            follow(future, InDrain);
            break;
        }
        case SetLimits: {
            const QList<RateLimit> limits = limitsOf(value);
            if (!limits.isEmpty())
                m_model.setLimits(limits);
            m_limiter->setLimits(limits);
            return limits.isEmpty() ? 1 : 0;
        }
        case SetRate:
            if (value > 0)
                setFirstLimit(RateLimit(static_cast<int>(value), m_model.limits.first().per()));
            m_limiter->setRate(static_cast<int>(value));
            return value > 0 ? 0 : 1;
        case SetPer:
            if (value > 0)
                setFirstLimit(RateLimit(m_model.limits.first().rate(), duration));
            m_limiter->setPer(duration);
            return value > 0 ? 0 : 1;
        case SetMargin:
            if (value >= 0)
                m_model.margin = value;
            m_limiter->setMargin(duration);
            return value >= 0 ? 0 : 1;
        case SetMaximumPending:
            if (value >= 0)
                m_model.maximumPending = value;
            m_limiter->setMaximumPending(value);
            return value >= 0 ? 0 : 1;
        case SetOverflow:
            m_model.overflow = static_cast<LimiterModel::Overflow>(value);
            m_limiter->setOverflow(m_model.overflow);
            break;
        case SetTimeout:
            if (value >= 0)
                m_model.timeout = value;
            m_limiter->setTaskTimeout(duration);
            return value >= 0 ? 0 : 1;
        case SetTolerance:
            m_limiter->setTolerance(duration);
            return value >= 0 ? 0 : 1;
        case CancelQueued:
            if (!m_model.queue.empty())
                cancel(m_model.queue[static_cast<std::size_t>(value) % m_model.queue.size()]);
            break;
        case CancelRunning:
            if (m_model.running)
                cancel(m_model.running);
            break;
        case DeleteContext:
            if (m_context) {
                m_model.contextDies(m_context.get());
                m_context.reset();
            }
            break;
        case SetClock:
            return setClock();
        case Move: {
            QThread *const target = m_limiter->thread() == OtherThread::instance
                                            ? QCoreApplication::instance()->thread()
                                            : OtherThread::instance;
            if (m_context)
                m_context->moveToThread(target);
            m_limiter->moveToThread(target);
            break;
        }
        case CallFromOther:
            if (thread() == OtherThread::instance)
                return 0;
            OtherThread::instance->call([this] { m_limiter->clear(); }); // L17
            return 1;
        case Delete:
            destroy();
            break;
        case Elapse:
            clock()->elapse(duration);
            break;
        case Advance:
            return advance(value);
        case Spin:
            spin();
            break;
        case Finish:
        case Fail:
        case Drop:
            endPending(operation.kind);
            break;
        case CancelInner:
            if (isPending())
                m_promise->future().cancel();
            break;
        default:
            break;
        }
        m_model.disturbedAt = now();
        return 0;
    }

    static QList<Tactus::RateLimit> limitsOf(qint64 which)
    {
        using Tactus::Duration;
        using Tactus::RateLimit;
        switch (which) {
        case -1:
            return {};
        case 0:
            return { RateLimit(1, Duration(1)) };
        case 1:
            return { RateLimit(1, Duration(6)), RateLimit(3, Duration(25)) };
        case 2:
            return { RateLimit(3, Duration(4)), RateLimit(5, Duration(11)) };
        case 3:
            return { RateLimit(6, Duration(30)) };
        case 4:
            return { RateLimit(2, Duration(9)), RateLimit(2, Duration(3)),
                     RateLimit(4, Duration(20)) };
        default:
            return { RateLimit(1000, Duration(1)) };
        }
    }

    void setFirstLimit(const Tactus::RateLimit &limit)
    {
        QList<Tactus::RateLimit> limits = m_model.limits;
        limits.first() = limit;
        m_model.setLimits(limits);
    }

    void clear()
    {
        const bool isSure = !m_model.hasCanceledInQueue();
        const std::vector<qint64> cleared = m_model.clear();
        const int limiter = m_limiters;
        const qsizetype count = m_limiter->clear();
        const auto most = static_cast<qsizetype>(cleared.size());
        m_model.require(isSure ? count == most : count <= most, "clear() returns another number");
        if (!m_limiter || m_limiters != limiter || thread() != QThread::currentThread())
            return;
        for (const qint64 id : cleared)
            m_model.require(m_model.task(id).isTold, "clear() returned before all ends were told");
    }

    void cancel(qint64 id)
    {
        const auto found = m_futures.find(id);
        if (found == m_futures.end() || found->second.isFinished())
            return;
        m_model.cancel(id);
        found->second.cancel();
    }

    int setClock()
    {
        const bool refused = m_limiter->isBusy() || m_limiter->pendingCount() > 0;
        const Time before = now();
        m_limiter->setClock(&m_clocks[1 - m_clock]);
        if (!refused) {
            m_clock = 1 - m_clock;
            m_model.changeClock(now() - before);
            m_model.disturbedAt = now();
        }
        m_model.require(m_limiter->clock() == clock(), "setClock()");
        return refused ? 1 : 0;
    }

    void endPending(int how)
    {
        using End = LimiterModel::End;
        if (!isPending())
            return;
        // Qt does not take anything for a future that was canceled.
        const bool isCanceled = m_promise->isCanceled() || how == Drop;
        m_model.innerEnded(isCanceled ? End::Canceled : how == Fail ? End::Failed : End::Completed);
        if (how == Fail)
            m_promise->setException(std::make_exception_ptr(std::runtime_error("failed")));
        else if (how == Finish)
            m_promise->addResult(static_cast<int>(m_model.running));
        if (how == Drop)
            m_promise.reset();
        else
            m_promise->finish();
    }

    void call(qint64 id)
    {
        happens("the task", id);
        m_model.called(id);
        m_calledLimiter = m_limiters;
        ++m_depth;
        runScript(InTask);
        --m_depth;
        m_model.disturbedAt = now();
    }

    void innerEnded(LimiterModel::End end)
    {
        if (m_limiter && m_calledLimiter == m_limiters)
            m_model.innerEnded(end);
    }

    int callSynchronously(qint64 id, qint64 kind)
    {
        call(id);
        innerEnded(kind == Throws ? LimiterModel::End::Failed : LimiterModel::End::Completed);
        if (kind == Throws)
            throw std::runtime_error("failed");
        return static_cast<int>(id);
    }

    QFuture<int> callAsynchronously(qint64 id, qint64 kind)
    {
        call(id);
        switch (kind) {
        case ReturnsReady:
            innerEnded(LimiterModel::End::Completed);
            return readyFuture(static_cast<int>(id));
        case ReturnsCanceled:
            innerEnded(LimiterModel::End::Canceled);
            return {};
        case ReturnsFailed: {
            innerEnded(LimiterModel::End::Failed);
            QPromise<int> promise;
            promise.start();
            promise.setException(std::make_exception_ptr(std::runtime_error("failed")));
            promise.finish();
            return promise.future();
        }
        default:
            m_promise.emplace();
            m_promise->start();
            return m_promise->future();
        }
    }

    std::array<Tactus::ManualClock, 2> m_clocks{
        Tactus::ManualClock(Tactus::Clock::Instant(Tactus::Duration(1007))), Tactus::ManualClock()
    };
    std::array<bool, 2> m_isAdvancing{}; // each clock
    std::size_t m_clock = 0;
    LimiterModel m_model;
    std::optional<QPromise<int>> m_promise;
    std::map<qint64, QFuture<int>> m_futures; // of which the end has not been seen
    std::vector<std::pair<qint64, QFuture<void>>> m_drains;
    std::array<qint64, 4> m_announced{};
    std::unique_ptr<QObject> m_context;
    bool m_isInLoop = false;
    int m_depth = 0; // of scripts
    int m_limiters = 0;
    int m_calledLimiter = 0;
    std::unique_ptr<SerialRateLimiter> m_limiter; // first to go
};

} // namespace Model
