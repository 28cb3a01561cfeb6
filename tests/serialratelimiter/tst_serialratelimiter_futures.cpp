// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// What becomes of the future that push() returned: results, errors, cancellation, timeouts.

#include "../readyfuture.h"
#include "limiterfixture.h"

#include <Tactus/errors.h>
#include <Tactus/tasktraits.h>

#include <QtCore/qexception.h>
#include <QtCore/qfuturewatcher.h>

#include <memory>
#include <stdexcept>

using namespace LimiterTest;

namespace {

class UserError : public std::runtime_error
{
public:
    explicit UserError(int number)
        : std::runtime_error("user error")
        , code(number)
    {
    }
    int code;
};

class UserQtError : public QException
{
public:
    const char *what() const noexcept override { return "Qt error"; }
    void raise() const override { throw *this; }
    UserQtError *clone() const override { return new UserQtError(*this); }
};

// Neither copyable nor default-constructible.
class MoveOnly
{
public:
    explicit MoveOnly(int value)
        : m_value(std::make_unique<int>(value))
    {
    }
    int value() const { return m_value ? *m_value : -1; }

private:
    std::unique_ptr<int> m_value;
};

// Can be copied as often as it says.
class CopiesThrow
{
public:
    explicit CopiesThrow(int copies)
        : m_copies(copies)
    {
    }
    CopiesThrow(const CopiesThrow &other)
        : m_copies(other.m_copies - 1)
    {
        if (m_copies < 0)
            throw UserError(17);
    }
    CopiesThrow(CopiesThrow &&) = default;

private:
    int m_copies;
};

// A user's own type of completion.
struct Ticket
{
    std::shared_ptr<QPromise<QString>> promise;
};

struct BrokenTicket
{
};

class Machine : public QObject
{
    Q_OBJECT
public:
    int produce() { return ++produced; }
    int look() const { return produced; }
    QFuture<int> produceLater() { return readyFuture(++produced); }
    int produced = 0;
};

class OtherMachine : public Machine
{
    Q_OBJECT
};

} // namespace

template <>
struct Tactus::TaskTraits<Ticket>
{
    static QFuture<QString> toFuture(const Ticket &ticket) { return ticket.promise->future(); }
};

template <>
struct Tactus::TaskTraits<BrokenTicket>
{
    static QFuture<void> toFuture(BrokenTicket) { throw std::runtime_error("broken ticket"); }
};

class tst_SerialRateLimiter_futures : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { failOnWarnings(); }

    void resultsOfEveryKind();
    void resultsThatCannotBeCopied();
    void L16_continuationTakesTheResult();
    void L5_continuationOfTheTasksFutureTakesTheResult_data();
    void L5_continuationOfTheTasksFutureTakesTheResult();
    void severalResults();
    void callablesOfEveryKind();
    void contextAndMemberFunctions();
    void postedTasks();
    void ownTypeWithTaskTraits();
    void callableIsDestroyedAfterItsFutureHasFinished();
    void L5_clearFinishesFuturesThatAreWaitedFor();
    void L5_nullContextIsCanceledAtOnce();
    void L5_memberFunctionOfAnotherClass();
    void L5_contextDiesWhileQueued();
    void L5_contextDiesWhileRunning();
    void L5_contextDiesInsideItsTask();
    void L5_contextThatServesManyTasks();
    void L5_droppedPromise();
    void L5_futureThatNeverWasOne();
    void L5_futureWithoutItsResult();
    void L5_nullCallable();
    void userContinuations_data();
    void userContinuations();
    void continuationThatPushesAndClears();
    void L16_exceptionsArriveUnchanged();
    void L16_exceptionsOfFuturesArriveUnchanged();
    void L16_resultThatCannotBeCopied();
    void L16_messages();
    void L16_queueGoesOnBehindAFailure();
};

