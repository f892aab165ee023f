"""How long a run has been training, not counting pauses, and how long its steps took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Clock:
    """Two readings in seconds: `seconds` leaves out pauses; `stepping` also leaves out previews and saving."""

    def __init__(self, seconds: float = 0.0) -> None:
        self._begin = time.perf_counter()
        self._before = seconds
        self._paused = 0.0
        self._aside = 0.0
        self._inside = False  # of a pause

    @property
    def seconds(self) -> float:
        """Training time since the run's very beginning."""
        return self._before + time.perf_counter() - self._begin - self._paused

    @property
    def stepping(self) -> float:
        """Time spent in steps since this clock was made."""
        return time.perf_counter() - self._begin - self._paused - self._aside

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Time inside does not count at all."""
        begin = time.perf_counter()
        outer, self._inside = self._inside, True
        try:
            yield
        finally:
            self._inside = outer
            self._paused += time.perf_counter() - begin

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Time inside belongs to the run but not to its steps (inside a pause it does not count either)."""
        begin = time.perf_counter()
        try:
            yield
        finally:
            if not self._inside:
                self._aside += time.perf_counter() - begin
