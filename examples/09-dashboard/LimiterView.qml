// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQuick

// The executions over time, and the window over their ends.
Item {
    id: view

    required property Requests requests
    required property ListModel blocks

    readonly property real barY: Math.round(height / 2 + 4)

    clip: true

    Accessible.role: Accessible.Chart
    Accessible.name: "Requests over the last seconds, and the window over them"

    BlockedBands {
        blocks: view.blocks
    }

    // The sliding window: it ends now.
    Rectangle {
        anchors.right: parent.right
        y: view.barY - height / 2
        width: view.requests.limiter.per * Timeline.pixelsPerMillisecond
        height: 88
        border.color: Qt.alpha(Theme.accent, 0.45)
        color: Qt.alpha(Theme.accent, 0.10)
        radius: 6

        Text {
            anchors.bottom: parent.top
            anchors.bottomMargin: 7
            // In the middle, unless it is longer than the window.
            x: Math.min((parent.width - width) / 2, parent.width - width)
            color: Theme.accent
            font.pixelSize: Theme.small
            font.weight: Font.DemiBold
            renderType: Text.NativeRendering
            text: view.requests.inWindow + " of " + view.requests.limiter.rate + " in the last "
                  + view.requests.limiter.per / 1000 + " s"
        }
        Caption {
            anchors.horizontalCenter: parent.horizontalCenter
            anchors.top: parent.bottom
            anchors.topMargin: 7
            text: "at most " + view.requests.fullestWindow + " so far"
        }
    }

    Rectangle {
        y: view.barY
        width: parent.width
        height: 1
        color: Theme.outline
    }

    ScrollingLayer {
        y: view.barY

        Repeater {
            model: view.requests.executions

            delegate: Item {
                id: execution

                required property real begin
                required property real end
                required property string outcome
                readonly property bool isOver: end > begin
                readonly property real shownEnd: isOver ? end : Timeline.now
                readonly property color color: Theme.outcome(outcome)

                x: Timeline.toX(begin)
                width: Math.max(2, (shownEnd - begin) * Timeline.pixelsPerMillisecond)

                Rectangle {
                    y: -height / 2
                    width: parent.width
                    height: 26
                    radius: 4
                    color: Qt.alpha(execution.color, 0.3)
                }
                // Its end is what the window counts.
                Rectangle {
                    x: parent.width - width / 2
                    y: -height / 2
                    visible: execution.isOver
                    width: 9
                    height: 9
                    radius: execution.outcome === "failed" ? 1 : 4.5
                    rotation: execution.outcome === "failed" ? 45 : 0
                    color: execution.color
                }
            }
        }
    }
}
