"""A word from the desktop when a run has ended and the person looks elsewhere."""

import shutil
import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QProcess, QTimer
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from genstudio.core import words
from genstudio.ui.activity import Activity
from genstudio.ui.bridge import Bridge

if TYPE_CHECKING:
    from genstudio.core.events import Event

_SHOWN_MS = 10_000


class Herald(QObject):
    """Tells of a run's end, unless the window is in front or the person ended it by closing."""

    def __init__(self, window: QWidget, bridge: Bridge, activity: Activity) -> None:
        super().__init__(window)
        self._window = window
        self._activity = activity
        self._name = ""
        self._tray: QSystemTrayIcon | None = None
        activity.changed.connect(self._note_name)
        bridge.events.connect(self._heard)

    def tell(self, title: str, text: str) -> None:
        """Show a notification by whatever this desktop has for it, and mark the window in the task bar."""
        QApplication.alert(self._window)
        program = shutil.which("notify-send") if sys.platform.startswith("linux") else None
        if program is not None:
            # After the dashes nothing is read as an option; titles and texts of ours only hold a run's name.
            QProcess.startDetached(program, ["--app-name=GenStudio", "--icon=genstudio", "--", title, _plain(text)])
        elif QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages():
            self._tell_from_tray(title, text)

    def _note_name(self) -> None:
        if self._activity.training is not None:
            self._name = self._activity.training.name or self._name

    def _heard(self, event: "Event") -> None:
        from genstudio.core.events import Finished, Outcome

        if not isinstance(event, Finished) or self._window.isActiveWindow() or event.outcome is Outcome.STOPPED:
            return
        done = event.outcome is Outcome.COMPLETED
        title = self.tr("“{name}” is trained") if done else self.tr("“{name}” ended early")
        text = self.tr("{seen} images seen.").format(seen=words.count(event.images_seen))
        self.tell(title.format(name=self._name or self.tr("A run")), text if done else event.message or text)

    def _tell_from_tray(self, title: str, text: str) -> None:
        if self._tray is None:
            self._tray = QSystemTrayIcon(self._window.windowIcon(), self)
        self._tray.show()
        self._tray.showMessage(title, text, self._window.windowIcon(), _SHOWN_MS)
        QTimer.singleShot(_SHOWN_MS + 1000, self._tray, self._tray.hide)


def _plain(text: str) -> str:
    """Desktops read a little markup in the body of a notification."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
