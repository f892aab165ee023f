"""Keeping the computer from falling asleep while a run trains. The screen may go dark.

Linux: `systemd-inhibit` holds a lock for as long as a helper lives, and the helper lives until our end of a pipe is
closed, so a killed program leaves no lock. macOS: `caffeinate` watches our process. Windows: a call for this thread.
"""

import logging
import os
import shutil
import sys

from PySide6.QtCore import QObject, QProcess

from genstudio.ui.activity import Activity

_CONTINUOUS, _SYSTEM_REQUIRED = 0x80000000, 0x00000001  # of Windows' SetThreadExecutionState
_log = logging.getLogger(__name__)


class Awake(QObject):
    """Holds sleep off whenever the activity says that a run trains and is not paused."""

    def __init__(self, activity: Activity, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._activity = activity
        self._helper: QProcess | None = None
        self.holds = False
        activity.changed.connect(self._look)

    def release(self) -> None:
        """Let the computer sleep again."""
        if not self.holds:
            return
        self.holds = False
        if sys.platform == "win32":
            _tell_windows(_CONTINUOUS)
        if self._helper is not None:
            helper, self._helper = self._helper, None
            helper.closeWriteChannel()
            helper.terminate()
            helper.finished.connect(helper.deleteLater)

    def _look(self) -> None:
        training = self._activity.training
        wanted = training is not None and not training.paused
        if wanted and not self.holds:
            self._hold()
        elif not wanted:
            self.release()

    def _hold(self) -> None:
        self.holds = True
        if sys.platform == "win32":
            _tell_windows(_CONTINUOUS | _SYSTEM_REQUIRED)
            return
        command = helper_command(self.tr("A model is being trained"))
        if command is None:
            _log.info("Nothing was found that holds sleep off; the computer may fall asleep in training.")
            return
        self._helper = QProcess(self)
        self._helper.setStandardOutputFile(QProcess.nullDevice())
        self._helper.setStandardErrorFile(QProcess.nullDevice())
        self._helper.start(command[0], command[1:])


def helper_command(why: str) -> list[str] | None:
    """The program that keeps this computer awake while it runs, with its arguments; None where there is none."""
    if sys.platform == "darwin":
        return ["/usr/bin/caffeinate", "-i", "-w", str(os.getpid())]
    inhibit, cat = shutil.which("systemd-inhibit"), shutil.which("cat")
    if inhibit is None or cat is None:
        return None
    return [inhibit, "--what=sleep:idle", "--who=GenStudio", f"--why={why}", "--mode=block", cat]


def _tell_windows(state: int) -> None:
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.kernel32.SetThreadExecutionState(state)
