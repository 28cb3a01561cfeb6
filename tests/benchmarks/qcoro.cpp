// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// Coroutines as peers. Built where QCoro is found.

#include "../readyfuture.h"
#include "latenesslog.h"
#include "laterfuture.h"

#include <QCoroFuture>
#include <QCoroTask>
#include <QCoroTimer>

#include <QtCore/qcoreapplication.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <vector>

using namespace Qt::StringLiterals;
using std::chrono::milliseconds;

namespace Benchmarks {

namespace {

// ---- Sleeping until the next instant of the grid

QCoro::Task<> sleepAlongGrid(LatenessLog *log)
{
    log->start();
    for (qint64 number = 1;; ++number) {
        const Nanoseconds left = log->due(number) - SteadyClock::now();
        co_await QCoro::sleepFor(
                std::max(std::chrono::ceil<milliseconds>(left), milliseconds::zero()));
        if (!log->ticked(number))
            break;
    }
    QCoreApplication::exit();
}

QJsonObject sleepFor(const Options &options)
{
    LatenessLog log(options);
    QMetaObject::invokeMethod(
            QCoreApplication::instance(), [&log] { sleepAlongGrid(&log); }, Qt::QueuedConnection);
    QCoreApplication::exec();
    return log.result();
}

// ---- Tasks in order

using Queue = std::deque<std::function<QFuture<int>()>>;

QCoro::Task<> awaitAll(Queue *queue, qint64 *sum)
{
    while (!queue->empty()) {
        const std::function<QFuture<int>()> task = std::move(queue->front());
        queue->pop_front();
        *sum += co_await task();
    }
    QCoreApplication::exit();
}

// Several batches, of which the first warms up, as in throughput.cpp.
template <typename MakeTask>
QJsonObject awaitTasks(const Options &options, MakeTask &&makeTask)
{
    const qint64 tasks = options.number("tasks");
    std::vector<Nanoseconds> durations;
    for (qint64 round = 0; round <= options.number("batches"); ++round) {
        qint64 sum = 0;
        Queue queue;
        durations.push_back(timeOf([&] {
            for (qint64 task = 0; task < tasks; ++task)
                queue.emplace_back(makeTask());
            QMetaObject::invokeMethod(
                    QCoreApplication::instance(), [&] { awaitAll(&queue, &sum); },
                    Qt::QueuedConnection);
            QCoreApplication::exec();
        }));
        if (sum <= 0)
            qFatal("no results");
    }
    durations.erase(durations.begin());
    std::sort(durations.begin(), durations.end());
    return { { u"perTask"_s, perItem(durations[durations.size() / 2], tasks) } };
}

QJsonObject awaitFinished(const Options &options)
{
    int ran = 0;
    return awaitTasks(options, [&ran] { return [&ran] { return readyFuture(++ran); }; });
}

QJsonObject awaitUnfinished(const Options &options)
{
    int ran = 0;
    LaterFuture later;
    return awaitTasks(options, [&] { return [&] { return later.future(++ran); }; });
}

const Registration registrations[] = {
    { "lateness", "qcoro", &sleepFor },
    { "finished-futures", "qcoro", &awaitFinished },
    { "unfinished-futures", "qcoro", &awaitUnfinished },
};

} // namespace

} // namespace Benchmarks
