// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include "instantmath_p.h"
#include "wakeupqueue_p.h"

#include <Tactus/clock.h>

#include <QtCore/qfuture.h>
#include <QtCore/qfuturewatcher.h>
#include <QtCore/qstring.h>

#include <exception>
#include <optional>
#include <utility>

namespace Tactus {

// How an execution ended.
struct Outcome
{
    enum class Kind { Completed, Failed, Canceled };
    Kind kind = Kind::Completed;
    std::exception_ptr error;

    static Outcome completed() { return {}; }
    static Outcome failed(std::exception_ptr error) { return { Kind::Failed, std::move(error) }; }
    static Outcome canceled() { return { Kind::Canceled, {} }; }
    // Of a future that has ended; of one that was reset, too.
    static Outcome of(QFuture<void> future);
};

// What a slot or a log can show of an exception.
QString messageOf(const std::exception_ptr &error);

// What a callable has returned or thrown, on its way to the thread that its owner was moved to. A
// future that does not arrive, because the owner was deleted, is asked to cancel.
class ReturnInTransit
{
public:
    ReturnInTransit(std::optional<QFuture<void>> future, Outcome outcome);
    ~ReturnInTransit();

    std::optional<QFuture<void>> takeFuture() { return std::exchange(m_future, std::nullopt); }
    const Outcome &outcome() const { return m_outcome; }

private:
    Q_DISABLE_COPY_MOVE(ReturnInTransit)
    std::optional<QFuture<void>> m_future;
    const Outcome m_outcome;
};

// One run of a callable at a time, from the call until the future it returned is finished: first
// Calling, then, if there is an unfinished future, Waiting. The owner makes the call itself, as
// only it knows what to do when it is deleted in there.
//
// To watch a future takes several posted events, so at first one event is posted to look again: many
// a future is finished by an event that was posted while the callable was called.
class Execution
{
public:
    class Owner
    {
    public:
        // The awaited future takes longer than the events that were posted before.
        virtual void executionWaits() {}
        virtual void executionFinished(const Outcome &outcome) = 0; // the awaited future is
        virtual void executionTimedOut() = 0; // at most once an execution

    protected:
        ~Owner() = default;
    };

    // The future's watcher becomes a child of `object`, so that it follows it between threads.
    Execution(Owner *owner, QObject *object);
    ~Execution();

    bool isActive() const { return m_state != State::Idle; }
    bool looksAgain() const { return m_state == State::Waiting && !m_watches; }
    bool isTimedOut() const { return m_timedOut; }
    Clock::Instant startedAt() const { return m_startedAt; }

    void begin(Clock::Instant now);

    // The callable has returned a future. True: it has to be waited for.
    bool wait(const QFuture<void> &future);

    // Asks the future to cancel, also if it has ended: what it holds goes to nobody then. While the
    // callable is still being called, as soon as there is one.
    void requestCancel();

    // Whether the limit is exceeded at `now`, which counts as the timeout if it was not noticed
    // before.
    bool exceeds(Duration timeout, Clock::Instant now)
    {
        if (timeout == Duration::zero() || m_timedOut
            || saturatedDifference(now, m_startedAt) <= timeout) {
            return false;
        }
        m_timedOut = true;
        return true;
    }

    // Watches for the timeout, 0: none, of what is executing.
    void armTimeout(Clock *clock, Duration timeout, Duration tolerance);
    void disarmTimeout() { m_timeout.cancel(); }

    // Lets go of the future, too.
    void end();

private:
    Q_DISABLE_COPY_MOVE(Execution)
    enum class State { Idle, Calling, Waiting };
    class Watcher;

    void look();
    bool hasEnded(const QFuture<void> &future);
    void cancel(QFuture<void> future);
    void timeoutExpired();

    Owner *const m_owner;
    QObject *const m_object;
    State m_state = State::Idle;
    bool m_cancelRequested = false;
    bool m_timedOut = false;
    bool m_wasStarted = false; // the future, when it was looked at
    Clock::Instant m_startedAt;
    std::optional<QFuture<void>> m_future;
    bool m_watches = false;
    Watcher *m_watcher = nullptr;
    WakeUp m_timeout;
};

} // namespace Tactus
