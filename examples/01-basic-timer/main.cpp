// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// A timer that ticks every 200 ms, five times, and stops by itself.
//
// Expect one line a tick. A tick comes at its due time or a little later, never earlier, and how
// late one tick was plays no part in when the next is due: the fifth is due after 1000 ms sharp.

#include <Tactus/ScheduledTimer>

#include <QtCore/qcoreapplication.h>

#include <chrono>
#include <cstdio>

using namespace std::chrono_literals;

int main(int argc, char *argv[])
{
    const QCoreApplication app(argc, argv);

    Tactus::ScheduledTimer timer(200ms);
    timer.setMaximumTicks(5);
    timer.setCallback([](const Tactus::Tick &tick) {
        const qint64 due = tick.due() / 1ms;
        const qint64 late = tick.lateness() / 1us;
        std::printf("tick %lld: due after %lld ms, came %lld us later\n", tick.index(), due, late);
    });

    QObject::connect(&timer, &Tactus::ScheduledTimer::stopped, &app, [&timer] {
        std::printf("stopped after %lld ticks\n", timer.tickCount());
        QCoreApplication::quit();
    });

    timer.start();
    return QCoreApplication::exec();
}
