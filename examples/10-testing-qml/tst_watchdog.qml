// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQml
import QtTest
import Tactus

TestCase {
    id: test
    name: "Watchdog"

    readonly property int minute: 60 * 1000
    readonly property int hour: 60 * minute

    // What is created from now on lives in virtual time.
    ManualClock {
        id: clock
        asDefault: true
    }
    Component {
        id: component
        Watchdog { }
    }

    property var mails: []

    function watch(probe: var): Watchdog {
        mails = []
        return createTemporaryObject(component, test, {
            probe: probe,
            sendMail: text => mails.push(text)
        })
    }

    function test_sixProbesAnHour() {
        let probes = 0
        watch(() => Promise.resolve(++probes))
        clock.advance(24 * hour)
        compare(probes, 24 * 6)
        compare(mails.length, 0)
    }

    function test_oneMailAnHour() {
        watch(() => Promise.reject("no answer"))
        clock.advance(10 * minute - 1)
        compare(mails.length, 0)
        clock.advance(1) // the first probe fails
        compare(mails.length, 1)
        verify(mails[0].endsWith("no answer"))
        clock.advance(hour - 1)
        compare(mails.length, 1)
        clock.advance(1)
        compare(mails.length, 2)
    }

    function test_slowProbe() {
        let answer
        const watchdog = watch(() => new Promise(resolve => answer = resolve))
        clock.advance(35 * minute) // due at 10 and unanswered, while 20 and 30 come and go
        compare(watchdog.timer.busy, true)
        answer()
        clock.advance(5 * minute)
        compare(watchdog.timer.tickCount, 2)
        compare(watchdog.timer.missedCount, 2)
    }
}
