"""Claims about results, comparisons with PyTorch, gradient checks, and the checks of exercises."""

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn


class ClaimError(AssertionError):
    """A claim of the book does not hold."""


def claim(
    text: str,
    values: float | Sequence[float],
    *,
    at_least: float | None = None,
    at_most: float | None = None,
) -> None:
    """Hold a sentence of the book against measured values and print the evidence.

    Every value must meet every bound: the worst seed decides, not the mean. What is smaller than a billionth
    is rounding, which differs between machines, and is printed as ``~0``.

    Args:
        text: the sentence that is claimed.
        values: one number a seed, or a single number where nothing is random.
        at_least: lower bound, inclusive.
        at_most: upper bound, inclusive.

    Raises:
        ClaimError: if a value breaks a bound or is not a number.
        ValueError: if there is no value, or no bound.
    """
    numbers = np.asarray(values, dtype=float).ravel()
    if numbers.size == 0:
        raise ValueError(f"claim {text!r}: expected at least one value, got none; did the experiment run?")
    bounds = {"at least": at_least, "at most": at_most}
    claimed = " and ".join(f"{name} {bound:g}" for name, bound in bounds.items() if bound is not None)
    if not claimed:
        raise ValueError(f"claim {text!r}: expected at_least=, at_most= or both, got no bound")
    seen = _show(numbers[0])
    if numbers.size > 1:
        mean, lowest, highest = map(_show, (numbers.mean(), numbers.min(), numbers.max()))
        seen = f"mean {mean}, {lowest} to {highest} over {numbers.size} runs"
    broken = np.isnan(numbers)
    if at_least is not None:
        broken |= numbers < at_least
    if at_most is not None:
        broken |= numbers > at_most
    if broken.any():
        raise ClaimError(f"✗ {text}: {seen}; claimed {claimed}")
    print(f"✓ {text}: {seen}; claimed {claimed}")


def same_as_torch(
    ours: Callable[..., Any],
    theirs: Callable[..., Any],
    *inputs: Any,
    gradient: Callable[..., Any] | None = None,
    tolerance: float = 1e-10,
) -> None:
    """Compare a from-scratch function or module with PyTorch's: values, and gradients where there are any.

    Floating-point inputs are taken in float64, so that a difference is a mistake and not rounding.
    Two modules are given the same parameters, in order, and their parameters' gradients are compared too.
    The gradients are those of the output's inner product with one fixed random tensor, so that a mistake in
    any entry shows.

    Args:
        ours: the function or ``nn.Module`` of this book, called with tensors, or with arrays where ``inputs``
            has them.
        theirs: PyTorch's, called with tensors.
        inputs: tensors or arrays of any shape, or plain values.
        gradient: our gradient written by hand, where autograd cannot see through ``ours`` or should not.
            Called with the same inputs, it returns the derivative of a scalar output by each floating-point
            input: one tensor, or a tuple in their order.
        tolerance: the largest difference allowed, absolute for entries below 1, relative above.

    Raises:
        AssertionError: if shapes, values or gradients differ; it says which and by how much.
        ValueError: if two modules' parameters do not match, or the gradients cannot be computed as asked.
    """
    if isinstance(ours, nn.Module) and isinstance(theirs, nn.Module):
        _copy_parameters(ours.double(), theirs.double())
    our_inputs = [_in_float64(value) for value in inputs]
    their_inputs = [_as_tensor(value) for value in inputs]
    our_value, their_value = ours(*our_inputs), theirs(*their_inputs)
    _assert_close("values", our_value, their_value, tolerance)

    variables = _variables(theirs, their_inputs)
    if not (variables and their_value.requires_grad):
        if gradient is not None:
            raise ValueError("gradient= was given, but PyTorch's output depends on no floating-point input")
        print(f"✓ same as PyTorch: values agree to {tolerance:g}")
        return
    if gradient is None:
        if not (torch.is_tensor(our_value) and our_value.requires_grad):
            raise ValueError(
                "autograd cannot see through ours: pass the gradient written by hand as gradient="
            )
        our_gradients = _weighted_gradients(our_value, _variables(ours, our_inputs))
    elif their_value.numel() == 1:
        written = gradient(*our_inputs)
        our_gradients = list(written) if isinstance(written, tuple | list) else [written]
    else:
        raise ValueError(f"gradient= needs a scalar output, got one of shape {tuple(their_value.shape)}")
    weighted = gradient is None
    their_gradients = _weighted_gradients(their_value, variables, weighted)
    if len(our_gradients) != len(their_gradients):
        raise AssertionError(f"expected {len(their_gradients)} gradients, got {len(our_gradients)}")
    for i, (mine, reference) in enumerate(zip(our_gradients, their_gradients, strict=True)):
        _assert_close(f"gradient {i}", mine, reference, tolerance)
    print(f"✓ same as PyTorch: values and gradients agree to {tolerance:g}")


