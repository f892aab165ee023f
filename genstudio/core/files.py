"""Writing a file so that it is either there, whole and durable, or not there at all.

A temporary file in the same folder is written, flushed and synchronised, then renamed over the name, and the folder
is synchronised (POSIX). A failed synchronisation is never retried: the data may be gone from the system's cache, so
that the whole write counts as failed.
"""

import contextlib
import errno
import hashlib
import os
import shutil
import sys
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from genstudio.core.errors import DiskFullError

TEMPORARY = ".tmp-"
"""How the names of unfinished files begin; whoever owns a folder sweeps such files while nothing is being written."""

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_CANNOT = {errno.EINVAL, errno.ENOTSUP, errno.ENOSYS}  # some network drives know no synchronising of folders
_HELD = {5, 32, 33}  # Windows: a virus scanner, an indexer or a sync client has the file open for a moment
_RETRIES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.0)


class Files:
    """The file operations that writing needs, in one place, so that a test can make any of them fail."""

    def free(self, folder: Path) -> int:
        """Bytes that can still be written into a folder."""
        return shutil.disk_usage(folder).free

    def create(self, path: Path) -> BinaryIO:
        """Open a new file for writing; raises `FileExistsError` when there is one."""
        return path.open("xb")

    def write(self, stream: BinaryIO, chunk: bytes | memoryview) -> None:
        """Write all of a chunk."""
        stream.write(chunk)

    def sync(self, stream: BinaryIO) -> None:
        """Make what was written survive a power cut."""
        stream.flush()
        if sys.platform == "darwin":
            import fcntl

            fcntl.fcntl(stream.fileno(), fcntl.F_FULLFSYNC)
        else:
            os.fsync(stream.fileno())

    def replace(self, source: Path, target: Path) -> None:
        """Rename over a name."""
        source.replace(target)

    def sync_folder(self, folder: Path) -> None:
        """Make a rename survive a power cut (Windows does so by itself)."""
        if os.name == "nt":
            return
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        except OSError as error:
            if error.errno not in _CANNOT:
                raise
        finally:
            os.close(handle)

    def remove(self, path: Path) -> None:
        """Delete a file that may not be there."""
        path.unlink(missing_ok=True)


REAL = Files()


@dataclass(frozen=True)
class Written:
    """What lies on disk now."""

    bytes: int
    sha256: str


def write_whole(path: Path, chunks: Iterable[bytes | memoryview], files: Files = REAL) -> Written:
    """Write a file whole and durably, replacing one of that name.

    Raises `DiskFullError` when there is no room, `OSError` for everything else; the old file, if any, is then still
    there and no temporary one is left (unless the machine goes down meanwhile).
    """
    temporary = path.with_name(f"{TEMPORARY}{uuid.uuid4().hex}")
    try:
        written = _write(temporary, chunks, files)
        _replace(temporary, path, files)
        files.sync_folder(path.parent)
    except OSError as error:
        _forget(temporary, files)
        if error.errno in FULL:
            raise disk_full(path.parent) from None
        raise
    except BaseException:
        _forget(temporary, files)
        raise
    return written


def need_room(folder: Path, size: int, files: Files = REAL) -> None:
    """Raise `DiskFullError` when a folder's disk has less than `size` bytes left."""
    if files.free(folder) < size:
        raise disk_full(folder)


def disk_full(folder: Path) -> DiskFullError:
    """The failure that says which folder's disk is full."""
    return DiskFullError(
        f"The disk that holds “{folder}” is full. Make some room on it, then go on; what was saved before is safe."
    )


def _write(path: Path, chunks: Iterable[bytes | memoryview], files: Files) -> Written:
    digest, size = hashlib.sha256(), 0
    with files.create(path) as stream:
        for chunk in chunks:
            files.write(stream, chunk)
            digest.update(chunk)
            size += memoryview(chunk).nbytes
        files.sync(stream)
    return Written(size, digest.hexdigest())


def _replace(source: Path, target: Path, files: Files) -> None:
    for seconds in _RETRIES:
        try:
            return files.replace(source, target)
        except OSError as error:
            if getattr(error, "winerror", None) not in _HELD:
                raise
            time.sleep(seconds)
    return files.replace(source, target)


def _forget(temporary: Path, files: Files) -> None:
    with contextlib.suppress(OSError):
        files.remove(temporary)
