// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include <Tactus/Tactus>

#include <QtCore/QCoreApplication>
#include <QtCore/QDebug>

using namespace std::chrono_literals;

// A timer ticks three times, a limiter runs a task for each, and the last one ends the program.
int main(int argc, char *argv[])
{
    QCoreApplication application(argc, argv);

    Tactus::SerialRateLimiter limiter(10, 1s);
    QObject::connect(&limiter, &Tactus::SerialRateLimiter::taskCompleted, &application,
                     [](qint64 id) {
                         if (id == 3)
                             QCoreApplication::quit();
                     });

    Tactus::ScheduledTimer timer(1ms);
    QObject::connect(&timer, &Tactus::ScheduledTimer::tick, &limiter, [&](const Tactus::Tick &tick) {
        limiter.push([tick] { return tick.index(); });
    });
    timer.setMaximumTicks(3);
    timer.start();

    const int result = QCoreApplication::exec();
    qInfo() << "ticks:" << timer.tickCount() << "tasks:" << limiter.completedCount();
    return result;
}
