"""Probabilities of levels: they sum to one, keep their digits far out, and have gradients everywhere."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from genstudio.nn.likelihoods import bits_per_dimension, discretised_gaussian, discretised_logistic

Density = Callable[[Tensor, Tensor, Tensor], Tensor]
BOTH = pytest.mark.parametrize("density", [discretised_logistic, discretised_gaussian])
LEVELS = (torch.arange(256, dtype=torch.float64) * 2 - 255) / 255
MEANS = (-3.0, -1.5, -1.0, -0.998, -0.3, 0.0, 0.001, 0.5, 1.0, 1.01, 3.0)
LOG_SCALES = (-7.0, -5.0, -3.0, -1.0, 0.0, 2.0)


def grid(dtype: torch.dtype) -> tuple[Tensor, Tensor, Tensor]:
    """Levels (256, 1, 1), means (1, M, 1), log-scales (1, 1, S)."""
    means, scales = torch.tensor(MEANS, dtype=dtype), torch.tensor(LOG_SCALES, dtype=dtype)
    return LEVELS.to(dtype)[:, None, None], means[None, :, None], scales[None, None, :]


@BOTH
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 3e-5)])
def test_that_the_probabilities_of_all_levels_sum_to_one(
    density: Density, dtype: torch.dtype, tolerance: float
) -> None:
    sums = density(*grid(dtype)).double().exp().sum(0)
    assert (sums - 1).abs().max() <= tolerance


@BOTH
def test_that_single_precision_keeps_its_digits_far_out(density: Density) -> None:
    images, means, scales = grid(torch.float64)
    exact = density(images, means, scales)
    rounded = density(images.float(), means.float(), scales.float()).double()
    assert ((rounded - exact).abs() <= 3e-4 + 1e-4 * exact.abs()).all()


@BOTH
def test_that_gradients_are_finite_and_right_everywhere(density: Density) -> None:
    gradients = {}
    for dtype in (torch.float64, torch.float32):
        images, means, scales = grid(dtype)
        mean = means.expand(256, -1, len(LOG_SCALES)).clone().requires_grad_()
        scale = scales.expand(256, len(MEANS), -1).clone().requires_grad_()
        gradients[dtype] = torch.autograd.grad(density(images, mean, scale).sum(), (mean, scale))
    for exact, rounded in zip(gradients[torch.float64], gradients[torch.float32], strict=True):
        assert torch.isfinite(rounded).all()
        assert ((rounded - exact).abs() <= 1e-2 + 2e-3 * exact.abs()).all()


def test_that_the_logistic_agrees_with_a_difference_of_two_sigmoids() -> None:
    mean, scale = torch.tensor(0.1, dtype=torch.float64), torch.tensor(-2.0, dtype=torch.float64)
    inside = LEVELS[1:-1]
    sharpness = torch.exp(-scale)
    plain = torch.sigmoid((inside - mean + 1 / 255) * sharpness) - torch.sigmoid((inside - mean - 1 / 255) * sharpness)
    torch.testing.assert_close(discretised_logistic(inside, mean, scale), plain.log(), rtol=1e-10, atol=1e-10)


def test_that_the_gaussian_agrees_with_a_difference_of_two_error_functions() -> None:
    mean, scale = torch.tensor(0.1, dtype=torch.float64), torch.tensor(-1.0, dtype=torch.float64)
    inside = LEVELS[1:-1]
    sides = [torch.special.ndtr((inside - mean + side / 255) / scale.exp()) for side in (1, -1)]
    plain = sides[0] - sides[1]
    torch.testing.assert_close(discretised_gaussian(inside, mean, scale), plain.log(), rtol=1e-9, atol=1e-9)


@BOTH
def test_that_white_paper_costs_nothing_once_it_is_known(density: Density) -> None:
    white, known = torch.ones(3), torch.tensor(1.2)
    assert (density(white, known, torch.tensor(-4.0)) > -1e-3).all()


def test_that_few_levels_share_the_same_range() -> None:
    levels = torch.tensor([-1.0, -1 / 3, 1 / 3, 1.0], dtype=torch.float64)
    for density in (discretised_logistic, discretised_gaussian):
        total = density(levels, torch.tensor(0.2), torch.tensor(-1.0), 4).exp().sum()
        assert abs(total - 1) < 1e-6


def test_that_a_guess_among_256_levels_costs_eight_bits() -> None:
    nats = torch.tensor(12 * math.log(256.0))
    assert bits_per_dimension(nats, 12) == pytest.approx(8.0)
