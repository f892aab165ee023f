"""Answers for somebody who keeps changing the question: only the newest one is worth an answer."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from genstudio.core.errors import GenStudioError

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class LatestWins(Generic[Question, Answer]):
    """At most one job waits or runs; it takes the newest question when it begins, and those before are dropped.

    `submit` puts a short job on a lane, `work` answers there, `tell` and `failed` are called there with what came of
    it. After each answer the lane is free for others: a question that came meanwhile queues behind them.
    """

    def __init__(
        self,
        submit: Callable[[Callable[[], None]], "Future[None]"],
        work: Callable[[Question], Answer],
        tell: Callable[[Question, Answer], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._submit, self._work, self._tell, self._failed = submit, work, tell, failed
        self._lock = threading.Lock()
        self._waiting: list[Question] = []
        self._busy = False

    def ask(self, question: Question) -> None:
        """Ask; a question that still waits is forgotten. May be called from any thread."""
        with self._lock:
            self._waiting = [question]
            if self._busy:
                return
            self._busy = True
        self._queue()

    def forget(self) -> None:
        """Let go of the question that waits. The one in work is answered still."""
        with self._lock:
            self._waiting = []

    @property
    def busy(self) -> bool:
        """Whether a job waits or runs."""
        with self._lock:
            return self._busy

    def _queue(self) -> None:
        try:
            future = self._submit(self._answer)
        except GenStudioError:  # the lane is closed: nobody waits for pictures any more
            self._rest()
            return
        future.add_done_callback(lambda done: self._rest() if done.cancelled() else None)

    def _answer(self) -> None:
        with self._lock:
            question = self._waiting.pop() if self._waiting else None
        if question is not None:
            self._try(question)
        with self._lock:
            more = self._busy = bool(self._waiting)
        if more:
            self._queue()

    def _try(self, question: Question) -> None:
        try:
            answer = self._work(question)
        except Exception as error:
            self._failed(error)
        else:
            self._tell(question, answer)

    def _rest(self) -> None:
        with self._lock:
            self._busy, self._waiting = False, []
