// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/Clock>
#include <Tactus/ManualClock>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qtimer.h>

#include <chrono>

// The option --virtual of the examples that take seconds. Without it they run in real time. With it
// time is virtual: it leaps to the next wake-up whenever the program has nothing left to do, so that
// seconds pass in milliseconds, and every run is like the one before.
//
// Make it before the timers and limiters: they take the clock that is the default when they are made.
class ClockOption
{
public:
    ClockOption()
    {
        if (!QCoreApplication::arguments().contains(QLatin1String("--virtual")))
            return;
        Tactus::Clock::setDefault(&m_virtualTime);
        QObject::connect(&m_idle, &QTimer::timeout, &m_idle,
                         [this] { m_virtualTime.advanceToNext(); });
        m_idle.start(std::chrono::milliseconds::zero());
    }
    ~ClockOption() { Tactus::Clock::setDefault(nullptr); }

private:
    Q_DISABLE_COPY_MOVE(ClockOption)
    Tactus::ManualClock m_virtualTime;
    QTimer m_idle;
};
