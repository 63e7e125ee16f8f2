"""The functions that look at pages see what is wrong with a page that is wrong in one way."""

from collections.abc import Callable, Iterator
from pathlib import Path

import looking
import pytest
from looking import Visit, visit
from playwright.sync_api import Browser

FRAME = """<!doctype html><html lang="en" data-theme="light">
<head><title>Tiny</title>{}</head><body>{}</body></html>"""
GOOD = '<main><h1>Tiny</h1><p>A page with <a href="#here">a link</a> and <b id="here">an end</b>.</p></main>'

EXPLORE = """
<div class="dl-explore"><input type="range" min="0" max="1" value="0" aria-label="rate"><output></output>
<img alt="" width="9" height="9"><script>(() => {{
  const root = document.currentScript.parentElement, slider = root.querySelector("input");
  slider.addEventListener("input", () => {{ {} }});
}})()</script></div>"""
FOLLOW = """
  slider.setAttribute("aria-valuetext", "r" + slider.value);
  root.querySelector("output").textContent = "r" + slider.value;
  root.querySelector("img").alt = "rate = r" + slider.value;
  root.querySelector("img").src = "data:," + slider.value;
"""


@pytest.fixture
def look(browser: Browser, tmp_path: Path) -> Iterator[Callable[[str], Visit]]:
    """Serve a page with the given body, and open it."""
    with looking.serving(tmp_path) as base:

        def open_page(body: str, head: str = "") -> Visit:
            (tmp_path / "tiny.html").write_text(FRAME.format(head, body), encoding="utf-8")
            return visit(browser, base + "tiny.html")

        yield open_page


def test_a_good_page_passes(look, tmp_path: Path) -> None:
    visited = look(GOOD, '<link rel="icon" href="data:,">')
    assert visited.errors == []
    assert looking.foreign_requests(visited) == []
    assert looking.images_without_alt(visited.page) == []
    looking.show(visited.page, width=390)
    assert looking.axe_violations(visited.page) == []
    assert looking.too_wide(visited.page) == []
    assert looking.broken_links(tmp_path) == []


def test_a_request_to_another_host(look) -> None:
    visited = look('<img alt="" src="http://host.invalid/x.png">')
    assert looking.foreign_requests(visited) == ["http://host.invalid/x.png"]


@pytest.mark.parametrize(
    "body",
    [
        "<script>console.error('no')</script>",
        "<script>throw new Error('no')</script>",
        '<img alt="" src="gone.png">',
    ],
)
def test_an_error(look, body: str) -> None:
    assert look(body).errors != []


def test_a_missing_alt(look) -> None:
    assert len(looking.images_without_alt(look('<img src="data:,"><img alt="A cat" src="data:,">').page)) == 1


@pytest.mark.parametrize(
    "link",
    [
        '<a href="gone.html">x</a>',
        '<a href="#gone">x</a>',
        '<a href="tiny.html#gone">x</a>',
        '<img src="gone.png">',
    ],
)
def test_a_broken_link(look, tmp_path: Path, link: str) -> None:
    look(GOOD + link)
    assert len(looking.broken_links(tmp_path)) == 1


def test_weight_counts_what_only_this_page_asks_for(look, tmp_path: Path) -> None:
    (tmp_path / "_static").mkdir()
    (tmp_path / "_static" / "shared.js").write_text(" " * 5000)
    (tmp_path / "own.js").write_text(" " * 70000)
    visited = look('<script src="_static/shared.js"></script><script src="own.js"></script>')
    base = visited.page.url.removesuffix("tiny.html")
    assert 70000 < looking.own_bytes(visited, base, tmp_path) < 71000


def test_sideways_scrolling(look) -> None:
    visited = look('<div style="width: 800px">wide</div>')
    looking.show(visited.page, width=390)
    assert len(looking.too_wide(visited.page)) == 1


def test_an_inaccessible_page(look) -> None:
    visited = look('<p style="color: #aaa; background: #fff">pale</p><button></button>')
    found = {violation.split(":")[0] for violation in looking.axe_violations(visited.page)}
    assert {"color-contrast", "button-name"} <= found


@pytest.mark.parametrize(
    ("script", "fault"),
    [
        (FOLLOW.replace(".src", ".title"), "picture"),
        (FOLLOW.replace(".alt", ".title"), "alt text"),
        (FOLLOW.replace(".textContent", ".title"), "value shown"),
        (FOLLOW.replace("root.querySelector", "document.querySelector"), "another figure moved"),
    ],
)
def test_a_slider_that_does_not_do_its_work(look, script: str, fault: str) -> None:
    good = EXPLORE.format(FOLLOW)
    assert looking.slider_faults(look(good + good).page) == []
    assert fault in " ".join(looking.slider_faults(look(good + EXPLORE.format(script)).page))


OPTIONS = """<details id="a-quiz-1a"><summary>Up</summary><p>No. It falls.</p></details>
<details id="a-quiz-1b"><summary>Down</summary><p><b>Right.</b> It falls.</p></details>"""


@pytest.mark.parametrize(
    ("good", "bad", "fault"),
    [
        ("1b", "1a", "expected the options"),
        ("<summary>Down", '<summary tabindex="-1">Down', "a-quiz-1b: Tab does not reach it"),
        ("<p>No. It falls.</p>", "", "a-quiz-1a: Enter shows ''"),
        ("<p><b>", "<p hidden><b>", "a-quiz-1b: Space shows ''"),
        ("Right.", "No.", "the explanations begin"),
        ("No.", "Right.", "the explanations begin"),
    ],
)
def test_a_quiz_that_does_not_do_its_work(look, good: str, bad: str, fault: str) -> None:
    expected = [["a-quiz-1a", "a-quiz-1b"]]
    assert looking.quiz_faults(look(OPTIONS).page, expected) == []
    assert fault in " ".join(looking.quiz_faults(look(OPTIONS.replace(good, bad)).page, expected))
