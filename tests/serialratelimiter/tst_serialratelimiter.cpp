// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// Who runs when: one at a time, in order, from the event loop, and what handlers may do meanwhile.
// The signals, the futures, the rates, the properties and the lifetime have files of their own.

#include "../readyfuture.h"
#include "limiterfixture.h"

#include <Tactus/errors.h>
#include <Tactus/scheduledtimer.h>

#include <QtCore/qdeadlinetimer.h>
#include <QtCore/qeventloop.h>
#include <QtCore/qtimer.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <thread>

using namespace LimiterTest;

class tst_SerialRateLimiter : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { failOnWarnings(); }

    void L1_pushesFromSeveralPlacesDuringAnAsynchronousTask();
    void L1_nestedEventLoopInATask();
    void L1_nestedEventLoopInATaskStartsNobodyLater();
    void L1_asynchronousTaskInANestedEventLoop();
    void L1_nestedEventLoopInASlotOfTheEnd();
    void L1_nestedEventLoopInASlotOfTheEndGoesOn_data();
    void L1_nestedEventLoopInASlotOfTheEndGoesOn();
    void L1_synchronousTasksFollowEachOther();
    void L2_orderOfPush();
    void L2_orderIsKeptAcrossPushAndPost();
    void L2_cancellationInTheMiddleKeepsTheOrder();
    void L8_noTaskRunsInsidePush();
    void L8_noTaskRunsInsideAnyCallThatPermitsIt();
    void L9_backlogLeavesTurnsToOthers_data();
    void L9_backlogLeavesTurnsToOthers();
    void L9_canceledTasksLeaveTurnsToOthers();
    void L9_rejectedTasksLeaveTurnsToOthers();
    void L9_waitingBacklogLeavesTurnsToOthers();
    void L9_clockIsChangedMeanwhile();
    void L9_longChainOfFinishedFuturesDoesNotRecurse();
    void L10_taskThatPushes();
    void L10_taskThatClears();
    void L10_taskThatPauses();
    void L10_pushFromEverySignal();
    void L4_handlerThatIsToldOfARefusalMayBlock_data();
    void L4_handlerThatIsToldOfARefusalMayBlock();
    void L4_handlerOfClearMayBlockInsideAnother();
    void L10_handlersOfClearMayPush();
    void L10_handlersOfClearMayClear();
    void L10_pauseInTaskStarted();
};

void tst_SerialRateLimiter::L1_pushesFromSeveralPlacesDuringAnAsynchronousTask()
{
    Fixture f;
    QList<int> order;
    bool running = false;
    QList<QPromise<void> *> promises;
    const auto asynchronous = [&](int n) {
        return [&, n] {
            if (running)
                order.append(-1);
            running = true;
            order.append(n);
            promises.append(new QPromise<void>);
            promises.last()->start();
            return promises.last()->future();
        };
    };

    // From here, from a task, from slots, a queued call, and a virtual timer.
    f.limiter.push(asynchronous(1));
    f.settle();
    f.limiter.push(asynchronous(2));
    QMetaObject::invokeMethod(
            &f.limiter, [&] { f.limiter.push(asynchronous(3)); }, Qt::QueuedConnection);
    f.settle();
    Tactus::ScheduledTimer timer(10ms);
    timer.setClock(&f.clock);
    timer.setMaximumTicks(1);
    timer.setCallback([&] { f.limiter.push(asynchronous(4)); });
    timer.start();
    f.clock.advance(20ms);
    connect(&f.limiter, &SerialRateLimiter::taskCompleted, this, [&](qint64 id) {
        if (id == 1)
            f.limiter.push(asynchronous(5));
    });
    QCOMPARE(order, QList<int>{ 1 });
    QCOMPARE(f.limiter.pendingCount(), 3);

    for (int n = 1; n <= 5; ++n) {
        f.clock.advance(100ms);
        QCOMPARE(order.size(), n);
        running = false;
        promises.last()->finish();
        f.settle();
    }
    QCOMPARE(order, (QList<int>{ 1, 2, 3, 4, 5 }));
    QVERIFY(!f.limiter.isBusy());
    qDeleteAll(promises);
}

