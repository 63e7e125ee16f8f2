"""A reader's environment: what is in it and what is not, seen by notebooks that run there alone."""

import json
import subprocess
from importlib import metadata
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name
from running import code, pytest_on

from tools import reader
from tools.notebooks import ROOT, setup_source

AUTHORS_ONLY = {"hatchling", "hypothesis", "jupyter-book", "nbformat", "nbval", "pytest", "ruff"}


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a reader's environment and return its Python."""
    folder = tmp_path_factory.mktemp("reader")
    reader.main([str(folder)])
    return folder / "bin" / "python"


def packages(python: Path) -> dict[str, str]:
    """Return the packages that an environment has, with their versions."""
    listed = subprocess.check_output([python, "-m", "pip", "list", "--format", "json"], text=True)
    return {canonicalize_name(package["name"]): package["version"] for package in json.loads(listed)}


def test_it_has_the_package_and_what_that_needs_and_nothing_else(python: Path) -> None:
    assert packages(python).keys() == reader.needed(reader.PACKAGE, *reader.BESIDE_IT)
    assert packages(python).keys().isdisjoint(AUTHORS_ONLY)
    assert subprocess.run([python, "-m", "pip", "check"], check=False).returncode == 0


def test_extras_are_followed() -> None:
    assert "coverage" in reader.needed("pytest-cov")
    assert "psutil" not in reader.needed("pytest-xdist")
    assert "psutil" in reader.needed("pytest-xdist[psutil]")


def test_a_dependency_that_the_package_does_not_name_is_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    everything = reader.needed
    monkeypatch.setattr(reader, "needed", lambda *names: everything(*names) - {"tqdm"})
    with pytest.raises(subprocess.CalledProcessError):
        reader.main([str(tmp_path / "reader")])
    assert "No matching distribution found for tqdm" in capfd.readouterr().err


def test_a_notebook_there_has_the_wheel_and_no_tool_of_the_authors(python: Path, tmp_path: Path) -> None:
    outcomes, report = pytest_on(
        tmp_path,
        [
            code("import", "import sys\nimport dlbook_utils as dl"),
            code("wheel", "print(dl.__file__.startswith(sys.prefix))", "True\n"),
            code("data", "print(len(dl.load('digits').classes))", "10\n"),
            code("checkout", f"print([p for p in sys.path if p.startswith({str(ROOT)!r})])", "[]\n"),
            *(code(name, f"import {name.replace('-', '_')}") for name in sorted(AUTHORS_ONLY)),
            code("command", "import subprocess\nsubprocess.run(['ruff', '--version'])"),
            code("missing", "import nothing_of_the_kind"),
        ],
        f"--reader-python={python}",
    )
    assert f", by {python}\n" in report
    assert outcomes["PASSED"] == {"import", "wheel", "data", "checkout", "CPU time"}
    assert outcomes["FAILED"] == {*AUTHORS_ONLY, "command", "missing"}


def test_the_set_up_cell_installs_the_package_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = reader.make(tmp_path / "colab")
    wheel = reader.build_wheel(tmp_path / "wheel")
    before = packages(python)
    assert reader.PACKAGE not in before
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    (address,) = [text for text in setup_source().split('"') if "git+" in text]
    outcomes, _ = pytest_on(
        tmp_path / "notebook",
        [
            code("clean", "import sys\nprint('dlbook_utils' in sys.modules)", "False\n"),
            code("setup", setup_source().replace(address, str(wheel)), tags=["nbval-ignore-output"]),
            code("installed", "print(dl.__file__.startswith(sys.prefix))", "True\n"),
        ],
        f"--reader-python={python}",
    )
    assert outcomes["PASSED"] == {"clean", "setup", "installed", "CPU time"}
    assert packages(python) == before | {reader.PACKAGE: metadata.version(reader.PACKAGE)}
