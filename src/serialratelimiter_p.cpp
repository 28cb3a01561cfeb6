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

// L9: how long the limiter works before it returns to the event loop, in real time.
constexpr auto WorkPerTurn = 1ms;

// How many futures are watched before the time is looked at.
constexpr int WatchedAtOnce = 64;
// Where no more tasks than that had their turn in a WorkPerTurn, watching those behind them costs little.
constexpr int WorthWatching = 64;

Duration steadyNow()
{
    return std::chrono::steady_clock::now().time_since_epoch();
}

void fail(LimiterTask *task, const std::exception_ptr &error)
{
    if (PushedTaskBase *const pushed = task->pushed())
        pushed->fail(error);
}

void cancel(LimiterTask *task)
{
    if (PushedTaskBase *const pushed = task->pushed())
        pushed->cancel();
}

// Its future finishes in any case.
void failForLackOfSpace(LimiterTask *task, qsizetype bound)
{
    try {
        fail(task, std::make_exception_ptr(QueueFullError(bound)));
    } catch (const std::bad_alloc &) {
        cancel(task);
    }
}

bool isCanceled(LimiterTask *task)
{
    PushedTaskBase *const pushed = task->pushed();
    return pushed && pushed->isCanceled();
}

} // namespace

// What a task asks before it stores its result. The limiter may be gone by then.
class SerialRateLimiterPrivate::Gate final : public Detail::ResultGate
{
public:
    Gate(SerialRateLimiterPrivate *limiter, const CallFrame &frame)
        : m_limiter(limiter)
        , m_frame(frame)
    {
    }

    bool accepts() override
    {
        if (m_frame.left())
            return m_frame.mailbox() != nullptr;
        Execution &running = m_limiter->execution;
        const Duration timeout = m_limiter->good.taskTimeout;
        return timeout == Duration::zero()
               || (!running.isTimedOut() && !running.exceeds(timeout, m_limiter->clock->now()));
    }

private:
    SerialRateLimiterPrivate *const m_limiter;
    const CallFrame &m_frame;
};

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
        task->m_livingContext = context;
        followContext(context);
    }
    const TaskQueue::Entry entry = queue.enter(std::move(task), context, refused, inOwnThread);
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

