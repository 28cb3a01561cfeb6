// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include <Tactus/ManualClock>
#include <Tactus/ScheduledTimer>

#include <QtCore/QCoreApplication>

using namespace std::chrono_literals;

int main(int argc, char *argv[])
{
    QCoreApplication application(argc, argv);
    Tactus::ManualClock clock;
    Tactus::ScheduledTimer timer(1s);
    timer.setClock(&clock);
    timer.start();
    clock.advance(3s);
    return timer.tickCount() == 3 ? 0 : 1;
}
