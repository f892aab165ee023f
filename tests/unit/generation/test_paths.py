"""Walks, grids and children: they begin and end where they should, and keep to where the model knows pictures."""

import numpy as np
import pytest

from genstudio.core.errors import DataError, FamilyError
from genstudio.generation.evolve import children
from genstudio.generation.paths import grid, stretches, walk
from genstudio.generation.points import MOST_NUMBERS, Point, packed, unpacked


def points(count: int, size: int = 16, seed: int = 0) -> list[Point]:
    random = np.random.default_rng(seed)
    return [Point(random.normal(size=(4, size // 4)).astype(np.float32), index, (7, index)) for index in range(count)]


def unit(points: list[Point]) -> list[Point]:
    return [point.at(point.flat / np.linalg.norm(point.flat)) for point in points]


def test_that_a_walk_begins_and_ends_at_its_stops_and_passes_the_others() -> None:
    stops = points(3)
    way = walk(stops, 5)
    for frame, stop in ((0, 0), (2, 1), (4, 2)):
        assert np.array_equal(way[frame].latent, stops[stop].latent)
    assert [point.label for point in way] == [0, 1, 1, 2, 2]
    assert {point.stream for point in way} == {(7, 0)}


def test_that_a_walk_keeps_the_length_of_its_stops() -> None:
    way = walk(unit(points(4)), 31)
    assert np.allclose([np.linalg.norm(point.flat) for point in way], 1, atol=1e-5)


def test_that_a_closed_walk_has_no_seam() -> None:
    stops = unit(points(3))
    way = walk(stops, 12, closed=True)
    apart = [np.linalg.norm(one.flat - other.flat) for one, other in zip(way, [*way[1:], way[0]], strict=True)]
    assert np.array_equal(way[0].latent, stops[0].latent)
    assert np.allclose(way[4].latent, stops[1].latent) and np.allclose(way[8].latent, stops[2].latent)
    assert min(apart) > 0.05 and max(apart) < 0.6


def test_that_a_resting_walk_is_slow_at_its_stops() -> None:
    even, resting = (stretches(2, 11, closed=False, pace=pace) for pace in ("even", "resting"))
    assert [way.share for way in even][5] == pytest.approx(0.5)
    assert resting[1].share < even[1].share / 2 and resting[9].share > even[9].share
    assert (resting[0].share, resting[10].share) == (0, 1)


@pytest.mark.parametrize(("stops", "frames"), [(1, 4), (2, 1), (5, 3)])
def test_that_short_walks_have_as_many_frames_as_were_asked_for(stops: int, frames: int) -> None:
    assert len(walk(points(stops), frames)) == frames


def test_that_a_grids_corners_are_the_given_points_to_the_bit() -> None:
    corners = points(4)
    square = grid(corners, 5)
    for place, corner in zip((0, 4, 20, 24), corners, strict=True):
        assert np.array_equal(square[place].latent, corner.latent)
        assert (square[place].label, square[place].stream) == (corner.label, corner.stream)
    lengths = [np.linalg.norm(point.flat) for point in grid(unit(corners), 6)]
    assert np.allclose(lengths, 1, atol=1e-5)


def test_that_the_same_seed_gives_the_same_children_and_another_one_others() -> None:
    parents, strangers = points(3), points(6, seed=9)
    first, again = (children(parents, strangers, strength=0.4, seed=5) for _ in range(2))
    assert all(np.array_equal(one.latent, other.latent) for one, other in zip(first, again, strict=True))
    other = children(parents, strangers, strength=0.4, seed=6)
    assert not np.array_equal(first[0].latent, other[0].latent)


def test_that_children_of_one_parent_stray_as_far_as_the_strength_says() -> None:
    parents, strangers = unit(points(1)), unit(points(8, seed=3))
    for strength in (0.0, 0.2, 0.7, 1.0):
        for child, stranger in zip(children(parents, strangers, strength=strength, seed=1), strangers, strict=True):
            whole = np.arccos(np.clip(parents[0].flat @ stranger.flat, -1, 1))
            gone = np.arccos(np.clip(parents[0].flat @ child.flat, -1, 1))
            assert gone == pytest.approx(strength * whole, abs=2e-3)


def test_that_children_of_several_parents_take_from_two_of_them() -> None:
    parents = points(2)
    for child in children(parents, points(8, seed=3), strength=0.0, seed=2):
        assert not any(np.array_equal(child.latent, parent.latent) for parent in parents)


def test_that_a_latent_comes_back_to_the_bit() -> None:
    for latent in (points(1)[0].latent, np.array([1e-38, -0.0, 3.1415927], np.float32)):
        assert unpacked(packed(latent)).tobytes() == latent.tobytes()
        assert unpacked(packed(latent)).shape == latent.shape


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"latent": "AAAA", "shape": "1"},
        {"latent": "AACAfw==", "shape": "1"},
        {"latent": "AAAAAA==", "shape": "0"},
        {"latent": "AAAAAA==", "shape": "-1x-1"},
        {"latent": "*", "shape": "1"},
        {"latent": 5, "shape": None},
    ],
    ids=str,
)
def test_that_a_latent_out_of_a_changed_file_is_refused(extra: dict[str, str | int | float | bool | None]) -> None:
    with pytest.raises(DataError, match="it was changed"):
        unpacked(extra)


def test_that_a_latent_too_large_for_a_recipe_is_refused() -> None:
    with pytest.raises(FamilyError, match="too many"):
        packed(np.zeros(MOST_NUMBERS + 1, np.float32))
