// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include "timermodel.h"

#include "../readyfuture.h"

#include <Tactus/manualclock.h>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qpromise.h>

#include <array>
#include <memory>
#include <stdexcept>

namespace Model {

// A timer, and the model beside it.
class TimerWorld : public World
{
public:
    enum Kind {
        Start,
        Stop,
        Cancel,
        Restart,
        SetRunning,
        SetInterval,
        SetPolicy,
        SetTriggered,
        SetMaximum,
        SetErrorPolicy,
        SetTimeout,
        SetTolerance,
        SetCallback, // its value: bit 0, asynchronous; bit 1, with a context
        ClearCallback,
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
        CancelInner,
        // How the callable ends that runs the script; where there is none, it returns.
        Throw,
        ReturnPending,
        ReturnFailed,
        ReturnCanceled
    };
    enum Hook {
        InStarted,
        InStopped,
        InTicksMissed,
        InTick,
        InCallable,
        InCompleted,
        InErrorOccurred,
        InTimedOut,
        InStopFuture,
        InProperty
    };

    static const Vocabulary &vocabulary()
    {
        static constexpr Word words[] = {
            { "start", 8, 6, 0, 0 },
            { "stop", 3, 4, 0, 0 },
            { "cancel", 2, 2, 0, 0 },
            { "restart", 3, 3, 0, 0 },
            { "setRunning", 2, 1, 0, 1 },
            { "setInterval", 4, 4, -1, 9 },
            { "setPolicy", 4, 2, 0, 1 },
            { "setTriggeredOnStart", 3, 1, 0, 1 },
            { "setMaximumTicks", 3, 2, -1, 6 },
            { "setErrorPolicy", 3, 1, 0, 1 },
            { "setCallbackTimeout", 3, 2, -1, 12 },
            { "setTolerance", 1, 1, -1, 3 },
            { "setCallback", 9, 4, 0, 3 },
            { "clearCallback", 1, 1, 0, 0 },
            { "delete the context", 2, 2, 0, 0 },
            { "setClock", 1, 1, 0, 0 },
            { "moveToThread", 2, 2, 0, 0 },
            { "start from the other thread", 1, 0, 0, 0 },
            { "delete", 1, 1, 0, 0 },
            { "elapse", 6, 8, 0, 25 },
            { "advance", 22, 2, 0, 30 },
            { "spin", 3, 5, 0, 0 },
            { "finish", 8, 4, 0, 0 },
            { "fail", 3, 2, 0, 0 },
            { "drop the promise", 2, 1, 0, 0 },
            { "cancel the callable's future", 2, 1, 0, 0 },
            { "throw", 0, 4, 0, 0 },
            { "return a pending future", 0, 16, 0, 0 },
            { "return a failed future", 0, 3, 0, 0 },
            { "return a canceled future", 0, 2, 0, 0 },
        };
        static constexpr const char *hooks[] = { "started",
                                                 "stopped",
                                                 "ticksMissed",
                                                 "tick",
                                                 "the callable",
                                                 "completed",
                                                 "errorOccurred",
                                                 "timedOut",
                                                 "the future of stop",
                                                 "a property's signal" };
        static constexpr Vocabulary vocabulary{ words, hooks };
        return vocabulary;
    }

    explicit TimerWorld(const Program &program)
        : World(program)
    {
    }
    ~TimerWorld() override
    {
        runIn([this] { destroy(); });
    }

protected:
    using ScheduledTimer = Tactus::ScheduledTimer;

    const QByteArray &violation() const override { return m_model.violation(); }
    void fail(const char *violated) override { m_model.require(false, violated); }
    bool isAlive() const override { return m_timer != nullptr; }
    QThread *thread() const override
    {
        return m_timer ? m_timer->thread() : QThread::currentThread();
    }

