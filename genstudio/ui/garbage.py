"""Python's cyclic collector, kept in the window's thread.

Collecting in a worker destroys Qt objects there and kills the process. So automatic collection is off; a timer in
the window's thread collects the young generations often, and the old one only when nobody is doing anything. What
start-up loaded is frozen: with torch in memory a full collection would take 200 ms, after freezing next to nothing.
"""

import gc
import time

from PySide6.QtCore import QObject, QTimer

from genstudio.ui.idle import Idle

_TICK_MS = 1000
_MIDDLE_EVERY = 10
_IDLE_SECONDS = 5.0
_OLD_EVERY_SECONDS = 60.0


class Collector(QObject):
    """Collects garbage in the window's thread from `begin` on; automatic collection is off from `__init__` on."""

    def __init__(self, idle: Idle, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._idle = idle
        self._ticks = 0
        self._last_old = time.monotonic()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._collect)

    def begin(self) -> None:
        """Take everything there is now out of collection for good, and collect what comes after.

        To be called once the modules are loaded: until then every collection would go through all of them, and so
        nothing is collected before freezing either.
        """
        gc.freeze()
        self._timer.start(_TICK_MS)

    def stop(self) -> None:
        """Hand collection back to Python, when no thread but this one is left."""
        self._timer.stop()
        gc.enable()

    def _collect(self) -> None:
        self._ticks += 1
        now = time.monotonic()
        if self._idle.seconds > _IDLE_SECONDS and now - self._last_old > _OLD_EVERY_SECONDS:
            self._last_old = now
            gc.collect()
        else:
            gc.collect(1 if self._ticks % _MIDDLE_EVERY == 0 else 0)
