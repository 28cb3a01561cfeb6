# SPDX-FileCopyrightText: 2026 The Tactus Authors
# SPDX-License-Identifier: MIT

"""Python's asyncio among the peers. Called like tactus-benchmarks: BENCHMARK SUBJECT [NAME=NUMBER...]."""

import asyncio
import collections
import json
import os
import random
import statistics
import sys
import time


def finish(result):
    print(json.dumps(result), flush=True)
    os._exit(0)


def wait_for_start(options):
    if 'start' in options:
        time.sleep(max(options['start'] - time.monotonic_ns(), 0) / 1e9)


def rearm(loop, options):
    """As in crowd.cpp. A cancelled handle stays in asyncio's heap until its time has come."""
    timers = options['timers']
    intervals = [random.randint(3600, 36000) for _ in range(timers)]
    begin = time.perf_counter_ns()
    handles = [loop.call_later(interval, int) for interval in intervals]
    starting = (time.perf_counter_ns() - begin) / len(handles)
    one = loop.call_later(18000, int)
    calls = 1
    while True:
        begin = time.perf_counter_ns()
        for _ in range(calls):
            one.cancel()
            one = loop.call_later(18000, int)
        duration = time.perf_counter_ns() - begin
        if duration >= options['atLeast']:
            finish({'start': starting, 'rearm': duration / calls})
        calls *= 2


def ticks(loop, options):
    """As in crowd.cpp: each timer re-arms itself along its grid."""
    random.seed(options['seed'])
    intervals = [
        random.randint(options['shortest'], options['longest']) / 1000
        for _ in range(options['timers'])
    ]
    wait_for_start(options)
    began = loop.time()
    begin = began + options['warmUp'] / 1e9
    length = options['length'] / 1e9
    ticks_per_look = 64 if len(intervals) >= 1000 else 1
    state = {'ticks': 0, 'used': None, 'begin': begin}

    def look():
        now = loop.time()
        if state['used'] is None and now >= begin:
            state.update(ticks=0, used=time.process_time_ns(), begin=now)
        elif state['used'] is not None and now >= state['begin'] + length:
            used = time.process_time_ns() - state['used']
            due = sum(
                (now - began) // interval - (state['begin'] - began) // interval
                for interval in intervals
            )
            finish(
                {
                    'processorTime': used / state['ticks'],
                    'ticks': state['ticks'],
                    'delivered': state['ticks'] / due,
                }
            )

    def tick(interval, due):
        state['ticks'] += 1
        if state['ticks'] % ticks_per_look == 0:
            look()
        # As a Fixed schedule: what was passed over is not made up.
        due += interval * max(1, (loop.time() - due) // interval + 1)
        loop.call_at(due, tick, interval, due)

    for interval in intervals:
        loop.call_at(began + interval, tick, interval, began + interval)
    loop.run_forever()


def lateness(loop, options):
    """As in latenesslog.cpp: call_at() along the grid."""
    values = []
    wait_for_start(options)
    start = time.monotonic_ns()

    def ticked(number):
        late = time.monotonic_ns() - (start + number * options['interval'])
        if number > options['ticks'] // 20:
            values.append(late)
        if number >= options['ticks']:
            values.sort()
            finish(
                {
                    'quantiles': [
                        values[(len(values) - 1) * percent // 100] for percent in range(101)
                    ],
                    'samples': len(values),
                    'early': sum(value < 0 for value in values),
                }
            )
        wait(number + 1)

    def wait(number):
        loop.call_at((start + number * options['interval']) / 1e9, ticked, number)

    wait(1)
    loop.run_forever()


def throughput(loop, options):
    """A plain deque: tasks run in order, each one's result goes to its future."""

    async def batch(tasks):
        queue = collections.deque()
        ran = 0

        def task():
            nonlocal ran
            ran += 1
            return ran

        async def run_all():
            while queue:
                function, future = queue.popleft()
                future.set_result(function())

        begin = time.perf_counter_ns()
        futures = []
        for _ in range(tasks):
            future = loop.create_future()
            queue.append((task, future))
            futures.append(future)
        loop.create_task(run_all())
        for future in futures:
            await future
        return (time.perf_counter_ns() - begin) / tasks

    costs = [
        loop.run_until_complete(batch(options['tasks'])) for _ in range(options['batches'] + 1)
    ]
    finish({'perTask': statistics.median(costs[1:])})


MEASURES = {'rearm': rearm, 'ticks': ticks, 'lateness': lateness, 'throughput': throughput}


def main():
    benchmark, *rest = sys.argv[1:]
    if benchmark == '--list':
        for name in MEASURES:
            print(name, 'asyncio')
        return
    options = {name: int(value) for name, value in (option.split('=') for option in rest[1:])}
    MEASURES[benchmark](asyncio.new_event_loop(), options)


main()
