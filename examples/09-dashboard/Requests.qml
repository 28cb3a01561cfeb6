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

    // One entry for each task that was started: begin, end, outcome.
    readonly property ListModel executions: ListModel { }
    property int completed: 0
    property int failed: 0
    property int canceled: 0

    property int runningId: 0
    property var running: null // what push() has returned for it

    // The instants at which the latest ones were answered, and the most in any one window.
    property var answers: []
    property int fullestWindow: 0
    property real limitedSince: 0
    readonly property real waitOfOneMore: Timeline.now > 0 ? limiter.estimatedWait() : 0
    readonly property int inWindow: countSince(Timeline.now - limiter.per)

    function send(count: int): void {
        for (let i = 0; i < count; ++i) {
            const answer = limiter.push(() => {
                requests.running = answer;
                return server.handle();
            });
            answer.catch(() => { }); // the view shows it
        }
    }

    function cancelRunning(): void {
        running?.cancel();
    }

    function countSince(time: real): int {
        return answers.filter(answer => answer > time).length;
    }

    function end(outcome: string): void {
        const last = executions.count - 1;
        executions.set(last, { end: server.answeredAt, outcome: outcome });
        while (Timeline.isPast(executions.get(0).end))
            executions.remove(0);
        answers = answers.filter(answer => !Timeline.isPast(answer)).concat(server.answeredAt);
        fullestWindow = Math.max(fullestWindow, countSince(Math.max(limitedSince, server.answeredAt - limiter.per)));
    }

    SerialRateLimiter {
        id: limiter

        rate: 5
        per: 3000
        onTaskStarted: id => {
            requests.runningId = id;
            requests.executions.append({ begin: EventLoop.now(), end: 0.0, outcome: "running" });
        }
        onTaskCompleted: {
            requests.completed += 1;
            requests.end("completed");
        }
        onTaskFailed: {
            requests.failed += 1;
            requests.end("failed");
        }
        onTaskCanceled: id => {
            requests.canceled += 1;
            if (id === requests.runningId) // most that are canceled have never run
                requests.end("canceled");
        }
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
