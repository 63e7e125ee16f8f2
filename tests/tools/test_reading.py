"""How long a notebook takes its reader: what counts, and what does not."""

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools import reading
from tools.notebooks import book_notebooks, is_section, read
from tools.reading import minutes

PICTURE = new_output("display_data", {"image/png": ""})
SLIDER = new_output("display_data", {"text/html": '<div class="dl-explore">', "image/png": ""})


def exercise(stars: str) -> list[NotebookNode]:
    """An exercise with a prompt, a stub and a solution, long to read."""
    marks = [{"exercise": f"t-{stars}", "role": role} for role in ("prompt", "stub", "solution")]
    prompt = new_markdown_cell(f"**Exercise 1** (*predict*, {stars}).\n" + "word " * 500)
    cells = [prompt, new_code_cell("x = 1\n" * 100), new_code_cell("x = 1\n" * 100)]
    for cell, mark in zip(cells, marks, strict=True):
        cell.metadata["dlbook"] = mark
    return cells


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        (new_markdown_cell("word " * 175), 60),
        (new_markdown_cell("**word** [word](x.md) $a + b$\n" * 10), 60 * 30 / 175),
        (new_markdown_cell("$$a$$"), reading.SECONDS_A_FORMULA),
        (new_code_cell("x = 1\n\ny = 2"), 2 * reading.SECONDS_A_LINE),
        (new_code_cell("x", outputs=[PICTURE]), reading.SECONDS_A_LINE + reading.SECONDS_A_FIGURE),
        (new_code_cell("x", outputs=[SLIDER]), reading.SECONDS_A_LINE + reading.SECONDS_A_SLIDER),
        (new_code_cell("x\n" * 50, metadata={"tags": ["hide-input"]}), 0),
        (new_code_cell("x\n" * 50, metadata={"tags": ["hide-cell"]}, outputs=[PICTURE]), 0),
    ],
)
def test_what_a_cell_takes_to_read(cell: NotebookNode, seconds: float) -> None:
    assert minutes(new_notebook(cells=[cell])).read == pytest.approx(seconds / 60)


def test_exercises_count_by_their_stars_alone() -> None:
    found = minutes(new_notebook(cells=[*exercise("★"), *exercise("★★★")]))
    assert (found.read, found.practise) == (0, reading.EXERCISE_MINUTES[1] + reading.EXERCISE_MINUTES[3])


def test_a_lecture_is_what_its_slides_say() -> None:
    slides = [
        new_markdown_cell("a", metadata={"slideshow": {"slide_type": kind}, "dlbook": {"minutes": 2.5}})
        for kind in ("slide", "skip", "slide")
    ]
    assert minutes(new_notebook(cells=slides)).teach == 5
    assert minutes(new_notebook(cells=[new_markdown_cell("a")])).teach == 0


def test_a_section_is_read_in_one_sitting_and_has_exercises() -> None:
    for path in filter(is_section, book_notebooks()):
        found = minutes(read(path))
        assert 20 < found.read < 90, path
        assert 20 < found.practise < 180, path
