"""The glossary and the sections say the same: every term in bold with its Chinese, once, where it belongs."""

import re
from collections import Counter
from pathlib import Path

import nbformat
import pytest
import yaml

from _ext.glossary import read_glossary
from tools.sections import section_names

ROOT = Path(__file__).parents[2]
BOLD = re.compile(r"\*\*([^*]+)\*\*(?:\s*\(([^()]+)\))?")
CHINESE = re.compile(r"[\u3400-\u9fff]")

Entry = dict[str, str]
Definition = tuple[str, str]


def definitions_in(notebook: Path) -> Counter[Definition]:
    """How often each `**term** (中文)` stands in a notebook; a term without Chinese counts as its own."""
    cells = nbformat.read(notebook, as_version=4).cells
    prose = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return Counter((term.casefold(), (zh or term).casefold()) for term, zh in BOLD.findall(prose))


def malformed(entries: list[Entry], sections: set[str]) -> list[str]:
    """What is wrong with the entries themselves."""
    return [
        f"{entry['term']}: its definition must be one sentence and end with a full stop"
        for entry in entries
        if not re.fullmatch(r"[A-Z][^.?!]*\.", entry["definition"])
    ] + [
        f"{entry['term']}: _toc.yml has no section {entry['section']!r}"
        for entry in entries
        if entry["section"] not in sections
    ]


def disagreements(entries: list[Entry], written: dict[str, Counter[Definition]]) -> list[str]:
    """Where the glossary and the written sections say different things."""
    owed = {
        section: {
            (entry["term"].casefold(), entry["zh"].casefold())
            for entry in entries
            if entry["section"] == section
        }
        for section in written
    }
    return [
        f"{section}: **{term}** ({zh}) stands there {found[term, zh]} times instead of once"
        for section, found in written.items()
        for term, zh in sorted(owed[section])
        if found[term, zh] != 1
    ] + [
        f"{section}: **{term}** ({zh}) is not among this section's terms in glossary.yml"
        for section, found in written.items()
        for term, zh in sorted(set(found) - owed[section])
        if CHINESE.search(zh)
    ]


ENTRY = {
    "term": "learning rate",
    "zh": "学习率",
    "definition": "The factor on the gradient.",
    "section": "01-basics/gradient-descent",
    "level": "run",
}
SECTION = ENTRY["section"]


def test_the_glossary_is_well_formed() -> None:
    entries = read_glossary(ROOT / "chapters" / "glossary.yml")
    assert entries
    assert malformed(entries, set(section_names())) == []


def test_the_glossary_and_the_sections_agree() -> None:
    chapters = ROOT / "chapters"
    written = {
        section: definitions_in(notebook)
        for section in sorted(section_names())
        if (notebook := chapters / f"{section}.ipynb").exists()
    }
    assert disagreements(read_glossary(chapters / "glossary.yml"), written) == []


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([ENTRY, ENTRY | {"term": "Learning rate"}], "twice"),
        ([ENTRY | {"level": "shown"}], "level"),
        ([ENTRY | {"zh": ""}], "zh"),
        ([{key: ENTRY[key] for key in ENTRY if key != "section"}], "section"),
        ("no list", "list"),
    ],
)
def test_a_broken_file_is_refused(entries: object, message: str, tmp_path: Path) -> None:
    path = tmp_path / "glossary.yml"
    path.write_text(yaml.safe_dump(entries, allow_unicode=True), encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        read_glossary(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"definition": "The factor on the gradient"}, "full stop"),
        ({"definition": "The factor. It is positive."}, "one sentence"),
        ({"section": "01-basics/no-such-section"}, "no-such-section"),
    ],
)
def test_a_malformed_entry_is_named(change: Entry, message: str) -> None:
    assert malformed([ENTRY], {SECTION}) == []
    (fault,) = malformed([ENTRY | change], {SECTION})
    assert ENTRY["term"] in fault
    assert message in fault


@pytest.mark.parametrize(
    ("prose", "message"),
    [
        ("The learning rate (学习率) scales a step.", "0 times"),
        ("The **learning rate** scales a step.", "0 times"),
        ("The **learning rate** (学习率) is called **learning rate** (学习率).", "2 times"),
        ("**Learning rate** (学习率), then **momentum** (动量).", "not among"),
    ],
)
def test_a_section_that_disagrees_is_named(prose: str, message: str, tmp_path: Path) -> None:
    def faults(source: str) -> list[str]:
        notebook = tmp_path / "section.ipynb"
        nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(source)]), notebook)
        return disagreements([ENTRY], {SECTION: definitions_in(notebook)})

    assert faults("The **learning rate**\n(学习率) scales a step.") == []
    (fault,) = faults(prose)
    assert SECTION in fault
    assert message in fault


def test_a_term_that_chinese_borrows_needs_no_brackets() -> None:
    borrowed = ENTRY | {"term": "t-SNE", "zh": "t-SNE"}
    assert disagreements([borrowed], {SECTION: Counter({("t-sne", "t-sne"): 1})}) == []
    assert disagreements([borrowed], {SECTION: Counter()}) != []
