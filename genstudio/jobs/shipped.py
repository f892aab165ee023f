"""The trained model that comes with the studio, put into a project as if it had been trained there.

It is a folder of our resources: `model.json`, the run's last checkpoint and the pictures it showed on the way. A recipe
beside it says how it was made (see resources/models/README.md).
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from genstudio.core import paths
from genstudio.core.errors import CheckpointError
from genstudio.core.family import AnyFamily
from genstudio.core.files import write_whole
from genstudio.jobs.importing import Progress, import_dataset, resolve_source
from genstudio.jobs.workspace import Workspace
from genstudio.store import files
from genstudio.store.layout import checkpoint_file, new_id, preview_file
from genstudio.store.records import (
    CheckpointRecord,
    DatasetRecord,
    MetricRow,
    PreviewRecord,
    RunRecord,
    RunStatus,
)

CHECKPOINT = "checkpoint.safetensors"


class ShownSheet(BaseModel):
    """A sheet of pictures that the run showed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    name: str
    images_seen: int
    count: int
    columns: int


class ShippedModel(BaseModel):
    """What `model.json` says: the run as it was, the dataset it learned from, and what to do with it first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    family: str
    config: dict[str, Any]
    settings: dict[str, Any]
    data: str
    size: int
    images_seen: int
    seconds: float
    figures: dict[str, float]
    metrics: list[tuple[int, float, float, int, dict[str, float]]]
    sheets: list[ShownSheet]
    sha256: str
    bytes: int
    sentence: str
    licence: str


def models_folder() -> Path:
    """Where the models that come with the studio lie, a folder each."""
    return paths.resources() / "models"


def read_model(folder: Path) -> ShippedModel:
    """Read a model's description. Raises `CheckpointError` when it is not there or not one."""
    try:
        return ShippedModel.model_validate_json((folder / "model.json").read_bytes())
    except (OSError, ValidationError):
        raise CheckpointError(
            "The model that comes with GenStudio is missing or damaged. Install GenStudio again to get it back."
        ) from None


def beginners_first(families: Sequence[AnyFamily]) -> list[AnyFamily]:
    """Order families for somebody with none in mind: what the shipped models are made with is known to learn soon."""
    known = set()
    for file in sorted(models_folder().glob("*/model.json")):
        with suppress(CheckpointError):
            known.add(read_model(file.parent).family)
    return sorted(families, key=lambda family: family.name not in known)


def unpack_model(ws: Workspace, folder: Path, progress: Progress, cancelled: Callable[[], bool]) -> RunRecord:
    """Put a model into the project, with its dataset; the run that is there already is returned.

    Raises `CheckpointError` when the model is damaged, and whatever an import raises.
    """
    model = read_model(folder)
    ws.host.family(model.family)
    for run in ws.project.runs():
        newest = ws.project.latest_checkpoint(run.id)
        if newest is not None and newest.sha256 == model.sha256:
            return run
    return _add(ws, folder, model, _dataset(ws, model, progress, cancelled))


def _dataset(ws: Workspace, model: ShippedModel, progress: Progress, cancelled: Callable[[], bool]) -> DatasetRecord:
    from genstudio.data.preview import suggest_options

    for record in ws.project.datasets():
        if record.source == model.data and record.spec.width == model.size:
            return record
    options = suggest_options(resolve_source(model.data)).replaced({"width": model.size, "height": model.size})
    return import_dataset(ws, model.data, options, None, progress, cancelled)[0]


def _add(ws: Workspace, folder: Path, model: ShippedModel, dataset: DatasetRecord) -> RunRecord:
    """Files first, then the rows, the checkpoint's last: without it the run is one that has not begun."""
    run = new_id(model.name)
    place = ws.project.path(checkpoint_file(run, model.images_seen))
    files.make_folder(place.parent)
    written = write_whole(place, [(folder / CHECKPOINT).read_bytes()])
    if (written.bytes, written.sha256) != (model.bytes, model.sha256):
        files.remove(ws.project.path(f"runs/{run}"))
        raise CheckpointError("The model that comes with GenStudio is damaged. Install GenStudio again to get it back.")
    record = ws.project.add_run(_run_record(run, model, dataset))
    ws.project.add_metrics(run, [MetricRow(*row) for row in model.metrics])
    for sheet in model.sheets:
        _add_sheet(ws, folder, run, sheet)
    ws.project.add_checkpoint(
        CheckpointRecord(
            run, model.images_seen, model.seconds, checkpoint_file(run, model.images_seen),
            written.bytes, written.sha256, time.time(), pinned=True,
        )
    )  # fmt: skip
    ws.project.set_run(run, status=RunStatus.COMPLETED, figures=model.figures)
    return ws.project.run(record.id)


def _run_record(run: str, model: ShippedModel, dataset: DatasetRecord) -> RunRecord:
    return RunRecord(
        id=run, name=model.name, family=model.family, dataset=dataset.id, config=model.config,
        settings=model.settings, status=RunStatus.READY, created=time.time(), images_seen=0,
        budget=model.images_seen, seconds=0.0, figures={},
    )  # fmt: skip


def _add_sheet(ws: Workspace, folder: Path, run: str, sheet: ShownSheet) -> None:
    file = preview_file(run, sheet.images_seen, sheet.name)
    place = ws.project.path(file)
    files.make_folder(place.parent)
    write_whole(place, [(folder / sheet.file).read_bytes()])
    ws.project.add_preview(PreviewRecord(run, sheet.images_seen, sheet.name, file, sheet.count, sheet.columns))
