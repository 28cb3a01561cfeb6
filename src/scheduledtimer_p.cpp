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
    : q(timer)
    , clock(Clock::defaultClock())
    , schedule(good.interval, schedulePolicy(good.policy))
    , wakeUp(
              this, [](void *self) { static_cast<ScheduledTimerPrivate *>(self)->wokenUp(); },
              [](void *self) {
                  qCDebug(lcTimer) << static_cast<ScheduledTimerPrivate *>(self)->q
                                   << "stops with its thread";
                  static_cast<ScheduledTimerPrivate *>(self)->stop(false);
              })
    , execution(this, timer)
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

ScheduledTimerPrivate::~ScheduledTimerPrivate()
{
    execution.requestCancel();
    for (QPromise<void> &promise : stopPromises)
        promise.finish();
}

bool ScheduledTimerPrivate::isCalledWell(const char *function) const
{
    return calledInOwnThread(q, lcTimer(), function);
}

// ---- Starting and stopping

bool ScheduledTimerPrivate::start()
{
    if (running.valueBypassingBindings()) {
        qCDebug(lcTimer) << q << "is running already: start() changes nothing";
        return false;
    }
    beginRun();
    return true;
}

bool ScheduledTimerPrivate::restart()
{
    abandonTick();
    beginRun();
    return true;
}

void ScheduledTimerPrivate::beginRun()
{
    CallFrame frame(frames);
    const Clock::Instant now = clock->now();
    const bool wasRunning = running.valueBypassingBindings();
    const bool hadTicks = std::exchange(tickCount, 0) != 0;
    const bool hadMissed = std::exchange(missedCount, 0) != 0;
    unreported = 0;
    ++runs;
    stoppedPending = false;
    running.setValueBypassingBindings(true);
    schedule.anchor(now, triggeredOnStart.valueBypassingBindings());
    arm();
    qCDebug(lcTimer) << q << "anchored at" << Shown{ now.time_since_epoch() }
                     << "with an interval of" << Shown{ good.interval };

    if (!wasRunning)
        running.notify();
    if (!frame.left() && hadTicks)
        Q_EMIT q->tickCountChanged();
    if (!frame.left() && hadMissed)
        Q_EMIT q->missedCountChanged();
    if (!frame.left())
        Q_EMIT q->started();
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
    QFuture<void> done;
    if (execution.isActive()) {
        QPromise<void> promise;
        promise.start();
        done = promise.future();
        stopPromises.push_back(std::move(promise));
    } else {
        done = QtFuture::makeReadyFuture();
    }
    if (cancelRunning)
        execution.requestCancel();
    endRun();
    return done;
}

void ScheduledTimerPrivate::endRun()
{
    if (!running.valueBypassingBindings())
        return;
    CallFrame frame(frames);
    wakeUp.cancel();
    running.setValueBypassingBindings(false);
    stoppedPending = true;
    qCDebug(lcTimer) << q << "stopped after" << tickCount << "ticks";
    running.notify();
    if (!frame.left())
        announceStopped();
    else
        frame.handOn([this] { announceStopped(); });
}

void ScheduledTimerPrivate::announceStopped()
{
    if (stoppedPending && !execution.isActive()) {
        stoppedPending = false;
        Q_EMIT q->stopped();
    }
}

void ScheduledTimerPrivate::arm()
{
    if (!running.valueBypassingBindings() || execution.isActive() || stage != Stage::Idle)
        return;
    qCDebug(lcTimer) << q << "waits for" << Shown{ schedule.plannedInstant().time_since_epoch() };
    wakeUp.arm(clock, schedule.plannedInstant(), good.tolerance);
}

void ScheduledTimerPrivate::leaveThread()
{
    wakeUp.cancel();
    execution.disarmTimeout();
    if (stage == Stage::BeforeTick && !execution.isActive())
        stage = Stage::Idle; // woken up for once more, over there
    frames.ownerMoves(q);
    const auto goOn = [this] {
        arm();
        armTimeout();
    };
    QMetaObject::invokeMethod(q, goOn, Qt::QueuedConnection);
}

// ---- A tick

