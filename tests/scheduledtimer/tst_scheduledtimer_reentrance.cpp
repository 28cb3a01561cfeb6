// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// What handlers may do: stop, start, change and delete the timer, or run an event loop, in every
// signal and in the callable.

#include "../readyfuture.h"
#include "signallog.h"
#include "virtualtimer.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qeventloop.h>
#include <QtCore/qpointer.h>
#include <QtCore/qregularexpression.h>
#include <QtTest/qtest.h>

#include <algorithm>
#include <map>
#include <stdexcept>

using namespace std::chrono_literals;
using namespace Tactus;
using ErrorPolicy = ScheduledTimer::ErrorPolicy;
using Policy = ScheduledTimer::Policy;

namespace {

enum class Action {
    None,
    Delete,
    Stop,
    StopStart,
    StopStartStop,
    Cancel,
    Restart,
    Start,
    SetInterval,
    EventLoop
};

// The life of a timer in which every signal is emitted, most of them several times, with an action
// in one of these emissions. It notes what must not happen.
class Life
{
public:
    Life(Action action, const QByteArray &signal, int emission)
        : timer(new ScheduledTimer(1s))
        , log(timer)
        , m_action(action)
        , m_emission(emission)
    {
        timer->setClock(&clock);
        QObject::connect(timer, &ScheduledTimer::tick, &m_receiver, [this] { tickBegins(); });
        for (const TimerSignal &candidate : timerSignals) {
            candidate.connect(timer, &m_receiver, [this, name = QByteArray(candidate.name)] {
                ++emissions[name];
                if (timer && name == m_signal && emissions[name] == m_emission)
                    act();
            });
        }
        QObject::connect(timer, &ScheduledTimer::tick, &m_receiver, [this] { m_inTick = false; });
        QObject::connect(timer, &ScheduledTimer::completed, &m_receiver, [this] { ++completions; });
        m_signal = signal;
        timer->setCallback([this] { return call(); });
    }
    ~Life() { delete timer; }

    void play()
    {
        const auto step = [this](auto &&what) {
            if (timer)
                what();
        };
        step([this] { timer->setInterval(10ms); });
        step([this] { timer->setPolicy(Policy::Delay); });
        step([this] { timer->setPolicy(Policy::Fixed); });
        step([this] { timer->setErrorPolicy(ErrorPolicy::Stop); });
        step([this] { timer->setErrorPolicy(ErrorPolicy::Continue); });
        step([this] { timer->setTriggeredOnStart(true); });
        step([this] { timer->setTriggeredOnStart(false); });
        step([this] { timer->setMaximumTicks(5); });
        step([this] { timer->setMaximumTicks(0); });
        step([this] { timer->setCallbackTimeout(20ms); });
        step([this] { timer->setTolerance(2ms); });

        step([this] { start(); });
        m_mode = Mode::OverrunAndFail;
        clock.advance(10ms);
        m_mode = Mode::Plain;
        clock.advance(15ms);
        m_mode = Mode::Asynchronous;
        clock.advance(10ms);
        clock.advance(25ms);
        step([this] { stop(); });
        m_mode = Mode::Plain;
        clock.advance(5ms);
        if (work.isRunning())
            work.finish();
        clock.advance(0ns);

        step([this] { timer->setMaximumTicks(2); });
        step([this] { start(); });
        clock.advance(25ms);
        step([this] { timer->setMaximumTicks(0); });
        step([this] { start(); });
        clock.elapse(25ms);
        clock.advance(0ns);
        step([this] { restart(); });
        clock.elapse(25ms);
        step([this] { timer->setInterval(11ms); });
        clock.advance(12ms);
        step([this] { timer->setErrorPolicy(ErrorPolicy::Stop); });
        m_mode = Mode::OverrunAndFail;
        clock.advance(12ms);
        m_mode = Mode::Plain;
        clock.advance(12ms);
        step([this] { start(); });
        clock.advance(12ms);
        step([this] { stop(); });
        clock.advance(1s);
        step([this] { stop(); });
    }

    ManualClock clock{ Clock::Instant(1h) };
    QPointer<ScheduledTimer> timer;
    SignalLog log;
    PendingWork work;
    std::map<QByteArray, int> emissions;
    QStringList violations;
    std::vector<QFuture<void>> stopFutures;
    bool acted = false;
    int ticks = 0;
    int completions = 0;

private:
    enum class Mode { Plain, OverrunAndFail, Asynchronous };

