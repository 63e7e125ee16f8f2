"""The book's style, and the few kinds of figure that many sections draw."""

import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import torch
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike
from torch import Tensor

# Colours that stay apart for colour-blind readers: B. Wong, Nature Methods 8, 441 (2011),
# https://doi.org/10.1038/nmeth.1618. Its yellow is left out: it vanishes on a white page.
# blue, vermilion, green, purple, orange, sky blue, black
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
DASHES = ["-", "--", "-.", ":", (0, (6, 2)), (0, (4, 1, 1, 1, 1, 1)), (0, (1, 3))]
MARKERS = ["o", "s", "^", "D", "v", "P", "X"]

# The same thing looks the same in every figure of the book: its place in the three lists above.
LOOKS = {
    "training": 0,
    "validation": 1,
    "test": 2,
    "truth": 6,
    "full batch": 0,
    "mini-batch": 1,
    "one sample": 2,
    "linear": 3,
    "MLP": 1,
    "CNN": 0,
    "ReLU": 0,
    "tanh": 4,
    "sigmoid": 3,
    "ReLU with skips": 2,
}


def style() -> None:
    """Set matplotlib's defaults to the book's: legible on a phone, on a projector and to the colour-blind."""
    mpl.rcParams.update(
        {
            "axes.grid": True,
            "axes.prop_cycle": cycler(color=COLOURS) + cycler(linestyle=DASHES),
            "axes.spines.right": False,
            "axes.spines.top": False,
            "figure.constrained_layout.use": True,
            "figure.dpi": 150,
            "figure.facecolor": "white",
            "figure.figsize": (5.2, 3.2),
            "font.size": 12,
            "grid.alpha": 0.3,
            "image.cmap": "cividis",
            "legend.framealpha": 0.9,
            "legend.edgecolor": "none",
            "lines.linewidth": 2,
        }
    )


def look(name: str) -> dict[str, Any]:
    """Return the colour, dashes and marker that a method or a data split has throughout the book.

    Use it as ``ax.plot(x, y, **dl.look("test"))``.

    Raises:
        ValueError: if the book has no look for that name; add new ones to ``plotting.LOOKS``.
    """
    if name not in LOOKS:
        raise ValueError(f"no look for {name!r}; there is {', '.join(sorted(LOOKS))}")
    return _look_number(LOOKS[name])


