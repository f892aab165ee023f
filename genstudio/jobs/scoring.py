"""How likely pictures are under a trained model, and where they are unlikely."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from genstudio.core.config import parse
from genstudio.core.errors import DataError
from genstudio.core.settings import RunSettings
from genstudio.jobs.keeping import device_of, label_number
from genstudio.jobs.loading import load
from genstudio.jobs.shelf import Loaded
from genstudio.jobs.watching import Told, Watcher
from genstudio.jobs.workspace import Workspace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from genstudio.data.dataset import ImageDataset
    from genstudio.generation.surprise import Surprise

_BATCH = 32


@dataclass(frozen=True)
class Ranked:
    """A picture of a dataset: its place there, its file's name, its label, and its bits per dimension."""

    place: int
    name: str
    label: str
    bits_per_dim: float


def surprise_of(
    ws: Workspace,
    run: str,
    images: "NDArray[np.uint8]",
    *,
    checkpoint: int | None = None,
    label: str | None = None,
    progress: Told,
    cancelled: Callable[[], bool],
) -> "Surprise":
    """Map the surprise of pictures uint8 (N, H, W, C) in the size a run works with, under a label or under none.

    Raises `FamilyError` when the model cannot, `DataError` for another size, `ConfigError` for an unknown label.
    """
    from genstudio.generation.surprise import surprise

    loaded = load(ws, run, checkpoint)
    check_size(loaded, images)
    return surprise(
        loaded.learner,
        images,
        label=label_number(loaded, label),
        batch=_BATCH,
        device=device_of(loaded),
        watch=Watcher(len(images), progress, cancelled),
    )


def check_size(loaded: Loaded, images: "NDArray[np.uint8]") -> None:
    """Raise `DataError` when pictures (N, H, W, C) have another size than those a run knows."""
    spec = loaded.header.spec
    if images.shape[1:] != (spec.height, spec.width, spec.channels):
        raise DataError(f"This model knows pictures of {spec.width}×{spec.height} pixels in {spec.channels} channels.")


def rank_run(
    ws: Workspace,
    run: str,
    *,
    checkpoint: int | None = None,
    limit: int = 1000,
    progress: Told,
    cancelled: Callable[[], bool],
) -> list[Ranked]:
    """Order at most `limit` pictures of a run's dataset, evenly spread, the most likely one first.

    Pictures are scored under their own labels where they have any, whether the run has seen them or not. Raises
    `FamilyError` when the model knows no likelihood, `DatasetGoneError`, `Cancelled`.
    """
    import numpy as np

    from genstudio.data.source import BatchSource
    from genstudio.data.spread import spread
    from genstudio.evaluation.ranking import nats_of

    loaded, dataset, settings = opened(ws, run, checkpoint)
    places = spread(range(len(dataset)), limit)
    source = BatchSource(dataset, places, batch_size=_BATCH, seed=settings.seed, device=device_of(loaded))
    watch = Watcher(len(places), progress, cancelled)
    nats = nats_of(loaded.learner, source, places, batch=_BATCH, watch=watch)
    bits = nats / (dataset.spec.dimensions * math.log(2))
    return [_ranked(dataset, places[at], float(bits[at])) for at in np.argsort(bits, kind="stable")]


def opened(ws: Workspace, run: str, checkpoint: int | None) -> "tuple[Loaded, ImageDataset, RunSettings]":
    """A trained run with the data it learned from, as its family sees them, and its settings."""
    from genstudio.data.dataset import ImageDataset

    record = ws.project.run(run)
    settings = parse(RunSettings, record.settings)
    loaded = load(ws, record.id, checkpoint, settings.device)
    dataset = ImageDataset.open(ws.project.path(ws.project.dataset(record.dataset).folder))
    return loaded, dataset.seen_as(loaded.header.spec), settings


def _ranked(dataset: "ImageDataset", place: int, bits: float) -> Ranked:
    return Ranked(place, dataset.names[place], dataset.label(place), bits)
