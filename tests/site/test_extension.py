"""The book's Sphinx extension: glossary, stored outputs, formulas, Chinese in the search."""

from pathlib import Path

import nbformat
import pytest
from building import build
from docutils import nodes
from docutils.utils import new_document

from _ext.chinese import SearchEnglishAndChinese
from _ext.glossary import read_glossary
from _ext.mathematics import render
from _ext.stored_output import stored_html
from _ext.theme import KeepColumns

ENTRY = "- {{term: {term}, zh: 损失, definition: How wrong., section: 01-basics/x, level: {level}}}\n"


def test_glossary_is_sorted(tmp_path: Path) -> None:
    path = tmp_path / "glossary.yml"
    path.write_text(
        "".join(ENTRY.format(term=term, level="run") for term in ("loss", "Adam", "batch")), encoding="utf-8"
    )
    assert [entry["term"] for entry in read_glossary(path)] == ["Adam", "batch", "loss"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[", "is not YAML"),
        ("term: loss", "must be a list"),
        ("- {term: loss}", "entry 1: expected the keys definition, level, section, term, zh; got term"),
        ("- loss", "entry 1: expected the keys"),
        (ENTRY.format(term="loss", level="show"), "entry 1 .loss.: level is run or define, got 'show'"),
        (ENTRY.format(term="1", level="run"), "term must be a text, got 1"),
        (
            ENTRY.format(term="loss", level="run") + ENTRY.format(term="Loss", level="run"),
            "entry 2: 'Loss' is defined",
        ),
    ],
)
def test_bad_glossary(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "glossary.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        read_glossary(path)


@pytest.mark.parametrize(
    ("where", "printed", "scrolls"),
    [
        ("cell_output", "rate  loss\n 0.1  2.30", True),
        ("cell_output", "rate  loss: one gap is no table\n0.1 2.30", False),
        ("cell_output", "✓ a claim: 1\n✓ another: 2", False),
        ("cell_output", "  indented\n  twice", False),
        ("cell_input", "x = 1  # one\ny = 2  # two", False),
    ],
)
def test_printed_columns_are_kept(where: str, printed: str, scrolls: bool) -> None:
    document = new_document("page")
    block = nodes.literal_block(printed, printed)
    document += nodes.container("", block, classes=[where])
    KeepColumns(document).run()
    assert ("dl-columns" in block["classes"]) == scrolls


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    html = nbformat.v4.new_output("display_data", {"text/html": "<b>bowl</b>"})
    figure = nbformat.v4.new_code_cell(id="rate", outputs=[html])
    figure.metadata["mystnb"] = {"figure": {"name": "fig-rate"}}
    path = tmp_path / "a.ipynb"
    cells = [
        figure,
        nbformat.v4.new_code_cell(id="silent"),
        nbformat.v4.new_markdown_cell("text", id="prose"),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


@pytest.mark.parametrize("name", ["rate", "fig-rate"])
def test_stored_html_by_cell_and_by_figure(notebook: Path, name: str) -> None:
    assert stored_html(notebook, name) == "<b>bowl</b>"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gone", "no code cell 'gone'; those with HTML are: rate, fig-rate"),
        ("silent", "stored no HTML; run it"),
    ],
)
def test_no_stored_html(notebook: Path, name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        stored_html(notebook, name)


PAGE = """# Tiny

A loss (损失) of $a+\\KL(p)$.

```{stored-output} a.ipynb rate
```

```{glossary-page} glossary.yml
```
"""


def build_page(folder: Path) -> tuple[str, str]:
    """Build the folder with the book's directives; return its page and the build's warnings."""
    parts = ("mathematics", "chinese", "glossary", "stored_output")
    # Sphinx's default for the suffixes is shared: MyST-NB adds to it.
    warnings = build(folder, "myst_parser", *parts, source_suffix={".md": "markdown"})
    return (folder / "_build" / "index.html").read_text(encoding="utf-8"), warnings


def test_a_page_made_of_the_extension(notebook: Path) -> None:
    folder = notebook.parent
    (folder / "index.md").write_text(PAGE, encoding="utf-8")
    (folder / "glossary.yml").write_text(ENTRY.format(term="loss", level="run"), encoding="utf-8")
    (folder / "chapters" / "01-basics").mkdir(parents=True)
    (folder / "chapters" / "01-basics" / "x.md").write_text("---\norphan: true\n---\n# Section X\n")

    page, warnings = build_page(folder)
    assert '<span lang="zh-Hans">损失</span>' in page
    assert '<dt id="term-loss">' in page
    assert 'href="chapters/01-basics/x.html"' in page
    assert "<b>bowl</b>" in page
    assert "index.md:3: WARNING: KaTeX parse error: Undefined control sequence: \\KL" in warnings
    assert len(warnings.strip().splitlines()) == 1

    notebook.write_text(notebook.read_text().replace("bowl", "ravine"))
    assert "<b>ravine</b>" in build_page(folder)[0]


def test_formula() -> None:
    html = render(r"\mathbb{R}^d", displayMode=True)
    assert html.startswith('<span class="katex-display">')
    assert "<math" in html


def test_formula_with_an_unknown_command() -> None:
    with pytest.raises(ValueError, match=r"Undefined control sequence: \\KL at position 3"):
        render(r"a+\KL(p)")


def test_every_part_of_a_chinese_term_is_found() -> None:
    words = SearchEnglishAndChinese({}).split("gradient descent (梯度下降法)")
    assert {"gradient", "descent", "梯度下降法", "梯度", "下降", "梯度下降"} <= set(words)
