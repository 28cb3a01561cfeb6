// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQuick
import QtQuick.Shapes

// The drift of each timer over time.
Item {
    id: plot

    required property Timers timers

    Accessible.role: Accessible.Chart
    Accessible.name: "Drift of the four timers over the last seconds"

    readonly property real zeroY: height - 18
    readonly property real maximumY: 26
    readonly property real maximum: niceAbove(highest(timers.tracks))

    function toY(drift: real): real {
        return zeroY - drift / maximum * (zeroY - maximumY);
    }

    function highest(tracks: var): real {
        let most = 400;
        for (const track of tracks) {
            for (const point of track.points)
                most = Math.max(most, point.y);
        }
        return most;
    }

    function niceAbove(value: real): real {
        const power = Math.pow(10, Math.floor(Math.log10(value)));
        return power * [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find(step => step * power >= value);
    }

    Item {
        anchors.fill: parent
        clip: true

        BlockedBands {
            blocks: plot.timers.blocks
            labeled: true
        }
    }

    Repeater {
        model: 3

        delegate: Item {
            id: line

            required property int index
            readonly property DriftPlot plot: parent as DriftPlot
            readonly property real drift: (plot?.maximum ?? 0) * index / 2

            y: Math.round(plot?.toY(drift) ?? 0)
            width: plot?.width ?? 0

            Rectangle {
                width: parent.width
                height: 1
                color: line.index === 0 ? Theme.outline : Theme.grid
            }
            Caption {
                anchors.right: parent.left
                anchors.rightMargin: 8
                anchors.verticalCenter: parent.top
                font.pixelSize: 11
                text: (line.plot?.maximum ?? 0) < 1000 ? line.drift + " ms"
                                                        : line.drift / 1000 + " s"
            }
        }
    }

    Item {
        anchors.fill: parent
        clip: true

        ScrollingLayer {

            Repeater {
                // The library's own on top.
                model: [...plot.timers.tracks].reverse()

                delegate: Shape {
                    id: shape

                    required property TimerTrack modelData
                    // Above the layer, and above what clips it.
                    readonly property DriftPlot plot: parent?.parent?.parent as DriftPlot

                    ShapePath {
                        capStyle: ShapePath.RoundCap
                        fillColor: "transparent"
                        joinStyle: ShapePath.RoundJoin
                        strokeColor: shape.modelData.color
                        strokeWidth: 2.5

                        PathPolyline {
                            path: shape.modelData.points.map(
                                      point => Qt.point(Timeline.toX(point.x), shape.plot?.toY(point.y) ?? 0))
                        }
                    }
                }
            }
        }
    }
}
