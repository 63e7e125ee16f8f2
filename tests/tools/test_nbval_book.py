"""The plugin that runs the book again, seen to catch what it must and to pass what it may."""

import os
import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_output
from running import code, printed, pytest_on

from tools import nbval_book
from tools.nbval_book import differences


def shown(**data: str) -> list[NotebookNode]:
    return [new_output("display_data", {mime.replace("_", "/"): content for mime, content in data.items()})]


STORED = "epoch 1: loss 0.500\nepoch 2: loss 0.250\n"


@pytest.mark.parametrize(
    "fresh",
    [
        STORED,
        "epoch 1: loss 0.505\nepoch 2: loss 0.2525\n",  # 1 %
        "epoch 1:  loss 0.5\nepoch 2:  loss 0.25\n",  # another width
    ],
)
def test_what_is_the_same_within_the_tolerance_passes(fresh: str) -> None:
    assert differences(printed(STORED), printed(fresh), 0.02) == []


@pytest.mark.parametrize(
    ("fresh", "reason"),
    [
        (
            "epoch 1: loss 0.525\nepoch 2: loss 0.250\n",
            "line 1: 0.500 became 0.525, off by 4.8% where 2.0% is allowed",
        ),
        ("epoch 1: loss -0.500\nepoch 2: loss 0.250\n", "0.500 became -0.500"),
        ("epoch 1: cost 0.500\nepoch 2: loss 0.250\n", "line 1: the words differ"),
        ("epoch 1: loss nan\nepoch 2: loss 0.250\n", "line 1: the words differ"),
        ("epoch 1: loss 0.500\n", "stored 2 lines, came 1"),
        (f"{STORED}done\n", "stored 2 lines, came 3"),
        ("", "stored 2 lines, came 0"),
    ],
)
def test_what_is_not_the_same_is_caught(fresh: str, reason: str) -> None:
    (difference,) = differences(printed(STORED), printed(fresh), 0.02)
    assert difference.startswith("stdout, ")
    assert reason in difference


def test_the_exact_text_is_asked_for_by_no_tolerance() -> None:
    assert differences(printed("(3, 4)"), printed("(3, 4)"), 0) == []
    (difference,) = differences(printed("loss 0.500"), printed("loss 0.501"), 0)
    assert "the text is not the same" in difference
    assert "stored 'loss 0.500'" in difference
    assert "came   'loss 0.501'" in difference


def test_around_zero_what_rounding_leaves_is_equal() -> None:
    assert differences(printed("gap 3e-17"), printed("gap -8.1e-09"), 0.02) == []
    assert differences(printed("gap 0"), printed("gap 2e-06"), 0.02)
    assert differences(printed("gap 0.00"), printed("gap 0.01"), 0.02)


def test_digits_in_names_are_words() -> None:
    assert differences(printed("torch.float32"), printed("torch.float33"), 0.5)


def test_addresses_and_views_of_widgets_are_chance() -> None:
    assert differences(printed("<f>"), printed("<f at 0x7fab>"), 0) == []
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/html": "<b>1</b>"}
    assert differences(shown(text_html="<b>1</b>"), [new_output("display_data", view)], 0.02) == []


def test_of_pictures_only_the_presence_is_compared() -> None:
    assert differences(shown(image_png="abcd"), shown(image_png="efgh"), 0.02) == []
    (difference, *_) = differences(shown(image_png="abcd"), [], 0.02)
    assert difference == "stored image/png; came nothing"
    assert differences([], shown(image_png="abcd"), 0.02)
    assert differences(printed("x"), shown(text_plain="x"), 0.02)


def slider(picture: str, label: str = "rate", alt: str = "A line at 0.5") -> list[NotebookNode]:
    html = f'<label>{label} <input></label><img alt="{alt}" src="data:image/png;base64,{picture * 100}">'
    return shown(text_html=f'<div class="dl-explore">{html}</div>', text_plain="explore")


def test_of_an_interactive_figure_the_words_are_compared() -> None:
    assert differences(slider("abcd"), slider("efgh"), 0.02) == []
    assert differences(slider("abcd"), slider("abcd", label="step"), 0.02)
    assert differences(slider("abcd"), slider("abcd", alt="A line at 0.6"), 0.02)


