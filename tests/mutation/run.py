# SPDX-FileCopyrightText: 2026 The Tactus Authors
# SPDX-License-Identifier: MIT

"""Makes one small mistake at a time in a copy of the sources, and sees whether a test notices.

    run.py [--work FOLDER] [--jobs N] [--only TEXT] [--list] [--check]

There are N copies (as many as processors), each of which tries one mutation after the other. A copy is built
once; in the first, all tests have to pass. For each mutation the library is built again, and the tests run
until one fails; those that have the changed file's name come first. What no test on the default event
dispatcher notices goes through all of them, if it is meant to be noticed. A mutation that does not compile
is an error: it says nothing about the tests.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from mutations import MUTATIONS

ROOT = Path(__file__).resolve().parents[2]
REQUIRED = 95  # percent
COPIED = ['CMakeLists.txt', 'cmake', 'docs', 'examples', 'include', 'src', 'tests', 'README.md', 'LICENSE',
          'LICENSES', 'CHANGELOG.md', 'packaging', 'qml']
SECONDS = 60  # for one test: a mutation may well loop for ever


def copy_tree(tree):
    """What has not changed keeps its time, so that it is not built again."""
    for name in COPIED:
        source = ROOT / name
        if not source.exists():
            continue
        for path in [source] if source.is_file() else (p for p in source.rglob('*') if p.is_file()):
            target = tree / path.relative_to(ROOT)
            if not target.exists() or target.read_bytes() != path.read_bytes():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)


class Tree:
    def __init__(self, work):
        self.sources = work / 'tree'
        self.build_folder = work / 'build'
        copy_tree(self.sources)
        subprocess.run(
            ['cmake', '-S', self.sources, '-B', self.build_folder, '-G', 'Ninja', '-D', 'CMAKE_BUILD_TYPE=Debug',
             '-D', 'TACTUS_BUILD_TESTS=ON', '-D', 'TACTUS_BUILD_EXAMPLES=OFF', '-D', 'TACTUS_BUILD_QML=OFF',
             '-D', 'CMAKE_LINK_DEPENDS_NO_SHARED=ON', '-D', f'TACTUS_TEST_TIMEOUT={SECONDS}'],
            check=True, stdout=subprocess.DEVNULL)
        shown = subprocess.run(['ctest', '--test-dir', self.build_folder, '--show-only=json-v1', '-L', '^test$'],
                               check=True, capture_output=True, text=True)
        self.all_tests = [test['name'] for test in json.loads(shown.stdout)['tests']
                          if test['name'].startswith('tst_')]
        self.tests = [name for name in self.all_tests if '.' not in name]

    def build(self, jobs=1):
        return subprocess.run(['cmake', '--build', self.build_folder, '--parallel', str(jobs), '--target', *self.tests],
                              capture_output=True, text=True)

    def first_failure(self, tests, jobs=1):
        """The name of a test that fails, or nothing."""
        if not tests:
            return None
        pattern = '^(' + '|'.join(re.escape(name) for name in tests) + ')$'
        done = subprocess.run(
            ['ctest', '--test-dir', self.build_folder, '-R', pattern, '--stop-on-failure', '--parallel',
             str(jobs)], capture_output=True, text=True)
        if done.returncode == 0:
            return None
        failed = re.findall(r'^\s*\d+ - (\S+) \(', done.stdout, re.MULTILINE)
        return failed[0] if failed else 'ctest'

    def verdict(self, mutation):
        path = self.sources / mutation.file
        original = path.read_text()
        path.write_text(original.replace(mutation.old, mutation.new))
        try:
            built = self.build()
            if built.returncode != 0:
                return 'does not compile', built.stdout[-3000:]
            stem = re.sub(r'(_p|_properties)?\.\w+$', '', Path(mutation.file).name)
            own = [name for name in self.tests if stem in name]
            others = [name for name in self.tests if name not in own]
            variants = [name for name in self.all_tests if name not in self.tests]
            for tests in (own, others, [] if mutation.equivalent else variants):
                failure = self.first_failure(tests)
                if failure:
                    return 'killed', failure
            return 'survived', ''
        finally:
            path.write_text(original)


def occurrences(mutation):
    return (ROOT / mutation.file).read_text().count(mutation.old)


def shown(mutation):
    def line(text):
        return ' '.join(text.split()) or '(nothing)'
    return f'{mutation.file}: {line(mutation.old)}\n    -> {line(mutation.new)}'


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--work', type=Path, default=ROOT / 'build/mutate')
    parser.add_argument('--jobs', type=int, default=os.cpu_count(), help='how many mutations are tried at a time')
    parser.add_argument('--only', default='', help='mutations whose file or text contains this')
    parser.add_argument('--list', action='store_true')
    parser.add_argument('--check', action='store_true', help='only see that each mutation can be made')
    arguments = parser.parse_args()

    stale = [mutation for mutation in MUTATIONS if occurrences(mutation) != 1]
    for mutation in stale:
        print(f'occurs {occurrences(mutation)} times, not once:\n  {shown(mutation)}')
    if stale or arguments.check:
        return 1 if stale else 0
    chosen = [mutation for mutation in MUTATIONS if arguments.only in mutation.file or arguments.only in mutation.old]
    if arguments.list:
        for mutation in chosen:
            print(shown(mutation))
        return 0

    begin = time.monotonic()
    trees = SimpleQueue()
    for number in range(arguments.jobs):
        tree = Tree(arguments.work / str(number))
        built = tree.build(os.cpu_count())
        if built.returncode != 0:
            print(built.stdout)
            return 1
        failure = tree.first_failure(tree.tests, os.cpu_count()) if number == 0 else None
        if failure:
            print(f'{failure} fails without any mutation')
            return 1
        trees.put(tree)

    def tried(mutation):
        tree = trees.get()
        try:
            return mutation, *tree.verdict(mutation)
        finally:
            trees.put(tree)

    results = []
    with ThreadPoolExecutor(arguments.jobs) as pool:
        for number, (mutation, verdict, detail) in enumerate(pool.map(tried, chosen), 1):
            results.append((mutation, verdict, detail))
            by = f' by {detail}' if verdict == 'killed' else ''
            print(f'{number}/{len(chosen)} {verdict}{by}: {shown(mutation)}', flush=True)
            if verdict == 'does not compile':
                print(detail)

    counted = [result for result in results if not result[0].equivalent]
    killed = [result for result in counted if result[1] == 'killed']
    survived = [result for result in counted if result[1] == 'survived']
    broken = [result for result in results if result[1] == 'does not compile']
    surprising = [result for result in results if result[0].equivalent and result[1] == 'killed']
    for title, group in [('survived', survived), ('do not compile', broken),
                         ('said to change nothing, but noticed', surprising)]:
        if group:
            print(f'\n{title}:')
            for mutation, _, _ in group:
                print(f'  {shown(mutation)}')
    score = 100 * len(killed) / len(counted) if counted else 100
    print(f'\n{len(killed)} of {len(counted)} mutations killed, {score:.1f} % (at least {REQUIRED}); '
          f'{len(results) - len(counted)} that change nothing; {time.monotonic() - begin:.0f} s')
    return 0 if score >= REQUIRED and not broken and not surprising else 1


if __name__ == '__main__':
    sys.exit(main())
