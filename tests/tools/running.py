"""A notebook for a test, and the plugin that runs it."""

import re
import subprocess
import sys
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tools import notebooks


def printed(text: str) -> list[NotebookNode]:
    """Return the outputs of a cell that prints."""
    return [new_output("stream", text=text)]


def code(name: str, source: str, stored: str = "", **metadata: object) -> NotebookNode:
    """Return a code cell that has run."""
    outputs = printed(stored) if stored else []
    return new_code_cell(source, id=name, outputs=outputs, metadata=metadata, execution_count=1)


def pytest_on(folder: Path, cells: list[NotebookNode], *options: str) -> tuple[dict[str, set[str]], str]:
    """Run the plugin on a notebook; return the names of the items by outcome, and all that was printed."""
    folder.mkdir(exist_ok=True)
    notebooks.write(folder / "nb.ipynb", new_notebook(cells=cells))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "-p", "tools.nbval_book", "-rA", *options, folder],
        cwd=notebooks.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        encoding="utf-8",
    )
    outcomes: dict[str, set[str]] = {"PASSED": set(), "FAILED": set()}
    line = r"^(PASSED|FAILED) .*nb\.ipynb::(?:cell \d+ \((.+?)\)|(.+?))(?: - .*)?$"
    for outcome, cell, item in re.findall(line, done.stdout, re.MULTILINE):
        outcomes[outcome].add(cell or item)
    return outcomes, done.stdout
