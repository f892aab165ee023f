"""Small pictures with something to learn in them: bars, discs and rings, one class each."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from genstudio.core.spec import DataSpec
from genstudio.data.dataset import ImageDataset
from genstudio.data.labels import UNKNOWN

_Mask = NDArray[np.bool_]
CLASSES = ("bar", "disc", "ring")
COUNT = 24


def made_up(channels: int, height: int, width: int, *, labelled: bool, captioned: bool = False) -> ImageDataset:
    """Make a dataset of 24 pictures, the same every time: light figures on a dark ground, opaque where they are.

    A caption names the figure and where it is; every eighth picture has none.
    """
    draw = np.random.default_rng(0)
    labels = [index % len(CLASSES) for index in range(COUNT)]
    pixels = np.stack([_picture(_FIGURES[label](draw, height, width), channels, draw) for label in labels])
    captions = [_caption(index, picture) for index, picture in enumerate(pixels)] if captioned else None
    if not labelled:
        return ImageDataset.in_memory(pixels, captions=captions)
    return ImageDataset.in_memory(pixels, labels=labels, classes=CLASSES, captions=captions)


def made_for(spec: DataSpec) -> ImageDataset:
    """Make a dataset of a spec's size and channels, with labels and captions if it has them."""
    return made_up(spec.channels, spec.height, spec.width, labelled=bool(spec.classes), captioned=spec.captioned)


def some_unlabelled() -> ImageDataset:
    """Grey pictures of 16 × 16 of which every second one has no label."""
    whole = made_up(1, 16, 16, labelled=True)
    assert whole.labels is not None
    labels = [int(label) if index % 2 else UNKNOWN for index, label in enumerate(whole.labels)]
    return ImageDataset.in_memory(whole.pixels, labels=labels, classes=CLASSES)


def described() -> ImageDataset:
    """Grey pictures of 16 × 16 with labels, each described by three numbers."""
    whole = made_up(1, 16, 16, labelled=True)
    assert whole.labels is not None
    embeddings = np.eye(3, dtype=np.float32)[whole.labels]
    return ImageDataset.in_memory(whole.pixels, labels=whole.labels.tolist(), classes=CLASSES, embeddings=embeddings)


def _caption(index: int, picture: NDArray[np.uint8]) -> str:
    if index % 8 == 7:
        return ""
    light = picture.max(0) > picture.max() / 2
    side = "left" if light[:, : light.shape[1] // 2].sum() > light.sum() / 2 else "right"
    return f"A {CLASSES[index % len(CLASSES)]} on the {side}"


def _picture(figure: _Mask, channels: int, draw: np.random.Generator) -> NDArray[np.uint8]:
    ground, light = draw.integers(0, 60, channels), draw.integers(160, 256, channels)
    picture = np.where(figure, light[:, None, None], ground[:, None, None])
    if channels == 4:
        picture[3] = np.where(figure, 255, 0)
    return picture.astype(np.uint8)


def _bar(draw: np.random.Generator, height: int, width: int) -> _Mask:
    figure = np.zeros((height, width), dtype=np.bool_)
    left = int(draw.integers(0, max(width // 2, 1)))
    figure[:, left : left + max(width // 4, 1)] = True
    return figure


def _distances(draw: np.random.Generator, height: int, width: int) -> NDArray[np.float64]:
    centre = draw.uniform(0.35, 0.65, 2) * (height, width)
    rows, columns = np.mgrid[:height, :width]
    distances: NDArray[np.float64] = np.hypot(rows - centre[0], columns - centre[1]) / min(height, width)
    return distances


def _disc(draw: np.random.Generator, height: int, width: int) -> _Mask:
    return _distances(draw, height, width) < 0.3


def _ring(draw: np.random.Generator, height: int, width: int) -> _Mask:
    return np.abs(_distances(draw, height, width) - 0.3) < 0.1


_FIGURES: tuple[Callable[[np.random.Generator, int, int], _Mask], ...] = (_bar, _disc, _ring)
