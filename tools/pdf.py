"""The whole book as one PDF: ``python -m tools.pdf`` prints `tools.single`'s page.

Chromium prints twice: only then does the list of contents know where each page of the book begins.
"""

import argparse
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pikepdf
from playwright.sync_api import Browser, Page

from tools import single
from tools.browser import NoBrowserError, chromium
from tools.notebooks import ROOT, project

OUT = Path("_build", "deep-learning-by-running-it.pdf")
MINUTES = 5  # to open the page; half a minute on a quiet machine would do
LICENCE = "The text is under CC BY 4.0, the code under MIT."

HEADINGS = """() => [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
    .filter(heading => heading.checkVisibility()).map(heading => heading.innerText.trim())"""
NUMBER_CONTENTS = """numbers => document.querySelectorAll(".dl-contents a").forEach(
    link => link.parentElement.dataset.page = numbers[link.hash.slice(1)])"""


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Print the book; return the exit status."""
    argparse.ArgumentParser(prog="python -m tools.pdf", description="Print the book.").parse_args(arguments)
    try:
        page_of_all = single.write(root)
        with chromium() as browser:
            count = print_book(browser, page_of_all, root / OUT)
    except (single.NotBuiltError, NoBrowserError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"The book on {count} pages: {(root / OUT).as_uri()}")
    return 0


def print_book(browser: Browser, page_of_all: Path, target: Path) -> int:
    """Print the book's one page, whole or not at all; return how many pages of paper it takes."""
    page = browser.new_page(color_scheme="light")
    page.goto(page_of_all.resolve().as_uri(), timeout=60_000 * MINUTES)
    page.emulate_media(media="print")
    with _printed(page) as draft:
        page.evaluate(NUMBER_CONTENTS, _beginnings(draft))
    partial = target.with_suffix(".part")
    with _printed(page) as book:
        _name_bookmarks(book, page.evaluate(HEADINGS))
        _describe(book, page)
        book.save(partial, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        count = len(book.pages)
    page.close()
    os.replace(partial, target)
    return count


def _printed(page: Page) -> pikepdf.Pdf:
    """Print what the browser shows, by the style sheets' own rules for paper."""
    printed = page.pdf(prefer_css_page_size=True, print_background=True, outline=True, tagged=True)
    return pikepdf.open(io.BytesIO(printed))


def _beginnings(pdf: pikepdf.Pdf) -> dict[str, int]:
    """Return on which page of paper each place begins that a link leads to."""
    return {name[1:]: pdf.pages.index(pikepdf.Page(place[0])) + 1 for name, place in pdf.Root.Dests.items()}


def _name_bookmarks(pdf: pikepdf.Pdf, headings: list[str]) -> None:
    """Give the bookmarks the names of their headings, which Chromium doubles where a new page begins."""
    with pdf.open_outline() as outline:
        for bookmark, heading in zip(_flat(outline.root), headings, strict=True):
            bookmark.title = heading


def _flat(bookmarks: list[pikepdf.OutlineItem]) -> Iterator[pikepdf.OutlineItem]:
    for bookmark in bookmarks:
        yield bookmark
        yield from _flat(bookmark.children)


def _describe(pdf: pikepdf.Pdf, page: Page) -> None:
    """Say in the file's own words what it is, by whom, and what one may do with it."""
    with pdf.open_metadata() as description:
        description["dc:title"] = page.title()
        description["dc:creator"] = [page.locator(".dl-authors").inner_text()]
        description["dc:rights"] = LICENCE
        description["dc:description"] = f"Version {project()['version']}. {LICENCE}"


if __name__ == "__main__":
    sys.exit(main())
