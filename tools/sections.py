"""The sections as a course: their order, what each needs, and how long it takes."""

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import yaml

from tools import prose
from tools.notebooks import ROOT, read
from tools.reading import Minutes, minutes

NEEDS = re.compile(r"^\*You need\*.*(?:\n.+)*", re.MULTILINE)  # the paragraph that begins so


@dataclass(frozen=True)
class Section:
    """What a section's notebook says; it is named by its path below chapters/, without the ending."""

    name: str
    title: str
    needs: tuple[str, ...]  # the pages that its *You need* links to
    links: tuple[str, ...]  # the pages that it links to anywhere
    text: str  # its prose, as `tools.prose` reads it
    minutes: Minutes

    @property
    def chapter(self) -> str:
        """The folder of its chapter."""
        return posixpath.dirname(self.name)


class Course:
    """The written sections in the order of _toc.yml.

    Args:
        sections: in their order; what they link to beside each other is left out.

    Raises:
        ValueError: if a section needs itself or one that comes after it.
    """

    def __init__(self, sections: Iterable[Section]) -> None:
        self.sections = {section.name: section for section in sections}
        order = list(self.sections)
        for name in order:
            late = [need for need in self.needs(name) if order.index(need) >= order.index(name)]
            if late:
                raise ValueError(
                    f"{name} needs {', '.join(late)}, which _toc.yml does not put before it; "
                    "mend its *You need* or the order"
                )

    def __iter__(self) -> Iterator[Section]:
        return iter(self.sections.values())

    def needs(self, name: str) -> list[str]:
        """Return the sections that a section says it needs."""
        return [need for need in self.sections[name].needs if need in self.sections]

    def needed_by(self, name: str) -> list[str]:
        """Return the sections that say they need a section."""
        return [other for other in self.sections if name in self.needs(other)]

    def see_also(self, name: str) -> list[str]:
        """Return the sections that a section links to without needing them."""
        links = self.sections[name].links
        return [link for link in links if link in self.sections and link not in (name, *self.needs(name))]

    @cached_property
    def before(self) -> dict[str, set[str]]:
        """By section, all that must come before it: what it needs, what that needs, and so on."""
        before: dict[str, set[str]] = {}
        for name in self.sections:
            needs = self.needs(name)
            before[name] = set(needs).union(*(before[need] for need in needs))
        return before

    def direct_needs(self, name: str) -> list[str]:
        """Return the needs of a section that do not follow from its other needs."""
        needs = self.needs(name)
        return [need for need in needs if not any(need in self.before[other] for other in needs)]


def read_course(root: Path = ROOT) -> Course:
    """Read the sections that _toc.yml names.

    Raises:
        NotebookError: if one of them cannot be read.
        ValueError: if one needs another that comes after it.
    """
    return Course(read_section(name, root) for name in section_names(root))


def section_names(root: Path = ROOT) -> list[str]:
    """Return the names of the sections in the order of _toc.yml."""
    path = root / "_toc.yml"
    return _names(path, path.stat().st_mtime_ns)


@cache
def _names(path: Path, changed: int) -> list[str]:
    parts = yaml.safe_load(path.read_text(encoding="utf-8"))["parts"]
    chapters = [chapter for part in parts for chapter in part["chapters"]]
    files = [section["file"] for chapter in chapters for section in chapter.get("sections", [])]
    return [posixpath.relpath(file, "chapters") for file in files]


def read_section(name: str, root: Path = ROOT) -> Section:
    """Read one section, or another notebook below chapters/; twice only if it has changed meanwhile.

    Raises:
        NotebookError: if it cannot be read.
    """
    path = root / "chapters" / f"{name}.ipynb"
    return _read_section(path, name, path.stat().st_mtime_ns if path.exists() else 0)


@cache
def _read_section(path: Path, name: str, changed: int) -> Section:
    notebook = read(path)
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    says, needs = prose.parse(text), NEEDS.search(text)
    return Section(
        name=name,
        title=title(text),
        needs=_pages(prose.parse(needs.group() if needs else "").links, name),
        links=_pages(says.links, name),
        text="\n".join(line.text for line in says.lines),
        minutes=minutes(notebook),
    )


def title(text: str) -> str:
    """Return the first heading of some Markdown, "" where there is none."""
    return next((line[2:].strip() for line in text.splitlines() if line.startswith("# ")), "")


def _pages(links: list[str], name: str) -> tuple[str, ...]:
    """Return the pages below chapters/ that a section's links lead to, each once."""
    files = (link.partition("#")[0] for link in links if "://" not in link)
    pages = (posixpath.normpath(posixpath.join(posixpath.dirname(name), file)) for file in files if file)
    return tuple(dict.fromkeys(posixpath.splitext(page)[0] for page in pages))
