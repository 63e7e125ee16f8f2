"""Figures: what they show of the data, and what they refuse."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

import dlbook_utils as dl
from dlbook_utils import plotting


@pytest.fixture(autouse=True)
def _fresh_figures():
    mpl.use("agg")
    with mpl.rc_context():
        yield
    plt.close("all")


def test_style_pairs_every_colour_with_dashes():
    dl.style()
    cycle = list(mpl.rcParams["axes.prop_cycle"])
    assert len(cycle) == len({c["color"] for c in cycle}) == len({str(c["linestyle"]) for c in cycle}) == 7


def test_looks_differ_in_more_than_colour():
    train, test = dl.look("training"), dl.look("test")
    assert all(train[key] != test[key] for key in ("color", "linestyle", "marker"))


def test_unknown_look():
    with pytest.raises(ValueError, match=r"no look for 'tset'; there is .*test"):
        dl.look("tset")


class TestCurves:
    def test_draws_and_names_every_line(self):
        ax = dl.curves({"training": [3, 2, 1], "mine": [3, 3, 2, 2]}, xlabel="epoch", ylabel="loss")
        assert [list(line.get_ydata()) for line in ax.get_lines()] == [[3, 2, 1], [3, 3, 2, 2]]
        assert {text.get_text() for text in ax.texts} == {"training", "mine"}
        assert ax.get_lines()[0].get_color() == dl.look("training")["color"]
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "loss")

    def test_a_line_without_a_look_takes_none_of_the_others(self):
        ax = dl.curves({"mine": [1, 2], "training": [2, 1], "yours": [0, 0]})
        assert len({line.get_color() for line in ax.get_lines()}) == 3

    @pytest.mark.parametrize("log", [False, True])
    def test_names_stand_where_the_lines_end(self, log):
        ax = dl.curves({"low": [100, 1], "high": [100, 100], "middle": [1, 10]}, log=log)
        heights = {text.get_text(): text.get_position()[1] for text in ax.texts}
        assert heights["low"] < heights["middle"] < heights["high"]
        assert heights["low"] == pytest.approx(0.045, abs=0.01)
        if log:
            assert heights["middle"] == pytest.approx(0.5)

    def test_names_do_not_overlap(self):
        ax = dl.curves({"a": [1, 1], "b": [1, 1], "c": [1, 1]}, x=[0, 10])
        heights = sorted(text.get_position()[1] for text in ax.texts)
        assert min(np.diff(heights)) >= 0.089

    def test_log_axis_and_lines_that_blow_up(self):
        ax = dl.curves({"fine": [1, 0.1], "blown": [1, np.inf], "nothing": [np.nan]}, log=True)
        assert ax.get_yscale() == "log"
        assert {text.get_text() for text in ax.texts} == {"fine", "blown"}


class TestImages:
    @pytest.mark.parametrize("shape", [(5, 8, 8), (5, 1, 8, 8), (5, 3, 8, 8)])
    def test_a_grid(self, shape):
        figure = dl.images(torch.rand(shape), titles=range(5), columns=3)
        shown = [ax for ax in figure.axes if ax.images]
        assert [ax.get_title() for ax in shown] == ["0", "1", "2", "3", "4"]
        assert len(figure.axes) == 6

    @pytest.mark.parametrize("shape", [(8, 8), (5, 2, 8, 8)])
    def test_other_shapes(self, shape):
        with pytest.raises(ValueError, match="expected images of shape"):
            dl.images(torch.rand(shape))

    def test_wrong_number_of_titles(self):
        with pytest.raises(ValueError, match="got 1 titles for 5 images"):
            dl.images(torch.rand(5, 8, 8), titles=["one"])


def test_heatmap_writes_names_and_numbers():
    ax = dl.heatmap([[1, 2], [3, 4.5]], rows=["a", "b"], columns=["c", "d"], annotate=True)
    assert [text.get_text() for text in ax.texts] == ["1", "2", "3", "4.5"]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["a", "b"]
    assert len(ax.figure.axes) == 1


def test_heatmap_has_a_colour_bar():
    assert len(dl.heatmap(np.eye(3)).figure.axes) == 2


def test_decision_regions_shows_each_class_with_its_marker():
    x = torch.tensor([[-1.0, 0], [1, 0], [2, 1]])
    ax = dl.decision_regions(lambda points: (points[:, 0] > 0).long(), x, torch.tensor([0, 1, 1]), points=20)
    scatters = [shape for shape in ax.collections if isinstance(shape, mpl.collections.PathCollection)]
    assert [len(c.get_offsets()) for c in scatters] == [1, 2]
    assert len(scatters[0].get_paths()[0]) != len(scatters[1].get_paths()[0])


def test_landscape_draws_paths_over_contours():
    path = torch.tensor([[1.0, 1], [0.5, 0.5], [0, 0]])
    ax = dl.landscape(lambda theta: theta.square().sum(-1), {"full batch": path, "mine": path}, x=(-1, 2))
    first, second = ax.get_lines()
    assert np.allclose(np.column_stack(first.get_data()), path)
    assert first.get_color() != second.get_color()
    assert ax.get_xlim() == (-1, 2)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["full batch", "mine"]


def test_landscape_without_a_path_has_no_legend():
    assert dl.landscape(lambda theta: theta.sum(-1)).get_legend() is None


def test_every_look_exists():
    assert (
        max(plotting.LOOKS.values()) < len(plotting.COLOURS) == len(plotting.DASHES) == len(plotting.MARKERS)
    )
