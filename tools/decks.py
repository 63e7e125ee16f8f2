"""The lecture deck of a notebook, as its cells' metadata marks it.

``slideshow.slide_type`` says what becomes of a cell, with nbconvert's and RISE's meaning: ``slide`` begins a
slide, ``-`` continues it, ``fragment`` continues it on the next click, ``skip`` stays off the slides.
``dlbook`` says the rest:

- ``slide``: Markdown that stands on the slide in place of a Markdown cell's text, or above a code cell;
- ``show``: ``code``, ``output`` or ``both`` of a code cell; its outputs if it has any, unless this says more;
- ``notes``: Markdown for the lecturer, and ``minutes``: how long the slide takes, where a slide begins.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

TYPES = ("slide", "-", "fragment", "skip")
SHOWS = ("code", "output", "both")
MARKS = ("slide", "show", "notes", "minutes")

Fault = tuple[int, str, str]  # a cell's number, what is wrong with its marks, and the mend


@dataclass
class Slide:
    """One slide: its cells with their numbers."""

    cells: list[tuple[int, NotebookNode]]

    @property
    def number(self) -> int:
        """The number of its first cell."""
        return self.cells[0][0]

    @property
    def notes(self) -> str:
        """What the lecturer reads, Markdown."""
        return str(marks(self.cells[0][1]).get("notes", ""))

    @property
    def minutes(self) -> float:
        """How long it takes; nothing where that is not said in numbers."""
        minutes = marks(self.cells[0][1]).get("minutes")
        return minutes if isinstance(minutes, int | float) else 0


def marks(cell: NotebookNode) -> dict[str, Any]:
    """Return the book's own metadata of a cell."""
    return cell.metadata.get("dlbook", {})


def slide_type(cell: NotebookNode) -> str:
    """Return what becomes of a cell, "" where nobody has said it."""
    return cell.metadata.get("slideshow", {}).get("slide_type", "")


def is_marked(notebook: NotebookNode) -> bool:
    """Whether anybody has begun to make a deck of a notebook."""
    return any(map(slide_type, notebook.cells))


def text(cell: NotebookNode) -> str:
    """Return the Markdown of a cell that stands on its slide."""
    return str(marks(cell).get("slide", cell.source if cell.cell_type == "markdown" else ""))


def shows(cell: NotebookNode, part: str) -> bool:
    """Whether a slide shows a code cell's ``code``, or its ``output``."""
    show = marks(cell).get("show", "output" if cell.outputs else "code")
    return show in (part, "both")


def slides(notebook: NotebookNode) -> list[Slide]:
    """Return the slides of a notebook, as far as its marks make a deck."""
    deck: list[Slide] = []
    for number, cell in enumerate(notebook.cells, start=1):
        match slide_type(cell):
            case "slide":
                deck.append(Slide([(number, cell)]))
            case "-" | "fragment" if deck:
                deck[-1].cells.append((number, cell))
    return deck


def faults(notebook: NotebookNode) -> Iterator[Fault]:
    """Yield what keeps the marks of a notebook from making a deck."""
    begun = False
    for number, cell in enumerate(notebook.cells, start=1):
        kind, own = slide_type(cell), marks(cell)
        if kind not in TYPES:
            yield number, f"unknown slide_type {kind!r}", f"give slideshow.slide_type, one of {_list(TYPES)}"
        elif kind == "slide":
            begun = True
            yield from _faults_of_a_beginning(number, cell)
        elif kind != "skip" and not begun:
            yield number, "no slide has begun that it could continue", 'begin one with "slide"'
        elif late := sorted({"notes", "minutes"} & own.keys()):
            yield number, f"it has {_list(late)} but begins no slide", "move them to the cell that does"
        elif kind == "skip" and (idle := sorted({"slide", "show"} & own.keys())):
            yield number, f"it has {_list(idle)} but is skipped", "delete them, or show it"
        if kind != "skip":
            yield from _faults_of_what_is_shown(number, cell)


def _faults_of_a_beginning(number: int, cell: NotebookNode) -> Iterator[Fault]:
    minutes = marks(cell).get("minutes")
    if not text(cell).startswith("## "):
        yield number, "the slide has no heading", "begin dlbook.slide with `## ` and the slide's one thought"
    if not marks(cell).get("notes"):
        yield number, "the slide has no notes", "write dlbook.notes: what to say, what to ask the class"
    if not isinstance(minutes, int | float) or minutes <= 0 or minutes % 0.5:
        found = f"expected dlbook.minutes in whole or half minutes, got {minutes!r}"
        yield number, found, "say how long the slide takes"


def _faults_of_what_is_shown(number: int, cell: NotebookNode) -> Iterator[Fault]:
    show = marks(cell).get("show")
    if cell.cell_type != "code":
        if show is not None:
            yield number, "dlbook.show stands on a cell without code", "delete it"
    elif show not in (None, *SHOWS):
        yield number, f"unknown dlbook.show {show!r}", f"use one of {_list(SHOWS)}"
    elif show in ("output", "both") and not cell.outputs:
        yield number, "there is no output to show", 'set dlbook.show to "code"'


def _list(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(names)
