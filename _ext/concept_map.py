"""The concept map: which section needs which, as a drawing with links and in words."""

import json
import math
import subprocess
import textwrap
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from itertools import chain, groupby, pairwise, product
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.typing import ExtensionMetadata

from _ext.course import CourseDirective
from _ext.glossary import term_id
from _ext.mathematics import NODE
from tools.sections import Section

GRAPHVIZ = Path(__file__).with_name("graphviz.mjs")
# Pixels of the page, points of Graphviz.
BOX, LINE, PADDING = 168, 16, 10
LETTERS = 22  # that fit into a line of a box
ARROW = 5
INCH = 72  # points: Graphviz measures boxes in inches


class ConceptMap(CourseDirective):
    """`concept-map`: the sections as boxes, chapter below chapter, an arrow from each to what needs it."""

    def make(self) -> list[nodes.Node]:
        """The drawing."""
        return [nodes.raw("", self.svg(lay_out(self.graph())), format="html")]

    @cached_property
    def chapters(self) -> dict[str, list[Section]]:
        """The sections by chapter."""
        return {name: list(found) for name, found in groupby(self.course, lambda section: section.chapter)}

    def graph(self) -> dict[str, Any]:
        """The graph as viz-js takes it: needs that follow from others are left out, chapters go downwards."""
        edges: list[dict[str, Any]] = [
            {"tail": need, "head": section.name}
            for section in self.course
            for need in self.course.direct_needs(section.name)
        ]
        for above, below in pairwise(self.chapters.values()):
            edges += [
                {"tail": last, "head": first, "attributes": {"style": "invis"}}
                for last, first in product(self.ends(above), self.starts(below))
            ]
        return {
            "graphAttributes": {"newrank": True, "ranksep": 0.35, "nodesep": 0.2},
            "nodeAttributes": {"shape": "box", "fixedsize": True, "width": BOX / INCH, "label": ""},
            "edges": edges,
            "subgraphs": [
                {
                    "name": f"cluster_{chapter}",
                    "graphAttributes": {"label": self.chapter_title(chapter), "labeljust": "l", "margin": 12},
                    "nodes": [
                        {"name": section.name, "attributes": {"height": height(section) / INCH}}
                        for section in sections
                    ],
                }
                for chapter, sections in self.chapters.items()
            ],
        }

    def starts(self, sections: list[Section]) -> list[str]:
        """The sections of a chapter that need none of it."""
        names = [section.name for section in sections]
        return [name for name in names if not set(names).intersection(self.course.needs(name))]

    def ends(self, sections: list[Section]) -> list[str]:
        """The sections of a chapter that none of it needs."""
        names = [section.name for section in sections]
        return [name for name in names if not set(names).intersection(self.course.needed_by(name))]

    def svg(self, layout: dict[str, Any]) -> str:
        """The drawing, in a box in which it scrolls where the page is narrow."""
        parts = {part["name"]: part for part in layout["objects"]}
        names = {part["_gvid"]: part["name"] for part in layout["objects"]}
        arrows: dict[str, str] = defaultdict(str)
        for edge in layout["edges"]:
            if edge.get("style") != "invis":
                arrows[names[edge["head"]]] += f'<path d="{arrow(edge["pos"])}"/>'
        _, height, width, _ = numbers(layout["bb"])
        frames = {chapter: numbers(parts[f"cluster_{chapter}"]["bb"]) for chapter in self.chapters}
        lines = [
            '<div class="dl-map">',
            f'<svg width="{width:g}" height="{height:g}" role="group" aria-label="Map of the sections">',
            *(band(top, bottom) for _, bottom, _, top in frames.values()),
            *(
                self.box(section, numbers(parts[section.name]["pos"]), arrows[section.name])
                for section in self.course
            ),
            *(heading(self.chapter_title(chapter), top) for chapter, (_, _, _, top) in frames.items()),
            "</svg>",
            "</div>",
        ]
        return "\n".join(lines)

    def box(self, section: Section, centre: list[float], arrows: str) -> str:
        """A section's box, which is a link, and with it the arrows from what it needs."""
        x, y = centre
        lines = wrapped(section)
        top = y - height(section) / 2
        first = y - LINE * (len(lines) - 1) / 2
        words = "\n".join(
            f'<tspan x="{x:g}" y="{first + LINE * number:g}">{escape(line)}</tspan>'
            for number, line in enumerate(lines)
        )
        return (
            f'<g>{arrows}<a href="{section.name}.html" aria-label={quoteattr(section.title)}>'
            f"<title>{escape(self.tooltip(section))}</title>"
            f'<rect x="{x - BOX / 2:g}" y="{top:g}" width="{BOX}" height="{height(section)}" rx="5"/>'
            f"<text>{words}</text></a></g>"
        )

    def tooltip(self, section: Section) -> str:
        """What a box says beyond its title: what its section needs, and what it defines."""
        needs = ", ".join(self.course.sections[need].title for need in self.course.needs(section.name))
        terms = ", ".join(entry["term"] for entry in self.defined_in(section.name))
        return "\n".join(filter(None, [needs and f"Needs {needs}.", terms and f"Defines {terms}."]))


