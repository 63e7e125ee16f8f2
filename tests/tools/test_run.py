"""Running a notebook, for good."""

import sys
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools import notebooks, run

FIGURE = """\
import matplotlib.pyplot as plt
plt.plot([1, 2, 3]);"""
EXPLORE = """\
import dlbook_utils as dl
dl.explore(lambda fig, k: fig.subplots().plot([0, k]), alt="A line", k=[1, 2])"""
MACHINE = """\
import os, pathlib, sys
print(object(), {"a", "b", "c"})
print(os.environ["OMP_NUM_THREADS"], pathlib.Path.cwd().name, sys.executable)"""


def store(path: Path, *sources: str, **metadata: object) -> Path:
    cells = [new_markdown_cell("# T", id="title")]
    cells += [new_code_cell(source, id=f"code-{i}", metadata=metadata) for i, source in enumerate(sources)]
    notebooks.write(path, new_notebook(cells=cells))
    return path


def test_running_twice_gives_the_same_bytes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = store(tmp_path / "nb.ipynb", FIGURE, EXPLORE, MACHINE, "1 / 0", tags=["raises-exception"])
    assert run.main([str(path)]) == 0
    first = path.read_bytes()
    assert run.main([str(path)]) == 0
    assert path.read_bytes() == first
    assert f"{path}: " in (printed := capsys.readouterr().out)
    assert "CPU seconds" in printed

    notebook = notebooks.read(path)
    assert notebooks.is_stamped(notebook)
    assert notebooks.serialise(notebooks.normalise(notebook)).encode() == first
    figure, explore, machine, failing = notebook.cells[1:]
    assert [cell.execution_count for cell in notebook.cells[1:]] == [1, 2, 3, 4]
    assert "plt.plot([1, 2, 3])\n" not in figure.source
    assert "image/png" in figure.outputs[0].data
    assert "dl-explore" in explore.outputs[0].data["text/html"]
    assert set(explore.outputs[0].data) == {"text/html", "text/plain"}
    (printed,) = machine.outputs
    assert printed.text.startswith("<object object> {")
    assert printed.text.split("\n")[1] == f"1 {tmp_path.name} {sys.executable}"
    assert failing.outputs[0].traceback == ["ZeroDivisionError: division by zero"]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("x=1 / 0", "cell 2 (code-0) raised ZeroDivisionError: division by zero; nothing is written"),
        ("import os; os._exit(1)", "cell 2 (code-0) took the kernel down; nothing is written"),
        ("x = (", "cell 2 (code-0) is not Python"),
    ],
)
def test_a_cell_that_fails_leaves_the_file_as_it_was(
    source: str, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = store(tmp_path / "nb.ipynb", source, "print('never reached')")
    before = path.read_bytes()
    assert run.main([str(path)]) == 1
    assert f"{path}: {reason}" in capsys.readouterr().err
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_time_is_limited(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = store(tmp_path / "nb.ipynb", "x=1")
    before = path.read_bytes()
    monkeypatch.setattr(run, "CPU_SECONDS_LIMIT", 0)
    assert run.main([str(path)]) == 1
    assert "expected at most 0 CPU seconds, got" in capsys.readouterr().err
    assert path.read_bytes() == before
    monkeypatch.undo()
    monkeypatch.setattr(run, "CPU_SECONDS_GOAL", 0)
    assert run.main([str(path)]) == 0
    assert "over the goal of 0" in capsys.readouterr().out


def test_a_cell_that_hangs_is_stopped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "CELL_TIMEOUT", 1)
    path = store(tmp_path / "nb.ipynb", "while True:\n    pass")
    assert run.main([str(path)]) == 1
    assert "cell 2 (code-0) ran over 1 seconds" in capsys.readouterr().err


def test_a_grader_in_the_shell_does_not_reach_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLBOOK_GRADE", "1")
    assert "DLBOOK_GRADE" not in run.kernel_environment()


def test_a_readers_fonts_do_not_reach_the_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = tmp_path / "settings"
    settings.mkdir()
    (settings / "matplotlibrc").write_text("font.family: Nowhere")
    monkeypatch.setenv("MPLCONFIGDIR", str(settings))
    path = store(tmp_path / "nb.ipynb", "import matplotlib.pyplot as plt\nplt.loglog([1, 10], [1, 1e5]);")
    run.run(path)
    assert [output.output_type for output in notebooks.read(path).cells[1].outputs] == ["display_data"]


def test_a_missing_notebook_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main([str(tmp_path / "nb.ipynb")]) == 1
    assert "nb.ipynb: expected a notebook, got No such file" in capsys.readouterr().err
