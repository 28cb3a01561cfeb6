// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// <Tactus/qcoro.h>: coroutines as callbacks and tasks, and coroutines that await.

#include "../readyfuture.h"
#include "../serialratelimiter/limiterfixture.h"

#include <Tactus/qcoro.h>
#include <Tactus/scheduledtimer.h>

#include <QtTest/qsignalspy.h>

#include <coroutine>
#include <stdexcept>
#include <utility>

using namespace LimiterTest;
using QCoro::Task;
using Tactus::CanceledError;
using Tactus::resultOf;
using Tactus::ScheduledTimer;
using Tactus::Tick;

namespace {

// Something to await that the test opens.
class Gate
{
public:
    Gate() { m_promise.start(); }
    QFuture<void> passed() const { return m_promise.future(); }
    void open() { m_promise.finish(); }

private:
    QPromise<void> m_promise;
};

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

// A coroutine that goes with what it has returned, as those of generators do.
class Owned
{
public:
    struct promise_type
    {
        Owned get_return_object()
        {
            return Owned(std::coroutine_handle<promise_type>::from_promise(*this));
        }
        std::suspend_never initial_suspend() { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { throw; }
    };

    explicit Owned(std::coroutine_handle<promise_type> coroutine)
        : m_coroutine(coroutine)
    {
    }
    Owned(Owned &&other) noexcept // Clang before 17 makes one of another
        : m_coroutine(std::exchange(other.m_coroutine, nullptr))
    {
    }
    Owned &operator=(Owned &&) = delete;
    ~Owned()
    {
        if (m_coroutine)
            m_coroutine.destroy();
    }

private:
    Q_DISABLE_COPY(Owned)
    std::coroutine_handle<promise_type> m_coroutine;
};

// Members that are coroutines.
class Machine : public QObject
{
public:
    explicit Machine(const Gate *gate)
        : m_gate(gate)
    {
    }
    Task<int> produce()
    {
        co_await m_gate->passed();
        co_return ++m_produced;
    }
    Task<> work(Tick tick)
    {
        co_await m_gate->passed();
        worked.append(tick.index());
    }
    QList<qint64> worked;

private:
    const Gate *m_gate;
    int m_produced = 0;
};

} // namespace

class tst_QCoro : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { failOnWarnings(); }

    void coroutineAsTask();
    void coroutineThatDoesNotWait();
    void coroutineWithoutResult();
    void resultThatCannotBeCopied();
    void postedCoroutine();
    void memberCoroutine();
    void capturesOutliveTheLimiter();
    void capturesOutliveTheTimer();
    void L7_cancelingWaitsForTheEnd();
    void L7_canceledErrorCancels();
    void L16_exceptionsArriveUnchanged_data();
    void L16_exceptionsArriveUnchanged();
    void L19_timeout();
    void T1_coroutineAsCallback();
    void T4_delayCountsFromTheEndOfTheCoroutine();
    void T6_stopWaitsForTheCoroutine();
    void T11_exceptionsAreErrors();
    void T11_canceledErrorIsNone();

    void awaitingPush();
    void awaitingPushThatFails();
    void awaitingPushThatIsRejected();
    void awaitingStop();
    void awaitingDrain();
    void awaitingFromInsideATask();
    void resultOfEveryKind();
    void resultOfCanceled_data();
    void resultOfCanceled();
    void resultOfCanceledWaitsForTheEnd();
    void resultOfTaskWhoseLimiterIsDeleted();
    void resultOfInACoroutineThatIsDestroyed();
};

void tst_QCoro::coroutineAsTask()
{
    Fixture f;
    Gate gate;
    const auto future = f.limiter.push([&gate]() -> Task<int> {
        co_await gate.passed();
        co_return 7;
    });
    static_assert(std::is_same_v<decltype(future), const QFuture<int>>);
    f.limiter.post([] {});
    f.clock.advance(1h);
    QVERIFY(f.limiter.isBusy());
    QCOMPARE(f.log->take(), QByteArrayList({ "started 1" }));

    gate.open();
    f.settle();
    QCOMPARE(future.result(), 7);
    QCOMPARE(f.log->take(),
             QByteArrayList({ "completed 1", "started 2", "completed 2", "drained" }));
}

void tst_QCoro::coroutineThatDoesNotWait()
{
    Fixture f;
    const auto future = f.limiter.push(
            []() -> Task<QString> { co_return QStringLiteral("at once"); });
    f.settle();
    QVERIFY(future.isFinished());
    QCOMPARE(future.result(), QStringLiteral("at once"));
}

