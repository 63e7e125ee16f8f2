"""What the book adds to Jupyter Book: one Sphinx extension, made of one small module a concern."""

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

PARTS = (
    *("project", "theme", "mathematics", "chinese", "glossary", "stored_output"),
    *("terms", "term_index", "concept_map", "times", "reading_paths"),
)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Load every part."""
    for part in PARTS:
        app.setup_extension(f"_ext.{part}")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
