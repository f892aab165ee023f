"""Precision, recall, density and coverage on sets of which the answer is known."""

import pytest
import torch

from genstudio.core.errors import DataError
from genstudio.evaluation.manifold import NEIGHBOURS, compare_manifolds, expected_coverage


def points(count: int, *, seed: int, middle: float = 0.0, dimensions: int = 4) -> torch.Tensor:
    return torch.randn(count, dimensions, generator=torch.Generator().manual_seed(seed)) + middle


def clusters(which: list[int], each: int, seed: int) -> torch.Tensor:
    return torch.cat([points(each, seed=seed + one, middle=20.0 * one) for one in which])


def test_that_a_set_is_like_itself() -> None:
    same = points(200, seed=1)
    found = compare_manifolds(same, same.clone())
    assert (found.precision, found.recall, found.coverage) == (1, 1, 1)
    # Every point lies in its own ball, and in one of another whenever it is among that one's nearest.
    assert found.density == pytest.approx(1 + 1 / NEIGHBOURS)


def test_that_a_perfect_model_gets_what_theory_says() -> None:
    found = [compare_manifolds(points(150, seed=seed), points(150, seed=1000 + seed)) for seed in range(40)]
    assert sum(one.density for one in found) / 40 == pytest.approx(1, abs=0.02)
    assert sum(one.coverage for one in found) / 40 == pytest.approx(expected_coverage(150), abs=0.01)
    assert expected_coverage(10**6) == pytest.approx(1 - 2.0**-NEIGHBOURS, abs=1e-4)


def test_that_few_samples_lower_coverage_of_a_perfect_model() -> None:
    real = points(400, seed=1)
    few, many = (compare_manifolds(points(count, seed=2), real).coverage for count in (40, 400))
    assert few < 0.5 < 0.9 < many


def test_that_dropped_modes_lower_recall_and_coverage_to_the_share_that_is_left() -> None:
    real, generated = clusters([0, 1, 2, 3], 60, 1), clusters([0, 1, 2], 80, 50)
    found = compare_manifolds(generated, real)
    assert found.recall == pytest.approx(0.75, abs=0.03)
    assert found.coverage == pytest.approx(0.75, abs=0.03)
    assert found.precision > 0.95


def test_that_invented_modes_lower_precision_to_the_share_that_is_real() -> None:
    real, generated = clusters([0, 1, 2], 80, 1), clusters([0, 1, 2, 7], 60, 50)
    found = compare_manifolds(generated, real)
    assert found.precision == pytest.approx(0.75, abs=0.03)
    assert found.density == pytest.approx(0.75, abs=0.08)
    assert found.recall > 0.9


def test_that_one_outlier_blows_up_precision_but_not_density() -> None:
    real, generated = points(100, seed=1), points(100, seed=2, middle=30.0)
    real[0] = 60.0
    found = compare_manifolds(generated, real)
    assert found.precision == 1
    assert found.density < 0.25


def test_that_too_few_points_are_a_sentence() -> None:
    with pytest.raises(DataError, match="At least 6 pictures"):
        compare_manifolds(points(NEIGHBOURS, seed=1), points(50, seed=2))
