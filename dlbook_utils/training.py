"""The training loop of chapter 2, grown up: `fit`, what it records, and checkpoints to go on from."""

import copy
import dataclasses
import math
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from dlbook_utils.datasets.batches import batches
from dlbook_utils.device import check_seed, watched

Measure = Callable[[Any, Tensor], Tensor]


@dataclass
class History:
    """What happened during training: the first two lists have one number a step, the others one an epoch."""

    step_loss: list[float] = field(default_factory=list)
    lr: list[float] = field(default_factory=list)
    train_loss: list[float] = field(default_factory=list)
    val_loss: list[float] = field(default_factory=list)
    val_metric: list[float] = field(default_factory=list)

    @property
    def best_epoch(self) -> int:
        """The epoch, counted from 0, with the lowest validation loss; the first of equals."""
        return self.val_loss.index(min(self.val_loss))

    @property
    def epochs_since_best(self) -> int:
        """How many epochs ago the validation loss was lowest; 0 before the first."""
        return len(self.val_loss) - 1 - self.best_epoch if self.val_loss else 0


class DivergedError(ArithmeticError):
    """The loss is no finite number any more. ``history`` has the steps until then."""

    def __init__(self, message: str, history: History) -> None:
        super().__init__(message)
        self.history = history


def fit(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    loss: Measure,
    train: tuple[Tensor, ...],
    *,
    n_epochs: int,
    batch_size: int = 32,
    seed: int = 0,
    val: tuple[Tensor, ...] | None = None,
    metric: Measure | None = None,
    scheduler: torch.optim.lr_scheduler.LRScheduler | None = None,
    clip: float | None = None,
    accumulate: int = 1,
    amp: bool = False,
    patience: int | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    resume: bool = False,
) -> History:
    """Train a model where it is, and return what happened.

    The same seed and the same model give the same history, to the last bit on a CPU. A progress bar shows
    where somebody watches, and leaves nothing behind. An interrupt ends the training and keeps the history.

    Args:
        model: called with all tensors of a batch but the last.
        optimizer: holds the model's parameters.
        loss: ``loss(outputs, y)``, the mean over a batch, shape ``()``.
        train: inputs and targets, each ``(N, ...)``, on any device.
        n_epochs: passes over ``train`` in all, those before a resume included.
        batch_size: examples a step.
        seed: decides the order of the batches; other chance, such as dropout's, is PyTorch's own.
        val: like ``train``, to be evaluated after every epoch.
        metric: ``metric(outputs, y)``, evaluated on ``val`` beside the loss.
        scheduler: changes the learning rate; told after every step.
        clip: the largest norm that the gradient of all parameters together may have; longer ones are
            shortened to it.
        accumulate: work through a batch in so many parts, for the same step with less memory.
        amp: on CUDA, compute in float16 where that is safe; elsewhere nothing changes.
        patience: stop when the validation loss has not fallen for so many epochs, and return to the weights
            with which it was lowest.
        checkpoint: a file that is written anew after every epoch.
        resume: go on from ``checkpoint``, as if there had been no break; from the start if it is not there.

    Raises:
        DivergedError: if the loss becomes infinite or nan; the weights are those before that step.
        FileExistsError: if ``checkpoint`` exists and ``resume`` was not asked for.
        ValueError: for settings that contradict each other, or a checkpoint of another model.
    """
    _check(model, train, val, metric, accumulate, patience, checkpoint, resume)
    device = next(model.parameters()).device
    order = torch.Generator().manual_seed(check_seed(seed))
    scaler = torch.amp.GradScaler(device.type, enabled=amp and device.type == "cuda")
    precision = torch.autocast(device.type, enabled=scaler.is_enabled())
    history, best = History(), None
    parts = {"model": model, "optimizer": optimizer, "scaler": scaler, "chance": _Chance(order)}
    if scheduler is not None:
        parts["scheduler"] = scheduler
    if resume and checkpoint is not None and Path(checkpoint).exists():
        rest = load_checkpoint(checkpoint, **parts)
        history, best = History(**rest["history"]), rest["best"]

    n_steps = math.ceil(len(train[0]) / batch_size)
    with _Progress(n_epochs * n_steps, done=len(history.step_loss)) as progress, _interruptible(history):
        for _ in range(len(history.train_loss), n_epochs):
            if patience is not None and history.epochs_since_best >= patience:
                break
            model.train()
            epoch_loss = 0.0
            for batch in batches(*train, batch_size=batch_size, seed=order):
                step_loss = 0.0
                optimizer.zero_grad()
                for part in _parts(batch, accumulate):
                    *inputs, y = (tensor.to(device) for tensor in part)
                    with precision:
                        part_loss = loss(model(*inputs), y)
                    if accumulate > 1:
                        part_loss = part_loss * (len(y) / len(batch[-1]))  # its share in the mean
                    scaler.scale(part_loss).backward()  # type: ignore[no-untyped-call]
                    step_loss += part_loss.item()
                if not math.isfinite(step_loss):
                    raise DivergedError(_diverged(step_loss, history, optimizer, batch), history)
                if clip is not None:
                    scaler.unscale_(optimizer)
                    nn.utils.clip_grad_norm_(model.parameters(), clip)
                history.lr.append(optimizer.param_groups[0]["lr"])
                history.step_loss.append(step_loss)
                scaler.step(optimizer)
                scaler.update()
                if scheduler is not None:
                    scheduler.step()
                epoch_loss += step_loss * len(batch[-1])
                progress.step(step_loss)
            history.train_loss.append(epoch_loss / len(train[-1]))
            if val is not None:
                val_loss, *val_metric = _means(model, val, [loss] if metric is None else [loss, metric])
                history.val_loss.append(val_loss)
                history.val_metric.extend(val_metric)
            if patience is not None and history.epochs_since_best == 0:
                best = copy.deepcopy(model.state_dict())
            if checkpoint is not None:
                save_checkpoint(checkpoint, **parts, history=dataclasses.asdict(history), best=best)
    if patience is not None and best is not None:
        model.load_state_dict(best)
    return history


