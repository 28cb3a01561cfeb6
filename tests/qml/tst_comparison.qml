// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQml
import QtQuick
import QtTest
import Tactus

// Beside QML's own Timer, in one engine. This one runs in real time, so it asserts orders and lower
// bounds only.
TestCase {
    id: test
    name: "Comparison"

    ManualClock {
        id: virtualTime
    }

    Timer {
        id: qmlTimer
        property int ticks: 0
        interval: 200
        repeat: true
        onTriggered: ticks++
    }
    ScheduledTimer {
        id: ours
        interval: 200
    }

    // QML's Timer starts over when an unrelated property is set: kept busy that way it never fires,
    // unless the machine stalls for its interval; then it is tried once more.
    function test_unrelatedPropertiesRestartNothing() {
        for (let attempt = 0; attempt < 10; ++attempt) {
            keepSettingProperties()
            if (qmlTimer.ticks === 0)
                return
        }
        fail("QML's Timer has ticked")
    }
    function keepSettingProperties() {
        const started = Date.now()
        qmlTimer.ticks = 0
        qmlTimer.start()
        ours.start()
        while (ours.tickCount < 3) {
            verify(Date.now() - started < 10000)
            qmlTimer.triggeredOnStart = !qmlTimer.triggeredOnStart
            qmlTimer.repeat = !qmlTimer.repeat
            ours.triggeredOnStart = !ours.triggeredOnStart
            ours.callbackTimeout = ours.callbackTimeout + 1
            ours.tolerance = ours.tolerance === 1 ? 2 : 1
            ours.errorPolicy = ours.errorPolicy === ScheduledTimer.Stop ? ScheduledTimer.Continue
                                                                        : ScheduledTimer.Stop
            ours.maximumTicks = ours.maximumTicks + 1
            ours.interval = ours.interval // the same value
            ours.callback = () => {}
            wait(1)
        }
        qmlTimer.stop()
        ours.stop()
        verify(Date.now() - started >= 600)
    }

    // The same, exactly.
    function test_unrelatedPropertiesRestartNothingOnVirtualTime_data() {
        return [
            { tag: "callbackTimeout", value: 5 }, { tag: "tolerance", value: 5 },
            { tag: "errorPolicy", value: ScheduledTimer.Stop }, { tag: "maximumTicks", value: 9 },
            { tag: "triggeredOnStart", value: true }, { tag: "interval", value: 10 },
            { tag: "running", value: true }, { tag: "policy", value: ScheduledTimer.Fixed }
        ]
    }
    function test_unrelatedPropertiesRestartNothingOnVirtualTime(data) {
        const timer = createTemporaryObject(component, test, { clock: virtualTime })
        timer.start()
        virtualTime.advance(9)
        timer[data.tag] = data.value
        virtualTime.advance(1)
        compare(timer.tickCount, 1)
    }
    Component {
        id: component
        ScheduledTimer {
            interval: 10
        }
    }

    // QML's Timer is driven by animation frames: within one frame it can tick once. Ours ticks at
    // its own rate, whether there are frames or not.
    Timer {
        id: fastQmlTimer
        property int ticks: 0
        interval: 1
        repeat: true
        onTriggered: ticks++
    }
    ScheduledTimer {
        id: fast
        interval: 1
        property int ticks: 0
        onTick: ticks++
    }
    NumberAnimation {
        id: animation
        target: Item { }
        property: "x"
        to: 1000
        duration: 100000
    }
    function test_isNotBoundToFrames() {
        animation.start()
        fastQmlTimer.start()
        fast.start()
        tryVerify(() => fastQmlTimer.ticks >= 10, 20000)
        fast.stop()
        fastQmlTimer.stop()
        animation.stop()
        // 10 frames of 16 ms. A loaded machine makes ours miss slots too, but it counts those.
        verify(fast.ticks + fast.missedCount > 3 * fastQmlTimer.ticks,
               fast.ticks + " ticks beside " + fastQmlTimer.ticks)
    }
}