def curves(
    lines: Mapping[str, ArrayLike],
    *,
    x: ArrayLike | None = None,
    xlabel: str = "",
    ylabel: str = "",
    log: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw one line a name and write the names at the lines' ends.

    Args:
        lines: name to values, each of shape ``(steps,)``; lines may have different lengths.
        x: the horizontal positions, shape ``(steps,)``; 0, 1, 2, ... if left out.
        xlabel: what the horizontal axis is, with its unit.
        ylabel: what the vertical axis is, with its unit.
        log: whether the vertical axis is logarithmic.
        ax: where to draw; a new figure if left out.
    """
    ax = ax or plt.subplots()[1]
    if log:
        ax.set_yscale("log")
    for (name, values), known in zip(lines.items(), _looks(lines), strict=True):
        values = np.asarray(values)
        known.pop("marker")
        ax.plot(
            np.arange(len(values)) if x is None else np.asarray(x)[: len(values)], values, label=name, **known
        )
    ax.set(xlabel=xlabel, ylabel=ylabel)
    _name_ends(ax)
    return ax


def images(
    batch: Tensor,
    *,
    titles: Sequence[object] | None = None,
    columns: int = 8,
    limits: tuple[float, float] = (0, 1),
) -> Figure:
    """Show a batch of images in a grid.

    Args:
        batch: shape ``(n, height, width)`` or ``(n, channels, height, width)`` with 1 or 3 channels.
        titles: one for each image, such as its class.
        columns: images a row.
        limits: the values shown as black and as white, for images of one channel.

    Raises:
        ValueError: if the batch has another shape, or the titles another number.
    """
    pictures = batch.detach().cpu().numpy()
    if pictures.ndim == 4 and pictures.shape[1] in (1, 3):
        pictures = np.moveaxis(pictures, 1, -1)  # (n, height, width, channels)
    elif pictures.ndim != 3:
        raise ValueError(
            "expected images of shape (n, height, width) or (n, 1 or 3, height, width), "
            f"got {tuple(batch.shape)}"
        )
    if titles is not None and len(titles) != len(pictures):
        raise ValueError(f"expected one title an image, got {len(titles)} titles for {len(pictures)} images")
    columns = min(columns, len(pictures))
    rows = math.ceil(len(pictures) / columns)
    figure, axes = plt.subplots(rows, columns, figsize=(5.2, 5.2 * rows / columns * 1.15), squeeze=False)
    for i, ax in enumerate(axes.flat):
        ax.axis("off")
        if i < len(pictures):
            ax.imshow(pictures[i], cmap="gray", vmin=limits[0], vmax=limits[1], interpolation="nearest")
            if titles is not None:
                ax.set_title(str(titles[i]), fontsize=11)
    return figure


def heatmap(
    matrix: ArrayLike,
    *,
    rows: Sequence[object] | None = None,
    columns: Sequence[object] | None = None,
    xlabel: str = "",
    ylabel: str = "",
    annotate: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Show a matrix as coloured squares, with a colour bar or with the numbers written in.

    Args:
        matrix: shape ``(rows, columns)``.
        rows: the rows' names.
        columns: the columns' names.
        xlabel: what the columns are.
        ylabel: what the rows are.
        annotate: write each entry in its square, in place of a colour bar.
        ax: where to draw; a new figure if left out.
    """
    ax = ax or plt.subplots()[1]
    values = np.asarray(matrix)
    shown = ax.imshow(values)
    ax.grid(False)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if rows is not None:
        ax.set_yticks(range(len(rows)), [str(row) for row in rows])
    if columns is not None:
        ax.set_xticks(range(len(columns)), [str(column) for column in columns])
    if annotate:
        middle = (values.min() + values.max()) / 2
        for (i, j), value in np.ndenumerate(values):
            ax.text(
                j, i, f"{value:.3g}", ha="center", va="center", color="white" if value < middle else "black"
            )
    else:
        ax.figure.colorbar(shown, ax=ax)
    return ax


def decision_regions(
    predict: Callable[[Tensor], Tensor], x: Tensor, y: Tensor, *, points: int = 200, ax: Axes | None = None
) -> Axes:
    """Colour the plane by the class that a classifier predicts, with the data on it, a marker a class.

    Args:
        predict: maps points of shape ``(m, 2)`` to classes of shape ``(m,)``, integers from 0.
        x: the data's positions, shape ``(n, 2)``.
        y: their classes, shape ``(n,)``, integers from 0, at most 7 classes.
        points: how many points the grid has on a side.
        ax: where to draw; a new figure if left out.
    """
    ax = ax or plt.subplots()[1]
    margin = 0.1 * (x.amax(0) - x.amin(0))
    low, high = x.amin(0) - margin, x.amax(0) + margin
    across, up = (torch.linspace(float(low[i]), float(high[i]), points) for i in (0, 1))
    grid = torch.cartesian_prod(across, up)  # (points * points, 2)
    with torch.no_grad():
        regions = predict(grid).reshape(points, points).T.numpy()
    n_classes = int(max(y.max(), regions.max())) + 1
    ax.contourf(
        across.numpy(),
        up.numpy(),
        regions,
        levels=np.arange(n_classes + 1) - 0.5,
        colors=COLOURS[:n_classes],
        alpha=0.25,
    )
    for k in range(n_classes):
        ax.scatter(
            x[y == k, 0],
            x[y == k, 1],
            s=18,
            color=COLOURS[k],
            marker=MARKERS[k],
            edgecolor="white",
            linewidth=0.5,
        )
    return ax


def landscape(
    loss: Callable[[Tensor], Tensor],
    paths: Mapping[str, Tensor] | None = None,
    *,
    x: tuple[float, float] = (-2, 2),
    y: tuple[float, float] = (-2, 2),
    levels: int = 20,
    ax: Axes | None = None,
) -> Axes:
    """Draw a function of two parameters as contours, and the paths that an optimiser took over it.

    Args:
        loss: maps parameters of shape ``(..., 2)`` to values of shape ``(...)``.
        paths: name to positions, each of shape ``(steps, 2)``.
        x: range of the first parameter.
        y: range of the second.
        levels: how many contours, closer together near the lowest point, so that a quadratic bowl gets evenly
            spaced rings.
        ax: where to draw; a new figure if left out.
    """
    ax = ax or plt.subplots()[1]
    across, up = (torch.linspace(*ends, 200, dtype=torch.float64) for ends in (x, y))
    theta = torch.stack(torch.meshgrid(across, up, indexing="xy"), dim=-1)  # (200, 200, 2)
    height = loss(theta).detach().numpy()
    rings = height.min() + (height.max() - height.min()) * np.linspace(0, 1, levels + 1)[1:] ** 2
    ax.contour(across.numpy(), up.numpy(), height, levels=rings, cmap="Greys_r", linewidths=0.8)
    paths = paths or {}
    for (name, path), known in zip(paths.items(), _looks(paths), strict=True):
        ax.plot(*path.detach().numpy().T, label=name, markersize=4, linewidth=1.2, **known)
    if paths:
        ax.legend()
    ax.set(xlim=x, ylim=y)
    ax.grid(False)
    return ax


def _look_number(i: int) -> dict[str, Any]:
    return {"color": COLOURS[i], "linestyle": DASHES[i], "marker": MARKERS[i]}


def _looks(names: Iterable[str]) -> list[dict[str, Any]]:
    """The looks of the names, where they have one; the others take turns with what is left."""
    names = list(names)
    taken = {LOOKS[name] for name in names if name in LOOKS}
    free = itertools.cycle([i for i in range(len(COLOURS)) if i not in taken] or range(len(COLOURS)))
    return [_look_number(LOOKS[name] if name in LOOKS else next(free)) for name in names]


def _name_ends(ax: Axes) -> None:
    """Write each line's label right of the axes, where the line ends, moved up where two would overlap."""
    gap = 0.09  # of the axes' height
    ax.autoscale_view()
    ends = []
    for line in ax.get_lines():
        y = np.asarray(line.get_ydata(), dtype=float)
        last = y[np.isfinite(y)][-1:]
        if last.size:
            where = ax.transLimits.transform(ax.transScale.transform((1, last[0])))[1]
            ends.append((min(max(where, 0), 1), line))
    ends.sort(key=lambda end: end[0])
    height = -math.inf
    for where, line in ends:
        height = max(where, height + gap)
        ax.text(
            1.02,
            height,
            str(line.get_label()),
            transform=ax.transAxes,
            va="center",
            color=0.7 * np.array(mpl.colors.to_rgb(line.get_color())),
        )
