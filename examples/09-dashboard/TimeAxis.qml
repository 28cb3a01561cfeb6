// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQuick

// How long ago things were, for all the plots above.
Item {
    id: axis

    readonly property int step: 2

    implicitHeight: 16

    Repeater {
        model: Math.floor(Timeline.span / 1000 / axis.step)

        delegate: Caption {
            required property int index
            readonly property real ago: index * ((parent as TimeAxis)?.step ?? 0)

            x: (parent?.width ?? 0) - ago * 1000 * Timeline.pixelsPerMillisecond - width / 2
            font.pixelSize: 11
            text: index === 0 ? "now" : "−" + ago + " s"
        }
    }
}
