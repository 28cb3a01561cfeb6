// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// A client of an HTTP service that counts. The service is a real one, nginx, that permits 40 requests
// a second, 20 of them at once, and refuses the rest: 429, Retry-After. 200 requests are made, 40 at a
// time, three times over:
//
//   - by a limiter with the window that follows from what the service permits (limitedclient.cpp):
//     nothing is refused;
//   - by a limiter that believes that the service permits 1000 a second: it holds whenever the service
//     says so, and in the end everything is answered, in order;
//   - by a counter that a QTimer sets back every 500 ms (fixedwindowclient.cpp): each burst meets the
//     end of one of its windows and the beginning of the next, and much is refused.
//
// Why the window of the first is right: nginx's bucket holds 20 and leaks 40 a second. It takes a
// request at some instant between its start and its end, and no 500 ms have more than 20 of those in
// them. So the bucket, which leaks 20 in this time, never has more than 20 to hold.

#include "fixedwindowclient.h"
#include "limitedclient.h"
#include "nginx.h"

#include <Tactus/ScheduledTimer>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qeventloop.h>
#include <QtCore/qtimer.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <vector>

using namespace std::chrono_literals;
using Tactus::Clock;
using Tactus::RateLimit;

namespace {

constexpr int requests = 200;
constexpr int perBurst = 40;
constexpr std::size_t inARow = 30;

// Makes the requests, and watches what becomes of them.
class Run : public QObject
{
public:
    Run(Client *client, Nginx *service)
        : m_client(client)
        , m_service(service)
    {
        connect(client, &Client::sent, this, [this] {
            m_sent.push_back(m_clock->now());
            if (m_clock->now() < m_heldUntil)
                ++m_sentTooEarly;
        });
        connect(client, &Client::refused, this, [this](Tactus::Duration retryAfter) {
            m_heldUntil = std::max(m_heldUntil, m_clock->now() + retryAfter);
        });
        m_bursts.setTriggeredOnStart(true);
        m_bursts.setMaximumTicks(requests / perBurst);
        m_bursts.setCallback(this, [this] { makeRequests(); });
    }

    bool exec()
    {
        const Clock::Instant start = m_clock->now();
        // 100 ms before the end of a fixed window.
        QTimer::singleShot(400ms, Qt::PreciseTimer, &m_bursts, [this] { m_bursts.start(); });
        m_loop.exec();
        const std::chrono::duration<double> time = m_clock->now() - start;
        m_service->stop(); // it logs an answer after it has sent it

        std::printf("  %d of %d answered, %s, in %.1f s\n", m_answered, requests,
                    m_inOrder ? "in order" : "not in order", time.count());
        std::printf(
                "  nginx has answered 200 %lld times and 429 %lld times; the quickest %zu were sent "
                "in %lld ms\n",
                qlonglong{ m_service->answers(200) }, qlonglong{ m_service->answers(429) }, inARow,
                qlonglong{ quickest().count() });
        std::printf("  %d were sent before Retry-After had passed\n", m_sentTooEarly);
        return m_answered == requests;
    }

private:
    void makeRequests()
    {
        for (int i = 0; i < perBurst; ++i) {
            const int number = m_made++;
            m_client->get(m_service->url(number))
                    .then(this,
                          [this, number](const QByteArray &) {
                              m_inOrder = m_inOrder && number == m_answered;
                              ++m_answered;
                              end();
                          })
                    .onFailed(this, [this](const std::exception &error) {
                        std::printf("  a request has failed: %s\n", error.what());
                        end();
                    });
        }
    }

    void end()
    {
        if (++m_ended == requests)
            m_loop.exit();
    }

    // How long it took to send as many as that, where it took the least.
    std::chrono::milliseconds quickest() const
    {
        Tactus::Duration shortest = Tactus::Duration::max();
        for (std::size_t last = inARow - 1; last < m_sent.size(); ++last)
            shortest = std::min(shortest, m_sent[last] - m_sent[last - (inARow - 1)]);
        return std::chrono::floor<std::chrono::milliseconds>(shortest);
    }

    Client *const m_client;
    Nginx *const m_service;
    Clock *const m_clock = Clock::system();
    Tactus::ScheduledTimer m_bursts{ 1500ms };
    QEventLoop m_loop;
    Clock::Instant m_heldUntil;
    std::vector<Clock::Instant> m_sent;
    int m_made = 0;
    int m_answered = 0;
    int m_ended = 0;
    int m_sentTooEarly = 0;
    bool m_inOrder = true;
};

template <typename ClientType, typename... Arguments>
bool run(const char *title, const Arguments &...arguments)
{
    std::printf("%s\n", title);
    std::fflush(stdout);
    Nginx service;
    if (!service.start()) {
        std::printf("  nginx could not be started\n");
        return false;
    }
    ClientType client(arguments...);
    return Run(&client, &service).exec();
}

} // namespace

int main(int argc, char *argv[])
{
    QCoreApplication app(argc, argv);
    bool isComplete = run<LimitedClient>("A limiter, 20 in any 500 ms", RateLimit(20, 500ms));
    isComplete &= run<LimitedClient>("A limiter that is too fast", RateLimit(1000, 1s));
    isComplete &= run<FixedWindowClient>("A counter that a QTimer sets back, 20 every 500 ms", 20,
                                         500ms);
    return isComplete ? 0 : 1;
}
