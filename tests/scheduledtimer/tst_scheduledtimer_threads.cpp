// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// T15: a timer that moves between threads, and calls from the wrong one. The clock is a virtual one
// that only the main thread moves; before it moves on, it waits for the other thread to have
// delivered all its events.

#include "../readyfuture.h"
#include "signallog.h"
#include "virtualtimer.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qmutex.h>
#include <QtCore/qregularexpression.h>
#include <QtCore/qsemaphore.h>
#include <QtCore/qthread.h>
#include <QtTest/qtest.h>

#include <atomic>
#include <map>
#include <stdexcept>

using namespace std::chrono_literals;
using namespace Tactus;
using Policy = ScheduledTimer::Policy;

namespace {

// A thread with an event loop, and something in it to send work to.
class Worker
{
public:
    Worker()
    {
        m_inhabitant.moveToThread(&m_thread);
        m_thread.start();
    }
    ~Worker() { end(); }

    void end()
    {
        m_thread.quit();
        m_thread.wait();
    }

    template <typename F>
    void run(F &&work)
    {
        QMetaObject::invokeMethod(&m_inhabitant, std::forward<F>(work),
                                  Qt::BlockingQueuedConnection);
    }

    // Events beget events, in both threads; a few rounds are more than any tick needs.
    void settle()
    {
        for (int round = 0; round < 10; ++round) {
            QCoreApplication::processEvents();
            run([] {});
        }
    }

    QThread *thread() { return &m_thread; }

private:
    QThread m_thread;
    QObject m_inhabitant;
};

// Written from both threads.
class SharedLog
{
public:
    void note(const QString &line)
    {
        const QMutexLocker locker(&m_mutex);
        m_lines.append(line);
    }
    QStringList all() const
    {
        const QMutexLocker locker(&m_mutex);
        return m_lines;
    }

private:
    mutable QMutex m_mutex;
    QStringList m_lines;
};

// The run of a timer that emits all signals of a run, moved to the worker's thread in one emission
// of one of them, or not at all.
class Journey
{
public:
    Journey(const QByteArray &signal, int emission)
        : m_signal(signal)
        , m_emission(emission)
        , timer(10ms)
    {
        timer.setClock(&clock);
        const auto on = [this](auto timerSignal, const char *name, auto text) {
            QObject::connect(
                    &timer, timerSignal, &timer,
                    [this, name, text](const auto &...arguments) {
                        log.note(QString::fromUtf8(name) + text(arguments...));
                        if (name == m_signal && ++m_count == m_emission)
                            timer.moveToThread(worker.thread());
                    },
                    Qt::DirectConnection);
        };
        const auto nothing = [] { return QString(); };
        const auto tickText = [](const Tick &tick) {
            return QStringLiteral(" %1 missed %2 at %3 late %4")
                    .arg(tick.index())
                    .arg(tick.missed())
                    .arg(tick.due().count())
                    .arg(tick.lateness().count());
        };
        on(&ScheduledTimer::tick, "tick", tickText);
        on(&ScheduledTimer::completed, "completed", tickText);
        on(&ScheduledTimer::timedOut, "timedOut", tickText);
        on(&ScheduledTimer::errorOccurred, "errorOccurred",
           [](const Tick &, const QString &message) { return message; });
        on(&ScheduledTimer::ticksMissed, "ticksMissed",
           [](qint64 count) { return QString::number(count); });
        on(&ScheduledTimer::runningChanged, "runningChanged", nothing);
        on(&ScheduledTimer::busyChanged, "busyChanged", nothing);
        on(&ScheduledTimer::tickCountChanged, "tickCountChanged", nothing);
        on(&ScheduledTimer::missedCountChanged, "missedCountChanged", nothing);
        on(&ScheduledTimer::started, "started", nothing);
        on(&ScheduledTimer::stopped, "stopped", nothing);
        on(&ScheduledTimer::intervalChanged, "intervalChanged", nothing);
        on(&ScheduledTimer::maximumTicksChanged, "maximumTicksChanged", nothing);
        on(&ScheduledTimer::callbackTimeoutChanged, "callbackTimeoutChanged", nothing);
    }
    ~Journey() { worker.end(); }

    template <typename F>
    void inItsThread(F &&work)
    {
        if (timer.thread() == QThread::currentThread())
            work();
        else
            worker.run(work);
        worker.settle();
    }

    void next()
    {
        clock.advanceToNext();
        worker.settle();
    }