    void violated(const char *what) { violations.append(QString::fromUtf8(what)); }

    void tickBegins()
    {
        ++ticks;
        if (m_inTick || m_inCall || work.isRunning())
            violated("T1: a tick during a callback");
        m_inTick = true;
        beginsRightly("T6: a tick");
    }

    QFuture<int> call()
    {
        if (m_inTick || m_inCall || work.isRunning())
            violated("T1: a call during a callback");
        // restart() anchors anew; the callback that has begun goes on.
        if (!timer || m_action != Action::Restart)
            beginsRightly("T6: a call");
        m_inCall = true;
        const auto end = qScopeGuard([this] { m_inCall = false; });
        switch (m_mode) {
        case Mode::Plain:
            break;
        case Mode::OverrunAndFail:
            clock.elapse(35ms);
            throw std::runtime_error("failed");
        case Mode::Asynchronous:
            return work.begin();
        }
        return readyFuture(1);
    }

    void beginsRightly(const char *what)
    {
        if (!timer)
            violated("T10: something ran after the end");
        else if (m_silent)
            violated(what);
        else if (clock.now() < m_notBefore)
            violated(what);
    }

    void anchored()
    {
        m_silent = false;
        m_notBefore = timer->triggeredOnStart() ? clock.now() : clock.now() + timer->interval();
    }
    void start()
    {
        const bool wasRunning = timer->isRunning();
        m_silent = false;
        if (!wasRunning)
            m_notBefore = {};
        if (timer->start() == wasRunning)
            violated("T8: start() returned the wrong value");
    }
    void stop()
    {
        m_silent = true; // until an action starts the timer again, maybe from inside
        stopFutures.push_back(timer->stop());
    }
    void restart()
    {
        m_silent = false;
        m_notBefore = {};
        timer->restart();
    }

    void act()
    {
        acted = true;
        switch (m_action) {
        case Action::None:
            break;
        case Action::Delete:
            delete timer;
            log.take();
            break;
        case Action::Stop:
            stop();
            break;
        case Action::Cancel:
            m_silent = true;
            stopFutures.push_back(timer->cancel());
            break;
        case Action::StopStart:
        case Action::StopStartStop:
            stopFutures.push_back(timer->stop());
            timer->start();
            anchored();
            if (m_action == Action::StopStartStop)
                stop();
            break;
        case Action::Restart:
            timer->restart();
            anchored();
            break;
        case Action::Start:
            m_silent = false;
            timer->start();
            break;
        case Action::SetInterval:
            timer->setInterval(7ms);
            break;
        case Action::EventLoop: {
            clock.elapse(100ms);
            for (int i = 0; i < 3; ++i)
                QCoreApplication::processEvents();
            break;
        }
        }
    }

    const Action m_action;
    QByteArray m_signal;
    const int m_emission;
    Mode m_mode = Mode::Plain;
    bool m_inTick = false;
    bool m_inCall = false;
    bool m_silent = false;
    Clock::Instant m_notBefore = Clock::Instant::min();
    QObject m_receiver; // first to go
};

void addRowForEveryEmission()
{
    QTest::addColumn<QByteArray>("signal");
    QTest::addColumn<int>("emission");
    Life life(Action::None, {}, 0);
    life.play();
    for (const auto &[name, count] : life.emissions) {
        for (int emission = 1; emission <= count; ++emission)
            QTest::addRow("%s %d", name.constData(), emission) << name << emission;
    }
}

} // namespace

