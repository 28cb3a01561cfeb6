// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// The two policies side by side: an interval of 100 ms, and a callback that takes 130 ms.
//
//   Fixed  ticks at start + n * 100 ms. A slot that comes due while the callback is still busy is
//          missed, and said to be; the ticks that come stay on the grid.
//   Delay  waits 100 ms after the end of each callback, so it ticks every 230 ms and misses nothing.
//
// Expect Fixed at 100, 300, 500 ... and Delay at 100, 330, 560 ... ms. With --virtual they come at
// exactly these times.

#include "../clockoption.h"

#include <Tactus/ScheduledTimer>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qfuture.h>
#include <QtCore/qpromise.h>

#include <chrono>
#include <cstdio>
#include <memory>

using namespace std::chrono_literals;
using Tactus::ScheduledTimer;

namespace {

// Takes 130 ms without blocking the event loop: the timer that called waits for the future.
QFuture<void> slowWork()
{
    const auto promise = std::make_shared<QPromise<void>>();
    promise->start();
    auto *const later = new ScheduledTimer(130ms);
    later->setMaximumTicks(1);
    later->setCallback([promise] { promise->finish(); });
    QObject::connect(later, &ScheduledTimer::stopped, later, &QObject::deleteLater);
    later->start();
    return promise->future();
}

} // namespace

int main(int argc, char *argv[])
{
    const QCoreApplication app(argc, argv);
    const ClockOption clockOption;

    ScheduledTimer fixed(100ms, ScheduledTimer::Policy::Fixed);
    ScheduledTimer delay(100ms, ScheduledTimer::Policy::Delay);
    fixed.setMaximumTicks(6);
    delay.setMaximumTicks(6);

    const auto begin = fixed.clock()->now();
    const auto elapsed = [&fixed, begin]() -> qint64 {
        return (fixed.clock()->now() - begin) / 1ms;
    };

    fixed.setCallback([&elapsed](const Tactus::Tick &tick) {
        std::printf("%5lld ms  Fixed slot %lld, missed %lld\n", elapsed(), tick.index(),
                    tick.missed());
        return slowWork();
    });
    delay.setCallback([&elapsed](const Tactus::Tick &tick) {
        std::printf("%5lld ms                          Delay tick %lld\n", elapsed(), tick.index());
        return slowWork();
    });

    const auto quitWhenBothAreOver = [&fixed, &delay] {
        if (fixed.isRunning() || fixed.isBusy() || delay.isRunning() || delay.isBusy())
            return;
        std::printf("Fixed: %lld ticks, %lld missed\n", fixed.tickCount(), fixed.missedCount());
        std::printf("Delay: %lld ticks, %lld missed\n", delay.tickCount(), delay.missedCount());
        QCoreApplication::quit();
    };
    QObject::connect(&fixed, &ScheduledTimer::stopped, &app, quitWhenBothAreOver);
    QObject::connect(&delay, &ScheduledTimer::stopped, &app, quitWhenBothAreOver);

    fixed.start();
    delay.start();
    return QCoreApplication::exec();
}
