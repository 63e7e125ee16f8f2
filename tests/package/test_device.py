"""Seeds give the same bits twice, and the device is the one that is wanted."""

import random

import numpy as np
import pytest
import torch
from torch import nn

import dlbook_utils as dl


def trained_weights(seed):
    dl.seed_everything(seed)
    net = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Dropout(0.2), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(net.parameters())
    for _ in range(20):
        x = torch.randn(32, 2)
        optimizer.zero_grad()
        net(x).square().mean().backward()
        optimizer.step()
    return torch.cat([parameter.detach().flatten() for parameter in net.parameters()])


class TestSeed:
    def test_the_same_seed_trains_to_the_same_bits(self):
        assert torch.equal(trained_weights(3), trained_weights(3))

    def test_another_seed_trains_to_other_bits(self):
        assert not torch.equal(trained_weights(3), trained_weights(4))

    @pytest.mark.parametrize("draw", [random.random, np.random.random, lambda: torch.rand(()).item()])
    def test_every_source_of_chance_is_seeded(self, draw):
        dl.seed_everything(np.int64(5))
        first = draw()
        dl.seed_everything(5)
        assert draw() == first != draw()

    @pytest.mark.parametrize("seed", [-1, 2**32, 0.5, "0", None])
    def test_refuses_what_is_no_seed(self, seed):
        with pytest.raises(ValueError, match=r"whole number from 0 to 4294967295, but .* came"):
            dl.seed_everything(seed)


class TestDevice:
    @pytest.fixture(autouse=True)
    def _machine(self, monkeypatch):
        """A machine with a CPU alone; a test adds to it."""
        monkeypatch.delenv("DLBOOK_DEVICE", raising=False)
        monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)

    def test_cuda_comes_before_mps_before_cpu(self, monkeypatch):
        assert dl.best_device() == torch.device("cpu")
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
        assert dl.best_device() == torch.device("mps")
        monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
        assert dl.best_device() == torch.device("cuda")

    @pytest.mark.parametrize("wanted", ["cpu", "cuda:1"])
    def test_the_environment_overrides(self, monkeypatch, wanted):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
        monkeypatch.setenv("DLBOOK_DEVICE", wanted)
        assert dl.best_device() == torch.device(wanted)

    @pytest.mark.parametrize("wanted", ["cuda:2", "mps", "gpu"])
    def test_an_absent_device_is_an_error_that_lists_those_here(self, monkeypatch, wanted):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
        monkeypatch.setenv("DLBOOK_DEVICE", wanted)
        with pytest.raises(ValueError, match=f"'{wanted}', but this machine has cuda, cuda:0, cuda:1, cpu"):
            dl.best_device()

    def test_environment_names_versions_and_device(self, monkeypatch):
        about = dl.environment()
        assert (about["torch"], about["numpy"]) == (torch.__version__, np.__version__)
        assert (about["device"], about["threads"]) == ("cpu", torch.get_num_threads())
        monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"card at {device}")
        assert dl.environment()["device"] == "cuda (card at cuda)"
