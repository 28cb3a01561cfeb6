// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "scheduledtimer_p.h"

#include "boundvalue_p.h"
#include "instantmath_p.h"
#include "logging_p.h"

#include <QtCore/qcoreevent.h>
#include <QtCore/qthread.h>

#include <utility>

namespace Tactus {

static Schedule::Policy schedulePolicy(ScheduledTimer::Policy policy)
{
    return policy == ScheduledTimer::Policy::Fixed ? Schedule::Policy::Fixed
                                                   : Schedule::Policy::Delay;
}

ScheduledTimerPrivate::ScheduledTimerPrivate(ScheduledTimer *timer, Duration initialInterval,
                                             Policy initialPolicy)
    : wakeUp(
            this, [](void *self) { static_cast<ScheduledTimerPrivate *>(self)->wokenUp(); },
            [](void *self) { static_cast<ScheduledTimerPrivate *>(self)->threadFinished(); })
    , schedule(Good().interval, schedulePolicy(Good().policy))
    , q(timer)
    , clock(Clock::defaultClock())
    , execution(this, timer)
    , threadFollower(
              timer, [this] { threadFinished(); }, [this] { threadStarted(); })
{
    if (acceptsInterval(initialInterval, "ScheduledTimer::ScheduledTimer")) {
        good.interval = initialInterval;
        interval.setValueBypassingBindings(initialInterval);
        schedule.setInterval(initialInterval);
    }
    if (acceptsEnumerator<lcTimer, Policy>(initialPolicy, "ScheduledTimer::ScheduledTimer")) {
        good.policy = initialPolicy;
        policy.setValueBypassingBindings(initialPolicy);
        schedule.setPolicy(schedulePolicy(initialPolicy));
    }
}

void ScheduledTimerPrivate::end()
{
    isEnding = true;
    frames.ownerEnds();
    wakeUp.cancel();
    // The timer may be its own context, whose end is told when this is gone.
    QObject::disconnect(contextConnection);
    // What continuations call from here on finds a timer that is stopped and idle.
    running.setValueBypassingBindings(false);
    stoppedPending = false;
    execution.requestCancel();
    execution.end();
    busy.setValueBypassingBindings(false);
    stopPromises.finish();
    std::exchange(callback, nullptr).reset();
    std::exchange(executing, nullptr).reset();
    frames.discardWork();
    threadFollower.unfollow(); // a handler of destroyed() may start the thread
}

QFuture<void> ScheduledTimerPrivate::StopPromises::add()
{
    QPromise<void> promise;
    promise.start();
    QFuture<void> future = promise.future();
    m_promises.push_back(std::move(promise));
    return future;
}

void ScheduledTimerPrivate::StopPromises::moveTo(StopPromises &other)
{
    std::swap(m_promises, other.m_promises);
}

void ScheduledTimerPrivate::StopPromises::finish()
{
    for (QPromise<void> &promise : std::exchange(m_promises, {}))
        promise.finish();
}

bool ScheduledTimerPrivate::isCalledWell(const char *function) const
{
    return calledInOwnThread(q, lcTimer(), function);
}

// ---- Starting and stopping

bool ScheduledTimerPrivate::start()
{
    if (isEnding)
        return false;
    if (running.valueBypassingBindings()) {
        qCDebug(lcTimer) << q << "is running already: start() changes nothing";
        return false;
    }
    beginRun();
    return true;
}

bool ScheduledTimerPrivate::restart()
{
    if (isEnding)
        return false;
    abandonTick();
    beginRun();
    return true;
}

void ScheduledTimerPrivate::beginRun()
{
    const Clock::Instant now = clock->now();
    const bool hadTicks = std::exchange(tickCount, 0) != 0;
    const bool hadMissed = std::exchange(missedCount, 0) != 0;
    unreported = 0;
    ++runs;
    stoppedPending = false;
    running.setValueBypassingBindings(true);
    schedule.anchor(now, triggeredOnStart.valueBypassingBindings());
    arm(now);
    qCDebug(lcTimer) << q << "anchored at" << Shown{ now.time_since_epoch() }
                     << "with an interval of" << Shown{ good.interval };

    frames.inTurn([this] { announceRunning(); },
                  [this, hadTicks] {
                      if (hadTicks)
                          Q_EMIT q->tickCountChanged();
                  },
                  [this, hadMissed] {
                      if (hadMissed)
                          Q_EMIT q->missedCountChanged();
                  },
                  [this] { Q_EMIT q->started(); });
}

// The tick that has been woken up for, but whose callback has not begun, will not be.
void ScheduledTimerPrivate::abandonTick()
{
    if (stage != Stage::BeforeTick)
        return;
    qCDebug(lcTimer) << q << "gives up the tick that was due";
    ++suppressions;
    if (!execution.isActive())
        stage = Stage::Idle;
}

QFuture<void> ScheduledTimerPrivate::stop(bool cancelRunning)
{
    abandonTick();
    ++suppressions;
    StopPromises atOnce;
    QFuture<void> done = (execution.isActive() ? stopPromises : atOnce).add();
    atOnce.finish();
    if (cancelRunning)
        execution.requestCancel();
    endRun();
    return done;
}

void ScheduledTimerPrivate::endRun()
{
    if (!running.valueBypassingBindings())
        return;
    wakeUp.cancel();
    running.setValueBypassingBindings(false);
    stoppedPending = true;
    qCDebug(lcTimer) << q << "stopped after" << tickCount << "ticks";
    frames.inTurn([this] { announceRunning(); }, [this] { announceStopped(); });
}

// A change is told once, and not at all if it was taken back before it could be.
void ScheduledTimerPrivate::announceRunning()
{
    const bool isRunning = running.valueBypassingBindings();
    if (std::exchange(announcedRunning, isRunning) != isRunning)
        running.notify();
}

void ScheduledTimerPrivate::announceStopped()
{
    if (stoppedPending && !execution.isActive() && untold == 0) {
        stoppedPending = false;
        Q_EMIT q->stopped();
    }
}

// Nobody would notice any more that a future finishes.
void ScheduledTimerPrivate::threadFinished()
{
    qCDebug(lcTimer) << q << "stops with its thread";
    frames.inTurn([this] { stop(false); }, [this] { stopPromises.finish(); });
}

// Once more, after it had ended: start() may have been called in between, and a callback goes on.
void ScheduledTimerPrivate::threadStarted()
{
    arm(clock->now());
    armTimeout();
}

void ScheduledTimerPrivate::arm(Clock::Instant now)
{
    if (!running.valueBypassingBindings() || execution.isActive() || stage != Stage::Idle
        || relocation.isUnderWay()) {
        return;
    }
    qCDebug(lcTimer) << q << "waits for" << Shown{ schedule.plannedInstant().time_since_epoch() };
    wakeUp.arm(clock, schedule.plannedInstant(), good.tolerance, now);
    if (!wakeUp.isArmed()) // never, or the thread is about to end: then it would not be told of that
        threadFollower.follow(q->thread());
}

void ScheduledTimerPrivate::armTimeout()
{
    if (!relocation.isUnderWay())
        execution.armTimeout(clock, good.callbackTimeout, good.tolerance);
}

void ScheduledTimerPrivate::leaveThread()
{
    wakeUp.cancel();
    execution.disarmTimeout();
    threadFollower.unfollow();
    frames.ownerMoves(q);
    relocation.begin(q, frames.mailbox(q), [this] {
        if (execution.isActive())
            threadFollower.follow(q->thread());
        arm(clock->now());
        armTimeout();
    });
}

// ---- A tick

void ScheduledTimerPrivate::wokenUp()
{
    stage = Stage::BeforeTick;
    wokenUpAt = clock->now();
    currentSlot = schedule.latestDue(wokenUpAt);
    currentRun = runs;
    const qint64 missed = currentSlot.missed;
    schedule.passOver(missed);
    missedCount += missed;
    unreported += missed;
    proceed(missed > 0 ? Phase::AnnounceMissed : Phase::TellMissed, suppressions);
}

void ScheduledTimerPrivate::beginCallback()
{
    // Where nothing was emitted since, it still is the time of waking up.
    const Clock::Instant now = unreported > 0 ? clock->now() : wokenUpAt;
    current = Tick(currentSlot.index, unreported,
                   saturatedDifference(currentSlot.due, schedule.anchorInstant()),
                   saturatedDifference(now, currentSlot.due));
    currentTicked = false;
    timedOutBefore = false;
    execution.begin(now);
    armTimeout();
    busy.setValueBypassingBindings(true);
    busy.notify();
}

// Whether the tick about to come is the last one.
bool ScheduledTimerPrivate::reachesLimit() const
{
    return good.maximumTicks > 0 && tickCount + 1 >= good.maximumTicks && currentRun == runs
           && running.valueBypassingBindings();
}

void ScheduledTimerPrivate::proceed(Phase phase, quint64 serial)
{
    CallFrame frame(frames);
    const auto left = [&frame, this, serial](Phase next) {
        if (!frame.left())
            return false;
        frame.handOn([this, next, serial] { proceed(next, serial); });
        return true;
    };

    switch (phase) {
    case Phase::AnnounceMissed:
        Q_EMIT q->missedCountChanged();
        if (left(Phase::TellMissed))
            return;
        [[fallthrough]];
    case Phase::TellMissed:
        if (serial != suppressions)
            return;
        if (unreported > 0)
            Q_EMIT q->ticksMissed(unreported);
        if (left(Phase::Begin))
            return;
        [[fallthrough]];
    case Phase::Begin:
        if (serial != suppressions)
            return;
        beginCallback();
        if (left(Phase::AnnounceLast))
            return;
        [[fallthrough]];
    case Phase::AnnounceLast:
        if (serial == suppressions && reachesLimit()) {
            running.setValueBypassingBindings(false);
            stoppedPending = true;
            announceRunning();
        }
        if (left(Phase::EmitTick))
            return;
        [[fallthrough]];
    case Phase::EmitTick:
        if (serial != suppressions) {
            finish(Outcome::completed());
            return;
        }
        stage = Stage::InCallback;
        currentTicked = true;
        if (currentRun == runs) {
            schedule.execute(currentSlot);
            unreported = 0;
            ++tickCount;
        }
        Q_EMIT q->tick(Tick(current));
        if (left(Phase::AnnounceCount))
            return;
        [[fallthrough]];
    case Phase::AnnounceCount:
        if (currentRun == runs)
            Q_EMIT q->tickCountChanged();
        if (left(Phase::Call))
            return;
        [[fallthrough]];
    case Phase::Call:
        callBack(serial);
    }
}

// A tick that has not been emitted yet may never be.
void ScheduledTimerPrivate::executionTimedOut()
{
    if (currentTicked)
        Q_EMIT q->timedOut(Tick(current));
    else
        timedOutBefore = true;
}

void ScheduledTimerPrivate::callBack(quint64 serial)
{
    // A wildcard disconnect() keeps the end of the context from being told.
    const bool hasLostContext = hasContext && !callbackContext;
    if (!callback || hasLostContext || serial != suppressions) {
        finish(Outcome::completed());
        return;
    }
    CallFrame frame(frames);
    const std::shared_ptr<Detail::TimerCallback> callable = callback;
    executing = callable;
    std::optional<QFuture<void>> future;
    Outcome outcome;
    try {
        future = callable->call(Tick(current));
    } catch (...) {
        outcome = Outcome::failed(std::current_exception());
    }
    if (!frame.left()) {
        returned(future, outcome);
        return;
    }
    const auto transit = std::make_shared<ReturnInTransit>(future, outcome);
    frame.handOn([this, transit] { returned(transit->takeFuture(), transit->outcome()); });
}

void ScheduledTimerPrivate::returned(const std::optional<QFuture<void>> &future, Outcome outcome)
{
    if (future) {
        stage = Stage::Idle;
        if (execution.wait(*future)) {
            threadFollower.follow(q->thread());
            return;
        }
        outcome = Outcome::of(*future);
    }
    finish(outcome);
}

void ScheduledTimerPrivate::finish(const Outcome &outcome)
{
    const Clock::Instant now = clock->now();
    Ending ending;
    ending.tick = current;
    ending.ticked = currentTicked;
    ending.timedOut = currentTicked
                      && (execution.exceeds(good.callbackTimeout, now) || timedOutBefore);
    ending.callback = std::exchange(executing, nullptr);
    if (outcome.kind == Outcome::Kind::Failed) {
        ending.failed = true;
        ending.message = messageOf(outcome.error);
        if (good.errorPolicy == ErrorPolicy::Stop && currentRun == runs
            && running.valueBypassingBindings()) {
            running.setValueBypassingBindings(false);
            stoppedPending = true;
        }
    }
    execution.end();
    stage = Stage::Idle;
    schedule.planAfter(now);
    arm(now);
    ++untold;
    busy.setValueBypassingBindings(false);
    stopPromises.moveTo(ending.stopPromises);
    announce(std::move(ending));
}

void ScheduledTimerPrivate::announce(Ending ending)
{
    CallFrame frame(frames);
    const auto left = [&frame, &ending, this](Step next) {
        if (!frame.left())
            return false;
        ending.next = next;
        auto rest = std::make_shared<Ending>(std::move(ending));
        frame.handOn([this, rest] { announce(std::move(*rest)); });
        return true;
    };

    switch (ending.next) {
    case Step::Busy:
        busy.notify();
        if (left(Step::Running))
            return;
        [[fallthrough]];
    case Step::Running:
        announceRunning();
        if (left(Step::TimedOut))
            return;
        [[fallthrough]];
    case Step::TimedOut:
        if (ending.timedOut)
            Q_EMIT q->timedOut(ending.tick);
        if (left(Step::Error))
            return;
        [[fallthrough]];
    case Step::Error:
        if (ending.failed)
            Q_EMIT q->errorOccurred(ending.tick, ending.message);
        if (left(Step::Completed))
            return;
        [[fallthrough]];
    case Step::Completed:
        --untold;
        if (ending.ticked)
            Q_EMIT q->completed(ending.tick);
        if (left(Step::Stopped))
            return;
        [[fallthrough]];
    case Step::Stopped:
        ending.stopPromises.finish();
        if (!left(Step::Stopped))
            announceStopped();
    }
}

// ---- Properties

bool ScheduledTimerPrivate::acceptsInterval(Duration interval, const char *where)
{
    if (interval > Duration::zero())
        return true;
    qCWarning(lcTimer) << where << "wants a positive interval, got" << Shown{ interval }
                       << "- ignored";
    return false;
}

void ScheduledTimerPrivate::intervalSet()
{
    if (!keepIfGood(interval, good.interval, acceptsInterval, "ScheduledTimer::interval")) {
        return;
    }
    const qint64 missed = running.valueBypassingBindings() ? reanchor() : 0;
    schedule.setInterval(good.interval);
    frames.inTurn(
            [this, missed] {
                if (missed > 0)
                    Q_EMIT q->missedCountChanged();
            },
            [this] { Q_EMIT q->intervalChanged(); });
}

// Returns how many slots of the old schedule had come due, and so are missed.
qint64 ScheduledTimerPrivate::reanchor()
{
    const Clock::Instant now = clock->now();
    const qint64 missed = schedule.unexecutedSlots(now);
    missedCount += missed;
    unreported += missed;
    abandonTick();
    schedule.setInterval(good.interval);
    schedule.anchor(now, false);
    arm(now);
    return missed;
}

void ScheduledTimerPrivate::policySet()
{
    if (!keepIfGood(policy, good.policy, acceptsEnumerator<lcTimer, Policy>,
                    "ScheduledTimer::policy")) {
        return;
    }
    schedule.setPolicy(schedulePolicy(good.policy));
    Q_EMIT q->policyChanged();
}

void ScheduledTimerPrivate::errorPolicySet()
{
    if (keepIfGood(errorPolicy, good.errorPolicy, acceptsEnumerator<lcTimer, ErrorPolicy>,
                   "ScheduledTimer::errorPolicy")) {
        Q_EMIT q->errorPolicyChanged();
    }
}

void ScheduledTimerPrivate::maximumTicksSet()
{
    if (!keepIfGood(maximumTicks, good.maximumTicks, acceptsCount<lcTimer, qint64>,
                    "ScheduledTimer::maximumTicks")) {
        return;
    }
    frames.inTurn(
            [this] {
                if (good.maximumTicks > 0 && tickCount >= good.maximumTicks) {
                    abandonTick();
                    endRun();
                }
            },
            [this] { Q_EMIT q->maximumTicksChanged(); });
}

void ScheduledTimerPrivate::callbackTimeoutSet()
{
    if (!keepIfGood(callbackTimeout, good.callbackTimeout, acceptsDuration<lcTimer>,
                    "ScheduledTimer::callbackTimeout")) {
        return;
    }
    armTimeout();
    Q_EMIT q->callbackTimeoutChanged();
}

void ScheduledTimerPrivate::toleranceSet()
{
    if (!keepIfGood(tolerance, good.tolerance, acceptsDuration<lcTimer>,
                    "ScheduledTimer::tolerance")) {
        return;
    }
    arm(clock->now());
    armTimeout();
    Q_EMIT q->toleranceChanged();
}

// ---- The callable

void ScheduledTimerPrivate::install(std::unique_ptr<Detail::TimerCallback> newCallback,
                                    const QObject *newContext)
{
    if (isEnding)
        return;
    QObject::disconnect(contextConnection);
    // Destroyed at the end, with all settled: that may run user code.
    const std::shared_ptr<Detail::TimerCallback> old = std::exchange(callback,
                                                                     std::move(newCallback));
    callbackContext = newContext;
    hasContext = newContext != nullptr;
    if (!newContext)
        return;
    const std::weak_ptr<Detail::TimerCallback> installed = callback;
    contextConnection = QObject::connect(newContext, &QObject::destroyed, q, [this, installed] {
        const std::shared_ptr<Detail::TimerCallback> ofContext = installed.lock();
        if (ofContext && ofContext == executing)
            execution.requestCancel();
        if (ofContext == callback) // one that died in another thread is heard of late
            callback.reset();
    });
}

} // namespace Tactus
