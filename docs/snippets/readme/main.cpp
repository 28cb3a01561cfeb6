// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// The first program in README.md. It runs until it is interrupted, so no test runs it.

//! [main]
#include <Tactus/Tactus>

#include <QCoreApplication>
#include <QDebug>

using namespace std::chrono_literals;

int main(int argc, char *argv[])
{
    QCoreApplication app(argc, argv);

    // Never more than 3 completions in any second, one task at a time.
    Tactus::SerialRateLimiter limiter(3, 1s);

    // Slot n is due at start + n x 200 ms, for ever. push() returns a QFuture: the timer waits for it.
    Tactus::ScheduledTimer timer(200ms);
    timer.setCallback([&](const Tactus::Tick &tick) {
        return limiter.push([=] { qInfo() << "slot" << tick.index() << "missed" << tick.missed(); });
    });
    timer.start();

    return app.exec();
}
//! [main]
