// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQml
import Tactus

// What qmllint has to find.
ScheduledTimer {
    interval: "abc"
}
