// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import Dashboard
import QtQuick

// What is measured of one timer.
QtObject {
    id: track

    required property string name
    required property color color
    property string remark
    required property real interval

    property real begin: 0
    property int ticks: 0
    property int latestNumber: 0
    // Slots that the timer says it has missed.
    property int missed: 0
    // Slots that have passed without a tick, whether the timer says so or not.
    property int passedOver: 0
    // How far the latest tick was behind its place, begin + number * interval.
    property real drift: 0
    property var points: []
    readonly property ListModel marks: ListModel { }

    // Right before the timer is started.
    function start(): void {
        begin = EventLoop.now();
        ticks = 0;
        latestNumber = 0;
        missed = 0;
        passedOver = 0;
        drift = 0;
        points = [Qt.point(begin, 0)];
        marks.clear();
    }

    // First thing in the timer's handler. number is the place the tick has in the timer's own
    // count; lateness is what the timer says of itself.
    function note(number: real, missedBefore: real, lateness: real): void {
        const time = EventLoop.now();
        ticks += 1;
        latestNumber = number;
        missed += missedBefore;
        passedOver = Math.max(0, Math.floor((time - begin) / interval) - ticks);
        drift = time - (begin + number * interval);

        for (let slot = number - missedBefore; slot < number; ++slot)
            marks.append({ time: begin + slot * interval, lateness: 0.0, isMissed: true });
        marks.append({ time: time, lateness: lateness, isMissed: false });
        while (Timeline.isPast(marks.get(0).time))
            marks.remove(0);

        // One point more than is in sight, so that the line begins at the edge.
        const kept = points.filter(point => !Timeline.isPast(point.x));
        points = kept.concat(Qt.point(time, drift));
    }
}