    void travel()
    {
        inItsThread([this] { timer.setCallbackTimeout(1ms); });
        inItsThread([this] {
            timer.setCallback([this] {
                log.note(QStringLiteral("callable"));
                clock.elapse(2ms);
                throw std::runtime_error("failed");
            });
        });
        inItsThread([this] { timer.start(); });
        clock.elapse(35ms);
        clock.advance(0ns);
        worker.settle();
        next();
        inItsThread([this] { timer.setInterval(20ms); });
        inItsThread([this] {
            clock.elapse(45ms); // in one go: its event loop has no chance to serve what is due
            timer.setInterval(10ms);
        });
        next();
        inItsThread([this] { timer.restart(); });
        next();
        inItsThread([this] { timer.setMaximumTicks(2); });
        next();
        inItsThread([this] { timer.start(); });
        next();
        inItsThread([this] { timer.stop(); });
        inItsThread([this] { timer.setMaximumTicks(7); });
        inItsThread([this] { timer.start(); });
        next();
        inItsThread([this] { timer.setMaximumTicks(1); });
    }

private:
    const QByteArray m_signal;
    const int m_emission;
    int m_count = 0;

public:
    ManualClock clock{ Clock::Instant(1h) };
    Worker worker;
    SharedLog log;
    ScheduledTimer timer;
};

void expectWrongThread(const char *function)
{
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QString::fromUtf8(function)
                                                          + QStringLiteral(" was called from")));
}

} // namespace

class tst_ScheduledTimerThreads : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();

    void T15_movedWhileItWaits();
    void T15_movedWhileItWaitsWithSlotsDue();
    void T15_movedDuringAnAsynchronousCallback();
    void T15_movedFromInsideTheCallable_data();
    void T15_movedFromInsideTheCallable();
    void T15_movedFromASlotOfTheTick();
    void T15_movedInAnySignal_data();
    void T15_movedInAnySignal();
    void T15_movedThereAndBackByEveryCallback();
    void T15_movedAndStoppedBeforeTheRest();
    void T15_movedAndDeletedThere();
    void T15_timeoutMovesToo();
    void T15_futureOfStopMovesToo();
    void T15_callsFromTheWrongThread();
    void T15_bothThreadsTickIndependently();
    void T15_movedAndDeletedBeforeTheRest_data();
    void T15_movedAndDeletedBeforeTheRest();
    void T15_movedAndDeletedBeforeItArrives();
    void T15_armedOnItsWay_data();
    void T15_armedOnItsWay();
    void T15_stopsWithItsThread_data();
    void T15_stopsWithItsThread();
    void T15_startedWhileItsThreadEnds();
    void T15_threadEndsBeforeItArrives();
    void T15_eventLoopWhileItsThreadEnds();
    void T16_timeoutOfACallbackThatOutlivesItsThread();
    void T6_futureOfStopAfterAMoveWithoutArrival();
    void T15_stopsWithItsThreadDuringACallback_data();
    void T15_stopsWithItsThreadDuringACallback();
};

void tst_ScheduledTimerThreads::init()
{
    QTest::failOnWarning(QRegularExpression(QStringLiteral(".*")));
}

void tst_ScheduledTimerThreads::T15_movedWhileItWaits()
{
    for (const Policy policy : { Policy::Fixed, Policy::Delay }) {
        Worker worker;
        VirtualTimer v(10ms, policy);
        std::atomic<int> calls = 0;
        std::atomic<QThread *> where = nullptr;
        v.timer.setCallback([&] {
            ++calls;
            where = QThread::currentThread();
        });
        v.timer.start();
        v.clock.advance(14ms);
        QCOMPARE(calls, 1);
        v.timer.moveToThread(worker.thread());
        worker.settle();
        QCOMPARE(v.clock.pendingWakeUps(), 1);
        v.clock.advance(6ms - 1ns);
        worker.settle();
        QCOMPARE(calls, 1);
        v.clock.advance(1ns);
        worker.settle();
        QCOMPARE(calls, 2);
        QCOMPARE(where, worker.thread());
        worker.run([&] {
            QCOMPARE(v.timer.tickCount(), 2);
            QCOMPARE(v.timer.missedCount(), 0);
        });
        worker.end();
    }
}

void tst_ScheduledTimerThreads::T15_movedWhileItWaitsWithSlotsDue()
{
    Worker worker;
    VirtualTimer v(10ms);
    std::atomic<qint64> index = 0;
    std::atomic<qint64> missed = 0;
    v.timer.setCallback([&](const Tick &tick) {
        index = tick.index();
        missed = tick.missed();
    });
    v.timer.start();
    v.clock.elapse(35ms);
    v.timer.moveToThread(worker.thread());
    v.clock.advance(0ns);
    worker.settle();
    QCOMPARE(index, 3);
    QCOMPARE(missed, 2);
    worker.end();
}

