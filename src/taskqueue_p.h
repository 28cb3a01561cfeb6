// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/serialratelimiter.h>

#include <QtCore/qcoreevent.h>
#include <QtCore/qfuturewatcher.h>
#include <QtCore/qmutex.h>
#include <QtCore/qpointer.h>
#include <QtCore/qshareddata.h>
#include <QtCore/qstring.h>

#include <atomic>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace Tactus {

using Detail::LimiterTask;
using TaskPointer = std::unique_ptr<LimiterTask>;

// The object that tasks may not outlive. They share what is known of it: a later one may have its address.
class Detail::TaskContext : public QSharedData
{
public:
    explicit TaskContext(const QObject *context)
        : object(context)
        , living(context)
    {
    }

    const QObject *const object;
    // Null when it has gone, also where a wildcard disconnect() keeps that from being told.
    const QPointer<const QObject> living;
};

using Detail::TaskContext;
using ContextPointer = QExplicitlySharedDataPointer<TaskContext>;

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

// Notices that users cancel the futures of tasks that wait, or run. The futures tell nobody else:
// their continuations are the users'. An event that Qt posts to a watcher does not say which future
// it is about, and need not: one watch serves a stretch of the queue, and then looks at all of it. That
// is many times cheaper than a QFutureWatcher a future.
class Detail::CancelWatch final : public QFutureWatcherBase
{
public:
    using Handler = void (*)(void *owner, CancelWatch *watch);

    // `noticed` may delete the watch.
    CancelWatch(void *owner, Handler noticed, QObject *parent);

    void add(PushedTaskBase *task);
    void remove(PushedTaskBase *task);
    bool isFull() const { return m_tasks.size() == m_tasks.capacity(); }
    const std::vector<PushedTaskBase *> &tasks() const { return m_tasks; }
    bool seesCanceled() const;

    // Has itself notified again: remove() drops what was on its way, be it about another task.
    void lookAgain();

    bool event(QEvent *event) override;

private:
    friend class ::Tactus::TaskQueue;
    QFutureInterfaceBase &futureInterface() override { return *m_future; }
    const QFutureInterfaceBase &futureInterface() const override { return *m_future; }

    void *const m_owner;
    const Handler m_noticed;
    QFutureInterfaceBase *m_future; // the one that is added or removed now
    std::vector<PushedTaskBase *> m_tasks; // guarded by the queue's lock, as all of this is
    bool m_looksAgain = false;
    CancelWatch *m_nextIdle = nullptr;
};

using Detail::CancelWatch;
using Detail::PushedTaskBase;

// What they do to the future of a task, if it has one.

inline void fail(LimiterTask *task, const std::exception_ptr &error)
{
    if (PushedTaskBase *const pushed = task->pushed())
        pushed->fail(error);
}

inline void cancel(LimiterTask *task)
{
    if (PushedTaskBase *const pushed = task->pushed())
        pushed->cancel();
}

inline bool isCanceled(LimiterTask *task)
{
    PushedTaskBase *const pushed = task->pushed();
    return pushed && pushed->isCanceled();
}

// How a task ended.
enum class TaskResult {
    Completed,
    Failed,
    Canceled,
    ReportedBefore, // by a timeout, or with the thread
};

// Asks a limiter for a turn. No other one is posted until it is delivered, or discarded, as Qt does
// with what is on its way when the application object is destroyed. It may outlive the limiter.
class TurnEvent final : public QEvent
{
public:
    explicit TurnEvent(std::shared_ptr<std::atomic<bool>> requested);
    ~TurnEvent() override;
    static Type eventType();

private:
    friend class TaskQueue;
    std::shared_ptr<std::atomic<bool>> m_requested; // null when it was delivered
};

// What push() touches, from any thread: the waiting tasks, their bound, and what is to be told of
// tasks that did not get in. Nothing is emitted, called or ended under its lock. All that a push() does
// to the limiter is done under it: the limiter's thread may run the task, and delete the limiter, as
// soon as it is released.
class TaskQueue
{
public:
    using Overflow = SerialRateLimiter::Overflow;

