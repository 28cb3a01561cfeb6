// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQml
import Tactus

// Part of an application: every ten minutes it probes a server, and if that fails it sends a mail, but
// at most one an hour. It knows nothing of virtual time.
QtObject {
    id: watchdog

    required property var probe // returns a Promise: rejected, if the server does not answer
    required property var sendMail

    readonly property ScheduledTimer timer: ScheduledTimer {
        interval: 10 * 60 * 1000
        running: true
        callback: watchdog.probe
        onErrorOccurred: (tick, message) => watchdog.mails.post(() => watchdog.sendMail(message))
    }
    readonly property SerialRateLimiter mails: SerialRateLimiter {
        rate: 1
        per: 60 * 60 * 1000
        maximumPending: 1 // a second mail about the same trouble helps nobody
    }
}
