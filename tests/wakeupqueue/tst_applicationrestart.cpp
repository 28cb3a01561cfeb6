// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "alarm.h"

#include <Tactus/manualclock.h>
#include <Tactus/serialratelimiter.h>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qfuturewatcher.h>
#include <QtCore/qsemaphore.h>
#include <QtCore/qthread.h>
#include <QtTest/qtest.h>

#include <atomic>
#include <memory>
#include <thread>

using namespace std::chrono_literals;
using namespace Tactus;

// Programs and plugins that make a second application object after the first: the main thread's
// queues outlive the event dispatcher, and the platform timer that they had armed does not.
class tst_ApplicationRestart : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m_application = std::make_unique<QCoreApplication>(m_argc, m_argv); }
    void cleanup() { m_application.reset(); }

    void C5_virtualTimeGoesOn_data();
    void C5_virtualTimeGoesOn();
    void L4_canceledBeforeTheRestart();
    void L4_firesAfterTheRestart();
    void L4_armedAcrossTheRestart();
    void L4_armedBeforeIsServedAfter();
    void L4_limiterGoesOn();
    void L4_armedWithoutAnApplication();
    void C5_virtualTimeWithoutAnApplication();
    void L15_taskIsOnItsWayWhenTheApplicationGoes_data();
    void L15_taskIsOnItsWayWhenTheApplicationGoes();

private:
    void restart();

    char m_name[5] = "test";
    char *m_argv[2] = { m_name, nullptr };
    int m_argc = 1;
    std::unique_ptr<QCoreApplication> m_application;
    Alarm m_across;
};

void tst_ApplicationRestart::restart()
{
    m_application.reset();
    m_application = std::make_unique<QCoreApplication>(m_argc, m_argv);
}

void tst_ApplicationRestart::C5_virtualTimeGoesOn_data()
{
    QTest::addColumn<bool>("madeWithoutAnApplication");
    QTest::newRow("made without an application") << true; // first of all, before any is followed
    QTest::newRow("made with one") << false;
}

// That it is due had been posted to the first application.
void tst_ApplicationRestart::C5_virtualTimeGoesOn()
{
    QFETCH(bool, madeWithoutAnApplication);
    if (madeWithoutAnApplication)
        m_application.reset();
    ManualClock clock;
    Alarm alarm;
    alarm.armIn(&clock, 1h);
    if (madeWithoutAnApplication)
        restart();
    alarm.armIn(&clock, 0s);
    restart();
    QCOMPARE(alarm.count(), 0);
    QTRY_COMPARE_WITH_TIMEOUT(alarm.count(), 1, 5000);
}

// Leaves a platform timer that was armed, but will not go off any more.
void tst_ApplicationRestart::L4_canceledBeforeTheRestart()
{
    Alarm alarm;
    alarm.armIn(Clock::system(), 20ms);
    alarm.cancel();
}

void tst_ApplicationRestart::L4_firesAfterTheRestart()
{
    Alarm alarm;
    alarm.armIn(Clock::system(), 100ms);
    QTRY_COMPARE_WITH_TIMEOUT(alarm.count(), 1, 5000);
}

void tst_ApplicationRestart::L4_armedAcrossTheRestart()
{
    m_across.armIn(Clock::system(), 20ms);
    QVERIFY(m_across.isArmed());
}

void tst_ApplicationRestart::L4_armedBeforeIsServedAfter()
{
    QTRY_COMPARE_WITH_TIMEOUT(m_across.count(), 1, 5000);
}

// The events that had been posted to it went with the first application.
void tst_ApplicationRestart::L4_limiterGoesOn()
{
    std::atomic<int> ran = 0;
    SerialRateLimiter limiter(1000, 1s);
    limiter.post([&ran] { ++ran; });
    restart();
    QTRY_COMPARE_WITH_TIMEOUT(ran.load(), 1, 5000);
    std::thread([&] { limiter.post([&ran] { ++ran; }); }).join();
    QTRY_COMPARE_WITH_TIMEOUT(ran.load(), 2, 5000);
}

void tst_ApplicationRestart::L4_armedWithoutAnApplication()
{
    m_application.reset();
    Alarm alarm;
    alarm.armIn(Clock::system(), 1ms);
    QVERIFY(alarm.isArmed());
    m_application = std::make_unique<QCoreApplication>(m_argc, m_argv);
    QTRY_COMPARE_WITH_TIMEOUT(alarm.count(), 1, 5000);
}

void tst_ApplicationRestart::C5_virtualTimeWithoutAnApplication()
{
    m_application.reset();
    ManualClock clock;
    Alarm alarm;
    alarm.armIn(&clock, 1h);
    clock.advance(1h);
    QCOMPARE(alarm.count(), 1);
}

void tst_ApplicationRestart::L15_taskIsOnItsWayWhenTheApplicationGoes_data()
{
    QTest::addColumn<bool>("isWatched");
    QTest::newRow("nobody waits for it") << false;
    QTest::newRow("somebody does") << true; // and is told by an event
}

// Qt discards what was posted to it under a lock that postEvent() wants. The task is not part of that.
void tst_ApplicationRestart::L15_taskIsOnItsWayWhenTheApplicationGoes()
{
    QFETCH(bool, isWatched);
    QThread *const here = QThread::currentThread();
    QThread worker;
    worker.start();
    auto *const limiter = new SerialRateLimiter(1000, 1s);
    limiter->setTaskTimeout(1h);
    limiter->moveToThread(&worker);
    QSemaphore isMoved;
    const QFuture<int> future = limiter->push([limiter, here, &isMoved] {
        limiter->moveToThread(here);
        isMoved.release();
        return 1;
    });
    QFutureWatcher<int> watcher;
    if (isWatched)
        watcher.setFuture(future);
    isMoved.acquire();
    worker.quit();
    worker.wait(); // it has sent what is left by now
    m_application.reset();
    QVERIFY(!future.isFinished());
    delete limiter;
    QVERIFY(future.isFinished());
    QVERIFY(future.isCanceled());
}

QTEST_APPLESS_MAIN(tst_ApplicationRestart)
#include "tst_applicationrestart.moc"
