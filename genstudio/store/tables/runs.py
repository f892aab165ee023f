"""Runs."""

import json
import math
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from genstudio.core.errors import ProjectError
from genstudio.store.records import RunRecord, RunStatus
from genstudio.store.tables import names

_COLUMNS = (
    "id, name, family, dataset, config, settings, status, created, images_seen, budget, seconds, figures, message, "
    "bases"
)
_CHANGEABLE = {"status", "images_seen", "budget", "seconds", "message", "settings", "bases"}
_OBJECTS = {"settings", "bases"}


def add(connection: sqlite3.Connection, record: RunRecord) -> RunRecord:
    """Add a run; returns it under the name it got."""
    name = names.numbered(names.cleaned(record.name), names.taken(connection, "run"))
    record = replace(record, name=name)
    values = (
        record.id,
        record.name,
        record.family,
        record.dataset,
        json.dumps(dict(record.config)),
        json.dumps(dict(record.settings)),
        record.status,
        record.created,
        record.images_seen,
        record.budget,
        record.seconds,
        _figures(record.figures),
        record.message,
        json.dumps(dict(record.bases)),
    )
    connection.execute(f"INSERT INTO run ({_COLUMNS}) VALUES ({','.join('?' * len(values))})", values)
    return record


def every(connection: sqlite3.Connection) -> list[RunRecord]:
    """All runs, newest first."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM run WHERE deleted IS NULL ORDER BY number DESC")
    return [_record(row) for row in rows]


def find(connection: sqlite3.Connection, wanted: str) -> RunRecord:
    """The run of this id or name. Raises `ProjectError` naming those that are there."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM run WHERE deleted IS NULL AND (id = ?1 OR name = ?1) ORDER BY id = ?1 DESC", (wanted,)
    )
    row = rows.fetchone()
    if row is None:
        raise names.unknown(connection, "run", wanted)
    return _record(row)


def number(connection: sqlite3.Connection, run: str) -> int:
    """The small number other tables know a run by. Raises `ProjectError` when the run is gone."""
    row = connection.execute("SELECT number FROM run WHERE id = ?", (run,)).fetchone()
    if row is None:
        raise ProjectError("This run is no longer in the project. Choose another run.")
    return int(row[0])


def update(connection: sqlite3.Connection, run: str, changes: Mapping[str, object]) -> None:
    """Set some columns; `figures` are merged into those that are there."""
    changes = dict(changes)
    figures = changes.pop("figures", None)
    if isinstance(figures, Mapping):
        connection.execute("UPDATE run SET figures = json_patch(figures, ?) WHERE id = ?", (_figures(figures), run))
    for name in _OBJECTS & changes.keys():
        changes[name] = json.dumps(changes[name])
    columns = [column for column in changes if column in _CHANGEABLE]
    if columns:
        assignments = ", ".join(f"{column} = ?" for column in columns)
        connection.execute(f"UPDATE run SET {assignments} WHERE id = ?", (*(changes[c] for c in columns), run))


def stood_on(connection: sqlite3.Connection, run: str) -> set[str]:
    """The sha256 of a run's checkpoints that other runs stand on; those in the trash may come back, and count."""
    rows = connection.execute("SELECT base.value FROM run, json_each(run.bases) AS base WHERE base.key = ?", (run,))
    return {row[0] for row in rows}


def interrupt(connection: sqlite3.Connection) -> list[str]:
    """Mark runs that were going on when the program went down; returns their names."""
    found = [
        row[0]
        for row in connection.execute(
            "SELECT name FROM run WHERE status = ? AND deleted IS NULL ORDER BY number", (RunStatus.RUNNING,)
        )
    ]
    connection.execute(
        "UPDATE run SET status = ? WHERE status = ?",
        (RunStatus.INTERRUPTED, RunStatus.RUNNING),
    )
    return found


def _figures(figures: Mapping[str, float]) -> str:
    return json.dumps({name: float(value) for name, value in figures.items() if math.isfinite(value)})


def _record(row: tuple[Any, ...]) -> RunRecord:
    return RunRecord(
        id=row[0],
        name=row[1],
        family=row[2],
        dataset=row[3],
        config=json.loads(row[4]),
        settings=json.loads(row[5]),
        status=RunStatus(row[6]),
        created=row[7],
        images_seen=row[8],
        budget=row[9],
        seconds=row[10],
        figures=json.loads(row[11]),
        message=row[12],
        bases=json.loads(row[13]),
    )
