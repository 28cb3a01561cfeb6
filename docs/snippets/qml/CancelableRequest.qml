// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import Tactus

ScheduledTimer {
    // The linter of Qt 6.8 does not know XMLHttpRequest.
    // qmllint disable unqualified
    //! [callback]
    callback: () => {
        const request = new XMLHttpRequest()
        const answer = new Promise((resolve, reject) => {
            request.onload = () => resolve(request.responseText)
            request.onerror = () => reject(new Error("no answer"))
        })
        answer.cancel = () => request.abort()
        request.open("GET", "https://example.org/state")
        request.send()
        return answer
    }
    //! [callback]
}
