"""Lecture decks: what each mark does, and what is said of marks that make no deck."""

import base64
from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools import decks, notebooks, slides

PNG = base64.b64encode(b"a picture").decode()
PRINTED = new_output("stream", text="1 < 2\n")
PICTURE = new_output("display_data", {"image/png": PNG, "text/plain": "<Figure>"})
LIVE = new_output(
    "execute_result", {"text/html": '<div class="dl-explore">live</div>', "text/plain": "explore"}
)
FAILED = new_output("error", ename="E", evalue="no")

Render = Callable[..., BeautifulSoup]


def cell(kind: str, source: str, place: str = "-", outputs: tuple[NotebookNode, ...] = (), **marks: object):
    metadata = {"slideshow": {"slide_type": place}, "dlbook": marks}
    if kind == "code":
        return new_code_cell(source, metadata=metadata, outputs=list(outputs))
    return new_markdown_cell(source, metadata=metadata)


def opening(**marks: object) -> NotebookNode:
    return cell(
        "markdown",
        "# Tiny\n\nLong.",
        "slide",
        **{"slide": "## Tiny", "notes": "Say it.", "minutes": 2} | marks,
    )


def code(source: str = "x = 1", *outputs: NotebookNode, **marks: object) -> NotebookNode:
    return cell("code", source, outputs=outputs, **marks)


def deck(tmp_path: Path, *cells: NotebookNode) -> slides.Deck:
    path = tmp_path / "chapters" / "01-basics" / "tiny.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    notebooks.write(path, new_notebook(cells=list(cells)))
    return slides.Deck(path, tmp_path / slides.OUT)


@pytest.fixture
def render(tmp_path: Path) -> Render:
    return lambda *cells: BeautifulSoup(deck(tmp_path, *cells).render(), "html.parser")


def test_a_slide_begins_where_a_cell_says_so(render: Render) -> None:
    page = render(opening(), cell("markdown", "more"), opening(slide="## Next", minutes=0.5))
    first, second = page.find_all("section")
    assert [first.h2.text, second.h2.text] == ["Tiny", "Next"]
    assert "more" in first.text
    assert [first["data-timing"], second["data-timing"]] == ["120", "30"]
    assert [section.footer.text.split("\n")[-1] for section in (first, second)] == ["Tiny1 / 2", "Tiny2 / 2"]


def test_a_skipped_cell_stays_off(render: Render) -> None:
    assert "hidden" not in render(opening(), cell("markdown", "hidden", "skip")).text


def test_a_fragment_waits(render: Render) -> None:
    (fragment,) = render(opening(), cell("markdown", "answer", "fragment")).select(".fragment")
    assert fragment.text.strip() == "answer"


def test_the_slides_text_replaces_a_markdown_cell_and_heads_a_code_cell(render: Render) -> None:
    page = render(opening(), cell("markdown", "said at length", slide="said"), code(slide="above"))
    assert "at length" not in page.text
    assert page.text.index("above") < page.text.index("x = 1")


@pytest.mark.parametrize(
    ("outputs", "show", "seen"),
    [
        ((PRINTED,), None, ["printed"]),
        ((), None, ["code"]),
        ((PRINTED,), "code", ["code"]),
        ((PRINTED,), "output", ["printed"]),
        ((PRINTED,), "both", ["code", "printed"]),
    ],
)
def test_a_code_cell_shows_what_it_is_told_to(
    render: Render, outputs, show: str | None, seen: list[str]
) -> None:
    page = render(opening(), code("x = 1", *outputs, **({"show": show} if show else {})))
    assert [block["class"][0] for block in page.select("pre")] == seen


def test_outputs_are_shown_as_they_are_stored(render: Render) -> None:
    described = code("draw()", PICTURE, PRINTED)
    described.metadata["mystnb"] = {"image": {"alt": 'a "line" that falls'}}
    described.metadata["tags"] = ["photograph"]
    page = render(opening(), described, code("explore()", LIVE), code("raise", FAILED))
    assert page.img["alt"] == 'a "line" that falls'
    assert page.img["src"] == f"data:image/png;base64,{PNG}"
    assert page.img.find_parent(class_="cell")["class"] == ["cell", "photograph"]
    assert [block.text for block in page.select("pre.printed")] == ["1 < 2", "E: no"]
    assert page.select_one(".html[data-prevent-swipe] > .dl-explore").text == "live"


def test_code_is_coloured_in_cells_and_in_text(render: Render) -> None:
    page = render(opening(slide="## Tiny\n\n```python\nreturn x\n```"), code("for x in y: pass"))
    assert [word.text for word in page.select("pre.code .k")] == ["return", "for", "pass"]


