"""Full-size sets, downloaded once into a cache and checked against the hashes in data/downloads.toml.

The cache is the folder that ``DLBOOK_DATA`` names, or else the one that the system has for such files.
"""

import gzip
import math
import os
import struct
import tarfile
import tempfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dlbook_utils.datasets.dataset import Dataset, Split
from dlbook_utils.datasets.tables import data_file
from dlbook_utils.device import watched

TIMEOUT = (10.0, 30.0)  # seconds: to be answered at all, and between two pieces of a file


class DownloadError(OSError):
    """A file of a data set could not be had."""


def fashion_mnist(*, seed: int = 0) -> Dataset:
    """70,000 pictures of clothes in ten classes, downloaded (31 MB): x (N, 1, 28, 28) in [0, 1].

    The authors' 10,000 test pictures are ``test``; a sixth of the others, drawn by the seed with every class
    in its proportion, is ``val``.

    Source: H. Xiao, K. Rasul and R. Vollgraf, Fashion-MNIST, 2017, https://arxiv.org/abs/1708.07747
    """
    from sklearn.model_selection import train_test_split

    files = fetch("fashion-mnist")

    def part(name: str) -> Split:
        x, y = (read_idx(files[f"{name}-{kind}-ubyte.gz"]) for kind in ("images-idx3", "labels-idx1"))
        return x[:, None].float() / 255, y.long()

    (x, y), test = part("train"), part("t10k")
    rows = train_test_split(torch.arange(len(y)), test_size=len(y) // 6, random_state=seed, stratify=y)
    train, val = ((x[kept], y[kept]) for kept in rows)
    source = "Xiao, Rasul and Vollgraf (2017), https://arxiv.org/abs/1708.07747"
    names = "T-shirt/top trouser pullover dress coat sandal shirt sneaker bag ankle-boot"
    classes = tuple(name.replace("-", " ") for name in names.split())
    return Dataset("fashion-mnist", train, val, test, source, classes=classes)


def fetch(name: str) -> dict[str, Path]:
    """Return where the files of a set are, by their names; download those that are not there or are damaged.

    A file appears in the cache whole or not at all, also where many processes ask for it at once.

    Raises:
        DownloadError: if no mirror has a file with the right hash, or it cannot be written; it says which
            file, what was expected, what came, and what to do without a network.
        ValueError: for a name that data/downloads.toml does not have.
    """
    registry = _registry()
    if name not in registry:
        raise ValueError(f"there is no download {name!r}; there are: {', '.join(registry)}")
    entry = registry[name]
    return {file: _fetch(name, file, known, entry["mirrors"]) for file, known in entry["files"].items()}


def read_idx(path: Path) -> Tensor:
    """Return the bytes in a gzipped IDX file, MNIST's format, as a uint8 tensor of the shape that it names.

    Raises:
        ValueError: if it is no such file, or its size is not what its shape says.

    Source: Y. LeCun, C. Cortes and C. Burges, The MNIST database of handwritten digits.
    """
    content = gzip.decompress(path.read_bytes())
    if len(content) < 4 or content[:3] != b"\0\0\x08":
        raise ValueError(
            f"{path} is no IDX file of bytes: expected it to begin 00 00 08, got {content[:3].hex(' ')}"
        )
    start = 4 + 4 * content[3]
    shape = struct.unpack(f">{content[3]}I", content[4:start])  # as many big-endian numbers as axes
    if len(content) - start != math.prod(shape):
        raise ValueError(f"{path} names the shape {shape}, but has {len(content) - start:,} bytes")
    return torch.from_numpy(np.frombuffer(content, np.uint8, offset=start).reshape(shape).copy())


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack a zip or tar file into a folder of its own, which appears whole or not at all, and return it.

    Raises:
        DownloadError: if the archive would write outside the folder, or has anything but files and folders.
    """
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        inside = Path(scratch, folder.name).resolve()
        with zipfile.ZipFile(archive) if zipfile.is_zipfile(archive) else tarfile.open(archive) as opened:
            if isinstance(opened, zipfile.ZipFile):
                plain = dict.fromkeys(opened.namelist(), True)
            else:
                plain = {member.name: member.isfile() or member.isdir() for member in opened}
            for name, harmless in plain.items():
                if not (harmless and (inside / name).resolve().is_relative_to(inside)):
                    raise DownloadError(
                        f"{archive} was not unpacked: {name!r} leads out of its folder or is a link"
                    )
            opened.extractall(inside)
        os.replace(inside, folder)
    return folder


def _registry() -> dict[str, Any]:
    """What data/downloads.toml has; ``DLBOOK_DOWNLOADS`` names another file, such as a class's own mirror."""
    path = Path(os.environ.get("DLBOOK_DOWNLOADS") or data_file("downloads.toml"))
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _fetch(name: str, file: str, known_hash: str, mirrors: list[str]) -> Path:
    """Return one file from the cache, or from the first mirror that has it."""
    import pooch
    import requests

    pooch.get_logger().setLevel("ERROR")
    folder = Path(os.environ.get("DLBOOK_DATA") or pooch.os_cache("dlbook")) / name
    download = pooch.HTTPDownloader(progressbar=watched(), chunk_size=2**16, timeout=TIMEOUT)
    failures = []
    for mirror in mirrors:
        try:
            return Path(pooch.retrieve(mirror + file, known_hash, file, folder, downloader=download))
        except (requests.RequestException, ValueError) as error:
            failures.append(f"{mirror + file}: {_reason(error)}")
        except OSError as error:
            raise DownloadError(
                f"{file} of {name} cannot be written to {folder}: {error}. "
                "Free some space, or set DLBOOK_DATA to a folder that can be written to"
            ) from error
    raise DownloadError(
        f"{file} of {name} could not be downloaded; expected a file with {known_hash}\n  "
        + "\n  ".join(failures)
        + f"\nWithout a network, bring the file by other means and put it at {folder / file}; "
        "or load a bundled set of the same shape, such as glyphs"
    )


def _reason(error: Exception) -> str:
    """What went wrong with one mirror, in a line."""
    lines = str(error).splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
