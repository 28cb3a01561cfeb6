// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// How callbacks fail, and how long they may take.

#include "../readyfuture.h"
#include "signallog.h"
#include "virtualtimer.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qexception.h>
#include <QtCore/qregularexpression.h>
#include <QtTest/qtest.h>

#include <functional>
#include <stdexcept>

using namespace std::chrono_literals;
using namespace Tactus;
using ErrorPolicy = ScheduledTimer::ErrorPolicy;
using Policy = ScheduledTimer::Policy;

namespace {

class Failure : public QException
{
public:
    const char *what() const noexcept override { return "a QException"; }
    void raise() const override { throw *this; }
    Failure *clone() const override { return new Failure(*this); }
};

} // namespace

class tst_ScheduledTimerErrors : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();

    void signalsOfATickInOrder();

    void T11_throwingCallables_data();
    void T11_throwingCallables();
    void T11_failingFutures_data();
    void T11_failingFutures();
    void T11_alreadyFailedFuture();
    void T11_canceledFutureCountsAsCompleted();
    void T11_droppedPromiseCountsAsCompleted();
    void T11_defaultConstructedFutureCountsAsCompleted();
    void T11_theScheduleGoesOn();
    void T11_errorPolicyStop();
    void T11_errorPolicyStopAndMaximumTicks();
    void T11_errorOfAnEarlierRunDoesNotStopThisOne();
    void T11_startFromTheHandlerOfTheError();
    void T11_completedOnceAfterEveryCallback();

    void T16_exactlyAtTheTimeoutIsInTime();
    void T16_oneNanosecondLonger();
    void T16_aSynchronousOverrun_data();
    void T16_aSynchronousOverrun();
    void T16_busyUntilTheFutureIsReallyFinished();
    void T16_onceOnly();
    void T16_afterStop();
    void T16_countsFromTheStartOfTheCallback();
    void T16_eachCallbackHasItsOwn();
    void T16_changedWhileACallbackRuns();
    void T16_noticedLateButOnce();
    void T16_stopInTheHandler();
    void T16_beforeTheTick_data();
    void T16_beforeTheTick();
    void T16_slowSlotsCount();
};

void tst_ScheduledTimerErrors::init()
{
    QTest::failOnWarning(QRegularExpression(QStringLiteral(".*")));
}

void tst_ScheduledTimerErrors::signalsOfATickInOrder()
{
    VirtualTimer v(10ms);
    SignalLog log(&v.timer);
    v.timer.setCallbackTimeout(30ms);
    v.timer.setMaximumTicks(2);
    v.timer.setCallback([&] {
        log.note("callable");
        v.clock.elapse(35ms);
        throw std::runtime_error("no");
    });
    v.timer.start();
    log.take();
    v.clock.advance(10ms);
    QCOMPARE(log.take(), lines({ "busy", "tick 1", "tickCount 1", "callable", "not busy",
                                 "timedOut 1", "errorOccurred 1 no", "completed 1" }));
    v.clock.advance(5ms);
    QCOMPARE(log.take(), lines({ "missedCount 3", "ticksMissed 3", "busy", "not running",
                                 "tick 5 missed 3", "tickCount 2", "callable", "not busy",
                                 "timedOut 5", "errorOccurred 5 no", "completed 5", "stopped" }));
}

// ---- T11

using Thrower = std::function<void()>;

static void addErrors()
{
    QTest::addColumn<Thrower>("thrower");
    QTest::addColumn<QString>("message");
    QTest::newRow("std::runtime_error")
            << Thrower([] { throw std::runtime_error("a grüß"); }) << QString::fromUtf8("a grüß");
    QTest::newRow("QException") << Thrower([] { throw Failure(); })
                                << QStringLiteral("a QException");
    QTest::newRow("const char *") << Thrower([] { throw "plain text"; })
                                  << QStringLiteral("plain text");
    QTest::newRow("QString") << Thrower([] { throw QStringLiteral("text"); })
                             << QStringLiteral("text");
    QTest::newRow("int") << Thrower([] { throw 42; }) << QStringLiteral("unknown exception");
    QTest::newRow("std::bad_function_call")
            << Thrower([] { std::function<void()>()(); }) << QStringLiteral("bad_function_call");
}

static std::exception_ptr caught(const Thrower &thrower)
{
    try {
        thrower();
    } catch (...) {
        return std::current_exception();
    }
    return {};
}

