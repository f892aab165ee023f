"""Names people give to datasets and runs: unique among what is there, found by name or id."""

import sqlite3
from collections.abc import Sequence

from genstudio.core.errors import ProjectError

_LONGEST = 120


def cleaned(name: str) -> str:
    """Return a name on one line, without control characters. Raises `ProjectError` when nothing remains."""
    clean = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())[:_LONGEST].strip()
    if not clean:
        raise ProjectError("A name needs at least one letter. Type one, then try again.")
    return clean


def taken(connection: sqlite3.Connection, table: str) -> list[str]:
    """The names in use in `table` ("run" or "dataset")."""
    return [row[0] for row in connection.execute(f"SELECT name FROM {table} WHERE deleted IS NULL")]


def numbered(name: str, names: Sequence[str]) -> str:
    """Return the name, or the first of "name 2", "name 3" … that is free."""
    number, candidate = 1, name
    while candidate in names:
        number += 1
        candidate = f"{name} {number}"
    return candidate


def rename(connection: sqlite3.Connection, table: str, item: str, name: str) -> str:
    """Rename a row; returns the name as kept. Raises `ProjectError` when another one has it."""
    name = cleaned(name)
    others = connection.execute(f"SELECT 1 FROM {table} WHERE name = ? AND id <> ? AND deleted IS NULL", (name, item))
    if others.fetchone():
        raise ProjectError(f"There is already a {table} called “{name}”. Choose another name.")
    connection.execute(f"UPDATE {table} SET name = ? WHERE id = ? AND deleted IS NULL", (name, item))
    return name


def unknown(connection: sqlite3.Connection, table: str, wanted: str) -> ProjectError:
    """The sentence for a name or id that is not there, with the names that are."""
    names = taken(connection, table)
    listed = ", ".join(f"“{name}”" for name in names[:12]) + (", …" if len(names) > 12 else "")
    known = f"There are: {listed}." if names else f"There is no {table} in this project yet."
    return ProjectError(f"There is no {table} called “{wanted}”. {known}")


def set_deleted(connection: sqlite3.Connection, table: str, item: str, when: float | None) -> None:
    """Mark a row as deleted, or (None) as there again, under a free name."""
    if when is None:
        row = connection.execute(f"SELECT name FROM {table} WHERE id = ? AND deleted IS NOT NULL", (item,)).fetchone()
        if row is None:
            return
        name = numbered(row[0], taken(connection, table))
        connection.execute(f"UPDATE {table} SET deleted = NULL, name = ? WHERE id = ?", (name, item))
    else:
        connection.execute(f"UPDATE {table} SET deleted = ? WHERE id = ? AND deleted IS NULL", (when, item))


def deleted(connection: sqlite3.Connection, table: str) -> list[str]:
    """The ids of the rows in the trash."""
    return [row[0] for row in connection.execute(f"SELECT id FROM {table} WHERE deleted IS NOT NULL")]


def purge(connection: sqlite3.Connection, table: str) -> None:
    """Forget the rows in the trash for good."""
    connection.execute(f"DELETE FROM {table} WHERE deleted IS NOT NULL")
