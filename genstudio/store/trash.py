"""Deleting that can be undone: the row says whether a thing is there, its files follow.

A deletion first marks the row, then moves the files to `trash/`; undoing clears the mark first, then moves them
back. Whatever a crash leaves in between, opening the project brings the files to where the rows say.
"""

from collections.abc import Iterable
from pathlib import Path

from genstudio.store import files
from genstudio.store.layout import TRASH, resolve


def discard(folder: Path, paths: Iterable[str]) -> None:
    """Move files or folders (relative paths) into the trash."""
    for path in paths:
        files.move(resolve(folder, path), resolve(folder, f"{TRASH}/{path}"))


def recover(folder: Path, paths: Iterable[str]) -> None:
    """Move files or folders back from the trash, unless something lies in their place."""
    for path in paths:
        if not resolve(folder, path).exists():
            files.move(resolve(folder, f"{TRASH}/{path}"), resolve(folder, path))


def empty(folder: Path) -> None:
    """Remove everything in the trash for good."""
    files.remove(folder / TRASH)
