"""The book to take along: ``python -m tools.zip`` packs all that is built for readers into one file.

It unpacks to one folder, which a browser opens from a disk: the book, the book in one file, decks and demos.
"""

import argparse
import sys
from pathlib import Path

import jinja2
import yaml

from tools import single
from tools.archive import files, pack
from tools.notebooks import ROOT, project

NAME = "deep-learning-by-running-it"
FOLDERS = ("html", "slides", "demos")  # side by side, as their links expect
# For the next build, for other sites, for search engines, for the theme's authors, for paper.
NEEDLESS = (".buildinfo", "objects.inv", "sitemap.xml", "*webpack-macros.html", "*.map", "*.pdf")


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Pack it; return the exit status."""
    argparse.ArgumentParser(prog="python -m tools.zip", description="Pack the book.").parse_args(arguments)
    try:
        target = take_along(root)
    except single.NotBuiltError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"The book to take along, {target.stat().st_size / 1e6:.0f} MB: {target}")
    return 0


def take_along(root: Path) -> Path:
    """Write the zip file; return where it is.

    Raises:
        NotBuiltError: if something that belongs into it is not built.
    """
    build = root / "_build"
    for folder in FOLDERS:
        if not (build / folder / "index.html").is_file():
            raise single.NotBuiltError(f"expected {build / folder}, found none: `make zip` builds it too")
    start = build / "index.html"
    start.write_text(_start_page(root), encoding="utf-8")
    contents = {path.name: path for path in (start, single.write(root))}
    for folder in FOLDERS:
        parts = files(build / folder).items()
        contents |= {name: path for name, path in parts if not any(map(path.match, NEEDLESS))}
    target = build / f"{NAME}.zip"
    pack(target, {f"{NAME}/{name}": path for name, path in contents.items()})
    return target


def _start_page(root: Path) -> str:
    """Return the page that leads to the parts."""
    settings = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    template = jinja2.Template((ROOT / "_zip" / "index.html").read_text(encoding="utf-8"), autoescape=True)
    return template.render(title=settings["title"], author=settings["author"], version=project()["version"])


if __name__ == "__main__":
    sys.exit(main())
