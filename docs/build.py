#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Tactus Authors
# SPDX-License-Identifier: MIT

"""Builds the documentation: HTML from the qdoc comments in src/ and qml/ and the pages in docs/.

Every warning of qdoc and every broken link is an error. Markdown pages become pages like the others;
cmark-gfm reads them. Links to the web are not followed.
"""

import argparse
import html
import html.parser
import os
import pathlib
import re
import shutil
import subprocess
import sys
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
# What qdoc reads. It cannot read qcoro.h, because qdoc of Qt 6.4 knows no coroutines: it is told what is
# declared there.
HEADERS = ("Tactus", "network.h")
UNREAD = ("qcoro.h",)
DECLARED = """#include <QtCore/qfuture.h>
namespace Tactus {
template <typename T>
auto resultOf(QFuture<T> future);
}
"""


def run(command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def find_qt(query):
    for program in ("qtpaths6", "qtpaths-qt6", "qtpaths", "qmake6"):
        if path := shutil.which(program):
            return run([path, "-query" if program == "qmake6" else "--query", query]).strip()
    sys.exit("docs: Qt was not found: no qtpaths6 in PATH")


def find_qdoc():
    candidates = [f"{find_qt(where)}/qdoc" for where in ("QT_HOST_BINS", "QT_INSTALL_BINS")]
    candidates += ["qdoc6", "qdoc-qt6"]
    for candidate in candidates:
        if path := shutil.which(candidate):
            return path
    sys.exit("docs: qdoc was not found")


# Markdown --------------------------------------------------------------------------------------


def markdown_pages():
    return sorted(DOCS.glob("*.md")) + [ROOT / "CHANGELOG.md"]


def page_name(markdown):
    return f"{markdown.stem.lower()}.html"


def link_target(target, markdown):
    """Where a link in a Markdown page leads in the HTML; None: to nothing that is part of it."""
    url = urllib.parse.urlsplit(target)
    if url.scheme or not url.path:
        return target
    path = (markdown.parent / url.path).resolve()
    if not path.exists():
        sys.exit(f"{markdown.relative_to(ROOT)}: the link leads nowhere: {target}")
    if path in markdown_pages():
        return page_name(path) + (f"#{url.fragment}" if url.fragment else "")
    if path.parent == DOCS / "images":
        return f"images/{path.name}"
    return None


def qdoc_of(markdown):
    """The page as qdoc's own markup where qdoc has to know of it, and as HTML in between."""
    body = run(["cmark-gfm", "--extension", "table", "--unsafe", str(markdown)])
    body = re.sub(r"<!--.*?-->\s*", "", body, flags=re.DOTALL)

    def link(match):
        target = link_target(html.unescape(match[1]), markdown)
        return f'<a href="{html.escape(target)}">{match[2]}</a>' if target else match[2]

    def resource(match):
        return f'{match[1]}="{html.escape(link_target(html.unescape(match[2]), markdown))}"'

    body = re.sub(r'<a href="([^"]*)">(.*?)</a>', link, body, flags=re.DOTALL)
    body = re.sub(r'\b(src|srcset)="([^"]*)"', resource, body)

    def as_text(fragment):
        return html.unescape(re.sub(r"<[^>]*>", "", fragment)).strip()

    title = re.match(r"\s*<h1>(.*?)</h1>", body, flags=re.DOTALL)
    if not title:
        sys.exit(f"{markdown.relative_to(ROOT)}: no title")
    body = body[title.end() :]

    def section(match):
        title = as_text(match[2]).strip("[]")  # a version in the changelog may be a link to be
        return f"\\endraw\n\\section{int(match[1]) - 1} {title}\n\\raw HTML\n"

    def code(match):
        command = {"cpp": "code", "qml": "qml"}.get(match[1], "badcode")
        end = {"qml": "endqml"}.get(command, "endcode")
        return f"\\endraw\n\\{command}\n{html.unescape(match[2])}\\{end}\n\\raw HTML\n"

    body = re.sub(r"<h([23])>(.*?)</h\1>", section, body, flags=re.DOTALL)
    body = re.sub(
        r'<pre><code(?: class="language-(\w+)")?>(.*?)</code></pre>', code, body, flags=re.DOTALL
    )
    page = f"\\page {page_name(markdown)}\n\\title {as_text(title[1])}\n\\raw HTML\n{body}\\endraw\n"
    page = re.sub(r"\\raw HTML\s*\\endraw\n", "", page)
    return f"/*!\n{page}*/\n"


# qdoc ------------------------------------------------------------------------------------------


def build(qdoc, headers, output):
    shutil.rmtree(output, ignore_errors=True)
    generated = output / "generated"
    (generated / "Tactus").mkdir(parents=True)
    (generated / "pages").mkdir()
    (generated / "Tactus" / "tactus_export.h").write_text("#define TACTUS_EXPORT\n")
    (generated / "TactusHeaders").write_text(
        "".join(f"#include <Tactus/{name}>\n" for name in HEADERS)
        + "#include <pages/unread.h>\n"
    )
    (generated / "pages" / "unread.h").write_text(DECLARED)
    for markdown in markdown_pages():
        page = generated / "pages" / f"{markdown.stem.lower()}.qdoc"
        page.write_text(qdoc_of(markdown), encoding="utf-8")

    pages = output / "html"
    modules = ("QtCore", "QtNetwork", "QtQml")
    includes = [generated, headers] + [headers / module for module in modules]
    command = [qdoc, str(DOCS / "tactus.qdocconf"), "--outputdir", str(pages)]
    command += [f"-I{path}" for path in includes]
    environment = dict(
        os.environ, TACTUS_DOCS_GENERATED=str(generated / "pages"), LC_ALL="C.UTF-8"
    )
    result = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    complaints = re.search(r"\(qdoc\) (warning|error)|Could not create PCH", result.stdout)
    if result.returncode != 0 or complaints or not (pages / "index.html").exists():
        sys.exit(result.stdout + "docs: qdoc has complaints")

    for page in pages.glob("*.html"):
        page.write_text(dressed(page.read_text(encoding="utf-8"), page.name), encoding="utf-8")
    shutil.copytree(DOCS / "images", pages / "images", dirs_exist_ok=True)
    shutil.copy(DOCS / "style" / "tactus.css", pages)
    return pages


def dressed(page, name):
    """With our style sheet, and the list of pages on the left."""
    # Where a link goes that qdoc has understood as "Tactus" and something.
    if 'href="index.html' in page:
        sys.exit(f"{name}: a link leads to the overview, and not where it should")
    head = (
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<link rel="stylesheet" href="tactus.css">\n'
    )
    navigation = (DOCS / "style" / "navigation.html").read_text(encoding="utf-8")
    navigation = navigation.replace(f'li><a href="{name}"', f'li><a aria-current="page" href="{name}"')
    menu = '<p class="menu"><a href="#navigation">All pages</a></p>\n'
    page = page.replace("</head>", head + "</head>")
    page = page.replace("<body>\n", f"<body>\n<main>\n{menu}")
    page = page.replace("</body>", f"</main>\n{navigation}</body>")
    # qdoc takes the namespace for the QML module of the same name, and its classes for the QML types.
    page = page.replace('class <a href="tactus-qmlmodule.html">', 'class <a href="tactus.html">')
    if name.startswith("qml-") or name == "tactus-qmlmodule.html":
        return page
    page = re.sub(r'href="qml-(tactus-\w+\.html#\w+)-method"', r'href="\1"', page)
    return re.sub(r'href="qml-(tactus-\w+\.html)', r'href="\1', page)


# What is missing -------------------------------------------------------------------------------


def undocumented(folder):
    """What the headers declare and no class has a description of; qdoc says nothing of it."""
    described = set()
    for page in folder.glob("tactus-*.html"):
        text = page.read_text(encoding="utf-8")
        described.update(re.findall(r'<b><a href="[^"]*"[^>]*>(~?\w+)</a></b>', text))
    for header in sorted((ROOT / "include" / "Tactus").glob("*.h")):
        if header.name in UNREAD:
            continue
        text = re.sub(
            r"\nnamespace Detail {.*?\n} // namespace Detail|"
            r"\nprivate:.*?(?=\n(?:public|protected|Q_SIGNALS)\b|\n};)",
            "",
            header.read_text(encoding="utf-8"),
            flags=re.DOTALL,
        )
        text = re.sub(r"^ +[^~\n]*\boverride;$", "", text, flags=re.MULTILINE)
        # Qt does not list bindables either: they are a trait of their properties.
        functions = re.findall(
            r"^ {0,4}(?!friend|Q_)(?:[\w:<>,]+ )*[*&]?(?!bindable)(~?\w+)\(", text, re.MULTILINE
        )
        enumerations = re.findall(r"^ {4}enum class (\w+)", text, re.MULTILINE)
        for name in functions + enumerations:
            if name not in described | {"clockPrivate", "toFuture"}:
                yield f"{header.relative_to(ROOT)}: {name} is not described"


# Links -----------------------------------------------------------------------------------------


class Page(html.parser.HTMLParser):
    """The links and anchors of a page."""

    def __init__(self, path):
        super().__init__()
        self.links = []
        self.anchors = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("href", "src", "srcset"):
                self.links.append(value or "")
            elif name == "id" or (tag == "a" and name == "name"):
                self.anchors.add(value)


def broken_links(folder):
    pages = {path.name: Page(path) for path in sorted(folder.glob("*.html"))}
    for name, page in pages.items():
        for link in page.links:
            url = urllib.parse.urlsplit(link)
            if url.scheme or url.netloc:
                continue
            target = url.path or name
            fragment = urllib.parse.unquote(url.fragment)
            if not (folder / target).is_file():
                yield f"{name}: no such file: {link}"
            elif fragment and target in pages and fragment not in pages[target].anchors:
                yield f"{name}: no such place: {link}"


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--qdoc", help="the program; found by Qt's qtpaths otherwise")
    arguments.add_argument("--output", type=pathlib.Path, default=ROOT / "build" / "docs")
    options = arguments.parse_args()

    qdoc = options.qdoc or find_qdoc()
    pages = build(qdoc, pathlib.Path(find_qt("QT_INSTALL_HEADERS")), options.output.resolve())
    if faults := list(undocumented(pages)) + list(broken_links(pages)):
        sys.exit("\n".join(faults))
    print(f"{len(list(pages.glob('*.html')))} pages: {pages / 'index.html'}")


if __name__ == "__main__":
    main()
