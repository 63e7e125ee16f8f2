"""Reading, normalising, stamping and writing notebooks."""

import base64
import io
import json
import os
import tomllib
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from tools import notebooks
from tools.exercises import defined_names, exercises, open_names


def many_colours() -> str:
    """A PNG of 256 colours, half of them transparent, in base64."""
    picture = Image.new("RGBA", (16, 16))
    picture.putdata([(i, 255 - i, 0, 255 * (i % 2)) for i in range(256)])
    png = io.BytesIO()
    picture.save(png, "PNG")
    return base64.encodebytes(png.getvalue()).decode()


def untidy() -> NotebookNode:
    """A notebook with everything in it that changes from run to run."""
    widget = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/html": "<b> at 0x7fab</b>"}
    outputs = [
        new_output("stream", text="<object object at 0x7fa0b1c2d3e4>\n"),
        new_output("display_data", widget),
        new_output("display_data", {"image/png": many_colours(), "text/plain": "<Figure at 0x7fab>"}),
        new_output("error", ename="E", evalue="at <f at 0x7fab>", traceback=["\x1b[31m/home/me/x.py\x1b[0m"]),
    ]
    metadata = {"tags": ["hide-input"], "collapsed": True, "execution": {"shell": "now"}, "jupyter": {}}
    cells = [
        new_markdown_cell("# T\n\n", id="a", metadata={"tags": []}),
        new_code_cell("\nx = 1\n", id="b", outputs=outputs, metadata=metadata),
        new_code_cell("x", id="c"),
    ]
    extra = {
        "widgets": {},
        "language_info": {"name": "python", "version": "3.11.7"},
        "dlbook": {"code_hash": "0"},
    }
    return new_notebook(cells=cells, metadata=extra)


def test_normal_form_keeps_meaning_and_drops_chance() -> None:
    normal = notebooks.normalise(untidy())
    assert set(normal.metadata) == {"kernelspec", "language_info", "dlbook"}
    assert normal.metadata.language_info == {"name": "python"}
    title, code, _ = normal.cells
    assert (title.source, title.metadata) == ("# T", {})
    assert (code.source, code.metadata) == ("x = 1", {"tags": ["hide-input"]})
    printed, shown, drawn, failed = code.outputs
    assert printed.text == "<object object>\n"
    assert shown.data == {"text/html": "<b></b>"}
    assert drawn.data["text/plain"] == "<Figure>"
    assert failed.traceback == ["E: at <f>"]


def test_normal_form_of_the_normal_form_is_itself() -> None:
    normal = notebooks.normalise(untidy())
    assert notebooks.serialise(notebooks.normalise(normal)) == notebooks.serialise(normal)
    assert notebooks.serialise(normal).endswith("}\n")


def test_pictures_have_a_palette_on_white() -> None:
    drawn = notebooks.normalise(untidy()).cells[1].outputs[2].data["image/png"]
    picture = Image.open(io.BytesIO(base64.b64decode(drawn)))
    assert picture.mode == "P"
    assert picture.convert("RGB").getpixel((0, 0)) == (255, 255, 255)


