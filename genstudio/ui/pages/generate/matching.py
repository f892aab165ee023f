"""Pictures of the gallery in the order in which they fit some words."""

import threading
from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal

from genstudio.jobs.matching import match_samples
from genstudio.jobs.watching import Told
from genstudio.jobs.workspace import Workspace
from genstudio.store.records import SampleRecord
from genstudio.ui.activity import Work
from genstudio.ui.context import Place, UiContext
from genstudio.ui.widgets.fields import SearchField
from genstudio.ui.widgets.text import set_tip

_KEY = "match"
_WIDEST = 240

Fits = list[tuple[SampleRecord, float]]
"""Pictures and how well they fit, the best first."""


class WordSort(SearchField):
    """Words to sort by; there while the project has a run that matches words and pictures.

    `wanted` says that words were entered, `cleared` that there are none any more. `answered` carries `Fits`.
    """

    wanted = Signal()
    cleared = Signal()
    answered = Signal(object)

    def __init__(self, context: UiContext) -> None:
        super().__init__(self.tr("Sort by words"))
        self._context = context
        self._run = ""
        self._busy = False
        self._cancelled = threading.Event()
        self.setMaximumWidth(_WIDEST)
        set_tip(self, self.tr("Type what you look for and press Enter: pictures that fit best come first."))
        self.returnPressed.connect(self._enter)
        self.textChanged.connect(lambda text: None if text else self.cleared.emit())
        self.offer("")

    def offer(self, run: str) -> None:
        """Sort with this run (by id), the one that knows words; empty: there is none."""
        self._run = run
        self.setVisible(bool(run))

    @property
    def words(self) -> str:
        """What the pictures should show; empty where there is nothing to sort by."""
        return self.text().strip() if self._run else ""

    def ask(self, records: Sequence[SampleRecord]) -> None:
        """Find out how well pictures fit, unless that is being done."""
        if self._busy or not self.words or not records:
            return
        self._busy, self._cancelled = True, threading.Event()
        progress = self._context.bridge.newest(self._got_on)
        work = _matching(self._run, self.words, tuple(records), progress, self._cancelled.is_set)
        future = self._context.studio.on_device(work, self._context.workspace)
        self._context.bridge.ask(future, self._answer, self._fail, self._end)
        self._got_on(0, 0)

    def _enter(self) -> None:
        if self.words:
            self.wanted.emit()

    def _got_on(self, done: int, total: int) -> None:
        if self._busy:
            share = done / total if total else None
            work = Work(self.tr("Comparing pictures with words"), share, Place.GENERATE, self._cancelled.set)
            self._context.activity.report(_KEY, work)

    def _answer(self, fits: Fits) -> None:
        self._end()
        self.answered.emit(fits)

    def _fail(self, sentence: str) -> None:
        self._end()
        self._context.toasts.problem(sentence)

    def _end(self) -> None:
        self._busy = False
        self._context.activity.done(_KEY)


def _matching(
    run: str, words: str, records: Sequence[SampleRecord], progress: Told, cancelled: Callable[[], bool]
) -> Callable[[Workspace], Fits]:
    def work(workspace: Workspace) -> Fits:
        return match_samples(workspace, run, words, records, progress=progress, cancelled=cancelled)

    return work
