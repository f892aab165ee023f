"""Profiles: rows of numbers a run showed, float64 each."""

import sqlite3
import struct

from genstudio.store.records import ProfileRecord
from genstudio.store.tables import runs


def add(connection: sqlite3.Connection, record: ProfileRecord) -> None:
    """Keep a row, in place of one of the same name and clock."""
    connection.execute(
        "INSERT OR REPLACE INTO profile (run, images_seen, name, numbers) VALUES (?, ?, ?, ?)",
        (runs.number(connection, record.run), record.images_seen, record.name, _packed(record.values)),
    )


def of_run(connection: sqlite3.Connection, run: str) -> list[ProfileRecord]:
    """A run's rows, earliest first."""
    rows = connection.execute(
        "SELECT images_seen, name, numbers FROM profile WHERE run = ? ORDER BY images_seen, name",
        (runs.number(connection, run),),
    )
    return [ProfileRecord(run, images_seen, name, _unpacked(numbers)) for images_seen, name, numbers in rows]


def truncate(connection: sqlite3.Connection, run: str, after: int) -> None:
    """Forget the rows later than `after` images: a resumed run shows them again."""
    number = runs.number(connection, run)
    connection.execute("DELETE FROM profile WHERE run = ? AND images_seen > ?", (number, after))


def _packed(values: tuple[float, ...]) -> bytes:
    return struct.pack(f"<{len(values)}d", *values)


def _unpacked(numbers: bytes) -> tuple[float, ...]:
    count = len(numbers) // 8
    return struct.unpack_from(f"<{count}d", numbers)
