"""The stored output of a notebook's cell, shown on another page."""

from pathlib import Path
from typing import Any

import nbformat
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata


def stored_html(notebook: Path, name: str) -> str:
    """The HTML that a cell of a notebook has stored as its output.

    Args:
        notebook: The .ipynb file.
        name: The cell's id, or the name of its figure (`mystnb.figure.name` in its metadata).

    Raises:
        ValueError: If no cell has this name, or if it stored no HTML.
    """
    cells = nbformat.read(notebook, as_version=4).cells
    stored = {
        key: [output.data["text/html"] for output in cell.outputs if "text/html" in output.get("data", {})]
        for cell in cells
        if cell.cell_type == "code"
        for key in (cell.get("id"), figure_name(cell))
        if key
    }
    if name not in stored:
        known = ", ".join(key for key, html in stored.items() if html)
        raise ValueError(f"{notebook} has no code cell {name!r}; those with HTML are: {known or 'none'}")
    if not stored[name]:
        raise ValueError(f"cell {name!r} of {notebook} has stored no HTML; run it: make run NB={notebook}")
    return "".join(stored[name])


def figure_name(cell: Any) -> str | None:
    """The name of a cell's figure, if it has one."""
    name: str | None = cell.metadata.get("mystnb", {}).get("figure", {}).get("name")
    return name


class StoredOutput(SphinxDirective):
    """`stored-output <notebook> <cell>`: the cell's stored HTML, as its own page shows it."""

    required_arguments = 2

    def run(self) -> list[nodes.Node]:
        """The HTML, raw; the page is outdated whenever the notebook changes."""
        relative, absolute = self.env.relfn2path(self.arguments[0])
        self.env.note_dependency(relative)
        try:
            html = stored_html(Path(absolute), self.arguments[1])
        except (OSError, ValueError) as error:
            raise self.error(str(error)) from error
        return [nodes.container("", nodes.raw("", html, format="html"), classes=["dl-stored-output"])]


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the directive."""
    app.add_directive("stored-output", StoredOutput)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
