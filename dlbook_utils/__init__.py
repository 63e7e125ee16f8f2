"""The small helper package of the book: what many sections need and what is not itself deep learning.

Import it as ``import dlbook_utils as dl``.
Nothing heavy is loaded until a name is used, so that the import itself costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dlbook_utils.checks import attempt, claim, gradients, same_as_torch
    from dlbook_utils.datasets import Dataset, batches, load, table
    from dlbook_utils.device import best_device, environment, seed_everything
    from dlbook_utils.drawing import drawing_board
    from dlbook_utils.interactive import explore
    from dlbook_utils.plotting import curves, decision_regions, heatmap, images, landscape, look, style
    from dlbook_utils.racing import Race, cost, race
    from dlbook_utils.training import (
        DivergedError,
        History,
        accuracy,
        evaluate,
        fit,
        load_checkpoint,
        save_checkpoint,
    )

_HOME = {
    "attempt": "checks",
    "claim": "checks",
    "gradients": "checks",
    "same_as_torch": "checks",
    "Dataset": "datasets",
    "batches": "datasets",
    "load": "datasets",
    "table": "datasets",
    "best_device": "device",
    "environment": "device",
    "seed_everything": "device",
    "drawing_board": "drawing",
    "explore": "interactive",
    "curves": "plotting",
    "decision_regions": "plotting",
    "heatmap": "plotting",
    "images": "plotting",
    "landscape": "plotting",
    "look": "plotting",
    "style": "plotting",
    "Race": "racing",
    "cost": "racing",
    "race": "racing",
    "DivergedError": "training",
    "History": "training",
    "accuracy": "training",
    "evaluate": "training",
    "fit": "training",
    "load_checkpoint": "training",
    "save_checkpoint": "training",
}

__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    """Load a public name from its module on first use."""
    if name not in _HOME:
        raise AttributeError(f"dlbook_utils has no {name!r}; it has {', '.join(sorted(_HOME))}")
    value = getattr(import_module(f"dlbook_utils.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(_HOME)
