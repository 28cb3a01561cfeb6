// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// Many timers in one thread: what it costs to start them, to re-arm one of them, and to have them
// tick.

#include "measuring.h"
#include "registry.h"

#include <Tactus/ScheduledTimer>

#include <QtCore/qbasictimer.h>
#include <QtCore/qcoreapplication.h>
#include <QtCore/qcoreevent.h>
#include <QtCore/qtimer.h>

#include <memory>
#include <random>
#include <vector>

using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using std::chrono::milliseconds;

namespace Benchmarks {

namespace {

class TickListener
{
public:
    virtual void ticked() = 0;

protected:
    ~TickListener() = default;
};

// The kinds of timers, all alike to the templates below. Start re-arms, too.

class TactusTimer
{
public:
    TactusTimer(milliseconds interval, TickListener *listener)
        : m_timer(interval)
    {
        QObject::connect(&m_timer, &Tactus::ScheduledTimer::tick, &m_timer,
                         [listener] { listener->ticked(); });
    }
    void start() { m_timer.restart(); }

private:
    Tactus::ScheduledTimer m_timer;
};

template <Qt::TimerType type>
class QtTimer
{
public:
    QtTimer(milliseconds interval, TickListener *listener)
    {
        m_timer.setTimerType(type);
        m_timer.setInterval(interval);
        QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [listener] { listener->ticked(); });
    }
    void start() { m_timer.start(); }

private:
    QTimer m_timer;
};

class BasicTimer : public QObject
{
public:
    BasicTimer(milliseconds interval, TickListener *listener)
        : m_interval(interval)
        , m_listener(listener)
    {
    }
    void start() { m_timer.start(static_cast<int>(m_interval.count()), Qt::PreciseTimer, this); }

protected:
    void timerEvent(QTimerEvent *) override { m_listener->ticked(); }

private:
    const milliseconds m_interval;
    TickListener *const m_listener;
    QBasicTimer m_timer;
};

// Says how many ticks are due after one instant and until another.
class Schedules
{
public:
    virtual qint64 ticksBetween(SteadyClock::time_point begin,
                                SteadyClock::time_point end) const = 0;

protected:
    ~Schedules() = default;
};

// Timers at random intervals, the same ones for every kind.
template <typename Timer>
class Crowd final : public Schedules
{
public:
    Crowd(qint64 count, milliseconds shortest, milliseconds longest, qint64 seed,
          TickListener *listener)
    {
        std::mt19937_64 random(static_cast<quint64>(seed));
        std::uniform_int_distribution<qint64> intervals(shortest.count(), longest.count());
        m_timers.reserve(static_cast<size_t>(count));
        for (qint64 i = 0; i < count; ++i) {
            const milliseconds interval(intervals(random));
            m_timers.push_back(std::make_unique<Timer>(interval, listener));
            m_intervals.push_back(interval);
        }
    }

    void start()
    {
        for (const auto &timer : m_timers)
            timer->start();
    }

    // The same, and notes when.
    void startAndNote()
    {
        m_starts.reserve(m_timers.size());
        for (const auto &timer : m_timers) {
            m_starts.push_back(SteadyClock::now());
            timer->start();
        }
    }
    qint64 ticksBetween(SteadyClock::time_point begin, SteadyClock::time_point end) const override
    {
        qint64 sum = 0;
        for (size_t i = 0; i < m_timers.size(); ++i)
            sum += (end - m_starts[i]) / m_intervals[i] - (begin - m_starts[i]) / m_intervals[i];
        return sum;
    }

private:
    std::vector<std::unique_ptr<Timer>> m_timers;
    std::vector<milliseconds> m_intervals;
    std::vector<SteadyClock::time_point> m_starts;
};

class Nobody final : public TickListener
{
public:
    void ticked() override {}
};

// Nothing comes due meanwhile: the others wait for hours, and the re-armed one goes to the middle.
template <typename Timer>
QJsonObject rearm(const Options &options)
{
    const qint64 count = options.number("timers");
    Nobody nobody;
    Crowd<Timer> crowd(count, 1h, 10h, options.number("seed"), &nobody);
    const Nanoseconds starting = timeOf([&] { crowd.start(); });
    Timer one(5h, &nobody);
    one.start();
    const double perRearm = timePerCall(options.nanoseconds("atLeast"), [&] { one.start(); });
    finish({ { u"start"_s, perItem(starting, count) }, { u"rearm"_s, perRearm } });
}

const Registration rearming[] = {
    { "rearm", "tactus", &rearm<TactusTimer> },
    { "rearm", "qtimer", &rearm<QtTimer<Qt::PreciseTimer>> },
    { "rearm", "qtimer-coarse", &rearm<QtTimer<Qt::CoarseTimer>> },
    { "rearm", "qbasictimer", &rearm<BasicTimer> },
};

// Counts ticks after a while of warming up, and ends the program after the time of measuring. It does
// so within a tick: a saturated timer list does not return to the event loop for many seconds.
class TickWindow final : public TickListener
{
public:
    TickWindow(Nanoseconds warmUp, Nanoseconds length, const Schedules *schedules,
               quint32 ticksPerLook)
        : m_begin(SteadyClock::now() + warmUp)
        , m_length(length)
        , m_schedules(schedules)
        , m_ticksPerLook(ticksPerLook)
    {
    }

    void ticked() override
    {
        ++m_ticks;
        if (++m_sinceLook < m_ticksPerLook)
            return;
        m_sinceLook = 0;
        const SteadyClock::time_point now = SteadyClock::now();
        if (!m_measuring && now >= m_begin) {
            m_measuring = true;
            m_begin = now;
            m_used = processorTime();
            m_ticks = 0;
        } else if (m_measuring && now >= m_begin + m_length) {
            const Nanoseconds used = processorTime() - m_used;
            const qint64 due = m_schedules->ticksBetween(m_begin, now);
            finish({ { u"processorTime"_s, perItem(used, m_ticks) },
                     { u"delivered"_s, static_cast<double>(m_ticks) / static_cast<double>(due) },
                     { u"ticks"_s, m_ticks } });
        }
    }

private:
    SteadyClock::time_point m_begin;
    const Nanoseconds m_length;
    const Schedules *const m_schedules;
    const quint32 m_ticksPerLook;
    quint32 m_sinceLook = 0;
    bool m_measuring = false;
    Nanoseconds m_used{};
    qint64 m_ticks = 0;
};

// Hands ticks to the window, which is made when the timers have started.
class Relay final : public TickListener
{
public:
    void ticked() override
    {
        if (window)
            window->ticked();
    }
    TickWindow *window = nullptr;
};

template <typename Timer>
QJsonObject ticks(const Options &options)
{
    const qint64 count = options.number("timers");
    Relay relay;
    Crowd<Timer> crowd(count, milliseconds(options.number("shortest")),
                       milliseconds(options.number("longest")), options.number("seed"), &relay);
    options.waitForStart();
    crowd.startAndNote();
    TickWindow window(options.nanoseconds("warmUp"), options.nanoseconds("length"), &crowd,
                      count >= 1000 ? 64 : 1);
    relay.window = &window;
    QCoreApplication::exec();
    qFatal("the event loop ended before the measurement");
}

const Registration ticking[] = {
    { "ticks", "tactus", &ticks<TactusTimer> },
    { "ticks", "qtimer", &ticks<QtTimer<Qt::PreciseTimer>> },
    { "ticks", "qtimer-coarse", &ticks<QtTimer<Qt::CoarseTimer>> },
    { "ticks", "qbasictimer", &ticks<BasicTimer> },
};

} // namespace

} // namespace Benchmarks
