"""What the training loop asks of whoever runs it: saving checkpoints by the protocol, and letting others in between.

The protocol: write a temporary file, synchronise, rename, synchronise the folder; then commit the row, which is when
the checkpoint counts; then read the file back; only then let go of older ones, rows before files.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from genstudio.core.errors import CheckpointError, GenStudioError
from genstudio.core.events import CheckpointSaved
from genstudio.jobs.building import damage
from genstudio.store import files
from genstudio.store.layout import checkpoint_file
from genstudio.store.project import Project
from genstudio.store.records import CheckpointRecord

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from genstudio.training.best import Snapshot
    from genstudio.training.checkpoint import CheckpointHeader
    from genstudio.training.learner import Learner
    from genstudio.training.loop import Progress

    State = Learner | Mapping[str, Tensor]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Keeper:
    """The `Host` of a training loop. `header` is every checkpoint's but for the clock; `flush` commits what is said."""

    project: Project
    header: "CheckpointHeader"
    flush: Callable[[], None]
    serve: Callable[[], None]

    def save(self, learner: "Learner", progress: "Progress", score: float | None) -> CheckpointSaved:
        """Write a checkpoint and commit it; when this returns, it survives a power cut.

        Raises `DiskFullError`, `CheckpointError` or `ProjectError`; the checkpoints before it are then still there.
        """
        record = self._keep(learner, progress.images_seen, progress.seconds, score)
        return CheckpointSaved(record.run, record.images_seen, record.file, record.bytes)

    def keep_best(self, best: "Snapshot") -> None:
        """Write the best state so far and commit it, like `save`."""
        self._keep(best.tensors, best.images_seen, best.seconds, best.score)

    def rate(self, images_seen: int, score: float) -> None:
        """Keep what held-out pictures say of a checkpoint."""
        self.project.rate_checkpoint(self.header.run, images_seen, score)

    def between(self) -> None:
        """Serve other work that waits for the device."""
        self.serve()

    def _keep(self, state: "State", images_seen: int, seconds: float, score: float | None) -> CheckpointRecord:
        self.flush()
        record = self._write(state, images_seen, seconds, score)
        self.project.add_checkpoint(record)
        self._prune(record)
        return record

    def _write(self, state: "State", images_seen: int, seconds: float, score: float | None) -> CheckpointRecord:
        from genstudio.training.checkpoint import save_checkpoint

        clock = {"images_seen": images_seen, "seconds": seconds}
        file = checkpoint_file(self.header.run, images_seen)
        path = self.project.path(file)
        files.make_folder(path.parent)
        saved = save_checkpoint(path, state, self.header.model_copy(update=clock))
        return CheckpointRecord(
            run=self.header.run,
            images_seen=images_seen,
            seconds=seconds,
            file=file,
            bytes=saved.bytes,
            sha256=saved.sha256,
            created=time.time(),
            score=score,
        )

    def _prune(self, newest: CheckpointRecord) -> None:
        problem = damage(self.project, newest)
        if problem is not None:
            raise CheckpointError(
                f"The checkpoint just written {problem}. The disk may be failing: older checkpoints of this run are "
                "kept; copy the project to another disk."
            )
        try:
            self.project.prune_checkpoints(newest.run)
        except GenStudioError as error:
            _log.warning("old checkpoints could not be removed: %s", error)
