"""What a Markdown cell says: its lines as a reader sees them, its links, its citations, its syntax."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.myst_blocks import myst_block_plugin
from mdit_py_plugins.myst_role import myst_role_plugin

# What GitHub, Colab and a plain JupyterLab still show legibly.
ROLES = ("cite:p",)
DIRECTIVES = ("note", "tip", "important", "warning")
HTML_TAGS = ("details", "summary", "br", "code", "em", "kbd", "sub", "sup")

FORMULA = "·"  # stands in a line for a formula or a code span, which the rules of prose leave alone

_PARSER = (
    MarkdownIt("commonmark")
    .enable("table")
    .use(dollarmath_plugin)
    .use(myst_role_plugin)
    .use(myst_block_plugin)
    .use(colon_fence_plugin)
)
_MYST_BLOCKS = {
    "myst_line_comment": "a % comment",
    "myst_target": "a (target)=",
    "myst_block_break": "a +++ break",
}
_ABBREVIATIONS = r"(?:\b(?:e\.g|i\.e|cf|vs|etc|al|Fig|Eq|Sec|Ch|Dr|Prof|St|p|pp|no|[A-Z]))\."
_SENTENCE_END = re.compile(rf"""({_ABBREVIATIONS})|[.!?…][)\]"'”’]*\s+(?=[(\["'“‘]*[A-Z0-9{FORMULA}一-鿿])""")


@dataclass
class Line:
    """One line of the source as it reads, without its marks; formulas and code stand as `FORMULA`.

    A table's row is cited where one of its cells is.
    """

    text: str = ""
    cited: bool = False
    running: bool = True  # part of running text, not of a heading or a table

    @property
    def sentences(self) -> int:
        """How many sentences stand on the line."""
        return 1 + sum(end[1] is None for end in _SENTENCE_END.finditer(self.text))


@dataclass
class Prose:
    """The parts of one Markdown text that the book has rules for."""

    lines: list[Line] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    citations: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)  # syntax that Colab and GitHub would show raw


def parse(markdown: str) -> Prose:
    """Take a Markdown text apart."""
    prose = Prose()
    running, row = True, 0
    for token in _PARSER.parse(markdown):
        if token.type in ("heading_open", "table_open"):
            running = False
        elif token.type in ("heading_close", "table_close"):
            running = True
        elif token.type == "tr_open":
            row = len(prose.lines)
        elif token.type == "tr_close":
            cells = prose.lines[row:]
            for cell in cells:
                cell.cited = any(other.cited for other in cells)
        elif token.type == "inline":
            prose.lines.extend(_inline(token, running, prose))
        elif token.type == "html_block":
            prose.html.append(token.content)
            prose.foreign.extend(_foreign_html(token.content))
        elif token.type == "fence" and token.info.startswith("{"):
            prose.foreign.append(f"```{token.info.split()[0]}")
        elif token.type == "colon_fence":
            _directive(token, prose)
        elif token.type in _MYST_BLOCKS:
            prose.foreign.append(_MYST_BLOCKS[token.type])
    return prose


def _inline(block: Token, running: bool, prose: Prose) -> Iterator[Line]:
    """Yield the lines of one paragraph, heading or table cell; note its links and citations."""
    line = Line(running=running)
    for token in block.children or []:
        if token.type in ("softbreak", "hardbreak"):
            yield line
            line = Line(running=running)
        elif token.type == "text":
            line.text += token.content
        elif token.type == "code_inline" or token.type.startswith("math_inline"):
            line.text += FORMULA
        elif token.type == "myst_role" and token.meta["name"] in ROLES:
            line.cited = True
            prose.citations.extend(key.strip() for key in token.content.split(","))
        elif token.type == "myst_role":
            prose.foreign.append(f"{{{token.meta['name']}}}`{token.content}`")
        elif token.type == "link_open":
            prose.links.append(str(token.attrs["href"]))
        elif token.type == "image":
            prose.links.append(str(token.attrs["src"]))
            line.text += token.content
        elif token.type == "html_inline":
            prose.html.append(token.content)
            prose.foreign.extend(_foreign_html(token.content))
    yield line


def _directive(token: Token, prose: Prose) -> None:
    """Read what a colon fence holds as prose of its own."""
    name, _, title = token.info.strip().partition(" ")
    if name.strip("{}") not in DIRECTIVES:
        prose.foreign.append(f":::{name}")
    inside = parse(f"{title}\n\n{token.content}")
    prose.lines += inside.lines
    prose.links += inside.links
    prose.citations += inside.citations
    prose.foreign += inside.foreign


def _foreign_html(html: str) -> Iterator[str]:
    """Yield the tags that the book's Markdown does without."""
    for tag in re.findall(r"<(\w+)", html):
        if tag.lower() not in HTML_TAGS:
            yield f"<{tag}>"