void tst_QCoro::coroutineWithoutResult()
{
    Fixture f;
    Gate gate;
    const QFuture<void> future = f.limiter.push([&gate]() -> Task<> { co_await gate.passed(); });
    f.settle();
    QVERIFY(!future.isFinished());
    gate.open();
    f.settle();
    QVERIFY(future.isFinished());
    QVERIFY(!future.isCanceled());
}

void tst_QCoro::resultThatCannotBeCopied()
{
    Fixture f;
    Gate gate;
    const auto future = f.limiter.push([&gate]() -> Task<MoveOnly> {
        co_await gate.passed();
        co_return MoveOnly(3);
    });
    f.settle();
    gate.open();
    f.settle();
    QVERIFY(future.isFinished());
    QCOMPARE(future.constBegin()->value(), 3);
}

void tst_QCoro::postedCoroutine()
{
    Fixture f;
    Gate gate;
    f.limiter.post([&gate]() -> Task<> { co_await gate.passed(); });
    f.settle();
    QVERIFY(f.limiter.isBusy());
    gate.open();
    f.settle();
    QCOMPARE(f.log->take(), QByteArrayList({ "started 1", "completed 1", "drained" }));
}

void tst_QCoro::memberCoroutine()
{
    Fixture f;
    Gate gate;
    Machine machine(&gate);
    const QFuture<int> future = f.limiter.push(&machine, &Machine::produce);
    ScheduledTimer timer(1s);
    timer.setClock(&f.clock);
    timer.setCallback(&machine, &Machine::work);
    timer.start();
    f.clock.advance(1s);
    QVERIFY(f.limiter.isBusy());
    QVERIFY(timer.isBusy());
    gate.open();
    f.settle();
    QCOMPARE(future.result(), 1);
    QCOMPARE(machine.worked, QList<qint64>({ 1 }));
}

// A lambda that is a coroutine has its captures in the lambda, not in the coroutine.
void tst_QCoro::capturesOutliveTheLimiter()
{
    for (const bool posted : { false, true }) {
        ManualClock clock;
        auto limiter = std::make_unique<SerialRateLimiter>();
        limiter->setClock(&clock);
        Gate gate;
        QString seen;
        const auto text = std::make_shared<QString>(QStringLiteral("still here"));
        const auto task = [&gate, &seen, text]() -> Task<> {
            co_await gate.passed();
            seen = *text;
        };
        const long usesBefore = text.use_count();
        if (posted)
            limiter->post(task);
        else
            limiter->push(task);
        clock.advance(0ns);
        QVERIFY(limiter->isBusy());

        limiter.reset();
        QVERIFY(text.use_count() > usesBefore);
        gate.open();
        clock.advance(0ns);
        QCOMPARE(seen, *text);
        QCOMPARE(text.use_count(), usesBefore);
    }
}

void tst_QCoro::capturesOutliveTheTimer()
{
    ManualClock clock;
    Gate gate;
    QString seen;
    const auto text = std::make_shared<QString>(QStringLiteral("still here"));
    auto timer = std::make_unique<ScheduledTimer>(1s);
    timer->setClock(&clock);
    timer->setCallback([&gate, &seen, text, &timer](Tick) -> Task<> {
        co_await gate.passed();
        timer.reset();
        seen = *text;
    });
    timer->start();
    clock.advance(1s);
    QVERIFY(timer->isBusy());
    gate.open();
    clock.advance(1s);
    QVERIFY(!timer);
    QCOMPARE(seen, *text);
    QCOMPARE(text.use_count(), 1);
}

// Nothing in QCoro could end a coroutine early.
void tst_QCoro::L7_cancelingWaitsForTheEnd()
{
    Fixture f;
    Gate gate;
    bool ended = false;
    auto future = f.limiter.push([&]() -> Task<int> {
        co_await gate.passed();
        ended = true;
        co_return 1;
    });
    f.limiter.post([] {});
    f.settle();
    future.cancel();
    f.clock.advance(1h);
    QVERIFY(!future.isFinished());
    QVERIFY(f.limiter.isBusy());
    QCOMPARE(f.log->take(), QByteArrayList({ "started 1" }));

    gate.open();
    f.settle();
    QVERIFY(ended);
    QVERIFY(wasCanceled(future));
    QCOMPARE(f.log->take(), QByteArrayList({ "canceled 1", "started 2", "completed 2", "drained" }));
}

void tst_QCoro::L7_canceledErrorCancels()
{
    Fixture f;
    Gate gate;
    const auto future = f.limiter.push([&gate]() -> Task<int> {
        co_await gate.passed();
        throw CanceledError();
    });
    f.settle();
    gate.open();
    f.settle();
    QVERIFY(wasCanceled(future));
    QCOMPARE(f.log->take(), QByteArrayList({ "started 1", "canceled 1", "drained" }));
}

