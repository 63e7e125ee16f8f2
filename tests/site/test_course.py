"""What the extension makes of the whole course: the map, the paths, the index, the times, the terms."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from building import build
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from _ext.concept_map import arrow
from _ext.reading_paths import read_path
from _ext.term_index import letter
from _ext.terms import EVERYDAY, Terms, sections_before
from _ext.times import spell
from tools import notebooks
from tools.reading import Minutes
from tools.sections import Course, Section
from tools.times import note_time

ROOT = Path(__file__).parents[2]
NO_BREAK = "\N{NO-BREAK SPACE}"


def entry(term: str, section: str = "01-basics/slopes") -> dict[str, str]:
    return {"term": term, "zh": "词", "definition": f"What {term} is.", "section": section, "level": "run"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A feature map is no feature.", ["feature map", "feature"]),
        ("Feature maps, and boundaries and losses.", ["Feature maps", "boundaries", "losses"]),
        ("ReLU, but not relu, ReLUx, x-ReLU or ReLU_2.", ["ReLU"]),
        ("A model is an everyday word.", []),
    ],
)
def test_terms_are_found_as_they_are_written(text: str, found: list[str]) -> None:
    terms = Terms([entry(term) for term in ("feature", "feature map", "boundary", "loss", "ReLU", "model")])
    assert [match.group() for match, _ in terms.find(text)] == found


def test_no_terms_are_found_in_an_empty_glossary() -> None:
    assert list(Terms([]).find("a, b")) == []


def test_everyday_words_are_terms_of_the_glossary() -> None:
    text = (ROOT / "chapters" / "glossary.yml").read_text(encoding="utf-8")
    assert set(re.findall("^- term: (.*)", text, re.MULTILINE)) >= EVERYDAY


@pytest.mark.parametrize(
    ("word", "initial"),
    [
        *(("loss", "L"), ("1×1 convolution", "0–9"), ("ReLU", "R")),
        *(("啊", "A"), ("梯度", "T"), ("座", "Z"), ("损失", "S"), ("鳃", "S"), ("霸王", "B")),
        ("熵", "其他"),
    ],
)
def test_a_word_stands_under_its_letter(word: str, initial: str) -> None:
    assert letter(word) == initial


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        *((0, "–"), (0.3, "18 s"), (1.9, "114 s"), (3.2, "3 min"), (43, "45 min"), (58, "1 h 00 min")),
        *((68, "1 h 10 min"), (604, "10 h"), (1500, "25 h")),
    ],
)
def test_a_time_is_spelt_no_more_exactly_than_it_is_known(minutes: float, words: str) -> None:
    assert spell(minutes).replace(NO_BREAK, " ") == words


def test_an_arrow_ends_in_a_head_at_its_tip() -> None:
    assert (
        arrow("e,0,20 0,0 0,5 0,10 0,15")
        == "M0.0,0.0 C0,5 0,10 0,15 L0.0,20.0 M2.4,15.6 L0.0,20.0 L-2.4,15.6"
    )


COURSE = Course(
    [
        Section(name, name, needs, (), "", Minutes(60, 30, 50))
        for name, needs in {"a": (), "b": ("a",), "c": ("b",), "d": ()}.items()
    ]
)


def test_a_path_may_leave_out_but_not_turn_round() -> None:
    assert read_path("- a: first\n- c: last", COURSE) == {"a": "first", "c": "last"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- b: x\n- a: y", "b stands before a, which it needs"),
        ("- c: x\n- d: y\n- a: z", "c stands before a"),
        ("- e: x", "no section 'e'"),
        ("- a: x\n- a: y", "a stands in the path twice"),
        ("- a", "expected `- <section>: <why>`"),
        ("a: x\nb: y", "expected `- <section>: <why>`"),
        ("- a:", "expected `- <section>: <why>`"),
        ("[", "not YAML"),
    ],
)
def test_a_path_that_leads_nowhere_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        read_path(text, COURSE)


PAGES = {
    "index.md": "# Book\n",
    "chapters/map.md": "# Map\n\n```{concept-map}\n```\n\n```{concept-list}\n```\n",
    "chapters/index.md": "# Index\n\n```{english-index}\n```\n\n## 中文\n\n```{chinese-index}\n```\n",
    "chapters/times.md": "# Times\n\n{{ words_a_minute }} words\n\n```{times}\n```\n",
    "chapters/paths.md": "# Paths\n\n```{reading-path}\n- 01-basics/descent: Down.\n```\n",
    "chapters/01-basics/index.md": "# Basics & more\n",
}
GLOSSARY = """
- {term: loss, zh: 损失, definition: How "wrong" it is., section: 01-basics/slopes, level: run}
- {term: descent, zh: 下降, definition: Downhill., section: 01-basics/descent, level: run}
"""
SLOPES = """# Slopes

*You need*: [letters](../index.md).

The **loss** (损失) falls by descent.
A loss is a number."""
DESCENT = """# Descent

## Of the loss

*You need*: [slopes](slopes.ipynb).

`loss` and **losses** and [the loss](slopes.ipynb) and $loss$, but Losses fall.
A loss falls by **descent** (下降).