void tst_SerialRateLimiter_futures::resultsOfEveryKind()
{
    Fixture f;
    static_assert(std::is_same_v<decltype(f.limiter.push([] {})), QFuture<void>>);
    static_assert(std::is_same_v<decltype(f.limiter.push([] { return 1; })), QFuture<int>>);
    static_assert(
            std::is_same_v<decltype(f.limiter.push([] { return QFuture<int>(); })), QFuture<int>>);
    static_assert(
            std::is_same_v<decltype(f.limiter.push([] { return QFuture<void>(); })), QFuture<void>>);
    static int number = 3;
    static_assert(
            std::is_same_v<decltype(f.limiter.push([]() -> int & { return number; })), QFuture<int>>);

    Job<QString> text;
    Job<void> nothing;
    const auto a = f.limiter.push([] {});
    const auto b = f.limiter.push([] { return 42; });
    const auto c = f.limiter.push(text.task());
    const auto d = f.limiter.push(nothing.task());
    const auto e = f.limiter.push([] { return readyFuture(43); });
    const auto g = f.limiter.push([]() -> const int & { return number; });
    QVERIFY(!a.isFinished() && !b.isFinished());
    f.settle();
    QVERIFY(a.isFinished() && !a.isCanceled());
    QCOMPARE(b.result(), 42);
    QVERIFY(!c.isFinished());
    text.finish(QStringLiteral("text"));
    f.settle();
    QCOMPARE(c.result(), QStringLiteral("text"));
    QCOMPARE(text.promise.future().result(), QStringLiteral("text")); // copied, not taken
    QVERIFY(!d.isFinished());
    nothing.finish();
    f.settle();
    QVERIFY(d.isFinished() && !d.isCanceled());
    QCOMPARE(e.result(), 43);
    QCOMPARE(g.result(), 3);
    QCOMPARE(f.limiter.completedCount(), 6);
}

void tst_SerialRateLimiter_futures::resultsThatCannotBeCopied()
{
    Fixture f;
    auto plain = f.limiter.push([] { return MoveOnly(1); });
    auto ready = f.limiter.push([] { return readyFuture(MoveOnly(2)); });
    Job<MoveOnly> job;
    auto later = f.limiter.push(job.task());
    f.settle();
    QCOMPARE(plain.takeResult().value(), 1);
    QCOMPARE(ready.takeResult().value(), 2);
    job.finish(MoveOnly(3));
    f.settle();
    QCOMPARE(later.takeResult().value(), 3);

    auto pointer = std::make_unique<int>(4);
    auto callable = f.limiter.push(
            [pointer = std::move(pointer)]() mutable { return std::move(pointer); });
    f.settle();
    QCOMPARE(*callable.takeResult(), 4);
}

// As Qt's continuations do with what cannot be copied. Before Qt 6.5.2 the future is reset by that.
void tst_SerialRateLimiter_futures::L16_continuationTakesTheResult()
{
    Fixture f;
    int taken = 0;
    f.limiter.push([] { return MoveOnly(1); }).then([&taken](MoveOnly result) {
        taken += result.value();
    });
    f.limiter.push([] { return readyFuture(MoveOnly(10)); }).then([&taken](QFuture<MoveOnly> ended) {
        taken += ended.takeResult().value();
    });
    f.limiter.push([] { return QByteArray(100, 'a'); }).then([&taken](QFuture<QByteArray> ended) {
        taken += int(ended.takeResult().size());
    });
    f.settle();
    QCOMPARE(taken, 111);
    QCOMPARE(f.limiter.completedCount(), 3);
}

void tst_SerialRateLimiter_futures::L5_continuationOfTheTasksFutureTakesTheResult_data()
{
    QTest::addColumn<bool>("isStarted");
    QTest::addColumn<bool>("soon"); // before the limiter has looked at it again
    QTest::addColumn<bool>("cancels");
    QTest::newRow("started") << true << false << false;
    QTest::newRow("started, and cancels it") << true << false << true;
    QTest::newRow("started, and ends soon") << true << true << false;
    QTest::newRow("not started yet") << false << false << false;
    QTest::newRow("not started yet, and cancels it") << false << false << true;
    QTest::newRow("not started yet, and ends soon") << false << true << false;
}

