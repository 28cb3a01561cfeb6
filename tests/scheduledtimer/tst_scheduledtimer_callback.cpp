// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// The callable: which ones are accepted, the futures they return, and the context they live with.

#include "../readyfuture.h"
#include "signallog.h"
#include "virtualtimer.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qpointer.h>
#include <QtCore/qregularexpression.h>
#include <QtCore/qthread.h>
#include <QtTest/qtest.h>

#include <functional>
#include <memory>
#include <stdexcept>

using namespace std::chrono_literals;
using namespace Tactus;
using Policy = ScheduledTimer::Policy;

// A value that says by a future of its own when it is finished.
struct Parcel
{
    QFuture<int> delivered;
};

template <>
struct Tactus::TaskTraits<Parcel>
{
    static QFuture<int> toFuture(const Parcel &parcel) { return parcel.delivered; }
};

namespace {

class Device : public QObject
{
    Q_OBJECT
public:
    void ping() { ++pings; }
    void pingWith(const Tick &tick) { last = tick.index(); }
    int pingConst() const { return ++pings; }
    QFuture<int> fetch() { return work.begin(); }

    mutable int pings = 0;
    qint64 last = 0;
    PendingWork work;
};

int freeCalls = 0;
void freeFunction()
{
    ++freeCalls;
}

void expectWarning(const char *pattern)
{
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QString::fromUtf8(pattern)));
}

} // namespace

class tst_ScheduledTimerCallback : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();

    void callablesOfEveryKind();
    void moveOnlyCallable();
    void T6_continuationOfTheCallbacksFutureTakesTheResult();
    void memberFunctionsWithContext();
    void nullCallablesAreRefused();
    void contextsThatDoNotFitAreRefused();
    void replacedDuringItsOwnCall();
    void replacedWhileItsFutureIsPending();
    void clearedCallableRunsNoMore();
    void valuesAreIgnored();
    void taskTraitsAreAwaited();

    void T1_aPendingFutureKeepsTheTimerBusy();
    void T1_finishedFutureDoesNotHoldUp();

    void T4_aFutureFinishedByTheEventLoopEndsTheCallbackThen();

    void T10_contextDiesIdle();
    void T10_contextIsDisconnectedBeforeItDies();
    void T10_whatTheCallableHasCapturedMayCallTheTimer();
    void T10_contextDiesWhileItsFutureIsPending();
    void T10_contextDiesInASlotOfTheTick();
    void T10_contextDiesInItsOwnCallable();
    void T10_contextOfAReplacedCallableIsOfNoAccount();
    void T10_contextOfAReplacedCallableDiesInAnotherThread();
    void T10_every();
    void T10_everyWithoutAContext();
    void T10_everyWithAContextElsewhere();
    void T10_everyWithABadInterval();

    void usersOwnContinuation_data();
    void usersOwnContinuation();
    void usersContinuationDeletesTheTimer();
    void sameFutureReturnedTwice();
};

void tst_ScheduledTimerCallback::init()
{
    QTest::failOnWarning(QRegularExpression(QStringLiteral(".*")));
}