def gradients(
    function: Callable[..., Any],
    gradient: Callable[..., Any],
    at: Any,
    *,
    step: float = 1e-6,
    tolerance: float = 1e-6,
) -> None:
    """Compare a gradient written by hand with central finite differences, in float64.

    Args:
        function: maps a point of any shape to a scalar.
        gradient: maps the same point to the derivative, of the point's shape.
        at: the point: a number, an array or a tensor; ``function`` and ``gradient`` get a tensor.
        step: half the distance between the two evaluations for each coordinate.
        tolerance: the largest difference allowed, absolute for entries below 1, relative above.

    Raises:
        AssertionError: if shape or derivative differ; it says by how much.

    Source: the error of (f(x + h) - f(x - h)) / 2h shrinks as h squared; Goodfellow, Bengio and Courville,
    Deep Learning (2016), section 11.5.
    """
    point = torch.as_tensor(at).detach().to(torch.float64)
    differences = torch.empty(point.numel(), dtype=torch.float64)
    for i in range(point.numel()):
        shift = torch.zeros_like(differences)
        shift[i] = step
        shift = shift.reshape(point.shape)
        differences[i] = float(function(point + shift) - function(point - shift)) / (2 * step)
    _assert_close("gradient", gradient(point), differences.reshape(point.shape), tolerance)
    print(f"✓ gradient agrees with finite differences to {tolerance:g}")


@contextmanager
def attempt(exercise: str, *answers: Any) -> Iterator[None]:
    """Judge an exercise: the body asserts what a right answer does, and one line says how it went.

    Prints ``not attempted`` while the stub stands (it raises NotImplementedError, or one of ``answers`` is
    ``...``), ``wrong, because ...`` when the body raises anything else, and ``right`` when it passes.
    With the environment variable ``DLBOOK_GRADE=1``, and under nbgrader, it raises instead; warnings it then
    keeps to itself, for nbgrader takes them for failures.

    Args:
        exercise: the exercise's name, such as ``gradient-descent-2``.
        answers: the values that the stub leaves as ``...``, for exercises that ask for values.
    """
    unanswered = any(answer is ... for answer in answers)
    graded = os.environ.get("DLBOOK_GRADE") == "1" or "NBGRADER_EXECUTION" in os.environ
    try:
        with warnings.catch_warnings(action="ignore") if graded else nullcontext():
            yield
        if unanswered:
            raise NotImplementedError(f"{exercise}: an answer is still ...")
    except Exception as error:
        if graded:
            raise
        if unanswered or isinstance(error, NotImplementedError):
            print(f"{exercise}: not attempted")
        elif isinstance(error, AssertionError) and str(error):
            print(f"{exercise}: wrong, because {error}")
        else:
            print(f"{exercise}: wrong, because it raised {type(error).__name__}: {error}")
    else:
        print(f"{exercise}: right")


def _show(value: float) -> str:
    return "~0" if abs(value) < 1e-9 else f"{value:.4g}"


def _in_float64(value: Any) -> Any:
    """A floating-point array or tensor (recording gradients) as a float64 copy; others as they are."""
    if torch.is_tensor(value) and value.is_floating_point():
        return value.detach().to(torch.float64, copy=True).requires_grad_()
    if isinstance(value, np.ndarray) and np.issubdtype(value.dtype, np.floating):
        return value.astype(np.float64)
    return value


def _as_tensor(value: Any) -> Any:
    """What PyTorch's side is called with: arrays as tensors, in its own copy."""
    if isinstance(value, np.ndarray):
        value = torch.from_numpy(value)
    return _in_float64(value)


def _variables(function: Callable[..., Any], inputs: list[Any]) -> list[Tensor]:
    """What a gradient is taken by: the floating-point inputs, then a module's parameters."""
    variables = [value for value in inputs if torch.is_tensor(value) and value.requires_grad]
    return variables + (list(function.parameters()) if isinstance(function, nn.Module) else [])


def _weighted_gradients(output: Tensor, variables: list[Tensor], weighted: bool = True) -> list[Tensor]:
    """Gradients of the output's inner product with a fixed random tensor (or with ones)."""
    generator = torch.Generator().manual_seed(0)
    weight = torch.randn(output.shape, dtype=torch.float64, generator=generator)
    product = (output * weight if weighted else output).sum()
    return list(torch.autograd.grad(product, variables, allow_unused=True, materialize_grads=True))


def _copy_parameters(source: nn.Module, target: nn.Module) -> None:
    """Give the target module the source's parameters, matched in order."""
    ours, theirs = list(source.parameters()), list(target.parameters())
    shapes = [[tuple(parameter.shape) for parameter in module] for module in (ours, theirs)]
    if shapes[0] != shapes[1]:
        raise ValueError(f"the modules' parameters differ: ours {shapes[0]}, PyTorch's {shapes[1]}")
    with torch.no_grad():
        for mine, reference in zip(ours, theirs, strict=True):
            reference.copy_(mine)


def _assert_close(what: str, ours: Any, reference: Any, tolerance: float) -> None:
    """Raise an AssertionError unless two tensors have one shape and close entries."""
    mine, other = (torch.as_tensor(value).detach().to(torch.float64) for value in (ours, reference))
    if mine.shape != other.shape:
        raise AssertionError(f"{what}: expected shape {tuple(other.shape)}, got {tuple(mine.shape)}")
    gap = (mine - other).abs() / other.abs().clamp(min=1)
    # NaN on our side must fail as well, so the comparison is written to be false for it.
    if not bool((gap <= tolerance).all()):
        worst = int(gap.flatten().nan_to_num(nan=torch.inf).argmax())
        raise AssertionError(
            f"{what}: entry {worst} is {mine.flatten()[worst].item():.6g}, "
            f"expected {other.flatten()[worst].item():.6g} within {tolerance:g}"
        )
