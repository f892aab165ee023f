"""The project file's tables, as numbered steps from nothing to now.

A step is never changed once released: the next one follows it. `user_version` says how many a file has seen.
"""

import sqlite3

from genstudio.core.errors import ProjectError

APPLICATION_ID = 0x4753504A  # "GSPJ"

_FIRST = """
CREATE TABLE dataset (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    folder TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    spec TEXT NOT NULL,
    source TEXT NOT NULL,
    created REAL NOT NULL,
    refused INTEGER NOT NULL,
    duplicates INTEGER NOT NULL,
    deleted REAL
) STRICT;
CREATE UNIQUE INDEX dataset_name ON dataset (name) WHERE deleted IS NULL;

CREATE TABLE run (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    family TEXT NOT NULL,
    dataset TEXT NOT NULL,
    config TEXT NOT NULL,
    settings TEXT NOT NULL,
    status TEXT NOT NULL,
    created REAL NOT NULL,
    images_seen INTEGER NOT NULL,
    budget INTEGER NOT NULL,
    seconds REAL NOT NULL,
    figures TEXT NOT NULL,
    message TEXT NOT NULL,
    deleted REAL
) STRICT;
CREATE UNIQUE INDEX run_name ON run (name) WHERE deleted IS NULL;

CREATE TABLE metric_names (
    number INTEGER PRIMARY KEY,
    names TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE metric (
    run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    images_seen INTEGER NOT NULL,
    names INTEGER NOT NULL REFERENCES metric_names,
    numbers BLOB NOT NULL,
    PRIMARY KEY (run, images_seen)
) STRICT, WITHOUT ROWID;

CREATE TABLE preview (
    run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    images_seen INTEGER NOT NULL,
    name TEXT NOT NULL,
    file TEXT NOT NULL,
    count INTEGER NOT NULL,
    columns INTEGER NOT NULL,
    PRIMARY KEY (run, images_seen, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoint (
    run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    images_seen INTEGER NOT NULL,
    seconds REAL NOT NULL,
    file TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    created REAL NOT NULL,
    pinned INTEGER NOT NULL,
    PRIMARY KEY (run, images_seen)
) STRICT, WITHOUT ROWID;

CREATE TABLE sample (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    run TEXT NOT NULL,
    file TEXT NOT NULL,
    recipe TEXT NOT NULL,
    created REAL NOT NULL,
    starred INTEGER NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    deleted REAL
) STRICT;
CREATE INDEX sample_run ON sample (run);
"""

_REMARKS_AND_PROFILES = """
CREATE TABLE remark (
    number INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    images_seen INTEGER NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    recovered INTEGER
) STRICT;
CREATE INDEX remark_run ON remark (run);

CREATE TABLE profile (
    run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    images_seen INTEGER NOT NULL,
    name TEXT NOT NULL,
    numbers BLOB NOT NULL,
    PRIMARY KEY (run, images_seen, name)
) STRICT, WITHOUT ROWID;
"""

_SCORES = "ALTER TABLE checkpoint ADD COLUMN score REAL;"

_BASES = "ALTER TABLE run ADD COLUMN bases TEXT NOT NULL DEFAULT '{}';"

MIGRATIONS: tuple[str, ...] = (_FIRST, _REMARKS_AND_PROFILES, _SCORES, _BASES)


def migrate(connection: sqlite3.Connection, steps: tuple[str, ...] = MIGRATIONS) -> None:
    """Bring a project file up to date, one transaction a step. Raises `ProjectError` for a file from the future."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(steps):
        raise ProjectError(
            f"This project was made by a newer GenStudio (its file has version {version}, this program knows "
            f"{len(steps)}). Update GenStudio to open it; nothing was changed."
        )
    for number, step in enumerate(steps[version:], start=version + 1):
        _apply(connection, number, step)


def _apply(connection: sqlite3.Connection, number: int, step: str) -> None:
    head = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {number};"
    try:
        connection.executescript(f"BEGIN IMMEDIATE; {step} {head} COMMIT;")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def check_schema(connection: sqlite3.Connection, steps: tuple[str, ...] = MIGRATIONS) -> None:
    """Raise `ProjectError` unless the file has exactly our tables: a foreign trigger or view could do anything."""
    fresh = sqlite3.connect(":memory:", isolation_level=None)
    try:
        migrate(fresh, steps)
        same = _schema(fresh) == _schema(connection)
    finally:
        fresh.close()
    if not same:
        raise ProjectError(
            "The project file is not laid out as GenStudio writes it; another program changed it. "
            "Open a copy from before that; nothing was changed."
        )


def _schema(connection: sqlite3.Connection) -> set[tuple[str, str, str | None]]:
    return set(connection.execute("SELECT type, name, sql FROM sqlite_schema"))
