// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// Three limiters at once, one for each service with a limit of its own, and eight tasks for each.
//
//   mail     5 a second
//   weather  2 a second
//   maps     3 a second, and 6 in four seconds: a limiter obeys as many windows as are given
//
// Expect them to keep out of each other's way: mail is through after one second, weather after
// three, maps after four.

#include "../clockoption.h"

#include <Tactus/SerialRateLimiter>

#include <QtCore/qcoreapplication.h>

#include <chrono>
#include <cstdio>

using namespace std::chrono_literals;
using Tactus::SerialRateLimiter;

int main(int argc, char *argv[])
{
    const QCoreApplication app(argc, argv);
    const ClockOption clockOption;

    SerialRateLimiter mail(5, 1s);
    SerialRateLimiter weather(2, 1s);
    SerialRateLimiter maps;
    maps.setLimits({ { 3, 1s }, { 6, 4s } });

    const Tactus::Clock *const clock = mail.clock();
    const auto begin = clock->now();
    const auto elapsed = [clock, begin]() -> qint64 { return (clock->now() - begin) / 1ms; };

    struct Service
    {
        const char *name;
        SerialRateLimiter *limiter;
    };
    const Service services[] = { { "mail", &mail }, { "weather", &weather }, { "maps", &maps } };
    int busyServices = 0;

    for (const Service &service : services) {
        const char *const name = service.name;
        SerialRateLimiter *const limiter = service.limiter;
        ++busyServices;
        for (int number = 1; number <= 8; ++number) {
            limiter->post([name, number, &elapsed] {
                std::printf("%5lld ms  %-7s  task %d\n", elapsed(), name, number);
            });
        }
        QObject::connect(limiter, &SerialRateLimiter::drained, &app,
                         [name, limiter, &busyServices, &elapsed] {
                             std::printf("%5lld ms  %-7s  is through, %lld tasks\n", elapsed(),
                                         name, limiter->completedCount());
                             if (--busyServices == 0)
                                 QCoreApplication::quit();
                         });
    }
    return QCoreApplication::exec();
}