void tst_ScheduledTimerThreads::T15_movedDuringAnAsynchronousCallback()
{
    for (const bool finishedBeforeItArrives : { false, true }) {
        Worker worker;
        VirtualTimer v(10ms);
        PendingWork work;
        std::atomic<int> calls = 0;
        std::atomic<qint64> last = 0;
        v.timer.setCallback([&](const Tick &tick) {
            last = tick.index();
            return ++calls == 1 ? work.begin() : readyFuture(0);
        });
        v.timer.start();
        v.clock.advance(10ms);
        v.timer.moveToThread(worker.thread());
        if (finishedBeforeItArrives)
            work.finish();
        worker.settle();
        v.clock.elapse(25ms);
        worker.settle();
        if (!finishedBeforeItArrives) {
            QCOMPARE(calls, 1); // T1
            work.finish();
            worker.settle();
            QCOMPARE(calls, 1);
            v.clock.advanceToNext();
            worker.settle();
            QCOMPARE(last, 4);
        } else {
            QCOMPARE(last, 3);
        }
        QCOMPARE(calls, 2);
        QCOMPARE(v.clock.pendingWakeUps(), 1);
        worker.end();
    }
}

void tst_ScheduledTimerThreads::T15_movedFromInsideTheCallable_data()
{
    QTest::addColumn<int>("kind");
    QTest::newRow("returns") << 0;
    QTest::newRow("throws") << 1;
    QTest::newRow("returns a finished future") << 2;
    QTest::newRow("returns a pending future") << 3;
}

void tst_ScheduledTimerThreads::T15_movedFromInsideTheCallable()
{
    QFETCH(const int, kind);
    Worker worker;
    VirtualTimer v(10ms);
    PendingWork work;
    SharedLog log;
    std::atomic<bool> inside = false;
    const auto note = [&](const char *what) {
        if (inside)
            log.note(QStringLiteral("overlap"));
        log.note(QString::fromUtf8(what)
                 + (QThread::currentThread() == worker.thread() ? QStringLiteral(" there")
                                                                : QStringLiteral(" here")));
    };
    const auto on = [&](auto timerSignal, const char *name) {
        QObject::connect(
                &v.timer, timerSignal, &v.timer, [&note, name] { note(name); },
                Qt::DirectConnection);
    };
    on(&ScheduledTimer::completed, "completed");
    on(&ScheduledTimer::errorOccurred, "errorOccurred");
    v.timer.setCallback([&](const Tick &tick) -> QFuture<int> {
        if (tick.index() > 1) {
            note("call");
            return readyFuture(0);
        }
        inside = true;
        v.timer.moveToThread(worker.thread());
        // The other thread has every opportunity to run ahead.
        v.clock.elapse(15ms);
        for (int i = 0; i < 5; ++i)
            worker.run([] {});
        inside = false;
        if (kind == 1)
            throw std::runtime_error("failed");
        return kind == 3 ? work.begin() : readyFuture(0);
    });
    v.timer.start();
    v.clock.advance(10ms);
    worker.settle();
    if (kind == 3) {
        QCOMPARE(log.all(), QStringList());
        work.finish();
        worker.settle();
    }
    v.clock.advanceToNext();
    worker.settle();
    QStringList expected{ QStringLiteral("completed there"), QStringLiteral("call there"),
                          QStringLiteral("completed there") };
    if (kind == 1)
        expected.prepend(QStringLiteral("errorOccurred there"));
    QCOMPARE(log.all(), expected);
    worker.end();
}

void tst_ScheduledTimerThreads::T15_movedFromASlotOfTheTick()
{
    Worker worker;
    VirtualTimer v(10ms);
    QObject::connect(
            &v.timer, &ScheduledTimer::tick, &v.timer,
            [&] { v.timer.moveToThread(worker.thread()); }, Qt::DirectConnection);
    std::vector<QThread *> threads;
    v.timer.setCallback([&threads] { threads.push_back(QThread::currentThread()); });
    v.timer.start();
    v.clock.advance(10ms);
    worker.settle();
    // The callable is the rest of the callback, and the rest goes on over there.
    QCOMPARE(threads, (std::vector<QThread *>{ worker.thread() }));
    v.clock.advanceToNext();
    worker.settle();
    QCOMPARE(threads.size(), 2U);
    worker.end();
}