class tst_ScheduledTimerReentrance : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();

    void everySignalIsEmitted();

    void T1_anyActionInAnySignal_data();
    void T1_anyActionInAnySignal();
    void T1_eventLoopInASlot();
    void T1_eventLoopInTheCallable();
    void T1_stopAndStartInAnEventLoopInASlot();
    void T1_restartFromInsideASynchronousCallback();

    void T5_missedSlotsOfATickGivenUpAreToldByTheNext_data();
    void T5_missedSlotsOfATickGivenUpAreToldByTheNext();

    void T6_stopInASlotOfTheTickKeepsTheCallableFromRunning();
    void T6_stopAndStartInASlotOfTheTick();
    void T6_stopInASlotOfTicksMissedSuppressesTheTick();
    void T6_stopInASlotOfBusyChangedSuppressesTheTick();
    void T6_stopInTickCountChanged();
    void T6_stopInTheCallableWaitsForItsFuture();
    void T6_stopInASlotIsCompletedBeforeStopped_data();
    void T6_stopInASlotIsCompletedBeforeStopped();

    void T7_cancelInTheCallableReachesTheFutureItReturns();

    void T10_handlerOfDestroyedMayBlock();
    void T10_destructorStartsNothing();
    void T10_deletionInAnySignal_data();
    void T10_deletionInAnySignal();

    void T13_intervalInASlotOfTheTick();

    void T14_limitSetInASlotOfTheTickHolds_data();
    void T14_limitSetInASlotOfTheTickHolds();
    void T14_runningChangesOnlyWhenItChanges_data();
    void T14_runningChangesOnlyWhenItChanges();
};

void tst_ScheduledTimerReentrance::init()
{
    QTest::failOnWarning(QRegularExpression(QStringLiteral(".*")));
}

void tst_ScheduledTimerReentrance::everySignalIsEmitted()
{
    Life life(Action::None, {}, 0);
    life.play();
    for (const TimerSignal &signal : timerSignals)
        QVERIFY2(life.emissions[signal.name] > 0, signal.name);
    QCOMPARE(life.violations, QStringList());
}

// ---- T1

void tst_ScheduledTimerReentrance::T1_anyActionInAnySignal_data()
{
    addRowForEveryEmission();
}

// After every action the timer is whole: callbacks do not overlap, each tick is completed once,
// nothing starts after stop() and, in the end, nothing is left.
void tst_ScheduledTimerReentrance::T1_anyActionInAnySignal()
{
    QFETCH(const QByteArray, signal);
    QFETCH(const int, emission);
    for (const Action action :
         { Action::Stop, Action::StopStart, Action::StopStartStop, Action::Cancel, Action::Restart,
           Action::Start, Action::SetInterval, Action::EventLoop }) {
        Life life(action, signal, emission);
        life.play();
        const QString where = QStringLiteral("action %1:\n%2")
                                      .arg(static_cast<int>(action))
                                      .arg(life.log.all().join(QLatin1Char('\n')));
        QVERIFY(life.acted);
        QVERIFY2(life.violations.isEmpty(), qPrintable(life.violations.value(0) + where));
        QVERIFY2(life.ticks == life.completions, qPrintable(where));
        QVERIFY2(!life.timer->isRunning(), qPrintable(where));
        QVERIFY2(!life.timer->isBusy(), qPrintable(where));
        QCOMPARE(life.clock.pendingWakeUps(), 0);
        for (const QFuture<void> &stopped : life.stopFutures)
            QVERIFY2(stopped.isFinished(), qPrintable(where));
    }
}

void tst_ScheduledTimerReentrance::T1_eventLoopInASlot()
{
    VirtualTimer v(10ms);
    int depth = 0;
    int deepest = 0;
    QObject::connect(&v.timer, &ScheduledTimer::tick, &v.receiver, [&] {
        deepest = std::max(deepest, ++depth);
        v.clock.elapse(35ms);
        QEventLoop loop;
        QMetaObject::invokeMethod(&loop, &QEventLoop::quit, Qt::QueuedConnection);
        loop.exec();
        QCoreApplication::processEvents();
        --depth;
    });
    v.timer.start();
    v.clock.advance(200ms);
    QCOMPARE(deepest, 1);
    QVERIFY(v.ticks.size() > 3);
    for (const Tick &tick : v.ticks)
        QCOMPARE(tick.index() % 4, 1); // 10 + 35: 50 is next
}

void tst_ScheduledTimerReentrance::T1_eventLoopInTheCallable()
{
    for (const Policy policy : { Policy::Fixed, Policy::Delay }) {
        VirtualTimer v(10ms, policy);
        int depth = 0;
        int deepest = 0;
        v.timer.setCallback([&] {
            deepest = std::max(deepest, ++depth);
            v.clock.elapse(35ms);
            QCoreApplication::processEvents();
            QCoreApplication::processEvents();
            --depth;
        });
        v.timer.start();
        v.clock.advance(200ms);
        QCOMPARE(deepest, 1);
        QVERIFY(v.ticks.size() > 3);
    }
}

