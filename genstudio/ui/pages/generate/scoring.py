"""Asking a model how likely pictures are and which labels they have, seen from the window."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from genstudio.jobs.classifying import Classification, Posterior, can_name_labels, classify_run, posterior_of
from genstudio.jobs.given import dataset_picture
from genstudio.jobs.scoring import Ranked, rank_run, surprise_of
from genstudio.jobs.watching import Told
from genstudio.jobs.workspace import Workspace
from genstudio.ui.activity import Work
from genstudio.ui.context import Place, UiContext
from genstudio.ui.pages.generate import oddities

if TYPE_CHECKING:
    from genstudio.generation.surprise import Surprise

T = TypeVar("T")

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


@dataclass(frozen=True)
class NamingRequest:
    """Who is to name labels of held-out pictures."""

    run: str
    checkpoint: int | None


@dataclass(frozen=True, eq=False)
class Surprised:
    """A picture and the surprise at it: `bits` float32 (H, W), and of the whole; its labels, if the run can tell."""

    picture: NDArray[np.uint8]
    bits: NDArray[np.float32]
    bits_per_dim: float
    nats: float
    labels: Posterior | None


@dataclass(frozen=True, eq=False)
class Ends:
    """The most and the least likely pictures of `count`, with their pixels uint8 (H, W, C); the extreme ones first."""

    most: list[tuple[Ranked, NDArray[np.uint8]]]
    least: list[tuple[Ranked, NDArray[np.uint8]]]
    count: int


Question = SurpriseRequest | RankRequest | NamingRequest | oddities.OddityRequest


class ScoreJob(QObject):
    """One question at a time. `changed` says that it began, got on or ended; the others carry what came of it."""

    changed = Signal()
    surprised = Signal(object)  # Surprised
    ranked = Signal(object)  # Ends
    named = Signal(object)  # Classification
    found = Signal(object)  # oddities.Found

    def __init__(self, context: UiContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._cancelled = threading.Event()
        self.busy = False
        self.share: float | None = None

    def start(self, request: Question) -> None:
        """Ask, unless a question waits for its answer."""
        if self.busy:
            return
        self.busy, self.share, self._cancelled = True, None, threading.Event()
        progress = self._context.bridge.newest(self._got_on)
        match request:
            case SurpriseRequest():
                self._ask(_surprise(request, progress, self._cancelled.is_set), self.surprised.emit)
            case RankRequest():
                self._ask(_ranking(request, progress, self._cancelled.is_set), self.ranked.emit)
            case NamingRequest():
                self._ask(_naming(request, progress, self._cancelled.is_set), self.named.emit)
            case oddities.OddityRequest():
                self._ask(oddities.look(request, progress, self._cancelled.is_set), self.found.emit)
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

    def _ask(self, job: Callable[[Workspace], T], answer: Callable[[T], None]) -> None:
        def answered(found: T) -> None:
            self._ended()
            answer(found)

        future = self._context.studio.on_device(job, self._context.workspace)
        self._context.bridge.ask(future, answered, self._failed, self._ended)

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
        bits, nats = float(found.bits_per_dim[0]), float(found.nats[0])
        return Surprised(request.picture, found.maps[0], bits, nats, _labels(workspace, request))

    return work


def _labels(workspace: Workspace, request: SurpriseRequest) -> Posterior | None:
    """The labels of a picture, or None where the run knows none."""
    if not can_name_labels(workspace, request.run, request.checkpoint):
        return None
    (labels,) = posterior_of(workspace, request.run, request.picture[None], checkpoint=request.checkpoint)
    return labels


def _naming(
    request: NamingRequest, progress: Told, cancelled: Callable[[], bool]
) -> Callable[[Workspace], Classification]:
    def work(workspace: Workspace) -> Classification:
        return classify_run(
            workspace, request.run, checkpoint=request.checkpoint, progress=progress, cancelled=cancelled
        )

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
