// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/ScheduledTimer>

#include <QtCore/qobject.h>

#include <array>

// How long the event loop lets its events wait. A timer on the system clock ticks every few
// milliseconds; what it comes late, any other event would have waited.
class EventLoopPulse : public QObject
{
    Q_OBJECT

public:
    static constexpr std::size_t StepCount = 100;
    static constexpr Tactus::Duration StepLength = std::chrono::milliseconds(100);

    // The longest wait in each step of the past; the last one is the present.
    using History = std::array<Tactus::Duration, StepCount>;

    explicit EventLoopPulse(QObject *parent = nullptr);

    const History &history() const { return m_history; }
    Tactus::Duration longest() const;

private:
    void record(const Tactus::Tick &tick);

    Tactus::ScheduledTimer m_timer;
    History m_history{};
    qint64 m_step = 0;
};
