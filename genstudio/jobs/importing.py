"""Datasets: imported into the project."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from genstudio.core.errors import DataError
from genstudio.jobs.workspace import Workspace
from genstudio.store import files
from genstudio.store.layout import DATASETS, new_id
from genstudio.store.records import DatasetRecord

if TYPE_CHECKING:
    from genstudio.data.importing import ImportReport
    from genstudio.data.options import ImportOptions

Progress = Callable[[int, int, str], None]
"""Hears (done, total or 0 when not known yet, file name)."""


def import_dataset(
    ws: Workspace,
    source: Path | str,
    options: "ImportOptions | None",
    name: str | None,
    progress: Progress,
    cancelled: Callable[[], bool],
) -> "tuple[DatasetRecord, ImportReport]":
    """Import a folder, an archive or a built-in dataset (by its name) into the project.

    Without `options`, what suits the source is taken. Raises `DataError`, `DiskFullError`, `ProjectError` or
    `Cancelled`; nothing is left behind then.
    """
    from genstudio.data.importing import import_source, suggest_options

    path = resolve_source(source)
    name = name or path.stem
    dataset = new_id(name)
    folder = f"{DATASETS}/{dataset}"
    chosen = options or suggest_options(path)
    report = import_source(path, chosen, ws.project.path(folder), progress, cancelled)
    record = DatasetRecord(
        id=dataset,
        name=name,
        folder=folder,
        fingerprint=report.fingerprint,
        spec=report.spec,
        source=str(source),
        created=time.time(),
        refused=len(report.refused),
        duplicates=len(report.duplicates),
    )
    try:
        return ws.project.add_dataset(record), report
    except BaseException:
        files.remove(ws.project.path(folder))
        raise


def resolve_source(source: Path | str) -> Path:
    """The path of a source, which may be the name of a built-in dataset. Raises `DataError` when there is neither."""
    from genstudio.data.builtin import builtin_sources

    builtin = builtin_sources()
    path = builtin.get(str(source), Path(source).expanduser())
    if not path.exists():
        known = ", ".join(sorted(builtin))
        raise DataError(f"There is no file, folder or built-in dataset “{source}”. The built-in ones are: {known}.")
    return path.absolute()
