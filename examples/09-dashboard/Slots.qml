// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQuick

// Lines at the slots of a timer: begin + n * interval. They are alike, so they only ever move by
// one interval.
Item {
    id: slots

    required property real begin
    required property real interval
    readonly property real slotWidth: interval * Timeline.pixelsPerMillisecond
    readonly property real sinceSlot: (Timeline.now - begin) % interval
    readonly property int passed: Math.floor((Timeline.now - begin) / interval)

    x: Timeline.width - sinceSlot * Timeline.pixelsPerMillisecond

    Repeater {
        model: Math.ceil(Timeline.span / slots.interval)

        delegate: Rectangle {
            required property int index

            x: -index * ((parent as Slots)?.slotWidth ?? 0)
            width: 1
            height: parent?.height ?? 0
            visible: index <= ((parent as Slots)?.passed ?? 0)
            color: Theme.grid
        }
    }
}
