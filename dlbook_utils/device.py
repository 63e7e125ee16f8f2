"""Where the numbers are computed, and how the same ones come out twice."""

import importlib.metadata
import os
import platform
import random
import sys
from numbers import Integral

import numpy as np
import torch


def check_seed(seed: int) -> int:
    """Return ``seed`` as a plain int.

    Raises:
        ValueError: if it is not a whole number from 0 to 2**32 - 1, the range that NumPy and PyTorch share.
    """
    if not isinstance(seed, Integral) or not 0 <= seed < 2**32:
        raise ValueError(f"a seed is a whole number from 0 to {2**32 - 1}, but {seed!r} came")
    return int(seed)


def seed_everything(seed: int) -> None:
    """Seed the global random numbers of Python, NumPy and PyTorch (all its devices).

    The same seed, code and versions give the same bits on a CPU with the same number of threads.
    Some CUDA kernels add in an order that changes from run to run:
    https://docs.pytorch.org/docs/stable/notes/randomness.html

    Args:
        seed: from 0 to 2**32 - 1.

    Raises:
        ValueError: for any other seed.
    """
    seed = check_seed(seed)
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002  the global generator is the one that a reader's code may use
    torch.manual_seed(seed)


def best_device() -> torch.device:
    """Return the fastest device that is here: CUDA, then Apple's MPS, then the CPU.

    The environment variable ``DLBOOK_DEVICE`` names another one, such as ``cpu`` or ``cuda:1``.

    Raises:
        ValueError: if ``DLBOOK_DEVICE`` names a device that this machine does not have.
    """
    devices = _devices()
    wanted = os.environ.get("DLBOOK_DEVICE") or devices[0]
    if wanted not in devices:
        raise ValueError(
            f"DLBOOK_DEVICE is {wanted!r}, but this machine has {', '.join(devices)}: "
            "set it to one of these, or unset it"
        )
    return torch.device(wanted)


def environment() -> dict[str, str | int]:
    """Return what a result depends on beside its code: versions, device, CPU threads.

    A cell that shows it needs the tag ``nbval-ignore-output``, because every machine has its own.
    """
    device = best_device()
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "dlbook-utils": importlib.metadata.version("dlbook-utils"),
        "device": f"cuda ({torch.cuda.get_device_name(device)})" if device.type == "cuda" else device.type,
        "threads": torch.get_num_threads(),
    }


def watched() -> bool:
    """Whether somebody sits before this: at a terminal, or at a notebook that could ask them for input."""
    ipython = sys.modules.get("IPython")
    kernel = getattr(ipython.get_ipython(), "kernel", None) if ipython else None
    return sys.stderr.isatty() if kernel is None else bool(kernel._allow_stdin)


def _devices() -> list[str]:
    """Return the names of the devices that are here, the fastest first."""
    devices = []
    if torch.cuda.is_available():
        devices += ["cuda", *(f"cuda:{index}" for index in range(torch.cuda.device_count()))]
    if torch.backends.mps.is_available():
        devices.append("mps")
    return [*devices, "cpu"]