void ScheduledTimerPrivate::wokenUp()
{
    CallFrame frame(frames);
    Clock::Instant now = clock->now();
    const Schedule::Slot slot = schedule.latestDue(now);
    const quint64 serial = suppressions;
    stage = Stage::BeforeTick;
    if (slot.missed > 0) {
        schedule.passOver(slot.missed);
        missedCount += slot.missed;
        unreported += slot.missed;
        Q_EMIT q->missedCountChanged();
        if (frame.left() || serial != suppressions)
            return;
    }
    if (unreported > 0) {
        qCDebug(lcTimer) << q << "passed over" << unreported << "slots before slot" << slot.index;
        Q_EMIT q->ticksMissed(unreported);
        if (frame.left() || serial != suppressions)
            return;
        now = clock->now();
    }

    currentSlot = slot;
    current = Tick(slot.index, std::exchange(unreported, 0),
                   saturatedDifference(slot.due, schedule.anchorInstant()),
                   saturatedDifference(now, slot.due));
    currentTicked = false;
    currentRun = runs;
    execution.begin(now);
    armTimeout();
    const qint64 limit = good.maximumTicks;
    currentIsLast = limit > 0 && tickCount + 1 >= limit;
    if (currentIsLast) {
        running.setValueBypassingBindings(false);
        stoppedPending = true;
    }
    proceed(Phase::AnnounceBusy, serial);
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
    case Phase::AnnounceBusy:
        busy.setValue(true);
        if (left(Phase::AnnounceLast))
            return;
        [[fallthrough]];
    case Phase::AnnounceLast:
        if (currentIsLast)
            running.notify();
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

void ScheduledTimerPrivate::callBack(quint64 serial)
{
    if (!callback || serial != suppressions) {
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
    if (!frame.left())
        returned(future, outcome);
    else if (frame.mailbox())
        frame.handOn([this, future, outcome] { returned(future, outcome); });
    else if (future)
        future->cancel();
}

void ScheduledTimerPrivate::returned(const std::optional<QFuture<void>> &future, Outcome outcome)
{
    if (future) {
        stage = Stage::Idle;
        if (execution.wait(*future))
            return;
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
    ending.timedOut = currentTicked && execution.exceeds(good.callbackTimeout, now);
    ending.callback = std::exchange(executing, nullptr);
    if (outcome.kind == Outcome::Kind::Failed) {
        ending.failed = true;
        ending.message = messageOf(outcome.error);
        if (good.errorPolicy == ErrorPolicy::Stop && currentRun == runs
            && running.valueBypassingBindings()) {
            running.setValueBypassingBindings(false);
            stoppedPending = true;
            ending.stoppedByError = true;
        }
    }
    execution.end();
    execution.release();
    stage = Stage::Idle;
    schedule.planAfter(now);
    arm();
    busy.setValueBypassingBindings(false);
    ending.stopPromises = std::exchange(stopPromises, {});
    announce(std::move(ending));
}

void ScheduledTimerPrivate::announce(Ending ending)
{
    CallFrame frame(frames);
    const auto left = [&frame, &ending, this](Step next) {
        if (!frame.left())
            return false;
        if (frame.mailbox()) {
            ending.next = next;
            auto rest = std::make_shared<Ending>(std::move(ending));
            frame.handOn([this, rest] { announce(std::move(*rest)); });
        } else {
            for (QPromise<void> &promise : ending.stopPromises)
                promise.finish();
        }
        return true;
    };

    switch (ending.next) {
    case Step::Busy:
        busy.notify();
        if (left(Step::Running))
            return;
        [[fallthrough]];
    case Step::Running:
        if (ending.stoppedByError)
            running.notify();
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
        if (ending.ticked)
            Q_EMIT q->completed(ending.tick);
        if (left(Step::Stopped))
            return;
        [[fallthrough]];
    case Step::Stopped:
        for (QPromise<void> &promise : ending.stopPromises)
            promise.finish();
        ending.stopPromises.clear();
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
    CallFrame frame(frames);
    if (running.valueBypassingBindings())
        reanchor();
    else
        schedule.setInterval(good.interval);
    if (!frame.left())
        Q_EMIT q->intervalChanged();
}

void ScheduledTimerPrivate::reanchor()
{
    const Clock::Instant now = clock->now();
    const qint64 missed = schedule.unexecutedSlots(now);
    missedCount += missed;
    unreported += missed;
    abandonTick();
    schedule.setInterval(good.interval);
    schedule.anchor(now, false);
    arm();
    if (missed > 0)
        Q_EMIT q->missedCountChanged();
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
    CallFrame frame(frames);
    if (good.maximumTicks > 0 && tickCount >= good.maximumTicks) {
        abandonTick();
        endRun();
    }
    if (!frame.left())
        Q_EMIT q->maximumTicksChanged();
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
    arm();
    armTimeout();
    Q_EMIT q->toleranceChanged();
}

// ---- The callable

void ScheduledTimerPrivate::install(std::unique_ptr<Detail::TimerCallback> newCallback,
                                    const QObject *newContext)
{
    QObject::disconnect(contextConnection);
    // Destroyed at the end, with all settled: that may run user code.
    const std::shared_ptr<Detail::TimerCallback> old = std::exchange(callback,
                                                                     std::move(newCallback));
    if (!newContext)
        return;
    const std::weak_ptr<Detail::TimerCallback> installed = callback;
    contextConnection = QObject::connect(newContext, &QObject::destroyed, q, [this, installed] {
        const std::shared_ptr<Detail::TimerCallback> ofContext = installed.lock();
        if (ofContext && ofContext == executing)
            execution.requestCancel();
        if (ofContext == callback)
            callback.reset();
    });
}

} // namespace Tactus
