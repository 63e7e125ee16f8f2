"""A board to draw on in the HTML page, where a small network answers in the page's own script."""

import base64
import html
import json
from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_BYTES = 200_000  # all weights together, as they travel in the page
PEN = 3 / 16  # of the picture's side: how thick the strokes of the digits in dl.load("digits") are

_PAGE = """\
<div class="dl-drawing" role="group" aria-label="{alt}">
<style>
{style}</style>
<p class="dl-drawing-note"><em>The drawing board needs JavaScript. In Jupyter, run the cell.</em></p>
<div class="dl-drawing-board" hidden>
<div class="dl-drawing-draw">
<p>You draw</p>
<svg class="dl-drawing-pad" viewBox="0 0 100 100" role="img"
  aria-label="A square to draw in with a mouse, a pen or a finger; the grid that follows takes the keyboard">
<path d=""/>
</svg>
<button type="button">Clear</button>
</div>
<div class="dl-drawing-see">
<p>The network sees</p>
<svg class="dl-drawing-grid" viewBox="0 0 {side} {side}" tabindex="0" role="application"
  aria-label="What the network sees, {side} by {side} cells. {help}">
<path class="dl-drawing-cells"/>
<path class="dl-drawing-lines" d="{lines}"/>
<rect class="dl-drawing-cursor" x=".15" y=".15" width=".7" height=".7"/>
</svg>
<p class="dl-drawing-cell" aria-live="polite">{help}</p>
</div>
<div class="dl-drawing-answer">
<p>It answers <output aria-live="polite"></output></p>
<ul>
{bars}
</ul>
</div>
</div>
<script type="application/json">{data}</script>
<script>
{script}</script>
</div>"""
_BAR = '<li><b>{}</b><span class="dl-drawing-bar"><i style="width:0%"></i></span><span>0 %</span></li>'
_HELP = "Click a cell to change it, or use the arrow keys and the space bar."


class DrawingBoard:
    """What `drawing_board` returns: displays itself as HTML.

    Attributes:
        layers: the weights and biases of each layer, in float32, exactly as the page computes with them.
    """

    def __init__(
        self,
        layers: Sequence[tuple[NDArray[np.float32], NDArray[np.float32]]],
        alt: str,
        side: int,
        classes: Sequence[str],
        box: tuple[float, float],
    ) -> None:
        self.layers, self.alt, self.side, self.classes, self.box = layers, alt, side, classes, box

    def _repr_html_(self) -> str:
        """The board with its script; without JavaScript, a line that says so."""
        weights = b"".join(array.astype("<f4").tobytes() for layer in self.layers for array in layer)
        data = {
            "side": self.side,
            "box": self.box,
            "pen": PEN * self.side,
            "sizes": [len(b) for _, b in self.layers],
            "weights": base64.b64encode(weights).decode(),
        }
        return _PAGE.format(
            alt=html.escape(self.alt),
            side=self.side,
            help=_HELP,
            lines="".join(f"M0 {i}h{self.side}M{i} 0v{self.side}" for i in range(1, self.side)),
            bars="\n".join(_BAR.format(html.escape(name)) for name in self.classes),
            data=json.dumps(data),
            style=_resource("drawing.css"),
            script=_resource("drawing.js"),
        )

    def __repr__(self) -> str:
        sizes = [self.side**2, *(len(b) for _, b in self.layers)]
        return f"drawing_board({'-'.join(map(str, sizes))}; classes: {', '.join(self.classes)})"


def drawing_board(
    layers: Iterable[tuple[Any, Any]],
    *,
    alt: str,
    side: int = 16,
    classes: Iterable[Any] = range(10),
    box: tuple[float, float] | None = None,
) -> DrawingBoard:
    """Make a board on which a reader of the page draws, and a network that answers while they do.

    The page needs neither a kernel nor a network connection: the weights travel in it, and its script
    computes ReLU after every layer but the last, and softmax after that one. The network gets a picture of
    zeros and ones. The strokes' bounding box is enlarged or reduced, its aspect kept, until it fills ``box``;
    it is centred, drawn with a pen as thick as the strokes of the training digits (3 cells of 16), and a cell
    is 1 where ink covers half of it or more. Strokes shorter than a fifth of the board are enlarged as if
    they were that long. The picture's cells can also be changed one by one, by pointer or by keyboard.

    Args:
        layers: the weights (inputs, outputs) and the biases (outputs,) of each layer, arrays or tensors; the
            first layer has side * side inputs, the picture's rows one after the other.
        alt: what the board is for, for readers who do not see it.
        side: height and width of the network's picture, in cells.
        classes: the name of each output of the last layer.
        box: height and width, in cells, that the drawing fills: those that the training pictures fill. The
            default is the whole picture: of the digits of ``dl.load("digits")``, enlarged to 16x16 and
            thresholded at 0.5, 99 % are 16 cells high.

    Raises:
        ValueError: if the alt text is missing, the layers do not lead from side * side inputs to one output
            a class, the box does not fit into the picture, or the weights take over 200 KB in the page.
    """
    if not alt.strip():
        raise ValueError('expected alt= to say what the board is for, got ""')
    height, width = box or (side, side)
    if not all(PEN * side < length <= side for length in (height, width)):
        raise ValueError(
            f"expected a box over {PEN * side:g} and at most {side} cells high and wide, "
            f"got {height:g} x {width:g}"
        )
    arrays = [(_array(W), _array(b)) for W, b in layers]
    inputs = side * side
    for number, (W, b) in enumerate(arrays, start=1):
        if W.ndim != 2 or W.shape[0] != inputs or b.shape != W.shape[1:]:
            raise ValueError(
                f"layer {number}: expected weights ({inputs}, outputs) and biases (outputs,), "
                f"got {W.shape} and {b.shape}; nn.Linear keeps its weights transposed"
            )
        inputs = len(b)
    names = [str(name) for name in classes]
    if not arrays or inputs != len(names):
        raise ValueError(f"expected one class an output, got {len(names)} classes and {inputs} outputs")
    weight = sum(W.nbytes + b.nbytes for W, b in arrays) * 4 // 3  # as base64
    if weight > MAX_BYTES:
        raise ValueError(
            f"expected at most {MAX_BYTES // 1000} KB of weights, got {weight // 1000} KB; "
            "make the network narrower"
        )
    return DrawingBoard(arrays, alt, side, names, (height, width))


def _array(values: Any) -> NDArray[np.float32]:
    """A copy of an array or a tensor, so that training on leaves the board alone."""
    if hasattr(values, "detach"):
        values = values.detach().cpu().numpy()
    return np.array(values, dtype=np.float32)


def _resource(name: str) -> str:
    return files("dlbook_utils").joinpath(name).read_text(encoding="utf-8")
