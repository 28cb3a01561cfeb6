// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// What happens when the limiter goes: from outside, and from inside everything that it calls.

#include "limiterfixture.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qfuturewatcher.h>
#include <QtCore/qpointer.h>

#include <array>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>

using namespace LimiterTest;

using Hook = std::function<void(Tactus::SerialRateLimiter *, const std::function<void()> &)>;
Q_DECLARE_METATYPE(Hook)

class tst_SerialRateLimiter_lifetime : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void L9_clearingVeryManyWatchedTasks();
    void L10_limiterAsItsOwnContext();
    void init() { failOnWarnings(); }

    void L15_destructorFinishesEveryFuture();
    void L15_destructorIsSilent();
    void L15_destructorRequestsCancellationOfTheRunningTask();
    void L15_destructorFinishesDrains();
    void L15_continuationsOfTheDestructorMayPush();
    void L15_innerFutureMayFinishLater();
    void L15_futureThatHasTimedOutIsLeftAlone();
    void L15_taskMayBePushedByItsOwnCallablesDestructor();
    void L15_destructorIsSilentAroundANestedEventLoop();
    void L15_continuationsOfTheDestructorMayClear();
    void L15_whatTasksHaveCapturedMayPush();
    void L15_handlerOfDestroyedMayBlock();
    void L15_handlerOfDestroyedMayBlockAtOnce_data();
    void L15_handlerOfDestroyedMayBlockAtOnce();
    void L15_futureOfATaskThatDeletesTheLimiter();
    void L15_contextGoesWithTheLimiter();
    void L15_contextGoesInAContinuationOfTheDestructor();
    void L15_deletionByAnEventFilter();
    void L10_contextIsDisconnectedBeforeItDies();
    void L10_contextAtAnEarlierOnesAddress();
    void L10_contextIsUsedInAHandlerOfItsEnd();
    void L10_deletionInEverySignal_data();
    void L10_deletionInEverySignal();
    void L10_deletionInEverySignalOfABacklogOfFutures_data() { L10_deletionInEverySignal_data(); }
    void L10_deletionInEverySignalOfABacklogOfFutures();
    void L10_deletionInEveryPropertySignal_data();
    void L10_deletionInEveryPropertySignal();
    void L10_deletionInATask();
    void L10_deletionInATaskThatReturnsAFuture();
    void L10_deletionInATaskThatThrows();
    void L10_deletionInATaskInANestedEventLoop();
    void L10_deletionInAContinuation_data();
    void L10_deletionInAContinuation();
    void L10_deletionInACallablesDestructor();
    void L10_deletionInACancellationOfClear();
    void L10_deletionInADrainContinuation();
    void L10_deletionByTheContext();
    void L10_deletionInAQueueFullContinuation();
    void receiverDeletedInASlot();
};

// A limiter that can be deleted from anywhere, on a clock that stays.
struct Deletable
{
    Deletable()
        : limiter(new SerialRateLimiter(1000, 1s))
    {
        limiter->setClock(&clock);
    }
    ~Deletable() { delete limiter; }

    std::function<void()> deletion()
    {
        return [this] { delete limiter; };
    }

    ManualClock clock;
    QPointer<SerialRateLimiter> limiter;
};

void tst_SerialRateLimiter_lifetime::L15_destructorFinishesEveryFuture()
{
    Deletable d;
    Job<int> job;
    const auto running = d.limiter->push(job.task());
    d.clock.advance(0s);
    QList<QFuture<int>> futures;
    for (int i = 0; i < 10; ++i)
        futures.append(d.limiter->push([] { return 1; }));
    delete d.limiter;
    for (const auto &future : std::as_const(futures))
        QVERIFY(wasCanceled(future));
    QVERIFY(job.isRunning()); // it did not block
    job.finish(1);
    d.clock.advance(0s);
    QVERIFY(wasCanceled(running));
    QCOMPARE(d.clock.pendingWakeUps(), 0);
}

void tst_SerialRateLimiter_lifetime::L15_destructorIsSilent()
{
    Deletable d;
    Log log(d.limiter);
    Job<int> job;
    const auto running = d.limiter->push(job.task());
    d.limiter->push([] {});
    d.clock.advance(0s);
    QCOMPARE(log.take(), QByteArrayList{ "started 1" });
    delete d.limiter;
    job.finish(1);
    d.clock.advance(1h);
    QVERIFY(log.lines.isEmpty());
}

