"""tools/step.py: what a step prints, and the one line in which it ends when the machine is to blame."""

import ast
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import step

STEP = Path(step.__file__)
PYTHON = sys.executable

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run tools/step.py in an empty folder."""

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [PYTHON, str(STEP), *arguments], cwd=tmp_path, capture_output=True, encoding="utf-8", check=False
        )

    return run


def test_a_step_says_what_it_does_and_how_long_it_took(run: Run) -> None:
    result = run("Counting", "--", PYTHON, "-c", "print('one two three')")
    assert result.returncode == 0
    title, output, took = result.stdout.splitlines()
    assert (title, output) == ("==> Counting", "one two three")
    assert re.fullmatch(r"    done in \d\.\d s", took)


def test_a_quiet_step_keeps_its_output_in_a_log(run: Run, tmp_path: Path) -> None:
    result = run("--quiet", "Counting aloud", "--", PYTHON, "-c", "print('one two three')")
    assert "two" not in result.stdout
    assert (tmp_path / "_build/log/counting-aloud.log").read_text() == "one two three\n"


def test_a_failing_step_hands_on_its_exit_code_and_its_hint(run: Run) -> None:
    result = run("--hint", "count again", "Counting", "--", PYTHON, "-c", "raise SystemExit(3)")
    assert result.returncode == 3
    assert re.fullmatch(r"    failed after \d\.\d s: count again\n", result.stderr)


def test_a_quiet_step_that_fails_for_an_unknown_reason_shows_its_log(run: Run) -> None:
    result = run("--quiet", "Counting", "--", PYTHON, "-c", "raise SystemExit('lost count')")
    assert result.returncode == 1
    assert "lost count" in result.stdout


def test_a_command_that_is_not_there_is_named(run: Run) -> None:
    result = run("Counting", "--", "no-such-command")
    assert result.returncode == 1
    assert "there is no command no-such-command: remove .venv" in result.stderr


def test_a_step_that_is_stopped_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(command: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess, "call", stopped)
    assert step.run("Serving", ["serve"], quiet=False, hint=None) == 130
    assert re.fullmatch(r"==> Serving\n\n    stopped after \d\.\d s\n", capsys.readouterr().out)


def ends_in_one_line(result: "subprocess.CompletedProcess[str]") -> str:
    """Check that a step failed and that nothing but its title and one line was printed; return that line."""
    assert result.returncode != 0
    assert len(result.stdout.splitlines()) == 1, result.stdout
    (line,) = result.stderr.splitlines()
    return line


@pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="this system has no /dev/full, a disk that is full"
)
def test_a_full_disk_ends_in_one_line(run: Run, tmp_path: Path) -> None:
    write = "import sys; print('x', file=open('/dev/full', 'w'), flush=True)"
    assert "the disk is full: free some space" in ends_in_one_line(
        run("--quiet", "Filling", "--", PYTHON, "-c", write)
    )

    (tmp_path / "_build/log/logging.log").symlink_to("/dev/full")
    assert "the disk is full: free some space" in ends_in_one_line(
        run("--quiet", "Logging", "--", PYTHON, "-c", "print('x' * 10**6)")
    )


def test_a_missing_network_ends_in_one_line(run: Run) -> None:
    nobody = "http://127.0.0.1:9/"
    pip = [PYTHON, "-m", "pip", "--isolated", "install", "--retries", "1", "--index-url", nobody]
    assert "the network does not answer: check the connection" in ends_in_one_line(
        run("--quiet", "Installing", "--", *pip, "no-such-package-anywhere")
    )


@pytest.mark.parametrize(
    ("ending", "reason"),
    [
        ("ERROR: Could not install packages: [Errno 28] No space left on device", "the disk is full"),
        ("npm error code ENOSPC", "the disk is full"),
        ("npm error code EAI_AGAIN", "the network does not answer"),
        ("The virtual environment was not created because ensurepip is not available.", "python3-venv"),
    ],
)
def test_the_known_reasons(ending: str, reason: str) -> None:
    assert reason in (step.explain(f"so far so good\n{ending}\n") or "")


def test_a_trouble_that_passed_is_no_reason() -> None:
    assert step.explain("NewConnectionError, retrying\n" + "went well\n" * 100 + "another error\n") is None


def test_an_old_python_ends_in_one_line() -> None:
    pretend = f"import runpy, sys; sys.version_info = (3, 6, 15); runpy.run_path({str(STEP)!r})"
    result = subprocess.run([PYTHON, "-c", pretend], capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("Python >= 3.11 is needed, found 3.6 (")
    assert "PYTHON=python3.12" in line


def test_an_old_python_can_parse_it() -> None:
    ast.parse(STEP.read_text(encoding="utf-8"), feature_version=(3, 6))


def test_durations_read_as_a_person_says_them() -> None:
    assert [step.duration(seconds) for seconds in (0.04, 9.94, 41.2, 200.4)] == [
        "0.0 s",
        "9.9 s",
        "41 s",
        "3 min 20 s",
    ]
