// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "taskqueue_p.h"

#include <QtCore/qcoreevent.h>

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

CancelWatch::CancelWatch(std::function<void(CancelWatch *)> noticed, QObject *parent)
    : QFutureWatcher<void>(parent)
    , m_noticed(std::move(noticed))
{
}

bool CancelWatch::event(QEvent *event)
{
    const bool isCallOut = event->type() == QEvent::FutureCallOut;
    const bool handled = QFutureWatcher<void>::event(event);
    if (isCallOut && isCanceled()) {
        m_isBeingNotified = true;
        m_noticed(this);
    }
    return handled;
}

// ---- TaskQueue

TaskQueue::Entry TaskQueue::enter(TaskPointer task, const QObject *context, bool refused)
{
    Entry entry;
    const QMutexLocker locker(&m_mutex);
    task->m_id = ++m_lastId;
    task->m_context = context;
    if (refused || m_closed) {
        m_reports.push_back({ m_lastId, TaskResult::Canceled, {} });
        entry.canceled = std::move(task);
        return entry;
    }
    if (m_bound > 0 && m_tasks.size() >= m_bound) {
        entry.bound = m_bound;
        entry.overflowed = m_overflow == Overflow::RejectNewest ? std::move(task)
                                                                : take(m_tasks.first());
        m_reports.push_back({ entry.overflowed->m_id, TaskResult::Failed,
                              std::move(entry.overflowed->m_watch) });
    }
    if (!task)
        return entry;
    LimiterTask *const added = m_tasks.append(std::move(task));
    if (!m_unwatched)
        m_unwatched = added;
    m_hadTasks = true;
    if (context && !m_contexts.contains(context)) {
        m_contexts.insert(context);
        entry.isFirstOfContext = true;
    }
    return entry;
}

qsizetype TaskQueue::size() const
{
    const QMutexLocker locker(&m_mutex);
    return m_tasks.size();
}

qint64 TaskQueue::lastId() const
{
    const QMutexLocker locker(&m_mutex);
    return m_lastId;
}

qint64 TaskQueue::firstWaitingId() const
{
    const QMutexLocker locker(&m_mutex);
    return m_tasks.isEmpty() ? m_lastId + 1 : m_tasks.first()->m_id;
}

// With the lock held.
TaskPointer TaskQueue::take(LimiterTask *task)
{
    if (m_unwatched == task)
        m_unwatched = TaskList::next(task);
    if (task->m_watch)
        task->m_watch->m_task = nullptr;
    return m_tasks.take(task);
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
        all.append(take(m_tasks.first()));
    return all;
}

TaskList TaskQueue::takeOf(const QObject *context)
{
    const QMutexLocker locker(&m_mutex);
    m_contexts.remove(context);
    TaskList taken;
    for (LimiterTask *task = m_tasks.first(); task;) {
        LimiterTask *const next = TaskList::next(task);
        if (task->m_context == context)
            taken.append(take(task));
        task = next;
    }
    return taken;
}

std::optional<TaskQueue::Report> TaskQueue::takeReport()
{
    const QMutexLocker locker(&m_mutex);
    std::optional<Report> report;
    if (!m_reports.empty()) {
        report = std::move(m_reports.front());
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
    return m_tasks.isEmpty() && std::exchange(m_hadTasks, false);
}

bool TaskQueue::requestTurn()
{
    const QMutexLocker locker(&m_mutex);
    return !std::exchange(m_turnRequested, true);
}

void TaskQueue::beginTurn()
{
    const QMutexLocker locker(&m_mutex);
    m_turnRequested = false;
}

bool TaskQueue::hasUnwatched()
{
    const QMutexLocker locker(&m_mutex);
    while (m_unwatched && !m_unwatched->pushedFuture())
        m_unwatched = TaskList::next(m_unwatched);
    return m_unwatched != nullptr;
}

void TaskQueue::watchNext(std::unique_ptr<CancelWatch> watch)
{
    const QMutexLocker locker(&m_mutex);
    if (!m_unwatched)
        return;
    if (m_unwatched->pushedFuture())
        attach(m_unwatched, std::move(watch));
    m_unwatched = TaskList::next(m_unwatched);
}

void TaskQueue::watchRunning(LimiterTask *task, std::unique_ptr<CancelWatch> watch)
{
    const QMutexLocker locker(&m_mutex);
    if (watch)
        attach(task, std::move(watch));
    else if (task->m_watch)
        task->m_watch->m_task = task;
}

// With the lock held.
void TaskQueue::attach(LimiterTask *task, std::unique_ptr<CancelWatch> watch)
{
    watch->m_task = task;
    watch->setFuture(*task->pushedFuture());
    task->m_watch = std::move(watch);
}

void TaskQueue::unwatch(LimiterTask *task)
{
    if (!task->m_watch)
        return;
    std::unique_ptr<CancelWatch> watch;
    {
        const QMutexLocker locker(&m_mutex);
        task->m_watch->m_task = nullptr;
        watch = std::move(task->m_watch);
    }
    // At once, so that what becomes of the future posts it no events: to delete a receiver of events
    // takes a walk over all that are posted.
    if (watch->isBeingNotified())
        watch.release()->deleteLater();
}

TaskPointer TaskQueue::takeCanceled(CancelWatch *watch, const LimiterTask *running, bool *isRunning)
{
    const QMutexLocker locker(&m_mutex);
    LimiterTask *const task = watch->m_task;
    *isRunning = task && task == running;
    return task && task != running ? take(task) : nullptr;
}

} // namespace Tactus
