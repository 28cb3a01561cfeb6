// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include "wakesource_p.h"

#include <Tactus/clock.h>

#include <QtCore/qobject.h>

#include <atomic>
#include <limits>
#include <memory>
#include <vector>

QT_FORWARD_DECLARE_CLASS(QAbstractEventDispatcher)

namespace Tactus {

class WakeUpQueue;

// One wake-up of an owner, armed or not: a handle into the queue of the thread that armed it.
class WakeUp
{
public:
    using Handler = void (*)(void *owner);

    // `abandoned` is called instead of `expired` if the thread ends first.
    WakeUp(void *owner, Handler expired, Handler abandoned);
    ~WakeUp() { cancel(); }

    // Arms or re-arms in the calling thread: `expired` runs at due or later, from the event loop.
    // Up to tolerance later it may be arranged, in real time, so that wake-ups can be shared; not
    // what is due at `now`, the caller's latest reading of the clock. What is due never is not armed.
    void arm(Clock *clock, Clock::Instant due, Duration tolerance, Clock::Instant now);
    void cancel();
    bool isArmed() const { return m_queue != nullptr; }

private:
    Q_DISABLE_COPY_MOVE(WakeUp)
    friend class WakeUpQueue;
    void *const m_owner;
    const Handler m_expired;
    const Handler m_abandoned;
    WakeUpQueue *m_queue = nullptr;
    quint32 m_slot = 0; // while armed: where the queue keeps what it knows of it
};

// All wake-ups of one thread on one clock: a 4-ary heap by due instant, then by order of arming,
// over one source of platform wake-ups. On a virtual clock there is none; the clock serves the queue as
// time is moved, and what is due at the present instant is also served by the event loop.
//
// The heap's entries are small, and know the wake-ups by slot: moving one touches neither the wake-ups,
// which lie all over the memory, nor what is looked up once.
class WakeUpQueue final
    : public QObject
    , private WakeSource::Owner
{
    Q_OBJECT
public:
    using Instant = Clock::Instant;

    // Made if there is none; null if the thread is about to end.
    static WakeUpQueue *forCurrentThread(Clock *clock);
    static WakeUpQueue *existingForCurrentThread(const Clock *clock);

    // Serves what is due now. False: there was nothing.
    bool serve();

    qsizetype size() const { return static_cast<qsizetype>(m_heap.size()); }

    // The first due instant, or the first one after `instant`; Never if there is none.
    Instant nextDue() const { return m_heap.empty() ? Instant::max() : m_heap.front().due; }
    Instant nextDueAfter(Instant instant) const;

    // When the event loop is to be woken up, on the queue's clock; Never if it is not, and the
    // earliest instant of all while it is being woken up.
    Instant arrangedInstant() const { return m_arranged; }

    // The clock's side; safe from any thread while the clock's lock is held.
    Instant sharedNextDue() const;
    qsizetype sharedSize() const { return m_sharedSize.load(std::memory_order_relaxed); }
    void timeMoved(Instant now);
    void clockGone();

    bool event(QEvent *event) override;

private:
    friend class WakeUp;

    static constexpr quint32 NoSlot = std::numeric_limits<quint32>::max();

    struct Entry
    {
        Instant due;
        quint64 order;
        quint32 slot;

        bool isBefore(const Entry &other) const
        {
            return due != other.due ? due < other.due : order < other.order;
        }
    };

    struct Slot
    {
        WakeUp *wakeUp; // null: free
        Instant latest; // when the event loop has to be woken up for it
        quint32 position; // in the heap; the next free slot, if this one is free
    };

    explicit WakeUpQueue(Clock *clock);
    ~WakeUpQueue() override;
    void threadFinished();
    void followDispatcher(QAbstractEventDispatcher *dispatcher);
    void dispatcherGone();
    static void followApplications();
    static void applicationCreated();

    void add(WakeUp *wakeUp, Instant due, Duration tolerance, Instant now);
    Instant latestFor(Instant due, Duration tolerance, Instant now);
    void remove(WakeUp *wakeUp);
    quint32 takeSlot();
    void place(size_t position, const Entry &entry);
    void siftUp(size_t position, const Entry &entry);
    void siftDown(size_t position, const Entry &entry);
    void takeAt(size_t position);
    void topChanged();

    void awake() override;
    void arrangeWhileServing();
    void arrange();
    void wakeUpAt(Instant target);
    bool findSource();
    Instant latestWakeUp() const;
    void postServe();

    Clock *const m_clock;
    std::atomic<bool> m_clockGone = false;
    const bool m_virtual;
    const bool m_system;
    WakeUpQueue *m_nextOfThread = nullptr;

    std::vector<Entry> m_heap;
    std::vector<Slot> m_slots;
    quint32 m_freeSlot = NoSlot;
    quint64 m_orders = 0;
    quint64 m_passes = 0;
    int m_serving = 0; // passes on the stack
    Instant m_servedInstant = Instant::min(); // while serving: nothing new sorts before it

    QAbstractEventDispatcher *m_dispatcher = nullptr;
    std::unique_ptr<WakeSource> m_source; // while there is an event dispatcher
    Instant m_arranged = Instant::max();

    std::atomic<bool> m_servePosted = false;
    std::atomic<Duration::rep> m_sharedNextDue;
    std::atomic<qsizetype> m_sharedSize = 0;
};

} // namespace Tactus
