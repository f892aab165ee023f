"""What is known of a run on show, and how each of its events changes that. No Qt: one value in, one value out."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from genstudio.core.events import (
    CheckpointSaved,
    Event,
    Finished,
    Metric,
    Outcome,
    Paused,
    Preview,
    Recovered,
    Resumed,
    Started,
    Warned,
)
from genstudio.store.records import RunRecord, RunStatus
from genstudio.ui.models.facts import recovered_text
from genstudio.ui.models.pace import Pace


class Phase(StrEnum):
    """What a run does right now."""

    RESTING = "resting"
    PREPARING = "preparing"
    TRAINING = "training"
    PAUSED = "paused"


class Wish(StrEnum):
    """What a person asked a run for and it has not answered yet."""

    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    PREVIEW = "preview"
    SAVE = "save"


_STATUS = {
    Outcome.COMPLETED: RunStatus.COMPLETED,
    Outcome.STOPPED: RunStatus.STOPPED,
    Outcome.DIVERGED: RunStatus.DIVERGED,
    Outcome.FAILED: RunStatus.FAILED,
}


@dataclass(frozen=True)
class LiveState:
    """A run on show. `memory` is in bytes; `warnings` are sentences that hold, `recovered` is about one that did."""

    record: RunRecord
    phase: Phase = Phase.RESTING
    wishes: frozenset[Wish] = frozenset()
    pace: Pace | None = None
    memory: int = 0
    device: str = ""
    saved_at: int | None = None
    warnings: tuple[str, ...] = field(default=())
    recovered: str = ""

    @property
    def rate(self) -> float:
        """Images per second of late, 0 while nobody can know."""
        return self.pace.rate if self.pace else 0.0

    @property
    def active(self) -> bool:
        """Whether the run trains, or is about to."""
        return self.phase is not Phase.RESTING

    @property
    def share(self) -> float:
        """How far the run has come, 0 to 1: by images, or by time where that ends it sooner."""
        by_images = self.record.images_seen / self.record.budget if self.record.budget else 0.0
        limit = self._limit()
        return min(max(by_images, self.record.seconds / limit if limit else 0.0), 1.0)

    @property
    def seconds_left(self) -> float | None:
        """How long it will take still, or None while nobody can know."""
        if self.rate <= 0 or self.phase is not Phase.TRAINING:
            return None
        by_images = max(self.record.budget - self.record.images_seen, 0) / self.rate
        limit = self._limit()
        return max(min(by_images, limit - self.record.seconds), 0.0) if limit else by_images

    def wished(self, wish: Wish) -> "LiveState":
        """A person asked for something."""
        return replace(self, wishes=self.wishes | {wish})

    def heard(self, event: Event) -> "LiveState":
        """The run said something."""
        match event:
            case Started():
                record = self._record(event, status=RunStatus.RUNNING, budget=event.budget, message="")
                return replace(self, record=record, phase=Phase.TRAINING, device=event.device, wishes=frozenset())
            case Metric():
                return self._measured(event)
            case Paused():
                return replace(self._without(Wish.PAUSE), phase=Phase.PAUSED)
            case Resumed():
                return replace(self._without(Wish.RESUME), phase=Phase.TRAINING)
            case Preview():
                return self._without(Wish.PREVIEW)
            case CheckpointSaved():
                return replace(self._without(Wish.SAVE), saved_at=event.images_seen)
            case Warned():
                return replace(self, warnings=(*self.warnings, event.text), recovered="")
            case Recovered():
                left = tuple(warning for warning in self.warnings if warning != event.warning)
                record = replace(self.record, message="") if self.record.message == event.warning else self.record
                finding = event.warning.partition(". ")[0].rstrip(".")  # what to do about it matters no more
                said = recovered_text(event.images_seen, f"{finding}.")
                return replace(self, record=record, warnings=left, recovered=said)
            case Finished():
                record = self._record(event, status=_STATUS[event.outcome], message=event.message)
                return replace(self, record=record, phase=Phase.RESTING, wishes=frozenset(), pace=None)
        return self

    def _measured(self, event: Metric) -> "LiveState":
        figures = {**self.record.figures, **event.values}
        record = replace(self.record, images_seen=event.images_seen, seconds=event.seconds, figures=figures)
        pace = (self.pace or Pace(event.images_seen, event.seconds)).moved(event.images_seen, event.seconds)
        phase = self.phase if self.phase is Phase.PAUSED else Phase.TRAINING
        return replace(self, record=record, pace=pace, memory=event.memory, phase=phase)

    def _record(self, event: Event, *, status: RunStatus, message: str, budget: int | None = None) -> RunRecord:
        budget = self.record.budget if budget is None else budget
        return replace(self.record, status=status, message=message, images_seen=event.images_seen, budget=budget)

    def _without(self, wish: Wish) -> "LiveState":
        return replace(self, wishes=self.wishes - {wish})

    def _limit(self) -> float | None:
        minutes = self.record.settings.get("minutes")
        return 60.0 * minutes if isinstance(minutes, int | float) and minutes > 0 else None
