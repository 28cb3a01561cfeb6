// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// Who cancels a task: whoever holds its future, its context's end, clear().

#include "serialratelimiter_p.h"

#include <utility>

namespace Tactus {

namespace {

// How many futures are watched before the time is looked at.
constexpr int WatchedAtOnce = 64;

} // namespace

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

void SerialRateLimiterPrivate::contextDied(const ContextPointer &context)
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

} // namespace Tactus
