// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "drift.h"

#include "ownthread.h"
#include "terminal.h"

#include <Tactus/Clock>
#include <Tactus/ScheduledTimer>

#include <QtCore/qeventloop.h>
#include <QtCore/qtimer.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using Tactus::ScheduledTimer;

namespace {

constexpr auto Interval = 4ms;
constexpr auto Work = Interval / 4;
constexpr auto Length = 8s;

// What is measured of a timer: in the thread of the timer, and shown in another.
class Measurement
{
public:
    // Right before the timer is started.
    void start() { m_start = now(); }

    // The callback. The first tick is due an interval after the start; missed is what the timer says.
    void tick(qint64 number, qint64 missed = 0)
    {
        m_behind = now() - (m_start + number * Interval);
        m_worst = std::max(m_worst.load(), m_behind.load());
        m_missed += missed;
        ++m_ticks;
        std::this_thread::sleep_for(Work);
    }

    qint64 ticks() const { return m_ticks; }
    qint64 missed() const { return m_missed; }
    Tactus::Duration behind() const { return m_behind; }
    Tactus::Duration worst() const { return m_worst; }

private:
    static Tactus::Clock::Instant now() { return Tactus::Clock::system()->now(); }

    Tactus::Clock::Instant m_start;
    std::atomic<qint64> m_ticks = 0;
    std::atomic<qint64> m_missed = 0;
    std::atomic<Tactus::Duration> m_behind = Tactus::Duration::zero();
    std::atomic<Tactus::Duration> m_worst = Tactus::Duration::zero();
};

void beginRepeating(QObject *owner, Measurement &measurement)
{
    auto *const timer = new QTimer(owner);
    timer->setTimerType(Qt::PreciseTimer);
    timer->callOnTimeout(owner,
                         [&measurement, number = 0]() mutable { measurement.tick(++number); });
    measurement.start();
    timer->start(Interval);
}

void chain(QObject *owner, Measurement &measurement, qint64 number)
{
    QTimer::singleShot(Interval, Qt::PreciseTimer, owner, [owner, &measurement, number] {
        chain(owner, measurement, number + 1); // first, so that the callback's work is not added
        measurement.tick(number);
    });
}

void beginChained(QObject *owner, Measurement &measurement)
{
    measurement.start();
    chain(owner, measurement, 1);
}

void beginScheduled(QObject *owner, Measurement &measurement, ScheduledTimer::Policy policy)
{
    auto *const timer = new ScheduledTimer(Interval, policy, owner);
    timer->setCallback([&measurement](const Tactus::Tick &tick) {
        measurement.tick(tick.index(), tick.missed());
    });
    measurement.start();
    timer->start();
}

void beginFixed(QObject *owner, Measurement &measurement)
{
    beginScheduled(owner, measurement, ScheduledTimer::Policy::Fixed);
}

void beginDelay(QObject *owner, Measurement &measurement)
{
    beginScheduled(owner, measurement, ScheduledTimer::Policy::Delay);
}

struct Kind
{
    QString name;
    QString shortName;
    QString remark;
    bool countsMissed;
    void (*begin)(QObject *owner, Measurement &measurement);
};

// One of the four, in a thread of its own from start() to stop().
class Contestant
{
public:
    explicit Contestant(Kind kind)
        : m_kind(std::move(kind))
    {
    }

    void start()
    {
        m_thread = std::make_unique<OwnThread>(
                [this](QObject *owner) { m_kind.begin(owner, m_measurement); });
    }
    void stop() { m_thread.reset(); }

