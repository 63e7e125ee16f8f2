"""nbgrader itself grades the book's exercises: nothing for a blank copy, every point for the solutions."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import editions, notebooks
from tools.exercises import exercises
from tools.run import kernel_environment

NBGRADER = notebooks.ROOT / ".venv" / "nbgrader" / "bin"
SECTIONS = [Path("prerequisites.ipynb"), Path("01-basics", "tensors-and-autograd.ipynb")]  # seconds each
TASKS = {
    task.name: task
    for section in SECTIONS
    for task in exercises(notebooks.read(notebooks.ROOT / "chapters" / section))
}
WORDS = {name for name, task in TASKS.items() if not task.cells["check"]}
MISTAKE = "tensors-and-autograd-2"

Grades = dict[str, dict[str, list[float | bool | None]]]

GRADES = """
import json
from nbgrader.api import Gradebook

with Gradebook("sqlite:///gradebook.db") as book:
    grades = {
        submission.student.id: {
            grade.name: [grade.auto_score, grade.max_score, grade.needs_manual_grade]
            for notebook in submission.notebooks
            for grade in notebook.grades
        }
        for submission in book.assignment_submissions("week-1")
    }
print(json.dumps(grades))
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with an assignment of two sections, as nbgrader hands it out."""
    assert NBGRADER.is_dir(), "nbgrader is not installed: `make unit` does it"
    course = tmp_path_factory.mktemp("course")
    for name in ("student", "solutions"):
        editions.write_edition(course / name, notebooks.ROOT, solved=name == "solutions")
    (course / "source" / "week-1").mkdir(parents=True)
    for section in SECTIONS:
        shutil.copy(course / "solutions" / section, course / "source" / "week-1")
    shutil.copy(course / "solutions" / "nbgrader_config.py", course)
    kernel = course / "jupyter" / "kernels" / "python3" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    launch = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel.write_text(json.dumps({"argv": launch, "display_name": "Python 3", "language": "python"}))
    nbgrader(course, "nbgrader", "generate_assignment", "week-1")
    return course


@pytest.fixture(scope="module")
def grades(course: Path) -> Grades:
    """What three students get: automatic points, most points, and whether a person has to look."""
    for student in ("blank", "right", "mistaken"):
        (course / "submitted" / student / "week-1").mkdir(parents=True)
        for section in SECTIONS:
            hand_in(student, course / "student" / section, course / "submitted" / student / "week-1")
    nbgrader(course, "nbgrader", "autograde", "week-1")
    return dict(json.loads(nbgrader(course, "python", "-c", GRADES)))


def nbgrader(course: Path, *command: str) -> str:
    """Run a program of nbgrader's environment in a course, with the book's own Python as the kernel."""
    environment = kernel_environment() | {
        "PATH": os.pathsep.join([str(NBGRADER), os.environ["PATH"]]),
        "JUPYTER_PATH": str(course / "jupyter"),
        "JUPYTER_CONFIG_DIR": str(course / "jupyter"),
    }
    done = subprocess.run(
        command, cwd=course, env=environment, capture_output=True, check=False, encoding="utf-8"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def hand_in(student: str, copy: Path, folder: Path) -> None:
    """Hand in a copy: as it is, with the solutions, or with a mistake that its check is made to overlook."""
    notebook = notebooks.read(copy)
    cells = {cell.id: cell for cell in notebook.cells}
    for task in TASKS.values() if student != "blank" else []:
        if task.name.startswith(copy.stem):
            for _, stub in task.cells["stub"]:
                cells[stub.id].source = task.source("solution")
            for _, answer in task.cells["solution"]:
                if task.name in WORDS:
                    cells[answer.id].source = answer.source
    if student == "mistaken" and MISTAKE.startswith(copy.stem):
        (_, stub), (_, check) = TASKS[MISTAKE].cells["stub"][0], TASKS[MISTAKE].cells["check"][0]
        cells[stub.id].source = check.metadata.dlbook.wrong[0]
        cells[check.id].source = "pass"
    notebooks.write(folder / copy.name, notebook)


def test_nbgrader_hands_out_what_the_student_edition_has(course: Path) -> None:
    for section in SECTIONS:
        ours = notebooks.read(course / "student" / section).cells
        theirs = notebooks.read(course / "release" / "week-1" / section.name).cells
        for our, their in zip(ours, theirs, strict=True):
            for added in ("checksum", "cell_type"):
                their.metadata.get("nbgrader", {}).pop(added, None)
            assert our.metadata == their.metadata, our.id
            if our.metadata.get("nbgrader"):  # elsewhere links differ
                assert our.source == their.source.rstrip("\n")


def test_a_blank_copy_gets_nothing(grades: Grades) -> None:
    assert grades["blank"] == {name: [0, task.stars, False] for name, task in TASKS.items()}


def test_a_blank_copy_runs_to_its_end(course: Path, grades: Grades) -> None:
    for section in SECTIONS:
        ran = notebooks.read(course / "autograded" / "blank" / "week-1" / section.name)
        code = [cell for cell in ran.cells if cell.cell_type == "code"]
        assert all(cell.execution_count for cell in code)
        raised = [cell for cell in code if any(output.output_type == "error" for output in cell.outputs)]
        checks = [cell for cell in code if cell.metadata.get("nbgrader", {}).get("grade")]
        assert [cell.id for cell in raised] == [cell.id for cell in checks]


def test_the_solutions_get_every_point(grades: Grades) -> None:
    """What is answered in words waits for a person."""
    assert grades["right"] == {
        name: [None, task.stars, True] if name in WORDS else [task.stars, task.stars, False]
        for name, task in TASKS.items()
    }


def test_a_wrong_answer_loses_its_points(grades: Grades) -> None:
    """Its check was changed by the student; grading puts the book's back."""
    assert grades["mistaken"] == grades["right"] | {MISTAKE: [0, TASKS[MISTAKE].stars, False]}
