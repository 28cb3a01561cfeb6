// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// The JavaScript queues among the peers. Called like tactus-benchmarks: node queues.js BENCHMARK SUBJECT
// [NAME=NUMBER...], or --list. Needs node --expose-gc.

import Bottleneck from 'bottleneck';
import PQueue from 'p-queue';
import pThrottle from 'p-throttle';

const now = () => process.hrtime.bigint();
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

// ---- One task at a time, as fast as it goes: functions that queue a task and give a promise.

const unlimited = {
    'p-queue': () => {
        const queue = new PQueue({ concurrency: 1 });
        return (task) => queue.add(task);
    },
    'p-throttle': () => pThrottle({ limit: 1e9, interval: 1 })((task) => task()),
    'bottleneck': () => {
        const limiter = new Bottleneck({ maxConcurrent: 1 });
        return (task) => limiter.schedule(async () => task());
    },
};

async function throughput(subject, { tasks, batches }) {
    const add = unlimited[subject]();
    let ran = 0;
    const costs = [];
    for (let batch = 0; batch <= batches; ++batch) {
        const promises = [];
        const begin = now();
        for (let task = 0; task < tasks; ++task)
            promises.push(add(() => ++ran));
        await Promise.all(promises);
        costs.push(Number(now() - begin) / tasks);
    }
    return { perTask: median(costs.slice(1)) };
}

// ---- What a queued task holds: the lane is taken by one that does not end.

async function memory(subject, { tasks }) {
    const add = unlimited[subject]();
    let ran = 0;
    add(() => new Promise(() => {}));
    const promises = new Array(tasks).fill(null);
    globalThis.kept = [add, promises];
    await new Promise((resolve) => setTimeout(resolve, 10));
    global.gc();
    const before = process.memoryUsage().heapUsed;
    for (let task = 0; task < tasks; ++task)
        promises[task] = add(() => ++ran);
    await new Promise((resolve) => setTimeout(resolve, 10));
    global.gc();
    return { bytes: (process.memoryUsage().heapUsed - before) / tasks };
}

// ---- The permitted rate: per in nanoseconds

const limited = {
    'p-queue': (rate, interval) => {
        const queue = new PQueue({ concurrency: 1, intervalCap: rate, interval });
        return (task) => queue.add(task);
    },
    'p-throttle': (rate, interval) =>
        pThrottle({ limit: rate, interval, strict: true })((task) => task()),
    // Its windows are a quarter of a second at least; its minimum distance has no such bound.
    'bottleneck': (rate, interval) => {
        const limiter = new Bottleneck({ maxConcurrent: 1, minTime: interval / rate });
        return (task) => limiter.schedule(async () => task());
    },
};

function mostWithin(length, instants) {
    let most = 0;
    let first = 0;
    instants.forEach((instant, last) => {
        while (instant - instants[first] >= length)
            ++first;
        most = Math.max(most, last - first + 1);
    });
    return most;
}

async function rate(subject, { rate, per, windows, start = 0 }) {
    const add = limited[subject](rate, per / 1e6);
    const instants = [];
    const promises = [];
    await new Promise((resolve) => setTimeout(resolve, Math.max(start - Number(now()), 0) / 1e6));
    for (let task = 0; task <= rate * windows; ++task)
        promises.push(add(() => instants.push(now())));
    await Promise.all(promises);
    return {
        share: per * windows / Number(instants.at(-1) - instants[0]),
        mostInWindow: mostWithin(BigInt(per), instants),
    };
}

// p-throttle has no lane that a task could take.
const measures = {
    throughput: [throughput, Object.keys(unlimited)],
    memory: [memory, ['p-queue', 'bottleneck']],
    rate: [rate, Object.keys(limited)],
};
const [benchmark, subject, ...options] = process.argv.slice(2);
if (benchmark === '--list') {
    for (const [name, [, subjects]] of Object.entries(measures)) {
        for (const one of subjects)
            console.log(name, one);
    }
} else {
    const values = options.map((option) => option.split('='));
    const numbers = Object.fromEntries(values.map(([name, value]) => [name, Number(value)]));
    console.log(JSON.stringify(await measures[benchmark][0](subject, numbers)));
    process.exit();
}
