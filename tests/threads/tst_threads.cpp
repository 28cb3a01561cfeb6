// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// Both classes among several threads, on the real clock. Nothing here asserts how long anything
// takes; under ThreadSanitizer it is the interesting part of the suite.

#include <Tactus/manualclock.h>
#include <Tactus/scheduledtimer.h>
#include <Tactus/serialratelimiter.h>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qeventloop.h>
#include <QtCore/qpromise.h>
#include <QtCore/qregularexpression.h>
#include <QtCore/qsemaphore.h>
#include <QtCore/qset.h>
#include <QtCore/qthread.h>
#include <QtTest/qtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using Tactus::Clock;
using Tactus::Duration;
using Tactus::ManualClock;
using Tactus::RateLimit;
using Tactus::ScheduledTimer;
using Tactus::SerialRateLimiter;

namespace {

constexpr int Patience = 60'000; // milliseconds, for slow machines

// A thread with an event loop, ended with its owner.
class Worker : public QThread
{
public:
    Worker() { start(); }
    ~Worker() override { end(); }

    void end()
    {
        quit();
        wait();
    }
};

// Calls something in an object's thread, and waits for it.
void callIn(QObject *object, const std::function<void()> &function)
{
    if (object->thread() == QThread::currentThread())
        function();
    else
        QMetaObject::invokeMethod(object, function, Qt::BlockingQueuedConnection);
}

// Deletes an object in its own thread.
struct DeleteThere
{
    void operator()(QObject *object) const
    {
        callIn(object, [object] { delete object; });
    }
};
template <typename T>
using InThread = std::unique_ptr<T, DeleteThere>;

InThread<SerialRateLimiter> limiterIn(QThread *thread, int rate = std::numeric_limits<int>::max(),
                                      Duration per = 1ns)
{
    InThread<SerialRateLimiter> limiter(new SerialRateLimiter(rate, per));
    limiter->moveToThread(thread);
    return limiter;
}

// Which tasks ran, in which thread, and how each ended; filled from any thread. The lists that it
// hands out share nothing with its own, whose memory the other thread goes on with.
class Record
{
public:
    void ran(int task)
    {
        const std::lock_guard locker(m_mutex);
        m_ran.push_back(task);
        m_threads.push_back(QThread::currentThread());
    }
    void ended(qint64 id)
    {
        const std::lock_guard locker(m_mutex);
        m_ended.push_back(id);
    }
    void watch(SerialRateLimiter *limiter)
    {
        const auto end = [this](qint64 id) { ended(id); };
        QObject::connect(limiter, &SerialRateLimiter::taskCompleted, limiter, end);
        QObject::connect(limiter, &SerialRateLimiter::taskFailed, limiter, end);
        QObject::connect(limiter, &SerialRateLimiter::taskCanceled, limiter, end);
    }

    QList<int> ran() const { return copyOf(m_ran); }
    QList<QThread *> threads() const { return copyOf(m_threads); }
    QList<qint64> ended() const { return copyOf(m_ended); }
    // For a limiter that moves: what one thread is about to tell, the other may tell first.
    QList<qint64> endedInAnyOrder() const
    {
        QList<qint64> ids = ended();
        std::sort(ids.begin(), ids.end());
        return ids;
    }

private:
    template <typename T>
    QList<T> copyOf(const std::vector<T> &list) const
    {
        const std::lock_guard locker(m_mutex);
        return QList<T>(list.begin(), list.end());
    }

    mutable std::mutex m_mutex;
    std::vector<int> m_ran;
    std::vector<QThread *> m_threads;
    std::vector<qint64> m_ended;
};

// The event that tells of a move comes before it, and other objects get theirs later.
class Sibling : public QObject
{
public:
    Sibling(std::function<void()> onTheWay, QObject *parent)
        : QObject(parent)
        , m_onTheWay(std::move(onTheWay))
    {
    }
    bool event(QEvent *event) override
    {
        if (event->type() == QEvent::ThreadChange)
            m_onTheWay();
        return QObject::event(event);
    }

private:
    const std::function<void()> m_onTheWay;
};

template <typename T>
bool allFinished(const QList<QFuture<T>> &futures)
{
    return std::all_of(futures.begin(), futures.end(),
                       [](const QFuture<T> &future) { return future.isFinished(); });
}

void expectWarning(const char *pattern)
{
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QString::fromUtf8(pattern)));
}

} // namespace

class tst_Threads : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void L17_pushFromEightThreads();
    void L5_eightThreadsPushWhileTheOwnerDoesEverything();
    void L17_boundedQueueFromEightThreads_data();
    void L17_boundedQueueFromEightThreads();
    void L17_cancelFromOtherThreads();
    void L17_pushFromInsideTasksOfAnotherLimiter();
    void L17_limiterOnVirtualTimeIsFedFromAnotherThread();
    void L17_callsFromWrongThreadsAreRefused();
    void L5_threadFinishesWithQueuedAndRunningTasks();
    void L5_threadFinishesBehindAWindow();
    void L5_threadFinishesWithADrain();
    void L5_nothingBeginsWhileItsThreadEnds();
    void L5_arrivesWhileItsThreadEnds();
    void L14_drainWaitsForWhatWasDropped();
    void L15_threadBeginsInAHandlerOfDestroyed();
    void T10_threadBeginsInAHandlerOfDestroyed();
    void L5_limiterIsTakenFromItsEndingThread_data();
    void L5_limiterIsTakenFromItsEndingThread();
    void L17_limiterIsFetchedFromAThreadThatIsGone();
    void L18_windowsAreToldAcrossAMove();
    void L5_threadAtTheAddressOfAnother();
    void L5_limiterMadeWhileItsThreadFinishes();
    void L5_threadIsStartedAgain();
    void L5_threadThatNeverRanItsEventLoop();
    void L5_limiterWithoutAThread();
    void L5_pushedFirstThingInItsNewThread();
    void L5_threadEndsWhileAnotherOnePushes();
    void L8_nothingEndsInsideAPushFromAnotherThread();
    void L10_taskFromAnotherThreadDeletesTheLimiter();
    void L15_movedAndDeletedBeforeTheRest_data();
    void L15_movedAndDeletedBeforeTheRest();
    void L15_movedAndDeletedBeforeItArrives();
    void L20_refusedJustBeforeTheThreadEnds_data();
    void L20_refusedJustBeforeTheThreadEnds();
    void L20_threadEndsBeforeTheStartIsTold();
    void L5_madeInNoThread();
    void L11_droppedAndThenTheLimiterEnds_data();
    void L11_droppedAndThenTheLimiterEnds();
    void L17_pushedOnItsWay();
    void L19_timeoutSetOnItsWay();
    void L5_threadFinishesDuringPushes();
    void L5_contextLivesInAnotherThread();
    void moveWithQueuedTasks();
    void moveWithQueuedTasksRightAfterACancellation();
    void moveDuringAnAsynchronousTask();
    void moveFromInsideATask();
    void moveFromInsideASignal_data();
    void moveFromInsideASignal();
    void moveBackAndForthUnderLoad();
    void ownerIsAStandardThread();
    void standardThreadEndsBeforeItsLimiter();
    void T1_timersMoveBetweenThreadsUnderLoad();
};

void tst_Threads::initTestCase()
{
    // The first one, before any other thread has an event loop, as ManualClock asks for.
    ManualClock clock;
}

