"""What ``load`` returns."""

from dataclasses import dataclass

from torch import Tensor

Split = tuple[Tensor, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """A data set in three parts that share no example.

    Attributes:
        name: what ``load`` calls it.
        train: ``(x, y)``, tensors whose first axis is the examples; "shapes" adds ``boxes`` and ``masks``.
            Images are float32 in [0, 1], (N, C, H, W); other inputs are float32, (N, D), in their own units.
            Labels are int64, (N,); the targets of a regression are float32, (N,).
        val: the same for choosing between models.
        test: the same for the last look.
        classes: what label 0, 1, ... stands for; empty for a regression.
        features: what the D columns of a table are; empty for images.
        source: where the data come from.
    """

    name: str
    train: Split
    val: Split
    test: Split
    source: str
    classes: tuple[str, ...] = ()
    features: tuple[str, ...] = ()

    def __repr__(self) -> str:
        task = f"{len(self.classes)} classes" if self.classes else "regression"
        lines = [f"{self.name}: {task}"]
        for part in ("train", "val", "test"):
            tensors = getattr(self, part)
            lines.append(f"  {part:5} " + "  ".join(f"{tuple(t.shape)} {t.dtype}" for t in tensors))
        return "\n".join(lines).replace("torch.", "")
