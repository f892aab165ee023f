"""Reading small files off the window's thread, beside whatever the io lane is busy with."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Reader:
    """A few threads for pictures and recipes: an import that keeps the io lane busy for minutes must not hold them up.

    Idle threads end when the reader is collected, or at `close`.
    """

    def __init__(self, workers: int = 1) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="genstudio-reader")

    def read(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Call a function that reads files; a future that has not begun can be cancelled."""
        return self._pool.submit(function, *args, **kwargs)

    def close(self) -> None:
        """Drop what has not begun and wait for the rest."""
        self._pool.shutdown(cancel_futures=True)