void tst_Threads::L17_pushFromEightThreads()
{
    constexpr int Producers = 8;
    constexpr int Tasks = 400;
    SerialRateLimiter limiter(std::numeric_limits<int>::max(), 1ns);
    QList<qint64> ids; // all in this thread
    const auto ended = [&ids](qint64 id) { ids.append(id); };
    connect(&limiter, &SerialRateLimiter::taskCompleted, this, ended);
    connect(&limiter, &SerialRateLimiter::taskFailed, this, ended);
    connect(&limiter, &SerialRateLimiter::taskCanceled, this, ended);

    std::array<int, Producers> last;
    last.fill(-1);
    bool inOrder = true;
    bool running = false;
    std::array<QList<QFuture<int>>, Producers> futures;
    std::vector<std::thread> threads;
    std::atomic<int> done = 0;
    for (size_t producer = 0; producer < Producers; ++producer) {
        threads.emplace_back([&, producer] {
            for (int n = 0; n < Tasks; ++n) {
                futures[producer].append(limiter.push([&, producer, n] {
                    inOrder = inOrder && !running && last[producer] < n;
                    running = true;
                    last[producer] = n;
                    running = false;
                    return n;
                }));
                if (n % 16 == 0)
                    std::this_thread::yield();
            }
            ++done;
        });
    }
    // The owner does everything else meanwhile.
    QEventLoop loop;
    for (int turn = 0; done < Producers; ++turn) {
        loop.processEvents();
        if (turn % 4 == 0)
            limiter.setPaused(!limiter.isPaused());
        if (turn % 7 == 0)
            limiter.setLimits({ RateLimit(1'000'000 + turn, 1us), RateLimit(2'000'000, 1ms) });
        if (turn % 31 == 0)
            limiter.clear();
        limiter.estimatedWait();
    }
    for (auto &thread : threads)
        thread.join();
    limiter.resume();
    QTRY_COMPARE_WITH_TIMEOUT(ids.size(), Producers * Tasks, Patience);

    QVERIFY(inOrder);
    QCOMPARE(QSet<qint64>(ids.begin(), ids.end()).size(), Producers * Tasks);
    QCOMPARE(*std::min_element(ids.begin(), ids.end()), 1);
    QCOMPARE(*std::max_element(ids.begin(), ids.end()), Producers * Tasks);
    for (const auto &ofProducer : futures)
        QVERIFY(allFinished(ofProducer));
    QCOMPARE(limiter.completedCount() + limiter.canceledCount(), Producers * Tasks);
}

void tst_Threads::L5_eightThreadsPushWhileTheOwnerDoesEverything()
{
    constexpr int Producers = 8;
    constexpr int Tasks = 400;
    Worker worker;
    InThread<SerialRateLimiter> limiter = limiterIn(&worker);
    Record record;
    record.watch(limiter.get());

    // The owner, from its event loop.
    InThread<ScheduledTimer> owner(new ScheduledTimer(50us));
    owner->moveToThread(&worker);
    callIn(owner.get(), [&owner, raw = limiter.get()] {
        owner->setCallback([raw, round = 0]() mutable {
            switch (round++ % 10) {
            case 0:
                raw->pause();
                break;
            case 1:
            case 9:
                raw->resume();
                break;
            case 2:
                raw->clear();
                break;
            case 3:
                raw->setLimits({ RateLimit(100, 1us), RateLimit(1000, 1ms) });
                break;
            case 4:
                raw->setMargin(Duration(round));
                break;
            case 5:
                raw->holdFor(20us);
                break;
            case 6:
                raw->setMaximumPending(round % 3 * 50);
                break;
            case 7:
                raw->setOverflow(round % 4 < 2 ? SerialRateLimiter::Overflow::DropOldest
                                               : SerialRateLimiter::Overflow::RejectNewest);
                break;
            case 8:
                raw->setRate(1 + round % 1000);
                break;
            }
        });
        owner->start();
    });

    std::atomic<int> inside = 0;
    std::atomic<bool> overlapped = false;
    std::array<QList<QFuture<int>>, Producers> futures;
    std::vector<std::thread> threads;
    for (size_t producer = 0; producer < Producers; ++producer) {
        threads.emplace_back([&, producer, raw = limiter.get()] {
            for (int n = 0; n < Tasks; ++n) {
                const auto task = [&inside, &overlapped, n] {
                    if (inside++ > 0)
                        overlapped = true;
                    --inside;
                    return n;
                };
                if (n % 8 == 0)
                    raw->post(task);
                else
                    futures[producer].append(raw->push(task));
                if (n % 8 == 1)
                    futures[producer].last().cancel();
                if (n % 50 == 0)
                    std::this_thread::yield();
            }
        });
    }
    for (std::thread &thread : threads)
        thread.join();
    owner.reset();
    limiter.reset(); // in its own thread, with whatever is left

    QVERIFY(!overlapped);
    for (const auto &ofProducer : futures)
        QVERIFY(allFinished(ofProducer));
    const QList<qint64> ended = record.ended();
    QCOMPARE(QSet<qint64>(ended.begin(), ended.end()).size(), ended.size());
    QVERIFY(!ended.isEmpty());
}

void tst_Threads::L17_boundedQueueFromEightThreads_data()
{
    QTest::addColumn<SerialRateLimiter::Overflow>("overflow");
    QTest::newRow("RejectNewest") << SerialRateLimiter::Overflow::RejectNewest;
    QTest::newRow("DropOldest") << SerialRateLimiter::Overflow::DropOldest;
}

void tst_Threads::L17_boundedQueueFromEightThreads()
{
    QFETCH(SerialRateLimiter::Overflow, overflow);
    constexpr int Producers = 8;
    constexpr int Tasks = 300;
    Worker worker;
    Record record;
    auto limiter = limiterIn(&worker);
    callIn(limiter.get(), [&] {
        record.watch(limiter.get());
        limiter->setMaximumPending(20);
        limiter->setOverflow(overflow);
    });
    std::array<QList<QFuture<void>>, Producers> futures;
    std::vector<std::thread> threads;
    for (size_t producer = 0; producer < Producers; ++producer) {
        threads.emplace_back([&, producer] {
            for (int n = 0; n < Tasks; ++n) {
                futures[producer].append(limiter->push([&record, n] { record.ran(n); }));
                limiter->post([] {});
            }
        });
    }
    for (auto &thread : threads)
        thread.join();
    QTRY_COMPARE_WITH_TIMEOUT(record.ended().size(), 2 * Producers * Tasks, Patience);
    const auto ended = record.ended();
    QCOMPARE(QSet<qint64>(ended.begin(), ended.end()).size(), ended.size());
    for (const auto &ofProducer : futures)
        QVERIFY(allFinished(ofProducer));
    limiter.reset();
}

void tst_Threads::L17_cancelFromOtherThreads()
{
    Worker worker;
    Record record;
    auto limiter = limiterIn(&worker, 1, 200us);
    callIn(limiter.get(), [&] { record.watch(limiter.get()); });
    std::array<QList<QFuture<void>>, 4> futures;
    std::vector<std::thread> threads;
    for (auto &ofThread : futures) {
        threads.emplace_back([&] {
            for (int n = 0; n < 200; ++n) {
                ofThread.append(limiter->push([&record, n] { record.ran(n); }));
                if (n % 2)
                    ofThread[n / 2].cancel();
                if (n % 3 == 0)
                    ofThread.last().cancel();
            }
        });
    }
    for (auto &thread : threads)
        thread.join();
    QTRY_COMPARE_WITH_TIMEOUT(record.ended().size(), 800, Patience);
    for (const auto &ofThread : futures)
        QVERIFY(allFinished(ofThread));
    limiter.reset();
}

void tst_Threads::L17_pushFromInsideTasksOfAnotherLimiter()
{
    // Two limiters that feed each other, and so take each other's locks.
    Worker a;
    Worker b;
    auto first = limiterIn(&a);
    auto second = limiterIn(&b);
    QSemaphore done;
    for (int i = 0; i < 300; ++i) {
        first->post([&] { second->post([&] { done.release(); }); });
        second->post([&] { first->post([&] { done.release(); }); });
    }
    QVERIFY(done.tryAcquire(600, Patience));
}

void tst_Threads::L17_limiterOnVirtualTimeIsFedFromAnotherThread()
{
    ManualClock clock;
    SerialRateLimiter limiter(1, 1s);
    limiter.setClock(&clock);
    QList<Duration> starts;
    std::thread([&] {
        for (int i = 0; i < 5; ++i)
            limiter.post([&] { starts.append(clock.now().time_since_epoch()); });
    }).join();
    clock.advance(10s);
    QCOMPARE(starts, (QList<Duration>{ 0s, 1s, 2s, 3s, 4s }));
}

