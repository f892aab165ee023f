"""How long a run has been training, not counting pauses, and how long its steps took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class _Watch:
    """A stopwatch that can be held; holding it twice is holding it once."""

    def __init__(self) -> None:
        self._begin = time.perf_counter()
        self._held = 0.0  # seconds it was held for so far
        self._since: float | None = None  # when it was last held, if it is held now

    @property
    def seconds(self) -> float:
        now = time.perf_counter() if self._since is None else self._since
        return now - self._begin - self._held

    @contextmanager
    def hold(self) -> Iterator[None]:
        if self._since is not None:
            yield
            return
        self._since = time.perf_counter()
        try:
            yield
        finally:
            self._held += time.perf_counter() - self._since
            self._since = None


class Clock:
    """Two readings in seconds: `seconds` leaves out pauses; `stepping` also leaves out previews and saving."""

    def __init__(self, seconds: float = 0.0) -> None:
        self._before = seconds
        self._training, self._stepping = _Watch(), _Watch()

    @property
    def seconds(self) -> float:
        """Training time since the run's very beginning."""
        return self._before + self._training.seconds

    @property
    def stepping(self) -> float:
        """Time spent in steps since this clock was made."""
        return self._stepping.seconds

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Time inside does not count at all."""
        with self._training.hold(), self._stepping.hold():
            yield

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Time inside belongs to the run but not to its steps."""
        with self._stepping.hold():
            yield
