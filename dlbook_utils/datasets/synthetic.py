"""Data that are drawn anew from a seed, so that the book runs anywhere and the truth behind them is known.

Every function takes ``n``, the examples in ``train``, and ``n_test``, those in each of ``val`` and ``test``.
The three parts have random numbers of their own: ``val`` and ``test`` stay the same when ``n`` changes.
An option out of its range is a ValueError that says the range.
"""

from collections.abc import Callable, Sequence
from numbers import Integral
from pathlib import Path

import numpy as np
import torch

from dlbook_utils.datasets.dataset import Dataset, Split

Array = np.ndarray
Draw = Callable[[np.random.Generator, int], tuple[Array, ...]]

CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
# Those of matplotlib's fonts that have all these characters (the other ones are made of symbols).
FONTS = (
    *(f"DejaVuSans{style}" for style in ("", "-Bold", "-Oblique", "-BoldOblique")),
    *(f"DejaVuSansMono{style}" for style in ("", "-Bold", "-Oblique", "-BoldOblique")),
    *(f"DejaVuSerif{style}" for style in ("", "-Bold", "-Italic", "-BoldItalic")),
    *(f"STIXGeneral{style}" for style in ("", "Bol", "Italic", "BolIta")),
    *("cmr10", "cmb10", "cmss10", "cmtt10"),
)


def blobs(
    *, n: int = 1000, n_test: int = 1000, seed: int = 0, classes: int = 3, noise: float = 0.5
) -> Dataset:
    """Round clouds: x (N, 2), y in 0..classes-1.

    Each class is a Gaussian with standard deviation ``noise`` in both directions. The centres stand evenly on
    a circle of radius 2, the first at (2, 0). No classifier beats the nearest centre.
    """
    _check(n, n_test, noise)
    _check_choice("classes", classes, range(1, 101))

    def draw(rng: np.random.Generator, n: int) -> tuple[Array, ...]:
        y = _labels(rng, n, classes)
        return _polar(2.0, 2 * np.pi * y / classes) + noise * rng.standard_normal((n, 2)), y

    return _dataset("blobs", draw, n, n_test, seed, tuple(map(str, range(classes))))


def rings(*, n: int = 1000, n_test: int = 1000, seed: int = 0, noise: float = 0.2) -> Dataset:
    """Two rings around the origin, of radius 1 (y = 0) and 2 (y = 1): x (N, 2).

    The radius of each point has a normal error with standard deviation ``noise``. No line separates the
    rings; a circle of radius 1.5 does it best.
    """
    _check(n, n_test, noise)

    def draw(rng: np.random.Generator, n: int) -> tuple[Array, ...]:
        y = _labels(rng, n, 2)
        radius = 1 + y + noise * rng.standard_normal(n)
        return _polar(radius, rng.uniform(0, 2 * np.pi, n)), y

    return _dataset("rings", draw, n, n_test, seed, ("inner", "outer"))


def moons(*, n: int = 1000, n_test: int = 1000, seed: int = 0, noise: float = 0.1) -> Dataset:
    """Two half circles of radius 1 that reach into each other: x (N, 2) from about (-1, -0.5) to (2, 1).

    The upper (y = 0) has its centre at the origin, the lower (y = 1) at (1, 0.5); normal noise with standard
    deviation ``noise`` is added to both coordinates.
    Source: the shape is that of ``make_moons`` in scikit-learn.
    """
    _check(n, n_test, noise)

    def draw(rng: np.random.Generator, n: int) -> tuple[Array, ...]:
        y = _labels(rng, n, 2)
        x = _polar(1.0, np.pi * (rng.uniform(size=n) + y)) + np.outer(y, [1, 0.5])
        return x + noise * rng.standard_normal((n, 2)), y

    return _dataset("moons", draw, n, n_test, seed, ("upper", "lower"))


def xor(*, n: int = 1000, n_test: int = 1000, seed: int = 0, noise: float = 0.2) -> Dataset:
    """Four round clouds at (±1, ±1): x (N, 2), y = 1 where the two signs differ.

    Normal noise with standard deviation ``noise`` is added to both coordinates; with ``n=4, noise=0`` these
    are the four corners, each once.
    """
    _check(n, n_test, noise)

    def draw(rng: np.random.Generator, n: int) -> tuple[Array, ...]:
        first, second = np.divmod(_labels(rng, n, 4), 2)
        corners = 2.0 * np.stack([first, second], axis=1) - 1
        return corners + noise * rng.standard_normal((n, 2)), first ^ second

    return _dataset("xor", draw, n, n_test, seed, ("same", "different"))


