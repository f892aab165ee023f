"""What the project remembers, as plain frozen records. Paths are relative to the project's folder, with `/`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from genstudio.core.spec import DataSpec


class RunStatus(StrEnum):
    """How a run stands. INTERRUPTED: it was running when the program or the machine went down."""

    READY = "ready"
    RUNNING = "running"
    COMPLETED = "completed"
    STOPPED = "stopped"
    DIVERGED = "diverged"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class DatasetRecord:
    """A dataset of the project; its cache lies in `folder`. `source` is shown, never read again."""

    id: str
    name: str
    folder: str
    fingerprint: str
    spec: DataSpec
    source: str
    created: float
    refused: int
    duplicates: int


@dataclass(frozen=True)
class RunRecord:
    """One training: `config` and `settings` are JSON objects as they were at Start.

    `figures` are the latest means by series name, `seconds` the training time so far. `message` is the last thing that
    went wrong, as a sentence. `bases` are the runs it stands on, by id, each with the sha256 of the checkpoint that it
    learns on; what is not there was not kept track of yet.
    """

    id: str
    name: str
    family: str
    dataset: str
    config: Mapping[str, Any]
    settings: Mapping[str, Any]
    status: RunStatus
    created: float
    images_seen: int
    budget: int
    seconds: float
    figures: Mapping[str, float]
    message: str = ""
    bases: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class MetricRow:
    """One report of a run: the key is (run, images_seen)."""

    images_seen: int
    seconds: float
    rate: float
    memory: int
    values: Mapping[str, float]


@dataclass(frozen=True)
class PreviewRecord:
    """Pictures a run showed, kept as one lossless PNG sheet: `count` pictures in `columns` columns."""

    run: str
    images_seen: int
    name: str
    file: str
    count: int
    columns: int


@dataclass(frozen=True)
class ProfileRecord:
    """A row of numbers a run showed: one for each latent, say."""

    run: str
    images_seen: int
    name: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class RemarkRecord:
    """A sentence of warning. `kind` is that of a verdict, empty for anything else.

    `recovered` is the clock, in images seen, at which the verdict no longer held; None while it holds.
    """

    run: str
    images_seen: int
    kind: str
    text: str
    recovered: int | None = None

    @property
    def stands(self) -> bool:
        """Whether it is a verdict that still holds."""
        return bool(self.kind) and self.recovered is None


@dataclass(frozen=True)
class CheckpointRecord:
    """A checkpoint on disk. The row is the commit point: no row, no checkpoint.

    `score` is what held-out pictures said of the model at that moment, by `Family.score`: lower is better; None where
    nobody asked them.
    """

    run: str
    images_seen: int
    seconds: float
    file: str
    bytes: int
    sha256: str
    created: float
    pinned: bool = False
    score: float | None = None


def best_of(checkpoints: Iterable[CheckpointRecord]) -> CheckpointRecord | None:
    """The checkpoint that held-out pictures found best, the earliest of equals; None when they were never asked."""
    scored = ((record.score, record.images_seen, record) for record in checkpoints if record.score is not None)
    return min(scored, key=lambda one: one[:2], default=(None, 0, None))[2]


@dataclass(frozen=True)
class SampleRecord:
    """A generated picture; `recipe` is the JSON that also lies inside its PNG."""

    id: str
    run: str
    file: str
    recipe: str
    created: float
    starred: bool
    width: int
    height: int
