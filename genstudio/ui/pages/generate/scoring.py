"""Asking a model how likely pictures are, seen from the window."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from genstudio.jobs.given import dataset_picture
from genstudio.jobs.scoring import Ranked, rank_run, surprise_of
from genstudio.jobs.watching import Told
from genstudio.jobs.workspace import Workspace
from genstudio.ui.activity import Work
from genstudio.ui.context import Place, UiContext

if TYPE_CHECKING:
    from genstudio.generation.surprise import Surprise

_KEY = "score"
_ENDS = 12
_MOST_RANKED = 1000


@dataclass(frozen=True, eq=False)
class SurpriseRequest:
    """Whose surprise at which picture, uint8 (H, W, C); under a label, or under none."""

    run: str
    checkpoint: int | None
    picture: NDArray[np.uint8]
    label: str | None


@dataclass(frozen=True)
class RankRequest:
    """Whose data to rank."""

    run: str
    checkpoint: int | None


@dataclass(frozen=True, eq=False)
class Surprised:
    """A picture and the surprise at it: `bits` float32 (H, W), and of the whole."""

    picture: NDArray[np.uint8]
    bits: NDArray[np.float32]
    bits_per_dim: float
    nats: float


@dataclass(frozen=True, eq=False)
class Ends:
    """The most and the least likely pictures of `count`, with their pixels uint8 (H, W, C); the extreme ones first."""

    most: list[tuple[Ranked, NDArray[np.uint8]]]
    least: list[tuple[Ranked, NDArray[np.uint8]]]
    count: int


class ScoreJob(QObject):
    """One question at a time. `changed` says that it began, got on or ended; the other two carry what came of it."""

    changed = Signal()
    surprised = Signal(object)  # Surprised
    ranked = Signal(object)  # Ends

    def __init__(self, context: UiContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._cancelled = threading.Event()
        self.busy = False
        self.share: float | None = None

    def start(self, request: SurpriseRequest | RankRequest) -> None:
        """Ask, unless a question waits for its answer."""
        if self.busy:
            return
        self.busy, self.share, self._cancelled = True, None, threading.Event()
        bridge, studio = self._context.bridge, self._context.studio
        progress = bridge.newest(self._got_on)
        if isinstance(request, RankRequest):
            job = _ranking(request, progress, self._cancelled.is_set)
            bridge.ask(studio.on_device(job, self._context.workspace), self._answer_ranked, self._failed, self._ended)
        else:
            work = _surprise(request, progress, self._cancelled.is_set)
            future = studio.on_device(work, self._context.workspace)
            bridge.ask(future, self._answer_surprised, self._failed, self._ended)
        self._report()

    def cancel(self) -> None:
        """Ask for an end."""
        self._cancelled.set()

    @property
    def cancelling(self) -> bool:
        """Whether an end was asked for and has not come yet."""
        return self.busy and self._cancelled.is_set()

    def _got_on(self, done: int, total: int) -> None:
        if self.busy:
            self.share = done / total if total else None
            self._report()

    def _answer_surprised(self, answer: Surprised) -> None:
        self._ended()
        self.surprised.emit(answer)

    def _answer_ranked(self, answer: Ends) -> None:
        self._ended()
        self.ranked.emit(answer)

    def _failed(self, sentence: str) -> None:
        self._context.toasts.problem(sentence)
        self._ended()

    def _ended(self) -> None:
        self.busy = False
        self._context.activity.done(_KEY)
        self.changed.emit()

    def _report(self) -> None:
        work = Work(self.tr("Looking at pictures"), self.share, Place.GENERATE, self.cancel)
        self._context.activity.report(_KEY, work)
        self.changed.emit()


def _surprise(
    request: SurpriseRequest, progress: Told, cancelled: Callable[[], bool]
) -> Callable[[Workspace], Surprised]:
    def work(workspace: Workspace) -> Surprised:
        found: Surprise = surprise_of(
            workspace,
            request.run,
            request.picture[None],
            checkpoint=request.checkpoint,
            label=request.label,
            progress=progress,
            cancelled=cancelled,
        )
        return Surprised(request.picture, found.maps[0], float(found.bits_per_dim[0]), float(found.nats[0]))

    return work


def _ranking(request: RankRequest, progress: Told, cancelled: Callable[[], bool]) -> Callable[[Workspace], Ends]:
    def work(workspace: Workspace) -> Ends:
        ranked = rank_run(
            workspace,
            request.run,
            checkpoint=request.checkpoint,
            limit=_MOST_RANKED,
            progress=progress,
            cancelled=cancelled,
        )
        most, least = ranked[:_ENDS], ranked[: -_ENDS - 1 : -1]
        pixels = {one.place: dataset_picture(workspace, request.run, one.place) for one in {*most, *least}}
        return Ends(
            [(one, pixels[one.place]) for one in most], [(one, pixels[one.place]) for one in least], len(ranked)
        )

    return work