void tst_SerialRateLimiter_lifetime::L15_destructorRequestsCancellationOfTheRunningTask()
{
    Deletable d;
    Job<int> job;
    const auto running = d.limiter->push(job.task());
    d.clock.advance(0s);
    delete d.limiter;
    QVERIFY(job.promise.isCanceled());
    QVERIFY(running.isCanceled());
    job.finish();
    QVERIFY(wasCanceled(running));
}

void tst_SerialRateLimiter_lifetime::L15_destructorFinishesDrains()
{
    Deletable d;
    d.limiter->pause();
    d.limiter->post([] {});
    const auto drain = d.limiter->drain();
    delete d.limiter;
    QVERIFY(drain.isFinished());
    QVERIFY(!drain.isCanceled()); // nothing is queued any more
}

void tst_SerialRateLimiter_lifetime::L15_continuationsOfTheDestructorMayPush()
{
    Deletable d;
    d.limiter->pause();
    QFuture<int> late;
    SerialRateLimiter *const limiter = d.limiter;
    const auto done = d.limiter->push([] { return 1; }).onCanceled([&] {
        late = limiter->push([] { return 2; });
        return 0;
    });
    d.limiter->push([] { return 3; });
    delete d.limiter;
    QVERIFY(done.isFinished());
    QVERIFY(wasCanceled(late));
}

void tst_SerialRateLimiter_lifetime::L15_innerFutureMayFinishLater()
{
    Deletable d;
    d.limiter->setTaskTimeout(1s);
    Job<int> job;
    int inner = 0;
    d.limiter->push(job.task());
    d.clock.advance(0s);
    const auto mine = job.promise.future().onCanceled([&] { return inner = -1; });
    delete d.limiter;
    d.clock.advance(10s);
    job.finish(3);
    d.clock.advance(0s);
    QCOMPARE(inner, -1);
}

void tst_SerialRateLimiter_lifetime::L15_taskMayBePushedByItsOwnCallablesDestructor()
{
    // What a callable captures may do anything when it goes.
    Fixture f;
    QFuture<int> pushed;
    const std::shared_ptr<int> guard(new int(0), [&](int *value) {
        delete value;
        pushed = f.limiter.push([] { return 2; });
    });
    {
        auto captured = guard;
        f.limiter.push([captured = std::move(captured)] {});
    }
    const_cast<std::shared_ptr<int> &>(guard).reset();
    f.settle();
    QCOMPARE(pushed.result(), 2);
}

void tst_SerialRateLimiter_lifetime::L10_deletionInEverySignal_data()
{
    QTest::addColumn<Hook>("hook");
    QTest::addColumn<int>("occurrence");

    const auto rows = [](const char *name, auto signal) {
        const Hook hook = [signal](SerialRateLimiter *limiter, const std::function<void()> &act) {
            QObject::connect(limiter, signal, limiter, [act] { act(); });
        };
        for (int occurrence = 1; occurrence <= 3; ++occurrence)
            QTest::addRow("%s %d", name, occurrence) << hook << occurrence;
    };
    rows("taskStarted", &SerialRateLimiter::taskStarted);
    rows("taskCompleted", &SerialRateLimiter::taskCompleted);
    rows("taskFailed", &SerialRateLimiter::taskFailed);
    rows("taskCanceled", &SerialRateLimiter::taskCanceled);
    rows("drained", &SerialRateLimiter::drained);
    rows("busyChanged", &SerialRateLimiter::busyChanged);
    rows("pendingCountChanged", &SerialRateLimiter::pendingCountChanged);
    rows("completedCountChanged", &SerialRateLimiter::completedCountChanged);
    rows("failedCountChanged", &SerialRateLimiter::failedCountChanged);
    rows("canceledCountChanged", &SerialRateLimiter::canceledCountChanged);
    rows("pausedChanged", &SerialRateLimiter::pausedChanged);
}

