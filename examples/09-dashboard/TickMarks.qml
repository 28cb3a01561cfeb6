// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQuick

// The ticks of one timer, where they came; and the slots it says it has missed.
ScrollingLayer {
    id: marks

    required property TimerTrack track

    Repeater {
        model: marks.track.marks

        delegate: Item {
            id: mark

            required property real time
            required property real lateness
            required property bool isMissed
            readonly property color color: (parent as TickMarks)?.track.color ?? "transparent"

            x: Timeline.toX(time)

            // From where it was due.
            Rectangle {
                x: -width
                y: -1
                width: mark.lateness * Timeline.pixelsPerMillisecond
                height: 3
                color: mark.color
                opacity: 0.35
            }
            Rectangle {
                x: -width / 2
                y: -height / 2
                width: 8
                height: 8
                radius: 4
                border.color: mark.color
                border.width: mark.isMissed ? 1.5 : 0
                color: mark.isMissed ? Theme.surface : mark.color
            }
        }
    }
}
