"""A new section: filled in and run, it is a good one."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat import NotebookNode

from tools import check, new, notebooks, run


def test_a_new_section_passes_once_it_is_filled_and_run(
    book: Path,
    path: Path,
    fill: Callable[[NotebookNode], NotebookNode],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert new.main(["01-basics/tiny"], root=book) == 0
    told = capsys.readouterr().out
    for name in (
        "_toc.yml",
        "chapters/glossary.yml",
        "references.bib",
        "make run NB=chapters/01-basics/tiny.ipynb",
    ):
        assert name in told
    assert list(path.parent.iterdir()) == [path]
    assert any("a TODO is left" in refusal for refusal in check.check(path, book))

    notebooks.write(path, fill(notebooks.read(path)))
    run.run(path)
    assert check.check(path, book) == []
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "-p", "tools.nbval_book", path],
        cwd=notebooks.ROOT,
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout
    assert " 16 passed" in done.stdout


@pytest.mark.parametrize(
    "name", ["tiny", "1-basics/tiny", "01-basics/Tiny", "01-basics/a b", "../01-basics/tiny"]
)
def test_a_bad_name_is_refused(name: str, book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert new.main([name], root=book) == 1
    assert (
        f"expected NN-chapter/section in small letters and hyphens, got {name!r}" in capsys.readouterr().err
    )


def test_a_section_that_exists_is_left_alone(
    book: Path, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path.write_text("mine")
    assert new.main(["01-basics/tiny"], root=book) == 1
    assert "exists; choose another name" in capsys.readouterr().err
    assert path.read_text() == "mine"


def test_a_chapter_that_is_not_begun_is_refused(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert new.main(["02-mlp/tiny"], root=book) == 1
    assert "found none; begin the chapter with its index.md" in capsys.readouterr().err
