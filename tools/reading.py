"""How many minutes a notebook takes its reader, by a rule over what stands in it.

How long it runs is measured (`tools.times`). The page chapters/times.md says the rule to readers, with the
numbers that stand here.
"""

from dataclasses import dataclass

from nbformat import NotebookNode

from tools import decks, prose
from tools.exercises import exercises
from tools.notebooks import tags

# The slow end of the range in which most adults read English non-fiction (Brysbaert 2019).
WORDS_A_MINUTE = 175
# What no study of ours or of others measures.
SECONDS_A_LINE, SECONDS_A_FORMULA, SECONDS_A_FIGURE, SECONDS_A_SLIDER = 5, 20, 30, 60
EXERCISE_MINUTES = {1: 5, 2: 15, 3: 30}  # by the exercise's stars

INTERACTIVE = ("dl-explore", "dl-drawing")


@dataclass(frozen=True)
class Minutes:
    """What a notebook takes to read, its exercises to do, and its slides to show (0 if it has none)."""

    read: float
    practise: float
    teach: float


def minutes(notebook: NotebookNode) -> Minutes:
    """Return how long a notebook takes.

    To be read is what is neither folded away nor part of an exercise.
    """
    in_exercises = {
        number for task in exercises(notebook) for cells in task.cells.values() for number, _ in cells
    }
    seconds = sum(
        _seconds_to_read(cell)
        for number, cell in enumerate(notebook.cells, start=1)
        if number not in in_exercises
    )
    return Minutes(
        read=seconds / 60,
        practise=sum(EXERCISE_MINUTES.get(task.stars, 0) for task in exercises(notebook)),
        teach=sum(slide.minutes for slide in decks.slides(notebook)),
    )


def _seconds_to_read(cell: NotebookNode) -> float:
    """Return how long one cell takes, as far as its page shows it open."""
    if cell.cell_type == "markdown":
        words = sum(len(line.text.split()) for line in prose.parse(cell.source).lines)
        return 60 * words / WORDS_A_MINUTE + SECONDS_A_FORMULA * (cell.source.count("$$") // 2)
    if cell.cell_type != "code" or {"hide-cell", "remove-cell"} & set(tags(cell)):
        return 0
    seconds = 0.0
    if not {"hide-input", "remove-input"} & set(tags(cell)):
        seconds += SECONDS_A_LINE * sum(bool(line.strip()) for line in cell.source.splitlines())
    for output in cell.outputs:
        data = output.get("data", {})
        if any(name in data.get("text/html", "") for name in INTERACTIVE):
            seconds += SECONDS_A_SLIDER
        elif any(mime.startswith("image/") for mime in data):
            seconds += SECONDS_A_FIGURE
    return seconds