void tst_SerialRateLimiter::L1_nestedEventLoopInATask()
{
    Fixture f;
    bool inside = false;
    bool overlapped = false;
    f.limiter.push([&] {
        inside = true;
        f.clock.elapse(5s); // every window is open, every wake-up due
        turnNestedLoop();
        inside = false;
    });
    const auto other = [&] { overlapped = overlapped || inside; };
    f.limiter.push(other);
    f.limiter.push([&] {
        f.limiter.push(other);
        turnNestedLoop();
        other();
    });
    f.settle();
    QVERIFY(!overlapped);
    QCOMPARE(f.log->startedIds, (QList<qint64>{ 1, 2, 3, 4 }));
    QCOMPARE(f.log->lines,
             (QByteArrayList{ "started 1", "completed 1", "started 2", "completed 2", "started 3",
                              "completed 3", "started 4", "completed 4", "drained" }));
}

void tst_SerialRateLimiter::L1_nestedEventLoopInATaskStartsNobodyLater()
{
    // The wake-ups that the nested loop served for nothing must not be missing afterwards.
    Fixture f(2, 1s);
    f.limiter.push([&] {
        turnNestedLoop();
        f.limiter.pause();
        turnNestedLoop();
        f.limiter.resume();
        turnNestedLoop();
    });
    for (int i = 0; i < 4; ++i)
        f.limiter.post([] {});
    f.settle();
    QCOMPARE(f.log->startedIds.size(), 2);
    QCOMPARE(f.clock.pendingWakeUps(), 1);
    f.clock.advance(2s);
    QCOMPARE(f.log->starts, (QList<Duration>{ 0s, 0s, 1s, 1s, 2s }));
}

void tst_SerialRateLimiter::L1_asynchronousTaskInANestedEventLoop()
{
    // The callable waits for its own future in a nested loop, which finishes there; then returns it.
    Fixture f;
    QPromise<int> promise;
    promise.start();
    QList<int> order;
    const auto first = f.limiter.push([&] {
        order.append(1);
        QMetaObject::invokeMethod(
                this,
                [&] {
                    promise.addResult(1);
                    promise.finish();
                },
                Qt::QueuedConnection);
        turnNestedLoop();
        order.append(2);
        return promise.future();
    });
    f.limiter.post([&] { order.append(3); });
    f.settle();
    QCOMPARE(order, (QList<int>{ 1, 2, 3 }));
    QCOMPARE(first.result(), 1);
}

void tst_SerialRateLimiter::L1_nestedEventLoopInASlotOfTheEnd()
{
    // The task has ended, so others may run in there: but still one at a time.
    Fixture f;
    int running = 0;
    int most = 0;
    const auto task = [&] {
        most = std::max(most, ++running);
        turnNestedLoop();
        --running;
    };
    bool nested = false;
    connect(&f.limiter, &SerialRateLimiter::taskCompleted, this, [&] {
        if (!std::exchange(nested, true))
            turnNestedLoop();
    });
    for (int i = 0; i < 5; ++i)
        f.limiter.post(task);
    f.settle();
    QCOMPARE(most, 1);
    QCOMPARE(f.log->startedIds, (QList<qint64>{ 1, 2, 3, 4, 5 }));
    QCOMPARE(f.limiter.completedCount(), 5);
    QCOMPARE(f.log->count("drained"), 1);
    QVERIFY(!f.limiter.isBusy());
}

void tst_SerialRateLimiter::L1_nestedEventLoopInASlotOfTheEndGoesOn_data()
{
    QTest::addColumn<bool>("isCanceled");
    QTest::newRow("completed") << false;
    QTest::newRow("canceled") << true;
}

void tst_SerialRateLimiter::L1_nestedEventLoopInASlotOfTheEndGoesOn()
{
    // Woken up by nothing but the window, with tasks behind: they do not wait for the slot's return.
    QFETCH(const bool, isCanceled);
    Fixture f;
    f.limiter.setLimits({ RateLimit(3, 10ns) });
    QFuture<void> fourth;
    // Comes before the limiter is woken up, at the same instant; nobody else has noticed by then.
    Tactus::ScheduledTimer canceling(10ns);
    canceling.setClock(&f.clock);
    connect(&canceling, &Tactus::ScheduledTimer::tick, this, [&] {
        if (isCanceled)
            fourth.cancel();
    });
    canceling.start();

    QByteArrayList within;
    const auto block = [&](qint64 id) {
        if (id != 4)
            return;
        f.log->take();
        turnNestedLoop();
        within = f.log->lines;
    };
    connect(&f.limiter, &SerialRateLimiter::taskCompleted, this, block);
    connect(&f.limiter, &SerialRateLimiter::taskCanceled, this, block);
    for (int task = 1; task <= 6; ++task) {
        QFuture<void> future = f.limiter.push([] {});
        if (task == 4)
            fourth = future;
    }
    f.settle();
    QCOMPARE(f.limiter.completedCount(), 3);
    f.clock.advance(10ns);
    QCOMPARE(f.limiter.canceledCount(), isCanceled ? 1 : 0);
    QVERIFY(within.contains("completed 5"));
    QVERIFY(within.contains("completed 6"));
}

