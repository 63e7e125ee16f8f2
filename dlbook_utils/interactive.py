"""Interactive figures: live sliders in a kernel, a slider over ready-drawn frames in the HTML book."""

import base64
import html
import io
import itertools
import json
import math
from collections.abc import Callable, Iterable
from typing import Any

MAX_FRAMES = 24
MAX_WIDTH = 1000  # pixels
MAX_BYTES = 400_000  # all frames of a figure together
COLOURS = 64
DPI = 150

# Finds its own figure, so that the same one may stand twice on a page.
_SCRIPT = """
(() => {
  const root = document.currentScript.closest(".dl-explore");
  const data = root.querySelector("[type='application/json']").textContent;
  const {alt, names, labels, frames} = JSON.parse(data);
  const sliders = [...root.querySelectorAll("input")], image = root.querySelector("img");
  const show = () => {
    const at = sliders.map(slider => Number(slider.value));
    const texts = at.map((i, k) => labels[k][i]);
    sliders.forEach((slider, k) => {
      slider.setAttribute("aria-valuetext", texts[k]);
      slider.parentElement.nextElementSibling.textContent = texts[k];
    });
    const frame = at.reduce((index, i, k) => index * labels[k].length + i, 0);
    image.src = "data:image/png;base64," + frames[frame];
    image.alt = alt + " (" + names.map((name, k) => name + " = " + texts[k]).join(", ") + ")";
  };
  sliders.forEach(slider => { slider.disabled = false; slider.addEventListener("input", show); });
  root.querySelector(".dl-explore-note").hidden = true;
  show();
})();
"""


