"""What a run says while it goes on: numbers, strings and uint8 arrays, never tensors.

A job emits `Started` first and exactly one `Finished` last, whatever happens between them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class Outcome(StrEnum):
    """How a run's latest stretch of training ended."""

    COMPLETED = "completed"
    STOPPED = "stopped"
    DIVERGED = "diverged"
    FAILED = "failed"


@dataclass(frozen=True)
class Event:
    """Something a run says; `images_seen` is the run's clock when it was said."""

    run: str
    images_seen: int


@dataclass(frozen=True)
class Started(Event):
    """Training begins, or goes on after a resume. `budget` is the length in images."""

    budget: int
    device: str


@dataclass(frozen=True)
class Metric(Event):
    """Means over the steps since the last report, as `Series.name -> value`.

    `seconds` is training time since the run's very beginning, `rate` images per second over the last report, `memory`
    bytes in use by the job's device (resident memory of the process on a CPU).
    """

    seconds: float
    values: Mapping[str, float]
    rate: float
    memory: int


@dataclass(frozen=True)
class Preview(Event):
    """Pictures from fixed seeds: `images` is uint8 (N, H, W, C), `name` says which ("samples", …)."""

    name: str
    images: NDArray[np.uint8]


@dataclass(frozen=True)
class Profiled(Event):
    """A row of numbers, from held-out pictures: `name` is that of a `Profile` of the family."""

    name: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class CheckpointSaved(Event):
    """A checkpoint is on disk and committed; `file` is relative to the project's folder."""

    file: str
    bytes: int


@dataclass(frozen=True)
class Warned(Event):
    """Something a person should know; training goes on. `kind` is that of a verdict, empty for anything else."""

    text: str
    kind: str = ""


@dataclass(frozen=True)
class Recovered(Event):
    """The verdict of a kind no longer holds; `warning` is what had been said. It may come again."""

    kind: str
    warning: str


@dataclass(frozen=True)
class Paused(Event):
    """The run waits between two steps."""


@dataclass(frozen=True)
class Resumed(Event):
    """The run goes on after a pause."""


@dataclass(frozen=True)
class Finished(Event):
    """The last word of a run; `message` is a sentence, empty when there is nothing to add."""

    outcome: Outcome
    message: str = ""


Emit = Callable[[Event], None]