void tst_ScheduledTimerThreads::T15_movedInAnySignal_data()
{
    QTest::addColumn<QByteArray>("signal");
    QTest::addColumn<int>("emission");
    Journey none({}, 0);
    none.travel();
    for (const TimerSignal &signal : timerSignals) {
        int count = 0;
        for (const QString &line : none.log.all()) {
            const QString name = QString::fromUtf8(signal.name);
            if (line.startsWith(name) && (line == name || !line[name.size()].isLetter()))
                ++count;
        }
        for (int emission = 1; emission <= count; ++emission)
            QTest::addRow("%s %d", signal.name, emission) << QByteArray(signal.name) << emission;
    }
}

// Nobody who only listens can tell that the timer has moved: the same signals in the same order,
// each of them once.
void tst_ScheduledTimerThreads::T15_movedInAnySignal()
{
    QFETCH(const QByteArray, signal);
    QFETCH(const int, emission);
    Journey home({}, 0);
    home.travel();
    Journey moved(signal, emission);
    moved.travel();
    QCOMPARE(moved.timer.thread(), moved.worker.thread());
    const QStringList expected = home.log.all();
    const QStringList actual = moved.log.all();
    for (qsizetype i = 0; i < std::min(expected.size(), actual.size()); ++i)
        QCOMPARE(actual[i], expected[i]);
    QCOMPARE(actual.size(), expected.size());
}

void tst_ScheduledTimerThreads::T15_movedThereAndBackByEveryCallback()
{
    for (const Policy policy : { Policy::Fixed, Policy::Delay }) {
        Worker worker;
        VirtualTimer v(10ms, policy);
        QThread *const here = QThread::currentThread();
        std::vector<QThread *> threads;
        std::vector<qint64> indexes;
        v.timer.setCallback([&](const Tick &tick) {
            threads.push_back(QThread::currentThread());
            indexes.push_back(tick.index());
            v.timer.moveToThread(QThread::currentThread() == here ? worker.thread() : here);
        });
        v.timer.start();
        worker.settle();
        for (int n = 1; n <= 6; ++n) {
            QVERIFY(v.clock.advanceToNext());
            worker.settle();
            QCOMPARE(indexes.size(), static_cast<std::size_t>(n));
            QCOMPARE(indexes.back(), n);
            QCOMPARE(threads.back(), n % 2 ? here : worker.thread());
        }
        worker.end();
    }
}

void tst_ScheduledTimerThreads::T15_movedAndStoppedBeforeTheRest()
{
    Worker worker;
    VirtualTimer v(10ms);
    std::atomic<int> calls = 0;
    std::atomic<int> completions = 0;
    QFuture<void> stopped;
    QObject::connect(
            &v.timer, &ScheduledTimer::tick, &v.timer,
            [&] {
                v.timer.moveToThread(worker.thread());
                worker.run([&] { stopped = v.timer.stop(); });
            },
            Qt::DirectConnection);
    QObject::connect(
            &v.timer, &ScheduledTimer::completed, &v.timer, [&] { ++completions; },
            Qt::DirectConnection);
    v.timer.setCallback([&calls] { ++calls; });
    v.timer.start();
    v.clock.advance(10ms);
    worker.settle();
    QCOMPARE(calls, 0); // T6
    QCOMPARE(completions, 1);
    QVERIFY(stopped.isFinished());
    QCOMPARE(v.clock.pendingWakeUps(), 0);
    worker.end();
}

void tst_ScheduledTimerThreads::T15_movedAndDeletedThere()
{
    Worker worker;
    VirtualTimer v(10ms);
    PendingWork work;
    QFuture<void> stopped;
    v.timer.setCallback([&] {
        stopped = v.timer.stop();
        v.timer.moveToThread(worker.thread());
        worker.run([&] { v.owned.reset(); });
        return work.begin();
    });
    v.timer.start();
    v.clock.advance(10ms);
    worker.settle();
    QVERIFY(stopped.isFinished());
    QVERIFY(work.isLastCanceled()); // T10, although the future came after the end
    work.finish();
    worker.settle();
}

void tst_ScheduledTimerThreads::T15_timeoutMovesToo()
{
    Worker worker;
    VirtualTimer v(10ms);
    PendingWork work;
    v.timer.setCallbackTimeout(5ms);
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    v.clock.advance(12ms);
    v.timer.moveToThread(worker.thread());
    worker.settle();
    v.clock.advance(3ms);
    worker.settle();
    QVERIFY(!work.isLastCanceled());
    v.clock.advance(1ns);
    worker.settle();
    QVERIFY(work.isLastCanceled());
    work.finish();
    worker.settle();
    worker.end();
}

