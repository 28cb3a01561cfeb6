// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "overrun.h"

#include "ownthread.h"
#include "terminal.h"

#include <Tactus/Clock>
#include <Tactus/ScheduledTimer>

#include <QtCore/qeventloop.h>
#include <QtCore/qlist.h>
#include <QtCore/qtimer.h>

#include <chrono>
#include <thread>

using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using Tactus::Duration;
using Tactus::ScheduledTimer;

namespace {

constexpr auto Interval = 100ms;
constexpr auto Blocked = 350ms;
constexpr auto Length = 950ms;
constexpr int CellsPerInterval = 6;
constexpr int Cells = CellsPerInterval * Length / Interval;

// When a callback began and ended, since the start, and what the timer said was missed before it.
struct Call
{
    Duration begin;
    Duration end;
    qint64 missed = 0;
};

// What is noted in a timer's thread, and read when that thread has ended.
class Record
{
public:
    void start() { m_start = now(); }

    // The callback: the second time it blocks.
    void call(qint64 missed = 0)
    {
        const Duration begin = now() - m_start;
        if (m_calls.size() == 1)
            std::this_thread::sleep_for(Blocked);
        m_calls.append({ begin, now() - m_start, missed });
    }

    const QList<Call> &calls() const { return m_calls; }

private:
    static Tactus::Clock::Instant now() { return Tactus::Clock::system()->now(); }

    Tactus::Clock::Instant m_start;
    QList<Call> m_calls;
};

struct Counters
{
    qint64 ticks = 0;
    qint64 missed = 0;
    qint64 announced = 0; // by the signal ticksMissed
    qint64 lastIndex = 0;
};

void beginTimer(QObject *owner, Record &record)
{
    auto *const timer = new QTimer(owner);
    timer->setTimerType(Qt::PreciseTimer);
    timer->callOnTimeout(owner, [&record] { record.call(); });
    record.start();
    timer->start(Interval);
}

void beginScheduled(QObject *owner, Record &record, Counters &counters)
{
    auto *const timer = new ScheduledTimer(Interval, owner);
    timer->setCallback([&record](const Tactus::Tick &tick) { record.call(tick.missed()); });
    QObject::connect(timer, &ScheduledTimer::ticksMissed, owner,
                     [&counters](qint64 count) { counters.announced += count; });
    QObject::connect(timer, &ScheduledTimer::completed, owner,
                     [timer, &counters](const Tactus::Tick &tick) {
                         counters.ticks = timer->tickCount();
                         counters.missed = timer->missedCount();
                         counters.lastIndex = tick.index();
                     });
    record.start();
    timer->start();
}

int cellOf(Duration sinceStart)
{
    return static_cast<int>(sinceStart * CellsPerInterval / Interval);
}

// A line of the chart: where callbacks began, how long they blocked, and the slots that the timer
// said it missed, which are those before the call that reports them.
QString chart(const Terminal &terminal, const Record &record)
{
    QString cells(Cells, u' ');
    const auto put = [&cells](qsizetype cell, const QString &symbol) {
        if (cell >= 0 && cell < cells.size())
            cells.replace(cell, 1, symbol);
    };
    for (const Call &call : record.calls()) {
        for (int cell = cellOf(call.begin) + 1; cell < cellOf(call.end); ++cell)
            put(cell, terminal.symbol(u'\u2592', '='));
    }
    for (const Call &call : record.calls()) {
        put(cellOf(call.begin), terminal.symbol(u'\u25cf', 'o'));
        for (qint64 before = 1; before <= call.missed; ++before)
            put(cellOf(call.begin - before * Interval), u"x"_s);
    }
    return cells;
}

QString scale()
{
    QString text;
    for (Duration mark = 0ms; mark < Length; mark += Interval)
        text += milliseconds(mark, 0).leftJustified(CellsPerInterval);
    return text.trimmed() + " ms"_L1;
}

// How far the last callback began from the grid: the nearest multiple of the interval.
QString offGrid(const Record &record)
{
    const Duration begin = record.calls().last().begin;
    const Duration nearest = (begin + Interval / 2) / Interval * Interval;
    return milliseconds(std::chrono::abs(begin - nearest), 1);
}

} // namespace

void showOverrun(Terminal &terminal)
{
    terminal.heading(u"2  Overrun"_s);
    terminal.line(u"  Every 100 ms; the second callback blocks for 350 ms."_s);
    terminal.line();

    Record timer;
    Record scheduled;
    Counters counters;
    {
        const OwnThread timerThread([&](QObject *owner) { beginTimer(owner, timer); });
        const OwnThread scheduledThread(
                [&](QObject *owner) { beginScheduled(owner, scheduled, counters); });
        QEventLoop loop;
        QTimer::singleShot(Length, Qt::PreciseTimer, &loop, &QEventLoop::quit);
        loop.exec();
    }

    terminal.line(terminal.styled(QString(18, u' ') + scale(), Terminal::Style::Dim));
    terminal.line("  QTimer          "_L1 + chart(terminal, timer));
    terminal.line("  ScheduledTimer  "_L1 + chart(terminal, scheduled));
    terminal.line();
    terminal.line(u"  QTimer          %1 calls in %2 intervals, and no word about it;"_s
                          .arg(timer.calls().size())
                          .arg(Length / Interval));
    terminal.line(u"                  the last one came %1 ms off the grid"_s.arg(offGrid(timer)));
    terminal.line(
            u"  ScheduledTimer  %1 ticks + %2 missed (x) = slot %3; ticksMissed() announced %4;"_s
                    .arg(counters.ticks)
                    .arg(counters.missed)
                    .arg(counters.lastIndex)
                    .arg(counters.announced));
    terminal.line(
            u"                  the last one came %1 ms off the grid"_s.arg(offGrid(scheduled)));
}
