// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include "wakesource_p.h"

#include <QtCore/qsocketnotifier.h>

namespace Tactus {

// The kernel's own timer as a file descriptor: exact to some ten microseconds at every distance,
// and, unlike the waits of the event loop, not subject to the thread's timer slack.
class TimerFd final : public WakeSource
{
public:
    // Null, and once a warning, where there is no descriptor to be had.
    static std::unique_ptr<TimerFd> make(Owner *owner);
    ~TimerFd() override;

    void arm(Instant instant) override;
    void disarm() override;
    bool isArmed() const override { return m_isSet; }
    Instant latestFor(Instant due, Duration tolerance) const override;

private:
    class Notifier final : public QSocketNotifier
    {
    public:
        explicit Notifier(TimerFd *timer);
        bool event(QEvent *event) override;

    private:
        TimerFd *const m_timer;
    };

    TimerFd(int descriptor, Owner *owner);

    const int m_descriptor;
    Owner *const m_owner;
    Notifier m_notifier;
    bool m_isSet = false;
    bool m_isReady = false; // and stays so until it is set
};

} // namespace Tactus
