// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQml
import Tactus

// As in core.cpp: three ticks, a task for each, and the last task ends the program.
ScheduledTimer {
    id: timer
    property int tasks: 0
    policy: Fixed
    interval: 1
    maximumTicks: 3
    running: true
    callback: () => limiter.push(() => Promise.resolve(timer.tickCount))

    readonly property SerialRateLimiter limiter: SerialRateLimiter {
        id: limiter
        limits: [{ rate: 10, per: 1000 }]
        overflow: DropOldest
        onTaskCompleted: {
            if (++timer.tasks === 3)
                Qt.quit()
        }
    }
}
