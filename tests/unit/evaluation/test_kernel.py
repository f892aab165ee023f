"""The kernel distance against its closed form for Gaussians, and its lack of bias."""

import pytest
import torch

from genstudio.core.errors import DataError
from genstudio.evaluation.kernel import kernel_distance


def draw(count: int, seed: int, shift: float = 0.0, dimensions: int = 4) -> torch.Tensor:
    return torch.randn(count, dimensions, generator=torch.Generator().manual_seed(seed)) + shift


def expected_kernel(mean_product: float, mean_squares: float, dimensions: int) -> float:
    """E (x·y/d + 1)³ for independent x ~ N(m, I), y ~ N(n, I), by the moments of x·y.

    With s = m·n and q = |m|² + |n|²: E x·y = s, E (x·y)² = s² + q + d, E (x·y)³ = s³ + 3s(q + d) + 6s.
    """
    s, q, d = mean_product, mean_squares, dimensions
    second, third = s**2 + q + d, s**3 + 3 * s * (q + d) + 6 * s
    return 1 + 3 * s / d + 3 * second / d**2 + third / d**3


def test_that_shifted_gaussians_have_the_distance_of_the_closed_form() -> None:
    d, shift = 4, 0.8
    length = d * shift**2
    expected = expected_kernel(0, 0, d) + expected_kernel(length, 2 * length, d) - 2 * expected_kernel(0, length, d)
    found = [kernel_distance(draw(400, seed, shift), draw(400, 500 + seed)) for seed in range(24)]
    assert sum(found) / len(found) == pytest.approx(expected, rel=0.03)


def test_that_equal_distributions_are_at_distance_0_on_average_however_few_the_points() -> None:
    found = torch.tensor([kernel_distance(draw(20, seed), draw(20, 5000 + seed)) for seed in range(400)])
    assert abs(float(found.mean())) < 3 * float(found.std()) / 20
    assert float(found.min()) < 0


def test_that_blocks_do_not_change_the_sum() -> None:
    ones, others = draw(700, 1), draw(900, 2, 0.3)
    kernel = (ones.double() @ others.double().T / 4 + 1) ** 3
    own, theirs = ((x.double() @ x.double().T / 4 + 1) ** 3 for x in (ones, others))
    within = [(k.sum() - k.trace()) / (len(k) * (len(k) - 1)) for k in (own, theirs)]
    assert kernel_distance(ones, others) == pytest.approx(float(sum(within) - 2 * kernel.mean()), abs=1e-9)


def test_that_single_points_are_a_sentence() -> None:
    with pytest.raises(DataError, match="two pictures"):
        kernel_distance(draw(1, 1), draw(5, 2))
