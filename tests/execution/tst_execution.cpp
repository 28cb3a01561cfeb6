// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "execution_p.h"

#include <Tactus/errors.h>
#include <Tactus/manualclock.h>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qexception.h>
#include <QtCore/qpromise.h>
#include <QtCore/qregularexpression.h>
#include <QtTest/qtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using namespace Tactus;
using Instant = Clock::Instant;
using Kind = Outcome::Kind;

namespace {

Instant at(Duration sinceEpoch)
{
    return Instant(sinceEpoch);
}

class Complaint : public QException
{
public:
    const char *what() const noexcept override { return "a complaint"; }
    void raise() const override { throw *this; }
    QException *clone() const override { return new Complaint(*this); }
};

QFuture<void> failedWith(const std::exception_ptr &error)
{
    QPromise<void> promise;
    promise.start();
    promise.setException(error);
    promise.finish();
    return promise.future();
}

template <typename T>
std::exception_ptr thrown(T value)
{
    return std::make_exception_ptr(std::move(value));
}

// A promise whose owner decides when it is finished, and can be asked whether to cancel.
struct Work
{
    Work() { promise.start(); }
    QFuture<void> future() const { return promise.future(); }
    QPromise<void> promise;
};

// What an owner of an Execution does, and a log of what it is told.
class Owner final : public Execution::Owner
{
public:
    explicit Owner(Clock *clock)
        : m_clock(clock)
        , execution(this, &m_object)
    {
    }

    void executionFinished(const Outcome &outcome) override
    {
        outcomes.push_back(outcome);
        execution.end();
        if (onFinished)
            onFinished();
    }

    void executionWaits() override { ++waits; }
    void executionTimedOut() override { timedOutAt.push_back(m_clock->now()); }

    bool run(const QFuture<void> &future, Duration timeout = {})
    {
        execution.begin(m_clock->now());
        execution.armTimeout(m_clock, timeout, 0ns);
        return execution.wait(future);
    }

    std::vector<Outcome> outcomes;
    std::vector<Instant> timedOutAt;
    int waits = 0;
    std::function<void()> onFinished;

    QObject &object() { return m_object; }

private:
    Clock *const m_clock;
    QObject m_object;

public:
    Execution execution;
};

} // namespace

class tst_Execution : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();

    void outcomeOfAResult();
    void outcomeOfAnException();
    void outcomeOfACanceledFuture();
    void outcomeOfACanceledFutureWithAnException();
    void outcomeOfADroppedPromise();
    void outcomeOfADefaultFuture();
    void outcomeLeavesTheResultWhereItIs();
    void messages_data();
    void messages();

    void T1_waitsUntilTheFutureIsFinished();
    void T1_finishedAlreadyIsNotWaitedFor();
    void T1_cancelAloneFinishesNothing();
    void T7_cancelWhileWaiting();
    void T7_cancelWhileCalling();
    void T7_cancelIsForgottenByTheNextOne();
    void T11_failedFuture();
    void L5_droppedPromise();

    void T16_exactlyAtTheLimitIsInTime();
    void T16_timesOutOnceAndStaysBusy();
    void T16_timesOutWhileCalling();
    void T16_elapsedIsNoticedLater();
    void T16_noTimeout();
    void T16_limitThatChanges();
    void T16_endDisarms();
    void T16_longestTimeout();

    void watcherIsReused();
    void watcherIgnoresTheFutureBefore();
    void watcherBelongsToTheObject();
    void endLetsGoOfTheFuture_data();
    void endLetsGoOfTheFuture();
    void waitsAreToldOfWhatTakesLong();
    void eventsOfTheFutureBeforeAreNotTheNexts();
    void finishedHandlerMayBeginTheNext();

    void usersContinuationBeforeKeepsWorking();
    void usersContinuationAfterKeepsWorking();
    void usersWatcherKeepsWorking();
};

void tst_Execution::init()
{
    QTest::failOnWarning(QRegularExpression(QStringLiteral(".*")));
}