void tst_QCoro::L16_exceptionsArriveUnchanged_data()
{
    QTest::addColumn<bool>("afterAwaiting");
    QTest::newRow("before the first await") << false;
    QTest::newRow("after it") << true;
}

void tst_QCoro::L16_exceptionsArriveUnchanged()
{
    QFETCH(bool, afterAwaiting);
    Fixture f;
    Gate gate;
    auto future = f.limiter.push([&gate, afterAwaiting]() -> Task<int> {
        if (afterAwaiting)
            co_await gate.passed();
        throw UserError(5);
    });
    f.settle();
    gate.open();
    f.settle();
    QVERIFY(future.isFinished());
    try {
        future.waitForFinished();
        QFAIL("nothing was thrown");
    } catch (const UserError &error) {
        QCOMPARE(error.code, 5);
    }
    QCOMPARE(f.log->take(), QByteArrayList({ "started 1", "failed 1", "drained" }));
    QCOMPARE(f.log->messages, QStringList({ QStringLiteral("user error") }));
}

void tst_QCoro::L19_timeout()
{
    Fixture f;
    f.limiter.setTaskTimeout(1s);
    Gate gate;
    auto future = f.limiter.push([&gate]() -> Task<int> {
        co_await gate.passed();
        co_return 1;
    });
    f.clock.advance(2s);
    QVERIFY_THROWS_EXCEPTION(Tactus::TimeoutError, future.waitForFinished());
    QVERIFY(f.limiter.isBusy());
    gate.open();
    f.settle();
    QVERIFY(!f.limiter.isBusy());
}

void tst_QCoro::T1_coroutineAsCallback()
{
    ManualClock clock;
    ScheduledTimer timer(1s);
    timer.setClock(&clock);
    std::vector<Gate> gates(3);
    QList<qint64> begun;
    QList<qint64> ended;
    timer.setCallback([&](Tick tick) -> Task<> {
        const auto gate = std::size_t(begun.size());
        begun.append(tick.index());
        co_await gates.at(gate).passed();
        ended.append(tick.index());
    });
    QSignalSpy completed(&timer, &ScheduledTimer::completed);
    timer.start();
    clock.advance(3500ms);
    QCOMPARE(begun, QList<qint64>({ 1 }));
    QVERIFY(timer.isBusy());
    gates[0].open();
    clock.advance(0ns);
    QVERIFY(!timer.isBusy());
    QCOMPARE(ended, QList<qint64>({ 1 }));
    QCOMPARE(completed.count(), 1);
    clock.advance(1s);
    QCOMPARE(begun, QList<qint64>({ 1, 4 }));
    gates[1].open();
    clock.advance(0ns);
    QCOMPARE(ended, QList<qint64>({ 1, 4 }));
}

void tst_QCoro::T4_delayCountsFromTheEndOfTheCoroutine()
{
    ManualClock clock;
    ScheduledTimer timer(1s, ScheduledTimer::Policy::Delay);
    timer.setClock(&clock);
    std::vector<Gate> gates(2);
    QList<Duration> starts;
    timer.setCallback([&]() -> Task<> {
        const auto gate = std::size_t(starts.size());
        starts.append(clock.now().time_since_epoch());
        co_await gates.at(gate).passed();
    });
    timer.start();
    clock.advance(1700ms);
    gates[0].open();
    clock.advance(10s);
    QCOMPARE(starts, QList<Duration>({ 1s, 2700ms }));
    gates[1].open();
    timer.stop();
    clock.advance(0ns);
}

void tst_QCoro::T6_stopWaitsForTheCoroutine()
{
    ManualClock clock;
    ScheduledTimer timer(1s);
    timer.setClock(&clock);
    Gate gate;
    timer.setCallback([&gate]() -> Task<> { co_await gate.passed(); });
    timer.start();
    clock.advance(1s);
    const QFuture<void> stopped = timer.stop();
    clock.advance(10s);
    QVERIFY(!stopped.isFinished());
    gate.open();
    clock.advance(0ns);
    QVERIFY(stopped.isFinished());
}

