"""The checks: each is seen to pass what is right and to stop what is wrong."""

import math
import warnings

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

import dlbook_utils as dl
from dlbook_utils.checks import ClaimError


class TestClaim:
    def test_prints_the_evidence(self, capsys):
        dl.claim("the CNN wins", [0.2, 0.3, 0.25], at_least=0.1)
        line = capsys.readouterr().out
        assert line == "✓ the CNN wins: mean 0.25, 0.2 to 0.3 over 3 runs; claimed at least 0.1\n"

    def test_single_value_and_both_bounds(self, capsys):
        dl.claim("it converges", torch.tensor(0.5), at_least=0, at_most=1)
        assert capsys.readouterr().out == "✓ it converges: 0.5; claimed at least 0 and at most 1\n"

    def test_rounding_is_not_printed(self, capsys):
        dl.claim("the gap is rounding", [0, 3e-17, 2e-9], at_most=1e-8)
        assert "mean ~0, ~0 to 2e-09 over 3 runs" in capsys.readouterr().out

    def test_worst_seed_decides(self):
        with pytest.raises(ClaimError, match=r"✗ wins: mean 0\.3667.*claimed at least 0\.1"):
            dl.claim("wins", [0.6, 0.5, 0.0], at_least=0.1)

    @pytest.mark.parametrize("bounds", [{"at_least": 0}, {"at_most": 1}, {"at_least": 0, "at_most": 1}])
    def test_nan_is_false(self, bounds):
        with pytest.raises(ClaimError):
            dl.claim("is a number", [0.5, math.nan], **bounds)

    def test_needs_values(self):
        with pytest.raises(ValueError, match="at least one value, got none"):
            dl.claim("over no seed", [], at_least=0)

    def test_needs_a_bound(self):
        with pytest.raises(ValueError, match="got no bound"):
            dl.claim("boundless", [1.0])

    @given(st.lists(st.floats(-1e6, 1e6), min_size=1), st.floats(-1e6, 1e6))
    def test_agrees_with_min_and_max(self, values, bound):
        for holds, bounds in (
            (min(values) >= bound, {"at_least": bound}),
            (max(values) <= bound, {"at_most": bound}),
        ):
            if holds:
                dl.claim("any", values, **bounds)
            else:
                with pytest.raises(ClaimError):
                    dl.claim("any", values, **bounds)


class ScaledLinear(nn.Module):
    """A linear layer from scratch; ``scale`` other than 1 is a mistake."""

    def __init__(self, scale=1.0):
        super().__init__()
        self.w = nn.Parameter(torch.randn(3, 2))
        self.b = nn.Parameter(torch.zeros(3))
        self.scale = scale

    def forward(self, x):
        return self.scale * (x @ self.w.T) + self.b


class TestSameAsTorch:
    x = torch.randn(5, 4, generator=torch.Generator().manual_seed(1))

    def test_functions(self, capsys):
        dl.same_as_torch(lambda x: 1 / (1 + torch.exp(-x)), torch.sigmoid, self.x)
        assert capsys.readouterr().out == "✓ same as PyTorch: values and gradients agree to 1e-10\n"

    def test_modules_with_parameters(self):
        dl.same_as_torch(ScaledLinear(), nn.Linear(2, 3), torch.randn(4, 2))

    def test_integer_inputs_have_values_only(self, capsys):
        dl.same_as_torch(lambda k: k * k, torch.square, torch.arange(4))
        assert capsys.readouterr().out == "✓ same as PyTorch: values agree to 1e-10\n"

    def test_numpy_with_a_written_gradient(self):
        dl.same_as_torch(
            lambda x: (x**2).sum(), lambda x: x.square().sum(), self.x.numpy(), gradient=lambda x: 2 * x
        )

    def test_several_written_gradients(self):
        dl.same_as_torch(
            lambda a, b: (a * b).sum(),
            lambda a, b: (a * b).sum(),
            self.x,
            self.x + 1,
            gradient=lambda a, b: (b, a),
        )

    def test_wrong_value(self):
        with pytest.raises(AssertionError, match="values: entry"):
            dl.same_as_torch(lambda x: x + 1e-6, lambda x: x.clone(), self.x)

    def test_wrong_shape(self):
        with pytest.raises(AssertionError, match=r"expected shape \(4,\), got \(5,\)"):
            dl.same_as_torch(lambda x: x.sum(1), lambda x: x.sum(0), self.x)

    def test_right_value_wrong_gradient(self):
        with pytest.raises(AssertionError, match="gradient 0: entry"):
            dl.same_as_torch(lambda x: x.detach() + 0 * x, lambda x: x.clone(), self.x)

    def test_flipped_sign_in_a_written_gradient(self):
        with pytest.raises(AssertionError, match="gradient 0"):
            dl.same_as_torch(
                lambda x: x.square().sum(), lambda x: x.square().sum(), self.x, gradient=lambda x: -2 * x
            )

    def test_missing_gradient(self):
        with pytest.raises(AssertionError, match="expected 2 gradients, got 1"):
            dl.same_as_torch(
                lambda a, b: (a * b).sum(),
                lambda a, b: (a * b).sum(),
                self.x,
                self.x,
                gradient=lambda a, b: b,
            )

    def test_nan_fails(self):
        with pytest.raises(AssertionError, match="is nan"):
            dl.same_as_torch(lambda x: x / 0 * 0, lambda x: x.clone(), self.x)

    def test_wrong_module(self):
        with pytest.raises(AssertionError, match="values"):
            dl.same_as_torch(ScaledLinear(scale=1.001), nn.Linear(2, 3), torch.randn(4, 2))

    def test_modules_that_do_not_match(self):
        with pytest.raises(ValueError, match="parameters differ"):
            dl.same_as_torch(ScaledLinear(), nn.Linear(2, 4), torch.randn(4, 2))

    def test_opaque_function_asks_for_its_gradient(self):
        with pytest.raises(ValueError, match="pass the gradient written by hand"):
            dl.same_as_torch(lambda x: x.detach().square(), torch.square, self.x)

    def test_written_gradient_of_a_vector(self):
        with pytest.raises(ValueError, match="scalar output"):
            dl.same_as_torch(torch.square, torch.square, self.x, gradient=lambda x: 2 * x)

    def test_written_gradient_of_nothing(self):
        with pytest.raises(ValueError, match="no floating-point input"):
            dl.same_as_torch(torch.square, torch.square, torch.arange(3), gradient=lambda x: 2 * x)


