// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQml
import QtTest
import Tactus

TestCase {
    id: test
    name: "ManualClock"

    ManualClock {
        id: virtualTime
    }
    Component {
        id: timerComponent
        ScheduledTimer {
            interval: 10
            running: true
        }
    }
    Component {
        id: limiterComponent
        SerialRateLimiter { }
    }
    Component {
        id: clockComponent
        ManualClock { }
    }
    SignalSpy {
        id: nowSpy
        target: virtualTime
        signalName: "nowChanged"
    }

    function init() {
        failOnWarning(/.?/)
    }

    // Whoever adds one writes its tests, and then its name here.
    QtObject {
        id: plainObject
    }
    function test_nothingIsUntested() {
        const names = new Set()
        for (const name in virtualTime)
            names.add(name)
        for (const name in plainObject)
            names.delete(name)
        const properties = "now asDefault"
        for (const name of properties.split(" "))
            verify(names.delete(name + "Changed"), name)
        const methods = "advance advanceTo advanceToNext elapse pendingWakeUps"
        compare([...names].sort(), [properties, methods].join(" ").split(" ").sort())
    }

    function test_startsAtZeroAndStands() {
        const clock = createTemporaryObject(clockComponent, test)
        compare(clock.now, 0)
        wait(5)
        compare(clock.now, 0)
        compare(clock.pendingWakeUps(), 0)
    }

    function test_advance() {
        const clock = createTemporaryObject(clockComponent, test)
        const timer = createTemporaryObject(timerComponent, test, { clock: clock })
        const instants = []
        timer.tick.connect(() => instants.push(clock.now))
        clock.advance(25)
        compare(instants, [10, 20])
        compare(clock.now, 25)
        clock.advance(0.5)
        compare(clock.now, 25.5)
        clock.advanceTo(30)
        compare(instants, [10, 20, 30])
        compare(clock.pendingWakeUps(), 1)
    }

    function test_advanceToNext() {
        const clock = createTemporaryObject(clockComponent, test)
        compare(clock.advanceToNext(), false)
        const timer = createTemporaryObject(timerComponent, test, { clock: clock, maximumTicks: 3 })
        let steps = 0
        while (clock.advanceToNext())
            steps++
        compare(steps, 3)
        compare(clock.now, 30)
        compare(timer.running, false)
    }

    function test_elapse() {
        const clock = createTemporaryObject(clockComponent, test)
        const timer = createTemporaryObject(timerComponent, test, { clock: clock })
        clock.elapse(35)
        compare(clock.now, 35)
        compare(timer.tickCount, 0)
        clock.advance(0)
        compare(timer.tickCount, 1)
        compare(timer.missedCount, 2)
    }

    function test_nowNotifies() {
        nowSpy.clear()
        virtualTime.advance(1)
        virtualTime.elapse(1)
        virtualTime.advanceTo(virtualTime.now + 1)
        compare(nowSpy.count, 3)
        virtualTime.advanceToNext()
        compare(nowSpy.count, 3)
    }

    function test_advanceDeliversPromises() {
        let settled = false
        Promise.resolve().then(() => Promise.resolve()).then(() => settled = true)
        virtualTime.advance(0)
        compare(settled, true)
    }

    function test_nestedAdvanceIsRefused() {
        const timer = createTemporaryObject(timerComponent, test, { clock: virtualTime })
        timer.tick.connect(() => virtualTime.advance(10))
        ignoreWarning(/ManualClock::advance was called while the clock is being advanced/)
        virtualTime.advance(10)
    }

    function test_clockCannotBeChangedWhileRunning() {
        const clock = createTemporaryObject(clockComponent, test)
        const timer = createTemporaryObject(timerComponent, test, { clock: virtualTime })
        ignoreWarning(/tst_manualclock\.qml:\d+:\d+: QML ScheduledTimer: clock cannot be changed while the timer is running or busy - ignored/)
        timer.clock = clock
        compare(timer.clock, virtualTime)
        timer.stop()
        timer.clock = clock
        compare(timer.clock, clock)
        timer.clock = null
        compare(timer.clock, null)
    }

    function test_clockCannotBeChangedWhileThereAreTasks() {
        const limiter = createTemporaryObject(limiterComponent, test, { clock: virtualTime, paused: true })
        let changes = 0
        limiter.clockChanged.connect(() => changes++)
        limiter.push(() => {}).catch(() => {})
        ignoreWarning(/tst_manualclock\.qml:\d+:\d+: QML SerialRateLimiter: clock cannot be changed while there are tasks - ignored/)
        limiter.clock = null
        compare(limiter.clock, virtualTime)
        limiter.clear()
        limiter.clock = null
        compare(limiter.clock, null)
        compare(changes, 1)
    }

    function test_asDefault() {
        const clock = createTemporaryObject(clockComponent, test, { asDefault: true })
        compare(clock.asDefault, true)
        const timer = createTemporaryObject(timerComponent, test)
        const limiter = createTemporaryObject(limiterComponent, test)
        compare(timer.clock, null) // nobody has given it one
        clock.advance(20)
        compare(timer.tickCount, 2)
        compare(limiter.now(), 20)

        const other = createTemporaryObject(clockComponent, test, { asDefault: true })
        compare(clock.asDefault, false)
        compare(other.asDefault, true)
        clock.asDefault = false // it is not any more, so this changes nothing
        compare(other.asDefault, true)
        other.asDefault = false
        compare(other.asDefault, false)
        const real = createTemporaryObject(timerComponent, test)
        other.advance(1000)
        compare(real.tickCount, 0)
    }

    function test_asDefaultNotifies() {
        const log = []
        const first = createTemporaryObject(clockComponent, test)
        const second = createTemporaryObject(clockComponent, test)
        first.asDefaultChanged.connect(() => log.push("first " + first.asDefault))
        second.asDefaultChanged.connect(() => log.push("second " + second.asDefault))
        first.asDefault = true
        first.asDefault = true
        second.asDefault = true
        tryCompare(log, "length", 3)
        second.asDefault = false
        compare(log, ["first true", "second true", "first false", "second false"])
    }

    function test_nowIsReadOnly() {
        const name = "now" // as it is, qmllint would see it
        let error
        try {
            virtualTime[name] = 5
        } catch (e) {
            error = e
        }
        verify(error.message.includes("read-only"))
    }

    function test_destroyedBeforeItsUsers() {
        const clock = clockComponent.createObject(test, { asDefault: true })
        const timer = createTemporaryObject(timerComponent, test, { clock: clock })
        const byDefault = createTemporaryObject(timerComponent, test)
        clock.destroy()
        tryVerify(() => timer.clock === null)
        compare(timer.running, true)
        timer.stop()
        timer.start()
        byDefault.restart()
        timer.stop()
        timer.clock = virtualTime
        timer.start()
        virtualTime.advance(10)
        compare(timer.tickCount, 1)
    }

    function test_badSteps_data() {
        return [
            { tag: "-1", value: -1, got: "-1" }, { tag: "NaN", value: NaN, got: "nan" },
            { tag: "Infinity", value: Infinity, got: "inf" },
            { tag: "1e300", value: 1e300, got: "1e\\+300" }
        ]
    }
    function test_badSteps(data) {
        const before = virtualTime.now
        const place = "tst_manualclock\\.qml:\\d+:\\d+: QML ManualClock: "
        for (const method of ["advance", "advanceTo", "elapse"]) {
            ignoreWarning(new RegExp(place + method + "\\(\\) wants .*, got " + data.got + " - ignored"))
            virtualTime[method](data.value)
        }
        compare(virtualTime.now, before)
    }

    function test_thePastIsRefused() {
        const clock = createTemporaryObject(clockComponent, test)
        clock.advance(10)
        ignoreWarning(/tst_manualclock\.qml:\d+:\d+: QML ManualClock: advanceTo\(\) wants an instant that is not in the past, got 5 - ignored/)
        clock.advanceTo(5)
        compare(clock.now, 10)
    }
}
