"""The exercises of a notebook, as their cells' metadata marks them.

``dlbook: {exercise: "<slug>-<n>", role: prompt | stub | check | solution}``; a check also carries ``wrong``,
the sources of plausible wrong answers that it must refuse.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from nbformat import NotebookNode

ROLES = ("prompt", "stub", "check", "solution")


@dataclass
class Exercise:
    """One exercise: its name and, by role, its cells with their numbers."""

    name: str
    cells: dict[str, list[tuple[int, NotebookNode]]] = field(default_factory=lambda: {r: [] for r in ROLES})

    @property
    def first(self) -> int:
        """The number of its first cell."""
        return min(number for cells in self.cells.values() for number, _ in cells)

    @property
    def stars(self) -> int:
        """How hard it is, as its prompt says."""
        return sum(prompt.source.partition("\n")[0].count("★") for _, prompt in self.cells["prompt"])

    def source(self, role: str) -> str:
        """The code of its cells of one role."""
        return "\n\n".join(cell.source for _, cell in self.cells[role] if cell.cell_type == "code")


def exercises(notebook: NotebookNode) -> list[Exercise]:
    """Return a notebook's exercises in the order of their first cells."""
    found: dict[str, Exercise] = {}
    for number, cell in enumerate(notebook.cells, start=1):
        marks = cell.metadata.get("dlbook", {})
        if marks.get("role") in ROLES and "exercise" in marks:
            exercise = found.setdefault(marks["exercise"], Exercise(marks["exercise"]))
            exercise.cells[marks["role"]].append((number, cell))
    return list(found.values())


def open_names(stub: str) -> tuple[set[str], set[str]]:
    """Return what a stub leaves open: what raises NotImplementedError, and the names set to ``...``.

    Raises:
        SyntaxError: if the stub is not plain Python.
    """
    callables: set[str] = set()
    values: set[str] = set()
    for statement in ast.parse(stub).body:
        match statement:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                if "NotImplementedError" in ast.unparse(statement):
                    callables.add(name)
            case ast.Assign(value=ast.Constant(value=value)) if value is ...:
                values.update(_targets(statement))
    return callables, values


def defined_names(solution: str) -> set[str]:
    """Return the functions, classes and variables that some code defines at its top level.

    Raises:
        SyntaxError: if it is not plain Python.
    """
    names = set()
    for statement in ast.parse(solution).body:
        match statement:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Assign():
                names.update(_targets(statement))
    return names


def _targets(assignment: ast.Assign) -> Iterator[str]:
    for target in assignment.targets:
        yield from (node.id for node in ast.walk(target) if isinstance(node, ast.Name))