def test_a_thin_line_over_a_heat_map_keeps_its_colour() -> None:
    map_colours = [(x, 100 + x // 4, 255 - x) for x in range(256)]
    picture = Image.new("RGB", (256, 256))
    picture.putdata(map_colours * 256)
    orange = (213, 94, 0)
    for x in range(256):
        picture.putpixel((x, 128), orange)
    png = io.BytesIO()
    picture.save(png, "PNG")
    kept = notebooks._with_palette(base64.b64encode(png.getvalue()).decode())
    pixel = Image.open(io.BytesIO(base64.b64decode(kept))).convert("RGB").getpixel((60, 128))
    assert max(abs(a - b) for a, b in zip(pixel, orange, strict=True)) <= 8


def test_the_stamp_follows_the_code_alone() -> None:
    notebook = untidy()
    notebooks.stamp(notebook)
    notebook.cells[0].source = "# Another title"
    assert notebooks.is_stamped(notebook)
    notebook.cells[1].source = "x = 2"
    assert not notebooks.is_stamped(notebook)
    notebooks.stamp(notebook)
    notebook.cells[1:] = notebook.cells[:0:-1]
    assert not notebooks.is_stamped(notebook)


def test_only_code_is_formatted() -> None:
    notebook = new_notebook(cells=[new_markdown_cell("x=1"), new_code_cell("%pip list\nx=1;\ny = !ls")])
    formatted = notebooks.format_code(notebook)
    assert [cell.source for cell in formatted.cells] == ["x=1", "%pip list\nx = 1\ny = !ls"]


def test_the_set_up_is_formatted_and_names_the_repository() -> None:
    notebook = new_notebook(cells=[new_code_cell(notebooks.setup_source())])
    assert notebooks.format_code(notebook).cells[0].source == notebooks.setup_source()
    project = tomllib.loads((notebooks.ROOT / "pyproject.toml").read_text())["project"]
    assert f'git+{project["urls"]["Repository"]}"' in notebooks.setup_source()


def test_cells_without_an_id_get_one_that_stays(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# T"], **name}
        for name in ({}, {"id": "a"}, {"id": "a"})
    ]
    path = tmp_path / "old.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}))
    first, second = notebooks.read(path), notebooks.read(path)
    names = [cell.id for cell in first.cells]
    assert names == [cell.id for cell in second.cells]
    assert len(set(names)) == 3
    assert names[1] == "a"


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"cells": [{}], "metadata": {}, "nbformat": 4}', '{"cells": [], "nbformat": 3}'],
)
def test_what_is_no_notebook_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.ipynb"
    path.write_text(text)
    with pytest.raises(
        notebooks.NotebookError, match="expected a notebook of format 4, got one that breaks it"
    ):
        notebooks.read(path)


def test_a_missing_notebook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(notebooks.NotebookError, match="No such file"):
        notebooks.read(tmp_path / "missing.ipynb")


def test_what_cannot_be_written_whole_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "nb.ipynb"
    notebooks.write(path, untidy())
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        notebooks.write(path, new_notebook())
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_the_books_notebooks_are_those_below_chapters(book: Path, path: Path) -> None:
    appendix = book / "chapters" / "prerequisites.ipynb"
    checkpoint = path.parent / ".ipynb_checkpoints" / "tiny.ipynb"
    checkpoint.parent.mkdir()
    for file in (path, appendix, checkpoint):
        file.write_text("{}")
    assert notebooks.book_notebooks(book) == [path, appendix]
    assert notebooks.is_section(path)
    assert not notebooks.is_section(appendix)


def test_exercises_are_found_by_their_marks(section: NotebookNode) -> None:
    found = exercises(section)
    assert [exercise.name for exercise in found] == ["tiny-1", "tiny-2", "tiny-3", "tiny-4"]
    assert [len(found[2].cells[role]) for role in ("prompt", "stub", "check", "solution")] == [1, 1, 1, 1]
    assert found[2].first == min(number for cells in found[2].cells.values() for number, _ in cells)
    assert "return 2 * x" in found[2].source("solution")
    assert found[1].source("solution") == ""


def test_a_stub_leaves_open_what_raises_and_what_is_an_ellipsis() -> None:
    function = "def f(x):\n    raise NotImplementedError('f')\n"
    finished = "def g(x):\n    return x\n"
    layer = "class C:\n    def h(self):\n        raise NotImplementedError\n"
    stub = f"n = 3\na = b = ...\n{function}{finished}{layer}"
    assert open_names(stub) == ({"f", "C"}, {"a", "b"})
    assert defined_names("a, b = 1, 2\ndef f():\n    c = 1\nclass C: ...\nprint(d)") == {"a", "b", "f", "C"}
