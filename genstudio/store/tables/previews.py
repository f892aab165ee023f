"""Previews: sheets of pictures a run showed."""

import sqlite3

from genstudio.store.records import PreviewRecord
from genstudio.store.tables import runs


def add(connection: sqlite3.Connection, record: PreviewRecord) -> None:
    """Keep a sheet, in place of one of the same name and clock."""
    connection.execute(
        "INSERT OR REPLACE INTO preview (run, images_seen, name, file, count, columns) VALUES (?, ?, ?, ?, ?, ?)",
        (
            runs.number(connection, record.run),
            record.images_seen,
            record.name,
            record.file,
            record.count,
            record.columns,
        ),
    )


def of_run(connection: sqlite3.Connection, run: str) -> list[PreviewRecord]:
    """A run's sheets, earliest first."""
    rows = connection.execute(
        "SELECT images_seen, name, file, count, columns FROM preview WHERE run = ? ORDER BY images_seen, name",
        (runs.number(connection, run),),
    )
    return [PreviewRecord(run, *row) for row in rows]