def curve(*, n: int = 100, n_test: int = 1000, seed: int = 0, noise: float = 0.2) -> Dataset:
    """One period of a sine: x (N, 1), uniform in [0, 1], and y (N,), sin(2 pi x) with normal noise.

    The smallest mean squared error that any model reaches is noise².
    Source: C. Bishop, Pattern Recognition and Machine Learning, 2006, section 1.1.
    """
    _check(n, n_test, noise)

    def draw(rng: np.random.Generator, n: int) -> tuple[Array, ...]:
        x = rng.uniform(size=(n, 1))
        return x, np.sin(2 * np.pi * x[:, 0]) + noise * rng.standard_normal(n)

    return _dataset("curve", draw, n, n_test, seed)


def glyphs(
    *,
    n: int = 10_000,
    n_test: int = 2_000,
    seed: int = 0,
    classes: int = 36,
    fonts: Sequence[str] = FONTS,
    noise: float = 0.1,
) -> Dataset:
    """Printed characters, white on black: x (N, 1, 28, 28) in [0, 1].

    Each is rendered from one of matplotlib's fonts (a capital is 16 pixels high), then scaled by 0.8 to 1.1,
    turned by up to 15 degrees, sheared by up to 0.2, shifted by up to 1.5 pixels, dimmed by up to 30 %, and
    given normal noise.

    Args:
        n: examples in ``train``.
        n_test: examples in each of ``val`` and ``test``.
        seed: of everything random.
        classes: 10 digits, 36 with the capitals, or 62 with the small letters.
        fonts: the names to draw from, of those in ``FONTS``.
        noise: its standard deviation, in grey levels from 0 to 1.
    """
    unknown = sorted(set(fonts) - set(FONTS))
    if unknown or not fonts:
        raise ValueError(
            f"fonts is one or more of {', '.join(FONTS)}, but {', '.join(unknown) or 'none'} came"
        )
    _check(n, n_test, noise)
    _check_choice("classes", classes, (10, 36, 62))
    templates = _rendered(CHARACTERS[:classes], fonts)

    def draw(rng: np.random.Generator, n: int) -> tuple[Array, ...]:
        y = _labels(rng, n, classes)
        x = np.concatenate(
            [
                _jittered(templates[rng.integers(len(fonts), size=len(part)), part], rng)
                for part in np.array_split(y, -(-n // 1000))  # a thousand at a time keeps memory small
            ]
        )
        x *= rng.uniform(0.7, 1, (n, 1, 1, 1))
        return np.clip(x + noise * rng.standard_normal(x.shape), 0, 1), y

    return _dataset("glyphs", draw, n, n_test, seed, tuple(CHARACTERS[:classes]))


def shapes(
    *, n: int = 1000, n_test: int = 500, seed: int = 0, size: int = 48, noise: float = 0.05
) -> Dataset:
    """One coloured shape on a grey ground; each part is ``(x, y, boxes, masks)``.

    ``x`` (N, 3, size, size) is in [0, 1], with normal noise of standard deviation ``noise``.
    ``y`` (N,) tells circle, square, triangle and cross.
    ``boxes`` (N, 4), float32, are left, top, right and bottom in pixels, the last two exclusive.
    ``masks`` (N, size, size), int64, are 0 on the ground and 1 + y on the shape.

    The shape lies wholly inside the image, at any angle. Whichever it is, it covers 4.5 to 12.5 % of the
    image in any colour, so that neither its area nor its colour tells the class.
    """
    _check(n, n_test, noise)
    _check_choice("size", size, range(16, 257))

    def draw(rng: np.random.Generator, n: int) -> tuple[Array, ...]:
        from matplotlib.colors import hsv_to_rgb

        y = _labels(rng, n, len(_OUTLINES))
        radius = size * rng.uniform(0.12, 0.2, (n, 1, 1))  # of the circle; the others have its area
        reach = 1.56 * radius  # a triangle's corner
        column, row = (rng.uniform(reach, size - reach) for _ in range(2))
        angle = rng.uniform(0, 2 * np.pi, (n, 1, 1))
        pixels = np.arange(size) + 0.5
        right, down = (pixels - column) / radius, (pixels[:, None] - row) / radius
        u, v = right * np.cos(angle) + down * np.sin(angle), down * np.cos(angle) - right * np.sin(angle)
        outside = np.empty((n, size, size))  # distance from the outline in pixels, negative inside
        for label, outline in enumerate(_OUTLINES.values()):
            rows = y == label
            outside[rows] = radius[rows] * outline(u[rows], v[rows])

        cover = np.clip(0.5 - outside, 0, 1)[:, None]
        ground = rng.uniform(0, 0.4, (n, 1, 1, 1))
        colour = hsv_to_rgb(rng.uniform([0, 0.6, 0.7], 1, (n, 3)))[:, :, None, None]
        x = ground + cover * (colour - ground) + noise * rng.standard_normal((n, 3, size, size))
        inside = outside < 0
        return np.clip(x, 0, 1), y, _boxes(inside), inside * (1 + y[:, None, None])

    return _dataset("shapes", draw, n, n_test, seed, tuple(_OUTLINES))


_OUTLINES: dict[str, Callable[[Array, Array], Array]] = {
    # How far a point lies outside, in units of the circle's radius. Every shape has the area of that circle.
    "circle": lambda u, v: np.hypot(u, v) - 1,
    "square": lambda u, v: np.maximum(abs(u), abs(v)) - 0.886,
    "triangle": lambda u, v: np.maximum(v, 0.866 * abs(u) - 0.5 * v) - 0.778,
    "cross": lambda u, v: np.minimum(
        np.maximum(abs(u) - 1.189, abs(v) - 0.396), np.maximum(abs(u) - 0.396, abs(v) - 1.189)
    ),
}


def _boxes(inside: Array) -> Array:
    """Return left, top, right, bottom, (N, 4), of the masks ``inside``, (N, height, width)."""
    columns, rows = np.any(inside, axis=1), np.any(inside, axis=2)
    first = [line.argmax(axis=1) for line in (columns, rows)]
    last = [line.shape[1] - line[:, ::-1].argmax(axis=1) for line in (columns, rows)]
    return np.stack([*first, *last], axis=1).astype(np.float32)


def _rendered(characters: str, fonts: Sequence[str]) -> Array:
    """Return each character in each font, upright, at twice the size: (fonts, characters, 56, 56)."""
    import matplotlib
    from PIL import Image, ImageDraw, ImageFont

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    templates = np.zeros((len(fonts), len(characters), 56, 56), dtype=np.float32)
    for of_font, name in zip(templates, fonts, strict=True):
        _, top, _, bottom = ImageFont.truetype(str(folder / f"{name}.ttf"), 100).getbbox("H")
        font = ImageFont.truetype(str(folder / f"{name}.ttf"), round(32 * 100 / (bottom - top)))
        for template, character in zip(of_font, characters, strict=True):
            image = Image.new("L", (56, 56))
            left, _, right, _ = font.getbbox(character, anchor="ls")
            ImageDraw.Draw(image).text(
                (28 - (left + right) / 2, 44), character, fill=255, font=font, anchor="ls"
            )
            template[:] = np.asarray(image) / 255
    return templates


def _jittered(templates: Array, rng: np.random.Generator) -> Array:
    """Scale, turn, shear and shift each of the templates, (N, 56, 56), at random: (N, 1, 28, 28)."""
    n = len(templates)
    scale, shear = rng.uniform(0.8, 1.1, n), rng.uniform(-0.2, 0.2, n)
    angle, shift = np.radians(rng.uniform(-15, 15, n)), rng.uniform(-1.5 / 14, 1.5 / 14, (n, 2, 1))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]).transpose(2, 0, 1)
    turn[:, 0] += shear[:, None] * turn[:, 1]
    maps = torch.from_numpy(np.concatenate([turn / scale[:, None, None], shift], axis=2).astype(np.float32))
    grid = torch.nn.functional.affine_grid(maps, [n, 1, 28, 28], align_corners=False)
    moved = torch.nn.functional.grid_sample(torch.from_numpy(templates[:, None]), grid, align_corners=False)
    return moved.numpy()


