"""What the place of runs reads from the project. For workers; no Qt."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from genstudio.core.errors import FamilyError
from genstudio.core.family import AnyFamily
from genstudio.plugins import PluginHost
from genstudio.store.records import CheckpointRecord, RunRecord
from genstudio.ui.models.runs_table import RunLine

if TYPE_CHECKING:
    from genstudio.store.project import Project
    from genstudio.store.tables.metrics import Curve

CURVE_POINTS = 64
"""Points of a sparkline."""


@dataclass(frozen=True)
class RunDetails:
    """One run with what the side panel shows of it."""

    record: RunRecord
    dataset: str
    checkpoints: tuple[CheckpointRecord, ...]


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
    """One run, its data and its states, newest first. Raises `ProjectError`."""
    record = project.run(run)
    names = {dataset.id: dataset.name for dataset in project.datasets()}
    return RunDetails(record, names.get(record.dataset, ""), tuple(reversed(project.checkpoints(run))))
