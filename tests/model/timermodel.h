// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include "world.h"

#include <Tactus/scheduledtimer.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace Model {

using Time = qint64; // nanoseconds

// What the contract says about a ScheduledTimer: T1 to T16, in the words of T1 to T16. Slots are found
// by walking from one to the next.
class TimerModel : public Checker
{
public:
    using Policy = Tactus::ScheduledTimer::Policy;
    using ErrorPolicy = Tactus::ScheduledTimer::ErrorPolicy;
    enum class End { None, Succeeded, Failed };

    struct Callback
    {
        Tactus::Tick tick;
        int serial = 0;
        int run = 0;
        int callable = 0; // which one was called
        Time begun = 0;
        bool isCalled = false;
        bool isSuppressed = false;
        bool isAskedToCancel = false;
        bool toldTimeout = false;
        bool owesTimeout = false;
        End end = End::None;
    };

    // What the program sets.
    Time interval = 5;
    Policy policy = Policy::Fixed;
    ErrorPolicy errorPolicy = ErrorPolicy::Continue;
    bool isTriggeredOnStart = false;
    qint64 maximumTicks = 0;
    Time timeout = 0;
    int callable = 0; // a number for each that is set, 0: none
    bool callableHasContext = false;

    // What is so now.
    bool isRunning = false;
    qint64 tickCount = 0;
    qint64 missedCount = 0;
    std::optional<Callback> callback; // T1: there is only one
    int callbacks = 0;

    // Nobody was busy with anything else since then.
    Time disturbedAt = 0;

    bool isBusy() const { return callback.has_value(); }

    // ---- What the program does

    bool start(Time now)
    {
        if (isRunning)
            return false; // T8
        begin(now);
        return true;
    }
    void restart(Time now) { begin(now); }

    void stop(bool cancels)
    {
        if (callback) {
            callback->isSuppressed = true;
            if (cancels)
                callback->isAskedToCancel = true; // T7
        }
        stopRunning();
    }

    void setInterval(Time now, Time value)
    {
        if (value == interval)
            return;
        interval = value;
        if (!isRunning)
            return;
        if (m_plannedPolicy == Policy::Fixed) {
            for (qint64 index = m_last + 1; dueOf(index) <= now; ++index)
                miss();
        }
        anchor(now, false); // T13
    }

    void setMaximumTicks(qint64 value)
    {
        maximumTicks = value;
        if (maximumTicks > 0 && tickCount >= maximumTicks)
            stopRunning();
    }

    void setCallable(int number, bool hasContext)
    {
        callable = number;
        callableHasContext = hasContext;
    }

    void contextDies()
    {
        if (callable == 0 || !callableHasContext)
            return;
        if (callback && callback->isCalled && callback->callable == callable)
            callback->isAskedToCancel = true;
        callable = 0;
    }

    // The callable returned, threw, or its future was finished.
    void ended(End end)
    {
        if (callback)
            callback->end = end;
    }

    // ---- What the timer does

    // Before anything else of this kind: the callback has ended when the timer says so.
    void look(Time now, bool timerIsBusy)
    {
        if (callback && !timerIsBusy)
            finish(now);
    }

    void isStarted()
    {
        if (require(m_owedStarts > 0, "T8: started() without a start"))
            --m_owedStarts;
    }

    void ticksMissed(Time now, qint64 count)
    {
        wakeUp(now);
        require(count > 0 && count == m_unreported, "T5: ticksMissed() tells another number");
        m_toldMissed = true;
    }

    void ticked(Time now, const Tactus::Tick &tick)
    {
        if (!m_due)
            wakeUp(now);
        if (!m_due)
            return;
        require(m_toldMissed || m_unreported == 0, "T5: a tick without ticksMissed()");
        require(tick.index() == m_due->index, "T5: another slot than the latest one due");
        require(tick.missed() == m_unreported, "T5: tick.missed() is another number");
        require(tick.due().count() == m_due->due - m_anchor, "T3: tick.due() is another instant");
        require(tick.lateness().count() == now - m_due->due, "tick.lateness() is not true");
        m_last = m_due->index;
        m_unreported = 0;
        forgetDue();
        ++tickCount;
        if (maximumTicks > 0 && tickCount >= maximumTicks)
            stopRunning(); // T14
        callback = Callback{};
        callback->tick = tick;
        callback->serial = ++callbacks;
        callback->run = m_run;
        callback->begun = now;
    }

    void called(int number)
    {
        if (!require(callback.has_value(), "T1: the callable was called without a tick"))
            return;
        require(!callback->isCalled, "T1: the callable was called twice");
        require(!callback->isSuppressed, "T6: the callable was called after stop()");
        require(number == callable && number != 0, "another callable was called");
        callback->isCalled = true;
        callback->callable = number;
    }

    void timedOut(Time now, const Tactus::Tick &tick)
    {
        if (callback) {
            const Time due = callback->begun + timeout + 1;
            require(timeout > 0 && now >= due, "T16: timedOut() too early");
            require(now <= std::max(due, disturbedAt), "T16: timedOut() too late");
            require(!callback->toldTimeout && callback->tick == tick, "T16: timedOut() twice");
            callback->toldTimeout = true;
            callback->isAskedToCancel = true;
        } else if (Callback *const ended = untold(tick, [](const Callback &it) {
                       return it.owesTimeout;
                   })) {
            require(ended->owesTimeout, "T16: timedOut() for nothing");
            ended->owesTimeout = false;
        }
    }

