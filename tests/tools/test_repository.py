"""What the repository's files say about each other, and what must stand in none of them.

Each guard takes the root of a checkout and returns its complaints; the last test shows it a broken copy.
"""

import importlib.metadata
import re
import shutil
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
TORCH = "2.13.0"
LARGEST = 2 * 1024**2
# What Colab's runtime 2026.01 has, by its published list. A package that pip replaced there would have to be
# imported anew, which takes a restart; and Colab's page shows the widgets of ipywidgets 7 alone.
ON_COLAB = {
    "cycler": "0.12.1",
    "ipywidgets": "7.7.1",
    "matplotlib": "3.10.0",
    "numpy": "2.0.2",
    "pillow": "11.3.0",
    "pooch": "1.8.2",
    "requests": "2.32.4",
    "scikit-learn": "1.6.1",
    "scipy": "1.16.3",
    "torch": "2.9.0",
    "tqdm": "4.67.1",
}

Guard = Callable[[Path], list[str]]


def tracked(root: Path) -> list[str]:
    """List the files that git knows and that are there."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=root, capture_output=True, encoding="utf-8", check=True
    )
    return [name for name in listed.stdout.split("\0") if name and (root / name).is_file()]


def texts(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the name and the content of every tracked text file."""
    for name in tracked(root):
        content = (root / name).read_bytes()
        if b"\0" not in content:
            yield name, content.decode("utf-8")


def project(root: Path) -> dict[str, Any]:
    """Read the [project] table of pyproject.toml."""
    table: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return table


def other_addresses(root: Path) -> list[str]:
    """Find addresses of the repository and of its site that are not those of pyproject.toml."""
    urls = project(root)["urls"]
    known = {urls["Repository"].split("//")[1], urls["Documentation"].split("//")[1].rstrip("/")}
    pattern = re.compile(r"github(?:\.com)?/[\w-]+/dlbook\b|[\w-]+\.github\.io/dlbook\b")
    return [
        f"{name}: {found} is not an address of pyproject.toml"
        for name, text in texts(root)
        for found in pattern.findall(text)
        if found.replace("github/", "github.com/") not in known
    ]


def other_versions(root: Path) -> list[str]:
    """Find versions that are not that of pyproject.toml."""
    version = project(root)["version"]
    changes = re.search(r"^## (\S+)", (root / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    found = {
        "CHANGELOG.md": changes and changes[1],
        "CITATION.cff": yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))["version"],
        "dlbook-utils as installed": importlib.metadata.version("dlbook-utils"),
    }
    return [f"{place}: version {other}, not {version}" for place, other in found.items() if other != version]


def bad_pins(root: Path) -> list[str]:
    """Find requirements that are no exact pins, and direct dependencies that they do not satisfy."""
    lines = (root / "requirements.txt").read_text(encoding="utf-8").splitlines()
    entries = [line for line in lines if line and not line.startswith("#")]
    complaints = [
        f"requirements.txt: {e} is no exact pin" for e in entries if not re.fullmatch(r"[\w.-]+==[\w.]+", e)
    ]
    pins = {
        canonicalize_name(name): version for name, _, version in (entry.partition("==") for entry in entries)
    }
    if pins.get(canonicalize_name("torch")) != TORCH:
        complaints.append(f"requirements.txt: torch must be {TORCH}")
    extras = project(root)["optional-dependencies"].values()
    for dependency in map(
        Requirement, [*project(root)["dependencies"], *(d for extra in extras for d in extra)]
    ):
        pin = pins.get(canonicalize_name(dependency.name))
        if pin is None or not dependency.specifier.contains(pin):
            complaints.append(f"requirements.txt: pyproject.toml wants {dependency}, pinned is {pin}")
    return complaints


def restarts(root: Path) -> list[str]:
    """Find dependencies of the package for which pip would replace what a reader has."""
    complaints = []
    for dependency in map(Requirement, project(root)["dependencies"]):
        if {bound.operator for bound in dependency.specifier} != {">="}:
            complaints.append(f"pyproject.toml: {dependency} is not a lower bound alone")
        if not dependency.specifier.contains(ON_COLAB.get(dependency.name, "0")):
            complaints.append(f"pyproject.toml: {dependency} is not what Colab has")
    return complaints


