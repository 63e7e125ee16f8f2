"""The race is the same for everyone, and costs are counted, not guessed."""

import pytest
import torch
from torch import nn

import dlbook_utils as dl
from dlbook_utils import racing


def small():
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, stride=4), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4 * 7 * 7, 36)
    )


def test_cost_is_what_counting_by_hand_gives():
    convolution, dense = 7 * 7 * 4 * 9, 4 * 7 * 7 * 36
    parameters = (4 * 9 + 4) + 2 * 4 + (4 * 7 * 7 * 36 + 36)
    model = small()
    for n in (1, 5):
        assert dl.cost(model, torch.rand(n, 1, 28, 28)) == (parameters, convolution + dense)
    assert model.training
    assert all(buffer.eq(start).all() for buffer, start in zip(model[1].buffers(), (0, 1, 0), strict=True))


def test_the_same_seed_runs_the_same_race(monkeypatch):
    monkeypatch.setattr(racing, "N_TRAIN", 640)
    monkeypatch.setattr(racing, "N_TEST", 200)
    racing._glyphs.cache_clear()
    runs = [dl.race(small, seeds) for seeds in ([0, 1], [1], [0])]
    racing._glyphs.cache_clear()
    assert runs[0].accuracy == runs[2].accuracy + runs[1].accuracy
    assert runs[1].accuracy != runs[2].accuracy
    assert min(runs[0].accuracy) > 2 / 36
    assert len(runs[0].seconds) == 2
    assert (runs[0].parameters, runs[0].multiply_adds) == dl.cost(small(), torch.rand(1, 1, 28, 28))


def test_a_network_for_another_task_is_told_so():
    with pytest.raises(RuntimeError):
        dl.race(lambda: nn.Linear(3, 36), seeds=[0])
