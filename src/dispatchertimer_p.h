// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include "wakesource_p.h"

#include <QtCore/qbasictimer.h>
#include <QtCore/qobject.h>

namespace Tactus {

// The portable source: a timer of Qt's event dispatcher, such as QTimer uses. Up to Qt 6.9 at least
// all of Qt's dispatchers wait in whole milliseconds, also where they are asked in nanoseconds.
class DispatcherTimer final
    : public QObject
    , public WakeSource
{
public:
    explicit DispatcherTimer(Owner *owner);

    void arm(Instant instant) override;
    void disarm() override { m_timer.stop(); }
    bool isArmed() const override { return m_timer.isActive(); }
    Instant latestFor(Instant due, Duration tolerance) const override;

protected:
    void timerEvent(QTimerEvent *event) override;

private:
    Owner *const m_owner;
    QBasicTimer m_timer;
};

} // namespace Tactus
