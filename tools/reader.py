"""Make a reader's environment: ``python -m tools.reader _build/reader``.

It has what a reader has who installs the book's package beside PyTorch and Jupyter's kernel: these, what they
need, and pip. What only authors have is not there, and neither is the checkout: the package is a wheel.

All but the wheel is taken over from the environment that this runs in, file by file, as hard links: the
versions are the pinned ones, nothing is downloaded, and no file takes room twice. pip then installs the wheel
with no index to ask, which fails where the wheel needs anything that is not there.
"""

import argparse
import os
import subprocess
import sys
import sysconfig
import venv
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.notebooks import ROOT

PACKAGE = "dlbook-utils"
BESIDE_IT = ("ipykernel", "pip", "torch")


def main(arguments: list[str] | None = None) -> None:
    """Make the environment, anew where there was one."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.reader", description="Make a reader's environment."
    )
    parser.add_argument("folder", type=Path, help="where to make it; what is there goes")
    folder = parser.parse_args(arguments).folder
    python = make(folder)
    install(python, build_wheel(folder / "wheel"))


def make(folder: Path) -> Path:
    """Make an environment with all that the package needs, but without the package; return its Python."""
    venv.EnvBuilder(clear=True, symlinks=True).create(folder)
    site_packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder)}))
    for name in needed(PACKAGE, *BESIDE_IT) - {PACKAGE}:
        for file in metadata.files(name) or []:
            source, copy = Path(str(file.locate())), site_packages / file
            if ".." not in file.parts and source.is_file() and not copy.exists():
                copy.parent.mkdir(parents=True, exist_ok=True)
                os.link(source, copy)
    return folder / "bin" / "python"


def needed(*names: str) -> set[str]:
    """Return the names of some installed packages and of all that they need, directly or through others."""
    found: set[tuple[str, str]] = set()
    requirements = [Requirement(name) for name in names]
    for requirement in requirements:  # the list grows meanwhile
        for extra in ("", *requirement.extras):
            package = (canonicalize_name(requirement.name), extra)
            if package not in found:
                found.add(package)
                further = map(Requirement, metadata.requires(requirement.name) or [])
                requirements += [
                    r for r in further if r.marker is None or r.marker.evaluate({"extra": extra})
                ]
    return {name for name, _ in found}


def build_wheel(folder: Path) -> Path:
    """Build the package's wheel from the checkout, into a folder; return its path."""
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(ROOT)], check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(python: Path, wheel: Path) -> None:
    """Install a wheel as a reader does, where everything that it needs must be there already."""
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-index", str(wheel)], check=True)


if __name__ == "__main__":
    main()
