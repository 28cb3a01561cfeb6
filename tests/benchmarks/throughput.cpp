// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// What does a task cost, from push() to its result? Each process runs several batches and takes the
// median; the first one warms up. What is left of the futures is released outside of the time.

#include "../readyfuture.h"
#include "laterfuture.h"
#include "measuring.h"
#include "registry.h"
#include "unlimited.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qfuture.h>
#include <QtCore/qfuturewatcher.h>
#include <QtCore/qmetaobject.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <vector>

using namespace Qt::StringLiterals;

namespace Benchmarks {

namespace {

// A batch is a function that runs so many tasks and says how long they took.
template <typename Batch>
QJsonObject median(const Options &options, Batch &&batch)
{
    const qint64 tasks = options.number("tasks");
    std::vector<double> costs;
    for (qint64 round = 0; round <= options.number("batches"); ++round)
        costs.push_back(perItem(batch(tasks), tasks));
    costs.erase(costs.begin());
    std::sort(costs.begin(), costs.end());
    return { { u"perTask"_s, costs[costs.size() / 2] } };
}

// ---- Tasks are made by a factory, which is the same for all subjects: makeTask() gives a callable.

class SynchronousTasks
{
public:
    auto makeTask()
    {
        return [this] { return ++m_ran; };
    }

private:
    int m_ran = 0;
};

class FinishedTasks
{
public:
    auto makeTask()
    {
        return [this] { return readyFuture(++m_ran); };
    }

private:
    int m_ran = 0;
};

// Each future finishes in the next turn of the event loop.
class UnfinishedTasks
{
public:
    auto makeTask()
    {
        return [this] { return m_later.future(++m_ran); };
    }

private:
    LaterFuture m_later;
    int m_ran = 0;
};

template <typename Tasks>
QJsonObject push(const Options &options)
{
    Tasks tasks;
    Unlimited limiter;
    std::vector<QFuture<int>> futures;
    return median(options, [&](qint64 count) {
        futures.clear();
        futures.reserve(static_cast<size_t>(count));
        qint64 sum = 0;
        const Nanoseconds duration = timeOf([&] {
            for (qint64 task = 0; task < count; ++task)
                futures.push_back(limiter.push(tasks.makeTask()));
            limiter.runAll();
            for (const QFuture<int> &future : futures)
                sum += future.result();
        });
        if (sum <= 0)
            qFatal("no results");
        return duration;
    });
}

template <typename Tasks>
QJsonObject post(const Options &options)
{
    Tasks tasks;
    Unlimited limiter;
    return median(options, [&](qint64 count) {
        return timeOf([&] {
            for (qint64 task = 0; task < count; ++task)
                limiter.post(tasks.makeTask());
            limiter.runAll();
        });
    });
}

// Each call posts the next one, which is how one serializes by hand.
class InvokeChain
{
public:
    void run(qint64 calls)
    {
        m_left = calls;
        invoke();
        QCoreApplication::exec();
    }

private:
    void invoke()
    {
        QMetaObject::invokeMethod(
                &m_object, [this] { called(); }, Qt::QueuedConnection);
    }

    void called()
    {
        if (--m_left > 0)
            invoke();
        else
            QCoreApplication::exit();
    }

    QObject m_object;
    qint64 m_left = 0;
};

QJsonObject invokeChain(const Options &options)
{
    InvokeChain chain;
    return median(options, [&chain](qint64 count) { return timeOf([&] { chain.run(count); }); });
}

// By hand: callables in a queue, and one watcher for the future of the one that runs.
template <typename Tasks>
class HandmadeQueue
{
public:
    HandmadeQueue()
    {
        QObject::connect(&m_watcher, &QFutureWatcherBase::finished, &m_watcher, [this] {
            m_sum += m_watcher.result();
            runNext();
        });
    }

    QJsonObject run(const Options &options)
    {
        return median(options, [this](qint64 count) {
            m_sum = 0;
            const Nanoseconds duration = timeOf([&] {
                for (qint64 task = 0; task < count; ++task)
                    m_queue.emplace_back(m_tasks.makeTask());
                runNext();
                QCoreApplication::exec();
            });
            if (m_sum <= 0)
                qFatal("no results");
            return duration;
        });
    }

private:
    void runNext()
    {
        if (m_queue.empty())
            return QCoreApplication::exit();
        const std::function<QFuture<int>()> task = std::move(m_queue.front());
        m_queue.pop_front();
        m_watcher.setFuture(task());
    }

    Tasks m_tasks;
    std::deque<std::function<QFuture<int>()>> m_queue;
    QFutureWatcher<int> m_watcher;
    qint64 m_sum = 0;
};

template <typename Tasks>
QJsonObject watcher(const Options &options)
{
    return HandmadeQueue<Tasks>().run(options);
}

const Registration registrations[] = {
    { "throughput", "tactus-push", &push<SynchronousTasks> },
    { "throughput", "tactus-post", &post<SynchronousTasks> },
    { "throughput", "invoke-chain", &invokeChain },
    { "finished-futures", "tactus-push", &push<FinishedTasks> },
    { "finished-futures", "tactus-post", &post<FinishedTasks> },
    { "finished-futures", "watcher", &watcher<FinishedTasks> },
    { "unfinished-futures", "tactus-push", &push<UnfinishedTasks> },
    { "unfinished-futures", "tactus-post", &post<UnfinishedTasks> },
    { "unfinished-futures", "watcher", &watcher<UnfinishedTasks> },
};

} // namespace

} // namespace Benchmarks