// Runs a little of everything, until the limiter is gone.
static QList<QFuture<int>> runEverything(Deletable &d)
{
    QList<QFuture<int>> futures;
    const auto step = [&d](auto what) {
        if (d.limiter)
            what(d.limiter.data());
        d.clock.advance(0s);
    };
    Job<int> slow;
    Job<int> timedOut;
    auto context = std::make_unique<QObject>();
    for (int round = 0; round < 3; ++round) {
        step([&](SerialRateLimiter *l) { futures.append(l->push([] { return 1; })); });
        step([&](SerialRateLimiter *l) {
            futures.append(l->push([]() -> int { throw std::runtime_error("no"); }));
        });
        step([&](SerialRateLimiter *l) { futures.append(l->push(slow.task())); });
        step([&](SerialRateLimiter *l) {
            futures.append(l->push([] { return 2; }));
            futures.last().cancel();
        });
        step([&](SerialRateLimiter *l) {
            futures.append(l->push(context.get(), [] { return 2; }));
            context = std::make_unique<QObject>();
        });
        step([&](SerialRateLimiter *l) {
            futures.append(l->push([] { return 2; }));
            l->clear();
        });
        step([&](SerialRateLimiter *) { slow.finish(1); });
        step([&](SerialRateLimiter *l) {
            l->setTaskTimeout(1s);
            futures.append(l->push(timedOut.task()));
        });
        step([&](SerialRateLimiter *) { d.clock.advance(2s); });
        step([&](SerialRateLimiter *) { timedOut.finish(1); });
        step([&](SerialRateLimiter *l) { l->pause(); });
        step([&](SerialRateLimiter *l) {
            l->setMaximumPending(1);
            futures.append(l->push([] { return 2; }));
            futures.append(l->push([] { return 2; }));
        });
        step([&](SerialRateLimiter *l) { l->resume(); });
    }
    delete d.limiter;
    slow.drop();
    timedOut.drop();
    d.clock.advance(0s);
    return futures;
}

void tst_SerialRateLimiter_lifetime::L10_deletionInEverySignal()
{
    QFETCH(Hook, hook);
    QFETCH(int, occurrence);
    Deletable d;
    int seen = 0;
    hook(d.limiter, [&] {
        if (++seen == occurrence)
            delete d.limiter;
    });
    const auto futures = runEverything(d);
    QVERIFY(seen >= occurrence);
    for (const auto &future : futures)
        QVERIFY(future.isFinished());
    QCOMPARE(d.clock.pendingWakeUps(), 0);
}

void tst_SerialRateLimiter_lifetime::L10_deletionInEverySignalOfABacklogOfFutures()
{
    // The signal comes in the middle of a batch, with others behind it.
    QFETCH(Hook, hook);
    QFETCH(int, occurrence);
    Deletable d;
    int seen = 0;
    hook(d.limiter, [&] {
        if (++seen == occurrence)
            delete d.limiter;
    });
    QList<QFuture<int>> futures;
    int lateCalls = 0;
    for (int i = 0; i < 4; ++i) {
        const auto alive = [&] { lateCalls += d.limiter ? 0 : 1; };
        futures.append(d.limiter->push([alive] {
            alive();
            return 1;
        }));
        futures.append(d.limiter->push([alive]() -> int {
            alive();
            throw std::runtime_error("no");
        }));
        futures.append(d.limiter->push([alive] {
            alive();
            return QFuture<int>();
        }));
    }
    d.clock.advance(1s);
    if (d.limiter) {
        d.limiter->pause();
        for (int i = 0; d.limiter && i < 4; ++i)
            futures.append(d.limiter->push([] { return 1; }));
        if (d.limiter)
            d.limiter->clear();
    }
    d.clock.advance(1s);
    delete d.limiter;
    QCOMPARE(lateCalls, 0);
    for (const auto &future : std::as_const(futures))
        QVERIFY(future.isFinished());
    QCOMPARE(d.clock.pendingWakeUps(), 0);
}

