"""The book in one page, some pages of it: alone in a folder, on a phone, without a network."""

from collections.abc import Iterator
from pathlib import Path

import looking
import pytest
from looking import ROOT, Visit
from playwright.sync_api import Browser

from tools import single
from tools.notebooks import project

pytestmark = pytest.mark.xdist_group("single")  # what they look at is made once

SECTION = "chapters/01-basics/gradient-descent"
NAMES = ["index", "chapters/01-basics/index", SECTION, "chapters/02-mlp/handwritten-digits"]
SHOWN = "all => all.filter(page => page.checkVisibility({contentVisibilityAuto: true})).map(page => page.id)"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that a phone gives to its browser: one file."""
    file = tmp_path_factory.mktemp("phone") / "book.html"
    file.write_text(single.render(ROOT, NAMES), encoding="utf-8")
    return file


def on_a_phone(browser: Browser, address: str, **settings: object) -> Visit:
    phone = {"width": 390, "height": 844}
    visited = Visit(browser.new_page(offline=True, viewport=phone, **settings))  # type: ignore[arg-type]
    visited.page.goto(address)
    return visited


@pytest.fixture
def visited(browser: Browser, file: Path) -> Iterator[Visit]:
    opened = on_a_phone(browser, file.as_uri())
    yield opened
    assert opened.errors == []
    assert {request for request in opened.requests if not request.startswith("data:")} == {file.as_uri()}
    opened.page.close()


def shown(visited: Visit) -> list[str]:
    ids: list[str] = visited.page.eval_on_selector_all(".dl-page", SHOWN)
    return ids


def test_it_turns_pages(visited: Visit) -> None:
    assert shown(visited) == ["index"]
    visited.page.get_by_role("link", name="Contents").click()
    assert shown(visited) == ["contents"]
    visited.page.get_by_role("link", name="Gradient descent").click()
    assert shown(visited) == [SECTION]
    visited.page.go_back()
    assert shown(visited) == ["contents"]


def test_a_link_to_a_place_opens_its_page_there(browser: Browser, file: Path) -> None:
    place = f"{SECTION}/two-parameters-a-ravine"
    visited = on_a_phone(browser, f"{file.as_uri()}#{place}")
    assert shown(visited) == [SECTION]
    top = visited.page.locator(f"[id='{place}']").evaluate("place => place.getBoundingClientRect().top")
    assert abs(top) < 100, top
    visited.page.close()


def test_sliders_move(visited: Visit, file: Path) -> None:
    visited.page.goto(f"{file.as_uri()}#{SECTION}")
    for other in ("index", "chapters/02-mlp/handwritten-digits"):
        visited.page.locator(f"[id='{other}']").evaluate("page => page.remove()")
    assert looking.slider_faults(visited.page) == []


def test_the_drawing_board_reads(visited: Visit, file: Path) -> None:
    visited.page.goto(f"{file.as_uri()}#chapters/02-mlp/handwritten-digits")
    pad = visited.page.locator(".dl-drawing-pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    middle = box["x"] + box["width"] / 2
    assert "nothing drawn yet" in visited.page.locator(".dl-drawing").inner_text()
    visited.page.mouse.move(middle, box["y"] + 20)
    visited.page.mouse.down()
    visited.page.mouse.move(middle, box["y"] + box["height"] - 20, steps=5)
    visited.page.mouse.up()
    assert "nothing drawn yet" not in visited.page.locator(".dl-drawing").inner_text()


def test_formulas_have_their_fonts(visited: Visit, file: Path) -> None:
    visited.page.goto(f"{file.as_uri()}#{SECTION}")
    visited.page.evaluate("document.fonts.ready")
    fonts = "[...document.fonts].filter(font => font.status === 'loaded').map(font => font.family)"
    assert any("KaTeX" in family for family in visited.page.evaluate(fonts))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible_and_narrow_enough(browser: Browser, file: Path, scheme: str) -> None:
    visited = on_a_phone(browser, f"{file.as_uri()}#{SECTION}", color_scheme=scheme)
    assert visited.page.evaluate("document.documentElement.dataset.theme") == scheme
    looking.show(visited.page, scheme=scheme, width=390)
    assert looking.axe_violations(visited.page) == []
    assert looking.too_wide(visited.page) == []
    visited.page.close()


def test_without_scripts_the_pages_follow_each_other(browser: Browser, file: Path) -> None:
    visited = on_a_phone(browser, file.as_uri(), java_script_enabled=False)
    pages = visited.page.locator(".dl-page").all()
    assert len(pages) == len(NAMES) + 1
    assert all(page.is_visible() for page in pages)
    visited.page.close()


def test_links_lead_to_a_place_in_it_or_to_the_site(file: Path) -> None:
    assert looking.broken_links(file.parent) == []
    text = file.read_text(encoding="utf-8")
    assert f'href="#{SECTION}"' in text
    site = project()["urls"]["Documentation"]
    assert f'href="{site}chapters/01-basics/linear-regression.html"' in text  # which is not among the pages


def test_every_page_of_the_contents_is_taken() -> None:
    names = list(single.contents(ROOT))
    sections = [path.relative_to(ROOT).with_suffix("") for path in ROOT.glob("chapters/*/*.ipynb")]
    assert names[0] == "index"
    assert {section.as_posix() for section in sections} <= {*names}


def test_a_page_that_is_not_built_is_named(tmp_path: Path) -> None:
    (tmp_path / "_toc.yml").write_text("root: index\nparts: []\n", encoding="utf-8")
    with pytest.raises(single.NotBuiltError, match=r"expected .*index.html, found none: run `make book`"):
        single.write(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["_toc.yml"]
