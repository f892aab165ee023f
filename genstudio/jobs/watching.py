"""From what a family tells while it works to a progress bar and a cancel button."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from genstudio.core.errors import Cancelled

if TYPE_CHECKING:
    from torch import Tensor

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
        pictures: "Tensor | None" = None,  # noqa: ARG002 - nobody looks yet
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
