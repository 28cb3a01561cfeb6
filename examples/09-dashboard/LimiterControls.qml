// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQuick

Column {
    id: controls

    required property Requests requests
    readonly property real half: (width - grid.spacing) / 2

    spacing: 10

    LabeledSlider {
        width: parent.width
        name: "Limit"
        shownValue: controls.requests.limiter.rate + " per "
                    + controls.requests.limiter.per / 1000 + " s"
        slider.objectName: "rate"
        slider.from: 1
        slider.to: 12
        slider.stepSize: 1
        slider.value: controls.requests.limiter.rate
        slider.onMoved: controls.requests.limiter.rate = slider.value
    }

    Grid {
        id: grid

        columns: 2
        spacing: 8

        ActionButton {
            objectName: "send"
            width: controls.half
            hint: "Queue ten more requests"
            text: "Send 10"
            onClicked: controls.requests.send(10)
        }
        ActionButton {
            objectName: "pause"
            width: controls.half
            hint: controls.requests.limiter.paused ? "Go on with the queue"
                                                   : "Start no more requests for now"
            text: controls.requests.limiter.paused ? "Resume" : "Pause"
            onClicked: {
                if (controls.requests.limiter.paused)
                    controls.requests.limiter.resume();
                else
                    controls.requests.limiter.pause();
            }
        }
        ActionButton {
            objectName: "clear"
            width: controls.half
            enabled: controls.requests.limiter.pendingCount > 0
            hint: "Cancel all that wait"
            text: "Clear queue"
            onClicked: controls.requests.limiter.clear()
        }
        ActionButton {
            objectName: "cancel"
            width: controls.half
            enabled: controls.requests.limiter.busy
            hint: "Cancel the request that is running"
            text: "Cancel one"
            onClicked: controls.requests.cancelRunning()
        }
    }
}
