"""Every lecture deck and their index, in a browser; and decks that are wrong in one way."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import looking
import pytest
from looking import ROOT, Visit
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from playwright.sync_api import Browser

from _ext.stored_output import stored_html
from tools import notebooks, slides

FOLDER = ROOT / slides.OUT
PAGES = sorted(FOLDER.glob("*/*.html"))
MARKED = [deck for chapter in slides.contents(ROOT, FOLDER).values() for deck in chapter]
MODEL = FOLDER / "01-basics" / "gradient-descent.html"


def opened(browser: Browser, address: str) -> Visit:
    """A deck on a screen of its own size, once its slides stand."""
    visited = Visit(browser.new_page(viewport={"width": 1280, "height": 720}))
    visited.page.goto(address)
    visited.page.wait_for_selector(".reveal.ready")
    return visited


def test_every_marked_section_has_its_deck() -> None:
    assert {deck.page for deck in MARKED} == set(PAGES), "run `make slides`"


# Side by side in two browsers, all that looks at one deck stays in one.
@pytest.fixture(
    scope="module",
    params=[pytest.param(page, marks=pytest.mark.xdist_group(page.stem), id=page.stem) for page in PAGES],
)
def deck(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Visit]:
    """A deck, opened once, from its file, for all the tests that look at it."""
    visited = opened(browser, request.param.as_uri())
    yield visited
    visited.page.close()


def test_sliders_move_by_keyboard_and_slides_stay(deck: Visit) -> None:
    assert looking.deck_slider_faults(deck.page) == []


def test_everything_fits_and_can_be_read_from_the_back_row(deck: Visit) -> None:
    assert looking.slide_faults(deck.page) == []


def test_figures_are_described_and_slides_have_notes(deck: Visit) -> None:
    assert looking.images_without_alt(deck.page) == []
    assert deck.page.locator(".slides > section").count() == deck.page.locator("aside.notes:has(p)").count()


def test_no_error_and_no_foreign_request(deck: Visit) -> None:
    assert deck.errors == []
    assert looking.foreign_requests(deck) == []


@pytest.mark.parametrize("address", ["", "?dark"])
def test_a_deck_is_accessible_from_a_server(browser: Browser, address: str) -> None:
    with looking.serving(FOLDER) as base:
        visited = opened(browser, f"{base}{MODEL.relative_to(FOLDER)}{address or '?'}&print-pdf")
        assert looking.axe_violations(visited.page) == []
        assert visited.errors == []
        assert looking.foreign_requests(visited) == []
        visited.page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_index_is_accessible_and_fits_a_phone(browser: Browser, scheme) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    page.goto((FOLDER / "index.html").as_uri())
    assert looking.axe_violations(page) == []
    assert looking.too_wide(page) == []
    page.close()


def test_links_lead_somewhere() -> None:
    assert looking.broken_links(FOLDER) == []


def test_dark_slides_exchange_light_and_dark_but_not_in_photographs(browser: Browser) -> None:
    visited = opened(browser, f"{MODEL.as_uri()}?dark")
    filters = visited.page.eval_on_selector_all(
        ".cell img",
        "all => all.map(image => [!!image.closest('.photograph'), getComputedStyle(image).filter])",
    )
    assert {is_photograph for is_photograph, _ in filters} == {True, False}
    assert all(("invert" in shown) != is_photograph for is_photograph, shown in filters)
    visited.page.close()


@pytest.mark.parametrize("way", ["http", "file"])
def test_the_speaker_view_keeps_time_and_shows_the_notes_of_the_slide(browser: Browser, way: str) -> None:
    with looking.serving(FOLDER) as base:
        visited = opened(browser, base + str(MODEL.relative_to(FOLDER)) if way == "http" else MODEL.as_uri())
        with visited.page.context.expect_page() as popup:
            visited.page.keyboard.press("s")
        for notes in visited.page.locator("aside.notes").all_inner_texts()[:2]:
            popup.value.wait_for_function(
                """notes => document.querySelector(".speaker-controls-notes .value").innerText === notes""",
                arg=notes.strip(),
            )
            visited.page.keyboard.press("ArrowRight")
        assert popup.value.locator(".pacing").is_visible()
        popup.value.close()
        visited.page.close()


def test_a_clicker_turns_the_slides_from_within_a_figure(browser: Browser) -> None:
    visited = opened(browser, MODEL.as_uri())
    visited.page.evaluate("Reveal.slide(4)")
    visited.page.locator("section.present input").first.focus()
    visited.page.keyboard.press("PageDown")
    assert visited.page.evaluate("Reveal.getIndices().h") == 5
    visited.page.close()


def test_a_drawing_board_fits_and_keeps_its_keys(browser: Browser, tiny) -> None:
    board = stored_html(ROOT / "chapters" / "02-mlp" / "handwritten-digits.ipynb", "board")
    page = opened(browser, tiny(output("text/html", board)).as_uri()).page
    page.evaluate("Reveal.slide(1)")
    page.locator(".dl-drawing-grid").press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    assert page.evaluate("Reveal.getIndices().h") == 1
    assert page.locator(".dl-drawing-cells").get_attribute("d") == "M1 0h1v1h-1z"
    assert looking.slide_faults(page) == []
    page.close()


def test_a_printed_deck_has_a_page_a_slide(browser: Browser, tiny) -> None:
    pdf = slides.print_pdf(browser, tiny(output("text/html", "Words")))
    assert len(re.findall(rb"/Type /Page\b", pdf.read_bytes())) == 2
    assert not list(pdf.parent.glob(".*"))


# The functions that look at decks see what is wrong with one that is wrong in one way.

GIF = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
DOT = f'<img alt="A dot" src="{GIF}" width="9" height="{{}}">'
EXPLORE = """<div class="dl-explore">
<div class="dl-explore-slider">
<label>rate <input type="range" max="2" value="0"></label><output>0</output></div>
<img alt="A line"><script>(() => {
  const root = document.currentScript.parentElement, slider = root.querySelector("input");
  const show = () => { root.querySelector("img").src = `GIF#${slider.value}`; };
  show();
  slider.addEventListener("input", show);
})()</script></div>""".replace("GIF", GIF)


def output(mime: str, content: str):
    """A code cell that has shown something."""
    shown = new_output("display_data", {mime: content})
    return new_code_cell("show()", outputs=[shown], metadata={"slideshow": {"slide_type": "-"}})


def words(text: str):
    """A Markdown cell on the slide that has begun."""
    return new_markdown_cell(text, metadata={"slideshow": {"slide_type": "-"}})


@pytest.fixture
def tiny(tmp_path: Path) -> Callable[..., Path]:
    """Build a deck whose second slide shows the given cells."""

    def build(*cells) -> Path:
        begins = {"slideshow": {"slide_type": "slide"}, "dlbook": {"minutes": 1, "notes": "Say it."}}
        heads = [new_markdown_cell(f"## {name}", metadata=begins) for name in ("First", "Second")]
        notebook = tmp_path / "tiny.ipynb"
        notebooks.write(notebook, new_notebook(cells=[*heads, *cells]))
        deck = slides.Deck(notebook, tmp_path)
        slides.build([deck], tmp_path)
        return deck.page

    return build


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        (words("\n\n".join(["A line."] * 8)), None),
        (words("\n\n".join(["A line."] * 20)), "slide 2: too low: A line."),
        (words("```\n" + "x" * 90 + "\n```"), "slide 2: too wide: xxx"),
        (words("$$" + "x + " * 60 + "x$$"), "slide 2: too wide"),
        (words("| a | b |\n|---|---|\n" + "| x | y |\n" * 20), "slide 2: too low"),
        (output("text/html", '<p style="font-size: 20px">small</p>'), "slide 2: 20 px: small"),
        (words("$$x_1$$"), None),
        (output("text/html", DOT.format(299)), "slide 2: a figure is squeezed"),
        (output("text/html", DOT.format(400)), None),
        (output("text/html", DOT.format(700)), "slide 2: too low: a figure"),
        (output("text/html", EXPLORE), None),
    ],
)
def test_what_does_not_fit_or_is_too_small(browser: Browser, tiny, cell, fault: str | None) -> None:
    visited = opened(browser, tiny(cell).as_uri())
    found = looking.slide_faults(visited.page)
    assert found[0].startswith(fault) if fault else found == [], found
    visited.page.close()


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("", "", None),
        (".src", ".title", "slide 2: the figure did not move"),
        ('class="dl-explore"', 'class="dl-explore" onkeydown="Reveal.prev()"', "turned the slide"),
    ],
)
def test_a_slider_that_does_not_do_its_work(browser: Browser, tiny, old: str, new: str, fault) -> None:
    visited = opened(browser, tiny(output("text/html", EXPLORE.replace(old, new)), words("")).as_uri())
    found = looking.deck_slider_faults(visited.page)
    assert fault in " ".join(found) if fault else found == []
    visited.page.close()


@pytest.mark.parametrize("html", ["<script>throw new Error('no')</script>", '<img alt="A" src="gone.png">'])
def test_an_error_in_a_deck(browser: Browser, tiny, html: str) -> None:
    visited = opened(browser, tiny(output("text/html", html)).as_uri())
    assert visited.errors != []
    visited.page.close()


def test_a_figure_without_words_in_a_deck(browser: Browser, tiny) -> None:
    visited = opened(browser, tiny(output("image/png", "AAAA")).as_uri())
    assert len(looking.images_without_alt(visited.page)) == 1
    visited.page.close()
