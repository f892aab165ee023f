"""Maps of a latent space: against numpy's SVD, and the way back from every place."""

import numpy as np
import pytest
from numpy.typing import NDArray

from genstudio.generation.latent_map import LatentMap, looks, principal_axes
from genstudio.generation.neighbours import nearest_neighbours, neighbour_places


def some(count: int, size: int, seed: int = 0) -> NDArray[np.float32]:
    random = np.random.default_rng(seed)
    return (random.normal(size=(count, size)) * np.linspace(3, 0.5, size) + 1).astype(np.float32)


def groups(count: int = 40, size: int = 12) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    random = np.random.default_rng(1)
    labels = np.arange(4 * count) % 4
    middles = random.normal(size=(4, size)) * 6
    return (middles[labels] + random.normal(size=(4 * count, size))).astype(np.float32), labels


@pytest.mark.parametrize(("count", "size"), [(200, 16), (12, 40)])
def test_that_the_axes_are_those_of_the_singular_value_decomposition(count: int, size: int) -> None:
    latents = some(count, size)
    axes = principal_axes(latents)
    _, _, right = np.linalg.svd(latents - latents.mean(0, dtype=np.float64), full_matrices=False)
    assert np.allclose(np.abs((axes.axes * right[:2]).sum(1)), 1, atol=1e-5)
    assert np.allclose(axes.axes @ axes.axes.T, np.eye(2), atol=1e-5)


def test_that_the_same_latents_always_give_the_same_axes() -> None:
    latents = some(60, 8)
    assert np.array_equal(principal_axes(latents).axes, principal_axes(latents.copy()).axes)
    assert (principal_axes(latents).axes.max(1) >= -principal_axes(latents).axes.min(1)).all()


def test_that_a_latent_of_one_number_has_a_map_too() -> None:
    found = LatentMap.along_axes(some(10, 1))
    assert np.isfinite(found.places).all() and np.allclose(found.places[:, 1], 0)
    assert np.allclose(found.lift((float(found.places[3, 0]), 0.0)), found.latents[3], atol=1e-4)


def test_that_the_way_back_from_a_place_leads_to_that_place() -> None:
    found = LatentMap.along_axes(some(100, 10))
    for place in ((0.3, -0.2), (1.4, 0.9), (0.0, 0.0)):
        assert found.axes is not None
        plane = found.axes.on_plane(np.array([place], np.float32))
        assert np.allclose(found.axes.project(plane)[0], place, atol=1e-5)
        assert np.allclose(found.locate(found.lift(place)[None])[0], place, atol=1e-4)


@pytest.mark.parametrize("layout", ["axes", "neighbours"])
def test_that_at_a_pictures_own_place_lies_that_picture(layout: str) -> None:
    latents, _ = groups()
    found = LatentMap.along_axes(latents) if layout == "axes" else LatentMap(latents, neighbour_places(latents), None)
    for index in (0, 17, 99):
        place = (float(found.places[index, 0]), float(found.places[index, 1]))
        assert np.allclose(found.lift(place), latents[index], atol=1e-3)
        assert found.nearest(place) == index


def test_that_the_way_back_is_continuous() -> None:
    latents, _ = groups()
    found = LatentMap(latents, neighbour_places(latents), None)
    way = [found.lift((x, 0.3 * x)) for x in np.linspace(-1, 1, 4001)]
    steps = np.linalg.norm(np.diff(np.array(way), axis=0), axis=1)
    apart = np.linalg.norm(latents[:, None] - latents, axis=2).max()
    assert steps.max() < 0.12 * apart


def test_that_between_pictures_latents_keep_their_length() -> None:
    random = np.random.default_rng(2)
    latents = random.normal(size=(300, 64)).astype(np.float32)
    found = LatentMap(latents, neighbour_places(latents), None)
    lengths = [np.linalg.norm(found.lift((x, x))) for x in (-0.31, 0.02, 0.4)]
    assert all(6 < length < 10 for length in lengths)


def test_that_neighbours_are_found_as_by_hand() -> None:
    latents = some(700, 6)
    chosen, distances = nearest_neighbours(latents, 4)
    apart = np.linalg.norm(latents[:, None] - latents, axis=2)
    np.fill_diagonal(apart, np.inf)
    assert np.array_equal(chosen[:, 0], apart.argmin(1))
    assert np.allclose(distances, np.sort(apart, 1)[:, :4], atol=1e-2)


def test_that_groups_stay_together_on_a_map_of_neighbours() -> None:
    latents, labels = groups()
    places = neighbour_places(latents)
    nearest, _ = nearest_neighbours(places, 3)
    assert (labels[nearest] == labels[:, None]).mean() > 0.98
    assert np.array_equal(places, neighbour_places(latents))


@pytest.mark.parametrize("count", [2, 3, 5])
def test_that_a_few_pictures_have_a_map(count: int) -> None:
    latents = some(count, 5)
    places = neighbour_places(latents)
    assert places.shape == (count, 2) and np.isfinite(places).all()
    assert np.isfinite(LatentMap(latents, places, None).lift((0.1, 0.2))).all()


def test_that_pictures_that_are_all_the_same_have_a_map() -> None:
    latents = np.ones((20, 4), np.float32)
    places = neighbour_places(latents)
    assert np.isfinite(places).all()
    assert np.allclose(LatentMap(latents, places, None).lift((0.4, 0.1)), 1)


def test_that_another_latent_is_found_among_its_like() -> None:
    latents, _ = groups()
    found = LatentMap(latents, neighbour_places(latents), None)
    assert np.allclose(found.locate(latents[5:7]), found.places[5:7], atol=1e-5)


def test_that_a_map_of_looks_brings_together_what_looks_alike_though_its_latents_are_noise() -> None:
    random = np.random.default_rng(0)
    kinds = np.arange(60) % 3
    pictures = random.integers(0, 40, (60, 12, 20, 3), np.uint8)
    for index, kind in enumerate(kinds):
        pictures[index, 4 * kind : 4 * kind + 4] += 200
    latents = random.normal(size=(60, 32)).astype(np.float32)
    seen = looks(pictures)
    assert seen.shape == (60, 12 * 16 * 3) and seen.min() >= 0 and seen.max() <= 1
    found = LatentMap(latents, neighbour_places(seen), None, seen)
    around = [kinds[((found.places - place) ** 2).sum(1).argsort()[1:8]] for place in found.places]
    assert np.mean([near == kind for near, kind in zip(around, kinds, strict=True)]) > 0.95
    stranger = pictures[7:8] // 2 + 10
    place = found.locate(random.normal(size=(1, 32)).astype(np.float32), stranger)[0]
    label, share = found.likeliest((float(place[0]), float(place[1])), kinds.astype(np.int64)) or (-1, 0.0)
    assert label == 1 and share > 0.99
    assert np.allclose(found.lift((float(found.places[5, 0]), float(found.places[5, 1]))), latents[5], atol=1e-5)


def test_that_what_is_clear_looks_white() -> None:
    clear = np.zeros((1, 4, 4, 4), np.uint8)
    assert np.array_equal(looks(clear), np.ones((1, 48), np.float32))
