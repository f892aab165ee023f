"""What opening a project sets right, and what it can only report.

After a crash the folder may hold half-written temporary files, runs that seem to go on, and files on their way to or
from the trash. These are set right. Files that are missing or that no row knows are named and left alone.
"""

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from genstudio.core.errors import GenStudioError
from genstudio.store import files, trash
from genstudio.store.database import Database
from genstudio.store.layout import DATASETS, GIVEN, RUNS, SAMPLES, TRASH, given_file, resolve
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
    except GenStudioError as error:
        return [f"Not everything that was left over could be cleared away. {error}"]


def _sweep(folder: Path) -> list[str]:
    swept = sum(files.sweep(folder / place) for place in (DATASETS, RUNS, SAMPLES, GIVEN))
    if not swept:
        return []
    return [f"{_things(swept, 'unfinished file')} of an interrupted write removed; nothing saved was in them."]


def _empty_trash(database: Database, folder: Path) -> list[str]:
    """Bring files to where their rows say, whatever a crash left half done, then forget what is in the trash."""
    gone, there = database.call(_owned_paths)
    discarded = set(_lying(folder / TRASH))
    trash.recover(folder, sorted(discarded & there))
    trash.discard(folder, sorted(gone - discarded))
    database.write(_forget)
    trash.empty(folder)
    _remove_unused_given(database, folder)
    return []


def _remove_unused_given(database: Database, folder: Path) -> None:
    """Remove what completions started from, once no picture is left that was made from it."""
    lying = _names(folder, GIVEN)
    if lying:
        used = {given_file(digest) for digest in database.call(samples.completed_from)}
        for file in set(lying) - used:
            files.remove(resolve(folder, file))


def _owned_paths(connection: sqlite3.Connection) -> tuple[set[str], set[str]]:
    """The paths that belong into the trash, and those that do not."""
    gone = {f"{DATASETS}/{item}" for item in names.deleted(connection, "dataset")}
    gone |= {f"{RUNS}/{item}" for item in names.deleted(connection, "run")}
    there = {record.folder for record in datasets.every(connection)}
    there |= {f"{RUNS}/{record.id}" for record in runs.every(connection)}
    gone.update(samples.files(connection, deleted=True))
    return gone, there.union(samples.files(connection, deleted=False))


def _forget(connection: sqlite3.Connection) -> None:
    names.purge(connection, "dataset")
    names.purge(connection, "run")
    samples.purge(connection)


def _drift(connection: sqlite3.Connection, folder: Path) -> Iterator[str]:
    known, lying = set(_known(connection)), set(_lying(folder))
    lost, strange = sorted(known - lying), sorted(lying - known - set(_folders_of_runs(connection)))
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


def _folders_of_runs(connection: sqlite3.Connection) -> Iterator[str]:
    yield from (f"{RUNS}/{record.id}" for record in runs.every(connection))


def _lying(folder: Path) -> Iterator[str]:
    """What lies in a project, or in its trash: datasets, runs and their files, samples. Links are not followed."""
    yield from _names(folder, DATASETS)
    for run in _names(folder, RUNS):
        yield run
        yield from _names(folder, f"{run}/checkpoints")
        yield from _names(folder, f"{run}/previews")
    for run in _names(folder, SAMPLES):
        yield from _names(folder, run)


def _names(folder: Path, place: str) -> list[str]:
    try:
        with os.scandir(folder / place) as entries:
            return [f"{place}/{entry.name}" for entry in entries]
    except (FileNotFoundError, NotADirectoryError):
        return []


def _things(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' if count != 1 else ''}"


def _few(paths: Iterable[str]) -> str:
    listed = list(paths)
    return ", ".join(listed[:3]) + (", …" if len(listed) > 3 else "")