class Explorer:
    """What `explore` returns: displays itself with sliders, live or over frames, whichever the reader has."""

    def __init__(
        self, draw: Callable[..., Any], alt: str, size: tuple[float, float], grid: dict[str, list[Any]]
    ) -> None:
        self.draw, self.alt, self.size, self.grid = draw, alt, size, grid
        self.frames = [
            self.frame(**dict(zip(grid, values, strict=True))) for values in itertools.product(*grid.values())
        ]
        weight = sum(len(frame) for frame in self.frames) * 4 // 3  # as base64
        if weight > MAX_BYTES:
            raise ValueError(
                f"expected at most {MAX_BYTES // 1000} KB in all frames, got {weight // 1000} KB; "
                "offer fewer values, draw less, or make the figure smaller"
            )

    def frame(self, **parameters: Any) -> bytes:
        """Draw one frame and return it as a PNG of at most 64 colours."""
        from matplotlib.figure import Figure
        from PIL import Image

        figure = Figure(figsize=self.size, dpi=DPI, layout="constrained")
        self.draw(figure, **parameters)
        if not figure.axes:
            raise ValueError("draw left the figure empty; expected it to draw on the one it is given")
        drawn, png = io.BytesIO(), io.BytesIO()
        figure.savefig(drawn, format="png", bbox_inches=None)
        # Of Pillow's fast methods the one that keeps the colour of a thin line over a heat map.
        picture = (
            Image.open(drawn)
            .convert("RGB")
            .quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        )
        picture.save(png, "PNG", optimize=True)
        return png.getvalue()

    def widget(self) -> Any:
        """Return live ipywidgets sliders over a picture that is drawn anew at every move."""
        import ipywidgets

        sliders = {
            name: ipywidgets.SelectionSlider(
                options=[(_label(v), v) for v in values], description=_name(name)
            )
            for name, values in self.grid.items()
        }
        picture = ipywidgets.Image(value=self.frames[0], format="png")

        def redraw(_: Any) -> None:
            picture.value = self.frame(**{name: slider.value for name, slider in sliders.items()})

        for slider in sliders.values():
            slider.observe(redraw, names="value")
        return ipywidgets.VBox([*sliders.values(), picture])

    def _repr_html_(self) -> str:
        """Sliders over the frames; without JavaScript, the first frame and a line that says so."""
        labels = [[_label(value) for value in values] for values in self.grid.values()]
        names = [_name(name) for name in self.grid]
        frames = [base64.b64encode(frame).decode() for frame in self.frames]
        first = ", ".join(f"{name} = {texts[0]}" for name, texts in zip(names, labels, strict=True))
        sliders = "".join(map(_slider, names, labels))
        data = json.dumps({"alt": self.alt, "names": names, "labels": labels, "frames": frames})
        width, height = (round(inches * DPI) for inches in self.size)
        return (
            f'<div class="dl-explore" role="group" aria-label="{html.escape(self.alt)}">{sliders}'
            f'<img alt="{html.escape(f"{self.alt} ({first})")}" src="data:image/png;base64,{frames[0]}" '
            f'width="{width}" height="{height}" style="max-width:100%;height:auto">'
            '<p class="dl-explore-note"><em>The sliders need JavaScript; this is the first frame. '
            "In Jupyter, run the cell.</em></p>"
            # "<" is escaped so that no label can close the script.
            f'<script type="application/json">{data.replace("<", chr(92) + "u003c")}</script>'
            f"<script>{_SCRIPT}</script></div>"
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Frames for the book and live widgets for a kernel: a front end takes the richest it can show."""
        # Only from ipywidgets 8 on does a widget give this itself; Colab has ipywidgets 7.
        view = {"version_major": 2, "version_minor": 0, "model_id": self.widget().model_id}
        return {
            "application/vnd.jupyter.widget-view+json": view,
            "text/html": self._repr_html_(),
            "text/plain": repr(self),
        }

    def __repr__(self) -> str:
        values = "; ".join(f"{_name(n)}: {', '.join(map(_label, values))}" for n, values in self.grid.items())
        return f"explore({values}), {len(self.frames)} frames"


def explore(
    draw: Callable[..., Any], *, alt: str, size: tuple[float, float] = (5.2, 3.2), **grid: Iterable[Any]
) -> Explorer:
    """Make an interactive figure of a pure drawing function and the values its parameters may take.

    In a live kernel the sliders call ``draw`` anew; in the built book, with no kernel and no network, they
    choose among frames drawn beforehand. The first value of every parameter is shown first.

    Args:
        draw: ``draw(fig, **parameters)`` draws on a fresh matplotlib figure; it must not depend on anything
            that changes between two calls.
        alt: what is to be seen, for readers who do not see it; the sliders' values are added.
        size: width and height in inches, at 150 pixels an inch.
        grid: the values of each parameter, in the slider's order; underscores are shown as spaces.

    Raises:
        ValueError: if a parameter has no values, the alt text is missing, ``draw`` draws nothing, or the
            frames are too many (24), too wide (1,000 pixels) or too heavy (400 KB in all).
    """
    values = {name: list(choices) for name, choices in grid.items()}
    if not values or not all(values.values()):
        raise ValueError("expected at least one parameter, each with at least one value, as in lr=[0.1, 0.2]")
    if not alt.strip():
        raise ValueError('expected alt= to say what is to be seen, got ""')
    count = math.prod(len(choices) for choices in values.values())
    if count > MAX_FRAMES:
        raise ValueError(f"expected at most {MAX_FRAMES} frames, got {count}; offer fewer values")
    if size[0] * DPI > MAX_WIDTH:
        raise ValueError(f"expected a width of at most {MAX_WIDTH / DPI:.3g} inches, got {size[0]:g}")
    return Explorer(draw, alt, size, values)


def _slider(name: str, texts: list[str]) -> str:
    """One labelled range input and the value it stands at; the script in the page wakes it."""
    first = html.escape(texts[0])
    return (
        '<div class="dl-explore-slider" style="display:flex;gap:.8em;align-items:center">'
        f'<label style="display:flex;gap:.8em;flex:1">{html.escape(name)} '
        f'<input type="range" min="0" max="{len(texts) - 1}" step="1" value="0" aria-valuetext="{first}" '
        f'style="flex:1" disabled></label><output style="min-width:4em">{first}</output></div>'
    )


def _name(parameter: str) -> str:
    return parameter.replace("_", " ")


def _label(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
