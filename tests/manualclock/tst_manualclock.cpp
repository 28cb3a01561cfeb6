// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "../wakeupqueue/alarm.h"

#include <Tactus/manualclock.h>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qeventloop.h>
#include <QtCore/qfuture.h>
#include <QtCore/qfuturewatcher.h>
#include <QtCore/qpointer.h>
#include <QtCore/qpromise.h>
#include <QtCore/qregularexpression.h>
#include <QtCore/qscopeguard.h>
#include <QtCore/qsemaphore.h>
#include <QtCore/qthread.h>
#include <QtTest/qtest.h>

#include <atomic>
#include <functional>
#include <limits>
#include <memory>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using namespace Tactus;
using Instant = Clock::Instant;
using Instants = std::vector<qint64>; // in nanoseconds, since instants have no text

namespace {

constexpr std::chrono::milliseconds Ceiling = 10s;

Instant at(Duration sinceEpoch)
{
    return Instant(sinceEpoch);
}

qint64 ns(Instant instant)
{
    return instant.time_since_epoch().count();
}

QRegularExpression text(const char *pattern)
{
    return QRegularExpression(QString::fromLatin1(pattern));
}

} // namespace

class tst_ManualClock : public QObject
{
    Q_OBJECT

Q_SIGNALS:
    void told();

private Q_SLOTS:
    void init();

    // What is served, and when
    void C5_neverAdvancesByItself();
    void C5_visitsEachDueInstantInOrder();
    void C5_tiesInTheOrderOfArming();
    void C5_endIsInclusive();
    void C5_armedForNowWhileServing();
    void C5_armedForThePastIsServedNow();
    void C5_armedOnTheWayIsServedInOrder();
    void C5_stepOfZeroSettles();
    void C5_advanceWhileAnotherThreadLetsTimePass();
    void C5_dueAtThePresentIsServedByTheEventLoopToo();
    void C5_toleranceIsIgnored();
    void C5_anyStart_data();
    void C5_anyStart();
    void C5_hoursInNoTime();

    // Settling
    void C5_queuedCallsComeAtTheirInstant();
    void C5_postedBeforeComesBeforeTimeMoves();
    void C5_chainOfQueuedCallsThatArms();
    void C5_futuresAndContinuationsComeAtTheirInstant();
    void C5_deleteLaterComesAtItsInstant();
    void C5_deleteLaterFromBeforeTheLoopWaits();
    void C5_upToAThousandRounds();
    void C5_warnsWhenAnInstantDoesNotSettle_data();
    void C5_warnsWhenAnInstantDoesNotSettle();

    // Nesting
    void C5_nestedAdvanceIsRefused();
    void C5_advanceFromAServedEventLoopWorks();
    void C5_twoClocksNest();
    void C5_nestedEventLoopWhileAdvancing();

    // advanceToNext()
    void C5_advanceToNextServesOneInstant();
    void C5_advanceToNextWithWhatIsDueAlready();
    void C5_advanceToNextDeliversWhatMayArm();
    void C5_advanceToNextInTheLoopOfTheDocs();

    // elapse()
    void C5_elapseServesNobody();
    void C5_elapsedIsServedByTheEventLoop();
    void C5_elapseInsideACallback();
    void C5_elapseInsideACallbackBeyondTheEnd();
    void C5_elapseLateOnesInOrderOfDue();

    // Bad input and the ends of time
    void C5_refusesNegativeSteps();
    void C5_clampsAtTheLargestInstant();
    void C5_pendingWakeUps();
    void C5_destroyedByTheLastCallbackAfterAdvance();

    // Threads
    void C5_otherThreadsAreTold();
    void C5_otherThreadsInstantsAreVisited();
    void C5_doesNotWaitForOtherThreads();
    void C5_pendingWakeUpsOfAllThreads();
    void C1_timeElapsesInTwoThreads();
    void C5_withoutWakeUpsPostedEventsSettleToo();
};

void tst_ManualClock::init()
{
    QTest::failOnWarning(QRegularExpression(QStringLiteral(".*")));
}

void tst_ManualClock::C5_neverAdvancesByItself()
{
    ManualClock clock;
    Alarm alarm;
    alarm.arm(&clock, at(1ns));
    Alarm real; // so that real time does pass
    real.armIn(Clock::system(), 20ms);
    QTRY_COMPARE_WITH_TIMEOUT(real.count(), 1, Ceiling.count());
    QCOMPARE(ns(clock.now()), 0);
    QCOMPARE(alarm.count(), 0);
}

