// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import Tactus

// An application's component, which knows nothing of virtual time.
ScheduledTimer {
    property int refreshCount: 0
    interval: 60000
    running: true
    callback: () => refreshCount++
}
