// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// Tasks that return futures: the limiter waits for each before it starts the next, and push() hands
// back a future of the result. The work itself is done in other threads, by QtConcurrent.
//
// Expect a result, an error with its text, a task that is canceled before it started and one that
// is canceled while it runs; then a last one that comes through as if nothing had happened.

#include <Tactus/SerialRateLimiter>

#include <QtConcurrent/qtconcurrentrun.h>
#include <QtCore/qcoreapplication.h>
#include <QtCore/qfuture.h>
#include <QtCore/qthread.h>
#include <QtCore/qtimer.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <stdexcept>

using namespace std::chrono_literals;
using Tactus::SerialRateLimiter;

namespace {

int primesBelow(int end)
{
    int count = 0;
    for (int candidate = 2; candidate < end; ++candidate) {
        bool isPrime = true;
        for (int divisor = 2; isPrime && divisor <= candidate / divisor; ++divisor)
            isPrime = candidate % divisor != 0;
        count += isPrime ? 1 : 0;
    }
    return count;
}

int failToParse(int)
{
    throw std::runtime_error("line 3: a number was expected");
}

void searchUntilCanceled(QPromise<int> &promise)
{
    while (!promise.isCanceled())
        QThread::msleep(1);
}

// Says what became of a task. The continuations run in this thread, in the order of the tasks.
void report(const char *name, const QFuture<int> &future, QObject *context)
{
    auto pushed = future;
    pushed.then(context, [name](int result) { std::printf("%s: %d\n", name, result); })
            .onCanceled(context, [name] { std::printf("%s: canceled\n", name); })
            .onFailed(context, [name](const std::exception &error) {
                std::printf("%s: failed, %s\n", name, error.what());
            });
}

} // namespace

int main(int argc, char *argv[])
{
    QCoreApplication app(argc, argv);
    SerialRateLimiter limiter(5, 200ms);

    auto primes = limiter.push([] { return QtConcurrent::run(primesBelow, 100'000); });
    report("primes below 100000", primes, &app);

    auto parsed = limiter.push([] { return QtConcurrent::run(primesBelow, 10).then(failToParse); });
    report("parsing", parsed, &app);

    auto unwanted = limiter.push([] { return QtConcurrent::run(primesBelow, 1'000'000); });
    report("unwanted", unwanted, &app);
    unwanted.cancel(); // it has not started, so it never will

    auto endless = limiter.push([] { return QtConcurrent::run(searchUntilCanceled); });
    report("endless search", endless, &app);
    QObject::connect(&limiter, &SerialRateLimiter::taskStarted, &app, [&endless](qint64 id) {
        if (id == 4) // its work is asked to stop, and the next task waits until it has
            QTimer::singleShot(50ms, [&endless] { endless.cancel(); });
    });

    auto last = limiter.push([] { return 42; }); // a plain value will do as well
    report("the last one", last, &app);

    QObject::connect(
            &limiter, &SerialRateLimiter::drained, &app,
            [&limiter] {
                std::printf("%lld completed, %lld failed, %lld canceled\n",
                            limiter.completedCount(), limiter.failedCount(),
                            limiter.canceledCount());
                QCoreApplication::quit();
            },
            Qt::QueuedConnection); // after the continuations, which are queued too
    return QCoreApplication::exec();
}
