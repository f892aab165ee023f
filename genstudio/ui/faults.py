"""What happens when something fails that nobody foresaw: a log, a word to the person, a report after a crash."""

import faulthandler
import logging
import os
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from genstudio.core import paths
from genstudio.core.errors import GenStudioError

_log = logging.getLogger(__name__)
_qt_log = logging.getLogger("qt")

_LOG_BYTES = 2_000_000
_REPORTS_KEPT = 5
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class FaultWatch:
    """Catches what nobody caught, in every thread, and writes it down; `tell` is called with a sentence, any thread.

    The same fault is told once. A hard crash leaves its stack in a file of its own, which the next start finds.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or paths.logs()
        self._told: set[str] = set()
        self._crash_file: IO[str] | None = None
        self._log_handler: logging.Handler | None = None
        self.tell: Callable[[str], None] = lambda _: None

    @property
    def folder(self) -> Path:
        """Where logs and crash reports lie."""
        return self._folder

    def install(self) -> None:
        """Start watching. A folder that cannot be written costs the log, not the session."""
        sys.excepthook = self._uncaught
        threading.excepthook = self._uncaught_in_thread
        sys.unraisablehook = self._unraisable
        qInstallMessageHandler(_qt_message)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._open_files()
        except OSError as error:
            _log.warning("No log can be written: %s", error)

    def uninstall(self) -> None:
        """Stop watching at a good end: no crash report is left."""
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__
        sys.unraisablehook = sys.__unraisablehook__
        qInstallMessageHandler(None)
        if self._crash_file is not None:
            faulthandler.disable()
            self._crash_file.close()
            Path(self._crash_file.name).unlink(missing_ok=True)
            self._crash_file = None
        if self._log_handler is not None:
            logging.getLogger().removeHandler(self._log_handler)
            self._log_handler.close()
            self._log_handler = None

    def last_crash(self) -> Path | None:
        """Return the report of a crash since the last start, or None. It is told once: the file gets another name.

        Blocks for some tenths of a second; no work for the window's thread.
        """
        reports = [file for file in sorted(self._folder.glob("running-*.txt")) if self._is_left_over(file)]
        found: Path | None = None
        for file in reports:
            if file.stat().st_size:
                found = file.rename(file.with_name(file.name.replace("running-", "crash-")))
            else:
                file.unlink(missing_ok=True)  # killed from outside, or the power went: nothing to tell
        for old in sorted(self._folder.glob("crash-*.txt"), key=lambda file: file.stat().st_mtime)[:-_REPORTS_KEPT]:
            old.unlink(missing_ok=True)
        return found

    def _open_files(self) -> None:
        from logging.handlers import RotatingFileHandler  # with sockets and more; not before the first paint

        handler = RotatingFileHandler(
            self._folder / "genstudio.log", maxBytes=_LOG_BYTES, backupCount=2, encoding="utf-8", delay=True
        )
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"))
        logging.getLogger().addHandler(handler)
        logging.getLogger("genstudio").setLevel(logging.INFO)
        self._log_handler = handler
        self._crash_file = (self._folder / f"running-{os.getpid()}.txt").open("w", encoding="utf-8")
        faulthandler.enable(self._crash_file)

    def _is_left_over(self, file: Path) -> bool:
        number = file.stem.removeprefix("running-")
        if not number.isdigit() or int(number) == os.getpid():
            return False
        import psutil

        return not psutil.pid_exists(int(number))

    def _uncaught(self, kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, where)
            return
        self._report(kind, error, where)

    def _uncaught_in_thread(self, arguments: "threading.ExceptHookArgs") -> None:
        if arguments.exc_value is not None:
            self._report(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)

    def _unraisable(self, arguments: "sys.UnraisableHookArgs") -> None:
        if arguments.exc_value is not None:
            self._report(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)

    def _report(self, kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
        text = "".join(traceback.format_exception(kind, error, where))
        known = text in self._told
        self._told.add(text)
        if known:
            return
        _log.error("Not caught anywhere:\n%s", text)
        self.tell(str(error) if isinstance(error, GenStudioError) else f"{kind.__name__}: {error}"[:300])


def _qt_message(kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    _qt_log.log(_LEVELS.get(kind, logging.WARNING), "%s", message)
