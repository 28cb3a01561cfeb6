# SPDX-FileCopyrightText: 2026 The Tactus Authors
# SPDX-License-Identifier: MIT

"""What is measured, and what it is measured against: the one place for sizes and targets.

A Case is one benchmark with its options, run for several subjects in turn. A Row is a line of the
table: one subject's value in a case, beside another's, and the bound for their ratio or for the value.
"""

from dataclasses import dataclass, field

MILLISECOND = 1_000_000
SECOND = 1000 * MILLISECOND


class Size:
    """A number that depends on how much time there is. Smoke only sees that everything runs."""

    def __init__(self, full, quick, smoke):
        self.by_name = {'full': full, 'quick': quick, 'smoke': smoke}


def sized(value, size):
    return value.by_name[size] if isinstance(value, Size) else value


@dataclass
class Case:
    name: str
    benchmark: str
    subjects: list
    options: dict
    both: bool = False  # on each of Qt's dispatchers, where the subject uses one
    at_once: int = 1  # processes side by side: for those that mostly sleep
    stagger: float = 0  # seconds between the starts of processes side by side
    repetitions: object = field(default_factory=lambda: Size(5, 1, 1))
    special: dict = field(default_factory=dict)  # options of single subjects


# Subjects without an event loop of Qt: the same measurement serves both dispatchers.
WITHOUT_QT = {'nanosleep', 'nanosleep-noslack', 'timerfd', 'asyncio', 'p-queue', 'p-throttle', 'bottleneck'}

# How the subjects are called where people read of them.
TITLES = {
    'tactus': 'Tactus',
    'tactus-exact': 'Tactus, tolerance 0',
    'tactus-push': 'Tactus, push()',
    'tactus-post': 'Tactus, post()',
    'qtimer': 'QTimer, precise',
    'qtimer-coarse': 'QTimer, coarse',
    'qbasictimer': 'QBasicTimer',
    'singleshot': 'QTimer::singleShot',
    'qcoro': 'QCoro',
    'nanosleep': 'clock_nanosleep',
    'nanosleep-noslack': 'clock_nanosleep, slack 1 ns',
    'timerfd': 'timerfd',
    'asyncio': 'Python asyncio',
    'invoke-chain': 'queued invokeMethod',
    'watcher': 'QFutureWatcher by hand',
    'qpromise': 'bare QPromise',
    'one': 'one producer',
    'four': 'four producers',
    'p-queue': 'p-queue',
    'p-throttle': 'p-throttle',
    'bottleneck': 'Bottleneck',
}

LATENESS = {1: '1 ms', 10: '10 ms', 17: '16.667 ms', 100: '100 ms'}
INTERVALS = {1: MILLISECOND, 10: 10 * MILLISECOND, 17: 16_666_667, 100: 100 * MILLISECOND}
QT_TIMERS = ['tactus', 'qtimer', 'qtimer-coarse', 'qbasictimer']
BARE = ['nanosleep', 'nanosleep-noslack', 'timerfd']
SLEEPERS = ['tactus-exact', 'tactus', 'qtimer', 'singleshot']
MORE_SLEEPERS = ['qtimer-coarse', 'qbasictimer', 'qcoro', 'asyncio']
RATES = {'1ms': (1, MILLISECOND), '100ms': (10, 100 * MILLISECOND), '1s': (100, SECOND)}


def rearm(timers, subjects, **more):
    return Case(f'rearm-{timers}', 'rearm', subjects,
                {'timers': Size(timers, timers, min(timers, 1000)),
                 'atLeast': Size(100 * MILLISECOND, 50 * MILLISECOND, MILLISECOND)}, **more)


def ticks(timers, subjects, shortest, longest, length, **more):
    return Case(f'ticks-{timers}', 'ticks', subjects,
                {'timers': Size(timers, timers, min(timers, 1000)), 'shortest': shortest, 'longest': longest,
                 'warmUp': Size(longest * MILLISECOND, longest * MILLISECOND, 0),
                 'length': Size(*(int(seconds * SECOND) for seconds in length))}, both=True, **more)