void tst_ScheduledTimerReentrance::T1_stopAndStartInAnEventLoopInASlot()
{
    VirtualTimer v(10ms);
    int depth = 0;
    int deepest = 0;
    v.timer.setCallback([&] {
        deepest = std::max(deepest, ++depth);
        QMetaObject::invokeMethod(
                &v.receiver,
                [&] {
                    v.timer.stop();
                    v.timer.start();
                    v.clock.elapse(35ms);
                },
                Qt::QueuedConnection);
        for (int i = 0; i < 3; ++i)
            QCoreApplication::processEvents();
        --depth;
    });
    v.timer.start();
    v.clock.advance(200ms);
    QCOMPARE(deepest, 1);
    QVERIFY(v.ticks.size() > 3);
    QCOMPARE(v.clock.pendingWakeUps(), 1);
}

void tst_ScheduledTimerReentrance::T1_restartFromInsideASynchronousCallback()
{
    VirtualTimer v(10ms);
    SignalLog log(&v.timer);
    v.timer.setCallback([&v] {
        v.clock.elapse(3ms);
        v.timer.restart();
        v.clock.elapse(2ms);
    });
    v.timer.start();
    log.take();
    v.clock.advance(40ms);
    QVERIFY((v.times == std::vector<Duration>{ 10ms, 23ms, 36ms }));
    for (const Tick &tick : v.ticks) {
        QCOMPARE(tick.index(), 1);
        QCOMPARE(tick.missed(), 0);
    }
    QCOMPARE(v.clock.pendingWakeUps(), 1);
    QCOMPARE(log.take().mid(0, 7), lines({ "busy", "tick 1", "tickCount 1", "tickCount 0",
                                           "started", "not busy", "completed 1" }));
}

// ---- T5

void tst_ScheduledTimerReentrance::T5_missedSlotsOfATickGivenUpAreToldByTheNext_data()
{
    QTest::addColumn<QByteArray>("signal");
    QTest::newRow("missedCountChanged") << QByteArray("missedCountChanged");
    QTest::newRow("ticksMissed") << QByteArray("ticksMissed");
    QTest::newRow("busyChanged") << QByteArray("busyChanged");
}

// The slots passed over since the previous tick are all those since the previous tick, also when a
// tick in between was given up: the numbers of all ticks add up to missedCount.
void tst_ScheduledTimerReentrance::T5_missedSlotsOfATickGivenUpAreToldByTheNext()
{
    QFETCH(const QByteArray, signal);
    VirtualTimer v(10ms);
    bool done = false;
    for (const TimerSignal &candidate : timerSignals) {
        if (candidate.name == signal) {
            candidate.connect(&v.timer, &v.receiver, [&] {
                if (!std::exchange(done, true))
                    v.timer.setInterval(20ms);
            });
        }
    }
    v.timer.start();
    v.clock.elapse(35ms); // 10 and 20 are passed over, 30 is given up
    v.clock.advance(0ns);
    QCOMPARE(v.ticks.size(), 0U);
    QCOMPARE(v.timer.missedCount(), 3);
    v.clock.advance(20ms);
    QCOMPARE(v.ticks.size(), 1U);
    QCOMPARE(v.ticks[0].index(), 1);
    QCOMPARE(v.ticks[0].missed(), 3);
}

// ---- T6, T7

void tst_ScheduledTimerReentrance::T6_stopInASlotOfTheTickKeepsTheCallableFromRunning()
{
    VirtualTimer v(10ms);
    SignalLog log(&v.timer);
    int calls = 0;
    v.timer.setCallback([&calls] { ++calls; });
    QFuture<void> stopped;
    QObject::connect(&v.timer, &ScheduledTimer::tick, &v.receiver, [&] {
        stopped = v.timer.stop();
        QVERIFY(!stopped.isFinished());
    });
    v.timer.start();
    log.take();
    v.clock.advance(1s);
    QCOMPARE(calls, 0);
    QCOMPARE(v.ticks.size(), 1U);
    QVERIFY(stopped.isFinished());
    QCOMPARE(log.take(), lines({ "busy", "tick 1", "not running", "tickCount 1", "not busy",
                                 "completed 1", "stopped" }));
}