void tst_SerialRateLimiter_lifetime::L10_deletionInEveryPropertySignal_data()
{
    QTest::addColumn<Hook>("hook");
    const auto row = [](const char *name, auto signal, auto set) {
        const Hook hook = [signal, set](SerialRateLimiter *limiter,
                                        const std::function<void()> &act) {
            QObject::connect(limiter, signal, limiter, [act] { act(); });
            set(limiter);
        };
        QTest::newRow(name) << hook;
    };
    using L = SerialRateLimiter;
    row("rate by setRate", &L::rateChanged, [](L *l) { l->setRate(2); });
    row("limits by setRate", &L::limitsChanged, [](L *l) { l->setRate(2); });
    row("per by setPer", &L::perChanged, [](L *l) { l->setPer(2s); });
    row("limits by setPer", &L::limitsChanged, [](L *l) { l->setPer(2s); });
    row("rate by setLimits", &L::rateChanged, [](L *l) { l->setLimits({ RateLimit(2, 2s) }); });
    row("per by setLimits", &L::perChanged, [](L *l) { l->setLimits({ RateLimit(2, 2s) }); });
    row("limits", &L::limitsChanged, [](L *l) { l->setLimits({ RateLimit(2, 2s) }); });
    row("margin", &L::marginChanged, [](L *l) { l->setMargin(2s); });
    row("maximumPending", &L::maximumPendingChanged, [](L *l) { l->setMaximumPending(2); });
    row("overflow", &L::overflowChanged,
        [](L *l) { l->setOverflow(SerialRateLimiter::Overflow::DropOldest); });
    row("taskTimeout", &L::taskTimeoutChanged, [](L *l) { l->setTaskTimeout(2s); });
    row("tolerance", &L::toleranceChanged, [](L *l) { l->setTolerance(2s); });
    row("paused", &L::pausedChanged, [](L *l) { l->pause(); });
}

void tst_SerialRateLimiter_lifetime::L10_deletionInEveryPropertySignal()
{
    QFETCH(Hook, hook);
    Deletable d;
    const auto future = d.limiter->push([] {});
    hook(d.limiter, d.deletion());
    QVERIFY(!d.limiter);
    QVERIFY(wasCanceled(future));
}

void tst_SerialRateLimiter_lifetime::L10_deletionInATask()
{
    Deletable d;
    auto captured = std::make_shared<int>(1);
    const auto value = d.limiter->push([&d, captured] {
        delete d.limiter;
        return *captured; // is still there
    });
    const auto behind = d.limiter->push([] { return 2; });
    d.clock.advance(0s);
    QVERIFY(!d.limiter);
    QVERIFY(wasCanceled(value));
    QVERIFY(wasCanceled(behind));
    QCOMPARE(value.resultCount(), 0);
    QCOMPARE(captured.use_count(), 1);

    Deletable posted;
    posted.limiter->post(posted.deletion());
    posted.clock.advance(0s);
    QVERIFY(!posted.limiter);
}

void tst_SerialRateLimiter_lifetime::L10_deletionInATaskThatReturnsAFuture()
{
    Deletable d;
    Job<int> job;
    const auto future = d.limiter->push([&] {
        delete d.limiter;
        return job.task()();
    });
    d.clock.advance(0s);
    QVERIFY(job.promise.isCanceled()); // nobody waits for it any more
    job.finish(1);
    d.clock.advance(0s);
    QVERIFY(wasCanceled(future));
}

void tst_SerialRateLimiter_lifetime::L10_deletionInATaskThatThrows()
{
    Deletable d;
    const auto future = d.limiter->push([&] {
        delete d.limiter;
        throw std::runtime_error("too late");
    });
    d.clock.advance(0s);
    QVERIFY(future.isFinished());
    QVERIFY(future.isCanceled());
}

void tst_SerialRateLimiter_lifetime::L10_deletionInATaskInANestedEventLoop()
{
    Deletable d;
    QFuture<int> inside;
    const auto future = d.limiter->push([&] {
        QMetaObject::invokeMethod(this, d.deletion(), Qt::QueuedConnection);
        turnNestedLoop();
        return d.limiter ? 1 : 2;
    });
    d.limiter->post([] {});
    d.clock.advance(0s);
    QVERIFY(!d.limiter);
    QVERIFY(wasCanceled(future));
}

void tst_SerialRateLimiter_lifetime::L10_deletionInAContinuation_data()
{
    QTest::addColumn<QByteArray>("how");
    for (const char *how : { "result", "failure", "asynchronous", "clear", "cancel", "timeout" })
        QTest::newRow(how) << QByteArray(how);
}

