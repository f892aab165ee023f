"""A point of a latent space, and how it is written into a recipe. No torch here."""

import base64
import binascii
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from genstudio.core.errors import DataError, FamilyError

Latents = NDArray[np.float32]
"""float32 (N, D): latents of any shape, flattened."""

MOST_NUMBERS = 65_536
"""Numbers in one latent; they are written into the recipe inside a PNG."""

_Plain = str | int | float | bool | None


@dataclass(frozen=True, eq=False)
class Point:
    """A place between pictures.

    latent: float32, of the shape the family works with (for one picture). label: what the picture there is asked to be,
    a number of a class, where a family heeds that while decoding. stream: the (seed, index) of the noise that a family
    may add while decoding. about: where it came from, in words. text: what the picture there is to show, in words where
    a family draws by them.
    """

    latent: NDArray[np.float32]
    label: int | None = None
    stream: tuple[int, int] = (0, 0)
    about: str = field(default="", compare=False)
    text: str | None = None

    def at(self, latent: NDArray[np.float32], about: str = "") -> "Point":
        """The point with another latent, (D,) or of its own shape."""
        moved = np.ascontiguousarray(latent, dtype=np.float32).reshape(self.latent.shape)
        return replace(self, latent=moved, about=about or self.about)

    def saying(self, text: str | None) -> "Point":
        """The point with other words, None for none."""
        return replace(self, text=text)

    @property
    def flat(self) -> NDArray[np.float32]:
        """The latent as one row, (D,)."""
        return self.latent.reshape(-1)


def stacked(points: "list[Point] | tuple[Point, ...]") -> Latents:
    """The latents of points, (N, D)."""
    return np.stack([point.flat for point in points])


def packed(latent: NDArray[np.float32]) -> dict[str, _Plain]:
    """Write a latent as text, bit by bit. Raises `FamilyError` when it is too large for that."""
    if latent.size > MOST_NUMBERS:
        raise FamilyError(
            f"A point of this model is {latent.size:,} numbers, too many to be written into a picture, "
            "so that it cannot be kept."
        )
    shape = "x".join(str(side) for side in latent.shape)
    return {"latent": base64.b64encode(latent.astype("<f4").tobytes()).decode(), "shape": shape}


def unpacked(extra: Mapping[str, _Plain]) -> NDArray[np.float32]:
    """Read what `packed` wrote. Raises `DataError` for anything else: it may come out of somebody else's file."""
    text, sides = extra.get("latent"), extra.get("shape")
    try:
        shape = tuple(int(side) for side in str(sides).split("x"))
        numbers = np.frombuffer(base64.b64decode(str(text), validate=True), "<f4").astype(np.float32)
        if min(shape) < 1 or math.prod(shape) != numbers.size or not np.isfinite(numbers).all():
            raise ValueError
    except (ValueError, binascii.Error, OverflowError):
        raise DataError("The recipe inside this picture names no point between pictures: it was changed.") from None
    return numbers.reshape(shape)
