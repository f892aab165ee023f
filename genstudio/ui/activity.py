"""What is going on right now, whoever does it: the run in training, and other work that takes a while."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from genstudio.ui.bridge import Bridge
from genstudio.ui.context import Place
from genstudio.ui.models.pace import Pace

if TYPE_CHECKING:
    from genstudio.core.events import Event, Metric
    from genstudio.store.project import Project
    from genstudio.store.records import RunRecord


@dataclass(frozen=True)
class TrainingState:
    """The run in training. `memory` is in bytes, `limit` in seconds of training."""

    run: str
    name: str
    images_seen: int
    budget: int
    device: str
    pace: Pace | None = None
    memory: int = 0
    seconds: float = 0.0
    limit: float | None = None
    paused: bool = False
    stopping: bool = False

    @property
    def share(self) -> float:
        """How far the run has come, 0 to 1: by images, or by time where that ends it sooner."""
        by_images = self.images_seen / self.budget if self.budget else 0.0
        by_time = self.seconds / self.limit if self.limit else 0.0
        return min(max(by_images, by_time), 1.0)

    @property
    def seconds_left(self) -> float | None:
        """How long it will take still, or None while nobody can know."""
        if self.pace is None or self.pace.rate <= 0:
            return None
        by_images = (self.budget - self.images_seen) / self.pace.rate
        return max(0.0, min(by_images, self.limit - self.seconds) if self.limit else by_images)


@dataclass(frozen=True)
class Work:
    """Something that takes a while. `share` is None while nobody knows how far it is; a click leads to `place`.

    `cancel` asks it to end; it is called when the window or the project is closed.
    """

    text: str
    share: float | None
    place: Place
    cancel: Callable[[], None]


class Activity(QObject):
    """Watches events and keeps what is going on; `changed` says that it did, of mere progress once a frame."""

    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._project: Project | None = None
        self._works: dict[str, Work] = {}
        self.training: TrainingState | None = None
        self.preparing = False
        bridge.events.connect(self._heard)

    @property
    def work(self) -> Work | None:
        """The work reported first of those that go on."""
        return next(iter(self._works.values()), None)

    def report(self, key: str, work: Work) -> None:
        """Say how far some work has come; `key` tells it from others."""
        self._works[key] = work
        self.changed.emit()

    def done(self, key: str) -> None:
        """Some work has ended, however it did."""
        self._works.pop(key, None)
        self.changed.emit()

    def cancel_works(self) -> None:
        """Ask everything but training to end."""
        for work in list(self._works.values()):
            work.cancel()

    def set_preparing(self, preparing: bool) -> None:
        """The engine is being loaded behind the window, or is there."""
        self.preparing = preparing
        self.changed.emit()

    def set_project(self, project: "Project | None") -> None:
        """Names of runs are looked up in this project."""
        self._project = project

    def mark_stopping(self) -> None:
        """The run was asked to stop and will save first."""
        if self.training is not None:
            self.training = replace(self.training, stopping=True)
            self.changed.emit()

    def _heard(self, event: "Event") -> None:
        from genstudio.core import events

        if isinstance(event, events.Started):
            self._started(event.run, event.images_seen, event.budget, event.device)
        elif self.training is None or event.run != self.training.run:
            return
        elif isinstance(event, events.Finished):
            self.training = None
        elif isinstance(event, events.Metric):
            self.training = _measured(self.training, event)
            self._bridge.redraws.want(self._say_changed)
            return
        elif isinstance(event, events.Paused | events.Resumed):
            self.training = replace(self.training, paused=isinstance(event, events.Paused))
        else:
            return
        self.changed.emit()

    def _say_changed(self) -> None:
        self.changed.emit()

    def _started(self, run: str, images_seen: int, budget: int, device: str) -> None:
        self.training = TrainingState(run, "", images_seen, budget, device)
        if self._project is not None:
            self._bridge.ask(self._project.later(self._project.run, run), self._named, lambda _: None)

    def _named(self, record: "RunRecord") -> None:
        if self.training is not None and self.training.run == record.id:
            minutes = record.settings.get("minutes")
            limit = 60.0 * float(minutes) if minutes else None
            self.training = replace(self.training, name=record.name, limit=limit)
            self.changed.emit()


def _measured(state: TrainingState, metric: "Metric") -> TrainingState:
    pace = (state.pace or Pace(metric.images_seen, metric.seconds)).moved(metric.images_seen, metric.seconds)
    return replace(
        state, images_seen=metric.images_seen, seconds=metric.seconds, pace=pace, memory=metric.memory, paused=False
    )