    const Kind &kind() const { return m_kind; }
    const Measurement &measurement() const { return m_measurement; }

private:
    Kind m_kind;
    Measurement m_measurement;
    std::unique_ptr<OwnThread> m_thread;
};

using Contestants = std::vector<std::unique_ptr<Contestant>>;

Contestants makeContestants()
{
    const Kind kinds[] = {
        { u"QTimer, repeating"_s, u"QTimer"_s, u"when an interval late, it starts anew from now"_s,
          false, beginRepeating },
        { u"QTimer::singleShot"_s, u"singleShot"_s,
          u"chained, so each begins where the last came"_s, false, beginChained },
        { u"ScheduledTimer, Fixed"_s, u"Fixed"_s, u"every slot is computed from the start"_s, true,
          beginFixed },
        { u"ScheduledTimer, Delay"_s, u"Delay"_s,
          u"drifts by design: it waits after each callback"_s, true, beginDelay },
    };
    Contestants contestants;
    for (const Kind &kind : kinds)
        contestants.push_back(std::make_unique<Contestant>(kind));
    return contestants;
}

// Ten times as late is four cells more; 0.1 ms is the left end.
constexpr int BarWidth = 20;

double barLength(Tactus::Duration behind)
{
    const double tenths = behind / std::chrono::duration<double, std::milli>(0.1);
    return tenths > 1 ? 4 * std::log10(tenths) : 0;
}

QStringList table(const Terminal &terminal, const Contestants &contestants)
{
    const auto row = [](const QString &name, const QString &ticks, const QString &missed,
                        const QString &behind, const QString &worst) {
        return "  "_L1 + name.leftJustified(22) + ticks.rightJustified(5) + missed.rightJustified(8)
               + behind.rightJustified(9) + worst.rightJustified(9) + "  "_L1;
    };
    const QString heading = row({}, u"ticks"_s, u"missed"_s, u"now"_s, u"worst"_s);
    QStringList lines = { terminal.styled(heading + "0.1 1   10  100 1000"_L1,
                                          Terminal::Style::Dim) };
    for (const auto &contestant : contestants) {
        const Kind &kind = contestant->kind();
        const Measurement &measured = contestant->measurement();
        const Tactus::Duration behind = measured.behind();
        lines += row(kind.name, QString::number(measured.ticks()),
                     kind.countsMissed ? QString::number(measured.missed()) : u"?"_s,
                     signedMilliseconds(behind, 2), signedMilliseconds(measured.worst(), 2))
                 + terminal.styled(terminal.bar(barLength(behind), BarWidth),
                                   Terminal::Style::Accent);
    }
    return lines;
}

QString plainHeading(const Contestants &contestants)
{
    QString text(6, u' ');
    for (const auto &contestant : contestants)
        text += contestant->kind().shortName.rightJustified(13);
    return text;
}

QString plainLine(std::chrono::seconds elapsed, const Contestants &contestants)
{
    QString text = QString::number(elapsed.count()).rightJustified(4) + " s"_L1;
    for (const auto &contestant : contestants)
        text += signedMilliseconds(contestant->measurement().behind(), 2).rightJustified(13);
    return text;
}

// Shows how the contestants are doing, for as long as they run: on a terminal in place.
void watch(Terminal &terminal, const Contestants &contestants)
{
    const bool inPlace = terminal.isInteractive();
    if (!inPlace)
        terminal.line(plainHeading(contestants));

    QEventLoop loop;
    const std::chrono::milliseconds frame = inPlace ? 100ms : 1s;
    auto *const frames = Tactus::every(frame, &loop, [&](const Tactus::Tick &tick) {
        if (inPlace)
            terminal.redraw(table(terminal, contestants));
        else
            terminal.line(
                    plainLine(std::chrono::round<std::chrono::seconds>(tick.due()), contestants));
    });
    frames->setMaximumTicks(Length / frame);
    QObject::connect(frames, &ScheduledTimer::stopped, &loop, &QEventLoop::quit);
    loop.exec();
    if (!inPlace)
        terminal.line();
}

} // namespace

void showDrift(Terminal &terminal)
{
    terminal.heading(u"1  Drift"_s);
    terminal.line(
            u"  Every %1 ms a callback that sleeps %2 ms, each timer in a thread of its own."_s.arg(
                    milliseconds(Interval, 0), milliseconds(Work, 0)));
    terminal.line(
            u"  Tick n belongs at start + n x %1 ms. How far behind that it comes, in ms:"_s.arg(
                    milliseconds(Interval, 0)));
    terminal.line();

    const Contestants contestants = makeContestants();
    for (const auto &contestant : contestants)
        contestant->start();
    watch(terminal, contestants);
    for (const auto &contestant : contestants)
        contestant->stop();

    const QStringList lines = table(terminal, contestants);
    for (const QString &line : lines)
        terminal.line(line);
    terminal.line();
    for (const auto &contestant : contestants) {
        const QString remark = "  "_L1 + contestant->kind().name.leftJustified(24)
                               + contestant->kind().remark;
        terminal.line(terminal.styled(remark, Terminal::Style::Dim));
    }
}
