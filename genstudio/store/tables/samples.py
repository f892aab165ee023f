"""Samples: generated pictures. They outlive the run that made them."""

import re
import sqlite3
from collections.abc import Sequence

from genstudio.store.records import SampleRecord

_DIGEST = re.compile(r'"given":"([0-9a-f]{64})"')
_COLUMNS = "id, run, file, recipe, created, starred, width, height"


def add(connection: sqlite3.Connection, records: Sequence[SampleRecord]) -> None:
    """Keep pictures whose files are on the disk."""
    connection.executemany(
        f"INSERT INTO sample ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [(s.id, s.run, s.file, s.recipe, s.created, s.starred, s.width, s.height) for s in records],
    )


def chosen(connection: sqlite3.Connection, run: str | None, starred: bool) -> list[SampleRecord]:
    """Pictures, newest first: of one run or of all, starred ones only if asked."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM sample WHERE deleted IS NULL AND (?1 IS NULL OR run = ?1) AND starred >= ?2 "
        "ORDER BY number DESC",
        (run, starred),
    )
    return [_record(row) for row in rows]


def star(connection: sqlite3.Connection, sample: str, starred: bool) -> None:
    """Star a picture, or no longer."""
    connection.execute("UPDATE sample SET starred = ? WHERE id = ?", (starred, sample))


def set_deleted(connection: sqlite3.Connection, samples: Sequence[str], when: float | None) -> list[str]:
    """Mark pictures as deleted, or (None) as there again; returns the files of those that are there."""
    connection.executemany("UPDATE sample SET deleted = ? WHERE id = ?", [(when, sample) for sample in samples])
    found = (connection.execute("SELECT file FROM sample WHERE id = ?", (sample,)).fetchone() for sample in samples)
    return [row[0] for row in found if row is not None]


def files(connection: sqlite3.Connection, *, deleted: bool) -> list[str]:
    """The files of all pictures in the trash, or of all others."""
    rows = connection.execute("SELECT file FROM sample WHERE (deleted IS NOT NULL) = ?", (deleted,))
    return [row[0] for row in rows]


def completed_from(connection: sqlite3.Connection) -> set[str]:
    """The digests of what pictures were made from, of all whose recipes name one, whether in the trash or not."""
    rows = connection.execute("SELECT recipe FROM sample WHERE recipe LIKE '%\"given\":%'")
    return {digest for (recipe,) in rows for digest in _DIGEST.findall(recipe)}


def purge(connection: sqlite3.Connection) -> None:
    """Forget the pictures in the trash for good."""
    connection.execute("DELETE FROM sample WHERE deleted IS NOT NULL")


def _record(row: tuple[str, str, str, str, float, int, int, int]) -> SampleRecord:
    return SampleRecord(*row[:5], starred=bool(row[5]), width=row[6], height=row[7])
