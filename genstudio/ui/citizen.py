"""The program as a good citizen of the desktop: one window, awake while training, a word at the end."""

from pathlib import Path

from PySide6.QtCore import QObject

from genstudio.ui.awake import Awake
from genstudio.ui.context import UiContext
from genstudio.ui.herald import Herald
from genstudio.ui.main_window import MainWindow
from genstudio.ui.single import Doorbell


class Citizen(QObject):
    """Made after the first paint; `stop` is called as soon as the window wants to close."""

    def __init__(self, window: MainWindow, context: UiContext) -> None:
        super().__init__(window)
        self._window = window
        self._context = context
        self.doorbell = Doorbell(self)
        self.awake = Awake(context.activity, self)
        self.herald = Herald(window, context.bridge, context.activity)
        self.doorbell.rung.connect(self.come_forward)
        self.doorbell.listen()

    def come_forward(self, project: str) -> None:
        """Bring the window to the front, and open this project if one is named."""
        if self._window.isMinimized():
            self._window.showNormal()
        self._window.raise_()
        self._window.activateWindow()
        if project:
            self._context.when_ready(lambda: self._context.projects.open(Path(project)))

    def stop(self) -> None:
        """Leave the place to the next window; the lock on sleep stays until the run has saved."""
        self.doorbell.close()