void tst_ScheduledTimerReentrance::T6_stopAndStartInASlotOfTheTick()
{
    for (const bool triggered : { false, true }) {
        VirtualTimer v(10ms);
        v.timer.setTriggeredOnStart(triggered);
        int calls = 0;
        v.timer.setCallback([&calls] { ++calls; });
        bool once = true;
        QObject::connect(&v.timer, &ScheduledTimer::tick, &v.receiver, [&] {
            if (std::exchange(once, false)) {
                v.timer.stop();
                v.timer.start();
            }
        });
        v.timer.start();
        v.clock.advance(triggered ? 0ms : 10ms);
        QCOMPARE(v.ticks.size(), 1U);
        QCOMPARE(calls, 0);
        v.clock.advance(10ms);
        QCOMPARE(v.ticks.size(), 2U);
        QCOMPARE(calls, 1);
        QCOMPARE(v.ticks[1].index(), 1);
        QCOMPARE(v.ticks[1].missed(), triggered ? 1 : 0);
    }
}

void tst_ScheduledTimerReentrance::T6_stopInASlotOfTicksMissedSuppressesTheTick()
{
    for (const bool startAgain : { false, true }) {
        VirtualTimer v(10ms);
        SignalLog log(&v.timer);
        int calls = 0;
        v.timer.setCallback([&calls] { ++calls; });
        bool once = true;
        QObject::connect(&v.timer, &ScheduledTimer::ticksMissed, &v.receiver, [&] {
            if (std::exchange(once, false)) {
                QVERIFY(v.timer.stop().isFinished());
                if (startAgain)
                    v.timer.start();
            }
        });
        v.timer.start();
        v.clock.elapse(35ms);
        log.take();
        v.clock.advance(9ms);
        QCOMPARE(v.ticks.size(), 0U);
        QCOMPARE(calls, 0);
        QVERIFY(!v.timer.isBusy());
        QCOMPARE(log.take(),
                 startAgain
                         ? lines({ "missedCount 2", "ticksMissed 2", "not running", "stopped",
                                   "running", "missedCount 0", "started" })
                         : lines({ "missedCount 2", "ticksMissed 2", "not running", "stopped" }));
        v.clock.advance(1ms);
        QCOMPARE(v.ticks.size(), startAgain ? 1U : 0U);
        QCOMPARE(calls, startAgain ? 1 : 0);
        if (startAgain) {
            QCOMPARE(v.ticks[0].index(), 1);
            QCOMPARE(v.ticks[0].missed(), 0);
        }
    }
}

void tst_ScheduledTimerReentrance::T6_stopInASlotOfBusyChangedSuppressesTheTick()
{
    VirtualTimer v(10ms);
    SignalLog log(&v.timer);
    QFuture<void> stopped;
    QObject::connect(&v.timer, &ScheduledTimer::busyChanged, &v.receiver, [&] {
        if (v.timer.isBusy())
            stopped = v.timer.stop();
    });
    v.timer.start();
    log.take();
    v.clock.advance(1s);
    QCOMPARE(v.ticks.size(), 0U);
    QVERIFY(stopped.isFinished());
    QCOMPARE(v.timer.tickCount(), 0);
    QCOMPARE(log.take(), lines({ "busy", "not running", "not busy", "stopped" }));
}

void tst_ScheduledTimerReentrance::T6_stopInTickCountChanged()
{
    VirtualTimer v(10ms);
    int calls = 0;
    v.timer.setCallback([&calls] { ++calls; });
    QObject::connect(&v.timer, &ScheduledTimer::tickCountChanged, &v.receiver,
                     [&] { v.timer.stop(); });
    v.timer.start();
    v.clock.advance(1s);
    QCOMPARE(v.ticks.size(), 1U);
    QCOMPARE(calls, 0);
}

void tst_ScheduledTimerReentrance::T6_stopInTheCallableWaitsForItsFuture()
{
    VirtualTimer v(10ms);
    PendingWork work;
    QFuture<void> stopped;
    v.timer.setCallback([&] {
        stopped = v.timer.stop();
        return work.begin();
    });
    v.timer.start();
    v.clock.advance(1s);
    QCOMPARE(v.ticks.size(), 1U);
    QVERIFY(!stopped.isFinished());
    QVERIFY(!work.isLastCanceled());
    work.finish();
    v.clock.advance(0ns);
    QVERIFY(stopped.isFinished());
}

