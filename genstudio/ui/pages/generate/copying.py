"""Looking for what a picture may be a copy of, seen from the window."""

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtGui import QImage

from genstudio.generation.export import read_image
from genstudio.jobs.copies import Verdict, check_copies, check_samples
from genstudio.jobs.quality_words import levels
from genstudio.jobs.watching import Told
from genstudio.ui.activity import Work
from genstudio.ui.context import Place, UiContext
from genstudio.ui.pages.data.pairs import Pair
from genstudio.ui.views.image import qimage_from_array

if TYPE_CHECKING:
    from pathlib import Path

    from genstudio.jobs.workspace import Workspace
    from genstudio.store.records import SampleRecord


class CopyJob(QObject):
    """One question at a time. `changed` says that it began, got on or ended; `failed` carries a sentence."""

    changed = Signal()
    answered = Signal(object)  # list[Verdict], or dict[str, Verdict] by the ids of samples
    failed = Signal(str)

    def __init__(self, context: UiContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._cancelled = threading.Event()
        self.busy = False

    def ask_file(self, run: str, path: "Path") -> None:
        """Compare one picture with what a run learned from."""

        def work(workspace: "Workspace", told: Told, cancelled: Callable[[], bool]) -> object:
            return check_copies(workspace, run, [path], progress=told, cancelled=cancelled)

        self._ask(work)

    def ask_samples(self, records: "Sequence[SampleRecord]") -> None:
        """Compare pictures of the project with what their runs learned from."""

        def work(workspace: "Workspace", told: Told, cancelled: Callable[[], bool]) -> object:
            return check_samples(workspace, records, progress=told, cancelled=cancelled)

        self._ask(work)

    def cancel(self) -> None:
        """Ask for an end."""
        self._cancelled.set()

    def _ask(self, work: "Callable[[Workspace, Told, Callable[[], bool]], object]") -> None:
        if self.busy:
            return
        self.busy, self._cancelled = True, threading.Event()
        bridge, studio = self._context.bridge, self._context.studio
        future = studio.on_device(work, self._context.workspace, bridge.newest(self._got_on), self._cancelled.is_set)
        bridge.ask(future, self._answer, self._fail, self._ended)
        self._report(None)

    def _got_on(self, done: int, total: int) -> None:
        if self.busy:
            self._report(done / total if total else None)

    def _answer(self, verdicts: object) -> None:
        self._ended()
        self.answered.emit(verdicts)

    def _fail(self, sentence: str) -> None:
        self._ended()
        self.failed.emit(sentence)

    def _ended(self) -> None:
        self.busy = False
        self._context.activity.done(self._key)
        self.changed.emit()

    def _report(self, share: float | None) -> None:
        work = Work(self.tr("Looking for copies"), share, Place.GENERATE, self.cancel)
        self._context.activity.report(self._key, work)
        self.changed.emit()

    @property
    def _key(self) -> str:
        return f"copies {id(self)}"


def neighbour_images(verdict: Verdict) -> tuple[list[QImage], list[str]]:
    """The training pictures nearest to a picture, and how far they are from it."""
    images = [qimage_from_array(neighbour.pixels) for neighbour in verdict.neighbours]
    return images, [levels(neighbour.distance) for neighbour in verdict.neighbours]


def pairs_of(files: "dict[str, Path]", verdicts: dict[str, Verdict]) -> list[Pair]:
    """Near copies beside what they are copies of, nearest first. For workers; raises `DataError`."""
    near = sorted((verdict.ratio, key) for key, verdict in verdicts.items() if verdict.near)
    return [_pair(files[key], verdicts[key]) for _, key in near]


def _pair(file: "Path", verdict: Verdict) -> Pair:
    nearest = verdict.neighbours[0]
    distance = QCoreApplication.translate("CopyJob", "{levels} levels").format(levels=levels(nearest.distance))
    text = f"{distance} · {nearest.name}"
    return Pair(qimage_from_array(read_image(file)), qimage_from_array(nearest.pixels), text)