void tst_Execution::outcomeOfAResult()
{
    QPromise<int> promise;
    promise.start();
    promise.addResult(7);
    promise.finish();
    const Outcome outcome = Outcome::of(QFuture<void>(promise.future()));
    QCOMPARE(outcome.kind, Kind::Completed);
    QVERIFY(!outcome.error);
}

// An exception cancels its future as well: it still is one.
void tst_Execution::outcomeOfAnException()
{
    const std::exception_ptr error = thrown(std::runtime_error("broken"));
    const QFuture<void> future = failedWith(error);
    QVERIFY(future.isCanceled());
    const Outcome outcome = Outcome::of(future);
    QCOMPARE(outcome.kind, Kind::Failed);
    QCOMPARE(messageOf(outcome.error), QStringLiteral("broken"));

    const Outcome complaint = Outcome::of(failedWith(thrown(Complaint())));
    QCOMPARE(complaint.kind, Kind::Failed);
    QVERIFY_THROWS_EXCEPTION(Complaint, std::rethrow_exception(complaint.error));
}

void tst_Execution::outcomeOfACanceledFuture()
{
    Work work;
    work.future().cancel();
    work.promise.finish();
    const Outcome outcome = Outcome::of(work.future());
    QCOMPARE(outcome.kind, Kind::Canceled);
    QVERIFY(!outcome.error);
}

// Asked to cancel, it reported by throwing.
void tst_Execution::outcomeOfACanceledFutureWithAnException()
{
    QFutureInterface<void> producer;
    producer.reportStarted();
    producer.reportException(thrown(std::runtime_error("interrupted")));
    producer.future().cancel();
    producer.reportFinished();
    QCOMPARE(Outcome::of(producer.future()).kind, Kind::Failed);
}

void tst_Execution::outcomeOfADroppedPromise()
{
    auto work = std::make_unique<Work>();
    const QFuture<void> future = work->future();
    work.reset();
    QVERIFY(future.isFinished());
    QCOMPARE(Outcome::of(future).kind, Kind::Canceled);
}

void tst_Execution::outcomeOfADefaultFuture()
{
    QCOMPARE(Outcome::of(QFuture<void>()).kind, Kind::Canceled);
}

void tst_Execution::outcomeLeavesTheResultWhereItIs()
{
    QPromise<QString> promise;
    promise.start();
    promise.addResult(QStringLiteral("kept"));
    promise.finish();
    QFuture<QString> future = promise.future();
    QCOMPARE(Outcome::of(QFuture<void>(future)).kind, Kind::Completed);
    QVERIFY(future.isValid());
    QCOMPARE(future.result(), QStringLiteral("kept"));
}

void tst_Execution::messages_data()
{
    QTest::addColumn<std::exception_ptr>("error");
    QTest::addColumn<QString>("message");
    const QString umlaut = QString::fromUtf8("\xc3\xbc");

    QTest::newRow("std::exception") << thrown(std::runtime_error("text")) << QStringLiteral("text");
    QTest::newRow("in UTF-8") << thrown(std::runtime_error("\xc3\xbc")) << umlaut;
    QTest::newRow("QException") << thrown(Complaint()) << QStringLiteral("a complaint");
    QTest::newRow("around a std::exception")
            << thrown(QUnhandledException(thrown(std::logic_error("inside"))))
            << QStringLiteral("inside");
    QTest::newRow("around a QString")
            << thrown(QUnhandledException(thrown(QStringLiteral("inside"))))
            << QStringLiteral("inside");
    QTest::newRow("around one around an int")
            << thrown(QUnhandledException(thrown(QUnhandledException(thrown(1)))))
            << QStringLiteral("unknown exception");
    QTest::newRow("around nothing")
            << thrown(QUnhandledException())
            << QString::fromUtf8(static_cast<const std::exception &>(QUnhandledException()).what());
    QTest::newRow("QString") << thrown(QString(umlaut)) << umlaut;
    QTest::newRow("const char *") << thrown<const char *>("literal") << QStringLiteral("literal");
    QTest::newRow("char in UTF-8") << thrown<const char *>("\xc3\xbc") << umlaut;
    QTest::newRow("int") << thrown(42) << QStringLiteral("unknown exception");
    QTest::newRow("TimeoutError") << thrown(TimeoutError())
                                  << QString::fromUtf8(TimeoutError().what());
}

