"""A picture to be completed, and which of its pixels stay. No torch here."""

import hashlib
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from genstudio.core.errors import ConfigError

Mask = NDArray[np.bool_]
"""bool (H, W), true where a pixel stays as it is."""

SIDES = ("top", "bottom", "left", "right")


@dataclass(frozen=True, eq=False)
class Given:
    """A picture uint8 (H, W, C) of which the pixels `known`, bool (H, W), stay."""

    picture: NDArray[np.uint8]
    known: Mask

    @property
    def sheet(self) -> NDArray[np.uint8]:
        """The picture above its mask (255 where a pixel stays), uint8 (2 H, W, C): both in one file."""
        mask = np.where(self.known[:, :, None], 255, 0).astype(np.uint8)
        return np.concatenate([self.picture, np.broadcast_to(mask, self.picture.shape)])

    @classmethod
    def of_sheet(cls, sheet: NDArray[np.uint8]) -> Self:
        """Take a picture and its mask out of what `sheet` gave."""
        height = len(sheet) // 2
        return cls(np.ascontiguousarray(sheet[:height]), sheet[height:, :, 0] > 127)

    @property
    def digest(self) -> str:
        """64 hexadecimal digits that stand for the picture and its mask."""
        sheet = np.ascontiguousarray(self.sheet)
        return hashlib.sha256(f"{sheet.shape}\n".encode() + sheet.tobytes()).hexdigest()


def keep(what: str, height: int, width: int) -> Mask:
    """Keep a half ("top", "bottom", "left", "right"), or a share ("0.3") of the pixels in reading order.

    Raises `ConfigError` for anything else.
    """
    row, column = np.mgrid[:height, :width]
    halves = {
        "top": row < height // 2,
        "bottom": row >= height // 2,
        "left": column < width // 2,
        "right": column >= width // 2,
    }
    return halves[what] if what in halves else first(round(_share(what) * height * width), height, width)


def first(count: int, height: int, width: int) -> Mask:
    """Keep the first pixels in reading order: row by row, from the top left."""
    return np.arange(height * width).reshape(height, width) < count


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share < 1:
        problem = f"Keep {', '.join(SIDES)}, or a share between 0 and 1 such as 0.3; not {text!r}."
        raise ConfigError(problem, {"keep": problem})
    return share
