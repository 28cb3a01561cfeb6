// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// How late are the ticks of a timer? Beside Qt's timers, the system calls that bound them.

#include "latenesslog.h"

#include <Tactus/ScheduledTimer>

#include <QtCore/qbasictimer.h>
#include <QtCore/qcoreapplication.h>
#include <QtCore/qcoreevent.h>
#include <QtCore/qtimer.h>

#include <algorithm>
#include <chrono>
#include <ctime>

#if defined(Q_OS_LINUX)
#  include <sys/prctl.h>
#  include <sys/timerfd.h>
#  include <unistd.h>
#endif

using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace Benchmarks {

namespace {

milliseconds wholeMilliseconds(Nanoseconds duration)
{
    return std::max(std::chrono::ceil<milliseconds>(duration), 0ms);
}

QJsonObject runTactus(const Options &options, Nanoseconds tolerance)
{
    LatenessLog log(options);
    Tactus::ScheduledTimer timer(log.interval());
    timer.setTolerance(tolerance);
    QObject::connect(&timer, &Tactus::ScheduledTimer::tick, &timer, [&](const Tactus::Tick &tick) {
        if (!log.ticked(tick.index()))
            QCoreApplication::exit();
    });
    log.start();
    timer.start();
    QCoreApplication::exec();
    return log.result();
}

QJsonObject tactusByDefault(const Options &options)
{
    return runTactus(options, 1ms);
}

QJsonObject tactusExact(const Options &options)
{
    return runTactus(options, 0ms);
}

template <Qt::TimerType type>
QJsonObject qtTimer(const Options &options)
{
    LatenessLog log(options, LatenessLog::Grid::WholeMilliseconds);
    QTimer timer;
    timer.setTimerType(type);
    timer.setInterval(wholeMilliseconds(log.interval()));
    qint64 number = 0;
    QObject::connect(&timer, &QTimer::timeout, &timer, [&] {
        if (!log.tickedForgiving(++number))
            QCoreApplication::exit();
    });
    log.start();
    timer.start();
    QCoreApplication::exec();
    return log.result();
}

class BasicTimer final : public QObject
{
public:
    explicit BasicTimer(const Options &options)
        : m_log(options, LatenessLog::Grid::WholeMilliseconds)
    {
    }

    QJsonObject run()
    {
        m_log.start();
        m_timer.start(static_cast<int>(wholeMilliseconds(m_log.interval()).count()),
                      Qt::PreciseTimer, this);
        QCoreApplication::exec();
        return m_log.result();
    }

protected:
    void timerEvent(QTimerEvent *) override
    {
        if (!m_log.tickedForgiving(++m_number))
            QCoreApplication::exit();
    }

private:
    LatenessLog m_log;
    QBasicTimer m_timer;
    qint64 m_number = 0;
};

QJsonObject basicTimer(const Options &options)
{
    return BasicTimer(options).run();
}

// The best that can be done with QTimer by hand: each wait is until the next instant of the grid.
class AnchoredChain
{
public:
    explicit AnchoredChain(const Options &options)
        : m_log(options)
    {
    }

    QJsonObject run()
    {
        m_log.start();
        wait();
        QCoreApplication::exec();
        return m_log.result();
    }

private:
    void wait()
    {
        const Nanoseconds left = m_log.due(m_number) - SteadyClock::now();
        QTimer::singleShot(wholeMilliseconds(left), Qt::PreciseTimer, [this] {
            if (!m_log.ticked(m_number++))
                QCoreApplication::exit();
            else
                wait();
        });
    }

    LatenessLog m_log;
    qint64 m_number = 1;
};

QJsonObject anchoredChain(const Options &options)
{
    return AnchoredChain(options).run();
}

const Registration registrations[] = {
    { "lateness", "tactus", &tactusByDefault },
    { "lateness", "tactus-exact", &tactusExact },
    { "lateness", "qtimer", &qtTimer<Qt::PreciseTimer> },
    { "lateness", "qtimer-coarse", &qtTimer<Qt::CoarseTimer> },
    { "lateness", "qbasictimer", &basicTimer },
    { "lateness", "singleshot", &anchoredChain },
};

#if defined(Q_OS_LINUX)

timespec toTimespec(SteadyClock::time_point instant)
{
    const Nanoseconds time = instant.time_since_epoch();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    return { .tv_sec = seconds.count(), .tv_nsec = (time - seconds).count() };
}

// The physical limit: a thread that does nothing else.
QJsonObject bareLoop(const Options &options)
{
    LatenessLog log(options);
    log.start();
    for (qint64 number = 1;; ++number) {
        const timespec due = toTimespec(log.due(number));
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, nullptr) != 0) {
        }
        if (!log.ticked(number))
            return log.result();
    }
}

QJsonObject bareLoopWithoutSlack(const Options &options)
{
    prctl(PR_SET_TIMERSLACK, 1UL);
    return bareLoop(options);
}

QJsonObject timerDescriptor(const Options &options)
{
    LatenessLog log(options);
    const int descriptor = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    if (descriptor < 0)
        qFatal("timerfd_create failed");
    log.start();
    for (qint64 number = 1;; ++number) {
        const itimerspec due = { .it_interval = {}, .it_value = toTimespec(log.due(number)) };
        timerfd_settime(descriptor, TFD_TIMER_ABSTIME, &due, nullptr);
        quint64 expirations = 0;
        while (read(descriptor, &expirations, sizeof expirations) < 0) {
        }
        if (!log.ticked(number))
            return log.result();
    }
}

const Registration linuxRegistrations[] = {
    { "lateness", "nanosleep", &bareLoop },
    { "lateness", "nanosleep-noslack", &bareLoopWithoutSlack },
    { "lateness", "timerfd", &timerDescriptor },
};

#endif

} // namespace

} // namespace Benchmarks
