"""Minibatches: every example once an epoch, in an order that the seed alone decides."""

from time import perf_counter

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader, TensorDataset

import dlbook_utils as dl

sizes = st.integers(1, 60)
seeds = st.integers(0, 2**32 - 1)


@given(n=st.integers(0, 60), batch_size=sizes, count=st.integers(1, 3), seed=seeds, shuffle=st.booleans())
def test_every_example_once_and_rows_stay_together(n, batch_size, count, seed, shuffle):
    tensors = [torch.arange(n) + 100 * k for k in range(count)]
    parts = list(dl.batches(*tensors, batch_size=batch_size, seed=seed, shuffle=shuffle))
    assert [len(part[0]) for part in parts] == [min(batch_size, n - i) for i in range(0, n, batch_size)]
    assert sorted(torch.cat([part[0] for part in parts]).tolist() if parts else []) == list(range(n))
    for part in parts:
        assert len(part) == count
        assert all(torch.equal(part[k], part[0] + 100 * k) for k in range(count))


@given(n=sizes, batch_size=sizes, seed=seeds)
def test_same_seed_same_order(n, batch_size, seed):
    first, second = (
        torch.cat([x for (x,) in dl.batches(torch.arange(n), batch_size=batch_size, seed=seed)])
        for _ in range(2)
    )
    assert torch.equal(first, second)


@given(n=sizes, batch_size=sizes, seed=seeds)
def test_drop_last_keeps_whole_batches_of_the_same_order(n, batch_size, seed):
    kept = [x for (x,) in dl.batches(torch.arange(n), batch_size=batch_size, seed=seed, drop_last=True)]
    every = [x for (x,) in dl.batches(torch.arange(n), batch_size=batch_size, seed=seed)]
    assert len(kept) == n // batch_size
    assert all(len(x) == batch_size and torch.equal(x, y) for x, y in zip(kept, every, strict=False))


def order(seed, n=100):
    return torch.cat([x for (x,) in dl.batches(torch.arange(n), batch_size=7, seed=seed)]).tolist()


def test_another_seed_is_another_order():
    assert order(0) != order(1)


def test_a_generator_moves_on():
    rng = torch.Generator().manual_seed(0)
    first, second = order(rng), order(rng)
    assert first == order(0) != second


def test_without_shuffling_the_order_stays():
    parts = [x.tolist() for (x,) in dl.batches(torch.arange(5), batch_size=2, shuffle=False)]
    assert parts == [[0, 1], [2, 3], [4]]


def test_leaves_the_global_random_numbers_alone():
    before = torch.get_rng_state()
    order(0)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("lengths", "options", "message"),
    [
        ([3, 4], {"seed": 0}, r"one length, but theirs are \[3, 4\]"),
        ([], {"seed": 0}, r"one or more tensors .* theirs are \[\]"),
        ([3], {"seed": 0, "batch_size": 0}, "batch_size is at least 1, but 0 came"),
        ([3], {}, "give seed=epoch, or shuffle=False"),
        ([3], {"seed": -1}, "a seed is a whole number"),
    ],
)
def test_refuses_at_the_call(lengths, options, message):
    with pytest.raises(ValueError, match=message):
        dl.batches(*map(torch.zeros, lengths), **{"batch_size": 2, **options})


def test_is_faster_than_a_data_loader():
    x, y = torch.zeros(5000, 64), torch.zeros(5000)
    loader = DataLoader(TensorDataset(x, y), batch_size=32, shuffle=True)

    def seconds(epoch):
        start = perf_counter()
        assert sum(len(y) for _, y in epoch()) == 5000
        return perf_counter() - start

    ours = min(seconds(lambda: dl.batches(x, y, batch_size=32, seed=0)) for _ in range(5))
    assert ours < min(seconds(lambda: loader) for _ in range(5))
