// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQml
import QtTest
import Tactus

// What push() and drain() promise, and which Promises the limiter waits for.
TestCase {
    id: test
    name: "SerialRateLimiterPromises"

    ManualClock {
        id: virtualTime
    }
    Component {
        id: component
        SerialRateLimiter {
            rate: 100
        }
    }

    function init() {
        failOnWarning(/.?/)
    }

    function make(properties) {
        return createTemporaryObject(component, test, Object.assign({ clock: virtualTime }, properties))
    }

    function deferred() {
        const result = {}
        result.promise = new Promise((resolve, reject) => {
            result.resolve = resolve
            result.reject = reject
        })
        return result
    }

    // What becomes of a Promise, to be looked at later.
    function watch(promise) {
        const seen = { state: "pending" }
        promise.then(value => { seen.state = "fulfilled"; seen.value = value },
                     error => { seen.state = "rejected"; seen.error = error })
        return seen
    }

    function test_values_data() {
        const object = { member: [1, 2] }
        return [
            { tag: "number", value: 42 }, { tag: "text", value: "text" }, { tag: "null", value: null },
            { tag: "undefined", value: undefined }, { tag: "object", value: object },
            { tag: "function", value: () => 5 }, { tag: "date", value: new Date(5) }
        ]
    }
    function test_values(data) {
        const limiter = make({})
        const plain = watch(limiter.push(() => data.value))
        const promised = watch(limiter.push(() => Promise.resolve(data.value)))
        compare(plain.state, "pending")
        virtualTime.advance(0)
        compare(plain.state, "fulfilled")
        verify(plain.value === data.value) // the very same
        compare(promised.state, "fulfilled")
        verify(promised.value === data.value)
        compare(limiter.completedCount, 2)
    }

    function test_thenablesAreAwaited() {
        const limiter = make({})
        let settle
        const seen = watch(limiter.push(() => ({ then: resolve => settle = resolve })))
        virtualTime.advance(0)
        compare(limiter.busy, true)
        settle(Promise.resolve(5)) // one after the other
        virtualTime.advance(0)
        compare(seen.value, 5)
        compare(limiter.busy, false)
    }

    // Only what a then() does first counts.
    function test_thenablesSettleOnce_data() {
        const late = { then: resolve => resolve("late"), cancel: () => {} }
        return [
            { tag: "resolve", then: (resolve, reject) => { resolve(1); resolve(2) }, value: 1 },
            { tag: "reject", then: (resolve, reject) => { resolve(1); reject(new Error("late")) }, value: 1 },
            { tag: "throw", then: (resolve, reject) => { resolve(1); throw new Error("late") }, value: 1 },
            { tag: "thenable", then: (resolve, reject) => { resolve(1); resolve(late) }, value: 1 },
            { tag: "rejected", then: (resolve, reject) => { reject("no"); resolve(2) }, error: "no" },
        ]
    }
    function test_thenablesSettleOnce(data) {
        const limiter = make({})
        limiter.taskFailed.connect(() => {}) // then there is no warning
        const seen = watch(limiter.push(() => ({ then: data.then })))
        virtualTime.advance(0)
        compare(seen.state, data.error ? "rejected" : "fulfilled")
        compare(seen.value, data.value)
        if (data.error)
            compare(seen.error, data.error)
        compare(limiter.completedCount, data.error ? 0 : 1)
        compare(limiter.failedCount, data.error ? 1 : 0)
    }

    // Also if that is a Promise, which is settled later.
    function test_thenablesResolveOnce_data() {
        return [
            { tag: "reject", then: (resolve, reject) => reject(new Error("late")) },
            { tag: "resolve", then: resolve => resolve(2) },
            { tag: "throw", then: () => { throw new Error("late") } },
        ]
    }
    function test_thenablesResolveOnce(data) {
        const limiter = make({})
        const slow = deferred()
        const seen = watch(limiter.push(() => ({
            then: (resolve, reject) => {
                resolve(slow.promise)
                data.then(resolve, reject)
            }
        })))
        virtualTime.advance(0)
        compare(limiter.busy, true)
        slow.resolve(1)
        virtualTime.advance(0)
        compare(seen.value, 1)
        compare(limiter.completedCount, 1)
    }

    function test_taskIsCalledWithoutArguments() {
        const limiter = make({})
        let count = -1
        limiter.push(function() { count = arguments.length })
        virtualTime.advance(0)
        compare(count, 0)
    }

    function test_isAPromise() {
        const limiter = make({})
        verify(limiter.push(() => {}) instanceof Promise)
        verify(limiter.drain() instanceof Promise)
        virtualTime.advance(0)
    }

    function test_oneAtATime() {
        const limiter = make({})
        const first = deferred()
        const order = []
        limiter.push(() => { order.push("first"); return first.promise })
        limiter.push(() => order.push("second"))
        virtualTime.advance(500)
        compare(order, ["first"])
        compare(limiter.busy, true)
        compare(limiter.pendingCount, 1)
        first.resolve()
        virtualTime.advance(0)
        compare(order, ["first", "second"])
    }

    // The slot of the window is used when the Promise is settled.
    function test_rateCountsSettlements() {
        const limiter = make({ rate: 1, per: 100 })
        const first = deferred()
        const begin = virtualTime.now
        let started = -1
        limiter.push(() => first.promise)
        limiter.push(() => started = virtualTime.now - begin)
        virtualTime.advance(30)
        first.resolve()
        virtualTime.advance(1000)
        compare(started, 130)
    }

    function test_errors_data() {
        const error = new Error("boom")
        return [
            { tag: "thrown Error", task: () => { throw error }, error: error },
            { tag: "thrown text", task: () => { throw "text" }, error: "text" },
            { tag: "thrown undefined", task: () => { throw undefined }, error: undefined },
            { tag: "rejected Error", task: () => Promise.reject(error), error: error },
            { tag: "rejected text", task: () => Promise.reject("text"), error: "text" }
        ]
    }
    function test_errors(data) {
        const limiter = make({})
        const messages = []
        limiter.taskFailed.connect((id, message) => messages.push(message))
        const seen = watch(limiter.push(data.task))
        virtualTime.advance(0)
        compare(seen.state, "rejected")
        verify(seen.error === data.error) // the very same
        compare(messages.length, 1)
        verify(/tst_serialratelimiter_promises\.qml(:\d+)?: (Error: boom|text|undefined)$/.test(messages[0]), messages[0])
        const next = watch(limiter.push(() => 1))
        virtualTime.advance(0)
        compare(next.value, 1)
    }

    function test_cleared() {
        const limiter = make({ paused: true })
        const seen = watch(limiter.push(() => {}))
        limiter.clear()
        virtualTime.advance(0)
        compare(seen.state, "rejected")
        verify(seen.error instanceof Error)
        compare(seen.error.name, "CanceledError")
        compare(seen.error.toString(), "CanceledError: the task was canceled")
    }

    function test_queueFull() {
        const limiter = make({ paused: true, maximumPending: 1 })
        const first = watch(limiter.push(() => {}))
        const second = watch(limiter.push(() => {}))
        virtualTime.advance(0)
        compare(first.state, "pending")
        compare(second.error.name, "QueueFullError")
        limiter.overflow = SerialRateLimiter.DropOldest
        limiter.push(() => {}).catch(() => {})
        virtualTime.advance(0)
        compare(first.error.name, "QueueFullError")
        limiter.clear()
    }

    function test_timeout() {
        const limiter = make({ taskTimeout: 50 })
        const slow = deferred()
        const seen = watch(limiter.push(() => slow.promise))
        const next = watch(limiter.push(() => "next"))
        virtualTime.advance(50)
        compare(seen.state, "pending")
        virtualTime.advance(1)
        compare(seen.state, "rejected")
        compare(seen.error.name, "TimeoutError")
        compare(limiter.busy, true) // a late task never overlaps the next one
        compare(next.state, "pending")
        slow.resolve()
        virtualTime.advance(0)
        compare(next.value, "next")
    }

    function test_destroyedLimiter() {
        const limiter = component.createObject(test, { clock: virtualTime }) as SerialRateLimiter
        const slow = deferred()
        const running = watch(limiter.push(() => slow.promise))
        const queued = watch(limiter.push(() => {}))
        const drained = watch(limiter.drain())
        virtualTime.advance(0)
        limiter.destroy()
        tryVerify(() => running.state !== "pending" && queued.state !== "pending")
        compare(running.error.name, "CanceledError")
        compare(queued.error.name, "CanceledError")
        tryCompare(drained, "state", "fulfilled")
        slow.resolve() // nobody waits any more
        virtualTime.advance(0)
    }

    function test_destroyedByItsOwnTask() {
        const limiter = component.createObject(test, { clock: virtualTime })
        const seen = watch(limiter.push(() => { limiter.destroy(); return 5 }))
        tryVerify(() => seen.state !== "pending")
    }

    function test_drain() {
        const limiter = make({})
        const slow = deferred()
        limiter.push(() => slow.promise)
        const drained = watch(limiter.drain())
        limiter.push(() => {}) // pushed later, so it is not waited for
        virtualTime.advance(0)
        compare(drained.state, "pending")
        slow.resolve()
        virtualTime.advance(0)
        compare(drained.state, "fulfilled")
        compare(drained.value, undefined)
        const empty = watch(limiter.drain())
        virtualTime.advance(0)
        compare(empty.state, "fulfilled")
    }

    // The Promise that push() returns has a function cancel(), and asks the one it waits for.
    function test_cancelQueued() {
        const limiter = make({ paused: true })
        const order = []
        const first = watch(limiter.push(() => order.push("first")))
        const answer = limiter.push(() => order.push("second"))
        const second = watch(answer)
        const third = watch(limiter.push(() => order.push("third")))
        compare(answer.cancel(), undefined)
        virtualTime.advance(0)
        compare(second.state, "rejected")
        compare(second.error.name, "CanceledError")
        compare(limiter.pendingCount, 2)
        compare(limiter.canceledCount, 1)
        limiter.paused = false
        virtualTime.advance(0)
        compare(order, ["first", "third"])
        compare([first.state, third.state], ["fulfilled", "fulfilled"])
    }

    function test_cancelRunning() {
        const limiter = make({})
        const failures = []
        limiter.taskFailed.connect((id, message) => failures.push(message))
        const slow = deferred()
        const asked = []
        slow.promise.cancel = function() { asked.push(this) }
        const answer = limiter.push(() => slow.promise)
        const seen = watch(answer)
        const next = watch(limiter.push(() => "next"))
        virtualTime.advance(0)
        answer.cancel()
        answer.cancel() // it is asked once
        virtualTime.advance(100)
        compare(asked.length, 1)
        verify(asked[0] === slow.promise)
        compare(limiter.busy, true) // it goes on until it is settled
        compare(next.state, "pending")
        slow.reject(new Error("aborted"))
        virtualTime.advance(0)
        compare(seen.state, "rejected")
        compare(seen.error.name, "CanceledError")
        compare(next.value, "next")
        compare(limiter.canceledCount, 1)
        compare(failures, [])
    }

    function test_cancelRunningThatCannotBeAsked() {
        const limiter = make({})
        const slow = deferred()
        const answer = limiter.push(() => slow.promise)
        const seen = watch(answer)
        virtualTime.advance(0)
        answer.cancel()
        virtualTime.advance(100)
        compare(limiter.busy, true)
        slow.resolve(5) // the value comes too late
        virtualTime.advance(0)
        compare(limiter.busy, false)
        compare(seen.error.name, "CanceledError")
    }

    function test_cancelFromInsideOfTheTask() {
        const limiter = make({})
        let asked = 0
        const slow = deferred()
        slow.promise.cancel = () => { asked++; slow.resolve() }
        const answer = limiter.push(() => { answer.cancel(); return slow.promise })
        const seen = watch(answer)
        virtualTime.advance(0)
        compare(asked, 1)
        compare(seen.error.name, "CanceledError")
        compare(limiter.busy, false)
    }

    function test_cancelTooLate() {
        const limiter = make({})
        const answer = limiter.push(() => 5)
        const seen = watch(answer)
        virtualTime.advance(0)
        answer.cancel()
        virtualTime.advance(0)
        compare(seen.value, 5)
        compare(limiter.canceledCount, 0)

        const destroyed = make({ paused: true })
        const lost = destroyed.push(() => 5)
        const lostSeen = watch(lost)
        destroyed.destroy()
        tryVerify(() => lostSeen.state === "rejected")
        lost.cancel()
    }

    // A request goes through: to the Promise in a Promise, and to a task of another limiter.
    function test_cancelGoesThrough() {
        const limiter = make({})
        const other = make({ paused: true })
        const answer = limiter.push(() => other.push(() => 5))
        const seen = watch(answer)
        virtualTime.advance(0)
        compare(other.pendingCount, 1)
        answer.cancel()
        virtualTime.advance(0)
        compare(other.canceledCount, 1)
        compare(other.pendingCount, 0)
        compare(limiter.canceledCount, 1)
        compare(limiter.failedCount, 0)
        compare(seen.error.name, "CanceledError")
    }

    // A Promise that is fulfilled with another object that has a then(): each is asked in its turn.
    function test_cancelInAChain() {
        const limiter = make({})
        const asked = []
        const inner = { then: (resolve, reject) => inner.reject = reject,
                        cancel: () => { asked.push("inner"); inner.reject("aborted") } }
        const outer = { then: resolve => outer.resolve = resolve, cancel: () => asked.push("outer") }
        const answer = limiter.push(() => outer)
        const seen = watch(answer)
        virtualTime.advance(0)
        answer.cancel()
        virtualTime.advance(0)
        compare(asked, ["outer"])
        outer.resolve(inner)
        virtualTime.advance(0)
        compare(asked, ["outer", "inner"])
        compare(seen.error.name, "CanceledError")
    }

    function test_cancelThatThrows_data() {
        return [
            { tag: "an error", cancel: () => { throw new Error("cannot") }, place: "\\.qml:\\d+: Error: " },
            { tag: "a text", cancel: () => { throw "cannot" }, place: "\\.qml: " },
            { tag: "nothing", cancel: () => new Error("cannot") },
        ]
    }
    function test_cancelThatThrows(data) {
        const limiter = make({})
        const slow = deferred()
        slow.promise.cancel = data.cancel
        const answer = limiter.push(() => slow.promise)
        const seen = watch(answer)
        virtualTime.advance(0)
        answer.cancel()
        if (data.place)
            ignoreWarning(new RegExp(`${data.place}cannot - thrown by the cancel\\(\\) of a Promise$`))
        virtualTime.advance(0)
        compare(limiter.busy, true)
        slow.resolve()
        virtualTime.advance(0)
        compare(seen.error.name, "CanceledError")
    }

    function test_timeoutAsksToCancel() {
        const limiter = make({ taskTimeout: 50 })
        const slow = deferred()
        slow.promise.cancel = () => slow.reject("aborted")
        const seen = watch(limiter.push(() => slow.promise))
        virtualTime.advance(51)
        compare(seen.error.name, "TimeoutError")
        compare(limiter.busy, false)
        compare(limiter.failedCount, 1)
    }

    function test_cancelIsNotEnumerable() {
        const limiter = make({})
        const answer = limiter.push(() => 5)
        compare(Object.keys(answer), [])
        compare(limiter.drain().cancel, undefined)
        virtualTime.advance(0)
    }

    function test_destroyingTheLimiterAsksToCancel() {
        const limiter = component.createObject(test, { clock: virtualTime })
        const slow = deferred()
        let asked = 0
        slow.promise.cancel = () => asked++
        limiter.push(() => slow.promise).catch(() => {})
        virtualTime.advance(0)
        limiter.destroy()
        tryVerify(() => asked === 1)
    }

    // A Promise that nobody can settle any more is garbage; it does not hold up the queue.
    function test_forgottenPromise() {
        const limiter = make({})
        const forgotten = watch(limiter.push(() => new Promise(() => {})))
        const next = watch(limiter.push(() => "next"))
        virtualTime.advance(0)
        compare(next.state, "pending")
        tryVerify(() => { gc(); virtualTime.advance(0); return next.state !== "pending" })
        compare(next.value, "next")
        compare(forgotten.error.name, "CanceledError")
    }

    // One that can be settled is not.
    function test_rememberedPromiseSurvivesTheCollector() {
        const limiter = make({})
        let resolve
        const seen = watch(limiter.push(() => new Promise(f => resolve = f)))
        virtualTime.advance(0)
        for (let i = 0; i < 5; ++i) {
            gc()
            wait(1)
        }
        compare(limiter.busy, true)
        resolve(5)
        virtualTime.advance(0)
        compare(seen.value, 5)
    }

    // Nor is one that can be asked to cancel.
    function test_cancelablePromiseSurvivesTheCollector() {
        const limiter = make({})
        let asked = 0
        const answer = limiter.push(() => {
            const promise = new Promise(() => {})
            promise.cancel = () => asked++
            return promise
        })
        const seen = watch(answer)
        virtualTime.advance(0)
        for (let i = 0; i < 5; ++i) {
            gc()
            wait(1)
        }
        compare(limiter.busy, true)
        answer.cancel()
        virtualTime.advance(0)
        compare(asked, 1)
        tryVerify(() => { gc(); virtualTime.advance(0); return seen.state !== "pending" })
        compare(seen.error.name, "CanceledError") // now it was forgotten
    }

    function test_tasksSurviveTheCollector() {
        const limiter = make({})
        const values = []
        for (let i = 0; i < 50; ++i)
            limiter.push(() => ({ number: i })).then(value => values.push(value.number))
        gc()
        virtualTime.advance(0)
        compare(values.length, 50)
        compare(values[49], 49)
    }

    function test_notAFunction_data() {
        return [
            { tag: "number", value: 5, shown: "5" }, { tag: "nothing", value: undefined, shown: "undefined" },
            { tag: "Promise", value: Promise.resolve(), shown: "[object Promise]" }
        ]
    }
    function test_notAFunction(data) {
        const limiter = make({})
        for (const method of ["push", "post"]) {
            let error
            try {
                limiter[method](data.value)
            } catch (e) {
                error = e
            }
            verify(error instanceof TypeError)
            compare(error.message, "SerialRateLimiter." + method + "() wants a function, got " + data.shown)
            verify(error.fileName.endsWith("tst_serialratelimiter_promises.qml"))
        }
        compare(limiter.pendingCount, 0)
    }
}