void tst_Threads::L17_callsFromWrongThreadsAreRefused()
{
    SerialRateLimiter limiter(3, 3s);
    ManualClock clock;
    const auto future = limiter.push([] {});
    limiter.pause();
    const std::pair<const char *, std::function<void()>> calls[] = {
        { "setRate", [&] { limiter.setRate(2); } },
        { "setPer", [&] { limiter.setPer(2s); } },
        { "setLimits", [&] { limiter.setLimits({ RateLimit(2, 2s) }); } },
        { "setMargin", [&] { limiter.setMargin(2s); } },
        { "setMaximumPending", [&] { limiter.setMaximumPending(2); } },
        { "setOverflow", [&] { limiter.setOverflow(SerialRateLimiter::Overflow::DropOldest); } },
        { "setTaskTimeout", [&] { limiter.setTaskTimeout(2s); } },
        { "setTolerance", [&] { limiter.setTolerance(2s); } },
        { "setPaused", [&] { limiter.setPaused(false); } },
        { "setPaused", [&] { limiter.resume(); } },
        { "setPaused", [&] { limiter.pause(); } },
        { "clear", [&] { QCOMPARE(limiter.clear(), 0); } },
        { "holdFor", [&] { limiter.holdFor(1h); } },
        { "holdUntil", [&] { limiter.holdUntil(Clock::Instant::max()); } },
        { "setClock", [&] { limiter.setClock(&clock); } },
        { "drain",
          [&] {
              const auto drain = limiter.drain();
              QVERIFY(drain.isFinished() && drain.isCanceled());
          } },
        { "estimatedWait", [&] { static_cast<void>(limiter.estimatedWait()); } },
    };
    for (const auto &[name, call] : calls) {
        expectWarning((QByteArray(name) + " was called from .*lives in").constData());
        std::thread(call).join();
    }
    QCOMPARE(limiter.limits(), QList<RateLimit>{ RateLimit(3, 3s) });
    QCOMPARE(limiter.margin(), 0s);
    QCOMPARE(limiter.maximumPending(), 0);
    QCOMPARE(limiter.overflow(), SerialRateLimiter::Overflow::RejectNewest);
    QCOMPARE(limiter.taskTimeout(), 0s);
    QCOMPARE(limiter.tolerance(), 1ms);
    QVERIFY(limiter.isPaused());
    QCOMPARE(limiter.clock(), Clock::system());
    QCOMPARE(limiter.pendingCount(), 1);
    limiter.resume();
    QTRY_VERIFY_WITH_TIMEOUT(future.isFinished(), Patience);
    QVERIFY(!future.isCanceled());
}

void tst_Threads::L5_threadFinishesWithQueuedAndRunningTasks()
{
    Worker worker;
    Record record;
    auto limiter = std::make_unique<SerialRateLimiter>(std::numeric_limits<int>::max(), 1ns);
    limiter->moveToThread(&worker);
    callIn(limiter.get(), [&] { record.watch(limiter.get()); });
    QPromise<int> promise;
    promise.start();
    QSemaphore running;
    const auto current = limiter->push([&] {
        running.release();
        return promise.future();
    });
    QList<QFuture<int>> queued;
    for (int i = 0; i < 5; ++i)
        queued.append(limiter->push([] { return 1; }));
    QVERIFY(running.tryAcquire(1, Patience));
    worker.end();

    QVERIFY(current.isFinished() && current.isCanceled());
    QVERIFY(promise.isCanceled());
    for (const auto &future : std::as_const(queued))
        QVERIFY(future.isFinished() && future.isCanceled());
    QCOMPARE(record.ended(), (QList<qint64>{ 1, 2, 3, 4, 5, 6 }));
    const auto later = limiter->push([] { return 1; });
    QVERIFY(later.isFinished() && later.isCanceled());
    QFuture<int> fromAnother;
    std::thread([&] { fromAnother = limiter->push([] { return 1; }); }).join();
    QVERIFY(fromAnother.isFinished() && fromAnother.isCanceled());
    promise.addResult(1);
    promise.finish();
}

// The thread's wake-ups end first: there are some before the limiter comes.
void tst_Threads::L5_threadFinishesBehindAWindow()
{
    Worker worker;
    ScheduledTimer timer(1h);
    timer.moveToThread(&worker);
    callIn(&timer, [&] { timer.start(); });
    SerialRateLimiter limiter(1, 1h);
    limiter.moveToThread(&worker);
    const auto first = limiter.push([] { return 1; });
    const auto second = limiter.push([] { return 2; });
    QTRY_VERIFY_WITH_TIMEOUT(first.isFinished(), Patience);
    callIn(&limiter, [&] { QCOMPARE(limiter.pendingCount(), 1); }); // and the wake-up is armed
    worker.end();
    QVERIFY(!timer.isRunning());
    QCOMPARE(first.result(), 1);
    QVERIFY(second.isFinished() && second.isCanceled());
}

void tst_Threads::L5_threadFinishesWithADrain()
{
    Worker worker;
    auto limiter = std::make_unique<SerialRateLimiter>(std::numeric_limits<int>::max(), 1ns);
    limiter->moveToThread(&worker);
    QPromise<void> promise;
    promise.start();
    QSemaphore running;
    limiter->push([&] {
        running.release();
        return promise.future();
    });
    QVERIFY(running.tryAcquire(1, Patience));
    QFuture<void> drain;
    callIn(limiter.get(), [&] {
        limiter->post([] {});
        drain = limiter->drain();
    });
    worker.end();
    QVERIFY(drain.isFinished());
    promise.finish();
}

void tst_Threads::L5_limiterIsTakenFromItsEndingThread_data()
{
    QTest::addColumn<QByteArray>("by");
    for (const char *by : { "the running task's future", "a queued task's future", "a slot" })
        QTest::newRow(by) << QByteArray(by);
}

// What is left of a limiter that has moved goes on in its new thread; nothing is lost on the way.
void tst_Threads::L5_limiterIsTakenFromItsEndingThread()
{
    QFETCH(QByteArray, by);
    const bool ofQueued = by == "a queued task's future";
    Worker worker;
    Record record;
    QPromise<int> promise; // outlives the limiter, which waits for its future
    promise.start();
    auto limiter = std::make_unique<SerialRateLimiter>(std::numeric_limits<int>::max(), 1ns);
    limiter->moveToThread(&worker);
    callIn(limiter.get(), [&] { record.watch(limiter.get()); });
    QThread *const home = QThread::currentThread();
    QSemaphore running;
    QFuture<int> current = limiter->push([&] {
        running.release();
        return promise.future();
    });
    QVERIFY(running.tryAcquire(1, Patience));
    QFuture<int> first = limiter->push([] { return 2; });
    QFuture<int> second = limiter->push([] { return 3; });
    QFuture<void> drain;
    callIn(limiter.get(), [&] { drain = limiter->drain(); });
    if (by == "a slot") {
        connect(limiter.get(), &SerialRateLimiter::taskCanceled, limiter.get(), [&] {
            if (limiter->thread() != home)
                limiter->moveToThread(home);
        });
    } else {
        (ofQueued ? first : current).onCanceled(limiter.get(), [&] {
            limiter->moveToThread(home);
            return 0;
        });
    }
    worker.end();
    QCOMPARE(limiter->thread(), home);

    QVERIFY(current.isFinished() && current.isCanceled());
    limiter->setTaskTimeout(1ns); // has passed; but of the running task everything is told
    QCoreApplication::processEvents();
    limiter->setTaskTimeout(0ns);
    promise.addResult(1);
    promise.finish();
    QTRY_VERIFY_WITH_TIMEOUT(allFinished(QList<QFuture<int>>{ first, second }), Patience);
    QTRY_VERIFY_WITH_TIMEOUT(drain.isFinished(), Patience);
    QCOMPARE(first.isCanceled(), ofQueued);
    QCOMPARE(second.isCanceled(), ofQueued);
    QTRY_COMPARE_WITH_TIMEOUT(record.endedInAnyOrder(), (QList<qint64>{ 1, 2, 3 }), Patience);
    QCOMPARE(limiter->canceledCount(), ofQueued ? 3 : 1);
    QCOMPARE(limiter->completedCount(), ofQueued ? 0 : 2);
    QCOMPARE(limiter->failedCount(), 0);
    QCOMPARE(limiter->pendingCount(), 0);

    const auto later = limiter->push([] { return 4; });
    QTRY_VERIFY_WITH_TIMEOUT(later.isFinished(), Patience);
    QVERIFY(!later.isCanceled());
}

