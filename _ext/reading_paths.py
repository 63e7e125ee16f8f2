"""A reading path: sections in an order that suits one kind of reader, with the hours that they take."""

from collections.abc import Iterator
from typing import Any

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from _ext.course import CourseDirective
from _ext.times import spell, total
from tools.sections import Course


class ReadingPath(CourseDirective):
    """`reading-path`: its body lists the sections in YAML, `- 01-basics/gradient-descent: why it is here`."""

    has_content = True

    def make(self) -> list[nodes.Node]:
        """The hours, and the sections with theirs, each with what the path leaves out that it needs.

        Raises:
            ValueError: if the body is no path through the course.
        """
        return self.parse(self.lines(read_path("\n".join(self.content), self.course)))

    def lines(self, path: dict[str, str]) -> Iterator[str]:
        """Yield the path as Markdown."""
        whole = total((self.course.sections[name] for name in path), self.times)
        lectures = f", {spell(whole.teach)} of lectures" if whole.teach else ""
        yield (
            f"**{len(path)} sections: {spell(whole.read)} to read**, {spell(whole.practise)} "
            f"for all the exercises{lectures}, {spell(whole.run)} to run.\n"
        )
        for name, why in path.items():
            read = spell(total([self.course.sections[name]], self.times).read)
            yield f"1. {self.link(name)} ({read}). {why}"
            if left_out := [need for need in self.course.direct_needs(name) if need not in path]:
                yield f"   It leans on what this path leaves out: {self.links(left_out)}."


def read_path(text: str, course: Course) -> dict[str, str]:
    """The sections of a path, each with the reason why it is in it.

    Args:
        text: YAML, a list of mappings from one section to its reason.
        course: the sections that there are.

    Raises:
        ValueError: if it is anything else, names a section that is not there or twice, or puts one before
            another that it needs.
    """
    try:
        entries: Any = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"the path is not YAML: {error}") from error
    path: dict[str, str] = {}
    for entry in entries if isinstance(entries, list) else [entries]:
        match [*entry.items()] if isinstance(entry, dict) else entry:
            case [(str(name), str(why))] if name not in course.sections:
                raise ValueError(f"_toc.yml has no section {name!r}; a path leads through what is written")
            case [(str(name), str(why))] if name not in path:
                path[name] = why
            case [(str(name), str())]:
                raise ValueError(f"{name} stands in the path twice")
            case _:
                raise ValueError(f"expected `- <section>: <why>`, a list of such lines, got {entry!r}")
    for place, name in enumerate(path):
        if late := [need for need in [*path][place:] if need in course.before[name]]:
            raise ValueError(f"{name} stands before {', '.join(late)}, which it needs")
    return path


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the directive."""
    app.add_directive("reading-path", ReadingPath)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