void tst_QCoro::T11_exceptionsAreErrors()
{
    ManualClock clock;
    ScheduledTimer timer(1s);
    timer.setClock(&clock);
    Gate gate;
    timer.setCallback([&gate]() -> Task<> {
        co_await gate.passed();
        throw UserError(1);
    });
    QStringList messages;
    connect(&timer, &ScheduledTimer::errorOccurred, this,
            [&messages](const Tick &, const QString &message) { messages.append(message); });
    timer.start();
    clock.advance(1s);
    QCOMPARE(messages, QStringList());
    gate.open();
    clock.advance(1s);
    QCOMPARE(messages, QStringList({ QStringLiteral("user error"), QStringLiteral("user error") }));
}

void tst_QCoro::T11_canceledErrorIsNone()
{
    ManualClock clock;
    ScheduledTimer timer(1s);
    timer.setClock(&clock);
    timer.setCallback([]() -> Task<> {
        throw CanceledError();
        co_return;
    });
    QSignalSpy errors(&timer, &ScheduledTimer::errorOccurred);
    QSignalSpy completed(&timer, &ScheduledTimer::completed);
    timer.start();
    clock.advance(2s);
    QCOMPARE(errors.count(), 0);
    QCOMPARE(completed.count(), 2);
}

void tst_QCoro::awaitingPush()
{
    Fixture f(1, 1s);
    QList<int> results;
    QList<Duration> times;
    const auto work = [&]() -> Task<> {
        for (int i = 0; i < 3; ++i) {
            results.append(co_await f.limiter.push([i] { return i; }));
            times.append(f.now());
        }
        co_await f.limiter.push([] {});
        times.append(f.now());
    };
    const Task<> working = work();
    f.clock.advance(10s);
    QVERIFY(working.isReady());
    QCOMPARE(results, QList<int>({ 0, 1, 2 }));
    QCOMPARE(times, QList<Duration>({ 0s, 1s, 2s, 3s }));
}

void tst_QCoro::awaitingPushThatFails()
{
    Fixture f;
    f.limiter.setTaskTimeout(1s);
    Gate gate;
    QStringList caught;
    const auto work = [&]() -> Task<> {
        try {
            co_await f.limiter.push([]() -> int { throw UserError(1); });
        } catch (const UserError &error) {
            caught.append(QString::fromUtf8(error.what()));
        }
        try {
            co_await f.limiter.push([&gate] { return gate.passed(); });
        } catch (const Tactus::TimeoutError &error) {
            caught.append(QString::fromUtf8(error.what()));
        }
    };
    const Task<> working = work();
    f.clock.advance(2s);
    QVERIFY(working.isReady());
    QCOMPARE(caught, QStringList({ QStringLiteral("user error"),
                                   QString::fromUtf8(Tactus::TimeoutError().what()) }));
    gate.open();
    f.settle();
}

void tst_QCoro::awaitingPushThatIsRejected()
{
    Fixture f;
    f.limiter.setMaximumPending(1);
    f.limiter.pause();
    f.limiter.post([] {});
    bool caught = false;
    const auto work = [&]() -> Task<> {
        try {
            co_await f.limiter.push([] { return 1; });
        } catch (const Tactus::QueueFullError &) {
            caught = true;
        }
    };
    const Task<> working = work();
    f.settle();
    QVERIFY(working.isReady());
    QVERIFY(caught);
}

void tst_QCoro::awaitingStop()
{
    ManualClock clock;
    ScheduledTimer timer(1s);
    timer.setClock(&clock);
    Gate gate;
    timer.setCallback([&gate] { return gate.passed(); });
    timer.start();
    clock.advance(1s);
    const auto work = [&timer]() -> Task<> {
        co_await timer.stop();
        co_await timer.cancel(); // of a timer that is stopped
    };
    const Task<> stopping = work();
    clock.advance(5s);
    QVERIFY(!stopping.isReady());
    QVERIFY(!timer.isRunning());
    gate.open();
    clock.advance(0ns);
    QVERIFY(stopping.isReady());
}

void tst_QCoro::awaitingDrain()
{
    Fixture f(1, 1s);
    f.limiter.post([] {});
    f.limiter.post([] {});
    Duration drainedAt{ -1 };
    const auto work = [&]() -> Task<> {
        co_await f.limiter.drain();
        drainedAt = f.now();
    };
    const Task<> waiting = work();
    f.clock.advance(10s);
    QVERIFY(waiting.isReady());
    QCOMPARE(drainedAt, Duration(1s));
}

