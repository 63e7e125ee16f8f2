"""Finding one's way in the built book: previous and next, the map, the definitions, the times."""

import posixpath
import re
from collections.abc import Iterator

import pytest
import yaml
from looking import ROOT, visit
from playwright.sync_api import Browser, Page

from _ext.glossary import read_glossary
from tools.sections import read_course

SITE = ROOT / "_build" / "html"
SECTION = "chapters/02-mlp/backpropagation.html"


def pages_in_order() -> list[str]:
    """The pages of the table of contents, as they follow each other."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [chapter for part in toc["parts"] for chapter in part["chapters"]]
    files = [page["file"] for chapter in chapters for page in (chapter, *chapter.get("sections", []))]
    return [f"{file}.html" for file in (toc["root"], *files)]


def strays(pages: list[str]) -> list[str]:
    """The pages whose links at the foot do not lead to the pages before and after."""
    found = []
    for before, page, after in zip(["", *pages], pages, [*pages[1:], ""], strict=False):
        text = (SITE / page).read_text(encoding="utf-8")
        links = re.findall(r'class="(?:left-prev|right-next)"\s+href="([^"]+)"', text)
        led = [posixpath.normpath(posixpath.join(posixpath.dirname(page), link)) for link in links]
        if led != list(filter(None, (before, after))):
            found.append(f"{page} leads to {' and '.join(led)}")
    return found


def test_previous_and_next_follow_the_table_of_contents() -> None:
    pages = pages_in_order()
    assert strays(pages) == []
    pages[3:5] = reversed(pages[3:5])
    assert len(strays(pages)) == 4


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page that is open."""
    opened = visit(browser, (SITE / getattr(request, "param", SECTION)).as_uri()).page
    yield opened
    opened.close()


def on_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.add_style_tag(content="* { scroll-behavior: auto !important; }")


def test_previous_and_next_are_named_and_fit_a_phone(page: Page) -> None:
    on_a_phone(page)
    for name in ("previous Activation functions", "next Vanishing and exploding gradients"):
        box = page.get_by_role("link", name=name).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert box["height"] >= 24


# The concept map

ON_THE_MAP = pytest.mark.parametrize("page", ["chapters/concept-map.html"], indirect=True)


def cut_labels(page: Page) -> list[str]:
    """The boxes of the map whose words do not fit in."""
    labels: list[str] = page.eval_on_selector_all(
        ".dl-map a",
        """all => all.filter(box => {
            const [words, room] = ["text", "rect"].map(
                part => box.querySelector(part).getBoundingClientRect());
            return words.left < room.left || words.right > room.right
                || words.top < room.top || words.bottom > room.bottom;
        }).map(box => box.textContent)""",
    )
    return labels


@ON_THE_MAP
def test_the_map_has_each_section_and_the_tab_key_goes_through_them(page: Page) -> None:
    sections = [f"{section.name}.html" for section in read_course()]
    boxes = page.locator(".dl-map a")
    assert boxes.evaluate_all("all => all.map(box => box.getAttribute('href'))") == sections
    boxes.first.focus()
    for section in sections[1:]:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.getAttribute('href')") == section


@ON_THE_MAP
def test_the_words_of_the_map_fit_their_boxes(page: Page) -> None:
    assert cut_labels(page) == []
    page.add_style_tag(content=".dl-map text { font-size: 20px; }")
    assert len(cut_labels(page)) > 5


@ON_THE_MAP
def test_a_box_that_has_the_focus_shows_what_it_needs_and_scrolls_into_sight(page: Page) -> None:
    on_a_phone(page)
    course, terms = read_course(), read_glossary(ROOT / "chapters" / "glossary.yml")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for box, section in zip(page.locator(".dl-map a").all(), course, strict=True):
        box.focus()
        thick = page.eval_on_selector_all(
            ".dl-map path", "all => all.filter(path => getComputedStyle(path).strokeWidth === '3px').length"
        )
        assert thick == len(course.direct_needs(section.name))
        note = page.get_by_role("tooltip")
        assert ("Needs " in note.inner_text()) == bool(course.needs(section.name))
        assert all(entry["term"] in note.inner_text() for entry in terms if entry["section"] == section.name)
        place = box.locator("rect").bounding_box()
        assert -1 <= place["x"] <= place["x"] + place["width"] <= 391, section.name