def private_words(root: Path) -> list[str]:
    """Find names of machines that serve packages, and paths that exist on one machine alone."""
    registries = ["pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "yarnpkg" + ".com"]
    mirrors = [
        "download.pytorch" + ".org",
        "anaconda" + ".org",
        "deb.debian" + ".org",
        "archive.ubuntu" + ".com",
    ]
    hosts = "|".join(map(re.escape, registries + mirrors))
    pattern = re.compile(rf"{hosts}|(?<![\w.:/~-])/(?:home|root|work|tmp|Users|private)/\w|\b[A-Z]:\\Users")
    return [f"{name}: {found.group()}" for name, text in texts(root) for found in pattern.finditer(text)]


def recorded_downloads(root: Path) -> list[str]:
    """Find download addresses in package-lock.json."""
    lock = (root / "package-lock.json").read_text(encoding="utf-8")
    return ["package-lock.json: names download addresses"] if '"resolved"' in lock else []


def large_files(root: Path) -> list[str]:
    """Find tracked files that are too large."""
    return [f"{name}: over 2 MB" for name in tracked(root) if (root / name).stat().st_size > LARGEST]


def unknown_targets(root: Path) -> list[str]:
    """Find `make` with a target that the Makefile lacks: in workflows, in .ci/run and in Markdown."""
    targets = set(re.findall(r"^([a-z]+):", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    commands = re.compile(r"(?:^ *|run: |&& |`)make((?: [a-z]+\b(?!=))+)", re.MULTILINE)
    return [
        f"{name}: the Makefile has no target {target}"
        for name, text in texts(root)
        if name == ".ci/run" or name.startswith(".github/") or name.endswith(".md")
        for words in commands.findall(text)
        for target in words.split()
        if target not in targets
    ]


@pytest.mark.parametrize(
    "guard",
    [
        other_addresses,
        other_versions,
        bad_pins,
        restarts,
        private_words,
        recorded_downloads,
        large_files,
        unknown_targets,
    ],
)
def test_the_repository_is_in_order(guard: Guard) -> None:
    assert guard(ROOT) == []


@pytest.mark.parametrize(
    ("guard", "name", "old", "new"),
    [
        (other_addresses, "CITATION.cff", "github.com/dlbook", "github.com/some" + "body"),
        (other_addresses, "CITATION.cff", "dlbook.github.io", "some" + "body.github.io"),
        (other_versions, "CITATION.cff", "version: 0", "version: 9"),
        (other_versions, "CHANGELOG.md", "## 0", "## 9"),
        (other_versions, "pyproject.toml", 'version = "0', 'version = "9'),
        (bad_pins, "requirements.txt", f"torch=={TORCH}", "torch==2.12.0"),
        (bad_pins, "requirements.txt", "ruff==", "ruff>="),
        (bad_pins, "requirements.txt", "nbval==", "nbval2=="),
        (bad_pins, "pyproject.toml", "nbval>=0", "nbval>=99"),
        (restarts, "pyproject.toml", "numpy>=1", "numpy<3,>=1"),
        (restarts, "pyproject.toml", "numpy>=1", "numpy>=2.1,>=1"),
        (restarts, "pyproject.toml", '"numpy>=1', '"pandas>=2.0", "numpy>=1'),
        (private_words, "CHANGELOG.md", "# Changelog", "see /ho" + "me/me/notes"),
        (private_words, "CHANGELOG.md", "# Changelog", "see https://pypi" + ".org/simple"),
        (recorded_downloads, "package-lock.json", '"integrity"', '"resolved"'),
        (large_files, "CHANGELOG.md", "# Changelog", "x" * (LARGEST + 1)),
        (unknown_targets, ".github/workflows/checks.yml", "make lint unit", "make lint units"),
        (unknown_targets, ".github/workflows/colab.yml", "make notebooks", "make notebook"),
        (unknown_targets, ".ci/run", "make test", "make tests"),
        (unknown_targets, "CHANGELOG.md", "`make test`", "`make tests`"),
    ],
)
def test_each_guard_sees_what_it_guards_against(
    guard: Guard, name: str, old: str, new: str, tmp_path: Path
) -> None:
    for file in tracked(ROOT):
        if "/" not in file or file.startswith((".ci/", ".github/")):
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, tmp_path / file)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "--all"], cwd=tmp_path, check=True)
    assert guard(tmp_path) == []

    broken = tmp_path / name
    text = broken.read_text(encoding="utf-8")
    assert old in text
    broken.write_text(text.replace(old, new), encoding="utf-8")
    assert guard(tmp_path) != []
