"""Live demos: ``python -m tools.demos`` puts the book's interactive figures on pages for a projector.

Each chapter is one page in ``_build/demos/``, with one figure on the screen at a time, large, with sliders,
presets and keys; an index shows the first frame of each. There is no kernel: the figures are those that the
notebooks store, so that the folder works from a disk without a network.
"""

import argparse
import posixpath
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jinja2
import yaml
from nbformat import NotebookNode

from tools.decks import slides, text
from tools.figures import Figure, figures, preset_faults
from tools.notebooks import ROOT, NotebookError, place, read, tags
from tools.sections import title
from tools.slides import markdown, write

SOURCES = ROOT / "_demos"
OUT = Path("_build", "demos")
BOOK = Path("_build", "html")

_PAGES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(SOURCES),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class Demo:
    """One interactive figure on the screen."""

    page: str  # its chapter's page, without suffix
    name: str  # its anchor there: the section's slug and the cell's id
    title: str  # HTML, as all texts here
    section: str
    book: str  # where the section stands in the built book, seen from the demos; "" if it is not built
    figure: Figure

    @property
    def address(self) -> str:
        """Where it stands, seen from its neighbours."""
        return f"{self.page}.html#{self.name}"

    @property
    def first_frame(self) -> str:
        """Its first picture, a PNG in base64; nothing of a drawing board."""
        return "".join(self.figure.data.get("frames", [])[:1])

    @property
    def is_photograph(self) -> bool:
        """Whether it stays as it is on a dark page."""
        return "photograph" in tags(self.figure.cell)


@dataclass(frozen=True)
class Chapter:
    """One page of demos."""

    page: str
    title: str
    demos: list[Demo]


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Write the demos; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.demos", description="Build the live demos.")
    parser.parse_args(arguments)
    try:
        chapters = contents(root)
    except NotebookError as error:
        print(error, file=sys.stderr)
        return 1
    build(chapters, root / OUT)
    print(f"The demos: {(root / OUT / 'index.html').as_uri()}")
    return 0


def contents(root: Path) -> list[Chapter]:
    """Return the chapters that have interactive figures, in the book's order.

    Raises:
        NotebookError: If a notebook cannot be read, or its presets name what is not there.
    """
    found = []
    for part in yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))["parts"]:
        for chapter in part["chapters"]:
            files = [chapter["file"], *(section["file"] for section in chapter.get("sections", ()))]
            page = posixpath.relpath(chapter["file"], "chapters").removesuffix("/index")
            notebooks = [root / f"{file}.ipynb" for file in files]
            demos = [demo for path in notebooks if path.exists() for demo in demos_of(path, page, root)]
            if demos:
                opener = root / f"{chapter['file']}.md"
                words = opener.read_text(encoding="utf-8") if opener.exists() else ""
                found.append(Chapter(page, inline(title(words)) or demos[0].section, demos))
    return found


def demos_of(path: Path, page: str, root: Path) -> Iterator[Demo]:
    """Yield the demos of a notebook.

    Raises:
        NotebookError: If it cannot be read, or its presets name what is not there.
    """
    name = path.relative_to(root)
    try:
        notebook = read(path)
    except NotebookError as error:
        raise NotebookError(f"{name}: {error}") from error
    for number, what, mend in preset_faults(notebook):
        raise NotebookError(f"{name}: {place(notebook, notebook.cells[number - 1])}: {what}. Mend: {mend}.")
    book = (BOOK / name).with_suffix(".html")
    for figure in figures(notebook):
        yield Demo(
            page=page,
            name=f"{path.stem}-{figure.cell.id}",
            title=inline(heading(notebook, figure.number)),
            section=inline(title(notebook.cells[0].source)),
            book=posixpath.relpath(book.as_posix(), OUT.as_posix()) if (root / book).exists() else "",
            figure=figure,
        )


def heading(notebook: NotebookNode, number: int) -> str:
    """Return what a cell is about, Markdown: its slide's heading, or else the nearest above it."""
    cells = [cell.source for cell in notebook.cells[:number] if cell.cell_type == "markdown"]
    headings = re.findall(r"^#{1,3} .+", "\n".join(cells), re.MULTILINE)
    headings += [text(slide.cells[0][1]) for slide in slides(notebook) if number in dict(slide.cells)]
    return headings[-1].partition("\n")[0].lstrip("# ")


def inline(source: str) -> str:
    """Return the HTML of one line of Markdown; formulas are MathML, which needs no fonts."""
    return markdown(for_notes=True).renderInline(source)


def build(chapters: list[Chapter], out: Path) -> None:
    """Write a page a chapter, the index, and what they share."""
    order = [demo.address for chapter in chapters for demo in chapter.demos]
    before = dict(zip(order, ["", *order], strict=False))
    after = dict(zip(order, [*order[1:], ""], strict=True))
    shutil.rmtree(out, ignore_errors=True)  # no page stays whose chapter has gone
    (out / "assets").mkdir(parents=True)
    for source in (SOURCES / "demos.css", SOURCES / "demos.js", ROOT / "_static" / "logo.svg"):
        shutil.copy2(source, out / "assets")
    for chapter in chapters:
        page = _PAGES.get_template("chapter.html").render(chapter=chapter, before=before, after=after)
        write(out / f"{chapter.page}.html", page)
    write(out / "index.html", _PAGES.get_template("index.html").render(chapters=chapters))


if __name__ == "__main__":
    sys.exit(main())