    void errorOccurred(const Tactus::Tick &tick, bool messageIsRight)
    {
        if (Callback *const ended = untold(tick, [](const Callback &it) {
                return it.end == End::Failed && !it.owesTimeout;
            })) {
            require(ended->end == End::Failed && !ended->owesTimeout, "T11: errorOccurred()");
            require(messageIsRight, "T11: the message is another one");
            ended->end = End::Succeeded; // that is, nothing to tell
        }
    }

    void completed(const Tactus::Tick &tick)
    {
        Callback *const ended = untold(tick, [](const Callback &it) {
            return it.end != End::Failed && !it.owesTimeout;
        });
        if (!ended)
            return;
        require(!ended->owesTimeout, "T16: completed() without timedOut()");
        require(ended->end != End::Failed, "T11: completed() without errorOccurred()");
        m_untold.erase(m_untold.begin() + (ended - m_untold.data()));
    }

    void stopped()
    {
        require(m_owesStopped, "stopped() for nothing");
        require(!isRunning && !callback && m_untold.empty(), "stopped() too early");
        m_owesStopped = false;
    }

    // ---- When all is quiet

    void settled(Time now)
    {
        require(m_owedStarts == 0, "started() is missing");
        require(m_untold.empty(), "T11: completed() is missing");
        require(!m_due, "T5: ticksMissed() without a tick");
        require(!isRunning || callback || m_planned.due > now, "T2: a tick is missing");
        require(!callback || (callback->isCalled && callback->end == End::None),
                "T1: the callback has ended, but the timer is busy");
        require(!callback || timeout == 0 || callback->toldTimeout
                        || now - callback->begun <= timeout,
                "T16: timedOut() is missing");
        require(isRunning || callback || !m_owesStopped, "stopped() is missing");
    }

    // How many wake-ups a timer has at such times.
    qint64 wakeUps() const
    {
        const bool waits = isRunning && !callback;
        const bool watches = callback && timeout > 0 && !callback->toldTimeout;
        return (waits ? 1 : 0) + (watches ? 1 : 0);
    }

private:
    struct Slot
    {
        qint64 index;
        Time due;
    };
    Time dueOf(qint64 index) const { return m_anchor + index * m_scheduled; }

    void begin(Time now)
    {
        isRunning = true;
        tickCount = 0;
        missedCount = 0;
        m_unreported = 0;
        m_owesStopped = false;
        ++m_owedStarts;
        ++m_run;
        anchor(now, isTriggeredOnStart);
    }

    void anchor(Time now, bool withSlotZero)
    {
        forgetDue();
        m_anchor = now;
        m_scheduled = interval;
        m_last = withSlotZero ? -1 : 0;
        m_plannedPolicy = policy;
        m_planned = { m_last + 1, dueOf(m_last + 1) };
    }

    void stopRunning()
    {
        forgetDue();
        if (std::exchange(isRunning, false))
            m_owesStopped = true;
    }

    void forgetDue()
    {
        m_due.reset();
        m_toldMissed = false;
    }

    void miss()
    {
        ++missedCount;
        ++m_unreported;
    }

    void wakeUp(Time now)
    {
        if (!require(isRunning, "T6: a tick of a timer that is stopped")
            || !require(!callback, "T1: a tick while a callback is running")
            || !require(!m_due, "T1: a second tick"))
            return;
        require(m_planned.due <= now, "T2: a tick before its due instant");
        require(now <= std::max(m_planned.due, disturbedAt), "a tick comes later than it could");
        Slot slot = m_planned;
        if (m_plannedPolicy == Policy::Fixed) {
            while (dueOf(slot.index + 1) <= now)
                slot = { slot.index + 1, dueOf(slot.index + 1) };
        }
        for (; m_last + 1 < slot.index; ++m_last)
            miss();
        m_due = slot;
    }

    void finish(Time now)
    {
        if (callback->isCalled) {
            require(callback->end != End::None, "T1: the callback ended before its future");
        } else {
            require(callback->isSuppressed || callable == 0, "the callable was not called");
        }
        callback->owesTimeout = timeout > 0 && now - callback->begun > timeout
                                && !callback->toldTimeout;
        if (callback->end == End::Failed && errorPolicy == ErrorPolicy::Stop
            && callback->run == m_run)
            stopRunning();
        m_untold.push_back(*std::exchange(callback, std::nullopt));

        m_plannedPolicy = policy;
        if (policy == Policy::Fixed) {
            m_planned = { m_last + 1, dueOf(m_last + 1) };
            while (m_planned.due <= now) // T5
                m_planned = { m_planned.index + 1, dueOf(m_planned.index + 1) };
        } else {
            m_last = std::max<qint64>(m_last, 0);
            m_planned = { m_last + 1, now + m_scheduled }; // T4
        }
    }

    // A callback that has ended, but not all of its signals have come. Nested event loops may have
    // others come before, and ticks of two runs may be equal: then it is the one that fits.
    template <typename Fits>
    Callback *untold(const Tactus::Tick &tick, Fits fits)
    {
        Callback *found = nullptr;
        for (Callback &ended : m_untold) {
            if (ended.tick == tick && (!found || fits(ended)))
                found = &ended;
        }
        require(found, "T11: a signal of a callback that has not ended");
        return found;
    }

    Time m_anchor = 0;
    Time m_scheduled = 5; // the interval of the schedule under way
    qint64 m_last = 0; // the last slot that was executed or missed
    Policy m_plannedPolicy = Policy::Fixed;
    Slot m_planned{};
    std::optional<Slot> m_due; // its tick is about to come
    bool m_toldMissed = false;
    qint64 m_unreported = 0;
    int m_run = 0;
    int m_owedStarts = 0;
    bool m_owesStopped = false;
    std::vector<Callback> m_untold;
};

} // namespace Model
