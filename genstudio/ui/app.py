"""The window's start and end.

Start: the window paints first. Only then a thread loads the studio (pydantic, numpy, the plugins), the last project
is opened, and torch is loaded behind it on the device's lane. End: a training run is stopped and saved, every thread
is joined, and only then the program ends; no thread is ever killed.
"""

import locale
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QLocale, QObject, Qt
from PySide6.QtGui import QFileOpenEvent, QGuiApplication
from PySide6.QtWidgets import QApplication

from genstudio.core.environment import before_torch
from genstudio.ui import single, startclock
from genstudio.ui.activity import Activity
from genstudio.ui.bridge import Bridge
from genstudio.ui.context import Navigate, Place, Subject, UiContext
from genstudio.ui.faults import FaultWatch
from genstudio.ui.garbage import Collector
from genstudio.ui.icons import icon
from genstudio.ui.idle import Idle
from genstudio.ui.main_window import MainWindow
from genstudio.ui.pages.home import HomePage
from genstudio.ui.projects import Projects
from genstudio.ui.settings import Settings
from genstudio.ui.theme import Theme
from genstudio.ui.toasts import Toasts

if TYPE_CHECKING:
    from genstudio.studio import Studio
    from genstudio.ui.citizen import Citizen
    from genstudio.ui.foresight import Foresight

_log = logging.getLogger(__name__)


def run_window(project: Path | None = None) -> int:
    """Open the window, on this project or on the last one, and return when it is closed. Returns the exit code.

    When there is a window already, it is brought forward with the project, and this returns at once.
    """
    if single.hand_over(project):
        return 0
    before_torch()
    app = make_app()
    session = Session(app, project)
    session.window.show()
    code = app.exec()
    session.end()
    if session.hangs:
        leave(code or 1)
    return code


def leave(code: int) -> None:
    """End the process though a thread of it hangs; everything acknowledged is on the disk, and the log is written."""
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # as in a program without a console
            stream.flush()
    os._exit(code)


def make_app() -> QApplication:
    """Make the application, and undo what doing so changes for numbers written by libraries in C."""
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    QGuiApplication.setDesktopFileName("genstudio")
    # Asked for by words: QApplication.setStyle returns a QStyle, whose enumerations alone take 9 ms to load.
    app = QApplication([*sys.argv[:1], "-style", "Fusion"])
    app.setApplicationName("GenStudio")
    app.setApplicationDisplayName("")
    app.setQuitOnLastWindowClosed(False)
    locale.setlocale(locale.LC_NUMERIC, "C")
    QLocale.setDefault(QLocale("en_US"))  # as long as the words are English, the figures are too
    return app


