"""Since when nobody has touched the window."""

import time

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QWindow

_INPUT = frozenset(
    {QEvent.Type.KeyPress, QEvent.Type.MouseMove, QEvent.Type.MouseButtonPress, QEvent.Type.Wheel, QEvent.Type.DragMove}
)


class Idle(QObject):
    """Notices input to a window. It listens to the system's window, which hears little else.

    A filter on the application would run Python for every event of every widget.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._last = time.monotonic()

    def watch(self, window: QWindow) -> None:
        """Listen to this window."""
        window.installEventFilter(self)

    @property
    def seconds(self) -> float:
        """How long nobody has touched the window."""
        return time.monotonic() - self._last

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice that somebody is at work."""
        if event.type() in _INPUT:
            self._last = time.monotonic()
        return False