void tst_Threads::L17_limiterIsFetchedFromAThreadThatIsGone()
{
    auto worker = std::make_unique<Worker>();
    auto limiter = std::make_unique<SerialRateLimiter>(std::numeric_limits<int>::max(), 1ns);
    limiter->moveToThread(worker.get());
    const auto before = limiter->push([] { return 1; });
    QTRY_VERIFY_WITH_TIMEOUT(before.isFinished(), Patience);
    worker->end();
    const auto between = limiter->push([] { return 2; });
    QVERIFY(between.isFinished() && between.isCanceled());
    worker.reset(); // then Qt lets another thread have the object
    limiter->moveToThread(QThread::currentThread());
    QCOMPARE(limiter->thread(), QThread::currentThread());
    const auto after = limiter->push([] { return 3; });
    QTRY_VERIFY_WITH_TIMEOUT(after.isFinished(), Patience);
    QVERIFY(!after.isCanceled());
    QCOMPARE(after.result(), 3);
}

void tst_Threads::L18_windowsAreToldAcrossAMove()
{
    Worker worker;
    auto limiter = limiterIn(QThread::currentThread(), 2, 5ns);
    std::atomic<int> told = 0;
    std::atomic<int> toldThere = 0;
    const auto on = [&](auto signal) {
        connect(limiter.get(), signal, limiter.get(), [&] {
            toldThere += QThread::currentThread() == &worker ? 1 : 0;
            ++told;
        });
    };
    connect(limiter.get(), &SerialRateLimiter::limitsChanged, limiter.get(),
            [&] { limiter->moveToThread(&worker); });
    on(&SerialRateLimiter::limitsChanged);
    on(&SerialRateLimiter::rateChanged);
    on(&SerialRateLimiter::perChanged);
    limiter->setRate(3);
    QTRY_COMPARE_WITH_TIMEOUT(told.load(), 2, Patience);
    QCOMPARE(toldThere.load(), 2);
    callIn(limiter.get(), [&] {
        QCOMPARE(limiter->limits(), QList<RateLimit>{ RateLimit(3, 5ns) });
        QCOMPARE(limiter->rate(), 3);
    });
}

void tst_Threads::L5_threadAtTheAddressOfAnother()
{
    QThread *const home = QThread::currentThread();
    std::optional<Worker> worker;
    worker.emplace();
    SerialRateLimiter limiter(std::numeric_limits<int>::max(), 1ns);
    ScheduledTimer timer(1ns);
    QPromise<void> promise;
    promise.start();
    timer.setCallback([&promise] { return promise.future(); });
    QSemaphore ticked;
    connect(
            &timer, &ScheduledTimer::tick, &timer, [&] { ticked.release(); }, Qt::DirectConnection);
    for (QObject *object : { static_cast<QObject *>(&limiter), static_cast<QObject *>(&timer) })
        object->moveToThread(&*worker);
    callIn(&timer, [&] { timer.start(); });
    QVERIFY(ticked.tryAcquire(1, Patience));
    callIn(&limiter, [&] { limiter.moveToThread(home); });
    callIn(&timer, [&] { timer.moveToThread(home); });
    worker.reset();
    worker.emplace(); // where the other one was
    limiter.moveToThread(&*worker);
    timer.moveToThread(&*worker);
    QFuture<void> queued;
    callIn(&limiter, [&] {
        limiter.pause();
        queued = limiter.push([] {});
    });
    QFuture<void> stopped;
    callIn(&timer, [&] { stopped = timer.stop(); });
    QVERIFY(!stopped.isFinished());
    worker->end();
    QVERIFY(queued.isFinished() && queued.isCanceled());
    QVERIFY(stopped.isFinished());
    worker.reset();
}

void tst_Threads::L5_limiterMadeWhileItsThreadFinishes()
{
    Worker worker;
    std::unique_ptr<SerialRateLimiter> limiter;
    QFuture<void> pushed;
    connect(
            &worker, &QThread::finished, &worker,
            [&] {
                limiter = std::make_unique<SerialRateLimiter>();
                pushed = limiter->push([] {});
            },
            Qt::DirectConnection);
    worker.end();
    QVERIFY(pushed.isFinished() && pushed.isCanceled());
}

// Though the running task ends, in an event loop of a handler that is told of its end.
void tst_Threads::L5_nothingBeginsWhileItsThreadEnds()
{
    Worker worker;
    auto limiter = std::make_unique<SerialRateLimiter>(std::numeric_limits<int>::max(), 1ns);
    QPromise<void> promise;
    promise.start();
    connect(
            limiter.get(), &SerialRateLimiter::taskCanceled, limiter.get(),
            [&promise](qint64 id) {
                if (id != 1)
                    return;
                promise.finish();
                QEventLoop loop;
                for (int turn = 0; turn < 10; ++turn)
                    loop.processEvents();
            },
            Qt::DirectConnection);
    limiter->moveToThread(&worker);
    QSemaphore running;
    const auto first = limiter->push([&] {
        running.release();
        return promise.future();
    });
    QVERIFY(running.tryAcquire(1, Patience));
    int begun = 0;
    QPromise<void> never;
    never.start();
    const auto second = limiter->push([&] {
        ++begun;
        return never.future();
    });
    const auto third = limiter->push([&begun] { ++begun; });
    worker.end();
    QVERIFY(first.isFinished());
    QVERIFY(second.isFinished() && second.isCanceled());
    QVERIFY(third.isFinished() && third.isCanceled());
    QCOMPARE(begun, 0);
    worker.start();
    const auto again = limiter->push([] { return 4; });
    QTRY_VERIFY_WITH_TIMEOUT(again.isFinished(), Patience);
    worker.end();
    never.finish();
}

void tst_Threads::L5_arrivesWhileItsThreadEnds()
{
    class Thread : public QThread
    {
    public:
        QSemaphore isRunning;
        QSemaphore mayEnd;

    private:
        void run() override
        {
            isRunning.release();
            mayEnd.acquire();
        }
    };
    SerialRateLimiter limiter;
    limiter.pause();
    Thread thread;
    connect(
            &thread, &QThread::finished, &thread, [] { QCoreApplication::sendPostedEvents(); },
            Qt::DirectConnection);
    thread.start();
    QVERIFY(thread.isRunning.tryAcquire(1, Patience));
    const auto before = limiter.push([] {});
    limiter.moveToThread(&thread);
    thread.mayEnd.release();
    QVERIFY(thread.wait());
    QVERIFY(before.isFinished() && before.isCanceled());
    const auto after = limiter.push([] {});
    QVERIFY(after.isFinished() && after.isCanceled());
}

// The one that makes it give way begins at once; it would otherwise be taken for the first that is open.
void tst_Threads::L14_drainWaitsForWhatWasDropped()
{
    SerialRateLimiter limiter(1000, 1s);
    QPromise<void> promise;
    promise.start();
    limiter.post([&] {
        std::thread([&] { limiter.post([&promise] { return promise.future(); }); }).join();
    });
    bool isDropped = false;
    bool isDroppedBefore = false;
    const auto dropped = limiter.push([] {}).onFailed(
            [&isDropped](const Tactus::QueueFullError &) { isDropped = true; });
    limiter.setMaximumPending(1);
    limiter.setOverflow(SerialRateLimiter::Overflow::DropOldest);
    const auto drained = limiter.drain().then([&] { isDroppedBefore = isDropped; });
    QTRY_VERIFY_WITH_TIMEOUT(drained.isFinished(), Patience);
    QVERIFY(isDroppedBefore);
    promise.finish();
}

