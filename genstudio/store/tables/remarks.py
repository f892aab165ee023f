"""Remarks: what a run was warned of, and when that no longer held."""

import sqlite3

from genstudio.store.records import RemarkRecord
from genstudio.store.tables import runs


def add(connection: sqlite3.Connection, record: RemarkRecord) -> None:
    """Keep a remark."""
    connection.execute(
        "INSERT INTO remark (run, images_seen, kind, text, recovered) VALUES (?, ?, ?, ?, ?)",
        (runs.number(connection, record.run), record.images_seen, record.kind, record.text, record.recovered),
    )


def recover(connection: sqlite3.Connection, run: str, kind: str, images_seen: int) -> None:
    """Say that the verdicts of a kind held until here; they stay among the remarks."""
    connection.execute(
        "UPDATE remark SET recovered = ? WHERE run = ? AND kind = ? AND recovered IS NULL",
        (images_seen, runs.number(connection, run), kind),
    )


def of_run(connection: sqlite3.Connection, run: str) -> list[RemarkRecord]:
    """A run's remarks, earliest first."""
    rows = connection.execute(
        "SELECT images_seen, kind, text, recovered FROM remark WHERE run = ? ORDER BY number",
        (runs.number(connection, run),),
    )
    return [RemarkRecord(run, *row) for row in rows]


def truncate(connection: sqlite3.Connection, run: str, after: int) -> None:
    """Forget what was said, and what was taken back, later than `after` images."""
    number = runs.number(connection, run)
    connection.execute("DELETE FROM remark WHERE run = ? AND images_seen > ?", (number, after))
    connection.execute("UPDATE remark SET recovered = NULL WHERE run = ? AND recovered > ?", (number, after))
