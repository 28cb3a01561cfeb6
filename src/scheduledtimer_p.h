// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include "callframe_p.h"
#include "execution_p.h"
#include "schedule_p.h"
#include "threadfollower_p.h"
#include "wakeupqueue_p.h"

#include <Tactus/scheduledtimer.h>

#include <QtCore/qpointer.h>
#include <QtCore/qpromise.h>

#include <memory>
#include <vector>

namespace Tactus {

// A tick takes this way:
//
//   wokenUp()                   which slot
//   proceed()                   ticksMissed; the callback begins: busy, tick; each step is a Phase
//     callBack()                the callable
//     returned()                maybe with a future: Execution waits for it
//   finish()                    the next plan; all state is settled here
//   announce()                  errorOccurred, completed, stop() futures, stopped
//
// Every emission and call on this way may delete the timer, or move it to another thread, where the
// rest of the way is then gone by work that is handed on (CallFrame).
class ScheduledTimerPrivate final : public Execution::Owner
{
public:
    using Policy = ScheduledTimer::Policy;
    using ErrorPolicy = ScheduledTimer::ErrorPolicy;

    ScheduledTimerPrivate(ScheduledTimer *timer, Duration initialInterval, Policy initialPolicy);
    void end();

    bool isCalledWell(const char *function) const;

    bool start();
    bool restart();
    QFuture<void> stop(bool cancelRunning);
    void install(std::unique_ptr<Detail::TimerCallback> newCallback, const QObject *newContext);

    void leaveThread();

    // The values last found good; the properties go back to them.
    struct Good
    {
        Duration callbackTimeout{};
        Duration tolerance = std::chrono::milliseconds(1);
        qint64 maximumTicks = 0;
        Duration interval = std::chrono::seconds(1);
        Policy policy = Policy::Fixed;
        ErrorPolicy errorPolicy = ErrorPolicy::Continue;
    };

    static bool acceptsInterval(Duration interval, const char *where);

    void intervalSet();
    void policySet();
    void errorPolicySet();
    void runningSet() { Q_EMIT q->runningChanged(); }
    void busySet() { Q_EMIT q->busyChanged(); }
    void triggeredOnStartSet() { Q_EMIT q->triggeredOnStartChanged(); }
    void maximumTicksSet();
    void callbackTimeoutSet();
    void toleranceSet();

private:
    enum class Stage : quint8 {
        Idle, // no tick under way, or its callback waits for a future
        BeforeTick, // woken up; nothing of the callback has run
        InCallback, // from busyChanged() on
    };
    enum class Phase {
        AnnounceMissed,
        TellMissed,
        Begin,
        AnnounceLast,
        EmitTick,
        AnnounceCount,
        Call,
    };
    enum class Step { Busy, Running, TimedOut, Error, Completed, Stopped };

    // Those whose futures stop() has returned. They finish in any case, at the latest when this goes.
    class StopPromises
    {
    public:
        StopPromises() = default;
        StopPromises(StopPromises &&) = default;
        StopPromises &operator=(StopPromises &&) = delete;
        ~StopPromises() { finish(); }

        QFuture<void> add();
        void moveTo(StopPromises &other); // which is empty
        void finish();

    private:
        Q_DISABLE_COPY(StopPromises)
        std::vector<QPromise<void>> m_promises;
    };

    // What is left to tell about a callback that has ended.
    struct Ending
    {
        Tick tick;
        bool ticked = false;
        bool timedOut = false;
        bool failed = false;
        QString message;
        StopPromises stopPromises;
        std::shared_ptr<Detail::TimerCallback> callback; // destroyed last: that runs user code too
        Step next = Step::Busy;
    };

    void beginRun();
    void endRun();
    qint64 reanchor();
    void abandonTick();
    void arm(Clock::Instant now);
    void armTimeout();
    void announceRunning();
    void announceStopped();
    void threadFinished();
    void threadStarted();

    void wokenUp();
    void beginCallback();
    bool reachesLimit() const;
    void proceed(Phase phase, quint64 serial);
    void callBack(quint64 serial);
    void returned(const std::optional<QFuture<void>> &future, Outcome outcome);
    void finish(const Outcome &outcome);
    void announce(Ending ending);

