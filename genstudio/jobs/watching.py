"""From what a family tells while it works to a progress bar, a cancel button, and pictures that can be seen to grow."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from genstudio.core.errors import Cancelled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

MOST_STEPS = 60
"""Steps into which the drawing of a chunk is divided; each is shown once, however quickly it is drawn."""

_SECONDS_BETWEEN = 0.1

Told = Callable[[int, int], None]
"""Hears (done, total), in pictures."""


class Watcher:
    """A `Watch` that tells how many of `count` pictures are done, and raises `Cancelled` when that is asked for."""

    def __init__(self, count: int, told: Told, cancelled: Callable[[], bool]) -> None:
        self._count, self._told, self._cancelled = count, told, cancelled

    def __call__(
        self,
        done: int,
        total: int,
        pictures: "Tensor | None" = None,  # noqa: ARG002 - `Looker` looks at them
        uncertainty: "Tensor | None" = None,  # noqa: ARG002
    ) -> None:
        """Hear how far the work has come, in units of its own."""
        if self._cancelled():
            raise Cancelled
        self._told(self._count * done // total if total else 0, self._count)


def untold(done: int, total: int) -> None:
    """Nobody follows."""


def never() -> bool:
    """Nobody cancels."""
    return False


@dataclass(frozen=True, eq=False)
class Drawing:
    """A chunk while it is drawn: `done` of `total` steps.

    pictures: uint8 (N, H, W, C). uncertainty: float32 (N, H, W), the entropy in bits of each pixel that was drawn and 0
    elsewhere, or None where the family does not know it.
    """

    pictures: "NDArray[np.uint8]"
    uncertainty: "NDArray[np.float32] | None"
    done: int
    total: int


OnDrawing = Callable[[Drawing], None]
"""Sees a chunk grow; called by a worker, about ten times a second and at most a little more."""


class Looker:
    """A `Watch` of one chunk after the other that copies what is drawn so far now and then, for people to see."""

    def __init__(self, on_drawing: OnDrawing) -> None:
        self._on_drawing = on_drawing
        self._step, self._shown = -1, 0.0

    def __call__(
        self, done: int, total: int, pictures: "Tensor | None" = None, uncertainty: "Tensor | None" = None
    ) -> None:
        """Look, if it is time for that."""
        if pictures is None or self._on_drawing is unseen or not self._is_due(done, total):
            return
        from genstudio.training.previews import to_uint8

        bits = None if uncertainty is None else uncertainty.detach().float().cpu().numpy().copy()
        self._on_drawing(Drawing(to_uint8(pictures), bits, done, total))

    def _is_due(self, done: int, total: int) -> bool:
        step, now = MOST_STEPS * done // max(total, 1), time.monotonic()
        if step == self._step and now - self._shown < _SECONDS_BETWEEN:
            return False
        self._step, self._shown = step, now
        return True


def unseen(drawing: Drawing) -> None:
    """Nobody looks."""
