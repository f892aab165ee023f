"""Files that hold many pictures at once: IDX, CIFAR batches and NumPy arrays, found by their names."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genstudio.data import arrays, cifar, idx
from genstudio.data.levels import Stack, label_names, stack
from genstudio.data.names import base, suffix
from genstudio.data.refusal import Refused, UnreadableError
from genstudio.data.tree import Entry, Look

_MAX_BATCH_BYTES = 512 * 2**20
Found = tuple[str, Callable[[], NDArray[np.uint8]], str | None, NDArray[np.float32] | None]
"""A picture's name, how to load it, its label, and its embedding (D,)."""


@dataclass
class Contents:
    """What the containers among some files held, and which of the files were used up."""

    pictures: list[Found] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    used: set[str] = field(default_factory=set)


def open_containers(entries: Mapping[str, Entry], look: Look) -> Contents:
    """Read every container among files; what cannot be read is refused with its reason."""
    contents = Contents()
    for name, entry in entries.items():
        reader = _reader(name, entries, contents)
        if reader is None:
            continue
        look(name)
        contents.used.add(name)
        try:
            for number, pictures in enumerate(reader(entry)):
                contents.pictures += _pictures(f"{name}/{number}" if number else name, pictures)
        except UnreadableError as error:
            contents.refused.append(Refused(name, str(error)))
        except MemoryError:
            contents.refused.append(Refused(name, "it needs more memory than there is"))
    return contents


def companions(path: Path) -> list[Path]:
    """Files beside a single file that belong to it: labels, names of classes, a caption."""
    wanted = [path.with_suffix(".txt").name, *cifar.PYTHON_NAMES, *cifar.BINARY_NAMES, *idx.label_file(path.name)]
    return [path.with_name(name) for name in wanted if name != path.name and path.with_name(name).is_file()]


def _pictures(name: str, pictures: Stack) -> Iterator[Found]:
    digits = len(str(pictures.count - 1))
    for index in range(pictures.count):
        label = None if pictures.labels is None else pictures.labels[index]
        embedding = None if pictures.embeddings is None else pictures.embeddings[index]
        yield f"{name}/{index:0{digits}}", partial(pictures.load, index), label, embedding


def _reader(name: str, entries: Mapping[str, Entry], contents: Contents) -> Callable[[Entry], list[Stack]] | None:
    """How to read a file, or None when it is no container."""
    last = base(name)
    idx_name = idx.NAME.fullmatch(last)
    if idx_name:
        is_labels = idx_name["sides"] == "1"
        return None if is_labels else partial(_read_idx, entries, contents)
    if suffix(name) == ".npy":
        return lambda entry: [arrays.read_npy(entry.read(arrays.MAX_BYTES))]
    if suffix(name) == ".npz":
        return lambda entry: arrays.read_npz(entry.read(arrays.MAX_BYTES))
    if cifar.BINARY.fullmatch(last):
        return partial(_read_cifar, entries, contents, cifar.BINARY_NAMES)
    has_names = any(_beside(name, other) in entries for other in cifar.PYTHON_NAMES)
    if cifar.PYTHON.fullmatch(last) and (has_names or "_batch" in last):
        return partial(_read_cifar, entries, contents, cifar.PYTHON_NAMES)
    return None


def _beside(name: str, other: str) -> str:
    return name[: len(name) - len(base(name))] + other


def _read_idx(entries: Mapping[str, Entry], contents: Contents, entry: Entry) -> list[Stack]:
    pictures = idx.read_idx(entry.read(idx.MAX_BYTES))
    labels = None
    for other in idx.label_file(base(entry.name)):
        found = entries.get(_beside(entry.name, other))
        if found is not None and found.name != entry.name and labels is None:
            contents.used.add(found.name)
            labels = label_names(idx.read_idx(found.read(idx.MAX_BYTES)))
    return [stack(pictures, labels)]


def _read_cifar(
    entries: Mapping[str, Entry], contents: Contents, name_files: tuple[str, ...], entry: Entry
) -> list[Stack]:
    is_python = name_files == cifar.PYTHON_NAMES
    names: tuple[str, ...] = ()
    for other in name_files:
        found = entries.get(_beside(entry.name, other))
        if found is not None:
            contents.used.add(found.name)
            names = (cifar.read_python_names if is_python else cifar.read_binary_names)(found.read(_MAX_BATCH_BYTES))
    read = cifar.read_python if is_python else cifar.read_binary
    return [read(entry.read(_MAX_BATCH_BYTES), names)]
