// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

pragma Singleton

import QtQuick
import Dashboard
import Tactus

// The axis that all plots share: the present at the right end, and so many milliseconds before it.
QtObject {
    id: timeline

    readonly property real span: 12000
    property real width: 600
    property real now: EventLoop.now()
    readonly property real pixelsPerMillisecond: width / span

    // Everything on the axis is at this distance from the first instant.
    readonly property real origin: EventLoop.now()

    readonly property ScheduledTimer frames: ScheduledTimer {
        interval: 33
        running: true
        onTick: timeline.now = EventLoop.now()
    }

    function toX(time: real): real {
        return (time - origin) * pixelsPerMillisecond;
    }

    function isPast(time: real): bool {
        return time < now - span - 1000;
    }
}
