# SPDX-FileCopyrightText: 2026 The Tactus Authors
# SPDX-License-Identifier: MIT

"""From results to the table: medians, ratios, and whether the bound is kept."""

import re
import statistics
import sys
from dataclasses import dataclass

from rows import CASES, TITLES

TOPICS = {
    'rearm': 'Many timers: starting and re-arming',
    'ticks': 'Many timers: ticking',
    'lateness': 'Lateness of a tick',
    'wait': 'Lateness after a long wait',
    'grid': '5,000 ticks of 2 ms with a callback of 0.5 ms',
    'throughput': 'Limiter: tasks a second, synchronous tasks, no limiting window',
    'futures': 'Limiter: tasks a second, tasks that return a future',
    'memory': 'Limiter: bytes of a queued task',
    'push-cost': 'Limiter: a long queue',
    'rate': 'Limiter: the permitted rate',
    'virtual': 'Virtual time',
    'latency': 'Event loop while the limiter drains',
    'producers': 'Limiter: four producers',
    'allocations': 'Allocations',
}


@dataclass
class Line:
    row: object
    dispatcher: str
    value: float = None
    peer: float = None
    ratio: float = None
    missing: str = ''  # the subject that there is no value of
    passed: bool = None  # None: no bound, or nothing measured


def series(data, source, dispatcher):
    """The values of one subject, one for each repetition."""
    case, subject, key = source
    results = data['cases'].get(case, {})
    runs = results.get(f'{subject}@{dispatcher}') or results.get(f'{subject}@') or []
    if not runs or None in runs:
        return None
    if key not in runs[0] and key[0] == 'p' and 'quantiles' in runs[0]:
        return [run['quantiles'][int(key[1:])] for run in runs]
    return [run[key] for run in runs]


def median_of(data, source, dispatcher=''):
    values = series(data, source, dispatcher)
    return statistics.median(values) if values else None


def compared(row, own, peer):
    if row.compare == 'own - peer':
        return own - peer
    first, second = (own, peer) if row.compare == 'own / peer' else (peer, own)
    return first / second if second else None


def line_of(data, row, dispatcher):
    line = Line(row, dispatcher)
    own = series(data, row.own, dispatcher)
    if own is None:
        line.missing = row.own[1]
        return line
    line.value = max(own) if row.worst else statistics.median(own)
    peer = series(data, row.peer, dispatcher) if row.peer else None
    if row.peer and peer is None:
        line.missing = row.peer[1]
    if peer:
        line.peer = max(peer) if row.worst else statistics.median(peer)
        ratios = [compared(row, *pair) for pair in zip(own, peer)]
        line.ratio = statistics.median(ratios) if None not in ratios else None
    judged = line.value if row.of == 'value' else line.ratio
    if judged is not None and row.at_most is not None:
        line.passed = judged <= row.at_most
    elif judged is not None and row.at_least is not None:
        line.passed = judged >= row.at_least
    return line


def lines(data, rows):
    both = {case.name for case in CASES if case.both}
    result = []
    for row in rows:
        if row.own[0] in data['cases'] and (not row.peer or row.peer[0] in data['cases']):
            for dispatcher in data['dispatchers'] if row.own[0] in both else ['']:
                result.append(line_of(data, row, dispatcher))
    return result


# ---- How numbers are written


def digits(number):
    """Three of them that count."""
    magnitude = abs(number)
    if magnitude >= 100 or number == int(number):
        return f'{number:,.0f}'
    return f'{number:.1f}' if magnitude >= 10 else f'{number:.2f}'


def scaled(number, steps):
    for factor, unit in steps:
        if abs(number) >= factor:
            return f'{digits(number / factor)} {unit}'
    factor, unit = steps[-1]
    return f'{digits(number / factor)} {unit}'


