"""The project's SQLite file: one connection, owned by one thread, locked against everybody else.

SQLite before 3.51.3 can corrupt a WAL database that has two connections; with one, locked exclusively, that race
cannot happen, and a second window is told that the project is in use.
"""

import logging
import sqlite3
import struct
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from genstudio.core.errors import DiskFullError, GenStudioError, ProjectClosedError, ProjectError
from genstudio.store.migrations import APPLICATION_ID, check_schema, migrate

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

_log = logging.getLogger(__name__)
_OLDEST = (3, 38)  # strict tables, and JSON built in
_PATIENCE = 0.3  # seconds to wait for a lock: a process that just ended may still be letting go


class Database:
    """One thread with one connection. Every call may come from any thread; work runs in order."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="genstudio-store")
        self._ident = self._thread.submit(threading.get_ident).result()
        self._closed = False
        try:
            self._connection = self._thread.submit(_connect, file).result()
        except BaseException:
            self._thread.shutdown()
            raise

    def call(self, work: Work[T]) -> T:
        """Do work on the connection's thread and wait for it. Raises `ProjectError` or `DiskFullError`."""
        if threading.get_ident() == self._ident:
            return self._do(work)
        return self._submit(lambda: self._do(work)).result()

    def write(self, work: Work[T]) -> T:
        """Do work in one transaction: when this returns, it is on the disk."""
        return self.call(lambda connection: _in_transaction(connection, work))

    def later(self, function: Callable[[], T]) -> "Future[T]":
        """Run a function on the connection's thread; calls it makes on this database are made in place.

        Nothing is raised here: that the project is closed comes through the future as well.
        """
        try:
            return self._submit(function)
        except ProjectClosedError as error:
            failed: Future[T] = Future()
            failed.set_exception(error)
            return failed

    def close(self) -> None:
        """Finish what was asked for, then let go of the file."""
        if not self._closed:
            self._closed = True
            self._thread.submit(self._connection.close).result()
            self._thread.shutdown()

    def _submit(self, function: Callable[[], T]) -> "Future[T]":
        try:
            return self._thread.submit(function)
        except RuntimeError:
            raise _closed() from None

    def _do(self, work: Work[T]) -> T:
        with _sentences(self._file):
            return work(self._connection)


def _closed() -> ProjectClosedError:
    return ProjectClosedError("The project is closed. Open it again to go on.")


def _in_transaction(connection: sqlite3.Connection, work: Work[T]) -> T:
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = work(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return result


def _connect(file: Path) -> sqlite3.Connection:
    if sqlite3.sqlite_version_info < _OLDEST:
        raise ProjectError(f"This Python brings SQLite {sqlite3.sqlite_version}; GenStudio needs 3.38 or later.")
    with _sentences(file):
        connection = sqlite3.connect(file, timeout=_PATIENCE, isolation_level=None)
        try:
            _prepare(connection, file)
        except BaseException:
            connection.close()
            raise
        return connection


def _prepare(connection: sqlite3.Connection, file: Path) -> None:
    for setting in ("trusted_schema=OFF", "cell_size_check=ON", "foreign_keys=ON", "locking_mode=EXCLUSIVE"):
        connection.execute(f"PRAGMA {setting}")
    _refuse_foreign(connection, file)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("BEGIN IMMEDIATE")  # takes the lock, and keeps it until the connection closes
    connection.execute("COMMIT")
    _check_pages(connection)
    migrate(connection)
    check_schema(connection)


def _refuse_foreign(connection: sqlite3.Connection, file: Path) -> None:
    owner = connection.execute("PRAGMA application_id").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if owner != APPLICATION_ID and (owner or tables):
        raise ProjectError(f"{file} is not a GenStudio project; another program wrote it. Nothing was changed.")


def _check_pages(connection: sqlite3.Connection) -> None:
    found = [row[0] for row in connection.execute("PRAGMA quick_check(3)")]
    if found != ["ok"]:
        _log.error("quick_check found: %s", found)
        raise sqlite3.DatabaseError("quick_check failed")


@contextmanager
def _sentences(file: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.ProgrammingError, sqlite3.IntegrityError):
        raise  # faults of ours
    except sqlite3.Error as error:
        _log.warning("%s: %s", file, error)
        raise _said(error, file) from None
    except (ValueError, struct.error) as error:  # text, JSON or numbers in a row that nobody can read
        _log.warning("%s: %s", file, error, exc_info=True)
        raise _damaged(file) from None


def _said(error: sqlite3.Error, file: Path) -> GenStudioError:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return DiskFullError(
            "There is no room left on the project's disk. Everything saved before is safe: "
            "free some space, then try again."
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return ProjectError(
            f"{file.parent} is in use by another window or command. Close that one first, then try again."
        )
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return _damaged(file)
    return ProjectError(
        f"The project file {file} could not be read or written ({error}). Check the disk and its permissions."
    )


def _damaged(file: Path) -> ProjectError:
    return ProjectError(
        f"The project file {file} is damaged or not a project. Its pictures and checkpoints are untouched; "
        "put back a copy of this file, or make a new project."
    )