void tst_Execution::messages()
{
    QFETCH(std::exception_ptr, error);
    QFETCH(QString, message);
    QCOMPARE(messageOf(error), message);
    QVERIFY(!messageOf(error).isEmpty());
    QCOMPARE(messageOf(Outcome::of(failedWith(error)).error), message);
}

void tst_Execution::T1_waitsUntilTheFutureIsFinished()
{
    ManualClock clock(at(5ns));
    Owner owner(&clock);
    Work work;
    QVERIFY(!owner.execution.isActive());
    QVERIFY(owner.run(work.future()));
    QVERIFY(owner.execution.isActive());
    QCOMPARE(owner.execution.startedAt(), at(5ns));
    clock.advance(1h);
    QVERIFY(owner.execution.isActive());
    work.promise.finish();
    QVERIFY(owner.outcomes.empty()); // from the event loop, not inside finish()
    clock.advance(0ns);
    QCOMPARE(owner.outcomes.size(), size_t{ 1 });
    QCOMPARE(owner.outcomes[0].kind, Kind::Completed);
    QVERIFY(!owner.execution.isActive());
    QVERIFY(owner.timedOutAt.empty());
}

void tst_Execution::T1_finishedAlreadyIsNotWaitedFor()
{
    ManualClock clock;
    Owner owner(&clock);
    Work work;
    work.promise.finish();
    QVERIFY(!owner.run(work.future()));
    QVERIFY(owner.execution.isActive()); // until its owner says so
    owner.execution.end();
    QVERIFY(!owner.execution.isActive());
    QVERIFY(!owner.run(QFuture<void>())); // finished, too
    owner.execution.end();
    clock.advance(1s);
    QVERIFY(owner.outcomes.empty());
}

void tst_Execution::T1_cancelAloneFinishesNothing()
{
    ManualClock clock;
    Owner owner(&clock);
    Work work;
    QVERIFY(owner.run(work.future()));
    work.future().cancel();
    clock.advance(1h);
    QVERIFY(owner.outcomes.empty());
    QVERIFY(owner.execution.isActive());
    work.promise.finish();
    clock.advance(0ns);
    QCOMPARE(owner.outcomes.size(), size_t{ 1 });
    QCOMPARE(owner.outcomes[0].kind, Kind::Canceled);

    // The same with a future that was canceled before it was returned.
    Work canceled;
    canceled.future().cancel();
    QVERIFY(owner.run(canceled.future()));
    clock.advance(1h);
    QCOMPARE(owner.outcomes.size(), size_t{ 1 });
    canceled.promise.finish();
    clock.advance(0ns);
    QCOMPARE(owner.outcomes.size(), size_t{ 2 });
}

void tst_Execution::T7_cancelWhileWaiting()
{
    ManualClock clock;
    Owner owner(&clock);
    Work work;
    QVERIFY(owner.run(work.future()));
    QVERIFY(!work.promise.isCanceled());
    owner.execution.requestCancel();
    QVERIFY(work.promise.isCanceled());
    owner.execution.requestCancel();
    clock.advance(1h);
    QVERIFY(owner.outcomes.empty());
    work.promise.finish();
    clock.advance(0ns);
    QCOMPARE(owner.outcomes.size(), size_t{ 1 });
    QCOMPARE(owner.outcomes[0].kind, Kind::Canceled);
}

// The request is kept for the future that the callable has yet to return.
void tst_Execution::T7_cancelWhileCalling()
{
    ManualClock clock;
    Owner owner(&clock);
    Work work;
    owner.execution.begin(clock.now());
    owner.execution.requestCancel();
    QVERIFY(!work.promise.isCanceled());
    QVERIFY(owner.execution.wait(work.future()));
    QVERIFY(work.promise.isCanceled());
    work.promise.finish();
    clock.advance(0ns);
    QCOMPARE(owner.outcomes.size(), size_t{ 1 });
    QCOMPARE(owner.outcomes[0].kind, Kind::Canceled);
}

