"""The Makefile: its help, its one-line refusals, and when it installs."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TARGETS = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)

Make = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Run make in a folder with the Makefile, its sources, and a .venv that looks finished."""
    for name in (
        "Makefile",
        "tools/step.py",
        "requirements.txt",
        "pyproject.toml",
        "package.json",
        "package-lock.json",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "pip").touch()
    (tmp_path / ".venv" / "ready").touch()
    (tmp_path / ".venv" / "nbgrader").mkdir()
    (tmp_path / ".venv" / "nbgrader" / "ready").touch()

    def make(*arguments: str) -> "subprocess.CompletedProcess[str]":
        # A make above this one must not pass its own settings on.
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))
        }
        return subprocess.run(
            ["make", "--no-print-directory", *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    return make


def test_plain_make_lists_every_target(make: Make) -> None:
    listed = re.findall(r"^make (\w+)  +\S", make().stdout, re.MULTILINE)
    assert listed == [target for target in TARGETS if target != "help"]


@pytest.mark.parametrize(
    ("target", "example"),
    [("run", "NB=chapters/01-basics/gradient-descent.ipynb"), ("new", "SECTION=01-basics/my-section")],
)
def test_a_missing_argument_is_asked_for_in_one_line(make: Make, target: str, example: str) -> None:
    result = make(target)
    assert result.returncode != 0
    assert result.stderr.splitlines()[0] == f"Say which one: make {target} {example}"
    assert "Installing" not in result.stdout


@pytest.mark.parametrize("target", [target for target in TARGETS if target not in ("help", "run", "new")])
def test_every_target_goes_through_a_step(make: Make, target: str) -> None:
    planned = make("--dry-run", target)
    assert planned.returncode == 0, planned.stderr
    assert "tools/step.py" in planned.stdout
    assert "pip install" not in planned.stdout


def test_a_part_of_the_benchmarks_can_be_measured_alone(make: Make) -> None:
    assert "python -m benchmarks notebooks\n" in make("--dry-run", "bench", "PARTS=notebooks").stdout


@pytest.mark.parametrize(
    "source", ["requirements.txt", "pyproject.toml", "package.json", "package-lock.json"]
)
def test_a_changed_source_installs_anew(make: Make, tmp_path: Path, source: str) -> None:
    later = (tmp_path / ".venv" / "ready").stat().st_mtime + 10
    os.utime(tmp_path / source, (later, later))
    assert "pip install --requirement requirements.txt" in make("--dry-run", "book").stdout


def test_a_fresh_machine_makes_the_environment_first(make: Make, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / ".venv")
    planned = make("--dry-run", "book").stdout
    steps = [
        "-m venv .venv",
        "pip install --requirement",
        "pip install --no-deps --editable",
        "npm ci",
        "jupyter-book",
    ]
    places = [planned.find(step) for step in steps]
    assert places == sorted(places)
    assert -1 not in places


def test_the_tests_run_fast_ones_first(make: Make) -> None:
    planned = make("--dry-run", "test").stdout
    stages = [
        "ruff check",
        "ruff format",
        "mypy",
        "codespell",
        "tests/package tests/tools",
        "tools.check",
        "--nbval",
        "jupyter-book build . -W -n --keep-going",
        "tools.slides",
        "tests/site",
    ]
    places = [planned.find(stage) for stage in stages]
    assert places == sorted(places)
    assert -1 not in places


@pytest.mark.parametrize("source", ["dlbook_utils/training.py", "data/table.csv", ".venv/ready"])
def test_a_changed_package_makes_the_readers_environment_anew(
    make: Make, tmp_path: Path, source: str
) -> None:
    for name in (source, "_build/reader/ready"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert "tools.reader" not in make("--dry-run", "notebooks").stdout
    later = (tmp_path / "_build" / "reader" / "ready").stat().st_mtime + 10
    os.utime(tmp_path / source, (later, later))
    assert "python -m tools.reader _build/reader" in make("--dry-run", "notebooks").stdout


def test_the_notebooks_run_in_the_readers_environment_or_in_what_is_there(make: Make) -> None:
    planned = make("--dry-run", "notebooks").stdout
    assert planned.index("tools.reader") < planned.index("--reader-python=_build/reader/bin/python")
    assert planned.endswith(" chapters\n")
    planned = make("--dry-run", "notebooks", "READY=", "NB=chapters/x.ipynb").stdout
    assert "reader" not in planned
    assert planned.endswith(" chapters/x.ipynb\n")


def test_the_demos_are_served_where_the_step_says(make: Make) -> None:
    built, served = make("--dry-run", "demos", "PORT=8001").stdout.replace("\\\n", "").splitlines()
    assert built.endswith("python -m tools.demos")
    assert "at http://127.0.0.1:8001/demos/" in served
    assert served.endswith("--bind 127.0.0.1 --directory _build 8001")


def test_nbgrader_is_installed_for_the_tests_that_grade(make: Make, tmp_path: Path) -> None:
    assert "install nbgrader" not in make("--dry-run", "unit").stdout
    (tmp_path / ".venv" / "nbgrader" / "ready").unlink()
    planned = make("--dry-run", "unit").stdout
    assert -1 < planned.find("install nbgrader==") < planned.find("tests/tools")
    assert "install nbgrader" not in make("--dry-run", "book").stdout


def test_the_zip_is_packed_last(make: Make) -> None:
    planned = make("--dry-run", "zip").stdout
    steps = ["jupyter-book build", "tools.slides", "tools.demos", "tools.zip"]
    places = [planned.find(step) for step in steps]
    assert places == sorted(places)
    assert -1 not in places


def test_an_old_python_stops_it_in_one_line(make: Make, tmp_path: Path) -> None:
    old = tmp_path / "old-python"
    pretend = "import runpy, sys; sys.version_info = (3, 8, 10); runpy.run_path(sys.argv[1])"
    old.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{pretend}" "$@"\n', encoding="utf-8")
    old.chmod(0o755)
    result = make("book", f"PYTHON={old}")
    assert result.returncode != 0
    assert result.stderr.startswith("Python >= 3.11 is needed, found 3.8 (")
    assert len([line for line in result.stderr.splitlines() if not line.startswith("make:")]) == 1


def test_a_python_that_is_new_enough_is_found_behind_an_old_one(make: Make, tmp_path: Path) -> None:
    (tmp_path / ".venv" / "bin" / "pip").unlink()
    old, new = tmp_path / "bin" / "python3", tmp_path / "bin" / "python3.13"
    old.parent.mkdir()
    for python, code in ((old, 1), (new, 0)):
        python.write_text(f"#!/bin/sh\nexit {code}\n", encoding="utf-8")
        python.chmod(0o755)
    searched = os.pathsep.join([str(old.parent), os.defpath])
    planned = subprocess.run(
        ["make", "--dry-run", ".venv/bin/pip"],
        cwd=tmp_path,
        env={"PATH": searched},
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout
    assert planned.startswith("python3.13 tools/step.py")


def test_the_unattended_run_installs_what_is_missing_and_hands_on_the_failure(tmp_path: Path) -> None:
    commands = {
        "apt-get": 'echo "apt-get $@"',
        "make": 'echo "make $@, $CI, $DLBOOK_REQUIRE_BROWSER$DLBOOK_REQUIRE_OFFLINE, stdin: $(cat)"; exit 7',
        "python3": "exit 0",
        "sudo": 'exec "$@"',
        "sysctl": 'echo "sysctl $@"',
        "unshare": "exit 1",
    }
    for name, script in commands.items():
        (tmp_path / name).write_text(f"#!/bin/bash\n{script}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    for name in ("bash", "cat", "dirname"):
        (tmp_path / name).symlink_to(shutil.which(name) or name)
    result = subprocess.run(
        ["bash", str(ROOT / ".ci" / "run")],
        env={"PATH": str(tmp_path)},
        input="nobody types this",
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert result.returncode == 7, result.stderr
    assert result.stdout.splitlines() == [
        "apt-get update",
        "apt-get install --yes --no-install-recommends iproute2 chromium",
        "sysctl --write kernel.apparmor_restrict_unprivileged_userns=0",
        "make test, true, 11, stdin: ",
    ]