void tst_Threads::L15_threadBeginsInAHandlerOfDestroyed()
{
    Worker worker;
    auto limiter = std::make_unique<SerialRateLimiter>();
    limiter->moveToThread(&worker);
    callIn(limiter.get(), [] {});
    worker.end();
    connect(limiter.get(), &QObject::destroyed, this, [&worker] { worker.start(); });
    limiter.reset();
    worker.end();
}

void tst_Threads::T10_threadBeginsInAHandlerOfDestroyed()
{
    Worker worker;
    auto timer = std::make_unique<ScheduledTimer>(1ms);
    QPromise<void> promise;
    promise.start();
    QSemaphore running;
    timer->setCallback([&] {
        running.release();
        return promise.future();
    });
    timer->moveToThread(&worker);
    callIn(timer.get(), [&timer] { timer->start(); });
    QVERIFY(running.tryAcquire(1, Patience));
    callIn(timer.get(), [] {});
    worker.end();
    connect(timer.get(), &QObject::destroyed, this, [&worker] { worker.start(); });
    timer.reset();
    worker.end();
    promise.finish();
}

void tst_Threads::L5_threadIsStartedAgain()
{
    Worker worker;
    auto limiter = limiterIn(&worker);
    callIn(limiter.get(), [] {});
    worker.end();
    const auto between = limiter->push([] { return 1; });
    QVERIFY(between.isFinished() && between.isCanceled());
    worker.start();
    callIn(limiter.get(), [] {});
    const auto again = limiter->push([] { return 2; });
    QTRY_VERIFY_WITH_TIMEOUT(again.isFinished(), Patience);
    QCOMPARE(again.result(), 2);
    limiter.reset(); // before its futures: it may be about to let go of them
}

void tst_Threads::L5_threadThatNeverRanItsEventLoop()
{
    class Idle : public QThread
    {
        void run() override {}
    };
    Idle thread;
    auto limiter = std::make_unique<SerialRateLimiter>();
    limiter->moveToThread(&thread);
    const auto queued = limiter->push([] { return 1; });
    thread.start();
    thread.wait();
    QVERIFY(queued.isFinished());
    QVERIFY(queued.isCanceled());
    const auto later = limiter->push([] { return 1; });
    QVERIFY(later.isFinished() && later.isCanceled());
}

void tst_Threads::L5_limiterWithoutAThread()
{
    auto limiter = std::make_unique<SerialRateLimiter>(std::numeric_limits<int>::max(), 1ns);
    const auto queued = limiter->push([] { return 1; });
    limiter->moveToThread(nullptr);
    const auto between = limiter->push([] { return 2; });
    QCOMPARE(limiter->pendingCount(), 2);
    limiter->moveToThread(QThread::currentThread());
    QTRY_VERIFY_WITH_TIMEOUT(between.isFinished(), Patience);
    QCOMPARE(queued.result(), 1);
    QCOMPARE(between.result(), 2);

    limiter->moveToThread(nullptr);
    const auto last = limiter->push([] { return 3; });
    QVERIFY(!last.isFinished());
    limiter.reset();
    QVERIFY(last.isFinished() && last.isCanceled());
}

void tst_Threads::L5_pushedFirstThingInItsNewThread()
{
    SerialRateLimiter limiter(1, 1h);
    QFuture<void> pushed;
    const std::unique_ptr<QThread> thread(QThread::create([&] { pushed = limiter.push([] {}); }));
    limiter.moveToThread(thread.get());
    thread->start();
    QVERIFY(thread->wait());
    QVERIFY(pushed.isFinished() && pushed.isCanceled());
    QCOMPARE(limiter.pendingCount(), 0);
}

// At whatever moment of its end that is.
void tst_Threads::L5_threadEndsWhileAnotherOnePushes()
{
    class Idle : public QThread
    {
        void run() override {}
    };
    for (int round = 0; round < 200; ++round) {
        Idle thread;
        SerialRateLimiter limiter;
        limiter.moveToThread(&thread);
        thread.start();
        const auto pushed = limiter.push([] {});
        QVERIFY(thread.wait());
        QVERIFY(pushed.isFinished() && pushed.isCanceled());
        const auto later = limiter.push([] {});
        QVERIFY(later.isFinished() && later.isCanceled());
    }
}

// Whoever pushes may hold a lock, and is not the one to run the continuations of others.
void tst_Threads::L8_nothingEndsInsideAPushFromAnotherThread()
{
    ManualClock clock;
    SerialRateLimiter limiter;
    limiter.setClock(&clock);
    limiter.setMaximumPending(2);
    limiter.setOverflow(SerialRateLimiter::Overflow::DropOldest);
    limiter.pause();
    Record record;
    record.watch(&limiter);
    QThread *endedIn = nullptr;
    QThread *destroyedIn = nullptr;
    std::shared_ptr<void> captured(nullptr, [&](void *) { destroyedIn = QThread::currentThread(); });
    const auto first = limiter.push([keep = std::move(captured)] { return 1; });
    qsizetype boundThen = 0;
    QFuture<int>(first).onFailed([&](const Tactus::QueueFullError &full) {
        endedIn = QThread::currentThread();
        boundThen = full.maximumPending();
        return 0;
    });
    const auto second = limiter.push([] { return 2; });
    std::thread([&] { limiter.post([] {}); }).join();
    QVERIFY(!first.isFinished());
    QVERIFY(!destroyedIn);
    QCOMPARE(limiter.failedCount(), 1);
    QCOMPARE(limiter.pendingCount(), 2);
    limiter.setMaximumPending(0); // what it was then counts
    // There is one whose end is not told.
    int drainedSignals = 0;
    connect(&limiter, &SerialRateLimiter::drained, this, [&] {
        ++drainedSignals;
        QVERIFY(first.isFinished());
    });
    const auto drained = limiter.drain();
    limiter.clear();
    const auto drainedLater = limiter.drain();
    QVERIFY(!drained.isFinished());
    QVERIFY(!drainedLater.isFinished());
    QCOMPARE(drainedSignals, 0);

    clock.advance(0ns);
    QCOMPARE(endedIn, QThread::currentThread());
    QCOMPARE(destroyedIn, QThread::currentThread());
    QCOMPARE(boundThen, 2);
    QVERIFY(drained.isFinished());
    QVERIFY(drainedLater.isFinished());
    QCOMPARE(drainedSignals, 1);
    QCOMPARE(record.endedInAnyOrder(), (QList<qint64>{ 1, 2, 3 }));
    QVERIFY(second.isCanceled());
}

// As soon as push() has let the task in, the limiter's thread may run it.
void tst_Threads::L10_taskFromAnotherThreadDeletesTheLimiter()
{
    Worker worker;
    QObject there;
    there.moveToThread(&worker);
    for (int n = 0; n < 2000; ++n) {
        auto *const limiter = new SerialRateLimiter(1000, 1s);
        limiter->moveToThread(&worker);
        limiter->post([] {}); // so that it has its turn, whatever comes
        QSemaphore deleted;
        limiter->post([&deleted, limiter] {
            delete limiter;
            deleted.release();
        });
        QVERIFY(deleted.tryAcquire(1, Patience));
    }
    callIn(&there, [&] { there.moveToThread(nullptr); });
}

void tst_Threads::L15_movedAndDeletedBeforeTheRest_data()
{
    enum : int { Returns, ReturnsAFuture, InTaskStarted };
    QTest::addColumn<int>("kind");
    QTest::newRow("by a task that returns") << int(Returns);
    QTest::newRow("by a task that returns a future") << int(ReturnsAFuture);
    QTest::newRow("by a handler of taskStarted") << int(InTaskStarted);
}

