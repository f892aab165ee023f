"""Records and files for tests of the store."""

from pathlib import Path

from genstudio.core.spec import DataSpec
from genstudio.store.layout import checkpoint_file, preview_file, sample_file
from genstudio.store.project import Project
from genstudio.store.records import (
    CheckpointRecord,
    DatasetRecord,
    MetricRow,
    PreviewRecord,
    RunRecord,
    RunStatus,
    SampleRecord,
)


def put(project: Project, file: str, data: bytes = b"data") -> str:
    """Write a file of the project."""
    path = project.path(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return file


def dataset(project: Project, item: str = "waves-0001", name: str = "waves") -> DatasetRecord:
    put(project, f"datasets/{item}/pixels.u8")
    spec = DataSpec(count=3, channels=1, height=8, width=8, classes=("a", "ü <b>"))
    return project.add_dataset(DatasetRecord(item, name, f"datasets/{item}", "f00d", spec, "/from/here", 1.5, 2, 1))


def run(
    project: Project, item: str = "vae-0001", name: str = "first", status: RunStatus = RunStatus.READY
) -> RunRecord:
    return project.add_run(
        RunRecord(item, name, "vae", "waves-0001", {"images": 9}, {"seed": 1}, status, 2.0, 0, 9_000, 0.0, {})
    )


def metric(images_seen: int, **values: float) -> MetricRow:
    return MetricRow(images_seen, images_seen / 10, 5.0, 1 << 20, values or {"loss": 1 / (images_seen + 1)})


def checkpoint(
    project: Project,
    run: str,
    images_seen: int,
    pinned: bool = False,
    score: float | None = None,
    sha256: str = "0" * 64,
) -> CheckpointRecord:
    file = put(project, checkpoint_file(run, images_seen))
    record = CheckpointRecord(run, images_seen, images_seen / 10, file, 4, sha256, 3.0, pinned, score)
    project.add_checkpoint(record)
    return record


def preview(project: Project, run: str, images_seen: int, name: str = "samples") -> PreviewRecord:
    record = PreviewRecord(run, images_seen, name, put(project, preview_file(run, images_seen, name)), 4, 2)
    project.add_preview(record)
    return record


def sample(project: Project, item: str, run: str = "vae-0001") -> SampleRecord:
    record = SampleRecord(item, run, put(project, sample_file(run, item)), "{}", 4.0, False, 8, 8)
    project.add_samples([record])
    return record


def everything(folder: Path) -> set[str]:
    """All files of a folder but the database's."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix() for path in paths if not path.name.startswith("project.gsproj")}