| loss |
|---|
| loss |"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book with two sections, the second of which needs the first."""
    for name, text in PAGES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"---\norphan: true\n---\n{text}", encoding="utf-8")
    (tmp_path / "chapters" / "glossary.yml").write_text(GLOSSARY, encoding="utf-8")
    (tmp_path / "_toc.yml").write_text(
        "parts: [{chapters: [{file: chapters/01-basics/index, sections: [\n"
        "  {file: chapters/01-basics/slopes}, {file: chapters/01-basics/descent}]}]}]\n"
    )
    (tmp_path / "benchmarks").mkdir()
    for name, text, seconds in (("slopes", SLOPES, 8), ("descent", DESCENT, 21)):
        path = tmp_path / "chapters" / "01-basics" / f"{name}.ipynb"
        notebook = new_notebook(cells=[new_markdown_cell(text, id="a"), new_code_cell("x = 1", id="b")])
        notebook.metadata.update(language_info={"name": "python"}, orphan=True)
        notebooks.write(path, notebook)
        note_time(path, notebook, seconds, tmp_path)
    return tmp_path


PARTS = (
    "mathematics",
    "chinese",
    "glossary",
    "terms",
    "term_index",
    "concept_map",
    "times",
    "reading_paths",
)


def build_book(book: Path) -> str:
    """Build the book; return the warnings."""
    return build(book, "myst_nb", *PARTS, nb_execution_mode="off", nitpicky=True)


def page(book: Path, name: str) -> BeautifulSoup:
    return BeautifulSoup(
        (book / "_build" / "chapters" / f"{name}.html").read_text(encoding="utf-8"), "html.parser"
    )


def test_a_small_book(book: Path) -> None:
    assert build_book(book) == ""

    drawing = page(book, "map").select_one("svg")
    boxes = drawing.select("a")
    assert [box["href"] for box in boxes] == ["01-basics/slopes.html", "01-basics/descent.html"]
    assert [box["aria-label"] for box in boxes] == ["Slopes", "Descent"]
    assert [box.title.text for box in boxes] == ["Defines loss.", "Needs Slopes.\nDefines descent."]
    assert [len(box.parent.select("path")) for box in boxes] == [0, 1]
    assert drawing.select_one(".dl-map-chapter").text == "Basics & more"
    words = page(book, "map").select_one("section section").get_text(" ", strip=True)
    assert "needs Slopes" in words
    assert "is needed by Descent" in words

    first, second = page(book, "01-basics/slopes"), page(book, "01-basics/descent")
    assert first.select_one("strong#term-loss").text == "loss"
    assert first.select("a.dl-term") == []
    (term,) = second.select("a.dl-term")
    assert (term.text, term["href"]) == ("Losses", "slopes.html#term-loss")
    assert term["title"] == 'How "wrong" it is.'
    (line,) = second.select("h1 + p.dl-times")
    assert re.fullmatch(r"About \d+ minutes to read, 21 seconds to run", line.text)
    assert line.a["href"] == "../times.html"

    index = page(book, "index")
    letters = [section.find(re.compile("h[23]")).contents[0] for section in index.select(".dl-index")]
    assert letters == ["D", "L", "S", "X"]
    assert "loss 损失: Slopes, Descent" in re.sub(r"\s+", " ", index.text)
    assert index.select('a[href="01-basics/slopes.html#term-loss"]')

    rows = [[cell.text for cell in row.select("td")] for row in page(book, "times").select("tr")]
    assert rows[-1][0] == "Together"
    assert [row[4] for row in rows if row] == [f"{seconds}{NO_BREAK}s" for seconds in (8, 21, 29, 29)]
    assert "175 words" in page(book, "times").text
    assert "It leans on what this path leaves out: Slopes." in page(book, "paths").text


def test_a_time_that_was_measured_anew_is_shown(book: Path) -> None:
    build_book(book)
    path = book / "chapters" / "01-basics" / "descent.ipynb"
    note_time(path, notebooks.read(path), 33, book)
    build_book(book)
    assert "33 seconds to run" in page(book, "01-basics/descent").text
    assert f"41{NO_BREAK}s" in page(book, "times").text


def test_a_term_whose_definition_changes_is_shown_anew(book: Path) -> None:
    build_book(book)
    path = book / "chapters" / "glossary.yml"
    path.write_text(
        path.read_text(encoding="utf-8").replace('How "wrong" it is', "The error"), encoding="utf-8"
    )
    build_book(book)
    assert page(book, "01-basics/descent").select_one("a.dl-term")["title"] == "The error."


def test_a_need_that_comes_later_stops_the_build(book: Path) -> None:
    path = book / "chapters" / "01-basics" / "slopes.ipynb"
    path.write_text(
        path.read_text(encoding="utf-8").replace("../index.md", "descent.ipynb"), encoding="utf-8"
    )
    assert "01-basics/slopes needs 01-basics/descent, which _toc.yml does not put before it" in build_book(
        book
    )


@pytest.mark.parametrize(
    ("name", "before"),
    [
        ("chapters/01-basics/slopes", set()),
        ("chapters/01-basics/descent", {"01-basics/slopes"}),
        ("chapters/01-basics/index", set()),
        ("chapters/02-mlp/index", {"01-basics/slopes", "01-basics/descent"}),
    ],
)
def test_what_comes_before_a_page(book: Path, name: str, before: set[str]) -> None:
    assert sections_before(name, book) == before
