"""Minibatches, sliced from tensors that are already in memory."""

from collections.abc import Iterator

import torch
from torch import Tensor

from dlbook_utils.device import check_seed


def batches(
    *tensors: Tensor,
    batch_size: int,
    seed: int | torch.Generator | None = None,
    shuffle: bool = True,
    drop_last: bool = False,
) -> Iterator[tuple[Tensor, ...]]:
    """Go through the examples once, ``batch_size`` at a time.

        for epoch in range(epochs):
            for x, y in dl.batches(*data.train, batch_size=32, seed=epoch):
                ...

    Args:
        tensors: one or more, each (N, ...), on any device.
        batch_size: examples in a batch; the last one is shorter where N is no multiple of it.
        seed: a number gives the same order every time, so count it up with the epochs;
            a CPU ``torch.Generator``, made once before the loop, moves on by itself.
        shuffle: False keeps the order of the tensors, and needs no seed.
        drop_last: leave a shorter last batch out.

    Returns:
        An iterator over tuples with a (batch_size, ...) slice of each tensor. On every device it has the
        same order.

    Raises:
        ValueError: for tensors of unequal lengths, none at all, a batch size below 1, or shuffling without
            a seed.
    """
    lengths = [len(tensor) for tensor in tensors]
    if len(set(lengths)) != 1:
        raise ValueError(f"batches needs one or more tensors of one length, but theirs are {lengths}")
    if batch_size < 1:
        raise ValueError(f"batch_size is at least 1, but {batch_size} came")
    if not shuffle:
        order = torch.arange(lengths[0])
    elif seed is None:
        raise ValueError("shuffling needs a seed: give seed=epoch, or shuffle=False to keep the order")
    else:
        rng = seed if isinstance(seed, torch.Generator) else torch.Generator().manual_seed(check_seed(seed))
        order = torch.randperm(lengths[0], generator=rng)
    if drop_last:
        order = order[: lengths[0] // batch_size * batch_size]
    return (
        tuple(tensor.index_select(0, rows.to(tensor.device)) for tensor in tensors)
        for rows in torch.split(order, batch_size)
        if len(rows)
    )
