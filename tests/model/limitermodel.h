// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include "world.h"

#include <Tactus/serialratelimiter.h>

#include <QtCore/qlist.h>

#include <algorithm>
#include <vector>

namespace Model {

using Time = qint64; // nanoseconds

// What the contract says about a SerialRateLimiter: L1 to L20, over plain lists.
class LimiterModel : public Checker
{
public:
    using Overflow = Tactus::SerialRateLimiter::Overflow;
    enum class State { Queued, Running, Ended };
    enum class End { None, Completed, Failed, Canceled };

    struct Task
    {
        State state = State::Queued;
        const void *context = nullptr;
        bool isAskedToCancel = false;
        bool isStarted = false;
        bool isCalled = false;
        Time startedAt = 0;
        End inner = End::None; // of the callable
        End end = End::None; // what has to be told
        QByteArray message;
        bool isTold = false;
    };

    static constexpr const char *QueueFull = "the limiter's queue is full";
    static constexpr const char *TimedOut = "the task ran longer than the limiter's task timeout";

    // What the program sets.
    QList<Tactus::RateLimit> limits{ Tactus::RateLimit(2, Tactus::Duration(5)) };
    Time margin = 0;
    qint64 maximumPending = 0;
    Overflow overflow = Overflow::RejectNewest;
    Time timeout = 0;
    bool isPaused = false;

    // What is so now.
    std::vector<Task> tasks; // task number id is the one before
    std::vector<qint64> queue;
    qint64 running = 0;

    // Nobody was busy with anything else since then.
    Time disturbedAt = 0;

    Task &task(qint64 id) { return tasks[static_cast<std::size_t>(id - 1)]; }
    bool hasCanceledInQueue()
    {
        return std::any_of(queue.begin(), queue.end(),
                           [this](qint64 id) { return task(id).isAskedToCancel; });
    }

    // ---- What the program does

    qint64 push(const void *context, bool isRefused)
    {
        tasks.emplace_back();
        const auto id = static_cast<qint64>(tasks.size());
        task(id).context = context;
        if (isRefused) {
            ends(id, End::Canceled); // L5
            return id;
        }
        if (maximumPending > 0 && static_cast<qint64>(queue.size()) >= maximumPending) { // L11
            const bool dropsOldest = overflow == Overflow::DropOldest;
            if (dropsOldest && task(queue.front()).isAskedToCancel)
                ends(queue.front(), End::Canceled);
            else
                ends(dropsOldest ? queue.front() : id, End::Failed, QueueFull);
            if (!dropsOldest)
                return id;
            queue.erase(queue.begin());
        }
        queue.push_back(id);
        m_hadTasks = true;
        return id;
    }

    // L7
    void cancel(qint64 id) { task(id).isAskedToCancel = true; }

    std::vector<qint64> clear()
    {
        for (const qint64 id : queue)
            ends(id, End::Canceled);
        return std::exchange(queue, {});
    }

    void contextDies(const void *context)
    {
        std::erase_if(queue, [&](qint64 id) {
            const bool belongs = task(id).context == context;
            if (belongs)
                ends(id, End::Canceled);
            return belongs;
        });
        if (running && task(running).context == context)
            cancel(running);
    }

    void setLimits(const QList<Tactus::RateLimit> &newLimits)
    {
        if (newLimits == limits)
            return;
        // L13: as many completions are kept as the largest rate asks for.
        const std::size_t lost = m_counted.size() - m_kept;
        for (std::size_t i = 0; i < lost && lost < m_counted.size(); ++i)
            m_counted[i] = m_counted[lost];
        limits = newLimits;
        m_kept = std::min(m_counted.size(), largestRate());
    }

    void holdUntil(Time instant) { m_heldUntil = std::max(m_heldUntil, instant); } // L12

    // Past completions keep their age.
    void changeClock(Time step)
    {
        for (Time &completion : m_completions)
            completion += step;
        for (Time &completion : m_counted)
            completion += step;
        m_heldUntil += step;
    }

    void innerEnded(End end)
    {
        if (running)
            task(running).inner = end;
    }

    // ---- What the limiter does

    // Before anything else of this kind: a task begins and has ended when the limiter says so.
    void look(Time now, bool limiterIsBusy, bool isInLoop)
    {
        if (running && !limiterIsBusy)
            complete(now);
        else if (!running && limiterIsBusy)
            begin(now, isInLoop);
    }

    void started(qint64 id)
    {
        if (!require(running == id, "L2: a task out of its turn"))
            return;
        require(!task(id).isStarted, "L20: the start of a task twice");
        task(id).isStarted = true;
    }

    void called(qint64 id)
    {
        require(running == id && !task(id).isCalled, "L1: a callable out of its turn");
        require(task(id).isStarted, "L20: a callable before the task has started");
        require(!task(id).isAskedToCancel, "L7: the callable of a canceled task");
        task(id).isCalled = true;
    }

    // L19: its future may be before its callable is.
    void futureFinished(Time now, qint64 id)
    {
        Task &it = task(id);
        if (running != id || it.end != End::None)
            return;
        const Time due = it.startedAt + timeout + 1;
        require(timeout > 0 && now >= due, "L19: a task ended before its callable");
        require(now <= std::max(due, disturbedAt), "L19: a timeout comes too late");
        decide(it, it.isAskedToCancel ? End::Canceled : End::Failed, TimedOut);
    }

    void ended(Time now, qint64 id, End end, const QByteArray &message)
    {
        Task &it = task(id);
        require(!it.isTold, "L20: the end of a task twice");
        if (it.state == State::Queued) {
            require(it.isAskedToCancel, "L7: a queued task ended for nothing");
            std::erase(queue, id);
            ends(id, End::Canceled);
        } else if (it.state == State::Running) {
            futureFinished(now, id);
        }
        require(end == it.end, "L20: a task has ended in another way");
        require(end != End::Failed || message == it.message, "L16: the message is another one");
        it.isTold = true;
    }