void tst_QCoro::awaitingFromInsideATask()
{
    Fixture f;
    SerialRateLimiter other(1, 1s);
    other.setClock(&f.clock);
    const auto sum = f.limiter.push([&other]() -> Task<int> {
        const int a = co_await other.push([] { return 1; });
        const int b = co_await other.push([] { return 2; });
        co_return a + b;
    });
    f.settle();
    QVERIFY(f.limiter.isBusy());
    f.clock.advance(1s);
    QCOMPARE(sum.result(), 3);

    // What is canceled there is canceled here.
    auto canceled = f.limiter.push(
            [&other]() -> Task<int> { co_return co_await resultOf(other.push([] { return 1; })); });
    f.settle();
    QCOMPARE(other.clear(), 1);
    f.settle();
    QVERIFY(wasCanceled(canceled));
}

void tst_QCoro::resultOfEveryKind()
{
    Fixture f;
    QStringList seen;
    const auto work = [&]() -> Task<> {
        seen.append(QString::number(co_await resultOf(f.limiter.push([] { return 1; }))));
        co_await resultOf(f.limiter.push([] {}));
        const MoveOnly moved = co_await resultOf(f.limiter.push([] { return MoveOnly(2); }));
        seen.append(QString::number(moved.value()));
        seen.append(QString::number(co_await resultOf(readyFuture(3))));
        const QFuture<int> held = f.limiter.push([] { return 4; });
        seen.append(QString::number(co_await resultOf(held)));
        seen.append(QString::number(held.result()));
        try {
            co_await resultOf(f.limiter.push([]() -> int { throw UserError(5); }));
        } catch (const UserError &error) {
            seen.append(QString::number(error.code));
        }
    };
    const Task<> working = work();
    f.settle();
    QVERIFY(working.isReady());
    QCOMPARE(seen.join(QLatin1Char(' ')), QStringLiteral("1 2 3 4 4 5"));
}

void tst_QCoro::resultOfCanceled_data()
{
    QTest::addColumn<bool>("before");
    QTest::newRow("before it is awaited") << true;
    QTest::newRow("while it is awaited") << false;
}

void tst_QCoro::resultOfCanceled()
{
    QFETCH(bool, before);
    Fixture f;
    f.limiter.pause();
    const QFuture<int> withResult = f.limiter.push([] { return 1; });
    const QFuture<void> without = f.limiter.push([] {});
    if (before)
        f.limiter.clear();
    int canceled = 0;
    const auto work = [&]() -> Task<> {
        try {
            co_await resultOf(withResult);
        } catch (const CanceledError &) {
            ++canceled;
        }
        try {
            co_await resultOf(without);
        } catch (const std::exception &error) {
            canceled += qstrcmp(error.what(), "the task was canceled") == 0 ? 1 : 0;
        }
    };
    const Task<> working = work();
    QCOMPARE(working.isReady(), before);
    f.limiter.clear();
    f.settle();
    QVERIFY(working.isReady());
    QCOMPARE(canceled, 2);
}

void tst_QCoro::resultOfCanceledWaitsForTheEnd()
{
    Fixture f;
    Job<int> job;
    auto future = f.limiter.push(job.task());
    f.settle();
    future.cancel();
    bool canceled = false;
    const auto work = [&]() -> Task<> {
        try {
            co_await resultOf(future);
        } catch (const CanceledError &) {
            canceled = true;
        }
    };
    const Task<> working = work();
    f.clock.advance(1h);
    QVERIFY(!working.isReady());
    job.finish(1);
    f.settle();
    QVERIFY(working.isReady());
    QVERIFY(canceled);
}

void tst_QCoro::resultOfTaskWhoseLimiterIsDeleted()
{
    ManualClock clock;
    auto limiter = std::make_unique<SerialRateLimiter>();
    limiter->setClock(&clock);
    bool canceled = false;
    const auto work = [&]() -> Task<> {
        try {
            co_await resultOf(limiter->push([] { return 1; }));
        } catch (const CanceledError &) {
            canceled = true;
        }
    };
    const Task<> working = work();
    QVERIFY(!working.isReady());
    limiter.reset();
    clock.advance(0ns);
    QVERIFY(working.isReady());
    QVERIFY(canceled);
}

void tst_QCoro::resultOfInACoroutineThatIsDestroyed()
{
    Fixture f;
    int begun = 0;
    int resumed = 0;
    const auto wait = [&]() -> Owned {
        ++begun;
        co_await resultOf(f.limiter.push([] { return 1; }));
        ++resumed;
    };
    {
        const Owned waiting = wait();
        f.settle();
        QCOMPARE(resumed, 1);
        f.limiter.pause();
        const Owned destroyed = wait();
    }
    f.limiter.resume();
    f.settle();
    QCoreApplication::processEvents();
    QCOMPARE(begun, 2);
    QCOMPARE(resumed, 1);
}

QTEST_GUILESS_MAIN(tst_QCoro)
#include "tst_qcoro.moc"
