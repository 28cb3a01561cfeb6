// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/clock.h>

#include <QtCore/qglobal.h>

namespace Tactus {

class ManualClockPrivate;

class TACTUS_EXPORT ManualClock : public Clock
{
public:
    explicit ManualClock(Instant start = Instant{});
    ~ManualClock() override;

    Instant now() const override;

    void advance(Duration step);
    void advanceTo(Instant instant);
    bool advanceToNext();
    void elapse(Duration step);
    qsizetype pendingWakeUps() const;

private:
    ManualClockPrivate *manual() const;
};

} // namespace Tactus
