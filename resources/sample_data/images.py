"""Small files, the same bytes each time: 16-level grey PNG, zip archives without a clock."""

import json
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# The earliest time a zip entry can carry: archives must not depend on when they were made.
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


def grey16_png(levels: NDArray[np.uint8]) -> bytes:
    """A greyscale PNG of 4 bits a pixel from levels 0 (black) to 15 (white), shape (H, W), W even.

    Pillow reads this form but writes grey only with 8 bits, which is twice the size here. Level v
    decodes to 17 v, so that reading and quantising again changes nothing. PNG (ISO/IEC 15948), 11.
    """
    height, width = levels.shape
    header = struct.pack(">IIBBBBB", width, height, 4, 0, 0, 0, 0)
    packed = levels[:, 0::2] << 4 | levels[:, 1::2]  # (H, W / 2)
    rows = np.insert(packed, 0, 0, axis=1)  # the filter type of each row: none
    body = zlib.compress(rows.tobytes(), 9)
    chunks = _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


def write_dataset_zip(path: Path, images: Mapping[str, bytes], records: Sequence[Mapping[str, str]]) -> None:
    """Write encoded images by name, and `metadata.jsonl` with one record an image, sorted by name.

    The images are stored as they are, since deflating compressed bytes gains nothing.
    """
    ordered = sorted(records, key=lambda record: record["file_name"])
    lines = [json.dumps(record, ensure_ascii=False) + "\n" for record in ordered]
    with zipfile.ZipFile(path, "w") as archive:
        _write_entry(archive, "metadata.jsonl", "".join(lines).encode(), zipfile.ZIP_DEFLATED)
        for name in sorted(images):
            _write_entry(archive, name, images[name], zipfile.ZIP_STORED)


def _write_entry(archive: zipfile.ZipFile, name: str, data: bytes, method: int) -> None:
    entry = zipfile.ZipInfo(name, _ZIP_EPOCH)
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, data, compress_type=method, compresslevel=9)
