"""The editions for a course: whole, without a leak, and with the exercises that nbval tries.

A guard takes a notebook of the book and its copy and returns its complaints; broken copies show that it sees.
"""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from symtable import SymbolTable, symtable
from zipfile import ZipFile

import pytest
from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode
from nbformat.v4 import new_output

from tools import editions, notebooks, prose
from tools.editions import ANSWER, edition_of
from tools.exercises import exercises
from tools.run import execute

CHAPTERS = notebooks.ROOT / "chapters"
PAGES = [path.relative_to(CHAPTERS) for path in notebooks.book_notebooks()]
FAST = [Path("prerequisites.ipynb"), Path("01-basics", "tensors-and-autograd.ipynb")]  # seconds each
SITE = notebooks.project()["urls"]["Documentation"]

Guard = Callable[[NotebookNode, NotebookNode], list[str]]


def role(cell: NotebookNode) -> str:
    """What a cell of the book is in an exercise."""
    return str(cell.metadata.get("dlbook", {}).get("role", ""))


def is_hidden(cell: NotebookNode) -> bool:
    """Whether a cell of the book has no place of its own in a copy."""
    return cell.cell_type == "code" and role(cell) == "solution"


def leaks(original: NotebookNode, student: NotebookNode) -> list[str]:
    """Find solutions in a student's copy."""
    text = "\n".join(cell.source for cell in student.cells)
    return [cell.id for cell in original.cells if role(cell) == "solution" and cell.source in text]


def more_metadata(_: NotebookNode, copied: NotebookNode) -> list[str]:
    """Find metadata that nobody needs and that could hold answers."""
    needed = {"tags", "nbgrader", "deletable", "editable", "kernelspec", "language_info"}
    return sorted({key for part in (copied, *copied.cells) for key in part.metadata} - needed)


def outputs(_: NotebookNode, student: NotebookNode) -> list[str]:
    """Find what a student's copy has of an earlier run."""
    code = [cell for cell in student.cells if cell.cell_type == "code"]
    return [f"{cell.id} ran" for cell in code if cell.outputs or cell.execution_count is not None]


def gaps(original: NotebookNode, student: NotebookNode) -> list[str]:
    """Find cells that a student's copy lacks, and code and answers that are not as they should be."""
    expected = {
        cell.id: ANSWER if role(cell) == "solution" else cell.source
        for cell in original.cells
        if not is_hidden(cell)
    }
    if [cell.id for cell in student.cells] != list(expected):
        return ["the cells are not the book's"]
    fixed = [cell for cell in student.cells if cell.cell_type == "code" or expected[cell.id] == ANSWER]
    return [f"{cell.id} is changed" for cell in fixed if cell.source != expected[cell.id]]


def misgrading(original: NotebookNode, copied: NotebookNode) -> list[str]:
    """Find cells that nbgrader would take for something else."""
    expected = {cell.id: marks(cell.id, locked=True) for cell in copied.cells if cell.cell_type == "code"}
    for exercise in exercises(original):
        points = exercise.cells["prompt"][0][1].source.splitlines()[0].count("★")
        worth = {"grade": True, "points": points}
        for _, stub in exercise.cells["stub"]:
            expected[stub.id] = marks(stub.id, solution=True)
        for _, check in exercise.cells["check"]:
            expected[check.id] = marks(exercise.name, locked=True, **worth)
        for _, answer in exercise.cells["solution"]:
            if answer.cell_type == "markdown":
                expected[answer.id] = marks(exercise.name, solution=True, **worth)
    found = {cell.id: cell.metadata["nbgrader"] for cell in copied.cells if "nbgrader" in cell.metadata}
    return [name for name in {*expected, *found} if expected.get(name) != found.get(name)]


def values(original: NotebookNode, _: NotebookNode) -> list[str]:
    """Find checks that end with a value, which nbgrader would take for the points."""
    checks = [(task.name, task.source("check")) for task in exercises(original) if task.cells["check"]]
    return [name for name, check in checks if isinstance(ast.parse(check).body[-1], ast.Expr)]


