"""The levels that models of pixels in order read and draw: how finely a picture's numbers are told apart."""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Levels:
    """2 to 256 equally spaced levels; level 0 is the value -1 and level `count - 1` the value 1.

    A stored number (0 to 255) counts as the nearest level. With 256 levels that is the number itself; with fewer the
    model learns a picture reduced to so many levels, and its likelihood is that of the reduced picture.
    """

    count: int

    def of_pixels(self, pixels: Tensor) -> Tensor:
        """Return the levels, int64, of stored numbers (uint8, any shape)."""
        if self.count == 256:
            return pixels.long()
        return (pixels.float() * ((self.count - 1) / 255)).round().long()

    def of_values(self, values: Tensor) -> Tensor:
        """Return the levels, int64, nearest to numbers in [-1, 1] (any shape)."""
        return ((values + 1) * ((self.count - 1) / 2)).round().clamp(0, self.count - 1).long()

    def values(self, levels: Tensor) -> Tensor:
        """Return the numbers in [-1, 1], float32, that levels stand for (any shape)."""
        return levels.float() * (2 / (self.count - 1)) - 1
