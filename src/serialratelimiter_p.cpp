// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "serialratelimiter_p.h"

#include "instantmath_p.h"
#include "logging_p.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qcoreevent.h>
#include <QtCore/qmetaobject.h>
#include <QtCore/qthread.h>

#include <algorithm>
#include <chrono>
#include <utility>

using namespace std::chrono_literals;

namespace Tactus {

namespace {

// Where no more tasks than that had their turn in a WorkPerTurn, watching those behind them costs little.
constexpr int WorthWatching = 64;

// Its future finishes in any case.
void failForLackOfSpace(LimiterTask *task, qsizetype bound)
{
    try {
        fail(task, std::make_exception_ptr(QueueFullError(bound)));
    } catch (const std::bad_alloc &) {
        cancel(task);
    }
}

} // namespace

SerialRateLimiterPrivate::SerialRateLimiterPrivate(SerialRateLimiter *limiter,
                                                   const RateLimit &limit)
    : q(limiter)
    , clock(Clock::defaultClock())
    , watches(new QObject(limiter))
    , window({ RateLimit(1, 1s) })
    , wakeUp(
              this, [](void *self) { static_cast<SerialRateLimiterPrivate *>(self)->turn(); },
              [](void *) {})
    , execution(this, limiter)
    , threadFollower(
              limiter, [this] { threadFinished(); }, [this] { queue.setClosed(false); })
{
    if (accepts(QList<RateLimit>{ limit }, "SerialRateLimiter::SerialRateLimiter"))
        window.setLimits({ limit });
    good.limits = window.limits();
    good.rate = good.limits.constFirst().rate();
    good.per = good.limits.constFirst().per();
    limits.setValueBypassingBindings(good.limits);
    rate.setValueBypassingBindings(good.rate);
    per.setValueBypassingBindings(good.per);
    frames.mailbox(q); // whichever thread asks for it later
    if (QThread *const thread = q->thread())
        threadFollower.follow(thread, [this] { queue.setClosed(true); }); // it may be about to end
}

// All state is settled before anything of the user's is called, or destroyed.
void SerialRateLimiterPrivate::end()
{
    isEnding = true;
    frames.ownerEnds();
    queue.setClosed(true);
    wakeUp.cancel();
    execution.requestCancel();
    unwatchCurrent();
    LimiterTask *const running = currentReported ? nullptr : current;
    current = nullptr;
    const TaskPointer waited = std::move(waiting);
    execution.end();
    busy.setValueBypassingBindings(false);
    TaskList tasks = std::move(canceled);
    for (TaskList queued = queue.takeAll(); !queued.isEmpty();)
        tasks.append(queued.take(queued.first()));
    auto draining = std::exchange(drains, {});

    if (running)
        cancel(running);
    while (endDropped())
        continue;
    while (!tasks.isEmpty())
        cancel(tasks.take(tasks.first()).get());
    for (auto &[id, promise] : draining)
        promise.finish();
    frames.discardWork();
    currentWatch = nullptr;
    qDeleteAll(watches->children()); // they may have been notified of something
    threadFollower.unfollow(); // a handler of destroyed() may start the thread
}

bool SerialRateLimiterPrivate::isCalledWell(const char *function) const
{
    return calledInOwnThread(q, lcLimiter(), function);
}

// ---- Into the queue

void SerialRateLimiterPrivate::enqueue(TaskPointer task, const QObject *context, bool refused)
{
    const bool inOwnThread = q->thread() == QThread::currentThread();
    refused = refused || !followThread();
    if (context && !refused) {
        task->m_context = followContext(context);
        refused = !task->m_context->living; // it is being destroyed, and has told that already
    }
    const TaskQueue::Entry entry = queue.enter(std::move(task), refused, inOwnThread);
    // In another thread, the task may have run by now, and deleted the limiter.
    if (inOwnThread && !wakeUp.isArmed()) {
        try {
            arm();
        } catch (const std::bad_alloc &) {
            // The task is in the queue, and the turn that was posted comes here again.
        }
    }
    if (entry.canceled)
        cancel(entry.canceled.get());
    if (entry.overflowed)
        failForLackOfSpace(entry.overflowed.get(), entry.bound);
}

// Its thread may end before it ever runs an event loop. False: it has ended. That the queue of one
// that is followed is closed then, is known without asking the thread, which may be gone.
bool SerialRateLimiterPrivate::followThread()
{
    while (true) {
        QThread *const thread = q->thread();
        if (threadFollower.follows(thread))
            return true;
        if (!thread || thread->isFinished())
            return false;
        // But the limiter may have left it meanwhile.
        threadFollower.follow(thread, [this] { queue.setClosed(true); });
    }
}

ContextPointer SerialRateLimiterPrivate::followContext(const QObject *object)
{
    const TaskQueue::Context context = queue.contextFor(object);
    if (!context.isNew)
        return context.pointer;
    try {
        QObject::connect(
                object, &QObject::destroyed, q,
                [this, died = context.pointer, mailbox = frames.mailbox(q)] {
                    if (mailbox->isOpen()) // contexts may go in a handler of the limiter's end
                        contextDied(died);
                });
    } catch (...) {
        queue.forgetContext(context.pointer);
        throw;
    }
    return context.pointer;
}

void SerialRateLimiterPrivate::requestTurn()
{
    if (std::unique_ptr<TurnEvent> event = queue.requestTurn())
        QCoreApplication::postEvent(q, event.release());
}

// Whoever is told of a task's end may block in a nested event loop: what is behind it goes on there.
void SerialRateLimiterPrivate::goOnInNestedLoop()
{
    if (queue.size() > 0 && !queue.isTurnRequested())
        requestTurn();
}

// ---- Threads

void SerialRateLimiterPrivate::leaveThread()
{
    wakeUp.cancel();
    execution.disarmTimeout();
    threadFollower.unfollow();
    frames.ownerMoves(q);
    queue.setClosed(false); // if the thread that it leaves has ended, or is about to
    relocation.begin(q, frames.mailbox(q), [this] {
        threadFollower.follow(q->thread(), [this] { queue.setClosed(true); });
        if (queue.isClosed()) { // and what was posted is delivered all the same
            threadFinished();
            return;
        }
        armTimeout();
        turn();
    });
    requestTurn(); // and by the queue's lock, the other thread sees what this one did
}

void SerialRateLimiterPrivate::threadFinished()
{
    CallFrame frame(frames);
    queue.setClosed(true);
    if (current && !currentReported) {
        // Nobody would notice any more that its future finishes.
        currentReported = true;
        ++canceledCount;
        execution.requestCancel();
        frames.inTurn([this] { cancel(current); },
                      [this, id = current->m_id] { Q_EMIT q->taskCanceled(id); });
    }
    if (!frame.left())
        deliverReports(queue.lastId()); // what handlers push is for when the thread begins again
    if (!frame.left())
        cancelQueued(queue.takeAll());
    if (!frame.left()) {
        for (auto &[id, promise] : std::exchange(drains, {}))
            promise.finish();
    }
    if (!frame.left())
        announceCounts();
}

// ---- Admission

Clock::Instant SerialRateLimiterPrivate::earliestStart() const
{
    return std::max(window.earliestStart(), heldUntil);
}

// L4: one wake-up, at the earliest instant that is permitted, while there is something to start.
void SerialRateLimiterPrivate::arm()
{
    if (relocation.isUnderWay())
        return;
    if (execution.isActive() || paused.valueBypassingBindings() || queue.size() == 0
        || queue.isClosed()) {
        wakeUp.cancel();
        return;
    }
    const Clock::Instant start = earliestStart();
    qCDebug(lcLimiter) << q << "may start a task at" << Shown{ start.time_since_epoch() };
    const Clock::Instant reading = clock->now();
    wakeUp.arm(clock, std::max(start, reading), good.tolerance, reading);
}

void SerialRateLimiterPrivate::armTimeout()
{
    if (!relocation.isUnderWay())
        execution.armTimeout(clock, good.taskTimeout, good.tolerance);
}

// While tasks follow one another, the time is read once a task.
Clock::Instant SerialRateLimiterPrivate::now()
{
    if (!present)
        present = clock->now();
    return *present;
}

// After what is emitted for every task.
void SerialRateLimiterPrivate::emitted()
{
    if (hasListeners.load(std::memory_order_relaxed) || !qGetBindingStorage(q)->isEmpty())
        present.reset();
}

void SerialRateLimiterPrivate::connected(const QMetaMethod &signal)
{
    if (signal != QMetaMethod::fromSignal(&SerialRateLimiter::drained))
        hasListeners.store(true, std::memory_order_relaxed);
}

void SerialRateLimiterPrivate::turn()
{
    if (isEnding)
        return;
    CallFrame frame(frames);
    if (!canceled.isEmpty())
        goOnInNestedLoop();
    endCanceled(); // those that a handler, in a nested event loop, keeps from their end
    if (!frame.left())
        deliverReports();
    if (!frame.left())
        process();
    if (!frame.left())
        announceCountsLater();
}

void SerialRateLimiterPrivate::postedTurn(TurnEvent *event)
{
    CallFrame frame(frames);
    queue.beginTurn(event);
    turn();
    if (!frame.left())
        announceCounts();
}

// One that gave way to a task from another thread, where its future had better not end.
bool SerialRateLimiterPrivate::endDropped()
{
    const auto [task, bound] = queue.takeDropped();
    if (!task)
        return false;
    goOnInNestedLoop();
    failForLackOfSpace(task.get(), bound);
    return true;
}

// As many as a turn has time for; or all there are about tasks up to an id, when no turn will come.
void SerialRateLimiterPrivate::deliverReports(qint64 upTo)
{
    CallFrame frame(frames);
    const auto begin = steadyNow();
    while (!frame.left()) {
        if (upTo == AnyId && steadyNow() - begin >= WorkPerTurn) {
            requestTurn();
            return;
        }
        if (endDropped())
            continue;
        std::optional<TaskQueue::Report> report = queue.takeReport(upTo);
        if (!report)
            return;
        goOnInNestedLoop();
        emitEnd(report->id, report->result,
                report->result == Result::Failed ? QString::fromUtf8(QueueFullError().what())
                                                 : QString());
        if (!frame.left())
            announceIdle(); // for drain(): the task may have been queued before
    }
}

void SerialRateLimiterPrivate::process()
{
    CallFrame frame(frames);
    present.reset();
    // One reading of the system clock tells both, how late it is and how long this has worked.
    const bool isRealTime = clock == Clock::system();
    const auto begin = isRealTime ? now().time_since_epoch() : steadyNow();
    const Clock *const clockThen = clock;
    int tasks = 0;
    bool tasksAreSlow = false;
    while (!queue.isClosed() && !execution.isActive() && !paused.valueBypassingBindings()
           && earliestStart() <= now()) {
        TaskPointer task = queue.takeFirst();
        if (!task)
            break;
        ++tasks;
        if (isCanceled(task.get()) || hasLostContext(*task)) {
            TaskList given;
            given.append(std::move(task));
            goOnInNestedLoop();
            cancelQueued(std::move(given));
        } else {
            runTask(std::move(task));
        }
        if (frame.left())
            return;
        if (clock != clockThen)
            break;
        if ((isRealTime ? now().time_since_epoch() : steadyNow()) - begin >= WorkPerTurn) {
            tasksAreSlow = tasks < WorthWatching;
            break;
        }
    }
    present.reset(); // it means nothing to the process() that this may be nested in
    arm();
    watchQueued(tasksAreSlow);
    while (CancelWatch *const idle = queue.takeIdleWatch())
        idle->deleteLater();
}

// ---- Telling

QFuture<void> SerialRateLimiterPrivate::drain()
{
    QPromise<void> promise;
    promise.start();
    QFuture<void> future = promise.future();
    if (!current && queue.isEmpty() && canceled.isEmpty())
        promise.finish();
    else
        drains.emplace_back(queue.lastId(), std::move(promise));
    return future;
}

void SerialRateLimiterPrivate::announceIdle()
{
    if (isEnding || !canceled.isEmpty())
        return; // endCanceled() comes back here
    CallFrame frame(frames);
    if (!drains.empty()) {
        present.reset();
        qint64 firstOpen = queue.firstWaitingId(); // it may be one that was dropped
        if (current)
            firstOpen = std::min(firstOpen, current->m_id);
        const auto open = std::partition_point(drains.begin(), drains.end(),
                                               [firstOpen](const auto &drain) {
                                                   return drain.first < firstOpen;
                                               });
        std::vector<std::pair<qint64, QPromise<void>>> done(std::make_move_iterator(drains.begin()),
                                                            std::make_move_iterator(open));
        drains.erase(drains.begin(), open);
        for (auto &[id, promise] : done)
            promise.finish();
    }
    if (frame.left()) {
        frame.handOn([this] { announceIdle(); });
        return;
    }
    if (!current && untold == 0 && queue.size() == 0 && queue.takeDrained()) {
        present.reset();
        Q_EMIT q->drained();
    }
}

SerialRateLimiterPrivate::Counts SerialRateLimiterPrivate::counts() const
{
    return { queue.size(), completedCount, failedCount, canceledCount };
}

void SerialRateLimiterPrivate::announceCounts()
{
    if (isEnding)
        return;
    const Counts now = counts();
    const Counts before = std::exchange(announced, now);
    frames.inTurn(
            [this, isNew = now.pending != before.pending] {
                if (isNew)
                    Q_EMIT q->pendingCountChanged();
            },
            [this, isNew = now.completed != before.completed] {
                if (isNew)
                    Q_EMIT q->completedCountChanged();
            },
            [this, isNew = now.failed != before.failed] {
                if (isNew)
                    Q_EMIT q->failedCountChanged();
            },
            [this, isNew = now.canceled != before.canceled] {
                if (isNew)
                    Q_EMIT q->canceledCountChanged();
            });
}

// At most once per turn of the event loop: with the one event that is posted for it.
void SerialRateLimiterPrivate::announceCountsLater()
{
    if (counts() != announced)
        requestTurn();
}

// ---- What changes the earliest start

void SerialRateLimiterPrivate::rearm()
{
    arm();
    requestTurn();
}

void SerialRateLimiterPrivate::holdUntil(Clock::Instant instant)
{
    if (instant <= heldUntil)
        return;
    qCDebug(lcLimiter) << q << "is held until" << Shown{ instant.time_since_epoch() };
    heldUntil = instant;
    rearm();
}

Duration SerialRateLimiterPrivate::estimatedWait() const
{
    if (paused.valueBypassingBindings())
        return Duration::max();
    const Clock::Instant now = clock->now();
    const auto ofCurrent = current ? std::optional(now) : std::nullopt;
    return saturatedDifference(
            window.earliestStartBehind(queue.size(), std::max(now, heldUntil), ofCurrent), now);
}

// What has happened keeps its age.
void SerialRateLimiterPrivate::changeClock(Clock *newClock)
{
    const Duration step = saturatedDifference(newClock->now(), clock->now());
    window.shift(step);
    if (heldUntil != Clock::Instant::min())
        heldUntil = saturatedAdd(heldUntil, step);
    clock = newClock;
}

} // namespace Tactus
