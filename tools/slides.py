"""Lecture decks: ``python -m tools.slides [--pdf] [NB ...]`` builds the reveal.js deck of each section.

`tools.decks` says how a notebook is marked. Each deck is one page in ``_build/slides/<chapter>/``, and with
``--pdf`` a PDF beside it; what the pages share lies once in ``_build/slides/assets/``. Nothing comes from
elsewhere, so that a copy of the folder works from a disk.
"""

import argparse
import html
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import jinja2
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from nbformat import NotebookNode
from playwright.sync_api import Browser
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from _ext import mathematics
from tools.browser import NoBrowserError, chromium
from tools.decks import Slide, faults, is_marked, shows, slide_type, slides, text
from tools.notebooks import ROOT, NotebookError, place, read, tags
from tools.sections import section_names, title

SOURCES = ROOT / "_slides"
REVEAL = ROOT / "node_modules" / "reveal.js"
OUT = Path("_build", "slides")
SHORT_LINES, SHORT_COLUMNS = 8, 64

_PAGES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(SOURCES), autoescape=True, undefined=jinja2.StrictUndefined
)


@dataclass
class Deck:
    """The deck of one section.

    Attributes:
        path: The section's notebook.
        folder: Where all decks are built.
    """

    path: Path
    folder: Path

    @cached_property
    def notebook(self) -> NotebookNode:
        """The section."""
        try:
            return read(self.path)
        except NotebookError as error:
            raise NotebookError(f"{self.path}: {error}") from error

    @property
    def title(self) -> str:
        """The section's title."""
        return title(self.notebook.cells[0].source)

    @property
    def name(self) -> str:
        """Its chapter and section, which its page is named after."""
        return f"{self.path.parent.name}/{self.path.stem}"

    @property
    def page(self) -> Path:
        """Its page."""
        return self.folder / f"{self.name}.html"

    @property
    def slides(self) -> list[Slide]:
        """Its slides."""
        return slides(self.notebook)

    @property
    def minutes(self) -> float:
        """How long the lecture takes."""
        return sum(slide.minutes for slide in self.slides)

    def render(self) -> str:
        """The page's HTML.

        Raises:
            NotebookError: If the marks make no deck, or a formula is none.
        """
        for number, what, mend in faults(self.notebook):
            raise self._error(self.notebook.cells[number - 1], f"{what}. Mend: {mend}.")
        rendered = [
            {
                "cells": [(slide_type(cell), tags(cell), self._cell(cell)) for _, cell in slide.cells],
                "notes": self._markdown(slide.cells[0][1], slide.notes, for_notes=True),
                "seconds": round(60 * slide.minutes),
            }
            for slide in self.slides
        ]
        return _PAGES.get_template("deck.html").render(title=self.title, slides=rendered)

    def _cell(self, cell: NotebookNode) -> str:
        """What a slide shows of a cell."""
        parts = [self._markdown(cell, text(cell))]
        if cell.cell_type == "code":
            if shows(cell, "code"):
                parts.append(code(cell.source))
            if shows(cell, "output"):
                parts.extend(outputs(cell))
        return "\n".join(parts)

    def _markdown(self, cell: NotebookNode, source: str, *, for_notes: bool = False) -> str:
        try:
            return markdown(for_notes).render(source)
        except ValueError as error:
            raise self._error(cell, str(error)) from error

    def _error(self, cell: NotebookNode, what: str) -> NotebookError:
        return NotebookError(f"{self.path}: {place(self.notebook, cell)}: {what}")


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Build the decks that are named, or all of them and an index; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.slides", description="Build lecture decks.")
    parser.add_argument("--pdf", action="store_true", help="print them too, through Chromium")
    parser.add_argument(
        "notebooks", nargs="*", type=Path, metavar="NB", help="a section (default: all that are marked)"
    )
    options = parser.parse_args(arguments)
    folder = root / OUT
    try:
        if options.notebooks:
            decks = [Deck(path, folder) for path in options.notebooks]
            build(decks, folder)
        else:
            chapters = contents(root, folder)
            shutil.rmtree(folder, ignore_errors=True)  # no deck stays whose section has gone
            decks = [deck for chapter in chapters.values() for deck in chapter]
            build(decks, folder)
            write(folder / "index.html", _PAGES.get_template("index.html").render(chapters=chapters))
            print(f"The decks: {(folder / 'index.html').as_uri()}")
        if options.pdf:
            with chromium() as browser:
                for deck in decks:
                    print(f"Printed {print_pdf(browser, deck.page)}")
    except (NotebookError, NoBrowserError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def build(decks: Iterable[Deck], folder: Path) -> None:
    """Write the pages of decks, and what they share.

    Raises:
        NotebookError: If some cannot be made, and why; the others are written all the same.
    """
    copy_assets(folder / "assets")
    refusals = []
    for deck in decks:
        try:
            write(deck.page, deck.render())
            print(f"{deck.name}: {len(deck.slides)} slides, {deck.minutes:g} minutes")
        except NotebookError as error:
            refusals.append(str(error))
    if refusals:
        raise NotebookError("\n".join(refusals))


def print_pdf(browser: Browser, deck: Path) -> Path:
    """Print a deck's page as a PDF beside it, a slide a page with its fragments shown; return the PDF."""
    page = browser.new_page()
    page.goto(f"{deck.as_uri()}?print-pdf")
    page.wait_for_selector(".pdf-page")
    pdf = page.pdf(prefer_css_page_size=True, print_background=True, tagged=True)
    page.close()
    write(deck.with_suffix(".pdf"), pdf)
    return deck.with_suffix(".pdf")


def contents(root: Path, folder: Path) -> dict[str, list[Deck]]:
    """Return the decks of all sections that are marked, by their chapters' titles, in the book's order."""
    chapters: dict[str, list[Deck]] = {}
    for name in section_names(root):
        deck = Deck(root / "chapters" / f"{name}.ipynb", folder)
        if is_marked(deck.notebook):
            opener = deck.path.with_name("index.md").read_text(encoding="utf-8")
            chapters.setdefault(title(opener), []).append(deck)
    return chapters


@cache
def markdown(for_notes: bool) -> MarkdownIt:
    """Return a parser of what stands on slides, or of notes: there lines stay lines, and formulas are MathML.

    The speaker view has none of the page's style sheets, and so not KaTeX's.
    """
    output = "mathml" if for_notes else "htmlAndMathml"

    def formula(source: str, options: dict[str, Any]) -> str:
        return mathematics.render(source, displayMode=options["display_mode"], output=output)

    settings = {"html": False, "breaks": for_notes, "highlight": lambda source, *_: code(source)}
    return (
        MarkdownIt("commonmark", settings)
        .enable("table")
        .use(dollarmath_plugin, double_inline=True, renderer=formula)
    )


def code(source: str) -> str:
    """Return the HTML of Python code."""
    return preformatted("code", source, highlight(source, PythonLexer(), HtmlFormatter(nowrap=True)))


def outputs(cell: NotebookNode) -> Iterator[str]:
    """Yield the HTML of a code cell's stored outputs; what it prints comes last, in one piece."""
    printed = ""
    for output in cell.outputs:
        data = output.get("data", {})
        if output.output_type == "stream":
            printed += output.text
        elif output.output_type == "error":
            printed += f"{output.ename}: {output.evalue}\n"
        elif "text/html" in data:
            yield f'<div class="html" data-prevent-swipe>{data["text/html"]}</div>'
        elif "image/png" in data:
            alt = html.escape(cell.metadata.get("mystnb", {}).get("image", {}).get("alt", ""))
            yield f'<img class="figure" alt="{alt}" src="data:image/png;base64,{data["image/png"]}">'
        else:
            printed += data.get("text/plain", "") + "\n"
    if printed:
        yield preformatted("printed", printed, html.escape(printed.rstrip()))


def preformatted(kind: str, source: str, content: str) -> str:
    """Return the HTML of code, or of what it prints; its letters are larger where there is room."""
    lines = source.splitlines()
    short = len(lines) <= SHORT_LINES and max(map(len, lines), default=0) <= SHORT_COLUMNS
    return f'<pre class="{kind}{" short" if short else ""}">{content}</pre>'


def copy_assets(folder: Path) -> None:
    """Put what all decks share into one folder: reveal.js, KaTeX, and the decks' own look."""
    style = HtmlFormatter(style="a11y-high-contrast-light").get_style_defs(".code")
    dark = HtmlFormatter(style="a11y-high-contrast-dark").get_style_defs(".dark .code")
    write(folder / "code.css", f"{style}\n{dark}\n")
    own = [SOURCES / "slides.css", SOURCES / "slides.js", ROOT / "_static" / "logo.svg"]
    reveal = [REVEAL / name for name in ("dist/reveal.css", "dist/reveal.js", "plugin/notes/notes.js")]
    for source in (*own, *reveal, mathematics.KATEX / "katex.min.css"):
        shutil.copy2(source, folder)
    (folder / "fonts").mkdir(exist_ok=True)
    for font in (mathematics.KATEX / "fonts").glob("*.woff2"):
        shutil.copy2(font, folder / "fonts")


def write(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.part")
    partial.write_bytes(content.encode() if isinstance(content, str) else content)
    os.replace(partial, path)


if __name__ == "__main__":
    sys.exit(main())
