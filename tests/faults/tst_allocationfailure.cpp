// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// Memory runs out in push(), at each of its allocations in turn. A program of its own: operator new
// is its own.

#include <Tactus/manualclock.h>
#include <Tactus/serialratelimiter.h>

#include <QtCore/qcoreapplication.h>
#include <QtTest/qtest.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <memory>
#include <new>
#include <vector>

namespace {

int allocationsLeft = -1; // until one fails; negative: none does
bool hasFailed = false;

void *allocate(std::size_t size)
{
    if (allocationsLeft >= 0 && allocationsLeft-- == 0) {
        hasFailed = true;
        throw std::bad_alloc();
    }
    if (void *const memory = std::malloc(size > 0 ? size : 1))
        return memory;
    throw std::bad_alloc();
}

} // namespace

void *operator new(std::size_t size)
{
    return allocate(size);
}

void *operator new[](std::size_t size)
{
    return allocate(size);
}

void operator delete(void *memory) noexcept
{
    std::free(memory);
}

void operator delete[](void *memory) noexcept
{
    std::free(memory);
}

void operator delete(void *memory, std::size_t) noexcept
{
    std::free(memory);
}

void operator delete[](void *memory, std::size_t) noexcept
{
    std::free(memory);
}

// Qt's connect() loses the slot if there is no memory for the connection.
extern "C" const char *__lsan_default_suppressions() // NOLINT(bugprone-reserved-identifier)
{
    return "leak:connect<\n";
}

using namespace std::chrono_literals;
using Tactus::ManualClock;
using Tactus::SerialRateLimiter;

namespace {

// A limiter in the state in which a test wants to push.
struct Scene
{
    Scene()
    {
        limiter.setClock(&clock);
        const auto end = [this](qint64 id) { ended.push_back(id); };
        QObject::connect(&limiter, &SerialRateLimiter::taskCompleted, &context, end);
        QObject::connect(&limiter, &SerialRateLimiter::taskFailed, &context, end);
        QObject::connect(&limiter, &SerialRateLimiter::taskCanceled, &context, end);
    }

    QFuture<void> push()
    {
        return limiter.push([this] { ++calls; });
    }
    // Tasks that are known to wait.
    void fill(int count)
    {
        limiter.pause();
        limiter.setMaximumPending(count);
        limiter.setOverflow(SerialRateLimiter::Overflow::DropOldest);
        for (int task = 0; task < count; ++task)
            waiting.push_back(push());
        clock.advance(1ms);
    }
    QFuture<void> pushWithContext()
    {
        return limiter.push(&context, [this] { ++calls; });
    }

    ManualClock clock;
    SerialRateLimiter limiter{ 2, 1s };
    QObject context;
    std::vector<QFuture<void>> waiting;
    std::vector<qint64> ended;
    int calls = 0;
};

} // namespace

using Prepare = std::function<void(Scene &)>;
using Push = std::function<QFuture<void>(Scene &)>;
Q_DECLARE_METATYPE(Prepare)
Q_DECLARE_METATYPE(Push)

class tst_AllocationFailure : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void L5_push_data();
    void L5_push();
};

void tst_AllocationFailure::L5_push_data()
{
    QTest::addColumn<Prepare>("prepare");
    QTest::addColumn<Push>("push");
    const std::pair<const char *, Push> pushes[] = {
        { "push()", [](Scene &scene) { return scene.push(); } },
        { "push() with a context", [](Scene &scene) { return scene.pushWithContext(); } },
    };
    const std::pair<const char *, Prepare> states[] = {
        { "the first one", [](Scene &) {} },
        { "behind another one", [](Scene &scene) { scene.push(); } },
        { "behind one with a context", [](Scene &scene) { scene.pushWithContext(); } },
        { "the window is full",
          [](Scene &scene) {
              scene.push();
              scene.push();
              scene.clock.advance(1ms);
          } },
        { "paused", [](Scene &scene) { scene.limiter.pause(); } },
        { "the queue is full",
          [](Scene &scene) {
              scene.limiter.setMaximumPending(1);
              scene.push();
          } },
        { "the queue is full and drops",
          [](Scene &scene) {
              scene.limiter.setMaximumPending(1);
              scene.limiter.setOverflow(SerialRateLimiter::Overflow::DropOldest);
              scene.push();
          } },
        { "the queue is full and drops, and another is canceled",
          [](Scene &scene) {
              scene.fill(2);
              scene.waiting.back().cancel();
          } },
        { "the queue is full and drops the last that is watched with others",
          [](Scene &scene) {
              scene.fill(65);
              for (int task = 0; task < 63; ++task)
                  scene.waiting.push_back(scene.push());
          } },
    };
    for (const auto &[pushName, push] : pushes) {
        for (const auto &[stateName, prepare] : states)
            QTest::addRow("%s, %s", pushName, stateName) << prepare << push;
    }
}

void tst_AllocationFailure::L5_push()
{
    QFETCH(Prepare, prepare);
    QFETCH(Push, push);
    int failures = 0;
    for (int failing = 0;; ++failing) {
        Scene scene;
        prepare(scene);
        const int callsBefore = scene.calls;
        std::vector<QFuture<void>> futures;
        futures.reserve(8);
        bool hasThrown = false;

        hasFailed = false;
        allocationsLeft = failing;
        try {
            futures.push_back(push(scene));
        } catch (const std::bad_alloc &) {
            hasThrown = true;
        }
        allocationsLeft = -1;

        // It goes on: what was accepted runs, what is pushed now too, and it comes to rest.
        scene.limiter.setMaximumPending(0);
        futures.push_back(scene.push());
        scene.limiter.resume();
        while (scene.clock.advanceToNext()) {
        }
        QCOMPARE(scene.limiter.pendingCount(), 0);
        QVERIFY(!scene.limiter.isBusy());
        for (const QFuture<void> &future : futures)
            QVERIFY(future.isFinished());
        for (const QFuture<void> &future : scene.waiting)
            QVERIFY(future.isFinished());
        std::sort(scene.ended.begin(), scene.ended.end());
        for (std::size_t index = 0; index < scene.ended.size(); ++index)
            QCOMPARE(scene.ended[index], static_cast<qint64>(index) + 1); // each of them once
        QCOMPARE(scene.limiter.completedCount() + scene.limiter.failedCount()
                         + scene.limiter.canceledCount(),
                 static_cast<qint64>(scene.ended.size()));
        QCOMPARE_GT(scene.calls, callsBefore);
        QCOMPARE(scene.limiter.completedCount(), scene.calls);
        if (!hasFailed) {
            QVERIFY(!hasThrown);
            break;
        }
        ++failures;
    }
    QCOMPARE_GT(failures, 1);
}

QTEST_GUILESS_MAIN(tst_AllocationFailure)

#include "tst_allocationfailure.moc"
