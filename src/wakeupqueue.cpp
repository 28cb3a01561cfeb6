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
#include <array>
#include <utility>

namespace Tactus {

namespace {

constexpr size_t Arity = 4;

// How many entries are looked at to find out how long the event loop may sleep.
constexpr size_t Foresight = 64;

// Of many timers nothing is in the processor's cache. While one is served, what the next one needs
// first comes there, which is kept behind its wake-up.
constexpr size_t OwnersHotPart = 448;

void fetchAhead([[maybe_unused]] const void *memory, [[maybe_unused]] size_t size)
{
#if defined(Q_CC_GNU) || defined(Q_CC_CLANG)
    constexpr size_t line = 64;
    for (size_t offset = 0; offset < size; offset += line)
        __builtin_prefetch(static_cast<const char *>(memory) + offset);
#endif
}

// The queues of this thread, linked; plain pointers, so that they outlive thread_local objects.
thread_local WakeUpQueue *queuesOfThread = nullptr;

} // namespace

// ---- WakeUp

WakeUp::WakeUp(void *owner, Handler expired, Handler abandoned)
    : m_owner(owner)
    , m_expired(expired)
    , m_abandoned(abandoned)
{
}

void WakeUp::arm(Clock *clock, Clock::Instant due, Duration tolerance, Clock::Instant now)
{
    cancel();
    if (due == Never)
        return;
    if (WakeUpQueue *const queue = WakeUpQueue::forCurrentThread(clock))
        queue->add(this, due, tolerance, now);
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
    , m_system(clock == Clock::system())
    , m_nextOfThread(queuesOfThread)
    , m_sharedNextDue(Never.time_since_epoch().count())
{
    // Where connect() runs out of memory for what a first connection needs of its receiver, Qt leaves
    // a pointer to nothing in the sender; so that is made where nobody else is the sender.
    connect(this, &QObject::destroyed, this, [] {});
    // In the finishing thread itself. The main thread does not finish; its queues stay.
    connect(QThread::currentThread(), &QThread::finished, this, &WakeUpQueue::threadFinished,
            Qt::DirectConnection);
    if (QAbstractEventDispatcher *const dispatcher = QAbstractEventDispatcher::instance())
        followDispatcher(dispatcher);
    else if (!QCoreApplication::instance())
        followApplications();
    ClockPrivate::of(clock)->addQueue(this);
    queuesOfThread = this; // when nothing can fail any more
}

WakeUpQueue::~WakeUpQueue()
{
    for (WakeUpQueue **link = &queuesOfThread; *link; link = &(*link)->m_nextOfThread) {
        if (*link == this) {
            *link = m_nextOfThread;
            break;
        }
    }
    for (const Slot &slot : m_slots) {
        if (slot.wakeUp)
            slot.wakeUp->m_queue = nullptr;
    }
}

void WakeUpQueue::threadFinished()
{
    {
        const QMutexLocker locker(&ClockPrivate::partings);
        if (!m_clockGone)
            ClockPrivate::of(m_clock)->removeQueue(this);
        m_clockGone = true; // what is armed from here on goes to another queue
    }
    ++m_serving; // an event for this may come in an event loop of those who are told
    if (m_source)
        m_source->disarm();
    while (!m_heap.empty()) {
        WakeUp *const wakeUp = m_slots[m_heap.front().slot].wakeUp;
        remove(wakeUp);
        wakeUp->m_abandoned(wakeUp->m_owner);
    }
    delete this;
}

void WakeUpQueue::clockGone()
{
    m_clockGone = true;
    if (thread() != QThread::currentThread()) {
        QCoreApplication::postEvent(this, new QEvent(QEvent::User)); // it may be serving
        return;
    }
    if (m_serving == 0) {
        delete this;
        return;
    }
    if (m_source)
        m_source->disarm(); // a nested event loop may run for long
}

// ---- The heap

void WakeUpQueue::add(WakeUp *wakeUp, Instant due, Duration tolerance, Instant now)
{
    // C7: an older entry that is due goes first, and serve() leaves the new ones alone.
    const Instant key = std::max(due, m_servedInstant);
    const Instant latest = latestFor(key, tolerance, now);
    const quint32 slot = takeSlot();
    m_slots[slot].wakeUp = wakeUp;
    m_slots[slot].latest = latest;
    wakeUp->m_queue = this;
    wakeUp->m_slot = slot;
    m_heap.emplace_back();
    siftUp(m_heap.size() - 1, Entry{ key, ++m_orders, slot });
    if (m_virtual) {
        topChanged();
        arrange();
    } else if (latest < m_arranged) {
        wakeUpAt(latest);
    }
}

// What is due already is not kept waiting, so that others can share its wake-up.
Clock::Instant WakeUpQueue::latestFor(Instant due, Duration tolerance, Instant now)
{
    if (m_virtual || due <= now || !findSource())
        return due;
    return m_source->latestFor(due, tolerance);
}

// There is room for as many entries in the heap as there are slots.
quint32 WakeUpQueue::takeSlot()
{
    if (m_freeSlot == NoSlot) {
        m_slots.push_back({ nullptr, {}, NoSlot });
        m_freeSlot = static_cast<quint32>(m_slots.size() - 1);
    }
    m_heap.reserve(m_slots.capacity());
    return std::exchange(m_freeSlot, m_slots[m_freeSlot].position);
}

void WakeUpQueue::remove(WakeUp *wakeUp)
{
    wakeUp->m_queue = nullptr;
    Slot &slot = m_slots[wakeUp->m_slot];
    takeAt(slot.position);
    slot = { nullptr, {}, std::exchange(m_freeSlot, wakeUp->m_slot) };
    // The event loop may be woken up for nothing, once.
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
    m_slots[entry.slot].position = static_cast<quint32>(position);
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
        const size_t firstGrandchild = firstChild * Arity + 1;
        if (firstGrandchild + Arity * Arity <= m_heap.size())
            fetchAhead(&m_heap[firstGrandchild], Arity * Arity * sizeof(Entry));
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
    ++m_serving;
    // A nested event loop in a handler may serve the queue: then that pass did all there was.
    while (m_passes == pass && !m_heap.empty() && m_heap.front().due <= now
           && m_heap.front().order <= lastOrder) {
        WakeUp *const wakeUp = m_slots[m_heap.front().slot].wakeUp;
        remove(wakeUp);
        arrangeWhileServing();
        served = true;
        if (!m_heap.empty() && m_heap.front().due <= now)
            fetchAhead(m_slots[m_heap.front().slot].wakeUp, OwnersHotPart);
        wakeUp->m_expired(wakeUp->m_owner);
    }
    --m_serving;
    m_servedInstant = Instant::min();
    if (m_clockGone) {
        if (m_serving == 0) // not here: whoever called may be part of the queue
            QCoreApplication::postEvent(this, new QEvent(QEvent::User));
    } else if (m_passes == pass) {
        arrange();
    }
    return served;
}

void WakeUpQueue::awake()
{
    // A source that comes again by itself needs not be armed while serving.
    m_arranged = m_source->isArmed() ? Instant::min() : Never;
    if (!m_clockGone)
        serve();
}

// A handler may block in a nested event loop, which has to wake up for the others.
void WakeUpQueue::arrangeWhileServing()
{
    if (m_virtual)
        arrange();
    else if (!m_heap.empty() && m_heap.front().due < m_arranged)
        wakeUpAt(m_heap.front().due <= m_servedInstant ? m_heap.front().due : latestWakeUp());
}

void WakeUpQueue::arrange()
{
    if (!m_virtual)
        wakeUpAt(latestWakeUp());
    else if (!m_servePosted && !m_heap.empty() && m_heap.front().due <= m_clock->now())
        postServe();
}

void WakeUpQueue::wakeUpAt(Instant target)
{
    if (target == m_arranged)
        return;
    if (!findSource()) {
        if (target != Never && !m_servePosted)
            postServe(); // for when there is an event loop
        return;
    }
    m_arranged = target;
    if (target == Never)
        m_source->disarm();
    else if (m_system)
        m_source->arm(target);
    else
        m_source->arm(
                saturatedAdd(Clock::system()->now(), saturatedDifference(target, m_clock->now())));
}

// Whether there is a wake source. It needs the thread's event dispatcher, and dies with it.
bool WakeUpQueue::findSource()
{
    if (m_source)
        return true;
    if (!QAbstractEventDispatcher::instance() && QCoreApplication::instance())
        QEventLoop makesOne;
    QAbstractEventDispatcher *const dispatcher = QAbstractEventDispatcher::instance();
    if (!dispatcher)
        return false;
    m_source = WakeSource::make(this);
    followDispatcher(dispatcher);
    return true;
}

void WakeUpQueue::followDispatcher(QAbstractEventDispatcher *dispatcher)
{
    if (m_dispatcher == dispatcher)
        return;
    m_dispatcher = dispatcher;
    connect(dispatcher, &QObject::destroyed, this, &WakeUpQueue::dispatcherGone);
}

// With the application object, if this is its thread. Then all events that were posted are discarded:
// what goes on will do so with the next application object.
void WakeUpQueue::dispatcherGone()
{
    m_dispatcher = nullptr;
    m_source.reset();
    m_arranged = Never;
    if (!QCoreApplication::instance())
        followApplications();
}

void WakeUpQueue::followApplications()
{
    static const bool areFollowed = [] {
        qAddPreRoutine(&WakeUpQueue::applicationCreated);
        return true;
    }();
    Q_UNUSED(areFollowed)
}

// In the thread of all application objects.
void WakeUpQueue::applicationCreated()
{
    for (WakeUpQueue *queue = queuesOfThread; queue; queue = queue->m_nextOfThread) {
        queue->m_servePosted = false;
        queue->arrange();
    }
}

// Until when the event loop may sleep: the earliest instant of all that it has to be woken up at.
// Entries are looked at in the order in which they are due. If there are very many to look at, it is
// woken up when the next of them is due: enough share that wake-up already.
Clock::Instant WakeUpQueue::latestWakeUp() const
{
    std::array<size_t, Foresight *(Arity - 1) + Arity> waiting; // a heap of positions
    const auto isAfter = [this](size_t a, size_t b) { return m_heap[b].isBefore(m_heap[a]); };
    size_t count = 0;
    const auto open = [&](size_t position) {
        waiting[count++] = position;
        std::push_heap(waiting.begin(), waiting.begin() + count, isAfter);
    };

    Instant latest = Never;
    if (!m_heap.empty())
        open(0);
    for (size_t looked = 0; count > 0; ++looked) {
        const size_t position = waiting.front();
        const Entry &entry = m_heap[position];
        if (entry.due >= latest)
            break;
        if (looked == Foresight)
            return entry.due;
        latest = std::min(latest, m_slots[entry.slot].latest);
        std::pop_heap(waiting.begin(), waiting.begin() + count--, isAfter);
        const size_t firstChild = position * Arity + 1;
        const size_t end = std::min(firstChild + Arity, m_heap.size());
        for (size_t child = firstChild; child < end; ++child)
            open(child);
    }
    return latest;
}

void WakeUpQueue::postServe()
{
    auto event = std::make_unique<QEvent>(QEvent::User);
    QCoreApplication::postEvent(this, event.release());
    m_servePosted = true; // in the thread that gets it
}

bool WakeUpQueue::event(QEvent *event)
{
    if (event->type() != QEvent::User)
        return QObject::event(event);
    m_servePosted = false;
    if (!m_clockGone)
        serve();
    else if (m_serving == 0)
        delete this;
    else if (m_source)
        m_source->disarm(); // this nested event loop may run for long
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
