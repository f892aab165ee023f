"""Trained learners: found, checked, loaded, and kept at hand."""

from typing import TYPE_CHECKING

from genstudio.core.errors import CheckpointError
from genstudio.jobs.building import Context, damage, finder, newest_good, revive
from genstudio.jobs.shelf import Loaded
from genstudio.jobs.workspace import Workspace
from genstudio.store.records import CheckpointRecord, best_of

if TYPE_CHECKING:
    from genstudio.training.learner import Learner

BEST = -1
"""In place of a checkpoint's reading of the clock: the one that held-out pictures found best."""


def load_learner(
    ws: Workspace, run: str, images_seen: int | None = None, device: str = "auto"
) -> "tuple[Learner, CheckpointRecord]":
    """Return a run's trained learner in eval mode: at a checkpoint, at the best one or (None) at the newest good one.

    `BEST` stands for the best. The one used last is kept at hand; it belongs to the thread that owns the device.
    Raises `CheckpointError`.
    """
    loaded = load(ws, run, images_seen, device)
    return loaded.learner, loaded.checkpoint


def load(ws: Workspace, run: str, images_seen: int | None = None, device: str = "auto") -> Loaded:
    """Like `load_learner`, with the checkpoint's header and the family."""
    from genstudio.training.checkpoint import read_checkpoint
    from genstudio.training.device import pick_device, prepare

    record = choose_checkpoint(ws, ws.project.run(run).id, images_seen)
    place = pick_device(device)
    ready = ws.shelf.take(record.sha256, str(place))
    if ready is not None:
        return ready
    ws.shelf.clear()
    prepare()
    header, tensors = read_checkpoint(ws.project.path(record.file), record.sha256)
    learner = revive(ws.host, header, tensors, Context(ws.host, finder(ws.project), (record.run,)))
    loaded = Loaded(learner.to(place).eval(), record, header, ws.host.family(header.family))
    ws.shelf.put(loaded, str(place))
    return loaded


def choose_checkpoint(ws: Workspace, run: str, images_seen: int | None) -> CheckpointRecord:
    """The checkpoint at a reading of the clock, the best whole one (`BEST`), or the newest whole one (None).

    Raises `CheckpointError`.
    """
    if images_seen == BEST:
        return _best(ws, run)
    if images_seen is None:
        newest, _ = newest_good(ws.project, run)
        if newest is None:
            raise CheckpointError("This run has no checkpoint yet. Train it first.")
        return newest
    for record in ws.project.checkpoints(run):
        if record.images_seen == images_seen:
            problem = damage(ws.project, record)
            if problem is not None:
                raise CheckpointError(f"The checkpoint at {images_seen:,} images {problem}. Choose another one.")
            return record
    known = ", ".join(f"{record.images_seen:,}" for record in ws.project.checkpoints(run)) or "none"
    raise CheckpointError(f"There is no checkpoint at {images_seen:,} images. There are: {known}.")


def _best(ws: Workspace, run: str) -> CheckpointRecord:
    left = ws.project.checkpoints(run)
    while (best := best_of(left)) is not None:
        if damage(ws.project, best) is None:
            return best
        left.remove(best)
    raise CheckpointError(
        "Held-out pictures have said of no checkpoint of this run how good it is. Take the newest, or name one by its "
        "images."
    )
