"""Checkpoints: the row is the commit point."""

import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import replace

from genstudio.store.records import CheckpointRecord, best_of
from genstudio.store.tables import runs

_COLUMNS = "images_seen, seconds, file, bytes, sha256, created, pinned, score"


def add(connection: sqlite3.Connection, record: CheckpointRecord) -> None:
    """Keep a checkpoint whose file is on the disk, in place of one of the same clock; moves the run's clock to it."""
    connection.execute(
        f"INSERT OR REPLACE INTO checkpoint (run, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            runs.number(connection, record.run),
            record.images_seen,
            record.seconds,
            record.file,
            record.bytes,
            record.sha256,
            record.created,
            record.pinned,
            record.score,
        ),
    )
    runs.update(connection, record.run, {"images_seen": record.images_seen, "seconds": record.seconds})


def of_run(connection: sqlite3.Connection, run: str) -> list[CheckpointRecord]:
    """A run's checkpoints, earliest first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM checkpoint WHERE run = ? ORDER BY images_seen", (runs.number(connection, run),)
    )
    return [replace(CheckpointRecord(run, *row), pinned=bool(row[6])) for row in rows]


def pin(connection: sqlite3.Connection, run: str, images_seen: int, pinned: bool) -> None:
    """Keep a checkpoint from being pruned, or no longer."""
    connection.execute(
        "UPDATE checkpoint SET pinned = ? WHERE run = ? AND images_seen = ?",
        (pinned, runs.number(connection, run), images_seen),
    )


def rate(connection: sqlite3.Connection, run: str, images_seen: int, score: float) -> None:
    """Keep what held-out pictures said of a checkpoint that is there."""
    connection.execute(
        "UPDATE checkpoint SET score = ? WHERE run = ? AND images_seen = ?",
        (score, runs.number(connection, run), images_seen),
    )


def forget(connection: sqlite3.Connection, run: str, clocks: Sequence[int]) -> None:
    """Drop the rows of checkpoints; their files come after the commit."""
    number = runs.number(connection, run)
    connection.executemany(
        "DELETE FROM checkpoint WHERE run = ? AND images_seen = ?", [(number, clock) for clock in clocks]
    )


def to_prune(
    checkpoints: Sequence[CheckpointRecord], newest: int = 3, stood_on: Collection[str] = ()
) -> list[CheckpointRecord]:
    """Choose which checkpoints to let go of (given earliest first).

    Kept are the newest few, pinned ones, those that other runs stand on (by sha256), the one that held-out pictures
    found best, and the first in every doubling of images seen: a sparse history, from which older states of the run can
    still generate.
    """
    best = best_of(checkpoints)
    keep = {record.images_seen for record in (*checkpoints[-newest:], *([best] if best else []))}
    octaves: dict[int, int] = {}
    for record in checkpoints:
        octaves.setdefault(record.images_seen.bit_length(), record.images_seen)
    keep |= set(octaves.values())
    keep |= {record.images_seen for record in checkpoints if record.pinned or record.sha256 in stood_on}
    return [record for record in checkpoints if record.images_seen not in keep]