# The definitions of terms


def test_a_page_explains_a_term_once() -> None:
    explained = 0
    for path in sorted(SITE.glob("chapters/*/*.html")):
        terms = re.findall(r'class="dl-term[^>]*href="([^"]+)"', path.read_text(encoding="utf-8"))
        assert len(terms) == len(set(terms)), path
        explained += len(terms)
    assert explained > 100


def test_a_definition_stays_while_it_is_pointed_at_and_goes_with_escape(page: Page) -> None:
    term, note = page.locator("a.dl-term").first, page.get_by_role("tooltip")
    assert note.count() == 0
    term.hover()
    assert note.inner_text() == term.get_attribute("data-note")
    assert term.get_attribute("aria-describedby") == note.get_attribute("id")
    note.hover()
    page.wait_for_timeout(600)
    assert note.is_visible()
    page.keyboard.press("Escape")
    assert note.count() == 0
    assert term.get_attribute("aria-describedby") is None
    term.hover()
    assert note.is_visible()
    page.mouse.move(5, 5)
    note.wait_for(state="hidden")


def test_a_definition_shows_with_the_focus_and_fits_a_phone(page: Page) -> None:
    on_a_phone(page)
    note = page.get_by_role("tooltip")
    for term in page.locator("a.dl-term").all():
        term.focus()
        box, word = note.bounding_box(), term.bounding_box()
        assert note.inner_text().endswith(".")
        assert 0 <= box["x"] <= box["x"] + box["width"] <= 390
        beside = (box["y"] - word["y"] - word["height"], word["y"] - box["y"] - box["height"])
        assert min(map(abs, beside)) < 30
    page.evaluate("document.activeElement.blur()")
    assert note.count() == 0


@pytest.mark.parametrize(
    ("where", "links"), [(SECTION, "a.dl-term"), ("chapters/concept-map.html", ".dl-map a")]
)
def test_the_first_touch_shows_a_note_and_the_second_follows_the_link(
    browser: Browser, where: str, links: str
) -> None:
    page = browser.new_page(has_touch=True, viewport={"width": 390, "height": 844})
    page.goto((SITE / where).as_uri())
    term, note = page.locator(links).first, page.get_by_role("tooltip")
    address, target = page.url, term.get_attribute("href")
    term.tap()
    page.wait_for_timeout(600)
    assert note.is_visible()
    assert page.url == address
    page.locator(".bd-article h1").tap()
    assert note.count() == 0
    term.tap()
    assert note.is_visible()
    term.tap()
    page.wait_for_url(f"**/{posixpath.basename(target)}")
    page.close()


def test_a_click_follows_the_link_at_once(page: Page) -> None:
    term = page.locator("a.dl-term").first
    target = term.get_attribute("href")
    term.click()
    page.wait_for_url(f"**/{posixpath.basename(target)}")


def test_without_javascript_a_definition_is_a_title(browser: Browser) -> None:
    opened = visit(browser, (SITE / SECTION).as_uri(), javascript=False)
    for term in opened.page.locator("a.dl-term").all():
        assert term.get_attribute("title").endswith(".")
    opened.page.close()


# The times


def test_every_section_says_how_long_it_takes() -> None:
    words = r"About \d+ minutes to read, \d+ seconds to run"
    line = rf'</h1>\n<p class="dl-times"><a href="../times.html">{words}</a>'
    for section in read_course():
        text = (SITE / "chapters" / f"{section.name}.html").read_text(encoding="utf-8")
        assert len(re.findall(line, text)) == 1, section.name
