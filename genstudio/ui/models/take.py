"""The frames of a drawing, to be looked through again. No Qt."""

import math

import numpy as np
from numpy.typing import NDArray

from genstudio.generation.given import first
from genstudio.jobs.watching import MOST_STEPS, Drawing

MOST_PICTURES = 16
"""So many pictures of a chunk are kept; more could not be told apart."""


class Take:
    """How a chunk was drawn: at most sixty frames evenly spread over it, and the latest one."""

    def __init__(self) -> None:
        self._frames: list[Drawing] = []
        self._step = -1
        self.most = 1.0

    def follows(self, drawing: Drawing) -> bool:
        """Whether a frame goes on from what is there, and does not begin another chunk."""
        if not self._frames:
            return True
        last = self._frames[-1]
        shape = drawing.pictures[:MOST_PICTURES].shape
        return drawing.done >= last.done and drawing.total == last.total and shape == last.pictures.shape

    def add(self, drawing: Drawing) -> None:
        """Take in the next frame; it takes the last one's place unless a sixtieth has passed since then."""
        step = MOST_STEPS * drawing.done // max(drawing.total, 1)
        if self._frames and step == self._step:
            self._frames.pop()
        self._step = step
        self._frames.append(_few(drawing))
        if drawing.uncertainty is not None:
            self.most = max(self.most, float(math.ceil(drawing.uncertainty.max())))

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, index: int) -> Drawing:
        return self._frames[index]


def _few(drawing: Drawing) -> Drawing:
    if len(drawing.pictures) <= MOST_PICTURES:
        return drawing
    bits = drawing.uncertainty
    few = None if bits is None else bits[:MOST_PICTURES].copy()
    return Drawing(drawing.pictures[:MOST_PICTURES].copy(), few, drawing.done, drawing.total)


def drawn_so_far(drawing: Drawing) -> NDArray[np.bool_] | None:
    """Which pixels (H, W) of a frame are drawn, for a model that draws in reading order; None for any other.

    Nobody declares that order; it shows in a step for each pixel and no uncertainty beyond the last one drawn.
    """
    height, width = drawing.pictures.shape[1:3]
    drawn = first(drawing.done, height, width)
    if drawing.total != height * width or drawing.uncertainty is None or drawing.uncertainty[:, ~drawn].any():
        return None
    return drawn
