"""The drawing boards, drawn on in a browser: one with a random network, and every one in the book."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import looking
import pytest
import torch
from looking import ROOT, Visit
from playwright.sync_api import Browser, Locator

import dlbook_utils as dl

SITE = ROOT / "_build" / "html"
PAGES = [
    path for path in looking.html_files(SITE) if 'class="dl-drawing"' in path.read_text(encoding="utf-8")
]
TWO = [(30, 30), (50, 15), (70, 30), (30, 85), (72, 85)]
ONE = [(50, 15), (52, 85)]
FRAME = """<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8"><title>Tiny</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<body><main><h1>Tiny</h1>{}{}</main></body></html>"""

Layers = list[tuple[torch.Tensor, torch.Tensor]]


@dataclass
class Board:
    """A drawing board in the browser, with the layers that it says it has."""

    visited: Visit
    root: Locator
    layers: Layers

    def find(self, name: str) -> Locator:
        return self.root.locator(f".dl-drawing-{name}")

    def points(self, corners: list[tuple[int, int]]) -> list[tuple[float, float]]:
        """Places on the pad, given in per cent of its side, as places in the window."""
        self.find("pad").evaluate("pad => pad.scrollIntoView({block: 'center', behavior: 'instant'})")
        pad = self.find("pad").bounding_box()
        return [(pad["x"] + x * pad["width"] / 100, pad["y"] + y * pad["height"] / 100) for x, y in corners]

    def draw(self, corners: list[tuple[int, int]]) -> None:
        mouse, (first, *others) = self.visited.page.mouse, self.points(corners)
        mouse.move(*first)
        mouse.down()
        for point in others:
            mouse.move(*point, steps=5)
        mouse.up()

    def clear(self) -> None:
        self.root.get_by_role("button", name="Clear").click()

    def cells(self) -> torch.Tensor:
        """What the network sees, as the page shows it: (256,)."""
        picture = torch.zeros(16, 16)
        for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", self.find("cells").get_attribute("d")):
            picture[int(y), int(x)] = 1
        return picture.flatten()

    def probabilities(self) -> torch.Tensor:
        widths = self.find("bar").locator("i").evaluate_all("bars => bars.map(bar => bar.style.width)")
        return torch.tensor([float(width.rstrip("%")) / 100 for width in widths])

    def gap(self) -> float:
        """How far the page's probabilities are from PyTorch's."""
        values = self.cells()
        for i, (W, b) in enumerate(self.layers):
            values = (values.relu() if i else values) @ W + b
        return (values.softmax(0) - self.probabilities()).abs().max().item()


def random_layers() -> Layers:
    generator = torch.Generator().manual_seed(0)
    shapes = [(256, 24), (24, 12), (12, 10)]
    return [
        (torch.randn(shape, generator=generator) / 4, torch.randn(shape[1], generator=generator))
        for shape in shapes
    ]


def layers_in(root: Locator) -> Layers:
    """The layers that travel in a page."""
    data = json.loads(root.locator("[type='application/json']").text_content())
    weights = torch.frombuffer(bytearray(base64.b64decode(data["weights"])), dtype=torch.float32)
    layers, inputs = [], data["side"] ** 2
    for outputs in data["sizes"]:
        W, b, weights = weights.split([inputs * outputs, outputs, len(weights) - (inputs + 1) * outputs])
        layers.append((W.view(inputs, outputs), b))
        inputs = outputs
    return layers


@pytest.fixture
def tiny(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Board]]:
    """Open a page with two boards, for a touch screen on demand; the first is given back."""
    contexts = []

    def open_page(shown: Layers | None = None, **options: object) -> Board:
        html = dl.drawing_board(shown or random_layers(), alt="Draw a digit")._repr_html_()
        (tmp_path / "tiny.html").write_text(FRAME.format(html, html), encoding="utf-8")
        contexts.append(browser.new_context(**options))
        visited = Visit(contexts[-1].new_page())
        visited.page.goto((tmp_path / "tiny.html").as_uri())
        return Board(visited, visited.page.locator(".dl-drawing").first, random_layers())

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(params=["tiny", *[pytest.param(page, id=page.stem) for page in PAGES]])
def board(request: pytest.FixtureRequest, browser: Browser, tiny: Callable[..., Board]) -> Iterator[Board]:
    if request.param == "tiny":
        opened = tiny()
        yield opened
    else:
        visited = looking.visit(browser, request.param.as_uri())
        root = visited.page.locator(".dl-drawing").first
        opened = Board(visited, root, layers_in(root))
        yield opened
        visited.page.close()
    assert opened.visited.errors == []
    assert looking.foreign_requests(opened.visited) == []


def test_every_notebook_with_a_board_has_it_in_its_page() -> None:
    notebooks = [
        path.relative_to(ROOT).with_suffix(".html")
        for path in sorted((ROOT / "chapters").rglob("*.ipynb"))
        if "dl.drawing_board(" in path.read_text(encoding="utf-8")
    ]
    assert [page.relative_to(SITE) for page in PAGES] == notebooks, "run `make book`"


def test_strokes_become_cells_and_the_network_answers_as_pytorch_does(board: Board) -> None:
    board.draw(TWO)
    assert 30 < board.cells().sum() < 150
    assert board.probabilities().sum() == pytest.approx(1, abs=1e-4)
    assert board.gap() < 1e-4


