"""What the pages about the whole course are made of: its sections, its terms, its times."""

import re
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from _ext.glossary import Entry
from _ext.terms import GLOSSARY, Terms, terms_of
from tools.notebooks import NotebookError, book_notebooks
from tools.sections import Course, read_course
from tools.times import TABLE, Run, read_times


class CourseDirective(SphinxDirective):
    """A directive about the course; its page is outdated when a section, a term or a time changes."""

    def run(self) -> list[nodes.Node]:
        """What the directive makes; what is wrong with the course is an error of this page."""
        for path in (GLOSSARY, TABLE, Path("_toc.yml"), *book_notebooks(self.root)):
            self.env.note_dependency(str(self.root / path))
        try:
            return self.make()
        except (OSError, ValueError, NotebookError) as error:
            raise self.error(str(error)) from error

    def make(self) -> list[nodes.Node]:
        """What stands on the page."""
        raise NotImplementedError

    def parse(self, lines: Iterable[str]) -> list[nodes.Node]:
        """Some Markdown without headings, as the page's own parser reads it."""
        return self.parse_text_to_nodes("\n".join(lines))

    def part(self, title: str, lines: Iterable[str]) -> nodes.section:
        """Some Markdown under a heading, one level below the one under which the directive stands."""
        section = nodes.section("", nodes.title(title, title), *self.parse(lines))
        section["names"].append(nodes.fully_normalize_name(title))
        self.state.document.note_implicit_target(section, section)
        return section

    @property
    def root(self) -> Path:
        """The book's root."""
        return Path(self.env.srcdir)

    @cached_property
    def course(self) -> Course:
        """The sections."""
        return read_course(self.root)

    @cached_property
    def times(self) -> dict[str, Run]:
        """By notebook, how long it runs."""
        return read_times(self.root)

    @cached_property
    def terms(self) -> Terms:
        """The glossary."""
        return terms_of(self.root)

    def defined_in(self, section: str) -> list[Entry]:
        """The terms that a section defines."""
        return [entry for entry in self.terms.entries if entry["section"] == section]

    def link(self, section: str) -> str:
        """A section's title, linked to it."""
        return f"[{self.course.sections[section].title}](/chapters/{section}.ipynb)"

    def links(self, sections: Iterable[str]) -> str:
        """The titles of several sections."""
        return ", ".join(map(self.link, sections))

    def chapter_title(self, chapter: str) -> str:
        """The first heading of a chapter's opener."""
        text = (self.root / "chapters" / chapter / "index.md").read_text(encoding="utf-8")
        heading = re.search(r"^# (.+)", text, re.MULTILINE)
        return heading[1] if heading else chapter
