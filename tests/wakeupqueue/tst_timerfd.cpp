// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// What only concerns the timerfd: descriptors and system calls. What all wake sources have to do is
// tested by tst_wakeupqueue and tst_systemclock, on each of them.

#include "alarm.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qdir.h>
#include <QtCore/qloggingcategory.h>
#include <QtCore/qregularexpression.h>
#include <QtCore/qthread.h>
#include <QtTest/qtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>

using namespace std::chrono_literals;
using namespace Tactus;

namespace {

std::atomic<int> settings = 0;

} // namespace

// In the place of the C library's, to count the calls.
extern "C" int timerfd_settime(int descriptor, int flags, const itimerspec *setting,
                               itimerspec *previous) noexcept
{
    using Function = int (*)(int, int, const itimerspec *, itimerspec *);
    static const auto original = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "timerfd_settime"));
    ++settings;
    return original(descriptor, flags, setting, previous);
}

namespace {

constexpr std::chrono::milliseconds Ceiling = 10s; // for what should come at once

// Real time, but with a queue of its own.
class OwnClock final : public Clock
{
public:
    Instant now() const override { return system()->now(); }
};

// The timerfds that this process has open.
std::vector<int> descriptors()
{
    const QDir directory(QStringLiteral("/proc/self/fd"));
    std::vector<int> found;
    const QStringList names = directory.entryList(QDir::AllEntries | QDir::System
                                                  | QDir::NoDotAndDotDot);
    for (const QString &name : names) {
        char target[64] = {};
        const QByteArray path = "/proc/self/fd/" + name.toLatin1();
        if (readlink(path.constData(), target, sizeof(target) - 1) > 0
            && qstrcmp(target, "anon_inode:[timerfd]") == 0)
            found.push_back(name.toInt());
    }
    return found;
}

// While it lives, the process can not open a file.
class NoDescriptorsLeft
{
public:
    NoDescriptorsLeft()
    {
        getrlimit(RLIMIT_NOFILE, &m_limit);
        const int lowestFree = dup(0);
        close(lowestFree);
        rlimit none = m_limit;
        none.rlim_cur = static_cast<rlim_t>(lowestFree);
        setrlimit(RLIMIT_NOFILE, &none);
    }
    ~NoDescriptorsLeft() { setrlimit(RLIMIT_NOFILE, &m_limit); }

private:
    Q_DISABLE_COPY_MOVE(NoDescriptorsLeft)
    rlimit m_limit{};
};

} // namespace

class tst_TimerFd : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void oneForAThreadAndAClock();
    void goesWithItsThread_data();
    void goesWithItsThread();
    void goesWithTheClock();
    void isNotInherited();
    void isNotUsedIfTheEnvironmentSaysSo();
    void withoutDescriptorsQtsTimersAreUsed();

    void isSetOnlyForAnEarlierWakeUp();
    void isSetOnceForAllThatAreServed();
    void isNotSetForWhatIsDueAlready();
    void isNotReadyForWhatIsLater();
    void isClearedWhenNothingIsLeft();

private:
    char m_name[5] = "test";
    char *m_argv[2] = { m_name, nullptr };
    int m_argc = 1;
    std::unique_ptr<QCoreApplication> m_application;
};

void tst_TimerFd::init()
{
    QTest::failOnWarning(QRegularExpression(QStringLiteral(".*")));
    m_application = std::make_unique<QCoreApplication>(m_argc, m_argv);
    QVERIFY(descriptors().empty());
}

// The queues of the main thread stay, but the event dispatcher goes.
void tst_TimerFd::cleanup()
{
    m_application.reset();
    QVERIFY(descriptors().empty());
}

void tst_TimerFd::oneForAThreadAndAClock()
{
    OwnClock clock;
    Alarm first;
    Alarm second;
    first.armIn(&clock, 1h);
    second.armIn(&clock, 2h, 0ns);
    QCOMPARE(descriptors().size(), 1U);
    OwnClock otherClock;
    second.armIn(&otherClock, 1h);
    QCOMPARE(descriptors().size(), 2U);
}

void tst_TimerFd::goesWithItsThread_data()
{
    QTest::addColumn<bool>("byQt");
    QTest::newRow("QThread") << true;
    QTest::newRow("std::thread") << false;
}

void tst_TimerFd::goesWithItsThread()
{
    QFETCH(const bool, byQt);
    size_t during = 0;
    Alarm alarm;
    const auto work = [&] {
        alarm.armIn(Clock::system(), 1h);
        during = descriptors().size();
    };
    if (byQt) {
        const std::unique_ptr<QThread> thread(QThread::create(work));
        thread->start();
        QVERIFY(thread->wait());
    } else {
        std::thread(work).join();
    }
    QCOMPARE(during, 1U);
    QVERIFY(descriptors().empty());
    QVERIFY(!alarm.isArmed());
}

void tst_TimerFd::goesWithTheClock()
{
    Alarm alarm;
    {
        OwnClock clock;
        alarm.armIn(&clock, 1h);
        QCOMPARE(descriptors().size(), 1U);
    }
    QVERIFY(descriptors().empty());
}