def exercise(n: int, check: str, wrong: str, solution: str) -> list[NotebookNode]:
    """An exercise that asks for a function `double`."""
    parts = {
        "stub": "def double(x):\n    raise NotImplementedError",
        "check": f'with dl.attempt("nb-{n}"):\n    {check}',
        "solution": solution,
    }
    marks = {role: {"exercise": f"nb-{n}", "role": role} for role in parts}
    marks["check"]["wrong"] = [wrong]
    stored = {"check": f"nb-{n}: not attempted\n"}
    return [
        code(f"{role}-{n}", source, stored.get(role, ""), dlbook=marks[role])
        for role, source in parts.items()
    ]


def test_cells_run_again_are_compared(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("from tools import nbval_book\nnbval_book.CPU_SECONDS_LIMIT = 0\n")
    outcomes, report = pytest_on(
        tmp_path,
        [
            code("same", "print('loss', 0.5)", "loss 0.5\n"),
            code("word", "print('cost', 0.5)", "loss 0.5\n"),
            code("five", "print(0.525)", "0.500\n"),
            code("one", "print(0.505)", "0.500\n"),
            code("wide", "print(0.525)", "0.500\n", dlbook={"tolerance": 0.1}),
            code("exact", "print(0.505)", "0.500\n", tags=["nbval-check-output"]),
            code("timing", "print('12 s')", "15 s\n", tags=["nbval-ignore-output"]),
            code("lost", "print(1)", "1\n2\n"),
            code("added", "print(1, 2, sep='\\n')", "1\n"),
            code("silent", "1 + 1;"),
            code("failing", "raise ValueError('boo')"),
            code("thread", "import os\nprint(os.environ['OMP_NUM_THREADS'])", "1\n"),
        ],
    )
    assert outcomes["PASSED"] == {"same", "one", "wide", "timing", "silent", "thread"}
    assert outcomes["FAILED"] == {"word", "five", "exact", "lost", "added", "failing", "CPU time"}
    assert "expected at most 0 CPU seconds, got" in report
    assert "Cell 2: Cell outputs differ" in report
    assert "stored 'loss 0.5'" in report
    assert re.search(r"CPU seconds.*\n+ +\d+\.\d  .*nb\.ipynb\n", report)


def test_a_notebook_is_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chapter, home = tmp_path / "chapter", tmp_path / "home"
    for folder in (chapter, home / ".cache"):
        folder.mkdir(parents=True)
        (folder / "table.csv").touch()
        (folder.parent / "table.csv").touch()
    for name in ("HOME", "PYTHONPATH", "DLBOOK_DATA", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(home))
    outcomes, _ = pytest_on(
        chapter,
        [
            code("alone", "import os, sys\nprint(os.listdir())", "['nb.ipynb']\n"),
            code("path", f"print({str(home)!r} in [*sys.path, *os.environ.values()])", "False\n"),
            code("beside", "open('table.csv').close()"),
            code("above", "open('../table.csv').close()"),
            code("cached", "open(os.path.expanduser('~/.cache/table.csv')).close()"),
            code("writes", "open('model.pt', 'w').close()"),
        ],
    )
    assert outcomes["PASSED"] == {"alone", "path", "writes", "CPU time"}
    assert outcomes["FAILED"] == {"beside", "above", "cached"}
    assert not (chapter / "model.pt").exists()


@pytest.fixture
def machine() -> Iterator[NotebookNode]:
    """A cell that reaches this very machine, if it is on its network."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield code("machine", f"import socket\nsocket.create_connection({server.getsockname()}).close()")


def test_the_network_is_cut(tmp_path: Path, machine: NotebookNode) -> None:
    if nbval_book.why_online() and "DLBOOK_REQUIRE_OFFLINE" not in os.environ:
        pytest.skip(f"this system keeps notebooks on the network: {nbval_book.why_online()}")
    outcomes, report = pytest_on(
        tmp_path,
        [
            machine,
            code("address", "socket.create_connection(('192.0.2.1', 80)).close()"),
            code("name", "socket.create_connection(('example.org', 80)).close()"),
            code("own", "own = socket.create_server(('127.0.0.1', 0))"),
            code("loopback", "socket.create_connection(own.getsockname()).close()"),
        ],
    )
    assert f"notebooks: each alone in a folder, off the network, by {sys.executable}\n" in report
    assert outcomes["FAILED"] == {"machine", "address", "name"}
    assert outcomes["PASSED"] == {"own", "loopback", "CPU time"}


def test_where_the_network_cannot_be_cut_one_line_says_so(
    tmp_path: Path, machine: NotebookNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "conftest.py").write_text("from tools import nbval_book\nnbval_book.OFFLINE = ['no-such']\n")
    monkeypatch.delenv("DLBOOK_REQUIRE_OFFLINE", raising=False)
    outcomes, report = pytest_on(tmp_path, [machine])
    assert "alone in a folder, on the network (there is no no-such command), by " in report
    assert outcomes["PASSED"] == {"machine", "CPU time"}

    monkeypatch.setenv("DLBOOK_REQUIRE_OFFLINE", "1")
    outcomes, report = pytest_on(tmp_path, [machine])
    assert "this system does not allow it (there is no no-such command): allow user namespaces" in report
    assert outcomes == {"PASSED": set(), "FAILED": set()}


def test_a_python_that_is_not_there_is_named(tmp_path: Path) -> None:
    outcomes, report = pytest_on(tmp_path, [code("one", "1")], f"--reader-python={tmp_path}/python")
    assert f"expected --reader-python to name a Python, got {tmp_path}/python: leave it away" in report
    assert outcomes == {"PASSED": set(), "FAILED": set()}


def test_why_the_network_cannot_be_cut_is_what_the_system_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nbval_book, "OFFLINE", ["sh", "-c", "echo 'Operation not permitted' >&2; exit 1"])
    assert nbval_book.why_online.__wrapped__() == "Operation not permitted"
    monkeypatch.setattr(nbval_book, "OFFLINE", ["false"])
    assert nbval_book.why_online.__wrapped__() == "false failed"
    monkeypatch.setattr(nbval_book, "OFFLINE", ["sh", "-c", "true"])
    assert nbval_book.why_online.__wrapped__() == ""


def test_claims_gradients_and_exercises_are_held(tmp_path: Path) -> None:
    right = "def double(x):\n    return 2 * x"
    square = "def double(x):\n    return x**2"
    good = "assert [double(x) for x in (0, 2, 3)] == [0, 4, 6], 'no double'"
    outcomes, report = pytest_on(
        tmp_path,
        [
            code("import", "import dlbook_utils as dl"),
            code("claim", "dl.claim('It learns', [0.9, 0.4], at_least=0.8)"),
            code("gradient", "dl.gradients(lambda w: (w**2).sum(), lambda w: -2 * w, at=[1.0, 2.0])"),
            *exercise(1, good, square, right),
            *exercise(2, "double(1)", square, right),
            *exercise(3, "assert double(0) == 0 and double(2) == 4, 'no'", square, right),
            *exercise(4, good, square, square),
            *exercise(5, "assert double(1) == 1, 'no'", square, right),
            *exercise(6, f"{good}; import warnings; warnings.warn('hm')", square, right),
        ],
        "-n",
        "1",
        "--dist",
        "loadfile",
    )
    assert outcomes["PASSED"] >= {"import", "CPU time", "nb-1"}
    assert outcomes["FAILED"] == {"claim", "gradient", "nb-2", "nb-3", "nb-4", "nb-5", "nb-6"}
    assert (
        "exercise nb-2: expected the check to say 'wrong, because ' of answers that are always 0.0" in report
    )
    assert "exercise nb-3: expected the check to say 'wrong, because ' of the wrong answer" in report
    assert "exercise nb-4: expected the check to say 'right' of the solution" in report
    assert (
        "exercise nb-5: expected the check to say 'wrong, because ' of answers that are always 1.0" in report
    )
    assert "exercise nb-6: expected the check to say 'right' of the solution; it said" in report
    assert re.search(r"CPU seconds.*\n+ +\d+\.\d  .*nb\.ipynb\n", report)


def test_a_value_is_tried_with_a_number_that_answers_nothing() -> None:
    stub = "guess = ...\n\n\ndef double(x):\n    raise NotImplementedError"
    source = nbval_book._constants(stub, 1.0)
    names: dict[str, object] = {}
    exec(source, names)
    assert names["guess"] == nbval_book.NO_ANSWER
    assert names["double"](3, at=4) == 1.0
