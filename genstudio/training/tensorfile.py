"""The safetensors format, read and written by ourselves: every byte of a file is accounted for before it is used.

A file is the header's length (8 bytes, little endian), a JSON header, then the tensors' bytes without gaps. Reading
copies out of bytes and never maps the file, which would kill the process when somebody truncates it. Files are
ordinary safetensors files in both directions.
"""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import torch
from torch import Tensor

from genstudio.core.errors import CheckpointError

_TYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}
_NAMES = {kind: name for name, kind in _TYPES.items()}
_HEADER_LIMIT = 16 << 20
_MOST_DIMENSIONS = 16
_METADATA = "__metadata__"


@dataclass(frozen=True)
class _Entry:
    """Where one tensor lies among the bytes after the header."""

    kind: torch.dtype
    shape: tuple[int, ...]
    begin: int
    end: int


def encode(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> Iterator[memoryview]:
    """Yield a file piece by piece; tensors come from any device.

    Raises `TypeError` for a kind of number a checkpoint never holds.
    """
    ordered = sorted(tensors.items(), key=lambda item: (-item[1].dtype.itemsize, item[0]))
    yield memoryview(_head(ordered, metadata))
    for _, tensor in ordered:
        if tensor.numel():
            raw = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
            yield raw.numpy().data


def size_of(tensors: Mapping[str, Tensor]) -> int:
    """Bytes the tensors take, without the header."""
    return sum(tensor.numel() * tensor.dtype.itemsize for tensor in tensors.values())


def _head(ordered: list[tuple[str, Tensor]], metadata: Mapping[str, str]) -> bytes:
    header: dict[str, Any] = {_METADATA: dict(metadata)}
    begin = 0
    for name, tensor in ordered:
        if tensor.dtype not in _NAMES:
            raise TypeError(f"a checkpoint cannot hold {tensor.dtype} (“{name}”)")
        end = begin + tensor.numel() * tensor.dtype.itemsize
        header[name] = {"dtype": _NAMES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [begin, end]}
        begin = end
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


def decode(data: bytes) -> tuple[dict[str, str], dict[str, Tensor]]:
    """Take a file apart into its metadata and tensors (on the CPU, each with memory of its own).

    Raises `CheckpointError` for anything that is not exactly right.
    """
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > min(_HEADER_LIMIT, len(data) - 8):
        _refuse("it is cut short or no checkpoint at all")
    header = strict_json(data[8 : 8 + length])
    metadata = _metadata(header.pop(_METADATA, {}))
    entries = {name: _entry(name, value) for name, value in header.items()}
    _check_gapless(entries, len(data) - 8 - length)
    body = memoryview(data)[8 + length :]
    return metadata, {name: _tensor(name, entry, body) for name, entry in entries.items()}


def check_hash(data: bytes, sha256: str | None) -> None:
    """Raise `CheckpointError` unless the bytes hash to `sha256` (None: not known, so anything does)."""
    if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
        _refuse("its content is not what was written")


def strict_json(data: bytes) -> dict[str, Any]:
    """Parse a JSON object, refusing repeated names and numbers that are not finite."""
    try:
        value = json.loads(
            data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_not_finite, parse_float=_finite
        )
    except (ValueError, RecursionError):
        _refuse("its header is garbled")
    if not isinstance(value, dict):
        _refuse("its header is garbled")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice")
    return found


def _finite(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _not_finite(text)


def _not_finite(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a finite number")


def _metadata(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        _refuse("its metadata are not text")
    return value


def _entry(name: str, value: object) -> _Entry:
    if not isinstance(value, dict) or value.keys() != {"dtype", "shape", "data_offsets"}:
        _refuse(f"the entry of “{name}” is incomplete")
    kind, shape, offsets = value["dtype"], value["shape"], value["data_offsets"]
    if not isinstance(kind, str) or kind not in _TYPES:
        _refuse(f"“{name}” holds numbers of an unknown kind")
    if not _whole(shape) or len(shape) > _MOST_DIMENSIONS or not _whole(offsets) or len(offsets) != 2:
        _refuse(f"the shape or place of “{name}” makes no sense")
    entry = _Entry(_TYPES[kind], tuple(shape), offsets[0], offsets[1])
    if entry.end - entry.begin != math.prod(entry.shape) * entry.kind.itemsize:
        _refuse(f"the size of “{name}” does not match its shape")
    return entry


def _whole(value: object) -> bool:
    return isinstance(value, list) and all(type(number) is int and number >= 0 for number in value)


def _check_gapless(entries: Mapping[str, _Entry], size: int) -> None:
    position = 0
    for entry in sorted(entries.values(), key=lambda entry: (entry.begin, entry.end)):
        if entry.begin != position:
            _refuse("its tensors overlap or leave gaps")
        position = entry.end
    if position != size:
        _refuse("it is longer or shorter than its header says")


def _tensor(name: str, entry: _Entry, body: memoryview) -> Tensor:
    if entry.begin == entry.end:
        return torch.empty(entry.shape, dtype=entry.kind)
    raw = torch.frombuffer(bytearray(body[entry.begin : entry.end]), dtype=torch.uint8)
    if entry.kind is torch.bool and int(raw.max()) > 1:
        _refuse(f"“{name}” holds something other than yes and no")
    return raw.view(entry.kind).reshape(entry.shape)


def _refuse(why: str) -> NoReturn:
    raise CheckpointError(f"This checkpoint is damaged: {why}. Use an older checkpoint of the run.")