def marks(grade_id: str, **marks: bool | int) -> dict[str, object]:
    """What nbgrader's metadata should be."""
    usual = {"schema_version": 3, "task": False, "grade": False, "solution": False, "locked": False}
    return usual | {"grade_id": grade_id} | marks


def other_exercises(original: NotebookNode, solved: NotebookNode) -> list[str]:
    """Find stubs, solutions and checks of an instructor's copy that are not those that nbval runs."""
    sources = {cell.id: cell.source for cell in solved.cells}
    complaints = []
    for exercise in exercises(original):
        for _, stub in exercise.cells["stub"]:
            cut = re.split("\n### BEGIN SOLUTION\n|\n### END SOLUTION", sources.get(stub.id, ""))
            if cut != [exercise.source("stub"), exercise.source("solution"), ""]:
                complaints.append(f"{exercise.name}: other answers")
        checks = [sources.get(check.id, "") for _, check in exercise.cells["check"]]
        if "\n\n".join(checks) != exercise.source("check"):
            complaints.append(f"{exercise.name}: another check")
    return complaints


def borrowed_names(original: NotebookNode, _: NotebookNode) -> list[str]:
    """Find cells that stay and read a name as a solution left it, which a student's copy does not."""
    lent: set[str] = set()
    complaints = []
    for cell in original.cells:
        if cell.cell_type == "code":
            read, bound = global_names(cell.source)
            if is_hidden(cell):
                lent |= bound
            else:
                complaints += [f"{cell.id} reads {name}" for name in sorted((read - bound) & lent)]
                lent -= bound
    return complaints


def global_names(source: str) -> tuple[set[str], set[str]]:
    """Return the global names that some code reads, in its functions too, and those that it binds."""
    module = symtable(TransformerManager().transform_cell(source), "cell", "exec")
    tables: list[SymbolTable] = [module]
    for table in tables:
        tables.extend(table.get_children())
    symbols = [(table, symbol) for table in tables for symbol in table.get_symbols()]
    ours = [symbol for table, symbol in symbols if table is module or symbol.is_global()]
    bound = {symbol.get_name() for symbol in ours if symbol.is_assigned() or symbol.is_imported()}
    return {symbol.get_name() for symbol in ours if symbol.is_referenced()}, bound


def undefined_names(folder: Path) -> list[str]:
    """Let ruff find names in notebooks that nothing defines before they are used."""
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--select", "F821"]
    done = subprocess.run(
        [*command, "--output-format", "json", folder], capture_output=True, check=False, encoding="utf-8"
    )
    return [finding["message"] for finding in json.loads(done.stdout)]


def dead_links(folder: Path) -> list[str]:
    """Find links in an edition that lead to no file of it, and to the site but to no page of the book."""
    return [
        f"{path.name}: {link}"
        for path in [*folder.rglob("*.ipynb"), folder / "README.md"]
        for link in links(path)
        if not is_alive(link.partition("#")[0], path.parent)
    ]


def links(path: Path) -> list[str]:
    """List the links of a notebook or of a Markdown file."""
    if path.suffix == ".md":
        return prose.parse(path.read_text(encoding="utf-8")).links
    cells = (cell for cell in notebooks.read(path).cells if cell.cell_type == "markdown")
    return [link for cell in cells for link in prose.parse(cell.source).links]


