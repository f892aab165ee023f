"""Near duplicates are found, and others are not."""

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageEnhance

from genstudio.core.errors import Cancelled
from genstudio.data.duplicates import near_pairs, sketches
from tests.unit.data.image_files import noise


def stored(image: Image.Image, mode: str = "RGB", size: int = 32) -> NDArray[np.uint8]:
    pixels = np.asarray(image.convert(mode).resize((size, size), Image.Resampling.LANCZOS))
    return np.atleast_3d(pixels).transpose(2, 0, 1).copy()


def pairs(pictures: list[NDArray[np.uint8]]) -> list[tuple[int, int]]:
    return near_pairs(sketches(np.stack(pictures)), lambda: None)


def photo(seed: int) -> Image.Image:
    return Image.fromarray(noise(96, 96, seed=seed))


def jpeg(image: Image.Image) -> Image.Image:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=50)
    return Image.open(stream)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_that_altered_copies_are_found(mode: str) -> None:
    for seed in range(10):
        original = photo(seed)
        for copy in (
            jpeg(original),
            original.resize((48, 48)),
            ImageEnhance.Contrast(original).enhance(0.85),
            Image.fromarray(np.asarray(original) // 2 + 60),
        ):
            assert pairs([stored(original, mode), stored(copy, mode)]) == [(0, 1)]


def test_that_different_pictures_are_not() -> None:
    assert pairs([stored(photo(seed)) for seed in range(600)]) == []


def test_that_each_picture_is_paired_with_the_earlier_one_it_resembles_most() -> None:
    others = [stored(photo(seed)) for seed in range(1, 700)]
    original = stored(photo(0))
    near, nearer = original.copy(), original.copy()
    near[:, :6, :6] //= 2
    nearer[:, :2, :2] //= 2
    assert pairs([original, *others, near, nearer, original]) == [(0, 700), (0, 701), (0, 702)]


def test_that_colour_alone_tells_pictures_apart() -> None:
    half = np.zeros((3, 32, 32), dtype=np.uint8)
    red, blue = half.copy(), half.copy()
    red[0, :, :16] = 255
    blue[2, :, :16] = 255
    assert pairs([red, blue]) == []


def test_that_shapes_drawn_by_opacity_alone_are_told_apart() -> None:
    white = np.full((2, 4, 32, 32), 255, dtype=np.uint8)
    white[0, 3, :16] = 0
    white[1, 3, :, :16] = 0
    assert pairs(list(white)) == []
    assert pairs([white[0], white[0]]) == [(0, 1)]


def test_that_pictures_of_nothing_are_like_no_other() -> None:
    flat = [np.full((3, 32, 32), level, dtype=np.uint8) for level in (0, 1, 128, 255)]
    assert pairs(flat) == []


@pytest.mark.parametrize("size", [8, 13, 64])
def test_that_any_size_can_be_sketched(size: int) -> None:
    assert pairs([stored(photo(1), size=size), stored(photo(2), size=size), stored(jpeg(photo(1)), size=size)]) == [
        (0, 2)
    ]


def test_that_comparing_can_be_cancelled() -> None:
    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        near_pairs(sketches(np.stack([stored(photo(0))])), stop)
