"""Small tables and other files of data/: beside the package in a checkout, inside it in a wheel."""

import csv
from pathlib import Path

_FOLDERS = [Path(__file__).parents[2] / "data", Path(__file__).parents[1] / "data"]


def data_file(name: str) -> Path:
    """Return where a file of data/ is.

    Raises:
        ValueError: if there is none of that name.
    """
    for folder in _FOLDERS:
        if (folder / "README.md").is_file() and (folder / name).is_file():
            return folder / name
    raise ValueError(f"there is no {name!r} in data/")


def table(name: str) -> list[dict[str, str | int | float]]:
    """Return the rows of a table in data/, such as "cnn-race", as dictionaries from column to value.

    What reads as a number is one. The datasheets are in data/README.md.

    Raises:
        ValueError: if there is no table of that name.
    """
    with data_file(f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [{column: _value(text) for column, text in row.items()} for row in csv.DictReader(file)]


def _value(text: str) -> str | int | float:
    """A whole number, a number with a point, or a text: the first of these that it reads as."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
