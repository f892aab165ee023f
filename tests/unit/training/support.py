"""What tests of the engine share: a small source, a host that remembers, and one call that trains."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from genstudio.core.config import SamplingConfig
from genstudio.core.control import Control
from genstudio.core.events import CheckpointSaved, Event, Finished, Outcome, Started
from genstudio.core.seeds import mixed_seed
from genstudio.core.settings import RunSettings
from genstudio.data.source import BatchSource
from genstudio.testing.pictures import made_up
from genstudio.training.best import Snapshot
from genstudio.training.checkpoint import learner_tensors
from genstudio.training.learner import Learner
from genstudio.training.loop import Progress, Score, no_score, train
from tests.unit.training.toy import ToyConfig
from tests.unit.training.toy.model import ToyLearner

BATCH = 5  # does not divide the dataset, so that epochs end inside batches
DATASET = made_up(1, 8, 8, labelled=True)
HELDOUT = np.arange(20, 24)


def make_learner(seed: int = 0, **changes: object) -> ToyLearner:
    torch.manual_seed(mixed_seed("weights", seed))
    return ToyLearner(ToyConfig(images=1000, batch_size=BATCH).replaced(changes), DATASET.spec)


def make_source(batch_size: int = BATCH, rank: int = 0, world: int = 1) -> BatchSource:
    return BatchSource(DATASET, np.arange(20), batch_size=batch_size, seed=3, device="cpu", rank=rank, world=world)


def snapshot(learner: Learner) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in learner_tensors(learner).items()}


def assert_same_bits(one: dict[str, Tensor], other: dict[str, Tensor]) -> None:
    assert one.keys() == other.keys()
    assert [name for name in one if not torch.equal(one[name], other[name])] == []


@dataclass
class Host:
    """Remembers what was saved and how it was rated; `on_between` is called between steps."""

    saved: dict[int, dict[str, Tensor]] = field(default_factory=dict)
    scores: dict[int, float | None] = field(default_factory=dict)
    on_between: Callable[[], None] = lambda: None

    def save(self, learner: Learner, progress: Progress, score: float | None) -> CheckpointSaved:
        self.saved[progress.images_seen] = snapshot(learner)
        self.scores[progress.images_seen] = score
        return CheckpointSaved("run", progress.images_seen, "file", 1)

    def keep_best(self, best: Snapshot) -> None:
        self.saved[best.images_seen] = best.tensors
        self.scores[best.images_seen] = best.score

    def rate(self, images_seen: int, score: float) -> None:
        self.scores[images_seen] = score

    def between(self) -> None:
        self.on_between()


@dataclass
class Ran:
    """One call of `train` and everything it said."""

    finished: Finished
    events: list[Event]
    host: Host
    progress: Progress

    def of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]


def run(
    learner: Learner,
    *,
    budget: int = 40,
    progress: Progress | None = None,
    control: Control | None = None,
    host: Host | None = None,
    settings: RunSettings | None = None,
    source: BatchSource | None = None,
    on_event: Callable[[Event], None] = lambda _: None,
    score: Score = no_score,
    best: float | None = None,
    sampling: SamplingConfig | None = None,
) -> Ran:
    events: list[Event] = []
    host, progress = host or Host(), progress or Progress()

    def emit(event: Event) -> None:
        events.append(event)
        on_event(event)

    finished = train(
        learner,
        source or make_source(),
        HELDOUT,
        settings or RunSettings(seed=3, preview_count=2),
        sampling or SamplingConfig(),
        run="run",
        budget=budget,
        progress=progress,
        emit=emit,
        control=control or Control(),
        host=host,
        score=score,
        best=best,
    )
    return Ran(finished, events, host, progress)


def folder_is_empty(folder: Path) -> bool:
    return not list(folder.iterdir())


def check_ending(ran: Ran, outcome: Outcome) -> None:
    """Exactly one Finished, last, after exactly one Started, first (unless it failed before it began)."""
    assert ran.finished.outcome == outcome
    assert [event for event in ran.events if isinstance(event, Finished)] == [ran.finished]
    assert ran.events[-1] is ran.finished
    assert isinstance(ran.events[0], Started | Finished)
    assert len(ran.of(Started)) <= 1
