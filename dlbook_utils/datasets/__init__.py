"""Data by name: ``load("digits")``. Every set has its datasheet in data/README.md."""

import difflib
import inspect
from typing import Any

from dlbook_utils.datasets import bundled, downloads, synthetic
from dlbook_utils.datasets.batches import batches
from dlbook_utils.datasets.dataset import Dataset
from dlbook_utils.datasets.tables import table
from dlbook_utils.device import check_seed

__all__ = ["SETS", "Dataset", "batches", "load", "table"]

SETS = {
    "blobs": synthetic.blobs,
    "breast-cancer": bundled.breast_cancer,
    "curve": synthetic.curve,
    "diabetes": bundled.diabetes,
    "digits": bundled.digits,
    "fashion-mnist": downloads.fashion_mnist,
    "glyphs": synthetic.glyphs,
    "iris": bundled.iris,
    "moons": synthetic.moons,
    "photographs": bundled.photographs,
    "rings": synthetic.rings,
    "shapes": synthetic.shapes,
    "wine": bundled.wine,
    "xor": synthetic.xor,
}


def load(name: str, *, seed: int = 0, **options: Any) -> Dataset:
    """Return a data set by its name. Only the full-size sets ("fashion-mnist") are downloaded, once.

    Args:
        name: one of ``SETS``, such as "digits" or "rings".
        seed: chooses the split of a bundled set, and everything random in a generated one.
            The same seed gives the same bytes.
        options: what the function of that set takes, such as ``n`` and ``noise`` for "rings".

    Returns:
        A ``Dataset``: ``train``, ``val`` and ``test``, each ``(x, y)``, and what is known about them.

    Raises:
        ValueError: for an unknown name, or for a seed or an option out of its range.
        TypeError: for an option that this set does not have.
        DownloadError: for a full-size set that cannot be had; it says what to do.
    """
    if name not in SETS:
        near = difflib.get_close_matches(name, SETS)
        hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
        raise ValueError(f"there is no data set {name!r}.{hint} There are: {', '.join(SETS)}")
    make = SETS[name]
    known = [option for option in inspect.signature(make).parameters if option != "seed"]
    unknown = [option for option in options if option not in known]
    if unknown:
        raise TypeError(
            f"{name!r} has no option {', '.join(map(repr, unknown))}; it has {', '.join(known) or 'none'}"
        )
    return make(seed=check_seed(seed), **options)