void tst_Execution::T7_cancelIsForgottenByTheNextOne()
{
    ManualClock clock;
    Owner owner(&clock);
    owner.execution.begin(clock.now());
    owner.execution.requestCancel();
    owner.execution.end();
    Work work;
    QVERIFY(owner.run(work.future()));
    QVERIFY(!work.promise.isCanceled());
    work.promise.finish();
    clock.advance(0ns);
    QCOMPARE(owner.outcomes.size(), size_t{ 1 });
    QCOMPARE(owner.outcomes[0].kind, Kind::Completed);

    // Nor does one between two executions concern the next.
    owner.execution.requestCancel();
    Work next;
    QVERIFY(owner.run(next.future()));
    QVERIFY(!next.promise.isCanceled());
    next.promise.finish();
    clock.advance(0ns);
}

void tst_Execution::T11_failedFuture()
{
    ManualClock clock;
    Owner owner(&clock);
    Work work;
    QVERIFY(owner.run(work.future()));
    work.promise.setException(Complaint());
    work.promise.finish();
    clock.advance(0ns);
    QCOMPARE(owner.outcomes.size(), size_t{ 1 });
    QCOMPARE(owner.outcomes[0].kind, Kind::Failed);
    QCOMPARE(messageOf(owner.outcomes[0].error), QStringLiteral("a complaint"));
}

void tst_Execution::L5_droppedPromise()
{
    ManualClock clock;
    Owner owner(&clock);
    auto work = std::make_unique<Work>();
    QVERIFY(owner.run(work->future()));
    work.reset();
    clock.advance(0ns);
    QCOMPARE(owner.outcomes.size(), size_t{ 1 });
    QCOMPARE(owner.outcomes[0].kind, Kind::Canceled);
}

void tst_Execution::T16_exactlyAtTheLimitIsInTime()
{
    ManualClock clock(at(7ns));
    Owner owner(&clock);
    Work work;
    QVERIFY(owner.run(work.future(), 100ns));
    QVERIFY(!owner.execution.exceeds(100ns, at(107ns)));
    clock.advance(100ns);
    QVERIFY(owner.timedOutAt.empty());
    QVERIFY(!work.promise.isCanceled());
    work.promise.finish();
    clock.advance(0ns);
    QCOMPARE(owner.outcomes.size(), size_t{ 1 });
    QVERIFY(!owner.execution.isTimedOut());
    clock.advance(1h);
    QVERIFY(owner.timedOutAt.empty());
}

void tst_Execution::T16_timesOutOnceAndStaysBusy()
{
    ManualClock clock(at(7ns));
    Owner owner(&clock);
    Work work;
    QVERIFY(owner.run(work.future(), 100ns));
    clock.advance(101ns);
    QCOMPARE(owner.timedOutAt, std::vector<Instant>{ at(108ns) });
    QVERIFY(owner.execution.isTimedOut());
    QVERIFY(work.promise.isCanceled());
    QVERIFY(owner.execution.isActive());

    // Once: not again when somebody looks, nor when the limit is set anew.
    QVERIFY(!owner.execution.exceeds(100ns, clock.now()));
    owner.execution.armTimeout(&clock, 200ns, 0ns);
    QCOMPARE(clock.pendingWakeUps(), 0);
    clock.advance(1h);
    QCOMPARE(owner.timedOutAt.size(), size_t{ 1 });
    QVERIFY(owner.outcomes.empty());
    work.promise.finish();
    clock.advance(0ns);
    QCOMPARE(owner.outcomes.size(), size_t{ 1 });

    // The next one has its own.
    Work next;
    QVERIFY(owner.run(next.future(), 100ns));
    QVERIFY(!owner.execution.isTimedOut());
    clock.advance(101ns);
    QCOMPARE(owner.timedOutAt.size(), size_t{ 2 });
    next.promise.finish();
    clock.advance(0ns);
}

