// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "wakeupqueue_p.h"

#include "clock_p.h"
#include "instantmath_p.h"
#include "logging_p.h"

#include <QtCore/qabstracteventdispatcher.h>
#include <QtCore/qcoreapplication.h>
#include <QtCore/qcoreevent.h>
#include <QtCore/qeventloop.h>
#include <QtCore/qthread.h>

#include <algorithm>
#include <limits>

using namespace std::chrono_literals;

namespace Tactus {

namespace {

constexpr size_t Arity = 4;

// Qt's dispatchers wait in whole milliseconds, so this much of any tolerance is theirs.
constexpr Duration PlatformGrain = 1ms;

// poll() is late by up to 0.1 % of the wait. Beyond this wait the platform timer is aimed early,
// and armed a second time for the rest.
constexpr Duration LongWait = 1s;

// The queues of this thread, linked; plain pointers, so that they outlive thread_local objects.
thread_local WakeUpQueue *queuesOfThread = nullptr;

std::chrono::milliseconds platformWait(Duration wait)
{
    if (wait >= LongWait)
        wait -= 3ms + wait / 200;
    constexpr std::chrono::milliseconds longest(std::numeric_limits<int>::max());
    return std::clamp(std::chrono::ceil<std::chrono::milliseconds>(wait), 0ms, longest);
}

} // namespace

// ---- WakeUp

WakeUp::WakeUp(void *owner, Handler expired, Handler abandoned)
    : m_owner(owner)
    , m_expired(expired)
    , m_abandoned(abandoned)
{
}

void WakeUp::arm(Clock *clock, Clock::Instant due, Duration tolerance)
{
    cancel();
    if (due == Never)
        return;
    if (WakeUpQueue *const queue = WakeUpQueue::forCurrentThread(clock))
        queue->add(this, due, tolerance);
}

void WakeUp::cancel()
{
    if (m_queue)
        m_queue->remove(this);
}

// ---- The queues of a thread

WakeUpQueue *WakeUpQueue::existingForCurrentThread(const Clock *clock)
{
    WakeUpQueue *queue = queuesOfThread;
    while (queue && (queue->m_clock != clock || queue->m_clockGone))
        queue = queue->m_nextOfThread;
    return queue;
}

WakeUpQueue *WakeUpQueue::forCurrentThread(Clock *clock)
{
    if (WakeUpQueue *const queue = existingForCurrentThread(clock))
        return queue;
    if (QThread::currentThread()->isFinished()) {
        qCDebug(lcClock) << "nothing wakes up any more in" << QThread::currentThread();
        return nullptr;
    }
    return new WakeUpQueue(clock);
}

WakeUpQueue::WakeUpQueue(Clock *clock)
    : m_clock(clock)
    , m_virtual(ClockPrivate::of(clock)->isVirtual())
    , m_nextOfThread(queuesOfThread)
    , m_timer(this)
    , m_sharedNextDue(Never.time_since_epoch().count())
{
    queuesOfThread = this;
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, [this] {
        m_arranged = Never;
        if (!m_clockGone)
            serve();
    });
    // In the finishing thread itself. The main thread does not finish; its queues stay.
    connect(QThread::currentThread(), &QThread::finished, this, &WakeUpQueue::threadFinished,
            Qt::DirectConnection);
    ClockPrivate::of(clock)->addQueue(this);
}

WakeUpQueue::~WakeUpQueue()
{
    for (WakeUpQueue **link = &queuesOfThread; *link; link = &(*link)->m_nextOfThread) {
        if (*link == this) {
            *link = m_nextOfThread;
            break;
        }
    }
    for (const Entry &entry : m_heap)
        entry.wakeUp->m_queue = nullptr;
}

void WakeUpQueue::threadFinished()
{
    if (!m_clockGone)
        ClockPrivate::of(m_clock)->removeQueue(this);
    m_clockGone = true; // what is armed from here on goes to another queue
    while (!m_heap.empty()) {
        WakeUp *const wakeUp = m_heap.front().wakeUp;
        remove(wakeUp);
        wakeUp->m_abandoned(wakeUp->m_owner);
    }
    delete this;
}

void WakeUpQueue::clockGone()
{
    m_clockGone = true;
    if (thread() == QThread::currentThread())
        delete this;
    else
        deleteLater();
}

// ---- The heap

void WakeUpQueue::add(WakeUp *wakeUp, Instant due, Duration tolerance)
{
    // C7: an older entry that is due goes first, and serve() leaves the new ones alone.
    const Instant key = std::max(due, m_servedInstant);
    const Instant latest = saturatedAdd(key, std::max(tolerance - PlatformGrain, Duration::zero()));
    m_heap.emplace_back();
    wakeUp->m_queue = this;
    siftUp(m_heap.size() - 1, Entry{ key, latest, ++m_orders, wakeUp });
    if (m_virtual) {
        topChanged();
        arrange();
    } else if (latest < m_arranged) {
        arrangePlatformTimer(latest);
    }
}

void WakeUpQueue::remove(WakeUp *wakeUp)
{
    wakeUp->m_queue = nullptr;
    takeAt(wakeUp->m_position);
    // The platform timer may go off for nothing, once, and then looks again.
    if (m_virtual)
        topChanged();
}

void WakeUpQueue::takeAt(size_t position)
{
    const Entry last = m_heap.back();
    m_heap.pop_back();
    if (position == m_heap.size())
        return;
    if (position > 0 && last.isBefore(m_heap[(position - 1) / Arity]))
        siftUp(position, last);
    else
        siftDown(position, last);
}