void tst_SerialRateLimiter_futures::L5_continuationOfTheTasksFutureTakesTheResult()
{
    QFETCH(bool, isStarted);
    QFETCH(bool, soon);
    QFETCH(bool, cancels);
    Fixture f;
    QFutureInterface<MoveOnly> producer; // not a QPromise: in Qt 6.4 that would end twice
    int taken = 0;
    const auto produce = [&] {
        producer.reportStarted();
        producer.reportResult(MoveOnly(1));
        producer.reportFinished();
    };
    const auto task = [&] {
        producer = QFutureInterface<MoveOnly>();
        if (isStarted)
            producer.reportStarted();
        producer.future().then([&taken, cancels](QFuture<MoveOnly> ended) {
            taken += ended.takeResult().value();
            if (cancels)
                ended.cancel();
        });
        if (soon)
            QMetaObject::invokeMethod(this, produce, Qt::QueuedConnection);
        return producer.future();
    };
    f.limiter.post(task);
    f.settle();
    QCOMPARE(f.limiter.isBusy(), !soon);
    if (!soon)
        produce();
    f.settle();
    QVERIFY(!f.limiter.isBusy());
    QCOMPARE(taken, 1);
    QCOMPARE(f.limiter.completedCount(), cancels ? 0 : 1);

    // Nothing is left for the one that push() has returned.
    const auto pushed = f.limiter.push(task);
    f.settle();
    QCOMPARE(f.limiter.isBusy(), !soon);
    if (!soon)
        produce();
    f.settle();
    QVERIFY(wasCanceled(pushed));
    QCOMPARE(taken, 2);
    QCOMPARE(f.limiter.canceledCount(), cancels ? 2 : 1);

    // A request to cancel that comes when it has been taken.
    auto last = f.limiter.push(task);
    f.settle();
    if (!soon)
        produce();
    last.cancel();
    f.settle();
    QVERIFY(last.isFinished());
    QVERIFY(!f.limiter.isBusy());
}

void tst_SerialRateLimiter_futures::severalResults()
{
    Fixture f;
    Job<int> job;
    const auto future = f.limiter.push(job.task());
    f.settle();
    job.promise.addResult(1);
    job.promise.addResult(2);
    f.settle();
    QVERIFY(!future.isFinished());
    job.finish(3);
    f.settle();
    QCOMPARE(future.results(), (QList<int>{ 1, 2, 3 }));
}

static int functionCalls = 0;
static int freeFunction()
{
    return ++functionCalls;
}

void tst_SerialRateLimiter_futures::callablesOfEveryKind()
{
    struct Functor
    {
        int operator()() { return ++count; }
        int count = 0;
    };
    Fixture f;
    functionCalls = 0;
    Functor functor;
    const std::function<int()> function = [] { return 7; };
    const auto a = f.limiter.push(freeFunction);
    const auto b = f.limiter.push(&freeFunction);
    const auto c = f.limiter.push(functor); // a copy
    const auto d = f.limiter.push(function);
    const auto e = f.limiter.push(std::ref(functor));
    const auto g = f.limiter.push([n = 0]() mutable { return ++n; });
    f.settle();
    QCOMPARE(a.result() + b.result(), 3);
    QCOMPARE(c.result(), 1);
    QCOMPARE(d.result(), 7);
    QCOMPARE(e.result(), 1);
    QCOMPARE(functor.count, 1);
    QCOMPARE(g.result(), 1);
}

void tst_SerialRateLimiter_futures::contextAndMemberFunctions()
{
    Fixture f;
    Machine machine;
    const auto plain = f.limiter.push(&machine, [&] { return machine.produce(); });
    const auto member = f.limiter.push(&machine, &Machine::produce);
    const auto constant = f.limiter.push(&machine, &Machine::look);
    const auto later = f.limiter.push(&machine, &Machine::produceLater);
    OtherMachine derived;
    const auto base = f.limiter.push(&derived, &Machine::produce);
    f.limiter.post(&machine, &Machine::produce);
    f.limiter.post(&machine, [&] { machine.produced *= 10; });
    f.settle();
    QCOMPARE(plain.result(), 1);
    QCOMPARE(member.result(), 2);
    QCOMPARE(constant.result(), 2);
    QCOMPARE(later.result(), 3);
    QCOMPARE(base.result(), 1);
    QCOMPARE(machine.produced, 40);
}

void tst_SerialRateLimiter_futures::postedTasks()
{
    Fixture f;
    Job<int> job;
    f.limiter.post([] {});
    f.limiter.post([] { return MoveOnly(1); }); // nobody asks for it
    f.limiter.post([] { throw UserError(1); });
    f.limiter.post(job.task());
    f.limiter.post([] { return QtFuture::makeExceptionalFuture<int>(UserQtError()); });
    f.limiter.post([owned = std::make_unique<int>(1)] {});
    f.settle();
    QCOMPARE(f.log->startedIds.size(), 4);
    job.finish(); // without a result, which nobody asks for either
    f.settle();
    QCOMPARE(f.limiter.completedCount(), 4);
    QCOMPARE(f.log->messages,
             (QStringList{ QStringLiteral("user error"), QStringLiteral("Qt error") }));
}