void tst_ScheduledTimerErrors::T11_throwingCallables_data()
{
    addErrors();
}

void tst_ScheduledTimerErrors::T11_throwingCallables()
{
    QFETCH(const Thrower, thrower);
    QFETCH(const QString, message);
    VirtualTimer v(10ms);
    SignalLog log(&v.timer);
    v.timer.setCallback(thrower);
    v.timer.start();
    log.take();
    v.clock.advance(10ms);
    const QString error = QStringLiteral("errorOccurred 1 ") + message;
    QCOMPARE(log.take(), lines({ "busy", "tick 1", "tickCount 1", "not busy", qUtf8Printable(error),
                                 "completed 1" }));
    v.clock.advance(10ms);
    QCOMPARE(v.ticks.size(), 2U);
}

void tst_ScheduledTimerErrors::T11_failingFutures_data()
{
    addErrors();
}

void tst_ScheduledTimerErrors::T11_failingFutures()
{
    QFETCH(const Thrower, thrower);
    QFETCH(const QString, message);
    VirtualTimer v(10ms);
    SignalLog log(&v.timer);
    PendingWork work;
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    v.clock.advance(10ms);
    log.take();
    work.fail(caught(thrower));
    v.clock.advance(0ns);
    const QString error = QStringLiteral("errorOccurred 1 ") + message;
    QCOMPARE(log.take(), lines({ "not busy", qUtf8Printable(error), "completed 1" }));
    v.clock.advance(10ms);
    QCOMPARE(v.ticks.size(), 2U);
}

void tst_ScheduledTimerErrors::T11_alreadyFailedFuture()
{
    VirtualTimer v(10ms);
    SignalLog log(&v.timer);
    v.timer.setCallback([] { return QtFuture::makeExceptionalFuture<void>(Failure()); });
    v.timer.start();
    log.take();
    v.clock.advance(10ms);
    QCOMPARE(log.take(), lines({ "busy", "tick 1", "tickCount 1", "not busy",
                                 "errorOccurred 1 a QException", "completed 1" }));
}

void tst_ScheduledTimerErrors::T11_canceledFutureCountsAsCompleted()
{
    VirtualTimer v(10ms);
    v.timer.setErrorPolicy(ErrorPolicy::Stop);
    SignalLog log(&v.timer);
    PendingWork work;
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    v.clock.advance(10ms);
    log.take();
    work.last().future().cancel();
    v.clock.advance(25ms);
    QVERIFY(v.timer.isBusy()); // canceled is not finished
    work.finish();
    v.clock.advance(0ns);
    QCOMPARE(log.take(), lines({ "not busy", "completed 1" }));
    QVERIFY(v.timer.isRunning());
}

void tst_ScheduledTimerErrors::T11_droppedPromiseCountsAsCompleted()
{
    VirtualTimer v(10ms);
    SignalLog log(&v.timer);
    PendingWork work;
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    v.clock.advance(10ms);
    log.take();
    work.drop();
    v.clock.advance(0ns);
    QCOMPARE(log.take(), lines({ "not busy", "completed 1" }));
    // Dropped before it was even returned.
    v.timer.setCallback([] {
        QPromise<void> promise;
        promise.start();
        return promise.future();
    });
    v.clock.advance(10ms);
    QCOMPARE(log.take(), lines({ "busy", "tick 2", "tickCount 2", "not busy", "completed 2" }));
}

void tst_ScheduledTimerErrors::T11_defaultConstructedFutureCountsAsCompleted()
{
    VirtualTimer v(10ms);
    SignalLog log(&v.timer);
    v.timer.setCallback([] { return QFuture<QString>(); });
    v.timer.start();
    log.take();
    v.clock.advance(10ms);
    QCOMPARE(log.take(), lines({ "busy", "tick 1", "tickCount 1", "not busy", "completed 1" }));
}

void tst_ScheduledTimerErrors::T11_theScheduleGoesOn()
{
    for (const Policy policy : { Policy::Fixed, Policy::Delay }) {
        VirtualTimer v(10ms, policy);
        v.timer.setCallback([&v] {
            v.clock.elapse(3ms);
            throw std::runtime_error("always");
        });
        v.timer.start();
        v.clock.advance(40ms);
        QVERIFY(v.times
                == (policy == Policy::Fixed ? std::vector<Duration>{ 10ms, 20ms, 30ms, 40ms }
                                            : std::vector<Duration>{ 10ms, 23ms, 36ms }));
    }
}

