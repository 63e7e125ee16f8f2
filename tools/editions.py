"""The notebooks as a course needs them: ``python -m tools.editions student``, or ``solutions``.

A student's copy has neither solutions nor outputs; its stubs and checks stay as they are. An instructor's
copy has every solution below its stub, between the marks at which nbgrader cuts, so that what `nbgrader
generate_assignment` makes of it is the student's copy. Both say in nbgrader's own metadata, version 3, where
the answers go, what checks them, and what an exercise is worth: a point a star.
"""

import argparse
import copy
import posixpath
import re
import shutil
import sys
from pathlib import Path

from nbformat import NotebookNode, from_dict

from tools.archive import files, pack
from tools.exercises import Exercise, exercises
from tools.notebooks import ROOT, NotebookError, book_notebooks, project, read, tags, write
from tools.sections import section_names, title

ANSWER = "*Your answer.*"
SOLVED = "{stub}\n### BEGIN SOLUTION\n{solution}\n### END SOLUTION"
LINK = re.compile(r"\]\((?P<page>[\w./-]+)\.(?P<kind>ipynb|md)(?P<anchor>#[^)\s]*)?\)")

CONFIGURATION = f"""\
\"\"\"What nbgrader has to know of the book's notebooks; it belongs beside the folder source/.\"\"\"

c = get_config()  # noqa: F821, nbgrader defines it
c.ClearSolutions.code_stub = {{"python": ""}}  # the book's own stub stands above each solution
c.ClearSolutions.text_stub = "{ANSWER}"
c.LockCells.lock_readonly_cells = False  # students may change the code above; grading puts it back
c.Execute.timeout = 300  # seconds a cell
"""

STUDENT_README = """\
# Deep Learning by Running It, the student edition

Version {version} of [the book]({site}), without solutions and outputs.

## Start

With Python 3.11 or later and git, in this folder:

```bash
python -m venv .venv
source .venv/bin/activate  # on Windows: .venv\\Scripts\\activate
pip install "dlbook-utils @ git+{repository}" jupyterlab
jupyter lab
```

Or upload a notebook to Colab and run it from its first cell, which installs the book's package there.

## Work

Run a notebook from top to bottom, then write your answers in place of the stubs among its exercises.
The cell below a stub checks it and says *not attempted*, *wrong, because ...* or *right*.
A question without a stub has a cell for your answer in words.
"""

INSTRUCTOR_README = """\
# Deep Learning by Running It, the instructor's copy

Version {version} of [the book]({site}), with every solution below its stub.
The outputs are the book's, except that a check has none until you run it.

## Grade with nbgrader

Each exercise is worth as many points as it has stars; answers in words are for you to grade.
In a folder for the course, with this one beside it:

```bash
pip install nbgrader "dlbook-utils @ git+{repository}"
cp ../solutions/nbgrader_config.py .
mkdir -p source/week-1
cp ../solutions/01-basics/gradient-descent.ipynb source/week-1
nbgrader generate_assignment week-1  # release/week-1 is what you hand out
# Put what comes back into submitted/NAME/week-1/gradient-descent.ipynb, a folder for each student.
nbgrader autograde week-1
jupyter lab  # in its menu, Nbgrader, Formgrader: points for the answers in words
nbgrader generate_feedback week-1  # feedback/NAME/week-1/gradient-descent.html
nbgrader export  # grades.csv
```
"""

CONTENTS = """
## Contents

"""

LICENCE = """
## Licence

By the dlbook authors.
The text is under [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/) and the code under MIT.
"""


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Write the edition that is named, as a folder and as a zip; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.editions", description="Copy the book for a course."
    )
    parser.add_argument("edition", choices=["student", "solutions"])
    edition = parser.parse_args(arguments).edition
    folder = root / "_build" / edition
    try:
        write_edition(folder, root, solved=edition == "solutions")
    except NotebookError as error:
        print(error, file=sys.stderr)
        return 1
    pack(folder.with_suffix(".zip"), files(folder))
    print(f"Notebooks written: {len(list(folder.rglob('*.ipynb')))}; in {folder} and {folder.name}.zip")
    return 0