// The rest of the way is waiting over there; a continuation that the destructor causes runs an event loop.
void tst_Threads::L15_movedAndDeletedBeforeTheRest()
{
    QFETCH(int, kind);
    Worker worker;
    QObject there;
    there.moveToThread(&worker);
    QPromise<void> inner;
    inner.start();
    std::atomic<int> calls = 0;
    std::atomic<int> emissions = 0;
    std::atomic<int> continuations = 0;
    auto *const limiter = new SerialRateLimiter(1000, 1s);
    const auto count = [&emissions] { ++emissions; };
    connect(limiter, &SerialRateLimiter::taskCompleted, limiter, count, Qt::DirectConnection);
    connect(limiter, &SerialRateLimiter::taskCanceled, limiter, count, Qt::DirectConnection);
    connect(limiter, &SerialRateLimiter::drained, limiter, count, Qt::DirectConnection);
    const auto spin = [&continuations] {
        ++continuations;
        for (int turn = 0; turn < 5; ++turn)
            QCoreApplication::processEvents();
    };
    QSemaphore isSent;
    QSemaphore isDeleted;
    const auto away = [&] {
        QMetaObject::invokeMethod(
                &there, [&] { isSent.acquire(); }, Qt::QueuedConnection);
        limiter->moveToThread(&worker);
        QMetaObject::invokeMethod(
                &there,
                [&] {
                    delete limiter;
                    isDeleted.release();
                },
                Qt::QueuedConnection);
    };
    QList<QFuture<void>> futures;
    if (kind == 0) {
        futures.append(limiter->push(away).onCanceled(spin));
    } else if (kind == 1) {
        futures.append(limiter->push([&] {
                                  away();
                                  return inner.future();
                              })
                               .onCanceled(spin));
    } else {
        connect(limiter, &SerialRateLimiter::taskStarted, this, away, Qt::DirectConnection);
        limiter->post([&calls] { ++calls; });
        futures.append(limiter->push([&calls] { ++calls; }).onCanceled(spin));
    }
    QCoreApplication::processEvents();
    isSent.release();
    QVERIFY(isDeleted.tryAcquire(1, Patience));
    inner.finish();
    QCOMPARE(continuations.load(), 1);
    QCOMPARE(calls.load(), 0);
    QCOMPARE(emissions.load(), 0);
    QVERIFY(allFinished(futures));
    worker.end();
}

// What it had sent ahead is still on its way when a handler of its end runs an event loop.
void tst_Threads::L15_movedAndDeletedBeforeItArrives()
{
    Worker worker;
    QThread *const here = QThread::currentThread();
    QObject there;
    there.moveToThread(&worker);
    SerialRateLimiter *limiter = nullptr;
    callIn(&there, [&] {
        limiter = new SerialRateLimiter(10, 1s);
        limiter->moveToThread(here);
    });
    bool told = false;
    connect(limiter, &QObject::destroyed, this, [&told] {
        told = true;
        for (int turn = 0; turn < 5; ++turn)
            QCoreApplication::processEvents();
    });
    delete limiter;
    QVERIFY(told);
    worker.end();
}

void tst_Threads::L20_refusedJustBeforeTheThreadEnds_data()
{
    QTest::addColumn<SerialRateLimiter::Overflow>("overflow");
    QTest::newRow("RejectNewest") << SerialRateLimiter::Overflow::RejectNewest;
    QTest::newRow("DropOldest") << SerialRateLimiter::Overflow::DropOldest;
}