void tst_ScheduledTimerErrors::T11_errorPolicyStop()
{
    for (const bool asynchronous : { false, true }) {
        VirtualTimer v(10ms);
        v.timer.setErrorPolicy(ErrorPolicy::Stop);
        SignalLog log(&v.timer);
        PendingWork work;
        if (asynchronous)
            v.timer.setCallback([&work] { return work.begin(); });
        else
            v.timer.setCallback([] { throw std::runtime_error("no"); });
        v.timer.start();
        v.clock.advance(9ms);
        log.take();
        v.clock.advance(1ms);
        if (asynchronous)
            work.fail(std::make_exception_ptr(std::runtime_error("no")));
        v.clock.advance(1s);
        QCOMPARE(log.take(), lines({ "busy", "tick 1", "tickCount 1", "not busy", "not running",
                                     "errorOccurred 1 no", "completed 1", "stopped" }));
        QVERIFY(!v.timer.isRunning());
        QCOMPARE(v.clock.pendingWakeUps(), 0);
    }
}

void tst_ScheduledTimerErrors::T11_errorPolicyStopAndMaximumTicks()
{
    VirtualTimer v(10ms);
    v.timer.setErrorPolicy(ErrorPolicy::Stop);
    v.timer.setMaximumTicks(1);
    SignalLog log(&v.timer);
    v.timer.setCallback([] { throw std::runtime_error("no"); });
    v.timer.start();
    log.take();
    v.clock.advance(1s);
    QCOMPARE(log.take(), lines({ "busy", "not running", "tick 1", "tickCount 1", "not busy",
                                 "errorOccurred 1 no", "completed 1", "stopped" }));
}

void tst_ScheduledTimerErrors::T11_errorOfAnEarlierRunDoesNotStopThisOne()
{
    VirtualTimer v(10ms);
    v.timer.setErrorPolicy(ErrorPolicy::Stop);
    PendingWork work;
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    v.clock.advance(10ms);
    v.timer.restart();
    work.fail(std::make_exception_ptr(std::runtime_error("old")));
    v.clock.advance(5ms);
    QVERIFY(v.timer.isRunning());
    v.clock.advance(5ms);
    QCOMPARE(work.count(), 2U);
}

void tst_ScheduledTimerErrors::T11_startFromTheHandlerOfTheError()
{
    VirtualTimer v(10ms);
    v.timer.setErrorPolicy(ErrorPolicy::Stop);
    SignalLog log(&v.timer);
    QObject::connect(&v.timer, &ScheduledTimer::errorOccurred, &v.receiver, [&v] {
        QVERIFY(!v.timer.isRunning());
        QVERIFY(!v.timer.isBusy());
        QVERIFY(v.timer.start());
    });
    v.timer.setCallback([&v] {
        v.clock.elapse(2ms);
        throw std::runtime_error("again");
    });
    v.timer.start();
    v.clock.advance(30ms);
    QVERIFY((v.times == std::vector<Duration>{ 10ms, 22ms }));
    QCOMPARE(log.all().count(QStringLiteral("stopped")), 0);
}

void tst_ScheduledTimerErrors::T11_completedOnceAfterEveryCallback()
{
    VirtualTimer v(10ms);
    SignalLog log(&v.timer);
    v.timer.setCallback([](const Tick &tick) {
        if (tick.index() % 3 == 0)
            throw std::runtime_error("third");
    });
    v.timer.start();
    v.clock.advance(100ms);
    for (int n = 1; n <= 10; ++n) {
        QCOMPARE(log.all().count(QStringLiteral("completed %1").arg(n)), 1);
        QCOMPARE(log.all().count(QStringLiteral("errorOccurred %1 third").arg(n)),
                 n % 3 == 0 ? 1 : 0);
    }
}

// ---- T16

void tst_ScheduledTimerErrors::T16_exactlyAtTheTimeoutIsInTime()
{
    VirtualTimer v(10ms);
    v.timer.setCallbackTimeout(3ms);
    SignalLog log(&v.timer);
    PendingWork work;
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    v.clock.advance(13ms);
    QVERIFY(!work.isLastCanceled());
    work.finish();
    v.clock.advance(5ms);
    QVERIFY(!log.all().contains(QStringLiteral("timedOut 1")));
}

