// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQml
import QtTest
import Tactus

// The examples of the documentation, word for word, on virtual time.
TestCase {
    id: test
    name: "Snippets"

    ManualClock {
        id: time
        asDefault: true
    }

    Component {
        id: timerSnippet
        ScheduledTimer {
            property int fetched: 0
            function fetchSomething() {
                fetched++
                return Promise.resolve()
            }

            interval: 1000            // real, milliseconds
            policy: Fixed             // also ScheduledTimer.Fixed, ScheduledTimer.Policy.Fixed
            running: true             // waits for component completion
            onTick: (tick) => console.log(tick.index, tick.lateness)
            callback: () => fetchSomething()      // may return a Promise: it is awaited
        }
    }
    function test_timer() {
        const timer = createTemporaryObject(timerSnippet, test)
        compare(timer.running, true)
        time.advance(2000)
        compare(timer.fetched, 2)
        compare(timer.policy, ScheduledTimer.Fixed)
    }

    ScheduledTimer {
        id: qualified
        policy: ScheduledTimer.Delay
    }
    ScheduledTimer {
        id: scoped
        policy: ScheduledTimer.Policy.Delay
        errorPolicy: ScheduledTimer.ErrorPolicy.Stop
    }
    ScheduledTimer {
        id: bare
        policy: Delay
        errorPolicy: Stop
    }
    function test_spellingsOfAPolicy() {
        compare(qualified.policy, ScheduledTimer.Delay)
        compare(scoped.policy, ScheduledTimer.Delay)
        compare(bare.policy, ScheduledTimer.Delay)
        compare(scoped.errorPolicy, ScheduledTimer.Stop)
        compare(bare.errorPolicy, ScheduledTimer.Stop)
    }

    SerialRateLimiter {
        id: limiter
        rate: 10
        per: 1000                 // or limits: [{ rate: 10, per: 1000 }, { rate: 100, per: 60000 }]
    }
    function test_limiter() {
        let value = 0
        limiter.push(() => 42).then(result => value = result)
        limiter.push(() => Promise.resolve(1)).then(result => value += result)
        time.advance(0)
        compare(value, 43)
        limiter.limits = [{ rate: 10, per: 1000 }, { rate: 100, per: 60000 }]
        compare(limiter.limits.length, 2)
    }

    SerialRateLimiter {
        id: cancelable
        rate: 10
    }
    QtObject {
        id: button
        signal clicked()
    }
    function test_cancel() {
        const limiter = cancelable
        const outcomes = []
        const request = place => new Promise(resolve => resolve(place))
        const show = value => outcomes.push(value)
        const complain = error => outcomes.push(error.name)
        const pushAnother = () => {
            const answer = limiter.push(() => request("/weather"))
            answer.then(show, error => complain(error))
            button.clicked.connect(() => answer.cancel())
        }
        pushAnother()
        time.advance(0)
        pushAnother()
        button.clicked()
        time.advance(0)
        compare(outcomes, ["/weather", "CanceledError"])
    }

    // The example of ManualClock.
    ManualClock { id: clock }
    ScheduledTimer {
        id: heartbeat
        clock: clock
        interval: 1000
        onTick: beats++
        property int beats: 0
    }
    function test_beatsOnceASecond() {
        heartbeat.start()
        clock.advance(3500)
        compare(heartbeat.beats, 3)
        compare(clock.now, 3500)
    }
}
