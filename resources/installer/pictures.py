"""A folder of pictures written without any library: the machine that checks the program need not have one."""

import struct
import zlib
from pathlib import Path


def write_pictures(folder: Path, count: int = 40, side: int = 24) -> None:
    """Write PNG files of discs on a dark ground, each of its own size and colour."""
    folder.mkdir(parents=True)
    for number in range(count):
        radius, colour = side * (0.15 + 0.3 * number / count), bytes(((37 * number) % 256, (91 * number) % 256, 200))
        (folder / f"disc-{number:02}.png").write_bytes(_png(_disc(side, radius, colour), side))


def _disc(side: int, radius: float, colour: bytes) -> list[bytes]:
    middle = side / 2
    return [
        b"".join(colour if (x - middle) ** 2 + (y - middle) ** 2 < radius**2 else b"\x14\x14\x1e" for x in range(side))
        for y in range(side)
    ]


def _png(rows: list[bytes], side: int) -> bytes:
    """Rows of RGB bytes as a PNG file (ISO/IEC 15948): signature, IHDR, IDAT, IEND."""
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(kind, body) for kind, body in ((b"IHDR", head), (b"IDAT", data), (b"IEND", b""))
    )


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
