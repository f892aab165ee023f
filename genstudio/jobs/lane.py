"""A lane: one thread with a queue, for work off the window's thread."""

import logging
import os
import sys
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from genstudio.core.errors import Cancelled, GenStudioError

T = TypeVar("T")
_log = logging.getLogger(__name__)


@dataclass
class _Job(Generic[T]):
    function: Callable[[], T]
    short: bool
    wake: Callable[[], None] | None
    future: "Future[T]" = field(default_factory=Future)

    def run(self) -> None:
        """Run once, whatever happens. What failed is kept without its traceback, which would pin every tensor in it."""
        if not self.future.set_running_or_notify_cancel():
            return
        try:
            result = self.function()
        except BaseException as error:
            if not isinstance(error, GenStudioError | Cancelled):
                _log.exception("a job failed in a way that was not foreseen")
            self.future.set_exception(_bare(error))
        else:
            self.future.set_result(result)


def _bare(error: BaseException) -> BaseException:
    error.__traceback__ = error.__context__ = error.__cause__ = None
    return error


class Lane:
    """One thread that does jobs in the order they came.

    A long job (training) calls `serve` between its steps: that runs the short jobs waiting by then, on the same thread,
    so that generating during training needs no second thread on the device. `nice` lowers the thread's priority where
    the platform can, so that the window stays smooth while every core trains.
    """

    def __init__(self, name: str, nice: int = 0) -> None:
        self._changed = threading.Condition()
        self._jobs: deque[_Job[Any]] = deque()
        self._running: _Job[Any] | None = None
        self._open = True
        self._nice = nice
        self._thread = threading.Thread(target=self._work, name=f"genstudio-{name}")
        self._thread.start()

    def submit(
        self, function: Callable[[], T], *, short: bool = False, wake: Callable[[], None] | None = None
    ) -> "Future[T]":
        """Queue a job. While a long one runs, only `short` ones are served; `wake` rouses a long one that waits.

        The future of a job that has not begun can be cancelled. Raises `GenStudioError` when the lane is closed.
        """
        job = _Job(function, short, wake)
        with self._changed:
            if not self._open:
                raise GenStudioError("The studio is closing; nothing new can be started.")
            self._jobs.append(job)
            self._changed.notify()
            running = self._running
        if short and running is not None and running.wake is not None:
            running.wake()
        return job.future

    @property
    def waiting(self) -> bool:
        """Whether a short job waits to be served."""
        with self._changed:
            return any(job.short for job in self._jobs)

    def serve(self) -> None:
        """Run the short jobs that wait now; called by a long job, on this lane's thread, between two steps."""
        if threading.current_thread() is not self._thread:
            raise RuntimeError("a lane is served by the job that runs on it")
        with self._changed:
            served = [job for job in self._jobs if job.short]
            self._jobs = deque(job for job in self._jobs if not job.short)
        for job in served:
            job.run()

    def close(self, timeout: float) -> bool:
        """Take no more jobs, drop those not begun, and wait for the running one; returns whether it ended in time."""
        with self._changed:
            self._open = False
            dropped, self._jobs = self._jobs, deque()
            self._changed.notify()
        for job in dropped:
            job.future.cancel()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _work(self) -> None:
        _be_nice(self._nice)
        while (job := self._next()) is not None:
            job.run()
            with self._changed:
                self._running = None
            del job  # or the last result would be kept until the next job comes

    def _next(self) -> _Job[Any] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._jobs or not self._open)
            self._running = self._jobs.popleft() if self._jobs else None
            return self._running


def _be_nice(level: int) -> None:
    """Lower this thread's priority; Linux has priorities per thread, elsewhere nothing is changed."""
    if level and sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), level)