// In a nested event loop, say. The future that comes of it is asked to cancel.
void tst_Execution::T16_timesOutWhileCalling()
{
    ManualClock clock;
    Owner owner(&clock);
    owner.execution.begin(clock.now());
    owner.execution.armTimeout(&clock, 10ns, 0ns);
    clock.advance(11ns);
    QCOMPARE(owner.timedOutAt, std::vector<Instant>{ at(11ns) });
    Work work;
    QVERIFY(owner.execution.wait(work.future()));
    QVERIFY(work.promise.isCanceled());
    work.promise.finish();
    clock.advance(1h);
    QCOMPARE(owner.timedOutAt.size(), size_t{ 1 });
}

// A callable that does not return to the event loop: nobody served the wake-up, but it was too long.
void tst_Execution::T16_elapsedIsNoticedLater()
{
    ManualClock clock;
    Owner owner(&clock);
    owner.execution.begin(clock.now());
    owner.execution.armTimeout(&clock, 10ns, 0ns);
    clock.elapse(11ns);
    QVERIFY(owner.timedOutAt.empty());
    QVERIFY(!owner.execution.exceeds(11ns, clock.now()));
    QVERIFY(!owner.execution.isTimedOut());
    QVERIFY(owner.execution.exceeds(10ns, clock.now()));
    QVERIFY(owner.execution.isTimedOut());
    QVERIFY(!owner.execution.exceeds(10ns, clock.now()));
    owner.execution.end();
    clock.advance(1h);
    QVERIFY(owner.timedOutAt.empty()); // the owner knows already
}

void tst_Execution::T16_noTimeout()
{
    ManualClock clock;
    Owner owner(&clock);
    Work work;
    QVERIFY(owner.run(work.future()));
    QCOMPARE(clock.pendingWakeUps(), 0);
    QVERIFY(!owner.execution.exceeds(0ns, at(1h)));
    clock.advance(1h);
    QVERIFY(owner.timedOutAt.empty());
    work.promise.finish();
    clock.advance(0ns);

    // Without an execution there is nothing to watch.
    owner.execution.armTimeout(&clock, 10ns, 0ns);
    QCOMPARE(clock.pendingWakeUps(), 0);
}

// The limit counts from the start of the execution, whenever it is set.
void tst_Execution::T16_limitThatChanges()
{
    ManualClock clock;
    Owner owner(&clock);
    Work work;
    QVERIFY(owner.run(work.future(), 100ns));
    clock.advance(50ns);
    owner.execution.armTimeout(&clock, 200ns, 0ns);
    QCOMPARE(clock.pendingWakeUps(), 1);
    clock.advance(100ns);
    QVERIFY(owner.timedOutAt.empty());
    owner.execution.armTimeout(&clock, 0ns, 0ns);
    QCOMPARE(clock.pendingWakeUps(), 0);
    clock.advance(100ns);
    QVERIFY(owner.timedOutAt.empty());
    owner.execution.armTimeout(&clock, 200ns, 0ns); // 250 already
    QVERIFY(owner.timedOutAt.empty());
    clock.advance(0ns);
    QCOMPARE(owner.timedOutAt, std::vector<Instant>{ at(250ns) });
    work.promise.finish();
    clock.advance(0ns);

    Work other;
    QVERIFY(owner.run(other.future(), 100ns));
    owner.execution.disarmTimeout();
    QCOMPARE(clock.pendingWakeUps(), 0);
    other.promise.finish();
    clock.advance(1h);
    QCOMPARE(owner.timedOutAt.size(), size_t{ 1 });
}

void tst_Execution::T16_endDisarms()
{
    ManualClock clock;
    Owner owner(&clock);
    Work work;
    QVERIFY(owner.run(work.future(), 1h));
    QCOMPARE(clock.pendingWakeUps(), 1);
    work.promise.finish();
    clock.advance(0ns);
    QCOMPARE(clock.pendingWakeUps(), 0);
}

void tst_Execution::T16_longestTimeout()
{
    ManualClock clock(at(1h));
    Owner owner(&clock);
    Work work;
    QVERIFY(owner.run(work.future(), Duration::max()));
    QCOMPARE(clock.pendingWakeUps(), 0); // never
    QVERIFY(!owner.execution.exceeds(Duration::max(), Instant::max()));
    clock.advance(24h);
    QVERIFY(owner.timedOutAt.empty());
    work.promise.finish();
    clock.advance(0ns);
    QCOMPARE(owner.outcomes.size(), size_t{ 1 });
}

