// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQml
import QtTest
import Tactus

// Every property, method and signal, on virtual time.
TestCase {
    id: test
    name: "SerialRateLimiter"

    ManualClock {
        id: virtualTime
    }
    ManualClock {
        id: otherTime
    }
    Component {
        id: component
        SerialRateLimiter { }
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

    function logOf(limiter) {
        const log = []
        limiter.taskStarted.connect(id => log.push("started " + id))
        limiter.taskCompleted.connect(id => log.push("completed " + id))
        limiter.taskFailed.connect((id, message) => log.push("failed " + id + " " + message))
        limiter.taskCanceled.connect(id => log.push("canceled " + id))
        limiter.drained.connect(() => log.push("drained"))
        return log
    }

    function test_defaults() {
        const limiter = createTemporaryObject(component, test)
        compare(limiter.rate, 1)
        compare(limiter.per, 1000)
        compare(limiter.limits.length, 1)
        compare(limiter.limits[0].rate, 1)
        compare(limiter.limits[0].per, 1000)
        compare(limiter.margin, 0)
        compare(limiter.maximumPending, 0)
        compare(limiter.overflow, SerialRateLimiter.RejectNewest)
        compare(limiter.taskTimeout, 0)
        compare(limiter.tolerance, 1)
        compare(limiter.paused, false)
        compare(limiter.busy, false)
        compare(limiter.pendingCount, 0)
        compare(limiter.completedCount, 0)
        compare(limiter.failedCount, 0)
        compare(limiter.canceledCount, 0)
        compare(limiter.clock, null)
        compare(limiter.estimatedWait(), 0)
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
        const properties = "rate per limits margin maximumPending overflow taskTimeout tolerance paused "
                         + "busy pendingCount completedCount failedCount canceledCount clock"
        for (const name of properties.split(" "))
            verify(names.delete(name + "Changed"), name)
        const constants = "RejectNewest DropOldest"
        const methods = "push post clear drain holdFor holdUntil estimatedWait now pause resume"
        const events = "taskStarted taskCompleted taskFailed taskCanceled drained"
        compare([...names].sort(), [properties, constants, methods, events].join(" ").split(" ").sort())
    }

    function test_everyPropertyNotifies_data() {
        return [
            { tag: "rate", value: 5 },
            { tag: "per", value: 0.5 },
            { tag: "margin", value: 2.5 },
            { tag: "maximumPending", value: 7 },
            { tag: "overflow", value: SerialRateLimiter.DropOldest },
            { tag: "taskTimeout", value: 1.5 },
            { tag: "tolerance", value: 20 },
            { tag: "paused", value: true },
            { tag: "clock", value: otherTime }
        ]
    }
    function test_everyPropertyNotifies(data) {
        const limiter = make({})
        spy.target = limiter
        spy.signalName = data.tag + "Changed"
        spy.clear()
        limiter[data.tag] = data.value
        compare(limiter[data.tag], data.value)
        compare(spy.count, 1)
        limiter[data.tag] = data.value
        compare(spy.count, 1)
    }

    function test_constants() {
        const limiter = make({})
        compare(limiter.RejectNewest, SerialRateLimiter.Overflow.RejectNewest)
        compare(limiter.DropOldest, SerialRateLimiter.DropOldest)
    }

    SerialRateLimiter {
        id: declared
        limits: [{ rate: 10, per: 1000 }, { rate: 100, per: 60000 }]
        overflow: DropOldest
        property int changes: 0
        onLimitsChanged: changes++
    }
    function test_limits() {
        compare(declared.overflow, SerialRateLimiter.DropOldest)
        compare(declared.limits.length, 2)
        compare(declared.limits[1].rate, 100)
        compare(declared.limits[1].per, 60000)
        compare(declared.rate, 10)
        compare(declared.per, 1000)
        compare(declared.changes, 1)

        declared.rate = 5
        compare(declared.limits[0].rate, 5)
        compare(declared.limits[1].rate, 100)

        const copy = make({ limits: declared.limits }) // what was read can be written
        compare(copy.limits.length, 2)
        compare(copy.limits[1].per, 60000)

        declared.limits = [{ rate: 1, per: 0.000001 }]
        compare(declared.limits.length, 1)
        compare(declared.per, 0.000001)
    }

    function test_rate() {
        const limiter = make({ rate: 2, per: 100 })
        const begin = virtualTime.now
        const starts = []
        for (let i = 0; i < 5; ++i)
            limiter.post(() => starts.push(virtualTime.now - begin))
        compare(starts, []) // never inside of post()
        virtualTime.advance(1000)
        compare(starts, [0, 0, 100, 100, 200])
    }

    function test_margin() {
        const limiter = make({ rate: 1, per: 100, margin: 5 })
        const begin = virtualTime.now
        const starts = []
        for (let i = 0; i < 3; ++i)
            limiter.post(() => starts.push(virtualTime.now - begin))
        virtualTime.advance(1000)
        compare(starts, [0, 105, 210])
    }

    function test_counts() {
        const limiter = make({ rate: 100 })
        limiter.post(() => {})
        limiter.push(() => { throw "text" }).catch(() => {})
        virtualTime.advance(0)
        limiter.paused = true
        limiter.post(() => {})
        compare(limiter.pendingCount, 1)
        compare(limiter.clear(), 1)
        virtualTime.advance(0)
        compare(limiter.pendingCount, 0)
        compare(limiter.completedCount, 1)
        compare(limiter.failedCount, 1)
        compare(limiter.canceledCount, 1)
    }

    function test_countsNotify_data() {
        return [
            { tag: "pendingCount", value: 2, act: limiter => { limiter.post(() => {}); limiter.post(() => {}) } },
            { tag: "completedCount", value: 2,
              act: limiter => { limiter.resume(); limiter.post(() => {}); limiter.post(() => {}) } },
            { tag: "failedCount", value: 1, act: limiter => {
                limiter.resume()
                limiter.push(() => { throw "text" }).catch(() => {})
            } },
            { tag: "canceledCount", value: 2,
              act: limiter => { limiter.post(() => {}); limiter.post(() => {}); limiter.clear() } }
        ]
    }
    function test_countsNotify(data) {
        const limiter = make({ rate: 100, paused: true })
        spy.target = limiter
        spy.signalName = data.tag + "Changed"
        spy.clear()
        data.act(limiter)
        virtualTime.advance(0)
        compare(limiter[data.tag], data.value)
        compare(spy.count, 1) // at most once in a turn
        limiter.clear()
    }

    function test_readOnly_data() {
        return [{ tag: "busy" }, { tag: "pendingCount" }, { tag: "completedCount" }, { tag: "failedCount" },
                { tag: "canceledCount" }, { tag: "DropOldest" }]
    }
    function test_readOnly(data) {
        const limiter = make({})
        const before = limiter[data.tag]
        let error
        try {
            limiter[data.tag] = 5
        } catch (e) {
            error = e
        }
        verify(error instanceof TypeError)
        verify(error.message.includes("read-only"), error.message)
        compare(limiter[data.tag], before)
    }

    function test_signals() {
        const limiter = make({ rate: 100 })
        const log = logOf(limiter)
        limiter.post(() => log.push("runs"))
        limiter.post(() => { throw "text" })
        virtualTime.advance(0)
        compare(log.slice(0, 3), ["started 1", "runs", "completed 1"])
        compare(log[3], "started 2")
        verify(/^failed 2 .*: text$/.test(log[4]), log[4])
        compare(log[5], "drained")
        limiter.pause()
        limiter.post(() => {})
        limiter.clear()
        compare(log.slice(6), ["canceled 3", "drained"])
    }

    SerialRateLimiter {
        id: handler
        clock: virtualTime
        rate: 100
        property var log: []
        onTaskStarted: (id) => log.push("started " + id)
        onTaskCompleted: (id) => log.push("completed " + id)
        onTaskFailed: (id, message) => log.push("failed " + id)
        onTaskCanceled: (id) => log.push("canceled " + id)
        onDrained: log.push("drained")
        onBusyChanged: log.push(busy)
    }
    function test_handlers() {
        handler.post(() => {})
        virtualTime.advance(0)
        compare(handler.log, [true, "started 1", false, "completed 1", "drained"])
        handler.log = []
        handler.post(() => { throw "text" })
        handler.post(() => {})
        handler.clear() // both, as none has started
        handler.post(() => { throw "text" })
        virtualTime.advance(0)
        compare(handler.log, ["canceled 2", "canceled 3", "drained", true, "started 4", false, "failed 4",
                              "drained"])
    }

    function test_pauseAndResume() {
        const limiter = make({})
        let runs = 0
        limiter.pause()
        compare(limiter.paused, true)
        limiter.post(() => runs++)
        virtualTime.advance(1000)
        compare(runs, 0)
        compare(limiter.estimatedWait(), Infinity)
        limiter.resume()
        virtualTime.advance(0)
        compare(runs, 1)
    }

    function test_holdFor() {
        const limiter = make({})
        let runs = 0
        limiter.holdFor(50)
        limiter.holdFor(20) // holds only extend
        compare(limiter.estimatedWait(), 50)
        limiter.post(() => runs++)
        virtualTime.advance(49)
        compare(runs, 0)
        virtualTime.advance(1)
        compare(runs, 1)
    }

    function test_holdUntil() {
        const limiter = make({})
        compare(limiter.now(), virtualTime.now)
        let runs = 0
        limiter.holdUntil(limiter.now() + 30)
        limiter.post(() => runs++)
        virtualTime.advance(29)
        compare(runs, 0)
        virtualTime.advance(1)
        compare(runs, 1)
        limiter.holdUntil(-5) // the past changes nothing
        compare(limiter.estimatedWait(), 1000)
    }

    function test_maximumPending() {
        const limiter = make({ paused: true, maximumPending: 1 })
        const log = logOf(limiter)
        limiter.post(() => {})
        limiter.post(() => {})
        virtualTime.advance(0)
        compare(limiter.pendingCount, 1)
        compare(log, ["failed 2 the limiter's queue is full"])
        limiter.overflow = SerialRateLimiter.DropOldest
        limiter.post(() => {})
        virtualTime.advance(0)
        compare(log[1], "failed 1 the limiter's queue is full")
        limiter.clear()
    }

    function test_pushFromATask() {
        const limiter = make({ rate: 100 })
        const order = []
        limiter.post(() => {
            order.push(1)
            limiter.post(() => order.push(3))
            order.push(2)
        })
        virtualTime.advance(0)
        compare(order, [1, 2, 3])
    }

    // A posted task's error that nobody listens to is not lost.
    function test_errorWithoutAListenerIsAWarning() {
        const limiter = make({ rate: 100 })
        ignoreWarning(/tst_serialratelimiter\.qml:\d+:\d+: QML SerialRateLimiter: a task has failed: .*: Error: boom/)
        limiter.post(() => { throw new Error("boom") })
        virtualTime.advance(0)
    }
}