// Its event loop has no turn any more, and yet all is told.
void tst_Threads::L20_refusedJustBeforeTheThreadEnds()
{
    QFETCH(SerialRateLimiter::Overflow, overflow);
    const bool dropsOldest = overflow == SerialRateLimiter::Overflow::DropOldest;
    Worker worker;
    auto limiter = limiterIn(&worker);
    QStringList log;
    callIn(limiter.get(), [&] {
        limiter->setMaximumPending(1);
        limiter->setOverflow(overflow);
        limiter->pause();
        SerialRateLimiter *const l = limiter.get();
        connect(l, &SerialRateLimiter::taskFailed, l, [&log](qint64 id) {
            log << QStringLiteral("failed %1").arg(id);
            QThread::msleep(2); // a turn would have no time for another one
        });
        connect(l, &SerialRateLimiter::taskCanceled, l, [&log, l](qint64 id) {
            log << QStringLiteral("canceled %1").arg(id);
            if (log.size() == 3)
                l->post([] {}); // refused; that is told when the thread begins again
        });
        connect(l, &SerialRateLimiter::drained, l, [&log] { log << QStringLiteral("drained"); });
    });
    QSemaphore isEnding;
    QSemaphore goOn;
    QMetaObject::invokeMethod(
            limiter.get(),
            [&] {
                worker.quit();
                isEnding.release();
                goOn.acquire();
            },
            Qt::QueuedConnection);
    QVERIFY(isEnding.tryAcquire(1, Patience));
    const QFuture<void> first = limiter->push([] {});
    const QFuture<void> second = limiter->push([] {});
    const QFuture<void> third = limiter->push([] {});
    goOn.release();
    QVERIFY(worker.wait());
    QVERIFY(first.isFinished());
    QVERIFY(second.isFinished());
    QVERIFY(third.isFinished());
    QCOMPARE(log.join(u' '), dropsOldest ? QStringLiteral("failed 1 failed 2 canceled 3 drained")
                                         : QStringLiteral("failed 2 failed 3 canceled 1 drained"));
    worker.start();
    callIn(limiter.get(),
           [&] { QTRY_VERIFY_WITH_TIMEOUT(log.contains(QStringLiteral("canceled 4")), 10'000); });
    limiter.reset();
}

// A task on its way to a thread which ends just then is canceled there, and not said to start later.
void tst_Threads::L20_threadEndsBeforeTheStartIsTold()
{
    Worker worker;
    QObject there;
    there.moveToThread(&worker);
    SerialRateLimiter limiter(1000, 1s);
    QStringList log;
    connect(
            &limiter, &SerialRateLimiter::taskStarted, &limiter,
            [&log] { log << QStringLiteral("started"); }, Qt::DirectConnection);
    connect(
            &limiter, &SerialRateLimiter::taskCanceled, &limiter,
            [&log] { log << QStringLiteral("canceled"); }, Qt::DirectConnection);
    bool isMoved = false;
    connect(
            &limiter, &SerialRateLimiter::busyChanged, this,
            [&] {
                if (std::exchange(isMoved, true))
                    return;
                limiter.moveToThread(&worker);
                callIn(&there, [&worker] { worker.quit(); });
                worker.wait();
            },
            Qt::DirectConnection);
    const QFuture<void> future = limiter.push([&log] { log << QStringLiteral("called"); });
    QCoreApplication::processEvents();
    QVERIFY(future.isFinished());
    worker.start();
    callIn(&limiter, [] {});
    callIn(&limiter, [] {});
    QCOMPARE(log.join(u' '), QStringLiteral("canceled"));
    callIn(&limiter, [&] { limiter.moveToThread(nullptr); });
    worker.end();
}

void tst_Threads::L5_madeInNoThread()
{
    QObject parent;
    parent.moveToThread(nullptr);
    auto *const limiter = new SerialRateLimiter(&parent);
    const QFuture<void> future = limiter->push([] {});
    QVERIFY(!future.isFinished());
    parent.moveToThread(QThread::currentThread());
    QTRY_VERIFY_WITH_TIMEOUT(future.isFinished(), Patience);
    QVERIFY(!future.isCanceled());
}

void tst_Threads::L11_droppedAndThenTheLimiterEnds_data()
{
    QTest::addColumn<bool>("withItsThread");
    QTest::newRow("destroyed") << false;
    QTest::newRow("with its thread") << true;
}

void tst_Threads::L11_droppedAndThenTheLimiterEnds()
{
    QFETCH(bool, withItsThread);
    Worker worker;
    auto limiter = std::make_unique<SerialRateLimiter>();
    limiter->setMaximumPending(1);
    limiter->setOverflow(SerialRateLimiter::Overflow::DropOldest);
    limiter->pause();
    const auto first = limiter->push([] { return 1; });
    QSemaphore isBlocked;
    QSemaphore mayGoOn;
    QObject inhabitant;
    if (withItsThread) {
        limiter->moveToThread(&worker);
        inhabitant.moveToThread(&worker);
        callIn(limiter.get(), [] {});
        QMetaObject::invokeMethod(&inhabitant, [&] {
            worker.quit();
            isBlocked.release();
            mayGoOn.acquire();
        });
        isBlocked.acquire();
        limiter->post([] {});
    } else {
        std::thread([&] { limiter->post([] {}); }).join();
    }
    QVERIFY(!first.isFinished());
    mayGoOn.release();
    worker.end();
    if (!withItsThread)
        limiter.reset();
    QVERIFY(first.isFinished());
    bool isFull = false;
    QFuture<int>(first).onFailed([&](const Tactus::QueueFullError &) {
        isFull = true;
        return 0;
    });
    QVERIFY(isFull);
}

void tst_Threads::L17_pushedOnItsWay()
{
    Worker worker;
    InThread<QObject> device(new QObject);
    auto *const limiter = new SerialRateLimiter(1000, 1s, device.get());
    std::atomic<QThread *> ranIn = nullptr;
    QFuture<void> pushed;
    new Sibling([&] { pushed = limiter->push([&] { ranIn = QThread::currentThread(); }); },
                device.get());
    device->moveToThread(&worker);
    QTRY_VERIFY_WITH_TIMEOUT(pushed.isFinished(), Patience);
    QCOMPARE(ranIn.load(), &worker);
}

void tst_Threads::L19_timeoutSetOnItsWay()
{
    Worker worker;
    ManualClock clock;
    InThread<QObject> device(new QObject);
    auto *const limiter = new SerialRateLimiter(1000, 1s, device.get());
    limiter->setClock(&clock);
    std::atomic<QThread *> failedIn = nullptr;
    connect(
            limiter, &SerialRateLimiter::taskFailed, limiter,
            [&] { failedIn = QThread::currentThread(); }, Qt::DirectConnection);
    QPromise<void> promise;
    promise.start();
    limiter->post([&promise] { return promise.future(); });
    clock.advance(0ns);
    QVERIFY(limiter->isBusy());
    new Sibling([&] { limiter->setTaskTimeout(50ms); }, device.get());
    device->moveToThread(&worker);
    clock.advance(1s);
    QTRY_COMPARE_WITH_TIMEOUT(failedIn.load(), &worker, Patience);
    promise.finish();
}

void tst_Threads::L5_threadFinishesDuringPushes()
{
    for (int round = 0; round < 20; ++round) {
        Worker worker;
        auto limiter = std::make_unique<SerialRateLimiter>(std::numeric_limits<int>::max(), 1ns);
        limiter->moveToThread(&worker);
        callIn(limiter.get(), [] {});
        QList<QFuture<void>> futures;
        std::atomic<bool> pushing = false;
        std::thread producer([&] {
            for (int i = 0; i < 500; ++i) {
                futures.append(limiter->push([] {}));
                pushing = true;
            }
        });
        while (!pushing)
            std::this_thread::yield();
        worker.end();
        producer.join();
        QVERIFY(allFinished(futures));
    }
}

void tst_Threads::L5_contextLivesInAnotherThread()
{
    Worker worker;
    auto limiter = limiterIn(&worker);
    QObject context; // in this thread
    expectWarning("context.*lives in");
    const auto future = limiter->push(&context, [] {});
    QVERIFY(future.isFinished() && future.isCanceled());
    InThread<QObject> there(new QObject);
    there->moveToThread(&worker);
    const auto right = limiter->push(there.get(), [] { return 1; });
    QTRY_VERIFY_WITH_TIMEOUT(right.isFinished(), Patience);
    QCOMPARE(right.result(), 1);
    limiter.reset();
}

void tst_Threads::moveWithQueuedTasks()
{
    Worker worker;
    Record record;
    InThread<SerialRateLimiter> limiter(new SerialRateLimiter(3, 1ms));
    QList<QFuture<void>> futures;
    for (int n = 0; n < 30; ++n)
        futures.append(limiter->push([&record, n] { record.ran(n); }));
    QTRY_VERIFY_WITH_TIMEOUT(futures[3].isFinished(), Patience);
    limiter->moveToThread(&worker);
    futures.append(limiter->push([&record] { record.ran(30); }));
    QTRY_VERIFY_WITH_TIMEOUT(allFinished(futures), Patience);
    QList<int> expected(31);
    std::iota(expected.begin(), expected.end(), 0);
    QCOMPARE(record.ran(), expected);
    QCOMPARE(record.threads().last(), &worker);
    const auto threads = record.threads();
    QVERIFY(std::is_partitioned(threads.begin(), threads.end(),
                                [&](QThread *thread) { return thread != &worker; }));
    limiter.reset();
}

void tst_Threads::moveWithQueuedTasksRightAfterACancellation()
{
    // The cancellation is noticed by an event that goes along.
    Worker worker;
    Record record;
    InThread<SerialRateLimiter> limiter(new SerialRateLimiter(1, 1ms));
    record.watch(limiter.get());
    limiter->pause();
    QList<QFuture<void>> futures;
    for (int n = 0; n < 10; ++n)
        futures.append(limiter->push([&record, n] { record.ran(n); }));
    QCoreApplication::processEvents(); // now they are watched
    futures[0].cancel();
    futures[5].cancel();
    limiter->moveToThread(&worker);
    callIn(limiter.get(), [&] { limiter->resume(); });
    QTRY_COMPARE_WITH_TIMEOUT(record.ended().size(), 10, Patience);
    QVERIFY(allFinished(futures));
    QCOMPARE(record.ran(), (QList<int>{ 1, 2, 3, 4, 6, 7, 8, 9 }));
    for (QThread *thread : record.threads())
        QCOMPARE(thread, &worker);
    limiter.reset();
}

void tst_Threads::moveDuringAnAsynchronousTask()
{
    Worker worker;
    Record record;
    InThread<SerialRateLimiter> limiter(new SerialRateLimiter(std::numeric_limits<int>::max(), 1ns));
    limiter->setTaskTimeout(1h);
    record.watch(limiter.get());
    QPromise<int> promise;
    promise.start();
    const auto first = limiter->push([&] { return promise.future(); });
    const auto second = limiter->push([&] {
        record.ran(2);
        return 2;
    });
    QTRY_VERIFY_WITH_TIMEOUT(limiter->isBusy(), Patience);
    limiter->moveToThread(&worker);
    callIn(limiter.get(), [&] { QVERIFY(limiter->isBusy()); });
    QVERIFY(record.ran().isEmpty());
    promise.addResult(1);
    promise.finish();
    QTRY_VERIFY_WITH_TIMEOUT(second.isFinished(), Patience);
    QCOMPARE(first.result(), 1);
    QCOMPARE(second.result(), 2);
    QCOMPARE(record.threads(), QList<QThread *>{ &worker });
    QTRY_COMPARE_WITH_TIMEOUT(record.ended(), (QList<qint64>{ 1, 2 }), Patience);
    limiter.reset();
}

void tst_Threads::moveFromInsideATask()
{
    Worker worker;
    Record record;
    InThread<SerialRateLimiter> limiter(new SerialRateLimiter(std::numeric_limits<int>::max(), 1ns));
    record.watch(limiter.get());
    QList<QFuture<int>> futures;
    std::atomic<bool> inside = false;
    std::atomic<bool> overlapped = false;
    futures.append(limiter->push([&] {
        inside = true;
        record.ran(0);
        limiter->moveToThread(&worker);
        for (int i = 0; i < 1000; ++i)
            std::this_thread::yield(); // the others must wait for this one
        inside = false;
        return 0;
    }));
    for (int n = 1; n < 5; ++n) {
        futures.append(limiter->push([&, n] {
            overlapped = overlapped || inside;
            record.ran(n);
            return n;
        }));
    }
    QTRY_COMPARE_WITH_TIMEOUT(record.ended().size(), 5, Patience);
    QVERIFY(!overlapped);
    for (int n = 0; n < 5; ++n)
        QCOMPARE(futures[n].result(), n);
    QCOMPARE(record.ran(), (QList<int>{ 0, 1, 2, 3, 4 }));
    QCOMPARE(record.threads(), (QList<QThread *>{ thread(), &worker, &worker, &worker, &worker }));

    // One that returns a future, which finishes in yet another thread.
    QPromise<int> promise;
    promise.start();
    const auto asynchronous = limiter->push([&] {
        limiter->moveToThread(thread());
        return promise.future();
    });
    const auto behind = limiter->push([] { return 2; });
    QTRY_COMPARE_WITH_TIMEOUT(limiter->thread(), thread(), Patience);
    QVERIFY(!behind.isFinished());
    std::thread([&] {
        promise.addResult(1);
        promise.finish();
    }).join();
    QTRY_VERIFY_WITH_TIMEOUT(behind.isFinished(), Patience);
    QCOMPARE(asynchronous.result(), 1);
    QTRY_COMPARE_WITH_TIMEOUT(record.ended().size(), 7, Patience);
    limiter.reset();
}

void tst_Threads::moveFromInsideASignal_data()
{
    using Connect = std::function<void(SerialRateLimiter *, const std::function<void()> &)>;
    QTest::addColumn<Connect>("connectTo");
    const auto row = [](const char *name, auto signal) {
        QTest::newRow(name) << Connect(
                [signal](SerialRateLimiter *limiter, const std::function<void()> &function) {
                    QObject::connect(limiter, signal, limiter, [function] { function(); });
                });
    };
    row("taskStarted", &SerialRateLimiter::taskStarted);
    row("taskCompleted", &SerialRateLimiter::taskCompleted);
    row("taskCanceled", &SerialRateLimiter::taskCanceled);
    row("taskFailed", &SerialRateLimiter::taskFailed);
    row("busyChanged", &SerialRateLimiter::busyChanged);
    row("completedCountChanged", &SerialRateLimiter::completedCountChanged);
}

void tst_Threads::moveFromInsideASignal()
{
    using Connect = std::function<void(SerialRateLimiter *, const std::function<void()> &)>;
    QFETCH(Connect, connectTo);
    Worker a;
    Worker b;
    Record record;
    InThread<SerialRateLimiter> limiter(new SerialRateLimiter(std::numeric_limits<int>::max(), 1ns));
    record.watch(limiter.get());
    limiter->setMaximumPending(8);
    std::atomic<int> moves = 0;
    connectTo(limiter.get(), [&, moving = limiter.get()] {
        // A slot of the same emission may still run when the limiter is another thread's already.
        if (moving->thread() == QThread::currentThread() && ++moves <= 50)
            moving->moveToThread(moves % 2 ? &a : &b);
    });
    limiter->pause();
    QList<QFuture<int>> futures;
    for (int n = 0; n < 10; ++n) { // two of them are too many
        futures.append(limiter->push([&record, n] {
            record.ran(n);
            return n;
        }));
        if (n % 4 == 1)
            futures.last().cancel();
    }
    limiter->resume();
    QTRY_COMPARE_WITH_TIMEOUT(record.ended().size(), 10, Patience);
    QVERIFY(moves > 0);
    QVERIFY(allFinished(futures));
    QCOMPARE(record.ran(), (QList<int>{ 0, 2, 3, 4, 6, 7 }));
    auto ended = record.ended();
    std::sort(ended.begin(), ended.end());
    QCOMPARE(ended, (QList<qint64>{ 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }));
    limiter.reset();
}

void tst_Threads::moveBackAndForthUnderLoad()
{
    Worker a;
    Worker b;
    Record record;
    auto limiter = limiterIn(&a, 5, 50us);
    callIn(limiter.get(), [&] { record.watch(limiter.get()); });
    QList<QFuture<void>> futures;
    std::atomic<bool> done = false;
    std::thread producer([&] {
        for (int n = 0; n < 500; ++n) {
            futures.append(limiter->push([&record, n] { record.ran(n); }));
            if (n % 5 == 0)
                std::this_thread::sleep_for(100us);
        }
        done = true;
    });
    for (int move = 0; !done; ++move)
        callIn(limiter.get(), [&] { limiter->moveToThread(move % 2 ? &a : &b); });
    producer.join();
    QTRY_COMPARE_WITH_TIMEOUT(record.ended().size(), 500, Patience);
    QVERIFY(allFinished(futures));
    QList<int> expected(500);
    std::iota(expected.begin(), expected.end(), 0);
    QCOMPARE(record.ran(), expected);
    limiter.reset();
}

void tst_Threads::ownerIsAStandardThread()
{
    QSemaphore ready;
    QSemaphore pushed;
    SerialRateLimiter *limiter = nullptr;
    Record record;
    QList<QFuture<int>> futures;
    std::thread owner([&] {
        SerialRateLimiter own(5, 100us);
        record.watch(&own);
        limiter = &own;
        ready.release();
        pushed.acquire();
        QEventLoop loop;
        QObject::connect(&own, &SerialRateLimiter::drained, &loop, &QEventLoop::quit);
        loop.exec();
    });
    ready.acquire();
    for (int n = 0; n < 50; ++n)
        futures.append(limiter->push([n] { return n; }));
    pushed.release();
    owner.join();
    for (int n = 0; n < 50; ++n)
        QCOMPARE(futures[n].result(), n);
    QCOMPARE(record.ended().size(), 50);
}

void tst_Threads::standardThreadEndsBeforeItsLimiter()
{
    std::unique_ptr<SerialRateLimiter> limiter;
    QFuture<int> queued;
    std::thread([&] {
        limiter = std::make_unique<SerialRateLimiter>(1, 1h);
        limiter->post([] {});
        queued = limiter->push([] { return 1; });
        QEventLoop().processEvents();
    }).join();
    QVERIFY(queued.isFinished());
    QVERIFY(queued.isCanceled());
    const auto later = limiter->push([] { return 1; });
    QVERIFY(later.isFinished() && later.isCanceled());
}

void tst_Threads::T1_timersMoveBetweenThreadsUnderLoad()
{
    constexpr int Timers = 20;
    constexpr int Moves = 150;
    Worker workers[3];
    struct Moving
    {
        InThread<ScheduledTimer> timer;
        std::atomic<bool> running = false;
        std::atomic<int> ticks = 0;
        std::atomic<int> wrong = 0;
    };
    std::vector<std::unique_ptr<Moving>> all;
    for (int i = 0; i < Timers; ++i) {
        all.push_back(std::make_unique<Moving>());
        Moving *const moving = all.back().get();
        moving->timer.reset(
                new ScheduledTimer(200us + i * 10us, i % 2 ? ScheduledTimer::Policy::Fixed
                                                           : ScheduledTimer::Policy::Delay));
        moving->timer->setCallback([moving] {
            if (moving->running.exchange(true)
                || moving->timer->thread() != QThread::currentThread())
                ++moving->wrong;
            ++moving->ticks;
            moving->running = false;
        });
        moving->timer->moveToThread(&workers[i % 3]);
        callIn(moving->timer.get(), [moving] { moving->timer->start(); });
    }
    for (int move = 0; move < Moves; ++move) {
        for (const auto &moving : all) {
            QThread *const target = &workers[move % 3];
            callIn(moving->timer.get(), [&] { moving->timer->moveToThread(target); });
        }
    }
    // After the last move each one still ticks.
    for (const auto &moving : all) {
        const int before = moving->ticks;
        QTRY_VERIFY_WITH_TIMEOUT(moving->ticks > before, Patience);
        QCOMPARE(moving->wrong.load(), 0);
        callIn(moving->timer.get(), [&] { moving->timer->stop(); });
    }
}

QTEST_GUILESS_MAIN(tst_Threads)

#include "tst_threads.moc"
