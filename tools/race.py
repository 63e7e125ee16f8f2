"""Let the architectures of chapter 3 race, and write the table that the book draws: ``make race``.

A section enters its networks by cells that carry ``dlbook: {race: true}``; run in order, they define
``contestants``, a dictionary from a name to a function that makes the network.
"""

import argparse
import csv
import hashlib
import importlib.metadata
import inspect
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode
from torch import nn

from dlbook_utils import racing
from tools.notebooks import book_notebooks, read

TABLE = Path("data", "cnn-race.csv")
COLUMNS = [
    "section",
    "network",
    "seed",
    "accuracy",
    "parameters",
    "multiply_adds",
    "seconds",
    "torch",
    "code",
]

Contestants = dict[str, Callable[[], nn.Module]]


def race_code(notebook: NotebookNode) -> str:
    """Return the source of the cells that enter a section's networks, or "" if it enters none."""
    cells = [cell.source for cell in notebook.cells if cell.metadata.get("dlbook", {}).get("race")]
    return "\n\n".join(cells)


def code_hash(code: str) -> str:
    """Return twelve hexadecimal digits that change when the networks or the rules of the race do."""
    return hashlib.sha256((code + inspect.getsource(racing)).encode()).hexdigest()[:12]


def contestants(notebook: NotebookNode) -> Contestants:
    """Run the set-up and the cells that enter the networks.

    Raises:
        ValueError: if they define no ``contestants``.
    """
    namespace: dict[str, Contestants] = {}
    setup = next(cell.source for cell in notebook.cells if cell.cell_type == "code")
    for source in (TransformerManager().transform_cell(setup), race_code(notebook)):
        exec(source, namespace)
    if "contestants" not in namespace:
        raise ValueError("expected the cells with dlbook.race to define contestants, a dictionary")
    return namespace["contestants"]


def entries() -> Iterator[tuple[str, NotebookNode]]:
    """Go through the sections that enter networks, by their names."""
    for path in book_notebooks():
        notebook = read(path)
        if race_code(notebook):
            yield path.stem, notebook


def rows(section: str, notebook: NotebookNode) -> Iterator[dict[str, object]]:
    """Let a section's networks race; one row a network and seed."""
    stamp = {"torch": importlib.metadata.version("torch"), "code": code_hash(race_code(notebook))}
    for name, make_model in contestants(notebook).items():
        for seed in range(3):
            run = racing.race(make_model, seeds=[seed])
            yield {
                "section": section,
                "network": name,
                "seed": seed,
                "accuracy": f"{run.accuracy[0]:.4f}",
                "parameters": run.parameters,
                "multiply_adds": run.multiply_adds,
                "seconds": f"{run.seconds[0]:.2f}",
                **stamp,
            }


def main() -> None:
    """Race everything, and replace the table when all are through."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    lines = []
    for section, notebook in entries():
        for row in rows(section, notebook):
            print(*row.values(), flush=True)
            lines.append(row)
    partial = TABLE.with_suffix(".partial")
    with partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
    os.replace(partial, TABLE)


if __name__ == "__main__":
    main()
