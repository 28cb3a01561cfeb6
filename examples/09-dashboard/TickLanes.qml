// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQuick

// One lane for each timer, over the slots that they have in common.
Item {
    id: lanes

    clip: true

    required property Timers timers

    Accessible.role: Accessible.Chart
    Accessible.name: "Ticks of the four timers over the last seconds"

    readonly property real laneHeight: (height - 24) / timers.tracks.length

    function laneY(index: int): real {
        return Math.round(12 + (index + 0.5) * laneHeight);
    }

    BlockedBands {
        blocks: lanes.timers.blocks
    }

    Slots {
        begin: lanes.timers.fixed.begin
        interval: lanes.timers.interval
        y: 12
        height: lanes.height - 24
    }

    Repeater {
        model: lanes.timers.tracks

        delegate: Item {
            id: lane

            required property int index
            required property TimerTrack modelData

            y: (parent as TickLanes)?.laneY(index) ?? 0
            width: parent?.width ?? 0

            Rectangle {
                width: parent.width
                height: 1
                color: Theme.outline
            }
            TickMarks {
                track: lane.modelData
            }
        }
    }
}
