// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQml
import QtTest
import Tactus

// The recipes of the cookbook that are in QML.
TestCase {
    id: test
    name: "Cookbook"

    ManualClock { id: time; asDefault: true }
    QtObject {
        id: server
        property int fetches: 0
        property bool isDown: false
        property var searches: []
        function fetch(path) {
            fetches++
            return isDown ? Promise.reject(new Error("no answer")) : Promise.resolve(21.5)
        }
        function find(text) {
            searches.push(text)
            return Promise.resolve([text])
        }
    }
    Component { id: temperature; Temperature { } }
    Component { id: search; Search { } }

    function test_poll() {
        const shown = createTemporaryObject(temperature, test, { service: server })
        time.advance(0)
        compare(shown.celsius, 21.5)
        server.isDown = true
        time.advance(10000)
        verify(shown.problem.includes("no answer"))
        compare(shown.celsius, 21.5)
        server.isDown = false
        time.advance(50000)
        compare(shown.problem, "")
        compare(server.fetches, 7)
    }

    function test_search() {
        const field = createTemporaryObject(search, test, { service: server })
        for (const text of ["t", "ta", "tac", "tact", "tactu", "tactus"]) {
            field.find(text)
            time.advance(100)
        }
        time.advance(1000)
        compare(field.results, ["tactus"])
        compare(server.searches, ["t", "ta", "tactus"])
    }
}
