// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include "callframe_p.h"
#include "execution_p.h"
#include "slidingwindow_p.h"
#include "taskqueue_p.h"
#include "threadfollower_p.h"
#include "wakeupqueue_p.h"

#include <Tactus/serialratelimiter.h>

#include <QtCore/qcoreevent.h>
#include <QtCore/qpromise.h>

#include <atomic>
#include <chrono>
#include <limits>
#include <memory>
#include <vector>

namespace Tactus {

// A task takes this way:
//
//   enqueue()         any thread: into the TaskQueue, or refused
//   turn()            from the event loop: process() takes tasks off the queue, as the window allows
//     proceed()       busy, taskStarted, the callable; each step is a Phase
//     returned()      maybe with a future: Execution waits for it
//   complete()        the window records it, all state is settled; its future, its signals
//
// Every emission, every call and every end of a future on this way may delete the limiter, or move
// it to another thread, where the rest of the way is then gone by work that is handed on.
class SerialRateLimiterPrivate final : public Execution::Owner
{
public:
    using Overflow = SerialRateLimiter::Overflow;
    using Result = TaskResult;

    SerialRateLimiterPrivate(SerialRateLimiter *limiter, const RateLimit &limit);
    void end();

    bool isCalledWell(const char *function) const;

    // From any thread.
    void enqueue(TaskPointer task, const QObject *context, bool refused);
    qsizetype pendingCount() const { return queue.size(); }

    qsizetype clear();
    QFuture<void> drain();
    void holdUntil(Clock::Instant instant);
    Duration estimatedWait() const;
    void changeClock(Clock *newClock);

    void postedTurn(TurnEvent *event);
    void leaveThread();

    struct Good
    {
        int rate = 1;
        Duration per = std::chrono::seconds(1);
        QList<RateLimit> limits;
        Duration margin{};
        qsizetype maximumPending = 0;
        Overflow overflow = Overflow::RejectNewest;
        Duration taskTimeout{};
        Duration tolerance = std::chrono::milliseconds(1);
    };

    // Whether a value may be set; if not, a warning that names it.
    static bool accepts(const QList<RateLimit> &limits, const char *where);

    void setWindows(const QList<RateLimit> &limits, void (SerialRateLimiter::*changed)());
    template <typename Property, typename Value>
    static bool follow(Property &view, Value &told, const Value &value);
    template <typename Property, typename Value, typename Change>
    void windowsSet(Property &view, Value &told, const char *where, Change change,
                    void (SerialRateLimiter::*changed)());
    void rateSet();
    void perSet();
    void limitsSet();
    void marginSet();
    void maximumPendingSet();
    void overflowSet();
    void taskTimeoutSet();
    void toleranceSet();
    void pausedSet();
    void busySet() { Q_EMIT q->busyChanged(); }

    // From any thread.
    void connected(const QMetaMethod &signal);

    SerialRateLimiter *const q;
    Clock *clock;
    Good good;

    Q_OBJECT_BINDABLE_PROPERTY_WITH_ARGS(SerialRateLimiterPrivate, int, rate, 1,
                                         &SerialRateLimiterPrivate::rateSet)
    Q_OBJECT_BINDABLE_PROPERTY_WITH_ARGS(SerialRateLimiterPrivate, Duration, per,
                                         std::chrono::seconds(1), &SerialRateLimiterPrivate::perSet)
    Q_OBJECT_BINDABLE_PROPERTY(SerialRateLimiterPrivate, QList<RateLimit>, limits,
                               &SerialRateLimiterPrivate::limitsSet)
    Q_OBJECT_BINDABLE_PROPERTY_WITH_ARGS(SerialRateLimiterPrivate, Duration, margin,
                                         Duration::zero(), &SerialRateLimiterPrivate::marginSet)
    Q_OBJECT_BINDABLE_PROPERTY_WITH_ARGS(SerialRateLimiterPrivate, qsizetype, maximumPending, 0,
                                         &SerialRateLimiterPrivate::maximumPendingSet)
    Q_OBJECT_BINDABLE_PROPERTY_WITH_ARGS(SerialRateLimiterPrivate, Overflow, overflow,
                                         Overflow::RejectNewest,
                                         &SerialRateLimiterPrivate::overflowSet)
    Q_OBJECT_BINDABLE_PROPERTY_WITH_ARGS(SerialRateLimiterPrivate, Duration, taskTimeout,
                                         Duration::zero(),
                                         &SerialRateLimiterPrivate::taskTimeoutSet)
    Q_OBJECT_BINDABLE_PROPERTY_WITH_ARGS(SerialRateLimiterPrivate, Duration, tolerance,
                                         std::chrono::milliseconds(1),
                                         &SerialRateLimiterPrivate::toleranceSet)
    Q_OBJECT_BINDABLE_PROPERTY_WITH_ARGS(SerialRateLimiterPrivate, bool, paused, false,
                                         &SerialRateLimiterPrivate::pausedSet)
    Q_OBJECT_BINDABLE_PROPERTY_WITH_ARGS(SerialRateLimiterPrivate, bool, busy, false,
                                         &SerialRateLimiterPrivate::busySet)

