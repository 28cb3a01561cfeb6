// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQuick

// The stretches of time in which the event loop was blocked.
ScrollingLayer {
    id: bands

    required property ListModel blocks
    property bool labeled: false

    Repeater {
        model: bands.blocks

        delegate: Rectangle {
            id: band

            required property real begin
            required property real end
            readonly property bool labeled: (parent as BlockedBands)?.labeled ?? false

            x: Timeline.toX(begin)
            width: (end - begin) * Timeline.pixelsPerMillisecond
            height: parent?.height ?? 0
            color: Theme.band

            Caption {
                anchors.horizontalCenter: parent.horizontalCenter
                y: 4
                // Where there is room for it.
                visible: band.labeled && Timeline.now - band.end > 200
                font.pixelSize: 10
                text: Math.round(band.end - band.begin) + " ms"
            }
        }
    }
}