void tst_SerialRateLimiter_futures::ownTypeWithTaskTraits()
{
    Fixture f;
    Ticket ticket{ std::make_shared<QPromise<QString>>() };
    ticket.promise->start();
    auto future = f.limiter.push([&] { return ticket; });
    static_assert(std::is_same_v<decltype(future), QFuture<QString>>);
    const auto broken = f.limiter.push([] { return BrokenTicket(); });
    static_assert(std::is_same_v<decltype(broken), const QFuture<void>>);
    f.settle();
    QVERIFY(f.limiter.isBusy());
    ticket.promise->addResult(QStringLiteral("done"));
    ticket.promise->finish();
    f.settle();
    QCOMPARE(future.result(), QStringLiteral("done"));
    QCOMPARE(errorOf(broken), QStringLiteral("broken ticket"));

    ticket.promise = std::make_shared<QPromise<QString>>();
    ticket.promise->start();
    f.limiter.post([&] { return ticket; });
    f.limiter.clear();
    auto canceled = f.limiter.push([&] { return ticket; });
    f.settle();
    canceled.cancel();
    f.settle();
    QVERIFY(ticket.promise->isCanceled()); // the request arrives
    ticket.promise->finish();
    f.settle();
    QVERIFY(wasCanceled(canceled));
}

void tst_SerialRateLimiter_futures::callableIsDestroyedAfterItsFutureHasFinished()
{
    // A coroutine's captures live in its callable.
    Fixture f;
    auto captured = std::make_shared<int>(5);
    const std::weak_ptr<int> alive = captured;
    Job<int> job;
    const auto future = f.limiter.push(
            [&job, captured = std::move(captured)] { return job.task()(); });
    captured.reset();
    f.settle();
    QVERIFY(!alive.expired());
    f.clock.advance(1s);
    QVERIFY(!alive.expired());
    job.finish(1);
    f.settle();
    QVERIFY(future.isFinished());
    QVERIFY(alive.expired());

    const auto owned = std::make_shared<int>(6);
    f.limiter.pause();
    f.limiter.push([owned] {});
    QCOMPARE(owned.use_count(), 2);
    f.limiter.clear();
    QCOMPARE(owned.use_count(), 1);
}

void tst_SerialRateLimiter_futures::L5_clearFinishesFuturesThatAreWaitedFor()
{
    Fixture f;
    f.limiter.pause();
    QList<QFuture<int>> futures;
    int continued = 0;
    QFutureWatcher<int> watcher;
    bool watched = false;
    connect(&watcher, &QFutureWatcherBase::finished, this, [&] { watched = true; });
    for (int i = 0; i < 10; ++i)
        futures.append(f.limiter.push([] { return 1; }));
    watcher.setFuture(futures[3]);
    const auto last = futures[9].then([&](int) { ++continued; }).onCanceled([&] { continued = -1; });
    f.settle();
    QCOMPARE(f.limiter.clear(), 10);
    for (const auto &future : std::as_const(futures))
        QVERIFY(wasCanceled(future));
    QCOMPARE(continued, -1);
    f.settle();
    QVERIFY(watched);
    QCOMPARE(f.limiter.canceledCount(), 10);
    QCOMPARE(f.limiter.clear(), 0);
}

void tst_SerialRateLimiter_futures::L5_nullContextIsCanceledAtOnce()
{
    Fixture f;
    bool ran = false;
    const auto future = f.limiter.push(static_cast<QObject *>(nullptr), [&] { ran = true; });
    QVERIFY(wasCanceled(future));
    const auto literal = f.limiter.push(nullptr, [&] { ran = true; });
    QVERIFY(wasCanceled(literal));
    const auto member = f.limiter.push(static_cast<Machine *>(nullptr), &Machine::produce);
    QVERIFY(wasCanceled(member));
    f.limiter.post(nullptr, [&] { ran = true; });
    QVERIFY(f.log->lines.isEmpty()); // signals come from the event loop
    f.settle();
    QVERIFY(!ran);
    QCOMPARE(f.log->lines,
             (QByteArrayList{ "canceled 1", "canceled 2", "canceled 3", "canceled 4" }));
}