def formatted(number, unit):
    if number is None:
        return '-'
    if unit == 'time':
        return scaled(number, [(1e9, 's'), (1e6, 'ms'), (1e3, 'us'), (1, 'ns')])
    if unit in ('rate', 'frequency'):
        return scaled(
            1e9 / number if unit == 'rate' else number, [(1e6, 'M/s'), (1e3, 'k/s'), (1, '/s')]
        )
    if unit == 'bytes':
        return f'{digits(number)} bytes'
    if unit == 'share':
        return f'{number:.1%}'
    return digits(number)


def target_of(row):
    if row.target:
        return row.target
    for bound, word in ((row.at_most, 'at most'), (row.at_least, 'at least')):
        if bound is not None:
            return f'{word} {bound:g}' + ('x' if row.of == 'ratio' else '')
    return ''


def beside(line):
    if not line.row.peer:
        return ''
    subject = line.row.peer[1]
    title = TITLES[subject] if subject != line.row.own[1] else 'itself'
    if line.peer is None:
        return f'{title}: missing'
    return f'{title}: {formatted(line.peer, line.row.unit)}'


def ratio_of(line):
    row = line.row
    if line.ratio is None or row.unit in ('share', 'count') and row.compare != 'own - peer':
        return ''
    if row.compare == 'own - peer':
        return f'+{digits(line.ratio)}'
    return f'{digits(line.ratio)}x'


MARKS = {True: 'pass', False: 'FAIL', None: ''}


def mark(line):
    has_bound = line.row.at_most is not None or line.row.at_least is not None
    return 'not measured' if has_bound and line.passed is None else MARKS[line.passed]


def cells(line):
    title = f'{line.row.title} ({line.dispatcher})' if line.dispatcher else line.row.title
    return [
        title,
        formatted(line.value, line.row.unit),
        beside(line),
        ratio_of(line),
        target_of(line.row),
        mark(line),
    ]


HEADINGS = ['', 'Tactus', 'beside', 'ratio', 'target', '']


def by_topic(all_lines):
    topics = {}
    for line in all_lines:
        topics.setdefault(line.row.topic, []).append(line)
    return topics


def summary(data, all_lines):
    marks = [mark(line) for line in all_lines]
    parts = [f'{marks.count("pass")} targets reached, {marks.count("FAIL")} not']
    if marks.count('not measured'):
        parts.append(f'{marks.count("not measured")} not measured')
    return ', '.join(parts) + f'; {data["seconds"]} s'


def conditions(data):
    """What was measured, where: pairs of a heading and a text."""
    versions = data['versions']
    pairs = [
        ('machine', data['machine']),
        ('system', f'{versions["system"]}, kernel {versions["kernel"]}'),
        ('built', f'{versions["build"]}, {versions["compiler"]}, Qt {versions["qt"]}'),
        (
            'peers',
            ', '.join(
                f'{name} {versions[name].lstrip("v")}'
                for name in versions
                if name in ('python', 'node', 'p-queue', 'p-throttle', 'bottleneck', 'qcoro')
            ),
        ),
        (
            'run',
            f'{data["date"]}, {data["size"]}, {data["seconds"]} s, load {data["load"]:.1f} at the start',
        ),
    ]
    if data['missing']:
        pairs.append(
            (
                'missing',
                ', '.join(TITLES[subject] for subject in data['missing'])
                + ''.join(f' ({why})' for why in data['why']),
            )
        )
    return pairs


def text(data, all_lines):
    table = {topic: [cells(line) for line in some] for topic, some in by_topic(all_lines).items()}
    every = [HEADINGS] + [row for rows in table.values() for row in rows]
    widths = [max(len(row[column]) for row in every) for column in range(len(HEADINGS))]

    def laid_out(row):
        return '  '.join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()

    out = [f'{name + ":":10}{value}' for name, value in conditions(data)]
    out += ['', '  ' + laid_out(HEADINGS)]
    for topic, rows in table.items():
        out += ['', TOPICS[topic]] + ['  ' + laid_out(row) for row in rows]
    return '\n'.join(out + ['', summary(data, all_lines)])


# ---- The documentation

