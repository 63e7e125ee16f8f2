"""The form of the book's notebooks: finding, reading, normalising, stamping and writing them.

In every message of these tools a cell's number is its place among all cells of the notebook, from 1.
"""

import ast
import base64
import copy
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
CELL_METADATA = ("tags", "slideshow", "mystnb", "jupyter", "nbgrader", "cellView", "dlbook")
CODE_WIDTH = 80  # characters: what a page shows without scrolling sideways

_SETUP = """\
try:
    import dlbook_utils as dl
except ModuleNotFoundError:  # on Colab, or beside a lone copy of this notebook
    %pip install --quiet "dlbook-utils @ git+{repository}"
    import dlbook_utils as dl

dl.style()
dl.seed_everything(0)"""
_KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
_WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


class NotebookError(Exception):
    """A notebook cannot be read, formatted or run; the message says where in it, and what to do."""


def project() -> dict[str, Any]:
    """Return the [project] table of pyproject.toml, where the book's version and addresses stand."""
    table: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return table


def setup_source() -> str:
    """Return what every set-up cell begins with, with the repository's address from pyproject.toml."""
    return _SETUP.format(repository=project()["urls"]["Repository"])


def book_notebooks(root: Path = ROOT) -> list[Path]:
    """Return the notebooks below chapters/, in the order of their paths."""
    found = (root / "chapters").rglob("*.ipynb")
    return sorted(path for path in found if ".ipynb_checkpoints" not in path.parts)


def is_section(path: Path) -> bool:
    """Whether a notebook is a section, chapters/NN-*/*.ipynb: the others need not have a section's frame."""
    return path.parent.parent.name == "chapters" and re.match(r"\d\d-", path.parent.name) is not None


def tags(cell: NotebookNode) -> list[str]:
    """Return a cell's tags."""
    return list(cell.metadata.get("tags", []))


def place(notebook: NotebookNode, cell: NotebookNode) -> str:
    """Name a cell in a message."""
    number = next(n for n, other in enumerate(notebook.cells, start=1) if other is cell)
    return f"cell {number} ({cell.id})"


def read(path: Path) -> NotebookNode:
    """Read a notebook; cells without an id of their own get one that follows from place and source.

    Raises:
        NotebookError: if there is no such file, or it is not a notebook of format 4.
    """
    try:
        notebook: NotebookNode = nbformat.v4.reads(path.read_text(encoding="utf-8"))
        _identify(notebook)
        nbformat.validate(notebook)
    except OSError as error:
        raise NotebookError(f"expected a notebook, got {error.strerror}; mind the path") from error
    except (ValueError, LookupError, AttributeError, TypeError, nbformat.ValidationError) as error:
        reason = str(error).splitlines()[0]
        raise NotebookError(
            f"expected a notebook of format 4, got one that breaks it ({reason}); "
            "open and save it in JupyterLab, or take it back from git"
        ) from error
    return notebook


def write(path: Path, notebook: NotebookNode) -> None:
    """Write a notebook whole or not at all."""
    nbformat.validate(notebook)
    partial = path.with_name(f".{path.name}.part")
    try:
        partial.write_bytes(serialise(notebook).encode())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def serialise(notebook: NotebookNode) -> str:
    """Return a notebook as the text that is committed."""
    return str(nbformat.v4.writes(notebook)) + "\n"


def code_hash(notebook: NotebookNode) -> str:
    """Return a hash of the code cells in their order: what the stored outputs were made from."""
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return hashlib.sha256("\0".join(sources).encode()).hexdigest()[:16]


def stamp(notebook: NotebookNode) -> None:
    """Note in a notebook that has just run which code its outputs are from."""
    notebook.metadata["dlbook"] = {"code_hash": code_hash(notebook)}


def is_stamped(notebook: NotebookNode) -> bool:
    """Whether the code is still that which the outputs are from."""
    return bool(notebook.metadata.get("dlbook", {}).get("code_hash") == code_hash(notebook))


