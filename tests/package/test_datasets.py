"""Data by name: what each set promises, and what is refused."""

import inspect
import re
from pathlib import Path
from time import process_time

import numpy as np
import pytest
import torch
from matplotlib import get_data_path
from matplotlib.ft2font import FT2Font

import dlbook_utils as dl
from dlbook_utils.datasets import SETS
from dlbook_utils.datasets.synthetic import CHARACTERS, FONTS

SYNTHETIC = [name for name, make in SETS.items() if "n" in inspect.signature(make).parameters]
DOWNLOADED = ["fashion-mnist"]  # see test_downloads.py
BUNDLED = [name for name in SETS if name not in SYNTHETIC + DOWNLOADED]
DATASHEETS = Path(__file__).parents[2] / "data" / "README.md"


def load(name, **options):
    """A small one, where the size is ours to choose."""
    return dl.load(name, **({"n": 40, "n_test": 30} if name in SYNTHETIC else {}), **options)


def parts(data):
    return data.train, data.val, data.test


def same(first, second):
    return all(map(torch.equal, first, second))


@pytest.mark.parametrize("name", SYNTHETIC + BUNDLED)
class TestEverySet:
    def test_keeps_its_promises(self, name):
        data = load(name)
        assert (data.name, bool(data.source)) == (name, True)
        for x, y, *_ in parts(data):
            assert x.dtype == torch.float32
            assert y.shape == x.shape[:1]
            assert y.dtype == (torch.int64 if data.classes else torch.float32)
            assert torch.isfinite(x).all()
            assert torch.isfinite(y).all()
            assert x.ndim == 4 or x.ndim == 2
            if x.ndim == 4:
                assert bool(((x >= 0) & (x <= 1)).all())
        if data.classes:
            assert data.train[1].unique().tolist() == list(range(len(data.classes)))
        if data.features:
            assert len(data.features) == data.train[0].shape[1]

    def test_same_seed_same_bytes(self, name):
        for first, second in zip(parts(load(name, seed=1)), parts(load(name, seed=1)), strict=True):
            assert same(first, second)

    def test_another_seed_is_another_draw(self, name):
        different = not same(load(name, seed=0).train, load(name, seed=1).train)
        assert different == (name != "photographs")

    def test_repr_tells_name_and_shapes(self, name):
        text = repr(load(name))
        assert text.startswith(f"{name}: ")
        assert re.search(r"\n  train \(\d+, .*float32", text)

    def test_datasheet_has_its_sizes(self, name):
        data = dl.load(name)
        x = tuple(data.train[0].shape[1:])
        sizes = " / ".join(f"{len(y):,}" for _, y, *_ in parts(data))
        kind = f"{len(data.classes)} classes" if data.classes else "regression"
        row = f"| [{name}](#{name}) | {'×'.join(map(str, x))} | {kind} | {sizes} |"
        assert row in DATASHEETS.read_text("utf-8"), f"data/README.md lacks the row {row}"


@pytest.mark.parametrize("name", SETS)
def test_has_a_datasheet(name):
    sheet = re.search(rf"^## {name}$(.*?)(?=^## |\Z)", DATASHEETS.read_text("utf-8"), re.M | re.S)
    assert sheet, f"data/README.md has no section '## {name}'"
    assert re.findall(r"^- \*\*(.+?)\.\*\*", sheet[1], re.M) == [
        *("What", "Where from", "Licence", "Shape", "Values", "Split", "Known faults")
    ]


class TestBundled:
    @pytest.mark.parametrize("name", [name for name in BUNDLED if name != "photographs"])
    def test_parts_are_a_stratified_fifth_each(self, name):
        data = dl.load(name)
        y = torch.cat([y for _, y in parts(data)])
        assert len(data.val[1]) == len(data.test[1]) == len(y) // 5
        for _, part in parts(data):
            if data.classes:
                share = torch.bincount(part) / len(part)
                assert torch.allclose(share, torch.bincount(y) / len(y), atol=0.02)

    @pytest.mark.parametrize(("name", "total"), [("digits", 1797), ("iris", 150), ("wine", 178)])
    def test_parts_make_up_the_whole(self, name, total):
        import sklearn.datasets

        ours = torch.cat([x.flatten(1) for x, _ in parts(dl.load(name))]).numpy()
        theirs = getattr(sklearn.datasets, f"load_{name}")().data / (16 if name == "digits" else 1)
        assert len(ours) == total
        assert sorted(map(tuple, ours.tolist())) == sorted(map(tuple, theirs.astype(np.float32).tolist()))

    def test_diabetes_is_unscaled(self):
        (x, y), features = dl.load("diabetes").train, dl.load("diabetes").features
        age = x[:, features.index("age")]
        assert 19 <= age.min() < age.max() <= 79
        assert 25 <= y.min() < y.max() <= 346

    def test_iris_has_one_flower_twice(self):
        x = torch.cat([x for x, _ in parts(dl.load("iris"))])
        assert len(x) - len(x.unique(dim=0)) == 1

    def test_photographs_have_no_test(self):
        data = dl.load("photographs")
        assert data.train[0].shape == (2, 3, 427, 640)
        assert data.val[0].shape == data.test[0].shape == (0, 3, 427, 640)