void tst_SerialRateLimiter_lifetime::L10_deletionInAContinuation()
{
    QFETCH(QByteArray, how);
    Deletable d;
    Job<int> job;
    QFuture<int> future;
    if (how == "result")
        future = d.limiter->push([] { return 1; });
    else if (how == "failure")
        future = d.limiter->push([]() -> int { throw std::runtime_error("no"); });
    else
        future = d.limiter->push(job.task());
    const auto done = future.then([&](const QFuture<int> &) {
                                delete d.limiter;
                            }).onCanceled(d.deletion());
    const auto behind = d.limiter->push([] { return 2; });
    if (how == "clear") {
        d.limiter->pause();
        d.limiter->clear();
    }
    if (how == "cancel") {
        d.limiter->pause();
        d.clock.advance(0s);
        future.cancel();
    }
    if (how == "timeout")
        d.limiter->setTaskTimeout(1s);
    d.clock.advance(2s);
    if (how == "asynchronous") {
        job.finish(1);
        d.clock.advance(0s);
    }
    QVERIFY(!d.limiter);
    QVERIFY(wasCanceled(behind));
}

void tst_SerialRateLimiter_lifetime::L10_deletionInACallablesDestructor()
{
    Deletable d;
    {
        const std::shared_ptr<int> guard(new int(0), [&d](const int *value) {
            delete value;
            delete d.limiter;
        });
        d.limiter->post([guard] {});
    }
    const auto behind = d.limiter->push([] {});
    d.clock.advance(0s);
    QVERIFY(!d.limiter);
    QVERIFY(behind.isFinished());
}

void tst_SerialRateLimiter_lifetime::L10_deletionInACancellationOfClear()
{
    Deletable d;
    d.limiter->pause();
    QList<QFuture<void>> futures;
    for (int i = 0; i < 5; ++i)
        futures.append(d.limiter->push([] {}));
    connect(d.limiter, &SerialRateLimiter::taskCanceled, this, [&](qint64 id) {
        if (id == 2)
            delete d.limiter;
    });
    QCOMPARE(d.limiter->clear(), 5);
    QVERIFY(!d.limiter);
    for (const auto &future : std::as_const(futures))
        QVERIFY(wasCanceled(future));
}

void tst_SerialRateLimiter_lifetime::L10_deletionInADrainContinuation()
{
    Deletable d;
    d.limiter->post([] {});
    const auto done = d.limiter->drain().then(d.deletion());
    const auto other = d.limiter->drain();
    d.clock.advance(0s);
    QVERIFY(!d.limiter);
    QVERIFY(other.isFinished());
}

void tst_SerialRateLimiter_lifetime::L10_deletionByTheContext()
{
    Deletable d;
    auto context = std::make_unique<QObject>();
    d.limiter->setParent(context.get());
    d.limiter->pause();
    auto a = d.limiter->push(context.get(), [] {});
    const auto b = d.limiter->push([] {});
    const auto deleted = a.then([] {}).onCanceled(d.deletion());
    context.reset();
    QVERIFY(!d.limiter);
    QVERIFY(wasCanceled(a) && wasCanceled(b));
}

void tst_SerialRateLimiter_lifetime::L10_deletionInAQueueFullContinuation()
{
    Deletable d;
    d.limiter->pause();
    d.limiter->setMaximumPending(1);
    d.limiter->setOverflow(SerialRateLimiter::Overflow::DropOldest);
    const auto done = d.limiter->push([] {}).onFailed(d.deletion());
    const auto other = d.limiter->push([] {});
    QVERIFY(!d.limiter);
    QVERIFY(wasCanceled(other));
}

void tst_SerialRateLimiter_lifetime::L15_futureThatHasTimedOutIsLeftAlone()
{
    ManualClock clock;
    auto limiter = std::make_unique<SerialRateLimiter>(1000, 1s);
    limiter->setClock(&clock);
    limiter->setTaskTimeout(1ms);
    Job<void> job;
    int continuations = 0;
    const auto future = limiter->push(job.task());
    const auto rest = QFuture<void>(future).then([&](const QFuture<void> &) { ++continuations; });
    clock.advance(2ms);
    QVERIFY(future.isFinished());
    QCOMPARE(continuations, 1);
    limiter.reset(); // the task's own future is still unfinished
    QCOMPARE(continuations, 1); // Qt would run it again, in an object that is gone
    QVERIFY(job.promise.isCanceled());
}