void tst_ManualClock::C5_visitsEachDueInstantInOrder()
{
    ManualClock clock;
    Instants seen;
    std::vector<std::unique_ptr<Alarm>> alarms;
    for (const Duration due : { 30ns, 10ns, 20ns, 50ns }) {
        alarms.push_back(std::make_unique<Alarm>([&] { seen.push_back(ns(clock.now())); }));
        alarms.back()->arm(&clock, at(due));
    }
    clock.advance(40ns);
    QCOMPARE(seen, (Instants{ 10, 20, 30 }));
    QCOMPARE(ns(clock.now()), 40);
    clock.advanceTo(at(60ns));
    QCOMPARE(seen, (Instants{ 10, 20, 30, 50 }));
    QCOMPARE(ns(clock.now()), 60);
}

void tst_ManualClock::C5_tiesInTheOrderOfArming()
{
    ManualClock clock;
    std::vector<int> order;
    std::vector<std::unique_ptr<Alarm>> alarms;
    for (int i = 0; i < 50; ++i)
        alarms.push_back(std::make_unique<Alarm>([&order, i] { order.push_back(i); }));
    for (int i = 49; i >= 0; --i) // not in the order in which they were made
        alarms[static_cast<size_t>(i)]->arm(&clock, at(10ns));
    clock.advance(10ns);
    std::vector<int> expected;
    for (int i = 49; i >= 0; --i)
        expected.push_back(i);
    QCOMPARE(order, expected);
}

void tst_ManualClock::C5_endIsInclusive()
{
    ManualClock clock;
    Alarm atTheEnd;
    Alarm behind;
    atTheEnd.arm(&clock, at(10ns));
    behind.arm(&clock, at(11ns));
    clock.advance(9ns);
    QCOMPARE(atTheEnd.count(), 0);
    clock.advance(1ns);
    QCOMPARE(atTheEnd.count(), 1);
    QCOMPARE(behind.count(), 0);
    clock.advanceTo(at(11ns));
    QCOMPARE(behind.count(), 1);
}

void tst_ManualClock::C5_armedForNowWhileServing()
{
    ManualClock clock;
    Instants seen;
    Alarm alarm;
    alarm.onExpired([&] {
        seen.push_back(ns(clock.now()));
        if (seen.size() < 5)
            alarm.arm(&clock, clock.now());
    });
    Alarm after([&] { seen.push_back(-ns(clock.now())); });
    alarm.arm(&clock, at(10ns));
    after.arm(&clock, at(11ns));
    clock.advance(20ns);
    QCOMPARE(seen, (Instants{ 10, 10, 10, 10, 10, -11 }));
}

void tst_ManualClock::C5_armedForThePastIsServedNow()
{
    ManualClock clock(at(100ns));
    Instants seen;
    Alarm alarm([&] { seen.push_back(ns(clock.now())); });
    alarm.arm(&clock, at(3ns));
    QCOMPARE(alarm.count(), 0);
    clock.advance(10ns);
    QCOMPARE(seen, (Instants{ 100 }));
}

void tst_ManualClock::C5_armedOnTheWayIsServedInOrder()
{
    ManualClock clock;
    Instants seen;
    Alarm added([&] { seen.push_back(ns(clock.now())); });
    Alarm first([&] {
        seen.push_back(ns(clock.now()));
        added.arm(&clock, at(15ns));
    });
    Alarm last([&] { seen.push_back(ns(clock.now())); });
    first.arm(&clock, at(10ns));
    last.arm(&clock, at(20ns));
    clock.advance(20ns);
    QCOMPARE(seen, (Instants{ 10, 15, 20 }));
}

void tst_ManualClock::C5_stepOfZeroSettles()
{
    ManualClock clock;
    Alarm alarm;
    alarm.arm(&clock, at(0ns));
    bool called = false;
    QMetaObject::invokeMethod(
            this, [&] { called = true; }, Qt::QueuedConnection);
    clock.advance(0ns);
    QCOMPARE(alarm.count(), 1);
    QVERIFY(called);
    QCOMPARE(ns(clock.now()), 0);
}

// What the present is may change between two lines.
void tst_ManualClock::C5_advanceWhileAnotherThreadLetsTimePass()
{
    ManualClock clock;
    std::atomic<bool> isEnough = false;
    std::thread other([&] {
        while (!isEnough)
            clock.elapse(1ns);
    });
    Alarm alarm;
    for (int n = 1; n <= 2000; ++n) {
        alarm.arm(&clock, Clock::Instant::min());
        clock.advance(0ns);
        QCOMPARE(alarm.count(), n); // and no warning
    }
    isEnough = true;
    other.join();
}