void tst_ScheduledTimerErrors::T16_oneNanosecondLonger()
{
    VirtualTimer v(10ms);
    v.timer.setCallbackTimeout(3ms);
    SignalLog log(&v.timer);
    PendingWork work;
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    v.clock.advance(13ms);
    log.take();
    v.clock.advance(1ns);
    QVERIFY(work.isLastCanceled());
    QCOMPARE(log.take(), lines({ "timedOut 1" }));
}

void tst_ScheduledTimerErrors::T16_aSynchronousOverrun_data()
{
    QTest::addColumn<qint64>("nanoseconds");
    QTest::addColumn<bool>("timedOut");
    QTest::newRow("in time") << qint64(2'999'999) << false;
    QTest::newRow("at the limit") << qint64(3'000'000) << false;
    QTest::newRow("longer") << qint64(3'000'001) << true;
}

void tst_ScheduledTimerErrors::T16_aSynchronousOverrun()
{
    QFETCH(const qint64, nanoseconds);
    QFETCH(const bool, timedOut);
    for (const bool ready : { false, true }) {
        VirtualTimer v(10ms);
        v.timer.setCallbackTimeout(3ms);
        SignalLog log(&v.timer);
        if (ready) {
            v.timer.setCallback([&v, nanoseconds] {
                v.clock.elapse(Duration(nanoseconds));
                return readyFuture();
            });
        } else {
            v.timer.setCallback([&v, nanoseconds] { v.clock.elapse(Duration(nanoseconds)); });
        }
        v.timer.start();
        log.take();
        v.clock.advance(15ms);
        QCOMPARE(log.take(),
                 timedOut ? lines({ "busy", "tick 1", "tickCount 1", "not busy", "timedOut 1",
                                    "completed 1" })
                          : lines({ "busy", "tick 1", "tickCount 1", "not busy", "completed 1" }));
    }
}

void tst_ScheduledTimerErrors::T16_busyUntilTheFutureIsReallyFinished()
{
    VirtualTimer v(10ms);
    v.timer.setCallbackTimeout(3ms);
    PendingWork work;
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    v.clock.advance(100ms);
    QVERIFY(work.isLastCanceled());
    QVERIFY(v.timer.isBusy());
    QCOMPARE(work.count(), 1U);
    work.finish();
    v.clock.advance(0ns);
    QVERIFY(!v.timer.isBusy());
    v.clock.advance(10ms);
    QCOMPARE(work.count(), 2U);
    QVERIFY(!work.isLastCanceled());
}

void tst_ScheduledTimerErrors::T16_onceOnly()
{
    VirtualTimer v(10ms);
    v.timer.setCallbackTimeout(3ms);
    SignalLog log(&v.timer);
    PendingWork work;
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    v.clock.advance(100ms);
    v.timer.setCallbackTimeout(4ms);
    v.timer.setTolerance(4ms);
    v.clock.advance(100ms);
    work.finish();
    v.clock.advance(0ns);
    QCOMPARE(log.all().count(QStringLiteral("timedOut 1")), 1);
}

void tst_ScheduledTimerErrors::T16_afterStop()
{
    VirtualTimer v(10ms);
    v.timer.setCallbackTimeout(3ms);
    SignalLog log(&v.timer);
    PendingWork work;
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    v.clock.advance(10ms);
    QFuture<void> stopped = v.timer.stop();
    log.take();
    v.clock.advance(3ms);
    QVERIFY(!work.isLastCanceled());
    v.clock.advance(1ns);
    QVERIFY(work.isLastCanceled());
    QCOMPARE(log.take(), lines({ "timedOut 1" }));
    QVERIFY(!stopped.isFinished());
    work.finish();
    v.clock.advance(0ns);
    QVERIFY(stopped.isFinished());
}

void tst_ScheduledTimerErrors::T16_countsFromTheStartOfTheCallback()
{
    VirtualTimer v(10ms);
    v.timer.setCallbackTimeout(3ms);
    PendingWork work;
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    v.clock.elapse(17ms); // the tick is late; that is not the callback's fault
    v.clock.advance(3ms);
    QVERIFY(!work.isLastCanceled());
    v.clock.advance(1ns);
    QVERIFY(work.isLastCanceled());
}

