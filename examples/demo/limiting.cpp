// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "limiting.h"

#include "audit.h"
#include "terminal.h"

#include <Tactus/Clock>
#include <Tactus/ScheduledTimer>
#include <Tactus/SerialRateLimiter>

#include <QtConcurrent/qtconcurrentrun.h>
#include <QtCore/qeventloop.h>
#include <QtCore/qfuture.h>
#include <QtCore/qpromise.h>
#include <QtCore/qtimer.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using Tactus::Clock;
using Tactus::SerialRateLimiter;

namespace {

constexpr int Rate = 5;
constexpr auto Per = 1s;
constexpr auto Cell = 100ms; // of the chart
constexpr int CellsPerSecond = 1s / Cell;
constexpr int Cells = 36;

enum class Kind { Value, Promise, Thread, Failing };

struct Task
{
    Kind kind;
    std::chrono::milliseconds length;
};

constexpr Task Tasks[] = {
    { Kind::Value, 0ms },     { Kind::Value, 0ms },    { Kind::Promise, 300ms },
    { Kind::Value, 0ms },     { Kind::Thread, 200ms }, { Kind::Value, 0ms },
    { Kind::Value, 0ms },     { Kind::Failing, 0ms },  { Kind::Promise, 400ms },
    { Kind::Value, 0ms },     { Kind::Thread, 300ms }, { Kind::Value, 0ms },
    { Kind::Promise, 200ms }, { Kind::Value, 0ms },    { Kind::Value, 0ms },
};

QString describe(const Task &task)
{
    switch (task.kind) {
    case Kind::Value:
        return u"a plain value"_s;
    case Kind::Promise:
        return u"QPromise, %1 ms"_s.arg(task.length.count());
    case Kind::Thread:
        return u"QtConcurrent, %1 ms"_s.arg(task.length.count());
    case Kind::Failing:
        return u"throws"_s;
    }
    return {};
}

// When a task began, and when it ended: the last thing that a task does is to note that itself.
// For the audit any instant inside the execution will do; one noted afterwards would not.
struct Times
{
    Clock::Instant begin;
    Clock::Instant end;
};

class Trial : public QObject
{
public:
    explicit Trial(Terminal &terminal);

    void run();
    bool audit() const;

private:
    void push(std::size_t index);
    void report(qint64 id, const QString &failure);
    QString chart(const Times &times, bool failed) const;
    QString status() const;
    qint64 mostAtOnce() const;

