"""What can be asked for when generating, and of which runs."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from genstudio.core.abilities import Ability
from genstudio.core.config import Knobs, knob
from genstudio.core.family import AnyFamily
from genstudio.core.spec import DataSpec
from genstudio.jobs.able import able
from genstudio.jobs.completing import CompleteRequest
from genstudio.jobs.generating import GenerateRequest, InterpolateRequest
from genstudio.jobs.restyling import RestyleRequest
from genstudio.jobs.upscaling import UpscaleRequest
from genstudio.store.records import CheckpointRecord, RunRecord

if TYPE_CHECKING:
    from genstudio.store.project import Project

Request = GenerateRequest | InterpolateRequest | CompleteRequest | RestyleRequest | UpscaleRequest


class CountKnobs(Knobs):
    """How many pictures."""

    count: int = knob(16, title="Pictures", help="How many to make.", low=1, high=1024, log=True)
    batch: int = knob(
        16,
        title="At once",
        help="How many are made together; more is faster but needs more memory.",
        low=1,
        high=256,
        log=True,
        advanced=True,
    )


class WaysKnobs(Knobs):
    """In how many ways a picture is enlarged."""

    ways: int = knob(1, title="Ways", help="How many versions to draw; each has other fine detail.", low=1, high=16)


class StepsKnobs(Knobs):
    """How long a walk between two pictures is."""

    steps: int = knob(12, title="Steps", help="How many pictures the way from one to the other has.", low=2, high=120)


class StrengthKnobs(Knobs):
    """How far to go from a given picture."""

    strength: float = knob(
        0.5,
        title="Strength",
        help="How far to go from the given picture: 0 leaves it as it is, 1 has forgotten it.",
        low=0.0,
        high=1.0,
    )


@dataclass(frozen=True)
class Trained:
    """A run that has learned something: its checkpoints, oldest first, and what it learned from."""

    record: RunRecord
    checkpoints: tuple[CheckpointRecord, ...]
    spec: DataSpec | None

    def abilities(self, family: AnyFamily) -> frozenset[Ability]:
        """What it can do."""
        return able(family, self.record.config, self.spec)


def read_trained(project: "Project") -> tuple[Trained, ...]:
    """Read the runs that can generate, newest first. For workers."""
    specs = {dataset.id: dataset.spec for dataset in project.datasets()}
    runs = ((run, tuple(project.checkpoints(run.id))) for run in project.runs())
    return tuple(Trained(run, saved, specs.get(run.dataset)) for run, saved in runs if saved)