    std::atomic<qint64> completedCount = 0;
    std::atomic<qint64> failedCount = 0; // by the queue, too
    std::atomic<qint64> canceledCount = 0; // by the queue, too
    std::atomic<bool> hasListeners = false; // of what is emitted for every task

private:
    static constexpr qint64 AnyId = std::numeric_limits<qint64>::max();

    // L9: how long the limiter works before it returns to the event loop, in real time.
    static constexpr Duration WorkPerTurn = std::chrono::milliseconds(1);
    static Duration steadyNow() { return std::chrono::steady_clock::now().time_since_epoch(); }

    enum class Phase { AnnounceBusy, EmitStarted, Call };
    enum class Step { Busy, Signal, Idle };

    // What is left to tell about a task that has ended.
    struct Ending
    {
        qint64 id = 0;
        Result result = Result::Completed;
        QString message;
        TaskPointer task; // destroyed last: that runs user code too
        Step next = Step::Busy;
    };

    struct Counts
    {
        qsizetype pending = 0;
        qint64 completed = 0;
        qint64 failed = 0;
        qint64 canceled = 0;
        bool operator==(const Counts &) const = default;
    };

    class Gate;

    void turn();
    void requestTurn();
    void goOnInNestedLoop();
    bool followThread();
    ContextPointer followContext(const QObject *object);
    // Of which a wildcard disconnect() has kept the end from being told.
    static bool hasLostContext(const LimiterTask &task)
    {
        return task.m_context && !task.m_context->living;
    }
    void threadFinished();

    Clock::Instant earliestStart() const;
    void arm();
    Clock::Instant now();
    void emitted();
    void armTimeout();

    bool endDropped();
    void deliverReports(qint64 upTo = AnyId);
    void process();
    void runTask(TaskPointer task);
    void proceed(TaskPointer task, Phase phase);
    void call(TaskPointer task);
    void returned(TaskPointer task, const std::optional<QFuture<void>> &future, Outcome outcome);
    void complete(TaskPointer task, const Outcome &outcome);
    Result resultOf(PushedTaskBase *pushed, const Outcome &outcome, bool isLate,
                    std::exception_ptr &error) const;
    void announce(Ending ending);
    void tellEnd(qint64 id, Result result, const QString &message);
    void emitEnd(qint64 id, Result result, const QString &message);
    void executionFinished(const Outcome &outcome) override;
    void executionTimedOut() override;

    void contextDied(const ContextPointer &context);
    void cancelQueued(TaskList tasks);
    void endCanceled();
    void cancelCurrent();
    void queuedFuturesCanceled(CancelWatch *watch);
    void watchQueued(bool tasksAreSlow = false);
    void watchCurrent();
    void unwatchCurrent();
    void executionWaits() override;

    void rearm();
    void announceIdle();
    Counts counts() const;
    void announceCounts();
    void announceCountsLater();

    bool isEnding = false;
    CallFrames frames;
    TaskQueue queue{ q, failedCount, canceledCount };
    // Parent of the watches of tasks that wait, in their order: taken from the front, each leaves in
    // constant time.
    QObject *const watches;
    CancelWatch *currentWatch = nullptr; // made when a task first takes long
    SlidingWindow window;
    std::optional<Clock::Instant> present; // read, and no user code ran since
    WakeUp wakeUp;
    Execution execution;
    ThreadFollower threadFollower;
    Relocation relocation;

    // While a task runs. It is owned by the stack while its callable is being called, so that it
    // survives the limiter, and by `waiting` after that.
    LimiterTask *current = nullptr;
    TaskPointer waiting;
    bool currentCanceled = false;
    bool currentReported = false; // its future has ended, by a timeout or with the thread

    TaskList canceled; // off the queue, but not yet ended
    qsizetype untold = 0; // tasks whose futures have ended, but not their signals

    Clock::Instant heldUntil = Clock::Instant::min();
    std::vector<std::pair<qint64, QPromise<void>>> drains; // finish when all up to the id have ended
    Counts announced;
};

inline const QBindingStorage *qGetBindingStorage(const SerialRateLimiterPrivate *d)
{
    return ::qGetBindingStorage(static_cast<const QObject *>(d->q));
}
inline QBindingStorage *qGetBindingStorage(SerialRateLimiterPrivate *d)
{
    return ::qGetBindingStorage(static_cast<QObject *>(d->q));
}

} // namespace Tactus
