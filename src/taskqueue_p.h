// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/serialratelimiter.h>

#include <QtCore/qfuturewatcher.h>
#include <QtCore/qmutex.h>
#include <QtCore/qset.h>
#include <QtCore/qstring.h>

#include <deque>
#include <memory>
#include <optional>

namespace Tactus {

using Detail::LimiterTask;
using TaskPointer = std::unique_ptr<LimiterTask>;

// Tasks in the order of push(), linked through themselves: any of them leaves in O(1).
class Detail::TaskList
{
public:
    TaskList() = default;
    TaskList(TaskList &&other) noexcept;
    TaskList &operator=(TaskList &&) = delete;
    ~TaskList();

    bool isEmpty() const { return m_size == 0; }
    qsizetype size() const { return m_size; }
    LimiterTask *first() const { return m_first; }
    static LimiterTask *next(const LimiterTask *task) { return task->m_next; }

    LimiterTask *append(TaskPointer task);
    TaskPointer take(LimiterTask *task);

private:
    Q_DISABLE_COPY(TaskList)
    LimiterTask *m_first = nullptr;
    LimiterTask *m_last = nullptr;
    qsizetype m_size = 0;
};

using Detail::TaskList;

// Notices that the user cancels the future of a task that has to wait, or that runs. The future
// tells nobody else: its continuation is the user's.
class Detail::CancelWatch final : public QFutureWatcher<void>
{
public:
    // `noticed` may delete the watch.
    CancelWatch(std::function<void(CancelWatch *)> noticed, QObject *parent);
    bool event(QEvent *event) override;
    bool isBeingNotified() const { return m_isBeingNotified; }

private:
    friend class ::Tactus::TaskQueue;
    bool m_isBeingNotified = false;
    const std::function<void(CancelWatch *)> m_noticed;
    LimiterTask *m_task = nullptr; // guarded by the queue's lock
};

using Detail::CancelWatch;

// How a task ended.
enum class TaskResult {
    Completed,
    Failed,
    Canceled,
    ReportedBefore, // by a timeout, or with the thread
};

// What push() touches, from any thread: the waiting tasks, their bound, and what is to be told of
// tasks that did not get in. Nothing is emitted, called or ended under its lock.
class TaskQueue
{
public:
    using Overflow = SerialRateLimiter::Overflow;

    struct Entry
    {
        TaskPointer canceled; // the queue is closed, or the task was refused
        TaskPointer overflowed; // the queue is full: this one or the oldest
        qsizetype bound = 0;
        bool isFirstOfContext = false;
    };

    struct Report
    {
        qint64 id;
        TaskResult result;
        std::unique_ptr<CancelWatch> watch; // to be destroyed in the limiter's thread
    };

    TaskQueue() = default;

    Entry enter(TaskPointer task, const QObject *context, bool refused);

    qsizetype size() const;
    qint64 lastId() const;
    // The first one that waits, or one beyond all.
    qint64 firstWaitingId() const;

    TaskPointer takeFirst();
    TaskList takeAll();
    TaskList takeOf(const QObject *context);
    std::optional<Report> takeReport();

    void setBound(qsizetype bound);
    void setOverflow(Overflow overflow);
    // A closed queue takes no tasks.
    void setClosed(bool closed);

    // Whether there were tasks since the last time that it said so, and there are none now.
    bool takeDrained();

    // Whether the limiter's event loop has to be told that there is something to do.
    bool requestTurn();
    void beginTurn();

    // Watches. The one of a task that is taken off the queue is asleep, until it is moved on.
    bool hasUnwatched();
    void watchNext(std::unique_ptr<CancelWatch> watch);
    void watchRunning(LimiterTask *task, std::unique_ptr<CancelWatch> watch);
    void unwatch(LimiterTask *task);
    // The task whose future is canceled, taken off the queue; null for the running one, and for one
    // that is neither.
    TaskPointer takeCanceled(CancelWatch *watch, const LimiterTask *running, bool *isRunning);

private:
    Q_DISABLE_COPY_MOVE(TaskQueue)
    TaskPointer take(LimiterTask *task);
    static void attach(LimiterTask *task, std::unique_ptr<CancelWatch> watch);

    mutable QMutex m_mutex;
    TaskList m_tasks;
    LimiterTask *m_unwatched = nullptr; // it and all behind it have no watch
    qint64 m_lastId = 0;
    qsizetype m_bound = 0;
    Overflow m_overflow = Overflow::RejectNewest;
    bool m_closed = false;
    bool m_hadTasks = false;
    bool m_turnRequested = false;
    std::deque<Report> m_reports;
    QSet<const QObject *> m_contexts;
};

} // namespace Tactus
