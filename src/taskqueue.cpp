// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "taskqueue_p.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qcoreevent.h>

#include <algorithm>
#include <utility>

namespace Tactus {

Detail::LimiterTask::LimiterTask() = default;
Detail::LimiterTask::~LimiterTask() = default;

// ---- TaskList

TaskList::TaskList(TaskList &&other) noexcept
    : m_first(std::exchange(other.m_first, nullptr))
    , m_last(std::exchange(other.m_last, nullptr))
    , m_size(std::exchange(other.m_size, 0))
{
}

TaskList::~TaskList()
{
    while (m_first)
        take(m_first);
}

LimiterTask *TaskList::append(TaskPointer task)
{
    LimiterTask *const added = task.release();
    added->m_previous = m_last;
    (m_last ? m_last->m_next : m_first) = added;
    m_last = added;
    ++m_size;
    return added;
}

TaskPointer TaskList::take(LimiterTask *task)
{
    (task->m_previous ? task->m_previous->m_next : m_first) = task->m_next;
    (task->m_next ? task->m_next->m_previous : m_last) = task->m_previous;
    task->m_previous = nullptr;
    task->m_next = nullptr;
    --m_size;
    return TaskPointer(task);
}

// ---- CancelWatch

namespace {

constexpr size_t TasksPerWatch = 64;

// What a watch shows to those who find it among the limiter's children.
QFutureInterfaceBase &noFuture()
{
    static QFutureInterfaceBase none;
    return none;
}

} // namespace

CancelWatch::CancelWatch(void *owner, Handler noticed, QObject *parent)
    : QFutureWatcherBase(parent)
    , m_owner(owner)
    , m_noticed(noticed)
    , m_future(&noFuture())
{
    m_tasks.reserve(TasksPerWatch);
}

void CancelWatch::add(PushedTaskBase *task)
{
    m_tasks.push_back(task);
    m_future = &task->shared();
    connectOutputInterface();
    m_future = &noFuture();
}

void CancelWatch::remove(PushedTaskBase *task)
{
    m_tasks.erase(std::find(m_tasks.begin(), m_tasks.end(), task));
    m_future = &task->shared();
    disconnectOutputInterface();
    m_future = &noFuture();
}

bool CancelWatch::seesCanceled() const
{
    return std::any_of(m_tasks.begin(), m_tasks.end(),
                       [](PushedTaskBase *task) { return task->isCanceled(); });
}

void CancelWatch::lookAgain()
{
    if (m_looksAgain)
        return;
    try {
        QCoreApplication::postEvent(this, new QEvent(QEvent::User));
        m_looksAgain = true;
    } catch (const std::bad_alloc &) {
        // What is canceled is noticed when its turn comes.
    }
}

bool CancelWatch::event(QEvent *event)
{
    if (event->type() != QEvent::FutureCallOut && event->type() != QEvent::User)
        return QFutureWatcherBase::event(event);
    m_noticed(m_owner, this);
    return true;
}

// ---- TurnEvent

TurnEvent::TurnEvent(std::shared_ptr<std::atomic<bool>> requested)
    : QEvent(eventType())
    , m_requested(std::move(requested))
{
}

TurnEvent::~TurnEvent()
{
    if (m_requested)
        *m_requested = false;
}

QEvent::Type TurnEvent::eventType()
{
    static const auto type = static_cast<Type>(registerEventType());
    return type;
}

// ---- TaskQueue

namespace {

// How many dropped tasks may wait for the limiter's thread, be the queue's bound ever so low.
constexpr qsizetype DroppedAtLeast = 64;

} // namespace

TaskQueue::TaskQueue(QObject *limiter, std::atomic<qint64> &failed, std::atomic<qint64> &canceled)
    : m_limiter(limiter)
    , m_failedCount(failed)
    , m_canceledCount(canceled)
{
}

TaskQueue::Entry TaskQueue::enter(TaskPointer task, bool refused, bool inOwnThread)
{
    Entry entry;
    const QMutexLocker locker(&m_mutex);
    if (!*m_turnRequested) {
        auto turn = std::make_unique<TurnEvent>(m_turnRequested);
        *m_turnRequested = true;
        QCoreApplication::postEvent(m_limiter, turn.release());
    }
    const qint64 id = m_lastId + 1;
    const bool isFull = m_bound > 0 && m_tasks.size() >= m_bound;
    const bool dropsOldest = isFull && m_overflow == Overflow::DropOldest;
    PushedTaskBase *const oldest = dropsOldest ? m_tasks.first()->pushed() : nullptr;
    const TaskResult given = oldest && oldest->isCanceled() ? TaskResult::Canceled
                                                            : TaskResult::Failed;
    if (refused || m_closed)
        m_reports.push_back({ id, TaskResult::Canceled });
    else if (isFull)
        m_reports.push_back({ dropsOldest ? m_tasks.first()->m_id : id, given });

    // From here on nothing needs memory.
    m_lastId = id;
    task->m_id = id;
    task->m_isLocal = inOwnThread;
    if (refused || m_closed) {
        ++m_canceledCount;
        entry.canceled = std::move(task);
        return entry;
    }
    if (isFull) {
        ++(given == TaskResult::Canceled ? m_canceledCount : m_failedCount);
        entry.bound = m_bound;
        if (!dropsOldest) {
            entry.overflowed = std::move(task);
        } else if (inOwnThread) {
            entry.overflowed = take(m_tasks.first());
        } else {
            m_dropped.append(take(m_tasks.first()));
            m_boundThen = m_bound;
            if (m_dropped.size() > std::max(m_bound, DroppedAtLeast))
                entry.overflowed = takeForeignDropped();
        }
    }
    if (!task)
        return entry;
    LimiterTask *const added = m_tasks.append(std::move(task));
    m_size.store(m_tasks.size(), std::memory_order_relaxed);
    if (!m_unwatched)
        m_unwatched = added;
    m_hadTasks = true;
    return entry;
}

// With the lock held. What came from the limiter's own thread ends nowhere else; there is no more of it
// than that thread has pushed without being blocked.
TaskPointer TaskQueue::takeForeignDropped()
{
    LimiterTask *task = m_dropped.first();
    while (task && task->m_isLocal)
        task = TaskList::next(task);
    return task ? m_dropped.take(task) : nullptr;
}

TaskQueue::Dropped TaskQueue::takeDropped()
{
    const QMutexLocker locker(&m_mutex);
    return { m_dropped.isEmpty() ? nullptr : m_dropped.take(m_dropped.first()), m_boundThen };
}

bool TaskQueue::isEmpty() const
{
    const QMutexLocker locker(&m_mutex);
    return m_tasks.isEmpty() && m_dropped.isEmpty();
}

TaskQueue::Context TaskQueue::contextFor(const QObject *object)
{
    const QMutexLocker locker(&m_mutex);
    const auto known = m_contexts.find(object);
    if (known != m_contexts.end() && known->second->living)
        return { known->second, false };
    const ContextPointer context(new TaskContext(object));
    if (context->living) // it may be being destroyed
        m_contexts.insert_or_assign(object, context);
    return { context, !context->living.isNull() };
}

void TaskQueue::forgetContext(const ContextPointer &context)
{
    const QMutexLocker locker(&m_mutex);
    forget(context);
}

// With the lock held.
void TaskQueue::forget(const ContextPointer &context)
{
    const auto known = m_contexts.find(context->object);
    if (known != m_contexts.end() && known->second == context)
        m_contexts.erase(known);
}

qint64 TaskQueue::lastId() const
{
    const QMutexLocker locker(&m_mutex);
    return m_lastId;
}

qint64 TaskQueue::firstWaitingId() const
{
    const QMutexLocker locker(&m_mutex);
    const LimiterTask *const first = m_dropped.isEmpty() ? m_tasks.first() : m_dropped.first();
    return first ? first->m_id : m_lastId + 1;
}

// With the lock held.
TaskPointer TaskQueue::take(LimiterTask *task, Look look)
{
    if (m_unwatched == task)
        m_unwatched = TaskList::next(task);
    if (PushedTaskBase *const pushed = task->pushed(); pushed && pushed->m_watch)
        unwatch(pushed, look);
    TaskPointer taken = m_tasks.take(task);
    m_size.store(m_tasks.size(), std::memory_order_relaxed);
    return taken;
}

// With the lock held.
void TaskQueue::unwatch(PushedTaskBase *task, Look look)
{
    CancelWatch *const watch = std::exchange(task->m_watch, nullptr);
    watch->remove(task);
    if (watch->tasks().empty() && watch != m_lastWatch)
        addIdle(watch);
    else if (look == Look::Again && watch->seesCanceled())
        watch->lookAgain();
}

TaskPointer TaskQueue::takeFirst()
{
    const QMutexLocker locker(&m_mutex);
    return m_tasks.isEmpty() ? nullptr : take(m_tasks.first());
}

TaskList TaskQueue::takeAll()
{
    const QMutexLocker locker(&m_mutex);
    TaskList all;
    while (!m_tasks.isEmpty())
        all.append(take(m_tasks.first(), Look::NoMore));
    return all;
}

TaskList TaskQueue::takeOf(const ContextPointer &context)
{
    const QMutexLocker locker(&m_mutex);
    forget(context);
    TaskList taken;
    for (LimiterTask *task = m_tasks.first(); task;) {
        LimiterTask *const next = TaskList::next(task);
        if (task->m_context == context)
            taken.append(take(task));
        task = next;
    }
    return taken;
}

std::optional<TaskQueue::Report> TaskQueue::takeReport(qint64 upTo)
{
    const QMutexLocker locker(&m_mutex);
    std::optional<Report> report;
    if (m_dropped.isEmpty() && !m_reports.empty() && m_reports.front().id <= upTo) {
        report = m_reports.front();
        m_reports.pop_front();
    }
    return report;
}

void TaskQueue::setBound(qsizetype bound)
{
    const QMutexLocker locker(&m_mutex);
    m_bound = bound;
}

void TaskQueue::setOverflow(Overflow overflow)
{
    const QMutexLocker locker(&m_mutex);
    m_overflow = overflow;
}

void TaskQueue::setClosed(bool closed)
{
    const QMutexLocker locker(&m_mutex);
    m_closed = closed;
}

bool TaskQueue::takeDrained()
{
    const QMutexLocker locker(&m_mutex);
    return m_tasks.isEmpty() && m_dropped.isEmpty() && std::exchange(m_hadTasks, false);
}

std::unique_ptr<TurnEvent> TaskQueue::requestTurn()
{
    const QMutexLocker locker(&m_mutex);
    if (*m_turnRequested)
        return nullptr;
    auto event = std::make_unique<TurnEvent>(m_turnRequested);
    *m_turnRequested = true;
    return event;
}

void TaskQueue::beginTurn(TurnEvent *event)
{
    const QMutexLocker locker(&m_mutex);
    event->m_requested = nullptr;
    *m_turnRequested = false;
}

TaskQueue::Watching TaskQueue::watchNext(int most)
{
    const QMutexLocker locker(&m_mutex);
    for (; m_unwatched && most > 0; m_unwatched = TaskList::next(m_unwatched)) {
        PushedTaskBase *const task = m_unwatched->pushed();
        if (!task)
            continue;
        if (!m_lastWatch || m_lastWatch->isFull())
            return Watching::NeedsWatch;
        task->m_watch = m_lastWatch;
        m_lastWatch->add(task);
        --most;
    }
    return m_unwatched ? Watching::More : Watching::Done;
}

void TaskQueue::addWatch(CancelWatch *watch)
{
    const QMutexLocker locker(&m_mutex);
    if (m_lastWatch && m_lastWatch->tasks().empty())
        addIdle(m_lastWatch);
    m_lastWatch = watch;
}

// With the lock held.
void TaskQueue::addIdle(CancelWatch *watch)
{
    watch->m_nextIdle = std::exchange(m_idle, watch);
}

CancelWatch *TaskQueue::takeIdleWatch()
{
    const QMutexLocker locker(&m_mutex);
    CancelWatch *const idle = m_idle;
    if (idle)
        m_idle = idle->m_nextIdle;
    return idle;
}

TaskList TaskQueue::takeCanceled(CancelWatch *watch)
{
    const QMutexLocker locker(&m_mutex);
    watch->m_looksAgain = false;
    TaskList canceled;
    const std::vector<PushedTaskBase *> tasks = watch->tasks();
    for (PushedTaskBase *const task : tasks) {
        if (task->isCanceled())
            canceled.append(take(task, Look::NoMore));
    }
    if (watch->seesCanceled())
        watch->lookAgain();
    return canceled;
}

} // namespace Tactus