void tst_ScheduledTimerReentrance::T6_stopInASlotIsCompletedBeforeStopped_data()
{
    QTest::addColumn<QByteArray>("signal");
    for (const char *signal : { "timedOut", "errorOccurred", "completed", "busyChanged" })
        QTest::newRow(signal) << QByteArray(signal);
}

// A handler of stopped() has seen all there was to see of the last callback.
void tst_ScheduledTimerReentrance::T6_stopInASlotIsCompletedBeforeStopped()
{
    QFETCH(const QByteArray, signal);
    VirtualTimer v(10ms);
    v.timer.setCallbackTimeout(1ms);
    SignalLog log(&v.timer);
    for (const TimerSignal &candidate : timerSignals) {
        if (candidate.name == signal) {
            candidate.connect(&v.timer, &v.receiver, [&] {
                if (!v.timer.isBusy())
                    v.timer.stop();
            });
        }
    }
    v.timer.setCallback([&v] {
        v.clock.elapse(2ms);
        throw std::runtime_error("failed");
    });
    v.timer.start();
    v.clock.advance(10ms);
    const QStringList all = log.take();
    for (const char *once : { "timedOut 1", "errorOccurred 1 failed", "completed 1", "stopped" })
        QCOMPARE(all.count(QString::fromUtf8(once)), 1);
    QCOMPARE(all.last(), QStringLiteral("stopped"));
}

void tst_ScheduledTimerReentrance::T7_cancelInTheCallableReachesTheFutureItReturns()
{
    VirtualTimer v(10ms);
    PendingWork work;
    QFuture<void> canceled;
    v.timer.setCallback([&] {
        canceled = v.timer.cancel();
        return work.begin();
    });
    v.timer.start();
    v.clock.advance(10ms);
    QVERIFY(work.isLastCanceled());
    QVERIFY(!canceled.isFinished());
    work.finish();
    v.clock.advance(0ns);
    QVERIFY(canceled.isFinished());
    // The request was that callback's, not the next one's.
    v.timer.setCallback([&] { return work.begin(); });
    v.timer.start();
    v.clock.advance(10ms);
    QCOMPARE(work.count(), 2U);
    QVERIFY(!work.isLastCanceled());
}

// ---- T10

// What the timer has posted to itself is still on its way.
void tst_ScheduledTimerReentrance::T10_handlerOfDestroyedMayBlock()
{
    ManualClock clock;
    PendingWork work;
    QPointer<ScheduledTimer> timer = new ScheduledTimer(10ms);
    timer->setClock(&clock);
    timer->setCallback([&] {
        QMetaObject::invokeMethod(
                this, [&timer] { delete timer; }, Qt::QueuedConnection);
        return work.begin();
    });
    bool told = false;
    connect(timer, &QObject::destroyed, this, [&told] {
        told = true;
        for (int turn = 0; turn < 5; ++turn)
            QCoreApplication::processEvents();
    });
    timer->start();
    clock.elapse(10ms);
    while (timer)
        QCoreApplication::processEvents();
    QVERIFY(told);
}

// Not even if a continuation of stop() wants it to.
void tst_ScheduledTimerReentrance::T10_destructorStartsNothing()
{
    ManualClock clock;
    PendingWork work;
    int calls = 0;
    auto timer = std::make_unique<ScheduledTimer>(10ms);
    timer->setClock(&clock);
    timer->setCallback([&] {
        ++calls;
        return work.begin();
    });
    timer->start();
    clock.advance(10ms);
    QCOMPARE(calls, 1);
    bool started = false;
    bool restarted = false;
    const QFuture<void> done = timer->stop().then([&, raw = timer.get()] {
        started = raw->start();
        restarted = raw->restart();
        clock.advance(100ms);
    });
    timer.reset();
    QVERIFY(done.isFinished());
    QVERIFY(!started);
    QVERIFY(!restarted);
    QCOMPARE(calls, 1);
}

void tst_ScheduledTimerReentrance::T10_deletionInAnySignal_data()
{
    addRowForEveryEmission();
}

