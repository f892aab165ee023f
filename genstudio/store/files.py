"""Files of a project: moved rather than lost, and failures in words."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from genstudio.core.errors import DiskFullError, ProjectError
from genstudio.core.files import FULL, REAL, TEMPORARY, disk_full


@contextmanager
def sentences(path: Path) -> Iterator[None]:
    """Turn what the operating system says about a path into a sentence."""
    try:
        yield
    except OSError as error:
        raise said(error, path) from None


def said(error: OSError, path: Path) -> DiskFullError | ProjectError:
    """The sentence for a failed write: `DiskFullError` when there is no room, else `ProjectError`."""
    if error.errno in FULL:
        return disk_full(path.parent)
    reason = (error.strerror or str(error)).rstrip(".")
    return ProjectError(
        f"“{path.name}” could not be written or moved ({reason}). Check that “{path.parent}” is there and writable."
    )


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, so that they survive a power cut; nothing to do when it is there."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    with sentences(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for path in missing:
            REAL.sync_folder(path.parent)


def move(source: Path, target: Path) -> None:
    """Move a file or folder within the project, if it is there; what lies at the target is removed first."""
    if not os.path.lexists(source):
        return
    with sentences(source):
        make_folder(target.parent)
        remove(target)
        REAL.replace(source, target)
        REAL.sync_folder(target.parent)
        REAL.sync_folder(source.parent)


def remove(path: Path) -> None:
    """Remove a file, link or folder with all it holds, if it is there. A link is removed, never followed."""
    with sentences(path):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            REAL.remove(path)


def sweep(folder: Path) -> int:
    """Remove what interrupted writes left in a folder and below; return how many things that were."""
    found = []
    for place, folders, names in os.walk(folder):
        found += [Path(place, name) for name in (*folders, *names) if name.startswith(TEMPORARY)]
        folders[:] = [name for name in folders if not name.startswith(TEMPORARY)]
    for path in found:
        remove(path)
    return len(found)
