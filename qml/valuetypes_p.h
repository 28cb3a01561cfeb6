// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/ratelimit.h>
#include <Tactus/tick.h>

#include <QtQml/qqml.h>

// The core knows nothing of QML: its value types are registered from here.

namespace Tactus {

struct ForeignTick
{
    Q_GADGET
    QML_FOREIGN(Tactus::Tick)
    QML_VALUE_TYPE(tick)
};

struct ForeignRateLimit
{
    Q_GADGET
    QML_FOREIGN(Tactus::RateLimit)
    QML_VALUE_TYPE(rateLimit)
};

} // namespace Tactus
