// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQml
import QtTest
import Tactus

TestCase {
    id: test
    name: "Readme"

    ManualClock { id: time; asDefault: true }
    QtObject {
        id: service
        property int fetches: 0
        function fetch() {
            fetches++
            return Promise.resolve("an answer")
        }
    }
    Component { id: readme; Readme { } }

    function test_pollsEveryFiveSeconds() {
        createTemporaryObject(readme, test, { client: service })
        time.advance(60000)
        compare(service.fetches, 12)
    }
}