@pytest.mark.parametrize(
    ("source", "short"),
    [("x" * 64, True), ("x" * 65, False), ("x\n" * 7 + "x", True), ("x\n" * 8 + "x", False)],
)
def test_short_code_is_larger(render: Render, source: str, short: bool) -> None:
    assert ("short" in render(opening(), code(source)).pre["class"]) == short


def test_formulas_are_rendered_on_slides_and_in_notes(render: Render) -> None:
    page = render(opening(slide="## Tiny\n\n$$x^2$$", notes="Say $y$.\n**Ask:** why?"))
    assert page.select(".slide .katex-display .katex-html")
    notes = page.select_one("aside.notes")
    assert notes.math.mi.text == "y"
    assert notes.br
    assert not notes.select(".katex-html")


def test_html_in_text_is_no_html(render: Render) -> None:
    assert not render(opening(slide="## Tiny\n\n<b>x</b>")).b


@pytest.mark.parametrize(
    ("cells", "place", "message"),
    [
        (
            [opening(), new_markdown_cell("x")],
            2,
            "unknown slide_type ''. Mend: give slideshow.slide_type",
        ),
        ([opening(), cell("markdown", "x", "subslide")], 2, "unknown slide_type 'subslide'"),
        ([code(), opening()], 1, "no slide has begun that it could continue"),
        ([opening(slide="Tiny")], 1, "the slide has no heading"),
        ([opening(notes="")], 1, "the slide has no notes"),
        ([opening(minutes=None)], 1, "expected dlbook.minutes in whole or half minutes, got None"),
        ([opening(minutes=0)], 1, "got 0"),
        ([opening(minutes=1.2)], 1, "got 1.2"),
        ([opening(minutes="2")], 1, "got '2'"),
        ([opening(), code(minutes=2, notes="x")], 2, "it has minutes, notes but begins no slide"),
        ([opening(), cell("code", "x", "skip", show="code")], 2, "it has show but is skipped"),
        ([opening(), cell("markdown", "x", show="code")], 2, "dlbook.show stands on a cell without code"),
        ([opening(), code(show="all")], 2, "unknown dlbook.show 'all'"),
        ([opening(), code(show="output")], 2, "there is no output to show"),
        ([opening(slide="## Tiny\n\n$\\frac{x$")], 1, "KaTeX parse error"),
    ],
)
def test_marks_that_make_no_deck_are_named(tmp_path: Path, cells, place: int, message: str) -> None:
    made = deck(tmp_path, *cells)
    with pytest.raises(notebooks.NotebookError) as refused:
        made.render()
    assert f"tiny.ipynb: cell {place} (" in str(refused.value)
    assert message in str(refused.value)


def test_a_good_deck_has_no_faults() -> None:
    assert list(decks.faults(new_notebook(cells=[opening(), code(), cell("code", "x", "skip")]))) == []


def test_main_builds_the_marked_sections_and_an_index(
    book: Path, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (path.parent / "index.md").write_text("# Basics\n\nWords.\n")
    made = deck(book, opening(minutes=1.5), code())
    gone = made.page.with_name("gone.html")
    slides.write(gone, "")
    assert slides.main([], root=book) == 0
    told = capsys.readouterr().out
    assert "01-basics/tiny: 1 slides, 1.5 minutes" in told
    index = book / slides.OUT / "index.html"
    assert index.as_uri() in told
    page = BeautifulSoup(index.read_text(), "html.parser")
    assert page.h2.text == "Basics"
    assert [link["href"] for link in page.tbody.find_all("a")] == [
        "01-basics/tiny.html",
        "../html/chapters/01-basics/tiny.html",
    ]
    assert (made.folder / "assets" / "reveal.js").exists()
    assert not list(made.folder.rglob(".*"))
    assert not gone.exists()


def test_main_builds_what_it_can_and_names_the_rest(
    book: Path, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = deck(book, opening())
    bad = path.with_name("bad.ipynb")
    notebooks.write(bad, new_notebook(cells=[new_markdown_cell("# Bad")]))
    assert slides.main([str(bad), str(path.with_name("none.ipynb")), str(path)], root=book) == 1
    told = capsys.readouterr().err
    assert "bad.ipynb: cell 1" in told
    assert "none.ipynb: expected a notebook" in told
    assert good.page.exists()
    assert not (good.folder / "index.html").exists()
    assert not (good.folder / "01-basics" / "bad.html").exists()
