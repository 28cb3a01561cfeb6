// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQuick
import Dashboard
import Tactus

// A server, as a client sees it: it answers after a while, and sometimes with an error. It serves
// one request at a time.
QtObject {
    id: server

    property real failureRate: 0.15
    property real shortest: 80
    property real longest: 380
    // When the latest request was answered: an instant inside the execution of its task.
    property real answeredAt: 0

    property var settle: null
    readonly property ScheduledTimer answer: ScheduledTimer {
        maximumTicks: 1
        onTick: server.finish(Math.random() < server.failureRate ? "503 Service Unavailable" : "")
    }

    function handle(): var {
        const request = new Promise((resolve, reject) => {
            server.settle = error => error ? reject(new Error(error)) : resolve("200 OK");
            server.answer.interval = shortest + Math.random() * (longest - shortest);
            server.answer.start();
        });
        // The client gives it up.
        request.cancel = () => {
            server.answer.stop();
            server.finish("given up");
        };
        return request;
    }

    function finish(error: string): void {
        const settle = server.settle;
        server.settle = null;
        answeredAt = EventLoop.now();
        settle?.(error);
    }
}
