"""Pages made before they are wanted, one at a time, while nobody touches the window."""

from collections import deque
from importlib import import_module

from PySide6.QtCore import QObject, QTimer

from genstudio.ui.context import Place
from genstudio.ui.idle import Idle
from genstudio.ui.main_window import PAGES, MainWindow

_TICK_MS = 250
_IDLE_SECONDS = 1.0


class Foresight(QObject):
    """Loads the modules of pages, then makes the pages if a project is open; each in an idle moment of its own."""

    def __init__(self, window: MainWindow, idle: Idle) -> None:
        super().__init__(window)
        self._window = window
        self._idle = idle
        self._modules = deque(module for module, _ in PAGES.values())
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look_ahead)

    def begin(self) -> None:
        """Look ahead from now on, until everything is there."""
        self._timer.start(_TICK_MS)

    def stop(self) -> None:
        """Look ahead no more."""
        self._timer.stop()

    def _look_ahead(self) -> None:
        if self._idle.seconds < _IDLE_SECONDS:
            return
        if self._modules:
            import_module(self._modules.popleft())
        elif self._window.made_pages() == set(Place):
            self.stop()
        elif self._window.context.project is not None:
            missing = next(place for place in Place if place not in self._window.made_pages())
            self._window.page(missing)
