"""Measuring a run on pictures it has never seen, and the pictures it makes, seen from the window."""

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from genstudio.jobs.assessing import Assessment, assess_run
from genstudio.jobs.quality import SAMPLES
from genstudio.jobs.workspace import Workspace
from genstudio.ui.activity import Work
from genstudio.ui.context import Place, UiContext

_KEY = "evaluate"


class EvaluateJob(QObject):
    """One run at a time. `changed` says that it began, got on or ended; `measured` carries the run's id."""

    changed = Signal()
    measured = Signal(str)

    def __init__(self, context: UiContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._cancelled = threading.Event()
        self.run = ""
        self.share: float | None = None

    @property
    def busy(self) -> bool:
        """Whether a run is being measured."""
        return bool(self.run)

    def start(self, run: str, name: str, samples: int = SAMPLES) -> None:
        """Begin to measure a run (by id), with so many pictures of its own."""
        if self.busy:
            return
        self.run, self.share, self._name = run, None, name
        self._cancelled = threading.Event()
        bridge = self._context.bridge
        work = _work(run, samples, bridge.newest(self._got_on), self._cancelled.is_set)
        bridge.ask(self._context.studio.on_device(work, self._context.workspace), self._done, self._failed, self._ended)
        self._report()

    def cancel(self) -> None:
        """Ask for an end."""
        self._cancelled.set()

    def _got_on(self, done: int, total: int) -> None:
        if self.busy:
            self.share = done / total if total else None
            self._report()

    def _done(self, found: Assessment) -> None:
        run = self.run
        self._ended()
        if found.note:
            self._context.toasts.say(found.note)
        self.measured.emit(run)

    def _failed(self, sentence: str) -> None:
        self._context.toasts.problem(sentence)
        self._ended()

    def _ended(self) -> None:
        self.run = ""
        self._context.activity.done(_KEY)
        self.changed.emit()

    def _report(self) -> None:
        text = self.tr("Evaluating {run}").format(run=self._name)
        self._context.activity.report(_KEY, Work(text, self.share, Place.RUNS, self.cancel))
        self.changed.emit()


def _work(
    run: str, samples: int, progress: Callable[[int, int], None], cancelled: Callable[[], bool]
) -> Callable[[Workspace], Assessment]:
    return lambda workspace: assess_run(workspace, run, samples=samples, progress=progress, cancelled=cancelled)