void tst_ScheduledTimerReentrance::T10_deletionInAnySignal()
{
    QFETCH(const QByteArray, signal);
    QFETCH(const int, emission);
    Life life(Action::Delete, signal, emission);
    life.play();
    QVERIFY(life.acted);
    QVERIFY(!life.timer);
    QCOMPARE(life.violations, QStringList());
    QCOMPARE(life.log.all(), QStringList());
    QCOMPARE(life.clock.pendingWakeUps(), 0);
    for (const QFuture<void> &stopped : life.stopFutures)
        QVERIFY(stopped.isFinished());
}

// ---- T13, T14

void tst_ScheduledTimerReentrance::T13_intervalInASlotOfTheTick()
{
    VirtualTimer v(10ms);
    bool once = true;
    QObject::connect(&v.timer, &ScheduledTimer::tick, &v.receiver, [&] {
        v.clock.elapse(15ms); // 20 has come due
        if (std::exchange(once, false))
            v.timer.setInterval(20ms);
    });
    int calls = 0;
    v.timer.setCallback([&calls] { ++calls; });
    v.timer.start();
    v.clock.advance(60ms);
    QVERIFY((v.times == std::vector<Duration>{ 10ms, 45ms }));
    QCOMPARE(v.ticks[1].index(), 1);
    QCOMPARE(v.ticks[1].missed(), 1);
    QCOMPARE(calls, 2);
    QCOMPARE(v.timer.tickCount(), 2);
    QCOMPARE(v.timer.missedCount(), 1);
}

void tst_ScheduledTimerReentrance::T14_limitSetInASlotOfTheTickHolds_data()
{
    QTest::addColumn<QByteArray>("signal");
    for (const char *signal :
         { "missedCountChanged", "ticksMissed", "busyChanged", "tick", "tickCountChanged" })
        QTest::newRow(signal) << QByteArray(signal);
}

// Whatever signal of tick 1 sets the limit of one tick: there is no second one.
void tst_ScheduledTimerReentrance::T14_limitSetInASlotOfTheTickHolds()
{
    QFETCH(const QByteArray, signal);
    VirtualTimer v(10ms);
    SignalLog log(&v.timer);
    for (const TimerSignal &candidate : timerSignals) {
        if (candidate.name == signal)
            candidate.connect(&v.timer, &v.receiver, [&] { v.timer.setMaximumTicks(1); });
    }
    v.timer.start();
    v.clock.elapse(25ms);
    v.clock.advance(1s);
    QCOMPARE(v.ticks.size(), 1U);
    QVERIFY(!v.timer.isRunning());
    QCOMPARE(log.all().count(QStringLiteral("not running")), 1);
    QCOMPARE(log.all().last(), QStringLiteral("stopped"));
}

void tst_ScheduledTimerReentrance::T14_runningChangesOnlyWhenItChanges_data()
{
    QTest::addColumn<bool>("byError");
    QTest::addColumn<bool>("restart");
    QTest::newRow("last tick, start") << false << false;
    QTest::newRow("last tick, restart") << false << true;
    QTest::newRow("error, start") << true << false;
    QTest::newRow("error, restart") << true << true;
}

// A timer that stops by itself, and is started by a handler of busyChanged() before it has said so.
void tst_ScheduledTimerReentrance::T14_runningChangesOnlyWhenItChanges()
{
    QFETCH(const bool, byError);
    QFETCH(const bool, restart);
    VirtualTimer v(10ms);
    SignalLog log(&v.timer);
    if (byError) {
        v.timer.setErrorPolicy(ErrorPolicy::Stop);
        v.timer.setCallback([] { throw std::runtime_error("failed"); });
    } else {
        v.timer.setMaximumTicks(1);
    }
    bool once = true;
    QObject::connect(&v.timer, &ScheduledTimer::busyChanged, &v.receiver, [&] {
        if (v.timer.isBusy() != byError && std::exchange(once, false))
            restart ? v.timer.restart() : v.timer.start();
    });
    v.timer.start();
    v.clock.advance(1s);
    QVERIFY(!once);
    QStringList running = log.all();
    running.removeIf([](const QString &line) { return !line.endsWith(QLatin1String("running")); });
    for (qsizetype i = 0; i < running.size(); ++i)
        QCOMPARE(running[i], i % 2 ? QStringLiteral("not running") : QStringLiteral("running"));
    QVERIFY(!v.timer.isRunning());
}

QTEST_GUILESS_MAIN(tst_ScheduledTimerReentrance)

#include "tst_scheduledtimer_reentrance.moc"