void tst_Execution::watcherIsReused()
{
    ManualClock clock;
    Owner owner(&clock);
    for (size_t i = 0; i < 100; ++i) {
        Work work;
        QVERIFY(owner.run(work.future()));
        if (i % 3 == 0)
            owner.execution.requestCancel();
        else if (i % 3 == 1)
            work.promise.setException(Complaint());
        work.promise.finish();
        clock.advance(1ns);
        QCOMPARE(owner.outcomes.size(), i + 1);
        QCOMPARE(owner.outcomes[i].kind, i % 3 == 0   ? Kind::Canceled
                                         : i % 3 == 1 ? Kind::Failed
                                                      : Kind::Completed);
    }
    QCOMPARE(owner.object().findChildren<QFutureWatcherBase *>().size(), 1);
}

// What the future of an execution that was ended early has still to say is not said of the next.
void tst_Execution::watcherIgnoresTheFutureBefore()
{
    ManualClock clock;
    Owner owner(&clock);
    Work first;
    Work second;
    QVERIFY(owner.run(first.future()));
    first.promise.finish(); // the watcher's event is posted
    owner.execution.end();
    QVERIFY(owner.run(second.future()));
    clock.advance(1s);
    QVERIFY(owner.outcomes.empty());

    owner.execution.end();
    second.promise.finish();
    clock.advance(1s);
    QVERIFY(owner.outcomes.empty());

    // The same future once more, finished by now.
    QVERIFY(!owner.run(second.future()));
    owner.execution.end();
}

void tst_Execution::watcherBelongsToTheObject()
{
    ManualClock clock;
    std::optional<Owner> owner(std::in_place, &clock);
    Work work;
    QVERIFY(owner->run(work.future(), 1h));
    QCOMPARE(owner->object().children().size(), 1);
    owner.reset();
    QCOMPARE(clock.pendingWakeUps(), 0);
    work.promise.finish(); // nobody listens any more
    clock.advance(2h);
}

void tst_Execution::endLetsGoOfTheFuture_data()
{
    QTest::addColumn<bool>("isWatched");
    QTest::newRow("finished at once") << false;
    QTest::newRow("finished later") << true;
}

void tst_Execution::endLetsGoOfTheFuture()
{
    QFETCH(const bool, isWatched);
    ManualClock clock;
    Owner owner(&clock);

    auto result = std::make_shared<int>(1);
    const std::weak_ptr<int> alive = result;
    auto promise = std::make_unique<QPromise<std::shared_ptr<int>>>();
    promise->start();
    QVERIFY(owner.run(QFuture<void>(promise->future())));
    if (isWatched)
        clock.advance(1ns);
    promise->addResult(std::exchange(result, nullptr));
    promise->finish();
    promise.reset();
    clock.advance(0ns);
    QCOMPARE(owner.outcomes.size(), size_t{ 1 });
    QCOMPARE(owner.waits, isWatched ? 1 : 0);
    owner.outcomes.clear();
    QVERIFY(alive.expired());

    // It says nothing of its own, neither now nor to the next execution.
    Work work;
    QVERIFY(owner.run(work.future()));
    clock.advance(1s);
    QVERIFY(owner.outcomes.empty());
    work.promise.finish();
    clock.advance(0ns);
    QCOMPARE(owner.outcomes.size(), size_t{ 1 });
    QCOMPARE(owner.outcomes[0].kind, Kind::Completed);
}

