"""Large pictures window by window: every guess is put together from guesses of overlapping windows.

The noise and its level belong to the whole picture, and so does every step of the sampler; only the network sees
windows. So nothing that is drawn ends at a window's edge. A window's outermost pixels, whose surroundings it does not
see, do not count; next to them it fades over into its neighbour. What a guess takes of memory depends on the window,
not on the picture.

This is the family's matter and not the studio's, because windows are blended between two evaluations of the network.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import torch
from torch import Tensor

SIDE = 320
"""Pixels a side of a window."""

_MARGIN, _RAMP = 24, 16  # pixels along an inner edge that do not count, and over which a window fades
OVERLAP = 2 * _MARGIN + _RAMP


@dataclass(frozen=True)
class Window:
    """A part of a picture, in pixels."""

    top: int
    left: int
    height: int
    width: int

    def of(self, pictures: Tensor) -> Tensor:
        """This part of (N, C, H, W), a view."""
        return pictures[:, :, self.top : self.top + self.height, self.left : self.left + self.width]


def windows(height: int, width: int, stride: int, side: int = SIDE) -> list[Window]:
    """Windows that cover a picture, each beginning at a multiple of `stride`; `side` is one too."""
    downs, acrosses = _starts(height, stride, side), _starts(width, stride, side)
    return [
        Window(top, left, min(side, height - top), min(side, width - left)) for top, left in product(downs, acrosses)
    ]


def _starts(length: int, stride: int, side: int) -> list[int]:
    """As few as there can be, evenly spread."""
    if length <= side:
        return [0]
    count = -(-(length - OVERLAP) // (side - OVERLAP))
    last = -(-(length - side) // stride) * stride  # the last window may be a little smaller
    return [round(last * number / (count - 1) / stride) * stride for number in range(count)]


def blended(look: Callable[[Window], Tensor], parts: list[Window], shape: torch.Size) -> Tensor:
    """Put what `look` says of each window, (N, C, h, w), together to `shape`."""
    if len(parts) == 1:
        return look(parts[0])
    whole: Tensor | None = None
    for part in parts:
        said = look(part)
        if whole is None:
            whole, weight = said.new_zeros(shape), said.new_zeros(shape[2:])
        share = _weights(part.top, part.height, shape[2])[:, None] * _weights(part.left, part.width, shape[3])
        share = share.to(said.device)
        part.of(whole).addcmul_(said, share)
        part.of(weight[None, None]).add_(share)
    assert whole is not None
    return whole.div_(weight)


def _weights(start: int, length: int, whole: int) -> Tensor:
    """How much each pixel of a window counts: (length,), fading towards its edges, but not towards the picture's."""
    at = torch.arange(length, dtype=torch.float32) + 0.5
    far = torch.full_like(at, float(whole))
    before = at if start else far
    after = length - at if start + length < whole else far
    return ((torch.minimum(before, after) - _MARGIN) / _RAMP).clamp(0, 1)
