"""The live demos: every demo of the book on its page, and what is seen of a page that is wrong in one way."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import looking
import pytest
from looking import ROOT, Visit, visit
from nbformat.v4 import new_code_cell
from playwright.sync_api import Browser, Page

import dlbook_utils as dl
from tools.demos import Chapter, Demo, build, contents
from tools.figures import Figure

CHAPTERS = contents(ROOT)
ALL = [demo for chapter in CHAPTERS for demo in chapter.demos]
SCREEN = {"width": 1280, "height": 720}
LEAST = 24  # pixels of a letter on that screen
SHOWN = """demo => {
    const image = demo.querySelector(".dl-explore img"), box = image?.getBoundingClientRect();
    const PRESSED = "[data-places][aria-pressed=true]", all = [...document.querySelectorAll(".demo")];
    return {
        alone: all.filter(demo => demo.checkVisibility()).length === 1,
        alt: image?.alt ?? "",
        pressed: [...demo.querySelectorAll(PRESSED)].map(preset => preset.innerText),
        size: box ? Math.min(box.width / 16, box.height / 9) : null,
        width: document.documentElement.scrollWidth,
        height: document.documentElement.scrollHeight,
    };
}"""
SMALL = """([demo, least]) => {
    const texts = document.createTreeWalker(demo, NodeFilter.SHOW_TEXT), small = [];
    while (texts.nextNode()) {
        const {data, parentElement} = texts.currentNode;
        const size = parseFloat(getComputedStyle(parentElement).fontSize);
        if (data.trim() && parentElement.checkVisibility() && size < least)
            small.push(`${size} px: ${data.trim()}`);
    }
    return small;
}"""


def demo_faults(page: Page, chapter: Chapter) -> list[str]:
    """What is wrong with the demos of a page, each reached and moved by its keys."""
    faults = []
    for number, demo in enumerate(chapter.demos):
        if number:
            page.keyboard.press("n")
        place = page.locator(f"[id='{demo.name}']")
        place.wait_for()  # an address is followed when the keys have been read
        first = place.evaluate(SHOWN)
        found = {
            "it is not alone on the screen": not first["alone"],
            "the first frame is not shown": not shows(first, demo.figure, [0] * len(demo.figure.sliders)),
            f"the figure is squeezed: {first['size']}": first["size"] is not None and first["size"] < 30,
            f"it is {first['width']} x {first['height']}": (first["width"], first["height"]) != (1280, 720),
            f"small letters: {(small := page.evaluate(SMALL, [place.element_handle(), LEAST]))}": bool(small),
        }
        for key, (name, places) in enumerate(demo.figure.presets.items(), start=1):
            page.keyboard.press(str(key))
            now = place.evaluate(SHOWN)
            found[f"preset {name}: {now['alt']}, marked {now['pressed']}"] = not (
                shows(now, demo.figure, places) and now["pressed"] == [f"{key} {name}"]
            )
        page.keyboard.press("End")  # on the first slider
        page.keyboard.press("r")
        found["reset does not bring the first frame back"] = place.evaluate(SHOWN)["alt"] != first["alt"]
        faults += [f"{demo.name}: {fault}" for fault, is_so in found.items() if is_so]
    return faults


def shows(now: dict[str, Any], figure: Figure, places: list[int]) -> bool:
    """Whether the picture's alt text says that the sliders stand at these places."""
    values = [labels[place] for labels, place in zip(figure.sliders.values(), places, strict=True)]
    names = [name.replace("_", " ") for name in figure.sliders]
    ending = ", ".join(f"{name} = {value}" for name, value in zip(names, values, strict=True))
    return not figure.sliders or now["alt"] == f"{figure.alt} ({ending})"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The book's demos."""
    path = tmp_path_factory.mktemp("demos")
    build(CHAPTERS, path)
    return path


@pytest.fixture(scope="module")
def base(folder: Path) -> Iterator[str]:
    with looking.serving(folder) as address:
        yield address


def look(browser: Browser, address: str) -> Visit:
    visited = visit(browser, address)
    visited.page.set_viewport_size(SCREEN)
    return visited


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.page)
def test_every_demo_by_its_keys_from_a_file(browser: Browser, folder: Path, chapter: Chapter) -> None:
    visited = look(browser, (folder / f"{chapter.page}.html").as_uri())
    assert demo_faults(visited.page, chapter) == []
    assert visited.errors == []
    assert looking.foreign_requests(visited) == []
    visited.page.close()


@pytest.mark.parametrize(
    ("page", "demos"),
    [
        pytest.param(page, demos, id=page)
        for page, demos in [("index", ALL), *((chapter.page, chapter.demos) for chapter in CHAPTERS)]
    ],
)
def test_the_demos_are_accessible_in_light_and_dark(
    browser: Browser, base: str, page: str, demos: list[Demo]
) -> None:
    visited = look(browser, f"{base}{page}.html")
    assert visited.errors == []
    assert looking.foreign_requests(visited) == []
    visited.page.evaluate("for (const demo of document.querySelectorAll('.demo')) demo.hidden = false")
    looking.show(visited.page)
    assert looking.axe_violations(visited.page) == []
    looking.show(visited.page, scheme="dark", width=390)
    assert looking.axe_violations(visited.page, ["color-contrast", "target-size"]) == []
    assert looking.too_wide(visited.page) == []
    kept = visited.page.eval_on_selector_all(
        "img", "all => all.map(i => getComputedStyle(i).filter === 'none')"
    )
    assert kept == [demo.is_photograph for demo in demos if demo.first_frame]
    visited.page.close()