void tst_ScheduledTimerCallback::callablesOfEveryKind()
{
    VirtualTimer v(10ms);
    v.timer.start();
    int calls = 0;
    qint64 index = 0;

    v.timer.setCallback([&calls] { ++calls; });
    v.clock.advance(10ms);
    QCOMPARE(calls, 1);

    v.timer.setCallback([&index](const Tick &tick) { index = tick.index(); });
    v.clock.advance(10ms);
    QCOMPARE(index, 2);

    v.timer.setCallback([&index](Tick tick) { index = tick.index(); });
    v.clock.advance(10ms);
    QCOMPARE(index, 3);

    v.timer.setCallback([&index](const auto &tick) { index = tick.index(); });
    v.clock.advance(10ms);
    QCOMPARE(index, 4);

    v.timer.setCallback([calls = 0, &index]() mutable { index = ++calls; });
    v.clock.advance(20ms);
    QCOMPARE(index, 2);

    v.timer.setCallback(freeFunction);
    v.timer.setCallback(&freeFunction);
    freeCalls = 0;
    v.clock.advance(10ms);
    QCOMPARE(freeCalls, 1);

    const std::function<void(const Tick &)> function = [&index](const Tick &tick) {
        index = -tick.index();
    };
    v.timer.setCallback(function);
    v.clock.advance(10ms);
    QCOMPARE(index, -8);

    const auto constant = [&calls] { calls = 100; };
    v.timer.setCallback(constant);
    v.clock.advance(10ms);
    QCOMPARE(calls, 100);

    v.timer.setCallback(std::bind_front([&calls](int by) { calls += by; }, 7));
    v.clock.advance(10ms);
    QCOMPARE(calls, 107);
}

void tst_ScheduledTimerCallback::T6_continuationOfTheCallbacksFutureTakesTheResult()
{
    VirtualTimer v(10ms);
    QFutureInterface<std::unique_ptr<int>> producer;
    int taken = 0;
    v.timer.setCallback([&] {
        producer = QFutureInterface<std::unique_ptr<int>>();
        producer.reportStarted();
        producer.future().then([&taken](std::unique_ptr<int> result) { taken += *result; });
        return producer.future();
    });
    v.timer.start();
    v.clock.advance(10ms);
    const QFuture<void> stopped = v.timer.stop();
    v.clock.advance(0ns);
    QVERIFY(!stopped.isFinished());
    producer.reportResult(std::make_unique<int>(1));
    producer.reportFinished();
    v.clock.advance(0ns);
    QCOMPARE(taken, 1);
    QVERIFY(!v.timer.isBusy());
    QVERIFY(stopped.isFinished());
}

void tst_ScheduledTimerCallback::moveOnlyCallable()
{
    VirtualTimer v(10ms);
    QObject context;
    int sum = 0;
    v.timer.setCallback([&sum, by = std::make_unique<int>(2)] { sum += *by; });
    v.timer.start();
    v.clock.advance(20ms);
    QCOMPARE(sum, 4);
    v.timer.setCallback(&context,
                        [&sum, by = std::make_unique<int>(10)](const Tick &) { sum += *by; });
    v.clock.advance(10ms);
    QCOMPARE(sum, 14);
}

void tst_ScheduledTimerCallback::memberFunctionsWithContext()
{
    VirtualTimer v(10ms);
    Device device;
    v.timer.start();
    v.timer.setCallback(&device, &Device::ping);
    v.clock.advance(10ms);
    QCOMPARE(device.pings, 1);
    v.timer.setCallback(&device, &Device::pingConst);
    v.clock.advance(10ms);
    QCOMPARE(device.pings, 2);
    v.timer.setCallback(&device, &Device::pingWith);
    v.clock.advance(10ms);
    QCOMPARE(device.last, 3);
    v.timer.setCallback(&device, &Device::fetch);
    v.clock.advance(30ms);
    QCOMPARE(device.work.count(), 1U);
    QVERIFY(v.timer.isBusy());
    device.work.finish();
    v.clock.advance(0ns);
    QVERIFY(!v.timer.isBusy());
}

void tst_ScheduledTimerCallback::nullCallablesAreRefused()
{
    VirtualTimer v(10ms);
    QObject context;
    int calls = 0;
    v.timer.setCallback([&calls] { ++calls; });
    void (*const nothing)() = nullptr;
    expectWarning("callable is null");
    v.timer.setCallback(nothing);
    expectWarning("callable is null");
    v.timer.setCallback(std::function<void()>());
    expectWarning("callable is null");
    v.timer.setCallback(&context, std::function<void(const Tick &)>());
    v.timer.start();
    v.clock.advance(10ms);
    QCOMPARE(calls, 1);
}