    struct Entry
    {
        TaskPointer canceled; // the queue is closed, or the task was refused
        TaskPointer overflowed; // the queue is full: one to be ended here
        qsizetype bound = 0; // of a full queue
    };

    struct Report
    {
        qint64 id;
        TaskResult result;
    };

    // Has its events sent to the limiter, and counts what it keeps from running.
    TaskQueue(QObject *limiter, std::atomic<qint64> &failed, std::atomic<qint64> &canceled);

    struct Dropped
    {
        TaskPointer task;
        qsizetype bound;
    };

    // The limiter's event loop is told, too. Does nothing if there is not enough memory.
    Entry enter(TaskPointer task, bool refused, bool inOwnThread);
    // The oldest of those that gave way to tasks from other threads, and have not been ended yet.
    Dropped takeDropped();

    struct Context
    {
        ContextPointer pointer;
        bool isNew; // its end has to be followed
    };
    Context contextFor(const QObject *object);
    void forgetContext(const ContextPointer &context);

    // Without the lock: what another thread pushes at this moment is told by a turn.
    qsizetype size() const { return m_size.load(std::memory_order_relaxed); }
    // Not even of what was dropped.
    bool isEmpty() const;
    qint64 lastId() const;
    // The first one that has not ended, or one beyond all.
    qint64 firstWaitingId() const;

    TaskPointer takeFirst();
    TaskList takeAll();
    TaskList takeOf(const ContextPointer &context);
    // None while there is something dropped: futures end before that is told.
    std::optional<Report> takeReport(qint64 upTo);

    void setBound(qsizetype bound);
    void setOverflow(Overflow overflow);
    // A closed queue takes no tasks, and none of those that it has may begin.
    void setClosed(bool closed);
    bool isClosed() const { return m_closed.load(std::memory_order_relaxed); }

    // Whether there were tasks since the last time that it said so, and there are none now.
    bool takeDrained();

    // To be posted, if the limiter's event loop has to be told that there is something to do.
    std::unique_ptr<TurnEvent> requestTurn();
    // Without the lock, for the thread that takes the turns: a request that is missed is followed by another.
    bool isTurnRequested() const { return m_turnRequested->load(std::memory_order_relaxed); }
    void beginTurn(TurnEvent *event);

    // Watches are children of an object in the limiter's thread, where they have to be made and
    // deleted.
    enum class Watching { Done, More, NeedsWatch };
    // Has `most` tasks watched by the watch that it was given last.
    Watching watchNext(int most);
    void addWatch(CancelWatch *watch);
    // One that has nothing left to watch, to be deleted.
    CancelWatch *takeIdleWatch();
    // The tasks whose futures are canceled, taken off the queue.
    TaskList takeCanceled(CancelWatch *watch);

private:
    Q_DISABLE_COPY_MOVE(TaskQueue)
    enum class Look { Again, NoMore };
    TaskPointer take(LimiterTask *task, Look look = Look::Again);
    void unwatch(PushedTaskBase *task, Look look);
    void addIdle(CancelWatch *watch);
    void forget(const ContextPointer &context);
    TaskPointer takeForeignDropped();

    QObject *const m_limiter;
    std::atomic<qint64> &m_failedCount;
    std::atomic<qint64> &m_canceledCount;
    mutable QMutex m_mutex;
    TaskList m_tasks;
    TaskList m_dropped;
    qsizetype m_boundThen = 0; // when the last one was dropped
    std::atomic<qsizetype> m_size = 0; // of m_tasks; written with the lock held
    LimiterTask *m_unwatched = nullptr; // it and all behind it have no watch
    CancelWatch *m_lastWatch = nullptr;
    CancelWatch *m_idle = nullptr; // the first of those that have nothing left to watch
    qint64 m_lastId = 0;
    qsizetype m_bound = 0;
    Overflow m_overflow = Overflow::RejectNewest;
    std::atomic<bool> m_closed = false; // written with the lock held
    bool m_hadTasks = false;
    const std::shared_ptr<std::atomic<bool>> m_turnRequested = std::make_shared<std::atomic<bool>>(
            false);
    std::deque<Report> m_reports;
    // A QHash ends the program if memory is short.
    std::unordered_map<const QObject *, ContextPointer> m_contexts;
};

} // namespace Tactus
