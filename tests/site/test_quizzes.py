"""The quizzes of the built pages: they need no script, and tell right from wrong by more than words."""

from pathlib import Path

import looking
import pytest
from looking import ROOT, visit
from playwright.sync_api import Browser

from tools.notebooks import book_notebooks, read
from tools.quiz import Question, questions

SITE = ROOT / "_build" / "html"
LEAST = 24  # pixels that a finger needs
BADGES = """all => Object.fromEntries(all.map(option => {
    option.open = true;
    return [option.id, getComputedStyle(option.querySelector("summary"), "::before").content];
}))"""


def quiz(notebook: Path) -> list[Question]:
    """The questions of a notebook's quiz, if it has one."""
    sources = (cell.source for cell in read(notebook).cells if cell.cell_type == "markdown")
    return [question for source in sources if source.startswith("## Quiz") for question in questions(source)]


QUIZZES = [
    pytest.param((SITE / path.relative_to(ROOT)).with_suffix(".html").as_uri(), asked, id=path.stem)
    for path in book_notebooks()
    if (asked := quiz(path))
]


@pytest.mark.parametrize(("address", "asked"), QUIZZES)
def test_a_quiz_works_by_keyboard_and_pointer_without_javascript(
    browser: Browser, address: str, asked: list[Question]
) -> None:
    page = visit(browser, address, javascript=False).page
    expected = [[option.name for option in question.options] for question in asked]
    assert looking.quiz_faults(page, expected) == []
    options = page.locator("details[id*='-quiz-']")
    assert options.evaluate_all(BADGES) == {
        option.name: '"✓"' if option.is_right else '"✗"' for question in asked for option in question.options
    }
    heights = options.locator("summary").evaluate_all("all => all.map(summary => summary.clientHeight)")
    assert min(heights) >= LEAST
    page.close()


def test_a_printed_quiz_shows_its_explanations(browser: Browser) -> None:
    address, asked = QUIZZES[0].values
    page = visit(browser, address).page
    page.emulate_media(media="print")
    for option in (option for question in asked for option in question.options):
        assert page.locator(f"[id='{option.name}'] > p").first.is_visible()
    page.close()