// A future that is finished by an event that was posted before costs no watching.
void tst_Execution::waitsAreToldOfWhatTakesLong()
{
    ManualClock clock;
    Owner owner(&clock);
    Work quick;
    QMetaObject::invokeMethod(
            &owner.object(), [&quick] { quick.promise.finish(); }, Qt::QueuedConnection);
    QVERIFY(owner.run(quick.future()));
    QVERIFY(owner.execution.looksAgain());
    clock.advance(0ns);
    QCOMPARE(owner.outcomes.size(), size_t{ 1 });
    QCOMPARE(owner.waits, 0);

    Work slow;
    QVERIFY(owner.run(slow.future()));
    clock.advance(0ns);
    QVERIFY(!owner.execution.looksAgain());
    QCOMPARE(owner.waits, 1);
    clock.advance(1h);
    slow.promise.finish();
    clock.advance(0ns);
    QCOMPARE(owner.outcomes.size(), size_t{ 2 });
    QCOMPARE(owner.waits, 1);
}

void tst_Execution::eventsOfTheFutureBeforeAreNotTheNexts()
{
    ManualClock clock;
    Owner owner(&clock);
    QPromise<int> first;
    first.start();
    QVERIFY(owner.run(QFuture<void>(first.future())));
    clock.advance(1ns);
    QCOMPARE(owner.waits, 1);

    Work second;
    owner.onFinished = [&] {
        if (owner.outcomes.size() > 1)
            return;
        QMetaObject::invokeMethod(
                &owner.object(), [&] { second.promise.finish(); }, Qt::QueuedConnection);
        QVERIFY(owner.run(second.future()));
    };
    first.addResult(1); // two events
    first.finish();
    clock.advance(0ns);
    QCOMPARE(owner.outcomes.size(), size_t{ 2 });
    QCOMPARE(owner.waits, 1);
}

void tst_Execution::finishedHandlerMayBeginTheNext()
{
    ManualClock clock;
    Owner owner(&clock);
    Work works[3];
    size_t next = 1;
    owner.onFinished = [&] {
        if (next < std::size(works))
            QVERIFY(owner.run(works[next++].future()));
    };
    QVERIFY(owner.run(works[0].future()));
    for (size_t i = 0; i < std::size(works); ++i) {
        QCOMPARE(owner.outcomes.size(), i);
        works[i].promise.finish();
        clock.advance(1ns);
    }
    QCOMPARE(owner.outcomes.size(), std::size(works));
    QVERIFY(!owner.execution.isActive());
}

// In Qt 6 a future has one continuation, and it is the user's.
void tst_Execution::usersContinuationBeforeKeepsWorking()
{
    ManualClock clock;
    Owner owner(&clock);
    QPromise<int> promise;
    promise.start();
    int received = 0;
    QFuture<int> future = promise.future();
    const QFuture<void> after = future.then([&](int value) { received = value; });
    QVERIFY(owner.run(QFuture<void>(future)));
    promise.addResult(3);
    promise.finish();
    clock.advance(0ns);
    QCOMPARE(received, 3);
    QVERIFY(after.isFinished());
    QCOMPARE(owner.outcomes.size(), size_t{ 1 });
    QCOMPARE(owner.outcomes[0].kind, Kind::Completed);
}

void tst_Execution::usersContinuationAfterKeepsWorking()
{
    ManualClock clock;
    Owner owner(&clock);
    QPromise<int> promise;
    promise.start();
    int received = 0;
    QFuture<int> future = promise.future();
    QVERIFY(owner.run(QFuture<void>(future)));
    const QFuture<void> after = future.then([&](int value) { received = value; });
    promise.addResult(3);
    promise.finish();
    clock.advance(0ns);
    QCOMPARE(received, 3);
    QVERIFY(after.isFinished());
    QCOMPARE(owner.outcomes.size(), size_t{ 1 });
    QCOMPARE(owner.outcomes[0].kind, Kind::Completed);
}

void tst_Execution::usersWatcherKeepsWorking()
{
    ManualClock clock;
    Owner owner(&clock);
    Work work;
    int finished = 0;
    QFutureWatcher<void> watcher;
    connect(&watcher, &QFutureWatcher<void>::finished, this, [&] { ++finished; });
    watcher.setFuture(work.future());
    QVERIFY(owner.run(work.future()));
    work.promise.finish();
    clock.advance(0ns);
    QCOMPARE(finished, 1);
    QCOMPARE(owner.outcomes.size(), size_t{ 1 });
}

QTEST_GUILESS_MAIN(tst_Execution)
#include "tst_execution.moc"
