"""A small book on the disk, and a section that every rule of the form is content with."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_output

from tools import notebooks
from tools.new import section_notebook

KEY = "tiny2020"
SLIDERS = """<div class="dl-explore" role="group" aria-label="A line"><script type="application/json">
{"names": ["slope"], "labels": [["0.5", "1", "2"]], "frames": ["", "", ""]}
</script></div>"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """The root of a book with one chapter, whose contents name the section 01-basics/tiny."""
    (tmp_path / "chapters" / "01-basics").mkdir(parents=True)
    (tmp_path / "references.bib").write_text(f"@misc{{{KEY},\n  title = {{Tiny}},\n}}\n")
    (tmp_path / "_toc.yml").write_text(
        "root: index\nparts:\n- chapters:\n  - file: chapters/01-basics/index\n"
        "    sections:\n    - file: chapters/01-basics/tiny\n"
    )
    return tmp_path


@pytest.fixture
def path(book: Path) -> Path:
    """Where the book's section stands."""
    return book / "chapters" / "01-basics" / "tiny.ipynb"


@pytest.fixture(scope="session")
def fill() -> Callable[[NotebookNode], NotebookNode]:
    """Fill the blanks of a new section with words."""

    def filled(notebook: NotebookNode) -> NotebookNode:
        text = json.dumps(notebook, ensure_ascii=False).replace("TODO(key)", KEY)
        while "TODO(" in text:
            before, _, after = text.partition("TODO(")
            text = before + "Words enough for a blank" + after.partition(")")[2]
        return from_dict(json.loads(text))

    return filled


@pytest.fixture(scope="session")
def number() -> Callable[[NotebookNode], None]:
    """Number the code cells of a notebook as a fresh kernel would."""

    def numbered(notebook: NotebookNode) -> None:
        cells = (cell for cell in notebook.cells if cell.cell_type == "code")
        for count, cell in enumerate(cells, start=1):
            cell.execution_count = count

    return numbered


@pytest.fixture
def section(
    fill: Callable[[NotebookNode], NotebookNode], number: Callable[[NotebookNode], None]
) -> NotebookNode:
    """A section as if it had been filled in and run; it stores a figure's sliders, and prints nothing."""
    notebook = notebooks.normalise(fill(section_notebook("tiny")))
    figure = next(cell for cell in notebook.cells if cell.id == "figure")
    figure.outputs = [new_output("display_data", {"text/html": SLIDERS})]
    number(notebook)
    notebooks.stamp(notebook)
    return notebook