def lateness(interval, subjects, count, **more):
    return Case(f'lateness-{interval}', 'lateness', subjects,
                {'interval': INTERVALS[interval], 'ticks': count}, both=True, **more)


# Each wake-up has a process of its own: within one, a wait would be as long as until the next of all
# its timers. The processes come due far enough apart that no one's kernel slack reaches the next.
def wait(seconds):
    return Case(f'wait-{seconds}', 'lateness', SLEEPERS + ['qcoro', 'asyncio'] + BARE,
                {'interval': Size(seconds * SECOND, seconds * SECOND, SECOND // 10), 'ticks': 1}, both=True,
                at_once=70, stagger=0.04, repetitions=Size(15, 2, 1))


def futures(kind):
    return Case(f'{kind}-futures', f'{kind}-futures', ['tactus-push', 'tactus-post', 'watcher', 'qcoro'],
                {'tasks': 1000, 'batches': Size(50, 20, 1)}, both=True)


def rate(name, windows, **more):
    limit, per = RATES[name]
    return Case(f'rate-{name}', 'rate', ['tactus', 'p-queue', 'p-throttle', 'bottleneck'],
                {'rate': limit, 'per': per, 'windows': windows}, both=True, **more)


def producers(name, paused):
    return Case(f'producers-{name}', 'producers', ['one', 'four'],
                {'tasks': Size(400_000, 200_000, 4000), 'paused': paused})


CASES = [
    rearm(10, QT_TIMERS + ['asyncio']),
    rearm(1000, QT_TIMERS + ['asyncio']),
    rearm(10_000, QT_TIMERS + ['asyncio']),
    rearm(100_000, ['tactus', 'qtimer', 'asyncio']),
    # One interval, the shortest: the others would have too few ticks.
    ticks(1, QT_TIMERS + ['asyncio'], 100, 100, (5, 4, 0.2), at_once=9, stagger=0.011),
    ticks(10_000, ['tactus', 'qtimer', 'asyncio'], 100, 1000, (1, 0.5, 0.2)),
    ticks(100_000, ['tactus', 'qtimer', 'asyncio'], 100, 1000, (1, 0.5, 0.2)),
    lateness(1, SLEEPERS + BARE, Size(500, 300, 10)),
    lateness(10, SLEEPERS + MORE_SLEEPERS + BARE, Size(80, 30, 5)),
    lateness(17, SLEEPERS + BARE, Size(50, 20, 5)),
    lateness(100, SLEEPERS + MORE_SLEEPERS + BARE, Size(50, 15, 2), at_once=18, stagger=0.0055),
    wait(3),
    wait(10),
    Case('grid', 'grid', ['tactus', 'qtimer', 'singleshot'],
         {'ticks': Size(5000, 500, 20), 'interval': 2, 'callback': 500_000}, both=True,
         at_once=3, stagger=0.000667),
    Case('throughput', 'throughput',
         ['tactus-push', 'tactus-post', 'invoke-chain', 'p-queue', 'p-throttle', 'bottleneck', 'asyncio'],
         {'tasks': 1000, 'batches': Size(200, 50, 1)}, both=True,
         special={'p-queue': {'batches': Size(20, 10, 1)}, 'bottleneck': {'tasks': 100, 'batches': 1}}),
    Case('backlog', 'throughput', ['tactus-push', 'tactus-post', 'asyncio'],
         {'tasks': Size(100_000, 100_000, 1000), 'batches': Size(5, 2, 1)}),
    futures('finished'),
    futures('unfinished'),
    Case('memory', 'memory', ['tactus-push', 'tactus-post', 'qpromise', 'p-queue', 'bottleneck'],
         {'tasks': Size(1_000_000, 1_000_000, 1000)},
         special={'bottleneck': {'tasks': Size(100_000, 100_000, 1000)}}),
    Case('push-cost-100', 'push-cost', ['tactus'],
         {'queued': 100, 'largest': Size(1_000_000, 1_000_000, 1000), 'rounds': Size(200, 200, 2)}),
    Case('push-cost-1000000', 'push-cost', ['tactus'],
         {'queued': Size(1_000_000, 1_000_000, 1000), 'largest': Size(1_000_000, 1_000_000, 1000),
          'rounds': Size(200, 200, 2)}),
    rate('1ms', Size(1000, 500, 20)),
    rate('100ms', Size(30, 8, 1), at_once=5, stagger=0.017),
    rate('1s', Size(5, 2, 1), at_once=5, stagger=0.17),
    # Five repetitions make a year.
    Case('virtual', 'virtual', ['tactus'], {'ticks': Size(365 * 86400 // 5, 1_000_000, 10_000)}),
    Case('latency', 'latency', ['tactus-push', 'tactus-post'],
         {'tasks': Size(1_000_000, 1_000_000, 10_000), 'rounds': Size(2, 1, 1)}, both=True,
         special={'tactus-post': {'rounds': Size(5, 2, 1)}}),
    producers('running', 0),
    producers('paused', 1),
    Case('allocations-tick', 'allocations-tick', ['tactus', 'tactus-exact', 'qtimer', 'singleshot'],
         {'ticks': Size(200, 200, 20)}, both=True),
    Case('allocations-task', 'allocations-task', ['tactus-push', 'tactus-post', 'qpromise'],
         {'tasks': Size(10_000, 10_000, 1000)}),
]


@dataclass
class Row:
    """own and peer are (case, subject, key); the key of a distribution may be p0 to p100."""

    topic: str
    title: str
    own: tuple
    unit: str
    peer: tuple = None
    compare: str = 'own / peer'  # or 'peer / own', or 'own - peer'
    at_most: float = None
    at_least: float = None
    of: str = 'ratio'  # what the bound is for: 'ratio' (what compare gives) or 'value'
    worst: bool = False  # of all repetitions the greatest value, instead of the median
    target: str = ''  # how to say the bound, where it is not to be read as a number


def lateness_rows(interval):
    case, length = f'lateness-{interval}', LATENESS[interval]
    own = (case, 'tactus-exact', 'p50')
    return [
        Row('lateness', f'{length}, tolerance 0: median', own, 'time', (case, 'nanosleep', 'p50'), at_most=1.0),
        Row('lateness', f'{length}, tolerance 0: median', own, 'time', (case, 'nanosleep-noslack', 'p50'),
            at_most=1.3),
        Row('lateness', f'{length}, tolerance 0: median', own, 'time', (case, 'timerfd', 'p50')),
        Row('lateness', f'{length}, tolerance 0: median', own, 'time', (case, 'qtimer', 'p50'),
            at_most=0.25 if interval >= 10 else None),
        Row('lateness', f'{length}, tolerance 0: early ticks', (case, 'tactus-exact', 'early'), 'count',
            at_most=0, of='value', worst=True),
        Row('lateness', f'{length}, default tolerance: median', (case, 'tactus', 'p50'), 'time',
            (case, 'singleshot', 'p50'), at_most=1.05),
        Row('lateness', f'{length}, default tolerance: early ticks', (case, 'tactus', 'early'), 'count',
            at_most=0, of='value', worst=True),
    ]


def wait_rows(seconds):
    case = f'wait-{seconds}'
    return [
        Row('wait', f'one wake-up {seconds} s away: median', (case, 'tactus', 'p50'), 'time',
            (case, 'qtimer', 'p50'), at_most=1.5 * MILLISECOND, of='value', target='at most 1.5 ms'),
        Row('wait', f'one wake-up {seconds} s away, tolerance 0: median', (case, 'tactus-exact', 'p50'), 'time',
            (case, 'nanosleep', 'p50'), at_most=0.3 * MILLISECOND, of='value', target='at most 0.3 ms'),
    ]


def future_rows(kind):
    case = f'{kind}-futures'
    article = 'a' if kind == 'finished' else 'an'
    return [Row('futures', f'tasks that return {article} {kind} future, {call}()', (case, f'tactus-{call}', 'perTask'),
                'rate', (case, peer, 'perTask'), compare='peer / own', at_least=1 if peer == 'watcher' else None)
            for peer in ('watcher', 'qcoro') for call in ('push', 'post')]


def rate_rows(name, share):
    limit, per = RATES[name]
    case, title = f'rate-{name}', f'{limit} per {per // MILLISECOND:,} ms'
    return [
        Row('rate', f'{title}: used share', (case, 'tactus', 'share'), 'share', (case, 'p-throttle', 'share'),
            at_least=share, of='value', target=f'at least {share:.1%}'),
        Row('rate', f'{title}: most in a window', (case, 'tactus', 'mostInWindow'), 'count',
            (case, 'p-throttle', 'mostInWindow'), at_most=limit, of='value', worst=True,
            target=f'at most {limit}'),
    ]


ROWS = [
    Row('rearm', 're-arming a timer, 10 others', ('rearm-10', 'tactus', 'rearm'), 'time',
        ('rearm-10', 'qtimer', 'rearm'), compare='peer / own'),
    Row('rearm', 're-arming a timer, 1,000 others', ('rearm-1000', 'tactus', 'rearm'), 'time',
        ('rearm-1000', 'qtimer', 'rearm'), compare='peer / own'),
    Row('rearm', 're-arming a timer, 10,000 others', ('rearm-10000', 'tactus', 'rearm'), 'time',
        ('rearm-10000', 'qtimer', 'rearm'), compare='peer / own'),
    Row('rearm', 're-arming a timer, 100,000 others', ('rearm-100000', 'tactus', 'rearm'), 'time',
        ('rearm-100000', 'qtimer', 'rearm'), compare='peer / own', at_least=500),
    Row('rearm', 're-arming a timer, 100,000 others; 1,000 others', ('rearm-100000', 'tactus', 'rearm'), 'time',
        ('rearm-1000', 'tactus', 'rearm'), at_most=2),
    Row('rearm', 'starting 100,000 timers, each', ('rearm-100000', 'tactus', 'start'), 'time',
        ('rearm-100000', 'qtimer', 'start'), compare='peer / own', at_least=50),

    Row('ticks', 'processor time a tick, 1 timer', ('ticks-1', 'tactus', 'processorTime'), 'time',
        ('ticks-1', 'qtimer', 'processorTime'), at_most=1.1),
    Row('ticks', 'processor time a tick, 10,000 timers', ('ticks-10000', 'tactus', 'processorTime'), 'time',
        ('ticks-10000', 'qtimer', 'processorTime'), at_most=1 / 4, target='at most 1/4'),
    Row('ticks', 'processor time a tick, 100,000 timers', ('ticks-100000', 'tactus', 'processorTime'), 'time',
        ('ticks-100000', 'qtimer', 'processorTime'), at_most=1 / 40, target='at most 1/40'),
    # What the edges of the time of measuring cut off is less than one percent.
    Row('ticks', 'delivered ticks, 100,000 timers', ('ticks-100000', 'tactus', 'delivered'), 'share',
        ('ticks-100000', 'qtimer', 'delivered'), at_least=0.99, of='value', target='all'),

    *lateness_rows(1), *lateness_rows(10), *lateness_rows(17), *lateness_rows(100),
    *wait_rows(3), *wait_rows(10),

    Row('grid', 'error of the schedule after 5,000 ticks', ('grid', 'tactus', 'scheduleError'), 'time',
        at_most=0, of='value', worst=True, target='exactly 0'),
    Row('grid', 'lateness of the last tick', ('grid', 'tactus', 'lastLateness'), 'time',
        ('grid', 'qtimer', 'lastLateness')),
    Row('grid', 'lateness of the last tick', ('grid', 'tactus', 'lastLateness'), 'time',
        ('grid', 'singleshot', 'lastLateness')),

    Row('throughput', 'push() to result, 1,000 at a time', ('throughput', 'tactus-push', 'perTask'), 'rate',
        ('throughput', 'invoke-chain', 'perTask'), compare='peer / own', at_least=1.6),
    Row('throughput', 'post(), 1,000 at a time', ('throughput', 'tactus-post', 'perTask'), 'rate',
        ('throughput', 'invoke-chain', 'perTask'), compare='peer / own', at_least=10),
    Row('throughput', 'push() to result, 1,000 at a time', ('throughput', 'tactus-push', 'perTask'), 'rate',
        ('throughput', 'p-queue', 'perTask'), compare='peer / own', at_least=3),
    Row('throughput', 'push() to result, 1,000 at a time', ('throughput', 'tactus-push', 'perTask'), 'rate',
        ('throughput', 'asyncio', 'perTask'), compare='peer / own'),
    Row('throughput', 'push() to result, 1,000 at a time', ('throughput', 'tactus-push', 'perTask'), 'rate',
        ('throughput', 'p-throttle', 'perTask'), compare='peer / own'),
    Row('throughput', 'push() to result, 100,000 at a time', ('backlog', 'tactus-push', 'perTask'), 'rate',
        ('backlog', 'asyncio', 'perTask'), compare='peer / own'),
    Row('throughput', 'post(), 100,000 at a time', ('backlog', 'tactus-post', 'perTask'), 'rate',
        ('backlog', 'asyncio', 'perTask'), compare='peer / own'),
    *future_rows('finished'), *future_rows('unfinished'),

    Row('memory', 'a queued task, push()', ('memory', 'tactus-push', 'bytes'), 'bytes',
        ('memory', 'qpromise', 'bytes'), at_most=1.2),
    Row('memory', 'a queued task, push()', ('memory', 'tactus-push', 'bytes'), 'bytes',
        ('memory', 'p-queue', 'bytes')),
    Row('memory', 'a queued task, post()', ('memory', 'tactus-post', 'bytes'), 'bytes',
        ('memory', 'bottleneck', 'bytes'), at_most=64, of='value', target='at most 64 bytes'),
    Row('push-cost', 'push() onto 1,000,000 queued; onto 100', ('push-cost-1000000', 'tactus', 'perPush'), 'time',
        ('push-cost-100', 'tactus', 'perPush'), at_most=1.2),

    *rate_rows('1ms', 0.85), *rate_rows('100ms', 0.98), *rate_rows('1s', 0.995),

    Row('virtual', 'ticks a second of a year in virtual time', ('virtual', 'tactus', 'ticksPerSecond'), 'frequency',
        at_least=3e6, of='value', target='at least 3 M/s'),

    Row('latency', 'a 5 ms QTimer beside 1,000,000 pushed tasks: p99', ('latency', 'tactus-push', 'p99'), 'time',
        at_most=10 * MILLISECOND, of='value', target='at most 10 ms'),
    Row('latency', 'a 5 ms QTimer beside 1,000,000 posted tasks: p99', ('latency', 'tactus-post', 'p99'), 'time',
        at_most=10 * MILLISECOND, of='value', target='at most 10 ms'),

    Row('producers', 'push() from four threads; from one', ('producers-running', 'four', 'perTask'), 'rate',
        ('producers-running', 'one', 'perTask'), compare='peer / own', at_least=1),
    Row('producers', 'push() from four threads, limiter paused; from one', ('producers-paused', 'four', 'perTask'), 'rate',
        ('producers-paused', 'one', 'perTask'), compare='peer / own', at_least=1),

    Row('allocations', 'a tick', ('allocations-tick', 'tactus', 'allocations'), 'count',
        ('allocations-tick', 'qtimer', 'allocations'), at_most=0, of='value', target='0'),
    Row('allocations', 'a tick, tolerance 0', ('allocations-tick', 'tactus-exact', 'allocations'), 'count',
        ('allocations-tick', 'singleshot', 'allocations'), at_most=0, of='value', target='0'),
    # Amortized: what grows with the queue is allocated now and then.
    Row('allocations', 'a post()', ('allocations-task', 'tactus-post', 'allocations'), 'count',
        at_most=1.01, of='value', target='at most 1'),
    Row('allocations', 'a push(), beyond what its QFuture takes', ('allocations-task', 'tactus-push', 'allocations'),
        'count', ('allocations-task', 'qpromise', 'allocations'), compare='own - peer', at_most=1.01,
        target='at most 1'),
]
