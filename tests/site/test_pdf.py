"""The book as a PDF, some pages of it; and PDFs that are wrong in one way."""

from pathlib import Path
from typing import Any

import pikepdf
import pypdf
import pytest
from bs4 import BeautifulSoup
from looking import ROOT
from playwright.sync_api import Browser

from tools import pdf, single

pytestmark = pytest.mark.xdist_group("pdf")  # what they look at is made once

SECTION = "chapters/01-basics/gradient-descent"
NAMES = ["index", "chapters/01-basics/index", SECTION]
HEADING = "Two parameters: a ravine"
FONT_FILES = ("/FontFile", "/FontFile2", "/FontFile3")
LEAST = 40  # letters; more than a running title and a page's number


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Path:
    folder = tmp_path_factory.mktemp("print")
    (folder / "book.html").write_text(single.render(ROOT, NAMES), encoding="utf-8")
    pdf.print_book(browser, folder / "book.html", folder / "book.pdf")
    assert sorted(path.name for path in folder.iterdir()) == ["book.html", "book.pdf"]
    return folder / "book.pdf"


@pytest.fixture(scope="module")
def book(printed: Path) -> pypdf.PdfReader:
    return pypdf.PdfReader(printed)


@pytest.fixture(scope="module")
def texts(book: pypdf.PdfReader) -> list[str]:
    return [page.extract_text() for page in book.pages]


def headings_of_the_pages() -> list[Any]:
    """The headings of the built pages, without the landing page's."""
    pages = [ROOT / single.HTML / f"{name}.html" for name in NAMES[1:]]
    soups = [BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser") for page in pages]
    for link in (link for soup in soups for link in soup.select(".headerlink")):
        link.decompose()
    return [heading for soup in soups for heading in soup.article.select("h1, h2, h3, h4")]


def blank_pages(book: pypdf.PdfReader) -> list[int]:
    """The numbers of the pages with neither a picture nor more text than every page has."""
    return [
        number
        for number, page in enumerate(book.pages, start=1)
        if len(page.extract_text()) < LEAST and not page.images
    ]


def fonts_left_out(file: Path) -> set[str]:
    """The fonts that a PDF names but does not carry."""
    with pikepdf.open(file) as opened:
        things = [thing for thing in opened.objects if isinstance(thing, pikepdf.Dictionary)]
        fonts = [thing for thing in things if thing.get("/Type") == "/FontDescriptor"]
        return {str(font.FontName) for font in fonts if not any(kind in font for kind in FONT_FILES)}


def bookmarks(outline: list[Any], depth: int = 0) -> list[tuple[int, str, Any]]:
    """The bookmarks of a PDF in their order, with their depth."""
    flat = []
    for item in outline:
        flat += bookmarks(item, depth + 1) if isinstance(item, list) else [(depth, item.title, item)]
    return flat


def test_every_heading_is_there_and_has_its_bookmark(book: pypdf.PdfReader) -> None:
    marks = bookmarks(book.outline)
    headings = [heading.get_text().strip() for heading in headings_of_the_pages()]
    assert [title for _, title, _ in marks] == [
        "Deep Learning by Running It",
        "How to cite",
        "Contents",
        *headings,
    ]
    for _, title, mark in marks:
        text = book.pages[book.get_destination_page_number(mark)].extract_text()
        assert title.split()[0] in text, title
    depths = {title: depth for depth, title, _ in marks}
    assert [depths[title] for title in ("1. Machine-learning basics", "Gradient descent", HEADING)] == [
        0,
        1,
        2,
    ]


def test_the_contents_say_where_a_section_begins_and_lead_there(book: pypdf.PdfReader) -> None:
    contents = book.pages[1]
    number = int(contents.extract_text().partition("Gradient descent")[2].split()[0])
    assert "You stand on a hillside" in book.pages[number - 1].extract_text()
    links = [note.get_object() for note in contents["/Annots"]]
    assert all("/Dest" in link for link in links)
    assert len(links) == len(NAMES) - 1


def test_each_page_has_its_number_and_its_running_title(book: pypdf.PdfReader, texts: list[str]) -> None:
    titles = [title for depth, title, _ in bookmarks(book.outline) if depth < 2]
    for number, text in enumerate(texts, start=1):
        lines = text.split("\n")
        assert str(number) in lines
        assert number <= 2 or lines[0] in titles  # after the first page and the contents


def test_what_is_folded_on_the_page_is_open_on_paper(texts: list[str]) -> None:
    text = "\n".join(texts)
    assert "def newton_step(theta, gradient, curvature):" in text
    assert "torch.linalg.solve" in text  # from its solution
    assert "Right." in text
    assert "Show the" not in text


def test_it_says_what_it_is(book: pypdf.PdfReader) -> None:
    first = book.pages[0].extract_text()
    for words in ("Deep Learning by Running It", "the dlbook authors", "This is version", "CC BY 4.0"):
        assert words in first
    assert (book.metadata.title, book.metadata.author) == (
        "Deep Learning by Running It",
        "the dlbook authors",
    )
    assert "CC BY 4.0" in book.metadata.subject
    assert book.trailer["/Root"]["/MarkInfo"]["/Marked"]  # screen readers find their way


def test_a4_with_all_fonts_and_no_blank_page(printed: Path, book: pypdf.PdfReader) -> None:
    millimetres = {tuple(round(float(side) / 72 * 25.4) for side in page.mediabox[2:]) for page in book.pages}
    assert millimetres == {(210, 297)}
    assert fonts_left_out(printed) == set()
    assert blank_pages(book) == []


def test_a_blank_page_and_a_missing_font_are_seen(printed: Path, tmp_path: Path) -> None:
    with pikepdf.open(printed) as opened:
        opened.add_blank_page()
        font = next(
            thing
            for thing in opened.objects
            if isinstance(thing, pikepdf.Dictionary) and "/FontFile2" in thing
        )
        del font["/FontFile2"]
        opened.save(tmp_path / "broken.pdf")
    broken = pypdf.PdfReader(tmp_path / "broken.pdf")
    assert blank_pages(broken) == [len(broken.pages)]
    assert len(fonts_left_out(tmp_path / "broken.pdf")) == 1
