"""The index: every term, English or Chinese, with the place that defines it and the sections that use it."""

from bisect import bisect
from collections import Counter
from functools import cached_property
from itertools import groupby

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from _ext.course import CourseDirective
from _ext.glossary import Entry, term_id

MOST = 4  # sections named beside the one that defines a term
OFTEN = 2  # uses of the term in each of them

# GB 2312 has the common characters in the order of their pinyin: here the first of each letter, and the last.
LETTERS = "ABCDEFGHJKLMNOPQRSTWXYZ"
FIRST = [character.encode("gb2312") for character in "啊芭擦搭蛾发噶哈击喀垃妈拿哦啪期然撒塌挖昔压匝"]
LAST = "座".encode("gb2312")


class EnglishIndex(CourseDirective):
    """`english-index`: the terms by their first letter, with the sections that define and use them."""

    word = "term"

    def make(self) -> list[nodes.Node]:
        """A heading and a list a letter."""
        entries = sorted(self.terms.entries, key=self.place)
        parts = [
            self.part(initial, map(self.line, found))
            for initial, found in groupby(entries, lambda entry: self.place(entry)[0])
        ]
        for part in parts:
            part["classes"].append("dl-index")
        return parts

    def place(self, entry: Entry) -> tuple[str, bytes]:
        """Where a term stands: under its letter, there in the order of its characters."""
        word = entry[self.word]
        return letter(word), word.casefold().encode("gb18030")

    def line(self, entry: Entry) -> str:
        """A term, its Chinese, the place that defines it in bold, and the sections that use it most."""
        title = self.course.sections[entry["section"]].title
        places = [f"**[{title}](#{term_id(entry['term'])})**", *map(self.link, self.uses[entry["term"]])]
        chinese = "" if entry["zh"] == entry["term"] else f" {entry['zh']}"
        return f"- {entry['term']}{chinese}: {', '.join(places)}"

    @cached_property
    def uses(self) -> dict[str, list[str]]:
        """By term, the sections that use it most, without the one that defines it; in the book's order."""
        counts = {
            section.name: Counter(entry["term"] for _, entry in self.terms.find(section.text))
            for section in self.course
        }
        uses = {}
        for entry in self.terms.entries:
            others = [
                name for name in counts if name != entry["section"] and counts[name][entry["term"]] >= OFTEN
            ]
            most = sorted(others, key=lambda name: -counts[name][entry["term"]])[:MOST]
            uses[entry["term"]] = [name for name in others if name in most]
        return uses


class ChineseIndex(EnglishIndex):
    """`chinese-index`: the Chinese terms by the pinyin of their first characters, with the English ones."""

    word = "zh"

    def line(self, entry: Entry) -> str:
        """A Chinese term, and the English one, linked to the place that defines it."""
        chinese = "" if entry["zh"] == entry["term"] else f"{entry['zh']} "
        return f"- {chinese}[{entry['term']}](#{term_id(entry['term'])})"


def letter(word: str) -> str:
    """The letter under which a word stands: its first, or that of its first character's pinyin."""
    if word[0].isascii():
        return word[0].upper() if word[0].isalpha() else "0–9"
    character = word[0].encode("gb18030")
    if not FIRST[0] <= character <= LAST:
        return "其他"  # a rare character, which GB 2312 orders by its shape
    return LETTERS[bisect(FIRST, character) - 1]


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the directives."""
    app.add_directive("english-index", EnglishIndex)
    app.add_directive("chinese-index", ChineseIndex)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