void SerialRateLimiterPrivate::followContext(const QObject *context)
{
    if (!queue.addContext(context))
        return;
    try {
        QObject::connect(
                context, &QObject::destroyed, q, [this, context, mailbox = frames.mailbox(q)] {
                    if (mailbox->isOpen()) // contexts may go in a handler of the limiter's end
                        contextDied(context);
                });
    } catch (...) {
        queue.removeContext(context);
        throw;
    }
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

// ---- A task

void SerialRateLimiterPrivate::runTask(TaskPointer task)
{
    current = task.get();
    currentCanceled = false;
    currentReported = false;
    // What the last task had captured may have been long in going.
    execution.begin(good.taskTimeout > Duration::zero() ? clock->now() : now());
    armTimeout();
    proceed(std::move(task), Phase::AnnounceBusy);
}

void SerialRateLimiterPrivate::proceed(TaskPointer task, Phase phase)
{
    CallFrame frame(frames);
    const auto left = [&frame, &task, this](Phase next) {
        if (!frame.left())
            return false;
        auto moved = std::make_shared<TaskPointer>(std::move(task));
        frame.handOn([this, moved, next] {
            CallFrame there(frames);
            proceed(std::move(*moved), next);
            if (!there.left())
                turn();
        });
        return true;
    };
    const qint64 id = task->m_id;

    switch (phase) {
    case Phase::AnnounceBusy:
        busy.setValueBypassingBindings(true);
        busy.notify();
        if (left(Phase::EmitStarted))
            return;
        [[fallthrough]];
    case Phase::EmitStarted:
        if (!currentReported) // it has ended with its thread, on the way
            Q_EMIT q->taskStarted(id);
        if (left(Phase::Call))
            return;
        [[fallthrough]];
    case Phase::Call:
        call(std::move(task));
    }
}

void SerialRateLimiterPrivate::call(TaskPointer task)
{
    present.reset();
    if (currentCanceled || currentReported || isCanceled(task.get()) || hasLostContext(*task)) {
        complete(std::move(task), Outcome::canceled());
        return;
    }
    CallFrame frame(frames);
    Gate gate(this, frame);
    std::optional<QFuture<void>> future;
    Outcome outcome;
    try {
        future = task->run(gate);
    } catch (...) {
        outcome = Outcome::failed(std::current_exception());
    }
    if (!frame.left()) {
        returned(std::move(task), future, outcome);
        return;
    }
    const auto moved = std::make_shared<TaskPointer>(std::move(task));
    const auto transit = std::make_shared<ReturnInTransit>(future, outcome);
    frame.handOn([this, moved, transit] {
        CallFrame there(frames);
        returned(std::move(*moved), transit->takeFuture(), transit->outcome());
        if (!there.left())
            turn();
    });
}

void SerialRateLimiterPrivate::returned(TaskPointer task,
                                        const std::optional<QFuture<void>> &future, Outcome outcome)
{
    if (future) {
        if (currentCanceled || isCanceled(task.get()))
            execution.requestCancel();
        if (execution.wait(*future)) {
            waiting = std::move(task);
            return;
        }
        outcome = Outcome::of(*future);
    }
    complete(std::move(task), outcome);
}

void SerialRateLimiterPrivate::executionFinished(const Outcome &outcome)
{
    CallFrame frame(frames);
    complete(std::move(waiting), outcome);
    if (!frame.left())
        turn();
}

// Of a task that ends now, with the error that its future gets if it failed.
TaskResult SerialRateLimiterPrivate::resultOf(PushedTaskBase *pushed, const Outcome &outcome,
                                              bool isLate, std::exception_ptr &error) const
{
    if (currentReported)
        return Result::ReportedBefore;
    if (currentCanceled || (pushed && pushed->isCanceled())
        || outcome.kind == Outcome::Kind::Canceled) {
        return Result::Canceled;
    }
    if (isLate) {
        error = std::make_exception_ptr(TimeoutError(good.taskTimeout));
        return Result::Failed;
    }
    if (outcome.kind == Outcome::Kind::Failed) {
        error = outcome.error;
        return Result::Failed;
    }
    try {
        return !pushed || pushed->takeResult() ? Result::Completed : Result::Canceled;
    } catch (...) {
        error = std::current_exception();
        return Result::Failed;
    }
}

void SerialRateLimiterPrivate::complete(TaskPointer task, const Outcome &outcome)
{
    present = clock->now();
    window.record(*present);
    const bool isLate = execution.isTimedOut() || execution.exceeds(good.taskTimeout, *present);
    unwatchCurrent();

    Ending ending;
    ending.id = task->m_id;
    std::exception_ptr error;
    PushedTaskBase *const pushed = task->pushed();
    ending.result = resultOf(pushed, outcome, isLate, error);
    if (ending.result != Result::Completed)
        execution.requestCancel(); // a result that is there already goes to nobody
    execution.end();
    current = nullptr;
    ++untold;
    busy.setValueBypassingBindings(false);
    goOnInNestedLoop();

    CallFrame frame(frames);
    if (pushed)
        present.reset(); // continuations may run
    switch (ending.result) {
    case Result::Completed:
        // No other thread writes it.
        completedCount.store(completedCount.load(std::memory_order_relaxed) + 1,
                             std::memory_order_relaxed);
        if (pushed)
            pushed->finish();
        break;
    case Result::Failed:
        ++failedCount;
        ending.message = messageOf(error);
        if (pushed)
            pushed->fail(error);
        break;
    case Result::Canceled:
        ++canceledCount;
        if (pushed)
            pushed->cancel();
        break;
    case Result::ReportedBefore:
        break;
    }
    ending.task = std::move(task);
    if (!frame.left()) {
        announce(std::move(ending));
    } else if (frame.mailbox()) {
        auto rest = std::make_shared<Ending>(std::move(ending));
        frame.handOn([this, rest] { announce(std::move(*rest)); });
    }
}

void SerialRateLimiterPrivate::announce(Ending ending)
{
    CallFrame frame(frames);
    const auto left = [&frame, &ending, this](Step next) {
        if (!frame.left())
            return false;
        ending.next = next;
        auto rest = std::make_shared<Ending>(std::move(ending));
        frame.handOn([this, rest] { announce(std::move(*rest)); });
        return true;
    };

    switch (ending.next) {
    case Step::Busy:
        busy.notify();
        if (left(Step::Signal))
            return;
        [[fallthrough]];
    case Step::Signal:
        tellEnd(ending.id, ending.result, ending.message);
        if (left(Step::Idle))
            return;
        [[fallthrough]];
    case Step::Idle:
        emitted();
        announceIdle();
    }
}

void SerialRateLimiterPrivate::tellEnd(qint64 id, Result result, const QString &message)
{
    --untold;
    emitEnd(id, result, message);
}

void SerialRateLimiterPrivate::emitEnd(qint64 id, Result result, const QString &message)
{
    switch (result) {
    case Result::Completed:
        Q_EMIT q->taskCompleted(id);
        break;
    case Result::Failed:
        Q_EMIT q->taskFailed(id, message);
        break;
    case Result::Canceled:
        Q_EMIT q->taskCanceled(id);
        break;
    case Result::ReportedBefore:
        break;
    }
}

void SerialRateLimiterPrivate::executionTimedOut()
{
    if (currentReported)
        return;
    currentReported = true;
    const qint64 id = current->m_id;
    const TimeoutError error(good.taskTimeout);
    const Result result = currentCanceled || isCanceled(current) ? Result::Canceled
                                                                 : Result::Failed;
    ++(result == Result::Canceled ? canceledCount : failedCount);
    frames.inTurn(
            [this, result, error] {
                if (result == Result::Canceled)
                    cancel(current);
                else
                    fail(current, std::make_exception_ptr(error));
            },
            [this, id, result, error] { emitEnd(id, result, QString::fromUtf8(error.what())); },
            [this] { announceCountsLater(); });
}

// ---- Cancellation

void SerialRateLimiterPrivate::cancelQueued(TaskList tasks)
{
    present.reset(); // handlers run
    canceledCount += tasks.size();
    while (!tasks.isEmpty())
        canceled.append(tasks.take(tasks.first()));
    endCanceled();
}

void SerialRateLimiterPrivate::endCanceled()
{
    CallFrame frame(frames);
    while (!frame.left() && !canceled.isEmpty()) {
        const TaskPointer task = canceled.take(canceled.first());
        const qint64 id = task->m_id;
        ++untold;
        cancel(task.get());
        if (frame.left())
            frame.handOn([this, id] { tellEnd(id, Result::Canceled, {}); });
        else
            tellEnd(id, Result::Canceled, {});
    }
    if (frame.left())
        frame.handOn([this] { endCanceled(); });
    else
        announceIdle();
}

void SerialRateLimiterPrivate::cancelCurrent()
{
    currentCanceled = true;
    if (PushedTaskBase *const pushed = current->pushed())
        pushed->shared().cancel();
    execution.requestCancel();
}

void SerialRateLimiterPrivate::contextDied(const QObject *context)
{
    CallFrame frame(frames);
    requestTurn();
    if (current && current->m_context == context)
        cancelCurrent();
    cancelQueued(queue.takeOf(context));
    if (!frame.left())
        arm();
}

void SerialRateLimiterPrivate::queuedFuturesCanceled(CancelWatch *watch)
{
    TaskList tasks = queue.takeCanceled(watch);
    if (tasks.isEmpty())
        return;
    CallFrame frame(frames);
    requestTurn();
    cancelQueued(std::move(tasks));
    if (!frame.left())
        arm();
}

// Futures are watched when their tasks have to wait. A backlog of quick tasks costs nothing: one that is
// canceled has its turn soon.
void SerialRateLimiterPrivate::watchQueued(bool tasksAreSlow)
{
    if (execution.looksAgain())
        return;
    if (!tasksAreSlow && !execution.isActive() && !paused.valueBypassingBindings()
        && earliestStart() <= clock->now()) {
        return;
    }
    const auto begin = steadyNow();
    while (true) {
        switch (queue.watchNext(WatchedAtOnce)) {
        case TaskQueue::Watching::Done:
            return;
        case TaskQueue::Watching::More:
            if (steadyNow() - begin >= WorkPerTurn) {
                requestTurn();
                return;
            }
            break;
        case TaskQueue::Watching::NeedsWatch:
            // Without the lock: the event filters of its parent are told.
            queue.addWatch(new CancelWatch(
                    this,
                    [](void *self, CancelWatch *watch) {
                        static_cast<SerialRateLimiterPrivate *>(self)->queuedFuturesCanceled(watch);
                    },
                    watches));
        }
    }
}

void SerialRateLimiterPrivate::watchCurrent()
{
    PushedTaskBase *const pushed = current->pushed();
    if (!pushed || currentReported)
        return;
    if (!currentWatch) {
        currentWatch = new CancelWatch(
                this,
                [](void *self, CancelWatch *) {
                    auto *const limiter = static_cast<SerialRateLimiterPrivate *>(self);
                    if (limiter->current && isCanceled(limiter->current))
                        limiter->execution.requestCancel();
                },
                watches);
    }
    currentWatch->add(pushed);
}

void SerialRateLimiterPrivate::unwatchCurrent()
{
    if (currentWatch && !currentWatch->tasks().empty())
        currentWatch->remove(currentWatch->tasks().front());
}

void SerialRateLimiterPrivate::executionWaits()
{
    watchCurrent();
    watchQueued();
}

qsizetype SerialRateLimiterPrivate::clear()
{
    TaskList tasks = queue.takeAll();
    const qsizetype count = tasks.size();
    wakeUp.cancel();
    requestTurn();
    cancelQueued(std::move(tasks));
    return count;
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