class Session(QObject):
    """Everything between the window's first paint and its end."""

    def __init__(self, app: QApplication, project: Path | None = None) -> None:
        super().__init__()
        self._app = app
        self._project = project
        self._idle = Idle(self)
        self._collector = Collector(self._idle, self)
        self._faults = FaultWatch()
        self._threads: list[threading.Thread] = []
        self._is_closing = False
        self.hangs = False
        """Whether something did not end when it was told to, so that the process would not end by itself."""
        self._foresight: Foresight | None = None
        self._citizen: Citizen | None = None
        self.context = make_context(app, self._go)
        self.window = MainWindow(self.context)
        self.window.setWindowIcon(icon("generate", "accent"))
        self.window.painted.connect(self._painted)
        self.window.closing.connect(self._wants_to_close)
        self.context.bridge.problem.connect(self.context.toasts.problem)
        if sys.platform == "darwin":
            app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """On macOS a project that is opened in the Finder comes as an event, to the window that is there."""
        if isinstance(event, QFileOpenEvent):
            project = Path(event.file())
            self.context.when_ready(lambda: self.context.projects.open(project))
            return True
        return super().eventFilter(watched, event)

    def end(self) -> None:
        """Write what is to be remembered, after the last event was handled."""
        for thread in self._threads:
            thread.join()
        self.context.bridge.stop()
        if self._citizen is not None:
            self._citizen.awake.release()
        self.context.settings.save()
        self._faults.uninstall()
        self._collector.stop()

    def _go(self, place: Place, subject: Subject | None = None) -> None:
        self.window.go(place, subject)

    def _painted(self) -> None:
        startclock.tell("painted")
        self._faults.tell = lambda text: self.context.bridge.post(lambda: self.context.toasts.problem(text))
        self._faults.install()
        self._idle.watch(self.window.windowHandle())
        self._settle_in()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self.context.bridge.post(self._close_now))
        self.context.activity.set_preparing(True)
        self._run(self._make_studio)

    def _settle_in(self) -> None:
        from genstudio.ui.citizen import Citizen

        self._citizen = Citizen(self.window, self.context)

    def _make_studio(self) -> None:
        """In a thread of its own: load the studio, and look for a crash. Nothing of Qt is touched here."""
        from genstudio.core import paths
        from genstudio.plugins import PluginHost
        from genstudio.studio import Studio

        host = PluginHost()
        host.load(paths.user_plugins())
        studio, crash = Studio(host), self._faults.last_crash()
        self.context.bridge.post(lambda: self._ready(studio, crash))

    def _ready(self, studio: "Studio", crash: Path | None) -> None:
        self.context.set_studio(studio)
        wanted = self._project or self.context.projects.last
        if wanted is not None:
            self.context.projects.open(wanted)
        self.context.bridge.ask(studio.preload(), lambda _: self._prepared(), self._not_prepared)
        home = self.window.page(Place.HOME)
        if crash is not None and isinstance(home, HomePage):
            home.tell_crash(crash)

    def _prepared(self) -> None:
        from genstudio.ui.foresight import Foresight

        self._collector.begin()
        self.context.activity.set_preparing(False)
        self._foresight = Foresight(self.window, self._idle)
        self._foresight.begin()
        startclock.tell("ready")

    def _not_prepared(self, sentence: str) -> None:
        self._collector.begin()
        self.context.activity.set_preparing(False)
        self.context.toasts.problem(sentence)

    def _wants_to_close(self) -> None:
        training = self.context.activity.training
        if training is None:
            self._close_now()
            return
        from genstudio.ui.dialogs.closing import ClosingSheet

        sheet = ClosingSheet(self.window, training.name)
        sheet.confirmed.connect(self._close_now)
        sheet.open(sheet.stop)

    def _close_now(self) -> None:
        """Stop everything and quit; the window goes away at once unless a run has to be saved first."""
        if self._is_closing:
            return
        self._is_closing = True
        if self._citizen is not None:
            self._citizen.stop()
        if self.context.activity.training is None:
            self.window.hide()
        if self._foresight is not None:
            self._foresight.stop()
        self.window.close_pages()
        self.context.activity.mark_stopping()
        self.context.activity.cancel_works()
        self._run(self._shut_down)

    def _shut_down(self) -> None:
        """In a thread of its own: end the lanes, which may take a training step and a save."""
        for thread in self._threads[:-1]:
            thread.join()
        studio = self.context.made_studio
        if studio is not None and not studio.close():
            self.hangs = True
            _log.error("Something hangs; what was acknowledged is on the disk")
        self.context.bridge.post(self._quit)

    def _quit(self) -> None:
        self.window.may_close()
        self.window.close()
        self._app.quit()

    def _run(self, function: Callable[[], None]) -> None:
        thread = threading.Thread(target=function, name=f"genstudio-{function.__name__.strip('_')}")
        self._threads.append(thread)
        thread.start()


def make_context(app: QApplication, navigate: Navigate) -> UiContext:
    """Make what pages are given, without a studio yet."""
    settings = Settings()
    bridge = Bridge()
    context = UiContext(settings, Theme(app, settings), bridge, Toasts(), navigate, Activity(bridge))
    context.projects = Projects(context)
    return context
