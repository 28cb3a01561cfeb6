// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQml
import QtTest
import Tactus

// A value that is no good is refused with a warning that names it and the place in the QML file; the
// property keeps what it had.
TestCase {
    id: test
    name: "BadValues"

    ManualClock {
        id: virtualTime
    }
    Component {
        id: timerComponent
        ScheduledTimer { }
    }
    Component {
        id: limiterComponent
        SerialRateLimiter { }
    }

    function init() {
        failOnWarning(/.?/)
    }

    function expect(type, name, got) {
        const shown = got.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")
        ignoreWarning(new RegExp("tst_badvalues\\.qml:\\d+:\\d+: QML " + type + ": " + name + " wants .*, got "
                                 + shown + " - ignored$"))
    }

    function badDurations(names) {
        const values = [
            { value: -5, got: "-5" }, { value: NaN, got: "nan" }, { value: Infinity, got: "inf" },
            { value: -Infinity, got: "-inf" }, { value: 1e300, got: "1e+300" }, { value: 9.3e12, got: "9.3e+12" }
        ]
        const rows = []
        for (const name of names)
            for (const row of values)
                rows.push(Object.assign({ tag: name + ": " + row.got, name: name }, row))
        return rows
    }

    function test_timerDurations_data() {
        return badDurations(["interval", "callbackTimeout", "tolerance"]).concat([
            { tag: "interval: 0", name: "interval", value: 0, got: "0" },
            { tag: "interval: 1e-7", name: "interval", value: 1e-7, got: "1e-07" } // not even 1 ns
        ])
    }
    function test_timerDurations(data) {
        const timer = createTemporaryObject(timerComponent, test)
        timer[data.name] = 20
        expect("ScheduledTimer", data.name, data.got)
        timer[data.name] = data.value
        compare(timer[data.name], 20)
    }

    function test_limiterDurations_data() {
        return badDurations(["per", "margin", "taskTimeout", "tolerance"]).concat([
            { tag: "per: 0", name: "per", value: 0, got: "0" }
        ])
    }
    function test_limiterDurations(data) {
        const limiter = createTemporaryObject(limiterComponent, test)
        limiter[data.name] = 20
        expect("SerialRateLimiter", data.name, data.got)
        limiter[data.name] = data.value
        compare(limiter[data.name], 20)
    }

    function test_numbers_data() {
        return [
            { tag: "maximumTicks", component: timerComponent, type: "ScheduledTimer", value: -1 },
            { tag: "policy", component: timerComponent, type: "ScheduledTimer", value: 7 },
            { tag: "errorPolicy", component: timerComponent, type: "ScheduledTimer", value: -1 },
            { tag: "rate", component: limiterComponent, type: "SerialRateLimiter", value: 0 },
            { tag: "rate", component: limiterComponent, type: "SerialRateLimiter", value: -3 },
            { tag: "maximumPending", component: limiterComponent, type: "SerialRateLimiter", value: -1 },
            { tag: "overflow", component: limiterComponent, type: "SerialRateLimiter", value: 2 }
        ]
    }
    function test_numbers(data) {
        const object = createTemporaryObject(data.component, test)
        object[data.tag] = 1
        expect(data.type, data.tag, String(data.value))
        object[data.tag] = data.value
        compare(object[data.tag], 1)
    }

    function test_callback_data() {
        return [
            { tag: "number", value: 5, got: "5" }, { tag: "text", value: "tick()", got: "tick()" },
            { tag: "object", value: {}, got: "[object Object]" }
        ]
    }
    function test_callback(data) {
        let calls = 0
        const timer = createTemporaryObject(timerComponent, test, { clock: virtualTime, interval: 10,
                                                                    callback: () => calls++ })
        expect("ScheduledTimer", "callback", data.got)
        timer.callback = data.value
        timer.start()
        virtualTime.advance(10)
        compare(calls, 1)
    }

    function test_limits_data() {
        return [
            { tag: "none", value: [], got: "[]" },
            { tag: "empty", value: [{}], got: "{  }" },
            { tag: "no per", value: [{ rate: 5 }], got: "{ rate: 5 }" },
            { tag: "no rate", value: [{ per: 5 }], got: "{ per: 5 }" },
            { tag: "rate 0", value: [{ rate: 0, per: 5 }], got: "{ per: 5, rate: 0 }" },
            { tag: "rate 1.5", value: [{ rate: 1.5, per: 5 }], got: "{ per: 5, rate: 1.5 }" },
            { tag: "rate 1e10", value: [{ rate: 1e10, per: 5 }], got: "{ per: 5, rate: 1e+10 }" },
            { tag: "rate NaN", value: [{ rate: NaN, per: 5 }], got: "{ per: 5, rate: nan }" },
            { tag: "rate text", value: [{ rate: "many", per: 5 }], got: "{ per: 5, rate: many }" },
            { tag: "per 0", value: [{ rate: 5, per: 0 }], got: "{ per: 0, rate: 5 }" },
            { tag: "per -1", value: [{ rate: 5, per: -1 }], got: "{ per: -1, rate: 5 }" },
            { tag: "per Infinity", value: [{ rate: 5, per: Infinity }], got: "{ per: inf, rate: 5 }" },
            { tag: "per 1e300", value: [{ rate: 5, per: 1e300 }], got: "{ per: 1e+300, rate: 5 }" },
            { tag: "second", value: [{ rate: 5, per: 5 }, { rate: 0, per: 5 }], got: "{ per: 5, rate: 0 }" },
            { tag: "number", value: [5], got: "5" },
            { tag: "null", value: [null], got: "null" }
        ]
    }
    function test_limits(data) {
        const limiter = createTemporaryObject(limiterComponent, test, { limits: [{ rate: 3, per: 30 }] })
        expect("SerialRateLimiter", "limits", data.got)
        limiter.limits = data.value
        compare(limiter.limits.length, 1)
        compare(limiter.rate, 3)
        compare(limiter.per, 30)
    }

    function test_holds_data() {
        return badDurations(["holdFor"])
    }
    function test_holds(data) {
        const limiter = createTemporaryObject(limiterComponent, test, { clock: virtualTime })
        expect("SerialRateLimiter", "holdFor\\(\\)", data.got)
        limiter.holdFor(data.value)
        compare(limiter.estimatedWait(), 0)
        if (data.value !== -5) {
            expect("SerialRateLimiter", "holdUntil\\(\\)", data.got)
            limiter.holdUntil(data.value)
            compare(limiter.estimatedWait(), 0)
        }
    }

    // What is no number at all an older Qt refuses itself, as for any real property; for a newer one it
    // is NaN, which the timer refuses.
    function test_textIsNoNumber() {
        const timer = createTemporaryObject(timerComponent, test, { interval: 20 })
        ignoreWarning(/tst_badvalues\.qml:.*(Cannot assign QString to double|interval wants .*, got nan)/)
        try {
            timer.interval = "abc"
        } catch (error) {
            console.warn(error.fileName + ": " + error.message)
        }
        compare(timer.interval, 20)
    }

    ScheduledTimer {
        id: bound
        clock: virtualTime
        property var period: 10
        interval: period
    }
    function test_bindings() {
        bound.start()
        virtualTime.advance(10)
        compare(bound.tickCount, 1)
        expect("ScheduledTimer", "interval", "-5")
        bound.period = -5
        compare(bound.interval, 10)
        expect("ScheduledTimer", "interval", "nan")
        bound.period = NaN
        compare(bound.interval, 10)
        virtualTime.advance(10)
        compare(bound.tickCount, 2) // goes on with the last good one
        bound.period = 5 // and the binding is still there
        compare(bound.interval, 5)
        bound.stop()
    }

    // In declarations, where QML reads them: each is a line of its own.
    function test_declarations_data() {
        return [
            { tag: "interval", line: "ScheduledTimer { interval: -5 }", warning: "interval wants .*, got -5" },
            { tag: "NaN", line: "ScheduledTimer { interval: NaN }", warning: "interval wants .*, got nan" },
            { tag: "Infinity", line: "ScheduledTimer { interval: Infinity }", warning: "interval wants .*, got inf" },
            { tag: "1e300", line: "ScheduledTimer { interval: 1e300 }", warning: "interval wants .*, got 1e\\+300" },
            { tag: "rate", line: "SerialRateLimiter { rate: 0 }", warning: "rate wants .*, got 0" },
            { tag: "limits", line: "SerialRateLimiter { limits: [{}] }", warning: "limits wants .*, got \\{  \\}" }
        ]
    }
    function test_declarations(data) {
        ignoreWarning(new RegExp("Declared\\.qml:2:1: QML .*: " + data.warning))
        const object = createTemporaryQmlObject("import Tactus\n" + data.line, test, "Declared.qml")
        compare(object.interval ?? object.per, 1000)
    }

    function test_textInADeclarationIsNotCompiled() {
        let error
        try {
            Qt.createQmlObject("import Tactus\nScheduledTimer { interval: \"abc\" }", test, "Declared.qml")
        } catch (e) {
            error = e
        }
        compare(error.qmlErrors.length, 1)
        compare(error.qmlErrors[0].lineNumber, 2)
        compare(error.qmlErrors[0].message, "Invalid property assignment: number expected")
    }
}
