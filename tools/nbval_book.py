"""Run notebooks again and compare: ``python -m pytest --nbval -p tools.nbval_book chapters``.

A pytest plugin on top of nbval. It runs each notebook as a reader may, alone: a copy in an empty folder, with
a home folder that is empty too and no way into the network, by the Python that ``--reader-python`` names.
It puts the book's comparison in the place of nbval's exact one, runs every check of an exercise on answers
that must fail and on the one that must pass, and measures time.

In each stored text the words must come again, and each number within 2 %, or within the fraction that the
cell's metadata names as ``dlbook.tolerance``. Around zero no relative tolerance holds: two numbers that are
both smaller than a millionth count as equal, for they are what rounding leaves of 0. What a number stands
between may move with its width, so runs of blanks count as one. The tag ``nbval-check-output`` asks for the
exact text, ``nbval-ignore-output`` for nothing. Of a picture only its presence is compared.
"""

import copy
import difflib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ipykernel.kernelspec import make_ipkernel_cmd
from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpecManager
from jupyter_client.manager import KernelManager
from nbformat import NotebookNode
from nbval.kernel import RunningKernel
from nbval.plugin import IPyNbCell, IPyNbFile

from tools.exercises import Exercise, exercises, open_names
from tools.notebooks import settle, tags
from tools.numbers import NUMBER, value
from tools.run import CPU_SECONDS_GOAL, CPU_SECONDS_LIMIT, cpu_seconds, kernel_environment

TOLERANCE = 0.02
ZERO = 1e-6
CONSTANTS = (0.0, 1.0)  # what a function that computes nothing may return
NO_ANSWER = 0.123456789  # the right answer to no question

# Runs the command that follows it with no network but a loopback of its own; on Linux, as any user.
OFFLINE = ["unshare", "--user", "--map-root-user", "--net", "sh", "-c", 'ip link set lo up && exec "$0" "$@"']
# Variables that would lead a notebook to folders of the author's.
AUTHORS_FOLDERS = {
    *("DLBOOK_DATA", "IPYTHONDIR", "PYTHONPATH", "VIRTUAL_ENV"),
    *("XDG_CACHE_HOME", "XDG_CONFIG_HOME"),
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that names the Python whose kernel runs the notebooks."""
    parser.getgroup("nbval").addoption(
        "--reader-python",
        default=sys.executable,
        type=os.path.abspath,
        metavar="PYTHON",
        help="the Python that runs the notebooks (default: the one that runs pytest)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuse a Python that is not there, and the network where ``DLBOOK_REQUIRE_OFFLINE`` says so."""
    python = config.option.reader_python
    if not os.access(python, os.X_OK):
        raise pytest.UsageError(
            f"expected --reader-python to name a Python, got {python}: "
            "leave it away, or make a reader's with python -m tools.reader FOLDER"
        )
    if why_online() and "DLBOOK_REQUIRE_OFFLINE" in os.environ:
        raise pytest.UsageError(
            "expected to run the notebooks off the network, as DLBOOK_REQUIRE_OFFLINE asks, but this system "
            f"does not allow it ({why_online()}): allow user namespaces, or unset DLBOOK_REQUIRE_OFFLINE"
        )


def pytest_report_header(config: pytest.Config) -> str:
    """Say in what the notebooks run."""
    network = f"on the network ({why_online()})" if why_online() else "off the network"
    return f"notebooks: each alone in a folder, {network}, by {config.option.reader_python}"


@cache
def why_online() -> str:
    """Return why this system cannot cut a command off the network; nothing where it can."""
    try:
        done = subprocess.run([*OFFLINE, "true"], capture_output=True, check=False, encoding="utf-8")
    except FileNotFoundError:
        return f"there is no {OFFLINE[0]} command"
    return (done.stderr.strip() or f"{OFFLINE[0]} failed") if done.returncode else ""


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Put the book's collector in the place of nbval's."""
    collectors = yield
    return [
        BookFile.from_parent(parent, path=file_path) if isinstance(collector, IPyNbFile) else collector
        for collector in collectors
    ]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """List the notebooks' times, slowest first."""
    seconds = {
        report.nodeid.partition("::")[0]: dict(report.user_properties)["cpu_seconds"]
        for reports in terminalreporter.stats.values()
        for report in reports
        if "cpu_seconds" in dict(getattr(report, "user_properties", []))
    }
    if seconds:
        terminalreporter.section("CPU seconds")
    for name, time in sorted(seconds.items(), key=lambda row: -row[1]):
        remark = f"  over the goal of {CPU_SECONDS_GOAL}" if time > CPU_SECONDS_GOAL else ""
        terminalreporter.write_line(f"{time:7.1f}  {name}{remark}")


class BookKernel(RunningKernel):
    """A kernel like the one that `tools.run` executes in, for a copy of a notebook that is alone."""

    def __init__(self, notebook: Path, python: str, startup_timeout: float) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="notebook-", ignore_cleanup_errors=True)
        home, alone = (Path(self.folder.name, name) for name in ("home", "alone"))
        home.mkdir()
        alone.mkdir()
        shutil.copy(notebook, alone)
        self.km = KernelManager(
            kernel_name=NATIVE_KERNEL_NAME,
            kernel_spec_manager=KernelSpecManager(kernel_dirs=[]),
            connection_file=str(Path(self.folder.name, "kernel.json")),
            transport="ipc",  # through files, where there is no common network
        )
        assert self.km.kernel_spec is not None
        self.km.kernel_spec.argv = [*([] if why_online() else OFFLINE), *make_ipkernel_cmd(executable=python)]
        inherited = kernel_environment().items()
        self.km.start_kernel(
            cwd=str(alone),
            env={name: value for name, value in inherited if name not in AUTHORS_FOLDERS}
            | {"HOME": str(home), "PATH": f"{Path(python).parent}:{os.defpath}"},
            extra_arguments=["--HistoryManager.hist_file=:memory:"],
            stderr=subprocess.DEVNULL,
        )
        self.kc = self.km.client()
        self.kc.start_channels()
        self.kc.wait_for_ready(timeout=startup_timeout)
        self._ensure_iopub_up()

    def stop(self) -> None:
        """Stop the kernel and remove the folder that the notebook was alone in."""
        super().stop()
        self.folder.cleanup()

    def execute_cell_input(self, cell_input: str, allow_stdin: bool | None = None) -> str:
        """Execute a cell as a reader does: with its history, in which IPython sees a semicolon at the end."""
        return self.kc.execute(cell_input, allow_stdin=allow_stdin, stop_on_error=False)


