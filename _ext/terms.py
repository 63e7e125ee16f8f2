"""The glossary's terms in the text: an anchor where one is defined, its definition where it is used."""

import posixpath
import re
from collections.abc import Iterator
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import cast

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.domains.std import StandardDomain
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.typing import ExtensionMetadata

from _ext.glossary import Entry, read_glossary, term_id
from tools.sections import section_names

GLOSSARY = Path("chapters", "glossary.yml")
# Terms that are also everyday words: their definition would often be beside the point.
EVERYDAY = {"algorithm", "criterion", "device", "model", "module"}
# What a term is left alone in: names, formulas, labels, code, and what is a link already.
OPAQUE = (
    *(nodes.title, nodes.caption, nodes.rubric, nodes.thead, nodes.citation, nodes.reference, nodes.strong),
    *(nodes.literal, nodes.FixedTextElement, nodes.math, nodes.math_block, nodes.raw),
)


class Terms:
    """The terms of a glossary, to be found in a text: in the singular or the plural, the longest first."""

    def __init__(self, entries: list[Entry]) -> None:
        self.entries = entries
        self.forms = {
            form: entry for entry in entries if entry["term"] not in EVERYDAY for form in forms(entry["term"])
        }
        longest_first = sorted(self.forms, key=len, reverse=True)
        self.pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(map(spelling, longest_first))})(?![\w-])")

    def find(self, text: str) -> Iterator[tuple[re.Match[str], Entry]]:
        """Yield each use of a term, and its entry."""
        for found in self.pattern.finditer(text) if self.forms else ():
            form = found.group()
            yield found, self.forms.get(form) or self.forms[form[0].lower() + form[1:]]


def forms(term: str) -> set[str]:
    """How a term is written: itself, and what may be its plural."""
    return {term, f"{term}s", f"{term}es", re.sub("y$", "ies", term)}


def spelling(form: str) -> str:
    """A pattern for a form, whose first letter is large where a sentence begins."""
    first = f"[{form[0]}{form[0].upper()}]" if form[0].islower() else re.escape(form[0])
    return first + re.escape(form[1:])


class AnchorTerms(SphinxTransform):
    """Give each term an anchor where its section defines it, in bold."""

    default_priority = 500

    def apply(self, **kwargs: object) -> None:
        """Mark the bold terms, each once."""
        page = self.env.docname
        if not is_chapter_page(page):
            return
        self.env.note_dependency(str(self.app.srcdir / GLOSSARY))
        anchors = {
            entry["term"].casefold(): term_id(entry["term"])
            for entry in terms_of(Path(self.app.srcdir)).entries
            if f"chapters/{entry['section']}" == page
        }
        domain = cast("StandardDomain", self.env.get_domain("std"))
        for bold in self.document.findall(nodes.strong):
            if anchor := anchors.pop(bold.astext().casefold(), None):
                bold["ids"].append(anchor)
                domain.note_hyperlink_target(anchor, page, anchor)


class ExplainTerms(SphinxPostTransform):
    """Link the first use of a term in a later section to where it is defined; the link has the definition."""

    default_priority = 800
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Split the text nodes in which such a term stands."""
        page, root = self.env.docname, Path(self.app.srcdir)
        if not is_chapter_page(page):
            return
        terms, earlier = terms_of(root), sections_before(page, root)
        met: set[str] = set()
        for text in list(self.document.findall(nodes.Text)):
            if any(isinstance(node, OPAQUE) for node in ancestors(text)):
                continue
            pieces: list[nodes.Node] = []
            end = 0
            for found, entry in terms.find(text):
                if entry["section"] in earlier and entry["term"] not in met:
                    met.add(entry["term"])
                    pieces += [nodes.Text(text[end : found.start()]), self.link(found.group(), entry)]
                    end = found.end()
            if pieces:
                text.parent.replace(text, [*pieces, nodes.Text(text[end:])])

    def link(self, words: str, entry: Entry) -> nodes.reference:
        """A link with the definition as its title."""
        uri = self.app.builder.get_relative_uri(self.env.docname, f"chapters/{entry['section']}")
        return nodes.reference(
            "",
            words,
            internal=True,
            refuri=f"{uri}#{term_id(entry['term'])}",
            reftitle=entry["definition"],
            classes=["dl-term"],
        )


def is_chapter_page(page: str) -> bool:
    """Whether a page is a section or a chapter's opener."""
    return re.match(r"chapters/\d\d-", page) is not None


def terms_of(root: Path) -> Terms:
    """The glossary's terms, read once a change."""
    return _terms(root / GLOSSARY, (root / GLOSSARY).stat().st_mtime_ns)


@cache
def _terms(path: Path, changed: int) -> Terms:
    return Terms(read_glossary(path))


def sections_before(page: str, root: Path) -> set[str]:
    """The sections that come before a section, or before the first section of an opener's chapter."""
    names = section_names(root)
    name = posixpath.relpath(page, "chapters")
    chapter = posixpath.dirname(name)
    end = (
        name
        if name in names
        else next((other for other in names if posixpath.dirname(other) == chapter), None)
    )
    return set(takewhile(lambda other: other != end, names))


def ancestors(node: nodes.Node) -> Iterator[nodes.Node]:
    """What a node stands in, from the inside out."""
    while node.parent:
        node = node.parent
        yield node


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the transforms."""
    app.add_transform(AnchorTerms)
    app.add_post_transform(ExplainTerms)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
