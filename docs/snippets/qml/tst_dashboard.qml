// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

//! [test]
import QtQml
import QtTest
import Tactus

TestCase {
    name: "Dashboard"

    ManualClock { id: clock; asDefault: true }
    Component { id: dashboard; Dashboard { } }

    function test_refreshesEveryMinute() {
        const shown = createTemporaryObject(dashboard, this)
        clock.advance(60000)
        compare(shown.refreshCount, 1)
    }
}
//! [test]
