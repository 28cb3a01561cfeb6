// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// T10: the timer is deleted, or others around it are, at every moment but in its signals: those are
// in tst_scheduledtimer_reentrance.cpp.

#include "signallog.h"
#include "virtualtimer.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qpointer.h>
#include <QtCore/qregularexpression.h>
#include <QtTest/qtest.h>

#include <memory>
#include <stdexcept>
#include <vector>

using namespace std::chrono_literals;
using namespace Tactus;

class tst_ScheduledTimerDeletion : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();

    void T10_deletionInTheCallable();
    void T10_deletionInACallableThatThrows();
    void T10_deletionInACallableThatReturnsAFuture();
    void T10_deletionWhileTheFutureIsPending();
    void T10_deletionInAContinuationOfStop();
    void T10_deletionInAnEventLoopInsideASlot();
    void T10_continuationOfStopUsesTheTimerThatDies();
    void T10_continuationOfStopStartsTheTimer();
    void T10_timerAsItsOwnContext();
    void T10_callableThatOwnsItsContext();
    void T10_whatTheCallableHasCapturedLetsTimePass();
    void T10_whatAnExecutingCallableHasCapturedMayCallTheTimer();
    void T10_callableSetInTheDestructor();
    void T10_receiverDiesInASlot();
};

void tst_ScheduledTimerDeletion::init()
{
    QTest::failOnWarning(QRegularExpression(QStringLiteral(".*")));
}

void tst_ScheduledTimerDeletion::T10_deletionInTheCallable()
{
    VirtualTimer v(10ms);
    SignalLog log(&v.timer);
    QFuture<void> stopped;
    QObject::connect(&v.timer, &ScheduledTimer::tickCountChanged, &v.receiver, [&] { log.take(); });
    auto alive = std::make_shared<int>(1);
    const std::weak_ptr<int> captured = alive;
    int after = 0;
    v.timer.setCallback([&, alive = std::move(alive)] {
        stopped = v.timer.stop();
        log.take();
        v.owned.reset();
        after = *alive; // the callable outlives its timer until it has returned
    });
    v.timer.start();
    v.clock.advance(1s);
    QCOMPARE(after, 1);
    QVERIFY(captured.expired());
    QVERIFY(stopped.isFinished());
    QCOMPARE(log.take(), QStringList());
    QCOMPARE(v.clock.pendingWakeUps(), 0);
}

void tst_ScheduledTimerDeletion::T10_deletionInACallableThatThrows()
{
    VirtualTimer v(10ms);
    v.timer.setCallback([&v] {
        v.owned.reset();
        throw std::runtime_error("nobody is left to hear this");
    });
    v.timer.start();
    v.clock.advance(1s);
    QVERIFY(!v.owned);
}

void tst_ScheduledTimerDeletion::T10_deletionInACallableThatReturnsAFuture()
{
    VirtualTimer v(10ms);
    PendingWork work;
    v.timer.setCallback([&] {
        v.owned.reset();
        return work.begin();
    });
    v.timer.start();
    v.clock.advance(1s);
    QVERIFY(work.isLastCanceled());
    work.finish();
    v.clock.advance(1s);
}

void tst_ScheduledTimerDeletion::T10_deletionWhileTheFutureIsPending()
{
    VirtualTimer v(10ms);
    PendingWork work;
    auto alive = std::make_shared<int>(1);
    const std::weak_ptr<int> captured = alive;
    v.timer.setCallbackTimeout(1s);
    v.timer.setCallback([&work, alive = std::move(alive)] { return work.begin(); });
    v.timer.start();
    v.clock.advance(10ms);
    QFuture<void> stopped = v.timer.stop();
    v.owned.reset();
    QVERIFY(stopped.isFinished());
    QVERIFY(work.isLastCanceled());
    QVERIFY(captured.expired());
    QCOMPARE(v.clock.pendingWakeUps(), 0);
    work.finish();
    v.clock.advance(2s);
}

void tst_ScheduledTimerDeletion::T10_deletionInAContinuationOfStop()
{
    VirtualTimer v(10ms);
    SignalLog log(&v.timer);
    PendingWork work;
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    v.clock.advance(10ms);
    QFuture<void> first = v.timer.stop();
    QFuture<void> second = v.timer.stop();
    const auto deleted = first.then([&v] { v.owned.reset(); });
    log.take();
    work.finish();
    v.clock.advance(1s);
    QVERIFY(!v.owned);
    QVERIFY(second.isFinished());
    QCOMPARE(log.take(), lines({ "not busy", "completed 1" }));
}

void tst_ScheduledTimerDeletion::T10_deletionInAnEventLoopInsideASlot()
{
    VirtualTimer v(10ms);
    QObject::connect(&v.timer, &ScheduledTimer::tick, &v.receiver, [&v] {
        QMetaObject::invokeMethod(
                &v.receiver, [&v] { v.owned.reset(); }, Qt::QueuedConnection);
        QCoreApplication::processEvents();
    });
    int calls = 0;
    v.timer.setCallback([&calls] { ++calls; });
    v.timer.start();
    v.clock.advance(1s);
    QVERIFY(!v.owned);
    QCOMPARE(calls, 0);
}

