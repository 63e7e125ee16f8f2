"""The book's addresses and version, read from pyproject.toml, and what is made of them."""

import tomllib
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"


def read_project() -> dict[str, Any]:
    """The `[project]` table of pyproject.toml."""
    project: dict[str, Any] = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    return project


def set_addresses(app: Sphinx, config: Config) -> None:
    """Give every extension that needs an address or a version the one of pyproject.toml."""
    project = read_project()
    repository, site = project["urls"]["Repository"], project["urls"]["Documentation"]
    config.version = config.release = project["version"]
    config.html_baseurl = config.ogp_site_url = site
    config.html_theme_options.update(
        repository_url=repository,
        repository_branch="main",
        use_repository_button=True,
        use_issues_button=True,
        launch_buttons={
            "colab_url": "https://colab.research.google.com",
            "binderhub_url": "https://mybinder.org",
            "notebook_interface": "jupyterlab",
        },
    )
    config.myst_substitutions = {"version": project["version"], "repository": repository}


class HowToCite(SphinxDirective):
    """`how-to-cite`: the book's BibTeX entry."""

    def run(self) -> list[nodes.Node]:
        """A code block with the entry."""
        project = read_project()
        self.env.note_dependency(str(PYPROJECT))
        entry = "\n".join(
            [
                "@book{dlbook,",
                f"  title     = {{{self.config.html_title}}},",
                f"  author    = {{{{{self.config.author}}}}},",
                f"  year      = {{{self.config.copyright}}},",
                f"  edition   = {{Version {project['version']}}},",
                f"  url       = {{{project['urls']['Repository']}}},",
                "}",
            ]
        )
        return [nodes.literal_block(entry, entry, language="bibtex")]


def write_sitemap(app: Sphinx, exception: Exception | None) -> None:
    """List every page of the book for search engines, whether or not this build has written it anew."""
    if exception or app.builder.name != "html":
        return
    pages = [
        app.config.html_baseurl + app.builder.get_target_uri(name) for name in sorted(app.env.found_docs)
    ]
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">',
        *(f"<url><loc>{escape(page)}</loc></url>" for page in pages),
        "</urlset>",
    ]
    Path(app.outdir, "sitemap.xml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the addresses, the sitemap and the directive."""
    app.connect("config-inited", set_addresses, priority=100)
    app.connect("build-finished", write_sitemap)
    app.add_directive("how-to-cite", HowToCite)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