def evaluate(
    model: nn.Module, data: tuple[Tensor, ...], measure: Measure, *, batch_size: int = 1000
) -> float:
    """Return the mean of ``measure(outputs, y)`` over a data set, with the model in its evaluation mode.

    Args:
        model: called with all tensors of a batch but the last; it is left in the mode it was in.
        data: inputs and targets, each ``(N, ...)``, on any device.
        measure: a loss or a metric that is the mean over a batch, such as ``dl.accuracy``.
        batch_size: examples at a time; only the memory depends on it.
    """
    return _means(model, data, [measure], batch_size)[0]


def accuracy(logits: Tensor, y: Tensor) -> Tensor:
    """Return the share of examples whose class has the largest logit, shape ``()``.

    Args:
        logits: shape ``(N, classes, ...)``.
        y: the classes, shape ``(N, ...)``.
    """
    return (logits.argmax(dim=1) == y).float().mean()


def save_checkpoint(path: str | os.PathLike[str], **parts: Any) -> None:
    """Write the states of models, optimizers and whatever else has a ``state_dict`` to one file.

    The file is there whole or, if writing fails, as it was before.

    Args:
        path: where to; its folder must exist.
        parts: by name; what has no ``state_dict`` (tensors, numbers, lists, dicts) is written as it is.
    """
    path = Path(path)
    states = {
        name: part.state_dict() if hasattr(part, "state_dict") else part for name, part in parts.items()
    }
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file:
        try:
            torch.save(states, file)
            file.close()
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise


