"""A folder, a zip or a single file, seen as one flat list of files that can be read.

Zips are read from inside and never unpacked; links that leave the folder, devices and pipes are never opened.
"""

import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from genstudio.core.errors import DataError
from genstudio.data.names import is_clutter, is_safe, natural_key, shown
from genstudio.data.refusal import Refused, UnreadableError

MAX_ENTRIES = 500_000
MAX_PICTURE_BYTES = 256 * 2**20
MAX_ZIP_BYTES = 64 * 2**30
MAX_ZIP_RATIO = 200
_SMALL = 2**20  # below this a flat drawing may well shrink a thousandfold
_MAX_DIRECTORY_BYTES = 128 * 2**20

Look = Callable[[str], None]
"""Called with each name found; it may raise `Cancelled`."""


@dataclass(frozen=True)
class Entry:
    """One file: `name` is relative with `/`, fit to be shown; `read(limit)` returns its bytes.

    `read` raises `UnreadableError` when the file cannot be read or holds more than `limit` bytes.
    """

    name: str
    size: int
    read: Callable[[int], bytes]


@dataclass
class Tree:
    """The files of a source in natural order, and those refused while looking; closes what it holds open."""

    entries: list[Entry] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    held: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.held.close()

    def add(self, entry: Entry) -> None:
        """Take in a file; raises `DataError` when there are absurdly many."""
        if len(self.entries) >= MAX_ENTRIES:
            raise DataError(f"There are more than {MAX_ENTRIES:,} files in there. Choose a smaller folder or zip.")
        self.entries.append(entry)

    def sort(self) -> Self:
        """Put files into the order people expect."""
        self.entries.sort(key=lambda entry: natural_key(entry.name))
        return self


def folder_tree(root: Path, look: Look) -> Tree:
    """List a folder and all below it. Links to files inside it count; links to folders are not followed."""
    tree, inside = Tree(), root.resolve()
    waiting = [str(root)]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as found:
                for item in found:
                    _try_take(item, root, inside, tree, waiting)
        except OSError as error:
            tree.refused.append(Refused(_relative(folder, root), f"the folder cannot be opened ({error.strerror})"))
        look(_relative(folder, root))
    return tree.sort()


def _try_take(item: os.DirEntry[str], root: Path, inside: Path, tree: Tree, waiting: list[str]) -> None:
    try:
        _take(item, root, inside, tree, waiting)
    except OSError as error:
        tree.refused.append(Refused(_relative(item.path, root), f"it cannot be read ({error.strerror})"))


def _take(item: os.DirEntry[str], root: Path, inside: Path, tree: Tree, waiting: list[str]) -> None:
    name = _relative(item.path, root)
    if is_clutter(item.name):
        return
    if item.is_symlink() and not _stays_inside(item, inside):
        tree.refused.append(Refused(name, "it is a link to a folder, or to something outside this folder"))
    elif item.is_dir():
        waiting.append(item.path)
    elif not item.is_file():
        tree.refused.append(Refused(name, "it is not a regular file"))
    else:
        tree.add(Entry(name, item.stat().st_size, partial(_read_file, item.path)))


def _stays_inside(link: os.DirEntry[str], inside: Path) -> bool:
    try:
        target = Path(link.path).resolve(strict=True)
    except (OSError, RuntimeError):
        return False
    return target.is_file() and target.is_relative_to(inside)


def _relative(path: str, root: Path) -> str:
    return shown(path[len(str(root)) :].replace(os.sep, "/").lstrip("/")) or "."


def _read_file(path: str, limit: int) -> bytes:
    try:
        with open(path, "rb") as stream:  # noqa: PTH123 - a plain string for every one of 100,000 files
            _check_size(os.fstat(stream.fileno()).st_size, limit)
            return stream.read()
    except OSError as error:
        raise UnreadableError(f"it cannot be read ({error.strerror})") from None


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise UnreadableError(f"it is larger than {limit // 2**20} MB")


def file_tree(files: list[Path]) -> Tree:
    """List single files of one folder."""
    tree = Tree()
    for path in files:
        tree.add(Entry(shown(path.name), path.stat().st_size, partial(_read_file, str(path))))
    return tree.sort()


def zip_tree(path: Path, look: Look) -> Tree:
    """List a zip's files; raises `DataError` when it is not a zip or is a trap."""
    tree = Tree()
    try:
        _check_directory(path)
        archive = tree.held.enter_context(zipfile.ZipFile(path))
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError, struct.error) as error:
        raise DataError(f"“{path.name}” cannot be opened as a zip: {error}. Make the zip again.") from None
    try:
        _list_zip(archive, tree, look)
    except BaseException:
        tree.held.close()
        raise
    return tree.sort()


def _check_directory(path: Path) -> None:
    """Refuse a zip whose list of files alone would fill the memory, before anything reads that list."""
    with path.open("rb") as stream:
        stream.seek(max(path.stat().st_size - 65_557, 0))
        tail = stream.read()
    end, long_end = tail.rfind(b"PK\x05\x06"), tail.rfind(b"PK\x06\x06")
    size = struct.unpack("<I", tail[end + 12 : end + 16])[0] if end >= 0 else 0
    if size == 0xFFFFFFFF and long_end >= 0:  # it did not fit there; see the zip format's section 4.3.14
        size = struct.unpack("<Q", tail[long_end + 40 : long_end + 48])[0]
    if size > _MAX_DIRECTORY_BYTES:
        raise ValueError("its list of files is too long")


def _list_zip(archive: zipfile.ZipFile, tree: Tree, look: Look) -> None:
    total = 0
    for info in _files(archive):
        name = info.filename.replace("\\", "/")
        if is_safe(name) and is_clutter(name):
            continue
        reason = _zip_reason(info, name)
        if reason:
            tree.refused.append(Refused(shown(name), reason))
            continue
        total += info.file_size
        if total > MAX_ZIP_BYTES:
            raise DataError(
                f"This zip would unpack to more than {MAX_ZIP_BYTES // 2**30} GB. Divide it into smaller ones."
            )
        tree.add(Entry(shown(name), info.file_size, partial(_read_zipped, archive, info)))
        look(shown(name))


def _files(archive: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    return (info for info in archive.infolist() if not info.filename.endswith("/"))


def _zip_reason(info: zipfile.ZipInfo, name: str) -> str:
    mode = info.external_attr >> 16
    if not is_safe(name):
        return "its path leads out of the zip"
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "it is a link or a device, not a file"
    if info.flag_bits & 1:
        return "it is locked with a password"
    if info.file_size > max(_SMALL, MAX_ZIP_RATIO * info.compress_size):
        return "it would unpack to far more than any picture does"
    return ""


def _read_zipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> bytes:
    try:
        _check_size(info.file_size, limit)
        return archive.read(info)
    except (OSError, EOFError, ValueError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
        raise UnreadableError(f"it cannot be read from the zip ({shown(str(error))[:120]})") from None
