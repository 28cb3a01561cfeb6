# SPDX-FileCopyrightText: 2026 The Tactus Authors
# SPDX-License-Identifier: MIT

"""Draws results as SVG. Colours follow the reader's light or dark scheme; there is no background."""

import math
from html import escape

import report
from rows import TITLES

WIDTH = 720
LEFT = 210  # where the names of subjects end
LINE = 26  # the height of one subject
# REUSE-IgnoreStart
LICENCE = '''<!-- SPDX-FileCopyrightText: 2026 The Tactus Authors -->
<!-- SPDX-License-Identifier: MIT -->
'''
# REUSE-IgnoreEnd
STYLE = '''
text { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #24292f }
.title { font-weight: 600; font-size: 15px }
.quiet { fill: #656d76; font-size: 12px }
.own { fill: #0a7c6e; stroke: #0a7c6e } .ownText { fill: #0a7c6e; font-weight: 600 }
.peer { fill: #8c959f; stroke: #8c959f }
.peer0 { fill: #bc4c00; stroke: #bc4c00 } .peer1 { fill: #8250df; stroke: #8250df }
.grid { stroke: #8c959f; stroke-opacity: 0.3 }
.curve { fill: none; stroke-width: 2 } .range { stroke-width: 3; stroke-opacity: 0.45 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .quiet { fill: #9198a1 }
  .own { fill: #3fc1ad; stroke: #3fc1ad } .ownText { fill: #3fc1ad }
  .peer0 { fill: #f0883e; stroke: #f0883e } .peer1 { fill: #bc8cff; stroke: #bc8cff }
}
'''


class Picture:
    def __init__(self, title, subtitle):
        self.parts = []
        self.text(0, 18, title, 'title')
        self.text(0, 37, subtitle, 'quiet')

    def text(self, x, y, text, kind='', anchor='start'):
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(text)}</text>'
        )

    def line(self, x1, y1, x2, y2, kind):
        self.parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'
        )

    def bar(self, x, y, width, height, kind):
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
            f'class="{kind}" stroke="none" rx="2"/>'
        )

    def dot(self, x, y, kind, radius=4):
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" class="{kind}"/>')

    def curve(self, points, kind):
        path = ' '.join(f'{x:.1f},{y:.1f}' for x, y in points)
        self.parts.append(f'<polyline points="{path}" class="curve {kind}"/>')

    def write(self, path, height):
        path.write_text(
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'{LICENCE}<!-- Drawn by ./dev bench. -->\n'
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            f'width="{WIDTH}" height="{height}">\n<style>{STYLE}</style>\n'
            + '\n'.join(self.parts)
            + '\n</svg>\n'
        )


class LogScale:
    """Whole powers of ten around the values, between two coordinates."""

    def __init__(self, values, begin, end):
        self.low = math.floor(math.log10(min(values)))
        self.high = max(math.ceil(math.log10(max(values))), self.low + 1)
        self.begin, self.end = begin, end

    def __call__(self, value):
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return self.begin + share * (self.end - self.begin)

    def marks(self):
        return [10**power for power in range(self.low, self.high + 1)]


def is_own(subject):
    return subject.startswith('tactus')


def bars(path, title, subtitle, entries, unit):
    """entries: subject, value to draw, value to print; the longest bar is the greatest value."""
    picture = Picture(title, subtitle)
    longest = max(value for _, value, _ in entries)
    y = 56
    for subject, value, printed in entries:
        picture.text(
            LEFT - 10, y + 16, TITLES[subject], 'ownText' if is_own(subject) else '', 'end'
        )
        width = max((WIDTH - LEFT - 90) * value / longest, 1)
        picture.bar(LEFT, y + 3, width, LINE - 8, 'own' if is_own(subject) else 'peer')
        picture.text(LEFT + width + 8, y + 16, report.formatted(printed, unit), 'quiet')
        y += LINE
    picture.write(path, y + 6)


def ranges(path, title, subtitle, entries):
    """entries: subject, its name, low, middle and high value; on a logarithmic scale of time."""
    picture = Picture(title, subtitle)
    scale = LogScale([value for entry in entries for value in entry[2:]], LEFT, WIDTH - 30)
    top, bottom = 52, 52 + LINE * len(entries)
    for mark in scale.marks():
        picture.line(scale(mark), top, scale(mark), bottom, 'grid')
        picture.text(scale(mark), bottom + 18, report.formatted(mark, 'time'), 'quiet', 'middle')
    for number, (subject, name, low, middle, high) in enumerate(entries):
        y, kind = top + LINE * (number + 0.5), 'own' if is_own(subject) else 'peer'
        picture.text(LEFT - 10, y + 4, name, 'ownText' if is_own(subject) else '', 'end')
        picture.line(scale(low), y, scale(high), y, f'{kind} range')
        picture.dot(scale(middle), y, kind)
    picture.write(path, bottom + 28)


