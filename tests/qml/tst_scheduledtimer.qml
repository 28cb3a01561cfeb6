// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQml
import QtTest
import Tactus

// Every property, method and signal, on virtual time.
TestCase {
    id: test
    name: "ScheduledTimer"

    ManualClock {
        id: virtualTime
    }
    Component {
        id: component
        ScheduledTimer { }
    }
    SignalSpy {
        id: spy
    }

    function init() {
        failOnWarning(/.?/)
    }

    function make(properties) {
        return createTemporaryObject(component, test, Object.assign({ clock: virtualTime }, properties))
    }

    // What a timer tells, in order.
    function logOf(timer) {
        const log = []
        timer.tick.connect(tick => log.push("tick " + tick.index))
        timer.completed.connect(tick => log.push("completed " + tick.index))
        timer.errorOccurred.connect((tick, message) => log.push("error " + tick.index + " " + message))
        timer.timedOut.connect(tick => log.push("timedOut " + tick.index))
        timer.ticksMissed.connect(count => log.push("missed " + count))
        timer.started.connect(() => log.push("started"))
        timer.stopped.connect(() => log.push("stopped"))
        return log
    }

    function test_defaults() {
        const timer = createTemporaryObject(component, test)
        compare(timer.interval, 1000)
        compare(timer.policy, ScheduledTimer.Fixed)
        compare(timer.errorPolicy, ScheduledTimer.Continue)
        compare(timer.running, false)
        compare(timer.busy, false)
        compare(timer.triggeredOnStart, false)
        compare(timer.maximumTicks, 0)
        compare(timer.callbackTimeout, 0)
        compare(timer.tolerance, 1)
        compare(timer.tickCount, 0)
        compare(timer.missedCount, 0)
        compare(timer.clock, null)
        verify(timer.callback === undefined)
    }

    // Whoever adds one writes its tests, and then its name here.
    QtObject {
        id: plainObject
    }
    function test_nothingIsUntested() {
        const names = new Set()
        for (const name in make({}))
            names.add(name)
        for (const name in plainObject)
            names.delete(name)
        const properties = "interval policy errorPolicy running busy triggeredOnStart maximumTicks "
                         + "callbackTimeout tolerance tickCount missedCount callback clock"
        for (const name of properties.split(" "))
            verify(names.delete(name + "Changed"), name)
        const constants = "Fixed Delay Continue Stop"
        const methods = "start restart stop cancel"
        const events = "tick completed errorOccurred timedOut ticksMissed started stopped"
        compare([...names].sort(), [properties, constants, methods, events].join(" ").split(" ").sort())
    }

    function test_everyPropertyNotifies_data() {
        return [
            { tag: "interval", value: 0.25 },
            { tag: "policy", value: ScheduledTimer.Delay },
            { tag: "errorPolicy", value: ScheduledTimer.Stop },
            { tag: "running", value: true },
            { tag: "triggeredOnStart", value: true },
            { tag: "maximumTicks", value: 3 },
            { tag: "callbackTimeout", value: 1.5 },
            { tag: "tolerance", value: 20 },
            { tag: "clock", value: virtualTime }
        ]
    }
    function test_everyPropertyNotifies(data) {
        const timer = createTemporaryObject(component, test)
        spy.target = timer
        spy.signalName = data.tag + "Changed"
        spy.clear()
        timer[data.tag] = data.value
        compare(timer[data.tag], data.value)
        compare(spy.count, 1)
        timer[data.tag] = data.value
        compare(spy.count, 1)
    }

    function test_countersNotify_data() {
        return [{ tag: "tickCount", value: 1 }, { tag: "missedCount", value: 2 }]
    }
    function test_countersNotify(data) {
        const timer = make({ interval: 10, running: true })
        spy.target = timer
        spy.signalName = data.tag + "Changed"
        spy.clear()
        virtualTime.elapse(35)
        virtualTime.advance(0)
        compare(timer[data.tag], data.value)
        compare(spy.count, 1)
    }

    function test_busyNotifies() {
        const timer = make({ interval: 10, running: true })
        const seen = []
        timer.busyChanged.connect(() => seen.push(timer.busy))
        virtualTime.advance(10)
        compare(seen, [true, false])
    }

    function test_readOnly_data() {
        return [{ tag: "busy" }, { tag: "tickCount" }, { tag: "missedCount" }, { tag: "Fixed" }, { tag: "Stop" }]
    }
    function test_readOnly(data) {
        const timer = make({})
        const before = timer[data.tag]
        let error
        try {
            timer[data.tag] = 5
        } catch (e) {
            error = e
        }
        verify(error instanceof TypeError)
        verify(error.message.includes("read-only"), error.message)
        compare(timer[data.tag], before)
    }

    function test_durationsAreRealMilliseconds() {
        const timer = make({ interval: 0.000001 })
        compare(timer.interval, 0.000001) // 1 ns
        timer.interval = 1000 / 3
        fuzzyCompare(timer.interval, 333.333333, 1e-6)
        timer.interval = 9e12 // 285 years
        compare(timer.interval, 9e12)
    }

    // The constants by which `policy: Fixed` is found.
    function test_constants() {
        const timer = make({})
        compare(timer.Fixed, ScheduledTimer.Fixed)
        compare(timer.Delay, ScheduledTimer.Policy.Delay)
        compare(timer.Continue, ScheduledTimer.Continue)
        compare(timer.Stop, ScheduledTimer.ErrorPolicy.Stop)
    }

    function test_tickIsAValue() {
        const timer = make({ interval: 10, running: true })
        let kept
        timer.tick.connect(tick => kept = kept || tick)
        virtualTime.elapse(35)
        virtualTime.advance(0)
        compare(kept.index, 3)
        compare(kept.missed, 2)
        compare(kept.due, 30)
        compare(kept.lateness, 5)
        virtualTime.advance(5) // another tick does not change the one that was kept
        compare(timer.tickCount, 2)
        compare(kept.index, 3)
    }

    function lengthOf(t: tick) : real {
        return t.due + t.lateness
    }
    function test_tickIsATypeOfTheModule() {
        const timer = make({ interval: 10, running: true })
        let length = 0
        timer.tick.connect(tick => length = lengthOf(tick))
        virtualTime.elapse(15)
        virtualTime.advance(0)
        compare(length, 15)
    }

    function test_fixedCountsFromTheStart() {
        const timer = make({ interval: 10, policy: ScheduledTimer.Fixed, running: true })
        const log = logOf(timer)
        let first = true
        timer.callback = () => {
            if (first)
                virtualTime.elapse(25)
            first = false
        }
        virtualTime.advance(50)
        compare(log, ["tick 1", "completed 1", "missed 2", "tick 4", "completed 4", "tick 5",
                      "completed 5"])
        compare(timer.tickCount, 3)
        compare(timer.missedCount, 2)
    }

    function test_delayCountsFromTheEnd() {
        const timer = make({ interval: 10, policy: ScheduledTimer.Delay, running: true })
        const starts = []
        const begin = virtualTime.now
        timer.tick.connect(() => starts.push(virtualTime.now - begin))
        timer.callback = () => virtualTime.elapse(25)
        virtualTime.advance(100)
        compare(starts, [10, 45, 80])
        compare(timer.missedCount, 0)
    }

    function test_startStopRestart() {
        const timer = make({ interval: 10 })
        const log = logOf(timer)
        compare(timer.start(), true)
        compare(timer.start(), false)
        compare(timer.running, true)
        virtualTime.advance(5)
        compare(timer.restart(), true)
        virtualTime.advance(9)
        compare(log, ["started", "started"])
        virtualTime.advance(1)
        timer.stop()
        compare(timer.running, false)
        virtualTime.advance(100)
        compare(log, ["started", "started", "tick 1", "completed 1", "stopped"])
    }

    function test_triggeredOnStart() {
        const timer = make({ interval: 10, triggeredOnStart: true })
        const log = logOf(timer)
        timer.start()
        compare(log, ["started"])
        virtualTime.advance(0)
        compare(log, ["started", "tick 0", "completed 0"])
    }

    function test_maximumTicks() {
        const timer = make({ interval: 10, maximumTicks: 2, running: true })
        const log = logOf(timer)
        virtualTime.advance(100)
        compare(log, ["tick 1", "completed 1", "tick 2", "completed 2", "stopped"])
        compare(timer.running, false)
    }

    function test_stopInsideOfTheTick() {
        const timer = make({ interval: 10, running: true })
        let calls = 0
        timer.callback = () => calls++
        timer.tick.connect(() => timer.stop())
        virtualTime.advance(100)
        compare(timer.tickCount, 1)
        compare(calls, 0)
    }

    function test_anotherIntervalAnchorsAnew() {
        const timer = make({ interval: 10, running: true })
        const log = logOf(timer)
        virtualTime.advance(5)
        timer.interval = 20
        virtualTime.advance(19)
        compare(log, [])
        virtualTime.advance(1)
        compare(log, ["tick 1", "completed 1"])
    }

    ScheduledTimer {
        id: bound
        clock: virtualTime
        property bool wanted: false
        property real period: 10
        property var events: []
        running: wanted
        interval: period
        policy: period > 15 ? Delay : Fixed
        onTick: (tick) => events.push(tick.index)
        onRunningChanged: events.push(running)
    }
    function test_bindings() {
        bound.wanted = true
        compare(bound.running, true)
        virtualTime.advance(10)
        bound.period = 20
        compare(bound.interval, 20)
        compare(bound.policy, ScheduledTimer.Delay)
        bound.wanted = false
        compare(bound.running, false)
        compare(bound.events, [true, 1, false])
    }

    ScheduledTimer {
        id: early
        property var order: []
        running: true
        clock: virtualTime // comes later, and yet the timer runs on it
        interval: 10
        triggeredOnStart: true
        Component.onCompleted: order.push(running ? 1 : 0)
        onStarted: order.push(interval)
    }
    function test_runningWaitsForCompletion() {
        compare(early.order, [10, 1])
        compare(early.clock, virtualTime)
        const seen = []
        early.tick.connect(tick => seen.push(tick.index))
        early.restart()
        virtualTime.advance(10)
        compare(seen, [0, 1])
        early.stop()
    }

    ScheduledTimer {
        id: handler
        clock: virtualTime
        interval: 10
        property int handled: 0
        onTick: handled++
        onCompleted: (tick) => handled += 10 * tick.index
        onTicksMissed: (count) => handled += 100 * count
        onStarted: handled += 1000
        onStopped: handled += 10000
        onBusyChanged: handled += 100000

        property var errors: []
        property int timedOutIndex: 0
        onErrorOccurred: (tick, message) => errors.push([tick.index, message])
        onTimedOut: (tick) => timedOutIndex = tick.index
    }
    function test_handlers() {
        handler.start()
        virtualTime.elapse(25)
        virtualTime.advance(0)
        handler.stop()
        compare(handler.handled, 1 + 10 * 2 + 100 + 1000 + 10000 + 200000)
    }
    function test_handlersOfFailures() {
        handler.callbackTimeout = 5
        let fail
        handler.callback = () => new Promise((resolve, reject) => fail = reject)
        handler.start()
        virtualTime.advance(10)
        fail("text")
        virtualTime.advance(0)
        compare(handler.errors.length, 1)
        compare(handler.errors[0][0], 1)
        verify(handler.errors[0][1].endsWith("tst_scheduledtimer.qml: text"), handler.errors[0][1])
        virtualTime.advance(16)
        compare(handler.timedOutIndex, 2)
        handler.stop()
        fail("text")
        virtualTime.advance(0)
        compare(handler.busy, false)
    }
}