    void drained()
    {
        require(m_hadTasks, "L20: drained(), but there was nothing");
        require(queue.empty() && running == 0, "L20: drained() too early");
        m_hadTasks = false;
    }

    // ---- When all is quiet

    void settled(Time now)
    {
        for (; m_firstUntold < tasks.size(); ++m_firstUntold) {
            if (tasks[m_firstUntold].state != State::Ended)
                break;
            require(tasks[m_firstUntold].isTold, "L20: the end of a task was not told");
        }
        require(!hasCanceledInQueue(), "L7: a canceled task is still queued");
        require(!isWaitingForTime() || earliestStart(m_counted) > now,
                "L4: a task is not started, but could be");
        require(!running || (task(running).isCalled && task(running).inner == End::None),
                "L4: the task has ended, but the limiter is busy");
        require(!running || timeout == 0 || task(running).isTold
                        || now - task(running).startedAt <= timeout,
                "L19: a timeout is missing");
        require(!m_hadTasks || !queue.empty() || running, "L20: drained() is missing");
    }

    // How many wake-ups a limiter has at such times.
    qint64 wakeUps()
    {
        const bool watches = running && timeout > 0 && !task(running).isTold;
        return (isWaitingForTime() ? 1 : 0) + (watches ? 1 : 0);
    }

    qint64 countOf(End end) const
    {
        return std::count_if(tasks.begin(), tasks.end(),
                             [end](const Task &task) { return task.isTold && task.end == end; });
    }

    bool allEndedUpTo(qint64 id) const
    {
        return (running == 0 || running > id)
               && std::none_of(queue.begin(), queue.end(),
                               [id](qint64 queued) { return queued <= id; });
    }

    // One task after the other, each at once.
    Tactus::Duration estimatedWait(Time now) const
    {
        if (isPaused)
            return Tactus::Duration::max();
        std::vector<Time> completions = m_counted;
        if (running)
            completions.push_back(now);
        for (std::size_t ahead = queue.size(); ahead > 0; --ahead)
            completions.push_back(std::max(now, earliestStart(completions)));
        return Tactus::Duration(std::max(now, earliestStart(completions)) - now);
    }

private:
    bool isWaitingForTime() const { return !queue.empty() && !running && !isPaused; }

    std::size_t largestRate() const
    {
        int largest = 0;
        for (const Tactus::RateLimit &limit : limits)
            largest = std::max(largest, limit.rate());
        return static_cast<std::size_t>(largest);
    }

    Time earliestStart(const std::vector<Time> &completions) const
    {
        Time start = m_heldUntil;
        for (const Tactus::RateLimit &limit : limits) {
            const auto rate = static_cast<std::size_t>(limit.rate());
            if (rate <= completions.size()) {
                start = std::max(start, completions[completions.size() - rate] + limit.per().count()
                                                + margin);
            }
        }
        return start;
    }

    // L3, word by word, over what really happened: if all of the task took no time, no window would
    // hold more completions than it may.
    bool permits(Time now) const
    {
        return std::all_of(limits.begin(), limits.end(), [&](const Tactus::RateLimit &limit) {
            const auto inWindow = std::count_if(
                    m_completions.begin(), m_completions.end(), [&](Time completion) {
                        return completion > now - limit.per().count() - margin;
                    });
            return inWindow < limit.rate();
        });
    }

    static void decide(Task &task, End end, const char *message = "")
    {
        task.end = end;
        task.message = message;
    }

    void ends(qint64 id, End end, const char *message = "")
    {
        task(id).state = State::Ended;
        decide(task(id), end, message);
    }

    void begin(Time now, bool isInLoop)
    {
        require(isInLoop, "L8: a task that the event loop has not started");
        require(!isPaused, "a task while the limiter is paused");
        require(permits(now), "L3: a task too early for a window");
        require(now >= m_heldUntil, "L12: a task while the limiter is held");
        require(now >= earliestStart(m_counted), "L13: a task too early for a changed window");
        require(now <= std::max(earliestStart(m_counted), disturbedAt),
                "L4: a task later than it could");
        // L7: canceled ones are left behind, maybe while their ends are being told.
        const auto next = std::find_if(queue.begin(), queue.end(),
                                       [this](qint64 id) { return !task(id).isAskedToCancel; });
        if (!require(next != queue.end(), "L7: a task that was canceled before"))
            return;
        running = *next;
        queue.erase(next);
        task(running).state = State::Running;
        task(running).startedAt = now;
    }

    void complete(Time now)
    {
        Task &it = task(std::exchange(running, 0));
        require(it.isCalled || it.isAskedToCancel || it.end != End::None, "a task was not called");
        require(!it.isCalled || it.inner != End::None, "L1: a task ended before its future");
        it.state = State::Ended;
        m_completions.push_back(now); // L6
        m_counted.push_back(now);
        m_kept = std::min(m_kept + 1, largestRate());
        disturbedAt = now;
        if (it.end != End::None)
            return;
        if (it.isAskedToCancel || it.inner == End::Canceled)
            decide(it, End::Canceled); // L7
        else if (timeout > 0 && now - it.startedAt > timeout)
            decide(it, End::Failed, TimedOut); // L19
        else
            decide(it, it.inner, it.inner == End::Failed ? "failed" : "");
    }

    Time m_heldUntil = std::numeric_limits<Time>::min() / 2;
    std::vector<Time> m_completions;
    std::vector<Time> m_counted; // what each counts as
    std::size_t m_kept = 0; // the last of them
    bool m_hadTasks = false;
    std::size_t m_firstUntold = 0;
};

} // namespace Model
