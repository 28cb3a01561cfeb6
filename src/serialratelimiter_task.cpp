// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// The way of one task, from the queue to its end.

#include "serialratelimiter_p.h"

#include <memory>
#include <utility>

namespace Tactus {

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

} // namespace Tactus