    void executionFinished(const Outcome &outcome) override { finish(outcome); }
    void executionTimedOut() override;

    // What every tick touches lies together, so that many timers take few lines of the cache.
    WakeUp wakeUp;
    Schedule schedule;
    CallFrames frames;
    quint64 runs = 0;
    quint64 currentRun = 0;
    // Counts what keeps a tick, or its callable, from having its turn: see abandonTick(), stop().
    quint64 suppressions = 0;
    qint64 unreported = 0; // slots missed that no tick has told of
    int untold = 0; // callbacks that have ended, but completed() has not come
    Stage stage = Stage::Idle;
    bool currentTicked = false; // its signal was emitted
    bool timedOutBefore = false; // that signal
    bool stoppedPending = false;
    bool announcedRunning = false;
    Schedule::Slot currentSlot;
    Clock::Instant wokenUpAt;
    Tick current;
    std::shared_ptr<Detail::TimerCallback> callback;
    std::shared_ptr<Detail::TimerCallback> executing; // survives its replacement
    StopPromises stopPromises;
    Relocation relocation;

public:
    ScheduledTimer *const q;
    Clock *clock;
    qint64 tickCount = 0;
    qint64 missedCount = 0;
    Q_OBJECT_BINDABLE_PROPERTY_WITH_ARGS(ScheduledTimerPrivate, bool, running, false,
                                         &ScheduledTimerPrivate::runningSet)
    Q_OBJECT_BINDABLE_PROPERTY_WITH_ARGS(ScheduledTimerPrivate, bool, busy, false,
                                         &ScheduledTimerPrivate::busySet)
    Good good;

private:
    Execution execution;
    ThreadFollower threadFollower;
    QMetaObject::Connection contextConnection;
    QPointer<const QObject> callbackContext;
    bool hasContext = false;
    bool isEnding = false; // what its destructor calls starts nothing

public:
    Q_OBJECT_BINDABLE_PROPERTY_WITH_ARGS(ScheduledTimerPrivate, Duration, interval,
                                         std::chrono::seconds(1),
                                         &ScheduledTimerPrivate::intervalSet)
    Q_OBJECT_BINDABLE_PROPERTY_WITH_ARGS(ScheduledTimerPrivate, Policy, policy, Policy::Fixed,
                                         &ScheduledTimerPrivate::policySet)
    Q_OBJECT_BINDABLE_PROPERTY_WITH_ARGS(ScheduledTimerPrivate, ErrorPolicy, errorPolicy,
                                         ErrorPolicy::Continue,
                                         &ScheduledTimerPrivate::errorPolicySet)
    Q_OBJECT_BINDABLE_PROPERTY_WITH_ARGS(ScheduledTimerPrivate, bool, triggeredOnStart, false,
                                         &ScheduledTimerPrivate::triggeredOnStartSet)
    Q_OBJECT_BINDABLE_PROPERTY_WITH_ARGS(ScheduledTimerPrivate, qint64, maximumTicks, 0,
                                         &ScheduledTimerPrivate::maximumTicksSet)
    Q_OBJECT_BINDABLE_PROPERTY_WITH_ARGS(ScheduledTimerPrivate, Duration, callbackTimeout,
                                         Duration::zero(),
                                         &ScheduledTimerPrivate::callbackTimeoutSet)
    Q_OBJECT_BINDABLE_PROPERTY_WITH_ARGS(ScheduledTimerPrivate, Duration, tolerance,
                                         std::chrono::milliseconds(1),
                                         &ScheduledTimerPrivate::toleranceSet)
};

inline const QBindingStorage *qGetBindingStorage(const ScheduledTimerPrivate *d)
{
    return ::qGetBindingStorage(static_cast<const QObject *>(d->q));
}
inline QBindingStorage *qGetBindingStorage(ScheduledTimerPrivate *d)
{
    return ::qGetBindingStorage(static_cast<QObject *>(d->q));
}

} // namespace Tactus
