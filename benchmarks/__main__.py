"""Measure the import, minibatches, training, the notebooks, the build and the pages: ``make bench``.

What is compared is measured in pairs, one right after the other, and the medians over the pairs are reported:
whatever else the machine does falls on both. Run it on a quiet machine, and expect a tenth more or less.
``make bench PARTS=notebooks``, or any other of these parts, measures them alone.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from statistics import median

import torch
from torch import nn
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, TensorDataset

import dlbook_utils as dl
from tools.notebooks import book_notebooks, read
from tools.run import execute
from tools.times import note_time

PAIRS = 7
HTML = Path("_build", "html")


def seconds(work: Callable[[], object]) -> float:
    """Take the time of one piece of work."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def in_pairs(pair: Callable[[], tuple[float, float]]) -> tuple[float, float]:
    """Measure a pair of things several times; return the median of each."""
    first, second = zip(*(pair() for _ in range(PAIRS)), strict=True)
    return median(first), median(second)


def imports() -> Iterator[tuple[str, str]]:
    """Import the helper package after torch, in fresh interpreters."""
    clock = "import time; started = time.perf_counter(); import {}; print(time.perf_counter() - started)"
    code = "; ".join(map(clock.format, ("torch", "dlbook_utils")))

    def pair() -> tuple[float, float]:
        first, second = subprocess.check_output([sys.executable, "-c", code]).split()
        return float(first), float(second)

    torch_alone, beyond = in_pairs(pair)
    yield "import torch", f"{torch_alone:.2f} s"
    yield "import dlbook_utils beyond it (goal: at most 0.1 s)", f"{beyond:.4f} s"


def notebooks() -> Iterator[tuple[str, str]]:
    """Execute every notebook, storing nothing but its time, in benchmarks/seconds.csv."""
    for path in book_notebooks():
        notebook = read(path)
        taken = execute(notebook, path.parent)
        note_time(path, notebook, taken)
        yield path.stem, f"{taken:.1f} CPU s (goal: at most 30 s)"


def builds() -> Iterator[tuple[str, str]]:
    """Build a copy of the book from nothing, and again after an edit of one page."""
    files = subprocess.check_output(["git", "ls-files", "-z"], encoding="utf-8").split("\0")
    with tempfile.TemporaryDirectory() as folder:
        for file in filter(os.path.isfile, files):
            copy = Path(folder, file)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, copy)
        Path(folder, "node_modules").symlink_to(Path("node_modules").resolve())
        command = ["jupyter-book", "build", folder]

        def build() -> None:
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)

        yield "from nothing", f"{seconds(build):.1f} s"
        with Path(folder, "chapters", "notation.md").open("a", encoding="utf-8") as page:
            page.write("\nOne more sentence.\n")
        yield "one page edited", f"{seconds(build):.1f} s"


def size(files: Iterable[Path]) -> str:
    """Sum up the sizes of files."""
    return f"{sum(file.stat().st_size for file in files) / 1e6:.2f} MB"


def pages() -> Iterator[tuple[str, str]]:
    """Weigh each built page: the page with its images, and the style sheets and scripts that pages share."""
    for page in (*sorted(HTML.glob("*.html")), *sorted(HTML.glob("chapters/**/*.html"))):
        addresses = re.findall(r'(?:src|href)="([^"#?:]+)', page.read_text(encoding="utf-8"))
        linked = {file for address in addresses if (file := (page.parent / address).resolve()).is_file()}
        images = {file for file in linked if "_images" in file.parts}
        shared = {file for file in linked if file.suffix in (".css", ".js")}
        yield str(page.relative_to(HTML)), f"{size({page} | images)} own, {size(shared)} shared"


def minibatches() -> Iterator[tuple[str, str]]:
    """Go through 10,000 images with dl.batches and with a DataLoader."""
    images, labels = torch.rand(10_000, 1, 28, 28), torch.arange(10_000) % 10
    loader = DataLoader(TensorDataset(images, labels), batch_size=64, shuffle=True)
    ours, theirs = in_pairs(
        lambda: (
            seconds(lambda: list(dl.batches(images, labels, batch_size=64, seed=0))),
            seconds(lambda: list(loader)),
        )
    )
    yield "10,000 images in batches of 64, dl.batches", f"{1000 * ours:.0f} ms"
    yield "the same, torch's DataLoader", f"{1000 * theirs:.0f} ms, {theirs / ours:.0f} times as long"


def training() -> Iterator[tuple[str, str]]:
    """Train an MLP on digits with dl.fit and with the bare loop; both must arrive at the same weights."""
    x, y = dl.load("digits").train
    x = x.flatten(1)

    def network() -> tuple[nn.Module, torch.optim.Optimizer]:
        dl.seed_everything(0)
        model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
        return model, torch.optim.Adam(model.parameters())

    def bare(model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
        order = torch.Generator().manual_seed(0)
        model.train()
        for _ in range(20):
            total = 0.0
            for xb, yb in dl.batches(x, y, batch_size=64, seed=order):
                optimizer.zero_grad()
                loss = cross_entropy(model(xb), yb)
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                total += loss.item() * len(yb)

    def fitted(model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
        dl.fit(model, optimizer, cross_entropy, (x, y), n_epochs=20, batch_size=64)

    def pair() -> tuple[float, float]:
        (ours, our_optimizer), (theirs, their_optimizer) = network(), network()
        times = seconds(lambda: fitted(ours, our_optimizer)), seconds(lambda: bare(theirs, their_optimizer))
        if not all(map(torch.equal, ours.parameters(), theirs.parameters())):
            raise AssertionError("dl.fit and the bare loop arrived at different weights")
        return times

    pair()  # the first is slower
    runs = [pair() for _ in range(PAIRS)]
    more = median(ours / theirs for ours, theirs in runs) - 1
    yield "20 epochs in batches of 64, the bare loop", f"{1000 * median(theirs for _, theirs in runs):.0f} ms"
    yield "the same, dl.fit (goal: at most 5 % more)", f"{more:+.1%}"


PARTS = {part.__name__: part for part in (imports, minibatches, training, notebooks, builds, pages)}


def main() -> None:
    """Print every measurement of the parts that are named, or of all, as soon as it is there."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the book.")
    parser.add_argument("parts", nargs="*", choices=PARTS, metavar="PART", help=", ".join(PARTS))
    for measure in map(PARTS.__getitem__, parser.parse_args().parts or PARTS):
        print(f"\n{(measure.__doc__ or '').splitlines()[0]}")
        for what, result in measure():
            print(f"  {what:<60} {result}", flush=True)


if __name__ == "__main__":
    main()
