"""What window tests share: a real studio on a temporary project, and a check that nothing is left behind."""

import gc
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt, QThread, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from genstudio.store.records import RunRecord
from genstudio.studio import Studio
from genstudio.ui.activity import Activity
from genstudio.ui.bridge import Bridge
from genstudio.ui.context import Place, Subject, UiContext
from genstudio.ui.main_window import MainWindow
from genstudio.ui.page import Page
from genstudio.ui.projects import Projects
from genstudio.ui.settings import Settings
from genstudio.ui.theme import Theme
from genstudio.ui.toasts import Toasts
from tests.workshop import load_host, trained_project

PATIENCE_MS = 20_000
"""How long a test waits for something that must happen."""

AnyPage = TypeVar("AnyPage", bound=Page)
WaitFor = Callable[[Callable[[], bool]], None]


@pytest.fixture(autouse=True)
def nothing_left_behind(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[None]:
    """Fail a test that leaves a widget, a running timer, a QThread or a thread of the studio.

    As in the program, garbage is collected in this thread alone: a worker that came upon widgets of an earlier test
    would destroy them in the wrong thread, which now and then stands still for good.
    """
    threads = set(threading.enumerate())
    widgets = {id(widget) for widget in QApplication.topLevelWidgets()}
    gc.disable()
    yield
    left = _left_over(threads, widgets)
    gc.enable()
    assert not left, f"{request.node.name} left behind: {', '.join(left)}"


def press(button: QAbstractButton) -> None:
    """Click a button that can be clicked."""
    assert button.isVisible() and button.isEnabled(), button.accessibleName()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def texts(widget: QWidget) -> str:
    """All that can be read in a widget."""
    return " | ".join(label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget))


@pytest.fixture(scope="session")
def trained_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one trained run, made once and copied for every test."""
    return trained_project(tmp_path_factory.mktemp("trained"))


def settle() -> None:
    """Let everything happen that is due, deletions included."""
    for _ in range(3):
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        QApplication.processEvents()


def _left_over(threads_before: set[threading.Thread], widgets_before: set[int]) -> list[str]:
    settle()
    gc.collect()
    settle()
    threads = [thread.name for thread in threading.enumerate() if thread not in threads_before and thread.is_alive()]
    widgets = [widget for widget in QApplication.topLevelWidgets() if id(widget) not in widgets_before]
    return [*threads, *map(_describe, widgets), *(_describe(found) for found in _running())]


def _running() -> Iterator[QObject]:
    main = QThread.currentThread()
    for found in gc.get_objects():
        # By type(), because asking foreign objects for their class wakes the lazy ones among torch's.
        if not issubclass(type(found), QTimer | QThread) or not shiboken6.isValid(found):
            continue
        if isinstance(found, QTimer):
            if found.isActive():
                yield found
        elif found.isRunning() and found != main:
            yield found


def _describe(found: QObject) -> str:
    text = found.windowTitle() if isinstance(found, QWidget) else ""
    return f"{type(found).__name__} {found.objectName()} {text}".strip()


@pytest.fixture
def wait_for(qtbot: QtBot) -> WaitFor:
    """Wait until something is so, while the window lives on."""

    def wait(condition: Callable[[], bool]) -> None:
        qtbot.waitUntil(condition, timeout=PATIENCE_MS)

    return wait


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings in a file of this test alone."""
    return Settings(tmp_path / "settings.json")


@pytest.fixture
def gone_to() -> list[tuple[Place, Subject | None]]:
    """Where pages wanted to go, while there is no window."""
    return []


@pytest.fixture
def empty_context(
    qapp: QApplication, settings: Settings, gone_to: list[tuple[Place, Subject | None]]
) -> Iterator[UiContext]:
    """What pages are given before there is a studio."""

    def navigate(place: Place, subject: Subject | None = None) -> None:
        gone_to.append((place, subject))

    bridge = Bridge()
    context = UiContext(settings, Theme(qapp, settings), bridge, Toasts(), navigate, Activity(bridge))
    context.projects = Projects(context)
    bridge.problem.connect(context.toasts.problem)
    yield context
    bridge.stop()
    if context.made_studio is not None:
        assert context.made_studio.close()
    qapp.setStyleSheet("")  # what a theme dressed the application in is no part of the next test
    qapp.setPalette(qapp.style().standardPalette())


@pytest.fixture
def studio_context(empty_context: UiContext) -> UiContext:
    """The same with a studio, and no project open. The test plugins are loaded besides the built-in ones."""
    empty_context.set_studio(Studio(load_host()))
    return empty_context


@pytest.fixture
def context(studio_context: UiContext, tmp_path: Path) -> UiContext:
    """The same with a new project open."""
    project = studio_context.studio.create_project(tmp_path / "project")
    studio_context.activity.set_project(project)
    return studio_context


@pytest.fixture
def window(context: UiContext, qtbot: QtBot) -> Iterator[MainWindow]:
    """The main window on an open project."""
    yield from _shown(context)


@pytest.fixture
def early_window(empty_context: UiContext, qtbot: QtBot) -> Iterator[MainWindow]:
    """The main window as it is before there is a studio."""
    yield from _shown(empty_context)


def _shown(context: UiContext) -> Iterator[MainWindow]:
    window = MainWindow(context)
    context.navigate = window.go
    window.show()
    yield window
    close_window(window)


def close_window(window: MainWindow) -> None:
    """Close a window for good, with its pages."""
    window.close_pages()
    window.may_close()
    window.close()
    window.deleteLater()
    settle()


class KeepPage:
    """Shows pages that have no window, and lets go of them after the test."""

    def __init__(self) -> None:
        self.pages: list[Page] = []

    def __call__(self, page: AnyPage) -> AnyPage:
        """Keep a page, and show it."""
        self.pages.append(page)
        page.show()
        return page


@pytest.fixture
def drop_page() -> Iterator[KeepPage]:
    """Take care of pages that have no window."""
    keep = KeepPage()
    yield keep
    for page in keep.pages:
        page.closing()
        page.close()
        page.deleteLater()
    settle()


@pytest.fixture
def run(context: UiContext, trained_folder: Path, tmp_path: Path) -> RunRecord:
    """The first run of a copy of the trained project, which is open."""
    shutil.copytree(trained_folder, tmp_path / "trained")
    project = context.studio.open_project(tmp_path / "trained")
    context.activity.set_project(project)
    return project.runs()[0]
