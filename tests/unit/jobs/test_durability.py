"""A row that says a file is there is committed only when the file would survive a power cut.

A kill leaves the system's cache alone, so it cannot show a missing synchronisation. This records the order of file
operations and commits instead: before a file's row is committed, its content was synchronised, then it was renamed,
then its folder was synchronised.
"""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from genstudio.core.files import Files
from genstudio.jobs.generating import GenerateRequest, generate
from genstudio.jobs.watching import never, untold
from genstudio.jobs.workspace import Workspace
from tests import workshop


class Recording:
    """The operations in the order they were done."""

    def __init__(self, patch: pytest.MonkeyPatch, folder: Path) -> None:
        self.done: list[tuple[str, Path]] = []
        self.renamed: dict[Path, Path] = {}
        self.folder, self.before = folder, {folder, *folder.rglob("*")}
        for name in ("sync", "replace", "sync_folder"):
            patch.setattr(Files, name, self._recorded(name, getattr(Files, name)))

    def _recorded(self, name: str, operation: Callable[..., Any]) -> Callable[..., Any]:
        def call(files: Files, what: Any, *more: Any) -> Any:
            result = operation(files, what, *more)
            self.done.append((name, what if isinstance(what, Path) else Path(what.name)))
            if name == "replace":
                self.renamed[more[0]] = what
            return result

        return call

    def is_durable(self, file: Path) -> bool:
        """Whether it was synchronised, then renamed, then its folder synchronised, and all new folders above it."""
        temporary = self.renamed[file]
        replaced = self.done.index(("replace", temporary))
        new = [path for path in file.parents if path.is_relative_to(self.folder) and path not in self.before]
        return (
            ("sync", temporary) in self.done[:replaced]
            and ("sync_folder", file.parent) in self.done[replaced:]
            and all(("sync_folder", path.parent) in self.done for path in new)
        )


def test_that_every_file_is_durable_before_its_row(
    ws: Workspace, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = Recording(monkeypatch, ws.project.folder)
    committed: list[str] = []

    def durable_now(relative: str) -> None:
        assert recording.is_durable(ws.project.path(relative)), relative
        committed.append(relative)

    _check_before(monkeypatch, ws, durable_now)
    run = workshop.make_run(ws, workshop.import_pictures(ws, pictures).id, images=64)
    workshop.train(ws, run.id)
    generate(ws, GenerateRequest(run.id, None, 3, 1, 2), progress=untold, on_samples=lambda _: None, cancelled=never)
    kinds = {relative.split("/")[0] + "/" + relative.split("/")[-2] for relative in committed}
    assert kinds == {"runs/checkpoints", "runs/previews", f"samples/{run.id}"}


def _check_before(patch: pytest.MonkeyPatch, ws: Workspace, check: Callable[[str], None]) -> None:
    """Check a record's file right before its row is written."""
    for name in ("add_checkpoint", "add_preview", "add_samples"):
        original = getattr(ws.project, name)

        def add(records: Any, original: Callable[[Any], None] = original) -> None:
            for record in records if isinstance(records, list) else [records]:
                check(record.file)
            original(records)

        patch.setattr(ws.project, name, add)


def test_that_the_database_synchronises_every_commit(ws: Workspace) -> None:
    def settings(connection: sqlite3.Connection) -> dict[str, Any]:
        names = ("synchronous", "journal_mode", "locking_mode", "foreign_keys", "trusted_schema", "cell_size_check")
        return {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names}

    assert ws.project._database.call(settings) == {
        "synchronous": 2,
        "journal_mode": "wal",
        "locking_mode": "exclusive",
        "foreign_keys": 1,
        "trusted_schema": 0,
        "cell_size_check": 1,
    }
