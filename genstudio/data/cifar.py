"""CIFAR-10 and CIFAR-100 (Krizhevsky 2009), in their Python and binary forms, read without unpickling.

A picture is 3072 bytes: 1024 of red, then green, then blue, rows first. The Python form is a pickle of one dictionary
(`data`, and `labels` or `fine_labels`); the binary form is a row of records, one label byte (CIFAR-10) or a coarse
and a fine one (CIFAR-100) before each picture. Names of the classes lie in files of their own.
"""

import re
from collections.abc import Mapping

import numpy as np

from genstudio.data.levels import Stack, stack
from genstudio.data.pickled import bytes_array, read_plain
from genstudio.data.refusal import UnreadableError

PYTHON = re.compile(r"(data_batch_\d+|test_batch|train|test)")
BINARY = re.compile(r"(data_batch_\d+|test_batch|train|test)\.bin")
PYTHON_NAMES = ("batches.meta", "meta")
BINARY_NAMES = ("batches.meta.txt", "fine_label_names.txt")
_PICTURE = 3 * 32 * 32


def read_python(data: bytes, names: tuple[str, ...]) -> Stack:
    """Read a batch in Python form; `names` are those of the classes, or empty. Raises `UnreadableError`."""
    content = _dictionary(data)
    pictures = bytes_array(content.get("data"))
    if pictures.ndim != 2 or pictures.shape[1] != _PICTURE:
        raise UnreadableError("it does not hold pictures of 32 by 32 pixels")
    numbers = content.get("fine_labels", content.get("labels"))
    if not isinstance(numbers, list):
        raise UnreadableError("it has no list of labels")
    return stack(pictures.reshape(-1, 3, 32, 32), tuple(_label(number, names) for number in numbers))


def read_python_names(data: bytes) -> tuple[str, ...]:
    """Read the names of the classes from `batches.meta` or `meta`; raises `UnreadableError`."""
    content = _dictionary(data)
    names = content.get("fine_label_names", content.get("label_names"))
    if not isinstance(names, list):
        raise UnreadableError("it has no list of names")
    return tuple(_text(name) for name in names)


def read_binary(data: bytes, names: tuple[str, ...]) -> Stack:
    """Read a batch in binary form; raises `UnreadableError` when it is not a whole number of records."""
    for labels in (1, 2):
        if data and len(data) % (labels + _PICTURE) == 0:
            records = np.frombuffer(data, dtype=np.uint8).reshape(-1, labels + _PICTURE)
            numbers = records[:, labels - 1].tolist()
            pictures = records[:, labels:].reshape(-1, 3, 32, 32)
            return stack(pictures, tuple(_label(number, names) for number in numbers))
    raise UnreadableError("it is not a whole number of pictures; the file is cut off, or no CIFAR batch")


def read_binary_names(data: bytes) -> tuple[str, ...]:
    """Read the names of the classes from a text file, one a line."""
    return tuple(line.strip() for line in data.decode("utf-8", "replace").splitlines() if line.strip())


def _dictionary(data: bytes) -> Mapping[str, object]:
    content = read_plain(data)
    if not isinstance(content, dict):
        raise UnreadableError("it is not a CIFAR batch")
    return {_text(key): value for key, value in content.items()}


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _label(number: object, names: tuple[str, ...]) -> str:
    if not isinstance(number, int) or number < 0:
        raise UnreadableError("its labels are not whole numbers")
    return names[number] if number < len(names) else str(number)
