"""The whole book in one page, made from the built pages: all that it shows stands in the one file.

So it opens where a browser is given one file and sees no other, as on phones, and `tools.pdf` can print it.
"""

import base64
import json
import mimetypes
import os
import posixpath
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import jinja2
import yaml
from bs4 import BeautifulSoup, Tag

from tools.notebooks import ROOT, project

HTML = Path("_build", "html")
OUT = Path("_build", "book-in-one-file.html")
SOURCES = ROOT / "_single"
IMPORT = re.compile(r"@import \"([^\"]+)\";")
URL = re.compile(r"url\([\"']?(?!data:)([^)\"'?#]+)[^)]*\)")
FONTS = ".woff2"  # what every browser takes; older formats stand beside it

_PAGES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(SOURCES),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
)


class NotBuiltError(Exception):
    """The book, or a page of it, is not built; the message says which, and what to do."""


@dataclass
class Page:
    """A page of the book."""

    name: str  # as in _toc.yml
    depth: int  # 0 is the landing page, 1 a chapter, 2 a section
    article: Tag

    @property
    def title(self) -> str:
        """Its heading."""
        return self.article.select("h1, h2")[0].get_text().strip()

    @property
    def quoted_title(self) -> str:
        """Its heading as a string of CSS, which JSON quotes alike."""
        return json.dumps(self.title, ensure_ascii=False)

    @property
    def body(self) -> str:
        """Its text."""
        return self.article.decode_contents()


def write(root: Path = ROOT) -> Path:
    """Write the one page, whole or not at all; return where it is.

    Raises:
        NotBuiltError: if the book is not built.
    """
    partial = (root / OUT).with_suffix(".part")
    partial.write_text(render(root), encoding="utf-8")
    os.replace(partial, root / OUT)
    return root / OUT


def render(root: Path = ROOT, names: Collection[str] = ()) -> str:
    """Return the one page.

    Args:
        root: the book's root.
        names: the pages to take, as in _toc.yml; all of them unless it says which.

    Raises:
        NotBuiltError: if one of them is not built.
    """
    depths = contents(root)
    names = names or depths.keys()
    pages: list[Page] = []
    styles: dict[Path, None] = {}
    for name in names:
        path = root / HTML / f"{name}.html"
        if not path.is_file():
            raise NotBuiltError(f"expected {path}, found none: run `make book` first")
        soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for link in soup.select("link[rel=stylesheet]"):
            styles[(path.parent / urlsplit(str(link["href"])).path).resolve()] = None
        (article,) = soup.select("article")
        _free(article, path, name, names)
        if depths[name] == 2:
            _lower_headings(article)
        pages.append(Page(name, depths[name], article))
    settings = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    scripts = [root / "_static" / "book.js", SOURCES / "single.js"]
    return _PAGES.get_template("book.html").render(
        title=settings["title"],
        author=settings["author"],
        pages=pages,
        style="\n".join(map(_style, [*styles, SOURCES / "single.css"])),
        script="\n".join(script.read_text(encoding="utf-8") for script in scripts),
    )


def contents(root: Path = ROOT) -> dict[str, int]:
    """Return the names of the pages in the order of _toc.yml, each with its depth there."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    return dict(_depths(toc))


def _depths(toc: dict[str, Any]) -> Iterator[tuple[str, int]]:
    yield toc["root"], 0
    for chapter in (chapter for part in toc["parts"] for chapter in part["chapters"]):
        yield chapter["file"], 1
        yield from ((section["file"], 2) for section in chapter.get("sections", ()))


def _free(article: Tag, path: Path, name: str, names: Collection[str]) -> None:
    """Take out of a page's text all that another file or another page holds."""
    for needless in article.select(".headerlink, .toctree-wrapper"):
        needless.decompose()
    for link in article.find_all("a", href=True):
        link["href"] = _led(str(link["href"]), name, names)
    for tag in article.find_all(id=True):
        tag["id"] = f"{name}/{tag['id']}"
    for tag in article.select("[src]:not([src^='data:'])"):
        tag["src"] = _data(path.parent / urlsplit(str(tag["src"])).path)


def _led(address: str, name: str, names: Collection[str]) -> str:
    """Return where a link of a page leads: to a place in the one page if it is there, or else to the site."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return address
    target = posixpath.normpath(posixpath.join(posixpath.dirname(name), parts.path or f"/{name}.html"))
    other = target.strip("/").removesuffix(".html")
    if other in names:
        return f"#{other}/{parts.fragment}" if parts.fragment else f"#{other}"
    return urljoin(f"{project()['urls']['Documentation']}{name}.html", address)


def _lower_headings(article: Tag) -> None:
    """Put a section's headings one level below its chapter's."""
    for heading in article.find_all(re.compile("^h[1-5]$")):
        heading.name = f"h{int(heading.name[1]) + 1}"


def _style(path: Path) -> str:
    """Return a style sheet with those that it imports and its fonts in it."""

    def held(url: re.Match[str]) -> str:
        file = path.parent / url[1]
        return f"url({_data(file)})" if file.suffix == FONTS else url[0]

    sheet = URL.sub(held, path.read_text(encoding="utf-8"))
    return IMPORT.sub(lambda found: _style(path.parent / found[1]), sheet)


def _data(path: Path) -> str:
    """Return a file as an address that holds it."""
    kind = mimetypes.guess_type(path.name)[0] or f"font/{path.suffix[1:]}"
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
