"""Letting an installation prove that it works: the real window, on a folder of its own, does the whole work once.

The steps run in a thread beside the window, as a person would sit beside it: whatever belongs to the window is asked
of it, everything else goes through the studio's lanes. Every step is tried; one that fails does not stop the others.
"""

import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PySide6.QtWidgets import QApplication

from genstudio.core.errors import GenStudioError
from genstudio.core.events import Event
from genstudio.studio import Studio
from genstudio.ui.app import Session, make_app
from genstudio.ui.context import Place
from genstudio.ui.selftest_steps import PATIENCE, Steps

T = TypeVar("T")


@dataclass(frozen=True)
class Proof:
    """One thing that was tried. `detail` is what was seen, or why it failed."""

    name: str
    passed: bool
    detail: str
    seconds: float


class Sitter:
    """Sits at the window: asks it for things from another thread, and hears what runs say."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.events: list[Event] = []
        session.context.bridge.events.connect(self.events.append)

    @property
    def studio(self) -> Studio:
        """The window's studio."""
        return self._session.context.studio

    def ask(self, function: Callable[[], T]) -> T:
        """Call a function in the window's thread and return its answer."""
        answer: Future[T] = Future()

        def call() -> None:
            try:
                answer.set_result(function())
            except Exception as error:
                answer.set_exception(error)

        self._session.context.bridge.post(call)
        return answer.result(PATIENCE)

    def create_project(self, folder: Path) -> None:
        """Make a project as Home does, and wait until it is open."""
        ready = threading.Event()
        self.ask(lambda: self._session.context.projects.create(folder, ready.set))
        if not ready.wait(PATIENCE):
            raise GenStudioError("The project was not made in time.")

    def show(self, place: Place) -> bool:
        """Go to a place; whether its page was made."""
        self.ask(lambda: self._session.window.go(place))
        return place in self.ask(self._session.window.made_pages)

    def sink(self, run: str) -> Callable[[Event], None]:
        """Where a run's events go."""
        return self._session.context.bridge.sink(run)


def prove(folder: Path, say: Callable[[str], None]) -> list[Proof]:
    """Open the window, work through everything in `folder`, close it. `say` hears a line for every proof."""
    begun, proofs = time.monotonic(), list[Proof]()
    session = Session(make_app())

    def note(name: str, detail: str, seconds: float, *, passed: bool) -> None:
        proofs.append(Proof(name, passed, detail, round(seconds, 3)))
        say(f"{'ok    ' if passed else 'FAILED'} {name} ({seconds:.1f} s) {detail}".rstrip())

    def work() -> None:
        try:
            for name, step in Steps(Sitter(session), folder):
                note_step(name, step)
        finally:
            session.context.studio.stop_training()  # a step that failed may have left one; the window would ask
            session.context.bridge.post(close)

    def close() -> None:
        session.window.close()

    def note_step(name: str, step: Callable[[], str]) -> None:
        at = time.monotonic()
        try:
            note(name, step(), time.monotonic() - at, passed=True)
        except GenStudioError as error:
            note(name, str(error), time.monotonic() - at, passed=False)
        except Exception:
            note(name, traceback.format_exc(), time.monotonic() - at, passed=False)

    worker = threading.Thread(target=work, name="genstudio-selftest")
    session.window.painted.connect(lambda: note("the window is painted", "", time.monotonic() - begun, passed=True))
    session.context.when_ready(worker.start)
    session.window.show()
    QApplication.exec()
    worker.join()
    session.end()
    return proofs
