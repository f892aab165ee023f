"""Picture files that the tests of the data room make for themselves."""

import io
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from genstudio.data.importing import ImportOptions, ImportReport, import_source

Content = dict[str, bytes | str]


def noise(height: int, width: int, channels: int = 3, seed: int = 0) -> NDArray[np.uint8]:
    """Smooth random colours: pictures that differ from one another, and survive lossy formats."""
    coarse = np.random.default_rng(seed).integers(0, 256, (4, 4, channels), dtype=np.uint8)
    bands = [Image.fromarray(coarse[:, :, band]).resize((width, height)) for band in range(channels)]
    return np.stack([np.asarray(band) for band in bands], axis=2)


def picture(height: int = 16, width: int = 16, seed: int = 0) -> Image.Image:
    return Image.fromarray(noise(height, width, seed=seed))


def encoded(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def write(folder: Path, files: Mapping[str, bytes | str]) -> Path:
    """Write files with the folders they lie in."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def photos(count: int, height: int = 16, width: int = 16) -> dict[str, bytes]:
    return {f"{index}.png": encoded(picture(height, width, seed=index)) for index in range(count)}


def silent(done: int, total: int, what: str) -> None:
    """Watch nothing."""


def run_import(source: Path, folder: Path, **options: Any) -> ImportReport:
    settings = ImportOptions().replaced({"width": 16, "height": 16, **options})
    return import_source(source, settings, folder, silent, lambda: False)


def png_of(width: int, height: int, rows: bytes, colour: int = 2, depth: int = 8, interlaced: int = 0) -> bytes:
    """A PNG whose parts are all in order, whatever its rows hold."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body
