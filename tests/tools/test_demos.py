"""The live demos of a small book."""

from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from nbformat import NotebookNode
from nbformat.v4 import new_output

from tools import demos, notebooks
from tools.figures import figures

BOARD = '<div class="dl-drawing" role="group" aria-label="Draw &lt;a&gt; digit">'


def cell(notebook: NotebookNode, name: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.id == name)


def built(book: Path, page: str) -> Tag:
    assert demos.main([], root=book) == 0
    return BeautifulSoup((book / "_build" / "demos" / page).read_text(encoding="utf-8"), "html.parser")


@pytest.fixture
def two(book: Path, path: Path, section: NotebookNode) -> NotebookNode:
    """A section with a figure and a drawing board, in a chapter with an opener."""
    (book / "chapters" / "01-basics" / "index.md").write_text("# Basics & more\n\nWords.\n", encoding="utf-8")
    cell(section, "claim").outputs = [new_output("display_data", {"text/html": BOARD})]
    notebooks.write(path, section)
    return section


def test_each_figure_is_a_demo_on_its_chapters_page(book: Path, two: NotebookNode) -> None:
    page = built(book, "01-basics.html")
    assert page.title.text == "Live demos: Basics & more"
    slope, board = page.select(".demo")
    assert [slope["id"], board["id"]] == ["tiny-figure", "tiny-claim"]
    assert slope.h1.text == "Words enough for a blank"
    assert "Tiny" in slope.header.p.text
    assert slope.select_one(".dl-explore script") is not None
    assert slope.select_one(".caption").text == "A line."
    assert board.select_one(".caption").text == "Draw <a> digit."
    assert [button.text for button in slope.select(".panel button")] == ["1 Gentle", "2 Steep", "R Reset"]
    assert [button["data-places"] for button in slope.select("[data-places]")] == ["0", "2"]
    assert not board.select(".panel")
    assert board.select_one("nav [data-do=reset]") is not None


def test_presets_stand_in_the_order_of_the_frames_whatever_they_are_called(two: NotebookNode) -> None:
    cell(two, "figure").metadata.dlbook["presets"] = {"A": {"slope": "2"}, "B": {"slope": "1"}, "C": {}}
    assert figures(two)[0].presets == {"C": [0], "B": [1], "A": [2]}
    assert list(figures(two)[0].presets) == ["C", "B", "A"]


def test_a_slides_heading_is_the_title_and_its_formulas_are_mathml(
    book: Path, path: Path, two: NotebookNode
) -> None:
    figure = cell(two, "figure")
    figure.metadata.slideshow = {"slide_type": "slide"}
    figure.metadata.dlbook["slide"] = "## The slope is *all* of $a$\nWords."
    notebooks.write(path, two)
    (title,) = built(book, "01-basics.html").select("#tiny-figure h1")
    assert title.get_text().startswith("The slope is all of ")
    assert title.em.text == "all"
    assert title.math is not None


def test_demos_lead_to_their_neighbours_over_the_chapters_ends(book: Path, two: NotebookNode) -> None:
    (book / "chapters" / "appendix.ipynb").write_bytes(
        (book / "chapters" / "01-basics" / "tiny.ipynb").read_bytes()
    )
    with (book / "_toc.yml").open("a", encoding="utf-8") as toc:
        toc.write("- chapters:\n  - file: chapters/appendix\n  - file: chapters/glossary\n")
    pages = [built(book, page) for page in ("01-basics.html", "appendix.html")]
    ways = [
        [link["href"] for link in demo.select("nav a") if link["href"] != "index.html"]
        for page in pages
        for demo in page.select(".demo")
    ]
    one, other = "01-basics.html#tiny", "appendix.html#appendix"
    assert ways == [
        [f"{one}-claim"],
        [f"{one}-figure", f"{other}-figure"],
        [f"{one}-claim", f"{other}-claim"],
        [f"{other}-figure"],
    ]
    index = built(book, "index.html")
    assert [heading.text for heading in index.select("h2")] == ["Basics & more", "Tiny"]
    assert [card.a["href"] for card in index.select("li")] == [
        f"{name}-{cell}" for name in (one, other) for cell in ("figure", "claim")
    ]


def test_the_section_is_a_link_where_the_book_is_built(book: Path, two: NotebookNode) -> None:
    assert built(book, "01-basics.html").header.a is None
    page = book / "_build" / "html" / "chapters" / "01-basics" / "tiny.html"
    page.parent.mkdir(parents=True)
    page.touch()
    link = built(book, "01-basics.html").header.a["href"]
    assert (book / "_build" / "demos" / link).resolve() == page


def test_a_bad_preset_is_named_and_nothing_is_written(
    book: Path, path: Path, two: NotebookNode, capsys: pytest.CaptureFixture[str]
) -> None:
    cell(two, "figure").metadata.dlbook["presets"]["Steep"] = {"slope": "3"}
    notebooks.write(path, two)
    assert demos.main([], root=book) == 1
    said = capsys.readouterr().err
    assert said.startswith(
        "chapters/01-basics/tiny.ipynb: cell 5 (figure): the preset 'Steep' sets slope to '3'"
    )
    assert "Mend: write one of 0.5, 1, 2." in said
    assert not (book / "_build").exists()


def test_a_notebook_that_cannot_be_read_is_named(
    book: Path, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path.write_text("{}")
    assert demos.main([], root=book) == 1
    assert capsys.readouterr().err.startswith(
        "chapters/01-basics/tiny.ipynb: expected a notebook of format 4"
    )


def test_it_says_where_the_demos_are(
    book: Path, two: NotebookNode, capsys: pytest.CaptureFixture[str]
) -> None:
    built(book, "index.html")
    assert capsys.readouterr().out == f"The demos: {(book / '_build/demos/index.html').as_uri()}\n"
