// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// Memory runs out in push(), at each of its allocations in turn. A program of its own: operator new
// is its own.

#include <Tactus/manualclock.h>
#include <Tactus/serialratelimiter.h>

#include <QtCore/qcoreapplication.h>
#include <QtTest/qtest.h>

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
    Scene() { limiter.setClock(&clock); }

    QFuture<void> push()
    {
        return limiter.push([this] { ++calls; });
    }
    QFuture<void> pushWithContext()
    {
        return limiter.push(&context, [this] { ++calls; });
    }

    ManualClock clock;
    SerialRateLimiter limiter{ 2, 1s };
    QObject context;
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