void tst_ScheduledTimerThreads::T15_futureOfStopMovesToo()
{
    Worker worker;
    VirtualTimer v(10ms);
    PendingWork work;
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    v.clock.advance(10ms);
    QFuture<void> stopped = v.timer.stop();
    v.timer.moveToThread(worker.thread());
    worker.settle();
    QVERIFY(!stopped.isFinished());
    work.finish();
    worker.settle();
    QVERIFY(stopped.isFinished());
    QCOMPARE(v.clock.pendingWakeUps(), 0);
    worker.end();
}

void tst_ScheduledTimerThreads::T15_callsFromTheWrongThread()
{
    Worker worker;
    ManualClock clock;
    ManualClock other;
    ScheduledTimer timer(10ms);
    timer.setClock(&clock);
    int calls = 0;
    timer.setCallback([&calls] { ++calls; });
    timer.moveToThread(worker.thread());
    SharedLog log;
    for (const TimerSignal &signal : timerSignals) {
        signal.connect(&timer, &timer,
                       [&log, name = signal.name] { log.note(QString::fromUtf8(name)); });
    }

    expectWrongThread("ScheduledTimer::start");
    QVERIFY(!timer.start());
    expectWrongThread("ScheduledTimer::start");
    timer.setRunning(true);
    expectWrongThread("ScheduledTimer::restart");
    QVERIFY(!timer.restart());
    bool isRunning = true;
    worker.run([&] { isRunning = timer.isRunning(); });
    QVERIFY(!isRunning);
    worker.run([&timer] { timer.start(); });

    expectWrongThread("ScheduledTimer::stop");
    const QFuture<void> stopped = timer.stop();
    QVERIFY(stopped.isFinished() && stopped.isCanceled());
    expectWrongThread("ScheduledTimer::cancel");
    const QFuture<void> canceled = timer.cancel();
    QVERIFY(canceled.isFinished() && canceled.isCanceled());
    expectWrongThread("ScheduledTimer::stop");
    timer.setRunning(false);
    expectWrongThread("ScheduledTimer::restart");
    QVERIFY(!timer.restart());
    expectWrongThread("ScheduledTimer::setInterval");
    timer.setInterval(1ms);
    expectWrongThread("ScheduledTimer::setPolicy");
    timer.setPolicy(Policy::Delay);
    expectWrongThread("ScheduledTimer::setErrorPolicy");
    timer.setErrorPolicy(ScheduledTimer::ErrorPolicy::Stop);
    expectWrongThread("ScheduledTimer::setTriggeredOnStart");
    timer.setTriggeredOnStart(true);
    expectWrongThread("ScheduledTimer::setMaximumTicks");
    timer.setMaximumTicks(1);
    expectWrongThread("ScheduledTimer::setCallbackTimeout");
    timer.setCallbackTimeout(1ms);
    expectWrongThread("ScheduledTimer::setTolerance");
    timer.setTolerance(5ms);
    expectWrongThread("ScheduledTimer::setCallback");
    timer.setCallback([&calls] { calls = -100; });
    expectWrongThread("ScheduledTimer::setCallback");
    timer.setCallback(this, [&calls] { calls = -100; });
    expectWrongThread("ScheduledTimer::clearCallback");
    timer.clearCallback();
    expectWrongThread("ScheduledTimer::setClock");
    timer.setClock(&other);

    clock.advance(10ms);
    worker.settle();
    worker.run([&] {
        QVERIFY(timer.isRunning());
        QVERIFY(timer.interval() == 10ms);
        QVERIFY(timer.policy() == Policy::Fixed);
        QVERIFY(timer.errorPolicy() == ScheduledTimer::ErrorPolicy::Continue);
        QVERIFY(!timer.triggeredOnStart());
        QCOMPARE(timer.maximumTicks(), 0);
        QVERIFY(timer.callbackTimeout() == 0ns);
        QVERIFY(timer.tolerance() == 1ms);
        QCOMPARE(timer.clock(), &clock);
        QCOMPARE(timer.tickCount(), 1);
        QCOMPARE(calls, 1);
        timer.stop();
    });
    const QStringList all = log.all();
    QCOMPARE(all, lines({ "runningChanged", "started", "busyChanged", "tick", "tickCountChanged",
                          "busyChanged", "completed", "runningChanged", "stopped" }));
    worker.end();
}