void tst_ScheduledTimerErrors::T16_eachCallbackHasItsOwn()
{
    VirtualTimer v(10ms, Policy::Delay);
    v.timer.setCallbackTimeout(3ms);
    SignalLog log(&v.timer);
    PendingWork work;
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    v.clock.advance(12ms);
    work.finish();
    v.clock.advance(13ms); // the second one started at 22 ms
    QCOMPARE(work.count(), 2U);
    QVERIFY(!work.isLastCanceled());
    v.clock.advance(1ns);
    QVERIFY(work.isLastCanceled());
    QCOMPARE(log.all().filter(QStringLiteral("timedOut")), lines({ "timedOut 2" }));
}

void tst_ScheduledTimerErrors::T16_changedWhileACallbackRuns()
{
    VirtualTimer v(10ms);
    PendingWork work;
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    v.clock.advance(15ms);
    v.timer.setCallbackTimeout(6ms);
    v.clock.advance(1ms);
    QVERIFY(!work.isLastCanceled());
    v.timer.setCallbackTimeout(0ms);
    v.clock.advance(10ms);
    QVERIFY(!work.isLastCanceled());
    v.timer.setCallbackTimeout(1ms); // exceeded already
    v.clock.advance(0ns);
    QVERIFY(work.isLastCanceled());
}

void tst_ScheduledTimerErrors::T16_noticedLateButOnce()
{
    VirtualTimer v(10ms);
    v.timer.setCallbackTimeout(3ms);
    SignalLog log(&v.timer);
    PendingWork work;
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    v.clock.advance(10ms);
    v.clock.elapse(5ms); // the event loop is blocked past the limit, and the work ends meanwhile
    work.finish();
    v.clock.advance(0ns);
    QCOMPARE(log.all().count(QStringLiteral("timedOut 1")), 1);
    QCOMPARE(log.all().count(QStringLiteral("completed 1")), 1);
}

void tst_ScheduledTimerErrors::T16_stopInTheHandler()
{
    VirtualTimer v(10ms);
    v.timer.setCallbackTimeout(3ms);
    PendingWork work;
    v.timer.setCallback([&work] { return work.begin(); });
    QFuture<void> stopped;
    QObject::connect(&v.timer, &ScheduledTimer::timedOut, &v.receiver,
                     [&] { stopped = v.timer.stop(); });
    v.timer.start();
    v.clock.advance(20ms);
    QVERIFY(!stopped.isFinished());
    work.finish();
    v.clock.advance(20ms);
    QVERIFY(stopped.isFinished());
    QCOMPARE(work.count(), 1U);
}

void tst_ScheduledTimerErrors::T16_beforeTheTick_data()
{
    QTest::addColumn<bool>("stops");
    QTest::newRow("that comes") << false;
    QTest::newRow("that does not come") << true;
}

// In an event loop of a handler that is told of the callback first.
void tst_ScheduledTimerErrors::T16_beforeTheTick()
{
    QFETCH(bool, stops);
    VirtualTimer v(10ms);
    v.timer.setCallbackTimeout(3ms);
    SignalLog log(&v.timer);
    QObject::connect(&v.timer, &ScheduledTimer::busyChanged, &v.receiver, [&] {
        if (!v.timer.isBusy())
            return;
        v.clock.elapse(4ms);
        QCoreApplication::processEvents();
        if (stops)
            v.timer.stop();
    });
    v.timer.start();
    v.clock.advance(10ms);
    QCOMPARE(v.ticks.size(), stops ? 0U : 1U);
    const QStringList told = log.all();
    QCOMPARE(told.count(QStringLiteral("timedOut 1")), stops ? 0 : 1);
    if (!stops)
        QVERIFY(told.indexOf(QStringLiteral("tick 1")) < told.indexOf(QStringLiteral("timedOut 1")));
}

void tst_ScheduledTimerErrors::T16_slowSlotsCount()
{
    VirtualTimer v(10ms);
    v.timer.setCallbackTimeout(3ms);
    SignalLog log(&v.timer);
    QObject::connect(&v.timer, &ScheduledTimer::tick, &v.receiver, [&v] { v.clock.elapse(4ms); });
    v.timer.start();
    v.clock.advance(10ms);
    QCOMPARE(log.all().count(QStringLiteral("timedOut 1")), 1);
}

QTEST_GUILESS_MAIN(tst_ScheduledTimerErrors)

#include "tst_scheduledtimer_errors.moc"
