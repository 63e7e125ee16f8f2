"""How long each notebook runs: one table of measured CPU seconds, benchmarks/seconds.csv.

`make run` measures a notebook whose code has changed, `make bench` measures all of them anew. Each row says
from which code, with which PyTorch and on which processor it comes.
"""

import csv
import importlib.metadata
import os
import platform
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from nbformat import NotebookNode

from tools.notebooks import ROOT, code_hash

TABLE = Path("benchmarks", "seconds.csv")


@dataclass(frozen=True)
class Run:
    """One notebook's time: where it stands below chapters/, its CPU seconds, and what they depend on."""

    notebook: str
    seconds: float
    code: str
    torch: str
    processor: str


def notebook_name(path: Path, root: Path = ROOT) -> str:
    """Return a notebook's path below chapters/, without its ending.

    Raises:
        ValueError: if it stands elsewhere.
    """
    return path.resolve().relative_to(root.resolve() / "chapters").with_suffix("").as_posix()


def read_times(root: Path = ROOT) -> dict[str, Run]:
    """Return the table by the notebooks' names; it may be missing, before the first measurement."""
    if not (root / TABLE).exists():
        return {}
    with (root / TABLE).open(encoding="utf-8", newline="") as file:
        rows = [
            Run(row["notebook"], float(row["seconds"]), row["code"], row["torch"], row["processor"])
            for row in csv.DictReader(file)
        ]
    return {row.notebook: row for row in rows}


def note_time(
    path: Path, notebook: NotebookNode, seconds: float, root: Path = ROOT, *, renew: bool = True
) -> None:
    """Put the time of a notebook of the book into the table; rows of notebooks that are gone go.

    Args:
        path: where the notebook stands.
        notebook: the notebook as it was run.
        seconds: the CPU seconds that it took.
        root: the book's root.
        renew: whether to replace a row that was measured with the same code.
    """
    times, name, code = read_times(root), notebook_name(path, root), code_hash(notebook)
    if not renew and name in times and times[name].code == code:
        return
    times[name] = Run(name, round(seconds, 1), code, importlib.metadata.version("torch"), processor())
    there = [times[name] for name in sorted(times) if (root / "chapters" / f"{name}.ipynb").exists()]
    partial = (root / TABLE).with_suffix(".partial")
    with partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Run)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(map(asdict, there))
    os.replace(partial, root / TABLE)


def processor() -> str:
    """Return the name of this machine's processor, or its architecture where the system does not tell."""
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text(encoding="utf-8").splitlines() if facts.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
