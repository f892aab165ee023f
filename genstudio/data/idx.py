"""MNIST's IDX files (LeCun, Cortes and Burges 1998), plain or gzipped, and their pairing by name.

Four bytes say the type and the number of sides, then the sides as big-endian 32-bit numbers, then the data.
"""

import gzip
import io
import re
import struct
import zlib

import numpy as np

from genstudio.data.levels import Array
from genstudio.data.refusal import UnreadableError

MAX_BYTES = 2**30
NAME = re.compile(r"(?P<before>.*)[.-]idx(?P<sides>[134])(-ubyte)?(\.gz)?", re.IGNORECASE)
_BYTE = 8


def label_file(name: str) -> list[str]:
    """Names that the labels of a file of pictures may have: gzipped or not."""
    plain = re.sub("images", "labels", re.sub(r"idx[34]", "idx1", name)).removesuffix(".gz")
    return [plain, f"{plain}.gz"]


def read_idx(data: bytes) -> Array:
    """Return the array of bytes in an IDX file; raises `UnreadableError`."""
    if data[:2] == b"\x1f\x8b":
        data = _unzipped(data)
    if len(data) < 4 or data[:2] != b"\0\0":
        raise UnreadableError("it is not an IDX file")
    kind, sides = data[2], data[3]
    if kind != _BYTE:
        raise UnreadableError("only IDX files of bytes are read")
    start = 4 + 4 * sides
    if len(data) < start:
        raise UnreadableError("the file is cut off")
    shape = struct.unpack(f">{sides}I", data[4:start])
    if float(np.prod(shape, dtype=np.float64)) != len(data) - start:
        raise UnreadableError("the file is cut off")
    return np.frombuffer(data, dtype=np.uint8, offset=start).reshape(shape)


def _unzipped(data: bytes) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            plain = stream.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        raise UnreadableError("the file is cut off or damaged") from None
    if len(plain) > MAX_BYTES:
        raise UnreadableError(f"it would unpack to more than {MAX_BYTES // 2**30} GB")
    return plain