    void create() override
    {
        m_model = TimerModel();
        m_promise.reset();
        m_stops.clear();
        m_timer = std::make_unique<ScheduledTimer>(Tactus::Duration(5));
        m_timer->setClock(clock());
        ++m_timers;

        const auto on = [this](auto signal, auto handler) {
            QObject::connect(m_timer.get(), signal, m_timer.get(), handler);
        };
        using Tactus::Tick;
        on(&ScheduledTimer::started, [this] {
            happens("started");
            m_model.isStarted();
            runHook(InStarted);
        });
        on(&ScheduledTimer::stopped, [this] {
            happens("stopped");
            m_model.stopped();
            runHook(InStopped);
        });
        on(&ScheduledTimer::ticksMissed, [this](qint64 count) {
            happens("ticksMissed");
            m_model.ticksMissed(now(), count);
            runHook(InTicksMissed);
        });
        on(&ScheduledTimer::tick, [this](const Tick &tick) {
            happens("tick");
            m_model.ticked(now(), tick);
            m_promise.reset();
            runHook(InTick);
        });
        on(&ScheduledTimer::timedOut, [this](const Tick &tick) {
            happens("timedOut");
            m_model.timedOut(now(), tick);
            runHook(InTimedOut);
        });
        on(&ScheduledTimer::errorOccurred, [this](const Tick &tick, const QString &message) {
            happens("errorOccurred");
            m_model.errorOccurred(tick, message == QLatin1String("failed"));
            runHook(InErrorOccurred);
        });
        on(&ScheduledTimer::completed, [this](const Tick &tick) {
            happens("completed");
            m_model.completed(tick);
            runHook(InCompleted);
        });
        for (const auto signal :
             { &ScheduledTimer::intervalChanged, &ScheduledTimer::policyChanged,
               &ScheduledTimer::triggeredOnStartChanged, &ScheduledTimer::maximumTicksChanged,
               &ScheduledTimer::errorPolicyChanged, &ScheduledTimer::callbackTimeoutChanged,
               &ScheduledTimer::toleranceChanged }) {
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
        const int expected = performIt(operation);
        if (isAlive() && thread() == QThread::currentThread()) {
            look();
            compare();
        }
        return expected;
    }

    void checkRemains() override
    {
        for (const StopFuture &stop : m_stops)
            m_model.require(stop.future.isFinished(), "T10: a future of stop() after the deletion");
    }

    void end() override
    {
        m_model.stop(false);
        m_stops.push_back({ m_timer->stop(), m_model.callback ? m_model.callbacks : 0 });
        if (isPending())
            perform({ Finish, 0 });
        advance(1);
        m_model.require(clock()->pendingWakeUps() == 0, "a stopped timer holds a wake-up");
        destroy();
    }

private:
    struct StopFuture
    {
        QFuture<void> future;
        int callback; // the one that it waits for, 0: none
    };

    Tactus::ManualClock *clock() { return &m_clocks[m_clock]; }
    Time now() const { return m_clocks[m_clock].now().time_since_epoch().count(); }
    bool isPending() const { return m_promise && !m_promise->future().isFinished(); }

    void look() { m_model.look(now(), m_timer->isBusy()); }

    // Before the model is told of a signal.
    void happens(const char *signal)
    {
        note(QByteArray::number(now()) + ": " + signal);
        look();
        m_model.require(thread() == QThread::currentThread(), "T15: in another thread");
    }

    void runHook(Hook hook)
    {
        compare();
        ++m_depth;
        runScript(hook);
        --m_depth;
        m_model.disturbedAt = now();
    }

    // Getters are exact at all times.
    void compare()
    {
        m_model.require(m_timer->isRunning() == m_model.isRunning,
                        "running is not what it should be");
        m_model.require(m_timer->isBusy() == m_model.isBusy(), "busy is not what it should be");
        m_model.require(m_timer->tickCount() == m_model.tickCount, "tickCount is another number");
        m_model.require(m_timer->missedCount() == m_model.missedCount,
                        "missedCount is another number");
        m_model.require(m_timer->interval().count() == m_model.interval, "T12: the interval");
    }

    void settled()
    {
        look();
        m_model.settled(now());
        m_model.require(clock()->pendingWakeUps() == m_model.wakeUps(),
                        "there are other wake-ups than needed");
        m_model.require(!isPending() || !m_model.callback || !m_model.callback->isAskedToCancel
                                || m_promise->isCanceled(),
                        "T7: the callable's future was not asked to cancel");
        for (const StopFuture &stop : m_stops) {
            const bool waits = m_model.callback && m_model.callback->serial == stop.callback;
            m_model.require(stop.future.isFinished() != waits, "T6: the future of stop()");
        }
    }

    int advance(Time step)
    {
        bool &isAdvancing = m_isAdvancing[m_clock];
        if (isAdvancing) {
            clock()->advance(Tactus::Duration(step));
            return 1;
        }
        isAdvancing = true;
        const int timer = m_timers;
        const QThread *const here = QThread::currentThread();
        Tactus::ManualClock *const advanced = clock();
        advanced->advance(Tactus::Duration(step));
        isAdvancing = false;
        if (m_timer && m_timers == timer && thread() == here && advanced == clock() && m_depth == 0)
            settled();
        return 0;
    }

    void destroy()
    {
        if (!m_timer)
            return;
        const bool asks = isPending() && m_model.callback && m_model.callback->isCalled;
        ScheduledTimer *const timer = m_timer.release();
        delete timer; // T10
        m_context.reset();
        m_model.require(!asks || m_promise->isCanceled(), "T10: the future was not asked to cancel");
    }

    void stop(bool cancels)
    {
        m_model.stop(cancels);
        const int waitsFor = m_model.callback ? m_model.callbacks : 0;
        const int timer = m_timers;
        QFuture<void> future = cancels ? m_timer->cancel() : m_timer->stop();
        m_stops.push_back({ future, waitsFor });
        future.then([this, timer] {
            if (!m_timer || m_timers != timer || thread() != QThread::currentThread())
                return;
            happens("a future of stop()");
            ++m_depth;
            runScript(InStopFuture);
            --m_depth;
            m_model.disturbedAt = now();
        });
    }

    int performIt(const Operation &operation)
    {
        const qint64 value = operation.value;
        switch (operation.kind) {
        case Start: {
            const bool starts = m_model.start(now());
            m_model.require(m_timer->start() == starts, "T8: start() returns something else");
            break;
        }
        case Restart:
            m_model.restart(now());
            m_model.require(m_timer->restart(), "T8: restart() returns false");
            break;
        case Stop:
            stop(false);
            break;
        case Cancel:
            stop(true);
            break;
        case SetRunning:
            if (value == 0)
                m_model.stop(false);
            else
                m_model.start(now());
            m_timer->setRunning(value != 0);
            break;
        case SetInterval:
            if (value > 0)
                m_model.setInterval(now(), value);
            m_timer->setInterval(Tactus::Duration(value));
            return value > 0 ? 0 : 1;
        case SetPolicy:
            m_model.policy = static_cast<TimerModel::Policy>(value);
            m_timer->setPolicy(m_model.policy);
            break;
        case SetTriggered:
            m_model.isTriggeredOnStart = value != 0;
            m_timer->setTriggeredOnStart(value != 0);
            break;
        case SetMaximum:
            if (value >= 0)
                m_model.setMaximumTicks(value);
            m_timer->setMaximumTicks(value);
            return value >= 0 ? 0 : 1;
        case SetErrorPolicy:
            m_model.errorPolicy = static_cast<TimerModel::ErrorPolicy>(value);
            m_timer->setErrorPolicy(m_model.errorPolicy);
            break;
        case SetTimeout:
            if (value >= 0)
                m_model.timeout = value;
            m_timer->setCallbackTimeout(Tactus::Duration(value));
            return value >= 0 ? 0 : 1;
        case SetTolerance:
            m_timer->setTolerance(Tactus::Duration(value));
            return value >= 0 ? 0 : 1;
        case SetCallback:
            setCallback((value & 1) != 0, (value & 2) != 0);
            break;
        case ClearCallback:
            m_model.setCallable(0, false);
            m_timer->clearCallback();
            break;
        case DeleteContext:
            if (m_context) {
                m_model.contextDies();
                m_context.reset();
            }
            break;
        case SetClock:
            return setClock();
        case Move: {
            QThread *const target = m_timer->thread() == OtherThread::instance
                                            ? QCoreApplication::instance()->thread()
                                            : OtherThread::instance;
            if (m_context)
                m_context->moveToThread(target);
            m_timer->moveToThread(target);
            break;
        }
        case CallFromOther:
            if (thread() == OtherThread::instance)
                return 0;
            OtherThread::instance->call([this] { m_timer->start(); }); // T15
            return 1;
        case Delete:
            destroy();
            break;
        case Elapse:
            clock()->elapse(Tactus::Duration(value));
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
            break; // the callable sees to it
        }
        m_model.disturbedAt = now();
        return 0;
    }

    int setClock()
    {
        const bool refused = m_timer->isRunning() || m_timer->isBusy();
        m_timer->setClock(&m_clocks[1 - m_clock]);
        if (!refused)
            m_clock = 1 - m_clock;
        m_model.require(m_timer->clock() == clock(), "setClock()");
        return refused ? 1 : 0;
    }

    void endPending(int how)
    {
        if (!isPending())
            return;
        // Qt does not take the exception of a future that was canceled.
        const bool fails = how == Fail && !m_promise->isCanceled();
        m_model.ended(fails ? TimerModel::End::Failed : TimerModel::End::Succeeded);
        if (fails)
            m_promise->setException(std::make_exception_ptr(std::runtime_error("failed")));
        if (how == Drop)
            m_promise.reset();
        else
            m_promise->finish();
    }

    void setCallback(bool isAsynchronous, bool hasContext)
    {
        const int number = ++m_callables;
        m_model.setCallable(number, hasContext);
        if (hasContext && !m_context)
            m_context = std::make_unique<QObject>();
        const auto synchronous = [this, number] {
            const int how = call(number);
            ended(how == Throw ? TimerModel::End::Failed : TimerModel::End::Succeeded);
            if (how == Throw)
                throw std::runtime_error("failed");
        };
        const auto asynchronous = [this, number] { return callAsynchronously(number); };
        if (isAsynchronous && hasContext)
            m_timer->setCallback(m_context.get(), asynchronous);
        else if (isAsynchronous)
            m_timer->setCallback(asynchronous);
        else if (hasContext)
            m_timer->setCallback(m_context.get(), synchronous);
        else
            m_timer->setCallback(synchronous);
    }

    void ended(TimerModel::End end)
    {
        if (m_calledTimer == m_timers && m_timer)
            m_model.ended(end);
        m_model.disturbedAt = now();
    }

    // What the script says about the end.
    int call(int number)
    {
        happens("the callable");
        m_model.called(number);
        compare();
        m_calledTimer = m_timers;
        int how = Kind::Finish;
        if (const Script *const script = nextScript(InCallable)) {
            for (const Operation &operation : script->operations)
                how = operation.kind >= Throw ? operation.kind : how;
            ++m_depth;
            runScript(*script);
            --m_depth;
        }
        return how;
    }

    QFuture<void> callAsynchronously(int number)
    {
        switch (call(number)) {
        case Throw:
            ended(TimerModel::End::Failed);
            throw std::runtime_error("failed");
        case ReturnFailed: {
            ended(TimerModel::End::Failed);
            QPromise<void> promise;
            promise.start();
            promise.setException(std::make_exception_ptr(std::runtime_error("failed")));
            promise.finish();
            return promise.future();
        }
        case ReturnCanceled:
            ended(TimerModel::End::Succeeded);
            return {};
        case ReturnPending:
            m_promise.emplace();
            m_promise->start();
            return m_promise->future();
        default:
            ended(TimerModel::End::Succeeded);
            return readyFuture();
        }
    }

    std::array<Tactus::ManualClock, 2> m_clocks{
        Tactus::ManualClock(Tactus::Clock::Instant(Tactus::Duration(1007))), Tactus::ManualClock()
    };
    std::size_t m_clock = 0;
    TimerModel m_model;
    std::optional<QPromise<void>> m_promise;
    std::vector<StopFuture> m_stops;
    std::unique_ptr<QObject> m_context;
    std::array<bool, 2> m_isAdvancing{}; // each clock
    int m_depth = 0; // of scripts
    int m_callables = 0;
    int m_timers = 0;
    int m_calledTimer = 0;
    std::unique_ptr<ScheduledTimer> m_timer; // first to go
};

} // namespace Model
