// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

//! [poll]
import QtQml
import Tactus

QtObject {
    id: temperature

    required property var service   // its fetch() returns a Promise
    property real celsius: NaN
    property string problem

    readonly property ScheduledTimer poll: ScheduledTimer {
        interval: 10000
        policy: Delay               // ten seconds after each answer
        triggeredOnStart: true
        running: true
        callback: () => temperature.service.fetch("/temperature").then(answer => {
            temperature.celsius = answer
            temperature.problem = ""
        })
        onErrorOccurred: (tick, message) => temperature.problem = message
    }
}
//! [poll]
