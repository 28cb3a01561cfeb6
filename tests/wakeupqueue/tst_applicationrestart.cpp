// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "alarm.h"

#include <QtCore/qcoreapplication.h>
#include <QtTest/qtest.h>

#include <memory>

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

    void L4_canceledBeforeTheRestart();
    void L4_firesAfterTheRestart();
    void L4_armedAcrossTheRestart();
    void L4_armedBeforeIsServedAfter();

private:
    char m_name[5] = "test";
    char *m_argv[2] = { m_name, nullptr };
    int m_argc = 1;
    std::unique_ptr<QCoreApplication> m_application;
    Alarm m_across;
};

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
    Alarm alarm;
    alarm.armIn(Clock::system(), 50ms);
    QTRY_COMPARE_WITH_TIMEOUT(alarm.count(), 1, 5000);
    QCOMPARE(m_across.count(), 1);
}

QTEST_APPLESS_MAIN(tst_ApplicationRestart)
#include "tst_applicationrestart.moc"