// The destructor finishes the futures of stop(); what their continuations do to the timer is done
// to one that is half gone, and has to come to nothing.
void tst_ScheduledTimerDeletion::T10_continuationOfStopUsesTheTimerThatDies()
{
    VirtualTimer v(10ms);
    PendingWork work;
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    v.clock.advance(10ms);
    std::vector<QFuture<void>> stopFutures;
    stopFutures.reserve(100);
    ScheduledTimer *const timer = &v.timer;
    for (int i = 0; i < 3; ++i) {
        stopFutures.push_back(timer->stop());
        stopFutures.push_back(stopFutures.back().then([&stopFutures, timer] {
            timer->start();
            stopFutures.push_back(timer->stop());
        }));
    }
    v.owned.reset();
    for (const QFuture<void> &stopped : stopFutures)
        QVERIFY(stopped.isFinished());
    QCOMPARE(v.clock.pendingWakeUps(), 0);
    work.finish();
    v.clock.advance(1s);
}

void tst_ScheduledTimerDeletion::T10_continuationOfStopStartsTheTimer()
{
    VirtualTimer v(10ms);
    SignalLog log(&v.timer);
    PendingWork work;
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    v.clock.advance(10ms);
    const auto started = v.timer.stop().then([&v] { v.timer.start(); });
    v.clock.advance(5ms);
    log.take();
    work.finish();
    v.clock.advance(0ns);
    QVERIFY(v.timer.isRunning());
    QCOMPARE(log.take(), lines({ "not busy", "completed 1", "running", "tickCount 0", "started" }));
    v.clock.advance(10ms);
    QVERIFY((v.times == std::vector<Duration>{ 10ms, 25ms }));
}

void tst_ScheduledTimerDeletion::T10_timerAsItsOwnContext()
{
    VirtualTimer v(10ms);
    int calls = 0;
    v.timer.setCallback(&v.timer, [&calls] { ++calls; });
    v.timer.start();
    v.clock.advance(20ms);
    QCOMPARE(calls, 2);
    v.owned.reset();
    v.clock.advance(1s);
    QCOMPARE(calls, 2);
}

void tst_ScheduledTimerDeletion::T10_callableThatOwnsItsContext()
{
    for (const bool replaced : { false, true }) {
        VirtualTimer v(10ms);
        auto context = std::make_shared<QObject>();
        const QObject *const address = context.get();
        const QPointer<QObject> watched = context.get();
        int calls = 0;
        v.timer.setCallback(address, [&calls, context = std::move(context)] { ++calls; });
        v.timer.start();
        v.clock.advance(10ms);
        QCOMPARE(calls, 1);
        if (replaced)
            v.timer.setCallback([&calls] { ++calls; });
        else
            v.owned.reset();
        QVERIFY(!watched);
        v.clock.advance(10ms);
        QCOMPARE(calls, replaced ? 2 : 1);
    }
}

void tst_ScheduledTimerDeletion::T10_whatTheCallableHasCapturedLetsTimePass()
{
    VirtualTimer v(10ms);
    SignalLog log(&v.timer);
    v.timer.setCallback(
            [last = std::shared_ptr<void>(nullptr, [&v](void *) { v.clock.advance(20ms); })] {});
    v.timer.start();
    log.take();
    v.owned.reset();
    QCOMPARE(v.sinceOrigin(), Duration(20ms));
    QCOMPARE(log.take(), QStringList());
}

// Which is a whole one then, in its destructor. Without that, it takes luck to notice.
void tst_ScheduledTimerDeletion::T10_whatAnExecutingCallableHasCapturedMayCallTheTimer()
{
    VirtualTimer v(10ms);
    PendingWork work;
    bool isBusy = true;
    bool isStopped = false;
    const auto last = [&](ScheduledTimer *timer) {
        timer->setTolerance(1ms);
        timer->setCallback([] {});
        isBusy = timer->isBusy();
        isStopped = timer->stop().isFinished();
    };
    v.timer.setCallback([&work, last = std::shared_ptr<ScheduledTimer>(&v.timer, last)] {
        return work.begin();
    });
    v.timer.start();
    v.clock.advance(10ms);
    QVERIFY(work.isRunning());
    v.owned.reset();
    QVERIFY(!isBusy);
    QVERIFY(isStopped);
    work.finish();
}

void tst_ScheduledTimerDeletion::T10_callableSetInTheDestructor()
{
    VirtualTimer v(10ms);
    PendingWork work;
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    v.clock.advance(10ms);
    auto context = std::make_unique<QObject>();
    auto alive = std::make_shared<int>(1);
    const std::weak_ptr<int> captured = alive;
    bool isGoneAtOnce = false;
    const auto set = v.timer.stop().then([&] {
        v.timer.setCallback(context.get(), [alive = std::move(alive)] {});
        isGoneAtOnce = captured.expired();
    });
    QObject::connect(&v.timer, &QObject::destroyed, &v.receiver, [&context] { context.reset(); });
    v.owned.reset();
    QVERIFY(set.isFinished());
    QVERIFY(isGoneAtOnce);
    QVERIFY(!context);
}

void tst_ScheduledTimerDeletion::T10_receiverDiesInASlot()
{
    VirtualTimer v(10ms);
    auto *receiver = new QObject;
    int heard = 0;
    QObject::connect(&v.timer, &ScheduledTimer::tick, receiver, [receiver] { delete receiver; });
    QObject::connect(&v.timer, &ScheduledTimer::tick, receiver, [&heard] { ++heard; });
    int calls = 0;
    v.timer.setCallback([&calls] { ++calls; });
    v.timer.start();
    v.clock.advance(20ms);
    QCOMPARE(heard, 0);
    QCOMPARE(calls, 2);
}

QTEST_GUILESS_MAIN(tst_ScheduledTimerDeletion)

#include "tst_scheduledtimer_deletion.moc"