void tst_ScheduledTimerCallback::contextsThatDoNotFitAreRefused()
{
    VirtualTimer v(10ms);
    int calls = 0;
    v.timer.setCallback([&calls] { ++calls; });
    expectWarning("context");
    v.timer.setCallback(nullptr, [&calls] { calls = -100; });
    Device *const noDevice = nullptr;
    expectWarning("context");
    v.timer.setCallback(noDevice, &Device::ping);
    QObject other;
    expectWarning("context");
    v.timer.setCallback(&other, &Device::ping);
    QThread thread;
    QObject elsewhere;
    elsewhere.moveToThread(&thread);
    expectWarning("another thread");
    v.timer.setCallback(&elsewhere, [&calls] { calls = -100; });
    v.timer.start();
    v.clock.advance(10ms);
    QCOMPARE(calls, 1);
}

void tst_ScheduledTimerCallback::replacedDuringItsOwnCall()
{
    VirtualTimer v(10ms);
    auto token = std::make_shared<int>(41);
    const std::weak_ptr<int> watched = token;
    int seen = 0;
    int second = 0;
    v.timer.setCallback([&v, &seen, &second, token = std::move(token)] {
        v.timer.setCallback([&second] { ++second; });
        seen = *token + 1; // still there
    });
    v.timer.start();
    v.clock.advance(10ms);
    QCOMPARE(seen, 42);
    QVERIFY(watched.expired());
    QCOMPARE(second, 0);
    v.clock.advance(10ms);
    QCOMPARE(second, 1);
}

void tst_ScheduledTimerCallback::replacedWhileItsFutureIsPending()
{
    VirtualTimer v(10ms);
    PendingWork work;
    auto token = std::make_shared<int>(1);
    const std::weak_ptr<int> watched = token;
    int second = 0;
    v.timer.setCallback([&work, token = std::move(token)] { return work.begin(); });
    v.timer.start();
    v.clock.advance(10ms);
    v.timer.setCallback([&second] { ++second; });
    QVERIFY(!watched.expired()); // a coroutine may live in it
    v.clock.advance(20ms);
    QCOMPARE(second, 0);
    QVERIFY(!work.isLastCanceled());
    work.finish();
    v.clock.advance(10ms);
    QVERIFY(watched.expired());
    QCOMPARE(second, 1);
}

void tst_ScheduledTimerCallback::clearedCallableRunsNoMore()
{
    VirtualTimer v(10ms);
    auto token = std::make_shared<int>(1);
    const std::weak_ptr<int> watched = token;
    int calls = 0;
    v.timer.setCallback([&calls, token = std::move(token)] { ++calls; });
    v.timer.start();
    v.clock.advance(10ms);
    v.timer.clearCallback();
    QVERIFY(watched.expired());
    v.clock.advance(10ms);
    QCOMPARE(calls, 1);
    QCOMPARE(v.ticks.size(), 2U);

    // In a slot of the tick it has no turn any more.
    v.timer.setCallback([&calls] { ++calls; });
    QObject::connect(&v.timer, &ScheduledTimer::tick, &v.receiver,
                     [&v] { v.timer.clearCallback(); });
    v.clock.advance(10ms);
    QCOMPARE(calls, 1);
}

void tst_ScheduledTimerCallback::valuesAreIgnored()
{
    VirtualTimer v(10ms);
    v.timer.setCallback([] { return 42; });
    v.timer.start();
    v.clock.advance(10ms);
    v.timer.setCallback([] { return std::make_unique<int>(42); });
    v.clock.advance(10ms);
    QCOMPARE(v.ticks.size(), 2U);
    QVERIFY(!v.timer.isBusy());
}

void tst_ScheduledTimerCallback::taskTraitsAreAwaited()
{
    VirtualTimer v(10ms);
    PendingWork work;
    v.timer.setCallback([&work] { return Parcel{ work.begin() }; });
    v.timer.start();
    v.clock.advance(25ms);
    QVERIFY(v.timer.isBusy());
    QCOMPARE(v.ticks.size(), 1U);
    v.timer.cancel();
    QVERIFY(work.isLastCanceled());
    work.finish();
    v.clock.advance(0ns);
    QVERIFY(!v.timer.isBusy());
}

