# SPDX-FileCopyrightText: 2026 The Tactus Authors
# SPDX-License-Identifier: MIT
"""clang-tidy over the files whose names are on the standard input, each ending in NUL; `./dev lint` runs it.

A file without a finding is not looked at again, in any clone, until something that the answer depends on is
another: the file, what it includes, the compiler's arguments, the checks, or clang-tidy. Ninja knows what a
file includes once it has been compiled.
"""

import argparse
import concurrent.futures
import contextlib
import functools
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
import time

KEPT = 60 * 24 * 3600  # s that an answer is kept when nobody asks for it

parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
parser.add_argument('--tidy', required=True, help='clang-tidy')
parser.add_argument('--build', required=True, type=pathlib.Path, help='where Ninja has built everything')
parser.add_argument('--database', required=True, type=pathlib.Path, help='a folder for the compilation database')
parser.add_argument('--jobs', type=int, default=os.cpu_count())
arguments = parser.parse_args()

began = time.time()
root = pathlib.Path.cwd()
build = arguments.build.resolve()
known = pathlib.Path(os.environ.get('XDG_CACHE_HOME') or pathlib.Path.home() / '.cache') / 'tactus' / 'lint'


def output_of(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **options).stdout


def read_includes():
    """What each object file was made of, as paths from the build folder."""
    files = {}
    for block in output_of('ninja', '-t', 'deps', cwd=build).split('\n\n'):
        target, *lines = block.splitlines() or ['']
        if target.endswith('(VALID)'):
            files[target.partition(': #deps')[0]] = sorted(line.strip() for line in lines)
    return files


@functools.lru_cache(maxsize=None)
def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def from_root(text):
    return text.replace(str(root), '.')


def files_of(entry):
    """None: it has not been compiled."""
    words = shlex.split(entry['command'])
    names = includes.get(words[words.index('-o') + 1]) if '-o' in words else None
    return [(build / name).resolve() for name in names] if names else None


def key_of(file, entry, files):
    checks = output_of(arguments.tidy, '-p', arguments.database, '--dump-config', file)
    whole = hashlib.sha256((version + checks + from_root(entry['command'])).encode())
    for path in files:
        whole.update(f'{from_root(str(path))} {digest(path)}\n'.encode())
    return whole.hexdigest()


def look_at(file):
    """Whether there is no finding; says so."""
    entry = database.get(str(root / file))
    files = files_of(entry) if entry else None
    answer = known / key_of(file, entry, files) if files else None
    if answer and answer.exists():
        answer.touch()
        print(f'ok    {file}, as before', flush=True)
        return True
    result = subprocess.run([arguments.tidy, '-p', arguments.database, '--quiet', file], check=False, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if result.returncode == 0:
        print(f'ok    {file}', flush=True)
        if answer and not any(path.stat().st_mtime >= began for path in files):  # it is what was read
            answer.touch()
    else:
        print(f'FAIL  {file}\n{result.stdout}', flush=True)
    return result.returncode == 0


# A file that several targets compile is listed once: as the first one does.
database = {}
for compiled in json.loads((build / 'compile_commands.json').read_text()):
    database.setdefault(compiled['file'], compiled)
arguments.database.mkdir(parents=True, exist_ok=True)
with tempfile.NamedTemporaryFile('w', dir=arguments.database, delete=False) as written:
    json.dump(list(database.values()), written)
os.replace(written.name, arguments.database / 'compile_commands.json')

known.mkdir(parents=True, exist_ok=True)
for old in known.iterdir():
    with contextlib.suppress(FileNotFoundError):  # another one that cleans up
        if old.stat().st_mtime < began - KEPT:
            old.unlink()
version = output_of(arguments.tidy, '--version')
includes = read_includes()

with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
    results = list(pool.map(look_at, [name for name in sys.stdin.read().split('\0') if name]))
sys.exit(0 if all(results) else 'clang-tidy has findings')
