"""From the bytes of a picture, or its bare levels, to an upright image in grey, RGB or RGBA.

Bytes come from strangers. Only six common formats are let near a decoder, nothing above 50 million pixels is decoded,
and whatever a decoder raises becomes one sentence about that file.
"""

import io
import struct
import warnings
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from genstudio.data.refusal import UnreadableError

# Named by their decoders: the first file of a format not loaded yet would make Pillow load all forty of them.
FORMATS = (
    PngImagePlugin.PngImageFile.format,
    JpegImagePlugin.JpegImageFile.format,
    WebPImagePlugin.WebPImageFile.format,
    GifImagePlugin.GifImageFile.format,
    TiffImagePlugin.TiffImageFile.format,
    BmpImagePlugin.BmpImageFile.format,
)
MAX_PIXELS = 50_000_000

# Pillow's own guards, kept in step with ours; its remarks about odd metadata are of no use to a designer.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)

_BEGINNINGS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF", b"GIF8", b"II*\0", b"MM\0*", b"BM")
_TOO_LARGE = "it has more than 50 million pixels"
_CUT_OFF = "the file is cut off"
_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def starts_like_picture(data: bytes) -> bool:
    """Whether the first bytes are those of one of the formats."""
    return data.startswith(_BEGINNINGS)


def decode(data: bytes, least: int | None = None) -> Image.Image:
    """Decode a picture's first frame, upright, in mode L, RGB or RGBA.

    `least`: when given, a JPEG may be decoded at a fraction of its size, as long as its shorter side keeps at least
    this many pixels. Raises `UnreadableError` with the reason.
    """
    if not data:
        raise UnreadableError("the file is empty")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            return _decode(image, data, least)
    except UnreadableError:
        raise
    except UnidentifiedImageError:
        raise UnreadableError("it is not a picture, or of a kind that is not supported") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UnreadableError(_TOO_LARGE) from None
    except Exception as error:  # decoders raise whatever they like
        raise UnreadableError(_reason(error)) from None


def from_levels(levels: NDArray[np.uint8]) -> Image.Image:
    """Make an image of bare levels, uint8 (H, W) or (H, W, C) with C one of 1, 3, 4."""
    if levels.ndim == 3 and levels.shape[2] == 1:
        levels = levels[:, :, 0]
    return Image.fromarray(np.ascontiguousarray(levels))


def _decode(image: Image.Image, data: bytes, least: int | None) -> Image.Image:
    if image.width * image.height > MAX_PIXELS:
        raise UnreadableError(_TOO_LARGE)
    if least is not None and image.format in ("JPEG", "MPO"):
        _draft(image, least)
    image.load()
    if image.format == "PNG" and _ends_blank(image) and _rows_missing(data):
        raise UnreadableError(_CUT_OFF)
    upright = _UPRIGHT.get(_orientation(image))
    plain = _plain(image)
    return plain.transpose(upright) if upright is not None else plain


def _draft(image: Image.Image, least: int) -> None:
    """Let the JPEG decoder shrink by 2, 4 or 8 on the way, which is many times faster and loses nothing we keep."""
    scale = least / min(image.size)
    if scale < 1:
        image.draft(None, (round(image.width * scale), round(image.height * scale)))


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # broken metadata is no reason to refuse a good picture
        return 1


def _plain(image: Image.Image) -> Image.Image:
    """Convert any mode to L, RGB or RGBA without clipping levels or losing transparency."""
    if image.mode.startswith("I") or image.mode == "F":
        return from_levels(_eight_bits(np.asarray(image)))
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode in ("1", "L"):
        return image.convert("L")
    return image.convert("RGB")


def _eight_bits(levels: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Scale deep grey levels to 8 bits by what their type can hold, never by what one picture happens to contain.

    16-bit levels are divided by 257; levels stored in a wider type are taken as 16-bit while they fit, and floating
    point as 0 to 1 or, where larger, 0 to 255.
    """
    values = levels.astype(np.float64)
    if not np.isfinite(values).all():
        raise UnreadableError("it contains numbers that are not levels of light")
    full = _full_scale(levels.dtype.kind, float(values.max()))
    return np.clip(np.rint(values * (255 / full)), 0, 255).astype(np.uint8)


def _full_scale(kind: str, top: float) -> float:
    if kind == "f":
        return 1.0 if top <= 1 else 255.0
    return 65535.0 if top <= 65535 else float(2**31 - 1)


def _ends_blank(image: Image.Image) -> bool:
    """Whether the last row is all zeros, as it is where a decoder stopped early without a word.

    Not asked where opacity is stored: most such pictures end in transparent rows, and missing ones add nothing false.
    """
    if image.mode in ("RGBA", "LA"):
        return False
    return image.crop((0, image.height - 1, image.width, image.height)).getbbox() is None


def _rows_missing(data: bytes) -> bool:
    """Whether a PNG holds fewer bytes of pixels than its header promises (Pillow takes such files for whole)."""
    expected, stream = _png_layout(data)
    unpacker, seen = zlib.decompressobj(), 0
    while seen < expected and stream and not unpacker.eof:
        seen += len(unpacker.decompress(stream, 2**20))
        stream = unpacker.unconsumed_tail
    return seen < expected


def _png_layout(data: bytes) -> tuple[int, bytes]:
    """Bytes of filtered rows a PNG should hold, and its compressed stream (PNG specification, sections 7 to 11)."""
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", data[16:29])
    bits = depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    passes = _ADAM7 if interlaced else ((0, 0, 1, 1),)
    expected = 0
    for left, top, across, down in passes:
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        if columns > 0 and rows > 0:
            expected += rows * (1 + (columns * bits + 7) // 8)
    pieces, at = [], 8
    while at + 8 <= len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        if data[at + 4 : at + 8] == b"IDAT":
            pieces.append(data[at + 8 : at + 8 + length])
        at += 12 + length
    return expected, b"".join(pieces)


_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())[:120]
    if "truncated" in text.lower() or "incomplete" in text.lower():
        return _CUT_OFF
    return f"it could not be decoded ({text})" if text else "it could not be decoded"
