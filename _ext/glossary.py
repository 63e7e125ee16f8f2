"""The glossary page, generated from chapters/glossary.yml."""

from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

Entry = dict[str, str]

KEYS = {"term", "zh", "definition", "section", "level"}
LEVELS = {"run", "define"}


def read_glossary(path: Path) -> list[Entry]:
    """The entries of a glossary file, sorted by term.

    Each is a mapping with the keys `term`, `zh` (the Chinese term), `definition` (Markdown), `section`
    (a path below chapters/, without suffix) and `level` (`run` or `define`).

    Args:
        path: A YAML file with a list of such mappings.

    Raises:
        ValueError: If the file is anything else, or has a term twice; the message names the entry.
    """
    try:
        entries: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ValueError(f"{path} is not YAML: {error}") from error
    if not isinstance(entries, list):
        raise ValueError(f"{path} must be a list of terms, each with {', '.join(sorted(KEYS))}")
    terms: set[str] = set()
    for number, entry in enumerate(entries, start=1):
        where = f"{path}, entry {number}"
        if not isinstance(entry, dict) or set(entry) != KEYS:
            got = ", ".join(map(str, entry)) if isinstance(entry, dict) else repr(entry)
            raise ValueError(f"{where}: expected the keys {', '.join(sorted(KEYS))}; got {got}")
        for key, value in entry.items():
            if not isinstance(value, str) or not value.strip():
                raise ValueError(f"{where} ({entry['term']}): {key} must be a text, got {value!r}")
        if entry["level"] not in LEVELS:
            raise ValueError(f"{where} ({entry['term']}): level is run or define, got {entry['level']!r}")
        if entry["term"].casefold() in terms:
            raise ValueError(f"{where}: {entry['term']!r} is defined twice; keep one")
        terms.add(entry["term"].casefold())
    return sorted(entries, key=lambda entry: entry["term"].casefold())


def term_id(term: str) -> str:
    """The anchor of a term, where it is defined and in the glossary."""
    return nodes.make_id(f"term {term}")


class GlossaryPage(SphinxDirective):
    """`glossary-page <file>`: every term with its Chinese, its definition and a link to its section."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """A definition list, each term with an anchor of its own."""
        relative, absolute = self.env.relfn2path(self.arguments[0])
        self.env.note_dependency(relative)
        try:
            entries = read_glossary(Path(absolute))
        except (OSError, ValueError) as error:
            raise self.error(str(error)) from error
        items = nodes.definition_list(classes=["dl-glossary"])
        for entry in entries:
            term = nodes.term("", "", nodes.strong("", entry["term"]))
            if entry["zh"] != entry["term"]:
                term += [nodes.Text(" "), nodes.inline("", entry["zh"], classes=["dl-chinese"])]
            term["ids"].append(term_id(entry["term"]))
            definition = nodes.definition()
            text = f"{entry['definition'].strip()} {{doc}}`/chapters/{entry['section']}`"
            definition += self.parse_text_to_nodes(text)
            items += nodes.definition_list_item("", term, definition)
        return [items]


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the directive."""
    app.add_directive("glossary-page", GlossaryPage)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
