"""Numbers in texts: what prose says, what code and outputs show, and whether the one shows the other."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

_DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d+)"
# Not the digits in names and versions: float32, v1.2.3.
NUMBER = re.compile(rf"(?<![\w.])[-+]?{_DIGITS}(?:\.\d*)?(?:[eE][-+]?\d+)?")
_QUANTITY = re.compile(
    rf"(?<![\w.,]){_DIGITS}(?:\.(?P<decimals>\d+))?(?:[eE](?P<exponent>[-+]?\d+))?"
    r"(?P<percent>\s?(?:%|per ?cent))?(?![.,]?\d)"
)


@dataclass(frozen=True)
class Shown:
    """A number that a reader finds in code or in an output, without its sign."""

    value: float
    is_integer: bool  # as it is written


@dataclass(frozen=True)
class Quantity:
    """A decimal or a percentage in prose."""

    text: str
    value: float
    last_digit: float  # what one unit of its last digit is worth
    is_percentage: bool

    def is_shown_by(self, shown: Shown) -> bool:
        """Whether a number, rounded as the prose rounds it, is what the prose says.

        A percentage may be shown as a fraction of one, but not by an integer: a 1 somewhere is not 100 %.
        """
        scales = (1, 100) if self.is_percentage and not shown.is_integer else (1,)
        return any(
            abs(scale * shown.value - self.value) <= (0.5 + 1e-9) * self.last_digit for scale in scales
        )


def value(number: str) -> float:
    """Return what a match of `NUMBER` is worth."""
    return float(number.replace(",", ""))


def quantities(prose: str) -> Iterator[Quantity]:
    """Yield the decimals and the percentages in some prose; integers may stand there unproven."""
    for match in _QUANTITY.finditer(prose):
        decimals, percent = match["decimals"], match["percent"]
        if decimals or percent:
            last_digit = 10.0 ** (int(match["exponent"] or 0) - len(decimals or ""))
            written = match[0].removesuffix(percent or "")
            yield Quantity(match[0], value(written), last_digit, percent is not None)


def shown_by(cell: NotebookNode) -> Iterator[Shown]:
    """Yield the numbers in a code cell and in its stored text outputs; comments and pictures show none."""
    for node in ast.walk(ast.parse(TransformerManager().transform_cell(cell.source))):
        match node:
            case ast.Constant(value=int() | float() as constant) if not isinstance(constant, bool):
                yield Shown(float(constant), isinstance(constant, int))
    for output in cell.outputs:
        for text in _texts(output):
            for number in NUMBER.findall(text):
                digits = number.lstrip("+-")
                yield Shown(value(digits), digits.isdigit())


def _texts(output: NotebookNode) -> Iterator[str]:
    """Yield what an output says in words; of HTML and SVG what is between the tags."""
    yield output.get("text", "")
    yield output.get("evalue", "")
    for mime, content in output.get("data", {}).items():
        if mime in ("text/html", "image/svg+xml"):
            yield re.sub(r"(?s)<(script|style)\b.*?</\1>|<[^>]*>", " ", content)
        elif mime.startswith("text/"):
            yield content