def curves(path, title, subtitle, series):
    """series: subject -> points (how many, time); both logarithmic."""
    picture = Picture(title, subtitle)
    left, right, top, bottom = 60, WIDTH - 150, 56, 320
    points = [point for some in series.values() for point in some]
    across = LogScale([x for x, _ in points], left, right)
    up = LogScale([y for _, y in points], bottom, top)
    for mark in across.marks():
        picture.text(across(mark), bottom + 18, f'{mark:,}', 'quiet', 'middle')
        picture.line(across(mark), top, across(mark), bottom, 'grid')
    for mark in up.marks():
        picture.text(left - 8, up(mark) + 4, report.formatted(mark, 'time'), 'quiet', 'end')
        picture.line(left, up(mark), right, up(mark), 'grid')
    picture.text((left + right) / 2, bottom + 36, 'timers', 'quiet', 'middle')
    peers, names = 0, []
    for subject, some in series.items():
        kind = 'own' if is_own(subject) else f'peer{peers}'
        peers += not is_own(subject)
        picture.curve([(across(x), up(y)) for x, y in some], kind)
        for x, y in some:
            picture.dot(across(x), up(y), kind, 3)
        names.append((up(some[-1][1]), subject))
    free = -math.inf
    for y, subject in sorted(names):  # beside the end of the curve, and not over each other
        free = max(y + 4, free + 16)
        picture.text(right + 10, free, TITLES[subject], 'ownText' if is_own(subject) else '')
    picture.write(path, bottom + 46)


def many_timers(data, benchmark, key, dispatcher):
    counts = [int(name.split('-')[1]) for name in data['cases'] if name.startswith(f'{benchmark}-')]
    series = {}
    for subject in ('tactus', 'qtimer', 'asyncio'):
        points = [
            (count, report.median_of(data, (f'{benchmark}-{count}', subject, key), dispatcher))
            for count in sorted(counts)
        ]
        points = [point for point in points if point[1]]
        if len(points) > 1:
            series[subject] = points
    return series


def lateness(data):
    entries = []
    for subject in (
        'nanosleep-noslack',
        'timerfd',
        'nanosleep',
        'tactus-exact',
        'tactus',
        'singleshot',
        'qtimer',
        'qbasictimer',
        'qcoro',
        'asyncio',
        'qtimer-coarse',
    ):
        for dispatcher in data['dispatchers']:
            values = [
                report.median_of(data, ('lateness-10', subject, f'p{percent}'), dispatcher)
                for percent in (1, 50, 99)
            ]
            if None in values or (
                f'{subject}@' in data['cases']['lateness-10']
                and dispatcher != data['dispatchers'][0]
            ):
                continue
            alone = f'{subject}@' in data['cases']['lateness-10']
            name = TITLES[subject] + ('' if alone else f' ({dispatcher})')
            entries.append((subject, name, *(max(value, 1000) for value in values)))
    return entries


def values_of(data, case, subjects, key):
    dispatcher = data['dispatchers'][0]
    found = [
        (subject, report.median_of(data, (case, subject, key), dispatcher)) for subject in subjects
    ]
    return [(subject, value) for subject, value in found if value]


def draw(data, folder):
    """What there is data for; the names of the files are those that the documentation shows."""
    folder.mkdir(parents=True, exist_ok=True)
    first = data['dispatchers'][0]
    series = many_timers(data, 'rearm', 'rearm', '')
    if series:
        curves(
            folder / 'performance-rearm.svg',
            'Re-arming one timer while others are alive',
            'time a call; less is better',
            series,
        )
    series = many_timers(data, 'ticks', 'processorTime', first)
    if series:
        curves(
            folder / 'performance-ticks.svg',
            'Repeating timers, 100 to 1000 ms',
            'processor time a tick; less is better',
            series,
        )
    if 'lateness-10' in data['cases']:
        entries = lateness(data)
        if entries:
            ranges(
                folder / 'performance-lateness.svg',
                'Lateness of a 10 ms timer',
                'median, and from the 1st to the 99th percentile; less is better',
                entries,
            )
    entries = (
        values_of(
            data,
            'throughput',
            (
                'tactus-post',
                'tactus-push',
                'p-throttle',
                'asyncio',
                'invoke-chain',
                'p-queue',
                'bottleneck',
            ),
            'perTask',
        )
        if 'throughput' in data['cases']
        else []
    )
    if entries:
        bars(
            folder / 'performance-throughput.svg',
            'Synchronous tasks in order',
            'from queueing to the result, 1,000 at a time; more is better',
            [
                (subject, 1 / value, value)
                for subject, value in sorted(entries, key=lambda entry: entry[1])
            ],
            'rate',
        )
    entries = (
        values_of(
            data,
            'memory',
            ('tactus-post', 'qpromise', 'tactus-push', 'p-queue', 'bottleneck'),
            'bytes',
        )
        if 'memory' in data['cases']
        else []
    )
    if entries:
        bars(
            folder / 'performance-memory.svg',
            'Memory of a queued task',
            'bytes; less is better',
            [
                (subject, value, value)
                for subject, value in sorted(entries, key=lambda entry: entry[1])
            ],
            'bytes',
        )