def test_the_gap_shows_permuted_weights(tiny) -> None:
    (W, b), *others = random_layers()
    board = tiny([(W[torch.randperm(256, generator=torch.Generator().manual_seed(1))], b), *others])
    board.draw(TWO)
    assert board.gap() > 0.01


def test_the_answer_is_said_and_marked(board: Board) -> None:
    assert board.root.locator("output").inner_text() == "nothing drawn yet"
    board.draw(TWO)
    best, probability = board.probabilities().argmax().item(), board.probabilities().max().item()
    assert board.root.locator("output").inner_text() == f"{best}, {100 * probability:.0f} %"
    assert board.root.locator("output").get_attribute("aria-live") == "polite"
    lines = board.root.locator("li")
    weights = lines.evaluate_all("all => all.map(line => getComputedStyle(line).fontWeight)")
    assert [k for k, weight in enumerate(weights) if int(weight) > 400] == [best]
    assert lines.nth(best).inner_text().split() == [str(best), f"{100 * probability:.0f}", "%"]


def test_clear_leaves_nothing(board: Board) -> None:
    board.draw(TWO)
    board.clear()
    assert board.cells().sum() == 0
    assert board.probabilities().sum() == 0
    assert board.root.locator("output").inner_text() == "nothing drawn yet"
    board.draw(ONE)
    assert board.cells().view(16, 16).any(1).all()  # as high as the box, and of the "2" nothing is left
    assert board.cells().sum() < 60


def test_the_same_drawing_gets_the_same_answer(board: Board) -> None:
    board.draw(TWO)
    cells, probabilities = board.cells(), board.probabilities()
    board.clear()
    board.draw(TWO)
    assert torch.equal(board.cells(), cells)
    assert torch.equal(board.probabilities(), probabilities)


def test_a_drawing_is_centred_in_its_box_wherever_it_stands_and_however_large(tiny) -> None:
    board = tiny()
    pictures = []
    for scale, shift in ((1, 0), (0.5, 2), (0.5, 45)):
        board.clear()
        board.draw([(x * scale + shift, y * scale + shift) for x, y in TWO])
        pictures.append(board.cells().view(16, 16))
    rows, columns = (pictures[0].any(axis).nonzero().flatten().tolist() for axis in (1, 0))
    assert (rows[0], rows[-1]) == (0, 15)
    assert abs(columns[0] - (15 - columns[-1])) <= 1
    for picture in pictures[1:]:
        assert (picture != pictures[0]).sum() <= 6  # rounding at the edges


def test_a_dot_stays_small(tiny) -> None:
    board = tiny()
    board.draw([(50, 50)])
    assert 4 <= board.cells().sum() <= 16


def test_cells_can_be_changed_by_keyboard(board: Board) -> None:
    keyboard = board.visited.page.keyboard
    board.root.get_by_role("button", name="Clear").focus()
    keyboard.press("Tab")
    assert board.find("grid").evaluate("grid => grid === document.activeElement")
    assert board.find("cursor").is_visible()
    for key in ("ArrowUp", "ArrowRight", "ArrowRight", "ArrowDown", " "):
        keyboard.press(key)
    assert board.cells().nonzero().tolist() == [[16 + 2]]
    assert board.find("cell").inner_text() == "Row 2, column 3: ink"
    assert board.gap() < 1e-4
    keyboard.press("ArrowLeft")
    assert board.find("cell").inner_text() == "Row 2, column 2: empty"
    keyboard.press("ArrowRight")
    keyboard.press(" ")
    assert board.cells().sum() == 0
    keyboard.press("Tab")
    assert not board.find("cursor").is_visible()


def test_a_click_changes_a_cell_of_a_drawing(board: Board) -> None:
    board.draw(TWO)
    before = board.cells()
    size = board.find("grid").bounding_box()["width"]
    board.find("grid").click(position={"x": size * 4.5 / 16, "y": size * 15.5 / 16})
    assert (board.cells() != before).nonzero().tolist() == [[15 * 16 + 4]]
    assert board.gap() < 1e-4


def test_a_finger_draws_and_does_not_scroll(tiny) -> None:
    board = tiny(has_touch=True, viewport={"width": 390, "height": 500})
    first, *others = board.points(TWO)
    touch = board.visited.page.context.new_cdp_session(board.visited.page)
    scrolled = board.visited.page.evaluate("scrollY")

    def send(kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y} for x, y in points]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    send("touchStart", first)
    for point in others:
        send("touchMove", point)
    send("touchEnd")
    assert 30 < board.cells().sum() < 150
    assert board.gap() < 1e-4
    assert board.visited.page.evaluate("scrollY") == scrolled


def test_two_boards_leave_each_other_alone(tiny) -> None:
    board = tiny()
    other = Board(board.visited, board.visited.page.locator(".dl-drawing").nth(1), board.layers)
    board.draw(TWO)
    assert other.cells().sum() == 0
    other.draw(ONE)
    assert not torch.equal(other.cells(), board.cells())


def test_accessible_after_drawing_and_fits_a_phone(tiny) -> None:
    board = tiny()
    board.draw(TWO)
    board.find("grid").focus()
    for width in (1280, 390):
        looking.show(board.visited.page, width=width)
        assert looking.axe_violations(board.visited.page) == []
    assert looking.too_wide(board.visited.page) == []


def test_without_javascript_it_says_so(browser: Browser, tiny) -> None:
    board = tiny(java_script_enabled=False)
    assert "needs JavaScript" in board.find("note").inner_text()
    assert not board.find("board").is_visible()