void tst_SerialRateLimiter_futures::L5_memberFunctionOfAnotherClass()
{
    Fixture f;
    Machine machine;
    QObject *const object = &machine; // its class is known at run time only
    const auto right = f.limiter.push(object, &Machine::produce);
    expectWarning("not of the member function's class");
    QObject plain;
    const auto refused = f.limiter.push(&plain, &Machine::produce);
    QVERIFY(wasCanceled(refused));
    f.settle();
    QCOMPARE(right.result(), 1);
}

void tst_SerialRateLimiter_futures::L5_contextDiesWhileQueued()
{
    Fixture f;
    f.limiter.pause();
    auto context = std::make_unique<QObject>();
    QObject other;
    int ran = 0;
    const auto first = f.limiter.push(context.get(), [&] { ++ran; });
    const auto second = f.limiter.push(&other, [&] { ++ran; });
    f.limiter.post(context.get(), [&] { ++ran; });
    const auto fourth = f.limiter.push([&] { ++ran; });
    context.reset();
    QVERIFY(wasCanceled(first));
    QCOMPARE(f.limiter.pendingCount(), 2);
    f.limiter.resume();
    f.settle();
    QVERIFY(second.isFinished() && !second.isCanceled());
    QVERIFY(fourth.isFinished() && !fourth.isCanceled());
    QCOMPARE(ran, 2);
    QCOMPARE(f.limiter.canceledCount(), 2);
}

void tst_SerialRateLimiter_futures::L5_contextDiesWhileRunning()
{
    Fixture f;
    auto context = std::make_unique<QObject>();
    Job<int> job;
    const auto future = f.limiter.push(context.get(), job.task());
    f.limiter.post([] {});
    f.settle();
    context.reset();
    f.settle();
    QVERIFY(job.promise.isCanceled());
    QVERIFY(future.isCanceled());
    QVERIFY(!future.isFinished()); // the lane is still taken
    QCOMPARE(f.log->startedIds.size(), 1);
    job.finish(1);
    f.settle();
    QVERIFY(wasCanceled(future));
    QCOMPARE(f.log->lines,
             (QByteArrayList{ "started 1", "canceled 1", "started 2", "completed 2", "drained" }));
}

void tst_SerialRateLimiter_futures::L5_contextDiesInsideItsTask()
{
    Fixture f;
    auto context = std::make_unique<QObject>();
    const auto future = f.limiter.push(context.get(), [&] {
        context.reset();
        return 1;
    });
    const auto next = f.limiter.push(context.get(), [] { return 2; });
    f.settle();
    QVERIFY(wasCanceled(future));
    QVERIFY(wasCanceled(next));
    QCOMPARE(f.limiter.canceledCount(), 2);

    // The future that it returns afterwards gets the request, too.
    context = std::make_unique<QObject>();
    Job<int> job;
    const auto later = f.limiter.push(context.get(), [&] {
        context.reset();
        return job.task()();
    });
    f.settle();
    QVERIFY(job.promise.isCanceled());
    job.finish(1);
    f.settle();
    QVERIFY(wasCanceled(later));
}

void tst_SerialRateLimiter_futures::L5_contextThatServesManyTasks()
{
    Fixture f;
    auto context = std::make_unique<QObject>();
    for (int i = 0; i < 100; ++i) {
        f.limiter.post(context.get(), [] {});
        f.settle();
    }
    QCOMPARE(f.limiter.completedCount(), 100);
    const auto last = f.limiter.push(context.get(), [] {});
    context.reset();
    QVERIFY(wasCanceled(last));
    QCOMPARE(f.limiter.canceledCount(), 1);
    // A new object, maybe at the same address.
    context = std::make_unique<QObject>();
    f.limiter.pause();
    const auto other = f.limiter.push(context.get(), [] {});
    context.reset();
    QVERIFY(wasCanceled(other));
}

void tst_SerialRateLimiter_futures::L5_droppedPromise()
{
    Fixture f;
    Job<int> job;
    const auto future = f.limiter.push(job.task());
    const auto next = f.limiter.push([] { return 2; });
    f.settle();
    job.drop();
    f.settle();
    QVERIFY(wasCanceled(future));
    QCOMPARE(next.result(), 2);
    QCOMPARE(f.limiter.canceledCount(), 1);
}

