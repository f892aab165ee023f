"""The only way from a worker's thread into the window's: a bounded queue that the window empties bit by bit.

Workers hold no QObject and emit no signals. They put events, answers and small calls into the queue; a timer in the
window's thread takes them out for a few milliseconds a tick. A fast worker can neither freeze the window nor fill
its memory: of previews only the newest waits, and of a flood of reports every other one is let go (the project
keeps them all).
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import shiboken6
from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from genstudio.core.errors import Cancelled, GenStudioError, ProjectClosedError
from genstudio.ui.redraws import Redraws

if TYPE_CHECKING:
    from concurrent.futures import Future

    from genstudio.core.events import Emit, Event, Preview

_log = logging.getLogger(__name__)

T = TypeVar("T")
P = ParamSpec("P")

TICK_MS, CALM_TICK_MS = 20, 100
HURRY_SECONDS = 1.0
"""How long the short tick goes on after something was asked or answered. Events alone come at the calm one: each tick
takes Python's lock away from whoever trains."""

BUDGET_SECONDS = 0.004
EVENT_LIMIT = 4096


class EventQueue:
    """Events on their way to the window: bounded, and thinned rather than blocking. Every method is thread-safe."""

    def __init__(self, limit: int = EVENT_LIMIT) -> None:
        self._lock = threading.Lock()
        self._events: deque[Event] = deque()
        self._limit = limit

    def put(self, event: "Event") -> None:
        """Add an event; a preview takes the place of an older one of the same name that is still waiting."""
        from genstudio.core.events import Preview  # with numpy, which nothing needs before the first paint

        with self._lock:
            if isinstance(event, Preview):
                self._forget_preview(event)
            self._events.append(event)
            if len(self._events) > self._limit:
                self._thin()

    def take(self) -> "Event | None":
        """Take the oldest event, or None."""
        with self._lock:
            return self._events.popleft() if self._events else None

    def __len__(self) -> int:
        return len(self._events)

    def _forget_preview(self, newer: "Preview") -> None:
        from genstudio.core.events import Preview

        for waiting in self._events:
            if isinstance(waiting, Preview) and (waiting.run, waiting.name) == (newer.run, newer.name):
                self._events.remove(waiting)
                return

    def _thin(self) -> None:
        from genstudio.core.events import Finished, Started

        kept: deque[Event] = deque()
        for number, event in enumerate(self._events):
            if isinstance(event, Started | Finished) or number % 2:
                kept.append(event)
        self._events = kept


class Bridge(QObject):
    """Brings what workers say into the window's thread, in which this object lives.

    `events` carries every `Event` of every sink; `problem` carries a sentence for failures nobody asked to hear of.
    `redraws` says when views are drawn that follow events.
    """

    events = Signal(object)
    problem = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._events = EventQueue()
        self._calls: deque[Callable[[], None]] = deque()
        self.redraws = Redraws(self)
        self._hurried = time.monotonic()
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self.drain)
        self._timer.start()

    def sink(self, run: str) -> "Emit":
        """Return what `Studio.start_training` is given; it may be called from any thread."""
        del run  # events name their run themselves
        return self._events.put

    def post(self, function: Callable[[], None]) -> None:
        """Call a function in the window's thread soon. Thread-safe."""
        self._calls.append(function)

    def newest(self, function: Callable[P, None]) -> Callable[P, None]:
        """Wrap a function for a worker that reports often: calls wait for the window, and only the latest is made."""
        waiting: list[Callable[[], None]] = []
        lock = threading.Lock()

        def deliver() -> None:
            with lock:
                call = waiting.pop()
            if _alive(function):
                call()

        def from_any_thread(*args: P.args, **kwargs: P.kwargs) -> None:
            with lock:
                queued = bool(waiting)
                waiting[:] = [lambda: function(*args, **kwargs)]
            if not queued:
                self.post(deliver)

        return from_any_thread

    def ask(
        self,
        future: "Future[T]",
        done: Callable[[T], None],
        failed: Callable[[str], None] | None = None,
        cancelled: Callable[[], None] | None = None,
    ) -> None:
        """Call back in the window's thread when a job ends: exactly one of the three, or `problem` without `failed`.

        A failure is told as a sentence. A callback that belongs to a widget that is gone by then is not called.
        """

        def ended(finished: "Future[T]") -> None:
            call = self._answer(finished, done, failed, cancelled)
            if call is not None:
                self.post(call)

        self._hurry()
        future.add_done_callback(ended)

    def _answer(
        self,
        future: "Future[T]",
        done: Callable[[T], None],
        failed: Callable[[str], None] | None,
        cancelled: Callable[[], None] | None,
    ) -> Callable[[], None] | None:
        # Runs in the worker. Only text leaves it: an exception kept alive would pin every tensor of its traceback.
        from concurrent.futures import CancelledError

        try:
            value = future.result()
        except (Cancelled, CancelledError, ProjectClosedError):
            return _guarded(cancelled) if cancelled else None
        except Exception as error:
            sentence = sentence_of(error)
            return _guarded(failed or self.problem.emit, sentence)
        return _guarded(done, value)

    def drain(self) -> None:
        """Deliver what waits, for at most a few milliseconds."""
        if self._timer.interval() == TICK_MS and time.monotonic() - self._hurried > HURRY_SECONDS:
            self._timer.setInterval(CALM_TICK_MS)
        end = time.perf_counter() + BUDGET_SECONDS
        while time.perf_counter() < end:
            if self._calls:
                self._hurry()
                self._calls.popleft()()
            elif (event := self._events.take()) is not None:
                self.events.emit(event)
            else:
                return

    def drain_all(self) -> None:
        """Deliver everything that waits, however long it takes; for the end of a session and for tests."""
        while self._calls or len(self._events):
            self.drain()

    def stop(self) -> None:
        """Deliver nothing any more."""
        self._timer.stop()
        self.redraws.stop()

    def _hurry(self) -> None:
        self._hurried = time.monotonic()
        if self._timer.interval() != TICK_MS:
            self._timer.setInterval(TICK_MS)


def sentence_of(error: Exception) -> str:
    """Say a failure in a sentence; one that nobody foresaw is logged with its traceback."""
    if isinstance(error, GenStudioError):
        return str(error)
    _log.error("A job failed in a way that was not foreseen", exc_info=error)
    return QCoreApplication.translate(
        "Bridge", "Something went wrong that was not foreseen. The log (Help menu) has the details: {error}"
    ).format(error=f"{type(error).__name__}: {error}"[:300])


def _guarded(function: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> Callable[[], None]:
    def call() -> None:
        if _alive(function):
            function(*args, **kwargs)

    return call


def _alive(function: Callable[..., None]) -> bool:
    return all(shiboken6.isValid(held) for held in _held(function) if isinstance(held, QObject))


def _held(function: object) -> Iterator[object]:
    """What a callback belongs to: the object of a method, what a partial was given, what a lambda closes over."""
    if isinstance(function, partial):
        yield from _held(function.func)
        yield from function.args
    yield getattr(function, "__self__", None)
    for cell in getattr(function, "__closure__", None) or ():
        with suppress(ValueError):  # a cell that is still empty
            yield cell.cell_contents
