"""One task and one budget for all architectures, and what each of them costs."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.utils.flop_counter import FlopCounterMode

from dlbook_utils.datasets import Dataset, load
from dlbook_utils.device import seed_everything
from dlbook_utils.training import accuracy, evaluate, fit

N_TRAIN, N_TEST = 3000, 1000
N_EPOCHS, BATCH_SIZE, MAX_LR = 3, 64, 0.01


@dataclass(frozen=True)
class Race:
    """What one architecture did: accuracies on the test part, one a seed, and its cost.

    Attributes:
        accuracy: share of test pictures read right, one a seed.
        parameters: how many numbers it learns.
        multiply_adds: how many multiplications, each with an addition, one picture takes.
        seconds: CPU seconds of training, one a seed; they depend on the machine.
    """

    accuracy: tuple[float, ...]
    parameters: int
    multiply_adds: int
    seconds: tuple[float, ...]


def cost(model: nn.Module, *inputs: Tensor) -> tuple[int, int]:
    """Return how many parameters a model has, and how many multiply-adds one example takes.

    Multiplications of matrices and convolutions are counted, as PyTorch's own counter counts them; additions
    of biases, activation functions, normalisation and pooling are not.

    Args:
        model: any module; it is left in the mode it was in.
        inputs: a batch of what it is called with, each ``(N, ...)``.
    """
    was_training = model.training
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model.eval()(*inputs)
    model.train(was_training)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    return parameters, counter.get_total_flops() // (2 * len(inputs[0]))


def race(make_model: Callable[[], nn.Module], seeds: Iterable[int] = range(3)) -> Race:
    """Train an architecture on 3,000 glyphs of 36 classes for three epochs, from several seeds.

    The same for everyone: 28 by 28 pixels, batches of 64, AdamW, a learning rate that rises to 0.01 and falls
    again. The seed decides the weights, the order and the pictures.

    Args:
        make_model: makes a new network from ``(N, 1, 28, 28)`` to 36 logits.
        seeds: the runs.
    """
    scores, seconds = [], []
    for seed in seeds:
        data = _glyphs(seed)
        seed_everything(seed)
        model = make_model()
        optimizer = torch.optim.AdamW(model.parameters(), lr=MAX_LR)
        n_steps = N_EPOCHS * -(-N_TRAIN // BATCH_SIZE)
        scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, MAX_LR, total_steps=n_steps)
        started = time.process_time()
        fit(
            model,
            optimizer,
            cross_entropy,
            data.train,
            n_epochs=N_EPOCHS,
            batch_size=BATCH_SIZE,
            seed=seed,
            scheduler=scheduler,
        )
        seconds.append(time.process_time() - started)
        scores.append(evaluate(model, data.test, accuracy))
    return Race(tuple(scores), *cost(model, data.test[0][:1]), tuple(seconds))


@cache
def _glyphs(seed: int) -> Dataset:
    return load("glyphs", seed=seed, n=N_TRAIN, n_test=N_TEST)
