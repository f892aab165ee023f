"""Pictures as they look: the one form in which all measures see them."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

_ALPHA = 4


def as_seen(pixels: NDArray[np.uint8]) -> Tensor:
    """Turn uint8 pictures (N, C, H, W) into float32 in [0, 1].

    Colours are multiplied by what is opaque of them: two clear pixels look alike, whatever colour they hide.
    """
    pictures = torch.tensor(pixels, dtype=torch.float32) / 255
    if pictures.shape[1] == _ALPHA:
        pictures[:, :-1] *= pictures[:, -1:].clone()
    return pictures


def at_most(pictures: Tensor, side: int) -> Tensor:
    """Shrink pictures (N, C, H, W) by areas until neither side is longer than `side`; smaller ones stay as they are."""
    height, width = pictures.shape[2:]
    longest = max(height, width)
    if longest <= side:
        return pictures
    return F.interpolate(pictures, size=(_scaled(height, longest, side), _scaled(width, longest, side)), mode="area")


def _scaled(edge: int, longest: int, side: int) -> int:
    return max(1, round(edge * side / longest))
