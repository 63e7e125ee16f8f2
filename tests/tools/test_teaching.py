"""The instructor's guide names what is there: sections, exercises, demos, minutes, points and data."""

import re
from collections.abc import Callable
from functools import cache

import pytest

from dlbook_utils.datasets import load
from tools import demos
from tools.decks import slides
from tools.exercises import Exercise, exercises
from tools.notebooks import ROOT, book_notebooks, is_section, read

GUIDE = (ROOT / "chapters" / "teaching.md").read_text(encoding="utf-8")
SHEET = re.compile(r"^- \*\*Sheet, (\d+) points\.\*\*(.*?)(?=^- )", re.MULTILINE | re.DOTALL)
BRIEF = re.compile(r"^### \d+\. .*?(?=^##)", re.MULTILINE | re.DOTALL)
POINTS = re.compile(r"^\| (\d+) \|", re.MULTILINE)

Guard = Callable[[str], list[str]]


@cache
def tasks() -> dict[str, Exercise]:
    """Every exercise of the book, by its name."""
    return {task.name: task for path in book_notebooks() for task in exercises(read(path))}


def unknown_exercises(guide: str) -> list[str]:
    """The exercises that no notebook has."""
    named = re.findall(r"\*([a-z0-9-]+-\d+)\*", guide) + re.findall(r'"([a-z-]+-\d+)"[,}]', guide)
    return sorted({*named} - tasks().keys())


def unknown_demos(guide: str) -> list[str]:
    """The live demos that the demos' pages do not have."""
    there = {demo.name for chapter in demos.contents(ROOT) for demo in chapter.demos}
    shown = re.findall(r"`([a-z0-9]+(?:-[a-z0-9]+)+)`", guide)
    return sorted({*shown} - there)


def wrong_minutes(guide: str) -> list[str]:
    """The lectures whose deck takes another time."""
    wrong = []
    for page, minutes in re.findall(r"^\| \[[^]]+\]\((\S+)\) \| ([\d.]+) \|", guide, re.MULTILINE):
        taken = sum(slide.minutes for slide in slides(read(ROOT / "chapters" / page)))
        if float(minutes) != taken:
            wrong.append(f"{page}: {taken:g} minutes, not {minutes}")
    return wrong


def wrong_points(guide: str) -> list[str]:
    """The sheets whose exercises have not as many stars as they promise points."""
    wrong = []
    for points, sheet in SHEET.findall(guide):
        names = re.findall(r"\*([a-z-]+-\d+)\*", sheet)
        stars = sum(tasks()[name].stars for name in names)
        if int(points) != stars:
            wrong.append(f"{', '.join(names)}: {stars} points, not {points}")
    return wrong


def unfair_rubrics(guide: str) -> list[str]:
    """The briefs whose own points, with those that are the same in all, do not make a hundred."""
    same_in_all = guide.partition("## Term projects")[2].partition("### 1. ")[0]
    totals = {
        brief[0].partition("\n")[0]: sum(map(int, POINTS.findall(same_in_all + brief[0])))
        for brief in BRIEF.finditer(guide)
    }
    return [f"{title}: {total} points" for title, total in totals.items() if total != 100]


def forgotten(guide: str) -> list[str]:
    """The weeks, and the sections of the book, that the guide leaves out."""
    weeks = {int(week) for week in re.findall(r"^(?:### Week|\|) (\d+)(?::| \| \d)", guide, re.MULTILINE)}
    pages = {path.relative_to(ROOT / "chapters").as_posix() for path in book_notebooks() if is_section(path)}
    sections = sorted(page for page in pages if f"]({page})" not in guide)
    return [f"week {week}" for week in range(1, 17) if week not in weeks] + sections


def unknown_data(guide: str) -> list[str]:
    """The data sets that `dl.load` does not know, and the files that are not there."""
    wrong = []
    for name in set(re.findall(r'dl\.load\("([^"]+)"\)', guide)):
        try:
            load(name)
        except ValueError as error:
            wrong.append(str(error))
    return wrong + [file for file in re.findall(r"`(data/\S+)`", guide) if not (ROOT / file).is_file()]


GUARDS = [
    unknown_exercises,
    unknown_demos,
    wrong_minutes,
    wrong_points,
    unfair_rubrics,
    forgotten,
    unknown_data,
]


def test_there_are_as_many_sheets_as_the_marks_count_on() -> None:
    assert len(SHEET.findall(GUIDE)) == 8
    assert "eight sheets, five marks each" in GUIDE


@pytest.mark.parametrize("guard", GUARDS)
def test_the_guide_is_right(guard: Guard) -> None:
    assert guard(GUIDE) == []


@pytest.mark.parametrize(
    ("guard", "old", "new"),
    [
        (unknown_exercises, "*gradient-descent-3*", "*gradient-descent-33*"),
        (unknown_exercises, '"gradient-descent-3"', '"gradient-descent-33"'),
        (unknown_demos, "`gradient-descent-rate`", "`gradient-descent-speed`"),
        (wrong_minutes, "| 58.5 |", "| 58 |"),
        (wrong_points, "Sheet, 6 points", "Sheet, 7 points"),
        (wrong_points, "*gradient-descent-3*: a learning", "*gradient-descent-1*: a learning"),
        (unfair_rubrics, "| 30 | every layer", "| 29 | every layer"),
        (unfair_rubrics, "| 10 | it runs", "| 9 | it runs"),
        (forgotten, "### Week 5:", "### Monday:"),
        (forgotten, "| 12 | 6. Attention", "| 11 | 6. Attention"),
        (forgotten, "](03-cnn/capsule-networks.ipynb)", "](03-cnn/index.md)"),
        (unknown_data, 'dl.load("shapes")', 'dl.load("clouds")'),
        (unknown_data, "`data/cnn-race.csv`", "`data/cnn-races.csv`"),
    ],
)
def test_each_guard_sees_what_it_guards_against(guard: Guard, old: str, new: str) -> None:
    assert old in GUIDE
    assert guard(GUIDE.replace(old, new)) != []