# What a case measures of each of its subjects: key and unit, by benchmark.
MEASURES = {
    'rearm': [('rearm', 'time'), ('start', 'time')],
    'ticks': [('processorTime', 'time'), ('delivered', 'share')],
    'lateness': [('p50', 'time'), ('p99', 'time'), ('early', 'count')],
    'grid': [('lastLateness', 'time'), ('worstLateness', 'time')],
    'throughput': [('perTask', 'rate')],
    'finished-futures': [('perTask', 'rate')],
    'unfinished-futures': [('perTask', 'rate')],
    'memory': [('bytes', 'bytes')],
    'push-cost': [('perPush', 'time')],
    'rate': [('share', 'share'), ('mostInWindow', 'count')],
    'virtual': [('ticksPerSecond', 'frequency')],
    'latency': [('p50', 'time'), ('p99', 'time'), ('p100', 'time')],
    'producers': [('perTask', 'rate')],
    'allocations-tick': [('allocations', 'count')],
    'allocations-task': [('allocations', 'count')],
}


def everything(data):
    """The medians of every subject: case, subject, dispatcher, values."""
    for case in CASES:
        for name in data['cases'].get(case.name, {}):
            subject, dispatcher = name.split('@')
            values = [
                f'{key} {formatted(median_of(data, (case.name, subject, key), dispatcher), unit)}'
                for key, unit in MEASURES[case.benchmark]
            ]
            title = TITLES[subject] + (f' ({dispatcher})' if dispatcher else '')
            yield case.name, title, ', '.join(values)


def table(headings, rows):
    return '\n'.join(
        '| ' + ' | '.join(cells) + ' |' for cells in [headings, ['---'] * len(headings), *rows]
    )


PLOTS = {
    'rearm': ('performance-rearm.svg', 'Time to re-arm one timer, by the number of others'),
    'ticks': ('performance-ticks.svg', 'Processor time a tick, by the number of timers'),
    'lateness': ('performance-lateness.svg', 'Lateness of a 10 ms timer'),
    'throughput': ('performance-throughput.svg', 'Synchronous tasks in order'),
    'memory': ('performance-memory.svg', 'Memory of a queued task'),
}


def peer_is_ahead(line):
    """Whether the other does better; a row that compares Tactus with itself has no other."""
    row = line.row
    if line.peer is None or row.peer[1] == row.own[1] or row.topic == 'producers':
        return False
    more_is_better = row.unit in ('share', 'frequency')
    return line.peer > line.value if more_is_better else line.peer < line.value


def ahead(all_lines):
    rows = [cells(line)[:4] for line in all_lines if peer_is_ahead(line)]
    return table(HEADINGS[:4], rows) if rows else 'Nowhere in this run.'


def generated(data, all_lines):
    """The parts of the page, by name."""
    parts = {}
    for topic, some in by_topic(all_lines).items():
        parts[topic] = table(HEADINGS, map(cells, some))
        if topic in PLOTS:
            file, description = PLOTS[topic]
            parts[topic] = f'![{description}](images/{file})\n\n{parts[topic]}'
    parts['conditions'] = '\n'.join(f'- {name}: {value}' for name, value in conditions(data))
    parts['summary'] = summary(data, all_lines) + '.'
    parts['ahead'] = ahead(all_lines)
    parts['everything'] = table(['case', 'subject', 'medians'], everything(data))
    return parts


def write_docs(data, all_lines, page):
    """Fills what is between <!-- generated NAME --> and <!-- end -->."""
    parts = generated(data, all_lines)

    def filled(match):
        name = match[1]
        if name not in parts:
            sys.exit(f'{page.name}: nothing was measured for "{name}"')
        return f'<!-- generated {name} -->\n\n{parts.pop(name)}\n\n<!-- end -->'

    text = re.sub(
        r'<!-- generated ([\w-]+) -->.*?<!-- end -->', filled, page.read_text(), flags=re.DOTALL
    )
    if parts:
        sys.exit(f'{page.name}: no place for {", ".join(parts)}')
    page.write_text(text)