void tst_SerialRateLimiter::L1_synchronousTasksFollowEachOther()
{
    Fixture f;
    QList<Duration> begins;
    for (int i = 0; i < 3; ++i) {
        f.limiter.post([&] {
            begins.append(f.now());
            f.clock.elapse(7ms); // a task that blocks
        });
    }
    f.settle();
    QCOMPARE(begins, (QList<Duration>{ 0ms, 7ms, 14ms }));
}

void tst_SerialRateLimiter::L2_orderOfPush()
{
    Fixture f(3, 1s);
    QList<int> order;
    for (int n = 0; n < 50; ++n)
        f.limiter.push([&order, n] { order.append(n); });
    f.clock.advance(1min);
    QList<int> expected(50);
    std::iota(expected.begin(), expected.end(), 0);
    QCOMPARE(order, expected);
}

void tst_SerialRateLimiter::L2_orderIsKeptAcrossPushAndPost()
{
    // Whatever makes a task wait or go first in other designs: context, future, asynchronous or not.
    Fixture f(1, 1s);
    QObject context;
    Job<void> job;
    QList<int> order;
    connect(&f.limiter, &SerialRateLimiter::taskStarted, this,
            [&](qint64 id) { order.append(int(id)); });
    f.limiter.post([] {});
    f.limiter.push(&context, [] { return 1; });
    f.limiter.push(job.task());
    f.limiter.post(&context, [] { throw std::runtime_error("no"); });
    f.limiter.push([] {});
    f.clock.advance(5s);
    job.finish();
    f.clock.advance(5s);
    QCOMPARE(order, (QList<int>{ 1, 2, 3, 4, 5 }));
}

void tst_SerialRateLimiter::L2_cancellationInTheMiddleKeepsTheOrder()
{
    Fixture f(1, 1s);
    QList<QFuture<void>> futures;
    for (int i = 0; i < 6; ++i)
        futures.append(f.limiter.push([] {}));
    f.settle();
    futures[1].cancel(); // the next one
    futures[3].cancel();
    futures[5].cancel(); // the last one
    f.limiter.post([] {});
    f.clock.advance(10s);
    QCOMPARE(f.log->startedIds, (QList<qint64>{ 1, 3, 5, 7 }));
    QCOMPARE(f.log->starts, (QList<Duration>{ 0s, 1s, 2s, 3s }));
}

void tst_SerialRateLimiter::L8_noTaskRunsInsidePush()
{
    Fixture f;
    int calls = 0;
    const auto task = [&] { ++calls; };
    f.limiter.push(task);
    f.limiter.push(this, task);
    f.limiter.post(task);
    f.limiter.post(this, task);
    QCOMPARE(calls, 0);
    QVERIFY(f.log->lines.isEmpty());
    QVERIFY(!f.limiter.isBusy());

    // An idle limiter in the event loop is no exception, nor is a push from its own handlers.
    f.settle();
    QCOMPARE(calls, 4);
    bool insidePush = false;
    bool ranInside = false;
    connect(&f.limiter, &SerialRateLimiter::taskCompleted, this, [&](qint64 id) {
        if (id != 5)
            return;
        insidePush = true;
        f.limiter.push([&] { ranInside = insidePush; });
        insidePush = false;
    });
    f.limiter.push(task);
    f.settle();
    QVERIFY(!ranInside);
    QCOMPARE(f.limiter.completedCount(), 6);
}

void tst_SerialRateLimiter::L8_noTaskRunsInsideAnyCallThatPermitsIt()
{
    Fixture f(1, 1h);
    int calls = 0;
    f.limiter.pause();
    for (int i = 0; i < 4; ++i)
        f.limiter.post([&] { ++calls; });
    f.settle();
    f.limiter.resume();
    QCOMPARE(calls, 0);
    f.settle();
    QCOMPARE(calls, 1);
    f.limiter.setRate(2);
    QCOMPARE(calls, 1);
    f.settle();
    QCOMPARE(calls, 2);
    f.limiter.setPer(1ns);
    f.limiter.setLimits({ RateLimit(100, 1s) });
    f.limiter.setMargin(0s);
    f.limiter.setTolerance(0s);
    f.limiter.drain();
    QCOMPARE(calls, 2);
    f.settle();
    QCOMPARE(calls, 4);
}

