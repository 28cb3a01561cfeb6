#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Tactus Authors
# SPDX-License-Identifier: MIT

"""Checks that all code in the documentation is code that a test compiles, runs or lints.

A program marks what is quoted from it with lines "//! [name]" before and after (in CMake "#! [name]").
qdoc comments and pages quote with \\snippet, and hold no code of their own: \\badcode is for diagrams.
In Markdown each block of C++, QML or CMake has to be one of those quotations, word for word, and each
line with ./dev a verb that there is.
"""

import pathlib
import re
import subprocess
import sys
import textwrap

ROOT = pathlib.Path(__file__).resolve().parent.parent
QUOTED = ("docs/snippets", "examples", "tests")  # what is built and run
CODE = {"cpp": (".cpp", ".h"), "qml": (".qml",), "cmake": (".txt", ".cmake")}
PLAIN = ("", "sh", "text")
MARKER = re.compile(r"^\s*(?://|#)! \[(.+)\]\s*$")


def files(*patterns):
    """What belongs to the project, also when it is not under version control yet."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--"]
    command += [f":(glob){pattern}" for pattern in patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if listed.returncode == 0:
        return [path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file()]
    return [path for pattern in patterns for path in ROOT.glob(pattern)]


def snippets(path):
    """The marked parts of a file."""
    open_parts = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if marker := MARKER.match(line):
            name = marker[1]
            if name in open_parts:
                yield normalized("\n".join(open_parts.pop(name)))
            else:
                open_parts[name] = []
        else:
            for part in open_parts.values():
                part.append(line)
    if open_parts:
        sys.exit(f"{path.relative_to(ROOT)}: never closed: {', '.join(open_parts)}")


def normalized(code):
    return textwrap.dedent(code).strip("\n")


def all_snippets():
    found = {language: set() for language in CODE}
    for folder in QUOTED:
        for language, endings in CODE.items():
            for path in files(*(f"{folder}/**/*{ending}" for ending in endings)):
                found[language].update(snippets(path))
    return found


def verbs():
    script = (ROOT / "dev").read_text(encoding="utf-8")
    return set(re.findall(r"^    ([a-z]+)(?: \| [^)]*)?\)", script, re.MULTILINE))


def markdown_faults(path, known, known_verbs):
    text = path.read_text(encoding="utf-8")
    for block in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        line = text.count("\n", 0, block.start()) + 1
        language, code = block[1], block[2]
        place = f"{path.relative_to(ROOT)}:{line}"
        if language in CODE:
            if normalized(code) not in known[language]:
                yield f"{place}: this {language} block is no quotation from a program that is tested"
        elif language not in PLAIN:
            yield f"{place}: code in {language or 'no language'} is not checked by anything"
        for verb in re.findall(r"\./dev ([a-z]+)", code):
            if verb not in known_verbs:
                yield f"{place}: there is no ./dev {verb}"


def qdoc_faults(path):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if re.search(r"(?<!\\)\\(code|qml|js)\b(?!\{)", line):
            yield f"{path.relative_to(ROOT)}:{number}: quote code with \\snippet"


def main():
    known, known_verbs = all_snippets(), verbs()
    faults = []
    for path in files("**/*.md"):
        faults += markdown_faults(path, known, known_verbs)
    for path in files("src/*.cpp", "qml/*.cpp", "**/*.qdoc"):
        faults += qdoc_faults(path)
    if faults:
        sys.exit("\n".join(faults))
    print(", ".join(f"{len(code)} in {language}" for language, code in known.items()), "quotable")


if __name__ == "__main__":
    main()
