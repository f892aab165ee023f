"""What a designer pointed at, as a list of pictures with labels and captions, and a reason for every file refused.

A metadata file's label goes before a folder's; a caption in a file of its own goes before one in a metadata file.
"""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from genstudio.core.errors import DataError
from genstudio.data import metadata
from genstudio.data.containers import companions, open_containers
from genstudio.data.decode import starts_like_picture
from genstudio.data.labels import classes_of, folder_labels, note_on
from genstudio.data.metadata import Words
from genstudio.data.names import base, stem, suffix
from genstudio.data.refusal import Refused, UnreadableError
from genstudio.data.treat import Raw
from genstudio.data.tree import MAX_PICTURE_BYTES, Entry, Look, Tree, file_tree, folder_tree, zip_tree

_PICTURES = {".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".gif", ".tif", ".tiff", ".bmp", ".dib"}
_REASONS = {
    ".svg": "drawings are not read; export it as PNG first",
    ".heic": "HEIC is not read; export it as JPEG or PNG first",
    ".avif": "AVIF is not read; export it as JPEG or PNG first",
    ".psd": "layered files are not read; export it as PNG first",
    ".pdf": "documents are not read; export their pages as PNG first",
    ".zip": "a zip inside is not opened; import it by itself",
    ".tar": "this kind of archive is not opened; unpack it first",
    ".tgz": "this kind of archive is not opened; unpack it first",
    ".gz": "this kind of archive is not opened; unpack it first",
    ".txt": "it is the caption of no picture",
} | dict.fromkeys((".pkl", ".pickle", ".pt", ".pth", ".ckpt"), "such files can hold programs and are never opened")


@dataclass(frozen=True, eq=False)
class Item:
    """A picture that can be loaded; `load` raises `UnreadableError` with the reason when it cannot.

    embedding: (D,), numbers that describe it, or None.
    """

    name: str
    load: Callable[[], Raw]
    label: str | None = None
    caption: str = ""
    embedding: NDArray[np.float32] | None = None


@dataclass
class Scan:
    """What was found; `notes` are sentences about the whole.

    `labelled` says whether labels count. Close it (or use it as a context) when the pictures have been loaded.
    """

    tree: Tree
    items: list[Item] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    labelled: bool = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.tree.held.close()


def scan(source: Path, look: Look = lambda _: None) -> Scan:
    """Find the pictures of a folder, a zip, a picture, or one of the field's own files (see `containers`).

    Raises `DataError` when there is nothing there or nothing that could be a picture, and whatever `look` raises.
    """
    found = Scan(_tree(source, look))
    try:
        found.refused += found.tree.refused
        _sort_out(found, look)
        if not found.items:
            raise DataError(_nothing(source, found.refused))
    except BaseException:
        found.tree.held.close()
        raise
    labels = [item.label for item in found.items]
    found.labelled = bool(classes_of(labels))
    note = note_on(labels)
    found.notes += [note] if note else []
    return found


def _tree(source: Path, look: Look) -> Tree:
    try:
        if source.is_dir():
            return folder_tree(source, look)
        if source.is_file():
            return zip_tree(source, look) if _is_zip(source) else file_tree([source, *companions(source)])
    except OSError as error:
        raise DataError(f"“{source}” cannot be read: {error.strerror}.") from None
    raise DataError(f"There is no file or folder “{source}”. Check the name, or whether its drive is connected.")


def _is_zip(source: Path) -> bool:
    """Whether a file is a zip from its first byte on (a picture with a zip behind it is a picture)."""
    with source.open("rb") as stream:
        return stream.read(2) == b"PK" and suffix(source.name) != ".npz" and zipfile.is_zipfile(stream)


def _nothing(source: Path, refused: list[Refused]) -> str:
    why = f" For example, “{refused[0].file}” was refused: {refused[0].reason}." if refused else ""
    return f"No pictures were found in “{source.name}”.{why} PNG, JPEG, WebP, GIF, TIFF and BMP can be imported."


def _sort_out(found: Scan, look: Look) -> None:
    """Tell pictures from captions, metadata, containers and everything else."""
    entries = {entry.name: entry for entry in found.tree.entries}
    contents = open_containers(entries, look)
    found.refused += contents.refused
    found.items += [Item(name, load, label, "", embedding) for name, load, label, embedding in contents.pictures]
    rest = [entry for entry in found.tree.entries if entry.name not in contents.used]
    words = _words([entry for entry in rest if base(entry.name).lower() in metadata.FILES], found.refused)
    pictures = [entry for entry in rest if _is_picture(entry)]
    captions = {stem(entry.name): entry for entry in rest if suffix(entry.name) == ".txt"}
    used = _add_pictures(found, pictures, words, captions)
    used |= {entry.name for entry in pictures}
    for entry in rest:
        if entry.name not in used and base(entry.name).lower() not in metadata.FILES:
            found.refused.append(Refused(entry.name, _REASONS.get(suffix(entry.name), "it is not a picture")))


def _is_picture(entry: Entry) -> bool:
    """Whether a file's name says so or, where the name says nothing, its first bytes do."""
    if suffix(entry.name):
        return suffix(entry.name) in _PICTURES
    try:
        return starts_like_picture(entry.read(MAX_PICTURE_BYTES))
    except UnreadableError:
        return False


def _words(entries: list[Entry], refused: list[Refused]) -> dict[str, Words]:
    words: dict[str, Words] = {}
    for entry in entries:
        said, problems = metadata.read_metadata(entry)
        words |= said
        refused += problems
    return words


def _add_pictures(found: Scan, pictures: list[Entry], words: dict[str, Words], captions: dict[str, Entry]) -> set[str]:
    """Make items of picture files; returns the names of the caption files that belong to them."""
    used = set()
    for entry, folder_label in zip(pictures, folder_labels([entry.name for entry in pictures]), strict=True):
        said, sidecar = words.get(entry.name, Words()), captions.get(stem(entry.name))
        caption = said.caption or ""
        if sidecar is not None:
            used.add(sidecar.name)
            caption = _sidecar(sidecar, found.refused) or caption
        found.items.append(Item(entry.name, partial(_load, entry), said.label or folder_label, caption))
    return used


def _sidecar(entry: Entry, refused: list[Refused]) -> str:
    try:
        return metadata.read_sidecar(entry)
    except UnreadableError as error:
        refused.append(Refused(entry.name, str(error)))
        return ""


def _load(entry: Entry) -> bytes:
    if entry.size == 0:
        raise UnreadableError("the file is empty")
    return entry.read(MAX_PICTURE_BYTES)