class TestGradients:
    def test_right(self, capsys):
        dl.gradients(lambda x: (x**3).sum(), lambda x: 3 * x**2, at=[[1.0, -2.0], [0.5, 3.0]])
        assert capsys.readouterr().out == "✓ gradient agrees with finite differences to 1e-06\n"

    def test_a_number(self):
        dl.gradients(lambda x: x**2, lambda x: 2 * x, at=3.0)

    def test_numpy_point(self):
        dl.gradients(torch.sum, torch.ones_like, at=np.arange(3.0))

    @pytest.mark.parametrize("wrong", [lambda x: -2 * x, lambda x: x, torch.zeros_like])
    def test_wrong(self, wrong):
        with pytest.raises(AssertionError, match="gradient: entry"):
            dl.gradients(lambda x: (x**2).sum(), wrong, at=[1.0, 2.0])

    def test_wrong_shape(self):
        with pytest.raises(AssertionError, match="expected shape"):
            dl.gradients(lambda x: (x**2).sum(), lambda x: 2 * x[:1], at=[1.0, 2.0])


class TestAttempt:
    def test_right(self, capsys):
        with dl.attempt("sum-1"):
            assert sum([1, 2]) == 3
        assert capsys.readouterr().out == "sum-1: right\n"

    def test_stub(self, capsys):
        with dl.attempt("sum-1"):
            raise NotImplementedError
        assert capsys.readouterr().out == "sum-1: not attempted\n"

    def test_open_answer(self, capsys):
        with dl.attempt("sum-1", ...):
            assert ... > 3
        with dl.attempt("sum-1", 3, ...):
            pass
        assert capsys.readouterr().out == "sum-1: not attempted\n" * 2

    def test_wrong(self, capsys):
        with dl.attempt("sum-1"):
            raise AssertionError("2 + 2 is 4")
        assert capsys.readouterr().out == "sum-1: wrong, because 2 + 2 is 4\n"

    def test_another_error(self, capsys):
        with dl.attempt("sum-1"):
            int("x")
        assert capsys.readouterr().out.startswith(
            "sum-1: wrong, because it raised ValueError: invalid literal"
        )

    def test_assertion_without_words(self, capsys):
        with dl.attempt("sum-1"):
            raise AssertionError
        assert capsys.readouterr().out == "sum-1: wrong, because it raised AssertionError: \n"

    @pytest.mark.parametrize(
        ("variable", "value"), [("DLBOOK_GRADE", "1"), ("NBGRADER_EXECUTION", "autograde")]
    )
    def test_graded_mode_raises(self, monkeypatch, variable, value):
        monkeypatch.setenv(variable, value)
        with pytest.raises(AssertionError, match="no"), dl.attempt("sum-1"):
            raise AssertionError("no")
        with pytest.raises(NotImplementedError), dl.attempt("sum-1", ...):
            pass
        with dl.attempt("sum-1"):
            pass

    def test_graded_mode_keeps_warnings_to_itself(self, monkeypatch, recwarn):
        with dl.attempt("sum-1"):
            warnings.warn("beside the point", stacklevel=1)
        assert len(recwarn) == 1
        monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
        with dl.attempt("sum-1"):
            warnings.warn("beside the point", stacklevel=1)
        assert len(recwarn) == 1

    def test_an_interrupt_is_not_an_answer(self):
        with pytest.raises(KeyboardInterrupt), dl.attempt("sum-1"):
            raise KeyboardInterrupt
