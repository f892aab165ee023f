"""Arrays of pictures in NumPy's files, read without ever unpickling.

`.npy` holds pictures; `.npz` holds pictures and, where it can be told from the names, their labels: `images`, `x`,
`data` or `arr_0`, with `labels`, `y`, `targets` or `arr_1`. Pairs such as `x_train`, `y_train`, `x_test`, `y_test`
are all taken. Numbers that describe each picture, for models that heed them, are called `embeddings`. The header is
checked against the size of the data before anything is made of it.
"""

import io
import re
import zipfile
import zlib

import numpy as np
from numpy.lib import format as npy

from genstudio.data.levels import Array, Stack, label_names, stack, vectors
from genstudio.data.refusal import UnreadableError

MAX_BYTES = 2 * 2**30
_PICTURES = {"images", "image", "x", "data"}
_LABELS = {"labels", "label", "y", "targets", "target"}
_EMBEDDINGS = {"embeddings", "embedding"}


def read_npy(data: bytes) -> Stack:
    """Read one array of pictures; raises `UnreadableError`."""
    return stack(_array(data))


def read_npz(data: bytes) -> list[Stack]:
    """Read every array of pictures of an archive, with its labels; raises `UnreadableError`."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
            if sum(info.file_size for info in infos.values()) > MAX_BYTES:
                raise UnreadableError(f"it would unpack to more than {MAX_BYTES // 2**30} GB")
            pairs = _pairs(list(infos))
            return [_pair(archive, *(infos[name] if name else None for name in names)) for names in pairs]
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        raise UnreadableError(f"it cannot be opened ({str(error)[:100]})") from None


def _pairs(names: list[str]) -> list[tuple[str, str | None, str | None]]:
    """Names of arrays of pictures, each with that of its labels and of its embeddings, or None."""
    roles = {name: _role(name) for name in names}
    labels, embeddings = (
        {rest: name for name, (role, rest) in roles.items() if role == wanted} for wanted in ("labels", "embeddings")
    )
    pairs = [(name, labels.get(rest), embeddings.get(rest)) for name, (role, rest) in roles.items() if role == "images"]
    if not pairs:
        raise UnreadableError(f"none of its arrays is called images, x or arr_0; it has {', '.join(names)[:100]}")
    return pairs


def _role(name: str) -> tuple[str, frozenset[str]]:
    """What an array is for, and the rest of its name, which pictures share with what belongs to them."""
    if name in ("arr_0", "arr_1"):
        return ("images" if name == "arr_0" else "labels"), frozenset()
    words = set(re.split(r"[^a-z0-9]+", name.lower()))
    if words & _EMBEDDINGS:
        return "embeddings", frozenset(words - _EMBEDDINGS - _PICTURES)
    if words & _PICTURES:
        return "images", frozenset(words - _PICTURES)
    if words & _LABELS:
        return "labels", frozenset(words - _LABELS)
    return "", frozenset()


def _pair(
    archive: zipfile.ZipFile,
    images: zipfile.ZipInfo | None,
    labels: zipfile.ZipInfo | None,
    embeddings: zipfile.ZipInfo | None,
) -> Stack:
    assert images is not None  # `_pairs` names it
    return stack(
        _array(archive.read(images)),
        None if labels is None else label_names(_array(archive.read(labels))),
        None if embeddings is None else vectors(_array(archive.read(embeddings))),
    )


def _array(data: bytes) -> Array:
    stream = io.BytesIO(data)
    try:
        version = npy.read_magic(stream)
        read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, fortran, kind = read(stream)
    except Exception as error:  # the header is a line of Python literals, and may be damaged in any way
        raise UnreadableError(f"it is not a NumPy array ({type(error).__name__})") from None
    if kind.hasobject:
        raise UnreadableError("its array holds pickled objects, which can hold programs and are never opened")
    if kind.itemsize * float(np.prod(shape, dtype=np.float64)) != len(data) - stream.tell():
        raise UnreadableError("the file is cut off")
    array = np.frombuffer(data, dtype=kind, offset=stream.tell())
    return array.reshape(shape, order="F" if fortran else "C")