class BookFile(IPyNbFile):
    """A notebook: its code cells, then its time, then its exercises, all in one kernel."""

    def setup(self) -> None:
        """Start the notebook's kernel."""
        options = self.config.option
        self.kernel = BookKernel(self.path, options.reader_python, options.nbval_kernel_startup_timeout)

    def collect(self) -> Iterator[pytest.Item]:
        """Yield the items in the order in which they must run."""
        items = list(super().collect())
        numbers = [n for n, cell in enumerate(self.nb.cells, start=1) if cell.cell_type == "code"]
        for number, item in zip(numbers, items, strict=True):
            name = f"cell {number} ({item.cell.id})"
            yield BookCell.from_parent(self, name=name, cell_num=number, cell=item.cell, options=item.options)
        yield CpuTime.from_parent(self, name="CPU time")
        for exercise in exercises(self.nb):
            if exercise.cells["check"]:
                yield ExerciseCheck.from_parent(self, name=exercise.name, exercise=exercise)

    def execute(self, source: str) -> tuple[str, str]:
        """Execute some code in the notebook's kernel; return what it printed and the error that it raised."""
        messages: list[dict[str, Any]] = []
        reply = self.kernel.kc.execute_interactive(
            source,
            store_history=False,
            allow_stdin=False,
            timeout=self.config.option.nbval_cell_timeout,
            output_hook=messages.append,
        )["content"]
        printed = "".join(m["content"]["text"] for m in messages if m["msg_type"] == "stream")
        return printed, f"{reply['ename']}: {reply['evalue']}" if reply["status"] == "error" else ""


class BookCell(IPyNbCell):
    """A code cell, whose outputs are compared as the book compares them."""

    def compare_outputs(self, test: Any, ref: Any, skip_compare: Any = None) -> bool:
        """Compare what came with what is stored; nbval reports the differences that are left behind."""
        exact = "nbval-check-output" in tags(self.cell)
        tolerance = 0 if exact else self.cell.metadata.get("dlbook", {}).get("tolerance", TOLERANCE)
        self.comparison_traceback = differences(ref, test, tolerance)
        return not self.comparison_traceback


class CpuTime(pytest.Item):
    """The time that a notebook's cells took together, solutions and figures included."""

    parent: BookFile

    def runtest(self) -> None:
        """Measure, and fail over the limit."""
        seconds = cpu_seconds(self.parent.kernel.km)
        self.user_properties.append(("cpu_seconds", seconds))
        if seconds > CPU_SECONDS_LIMIT:
            pytest.fail(
                f"expected at most {CPU_SECONDS_LIMIT} CPU seconds, got {seconds:.1f}; "
                "train less, on less, or split the section",
                pytrace=False,
            )


