// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

//! [test]
import QtTest
import Tactus

TestCase {
    name: "Heartbeat"

    ManualClock { id: clock }
    ScheduledTimer {
        id: heartbeat
        clock: clock
        interval: 1000
        onTick: beats++
        property int beats: 0
    }

    function test_beatsOnceASecond() {
        heartbeat.start()
        clock.advance(3500)
        compare(heartbeat.beats, 3)
        compare(clock.now, 3500)
    }
}
//! [test]