def is_alive(target: str, folder: Path) -> bool:
    """Whether a link's target exists; of the internet only the book's own site is known."""
    if target.startswith(f"{SITE}chapters/"):
        page = notebooks.ROOT / target.removeprefix(SITE)
        return any(page.with_suffix(suffix).is_file() for suffix in (".ipynb", ".md"))
    return "://" in target or (folder / target).is_file()


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Both editions, written."""
    root = tmp_path_factory.mktemp("editions")
    for name in ("student", "solutions"):
        editions.write_edition(root / name, notebooks.ROOT, solved=name == "solutions")
    return {name: root / name for name in ("student", "solutions")}


@pytest.mark.parametrize(
    ("name", "guard"),
    [
        *[("student", guard) for guard in (leaks, more_metadata, outputs, gaps, misgrading, borrowed_names)],
        *[("solutions", guard) for guard in (more_metadata, misgrading, values, other_exercises)],
    ],
)
def test_every_copy_is_in_order(name: str, guard: Guard, folders: dict[str, Path]) -> None:
    for page in PAGES:
        assert guard(notebooks.read(CHAPTERS / page), notebooks.read(folders[name] / page)) == [], page


@pytest.mark.parametrize("name", ["student", "solutions"])
@pytest.mark.parametrize("guard", [undefined_names, dead_links])
def test_names_and_links_hold_in_the_folder(
    guard: Callable[[Path], list[str]], name: str, folders: dict[str, Path]
) -> None:
    assert len(list(folders[name].rglob("*.ipynb"))) == len(PAGES)
    assert guard(folders[name]) == []


def cell(notebook: NotebookNode, name: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.id == name)


def tell(original: NotebookNode, copied: NotebookNode, name: str, place: str) -> None:
    cell(copied, place).source += f"\n\n{cell(original, name).source}"


def borrow(original: NotebookNode, _: NotebookNode) -> None:
    cell(original, "exercise-3-check").source += "\nprint(guess)"


@pytest.mark.parametrize(
    ("guard", "harm"),
    [
        (leaks, lambda ours, copied: tell(ours, copied, "exercise-3-solution", "exercise-3-stub")),
        (leaks, lambda ours, copied: tell(ours, copied, "exercise-2-solution", "exercise-2-solution")),
        (
            more_metadata,
            lambda _, copied: cell(copied, "exercise-1-check").metadata.update(dlbook={"wrong": ["4"]}),
        ),
        (more_metadata, lambda _, copied: cell(copied, "opening").metadata.update(slideshow={})),
        (more_metadata, lambda _, copied: copied.metadata.update(dlbook={})),
        (outputs, lambda ours, copied: cell(copied, "claim").update(execution_count=1)),
        (outputs, lambda ours, copied: cell(copied, "claim").update(outputs=[new_output("stream")])),
        (gaps, lambda _, copied: copied.cells.remove(cell(copied, "exercise-1-check"))),
        (gaps, lambda _, copied: copied.cells.remove(cell(copied, "exercise-2-solution"))),
        (gaps, lambda _, copied: cell(copied, "exercise-1-check").update(source="pass")),
        (gaps, lambda _, copied: cell(copied, "exercise-2-solution").update(source="")),
        (misgrading, lambda _, copied: cell(copied, "exercise-1-check").metadata.pop("nbgrader")),
        (misgrading, lambda _, copied: cell(copied, "exercise-1-check").metadata.nbgrader.update(points=2)),
        (misgrading, lambda _, copied: cell(copied, "exercise-1-stub").metadata.nbgrader.update(locked=True)),
        (misgrading, lambda _, copied: cell(copied, "claim").metadata.nbgrader.update(locked=False)),
        (values, lambda ours, _: cell(ours, "exercise-1-check").update(source="0.5")),
        (other_exercises, lambda *_: None),
        (borrowed_names, borrow),
    ],
)
def test_each_guard_sees_what_it_guards_against(
    guard: Guard, harm: Callable[[NotebookNode, NotebookNode], None], section: NotebookNode
) -> None:
    student = edition_of(section, Path("01-basics", "tiny.ipynb"), solved=False)
    if guard is not other_exercises:  # which a student's copy fails as it is
        assert guard(section, student) == []
    harm(section, student)
    assert guard(section, student) != []


def test_an_undefined_name_and_a_dead_link_are_seen(tmp_path: Path, section: NotebookNode) -> None:
    cell(section, "exercise-1-stub").source = "other = ..."
    cell(section, "opening").source += "\n[One](other.ipynb), [two](../nowhere.md)."
    (tmp_path / "README.md").touch()
    notebooks.write(
        tmp_path / "tiny.ipynb", edition_of(section, Path("01-basics", "tiny.ipynb"), solved=False)
    )
    assert set(undefined_names(tmp_path)) == {"Undefined name `guess`"}
    assert dead_links(tmp_path) == ["tiny.ipynb: other.ipynb", f"tiny.ipynb: {SITE}chapters/nowhere.html"]


def test_links_lead_on_from_where_the_notebook_lies(section: NotebookNode) -> None:
    page, opening = Path("01-basics", "tiny.ipynb"), cell(section, "opening")
    opening.source = (
        "[a](other.ipynb), [b](../02-mlp/c.ipynb#d), [e](../notation.md#f), [g](https://h.i/j.md), `k`"
    )
    student, instructor = (
        cell(edition_of(section, page, solved), "opening").source for solved in (False, True)
    )
    notation = f"[e]({SITE}chapters/notation.html#f), [g](https://h.i/j.md), `k`"
    assert student == f"[a](other.ipynb), [b](../02-mlp/c.ipynb#d), {notation}"
    there = f"{SITE}chapters"
    assert instructor == f"[a]({there}/01-basics/other.html), [b]({there}/02-mlp/c.html#d), {notation}"


def test_an_instructors_copy_shows_what_the_solutions_print(section: NotebookNode) -> None:
    for name, text in (("claim", "✓"), ("exercise-1-check", "not attempted"), ("exercise-1-solution", "2")):
        cell(section, name).outputs = [new_output("stream", text=text)]
    solved = edition_of(section, Path("01-basics", "tiny.ipynb"), solved=True)
    shown = [(c.id, output.text) for c in solved.cells for output in c.get("outputs", []) if "text" in output]
    assert shown == [("claim", "✓"), ("exercise-1-stub", "2")]
    assert cell(solved, "exercise-2-solution").source.startswith("<details open>")


@pytest.fixture
def root(book: Path, path: Path, section: NotebookNode) -> Path:
    """A book with two notebooks."""
    notebooks.write(path, section)
    notebooks.write(book / "chapters" / "prerequisites.ipynb", section)
    return book


def test_an_edition_is_a_folder_and_a_zip(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archives = []
    for _ in range(2):
        assert editions.main(["student"], root) == 0
        archives.append((root / "_build" / "student.zip").read_bytes())
        (root / "_build" / "student" / "left-over.ipynb").touch()
    assert archives[0] == archives[1]
    assert editions.main(["solutions"], root) == 0
    assert "Notebooks written: 2" in capsys.readouterr().out
    expected = {"README.md", "prerequisites.ipynb", "01-basics/tiny.ipynb"}
    for name, more in (("student", set()), ("solutions", {"nbgrader_config.py"})):
        with ZipFile(root / "_build" / f"{name}.zip") as archive:
            assert set(archive.namelist()) == {f"{name}/{file}" for file in expected | more}
    readme = (root / "_build" / "student" / "README.md").read_text(encoding="utf-8")
    assert f"Version {notebooks.project()['version']} " in readme
    assert "- [Tiny](01-basics/tiny.ipynb)\n" in readme


def test_what_cannot_be_read_leaves_the_last_edition(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert editions.main(["student"], root) == 0
    before = sorted((root / "_build").rglob("*"))
    (root / "chapters" / "01-basics" / "tiny.ipynb").write_text("{}")
    assert editions.main(["student"], root) == 1
    assert "tiny.ipynb: expected a notebook of format 4" in capsys.readouterr().err
    assert sorted((root / "_build").rglob("*")) == before


@pytest.mark.parametrize("page", FAST, ids=str)
def test_the_checks_of_a_students_copy_judge(page: Path, tmp_path: Path) -> None:
    original = notebooks.read(CHAPTERS / page)
    student = edition_of(original, page, solved=False)
    expected = {}
    for n, task in enumerate(task for task in exercises(original) if task.cells["stub"]):
        (_, stub), (_, check) = task.cells["stub"][0], task.cells["check"][0]
        answers = {
            "not attempted": stub.source,
            "right": task.source("solution"),
            "wrong, because ": check.metadata.dlbook.wrong[0],
        }
        verdict = list(answers)[n % 3]
        cell(student, stub.id).source = answers[verdict]
        expected[check.id] = f"{task.name}: {verdict}"
    execute(student, tmp_path)
    for name, line in expected.items():
        (output,) = cell(student, name).outputs
        assert output.text.startswith(line)
