// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// Coroutines, with QCoro. A meter answers one question in 100 ms. A timer's callback asks it two, one
// after the other, and may be written down like that: it is a coroutine, and the timer waits for its
// end. The session is another coroutine, which awaits what push() and stop() return.
//
// Expect some measurements, an error that is caught where it is awaited, a question that is not asked any
// more, and an end that waits for the measurement under way.

#include "../clockoption.h"

#include <Tactus/ScheduledTimer>
#include <Tactus/SerialRateLimiter>
#include <Tactus/qcoro.h>

#include <QtCore/qcoreapplication.h>

#include <QCoroSignal>

#include <chrono>
#include <cstdio>
#include <stdexcept>

using namespace std::chrono_literals;
using Tactus::resultOf;
using Tactus::ScheduledTimer;
using Tactus::SerialRateLimiter;

namespace {

enum class Quantity { Voltage, Current, Humidity };

class Meter
{
public:
    QFuture<double> ask(Quantity quantity)
    {
        return m_line.push([this, quantity] { return answer(quantity); });
    }

private:
    double answer(Quantity quantity)
    {
        if (quantity == Quantity::Humidity)
            throw std::runtime_error("it has no sensor for that");
        return quantity == Quantity::Voltage ? 230 : ++m_current;
    }

    SerialRateLimiter m_line{ 1, 100ms };
    double m_current = 0;
};

//! [callback]
QCoro::Task<> measure(Meter &meter)
{
    const double voltage = co_await resultOf(meter.ask(Quantity::Voltage));
    const double current = co_await resultOf(meter.ask(Quantity::Current));
    std::printf("%.0f V, %.0f A: %.0f W\n", voltage, current, voltage * current);
}
//! [callback]

QCoro::Task<> session(Meter &meter)
{
    //! [timer]
    ScheduledTimer timer(300ms);
    timer.setCallback([&meter] { return measure(meter); }); // the timer waits for its end
    timer.start();
    //! [timer]

    for (int i = 0; i < 3; ++i)
        co_await qCoro(&timer, &ScheduledTimer::completed);

    //! [await]
    try {
        co_await resultOf(meter.ask(Quantity::Humidity));
    } catch (const std::runtime_error &error) {
        std::printf("no humidity: %s\n", error.what());
    }

    auto unwanted = meter.ask(Quantity::Current);
    unwanted.cancel();
    try {
        co_await resultOf(unwanted);
    } catch (const Tactus::CanceledError &) {
        std::printf("never asked\n");
    }

    co_await resultOf(timer.stop()); // when the measurement that runs has ended
    std::printf("stopped, %s\n", timer.isBusy() ? "busy" : "idle");
    //! [await]
    QCoreApplication::quit();
}

} // namespace

int main(int argc, char *argv[])
{
    QCoreApplication app(argc, argv);
    const ClockOption clockOption;
    Meter meter;
    session(meter);
    return QCoreApplication::exec();
}
