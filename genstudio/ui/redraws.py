"""When live views are drawn: all together, and only as often as what it costs allows.

Everything in the window is drawn by the processor, and on most machines that is what trains as well. So nothing live
is drawn when it changes. It asks for the next frame; a frame draws all that asked, notes the processor time it took,
painting included, and the next one waits until that was no more than a small share of the time. What a person does
with the mouse or the keys is answered at once and does not come this way.
"""

import time
from collections.abc import Callable

import shiboken6
from PySide6.QtCore import QObject, QTimer

SHARE = 0.015
"""How much of the time frames may take."""

SHORTEST, LONGEST = 0.4, 3.0
"""Seconds from one frame to the next, whatever it costs."""

_PAINTED_MS = 20


class Redraws(QObject):
    """Calls what draws live views, frame by frame. To be used in the window's thread."""

    def __init__(self, parent: QObject | None = None, share: float = SHARE) -> None:
        super().__init__(parent)
        self._share = share
        self._wanted: dict[Callable[[], None], None] = {}
        self._allowed = 0.0
        self._stopped = False
        self._began = (0.0, 0.0)
        self.frames = 0
        self._next = self._make_timer(self._draw)
        self._painted = self._make_timer(self._measure)

    def want(self, draw: Callable[[], None]) -> None:
        """Call a function in the next frame: at once after a rest, and once however often it is wanted until then.

        A method of a widget that is gone by then is not called.
        """
        self._wanted[draw] = None
        if not self._next.isActive() and not self._painted.isActive() and not self._stopped:
            self._next.start(round(1000 * max(self._allowed - time.monotonic(), 0.0)))

    def forget(self, draw: Callable[[], None]) -> None:
        """Do not call this in the next frame: it was drawn meanwhile, or nobody looks."""
        self._wanted.pop(draw, None)
        if not self._wanted:
            self._next.stop()

    def stop(self) -> None:
        """Draw nothing any more."""
        self._stopped = True
        self._wanted.clear()
        self._next.stop()
        self._painted.stop()

    def _make_timer(self, call: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(call)
        return timer

    def _draw(self) -> None:
        if not self._wanted:
            return
        self._began = time.monotonic(), time.thread_time()
        self.frames += 1
        self._painted.start(_PAINTED_MS)
        drawn: set[Callable[[], None]] = set()
        try:
            while (draw := self._undrawn(drawn)) is not None:
                drawn.add(draw)
                del self._wanted[draw]
                if _alive(draw):
                    draw()
        finally:
            self._painted.start(_PAINTED_MS)  # again: the frame is over only now

    def _undrawn(self, drawn: set[Callable[[], None]]) -> Callable[[], None] | None:
        """What is to be drawn in this frame still: also what its other parts ask for, but nothing twice."""
        return next((draw for draw in self._wanted if draw not in drawn), None)

    def _measure(self) -> None:
        began, spent_before = self._began
        cost = time.thread_time() - spent_before
        self._allowed = began + min(max(cost / self._share, SHORTEST), LONGEST)
        if self._wanted:
            self.want(next(iter(self._wanted)))


def _alive(draw: Callable[[], None]) -> bool:
    owner = getattr(draw, "__self__", None)
    return not isinstance(owner, QObject) or shiboken6.isValid(owner)
