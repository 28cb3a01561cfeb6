// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import Tactus

ScheduledTimer {
    id: timer
    policy: Fixed
    interval: 5
    maximumTicks: 3
    running: true
    callback: () => timer.limiter.push(() => Promise.resolve(timer.tickCount))
    property SerialRateLimiter limiter: SerialRateLimiter {
        limits: [{ rate: 10, per: 100 }]
        overflow: DropOldest
    }
}
