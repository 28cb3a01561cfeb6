// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQuick
import Dashboard
import Tactus

// Requests to the server, through a limiter; and what became of them.
Item {
    id: requests


    readonly property alias limiter: limiter
    readonly property alias server: server
    // Comes in bursts, while the queue is not too long.
    property bool hasTraffic: true

    // One entry for each task that was started: begin, end, state.
    readonly property ListModel executions: ListModel { }
    property int completed: 0
    property int failed: 0
    property int canceled: 0
    property bool isCanceling: false

    // The instants at which the latest ones were answered, and the most in any one window.
    property var answers: []
    property int fullestWindow: 0
    property real limitedSince: 0
    readonly property real waitOfOneMore: Timeline.now > 0 ? limiter.estimatedWait() : 0
    readonly property int inWindow: countSince(Timeline.now - limiter.per)

    function send(count: int): void {
        for (let i = 0; i < count; ++i)
            limiter.push(() => server.handle()).catch(() => { }); // the view shows the failure
    }

    // A function in the queue is canceled by clear(). One whose Promise is awaited can only be ended
    // by whoever is to settle that.
    function cancelRunning(): void {
        isCanceling = limiter.busy;
        if (isCanceling)
            server.abort();
    }

    function countSince(time: real): int {
        return answers.filter(answer => answer > time).length;
    }

    function end(state: string): void {
        const last = executions.count - 1;
        executions.set(last, { end: server.answeredAt, state: state });
        while (Timeline.isPast(executions.get(0).end))
            executions.remove(0);
        answers = answers.filter(answer => !Timeline.isPast(answer)).concat(server.answeredAt);
        fullestWindow = Math.max(fullestWindow, countSince(Math.max(limitedSince, server.answeredAt - limiter.per)));
    }

    SerialRateLimiter {
        id: limiter

        rate: 5
        per: 3000
        onTaskStarted: requests.executions.append({
            begin: EventLoop.now(),
            end: 0.0,
            state: "running"
        })
        onTaskCompleted: {
            requests.completed += 1;
            requests.end("completed");
        }
        onTaskFailed: {
            if (requests.isCanceling)
                requests.canceled += 1;
            else
                requests.failed += 1;
            requests.end(requests.isCanceling ? "canceled" : "failed");
            requests.isCanceling = false;
        }
        onTaskCanceled: requests.canceled += 1
        // What was within the limit before may not be so now.
        onRateChanged: {
            requests.limitedSince = EventLoop.now();
            requests.fullestWindow = 0;
        }
    }

    Server {
        id: server
    }

    ScheduledTimer {
        interval: 4500
        triggeredOnStart: true
        running: requests.hasTraffic
        onTick: {
            if (limiter.pendingCount < 12)
                requests.send(7);
        }
    }
}
