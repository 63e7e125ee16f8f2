"""Drawing boards: what they refuse, what their HTML says, and the weights that travel in it."""

import base64
import itertools
import json
import re

import numpy as np
import pytest
import torch

import dlbook_utils as dl


def layers_of(*sizes):
    generator = np.random.default_rng(0)
    return [
        (generator.normal(size=(rows, columns)), generator.normal(size=columns))
        for rows, columns in itertools.pairwise(sizes)
    ]


@pytest.fixture(scope="module")
def board():
    return dl.drawing_board(layers_of(16, 5, 3), alt="Draw a letter", side=4, classes="abc", box=(4, 3))


def data_of(board):
    return json.loads(
        re.search(r'<script type="application/json">(.*?)</script>', board._repr_html_(), re.S)[1]
    )


def test_the_page_gets_what_the_network_is(board):
    data = data_of(board)
    weights = np.frombuffer(base64.b64decode(data.pop("weights")), dtype="<f4")
    assert data == {"side": 4, "box": [4, 3], "pen": 0.75, "sizes": [5, 3]}
    (W1, b1), (W2, b2) = board.layers
    assert np.array_equal(weights, np.concatenate([W1.ravel(), b1, W2.ravel(), b2]))


def test_the_box_is_the_whole_picture_unless_told():
    assert data_of(dl.drawing_board(layers_of(256, 10), alt="Draw a digit"))["box"] == [16, 16]


def test_tensors_are_copied():
    layer = torch.nn.Linear(256, 10)
    board = dl.drawing_board([(layer.weight.T, layer.bias)], alt="Draw a digit")
    before = layer.weight.detach().T.clone()
    with torch.no_grad():
        layer.weight += 1
    assert np.array_equal(board.layers[0][0], before)


def test_html_is_the_same_twice(board):
    again = dl.drawing_board(layers_of(16, 5, 3), alt="Draw a letter", side=4, classes="abc", box=(4, 3))
    assert again._repr_html_() == board._repr_html_()
    assert repr(again) == "drawing_board(16-5-3; classes: a, b, c)"


def test_nothing_in_the_page_keeps_two_boards_from_standing_on_it(board):
    page = board._repr_html_()
    assert not re.search(r"\bid=", page)
    assert "getElementById" not in page
    assert "document.querySelector" not in page


def test_nothing_is_asked_of_another_host(board):
    assert "//" not in re.sub(r"//? ", "", board._repr_html_())


def test_without_javascript_it_says_so(board):
    page = board._repr_html_()
    assert "needs JavaScript" in page
    assert '<div class="dl-drawing-board" hidden>' in page


def test_labels_and_alt_text_are_escaped():
    hostile = '"></script><script>alert("1")</script>'
    page = dl.drawing_board(layers_of(256, 1), alt=hostile, classes=[hostile])._repr_html_()
    assert page.count("<script") == page.count("</script>") == 2
    assert page.count("&quot;&gt;&lt;/script&gt;&lt;script&gt;") == 2


@pytest.mark.parametrize(
    ("sizes", "options", "message"),
    [
        ((256, 10), {"alt": " "}, "alt="),
        ((64, 10), {}, r"layer 1: expected weights \(256, outputs\).*got \(64, 10\) and \(10,\)"),
        ((256, 10), {"side": 8}, r"layer 1: expected weights \(64, outputs\)"),
        ((256, 10), {"classes": "abc"}, "got 3 classes and 10 outputs"),
        ((256,), {}, "got 10 classes and 256 outputs"),
        ((256, 10), {"box": (17, 16)}, "at most 16 cells high and wide, got 17 x 16"),
        ((256, 10), {"box": (16, 3)}, "over 3"),
        ((256, 200, 10), {}, "at most 200 KB of weights, got 284 KB"),
    ],
)
def test_bounds(sizes, options, message):
    with pytest.raises(ValueError, match=message):
        dl.drawing_board(layers_of(*sizes), **({"alt": "Draw"} | options))


def test_layers_that_do_not_chain():
    (first, second) = layers_of(256, 32, 10)
    with pytest.raises(ValueError, match=r"layer 2: expected weights \(32, outputs\)"):
        dl.drawing_board([first, (second[0].T, second[1])], alt="Draw")
    with pytest.raises(ValueError, match=r"layer 1: .* got \(256, 32\) and \(10,\)"):
        dl.drawing_board([(first[0], second[1])], alt="Draw")
