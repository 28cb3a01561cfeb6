// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQml
import QtTest
import Tactus

// The code in the descriptions of the types.
TestCase {
    id: test
    name: "Reference"

    ManualClock {
        id: time
        asDefault: true
    }

    QtObject {
        id: client
        property int fetches: 0
        function fetch() {
            fetches++
            return Promise.resolve()
        }
    }
    QtObject {
        id: device
        property bool isClosed: false
        function close() {
            isClosed = true
        }
    }
    //! [timer]
    ScheduledTimer {
        id: timer
        interval: 1000            // real, milliseconds
        policy: Fixed             // or Delay
        running: true             // from the completion of the component on
        onTick: (tick) => console.log(tick.index, tick.lateness)
        callback: () => client.fetch()        // may return a Promise: it is awaited
    }
    //! [timer]
    function test_timer() {
        compare(timer.running, true)
        const before = client.fetches
        time.advance(2000)
        compare(client.fetches, before + 2)
        compare(timer.policy, ScheduledTimer.Fixed)
        //! [stop]
        timer.stop().then(() => device.close())
        //! [stop]
        time.advance(0)
        compare(device.isClosed, true)
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

    //! [limiter]
    SerialRateLimiter {
        id: limiter
        rate: 10
        per: 1000                 // or limits: [{ rate: 10, per: 1000 }, { rate: 100, per: 60000 }]
    }
    //! [limiter]
    property var shown
    property var complaint
    function request(path) {
        return path === "/weather" ? Promise.resolve("fine") : Promise.reject(new Error("no such page"))
    }
    function show(answer) {
        shown = answer
    }
    function complain(error) {
        complaint = error
    }
    function test_push() {
        //! [push]
        limiter.push(() => request("/weather"))     // a function that returns a value or a Promise
               .then(answer => show(answer), error => complain(error))
        //! [push]
        limiter.push(() => request("/traffic"))
               .then(answer => show(answer), error => complain(error))
        time.advance(0)
        compare(shown, "fine")
        compare(complaint.message, "no such page")
    }

    QtObject {
        id: button
        signal clicked()
    }
    SerialRateLimiter {
        id: slow
        per: 1000
    }
    function test_cancel() {
        slow.push(() => 1)
        complaint = undefined
        const limiter = slow
        //! [cancel]
        const answer = limiter.push(() => request("/weather"))
        answer.then(show, error => complain(error))
        button.clicked.connect(() => answer.cancel())
        //! [cancel]
        time.advance(500)
        button.clicked()
        time.advance(1000)
        compare(complaint.name, "CanceledError")
        compare(slow.canceledCount, 1)
    }

    SerialRateLimiter {
        id: several
        //! [limits]
        limits: [{ rate: 10, per: 1000 }, { rate: 1000, per: 3600000 }]
        //! [limits]
    }
    function test_limits() {
        compare(several.limits.length, 2)
        compare(several.rate, 10)
        compare(several.limits[1].per, 3600000)
    }

    ManualClock { id: clock }
    ScheduledTimer {
        id: slowly
        clock: clock
        interval: 10
        //! [elapse]
        onTick: clock.elapse(30)    // a slow handler
        //! [elapse]
    }
    SerialRateLimiter {
        id: queue
        clock: clock
        rate: 1
        per: 60000
    }
    function test_elapse() {
        slowly.start()
        clock.advance(100)
        compare(slowly.missedCount, 6)
        slowly.stop()
    }
    function test_advanceToNext() {
        const begin = clock.now
        for (let i = 0; i < 10; ++i)
            queue.post(() => i)
        //! [advance to next]
        while (clock.advanceToNext()) { }   // everything there is to run
        //! [advance to next]
        compare(clock.now - begin, 9 * 60000)
    }
}