void tst_SerialRateLimiter_futures::L5_futureThatNeverWasOne()
{
    Fixture f;
    const auto future = f.limiter.push([] { return QFuture<int>(); });
    const auto next = f.limiter.push([] { return 2; });
    f.settle();
    QVERIFY(wasCanceled(future));
    QCOMPARE(next.result(), 2);
}

void tst_SerialRateLimiter_futures::L5_futureWithoutItsResult()
{
    Fixture f;
    Job<int> job;
    const auto future = f.limiter.push(job.task());
    f.settle();
    job.finish();
    f.settle();
    QVERIFY(wasCanceled(future));
    QCOMPARE(f.log->lines, (QByteArrayList{ "started 1", "canceled 1", "drained" }));
}

void tst_SerialRateLimiter_futures::L5_nullCallable()
{
    Fixture f;
    const auto function = f.limiter.push(std::function<int()>());
    const auto pointer = f.limiter.push(static_cast<int (*)()>(nullptr));
    f.settle();
    QVERIFY(function.isFinished() && pointer.isFinished());
    QVERIFY_THROWS_EXCEPTION(std::bad_function_call, QFuture<int>(function).waitForFinished());
    QCOMPARE(f.limiter.failedCount(), 2);
}

void tst_SerialRateLimiter_futures::userContinuations_data()
{
    QTest::addColumn<bool>("before");
    QTest::addColumn<bool>("fails");
    QTest::newRow("attached before") << true << false;
    QTest::newRow("attached after") << false << false;
    QTest::newRow("attached before, fails") << true << true;
    QTest::newRow("attached after, fails") << false << true;
}

void tst_SerialRateLimiter_futures::userContinuations()
{
    // The user's then() on the future that the task returned, and on the pushed one.
    QFETCH(bool, before);
    QFETCH(bool, fails);
    Fixture f;
    Job<int> job;
    int inner = 0;
    int outer = 0;
    QFuture<void> innerDone;
    QFuture<void> outerDone;
    const auto attachInner = [&](QFuture<int> future) {
        innerDone = future.then([&](int value) { inner = value; }).onFailed([&] { inner = -1; });
    };
    const auto attachOuter = [&](QFuture<int> future) {
        outerDone = future.then([&](int value) { outer = value; }).onFailed([&] { outer = -1; });
    };
    auto pushed = f.limiter.push([&] {
        auto future = job.task()();
        if (before)
            attachInner(future);
        return future;
    });
    if (before)
        attachOuter(pushed);
    const auto next = f.limiter.push([] { return 2; });
    f.settle();
    if (!before) {
        attachInner(job.promise.future());
        attachOuter(pushed);
    }
    if (fails)
        job.fail(UserError(1));
    else
        job.finish(1);
    f.settle();
    QCOMPARE(inner, fails ? -1 : 1);
    QCOMPARE(outer, fails ? -1 : 1);
    QCOMPARE(next.result(), 2);
    QCOMPARE(fails ? f.limiter.failedCount() : f.limiter.completedCount(), fails ? 1 : 2);
}

void tst_SerialRateLimiter_futures::continuationThatPushesAndClears()
{
    Fixture f;
    QByteArrayList order;
    QFuture<void> fromContinuation;
    const auto done = f.limiter.push([&] { order.append("first"); }).then([&] {
        order.append("then");
        QCOMPARE(f.limiter.clear(), 1);
        fromContinuation = f.limiter.push([&] { order.append("pushed"); });
    });
    const auto second = f.limiter.push([&] { order.append("second"); });
    f.settle();
    QVERIFY(wasCanceled(second));
    QCOMPARE(order, (QByteArrayList{ "first", "then", "pushed" }));
    QCOMPARE(f.log->lines.last(), QByteArray("drained"));
}

void tst_SerialRateLimiter_futures::L16_exceptionsArriveUnchanged()
{
    Fixture f;
    auto standard = f.limiter.push([]() -> int { throw UserError(17); });
    auto qt = f.limiter.push([] { throw UserQtError(); });
    auto number = f.limiter.push([] { throw 5; });
    f.settle();
    try {
        standard.waitForFinished();
        QFAIL("no exception");
    } catch (const UserError &error) {
        QCOMPARE(error.code, 17);
        QCOMPARE(error.what(), "user error");
    }
    QVERIFY_THROWS_EXCEPTION(UserQtError, qt.waitForFinished());
    QVERIFY_THROWS_EXCEPTION(int, number.waitForFinished());
    QCOMPARE(f.limiter.failedCount(), 3);
}