def _dataset(name: str, draw: Draw, n: int, n_test: int, seed: int, classes: tuple[str, ...] = ()) -> Dataset:
    """Draw the three parts, each from random numbers of its own."""
    train, val, test = (
        _tensors(draw(rng, size))
        for rng, size in zip(np.random.default_rng(seed).spawn(3), (n, n_test, n_test), strict=True)
    )
    return Dataset(name, train, val, test, "drawn by dlbook_utils from its seed", classes)


def _tensors(arrays: tuple[Array, ...]) -> Split:
    """Whole numbers become int64, all others float32."""
    kinds = {True: np.int64, False: np.float32}
    return tuple(torch.from_numpy(a.astype(kinds[np.issubdtype(a.dtype, np.integer)])) for a in arrays)


def _labels(rng: np.random.Generator, n: int, classes: int) -> Array:
    """Return n labels in random order; no class has more than one example over another."""
    return rng.permutation(np.arange(n) % classes)


def _polar(radius: Array | float, angle: Array) -> Array:
    """Return the points (N, 2) at this distance and angle (in radians) from the origin."""
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def _check(n: int, n_test: int, noise: float) -> None:
    """Refuse what cannot be drawn."""
    for name, count in (("n", n), ("n_test", n_test)):
        if not isinstance(count, Integral) or count < 1:
            raise ValueError(f"{name} is a whole number of examples, at least 1, but {count!r} came")
    if not 0 <= noise < np.inf:
        raise ValueError(f"noise is a standard deviation, 0 or more, but {noise!r} came")


def _check_choice(name: str, value: int, choices: Sequence[int]) -> None:
    """Refuse an option whose value is not one of its choices."""
    if not isinstance(value, Integral) or value not in choices:
        span = f"from {choices[0]} to {choices[-1]}" if isinstance(choices, range) else f"one of {choices}"
        raise ValueError(f"{name} is a whole number {span}, but {value!r} came")
