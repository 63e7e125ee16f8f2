"""Building a few pages with parts of the book's Sphinx extension."""

import io
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace


def build(folder: Path, parser: str, *parts: str, **settings: object) -> str:
    """Build a folder's pages into its _build with a parser and parts of ``_ext``; return the warnings."""
    warnings = io.StringIO()
    with docutils_namespace():  # another build in this process starts afresh
        Sphinx(
            srcdir=folder,
            confdir=None,
            outdir=folder / "_build",
            doctreedir=folder / "_build" / ".doctrees",
            buildername="html",
            status=None,
            warning=warnings,
            confoverrides={
                "extensions": [parser, *(f"_ext.{part}" for part in parts)],
                "myst_enable_extensions": ["dollarmath", "substitution"],
                "html_math_renderer": "katex",
                "exclude_patterns": ["_build"],
                **settings,
            },
        ).build()
    return warnings.getvalue()
