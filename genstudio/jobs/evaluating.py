"""Figures of a trained run on pictures it has never seen."""

from collections.abc import Callable

from genstudio.core.config import parse
from genstudio.core.errors import DataError
from genstudio.core.settings import RunSettings
from genstudio.jobs.loading import load
from genstudio.jobs.watching import Told, Watcher
from genstudio.jobs.workspace import Workspace

_BATCH = 64


def evaluate_run(
    ws: Workspace,
    run: str,
    *,
    checkpoint: int | None = None,
    limit: int = 1000,
    progress: Told,
    cancelled: Callable[[], bool],
) -> dict[str, float]:
    """Measure a run on at most `limit` held-out pictures; returns figures by name, units as in the family's series.

    They are kept with the run, named `heldout/…`. Raises `DataError` when nothing was held out, `Cancelled`.
    """
    from genstudio.data.dataset import ImageDataset, split
    from genstudio.data.source import BatchSource
    from genstudio.evaluation.evaluate import evaluate

    record = ws.project.run(run)
    settings = parse(RunSettings, record.settings)
    loaded = load(ws, record.id, checkpoint, settings.device)
    dataset = ImageDataset.open(ws.project.path(ws.project.dataset(record.dataset).folder))
    dataset = dataset.seen_as(loaded.header.spec)
    _, heldout = split(len(dataset), dataset.fingerprint, settings.heldout)
    if not len(heldout):
        raise DataError("This run held no pictures back, so that there is nothing to measure it on.")
    device = next(loaded.learner.parameters()).device
    source = BatchSource(dataset, heldout, batch_size=_BATCH, seed=settings.seed, device=device)

    watch = Watcher(min(limit, len(heldout)), progress, cancelled)
    figures = evaluate(loaded.learner, source, heldout, batch=_BATCH, limit=limit, watch=watch)
    ws.project.set_run(record.id, figures={f"heldout/{name}": value for name, value in figures.items()})
    return figures