void tst_ManualClock::C5_dueAtThePresentIsServedByTheEventLoopToo()
{
    ManualClock clock(at(5ns));
    Alarm now;
    Alarm later;
    now.arm(&clock, at(5ns));
    later.arm(&clock, at(6ns));
    QCOMPARE(now.count(), 0); // not inside arm()
    QCoreApplication::processEvents();
    QCOMPARE(now.count(), 1);
    QCOMPARE(later.count(), 0);
    QCOMPARE(ns(clock.now()), 5);
}

void tst_ManualClock::C5_toleranceIsIgnored()
{
    ManualClock clock;
    Instants seen;
    Alarm tolerant([&] { seen.push_back(ns(clock.now())); });
    Alarm exact([&] { seen.push_back(ns(clock.now())); });
    tolerant.arm(&clock, at(10ns), 1h);
    exact.arm(&clock, at(20ns), 0ns);
    clock.advance(20ns);
    QCOMPARE(seen, (Instants{ 10, 20 }));
}

void tst_ManualClock::C5_anyStart_data()
{
    QTest::addColumn<qint64>("start");
    QTest::newRow("zero") << qint64{ 0 };
    QTest::newRow("positive") << qint64{ 1'000'000'007 };
    QTest::newRow("negative") << qint64{ -20 };
    QTest::newRow("smallest") << std::numeric_limits<qint64>::min();
}

void tst_ManualClock::C5_anyStart()
{
    QFETCH(qint64, start);
    ManualClock clock(at(Duration(start)));
    QCOMPARE(ns(clock.now()), start);
    Instants seen;
    Alarm alarm([&] {
        seen.push_back(ns(clock.now()));
        alarm.armIn(&clock, 15ns);
    });
    alarm.armIn(&clock, 15ns);
    clock.advance(45ns);
    QCOMPARE(seen, (Instants{ start + 15, start + 30, start + 45 }));
    QVERIFY(clock.advanceToNext());
    QCOMPARE(ns(clock.now()), start + 60);
    clock.elapse(5ns);
    QCOMPARE(ns(clock.now()), start + 65);
}

void tst_ManualClock::C5_hoursInNoTime()
{
    ManualClock clock;
    Alarm alarm;
    alarm.onExpired([&] { alarm.armIn(&clock, 1s); });
    alarm.armIn(&clock, 1s);
    clock.advance(24h);
    QCOMPARE(alarm.count(), 24 * 3600);
}

void tst_ManualClock::C5_queuedCallsComeAtTheirInstant()
{
    ManualClock clock;
    Instants seen;
    connect(
            this, &tst_ManualClock::told, this, [&] { seen.push_back(ns(clock.now())); },
            Qt::QueuedConnection);
    const auto disconnectIt = qScopeGuard([this] { disconnect(this, nullptr, this, nullptr); });
    Alarm alarm;
    alarm.onExpired([&] {
        Q_EMIT told();
        alarm.armIn(&clock, 10ns);
    });
    alarm.armIn(&clock, 10ns);
    clock.advance(35ns);
    QCOMPARE(seen, (Instants{ 10, 20, 30 }));
}

void tst_ManualClock::C5_postedBeforeComesBeforeTimeMoves()
{
    ManualClock clock;
    Instants seen;
    Alarm alarm([&] { seen.push_back(ns(clock.now())); });
    QMetaObject::invokeMethod(
            this,
            [&] {
                seen.push_back(ns(clock.now()));
                alarm.arm(&clock, at(5ns));
            },
            Qt::QueuedConnection);
    clock.advance(10ns);
    QCOMPARE(seen, (Instants{ 0, 5 }));
}

// Round after round: each call posts the next one, and only the last one arms a wake-up, for 1 ns
// later. Time that moved on before would be seen.
void tst_ManualClock::C5_chainOfQueuedCallsThatArms()
{
    ManualClock clock;
    Instants seen;
    int links = 0;
    Alarm end([&] { seen.push_back(ns(clock.now())); });
    std::function<void()> link = [&] {
        if (++links < 100)
            QMetaObject::invokeMethod(this, link, Qt::QueuedConnection);
        else
            end.armIn(&clock, 1ns);
    };
    Alarm begin([&] { link(); });
    begin.arm(&clock, at(10ns));
    clock.advance(1h);
    QCOMPARE(links, 100);
    QCOMPARE(seen, (Instants{ 11 }));
}

void tst_ManualClock::C5_futuresAndContinuationsComeAtTheirInstant()
{
    ManualClock clock;
    Instants seen;
    QPromise<int> promise;
    promise.start();
    QFutureWatcher<int> watcher;
    connect(&watcher, &QFutureWatcher<int>::finished, this,
            [&] { seen.push_back(ns(clock.now())); });
    watcher.setFuture(promise.future());
    Alarm follow([&] { seen.push_back(ns(clock.now())); });
    promise.future().then(this, [&](int result) {
        seen.push_back(-ns(clock.now()));
        follow.armIn(&clock, Duration(result));
    });
    Alarm finish([&] {
        promise.addResult(3);
        promise.finish();
    });
    finish.arm(&clock, at(10ns));
    clock.advance(100ns);
    QCOMPARE(seen.size(), size_t{ 3 });
    QCOMPARE(seen[0] + seen[1], 0); // the watcher and the continuation, both at 10
    QCOMPARE(std::max(seen[0], seen[1]), 10);
    QCOMPARE(seen[2], 13);
}

void tst_ManualClock::C5_deleteLaterComesAtItsInstant()
{
    ManualClock clock;
    Instants seen;
    QPointer<QObject> direct = new QObject;
    QPointer<QObject> fromQueued = new QObject;
    connect(direct, &QObject::destroyed, this, [&] { seen.push_back(ns(clock.now())); });
    connect(fromQueued, &QObject::destroyed, this, [&] { seen.push_back(-ns(clock.now())); });
    Alarm first([&] { direct->deleteLater(); });
    Alarm second([&] {
        QMetaObject::invokeMethod(
                this, [&] { fromQueued->deleteLater(); }, Qt::QueuedConnection);
    });
    first.arm(&clock, at(10ns));
    second.arm(&clock, at(20ns));
    clock.advance(100ns);
    QCOMPARE(seen, (Instants{ 10, -20 }));
}

// What belongs to an event loop further out is not deleted under its feet, nor does it keep an
// instant from settling.
void tst_ManualClock::C5_deleteLaterFromBeforeTheLoopWaits()
{
    ManualClock clock;
    Alarm alarm;
    QPointer<QObject> object;
    bool alive = false;
    QEventLoop outer;
    QMetaObject::invokeMethod(
            this,
            [&] {
                object = new QObject;
                object->deleteLater();
                QEventLoop inner;
                QMetaObject::invokeMethod(
                        this,
                        [&] {
                            alarm.armIn(&clock, 10ns);
                            clock.advance(10ns);
                            alive = !object.isNull();
                            inner.quit();
                        },
                        Qt::QueuedConnection);
                inner.exec();
                outer.quit();
            },
            Qt::QueuedConnection);
    outer.exec();
    QCOMPARE(alarm.count(), 1);
    QVERIFY(alive);
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
}

// Just under the limit there is no warning, and nothing is left behind.
void tst_ManualClock::C5_upToAThousandRounds()
{
    ManualClock clock;
    Alarm alarm;
    Alarm later([&] { QCOMPARE(alarm.count(), 999); });
    alarm.onExpired([&] {
        if (alarm.count() < 999)
            alarm.arm(&clock, clock.now());
    });
    alarm.arm(&clock, at(10ns));
    later.arm(&clock, at(11ns));
    clock.advance(20ns);
    QCOMPARE(later.count(), 1);
}

void tst_ManualClock::C5_warnsWhenAnInstantDoesNotSettle_data()
{
    QTest::addColumn<bool>("byEvents");
    QTest::newRow("wake-ups for now") << false;
    QTest::newRow("posted events") << true;
}

void tst_ManualClock::C5_warnsWhenAnInstantDoesNotSettle()
{
    QFETCH(bool, byEvents);
    ManualClock clock;
    bool goOn = true;
    qint64 rounds = 0;
    Instants seen;
    Alarm endless;
    std::function<void()> again = [&] {
        ++rounds;
        if (!goOn)
            return;
        if (byEvents)
            QMetaObject::invokeMethod(this, again, Qt::QueuedConnection);
        else
            endless.arm(&clock, clock.now());
    };
    endless.onExpired([&] { again(); });
    Alarm later([&] {
        seen.push_back(ns(clock.now()));
        seen.push_back(rounds);
        goOn = false;
    });
    endless.arm(&clock, at(10ns));
    later.arm(&clock, at(20ns));
    // Time moves on all the same, to what is due next.
    QTest::ignoreMessage(QtWarningMsg, text("10 ns.*1000 rounds"));
    clock.advance(30ns);
    QCOMPARE(seen.size(), size_t{ 2 });
    QCOMPARE(seen[0], 20);
    // A round serves what is due, and then the event that the queue posts for the same purpose.
    QVERIFY2(seen[1] >= 1000 && seen[1] <= 2002, QByteArray::number(seen[1]).constData());
    QCOMPARE(ns(clock.now()), 30);
    QCOMPARE(clock.pendingWakeUps(), 0);
}

void tst_ManualClock::C5_nestedAdvanceIsRefused()
{
    ManualClock clock;
    Instants seen;
    bool next = true;
    Alarm other;
    Alarm alarm([&] {
        clock.advance(5ns);
        clock.advanceTo(clock.now() + 5ns);
        next = clock.advanceToNext();
        seen.push_back(ns(clock.now()));
    });
    alarm.arm(&clock, at(10ns));
    other.arm(&clock, at(12ns));
    QTest::ignoreMessage(QtWarningMsg, text("ManualClock::advance was called .*elapse\\(\\)"));
    QTest::ignoreMessage(QtWarningMsg, text("ManualClock::advance\\S* was called .*elapse\\(\\)"));
    QTest::ignoreMessage(QtWarningMsg, text("ManualClock::advanceToNext .*elapse\\(\\)"));
    clock.advance(10ns);
    QCOMPARE(seen, (Instants{ 10 }));
    QVERIFY(!next);
    QCOMPARE(other.count(), 0);
    QCOMPARE(ns(clock.now()), 10);

    // Also from a posted event, and the guard is off again afterwards.
    QTest::ignoreMessage(QtWarningMsg, text("ManualClock::advance was called"));
    QMetaObject::invokeMethod(
            this, [&] { clock.advance(1h); }, Qt::QueuedConnection);
    clock.advance(1ns);
    QCOMPARE(ns(clock.now()), 11);
    clock.advance(1ns);
    QCOMPARE(other.count(), 1);
}

// A callback that nobody's advance() has called may advance.
void tst_ManualClock::C5_advanceFromAServedEventLoopWorks()
{
    ManualClock clock;
    Instants seen;
    Alarm inner([&] { seen.push_back(ns(clock.now())); });
    Alarm sameInstant([&] { seen.push_back(-ns(clock.now()) - 1); });
    Alarm outer([&] {
        clock.advance(10ns);
        seen.push_back(ns(clock.now()));
    });
    outer.arm(&clock, at(0ns));
    sameInstant.arm(&clock, at(0ns));
    inner.arm(&clock, at(5ns));
    QCoreApplication::processEvents();
    QCOMPARE(seen, (Instants{ -1, 5, 10 }));
}

void tst_ManualClock::C5_twoClocksNest()
{
    ManualClock one;
    ManualClock two;
    Alarm onTwo;
    onTwo.arm(&two, at(3ns));
    Alarm onOne([&] { two.advance(3ns); });
    onOne.arm(&one, at(10ns));
    one.advance(10ns);
    QCOMPARE(onTwo.count(), 1);
    QCOMPARE(ns(two.now()), 3);
    QCOMPARE(ns(one.now()), 10);
}

void tst_ManualClock::C5_nestedEventLoopWhileAdvancing()
{
    ManualClock clock;
    QByteArray order;
    QEventLoop loop;
    Alarm first([&] {
        order += '(';
        loop.exec();
        order += ')';
    });
    Alarm second([&] {
        order += 'b';
        loop.quit();
    });
    Alarm later([&] { order += 'c'; });
    first.arm(&clock, at(10ns));
    second.arm(&clock, at(10ns));
    later.arm(&clock, at(11ns));
    clock.advance(20ns);
    QCOMPARE(order, "(b)c");
}

void tst_ManualClock::C5_advanceToNextServesOneInstant()
{
    ManualClock clock;
    Alarm a;
    Alarm b;
    Alarm c;
    QVERIFY(!clock.advanceToNext());
    a.arm(&clock, at(10ns));
    b.arm(&clock, at(10ns));
    c.arm(&clock, at(11ns));
    QVERIFY(clock.advanceToNext());
    QCOMPARE(ns(clock.now()), 10);
    QCOMPARE(a.count() + b.count(), 2);
    QCOMPARE(c.count(), 0);
    QVERIFY(clock.advanceToNext());
    QCOMPARE(ns(clock.now()), 11);
    QCOMPARE(c.count(), 1);
    QVERIFY(!clock.advanceToNext());
    QCOMPARE(ns(clock.now()), 11);
}

void tst_ManualClock::C5_advanceToNextWithWhatIsDueAlready()
{
    ManualClock clock(at(100ns));
    Alarm past;
    Alarm present;
    Alarm future;
    past.arm(&clock, at(1ns));
    present.arm(&clock, at(100ns));
    future.arm(&clock, at(101ns));
    QVERIFY(clock.advanceToNext());
    QCOMPARE(ns(clock.now()), 100);
    QCOMPARE(past.count() + present.count(), 2);
    QCOMPARE(future.count(), 0);
}

// A start that is still a posted event: "the next wake-up" is the one that it arms.
void tst_ManualClock::C5_advanceToNextDeliversWhatMayArm()
{
    ManualClock clock;
    Alarm alarm;
    Alarm farther;
    farther.arm(&clock, at(1h));
    QMetaObject::invokeMethod(
            this,
            [&] {
                QMetaObject::invokeMethod(
                        this, [&] { alarm.arm(&clock, at(10ns)); }, Qt::QueuedConnection);
            },
            Qt::QueuedConnection);
    QVERIFY(clock.advanceToNext());
    QCOMPARE(ns(clock.now()), 10);
    QCOMPARE(alarm.count(), 1);
    QCOMPARE(farther.count(), 0);
}

void tst_ManualClock::C5_advanceToNextInTheLoopOfTheDocs()
{
    ManualClock clock;
    Alarm alarm;
    alarm.onExpired([&] {
        if (alarm.count() < 10)
            alarm.armIn(&clock, 1h);
    });
    alarm.armIn(&clock, 1h);
    int steps = 0;
    while (clock.advanceToNext())
        ++steps;
    QCOMPARE(steps, 10);
    QCOMPARE(clock.now(), at(10h));
}

void tst_ManualClock::C5_elapseServesNobody()
{
    ManualClock clock;
    Instants seen;
    Alarm alarm([&] { seen.push_back(ns(clock.now())); });
    alarm.arm(&clock, at(10ns));
    clock.elapse(25ns);
    QCOMPARE(ns(clock.now()), 25);
    QVERIFY(seen.empty());
    QCOMPARE(clock.pendingWakeUps(), 1);
    // Served late, by the next advance(), at the present instant.
    clock.advance(5ns);
    QCOMPARE(seen, (Instants{ 25 }));
}

void tst_ManualClock::C5_elapsedIsServedByTheEventLoop()
{
    ManualClock clock;
    Instants seen;
    Alarm due([&] { seen.push_back(ns(clock.now())); });
    Alarm later([&] { seen.push_back(ns(clock.now())); });
    due.arm(&clock, at(10ns));
    later.arm(&clock, at(26ns));
    clock.elapse(25ns);
    QCoreApplication::processEvents();
    QCOMPARE(seen, (Instants{ 25 }));
    clock.elapse(0ns);
    QCoreApplication::processEvents();
    QCOMPARE(seen, (Instants{ 25 }));
    clock.elapse(1ns);
    QCoreApplication::processEvents();
    QCOMPARE(seen, (Instants{ 25, 26 }));
}

//   0     10 a(elapse 15)      25         40
//   |-----|--------------------|----------|
//              b: 20 is late: served at 25    c: 30 in time
void tst_ManualClock::C5_elapseInsideACallback()
{
    ManualClock clock;
    Instants seen;
    Alarm b([&] { seen.push_back(ns(clock.now())); });
    Alarm c([&] { seen.push_back(ns(clock.now())); });
    Alarm a([&] {
        clock.elapse(15ns);
        seen.push_back(ns(clock.now()));
        QCOMPARE(b.count(), 0);
    });
    a.arm(&clock, at(10ns));
    b.arm(&clock, at(20ns));
    c.arm(&clock, at(30ns));
    clock.advance(40ns);
    QCOMPARE(seen, (Instants{ 25, 25, 30 }));
    QCOMPARE(ns(clock.now()), 40);
}

void tst_ManualClock::C5_elapseInsideACallbackBeyondTheEnd()
{
    ManualClock clock;
    Instants seen;
    Alarm b([&] { seen.push_back(ns(clock.now())); });
    Alarm c;
    Alarm a([&] { clock.elapse(100ns); });
    a.arm(&clock, at(10ns));
    b.arm(&clock, at(50ns));
    c.arm(&clock, at(111ns));
    clock.advance(20ns);
    QCOMPARE(seen, (Instants{ 110 }));
    QCOMPARE(c.count(), 0);
    QCOMPARE(ns(clock.now()), 110); // and not back to 20
}

void tst_ManualClock::C5_elapseLateOnesInOrderOfDue()
{
    ManualClock clock;
    QByteArray order;
    Alarm a([&] { order += 'a'; });
    Alarm b([&] { order += 'b'; });
    Alarm c([&] { order += 'c'; });
    c.arm(&clock, at(30ns));
    a.arm(&clock, at(10ns));
    b.arm(&clock, at(20ns));
    clock.elapse(1h);
    clock.advance(0ns);
    QCOMPARE(order, "abc");
}

void tst_ManualClock::C5_refusesNegativeSteps()
{
    ManualClock clock(at(100ns));
    Alarm alarm;
    alarm.arm(&clock, at(100ns));
    QTest::ignoreMessage(QtWarningMsg, text("ManualClock::advance: .*-5 ns"));
    clock.advance(-5ns);
    QTest::ignoreMessage(QtWarningMsg, text("ManualClock::advanceTo: .*99 ns"));
    clock.advanceTo(at(99ns));
    QTest::ignoreMessage(QtWarningMsg, text("ManualClock::elapse: .*-1 ns"));
    clock.elapse(-1ns);
    QTest::ignoreMessage(QtWarningMsg, text("ManualClock::advance: .*-9223372036854775808 ns"));
    clock.advance(Duration::min());
    QCOMPARE(ns(clock.now()), 100);
    QCOMPARE(alarm.count(), 0);
}

void tst_ManualClock::C5_clampsAtTheLargestInstant()
{
    ManualClock clock(at(1h));
    Alarm last;
    last.arm(&clock, Instant::max() - 1ns);
    clock.advance(Duration::max());
    QCOMPARE(ns(clock.now()), ns(Instant::max()));
    QCOMPARE(last.count(), 1);
    clock.advance(1h);
    clock.elapse(Duration::max());
    QCOMPARE(ns(clock.now()), ns(Instant::max()));
    QVERIFY(!clock.advanceToNext());

    ManualClock elapsing(at(1h));
    elapsing.elapse(Duration::max());
    QCOMPARE(ns(elapsing.now()), ns(Instant::max()));
}

void tst_ManualClock::C5_pendingWakeUps()
{
    ManualClock clock;
    ManualClock other;
    QCOMPARE(clock.pendingWakeUps(), 0);
    Alarm a;
    Alarm b;
    Alarm elsewhere;
    a.arm(&clock, at(10ns));
    b.arm(&clock, at(20ns));
    elsewhere.arm(&other, at(10ns));
    QCOMPARE(clock.pendingWakeUps(), 2);
    a.arm(&clock, at(15ns)); // armed again is still one
    QCOMPARE(clock.pendingWakeUps(), 2);
    clock.advance(15ns);
    QCOMPARE(clock.pendingWakeUps(), 1);
    b.cancel();
    QCOMPARE(clock.pendingWakeUps(), 0);
    QCOMPARE(other.pendingWakeUps(), 1);
}

void tst_ManualClock::C5_destroyedByTheLastCallbackAfterAdvance()
{
    auto clock = std::make_unique<ManualClock>();
    Alarm alarm;
    alarm.arm(clock.get(), at(0ns));
    clock.reset(); // with a wake-up due, and its event posted
    QCoreApplication::processEvents();
    QCOMPARE(alarm.count(), 0);
    QVERIFY(!alarm.isArmed());
}

void tst_ManualClock::C5_otherThreadsAreTold()
{
    ManualClock clock;
    QThread thread;
    QObject worker;
    worker.moveToThread(&thread);
    thread.start();
    std::atomic<int> calls = 0;
    std::atomic<qint64> seen = -1;
    std::atomic<QThread *> servedIn = nullptr;
    Alarm alarm([&] {
        seen = ns(clock.now());
        servedIn = QThread::currentThread();
        ++calls;
    });
    const auto arm = [&](Instant due) {
        QMetaObject::invokeMethod(
                &worker, [&alarm, &clock, due] { alarm.arm(&clock, due); },
                Qt::BlockingQueuedConnection);
    };
    arm(at(10ns));
    clock.advance(9ns);
    QCOMPARE(calls.load(), 0);
    clock.advance(1ns);
    QTRY_COMPARE_WITH_TIMEOUT(calls.load(), 1, Ceiling.count());
    QCOMPARE(seen.load(), 10);
    QCOMPARE(servedIn.load(), &thread);

    arm(at(20ns));
    clock.elapse(20ns);
    QTRY_COMPARE_WITH_TIMEOUT(calls.load(), 2, Ceiling.count());
    QCOMPARE(seen.load(), 30);

    arm(at(40ns));
    QVERIFY(clock.advanceToNext());
    QTRY_COMPARE_WITH_TIMEOUT(calls.load(), 3, Ceiling.count());
    QCOMPARE(ns(clock.now()), 40);

    // For the present instant the other event loop needs no one to tell it.
    arm(at(40ns));
    QTRY_COMPARE_WITH_TIMEOUT(calls.load(), 4, Ceiling.count());

    thread.quit();
    QVERIFY(thread.wait());
}

// Time does not jump over what another thread waits for: our own posted events see that instant.
void tst_ManualClock::C5_otherThreadsInstantsAreVisited()
{
    ManualClock clock;
    QThread thread;
    QObject worker;
    worker.moveToThread(&thread);
    thread.start();
    std::atomic<bool> served = false;
    Alarm theirs([&] { served = true; });
    QMetaObject::invokeMethod(
            &worker, [&] { theirs.arm(&clock, at(10ns)); }, Qt::BlockingQueuedConnection);
    QVERIFY(clock.advanceToNext());
    QCOMPARE(ns(clock.now()), 10);
    QTRY_VERIFY_WITH_TIMEOUT(served.load(), Ceiling.count());
    QVERIFY(!clock.advanceToNext());
    thread.quit();
    QVERIFY(thread.wait());
}

// They serve in their own time; ours goes on.
void tst_ManualClock::C5_doesNotWaitForOtherThreads()
{
    ManualClock clock;
    QThread thread;
    QObject worker;
    worker.moveToThread(&thread);
    thread.start();
    QSemaphore isBlocked;
    QSemaphore mayGoOn;
    std::atomic<qint64> servedAt = -1;
    Alarm theirs([&] { servedAt = ns(clock.now()); });
    QMetaObject::invokeMethod(&worker, [&] {
        theirs.arm(&clock, at(10ns));
        isBlocked.release();
        mayGoOn.acquire();
    });
    isBlocked.acquire();
    QList<qint64> visited;
    Alarm ours;
    ours.onExpired([&] {
        visited.append(ns(clock.now()));
        ours.armIn(&clock, 7ns);
    });
    ours.arm(&clock, at(7ns));
    clock.advanceTo(at(30ns));
    QCOMPARE(visited, (QList<qint64>{ 7, 14, 21, 28 }));
    QCOMPARE(servedAt.load(), -1);
    mayGoOn.release();
    QTRY_COMPARE_WITH_TIMEOUT(servedAt.load(), 30, Ceiling.count());
    thread.quit();
    QVERIFY(thread.wait());
}

void tst_ManualClock::C1_timeElapsesInTwoThreads()
{
    constexpr int Steps = 50'000;
    ManualClock clock;
    const auto elapse = [&clock] {
        for (int i = 0; i < Steps; ++i)
            clock.elapse(1ns);
    };
    const std::unique_ptr<QThread> thread(QThread::create(elapse));
    thread->start();
    elapse();
    QVERIFY(thread->wait());
    QCOMPARE(ns(clock.now()), 2 * Steps);
}

void tst_ManualClock::C5_pendingWakeUpsOfAllThreads()
{
    ManualClock clock;
    Alarm ours;
    Alarm theirs;
    QThread thread;
    QObject worker;
    worker.moveToThread(&thread);
    thread.start();
    ours.arm(&clock, at(1h));
    QMetaObject::invokeMethod(
            &worker, [&] { theirs.arm(&clock, at(1h)); }, Qt::BlockingQueuedConnection);
    QCOMPARE(clock.pendingWakeUps(), 2);
    QMetaObject::invokeMethod(
            &worker, [&] { theirs.cancel(); }, Qt::BlockingQueuedConnection);
    QCOMPARE(clock.pendingWakeUps(), 1);
    QMetaObject::invokeMethod(
            &worker, [&] { theirs.arm(&clock, at(1h)); }, Qt::BlockingQueuedConnection);
    thread.quit();
    QVERIFY(thread.wait());
    QCOMPARE(clock.pendingWakeUps(), 1);
}

void tst_ManualClock::C5_withoutWakeUpsPostedEventsSettleToo()
{
    ManualClock clock;
    Instants seen;
    std::function<void(int)> post = [&](int left) {
        seen.push_back(ns(clock.now()));
        if (left > 0) {
            QMetaObject::invokeMethod(
                    this, [&post, left] { post(left - 1); }, Qt::QueuedConnection);
        }
    };
    QMetaObject::invokeMethod(
            this, [&] { post(3); }, Qt::QueuedConnection);
    clock.advance(1h);
    QCOMPARE(seen, (Instants{ 0, 0, 0, 0 }));
}

QTEST_GUILESS_MAIN(tst_ManualClock)
#include "tst_manualclock.moc"
