// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// Timers with different intervals, each made with every(): a started timer in one line.
//
// Expect A every 100, B every 150 and C every 250 ms. All count from their start, so they do not
// drift apart: after 1500 ms the three meet. A fourth timer then ends the program.

#include "../clockoption.h"

#include <Tactus/ScheduledTimer>

#include <QtCore/qcoreapplication.h>

#include <chrono>
#include <cstdio>

using namespace std::chrono_literals;
using Tactus::Tick;

namespace {

void print(const char *column, const Tick &tick)
{
    const qint64 due = tick.due() / 1ms;
    std::printf("%5lld ms  %s\n", due, column);
}

} // namespace

int main(int argc, char *argv[])
{
    QCoreApplication app(argc, argv);
    const ClockOption clockOption;

    int a = 0;
    int b = 0;
    int c = 0;
    Tactus::every(100ms, &app, [&a](const Tick &tick) {
        ++a;
        print("A", tick);
    });
    Tactus::every(150ms, &app, [&b](const Tick &tick) {
        ++b;
        print("    B", tick);
    });
    Tactus::every(250ms, &app, [&c](const Tick &tick) {
        ++c;
        print("        C", tick);
    });
    Tactus::every(1550ms, &app, [&a, &b, &c] {
        std::printf("ticks: A %d, B %d, C %d\n", a, b, c);
        QCoreApplication::quit();
    });
    return QCoreApplication::exec();
}
