// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// How often is memory allocated, for a tick and for a task, once everything has warmed up?

#include "measuring.h"
#include "registry.h"
#include "unlimited.h"

#include <Tactus/ScheduledTimer>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qpromise.h>
#include <QtCore/qtimer.h>

#include <vector>

using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace Benchmarks {

namespace {

QJsonObject perItem(qint64 allocations, qint64 items)
{
    if (!canCountAllocations)
        qFatal("allocations cannot be counted in this build");
    return { { u"allocations"_s, static_cast<double>(allocations) / static_cast<double>(items) } };
}

// ---- Ticks

class TickCount
{
public:
    explicit TickCount(const Options &options)
        : m_ticks(options.number("ticks"))
    {
    }

    void ticked()
    {
        ++m_ticked;
        if (m_ticked == m_ticks)
            m_before = allocationCount();
        else if (m_ticked == 2 * m_ticks)
            QCoreApplication::exit();
    }

    QJsonObject run()
    {
        qint64 after = 0;
        QCoreApplication::exec();
        after = allocationCount();
        return perItem(after - m_before, m_ticks);
    }

private:
    const qint64 m_ticks;
    qint64 m_ticked = 0;
    qint64 m_before = 0;
};

template <int tolerance>
QJsonObject tactus(const Options &options)
{
    TickCount count(options);
    Tactus::ScheduledTimer timer(1ms);
    timer.setTolerance(std::chrono::milliseconds(tolerance));
    QObject::connect(&timer, &Tactus::ScheduledTimer::tick, &timer, [&count] { count.ticked(); });
    timer.start();
    return count.run();
}

QJsonObject qtTimer(const Options &options)
{
    TickCount count(options);
    QTimer timer;
    timer.setTimerType(Qt::PreciseTimer);
    QObject::connect(&timer, &QTimer::timeout, &timer, [&count] { count.ticked(); });
    timer.start(1ms);
    return count.run();
}

void waitAgain(TickCount *count)
{
    QTimer::singleShot(1ms, Qt::PreciseTimer, [count] {
        count->ticked();
        waitAgain(count);
    });
}

QJsonObject singleShot(const Options &options)
{
    TickCount count(options);
    waitAgain(&count);
    return count.run();
}

const Registration ticks[] = {
    { "allocations-tick", "tactus", &tactus<1> },
    { "allocations-tick", "tactus-exact", &tactus<0> },
    { "allocations-tick", "qtimer", &qtTimer },
    { "allocations-tick", "singleshot", &singleShot },
};

// ---- Tasks

// The second of two equal batches is counted.
template <typename Batch>
QJsonObject countSecond(const Options &options, Batch &&batch)
{
    const qint64 tasks = options.number("tasks");
    batch(tasks);
    const qint64 before = allocationCount();
    batch(tasks);
    return perItem(allocationCount() - before, tasks);
}

QJsonObject push(const Options &options)
{
    int ran = 0;
    Unlimited limiter;
    std::vector<QFuture<int>> futures;
    return countSecond(options, [&](qint64 tasks) {
        futures.clear();
        for (qint64 task = 0; task < tasks; ++task)
            futures.push_back(limiter.push([&ran] { return ++ran; }));
        limiter.runAll();
    });
}

QJsonObject post(const Options &options)
{
    int ran = 0;
    Unlimited limiter;
    return countSecond(options, [&](qint64 tasks) {
        for (qint64 task = 0; task < tasks; ++task)
            limiter.post([&ran] { return ++ran; });
        limiter.runAll();
    });
}

// What a QFuture of a result takes by itself.
QJsonObject promise(const Options &options)
{
    return countSecond(options, [](qint64 tasks) {
        for (qint64 task = 0; task < tasks; ++task) {
            QPromise<int> promise;
            promise.start();
            const QFuture<int> future = promise.future();
            promise.addResult(1);
            promise.finish();
        }
    });
}

const Registration tasks[] = {
    { "allocations-task", "tactus-push", &push },
    { "allocations-task", "tactus-post", &post },
    { "allocations-task", "qpromise", &promise },
};

} // namespace

} // namespace Benchmarks
