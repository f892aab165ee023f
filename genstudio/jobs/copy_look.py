"""Looking for copies while a run trains: how many of the pictures it draws are nearly one it learns from."""

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from genstudio.core.errors import DataError
from genstudio.jobs.copies import Bench

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from genstudio.training.loop import Recall

NEAR_COPIES = "near_copies"
"""The name of the share among a run's figures."""

SHARE = 0.02
"""Of the time that training takes; when the last look took more, the next one comes later."""

_FIRST = 0.1  # of a run's length: before that nothing can be learned by heart
_SAMPLES = "samples"


class CopyLook:
    """A `Look` of the training loop at the pictures drawn from nothing.

    `bench` is asked for once; what it needs to know of the data costs seconds. `budget` is the run's length in images:
    at its end the pictures are looked at whatever it costs. Those that are shown are drawn by captions it has never
    read, where it draws `by_words`: then others are drawn for this, by captions it learned from.
    """

    def __init__(self, bench: Callable[[], Bench], budget: int, *, by_words: bool = False) -> None:
        self._ask, self._budget, self._by_words = bench, budget, by_words
        self._bench: Bench | None = None
        self._cannot = False
        self._begun, self._spent = time.perf_counter(), 0.0

    def __call__(
        self, images_seen: int, shown: "Mapping[str, NDArray[np.uint8]]", recall: "Recall"
    ) -> Mapping[str, float]:
        """Return the share of near copies among pictures uint8 (N, H, W, C) drawn from nothing, if it is time."""
        if _SAMPLES not in shown or self._cannot or not self._is_due(images_seen):
            return {}
        began = time.perf_counter()
        try:
            drawn = recall() if self._by_words else shown[_SAMPLES]
            return {} if drawn is None else self._looked(drawn)
        finally:
            self._spent += time.perf_counter() - began

    def _is_due(self, images_seen: int) -> bool:
        if images_seen >= self._budget:
            return True
        affordable = self._spent <= SHARE * (time.perf_counter() - self._begun)
        return affordable and images_seen >= _FIRST * self._budget

    def _looked(self, pictures: "NDArray[np.uint8]") -> Mapping[str, float]:
        try:
            self._bench = bench = self._bench or self._ask()
        except DataError:  # too few pictures to tell
            self._cannot = True
            return {}
        spec = bench.dataset.spec
        if pictures.shape[1:] != (spec.height, spec.width, spec.channels):
            self._cannot = True
            return {}
        near = bench.yardstick.near(bench.finder.match(pictures.transpose(0, 3, 1, 2)))
        return {NEAR_COPIES: float(near.double().mean())}
