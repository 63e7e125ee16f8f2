"""The interactive figures of a notebook, as their stored outputs and their cells' metadata give them.

``dlbook.presets`` on a cell that calls ``dl.explore`` names moments of its story, as in
``{"Too fast": {"learning_rate": "1.2"}}``: sliders as in the call, values as they are shown beside them; a
slider that is not named stands at its first value.
"""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nbformat import NotebookNode

_DATA = re.compile(r'(?s)<script type="application/json">(.*?)</script>')
_ALT = re.compile(r'role="group" aria-label="(.*?)"')
_KINDS = ('<div class="dl-explore"', '<div class="dl-drawing"')
FEWEST, MOST = 2, 4  # presets of a figure
LONGEST = 24  # characters of a preset's name


@dataclass(frozen=True)
class Figure:
    """An interactive figure, or a drawing board: its cell with its number, and its HTML."""

    number: int
    cell: NotebookNode
    html: str

    @cached_property
    def data(self) -> dict[str, Any]:
        """What its script reads."""
        found = _DATA.search(self.html)
        return json.loads(found[1]) if found else {}

    @property
    def alt(self) -> str:
        """What is to be seen."""
        found = _ALT.search(self.html)
        return html.unescape(found[1]) if found else ""

    @property
    def sliders(self) -> dict[str, list[str]]:
        """The values of each slider, in order, by its name in the call; a drawing board has none."""
        names = (name.replace(" ", "_") for name in self.data.get("names", []))
        return dict(zip(names, self.data.get("labels", []), strict=True))

    @property
    def presets(self) -> dict[str, list[int]]:
        """By name, the place of each slider; in the order of the frames, since metadata keep no order.

        Raises:
            ValueError: If a slider has no such value, as `preset_faults` says at length.
        """
        presets = {
            name: [labels.index(values.get(slider, labels[0])) for slider, labels in self.sliders.items()]
            for name, values in marked(self.cell).items()
        }
        return dict(sorted(presets.items(), key=lambda item: item[1]))


def figures(notebook: NotebookNode) -> list[Figure]:
    """Return the interactive figures of a notebook in their order."""
    return [
        Figure(number, cell, output.data["text/html"])
        for number, cell in enumerate(notebook.cells, start=1)
        for output in cell.get("outputs", [])
        if output.get("data", {}).get("text/html", "").startswith(_KINDS)
    ]


def marked(cell: NotebookNode) -> dict[str, dict[str, str]]:
    """Return a cell's presets, as its metadata name them."""
    return cell.metadata.get("dlbook", {}).get("presets", {})


def preset_faults(notebook: NotebookNode) -> Iterator[tuple[int, str, str]]:
    """Yield what is wrong with the presets of a notebook: the cell's number, the fault and the mend."""
    found = {figure.number: figure for figure in figures(notebook)}
    for number, cell in enumerate(notebook.cells, start=1):
        presets, sliders = marked(cell), found[number].sliders if number in found else {}
        if presets and not sliders:
            yield number, "it has presets but no sliders", "move dlbook.presets to the cell of dl.explore"
        elif sliders:
            yield from ((number, fault, mend) for fault, mend in _faults(presets, sliders))


def _faults(presets: dict[str, dict[str, str]], sliders: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    if not FEWEST <= len(presets) <= MOST:
        yield f"expected {FEWEST} to {MOST} presets, got {len(presets)}", "name the moments worth showing"
    shown: dict[tuple[str, ...], str] = {}
    for name, values in presets.items():
        if not 0 < len(name) <= LONGEST:
            yield f"expected a name of 1 to {LONGEST} characters, got {name!r}", "it has to fit on a button"
        for slider in values.keys() - sliders.keys():
            yield f"the preset {name!r} moves {slider!r}", f"name one of {', '.join(sliders)}"
        for slider in values.keys() & sliders.keys():
            if values[slider] not in sliders[slider]:
                mend = f"write one of {', '.join(sliders[slider])}"
                yield f"the preset {name!r} sets {slider} to {values[slider]!r}", mend
        frame = tuple(values.get(slider, labels[0]) for slider, labels in sliders.items())
        if frame in shown:
            yield f"the presets {shown[frame]!r} and {name!r} are the same", "delete one"
        shown[frame] = name
