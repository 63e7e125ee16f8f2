"""How long it takes: a line under the title of each notebook's page, and a table of all of them."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util.typing import ExtensionMetadata

from _ext.course import CourseDirective
from tools import reading
from tools.notebooks import book_notebooks
from tools.sections import Section, read_section
from tools.times import Run, notebook_name, read_times

PAGE = "chapters/times"  # the page with the table, and with the rule


class Total(NamedTuple):
    """What some notebooks take together, in minutes."""

    read: float
    practise: float
    teach: float
    run: float


class Times(CourseDirective):
    """`times`: a table a chapter, with what each notebook takes and what they take together."""

    def make(self) -> list[nodes.Node]:
        """The tables, and what the running was measured on."""
        names = (notebook_name(path, self.root) for path in book_notebooks(self.root))
        beside = [read_section(name, self.root) for name in names if name not in self.course.sections]
        chapters = groupby(self.course, lambda section: section.chapter)
        return [
            self.part("Before chapter 1", self.table(beside)),
            *(self.part(self.chapter_title(name), self.table([*sections])) for name, sections in chapters),
            self.part(
                "The whole book", [*self.table([*beside, *self.course], rows=False), "", *self.machines()]
            ),
        ]

    def table(self, sections: list[Section], *, rows: bool = True) -> Iterator[str]:
        """Yield a table with a row a section, if rows are wanted, and one for all of them together."""
        yield "| | To read | Exercises | Lecture | To run |"
        yield "|---|--:|--:|--:|--:|"
        for section in sections if rows else ():
            yield self.row(f"[{section.title}](/chapters/{section.name}.ipynb)", [section])
        if not rows or len(sections) > 1:
            yield self.row("**Together**", sections)

    def row(self, what: str, sections: list[Section]) -> str:
        """A row of the table."""
        return f"| {what} | {' | '.join(map(spell, total(sections, self.times)))} |"

    def machines(self) -> Iterator[str]:
        """Yield what the seconds were measured on."""
        for processor, torch in sorted({(run.processor, run.torch) for run in self.times.values()}):
            yield f"The seconds were measured on one core ({processor}) with PyTorch {torch}."


def total(sections: Iterable[Section], times: dict[str, Run]) -> Total:
    """What some sections take together; what is not measured, or has no slides, counts nothing."""
    sections = list(sections)
    parts = [section.minutes for section in sections]
    seconds = [times[section.name].seconds for section in sections if section.name in times]
    return Total(
        read=sum(part.read for part in parts),
        practise=sum(part.practise for part in parts),
        teach=sum(part.teach for part in parts),
        run=sum(seconds) / 60,
    )


def spell(minutes: float) -> str:
    """A time as a reader wants it: in seconds, in fives of minutes or in hours, and no more exact."""
    hours, rest = divmod(5 * round(minutes / 5), 60)
    if not minutes:
        words = "–"
    elif minutes < 2:
        words = f"{60 * minutes:.0f} s"
    elif minutes < 10:
        words = f"{minutes:.0f} min"
    elif not hours:
        words = f"{rest} min"
    else:
        words = f"{hours} h {rest:02} min" if hours < 10 else f"{minutes / 60:.0f} h"
    return words.replace(" ", "\N{NO-BREAK SPACE}")


def line(app: Sphinx, page: str) -> str:
    """What stands under a page's title: for a notebook of the book its times, for others nothing."""
    path = Path(app.srcdir, page).with_suffix(".ipynb")
    if not page.startswith("chapters/") or not path.exists():
        return ""
    section = read_section(notebook_name(path, Path(app.srcdir)), Path(app.srcdir))
    run = read_times(Path(app.srcdir)).get(section.name)
    running = f", {run.seconds:.0f} seconds to run" if run else ""
    return f"About {5 * round(section.minutes.read / 5)} minutes to read{running}"


def write_line(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Put the line there, linked to the page that says where it comes from."""
    if doctree and (words := line(app, page)):
        link = f'<p class="dl-times"><a href="{context["pathto"](PAGE)}">{words}</a></p>'
        context["body"] = context["body"].replace("</h1>", f"</h1>\n{link}", 1)


def outdated_lines(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Find the pages whose line is no longer what they show, since a notebook's time was measured anew."""
    old = getattr(env, "dl_times", {})
    new = {page: line(app, page) for page in env.found_docs}
    env.dl_times = new  # type: ignore[attr-defined]
    return [page for page in new if page in old and old[page] != new[page]]


def set_rule(app: Sphinx, config: Config) -> None:
    """Let pages say the numbers of the rule by their names."""
    config.myst_substitutions |= {
        "words_a_minute": reading.WORDS_A_MINUTE,
        "seconds_a_line": reading.SECONDS_A_LINE,
        "seconds_a_formula": reading.SECONDS_A_FORMULA,
        "seconds_a_figure": reading.SECONDS_A_FIGURE,
        "seconds_a_slider": reading.SECONDS_A_SLIDER,
        "exercise_minutes": "{}, {} or {}".format(*reading.EXERCISE_MINUTES.values()),
    }


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the line, the table and the numbers of the rule."""
    app.connect("config-inited", set_rule, priority=200)  # after the project's own
    app.connect("env-updated", outdated_lines)
    app.connect("html-page-context", write_line)
    app.add_directive("times", Times)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