void tst_SerialRateLimiter_lifetime::L15_destructorIsSilentAroundANestedEventLoop()
{
    ManualClock clock;
    Job<void> job;
    auto limiter = std::make_unique<SerialRateLimiter>(1000, 1s);
    limiter->setClock(&clock);
    QFuture<void> running = limiter->push(job.task());
    clock.advance(0ns);
    bool queuedRan = false;
    const QFuture<void> queued = limiter->push([&queuedRan] { queuedRan = true; });
    Log log(limiter.get());
    int signalsOfProperties = 0;
    for (const auto signal :
         { &SerialRateLimiter::busyChanged, &SerialRateLimiter::pendingCountChanged,
           &SerialRateLimiter::canceledCountChanged, &SerialRateLimiter::completedCountChanged }) {
        connect(limiter.get(), signal, &log, [&signalsOfProperties] { ++signalsOfProperties; });
    }
    bool continued = false;
    const auto rest = running.onCanceled([&] {
        continued = true;
        job.finish();
        for (int turn = 0; turn < 10; ++turn)
            QCoreApplication::processEvents();
    });
    limiter.reset();
    QVERIFY(continued);
    QVERIFY(!queuedRan);
    QVERIFY(queued.isCanceled());
    QCOMPARE(log.take(), QByteArrayList());
    QCOMPARE(signalsOfProperties, 0);
}

// Nor is told what would have been in the next turn: here, that a task was refused.
void tst_SerialRateLimiter_lifetime::L15_continuationsOfTheDestructorMayClear()
{
    Deletable d;
    SerialRateLimiter *const limiter = d.limiter;
    Job<void> job;
    QFuture<void> running = limiter->push(job.task());
    d.clock.advance(0ns);
    limiter->setMaximumPending(1);
    limiter->post([] {});
    std::thread([limiter] { limiter->post([] {}); }).join();
    Log log(limiter);
    qsizetype cleared = -1;
    const auto rest = running.onCanceled([&] {
        cleared = limiter->clear();
        turnNestedLoop();
    });
    delete limiter;
    QCOMPARE(cleared, 0);
    QCOMPARE(log.take(), QByteArrayList());
}

void tst_SerialRateLimiter_lifetime::L15_whatTasksHaveCapturedMayPush()
{
    struct Pusher
    {
        SerialRateLimiter *limiter;
        QFuture<void> *pushed;
        Pusher(SerialRateLimiter *itsLimiter, QFuture<void> *itsFuture)
            : limiter(itsLimiter)
            , pushed(itsFuture)
        {
        }
        ~Pusher()
        {
            *pushed = limiter->push([] {});
        }
        Q_DISABLE_COPY_MOVE(Pusher)
    };
    ManualClock clock;
    Job<void> job;
    std::array<QFuture<void>, 2> pushed;
    auto limiter = std::make_unique<SerialRateLimiter>(1000, 1s);
    limiter->setClock(&clock);
    for (QFuture<void> &future : pushed) {
        limiter->post([task = job.task(), last = std::make_shared<Pusher>(limiter.get(), &future)] {
            return task();
        });
    }
    clock.advance(0ns); // one waits for its future, one is queued
    limiter.reset();
    for (const QFuture<void> &future : pushed)
        QVERIFY(future.isFinished() && future.isCanceled());
    QCoreApplication::processEvents();
}

// The destructor is over, but for what QObject does.
void tst_SerialRateLimiter_lifetime::L15_handlerOfDestroyedMayBlock()
{
    ManualClock clock;
    Job<void> job;
    auto limiter = std::make_unique<SerialRateLimiter>(1000, 1s);
    limiter->setClock(&clock);
    limiter->post(job.task());
    clock.advance(0ns);
    bool told = false;
    connect(limiter.get(), &QObject::destroyed, this, [&] {
        told = true;
        job.finish();
        for (int turn = 0; turn < 10; ++turn)
            QCoreApplication::processEvents();
    });
    limiter.reset();
    QVERIFY(told);
}

void tst_SerialRateLimiter_lifetime::L15_handlerOfDestroyedMayBlockAtOnce_data()
{
    QTest::addColumn<bool>("waits");
    QTest::newRow("a task waits for its future") << true;
    QTest::newRow("queued futures are canceled") << false;
}

