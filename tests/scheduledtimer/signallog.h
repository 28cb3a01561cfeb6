// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/scheduledtimer.h>

#include <QtCore/qstringlist.h>

#include <array>
#include <functional>
#include <initializer_list>
#include <utility>

// A signal of ScheduledTimer, by name and as something to connect to.
struct TimerSignal
{
    const char *name;
    void (*connect)(Tactus::ScheduledTimer *timer, QObject *context, std::function<void()> handler);
};

template <auto Signal>
void connectHandler(Tactus::ScheduledTimer *timer, QObject *context, std::function<void()> handler)
{
    QObject::connect(timer, Signal, context, [handler = std::move(handler)] { handler(); });
}

// Every signal there is, for tests that do something in each of them.
inline constexpr std::array timerSignals = {
    TimerSignal{ "tick", connectHandler<&Tactus::ScheduledTimer::tick> },
    TimerSignal{ "completed", connectHandler<&Tactus::ScheduledTimer::completed> },
    TimerSignal{ "errorOccurred", connectHandler<&Tactus::ScheduledTimer::errorOccurred> },
    TimerSignal{ "timedOut", connectHandler<&Tactus::ScheduledTimer::timedOut> },
    TimerSignal{ "ticksMissed", connectHandler<&Tactus::ScheduledTimer::ticksMissed> },
    TimerSignal{ "started", connectHandler<&Tactus::ScheduledTimer::started> },
    TimerSignal{ "stopped", connectHandler<&Tactus::ScheduledTimer::stopped> },
    TimerSignal{ "intervalChanged", connectHandler<&Tactus::ScheduledTimer::intervalChanged> },
    TimerSignal{ "policyChanged", connectHandler<&Tactus::ScheduledTimer::policyChanged> },
    TimerSignal{ "errorPolicyChanged", connectHandler<&Tactus::ScheduledTimer::errorPolicyChanged> },
    TimerSignal{ "runningChanged", connectHandler<&Tactus::ScheduledTimer::runningChanged> },
    TimerSignal{ "busyChanged", connectHandler<&Tactus::ScheduledTimer::busyChanged> },
    TimerSignal{ "triggeredOnStartChanged",
                 connectHandler<&Tactus::ScheduledTimer::triggeredOnStartChanged> },
    TimerSignal{ "maximumTicksChanged",
                 connectHandler<&Tactus::ScheduledTimer::maximumTicksChanged> },
    TimerSignal{ "callbackTimeoutChanged",
                 connectHandler<&Tactus::ScheduledTimer::callbackTimeoutChanged> },
    TimerSignal{ "toleranceChanged", connectHandler<&Tactus::ScheduledTimer::toleranceChanged> },
    TimerSignal{ "tickCountChanged", connectHandler<&Tactus::ScheduledTimer::tickCountChanged> },
    TimerSignal{ "missedCountChanged", connectHandler<&Tactus::ScheduledTimer::missedCountChanged> },
};

inline QStringList lines(std::initializer_list<const char *> texts)
{
    QStringList list;
    for (const char *text : texts)
        list.append(QString::fromUtf8(text));
    return list;
}

// Writes down what a timer emits, a line a signal, with what it carries or announces.
class SignalLog
{
public:
    explicit SignalLog(Tactus::ScheduledTimer *timer)
    {
        using Tactus::ScheduledTimer;
        using Tactus::Tick;
        const auto on = [this, timer](auto signal, auto text) {
            QObject::connect(timer, signal, &m_receiver, [this, text](const auto &...arguments) {
                m_lines.append(text(arguments...));
            });
        };
        const auto plain = [on](auto signal, const char *name) {
            on(signal, [name] { return QString::fromUtf8(name); });
        };
        on(&ScheduledTimer::tick, [](const Tick &tick) {
            const QString line = QStringLiteral("tick %1").arg(tick.index());
            return tick.missed() ? line + QStringLiteral(" missed %1").arg(tick.missed()) : line;
        });
        on(&ScheduledTimer::completed,
           [](const Tick &tick) { return QStringLiteral("completed %1").arg(tick.index()); });
        on(&ScheduledTimer::errorOccurred, [](const Tick &tick, const QString &message) {
            return QStringLiteral("errorOccurred %1 %2").arg(tick.index()).arg(message);
        });
        on(&ScheduledTimer::timedOut,
           [](const Tick &tick) { return QStringLiteral("timedOut %1").arg(tick.index()); });
        on(&ScheduledTimer::ticksMissed,
           [](qint64 count) { return QStringLiteral("ticksMissed %1").arg(count); });
        on(&ScheduledTimer::runningChanged, [timer] {
            return timer->isRunning() ? QStringLiteral("running") : QStringLiteral("not running");
        });
        on(&ScheduledTimer::busyChanged, [timer] {
            return timer->isBusy() ? QStringLiteral("busy") : QStringLiteral("not busy");
        });
        on(&ScheduledTimer::tickCountChanged,
           [timer] { return QStringLiteral("tickCount %1").arg(timer->tickCount()); });
        on(&ScheduledTimer::missedCountChanged,
           [timer] { return QStringLiteral("missedCount %1").arg(timer->missedCount()); });
        plain(&ScheduledTimer::started, "started");
        plain(&ScheduledTimer::stopped, "stopped");
        plain(&ScheduledTimer::intervalChanged, "intervalChanged");
        plain(&ScheduledTimer::policyChanged, "policyChanged");
        plain(&ScheduledTimer::errorPolicyChanged, "errorPolicyChanged");
        plain(&ScheduledTimer::triggeredOnStartChanged, "triggeredOnStartChanged");
        plain(&ScheduledTimer::maximumTicksChanged, "maximumTicksChanged");
        plain(&ScheduledTimer::callbackTimeoutChanged, "callbackTimeoutChanged");
        plain(&ScheduledTimer::toleranceChanged, "toleranceChanged");
    }

    void note(const char *text) { m_lines.append(QString::fromUtf8(text)); }
    const QStringList &all() const { return m_lines; }
    QStringList take() { return std::exchange(m_lines, {}); }

private:
    QStringList m_lines;
    QObject m_receiver; // first to go: nothing is written into lines that are gone
};
