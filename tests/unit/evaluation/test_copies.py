"""The copy check on data of which it is known what was copied."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from genstudio.core.errors import DataError
from genstudio.evaluation.copies import SAME, CopyFinder, Yardstick, calibrate

Pixels = NDArray[np.uint8]


def shapes(count: int, seed: int, channels: int = 3, side: int = 32) -> Pixels:
    """Three soft blobs of random colours each: pictures that are alike in kind and all different."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:side, 0:side] / side
    pictures = np.full((count, channels, side, side), 20.0)
    for picture in pictures:
        for _ in range(3):
            at, size, colour = (
                random.uniform(0.15, 0.85, 2),
                random.uniform(0.05, 0.2),
                random.uniform(0, 220, channels),
            )
            blob = np.exp(-((y - at[0]) ** 2 + (x - at[1]) ** 2) / (2 * size**2))
            picture[:] = picture * (1 - blob) + colour[:, None, None] * blob
    return pictures.round().clip(0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def training() -> Pixels:
    return shapes(400, 1)


@pytest.fixture(scope="module")
def finder(training: Pixels) -> CopyFinder:
    return CopyFinder(training, np.arange(len(training)))


@pytest.fixture(scope="module")
def yardstick(finder: CopyFinder, training: Pixels) -> Yardstick:
    return calibrate(finder, training, torch.arange(len(training)), shapes(50, 2))


def test_that_the_share_of_copies_is_the_share_that_was_planted(
    finder: CopyFinder, yardstick: Yardstick, training: Pixels
) -> None:
    fresh = shapes(200, 3)
    fresh[:30] = training[100:130]
    matches = finder.match(fresh)
    near = yardstick.near(matches)
    assert near[:30].all()
    assert matches.places[:30, 0].tolist() == list(range(100, 130))
    assert int(near[30:].sum()) <= 5  # about one in a hundred by chance


CHANGES = (
    "mirrored",
    "shifted",
    "grainy",
    "shifted and mirrored",
    "softened",
    "softened much",
    "darkened",
    "paler",
    "darkened, softened and mirrored",
)


@pytest.mark.parametrize("change", CHANGES)
def test_that_a_changed_copy_is_found(finder: CopyFinder, yardstick: Yardstick, training: Pixels, change: str) -> None:
    copies = training[50:70].copy()
    if "shifted" in change:
        copies = np.roll(copies, (2, -1), axis=(2, 3))
    if "mirrored" in change:
        copies = copies[..., ::-1]
    if "softened" in change:
        width = 5 if "much" in change else 3
        soft = torch.nn.functional.avg_pool2d(
            torch.tensor(copies.copy()).float(), width, stride=1, padding=width // 2, count_include_pad=False
        )
        copies = soft.round().to(torch.uint8).numpy()
    if "darkened" in change:
        copies = (0.85 * copies).astype(np.uint8)
    if "paler" in change:
        copies = (0.85 * copies + 25).astype(np.uint8)
    if "grainy" in change:
        copies = (copies + np.random.default_rng(0).normal(0, 10, copies.shape)).clip(0, 255).astype(np.uint8)
    matches = finder.match(np.ascontiguousarray(copies))
    assert yardstick.near(matches).double().mean() >= 0.95
    assert matches.places[:, 0].tolist() == list(range(50, 70))
    assert (matches.mirrored[:, 0] == ("mirrored" in change)).all()


def test_that_fresh_pictures_are_called_copies_as_rarely_as_is_promised(
    finder: CopyFinder, yardstick: Yardstick
) -> None:
    assert yardstick.expected <= 0.015
    assert float(yardstick.near(finder.match(shapes(400, 9))).double().mean()) <= 0.03


def test_that_blurred_fresh_pictures_are_no_copies(finder: CopyFinder, yardstick: Yardstick) -> None:
    blurred = torch.nn.functional.avg_pool2d(torch.tensor(shapes(100, 5)).float(), 9, stride=1, padding=4)
    flat = torch.full((10, 3, 32, 32), 60.0)
    for pictures in (blurred, flat):  # blurred blobs are blobs, of which a few are really near to others
        assert yardstick.near(finder.match(pictures.round().to(torch.uint8).numpy())).double().mean() <= 0.06


def test_that_a_picture_is_no_neighbour_of_itself(finder: CopyFinder, training: Pixels) -> None:
    own = torch.arange(30)
    matches = finder.match(training[:30], own=own)
    assert not (matches.places == own[:, None]).any()
    assert (matches.nearest > SAME).all()
    assert all(len(set(row)) == len(row) for row in matches.places.tolist())


def test_that_distances_are_levels_of_255_once_the_tone_is_evened_out_within_bounds(training: Pixels) -> None:
    dark = training[:5] // 2
    finder = CopyFinder(dark, np.arange(5))

    def apart(changed: Pixels) -> list[float]:
        """The distance of each to the picture that it was made from."""
        matches = finder.match(changed)
        return matches.distances[matches.places == torch.arange(5)[:, None]].tolist()

    assert apart(dark) == [0] * 5
    assert apart(dark + np.uint8(9)) == pytest.approx([0] * 5, abs=0.4)
    assert apart((1.2 * dark).round().astype(np.uint8)) == pytest.approx([0] * 5, abs=0.4)
    assert all(5 < distance < 50 - 32 + 0.4 for distance in apart(dark + np.uint8(50)))  # beyond the bounds
    grain = np.random.default_rng(0).normal(0, 12, dark.shape)
    assert all(1 < distance < 12 for distance in apart((dark + 40 + grain).round().astype(np.uint8)))


def test_that_hidden_colours_make_no_difference() -> None:
    clear = shapes(40, 1, channels=4)
    clear[:, 3] = 255
    clear[0, 3] = 0
    again = clear[:1].copy()
    again[:, :3] = 255 - again[:, :3]
    found = CopyFinder(clear, np.arange(40)).match(again)
    assert found.places[0, 0] == 0
    assert float(found.nearest[0]) == 0


def test_that_large_pictures_and_few_of_them_are_compared_small() -> None:
    few = shapes(5, 1, channels=1, side=80)
    finder = CopyFinder(few, np.arange(5))
    matches = finder.match(few[:2], own=torch.arange(2))
    assert matches.distances.shape == (2, 4)
    assert finder.match(few[3:]).nearest.tolist() == [0, 0]


def test_that_two_training_pictures_are_too_few() -> None:
    with pytest.raises(DataError, match="at least three"):
        CopyFinder(shapes(2, 1), np.arange(2))
