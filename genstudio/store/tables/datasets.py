"""Datasets."""

import sqlite3
from dataclasses import replace

from genstudio.core.spec import DataSpec
from genstudio.store.records import DatasetRecord
from genstudio.store.tables import names

_COLUMNS = "id, name, folder, fingerprint, spec, source, created, refused, duplicates"


def add(connection: sqlite3.Connection, record: DatasetRecord) -> DatasetRecord:
    """Add a dataset; returns it under the name it got."""
    name = names.numbered(names.cleaned(record.name), names.taken(connection, "dataset"))
    record = replace(record, name=name)
    values = (
        record.id,
        record.name,
        record.folder,
        record.fingerprint,
        record.spec.model_dump_json(),
        record.source,
        record.created,
        record.refused,
        record.duplicates,
    )
    connection.execute(f"INSERT INTO dataset ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?)", values)
    return record


def every(connection: sqlite3.Connection) -> list[DatasetRecord]:
    """All datasets, oldest first."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM dataset WHERE deleted IS NULL ORDER BY created, id")
    return [_record(row) for row in rows]


def find(connection: sqlite3.Connection, wanted: str) -> DatasetRecord:
    """The dataset of this id or name. Raises `ProjectError` naming those that are there."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM dataset WHERE deleted IS NULL AND (id = ?1 OR name = ?1) ORDER BY id = ?1 DESC",
        (wanted,),
    )
    row = rows.fetchone()
    if row is None:
        raise names.unknown(connection, "dataset", wanted)
    return _record(row)


def _record(row: tuple[str, str, str, str, str, str, float, int, int]) -> DatasetRecord:
    spec = DataSpec.model_validate_json(row[4])
    return DatasetRecord(row[0], row[1], row[2], row[3], spec, *row[5:])
