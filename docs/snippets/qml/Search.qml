// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

//! [search]
import QtQml
import Tactus

QtObject {
    id: search

    required property var service
    property var results: []

    // One request at a time and two a second at most; of what is typed meanwhile, the latest.
    readonly property SerialRateLimiter requests: SerialRateLimiter {
        rate: 2
        per: 1000
        maximumPending: 1
        overflow: DropOldest
    }
    function find(text) {
        requests.push(() => service.find(text))
                .then(found => results = found, error => { })   // dropped for a later one
    }
}
//! [search]
