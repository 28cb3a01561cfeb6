// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQuick

// What each timer says of the slots it has missed.
Item {
    id: figures

    required property TickLanes lanes

    function verdict(track: TimerTrack): string {
        const timers = lanes.timers;
        if (track === timers.fixed)
            return track.missed + " missed, all counted";
        if (track === timers.delay)
            return "waits after each tick";
        return track.passedOver + " lost, none reported";
    }

    Repeater {
        model: figures.lanes.timers.tracks

        delegate: Column {
            id: row

            required property int index
            required property TimerTrack modelData
            readonly property TickFigures figures: parent as TickFigures

            y: (figures?.lanes.laneY(index) ?? 0) - height / 2
            width: figures?.width ?? 0

            Text {
                color: row.modelData.color
                font.pixelSize: Theme.normal
                font.weight: Font.DemiBold
                renderType: Text.NativeRendering
                text: row.modelData.name
            }
            Caption {
                width: parent.width
                elide: Text.ElideRight
                wrapMode: Text.NoWrap
                text: row.figures?.verdict(row.modelData) ?? ""
            }
        }
    }
}
