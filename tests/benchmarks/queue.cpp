// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// What does a queued task hold, and does a long queue make push() slower?

#include "measuring.h"
#include "registry.h"
#include "unlimited.h"

#include <QtCore/qfuture.h>
#include <QtCore/qpromise.h>

#include <algorithm>
#include <vector>

using namespace Qt::StringLiterals;

namespace Benchmarks {

namespace {

// ---- Memory. A small callable: it holds a reference.

// What fill(n) leaves behind on the heap, in bytes for each of so many items.
template <typename Fill>
QJsonObject bytesPerItem(const Options &options, Fill &&fill)
{
    const qint64 items = options.number("tasks");
    const qint64 before = heapSize();
    fill(items);
    const qint64 after = heapSize();
    return { { u"bytes"_s, static_cast<double>(after - before) / static_cast<double>(items) } };
}

// The handles to the futures are the user's own: room for them is made before.
template <typename Handle>
std::vector<Handle> roomFor(const Options &options)
{
    std::vector<Handle> handles;
    handles.reserve(static_cast<size_t>(options.number("tasks")));
    return handles;
}

QJsonObject bytesOfPush(const Options &options)
{
    int ran = 0;
    Unlimited limiter;
    limiter.pause();
    auto futures = roomFor<QFuture<int>>(options);
    finish(bytesPerItem(options, [&](qint64 items) {
        for (qint64 item = 0; item < items; ++item)
            futures.push_back(limiter.push([&ran] { return ++ran; }));
    }));
}

QJsonObject bytesOfPost(const Options &options)
{
    int ran = 0;
    Unlimited limiter;
    limiter.pause();
    finish(bytesPerItem(options, [&](qint64 items) {
        for (qint64 item = 0; item < items; ++item)
            limiter.post([&ran] { return ++ran; });
    }));
}

QJsonObject bytesOfPromise(const Options &options)
{
    auto promises = roomFor<QPromise<int>>(options);
    finish(bytesPerItem(options, [&](qint64 items) {
        for (qint64 item = 0; item < items; ++item)
            promises.emplace_back().start();
    }));
}

const Registration memory[] = {
    { "memory", "tactus-push", &bytesOfPush },
    { "memory", "tactus-post", &bytesOfPost },
    { "memory", "qpromise", &bytesOfPromise },
};

// ---- Time

// Pushes a hundred at a time onto a queue of this length, which gets so much longer meanwhile. The
// heap has been as large before, so that no fresh pages of memory are counted.
QJsonObject pushOntoQueue(const Options &options)
{
    constexpr qint64 AtOnce = 100;
    int ran = 0;
    Unlimited limiter;
    limiter.pause();
    const qint64 queued = options.number("queued");
    const qint64 rounds = options.number("rounds");
    std::vector<QFuture<int>> futures;
    futures.reserve(static_cast<size_t>(options.number("largest") + rounds * AtOnce));
    const auto push = [&](qint64 count) {
        for (qint64 i = 0; i < count; ++i)
            futures.push_back(limiter.push([&ran] { return ++ran; }));
    };
    push(options.number("largest") + rounds * AtOnce);
    limiter.clear();
    futures.clear();

    push(queued);
    std::vector<Nanoseconds> durations;
    for (qint64 round = 0; round < rounds; ++round)
        durations.push_back(timeOf([&] { push(AtOnce); }));
    std::sort(durations.begin(), durations.end());
    finish({ { u"perPush"_s, perItem(durations[durations.size() / 2], AtOnce) } });
}

const Registration pushCost("push-cost", "tactus", &pushOntoQueue);

} // namespace

} // namespace Benchmarks
