"""The zip of the book, unpacked in an empty folder and opened from there, with the network off."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zipfile import ZipFile

import looking
import pytest
from looking import ROOT, Visit
from playwright.sync_api import Browser

from tools import zip as take_along
from tools.single import NotBuiltError

pytestmark = pytest.mark.xdist_group("zip")  # what they look at is made once

ARCHIVE = ROOT / "_build" / f"{take_along.NAME}.zip"
SECTION = "html/chapters/01-basics/gradient-descent.html"
PAGES = [
    "index.html",
    "html/index.html",
    SECTION,
    "html/chapters/glossary.html",
    "slides/01-basics/gradient-descent.html",
    "demos/01-basics.html",
    "book-in-one-file.html",
]
Open = Callable[[str], Visit]


def dead_links(folder: Path) -> list[str]:
    """The links, images, styles and scripts of the pages of a folder that it does not hold."""
    dead = []
    for page in sorted(folder.rglob("*.html")):
        for address in set(re.findall(r'(?:href|src)="([^"]+)"', page.read_text(encoding="utf-8"))):
            parts = urlsplit(address)
            if parts.scheme or not parts.path:
                continue
            target = (page.parent / unquote(parts.path)).resolve()
            if not (target.is_file() and target.is_relative_to(folder)):
                dead.append(f"{page.relative_to(folder)}: {address}")
    return dead


def faults(visited: Visit, folder: Path) -> list[str]:
    """What a page complained about, and what it asked of others than the folder."""
    inside = (folder.as_uri(), "data:")
    return visited.errors + [request for request in visited.requests if not request.startswith(inside)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a reader has who unpacks it."""
    place = tmp_path_factory.mktemp("downloads")
    with ZipFile(ARCHIVE) as archive:
        archive.extractall(place)
    (folder,) = place.iterdir()
    return folder


@pytest.fixture
def open_page(browser: Browser, folder: Path) -> Iterator[Open]:
    """Open a page with the network off; at the end, nothing was missing and nothing came from elsewhere."""
    visits = []

    def open_page(page: str) -> Visit:
        visits.append(Visit(browser.new_page(offline=True)))
        visits[-1].page.goto((folder / page).as_uri())
        return visits[-1]

    yield open_page
    for visited in visits:
        assert faults(visited, folder) == []
        visited.page.close()


def test_every_link_stays_in_the_folder(folder: Path) -> None:
    assert dead_links(folder) == []


def test_the_start_page_leads_to_every_part(open_page: Open, folder: Path) -> None:
    links = open_page("index.html").page.eval_on_selector_all("a", "all => all.map(link => link.href)")
    assert {link.removeprefix(f"{folder.as_uri()}/") for link in links} == {
        *(f"{part}/index.html" for part in take_along.FOLDERS),
        "book-in-one-file.html",
    }


@pytest.mark.parametrize("page", PAGES)
def test_it_opens(open_page: Open, page: str) -> None:
    assert open_page(page).page.title()


def test_sliders_move(open_page: Open) -> None:
    assert looking.slider_faults(open_page(SECTION).page) == []


@pytest.mark.parametrize("query", ["gradient descent", "梯度下降法"])
def test_search_finds(browser: Browser, folder: Path, query: str) -> None:
    visited = Visit(browser.new_page(offline=True))
    results = looking.search_results(visited.page, (folder / "html" / "search.html").as_uri(), query)
    assert (folder / SECTION).as_uri() in [re.sub("[?#].*", "", result) for result in results]
    assert faults(visited, folder) == []
    visited.page.close()


def test_formulas_have_their_fonts_and_dark_pages_are_dark(open_page: Open) -> None:
    page = open_page(SECTION).page
    page.evaluate("document.fonts.ready")
    loaded = page.evaluate("[...document.fonts].filter(font => font.status === 'loaded').map(f => f.family)")
    assert any("KaTeX" in family for family in loaded)
    looking.show(page, scheme="dark")


@pytest.mark.parametrize(
    "file", ["html/_static/book.css", "html/_static/scripts/pydata-sphinx-theme.js", "html/_images"]
)
def test_what_is_left_out_is_missed(browser: Browser, folder: Path, tmp_path: Path, file: str) -> None:
    shutil.copytree(folder / "html" / "_static", tmp_path / "html" / "_static")
    shutil.copytree(folder / "html" / "_images", tmp_path / "html" / "_images")
    (tmp_path / SECTION).parent.mkdir(parents=True)
    shutil.copy(folder / SECTION, tmp_path / SECTION)
    before = len(dead_links(tmp_path))
    lost = tmp_path / file
    shutil.rmtree(lost) if lost.is_dir() else lost.unlink()
    assert len(dead_links(tmp_path)) > before
    visited = Visit(browser.new_page(offline=True))
    visited.page.goto((tmp_path / SECTION).as_uri())
    assert any(file.rpartition("/")[2] in fault for fault in faults(visited, tmp_path))
    visited.page.close()


def test_a_request_to_elsewhere_is_seen(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "beside.png").touch()
    page = '<link rel="icon" href="data:,"><img alt="" src="../beside.png"><a href="../beside.png">x</a>'
    (tmp_path / "inside" / "page.html").write_text(page, encoding="utf-8")
    assert dead_links(tmp_path / "inside") == ["page.html: ../beside.png"]
    visited = Visit(browser.new_page(offline=True))
    visited.page.goto((tmp_path / "inside" / "page.html").as_uri())
    assert (tmp_path / "beside.png").as_uri() in faults(visited, tmp_path / "inside")
    visited.page.close()


def test_it_holds_no_leftovers_of_the_build(folder: Path) -> None:
    names = {path.name for path in folder.rglob("*")}
    assert not names & {".buildinfo", ".doctrees", "objects.inv", "sitemap.xml"}
    assert not [name for name in names if name.endswith((".part", ".pickle", ".map", "macros.html"))]


def test_what_is_not_built_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotBuiltError, match=r"expected .*html, found none: `make zip` builds it"):
        take_along.take_along(tmp_path)