// What the limiter has posted to itself is still on its way.
void tst_SerialRateLimiter_lifetime::L15_handlerOfDestroyedMayBlockAtOnce()
{
    QFETCH(bool, waits);
    Deletable d;
    Job<void> job;
    QList<QFuture<void>> futures;
    if (waits) {
        d.limiter->post([&] {
            QMetaObject::invokeMethod(this, d.deletion(), Qt::QueuedConnection);
            return job.task()();
        });
    } else {
        d.limiter->pause();
        for (int i = 0; i < 3; ++i)
            futures.append(d.limiter->push([] {}));
        d.clock.advance(0ns);
    }
    bool told = false;
    connect(d.limiter, &QObject::destroyed, this, [&] {
        told = true;
        for (int turn = 0; turn < 5; ++turn)
            QCoreApplication::processEvents();
    });
    if (waits) {
        while (d.limiter)
            QCoreApplication::processEvents();
    } else {
        futures[0].cancel();
        futures[1].cancel();
        delete d.limiter;
    }
    QVERIFY(told);
    for (const QFuture<void> &future : futures)
        QVERIFY(future.isFinished());
}

// It finishes with the limiter, and not when the callable returns.
void tst_SerialRateLimiter_lifetime::L15_futureOfATaskThatDeletesTheLimiter()
{
    Deletable d;
    QFuture<void> future;
    bool isFinished = false;
    future = d.limiter->push([&] {
        delete d.limiter;
        isFinished = future.isFinished();
    });
    d.clock.advance(0ns);
    QVERIFY(!d.limiter);
    QVERIFY(isFinished);
    QVERIFY(future.isCanceled());
}

// Its tasks have ended long ago, but who waits for its end is still known.
void tst_SerialRateLimiter_lifetime::L15_contextGoesWithTheLimiter()
{
    Deletable d;
    auto context = std::make_unique<QObject>();
    bool ran = false;
    d.limiter->post(context.get(), [&ran] { ran = true; });
    d.clock.advance(0ns);
    QVERIFY(ran);
    connect(d.limiter, &QObject::destroyed, this, [&context] { context.reset(); });
    delete d.limiter;
    QVERIFY(!context);
}

void tst_SerialRateLimiter_lifetime::L15_contextGoesInAContinuationOfTheDestructor()
{
    Deletable d;
    d.limiter->pause();
    auto context = std::make_unique<QObject>();
    int emissions = 0;
    connect(d.limiter, &SerialRateLimiter::drained, this, [&emissions] { ++emissions; });
    connect(d.limiter, &SerialRateLimiter::taskCanceled, this, [&emissions] { ++emissions; });
    const QFuture<void> first = d.limiter->push([] {}).onCanceled([&context] { context.reset(); });
    const QFuture<void> second = d.limiter->push(context.get(), [] {});
    d.clock.advance(0ns);
    delete d.limiter;
    QVERIFY(!context);
    QVERIFY(first.isFinished());
    QVERIFY(second.isFinished());
    QCOMPARE(emissions, 0);
}

// What is on its way to a limiter may outlive it.
void tst_SerialRateLimiter_lifetime::L15_deletionByAnEventFilter()
{
    class Filter final : public QObject
    {
    public:
        std::unique_ptr<SerialRateLimiter> limiter = std::make_unique<SerialRateLimiter>(1, 1s);

    private:
        bool eventFilter(QObject *object, QEvent *event) override
        {
            if (object != limiter.get() || event->type() < QEvent::User)
                return false;
            limiter.reset();
            return true;
        }
    };
    Filter filter;
    QCoreApplication::instance()->installEventFilter(&filter);
    const QFuture<void> future = filter.limiter->push([] {});
    QCoreApplication::sendPostedEvents();
    QVERIFY(!filter.limiter);
    QVERIFY(future.isFinished());
}

// As a wildcard disconnect() does, which Qt 6.11 warns of: it reaches the connection by which the limiter would be told.
void tst_SerialRateLimiter_lifetime::L10_contextIsDisconnectedBeforeItDies()
{
    Fixture f;
    Job<void> job;
    auto context = std::make_unique<QObject>();
    bool called = false;
    f.limiter.post(job.task());
    const QFuture<void> queued = f.limiter.push(context.get(), [&called] { called = true; });
    f.settle();
    disconnect(context.get(), &QObject::destroyed, nullptr, nullptr);
    context.reset();
    job.finish();
    f.settle();
    QVERIFY(!called);
    QCOMPARE(f.log->count("started 2"), 0);
    QVERIFY(queued.isFinished() && queued.isCanceled());
    QCOMPARE(f.limiter.canceledCount(), 1);

    // In a slot of its own start, and right before its callable.
    context = std::make_unique<QObject>();
    const QFuture<void> started = f.limiter.push(context.get(), [&called] { called = true; });
    connect(&f.limiter, &SerialRateLimiter::taskStarted, this, [&context] {
        disconnect(context.get(), &QObject::destroyed, nullptr, nullptr);
        context.reset();
    });
    f.settle();
    QVERIFY(!called);
    QVERIFY(started.isFinished() && started.isCanceled());
}

