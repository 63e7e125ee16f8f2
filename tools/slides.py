"""Lecture decks: ``python -m tools.slides [NB ...]`` builds the reveal.js deck of each section.

`tools.decks` says how a notebook is marked. Each deck is one page in ``_build/slides/<chapter>/``; what they
share lies once in ``_build/slides/assets/``, so that the folder works from a disk without a network.
"""

import argparse
import html
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import yaml
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from nbformat import NotebookNode
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from _ext import mathematics
from tools.decks import Slide, faults, is_marked, shows, slide_type, slides, text
from tools.notebooks import ROOT, NotebookError, place, read, tags

SOURCES = ROOT / "_slides"
REVEAL = ROOT / "node_modules" / "reveal.js"
OUT = Path("_build", "slides")
SHORT_LINES, SHORT_COLUMNS = 8, 64
PICTURES = ("image/png", "image/jpeg")

_PAGES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(SOURCES),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
)


@dataclass
class Deck:
    """The deck of one section."""

    path: Path
    notebook: NotebookNode

    @property
    def title(self) -> str:
        """The section's title."""
        return title(self.notebook.cells[0].source)

    @property
    def page(self) -> str:
        """Where it stands below the folder of all decks, without suffix."""
        return f"{self.path.parent.name}/{self.path.stem}"

    @property
    def slides(self) -> list[Slide]:
        """Its slides."""
        return slides(self.notebook)

    @property
    def minutes(self) -> float:
        """How long the lecture takes."""
        return sum(slide.minutes for slide in self.slides)

    def render(self) -> str:
        """The page.

        Raises:
            NotebookError: If the marks make no deck, or a formula is none.
        """
        for number, what, mend in faults(self.notebook):
            cell = self.notebook.cells[number - 1]
            raise NotebookError(f"{place(self.notebook, cell)}: {what}. Mend: {mend}.")
        rendered = [
            {
                "cells": [(slide_type(cell), tags(cell), self._cell(cell)) for _, cell in slide.cells],
                "notes": self._markdown(slide.cells[0][1], slide.notes, output="mathml"),
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

    def _markdown(self, cell: NotebookNode, source: str, **options: str) -> str:
        try:
            return markdown(**options).render(source)
        except ValueError as error:
            raise NotebookError(f"{place(self.notebook, cell)}: {error}") from error


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Build the decks that are named, or all of them and an index; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.slides", description="Build lecture decks.")
    parser.add_argument(
        "notebooks", nargs="*", type=Path, metavar="NB", help="a section (default: all that are marked)"
    )
    named = parser.parse_args(arguments).notebooks
    out, status = root / OUT, 0
    copy_assets(out / "assets")
    chapters = {"": [Deck(path, read(path)) for path in named]} if named else contents(root)
    for deck in (deck for decks in chapters.values() for deck in decks):
        try:
            write(out / f"{deck.page}.html", deck.render())
            print(f"{deck.page}: {len(deck.slides)} slides, {deck.minutes:g} minutes")
        except NotebookError as error:
            print(f"{deck.path}: {error}", file=sys.stderr)
            status = 1
    if not named and not status:
        write(out / "index.html", _PAGES.get_template("index.html").render(chapters=chapters))
        print(f"The decks: {(out / 'index.html').as_uri()}")
    return status


def contents(root: Path) -> dict[str, list[Deck]]:
    """Return the decks of all sections that are marked, by their chapters' titles, in the book's order."""
    found = {}
    for part in yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))["parts"]:
        for chapter in part["chapters"]:
            paths = [root / f"{section['file']}.ipynb" for section in chapter.get("sections", ())]
            decks = [Deck(path, notebook) for path in paths if is_marked(notebook := read(path))]
            if decks:
                found[title((root / f"{chapter['file']}.md").read_text(encoding="utf-8"))] = decks
    return found


def title(markdown: str) -> str:
    """Return the heading that a text begins with."""
    return markdown.partition("\n")[0].removeprefix("# ").strip()


@cache
def markdown(output: str = "htmlAndMathml") -> MarkdownIt:
    """Return a parser of what stands on slides; KaTeX writes its formulas in one of its kinds of output."""

    def formula(source: str, options: dict[str, Any]) -> str:
        return mathematics.render(source, displayMode=options["display_mode"], output=output)

    return (
        MarkdownIt("commonmark", {"html": False, "highlight": lambda source, *_: code(source)})
        .enable("table")
        .use(dollarmath_plugin, double_inline=True, renderer=formula)
    )


def code(source: str) -> str:
    """Return the HTML of Python code."""
    return preformatted("code", source, highlight(source, PythonLexer(), HtmlFormatter(nowrap=True)))


def preformatted(kind: str, source: str, content: str) -> str:
    """Return the HTML of code, or of what it prints; the letters are larger where there is room."""
    lines = source.splitlines()
    short = len(lines) <= SHORT_LINES and max(map(len, lines), default=0) <= SHORT_COLUMNS
    return f'<pre class="{kind}{" short" if short else ""}">{content}</pre>'


def outputs(cell: NotebookNode) -> Iterator[str]:
    """Yield the HTML of a code cell's stored outputs."""
    printed = ""
    for output in cell.outputs:
        data = output.get("data", {})
        picture = next((mime for mime in PICTURES if mime in data), None)
        if output.output_type == "stream":
            printed += output.text
        elif output.output_type == "error":
            printed += f"{output.ename}: {output.evalue}\n"
        elif "text/html" in data:
            yield f'<div class="html" data-prevent-swipe>{data["text/html"]}</div>'
        elif picture:
            alt = html.escape(cell.metadata.get("mystnb", {}).get("image", {}).get("alt", ""))
            yield f'<img class="figure" alt="{alt}" src="data:{picture};base64,{data[picture].strip()}">'
        else:
            printed += data.get("text/plain", "") + "\n"
    if printed:
        yield preformatted("printed", printed, html.escape(printed.rstrip()))


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


def write(path: Path, page: str) -> None:
    """Write a page whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.part")
    partial.write_text(page, encoding="utf-8")
    os.replace(partial, path)


if __name__ == "__main__":
    sys.exit(main())
