"""The sliced Wasserstein distance against closed forms, and on pictures with known damages."""

import math

import pytest
import torch

from genstudio.evaluation.wasserstein import compare_slices, pyramid, sliced_wasserstein


def draw(count: int, dimensions: int, seed: int) -> torch.Tensor:
    return torch.randn(count, dimensions, generator=torch.Generator().manual_seed(seed))


def textures(count: int, seed: int, side: int = 32) -> torch.Tensor:
    noise = torch.rand(count, 3, side // 4, side // 4, generator=torch.Generator().manual_seed(seed))
    coarse = torch.nn.functional.interpolate(noise, size=(side, side), mode="bilinear")
    fine = torch.rand(count, 3, side, side, generator=torch.Generator().manual_seed(seed + 1))
    return 0.7 * coarse + 0.3 * fine


def distance(points: torch.Tensor, others: torch.Tensor) -> float:
    return sliced_wasserstein(points, others, generator=torch.Generator().manual_seed(0), directions=512)


def test_that_a_set_is_at_distance_0_of_itself() -> None:
    same = draw(500, 6, 1)
    assert distance(same, same[torch.randperm(500)]) == pytest.approx(0, abs=1e-6)
    pictures = textures(40, 1)
    assert compare_slices(pictures, pictures.clone()).mean > 0  # other patches of the same pictures: the floor
    assert compare_slices(pictures, pictures.clone()).mean < 60


def test_that_a_shift_is_the_mean_length_of_its_projection() -> None:
    """W₁ of N(m, I) and N(0, I) along a direction r is |m·r|; its mean over the sphere in d = 3 is |m| / 2."""
    points, shift = draw(20_000, 3, 1), torch.tensor([0.9, -1.2, 2.0])
    expected = float(shift.norm()) / 2
    found = distance(points / points.std() + shift, points / points.std())
    assert found == pytest.approx(expected, rel=0.05)


def test_that_a_wider_gaussian_is_at_the_distance_of_the_closed_form() -> None:
    """W₁ of N(0, s²) and N(0, 1) in one dimension is (s - 1) √(2/π); along every direction it is the same."""
    points, others = 1.5 * draw(20_000, 5, 1), draw(20_000, 5, 2)
    assert distance(points, others) == pytest.approx(0.5 * math.sqrt(2 / math.pi), rel=0.04)


def test_that_levels_tell_fine_damage_from_coarse() -> None:
    real = textures(60, 1, side=64)
    floor = compare_slices(textures(60, 7, side=64), real).levels
    grain = compare_slices((textures(60, 7, side=64) + 0.2 * draw(60 * 3 * 64, 64, 3).view(60, 3, 64, 64)), real).levels
    cast = compare_slices(textures(60, 7, side=64) * torch.tensor([1, 0.6, 1])[:, None, None], real).levels
    assert set(floor) == {64, 32, 16}
    assert grain[64] > 3 * floor[64] and grain[64] > grain[16]
    assert cast[16] > 3 * floor[16]  # a colour cast, which standardising each side by itself would hide


def test_that_the_pyramid_adds_up_to_the_picture() -> None:
    pictures = textures(2, 1, side=32)
    fine, rest = pyramid(pictures)
    grown = torch.nn.functional.interpolate(rest, size=(32, 32), mode="bilinear", align_corners=False)
    assert torch.allclose(fine + grown, pictures, atol=1e-6)
    assert [level.shape[2] for level in pyramid(torch.zeros(1, 1, 8, 8))] == [8]


def test_that_a_seed_means_the_same_figures() -> None:
    ones, others = textures(20, 1), textures(20, 5)
    assert compare_slices(ones, others, seed=3) == compare_slices(ones, others, seed=3)
    assert compare_slices(ones, others, seed=3) != compare_slices(ones, others, seed=4)
