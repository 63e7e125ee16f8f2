"""The seconds that notebooks run: the table, who writes it, and that it is of today's code."""

import subprocess
import sys
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools import notebooks, run, times
from tools.times import note_time, notebook_name, read_times

ROOT = Path(__file__).parents[2]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """The root of a book with two notebooks and no times yet."""
    (tmp_path / "benchmarks").mkdir()
    for name in ("prerequisites", "01-basics/tiny"):
        path = tmp_path / "chapters" / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        notebooks.write(
            path, new_notebook(cells=[new_markdown_cell("# T", id="t"), new_code_cell("x = 1", id="x")])
        )
    return tmp_path


def measure(book: Path, name: str, seconds: float, **settings: bool) -> None:
    path = book / "chapters" / f"{name}.ipynb"
    note_time(path, notebooks.read(path), seconds, book, **settings)


def faults(root: Path) -> list[str]:
    """What in the table is missing, gone, or measured with other code than that which stands there."""
    stored = {name: row.code for name, row in read_times(root).items()}
    there = {
        notebook_name(path, root): notebooks.code_hash(notebooks.read(path))
        for path in notebooks.book_notebooks(root)
    }
    return [
        *(
            f"{name} is not measured: make run NB=chapters/{name}.ipynb"
            for name in there.keys() - stored.keys()
        ),
        *(f"{name} is gone; the next measurement drops its row" for name in stored.keys() - there.keys()),
        *(
            f"the time of {name} is of other code: make run NB=chapters/{name}.ipynb"
            for name in stored.keys() & there.keys()
            if stored[name] != there[name]
        ),
    ]


def test_every_notebook_is_measured_as_it_is() -> None:
    assert faults(ROOT) == []


def test_a_missing_a_gone_and_a_stale_row_are_seen(book: Path) -> None:
    measure(book, "prerequisites", 1)
    assert "01-basics/tiny is not measured" in faults(book)[0]
    measure(book, "01-basics/tiny", 1)
    assert faults(book) == []

    path = book / "chapters" / "prerequisites.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("x = 1", "x = 2"), encoding="utf-8")
    assert "prerequisites is of other code" in faults(book)[0]
    path.write_text(path.read_text(encoding="utf-8").replace("x = 2", "x = 1").replace("# T", "# Title"))
    assert faults(book) == []

    path.unlink()
    assert "prerequisites is gone" in faults(book)[0]
    measure(book, "01-basics/tiny", 2)
    assert faults(book) == []


def test_a_row_says_what_it_was_measured_with(book: Path) -> None:
    assert read_times(book) == {}
    measure(book, "prerequisites", 6.6543)
    measure(book, "01-basics/tiny", 12)
    table = (book / times.TABLE).read_text(encoding="utf-8").splitlines()
    assert table[0] == "notebook,seconds,code,torch,processor"
    assert [line.split(",")[0] for line in table[1:]] == ["01-basics/tiny", "prerequisites"]
    row = read_times(book)["prerequisites"]
    assert (row.seconds, row.processor) == (6.7, times.processor())
    assert row.torch.startswith("2.")
    assert list((book / "benchmarks").iterdir()) == [book / times.TABLE]


def test_code_that_has_not_changed_keeps_its_time_unless_all_are_measured_anew(book: Path) -> None:
    measure(book, "prerequisites", 6)
    measure(book, "prerequisites", 7, renew=False)
    assert read_times(book)["prerequisites"].seconds == 6
    measure(book, "prerequisites", 7)
    assert read_times(book)["prerequisites"].seconds == 7


def test_running_a_notebook_of_the_book_notes_its_time(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "ROOT", book)
    path = book / "chapters" / "01-basics" / "tiny.ipynb"
    taken = run.run(path)
    assert faults(book) == ["prerequisites is not measured: make run NB=chapters/prerequisites.ipynb"]
    assert read_times(book)["01-basics/tiny"].seconds == round(taken, 1) > 0

    elsewhere = book / "elsewhere.ipynb"
    elsewhere.write_bytes(path.read_bytes())
    run.run(elsewhere)
    assert list(read_times(book)) == ["01-basics/tiny"]


def test_a_notebook_elsewhere_has_no_name_in_the_book(book: Path) -> None:
    with pytest.raises(ValueError, match="not in the subpath"):
        notebook_name(book / "elsewhere.ipynb", book)


def test_a_part_of_the_benchmarks_is_named_or_refused() -> None:
    refused = subprocess.run(
        [sys.executable, "-m", "benchmarks", "notebook"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert refused.returncode == 2
    assert "invalid choice: 'notebook' (choose from 'imports', 'minibatches'" in refused.stderr