# A page of two demos, of which one has presets


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Chapter]:
    """Two demos in a folder, and what they are."""

    def draw(fig: Any, slope: float, shift: float) -> None:
        fig.subplots().plot([0, 1], [shift, shift + slope])

    drawn = dl.explore(draw, alt="A line", slope=[1.0, 2.0, 3.0], shift=[0, 1])._repr_html_()
    marks = {"presets": {"Steep": {"slope": "3"}, "Steep and high": {"slope": "3", "shift": "1"}}}
    figures = [
        Figure(1, new_code_cell(id=name, metadata={"dlbook": own}), drawn)
        for name, own in (("one", marks), ("two", {}))
    ]
    demos = [Demo("tiny", f"tiny-{figure.cell.id}", "A line", "Tiny", "", figure) for figure in figures]
    chapter = Chapter("tiny", "Tiny", demos)
    path = tmp_path_factory.mktemp("tiny")
    build([chapter], path)
    return path, chapter


@pytest.fixture
def page(browser: Browser, tiny: tuple[Path, Chapter]) -> Iterator[Page]:
    visited = look(browser, (tiny[0] / "tiny.html").as_uri())
    yield visited.page
    assert visited.errors == []
    visited.page.close()


@pytest.mark.parametrize(
    ("file", "good", "bad", "fault"),
    [
        ("assets/demos.js", "demo.hidden = demo !== wanted", "demo.hidden = false", "not alone"),
        ("tiny.html", 'value="0"', 'value="1"', "the first frame is not shown"),
        ("assets/demos.css", "object-fit: contain;", "max-height: 9rem;", "the figure is squeezed"),
        ("assets/demos.css", "100dvh", "110dvh", "it is 1280 x 792"),
        ("assets/demos.css", "1.875vw", "1.8vw", "small letters: ['23.04 px: Tiny"),
        ("tiny.html", 'data-places="2 1"', 'data-places="2 0"', "preset Steep and high: A line"),
        ("assets/demos.js", "preset.dataset.places === places", "false", "preset Steep: "),
        ("assets/demos.js", "move(shown(), [])", "0", "reset does not bring the first frame back"),
    ],
)
def test_a_demo_that_is_wrong(
    browser: Browser, tmp_path: Path, tiny: tuple[Path, Chapter], file: str, good: str, bad: str, fault: str
) -> None:
    folder, chapter = tiny
    for source in folder.rglob("*.*"):
        (tmp_path / source.relative_to(folder)).parent.mkdir(exist_ok=True)
        text = source.read_text(encoding="utf-8")
        assert good in text or source.relative_to(folder).as_posix() != file
        broken = text.replace(good, bad) if source.relative_to(folder).as_posix() == file else text
        (tmp_path / source.relative_to(folder)).write_text(broken, encoding="utf-8")
    visited = look(browser, (tmp_path / "tiny.html").as_uri())
    assert fault in " ".join(demo_faults(visited.page, chapter))
    visited.page.close()


def test_full_screen_stays_from_demo_to_demo(page: Page) -> None:
    is_full = "document.fullscreenElement !== null"
    page.keyboard.press("f")
    page.wait_for_function(is_full)
    page.keyboard.press("n")
    page.locator("#tiny-two").wait_for()
    assert page.evaluate(is_full)
    assert page.locator("#tiny-two [data-do=fullscreen]").get_attribute("aria-pressed") == "true"
    page.locator("#tiny-two [data-do=fullscreen]").click()
    page.wait_for_function(f"!({is_full})")


def test_arrows_move_the_slider_also_after_a_preset(page: Page) -> None:
    image = page.locator("#tiny-one img")
    page.keyboard.press("ArrowRight")
    assert "slope = 2, shift = 0" in image.get_attribute("alt")
    page.get_by_role("button", name="Steep and high").click()
    page.keyboard.press("ArrowLeft")
    assert "slope = 2, shift = 1" in image.get_attribute("alt")


def test_a_clicker_turns_the_pages(page: Page) -> None:
    for key, name in (("PageDown", "two"), ("PageUp", "one")):
        page.keyboard.press(key)
        page.locator(f"#tiny-{name}").wait_for()


def test_keys_can_be_turned_off_and_on_again(page: Page) -> None:
    image, first = page.locator("#tiny-one img"), page.locator("#tiny-one img").get_attribute("alt")
    page.keyboard.press("k")
    page.keyboard.press("1")
    assert image.get_attribute("alt") == first
    page.keyboard.press("k")
    page.keyboard.press("1")
    assert "slope = 3" in image.get_attribute("alt")


def test_dark_and_light_can_be_exchanged(page: Page) -> None:
    page.keyboard.press("d")
    back = page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    assert max(map(int, re.findall(r"\d+", back))) < 64
    assert "invert" in page.locator("#tiny-one img").evaluate("image => getComputedStyle(image).filter")


def test_an_address_leads_to_its_demo(browser: Browser, tiny: tuple[Path, Chapter]) -> None:
    page = look(browser, (tiny[0] / "index.html").as_uri()).page
    page.get_by_role("link").nth(1).click()
    page.locator("#tiny-two").wait_for()
    assert page.locator("#tiny-one").is_hidden()
    page.keyboard.press("a")
    page.wait_for_url("**/index.html")
    page.close()


def test_without_javascript_every_demo_shows_its_first_frame(
    browser: Browser, tiny: tuple[Path, Chapter]
) -> None:
    page = visit(browser, (tiny[0] / "tiny.html").as_uri(), javascript=False).page
    for figure in page.locator(".dl-explore").all():
        assert figure.locator("img").bounding_box()["height"] > 300
        assert "JavaScript" in figure.locator(".dl-explore-note").inner_text()
    page.close()
