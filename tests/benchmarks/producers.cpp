// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// Do threads that push at once get in each other's way?

#include "measuring.h"
#include "registry.h"
#include "unlimited.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qfuture.h>

#include <atomic>
#include <thread>
#include <vector>

using namespace Qt::StringLiterals;

namespace Benchmarks {

namespace {

class Producers
{
public:
    Producers(Unlimited *limiter, int threads, qint64 tasks)
        : m_tasks(tasks / threads * threads)
        , m_futures(static_cast<size_t>(threads))
    {
        for (auto &own : m_futures) {
            own.reserve(static_cast<size_t>(tasks / threads));
            m_threads.emplace_back([this, limiter, &own, each = tasks / threads] {
                while (!m_go) {
                }
                for (qint64 task = 0; task < each; ++task) {
                    own.push_back(limiter->push([this] {
                        if (++m_ran == m_tasks)
                            QCoreApplication::exit();
                    }));
                }
            });
        }
    }

    qint64 tasks() const { return m_tasks; }
    void start() { m_go = true; }
    void join()
    {
        for (std::thread &thread : m_threads)
            thread.join();
    }

private:
    const qint64 m_tasks;
    qint64 m_ran = 0;
    std::atomic<bool> m_go = false;
    std::vector<std::vector<QFuture<void>>> m_futures;
    std::vector<std::thread> m_threads;
};

template <int threads>
QJsonObject produce(const Options &options)
{
    Unlimited limiter;
    Producers producers(&limiter, threads, options.number("tasks"));
    limiter.setPaused(options.number("paused") != 0);
    const Nanoseconds duration = timeOf([&] {
        producers.start();
        if (limiter.isPaused())
            producers.join();
        else
            QCoreApplication::exec(); // until the last task has run
    });
    finish({ { u"perTask"_s, perItem(duration, producers.tasks()) } });
}

const Registration registrations[] = {
    { "producers", "one", &produce<1> },
    { "producers", "four", &produce<4> },
};

} // namespace

} // namespace Benchmarks
