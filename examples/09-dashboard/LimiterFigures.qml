// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQuick

// The queue, and what became of those that were in it.
Item {
    id: figures

    required property Requests requests

    component Count: Row {
        id: entry

        required property string outcome
        required property int count

        spacing: 8

        Rectangle {
            anchors.verticalCenter: parent.verticalCenter
            width: 9
            height: 9
            radius: entry.outcome === "failed" ? 1 : 4.5
            rotation: entry.outcome === "failed" ? 45 : 0
            color: Theme.outcome(entry.outcome)
        }
        Caption {
            text: entry.count + " " + entry.outcome
        }
    }

    function waiting(wait: real): string {
        if (!Number.isFinite(wait))
            return "Paused";
        if (wait === 0)
            return "One more starts at once";
        return "One more waits " + (wait / 1000).toFixed(1) + " s";
    }

    Column {
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        spacing: 8

        Text {
            color: Theme.text
            font.pixelSize: Theme.normal
            font.weight: Font.DemiBold
            renderType: Text.NativeRendering
            text: figures.requests.limiter.pendingCount + " queued"
        }
        Row {
            height: 9
            spacing: 4

            Repeater {
                model: Math.min(figures.requests.limiter.pendingCount, 12)

                delegate: Rectangle {
                    width: 9
                    height: 9
                    radius: 2
                    color: Theme.muted
                    opacity: 0.6
                }
            }
        }
        Caption {
            text: figures.waiting(figures.requests.waitOfOneMore)
        }
        Item {
            width: 1
            height: 4
        }
        Count {
            outcome: "completed"
            count: figures.requests.completed
        }
        Count {
            outcome: "failed"
            count: figures.requests.failed
        }
        Count {
            outcome: "canceled"
            count: figures.requests.canceled
        }
    }
}
