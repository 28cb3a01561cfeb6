#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Tactus Authors
# SPDX-License-Identifier: MIT

"""Runs the benchmarks; `./dev bench` calls it.

Every measurement is a process of its own that prints one line of JSON. The subjects of a case run in
turn, forwards and backwards (A B, B A, ...), so that what disturbs the machine disturbs them alike.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

import plots
import report
from rows import CASES, ROWS, WITHOUT_QT, sized

HERE = Path(__file__).resolve().parent
DISPATCHERS = {'QEventDispatcherGlib': 'GLib', 'QEventDispatcherUNIX': 'Unix'}
TIMEOUT = 120  # seconds that no measurement needs


def say(text):
    print(text, file=sys.stderr, flush=True)


def environment(dispatcher):
    """Of a process that is to use this one of Qt's dispatchers; '' stands for Qt's own choice."""
    variables = {name: value for name, value in os.environ.items() if name != 'QT_NO_GLIB'}
    if dispatcher == 'Unix':
        variables['QT_NO_GLIB'] = '1'
    return variables


def output_of(command, dispatcher=''):
    return subprocess.run(
        command, env=environment(dispatcher), check=True, stdout=subprocess.PIPE, text=True
    ).stdout


class Programs:
    """What there is to run, and which program measures which subject."""

    def __init__(self, benchmarks, work, install):
        self.benchmarks = [str(benchmarks)]
        self.missing = []
        self.commands = {}
        self.add(self.benchmarks)
        self.add([sys.executable, str(HERE / 'peers/asynciopeer.py')])
        queues = self.queues(work / 'peers', install)
        if queues:
            self.add(queues)

    def add(self, command):
        for line in output_of(command + ['--list']).splitlines():
            self.commands[tuple(line.split())] = command

    def queues(self, folder, install):
        if not shutil.which('node'):
            self.missing.append('the JavaScript queues: there is no node')
            return None
        if install:
            folder.mkdir(parents=True, exist_ok=True)
            for name in ('package.json', 'package-lock.json', 'queues.js'):
                shutil.copy(HERE / 'peers' / name, folder)
            try:
                subprocess.run(
                    ['npm', 'ci', '--no-audit', '--no-fund', '--loglevel=error'],
                    cwd=folder,
                    check=True,
                    stdout=subprocess.DEVNULL,
                )
            except (OSError, subprocess.CalledProcessError) as error:
                self.missing.append(f'the JavaScript queues: {error}')
                return None
        if not (folder / 'node_modules').is_dir():
            self.missing.append('the JavaScript queues: not installed')
            return None
        return ['node', '--expose-gc', '--max-old-space-size=8192', str(folder / 'queues.js')]

    def dispatchers(self):
        """Those that this Qt has."""
        found = []
        for wish in ('Unix', ''):
            name = json.loads(output_of(self.benchmarks + ['--environment'], wish))['dispatcher']
            found.append(DISPATCHERS.get(name, name))
        return list(dict.fromkeys(found))


class Job:
    """One measurement: which subject, on which dispatcher, for the how manieth time."""

    def __init__(self, case, subject, dispatcher, repetition):
        self.case, self.subject, self.dispatcher, self.repetition = (
            case,
            subject,
            dispatcher,
            repetition,
        )
        self.process = None

    def start(self, programs, size, start=None):
        options = self.case.options | self.case.special.get(self.subject, {})
        if self.case.benchmark in ('rearm', 'ticks'):
            options = options | {'seed': self.repetition + 1}
        if start is not None:
            options = options | {'start': start}
        command = programs.commands[self.case.benchmark, self.subject] + [
            self.case.benchmark,
            self.subject,
        ]
        command += [f'{name}={sized(value, size)}' for name, value in options.items()]
        self.process = subprocess.Popen(
            command, env=environment(self.dispatcher), stdout=subprocess.PIPE, text=True
        )

    def result(self):
        try:
            text, _ = self.process.communicate(timeout=TIMEOUT)
            if self.process.returncode == 0:
                return json.loads(text)
            problem = f'ended with {self.process.returncode}'
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            problem = f'took more than {TIMEOUT} s'
        say(f'{self.case.name} {self.subject}: {problem}')
        return None


def jobs_of(case, programs, size, dispatchers):
    jobs = []
    for repetition in range(sized(case.repetitions, size)):
        turn = []
        for number, dispatcher in enumerate(dispatchers if case.both else ['']):
            for subject in case.subjects:
                if (case.benchmark, subject) not in programs.commands:
                    continue
                if subject not in WITHOUT_QT:
                    turn.append(Job(case, subject, dispatcher, repetition))
                elif number == 0:
                    turn.append(Job(case, subject, '', repetition))
        jobs += reversed(turn) if repetition % 2 else turn
    return jobs


class OtherLoad:
    """How busy other processes keep the processors, as a share of all of them. Linux only."""

    def __init__(self):
        self.begin = self.read()

    @staticmethod
    def read():
        try:
            fields = [
                int(field) for field in Path('/proc/stat').read_text().split('\n')[0].split()[1:9]
            ]
        except OSError:
            return None
        own = os.times()
        idle = fields[3] + fields[4]
        ticks = os.sysconf('SC_CLK_TCK')
        return sum(fields) / ticks, (sum(fields) - idle) / ticks, sum(own[:4])

    def share(self):
        end = self.read()
        if not end or not self.begin or end[0] <= self.begin[0]:
            return None
        total, busy, own = (after - before for after, before in zip(end, self.begin))
        return max(busy - own, 0) / total


def measure(case, programs, size, dispatchers):
    """A list of results for every (subject, dispatcher), in the order of the repetitions."""
    results = {}
    jobs = jobs_of(case, programs, size, dispatchers)
    for first in range(0, len(jobs), case.at_once):
        batch = jobs[first : first + case.at_once]
        start = None
        if case.at_once > 1 and size != 'smoke':  # when all of them are there and wait
            start = time.monotonic_ns() + int((1 + 0.02 * len(batch)) * 1e9)
        for number, job in enumerate(batch):
            job.start(programs, size, start and start + int(number * case.stagger * 1e9))
        for job in batch:
            results.setdefault(f'{job.subject}@{job.dispatcher}', []).append(
                (job.repetition, job.result())
            )
    return {
        key: [result for _, result in sorted(values, key=lambda value: value[0])]
        for key, values in results.items()
    }


def machine():
    processor = platform.processor() or platform.machine()
    try:
        for line in Path('/proc/cpuinfo').read_text().splitlines():
            if line.startswith('model name'):
                processor = line.split(':', 1)[1].strip()
                break
    except OSError:
        pass
    return f'{processor}, {os.cpu_count()} cores'


def versions(programs, work):
    found = json.loads(output_of(programs.benchmarks + ['--environment']))
    found['python'] = platform.python_version()
    if any(subject == 'p-queue' for _, subject in programs.commands):
        found['node'] = output_of(['node', '--version']).strip()
        wanted = json.loads((HERE / 'peers/package.json').read_text())['dependencies']
        found.update(wanted)
    return found


def chosen(names):
    if not names:
        return CASES
    cases = [
        case for case in CASES if any(case.name == name or case.benchmark == name for name in names)
    ]
    unknown = [
        name for name in names if not any(name in (case.name, case.benchmark) for case in CASES)
    ]
    if unknown:
        sys.exit(
            f'no such case: {", ".join(unknown)}. There are: {" ".join(case.name for case in CASES)}'
        )
    return cases


def run(arguments, size):
    programs = Programs(arguments.program, arguments.work, install=size != 'smoke')
    found = versions(programs, arguments.work)
    if found['build'] != 'Release' and size != 'smoke':
        sys.exit(f'this is a {found["build"]} build: measure a Release build')
    dispatchers = programs.dispatchers()
    if size == 'smoke':
        dispatchers = dispatchers[:1]
    cases = chosen(arguments.only)
    missing = sorted(
        {
            subject
            for case in cases
            for subject in case.subjects
            if (case.benchmark, subject) not in programs.commands
        }
    )
    load = os.getloadavg()[0]
    if load > 0.5 and size != 'smoke':
        say(f'the machine is not quiet: its load is {load:.1f}')

    data = {
        'size': size,
        'machine': machine(),
        'versions': found,
        'load': load,
        'dispatchers': dispatchers,
        'date': time.strftime('%Y-%m-%d'),
        'missing': missing,
        'why': programs.missing,
        'cases': {},
        'others': {},
    }
    begin = time.monotonic()
    for case in cases:
        case_begin, others = time.monotonic(), OtherLoad()
        data['cases'][case.name] = measure(case, programs, size, dispatchers)
        share = others.share()
        data['others'][case.name] = share
        busy = f', other processes {share:.0%}' if share and share > 0.03 else ''
        say(f'{case.name}: {time.monotonic() - case_begin:.1f} s{busy}')
    data['seconds'] = round(time.monotonic() - begin)
    return data


def main():
    parser = argparse.ArgumentParser(
        prog='./dev bench', description='Measures the library beside its peers.'
    )
    parser.add_argument(
        '--quick', action='store_true', help='less of everything: under two minutes'
    )
    parser.add_argument(
        '--smoke', action='store_true', help='see that everything runs; measures nothing'
    )
    parser.add_argument(
        '--only',
        action='append',
        metavar='NAME',
        help='one case, or all of one benchmark; repeatable',
    )
    parser.add_argument('--list', action='store_true', help='the names of the cases')
    parser.add_argument('--write-docs', action='store_true', help='put table and plots into docs/')
    parser.add_argument(
        '--from',
        dest='source',
        type=Path,
        metavar='FILE',
        help='measure nothing, take an earlier result (JSON)',
    )
    parser.add_argument('--program', type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument('--work', type=Path, required=True, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.list:
        print('\n'.join(case.name for case in CASES))
        return

    size = 'smoke' if arguments.smoke else 'quick' if arguments.quick else 'full'
    arguments.work.mkdir(parents=True, exist_ok=True)
    if arguments.source:
        data = json.loads(arguments.source.read_text())
    else:
        data = run(arguments, size)
        target = arguments.work / 'results.json'
        target.write_text(json.dumps(data, indent=1))
        say(f'written: {target}')

    lines = report.lines(data, ROWS)
    text = report.text(data, lines)
    print(text if size != 'smoke' else f'{sum(map(len, data["cases"].values()))} measurements ran')
    plots.draw(data, arguments.work)
    docs = HERE.parent.parent / 'docs'
    if size == 'smoke' and not arguments.only:
        report.write_docs(data, lines, Path(shutil.copy(docs / 'performance.md', arguments.work)))
    elif arguments.write_docs:
        report.write_docs(data, lines, docs / 'performance.md')
        plots.draw(data, docs / 'images')

    failed = [
        key for case in data['cases'].values() for key, results in case.items() if None in results
    ]
    if failed or (
        size == 'smoke' and any(line.value is None and not line.missing for line in lines)
    ):
        sys.exit(1)


main()
