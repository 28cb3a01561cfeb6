// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQuick

// The timers by name, each at the height of its line as far as there is room.
Item {
    id: figures

    required property DriftPlot plot

    readonly property int rowHeight: 22
    readonly property var rowYs: spread(plot.timers.tracks.map(track => plot.toY(track.drift)))

    // The given heights, moved apart.
    function spread(wanted: var): var {
        const order = wanted.map((y, index) => index).sort((a, b) => wanted[b] - wanted[a]);
        const ys = [];
        let lowest = height - rowHeight / 2 - 6;
        for (const index of order) {
            ys[index] = Math.min(wanted[index], lowest);
            lowest = ys[index] - rowHeight;
        }
        let highest = rowHeight / 2 + 6;
        for (const index of order.reverse()) {
            ys[index] = Math.max(ys[index], highest);
            highest = ys[index] + rowHeight;
        }
        return ys;
    }

    Repeater {
        model: figures.plot.timers.tracks

        delegate: Item {
            id: row

            required property int index
            required property TimerTrack modelData
            readonly property DriftFigures figures: parent as DriftFigures

            y: (figures?.rowYs[index] ?? 0) - height / 2
            width: figures?.width ?? 0
            height: figures?.rowHeight ?? 0

            Text {
                id: nameText

                anchors.verticalCenter: parent.verticalCenter
                color: row.modelData.color
                font.pixelSize: Theme.normal
                font.weight: Font.DemiBold
                renderType: Text.NativeRendering
                text: row.modelData.name
            }
            Caption {
                anchors.baseline: nameText.baseline
                anchors.left: nameText.right
                anchors.leftMargin: 8
                text: row.modelData.remark
            }
            Text {
                anchors.right: parent.right
                anchors.verticalCenter: parent.verticalCenter
                color: Theme.text
                font.pixelSize: Theme.normal
                renderType: Text.NativeRendering
                text: Theme.duration(row.modelData.drift)
            }
        }
    }
}