void tst_SerialRateLimiter::L9_backlogLeavesTurnsToOthers_data()
{
    QTest::addColumn<bool>("isVirtual");
    QTest::addRow("virtual clock") << true;
    QTest::addRow("system clock") << false;
}

void tst_SerialRateLimiter::L9_backlogLeavesTurnsToOthers()
{
    QFETCH(bool, isVirtual);
    constexpr int Tasks = 200'000;
    ManualClock clock;
    SerialRateLimiter limiter(std::numeric_limits<int>::max(), 1ns);
    if (isVirtual)
        limiter.setClock(&clock);
    int ran = 0;
    for (int i = 0; i < Tasks; ++i)
        limiter.post([&] { ++ran; });

    // A timer and a posted event, each of which comes back as long as the backlog lasts.
    int timeouts = 0;
    int mostBetweenTimeouts = 0;
    int ranAtTimeout = 0;
    QTimer timer;
    connect(&timer, &QTimer::timeout, this, [&] {
        ++timeouts;
        mostBetweenTimeouts = std::max(mostBetweenTimeouts, ran - ranAtTimeout);
        ranAtTimeout = ran;
    });
    timer.start(0);
    int posted = 0;
    bool over = false;
    std::function<void()> post = [&] {
        ++posted;
        if (!over)
            QMetaObject::invokeMethod(this, post, Qt::QueuedConnection);
    };
    post();
    QEventLoop loop;
    connect(&limiter, &SerialRateLimiter::drained, &loop, &QEventLoop::quit);
    loop.exec();
    over = true;
    turnNestedLoop();

    QCOMPARE(ran, Tasks);
    QCOMPARE(limiter.completedCount(), Tasks);
    QVERIFY2(timeouts >= 10, qPrintable(QString::number(timeouts)));
    QVERIFY2(posted >= 10, qPrintable(QString::number(posted)));
    QVERIFY2(mostBetweenTimeouts < Tasks / 4, qPrintable(QString::number(mostBetweenTimeouts)));
}

void tst_SerialRateLimiter::L9_canceledTasksLeaveTurnsToOthers()
{
    constexpr int Tasks = 200'000;
    SerialRateLimiter limiter(std::numeric_limits<int>::max(), 1ns);
    for (int i = 0; i < Tasks; ++i)
        limiter.push([] {}).cancel(); // which the limiter does not know yet
    QEventLoop loop;
    connect(&limiter, &SerialRateLimiter::drained, &loop, &QEventLoop::quit);
    int timeouts = 0;
    QTimer timer;
    connect(&timer, &QTimer::timeout, this, [&] { ++timeouts; });
    timer.start(0);
    loop.exec();
    QCOMPARE(limiter.canceledCount(), Tasks);
    QVERIFY2(timeouts >= 10, qPrintable(QString::number(timeouts)));
}

void tst_SerialRateLimiter::L9_rejectedTasksLeaveTurnsToOthers()
{
    // The backlog of signals about tasks that were refused is a backlog, too.
    constexpr int Tasks = 200'000;
    Fixture f;
    f.limiter.pause();
    f.limiter.setMaximumPending(1);
    for (int i = 0; i <= Tasks; ++i)
        f.limiter.post([] {});
    QCOMPARE(f.limiter.failedCount(), Tasks);
    int told = 0;
    int turns = 0;
    connect(&f.limiter, &SerialRateLimiter::taskFailed, this, [&] { ++told; });
    QEventLoop loop;
    while (told < Tasks && loop.processEvents())
        ++turns;
    QCOMPARE(told, Tasks);
    QVERIFY2(turns >= 10, qPrintable(QString::number(turns)));
}