void tst_SerialRateLimiter_futures::L16_exceptionsOfFuturesArriveUnchanged()
{
    Fixture f;
    Job<int> a;
    auto standard = f.limiter.push(a.task());
    Job<void> b;
    auto qt = f.limiter.push(b.task());
    auto ready = f.limiter.push([] { return QtFuture::makeExceptionalFuture<int>(UserQtError()); });
    auto unhandled = f.limiter.push(
            []() -> int { throw QUnhandledException(std::make_exception_ptr(UserError(18))); });
    f.settle();
    a.fail(UserError(17));
    f.settle();
    b.fail(UserQtError());
    f.settle();
    try {
        standard.waitForFinished();
        QFAIL("no exception");
    } catch (const UserError &error) {
        QCOMPARE(error.code, 17);
    }
    QVERIFY_THROWS_EXCEPTION(UserQtError, qt.waitForFinished());
    QVERIFY_THROWS_EXCEPTION(UserQtError, ready.waitForFinished());
    QVERIFY_THROWS_EXCEPTION(QUnhandledException, unhandled.waitForFinished());
    QCOMPARE(f.limiter.failedCount(), 4);
}

void tst_SerialRateLimiter_futures::L16_resultThatCannotBeCopied()
{
    Fixture f;
    QPromise<CopiesThrow> promise;
    promise.start();
    auto future = f.limiter.push([&] { return promise.future(); });
    auto next = f.limiter.push([] { return 2; });
    f.settle();
    promise.addResult(CopiesThrow(0));
    promise.finish();
    f.settle();
    QVERIFY(future.isFinished());
    QCOMPARE(errorOf(QFuture<void>(future)), QStringLiteral("user error"));
    QCOMPARE(f.log->lines,
             (QByteArrayList{ "started 1", "failed 1", "started 2", "completed 2", "drained" }));
    QCOMPARE(f.limiter.failedCount(), 1);
    QCOMPARE(next.result(), 2);
}

void tst_SerialRateLimiter_futures::L16_messages()
{
    Fixture f;
    f.limiter.post([] { throw std::runtime_error("Grüße"); });
    f.limiter.post([] { throw UserQtError(); });
    f.limiter.post([] { throw QUnhandledException(std::make_exception_ptr(UserError(1))); });
    f.limiter.post([] { throw QStringLiteral("a text"); });
    f.limiter.post([] { throw "a literal"; });
    f.limiter.post([] { return QtFuture::makeExceptionalFuture<int>(UserQtError()); });
    f.limiter.post([] { throw 5; });
    f.settle();
    QCOMPARE(f.log->messages.mid(0, 6),
             (QStringList{ QStringLiteral("Grüße"), QStringLiteral("Qt error"),
                           QStringLiteral("user error"), QStringLiteral("a text"),
                           QStringLiteral("a literal"), QStringLiteral("Qt error") }));
    QVERIFY(!f.log->messages.at(6).isEmpty());
}

void tst_SerialRateLimiter_futures::L16_queueGoesOnBehindAFailure()
{
    Fixture f;
    QList<QFuture<int>> futures;
    Job<int> job;
    futures.append(f.limiter.push([]() -> int { throw UserError(1); }));
    futures.append(f.limiter.push([] { return 2; }));
    futures.append(f.limiter.push(job.task()));
    futures.append(f.limiter.push([] { return 4; }));
    f.settle();
    job.fail(UserError(3));
    f.settle();
    QCOMPARE(errorOf(futures[0]), QStringLiteral("user error"));
    QCOMPARE(futures[1].result(), 2);
    QCOMPARE(errorOf(futures[2]), QStringLiteral("user error"));
    QCOMPARE(futures[3].result(), 4);
    QVERIFY(!f.limiter.isBusy());
    QCOMPARE(f.log->count("drained"), 1);
}

QTEST_GUILESS_MAIN(tst_SerialRateLimiter_futures)

#include "tst_serialratelimiter_futures.moc"