@pytest.mark.parametrize("name", SYNTHETIC)
class TestSynthetic:
    def test_parts_have_noise_of_their_own(self, name):
        rows = torch.cat([x.flatten(1) for x, *_ in parts(load(name))])
        assert len(rows.unique(dim=0)) == 40 + 30 + 30

    def test_test_part_does_not_depend_on_n(self, name):
        assert same(load(name).test, dl.load(name, n=7, n_test=30).test)

    def test_classes_are_balanced(self, name):
        data = load(name)
        if data.classes:
            counts = torch.bincount(data.train[1], minlength=len(data.classes))
            assert counts.max() - counts.min() <= (1 if name != "xor" else 2)

    @pytest.mark.parametrize("option", ["n", "n_test"])
    @pytest.mark.parametrize("count", [0, -1, 2.5, 10.0, "9"])
    def test_refuses_a_count(self, name, option, count):
        with pytest.raises(ValueError, match=f"^{option} is a whole number of examples, at least 1, but"):
            dl.load(name, **{option: count})

    @pytest.mark.parametrize("noise", [-0.1, float("nan"), float("inf")])
    def test_refuses_a_noise(self, name, noise):
        with pytest.raises(ValueError, match="noise is a standard deviation, 0 or more, but"):
            dl.load(name, noise=noise)


class TestPoints:
    def test_blobs_stand_around_their_centres(self):
        x, y = dl.load("blobs", classes=4, n=4000, noise=0.1).train
        centres = torch.stack([x[y == label].mean(dim=0) for label in range(4)])
        assert torch.allclose(centres, torch.tensor([[2.0, 0], [0, 2], [-2, 0], [0, -2]]), atol=0.02)
        assert x[y == 0].std(dim=0).tolist() == pytest.approx([0.1, 0.1], rel=0.1)

    def test_rings_have_their_radii(self):
        x, y = dl.load("rings", noise=0).train
        assert torch.allclose(x.norm(dim=1), 1.0 + y)

    def test_moons_are_half_circles(self):
        x, y = dl.load("moons", noise=0).train
        lower = y[:, None] * torch.tensor([1.0, 0.5])
        assert torch.allclose((x - lower).norm(dim=1), torch.ones(len(x)))
        assert ((x - lower)[:, 1] * (1 - 2 * y) >= -1e-6).all()

    def test_xor_without_noise_is_four_corners(self):
        x, y = dl.load("xor", n=4, noise=0).train
        corners = sorted([*point, label] for point, label in zip(x.tolist(), y.tolist(), strict=True))
        assert corners == [[-1, -1, 0], [-1, 1, 1], [1, -1, 1], [1, 1, 0]]

    def test_curve_is_a_sine_with_noise(self):
        x, y = dl.load("curve", n=5000, noise=0.3).train
        assert (x.min() >= 0) & (x.max() <= 1)
        assert (y - torch.sin(2 * torch.pi * x[:, 0])).std().item() == pytest.approx(0.3, rel=0.05)

    @pytest.mark.parametrize("classes", [0, 101, 3.0])
    def test_refuses_a_number_of_classes(self, classes):
        with pytest.raises(ValueError, match="classes is a whole number from 1 to 100, but"):
            dl.load("blobs", classes=classes)


