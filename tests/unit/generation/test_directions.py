"""Directions that mean something: a planted one is found again."""

import numpy as np
import pytest
from numpy.typing import NDArray

from genstudio.core.errors import DataError
from genstudio.generation.directions import Kind, direction, lie_apart, moved


def planted(noise: float = 1.0) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.float64]]:
    random = np.random.default_rng(0)
    true = random.normal(size=20)
    true /= np.linalg.norm(true)
    chosen = random.random(3000) < 0.3
    latents = random.normal(size=(3000, 20)) * noise + np.outer(np.where(chosen, 2.0, -1.0), true)
    return latents.astype(np.float32), chosen, true


@pytest.mark.parametrize("kind", ["mean", "boundary"])
def test_that_a_planted_direction_is_recovered(kind: Kind) -> None:
    latents, chosen, true = planted()
    found = direction(latents, chosen, kind)
    assert found.unit @ true > 0.98
    assert np.isclose(np.linalg.norm(found.unit), 1, atol=1e-5)


def test_that_the_boundary_ignores_what_only_goes_along_by_width() -> None:
    latents, chosen, true = planted()
    wide = np.zeros(20)
    wide[0] = 1
    latents = latents + np.outer(np.random.default_rng(1).normal(size=3000) * 20, wide).astype(np.float32)
    found = direction(latents, chosen, "boundary").unit
    plain = true - (true @ wide) * wide
    assert found @ plain / np.linalg.norm(plain) > 0.98


def test_that_a_sigma_is_one_deviation_of_the_pictures() -> None:
    latents, chosen, _ = planted()
    found = direction(latents, chosen)
    assert np.isclose(found.sigma, (latents @ found.unit).std())
    assert np.isclose(np.linalg.norm(found.step(-3)), 3 * found.sigma, rtol=1e-5)


def test_that_directions_add_up_and_nothing_is_moved_by_nothing() -> None:
    latents, chosen, _ = planted()
    one, other = direction(latents, chosen), direction(latents, latents[:, 3] > 1)
    base = latents[0]
    assert np.allclose(moved(base, [one, other], [1.5, -2]), base + one.step(1.5) + other.step(-2), atol=1e-5)
    assert moved(base, [one, other], [0, 0]) is base


@pytest.mark.parametrize("chosen", [np.zeros(50, bool), np.ones(50, bool)])
def test_that_all_or_none_give_no_direction(chosen: NDArray[np.bool_]) -> None:
    with pytest.raises(DataError, match="some that have not"):
        direction(planted()[0][:50], chosen)


def test_that_labels_apart_from_the_latents_are_told_from_labels_within() -> None:
    latents, chosen, _ = planted()
    assert lie_apart(latents, chosen)
    wide = np.random.default_rng(2).normal(size=(300, 1000)).astype(np.float32)
    by_chance = [lie_apart(wide, np.arange(300) % 5 == label) for label in range(5)]
    assert by_chance == [False] * 5