void tst_ScheduledTimerThreads::T15_bothThreadsTickIndependently()
{
    Worker worker;
    VirtualTimer here(10ms);
    ScheduledTimer there(10ms);
    there.setClock(&here.clock);
    std::atomic<int> calls = 0;
    there.setCallback([&calls] { ++calls; });
    there.moveToThread(worker.thread());
    worker.run([&there] { there.start(); });
    here.timer.start();
    for (int n = 1; n <= 5; ++n) {
        here.clock.advance(10ms);
        worker.settle();
        QCOMPARE(here.ticks.size(), static_cast<std::size_t>(n));
        QCOMPARE(calls, n);
    }
    worker.end();
}

void tst_ScheduledTimerThreads::T15_movedAndDeletedBeforeTheRest_data()
{
    QTest::addColumn<bool>("isAsynchronous");
    QTest::newRow("by a callback that returns") << false;
    QTest::newRow("by a callback that returns a future") << true;
}

// The rest of the tick is waiting over there; a continuation that the destructor causes runs an event loop.
void tst_ScheduledTimerThreads::T15_movedAndDeletedBeforeTheRest()
{
    QFETCH(bool, isAsynchronous);
    Worker worker;
    ManualClock clock;
    PendingWork work;
    auto *const timer = new ScheduledTimer(10ms);
    timer->setClock(&clock);
    std::atomic<int> emissions = 0;
    std::atomic<int> continuations = 0;
    const auto count = [&emissions] { ++emissions; };
    QObject::connect(timer, &ScheduledTimer::completed, timer, count, Qt::DirectConnection);
    QObject::connect(timer, &ScheduledTimer::stopped, timer, count, Qt::DirectConnection);
    QSemaphore isSent;
    QSemaphore isDeleted;
    QObject there;
    there.moveToThread(worker.thread());
    const auto away = [&] {
        timer->stop().then([&] {
            ++continuations;
            for (int turn = 0; turn < 5; ++turn)
                QCoreApplication::processEvents();
        });
        QMetaObject::invokeMethod(
                &there,
                [&] {
                    isSent.acquire();
                    delete timer;
                    isDeleted.release();
                },
                Qt::QueuedConnection);
        timer->moveToThread(worker.thread());
    };
    if (isAsynchronous) {
        timer->setCallback([&] {
            away();
            return work.begin();
        });
    } else {
        timer->setCallback(away);
    }
    timer->start();
    clock.advance(10ms);
    isSent.release();
    QVERIFY(isDeleted.tryAcquire(1, 60'000));
    QCOMPARE(continuations.load(), 1);
    QCOMPARE(emissions.load(), 0);
    worker.end();
}

// What it had sent ahead is still on its way when a handler of its end runs an event loop.
void tst_ScheduledTimerThreads::T15_movedAndDeletedBeforeItArrives()
{
    Worker worker;
    QThread *const here = QThread::currentThread();
    ScheduledTimer *timer = nullptr;
    worker.run([&] {
        timer = new ScheduledTimer(10ms);
        timer->start();
        timer->moveToThread(here);
    });
    bool told = false;
    QObject::connect(timer, &QObject::destroyed, this, [&told] {
        told = true;
        for (int turn = 0; turn < 5; ++turn)
            QCoreApplication::processEvents();
    });
    delete timer;
    QVERIFY(told);
    worker.end();
}

void tst_ScheduledTimerThreads::T15_armedOnItsWay_data()
{
    QTest::addColumn<bool>("spins");
    QTest::newRow("at once") << false;
    QTest::newRow("in an event loop") << true;
}

// The event that tells of a move comes before it, and other objects get theirs later.
void tst_ScheduledTimerThreads::T15_armedOnItsWay()
{
    QFETCH(bool, spins);
    class Sibling : public QObject
    {
    public:
        Sibling(ScheduledTimer *timer, bool spins, QObject *parent)
            : QObject(parent)
            , m_timer(timer)
            , m_spins(spins)
        {
        }
        bool event(QEvent *event) override
        {
            if (event->type() == QEvent::ThreadChange) {
                for (int turn = 0; m_spins && turn < 3; ++turn)
                    QCoreApplication::processEvents();
                m_timer->setTolerance(5ms);
                m_timer->setCallbackTimeout(50ms);
            }
            return QObject::event(event);
        }

    private:
        ScheduledTimer *const m_timer;
        const bool m_spins;
    };
    for (const bool isBusy : { false, true }) {
        Worker worker;
        ManualClock clock;
        QObject device;
        auto *const timer = new ScheduledTimer(10ms, &device);
        new Sibling(timer, spins, &device);
        PendingWork work;
        std::atomic<int> here = 0;
        std::atomic<int> there = 0;
        std::atomic<int> timeouts = 0;
        const auto count = [&] { ++(QThread::currentThread() == worker.thread() ? there : here); };
        QObject::connect(timer, &ScheduledTimer::tick, timer, count, Qt::DirectConnection);
        QObject::connect(
                timer, &ScheduledTimer::timedOut, timer,
                [&] {
                    count();
                    ++timeouts;
                },
                Qt::DirectConnection);
        timer->setClock(&clock);
        if (isBusy)
            timer->setCallback([&work] { return work.begin(); });
        timer->start();
        clock.advance(10ms);
        QCOMPARE(here.load(), 1);
        device.moveToThread(worker.thread());
        // In one go: of the instants on an advance's way the worker would serve those it is in time for.
        clock.elapse(100ms);
        clock.advance(0ns);
        worker.settle();
        QCOMPARE(here.load(), 1);
        QCOMPARE(there.load(), 1);
        QCOMPARE(timeouts.load(), isBusy ? 1 : 0);
        QCOMPARE(clock.pendingWakeUps(), isBusy ? 0 : 1);
        worker.run([&] { timer->stop(); });
        if (isBusy)
            work.finish();
        worker.settle();
        worker.end();
    }
}

void tst_ScheduledTimerThreads::T15_stopsWithItsThread_data()
{
    QTest::addColumn<Duration>("interval");
    QTest::newRow("10 ms") << Duration(10ms);
    QTest::newRow("never") << Duration::max(); // no wake-up is armed for that
}

void tst_ScheduledTimerThreads::T15_stopsWithItsThread()
{
    QFETCH(Duration, interval);
    Worker worker;
    VirtualTimer v(interval);
    std::atomic<int> stops = 0;
    QObject::connect(
            &v.timer, &ScheduledTimer::stopped, &v.timer, [&stops] { ++stops; },
            Qt::DirectConnection);
    v.timer.moveToThread(worker.thread());
    worker.run([&v] { v.timer.start(); });
    worker.end();
    QVERIFY(!v.timer.isRunning());
    QCOMPARE(stops, 1);
    QCOMPARE(v.clock.pendingWakeUps(), 0);
    v.clock.advance(1s);
}

// It stops with its thread, is started again, and waits for the thread to be.
void tst_ScheduledTimerThreads::T15_startedWhileItsThreadEnds()
{
    Worker worker;
    VirtualTimer v(10ms);
    std::atomic<int> stops = 0;
    std::atomic<int> ticks = 0;
    QObject::connect(
            &v.timer, &ScheduledTimer::stopped, &v.timer,
            [&] {
                if (++stops == 1)
                    v.timer.start();
            },
            Qt::DirectConnection);
    QObject::connect(
            &v.timer, &ScheduledTimer::tick, &v.timer, [&] { ++ticks; }, Qt::DirectConnection);
    v.timer.moveToThread(worker.thread());
    worker.run([&v] { v.timer.start(); });
    worker.end();
    QVERIFY(v.timer.isRunning());
    QCOMPARE(v.clock.pendingWakeUps(), 0);
    worker.thread()->start();
    worker.settle();
    QCOMPARE(v.clock.pendingWakeUps(), 1);
    v.clock.advance(10ms);
    worker.settle();
    QCOMPARE(ticks.load(), 1);
    worker.end();
    QVERIFY(!v.timer.isRunning());
    QCOMPARE(stops.load(), 2);
}

// Nobody tells it of that; it goes on when the thread does.
void tst_ScheduledTimerThreads::T15_threadEndsBeforeItArrives()
{
    class Thread : public QThread
    {
        void run() override
        {
            if (m_runs++ > 0)
                exec();
        }
        int m_runs = 0;
    };
    Thread thread;
    VirtualTimer v(10ms);
    std::atomic<int> ticks = 0;
    QObject::connect(
            &v.timer, &ScheduledTimer::tick, &v.timer, [&] { ++ticks; }, Qt::DirectConnection);
    v.timer.start();
    v.timer.moveToThread(&thread);
    thread.start();
    QVERIFY(thread.wait());
    QVERIFY(v.timer.isRunning());
    QCOMPARE(v.clock.pendingWakeUps(), 0);
    thread.start();
    QTRY_COMPARE_WITH_TIMEOUT(v.clock.pendingWakeUps(), 1, 60'000);
    v.clock.advance(10ms);
    QTRY_COMPARE_WITH_TIMEOUT(ticks.load(), 1, 60'000);
    thread.quit();
    QVERIFY(thread.wait());
    QVERIFY(!v.timer.isRunning());
}

// The thread is told that time has passed, but ends before it has heard it.
void tst_ScheduledTimerThreads::T15_eventLoopWhileItsThreadEnds()
{
    Worker worker;
    VirtualTimer v(10ms);
    bool isTold = false;
    QObject::connect(
            &v.timer, &ScheduledTimer::stopped, &v.timer,
            [&] {
                QCoreApplication::processEvents();
                isTold = true;
            },
            Qt::DirectConnection);
    v.timer.moveToThread(worker.thread());
    worker.run([&v] { v.timer.start(); });
    QSemaphore isBlocked;
    QSemaphore mayGoOn;
    QMetaObject::invokeMethod(
            &v.timer,
            [&] {
                QThread::currentThread()->quit();
                isBlocked.release();
                mayGoOn.acquire();
            },
            Qt::QueuedConnection);
    isBlocked.acquire();
    v.clock.advance(10ms);
    mayGoOn.release();
    worker.end();
    QVERIFY(isTold);
    QVERIFY(!v.timer.isRunning());
    QCOMPARE(v.ticks.size(), 0U);
    QCOMPARE(v.clock.pendingWakeUps(), 0);
}

void tst_ScheduledTimerThreads::T16_timeoutOfACallbackThatOutlivesItsThread()
{
    Worker worker;
    VirtualTimer v(10ms);
    PendingWork work;
    std::atomic<int> timeouts = 0;
    QObject::connect(
            &v.timer, &ScheduledTimer::timedOut, &v.timer, [&] { ++timeouts; },
            Qt::DirectConnection);
    v.timer.setCallbackTimeout(1s);
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.moveToThread(worker.thread());
    worker.run([&v] { v.timer.start(); });
    v.clock.advance(10ms);
    worker.settle();
    worker.end();
    QVERIFY(!v.timer.isRunning());
    worker.thread()->start();
    worker.settle();
    v.clock.advance(2s);
    worker.settle();
    QCOMPARE(timeouts.load(), 1);
    QVERIFY(work.isLastCanceled());
    work.finish();
    worker.settle();
    worker.run([&v] { QVERIFY(!v.timer.isBusy()); });
}

void tst_ScheduledTimerThreads::T6_futureOfStopAfterAMoveWithoutArrival()
{
    QThread thread; // never started
    VirtualTimer v(10ms);
    PendingWork work;
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    v.clock.advance(10ms);
    bool continued = false;
    const QFuture<void> stopped = v.timer.stop();
    QFuture<void>(stopped).then([&continued] { continued = true; });
    QObject::connect(&v.timer, &ScheduledTimer::busyChanged, &v.timer,
                     [&] { v.timer.moveToThread(&thread); });
    work.finish();
    v.clock.advance(0ns);
    QVERIFY(!stopped.isFinished());
    v.owned.reset();
    QVERIFY(stopped.isFinished());
    QVERIFY(!stopped.isCanceled());
    QVERIFY(continued);
}

void tst_ScheduledTimerThreads::T15_stopsWithItsThreadDuringACallback_data()
{
    QTest::addColumn<bool>("begunElsewhere");
    QTest::addColumn<bool>("movedTwice");
    QTest::newRow("begun in the thread") << false << false;
    QTest::newRow("moved there meanwhile") << true << false;
    QTest::newRow("moved there by way of another one") << true << true;
}

void tst_ScheduledTimerThreads::T15_stopsWithItsThreadDuringACallback()
{
    QFETCH(bool, begunElsewhere);
    QFETCH(bool, movedTwice);
    Worker worker;
    VirtualTimer v(10ms);
    PendingWork work;
    v.timer.setCallback([&work] { return work.begin(); });
    if (begunElsewhere) {
        v.timer.start();
        v.clock.advance(10ms);
    }
    if (movedTwice) {
        Worker first;
        v.timer.moveToThread(first.thread());
        first.settle();
        first.run([&] { v.timer.moveToThread(worker.thread()); });
        first.end();
        worker.run([&v] { QVERIFY(v.timer.isRunning()); });
    } else {
        v.timer.moveToThread(worker.thread());
    }
    if (!begunElsewhere) {
        worker.run([&v] { v.timer.start(); });
        v.clock.advance(10ms);
    }
    worker.settle();
    QCOMPARE(work.count(), 1U);
    worker.end();
    QVERIFY(!v.timer.isRunning());
    v.owned.reset();
    QVERIFY(work.isLastCanceled());
    work.finish();
}

QTEST_GUILESS_MAIN(tst_ScheduledTimerThreads)

#include "tst_scheduledtimer_threads.moc"
