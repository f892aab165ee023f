"""The whole program: from the first paint to the last thread."""

import gc
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from genstudio.core.control import Control
from genstudio.store.project import Project
from genstudio.store.records import RunStatus
from genstudio.ui import app as program
from genstudio.ui.context import Place, UiContext
from genstudio.ui.dialogs.closing import ClosingSheet
from genstudio.ui.garbage import Collector
from genstudio.ui.idle import Idle
from tests.gui.conftest import WaitFor, settle
from tests.workshop import PLUGINS, import_pictures, make_run, new_workspace, paint_pictures


class Program:
    """A session that a test ends; `ended` says that the program would have quit."""

    def __init__(self, app: QApplication, project: Path | None, qtbot: QtBot) -> None:
        self.session = program.Session(app, project)
        self.ended = False
        self._gone = False
        self._qtbot = qtbot

    @property
    def context(self) -> UiContext:
        return self.session.context

    def start(self) -> None:
        self.session.window.show()
        self._qtbot.waitUntil(lambda: self.context.made_studio is not None, timeout=20_000)

    def quit(self) -> None:
        self.ended = True

    def end(self) -> None:
        """End the program, if it has not been ended yet."""
        if self._gone:
            return
        self._gone = True
        if not self.ended:
            self.session.window.close()
        self._qtbot.waitUntil(lambda: self.ended, timeout=20_000)
        self.session.end()
        self.session.window.deleteLater()
        settle()


@pytest.fixture
def begin(
    qapp: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[Path | None], Program]]:
    """Begin a program on a project; it is ended after the test."""
    begun: list[Program] = []
    monkeypatch.setattr("genstudio.core.paths.user_plugins", lambda: PLUGINS)
    monkeypatch.setattr("genstudio.studio.load_torch", lambda: None)
    monkeypatch.setattr("signal.signal", lambda *_: None)

    def begin(project: Path | None = None) -> Program:
        made = Program(qapp, project, qtbot)
        monkeypatch.setattr(made.session, "_app", made)
        begun.append(made)
        made.start()
        return made

    yield begin
    for made in begun:
        made.end()


def test_that_the_last_project_is_opened_again(
    begin: Callable[..., Program], tmp_path: Path, wait_for: WaitFor
) -> None:
    Project.create(tmp_path / "leaves").close()
    first = begin(tmp_path / "leaves")
    wait_for(lambda: first.context.project is not None)
    wait_for(lambda: first.session.window.windowTitle().startswith("leaves"))
    first.end()
    second = begin()
    wait_for(lambda: second.context.project is not None)
    assert second.context.project is not None
    assert second.context.project.name == "leaves"


def test_that_a_last_project_that_is_gone_is_told_and_the_window_lives_on(
    begin: Callable[..., Program], tmp_path: Path, wait_for: WaitFor
) -> None:
    made = begin(tmp_path / "gone")
    wait_for(lambda: bool(made.context.toasts.texts()))
    assert "There is no project" in made.context.toasts.texts()[0]
    assert made.session.window.place is Place.HOME


def test_that_closing_is_at_once_when_nothing_trains(begin: Callable[..., Program], wait_for: WaitFor) -> None:
    made = begin()
    made.session.window.close()
    assert not made.session.window.isVisible()
    wait_for(lambda: made.ended)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("genstudio-device")]


def test_that_closing_while_training_asks_and_then_saves(
    begin: Callable[..., Program], tmp_path: Path, wait_for: WaitFor
) -> None:
    workspace = new_workspace(tmp_path / "project")
    dataset = import_pictures(workspace, paint_pictures(tmp_path / "pictures"))
    run = make_run(workspace, dataset.id, images=10_000_000)
    workspace.project.close()
    made = begin(tmp_path / "project")
    wait_for(lambda: made.context.project is not None)
    made.context.studio.start_training(run.id, made.context.bridge.sink(run.id))
    wait_for(lambda: (state := made.context.activity.training) is not None and state.images_seen > 0)
    window = made.session.window

    window.close()
    sheet = window.findChild(ClosingSheet)
    assert sheet is not None
    assert window.isVisible()
    sheet.leave()
    settle()
    assert made.context.studio.training is not None, "Escape keeps training"

    window.close()
    sheet = window.findChild(ClosingSheet)
    assert sheet is not None
    sheet.stop.click()
    wait_for(lambda: made.ended)
    made.end()
    project = Project.open(tmp_path / "project")
    saved = project.run(run.id)
    newest = project.latest_checkpoint(run.id)
    project.close()
    assert saved.status is RunStatus.STOPPED
    assert newest is not None
    assert newest.images_seen == saved.images_seen > 0


def test_that_pages_are_made_ahead_while_nobody_touches_the_window(
    begin: Callable[..., Program], tmp_path: Path, wait_for: WaitFor
) -> None:
    Project.create(tmp_path / "leaves").close()
    made = begin(tmp_path / "leaves")
    wait_for(lambda: made.session.window.made_pages() == set(Place))
    assert made.session.window.place is Place.HOME


def test_that_an_import_is_stopped_when_the_window_closes(
    begin: Callable[..., Program], tmp_path: Path, wait_for: WaitFor
) -> None:
    from genstudio.ui.activity import Work

    made = begin()
    stopped = Control()
    made.context.activity.report("import", Work("Importing", None, Place.DATA, stopped.stop))
    made.session.window.close()
    assert stopped.stopping
    wait_for(lambda: made.ended)


def test_that_garbage_is_collected_in_the_windows_thread_only(qapp: QApplication) -> None:
    collector = Collector(Idle())
    try:
        assert not gc.isenabled()
        collector.begin()
        assert gc.get_freeze_count() > 0
    finally:
        collector.stop()
        gc.unfreeze()
    assert gc.isenabled()


def test_that_a_program_with_a_thread_that_hangs_ends_all_the_same(
    begin: Callable[..., Program], monkeypatch: pytest.MonkeyPatch, wait_for: WaitFor
) -> None:
    made = begin()
    studio = made.context.studio
    close = studio.close
    monkeypatch.setattr(studio, "close", lambda: close() and False)
    made.session.window.close()
    wait_for(lambda: made.ended)
    assert made.session.hangs

    ended: list[str] = []
    left: list[tuple[int, list[str]]] = []
    monkeypatch.setattr(made.session, "end", lambda: ended.append("settings and log written"))
    monkeypatch.setattr(program, "Session", lambda *_: made.session)
    monkeypatch.setattr(program, "make_app", lambda: made)
    monkeypatch.setattr("genstudio.ui.single.hand_over", lambda _: False)
    monkeypatch.setattr(made, "exec", lambda: 0, raising=False)
    monkeypatch.setattr("os._exit", lambda code: left.append((code, list(ended))))
    monkeypatch.setattr("logging.shutdown", lambda: None)
    assert program.run_window() == 0
    assert left == [(1, ["settings and log written"])]
    made.session.window.hide()
    monkeypatch.undo()


def test_that_leaving_ends_a_process_that_a_thread_would_keep_alive() -> None:
    keep = "import threading; threading.Thread(target=threading.Event().wait).start();"
    leave = "from genstudio.ui.app import leave; print('the last word'); leave(3)"
    done = subprocess.run([sys.executable, "-c", keep + leave], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout.strip()) == (3, "the last word")
