// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts

ApplicationWindow {
    id: window

    width: 1280
    height: 800
    minimumWidth: 960
    minimumHeight: header.height + driftPanel.Layout.minimumHeight + ticksPanel.Layout.minimumHeight
                   + limiterPanel.Layout.minimumHeight + axis.height + 4 * layout.spacing
                   + 2 * layout.anchors.margins
    visible: true
    title: "Tactus dashboard"
    color: Theme.window

    readonly property alias timers: timers
    readonly property alias requests: requests

    Binding {
        target: Timeline
        property: "width"
        value: driftPanel.plotArea.width
    }

    Timers {
        id: timers

    }

    Requests {
        id: requests

    }

    ColumnLayout {
        id: layout

        anchors.fill: parent
        anchors.margins: 16
        spacing: 12

        RowLayout {
            id: header

            Layout.fillWidth: true
            Layout.leftMargin: 4
            spacing: 14

            Text {
                color: Theme.text
                font.pixelSize: 22
                font.weight: Font.Bold
                renderType: Text.NativeRendering
                text: "Tactus"
            }
            Caption {
                Layout.fillWidth: true
                Layout.alignment: Qt.AlignBaseline
                elide: Text.ElideRight
                wrapMode: Text.NoWrap
                font.pixelSize: Theme.normal
                text: "Four timers and a rate limiter in one event loop. Everything shown is measured."
            }
            ThemeSwitch { }
        }

        Panel {
            id: driftPanel

            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.minimumHeight: Math.max(implicitHeight, 200)
            Layout.preferredHeight: Math.max(implicitHeight, 262)
            objectName: "drift"
            title: "Drift"
            explanation: "How far each timer is behind start + n × " + timers.interval
                         + " ms. Delay drifts by design: it waits after each callback."

            DriftPlot {
                id: driftPlot

                anchors.fill: parent
                timers: timers
            }

            figures: DriftFigures {
                anchors.fill: parent
                plot: driftPlot
            }

            controls: [
                LabeledSlider {
                    width: parent?.width ?? 0
                    name: "Block the event loop for"
                    shownValue: timers.load > 0 ? timers.load + " ms" : "never"
                    slider.objectName: "load"
                    slider.from: 0
                    slider.to: 800
                    slider.stepSize: 50
                    slider.value: timers.load
                    slider.onMoved: timers.load = slider.value
                },
                ActionButton {
                    objectName: "restart"
                    width: parent?.width ?? 0
                    hint: "Restart the four timers"
                    text: "Start again from zero"
                    onClicked: timers.restart()
                }
            ]
        }

        Panel {
            id: ticksPanel

            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.minimumHeight: Math.max(implicitHeight, 156)
            Layout.preferredHeight: Math.max(implicitHeight, 184)
            objectName: "ticks"
            title: "Ticks"
            explanation: "Each line is a slot, each dot a tick. A ring is a slot that was missed "
                         + "and reported. Shaded: the event loop was blocked."

            TickLanes {
                id: lanes

                anchors.fill: parent
                timers: timers
            }

            figures: TickFigures {
                anchors.fill: parent
                lanes: lanes
            }
        }

        Panel {
            id: limiterPanel

            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.minimumHeight: implicitHeight
            Layout.preferredHeight: implicitHeight
            objectName: "limiter"
            title: "Rate limiter"
            explanation: "A bar is a request, a dot its answer. One at a time, and never more than the "
                         + "limit in any window."

            LimiterView {
                anchors.fill: parent
                blocks: timers.blocks
                requests: requests
            }

            figures: LimiterFigures {
                anchors.fill: parent
                requests: requests
            }

            controls: LimiterControls {
                width: parent?.width ?? 0
                requests: requests
            }
        }

        TimeAxis {
            id: axis

            Layout.fillWidth: true
            Layout.leftMargin: driftPanel.plotArea.x
            Layout.rightMargin: driftPanel.width - driftPanel.plotArea.x - Timeline.width
        }
    }
}
