"""Pictures that come as bare arrays: which axes are what, and how numbers become levels of light."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genstudio.data.refusal import UnreadableError

Array = NDArray[Any]
_LARGEST_SIDE = 8192
_MOST_CLASSES = 10_000
_WIDEST = 4096


@dataclass(frozen=True)
class Stack:
    """Pictures of one file: `load(index)` gives uint8 (H, W) or (H, W, C).

    labels and embeddings (float32 (N, D)) run parallel, or are None.
    """

    count: int
    load: Callable[[int], NDArray[np.uint8]]
    labels: tuple[str, ...] | None = None
    embeddings: NDArray[np.float32] | None = None


def stack(
    pictures: Array, labels: tuple[str, ...] | None = None, embeddings: NDArray[np.float32] | None = None
) -> Stack:
    """Make pictures of an array (N, H, W), (N, H, W, C) or (N, C, H, W) of whole numbers or floating point.

    Whole numbers are levels: 0 to 255 in a byte, 0 to 65535 in two; truth values are black and white. Floating point
    is taken as 0 to 1, as -1 to 1 when anything is negative, or as 0 to 255 when anything is above 1. Raises
    `UnreadableError` when it is none of these or the labels are not as many.
    """
    if labels is not None and len(labels) != len(pictures):
        raise UnreadableError(f"it has {len(pictures)} pictures but {len(labels)} labels")
    if embeddings is not None and len(embeddings) != len(pictures):
        raise UnreadableError(f"it has {len(pictures)} pictures but {len(embeddings)} embeddings")
    channels_first = _channels_first(pictures)
    scale, shift = _scale(pictures)
    return Stack(len(pictures), partial(_load, pictures, channels_first, scale, shift), labels, embeddings)


def vectors(embeddings: Array) -> NDArray[np.float32]:
    """Check an array of embeddings, (N, D) numbers, and return it as float32; raises `UnreadableError`."""
    if embeddings.ndim != 2 or not 1 <= embeddings.shape[1] <= _WIDEST or embeddings.dtype.kind not in "fiu":
        raise UnreadableError(f"its embeddings are not up to {_WIDEST:,} numbers a picture")
    with np.errstate(over="ignore"):
        found = embeddings.astype(np.float32)
    if not np.isfinite(found).all():
        raise UnreadableError("its embeddings hold numbers that are not finite")
    return found


def label_names(labels: Array) -> tuple[str, ...]:
    """Turn an array of class numbers or words, (N,) or (N, 1), into words; raises `UnreadableError`."""
    flat = labels[:, 0] if labels.ndim == 2 and labels.shape[1] == 1 else labels
    if flat.ndim != 1 or flat.dtype.kind not in "uibUS":
        raise UnreadableError("its labels are not one number or word a picture")
    words = [word.decode("utf-8", "replace") if isinstance(word, bytes) else str(word) for word in flat.tolist()]
    if len(set(words)) > _MOST_CLASSES:
        raise UnreadableError(f"it has more than {_MOST_CLASSES:,} different labels")
    return tuple(words)


def _channels_first(pictures: Array) -> bool:
    shape = pictures.shape
    if len(shape) not in (3, 4) or 0 in shape or max(shape[1:]) > _LARGEST_SIDE:
        raise UnreadableError(f"an array of shape {shape} is not a list of pictures")
    if len(shape) == 3 or shape[3] in (1, 3, 4):
        return False
    if shape[1] in (1, 3, 4):
        return True
    raise UnreadableError(f"pictures have 1, 3 or 4 channels, which an array of shape {shape} has not")


def _scale(pictures: Array) -> tuple[float, float]:
    """The factor and the number added before it that bring an array to 0 to 255."""
    kind = pictures.dtype
    fixed = {np.dtype(np.uint8): 1.0, np.dtype(np.bool_): 255.0, np.dtype(np.uint16): 255 / 65535}
    if kind.newbyteorder("=") in fixed:
        return fixed[kind.newbyteorder("=")], 0.0
    if kind.kind not in "iuf":
        raise UnreadableError(f"numbers of type {kind} are not levels of light")
    low, high = float(pictures.min()), float(pictures.max())
    if kind.kind == "f" and -1 <= low < 0 and high <= 1:
        return 127.5, 1.0
    if low >= 0 and high <= 255:
        return (255.0 if kind.kind == "f" and high <= 1 else 1.0), 0.0
    raise UnreadableError(f"its numbers go from {low:g} to {high:g}; 0 to 1, -1 to 1 and 0 to 255 are understood")


def _load(pictures: Array, channels_first: bool, scale: float, shift: float, index: int) -> NDArray[np.uint8]:
    levels: Array = pictures[index].transpose(1, 2, 0) if channels_first else pictures[index]
    if levels.dtype == np.uint8:
        return np.ascontiguousarray(levels)
    return np.clip(np.rint((levels.astype(np.float64) + shift) * scale), 0, 255).astype(np.uint8)