def normalise(notebook: NotebookNode) -> NotebookNode:
    """Return a notebook in normal form: the same code run twice gives the same bytes, anywhere.

    Only what carries meaning is kept of the metadata; memory addresses and the frames of tracebacks go,
    widget views go where HTML stands beside them, and pictures get a palette. Doing it twice changes nothing.
    Execution counts are left as the kernel gave them, so that cells run out of order still show.
    """
    notebook = copy.deepcopy(notebook)
    stamped = {"dlbook": notebook.metadata["dlbook"]} if "dlbook" in notebook.metadata else {}
    notebook.metadata = nbformat.from_dict(_KERNEL | stamped)
    for cell in notebook.cells:
        kept = {key: cell.metadata[key] for key in CELL_METADATA if cell.metadata.get(key)}
        cell.metadata = nbformat.from_dict(kept)
        cell.source = cell.source.strip("\n")
        if cell.cell_type == "code":
            for output in cell.outputs:
                settle(output)
                if "image/png" in output.get("data", {}):
                    output.data["image/png"] = _with_palette(output.data["image/png"])
    return notebook


def settle(output: NotebookNode) -> None:
    """Take from one output, in place, what differs from run to run and from machine to machine."""
    if output.output_type == "stream":
        output.text = _ADDRESS.sub("", output.text)
    elif output.output_type == "error":
        output.evalue = _ADDRESS.sub("", output.evalue)
        output.traceback = [f"{output.ename}: {output.evalue}"]
    else:
        if "text/html" in output.data:
            output.data.pop(_WIDGET_VIEW, None)
        for mime, content in output.data.items():
            if mime.startswith("text/") or mime == "image/svg+xml":
                output.data[mime] = _ADDRESS.sub("", content)


def format_code(notebook: NotebookNode) -> NotebookNode:
    """Return a notebook with its code cells, and nothing else, formatted by ruff.

    Raises:
        NotebookError: if a cell is not Python.
    """
    notebook = copy.deepcopy(notebook)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    bare = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell.source) for cell in cells])
    settings = ["--isolated", "--line-length", str(CODE_WIDTH), "--stdin-filename", "code.ipynb"]
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", *settings, "-"],
        input=json.dumps(bare),
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    if done.returncode:
        raise NotebookError(_syntax_error(notebook) or f"ruff cannot format the code: {done.stderr.strip()}")
    for cell, formatted in zip(cells, nbformat.v4.reads(done.stdout).cells, strict=True):
        cell.source = formatted.source
    return notebook


def _syntax_error(notebook: NotebookNode) -> str:
    """Say which cell is not Python, as IPython reads it."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            try:
                ast.parse(TransformerManager().transform_cell(cell.source))
            except SyntaxError as error:
                return f"{place(notebook, cell)} is not Python: {error.msg}, line {error.lineno}; mend it"
    return ""


def _identify(notebook: NotebookNode) -> None:
    """Give a notebook format 4.5 and each cell an id of its own."""
    if notebook.nbformat != 4:
        raise ValueError(f"it has format {notebook.nbformat}")
    notebook.nbformat_minor = 5
    taken: set[str] = set()
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.get("id", "") in taken | {""}:
            cell["id"] = "cell-" + hashlib.sha256(f"{number} {cell.source}".encode()).hexdigest()[:8]
        taken.add(cell.id)


def _with_palette(encoded: str) -> str:
    """Return a PNG (in base64) with a palette, a third of the bytes; one that has it stays as it is."""
    picture = Image.open(io.BytesIO(base64.b64decode(encoded)))
    if picture.mode == "P":
        return encoded
    canvas = Image.new("RGBA", picture.size, "white")
    canvas.alpha_composite(picture.convert("RGBA"))
    # With 64 colours, a fifth fewer bytes, a thin line over a heat map would take on the map's colours.
    reduced = canvas.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    png = io.BytesIO()
    reduced.save(png, "PNG", optimize=True)
    return base64.b64encode(png.getvalue()).decode()