// ---- T1, T4

void tst_ScheduledTimerCallback::T1_aPendingFutureKeepsTheTimerBusy()
{
    for (const Policy policy : { Policy::Fixed, Policy::Delay }) {
        VirtualTimer v(10ms, policy);
        PendingWork work;
        v.timer.setCallback([&work] { return work.begin(); });
        v.timer.start();
        for (std::size_t n = 1; n <= 5; ++n) {
            v.clock.advance(95ms);
            QCOMPARE(work.count(), n);
            QVERIFY(v.timer.isBusy());
            work.finish();
            v.clock.advance(0ns);
            QVERIFY(!v.timer.isBusy());
        }
    }
}

// Many in a row, so that whoever recurses from one to the next does so often enough to be seen.
void tst_ScheduledTimerCallback::T1_finishedFutureDoesNotHoldUp()
{
    VirtualTimer v(10ms);
    v.timer.setCallback([] { return readyFuture(1); });
    v.timer.start();
    v.clock.elapse(10ms);
    QCoreApplication::processEvents();
    QCOMPARE(v.ticks.size(), 1U);
    QVERIFY(!v.timer.isBusy());
    v.clock.advance(20'000 * 10ms);
    QCOMPARE(v.ticks.size(), 20'001U);
    QCOMPARE(v.timer.missedCount(), 0);
}

void tst_ScheduledTimerCallback::T4_aFutureFinishedByTheEventLoopEndsTheCallbackThen()
{
    VirtualTimer v(10ms, Policy::Delay);
    PendingWork work;
    v.timer.setCallback([&] {
        QMetaObject::invokeMethod(
                &v.receiver, [&work] { work.finish(); }, Qt::QueuedConnection);
        return work.begin();
    });
    v.timer.start();
    v.clock.advance(50ms);
    QVERIFY((v.times == std::vector<Duration>{ 10ms, 20ms, 30ms, 40ms, 50ms }));
}

// ---- T10

void tst_ScheduledTimerCallback::T10_contextDiesIdle()
{
    VirtualTimer v(10ms);
    auto context = std::make_unique<QObject>();
    auto token = std::make_shared<int>(1);
    const std::weak_ptr<int> watched = token;
    int calls = 0;
    v.timer.setCallback(context.get(), [&calls, token = std::move(token)] { ++calls; });
    v.timer.start();
    v.clock.advance(10ms);
    context.reset();
    QVERIFY(watched.expired());
    v.clock.advance(10ms);
    QCOMPARE(calls, 1);
    QCOMPARE(v.ticks.size(), 2U); // the timer goes on
}

// As a wildcard disconnect() does, which Qt 6.11 warns of: it reaches the connection by which the timer would be told.
void tst_ScheduledTimerCallback::T10_contextIsDisconnectedBeforeItDies()
{
    VirtualTimer v(10ms);
    auto context = std::make_unique<QObject>();
    int calls = 0;
    v.timer.setCallback(context.get(), [&calls] { ++calls; });
    v.timer.start();
    v.clock.advance(10ms);
    disconnect(context.get(), &QObject::destroyed, nullptr, nullptr);
    context.reset();
    v.clock.advance(10ms);
    QCOMPARE(calls, 1);
    QCOMPARE(v.ticks.size(), 2U); // the timer goes on
    v.timer.setCallback([&calls] { ++calls; });
    v.clock.advance(10ms);
    QCOMPARE(calls, 2);
}

void tst_ScheduledTimerCallback::T10_whatTheCallableHasCapturedMayCallTheTimer()
{
    struct Caller
    {
        ScheduledTimer *timer;
        int *calls;
        ~Caller()
        {
            *calls += timer->isRunning() || timer->isBusy() ? 100 : 1;
            timer->stop();
        }
    };
    int calls = 0;
    auto timer = std::make_unique<ScheduledTimer>(10ms);
    timer->setCallback([caller = std::shared_ptr<Caller>(new Caller{ timer.get(), &calls })] {});
    timer->start();
    timer.reset();
    QCOMPARE(calls, 1);
}

void tst_ScheduledTimerCallback::T10_contextDiesWhileItsFutureIsPending()
{
    VirtualTimer v(10ms);
    auto device = std::make_unique<Device>();
    PendingWork work;
    v.timer.setCallback(device.get(), [&work] { return work.begin(); });
    v.timer.start();
    v.clock.advance(10ms);
    QFuture<void> stopped = v.timer.stop();
    v.timer.start();
    device.reset();
    QVERIFY(work.isLastCanceled());
    QVERIFY(v.timer.isBusy()); // T1: until it is finished
    QVERIFY(!stopped.isFinished());
    work.finish();
    v.clock.advance(10ms);
    QVERIFY(stopped.isFinished());
    QCOMPARE(work.count(), 1U);
    QCOMPARE(v.ticks.size(), 2U);
}

void tst_ScheduledTimerCallback::T10_contextDiesInASlotOfTheTick()
{
    VirtualTimer v(10ms);
    auto context = std::make_unique<Device>();
    v.timer.setCallback(context.get(), &Device::ping);
    QObject::connect(&v.timer, &ScheduledTimer::tick, &v.receiver, [&context] { context.reset(); });
    v.timer.start();
    v.clock.advance(20ms);
    QCOMPARE(v.ticks.size(), 2U);
}

void tst_ScheduledTimerCallback::T10_contextDiesInItsOwnCallable()
{
    VirtualTimer v(10ms);
    PendingWork work;
    auto context = std::make_unique<QObject>();
    int seen = 0;
    v.timer.setCallback(context.get(), [&, token = std::make_unique<int>(42)] {
        context.reset();
        seen = *token;
        return work.begin();
    });
    v.timer.start();
    v.clock.advance(10ms);
    QCOMPARE(seen, 42);
    QVERIFY(work.isLastCanceled());
    work.finish();
    v.clock.advance(20ms);
    QCOMPARE(work.count(), 1U);
    QCOMPARE(v.ticks.size(), 3U);
}

void tst_ScheduledTimerCallback::T10_contextOfAReplacedCallableIsOfNoAccount()
{
    VirtualTimer v(10ms);
    auto context = std::make_unique<QObject>();
    int calls = 0;
    v.timer.setCallback(context.get(), [] {});
    v.timer.setCallback([&calls] { ++calls; });
    context.reset();
    v.timer.start();
    v.clock.advance(10ms);
    QCOMPARE(calls, 1);
}

// Which is heard of when the other callable is there.
void tst_ScheduledTimerCallback::T10_contextOfAReplacedCallableDiesInAnotherThread()
{
    VirtualTimer v(10ms);
    auto *const context = new QObject;
    int before = 0;
    v.timer.setCallback(context, [&before] { ++before; });
    QThread thread;
    context->moveToThread(&thread);
    thread.start();
    QMetaObject::invokeMethod(
            context, [context] { delete context; }, Qt::BlockingQueuedConnection);
    int calls = 0;
    v.timer.setCallback([&calls] { ++calls; });
    QCoreApplication::processEvents();
    v.timer.start();
    v.clock.advance(20ms);
    QCOMPARE(before, 0);
    QCOMPARE(calls, 2);
    thread.quit();
    thread.wait();
}

void tst_ScheduledTimerCallback::T10_every()
{
    ManualClock clock;
    Clock::setDefault(&clock);
    auto device = std::make_unique<Device>();
    const QPointer<ScheduledTimer> timer = every(10ms, device.get(), &Device::ping);
    Clock::setDefault(nullptr);
    QVERIFY(timer);
    QCOMPARE(timer->parent(), device.get());
    QVERIFY(timer->isRunning());
    QVERIFY(timer->interval() == 10ms);
    QVERIFY(timer->policy() == Policy::Fixed);
    clock.advance(35ms);
    QCOMPARE(device->pings, 3);
    device.reset();
    QVERIFY(!timer);
    QCOMPARE(clock.pendingWakeUps(), 0);
    clock.advance(1s);
}

void tst_ScheduledTimerCallback::T10_everyWithoutAContext()
{
    expectWarning("every\\(\\)");
    QVERIFY(!every(10ms, nullptr, [] {}));
}

void tst_ScheduledTimerCallback::T10_everyWithAContextElsewhere()
{
    QThread thread;
    QObject context;
    context.setObjectName(QStringLiteral("elsewhere"));
    context.moveToThread(&thread);
    expectWarning("every\\(\\).*elsewhere");
    QVERIFY(!every(10ms, &context, [] {}));
    QVERIFY(context.children().isEmpty());
}

void tst_ScheduledTimerCallback::T10_everyWithABadInterval()
{
    QObject context;
    expectWarning("interval.*-3 ns");
    const ScheduledTimer *const timer = every(-3ns, &context, [] {});
    QVERIFY(timer);
    QVERIFY(!timer->isRunning());
}

// ---- The user's own continuations

void tst_ScheduledTimerCallback::usersOwnContinuation_data()
{
    QTest::addColumn<bool>("before");
    QTest::addColumn<bool>("after");
    QTest::newRow("before it is returned") << true << false;
    QTest::newRow("after it was returned") << false << true;
}

void tst_ScheduledTimerCallback::usersOwnContinuation()
{
    QFETCH(const bool, before);
    QFETCH(const bool, after);
    for (const bool fails : { false, true }) {
        VirtualTimer v(10ms);
        PendingWork work;
        int continued = 0;
        QFuture<int> returned;
        const auto attach = [&] {
            returned.then([&continued](int value) { continued = value; }).onFailed([&continued] {
                continued = -1;
            });
        };
        v.timer.setCallback([&] {
            returned = work.begin();
            if (before)
                attach();
            return returned;
        });
        v.timer.start();
        v.clock.advance(10ms);
        if (after)
            attach();
        v.timer.stop();
        if (fails)
            work.fail(std::make_exception_ptr(std::runtime_error("no")));
        else
            work.finish();
        v.clock.advance(0ns);
        QCOMPARE(continued, fails ? -1 : 1);
        QVERIFY(!v.timer.isBusy());
        if (!fails)
            QCOMPARE(returned.result(), 1); // and nobody has taken it away
    }
}

void tst_ScheduledTimerCallback::usersContinuationDeletesTheTimer()
{
    VirtualTimer v(10ms);
    PendingWork work;
    QFuture<void> continued;
    v.timer.setCallback([&] {
        QFuture<int> future = work.begin();
        continued = future.then([&v](int) { v.owned.reset(); });
        return future;
    });
    v.timer.start();
    v.clock.advance(10ms);
    work.finish();
    v.clock.advance(1s);
    QVERIFY(!v.owned);
    QVERIFY(continued.isFinished());
}

void tst_ScheduledTimerCallback::sameFutureReturnedTwice()
{
    VirtualTimer v(10ms);
    PendingWork work;
    QFuture<int> shared = work.begin();
    v.timer.setCallback([shared] { return shared; });
    v.timer.start();
    v.clock.advance(25ms);
    QCOMPARE(v.ticks.size(), 1U);
    work.finish();
    v.clock.advance(20ms);
    QVERIFY((v.times == std::vector<Duration>{ 10ms, 30ms, 40ms }));
    QVERIFY(!v.timer.isBusy());
}

QTEST_GUILESS_MAIN(tst_ScheduledTimerCallback)

#include "tst_scheduledtimer_callback.moc"