class TestGlyphs:
    def test_ten_thousand_in_two_seconds(self):
        start = process_time()
        x, _ = dl.load("glyphs", n=10_000, n_test=1).train
        assert process_time() - start < 2
        assert x.shape == (10_000, 1, 28, 28)

    @pytest.mark.parametrize("classes", [10, 36, 62])
    def test_classes_are_characters(self, classes):
        data = load("glyphs", classes=classes, noise=0)
        assert "".join(data.classes) == CHARACTERS[:classes]
        assert data.val[1].max() < classes

    def test_every_font_has_every_character(self):
        for name in FONTS:
            drawn = FT2Font(f"{get_data_path()}/fonts/ttf/{name}.ttf").get_charmap()
            assert set(map(ord, CHARACTERS)) <= set(drawn)

    @pytest.mark.parametrize(("classes", "most"), [(36, 0.01), (62, 0.025)])
    def test_all_have_ink_and_few_are_cut_at_the_edge(self, classes, most):
        x = dl.load("glyphs", classes=classes, n=5000, n_test=1, noise=0).train[0][:, 0]
        ink = x.sum(dim=(1, 2))
        assert ink.min() > 8
        assert (ink - x[:, 1:-1, 1:-1].sum(dim=(1, 2)) > 1).float().mean() < most

    def test_a_nearest_neighbour_reads_them(self):
        data = dl.load("glyphs", n=3000, n_test=300, classes=10)
        (x, y), (x_test, y_test) = data.train, data.test
        nearest = torch.cdist(x_test.flatten(1), x.flatten(1)).argmin(dim=1)
        assert (y[nearest] == y_test).float().mean() > 0.9

    def test_fonts_can_be_chosen(self):
        assert not same(load("glyphs", fonts=["cmr10"]).train, load("glyphs", fonts=["cmtt10"]).train)

    @pytest.mark.parametrize(("fonts", "named"), [(["cmsy10", "cmr10"], "cmsy10"), ([], "none")])
    def test_refuses_fonts(self, fonts, named):
        with pytest.raises(ValueError, match=rf"fonts is one or more of .* but {named} came"):
            dl.load("glyphs", fonts=fonts)

    def test_refuses_a_number_of_classes(self):
        with pytest.raises(ValueError, match=r"classes is a whole number one of \(10, 36, 62\), but 26 came"):
            dl.load("glyphs", classes=26)


class TestShapes:
    @pytest.fixture
    def split(self):
        return dl.load("shapes", n=400, n_test=1).train

    def test_masks_hold_the_label(self, split):
        _, y, _, masks = split
        assert masks.dtype == torch.int64
        assert all(mask.unique().tolist() == [0, 1 + label] for mask, label in zip(masks, y, strict=True))

    def test_boxes_are_tight(self, split):
        _, _, boxes, masks = split
        for (left, top, right, bottom), mask in zip(boxes.int().tolist(), masks, strict=True):
            inside = mask[top:bottom, left:right]
            assert inside.count_nonzero() == mask.count_nonzero()
            assert all(edge.any() for edge in (inside[0], inside[-1], inside[:, 0], inside[:, -1]))

    def test_area_and_colour_do_not_tell_the_class(self, split):
        x, y, _, masks = split
        on = (masks > 0).float()
        areas = on.mean(dim=(1, 2))
        colours = (x * on[:, None]).sum(dim=(2, 3)) / on.sum(dim=(1, 2))[:, None]
        assert (areas.min() > 0.04) & (areas.max() < 0.13)
        for label in range(4):
            assert areas[y == label].mean().item() == pytest.approx(areas.mean().item(), rel=0.1)
            assert torch.allclose(colours[y == label].mean(dim=0), colours.mean(dim=0), atol=0.1)

    def test_shape_stands_out(self, split):
        x, _, _, masks = split
        on = (masks > 0)[:, None].float()
        shape = (x * on).sum(dim=(2, 3)) / on.sum(dim=(2, 3))
        ground = (x * (1 - on)).sum(dim=(2, 3)) / (1 - on).sum(dim=(2, 3))
        assert ((shape - ground).abs().amax(dim=1) > 0.2).all()

    def test_refuses_a_size(self):
        with pytest.raises(ValueError, match="size is a whole number from 16 to 256, but 8 came"):
            dl.load("shapes", size=8)


class TestLoad:
    def test_unknown_name_gets_the_nearest_and_the_list(self):
        with pytest.raises(
            ValueError, match=r"no data set 'digit'\. Did you mean 'digits'\? There are: blobs, "
        ):
            dl.load("digit")

    def test_unknown_name_far_from_all(self):
        with pytest.raises(ValueError, match=r"no data set '42'\. There are: blobs, .*, xor"):
            dl.load("42")

    def test_unknown_option(self):
        with pytest.raises(TypeError, match=r"'rings' has no option 'radius'; it has n, n_test, noise"):
            dl.load("rings", radius=2)
        with pytest.raises(TypeError, match=r"'iris' has no option 'n'; it has none"):
            dl.load("iris", n=10)

    def test_refuses_a_seed(self):
        with pytest.raises(ValueError, match="a seed is a whole number"):
            dl.load("rings", seed=-1)

    def test_a_data_set_cannot_be_changed(self):
        with pytest.raises(AttributeError):
            dl.load("xor").train = None
