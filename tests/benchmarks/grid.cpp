// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// Where does a repeating timer end up whose callback takes a quarter of the interval?

#include "measuring.h"
#include "registry.h"

#include <Tactus/ScheduledTimer>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qtimer.h>

#include <algorithm>
#include <functional>

using namespace Qt::StringLiterals;
using std::chrono::milliseconds;

namespace Benchmarks {

namespace {

class Grid
{
public:
    explicit Grid(const Options &options)
        : m_options(options)
    {
    }

    milliseconds interval() const { return m_interval; }

    QJsonObject run(const std::function<void()> &start)
    {
        m_options.waitForStart();
        m_start = SteadyClock::now();
        start();
        QCoreApplication::exec();
        return { { u"lastLateness"_s, static_cast<qint64>(m_lateness.count()) },
                 { u"worstLateness"_s, static_cast<qint64>(m_worst.count()) },
                 { u"scheduleError"_s, static_cast<qint64>(m_scheduleError.count()) },
                 { u"lastTick"_s, m_tick } };
    }

    // The callback. Only Tactus tells when its timer thinks that the tick is due.
    void ticked(qint64 tick, Nanoseconds due)
    {
        m_tick = tick;
        const Nanoseconds exact = tick * m_interval;
        m_lateness = SteadyClock::now() - m_start - exact;
        m_worst = std::max(m_worst, m_lateness);
        m_scheduleError = std::max(m_scheduleError, std::chrono::abs(due - exact));
        if (tick >= m_ticks)
            QCoreApplication::exit();
        else
            spinFor(m_callback);
    }
    void ticked(qint64 tick) { ticked(tick, tick * m_interval); }

private:
    const Options &m_options;
    const milliseconds m_interval{ m_options.number("interval") };
    const Nanoseconds m_callback = m_options.nanoseconds("callback");
    const qint64 m_ticks = m_options.number("ticks");
    SteadyClock::time_point m_start;
    qint64 m_tick = 0;
    Nanoseconds m_lateness{};
    Nanoseconds m_worst{};
    Nanoseconds m_scheduleError{};
};

QJsonObject tactus(const Options &options)
{
    Grid grid(options);
    Tactus::ScheduledTimer timer(grid.interval());
    timer.setTolerance(Tactus::Duration::zero());
    QObject::connect(&timer, &Tactus::ScheduledTimer::tick, &timer,
                     [&grid](const Tactus::Tick &tick) { grid.ticked(tick.index(), tick.due()); });
    return grid.run([&timer] { timer.start(); });
}

QJsonObject qtTimer(const Options &options)
{
    Grid grid(options);
    QTimer timer;
    timer.setTimerType(Qt::PreciseTimer);
    timer.setInterval(grid.interval());
    QObject::connect(&timer, &QTimer::timeout, &timer,
                     [&grid, number = 0]() mutable { grid.ticked(++number); });
    return grid.run([&timer] { timer.start(); });
}

void waitAgain(Grid *grid, qint64 number)
{
    QTimer::singleShot(grid->interval(), Qt::PreciseTimer, [grid, number] {
        waitAgain(grid, number + 1); // first, so that the callback's time is not added
        grid->ticked(number);
    });
}

QJsonObject singleShot(const Options &options)
{
    Grid grid(options);
    return grid.run([&grid] { waitAgain(&grid, 1); });
}

const Registration registrations[] = {
    { "grid", "tactus", &tactus },
    { "grid", "qtimer", &qtTimer },
    { "grid", "singleshot", &singleShot },
};

} // namespace

} // namespace Benchmarks
