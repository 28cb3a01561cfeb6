// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/clock.h>

#include <QtCore/qmutex.h>

#include <vector>

namespace Tactus {

class WakeUpQueue;

// What every clock has: the list of the wake-up queues that threads have made for it.
class ClockPrivate
{
public:
    // Real: the queues arm platform timers. Virtual: somebody calls for them as time is moved.
    enum class Time { Real, Virtual };

    explicit ClockPrivate(Time time);
    virtual ~ClockPrivate();

    static ClockPrivate *of(const Clock *clock) { return clock->d.get(); }

    bool isVirtual() const { return m_time == Time::Virtual; }

    void addQueue(WakeUpQueue *queue);
    void removeQueue(WakeUpQueue *queue);

    // Held while a clock, or a thread with its queues, goes: a queue may lose both at once. Outlives all.
    static QBasicMutex partings;

protected:
    // Held while a queue of another thread is touched, so that it can not go away meanwhile.
    mutable QMutex m_mutex;
    std::vector<WakeUpQueue *> m_queues;

private:
    Q_DISABLE_COPY_MOVE(ClockPrivate)
    const Time m_time;
};

} // namespace Tactus