void tst_TimerFd::isNotInherited()
{
    OwnClock clock;
    Alarm alarm;
    alarm.armIn(&clock, 1h);
    const std::vector<int> found = descriptors();
    QCOMPARE(found.size(), 1U);
    QCOMPARE(fcntl(found.front(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}

void tst_TimerFd::isNotUsedIfTheEnvironmentSaysSo()
{
    qputenv("TACTUS_NO_TIMERFD", "1");
    OwnClock clock;
    Alarm alarm;
    alarm.armIn(&clock, 1ms);
    qunsetenv("TACTUS_NO_TIMERFD");
    QVERIFY(descriptors().empty());
    QTRY_COMPARE_WITH_TIMEOUT(alarm.count(), 1, Ceiling.count());
}

void tst_TimerFd::withoutDescriptorsQtsTimersAreUsed()
{
    OwnClock clock;
    OwnClock otherClock;
    Alarm alarm;
    Alarm otherAlarm;
    const QLoggingCategory any("tst_timerfd"); // Qt reads a file for the first one
    {
        const NoDescriptorsLeft none;
        // Once for the process.
        QTest::ignoreMessage(QtWarningMsg,
                             QRegularExpression(QStringLiteral("^timerfd_create: .+ late")));
        alarm.armIn(&clock, 1ms);
        otherAlarm.armIn(&otherClock, 1ms);
        QTRY_COMPARE_WITH_TIMEOUT(alarm.count(), 1, Ceiling.count());
        QTRY_COMPARE_WITH_TIMEOUT(otherAlarm.count(), 1, Ceiling.count());
        alarm.armIn(&clock, 1ms);
        QTRY_COMPARE_WITH_TIMEOUT(alarm.count(), 2, Ceiling.count());
    }
    OwnClock laterClock;
    alarm.armIn(&laterClock, 1ms);
    QCOMPARE(descriptors().size(), 1U);
    QTRY_COMPARE_WITH_TIMEOUT(alarm.count(), 3, Ceiling.count());
}

void tst_TimerFd::isSetOnlyForAnEarlierWakeUp()
{
    OwnClock clock;
    Alarm first;
    Alarm second;
    Alarm third;
    const int before = settings;
    first.armIn(&clock, 2h);
    QCOMPARE(settings - before, 1);
    second.armIn(&clock, 3h);
    second.armIn(&clock, 4h);
    QCOMPARE(settings - before, 1);
    third.armIn(&clock, 1h);
    QCOMPARE(settings - before, 2);
    third.cancel();
    first.armIn(&clock, 5h);
    third.armIn(&clock, 3h);
    QCOMPARE(settings - before, 2);
}

// A pass serves all that are due and sets the timer at its end, whatever they arm meanwhile.
void tst_TimerFd::isSetOnceForAllThatAreServed()
{
    constexpr int Alarms = 200;
    constexpr int Rounds = 10;
    OwnClock clock;
    std::vector<std::unique_ptr<Alarm>> alarms;
    int finished = 0;
    for (int i = 0; i < Alarms; ++i) {
        alarms.push_back(std::make_unique<Alarm>());
        Alarm *const alarm = alarms.back().get();
        alarm->onExpired([&, alarm, due = clock.now() + 10ms]() mutable {
            if (alarm->count() == Rounds)
                ++finished;
            else
                alarm->arm(&clock, due += 10ms);
        });
        alarm->armIn(&clock, 10ms);
    }
    const int before = settings;
    QTRY_COMPARE_WITH_TIMEOUT(finished, Alarms, Ceiling.count());
    QVERIFY2(settings - before < Alarms * Rounds / 4,
             QByteArray::number(settings - before).constData());
}

// It is ready, and stays so.
void tst_TimerFd::isNotSetForWhatIsDueAlready()
{
    constexpr int Rounds = 1000;
    OwnClock clock;
    Alarm busy;
    busy.onExpired([&] {
        if (busy.count() < Rounds)
            busy.armIn(&clock, 0ns);
    });
    const int before = settings;
    busy.armIn(&clock, 0ns);
    QTRY_COMPARE_WITH_TIMEOUT(busy.count(), Rounds, Ceiling.count());
    QCOMPARE(settings - before, 2); // and at the end
}

// A descriptor that stayed ready would keep the event loop busy.
void tst_TimerFd::isNotReadyForWhatIsLater()
{
    OwnClock clock;
    Alarm alarm;
    alarm.onExpired([&] { alarm.armIn(&clock, 1h); });
    alarm.armIn(&clock, 1ms);
    QTRY_COMPARE_WITH_TIMEOUT(alarm.count(), 1, Ceiling.count());
    pollfd waiting{ descriptors().front(), POLLIN, 0 };
    QCOMPARE(poll(&waiting, 1, 0), 0);
}

void tst_TimerFd::isClearedWhenNothingIsLeft()
{
    OwnClock clock;
    Alarm alarm;
    alarm.armIn(&clock, 1ms);
    QTRY_COMPARE_WITH_TIMEOUT(alarm.count(), 1, Ceiling.count());
    const std::vector<int> found = descriptors();
    QCOMPARE(found.size(), 1U);
    pollfd waiting{ found.front(), POLLIN, 0 };
    QCOMPARE(poll(&waiting, 1, 0), 0);
    itimerspec setting{};
    QCOMPARE(timerfd_gettime(found.front(), &setting), 0);
    QCOMPARE(setting.it_value.tv_sec, 0);
    QCOMPARE(setting.it_value.tv_nsec, 0);
}

QTEST_APPLESS_MAIN(tst_TimerFd)
#include "tst_timerfd.moc"
