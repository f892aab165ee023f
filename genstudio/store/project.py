"""A project: a folder a designer can copy to another computer, one SQLite file plus files.

Every method may be called from any thread and waits; a write has reached the disk when it returns. `later` asks
without waiting.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from sqlite3 import Connection
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from genstudio.core.errors import GenStudioError, ProjectError
from genstudio.store import checkup, files, trash
from genstudio.store.database import Database
from genstudio.store.layout import DATASETS, PROJECT_FILE, RUNS, SAMPLES, resolve
from genstudio.store.records import (
    CheckpointRecord,
    DatasetRecord,
    MetricRow,
    PreviewRecord,
    ProfileRecord,
    RemarkRecord,
    RunRecord,
    RunStatus,
    SampleRecord,
    best_of,
)
from genstudio.store.tables import checkpoints, datasets, metrics, names, previews, profiles, remarks, runs, samples

if TYPE_CHECKING:
    from genstudio.store.tables.metrics import Curve

__all__ = ["PROJECT_FILE", "Project", "Undo"]

P = ParamSpec("P")
T = TypeVar("T")
Undo = Callable[[], None]
"""Takes back a deletion; works until the project is closed."""


class Project:
    """An open project. Only one program has it open at a time."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.folder = folder
        self._database = database
        self._found: list[str] = []

    @classmethod
    def create(cls, folder: Path) -> "Project":
        """Make a project in a folder that is new, or holds none yet, and open it. Raises `ProjectError`."""
        folder = folder.expanduser().absolute()
        if (folder / PROJECT_FILE).exists():
            raise ProjectError(f"There is already a project in {folder}. Open it, or choose another folder.")
        for place in (DATASETS, RUNS, SAMPLES):
            files.make_folder(folder / place)
        return cls(folder, Database(folder / PROJECT_FILE))

    @classmethod
    def open(cls, path: Path) -> "Project":
        """Open the project in a folder (or given by its file) and set right what a crash left.

        Raises `ProjectError`: no project there, made by a newer program, in use, damaged, not writable.
        """
        folder = path.expanduser().absolute()
        folder = folder.parent if folder.name == PROJECT_FILE else folder
        if not (folder / PROJECT_FILE).is_file():
            raise ProjectError(f"There is no project in {folder}. Choose the folder that holds “{PROJECT_FILE}”.")
        project = cls(folder, Database(folder / PROJECT_FILE))
        try:
            project._found = checkup.set_right(project._database, folder)
        except BaseException:
            project.close()
            raise
        return project

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name

    def close(self) -> None:
        """Finish all writes and let go of the folder."""
        self._database.close()

    def path(self, relative: str) -> Path:
        """The absolute path of a record's file. Raises `ProjectError` when it would leave the folder."""
        return resolve(self.folder, relative)

    def check(self) -> list[str]:
        """What was found and set right when the project was opened, a sentence each."""
        return list(self._found)

    def later(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Call a method of this project without waiting for it: `later(project.add_metrics, run, rows)`."""
        return self._database.later(lambda: function(*args, **kwargs))

    # Datasets

    def add_dataset(self, record: DatasetRecord) -> DatasetRecord:
        """Add a dataset whose folder is in place; returns it under the name it got ("glyphs 2" if taken)."""
        return self._database.write(lambda connection: datasets.add(connection, record))

    def datasets(self) -> list[DatasetRecord]:
        """All datasets, oldest first."""
        return self._database.call(datasets.every)

    def dataset(self, name_or_id: str) -> DatasetRecord:
        """One dataset. Raises `ProjectError` naming those that are there."""
        return self._database.call(lambda connection: datasets.find(connection, name_or_id))

    def rename_dataset(self, dataset: str, name: str) -> str:
        """Rename a dataset (by id); returns the name as kept. Raises `ProjectError` when it is taken."""
        return self._database.write(lambda connection: names.rename(connection, "dataset", dataset, name))

    def delete_dataset(self, dataset: str) -> Undo:
        """Move a dataset (by id) to the trash, which is emptied when the project is opened next."""
        self._refuse_in_training(lambda run: run.dataset == dataset, "dataset")
        self._set_deleted("dataset", dataset, time.time())
        return self._discard([f"{DATASETS}/{dataset}"], lambda: self.restore_dataset(dataset))

    def restore_dataset(self, dataset: str) -> None:
        """Take a dataset back from the trash."""
        self._set_deleted("dataset", dataset, None)
        trash.recover(self.folder, [f"{DATASETS}/{dataset}"])

    # Runs

    def add_run(self, record: RunRecord) -> RunRecord:
        """Add a run; returns it under the name it got."""
        return self._database.write(lambda connection: runs.add(connection, record))

    def runs(self) -> list[RunRecord]:
        """All runs, newest first."""
        return self._database.call(runs.every)

    def run(self, id_or_name: str) -> RunRecord:
        """One run. Raises `ProjectError` naming those that are there."""
        return self._database.call(lambda connection: runs.find(connection, id_or_name))

    def set_run(
        self,
        run: str,
        *,
        status: RunStatus | None = None,
        images_seen: int | None = None,
        budget: int | None = None,
        seconds: float | None = None,
        figures: Mapping[str, float] | None = None,
        message: str | None = None,
        settings: Mapping[str, object] | None = None,
        bases: Mapping[str, str] | None = None,
    ) -> None:
        """Change what is given; `figures` are merged into those that are there."""
        given = {
            "status": status,
            "images_seen": images_seen,
            "budget": budget,
            "seconds": seconds,
            "figures": figures,
            "message": message,
            "settings": settings,
            "bases": bases,
        }
        changes = {name: value for name, value in given.items() if value is not None}
        self._database.write(lambda connection: runs.update(connection, run, changes))

    def rename_run(self, run: str, name: str) -> str:
        """Rename a run (by id); returns the name as kept. Raises `ProjectError` when it is taken."""
        return self._database.write(lambda connection: names.rename(connection, "run", run, name))

    def delete_run(self, run: str) -> Undo:
        """Move a run (by id) with its checkpoints and previews to the trash. Pictures generated with it stay."""
        self._refuse_in_training(lambda record: record.id == run, "run")
        self._set_deleted("run", run, time.time())
        return self._discard([f"{RUNS}/{run}"], lambda: self.restore_run(run))

    def restore_run(self, run: str) -> None:
        """Take a run back from the trash."""
        self._set_deleted("run", run, None)
        trash.recover(self.folder, [f"{RUNS}/{run}"])

    # What a run reports

    def add_metrics(self, run: str, rows: Sequence[MetricRow]) -> None:
        """Keep reports; the run's clock and figures move to the last one."""
        self._database.write(lambda connection: metrics.add(connection, run, rows))

    def metrics(self, run: str, since: int = -1) -> list[MetricRow]:
        """The reports later than `since` images, in order."""
        return self._database.call(lambda connection: metrics.since(connection, run, since))

    def metric_arrays(self, run: str) -> "dict[str, Curve]":
        """Every series of a run as (images seen, value): two float64 arrays, read-only, in order.

        Besides the family's series there are "seconds", "rate" (images per second) and "memory" (bytes).
        """
        return self._database.call(lambda connection: metrics.arrays(connection, run))

    def truncate_metrics(self, run: str, after_images: int) -> None:
        """Forget reports, rows of numbers and remarks later than `after_images`."""

        def truncate(connection: Connection) -> None:
            for table in (metrics, profiles, remarks):
                table.truncate(connection, run, after_images)

        self._database.write(truncate)

    def add_preview(self, record: PreviewRecord) -> None:
        """Keep a sheet of pictures whose file is on the disk."""
        self._database.write(lambda connection: previews.add(connection, record))

    def previews(self, run: str) -> list[PreviewRecord]:
        """A run's sheets, earliest first."""
        return self._database.call(lambda connection: previews.of_run(connection, run))

    def add_profile(self, record: ProfileRecord) -> None:
        """Keep a row of numbers that a run showed."""
        self._database.write(lambda connection: profiles.add(connection, record))

    def profiles(self, run: str) -> list[ProfileRecord]:
        """A run's rows of numbers, earliest first."""
        return self._database.call(lambda connection: profiles.of_run(connection, run))

    def add_remark(self, record: RemarkRecord) -> None:
        """Keep what a run was warned of."""
        self._database.write(lambda connection: remarks.add(connection, record))

    def recover_remark(self, run: str, kind: str, images_seen: int) -> None:
        """Note that what was said of a kind no longer holds."""
        self._database.write(lambda connection: remarks.recover(connection, run, kind, images_seen))

    def remarks(self, run: str) -> list[RemarkRecord]:
        """What a run was warned of, earliest first."""
        return self._database.call(lambda connection: remarks.of_run(connection, run))

    # Checkpoints

    def add_checkpoint(self, record: CheckpointRecord) -> None:
        """Keep a checkpoint whose file is on the disk: from here on it counts."""
        self._database.write(lambda connection: checkpoints.add(connection, record))

    def checkpoints(self, run: str) -> list[CheckpointRecord]:
        """A run's checkpoints, earliest first."""
        return self._database.call(lambda connection: checkpoints.of_run(connection, run))

    def latest_checkpoint(self, run: str) -> CheckpointRecord | None:
        """A run's newest checkpoint, or None."""
        return next(reversed(self.checkpoints(run)), None)

    def best_checkpoint(self, run: str) -> CheckpointRecord | None:
        """The checkpoint of a run that held-out pictures found best, or None."""
        return best_of(self.checkpoints(run))

    def rate_checkpoint(self, run: str, images_seen: int, score: float) -> None:
        """Keep what held-out pictures said of a checkpoint: lower is better."""
        self._database.write(lambda connection: checkpoints.rate(connection, run, images_seen, score))

    def pin_checkpoint(self, run: str, images_seen: int, pinned: bool = True) -> None:
        """Keep a checkpoint for good, or let pruning take it."""
        self._database.write(lambda connection: checkpoints.pin(connection, run, images_seen, pinned))

    def prune_checkpoints(self, run: str) -> None:
        """Let go of checkpoints except the newest three, the best, pinned ones and a sparse history.

        Those that other runs stand on are kept as well. Rows first, then files.
        """
        stood_on = self._database.call(lambda connection: runs.stood_on(connection, run))
        going = checkpoints.to_prune(self.checkpoints(run), stood_on=stood_on)
        clocks = [record.images_seen for record in going]
        self._database.write(lambda connection: checkpoints.forget(connection, run, clocks))
        for record in going:
            files.remove(self.path(record.file))

    # Samples

    def add_samples(self, records: Sequence[SampleRecord]) -> None:
        """Keep pictures whose files are on the disk, in one transaction."""
        self._database.write(lambda connection: samples.add(connection, records))

    def samples(self, run: str | None = None, starred: bool = False) -> list[SampleRecord]:
        """Pictures, newest first: of one run (by id) or all; starred ones only if asked."""
        return self._database.call(lambda connection: samples.chosen(connection, run, starred))

    def star(self, sample: str, starred: bool = True) -> None:
        """Star a picture, or no longer."""
        self._database.write(lambda connection: samples.star(connection, sample, starred))

    def delete_samples(self, ids: Sequence[str]) -> Undo:
        """Move pictures to the trash, which is emptied when the project is opened next."""
        gone = self._database.write(lambda connection: samples.set_deleted(connection, ids, time.time()))
        return self._discard(gone, lambda: self.restore_samples(ids))

    def restore_samples(self, ids: Sequence[str]) -> None:
        """Take pictures back from the trash."""
        back = self._database.write(lambda connection: samples.set_deleted(connection, ids, None))
        trash.recover(self.folder, back)

    def _discard(self, paths: Sequence[str], undo: Undo) -> Undo:
        """Move what is marked as deleted to the trash, or take the deletion back when that fails."""
        try:
            trash.discard(self.folder, paths)
        except GenStudioError:
            undo()
            raise
        return undo

    def _set_deleted(self, table: str, item: str, when: float | None) -> None:
        self._database.write(lambda connection: names.set_deleted(connection, table, item, when))

    def _refuse_in_training(self, concerns: Callable[[RunRecord], bool], what: str) -> None:
        for run in self.runs():
            if run.status is RunStatus.RUNNING and concerns(run):
                raise ProjectError(f"The {what} is in use: “{run.name}” is training. Stop that run first.")
