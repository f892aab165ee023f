"""How fast a run goes. No numpy: the status bar, which is there before the first paint, counts by it."""

import math
from dataclasses import dataclass

_WINDOW = 8.0
"""Speed is a mean over about so many seconds of training."""

_KNOWN = 0.5
"""After so many seconds of training the mean says something: a single step may have taken no time at all."""


@dataclass(frozen=True)
class Pace:
    """How fast a run goes: images and seconds of late, older ones counting less and less.

    Reports come unevenly (a preview lies between two, the first one comes after a single step), so that a mean of
    their own rates would be far off.
    """

    at_images: int
    at_seconds: float
    images: float = 0.0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Images per second, 0 while nobody can know."""
        return self.images / self.seconds if self.seconds >= _KNOWN else 0.0

    def moved(self, images_seen: int, seconds: float) -> "Pace":
        """Take in a report."""
        took = max(seconds - self.at_seconds, 0.0)
        kept = math.exp(-took / _WINDOW)
        gone = max(images_seen - self.at_images, 0)
        return Pace(images_seen, seconds, self.images * kept + gone, self.seconds * kept + took)
