"""Repairs of the theme: a needless script goes, nameless controls get names, the search works from files."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.typing import ExtensionMetadata

TEMPLATES = Path(__file__).with_name("templates")
MENDS = {
    # MyST-NB gives a folded cell another name than the text that it shows.
    '<summary aria-label="Toggle hidden content">': "<summary>",
    # docutils gives references roles that ARIA has withdrawn.
    '<div role="list" class="citation-list">': '<div class="citation-list">',
    ' role="doc-biblioentry"': "",
}


def configure(app: Sphinx, config: Config) -> None:
    """Put the templates beside this file before the theme's, and the title beside the logo."""
    config.templates_path.insert(0, str(TEMPLATES))
    config.html_theme_options["logo"] = {"text": config.html_title}


def name_toggles(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Name the sidebar's toggles, which hold nothing but an icon, for screen readers."""
    make_toctree: Callable[..., Any] = context["generate_toctree_html"]

    def make_named_toctree(*args: Any, **kwargs: Any) -> Any:
        toctree = make_toctree(*args, **kwargs)
        for summary in toctree.find_all("summary") if hasattr(toctree, "find_all") else []:
            summary["aria-label"] = "Show or hide the sections"
        return toctree

    context["generate_toctree_html"] = make_named_toctree


def mend_body(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Take out of the page's text what screen readers stumble over."""
    for wrong, right in MENDS.items():
        context["body"] = context.get("body", "").replace(wrong, right)


def keep_search_to_its_index(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Leave the excerpts out of the search results where a browser forbids to fetch them: in `file://`."""
    if page == "search":
        excerpts = 'DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = location.protocol !== "file:";'
        app.add_js_file(None, body=excerpts, priority=900)


class NameFolds(SphinxTransform):
    """Call folded cells what they are in this book: whole ones solutions, folded code the set-up."""

    default_priority = 500

    def apply(self, **kwargs: object) -> None:
        """Set the prompts that open and close the cell."""
        names = {"all": "solution", "input": "set-up"}
        for cell in self.document.findall(nodes.container):
            if name := names.get(cell.get("hide_mode")):
                cell["prompt_show"], cell["prompt_hide"] = f"Show the {name}", f"Hide the {name}"


class KeepColumns(SphinxPostTransform):
    """Mark what cells print in columns: on a narrow screen it scrolls, and other output breaks its lines."""

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Give printed tables, two lines or more with a gap in them, a class of their own."""
        for cell in self.document.findall(nodes.container):
            for block in cell.findall(nodes.literal_block) if "cell_output" in cell["classes"] else ():
                gaps = [line for line in block.astext().splitlines() if re.search(r"\S {2,}\S", line)]
                if len(gaps) >= 2:
                    block["classes"].append("dl-columns")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the repairs."""
    app.add_transform(NameFolds)
    app.add_post_transform(KeepColumns)
    app.connect("config-inited", configure)
    app.connect("html-page-context", name_toggles, priority=900)
    app.connect("html-page-context", mend_body)
    app.connect("html-page-context", keep_search_to_its_index)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