// Of whose end the limiter is told never, or only when there is the later one.
void tst_SerialRateLimiter_lifetime::L10_contextAtAnEarlierOnesAddress()
{
    Fixture f;
    f.limiter.pause();
    std::optional<QObject> context(std::in_place);
    f.limiter.push(&*context, [] {});
    disconnect(&*context, &QObject::destroyed, nullptr, nullptr);
    context.reset();
    context.emplace();
    const QFuture<void> later = f.limiter.push(&*context, [] {});
    context.reset();
    f.settle();
    QVERIFY(later.isFinished() && later.isCanceled());

    context.emplace();
    const QFuture<void> earlier = f.limiter.push(&*context, [] {});
    std::thread([&context] { context.reset(); }).join();
    context.emplace();
    const QFuture<void> living = f.limiter.push(&*context, [] {});
    f.settle();
    QVERIFY(earlier.isFinished() && earlier.isCanceled());
    QVERIFY(!living.isCanceled());
    f.limiter.resume();
    f.settle();
    QVERIFY(living.isFinished() && !living.isCanceled());
}

void tst_SerialRateLimiter_lifetime::L10_contextIsUsedInAHandlerOfItsEnd()
{
    Fixture f;
    f.limiter.pause();
    std::optional<QObject> context(std::in_place);
    QFuture<void> last;
    connect(&*context, &QObject::destroyed, this, [&] { last = f.limiter.push(&*context, [] {}); });
    const QFuture<void> first = f.limiter.push(&*context, [] {});
    context.reset();
    QVERIFY(first.isFinished() && first.isCanceled());
    QVERIFY(last.isFinished() && last.isCanceled());
    f.settle();
    QCOMPARE(f.limiter.canceledCount(), 2);
}

void tst_SerialRateLimiter_lifetime::receiverDeletedInASlot()
{
    Fixture f;
    auto *const receiver = new QObject;
    connect(&f.limiter, &SerialRateLimiter::taskCompleted, receiver, [&] { delete receiver; });
    f.limiter.post([] {});
    f.limiter.post([] {});
    f.settle();
    QCOMPARE(f.limiter.completedCount(), 2);
}

void tst_SerialRateLimiter_lifetime::L9_clearingVeryManyWatchedTasks()
{
    // What a canceled task leaves behind must not cost a walk over all the others: with that, this
    // takes longer than ctest waits.
    constexpr qsizetype Count = 100'000;
    Fixture f;
    f.limiter.pause();
    QList<QFuture<void>> futures;
    futures.reserve(Count);
    for (qsizetype i = 0; i < Count; ++i)
        futures.append(f.limiter.push([] {}));
    f.settle(); // until each is watched
    const auto watches = [&] { return f.limiter.findChildren<QFutureWatcherBase *>().size(); };
    QCOMPARE_GT(watches(), Count / 100);
    QCOMPARE(f.limiter.clear(), Count);
    f.settle();
    QCOMPARE_LE(watches(), 1);
    QCOMPARE(f.limiter.canceledCount(), Count);
    for (const auto &future : std::as_const(futures))
        QVERIFY(future.isFinished() && future.isCanceled());
}

void tst_SerialRateLimiter_lifetime::L10_limiterAsItsOwnContext()
{
    // QObject tells of the end of a context when nothing of the limiter is left.
    auto limiter = std::make_unique<SerialRateLimiter>();
    limiter->pause();
    const auto future = limiter->push(limiter.get(), [] {});
    limiter.reset();
    QVERIFY(future.isFinished());
    QVERIFY(future.isCanceled());
}

QTEST_GUILESS_MAIN(tst_SerialRateLimiter_lifetime)

#include "tst_serialratelimiter_lifetime.moc"
