// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQuick
import Dashboard
import Tactus

// Four timers with one interval in one event loop, and what blocks that loop now and then.
Item {
    id: timers

    readonly property int interval: 250

    // For how long the event loop is blocked each time; 0: never.
    property real load: 400
    readonly property ListModel blocks: ListModel { }

    readonly property TimerTrack fixed: TimerTrack {
        name: "Fixed"
        color: Theme.fixed
        interval: timers.interval
    }
    readonly property TimerTrack delay: TimerTrack {
        name: "Delay"
        remark: "by design"
        color: Theme.delay
        interval: timers.interval
    }
    readonly property TimerTrack cppTimer: TimerTrack {
        name: "QTimer"
        color: Theme.cppTimer
        interval: timers.interval
    }
    readonly property TimerTrack qmlTimer: TimerTrack {
        name: "QML Timer"
        color: Theme.qmlTimer
        interval: timers.interval
    }
    readonly property var tracks: [fixed, delay, cppTimer, qmlTimer]

    function restart(): void {
        blocks.clear();
        fixed.start();
        fixedTimer.restart();
        delay.start();
        delayTimer.restart();
        cppTimer.start();
        plainTimer.start();
        qmlTimer.start();
        quickTimer.restart();
    }

    Component.onCompleted: restart()

    ScheduledTimer {
        id: fixedTimer

        interval: timers.interval
        policy: Fixed
        onTick: tick => timers.fixed.note(tick.index, tick.missed, tick.lateness)
    }

    ScheduledTimer {
        id: delayTimer

        interval: timers.interval
        policy: Delay
        onTick: tick => timers.delay.note(tick.index, tick.missed, tick.lateness)
    }

    CppTimer {
        id: plainTimer

        interval: timers.interval
        onTimeout: timers.cppTimer.note(timers.cppTimer.ticks + 1, 0, 0)
    }

    Timer {
        id: quickTimer

        interval: timers.interval
        repeat: true
        onTriggered: timers.qmlTimer.note(timers.qmlTimer.ticks + 1, 0, 0)
    }

    // The load. Delay: it leaves the window time to be used in between. Out of step with the others, so
    // that it meets them at all times.
    ScheduledTimer {
        interval: 1930
        policy: Delay
        running: timers.load > 0
        callback: () => {
            const begin = EventLoop.now();
            EventLoop.block(timers.load);
            timers.blocks.append({ begin: begin, end: EventLoop.now() });
            while (Timeline.isPast(timers.blocks.get(0).end))
                timers.blocks.remove(0);
        }
    }
}