class ConceptList(CourseDirective):
    """`concept-list`: the same in words, and the terms that each section defines."""

    def make(self) -> list[nodes.Node]:
        """A heading a chapter, an entry a section."""
        return [
            self.part(self.chapter_title(chapter), chain.from_iterable(map(self.lines, sections)))
            for chapter, sections in groupby(self.course, lambda section: section.chapter)
        ]

    def lines(self, section: Section) -> Iterator[str]:
        """Yield a section's entry as Markdown."""
        terms = (f"[{entry['term']}](#{term_id(entry['term'])})" for entry in self.defined_in(section.name))
        facts = {
            "needs": self.links(self.course.needs(section.name)),
            "is needed by": self.links(self.course.needed_by(section.name)),
            "also points to": self.links(self.course.see_also(section.name)),
            "defines": ", ".join(terms),
        }
        yield f"- **{self.link(section.name)}**"
        yield from (f"  - {what} {links}" for what, links in facts.items() if links)


def wrapped(section: Section) -> list[str]:
    """The lines of a section's title in its box."""
    return textwrap.wrap(section.title, LETTERS)


def height(section: Section) -> int:
    """The height of a section's box."""
    return LINE * len(wrapped(section)) + 2 * PADDING


def lay_out(graph: dict[str, Any]) -> dict[str, Any]:
    """Where Graphviz puts the parts of a graph.

    Raises:
        ExtensionError: if it cannot.
    """
    done = subprocess.run(
        [NODE, GRAPHVIZ], input=json.dumps(graph), capture_output=True, check=False, encoding="utf-8"
    )
    if done.returncode:
        raise ExtensionError(f"{NODE} {GRAPHVIZ} has stopped: {done.stderr.strip()}")
    layout: dict[str, Any] = json.loads(done.stdout)
    return layout


def band(top: float, bottom: float) -> str:
    """What lies behind a chapter."""
    return f'<rect y="{top:g}" width="100%" height="{bottom - top:g}" rx="8"/>'


def heading(title: str, top: float) -> str:
    """A chapter's title, in the corner of its band."""
    return f'<text class="dl-map-chapter" x="12" y="{top + 20:g}">{escape(title)}</text>'


def arrow(pos: str) -> str:
    """The path of an edge with its head, from `e,<tip> <start> <control> <control> <point> ...`."""
    tip, start, *others = (numbers(word.removeprefix("e,")) for word in pos.split())
    direction = math.atan2(tip[1] - others[-1][1], tip[0] - others[-1][0])
    left, right = (
        [tip[0] - ARROW * math.cos(direction + turn), tip[1] - ARROW * math.sin(direction + turn)]
        for turn in (0.5, -0.5)
    )
    written = " ".join(f"{x:g},{y:g}" for x, y in others)
    M, T, L, R = (f"{x:.1f},{y:.1f}" for x, y in (start, tip, left, right))
    return f"M{M} C{written} L{T} M{L} L{T} L{R}"


def numbers(words: str) -> list[float]:
    """The numbers that Graphviz writes with commas between them."""
    return [float(word) for word in words.split(",")]


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the directives."""
    app.add_directive("concept-map", ConceptMap)
    app.add_directive("concept-list", ConceptList)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