void tst_SerialRateLimiter::L9_waitingBacklogLeavesTurnsToOthers()
{
    // Whatever a limiter arranges for tasks that have to wait is done in small portions as well.
    Fixture f;
    f.limiter.pause();
    QFuture<void> last;
    for (int i = 0; i < 100'000; ++i)
        last = f.limiter.push([] {});
    int turns = 0;
    QTimer timer;
    connect(&timer, &QTimer::timeout, this, [&] { ++turns; });
    timer.start(0);
    last.cancel();
    QEventLoop loop;
    while (!last.isFinished())
        loop.processEvents();
    QVERIFY2(turns >= 10, qPrintable(QString::number(turns)));
    QCOMPARE(f.limiter.pendingCount(), 99'999);
}

void tst_SerialRateLimiter::L9_clockIsChangedMeanwhile()
{
    ManualClock clock;
    SerialRateLimiter limiter(std::numeric_limits<int>::max(), 1ns);
    int ran = 0;
    const auto onCompleted = [&] {
        if (limiter.clock() == &clock)
            return;
        limiter.setClock(&clock);
        for (int i = 0; i < 1000; ++i) {
            limiter.post([&] {
                const QDeadlineTimer end(std::chrono::nanoseconds(100us), Qt::PreciseTimer);
                while (!end.hasExpired()) {
                }
                ++ran;
            });
        }
    };
    connect(&limiter, &SerialRateLimiter::taskCompleted, this, onCompleted);
    limiter.post([] {});
    int turns = 0;
    QEventLoop loop;
    while (ran < 1000) {
        loop.processEvents();
        ++turns;
    }
    QVERIFY2(turns > 20, QByteArray::number(turns).constData()); // of 1 ms, 100 of them
}

void tst_SerialRateLimiter::L9_longChainOfFinishedFuturesDoesNotRecurse()
{
    constexpr int Tasks = 50'000;
    Fixture f(std::numeric_limits<int>::max(), 1ns);
    int ran = 0;
    for (int i = 0; i < Tasks; ++i) {
        f.limiter.push([&] {
            ++ran;
            return readyFuture(ran);
        });
    }
    while (ran < Tasks)
        QCoreApplication::processEvents();
    QCOMPARE(ran, Tasks);
}

void tst_SerialRateLimiter::L10_taskThatPushes()
{
    Fixture f;
    QByteArrayList order;
    QFuture<int> inner;
    const auto outer = f.limiter.push([&] {
        order.append("outer");
        inner = f.limiter.push([&] {
            order.append("inner");
            return 2;
        });
        return inner; // of a task that cannot start before this one has ended
    });
    f.limiter.post([&] { order.append("behind"); });
    f.settle();
    // It waits for itself, as it was told to, until somebody gives up; nobody overtakes.
    QCOMPARE(order, QByteArrayList{ "outer" });
    inner.cancel();
    f.settle();
    QVERIFY(wasCanceled(outer));
    QCOMPARE(order, (QByteArrayList{ "outer", "behind" }));

    order.clear();
    f.limiter.post([&] {
        order.append("a");
        f.limiter.post([&] {
            order.append("c");
            f.limiter.post([&] { order.append("d"); });
        });
    });
    f.limiter.post([&] { order.append("b"); });
    f.settle();
    QCOMPARE(order, (QByteArrayList{ "a", "b", "c", "d" }));
}

void tst_SerialRateLimiter::L10_taskThatClears()
{
    Fixture f;
    qsizetype cleared = -1;
    f.limiter.post([&] { cleared = f.limiter.clear(); });
    const auto queued = f.limiter.push([] {});
    f.limiter.post([] {});
    f.settle();
    QCOMPARE(cleared, 2);
    QVERIFY(wasCanceled(queued));
    QCOMPARE(f.log->lines,
             (QByteArrayList{ "started 1", "canceled 2", "canceled 3", "completed 1", "drained" }));
    QCOMPARE(f.clock.pendingWakeUps(), 0);
}

void tst_SerialRateLimiter::L10_taskThatPauses()
{
    Fixture f;
    f.limiter.post([&] { f.limiter.pause(); });
    f.limiter.post([] {});
    f.settle();
    QCOMPARE(f.log->startedIds, QList<qint64>{ 1 });
    QCOMPARE(f.clock.pendingWakeUps(), 0);
    f.limiter.resume();
    f.settle();
    QCOMPARE(f.log->startedIds, (QList<qint64>{ 1, 2 }));
}

void tst_SerialRateLimiter::L4_handlerThatIsToldOfARefusalMayBlock_data()
{
    QTest::addColumn<bool>("drops");
    QTest::newRow("refused") << false;
    QTest::newRow("dropped") << true;
}

// The only thing that another thread can leave behind is one event, which is about to be served.
void tst_SerialRateLimiter::L4_handlerThatIsToldOfARefusalMayBlock()
{
    QFETCH(bool, drops);
    Fixture f;
    f.limiter.setMaximumPending(1);
    if (drops)
        f.limiter.setOverflow(SerialRateLimiter::Overflow::DropOldest);
    bool ran = false;
    bool ranInside = false;
    const auto block = [&] {
        turnNestedLoop();
        ranInside = ran;
    };
    QFuture<void> oldest;
    if (!drops)
        connect(&f.limiter, &SerialRateLimiter::taskFailed, this, block);
    std::thread([&] {
        oldest = f.limiter.push([&ran] { ran = true; });
        if (drops)
            oldest = oldest.onFailed([&](const Tactus::QueueFullError &) { block(); });
        f.limiter.post([&ran] { ran = true; });
    }).join();
    QVERIFY(!ran);
    QCoreApplication::processEvents();
    QVERIFY(ranInside);
}

void tst_SerialRateLimiter::L4_handlerOfClearMayBlockInsideAnother()
{
    Fixture f;
    f.limiter.pause();
    for (int i = 0; i < 2; ++i)
        f.limiter.post([] {});
    bool ran = false;
    bool ranInside = false;
    connect(&f.limiter, &SerialRateLimiter::taskCanceled, this, [&](qint64 id) {
        if (id == 1) {
            f.limiter.resume();
            std::thread([&] { f.limiter.post([&ran] { ran = true; }); }).join();
            turnNestedLoop(); // in which the end of the other task is told
        } else {
            turnNestedLoop();
            ranInside = ran;
        }
    });
    f.limiter.clear();
    QVERIFY(ranInside);
}

void tst_SerialRateLimiter::L10_pushFromEverySignal()
{
    Fixture f;
    int ran = 0;
    const auto push = [&] {
        if (ran < 100)
            f.limiter.post([&] { ++ran; });
    };
    connect(&f.limiter, &SerialRateLimiter::taskStarted, this, push);
    connect(&f.limiter, &SerialRateLimiter::taskCompleted, this, push);
    connect(&f.limiter, &SerialRateLimiter::drained, this, push);
    connect(&f.limiter, &SerialRateLimiter::busyChanged, this, push);
    connect(&f.limiter, &SerialRateLimiter::pendingCountChanged, this, push);
    connect(&f.limiter, &SerialRateLimiter::completedCountChanged, this, push);
    push();
    f.clock.advance(10s);
    QVERIFY(ran >= 100);
    QCOMPARE(f.limiter.pendingCount(), 0);
    QCOMPARE(f.limiter.completedCount(), ran);
}

void tst_SerialRateLimiter::L10_handlersOfClearMayPush()
{
    Fixture f;
    f.limiter.pause();
    QFuture<int> fromContinuation;
    auto continued = f.limiter.push([] { return 1; }).onCanceled([&] {
        fromContinuation = f.limiter.push([] { return 2; });
        return 0;
    });
    f.limiter.post([] {});
    connect(&f.limiter, &SerialRateLimiter::taskCanceled, this, [&](qint64 id) {
        if (id <= 2)
            f.limiter.post([] {});
    });
    QCOMPARE(f.limiter.clear(), 2);
    QVERIFY(continued.isFinished());
    QCOMPARE(f.limiter.pendingCount(), 3);
    QVERIFY(!fromContinuation.isFinished());
    f.limiter.resume();
    f.settle();
    QCOMPARE(fromContinuation.result(), 2);
    QCOMPARE(f.log->startedIds, (QList<qint64>{ 3, 4, 5 }));
    QCOMPARE(f.log->count("drained"), 1);
}

void tst_SerialRateLimiter::L10_handlersOfClearMayClear()
{
    Fixture f;
    f.limiter.pause();
    for (int i = 0; i < 3; ++i)
        f.limiter.post([] {});
    connect(&f.limiter, &SerialRateLimiter::taskCanceled, this, [&](qint64 id) {
        if (id == 1) {
            f.limiter.post([] {});
            QCOMPARE(f.limiter.clear(), 1);
        }
    });
    QCOMPARE(f.limiter.clear(), 3);
    f.settle();
    QCOMPARE(f.limiter.canceledCount(), 4);
    for (int id = 1; id <= 4; ++id)
        QCOMPARE(f.log->count("canceled " + QByteArray::number(id)), 1);
}

void tst_SerialRateLimiter::L10_pauseInTaskStarted()
{
    // taskStarted says that the task starts: the pause is for the next one.
    Fixture f;
    connect(&f.limiter, &SerialRateLimiter::taskStarted, &f.limiter, &SerialRateLimiter::pause);
    const auto first = f.limiter.push([] { return 1; });
    const auto second = f.limiter.push([] { return 2; });
    f.settle();
    QCOMPARE(first.result(), 1);
    QVERIFY(!second.isFinished());
}

QTEST_GUILESS_MAIN(tst_SerialRateLimiter)

#include "tst_serialratelimiter.moc"