void WakeUpQueue::place(size_t position, const Entry &entry)
{
    m_heap[position] = entry;
    entry.wakeUp->m_position = position;
}

void WakeUpQueue::siftUp(size_t position, const Entry &entry)
{
    while (position > 0) {
        const size_t parent = (position - 1) / Arity;
        if (!entry.isBefore(m_heap[parent]))
            break;
        place(position, m_heap[parent]);
        position = parent;
    }
    place(position, entry);
}

void WakeUpQueue::siftDown(size_t position, const Entry &entry)
{
    for (;;) {
        const size_t firstChild = position * Arity + 1;
        const size_t end = std::min(firstChild + Arity, m_heap.size());
        size_t least = firstChild;
        for (size_t child = firstChild + 1; child < end; ++child) {
            if (m_heap[child].isBefore(m_heap[least]))
                least = child;
        }
        if (firstChild >= end || !m_heap[least].isBefore(entry))
            break;
        place(position, m_heap[least]);
        position = least;
    }
    place(position, entry);
}

Clock::Instant WakeUpQueue::nextDueAfter(Instant instant) const
{
    Instant next = nextDue();
    if (next > instant)
        return next;
    next = Never;
    for (const Entry &entry : m_heap) {
        if (entry.due > instant)
            next = std::min(next, entry.due);
    }
    return next;
}

// ---- Serving

bool WakeUpQueue::serve()
{
    const Instant now = m_clock->now();
    const quint64 pass = ++m_passes;
    const quint64 lastOrder = m_orders;
    m_servedInstant = now;
    bool served = false;
    // A nested event loop in a handler may serve the queue: then that pass did all there was.
    while (m_passes == pass && !m_heap.empty() && m_heap.front().due <= now
           && m_heap.front().order <= lastOrder) {
        WakeUp *const wakeUp = m_heap.front().wakeUp;
        remove(wakeUp);
        // A handler may block in a nested event loop, which has to wake for the others.
        arrange();
        served = true;
        wakeUp->m_expired(wakeUp->m_owner);
    }
    m_servedInstant = Instant::min();
    if (m_passes == pass)
        arrange();
    return served;
}

void WakeUpQueue::arrange()
{
    if (m_heap.empty())
        return;
    const Instant due = m_heap.front().due;
    if (!m_virtual)
        arrangePlatformTimer(due <= m_servedInstant ? due : earliestLatest());
    else if (!m_servePosted && due <= m_clock->now())
        postServe();
}

void WakeUpQueue::arrangePlatformTimer(Instant target)
{
    if (m_arranged <= target)
        return;
    if (!followDispatcher()) {
        if (!m_servePosted)
            postServe(); // for when there is an event loop
        return;
    }
    m_arranged = target;
    m_timer.start(platformWait(saturatedDifference(target, m_clock->now())));
}

// Whether the thread has an event dispatcher, which platform timers need and die with.
bool WakeUpQueue::followDispatcher()
{
    if (!QAbstractEventDispatcher::instance() && QCoreApplication::instance())
        QEventLoop makesOne;
    QAbstractEventDispatcher *const dispatcher = QAbstractEventDispatcher::instance();
    if (dispatcher && dispatcher != m_dispatcher) {
        m_dispatcher = dispatcher;
        connect(dispatcher, &QObject::destroyed, this, [this] {
            m_dispatcher = nullptr;
            m_timer.stop();
            m_arranged = Never;
            if (!m_heap.empty())
                postServe();
        });
    }
    return dispatcher != nullptr;
}

// The instant until which the platform timer may sleep. Only entries due before the best one found
// can better it, and the heap has them at its top.
Clock::Instant WakeUpQueue::earliestLatest() const
{
    Instant earliest = m_heap.front().latest;
    std::vector<size_t> open;
    const auto visitChildren = [&](size_t position) {
        const size_t firstChild = position * Arity + 1;
        const size_t end = std::min(firstChild + Arity, m_heap.size());
        for (size_t child = firstChild; child < end; ++child) {
            if (m_heap[child].due >= earliest)
                continue;
            earliest = std::min(earliest, m_heap[child].latest);
            open.push_back(child);
        }
    };
    visitChildren(0);
    while (!open.empty()) {
        const size_t position = open.back();
        open.pop_back();
        visitChildren(position);
    }
    return earliest;
}

void WakeUpQueue::postServe()
{
    m_servePosted = true;
    QCoreApplication::postEvent(this, new QEvent(QEvent::User));
}

bool WakeUpQueue::event(QEvent *event)
{
    if (event->type() != QEvent::User)
        return QObject::event(event);
    m_servePosted = false;
    if (!m_clockGone)
        serve();
    return true;
}

// ---- Virtual time

void WakeUpQueue::topChanged()
{
    m_sharedNextDue.store(nextDue().time_since_epoch().count());
    m_sharedSize.store(size(), std::memory_order_relaxed);
}

Clock::Instant WakeUpQueue::sharedNextDue() const
{
    return Instant(Duration(m_sharedNextDue.load()));
}

void WakeUpQueue::timeMoved(Instant now)
{
    if (sharedNextDue() <= now && !m_servePosted.exchange(true))
        QCoreApplication::postEvent(this, new QEvent(QEvent::User));
}

} // namespace Tactus
