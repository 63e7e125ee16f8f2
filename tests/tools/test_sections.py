"""What the sections need of each other, read from their notebooks and from the table of contents."""

from pathlib import Path

import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

from tools import notebooks
from tools.notebooks import NotebookError
from tools.reading import Minutes
from tools.sections import Course, Section, read_course, read_section, section_names


def section(name: str, *needs: str, links: tuple[str, ...] = ()) -> Section:
    return Section(name, name.upper(), needs, (*needs, *links), "", Minutes(0, 0, 0))


def write(book: Path, name: str, text: str) -> None:
    path = book / "chapters" / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    notebooks.write(path, new_notebook(cells=[new_markdown_cell(text, id="text")]))


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book of two chapters with three sections."""
    (tmp_path / "_toc.yml").write_text(
        "root: index\nparts:\n- chapters:\n  - file: chapters/prerequisites\n- chapters:\n"
        "  - file: chapters/01-basics/index\n    sections:\n"
        "    - file: chapters/01-basics/slopes\n    - file: chapters/01-basics/descent\n"
        "  - file: chapters/02-mlp/index\n    sections:\n    - file: chapters/02-mlp/layers\n"
    )
    write(tmp_path, "01-basics/slopes", "# Slopes\n\n*You need*: [letters](../notation.md).")
    write(
        tmp_path,
        "01-basics/descent",
        "# Descent\n\n*You need*: [slopes](slopes.ipynb#up),\nand [slopes](slopes.ipynb) again.\n\n"
        "See [layers](../02-mlp/layers.ipynb) and [elsewhere](https://x.org/slopes.ipynb).",
    )
    write(
        tmp_path,
        "02-mlp/layers",
        "# Layers\n\n"
        "*You need*: [descent](../01-basics/descent.ipynb) and [slopes](../01-basics/slopes.ipynb).",
    )
    return tmp_path


def test_the_needs_are_what_the_paragraph_links_to(book: Path) -> None:
    course = read_course(book)
    assert [found.title for found in course] == ["Slopes", "Descent", "Layers"]
    assert [found.chapter for found in course] == ["01-basics", "01-basics", "02-mlp"]
    assert course.needs("01-basics/slopes") == []
    assert course.needs("01-basics/descent") == ["01-basics/slopes"]
    assert course.see_also("01-basics/descent") == ["02-mlp/layers"]
    assert course.needed_by("01-basics/slopes") == ["01-basics/descent", "02-mlp/layers"]
    assert course.direct_needs("02-mlp/layers") == ["01-basics/descent"]
    assert course.before["02-mlp/layers"] == {"01-basics/slopes", "01-basics/descent"}


def test_a_changed_section_is_read_again(book: Path) -> None:
    assert read_section("01-basics/slopes", book).title == "Slopes"
    write(book, "01-basics/slopes", "# Inclines")
    assert read_section("01-basics/slopes", book).title == "Inclines"


def test_a_missing_section_is_named_by_its_reader(book: Path) -> None:
    (book / "chapters" / "01-basics" / "slopes.ipynb").unlink()
    with pytest.raises(NotebookError, match="No such file"):
        read_course(book)


@pytest.mark.parametrize(
    "sections",
    [
        [section("a", "b"), section("b")],
        [section("a", "a")],
        [section("a"), section("b", "a", "c"), section("c", "b")],
    ],
)
def test_a_need_that_comes_later_is_refused(sections: list[Section]) -> None:
    with pytest.raises(ValueError, match=r"needs [abc], which _toc\.yml does not put before it"):
        Course(sections)


def test_an_arrow_is_left_out_where_a_longer_way_leads_round() -> None:
    course = Course(
        [section("a"), section("b", "a"), section("c", "b"), section("d", "a", "c"), section("e", "b", "a")]
    )
    assert {name: course.direct_needs(name) for name in course.sections} == {
        "a": [],
        "b": ["a"],
        "c": ["b"],
        "d": ["c"],
        "e": ["b"],
    }


def test_every_section_but_the_first_needs_another() -> None:
    course = read_course()
    without = [found.name for found in course if not course.needs(found.name)]
    assert without == section_names()[:1]
