"""What opening a project sets right, and what it can only report.

After a crash the folder may hold half-written temporary files, runs that seem to go on, and files on their way to or
from the trash. These are set right. Files that are missing or that no row knows are named and left alone.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from genstudio.core.errors import DiskFullError
from genstudio.store import files, trash
from genstudio.store.database import Database
from genstudio.store.files import FileError
from genstudio.store.layout import DATASETS, RUNS, SAMPLES, resolve
from genstudio.store.tables import datasets, names, runs, samples


def set_right(database: Database, folder: Path) -> list[str]:
    """Repair what a crash left; returns a sentence for everything a person should know.

    What cannot be repaired now (a full disk, a file held by another program) is tried again at the next opening.
    """
    said = [*_attempt(lambda: _sweep(folder)), *_attempt(lambda: _empty_trash(database, folder))]
    for name in database.write(runs.interrupt):
        said.append(f"The run “{name}” was interrupted. It can go on from its last checkpoint.")
    return said + database.call(lambda connection: list(_drift(connection, folder)))


def _attempt(repair: Callable[[], list[str]]) -> list[str]:
    try:
        return repair()
    except (DiskFullError, FileError) as error:
        return [f"Not everything that was left over could be cleared away. {error}"]


def _sweep(folder: Path) -> list[str]:
    swept = sum(files.sweep(folder / place) for place in (DATASETS, RUNS, SAMPLES))
    if not swept:
        return []
    return [f"{_things(swept, 'unfinished file')} of an interrupted write removed; nothing saved was in them."]


def _empty_trash(database: Database, folder: Path) -> list[str]:
    gone, there = database.call(_owned_paths)
    trash.recover(folder, there)
    trash.discard(folder, gone)
    database.write(_forget)
    trash.empty(folder)
    return []


def _owned_paths(connection: sqlite3.Connection) -> tuple[list[str], list[str]]:
    """The paths that belong into the trash, and those that do not."""
    gone = [f"{DATASETS}/{item}" for item in names.deleted(connection, "dataset")]
    gone += [f"{RUNS}/{item}" for item in names.deleted(connection, "run")]
    there = [record.folder for record in datasets.every(connection)]
    there += [f"{RUNS}/{record.id}" for record in runs.every(connection)]
    gone += samples.files(connection, deleted=True)
    return gone, there + samples.files(connection, deleted=False)


def _forget(connection: sqlite3.Connection) -> None:
    names.purge(connection, "dataset")
    names.purge(connection, "run")
    samples.purge(connection)


def _drift(connection: sqlite3.Connection, folder: Path) -> Iterator[str]:
    known = set(_known(connection))
    lost = sorted(path for path in known if not resolve(folder, path).exists())
    strange = sorted(set(_lying(folder)) - known)
    if lost:
        yield (
            f"{_things(len(lost), 'file')} of this project missing ({_few(lost)}). "
            "Put them back from a copy, or delete what they belong to."
        )
    if strange:
        yield (
            f"{_things(len(strange), 'file')} in the project's folder not known to it ({_few(strange)}). "
            "Left alone; delete by hand what you do not need."
        )


def _known(connection: sqlite3.Connection) -> Iterator[str]:
    for table in ("checkpoint", "preview"):
        yield from (row[0] for row in connection.execute(f"SELECT file FROM {table}"))
    yield from samples.files(connection, deleted=False)
    yield from (record.folder for record in datasets.every(connection))


def _lying(folder: Path) -> Iterator[str]:
    patterns = (f"{DATASETS}/*", f"{RUNS}/*/checkpoints/*", f"{RUNS}/*/previews/*", f"{SAMPLES}/*/*")
    for pattern in patterns:
        yield from (path.relative_to(folder).as_posix() for path in folder.glob(pattern))


def _things(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' if count != 1 else ''}"


def _few(paths: Iterable[str]) -> str:
    listed = list(paths)
    return ", ".join(listed[:3]) + (", …" if len(listed) > 3 else "")