def load_checkpoint(path: str | os.PathLike[str], **parts: Any) -> dict[str, Any]:
    """Give models, optimizers and other parts the states that `save_checkpoint` wrote, and return the rest.

    Only tensors and plain values are read, never code, so that a stranger's file can do no harm.
    A model gets its numbers on the device where it is. If anything does not fit, every part stays as it was.

    Args:
        path: the file.
        parts: by the names under which they were saved, each with a ``load_state_dict``.

    Returns:
        What the file has under other names, on the CPU.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is no checkpoint, is cut off, has no such part, or is of another model.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"there is no checkpoint {os.fspath(path)!r}")
    try:
        states = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # bytes that are no checkpoint may lead torch's reader to any
        raise ValueError(
            f"{os.fspath(path)!r} is no checkpoint, or only part of one; expected a file that "
            f"dl.save_checkpoint wrote ({type(error).__name__})"
        ) from error
    missing = [name for name in parts if name not in states]
    if missing:
        raise ValueError(
            f"{os.fspath(path)!r} has no {', '.join(missing)}; it has {', '.join(states) or 'nothing'}"
        )
    before = {name: copy.deepcopy(part.state_dict()) for name, part in parts.items()}
    try:
        for name, part in parts.items():
            part.load_state_dict(states[name])
    except (RuntimeError, ValueError, KeyError) as error:
        for loaded, part in parts.items():
            part.load_state_dict(before[loaded])
        raise ValueError(f"the {name} in {os.fspath(path)!r} does not fit the one here: {error}") from error
    return {name: state for name, state in states.items() if name not in parts}


@torch.no_grad()
def _means(
    model: nn.Module, data: tuple[Tensor, ...], measures: list[Measure], batch_size: int = 1000
) -> list[float]:
    """The mean of each measure over all examples."""
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    sums = [0.0] * len(measures)
    for batch in batches(*data, batch_size=batch_size, shuffle=False):
        *inputs, y = (tensor.to(device) for tensor in batch)
        outputs = model(*inputs)
        for i, measure in enumerate(measures):
            sums[i] += float(measure(outputs, y)) * len(y)
    model.train(was_training)
    return [total / len(data[-1]) for total in sums]


def _check(
    model: nn.Module,
    train: tuple[Tensor, ...],
    val: tuple[Tensor, ...] | None,
    metric: Measure | None,
    accumulate: int,
    patience: int | None,
    checkpoint: str | os.PathLike[str] | None,
    resume: bool,
) -> None:
    """Refuse settings that cannot be meant."""
    if next(model.parameters(), None) is None:
        raise ValueError("the model has no parameters; are its layers attributes of the module?")
    for name, data in {"train": train, "val": val}.items():
        if data is not None and not (isinstance(data, tuple | list) and all(map(torch.is_tensor, data))):
            raise ValueError(
                f"expected {name}= as a tuple of tensors, such as data.{name}, got {type(data).__name__}"
            )
    if val is None and (metric is not None or patience is not None):
        raise ValueError("metric= and patience= look at validation data: give val= too")
    if accumulate < 1:
        raise ValueError(f"accumulate= is at least 1, but {accumulate} came")
    if resume and checkpoint is None:
        raise ValueError("resume=True needs checkpoint=, the file to go on from")
    if checkpoint is not None and not resume and Path(checkpoint).exists():
        raise FileExistsError(
            f"{os.fspath(checkpoint)!r} exists: give resume=True to go on from it, or another name"
        )


def _diverged(
    step_loss: float, history: History, optimizer: torch.optim.Optimizer, batch: tuple[Tensor, ...]
) -> str:
    """Say where the loss broke and what to try."""
    where = (
        f"the loss is {step_loss} at step {len(history.step_loss) + 1} (epoch {len(history.train_loss) + 1})"
    )
    if not all(bool(tensor.isfinite().all()) for tensor in batch):
        return f"{where}, and so are some of the data in that batch: look for nan and inf in them"
    lr = optimizer.param_groups[0]["lr"]
    return (
        f"{where}: training has diverged. Try a tenth of the learning rate ({lr:g}), clip=1.0, "
        "or a loss that takes logits"
    )


class _Chance:
    """The states of the random numbers that `fit` may draw, for a checkpoint: its own and PyTorch's."""

    def __init__(self, order: torch.Generator) -> None:
        self.order = order

    def state_dict(self) -> dict[str, Any]:
        cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
        return {"order": self.order.get_state(), "cpu": torch.get_rng_state(), "cuda": cuda}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.order.set_state(state["order"])
        torch.set_rng_state(state["cpu"])
        if torch.cuda.is_available() and state["cuda"]:
            torch.cuda.set_rng_state_all(state["cuda"])


def _parts(batch: tuple[Tensor, ...], n_parts: int) -> Iterable[tuple[Tensor, ...]]:
    """Cut a batch into so many parts, or fewer where it is too short."""
    return [batch] if n_parts == 1 else zip(*(tensor.chunk(n_parts) for tensor in batch), strict=True)


@contextmanager
def _interruptible(history: History) -> Iterator[None]:
    """Let Ctrl-C, or a notebook's stop button, end the work within and nothing else."""
    try:
        yield
    except KeyboardInterrupt:
        print(f"interrupted after {len(history.train_loss)} whole epochs; the history is kept")


class _Progress:
    """A bar over all steps where somebody watches; elsewhere nothing."""

    def __init__(self, n_steps: int, done: int) -> None:
        self.bar: Any = None
        if watched():
            from tqdm.auto import tqdm

            self.bar = tqdm(total=n_steps, initial=done, unit="step", leave=False)

    def __enter__(self) -> "_Progress":
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.close()

    def step(self, loss: float) -> None:
        """Count a step."""
        if self.bar is not None:
            self.bar.set_postfix_str(f"loss {loss:.3g}", refresh=False)
            self.bar.update()
