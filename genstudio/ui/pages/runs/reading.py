"""What the place of runs reads from the project. For workers; no Qt."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from genstudio.core.errors import DataError, FamilyError
from genstudio.core.family import AnyFamily
from genstudio.jobs.quality import Pair, Quality, read_pairs, read_quality
from genstudio.plugins import PluginHost
from genstudio.store.records import CheckpointRecord, RemarkRecord, RunRecord
from genstudio.ui.models.runs_table import RunLine

if TYPE_CHECKING:
    from genstudio.store.project import Project
    from genstudio.store.tables.metrics import Curve

CURVE_POINTS = 64
"""Points of a sparkline."""


Picture = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Judged:
    """The quality of a run's pictures; `pairs` are generated pictures and the training pictures nearest to them."""

    quality: Quality
    pairs: tuple[tuple[Pair, tuple[Picture, Picture]], ...]


@dataclass(frozen=True)
class RunDetails:
    """One run with what the side panel shows of it."""

    record: RunRecord
    dataset: str
    checkpoints: tuple[CheckpointRecord, ...]
    judged: Judged | None = None
    remarks: tuple[RemarkRecord, ...] = ()


def find_family(host: PluginHost, name: str) -> AnyFamily | None:
    """The family of this name, or None when its plugin is gone."""
    try:
        return host.family(name)
    except FamilyError:
        return None


def read_lines(project: "Project", host: PluginHost) -> list[RunLine]:
    """Every run of the project, newest first, without its curve."""
    datasets = {dataset.id: dataset.name for dataset in project.datasets()}
    return [_line(run, find_family(host, run.family), datasets.get(run.dataset, "")) for run in project.runs()]


def _line(run: RunRecord, family: AnyFamily | None, dataset: str) -> RunLine:
    headline = family.series[0] if family and family.series else None
    return RunLine(run, family.title if family else run.family, dataset, headline)


def read_sparkline(project: "Project", run: str, series: str) -> dict[str, tuple[float, ...]]:
    """A run's headline in a few points: the means of as many stretches of its history."""
    curve = project.metric_arrays(run).get(series)
    if curve is None or not len(curve[1]):
        return {run: ()}
    values = curve[1][np.isfinite(curve[1])]
    stretches = np.array_split(values, min(CURVE_POINTS, max(len(values), 1)))
    return {run: tuple(float(stretch.mean()) for stretch in stretches if len(stretch))}


def read_curves(project: "Project", run: str) -> tuple[str, dict[str, "Curve"]]:
    """All figures of a run."""
    return run, project.metric_arrays(run)


def read_details(project: "Project", run: str) -> RunDetails:
    """One run, its data and its checkpoints, newest first. Raises `ProjectError`."""
    record = project.run(run)
    names = {dataset.id: dataset.name for dataset in project.datasets()}
    checkpoints = tuple(reversed(project.checkpoints(run)))
    judged, remarks = read_judged(project, record.id), tuple(project.remarks(record.id))
    return RunDetails(record, names.get(record.dataset, ""), checkpoints, judged, remarks)


def read_judged(project: "Project", run: str) -> Judged | None:
    """How good a run's pictures are, with those that are nearest to training pictures; None when nobody measured it."""
    quality = read_quality(project, run)
    if quality is None:
        return None
    try:
        pictures = read_pairs(project, run, quality)
    except DataError:
        pictures = []  # the figures are worth showing without them
    return Judged(quality, tuple(zip(quality.copies.pairs, pictures, strict=False)))