def write_edition(folder: Path, root: Path, solved: bool) -> None:
    """Write an edition in the place of an earlier one, whole or not at all.

    Raises:
        NotebookError: if a notebook cannot be read; it says which.
    """
    partial = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        for path in book_notebooks(root):
            page = path.relative_to(root / "chapters")
            (partial / page).parent.mkdir(parents=True, exist_ok=True)
            try:
                write(partial / page, edition_of(read(path), page, solved))
            except NotebookError as error:
                raise NotebookError(f"{path}: {error}") from error
        (partial / "README.md").write_text(_readme(root, solved), encoding="utf-8")
        if solved:
            (partial / "nbgrader_config.py").write_text(CONFIGURATION, encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def edition_of(notebook: NotebookNode, page: Path, solved: bool) -> NotebookNode:
    """Return the copy of a notebook that a student gets, or the instructor's.

    Args:
        notebook: as it is committed.
        page: its path from chapters/.
        solved: whether the copy is the instructor's.
    """
    edition = copy.deepcopy(notebook)
    edition.metadata.pop("dlbook", None)
    tasks = exercises(edition)  # before the marks go that they are found by
    for cell in edition.cells:
        # The rest of the metadata holds answers, or says nothing in Jupyter.
        cell.metadata = from_dict({"tags": tags(cell)} if tags(cell) else {})
        if cell.cell_type == "code":
            cell.execution_count = None
            cell.outputs = cell.outputs if solved else []
            _mark(cell)
        else:
            cell.source = _relinked(cell.source, page, solved)
    for task in tasks:
        _place_answers(task, solved)
    moved = [cell.id for task in tasks for _, cell in task.cells["solution"] if cell.cell_type == "code"]
    edition.cells = [cell for cell in edition.cells if cell.id not in moved]
    return edition


def _place_answers(task: Exercise, solved: bool) -> None:
    """Leave an exercise to the student, or put its solution where the student's answer goes."""
    solutions = [cell for _, cell in task.cells["solution"]]
    for _, stub in task.cells["stub"]:
        if solved:
            stub.source = SOLVED.format(stub=stub.source, solution=task.source("solution"))
            stub.outputs = [output for cell in solutions for output in cell.outputs]
        _mark(stub, answer=True)
    for _, check in task.cells["check"]:
        check.outputs = []  # what it said of the stub
        _mark(check, task=task)
    for answer in solutions:
        if answer.cell_type == "markdown":
            answer.source = answer.source.replace("<details>", "<details open>", 1) if solved else ANSWER
            _mark(answer, answer=True, task=task)


def _mark(cell: NotebookNode, answer: bool = False, task: Exercise | None = None) -> None:
    """Say in nbgrader's metadata whether a student answers in a cell, and which task's points it decides.

    The other cells are locked: grading puts the book's own text back.
    """
    marks = {"grade_id": cell.id} if task is None else {"grade_id": task.name, "points": task.stars}
    marks |= {"grade": task is not None, "solution": answer, "locked": not answer}
    cell.metadata["nbgrader"] = from_dict({"schema_version": 3, "task": False} | marks)
    if answer or task is not None:
        cell.metadata["deletable"] = False
        if not answer:
            cell.metadata["editable"] = False


def _relinked(markdown: str, page: Path, solved: bool) -> str:
    """Let links lead to the book's site, except a student's from notebook to notebook.

    An instructor takes single notebooks from their folder, where such a link would be dead.
    """
    site = project()["urls"]["Documentation"]

    def led(link: re.Match[str]) -> str:
        if link["kind"] == "ipynb" and not solved:
            return link[0]
        target = posixpath.normpath(posixpath.join("chapters", page.parent.as_posix(), link["page"]))
        return f"]({site}{target}.html{link['anchor'] or ''})"

    return LINK.sub(led, markdown)


def _readme(root: Path, solved: bool) -> str:
    """Return what stands beside the notebooks: how to start, and which there are, in the book's order."""
    about = project()
    head = (INSTRUCTOR_README if solved else STUDENT_README).format(
        version=about["version"], site=about["urls"]["Documentation"], repository=about["urls"]["Repository"]
    )
    pages = [f"{name}.ipynb" for name in ("prerequisites", *section_names(root))]
    contents = [f"- [{title(read(root / 'chapters' / page).cells[0].source)}]({page})\n" for page in pages]
    return "".join([head, CONTENTS, *contents, LICENCE])


if __name__ == "__main__":
    sys.exit(main())
