// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// The QML in README.md.
//! [readme]
import Tactus

ScheduledTimer {
    required property var client

    interval: 5000                          // milliseconds
    policy: Delay                           // counted from the end of the callback before
    running: true
    callback: () => limiter.push(() => client.fetch())      // a Promise: it is awaited
    onTick: (tick) => console.log(tick.index, tick.missed, tick.lateness)

    property SerialRateLimiter limiter: SerialRateLimiter { rate: 100; per: 60000 }
}
//! [readme]
