"""Interactive figures: bounds, escaping, determinism, and the widgets' own callbacks."""

import base64
import io
import json
import re

import pytest
from PIL import Image

import dlbook_utils as dl
from dlbook_utils.interactive import COLOURS


def draw_power(fig, exponent, scale=1):
    fig.subplots().plot([scale * x**exponent for x in range(5)])


@pytest.fixture(scope="module")
def figure():
    return dl.explore(draw_power, alt="A power of x", size=(3, 2), exponent=[1, 2, 3], scale=[0.5, 2])


def data_of(figure):
    return json.loads(
        re.search(r'<script type="application/json">(.*?)</script>', figure._repr_html_(), re.S)[1]
    )


def test_frames_are_small_palette_images(figure):
    assert len(figure.frames) == 6
    for frame in figure.frames:
        image = Image.open(io.BytesIO(frame))
        assert image.mode == "P"
        assert len(image.getcolors()) <= COLOURS
        assert image.size == (450, 300)


def test_a_thin_line_over_a_heat_map_keeps_its_colour():
    def draw(fig, width):
        ax = fig.subplots()
        ax.imshow([[i + j for i in range(30)] for j in range(30)], cmap="cividis")
        ax.plot([0, 29], [10, 12], color="#D55E00", linewidth=width)

    (frame,) = dl.explore(draw, alt="A line", width=[1.5]).frames
    seen = Image.open(io.BytesIO(frame)).convert("RGB").getcolors(maxcolors=64)
    nearest = min(max(abs(a - b) for a, b in zip(colour, (0xD5, 0x5E, 0), strict=True)) for _, colour in seen)
    assert nearest <= 6


def test_frames_stand_in_row_major_order(figure):
    frames = [base64.b64decode(frame) for frame in data_of(figure)["frames"]]
    assert frames[2 * 1 + 1] == figure.frame(exponent=2, scale=2)


def test_html_is_the_same_twice(figure):
    again = dl.explore(draw_power, alt="A power of x", size=(3, 2), exponent=[1, 2, 3], scale=[0.5, 2])
    assert again._repr_html_() == figure._repr_html_()
    assert repr(again) == "explore(exponent: 1, 2, 3; scale: 0.5, 2), 6 frames"


def test_first_frame_shows_without_javascript(figure):
    page = figure._repr_html_()
    assert '<img alt="A power of x (exponent = 1, scale = 0.5)" src="data:image/png' in page
    assert "need JavaScript" in page


def test_labels_and_alt_text_are_escaped():
    hostile = '</script><script>alert("1")</script>'
    figure = dl.explore(
        lambda fig, word_: fig.subplots().set_xlabel("x"), alt=hostile, size=(2, 1), word_=[hostile]
    )
    page = figure._repr_html_()
    assert page.count("<script") == page.count("</script>") == 2
    assert "<script>alert" not in page
    assert data_of(figure) | {"frames": []} == {
        "alt": hostile,
        "names": ["word "],
        "labels": [[hostile]],
        "frames": [],
    }


def test_live_sliders_draw_anew(figure):
    bundle = figure._repr_mimebundle_()
    assert {"text/html", "text/plain", "application/vnd.jupyter.widget-view+json"} <= set(bundle)
    exponent, scale, picture = figure.widget().children
    assert [slider.description for slider in (exponent, scale)] == ["exponent", "scale"]
    assert picture.value == figure.frames[0]
    exponent.value = 3
    assert picture.value == figure.frame(exponent=3, scale=0.5)
    scale.value = 2
    assert picture.value == figure.frame(exponent=3, scale=2)


def test_live_sliders_show_where_widgets_are_of_ipywidgets_7(figure, monkeypatch):
    monkeypatch.delattr("ipywidgets.Widget._repr_mimebundle_", raising=False)
    view = figure._repr_mimebundle_()["application/vnd.jupyter.widget-view+json"]
    assert view["version_major"] == 2
    assert view["model_id"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "at least one parameter"),
        ({"exponent": []}, "at least one value"),
        ({"exponent": range(25)}, "at most 24 frames, got 25"),
        ({"exponent": [1], "alt": " "}, "alt="),
        ({"exponent": [1], "size": (9, 3)}, "at most 6.67 inches, got 9"),
    ],
)
def test_bounds(options, message):
    with pytest.raises(ValueError, match=message):
        dl.explore(draw_power, **({"alt": "A power"} | options))


def test_too_heavy(monkeypatch):
    monkeypatch.setattr("dlbook_utils.interactive.MAX_BYTES", 1000)
    with pytest.raises(ValueError, match="at most 1 KB in all frames"):
        dl.explore(draw_power, alt="A power", exponent=[1, 2])


def test_empty_drawing():
    with pytest.raises(ValueError, match="left the figure empty"):
        dl.explore(lambda fig, x: None, alt="Nothing", x=[1])