    Terminal &m_terminal;
    SerialRateLimiter m_limiter{ Rate, Per };
    Clock::Instant m_start = m_limiter.clock()->now();
    std::vector<Times> m_times{ std::size(Tasks) };
    std::vector<qint64> m_order;
    std::vector<QFuture<void>> m_futures;
};

Trial::Trial(Terminal &terminal)
    : m_terminal(terminal)
{
    connect(&m_limiter, &SerialRateLimiter::taskStarted, this, [this](qint64 id) {
        m_order.push_back(id);
        m_times[static_cast<std::size_t>(id - 1)].begin = m_limiter.clock()->now();
    });
    connect(&m_limiter, &SerialRateLimiter::taskCompleted, this,
            [this](qint64 id) { report(id, {}); });
    connect(&m_limiter, &SerialRateLimiter::taskFailed, this, &Trial::report);
}

void Trial::push(std::size_t index)
{
    const std::chrono::milliseconds length = Tasks[index].length;
    const auto noteEnd = [this, index] { m_times[index].end = m_limiter.clock()->now(); };

    switch (Tasks[index].kind) {
    case Kind::Value:
        m_futures.emplace_back(m_limiter.push([noteEnd] {
            noteEnd();
            return 42;
        }));
        break;
    case Kind::Promise:
        m_futures.emplace_back(m_limiter.push([this, noteEnd, length] {
            const auto promise = std::make_shared<QPromise<void>>();
            promise->start();
            QTimer::singleShot(length, Qt::PreciseTimer, this, [noteEnd, promise] {
                noteEnd();
                promise->finish();
            });
            return promise->future();
        }));
        break;
    case Kind::Thread:
        m_futures.emplace_back(m_limiter.push([noteEnd, length] {
            return QtConcurrent::run([noteEnd, length] {
                std::this_thread::sleep_for(length);
                noteEnd();
            });
        }));
        break;
    case Kind::Failing:
        m_futures.emplace_back(m_limiter.push([noteEnd] {
            noteEnd();
            throw std::runtime_error("connection refused");
        }));
        break;
    }
}

void Trial::run()
{
    for (std::size_t index = 0; index < std::size(Tasks); ++index)
        push(index);

    QEventLoop loop;
    connect(&m_limiter, &SerialRateLimiter::drained, &loop, &QEventLoop::quit);
    Tactus::every(50ms, &loop, [this] { m_terminal.redraw({ QString(), status() }); });
    loop.exec();
    m_terminal.line();
}

void Trial::report(qint64 id, const QString &failure)
{
    const auto index = static_cast<std::size_t>(id - 1);
    const bool failed = !failure.isEmpty();
    const QString when = milliseconds(m_times[index].end - m_start, 0).rightJustified(7) + " ms"_L1;
    const QString what = (failed ? failure : describe(Tasks[index])).leftJustified(23);
    const QString number = QString::number(id).rightJustified(4);
    m_terminal.line(when + number + "  "_L1
                    + (failed ? m_terminal.styled(what, Terminal::Style::Bad) : what)
                    + chart(m_times[index], failed));
}

// When the task ran, on a scale of time that is marked every second.
QString Trial::chart(const Times &times, bool failed) const
{
    const auto cellOf = [this](Clock::Instant instant) {
        return std::clamp(static_cast<int>((instant - m_start) / Cell), 0, Cells - 1);
    };
    QString cells(Cells, u' ');
    for (int second = 0; second < Cells; second += CellsPerSecond)
        cells.replace(second, 1, m_terminal.symbol(u'\u2502', '|'));
    for (int cell = cellOf(times.begin); cell < cellOf(times.end); ++cell)
        cells.replace(cell, 1, m_terminal.symbol(u'\u2592', '='));

    const int last = cellOf(times.end);
    const QString mark = failed ? u"x"_s : m_terminal.symbol(u'\u25cf', 'o');
    return cells.left(last)
           + m_terminal.styled(mark, failed ? Terminal::Style::Bad : Terminal::Style::Good)
           + cells.mid(last + 1);
}

QString Trial::status() const
{
    const QString waiting = u"%1 waiting"_s.arg(m_limiter.pendingCount());
    const QString wait = milliseconds(m_limiter.estimatedWait(), 0);
    const QString state = m_limiter.isBusy() ? u"  task %1 runs, "_s.arg(m_order.back()) : u"  "_s;
    return m_terminal.styled(state + waiting + "; one more could start in "_L1 + wait + " ms"_L1,
                             Terminal::Style::Dim);
}

qint64 Trial::mostAtOnce() const
{
    qint64 most = 0;
    for (const Times &one : m_times) {
        most = std::max<qint64>(
                most, std::count_if(m_times.begin(), m_times.end(), [&](const Times &other) {
                    return other.begin <= one.begin && one.begin <= other.end;
                }));
    }
    return most;
}

bool Trial::audit() const
{
    QList<Clock::Instant> ends;
    for (const Times &times : m_times)
        ends.append(times.end);
    const FullestWindow fullest = fullestWindow(ends, Per);
    const qint64 atOnce = mostAtOnce();
    const bool inOrder = std::is_sorted(m_order.begin(), m_order.end());
    const auto finished = std::count_if(m_futures.begin(), m_futures.end(),
                                        [](const auto &future) { return future.isFinished(); });
    const auto all = static_cast<qint64>(std::size(Tasks));

    bool passed = true;
    const auto check = [this, &passed](bool holds, const QString &what) {
        const QString verdict = holds ? m_terminal.styled(u"holds"_s, Terminal::Style::Good)
                                      : m_terminal.styled(u"BROKEN"_s, Terminal::Style::Bad);
        m_terminal.line("  "_L1 + what.leftJustified(66) + verdict);
        passed = passed && holds;
    };
    m_terminal.line(u"  The audit, from the times that the tasks noted:"_s);
    check(fullest.count <= Rate,
          u"fullest window of 1 s: %1 tasks, from %2 ms on; allowed %3"_s.arg(fullest.count)
                  .arg(milliseconds(fullest.begin - m_start, 0))
                  .arg(Rate));
    check(atOnce == 1, u"tasks at the same time, at most: %1; allowed 1"_s.arg(atOnce));
    check(inOrder, u"started in the order of push(): %1"_s.arg(inOrder ? "yes"_L1 : "no"_L1));
    check(finished == all && m_limiter.completedCount() + m_limiter.failedCount() == all,
          u"futures finished: %1 of %2, results: %3, errors: %4"_s.arg(finished)
                  .arg(all)
                  .arg(m_limiter.completedCount())
                  .arg(m_limiter.failedCount()));
    return passed;
}

QString scale()
{
    QString text;
    for (int cell = 0; cell < Cells; cell += CellsPerSecond)
        text += QString::number(cell / CellsPerSecond).leftJustified(CellsPerSecond);
    return text.trimmed() + " s"_L1;
}

} // namespace

bool showLimiting(Terminal &terminal)
{
    terminal.heading(u"3  Five a second"_s);
    terminal.line(u"  15 tasks, one at a time; those that return a QFuture are waited for."_s);
    terminal.line();
    terminal.line(terminal.styled("     ends task                         "_L1 + scale(),
                                  Terminal::Style::Dim));

    Trial trial(terminal);
    trial.run();
    return trial.audit();
}
