// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQml
import QtTest
import Tactus

// callback: functions, Promises, errors; and the Promises that stop() and cancel() return.
TestCase {
    id: test
    name: "ScheduledTimerCallback"

    ManualClock {
        id: virtualTime
    }
    property var nothing
    Component {
        id: component
        ScheduledTimer {
            interval: 10
        }
    }

    // A Promise that is settled from outside, as an answer from a server would.
    function deferred() {
        const result = {}
        result.promise = new Promise((resolve, reject) => {
            result.resolve = resolve
            result.reject = reject
        })
        return result
    }

    function make(properties) {
        return createTemporaryObject(component, test, Object.assign({ clock: virtualTime, running: true },
                                                                    properties))
    }

    function init() {
        failOnWarning(/.?/)
    }

    function test_isCalledWithTheTick() {
        const timer = make({})
        const ticks = []
        timer.callback = tick => ticks.push([tick.index, tick.missed, tick.due, tick.lateness])
        virtualTime.advance(20)
        compare(ticks, [[1, 0, 10, 0], [2, 0, 20, 0]])
    }

    function test_comesAfterTheSignal() {
        const order = []
        const timer = make({ callback: () => order.push("callback") })
        timer.tick.connect(() => order.push("tick"))
        timer.completed.connect(() => order.push("completed"))
        virtualTime.advance(10)
        compare(order, ["tick", "callback", "completed"])
    }

    function test_canBeReplacedAndRemoved() {
        let calls = ""
        const timer = make({ callback: () => calls += "a" })
        virtualTime.advance(10)
        timer.callback = () => calls += "b"
        virtualTime.advance(10)
        timer.callback = null
        virtualTime.advance(10)
        compare(timer.tickCount, 3)
        compare(calls, "ab")
        timer.callback = undefined
        timer.callback = function() { calls += "c"; timer.callback = null }
        virtualTime.advance(20)
        compare(calls, "abc")
    }

    function test_callbackNotifies() {
        const timer = make({})
        let changes = 0
        timer.callbackChanged.connect(() => changes++)
        const f = () => {}
        timer.callback = f
        timer.callback = f
        verify(timer.callback === f)
        compare(changes, 1)
    }

    function test_promiseIsAwaited() {
        const answer = deferred()
        const timer = make({ callback: () => answer.promise })
        let completed = 0
        timer.completed.connect(() => completed++)
        virtualTime.advance(35)
        compare(timer.busy, true)
        compare(timer.tickCount, 1)
        compare(completed, 0)
        answer.resolve("whatever")
        virtualTime.advance(0)
        compare(timer.busy, false)
        compare(completed, 1)
        virtualTime.advance(5)
        compare(timer.tickCount, 2)
        compare(timer.missedCount, 2)
    }

    function test_delayCountsFromTheSettlement() {
        const answer = deferred()
        const timer = make({ policy: ScheduledTimer.Delay, callback: () => answer.promise })
        virtualTime.advance(17)
        answer.resolve()
        virtualTime.advance(9)
        compare(timer.tickCount, 1)
        virtualTime.advance(1)
        compare(timer.tickCount, 2)
    }

    function test_thenablesAreAwaited() {
        let settle
        const timer = make({ callback: () => ({ then: resolve => settle = resolve }) })
        virtualTime.advance(10)
        compare(timer.busy, true)
        settle()
        virtualTime.advance(0)
        compare(timer.busy, false)
    }

    function test_anyOtherValueIsIgnored_data() {
        return [
            { tag: "undefined", value: undefined }, { tag: "null", value: null },
            { tag: "number", value: 42 }, { tag: "text", value: "then" },
            { tag: "object", value: { then: 5 } }, { tag: "function", value: () => {} },
            { tag: "error, returned", value: new Error("not thrown") }
        ]
    }
    function test_anyOtherValueIsIgnored(data) {
        const timer = make({ callback: () => data.value })
        let errors = 0
        timer.errorOccurred.connect(() => errors++)
        virtualTime.advance(20)
        compare(timer.tickCount, 2)
        compare(timer.busy, false)
        compare(errors, 0)
    }

    function errorsOf(timer) {
        const errors = []
        timer.errorOccurred.connect((tick, message) => errors.push(tick.index + " " + message))
        return errors
    }

    function test_errors_data() {
        return [
            { tag: "thrown Error", callback: () => { throw new Error("boom") },
              message: /^1 .*tst_scheduledtimer_callback\.qml:\d+: Error: boom$/ },
            { tag: "TypeError", callback: () => test.nothing.member,
              message: /^1 .*tst_scheduledtimer_callback\.qml:\d+: TypeError: .*undefined/ },
            { tag: "thrown text", callback: () => { throw "text" },
              message: /^1 .*tst_scheduledtimer_callback\.qml: text$/ },
            { tag: "thrown number", callback: () => { throw 5 },
              message: /^1 .*tst_scheduledtimer_callback\.qml: 5$/ },
            { tag: "thrown undefined", callback: () => { throw undefined },
              message: /^1 .*tst_scheduledtimer_callback\.qml: undefined$/ },
            { tag: "rejected with Error", callback: () => Promise.reject(new Error("boom")),
              message: /^1 .*tst_scheduledtimer_callback\.qml:\d+: Error: boom$/ },
            { tag: "rejected with text", callback: () => Promise.reject("text"),
              message: /^1 .*tst_scheduledtimer_callback\.qml: text$/ },
            { tag: "thrown in then()", callback: () => ({ then: () => { throw new Error("boom") } }),
              message: /^1 .*tst_scheduledtimer_callback\.qml:\d+: Error: boom$/ },
            { tag: "thrown by reading then",
              callback: () => ({ get then() { throw new Error("boom") } }),
              message: /^1 .*tst_scheduledtimer_callback\.qml:\d+: Error: boom$/ }
        ]
    }
    function test_errors(data) {
        const timer = make({ callback: data.callback })
        const errors = errorsOf(timer)
        virtualTime.advance(10)
        compare(errors.length, 1)
        verify(data.message.test(errors[0]), errors[0])
        compare(timer.busy, false)
        virtualTime.advance(10)
        compare(timer.running, true)
        compare(errors.length, 2)
    }

    function test_errorPolicyStop() {
        const timer = make({ errorPolicy: ScheduledTimer.Stop, callback: () => { throw "text" } })
        const errors = errorsOf(timer)
        virtualTime.advance(50)
        compare(timer.running, false)
        compare(errors.length, 1)
    }

    // An error that nobody listens to is not lost.
    function test_errorWithoutAListenerIsAWarning() {
        make({ callback: () => { throw new Error("boom") } })
        ignoreWarning(/tst_scheduledtimer_callback\.qml:\d+:\d+: QML ScheduledTimer: the callback has failed: .*: Error: boom/)
        virtualTime.advance(10)
    }

    function test_callbackTimeout() {
        const answer = deferred()
        const timer = make({ callbackTimeout: 5, callback: () => answer.promise })
        let timeouts = 0
        timer.timedOut.connect(tick => timeouts += tick.index)
        virtualTime.advance(15)
        compare(timeouts, 0)
        virtualTime.advance(1)
        compare(timeouts, 1)
        compare(timer.busy, true)
        answer.resolve()
        virtualTime.advance(0)
        compare(timer.busy, false)
    }

    function test_stopWithNothingRunning() {
        const timer = make({})
        let stopped = 0
        timer.stop().then(() => stopped++)
        timer.cancel().then(() => stopped++)
        compare(stopped, 0) // never at once
        virtualTime.advance(0)
        compare(stopped, 2)
    }

    function test_stopWaitsForTheCallback_data() {
        return [{ tag: "stop" }, { tag: "cancel" }]
    }
    function test_stopWaitsForTheCallback(data) {
        const answer = deferred()
        const timer = make({ callback: () => answer.promise })
        virtualTime.advance(10)
        const order = []
        timer.stopped.connect(() => order.push("signal"))
        timer[data.tag]().then(value => order.push(value))
        virtualTime.advance(100)
        compare(timer.running, false)
        compare(timer.busy, true)
        compare(order, [])
        answer.resolve()
        virtualTime.advance(0)
        compare(order, ["signal", undefined])
    }

    // A Promise that has a function cancel() is asked by it; then it may well be rejected.
    function test_cancelAsksThePromise() {
        const answer = deferred()
        let asked = 0
        answer.promise.cancel = () => { asked++; answer.reject(new Error("aborted")) }
        const timer = make({ callback: () => answer.promise })
        const errors = errorsOf(timer)
        let completed = 0
        timer.completed.connect(() => completed++)
        virtualTime.advance(10)
        let stopped = false
        timer.cancel().then(() => stopped = true)
        compare(asked, 0) // not inside of cancel()
        virtualTime.advance(0)
        compare(asked, 1)
        compare(stopped, true)
        compare(completed, 1)
        compare(errors, [])
        compare(timer.busy, false)
    }

    function test_stopDoesNotAsk() {
        const answer = deferred()
        answer.promise.cancel = () => fail("asked")
        const timer = make({ callback: () => answer.promise })
        virtualTime.advance(10)
        timer.stop()
        virtualTime.advance(10)
        answer.resolve()
        virtualTime.advance(0)
        compare(timer.busy, false)
    }

    function test_callbackTimeoutAsksThePromise() {
        const answer = deferred()
        answer.promise.cancel = () => answer.reject("aborted")
        const timer = make({ callbackTimeout: 5, callback: () => answer.promise })
        const log = []
        timer.timedOut.connect(tick => log.push("timedOut " + tick.index))
        timer.completed.connect(tick => log.push("completed " + tick.index))
        virtualTime.advance(16)
        compare(log, ["timedOut 1", "completed 1"])
        timer.stop()
    }

    Component {
        id: limiterComponent
        SerialRateLimiter { }
    }
    // A callback that waits for a task: canceling the one cancels the other.
    function test_cancelReachesATaskOfALimiter() {
        const limiter = createTemporaryObject(limiterComponent, test, { clock: virtualTime, paused: true })
        const timer = make({ callback: () => limiter.push(() => 5) })
        virtualTime.advance(10)
        compare(limiter.pendingCount, 1)
        timer.cancel()
        virtualTime.advance(0)
        compare(limiter.pendingCount, 0)
        compare(limiter.canceledCount, 1)
        compare(timer.busy, false)
    }

    function test_stopPromiseOfADestroyedTimer() {
        const answer = deferred()
        const timer = component.createObject(test, { clock: virtualTime, running: true,
                                                     callback: () => answer.promise }) as ScheduledTimer
        virtualTime.advance(10)
        let stopped = false
        timer.stop().then(() => stopped = true)
        timer.destroy()
        tryVerify(() => stopped)
    }

    function test_asynchronousFunctionsOfThePromiseKind() {
        // A chain with steps in virtual time, as an application would write it.
        const steps = []
        const first = deferred()
        const second = deferred()
        const timer = make({ callback: () => first.promise
                .then(value => { steps.push(value); return second.promise })
                .then(value => steps.push(value)) })
        virtualTime.advance(10)
        first.resolve(1)
        virtualTime.advance(0)
        compare(steps, [1])
        compare(timer.busy, true)
        second.resolve(2)
        virtualTime.advance(0)
        compare(steps, [1, 2])
        compare(timer.busy, false)
    }
}
