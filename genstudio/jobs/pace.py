"""How much to do at once, so that others get their turn."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

SECONDS = 0.1
"""How long a stretch of work should take."""


class Pace:
    """Learns from how long the last stretch took; begins carefully, and never more than doubles."""

    def __init__(self, at_once: int = 4, most: int = 64) -> None:
        self.at_once, self._most = at_once, most
        self._seconds_each = 0.0

    @contextmanager
    def timed(self, count: int) -> Iterator[None]:
        """Do so many things, and note how long they take."""
        began = time.perf_counter()
        yield
        self.note(count, time.perf_counter() - began)

    def note(self, count: int, seconds: float) -> None:
        """So many things took so long."""
        self._seconds_each = seconds / max(count, 1)
        fits = int(count * SECONDS / max(seconds, 1e-6))
        self.at_once = min(max(fits, 1), 2 * self.at_once, self._most)

    def within(self, seconds: float) -> int:
        """How many things can be done in that time, going by the last stretch."""
        return int(seconds / max(self._seconds_each, 1e-6))