class ExerciseCheck(pytest.Item):
    """The check of one exercise, tried on answers of which it must know what they are worth."""

    parent: BookFile

    def __init__(self, *, exercise: Exercise, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.exercise = exercise

    def runtest(self) -> None:
        """Try the stub, constants, the solution, and the solution with each wrong answer in its place."""
        stub, solution = self.exercise.source("stub"), self.exercise.source("solution")
        names = sorted(set().union(*open_names(stub)))
        self.expect("not attempted", "the stub", stub)
        for constant in CONSTANTS:
            self.expect("wrong, because ", f"answers that are always {constant}", _constants(stub, constant))
        self.expect("right", "the solution", solution)
        self.define("the solution", f"_right = {{{', '.join(f'{name!r}: {name}' for name in names)}}}")
        for _, check in self.exercise.cells["check"]:
            for wrong in check.metadata.dlbook.get("wrong", []):
                self.expect("wrong, because ", "the wrong answer", wrong)
                self.define("the solution", "globals().update(_right)")

    def expect(self, verdict: str, answer: str, source: str) -> None:
        """Give an answer and hold the check to its verdict."""
        self.define(answer, source)
        printed, error = self.parent.execute(self.exercise.source("check"))
        lines = printed.splitlines()
        if verdict != "right":  # which stands alone: nobody is warned of a right answer
            lines = [line for line in lines if line.startswith(f"{self.name}: ")]
        if error or len(lines) != 1 or not lines[0].startswith(f"{self.name}: {verdict}"):
            came = f"raised {error}" if error else f"said {printed.strip()!r}"
            self.refuse(f"expected the check to say {verdict!r} of {answer}; it {came}", source)

    def define(self, answer: str, source: str) -> None:
        """Execute an answer."""
        _, error = self.parent.execute(source)
        if error:
            self.refuse(f"expected {answer} to run; it raised {error}", source)

    def refuse(self, reason: str, source: str) -> None:
        """Fail with the answer in question."""
        pytest.fail(f"exercise {self.name}: {reason}\n\n{source}", pytrace=False)


def differences(stored: list[NotebookNode], fresh: list[NotebookNode], tolerance: float) -> list[str]:
    """Return in what the outputs of a cell differ, a message each; none where they agree."""
    expected, came = list(_parts(stored)), list(_parts(fresh))
    if [kind for kind, _ in expected] != [kind for kind, _ in came]:
        kinds = [", ".join(kind for kind, _ in parts) or "nothing" for parts in (expected, came)]
        texts = [text for parts in (expected, came) for _, text in parts]
        return [f"stored {kinds[0]}; came {kinds[1]}", *texts]
    return [
        f"{kind}, {difference}"
        for (kind, ours), (_, theirs) in zip(expected, came, strict=True)
        for difference in _text_differences(ours, theirs, tolerance)
    ]


def _parts(outputs: list[NotebookNode]) -> Iterator[tuple[str, str]]:
    """Yield each comparable part of some outputs with its kind; pictures with no text."""
    for output in copy.deepcopy(outputs):
        settle(output)
        if output.output_type == "stream":
            yield output.name, output.text
        elif output.output_type == "error":
            yield "error", f"{output.ename}: {output.evalue}"
        else:
            for mime, content in sorted(output.data.items()):
                if mime.startswith("image/") and mime != "image/svg+xml":
                    yield mime, ""
                elif mime in ("text/html", "image/svg+xml"):
                    # A tag a line, so that a difference can be seen; embedded pictures are not compared.
                    yield mime, re.sub(r"[A-Za-z0-9+/=]{200,}", "...", content).replace(">", ">\n")
                else:
                    yield mime, content if isinstance(content, str) else json.dumps(content, sort_keys=True)


def _text_differences(stored: str, fresh: str, tolerance: float) -> Iterator[str]:
    """Yield in what two texts differ."""
    ours, theirs = stored.splitlines(), fresh.splitlines()
    if len(ours) != len(theirs):
        yield f"stored {len(ours)} lines, came {len(theirs)}:\n" + "\n".join(difflib.ndiff(ours, theirs))
        return
    for number, (line, other) in enumerate(zip(ours, theirs, strict=True), start=1):
        reason = _line_difference(line, other, tolerance)
        if reason:
            yield f"line {number}: {reason}\n  stored {line!r}\n  came   {other!r}"


def _line_difference(stored: str, fresh: str, tolerance: float) -> str:
    """Return why two lines differ, or nothing where they agree."""
    if stored == fresh:
        return ""
    if tolerance == 0:
        return "the text is not the same"
    words = [[" ".join(part.split()) for part in NUMBER.split(line)] for line in (stored, fresh)]
    if words[0] != words[1]:
        return "the words differ"
    for ours, theirs in zip(NUMBER.findall(stored), NUMBER.findall(fresh), strict=True):
        size = max(abs(value(ours)), abs(value(theirs)))
        gap = abs(value(ours) - value(theirs))
        if size > ZERO and gap > tolerance * size:
            return f"{ours} became {theirs}, off by {gap / size:.1%} where {tolerance:.1%} is allowed"
    return ""


def _constants(stub: str, constant: float) -> str:
    """Return code that puts a constant in the place of everything that a stub leaves open."""
    callables, values = open_names(stub)
    functions = [f"def {name}(*args, **kwargs):\n    return {constant}" for name in sorted(callables)]
    return "\n".join(functions + [f"{name} = {NO_ANSWER}" for name in sorted(values)])
