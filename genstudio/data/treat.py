"""From an image to the pixels a model learns: size, fit, background and colour mode.

Shrinking is antialiased (Lanczos, a filter as wide as the shrinking asks for). Enlarging is bicubic, except for pixel
art (few colours, a whole multiple), whose squares stay squares. Transparent pictures are resized with their colours
weighted by opacity, so that colours hidden under transparency never bleed into edges.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from genstudio.data.decode import decode, from_levels
from genstudio.data.options import ImportOptions

Raw = bytes | NDArray[np.uint8]
"""A picture as it was found: an encoded file, or levels uint8 (H, W) or (H, W, C)."""

_PILLOW_MODES = {"grey": "L", "rgb": "RGB", "rgba": "RGBA"}
_PIXEL_ART_COLOURS = 32
_SOURCE_PIXELS = 2  # a JPEG keeps at least so many pixels for each one wanted before the good filter takes over


def image_of(raw: Raw, options: ImportOptions, least: int = 0) -> Image.Image:
    """Decode a picture (L, RGB or RGBA), at a fraction of its size where that is faster and loses nothing.

    `least` asks for a shorter side of at least so many pixels. Raises `UnreadableError` with the reason.
    """
    if not isinstance(raw, bytes):
        return from_levels(raw)
    return decode(raw, max(_SOURCE_PIXELS * max(options.width, options.height), least))


def treat(image: Image.Image, options: ImportOptions) -> NDArray[np.uint8]:
    """Return a decoded picture as uint8 (H, W, C).

    With transparency kept, wholly transparent pixels take the background's colour: what is never seen is the same in
    every picture, and there is nothing hidden for a model to learn.
    """
    pixels = np.array(_in_mode(_framed(image, options), options))
    if options.mode == "grey":
        return pixels[:, :, None]
    if options.mode == "rgba":
        pixels[pixels[:, :, 3] == 0, :3] = options.background_rgb
    return pixels


def _in_mode(image: Image.Image, options: ImportOptions) -> Image.Image:
    """Lay a picture on the background unless its transparency is kept, and give it its channels.

    This comes after the resizing, where it costs next to nothing; the order makes no difference to the result.
    """
    if image.mode == "RGBA" and options.mode != "rgba":
        canvas = Image.new("RGBA", image.size, (*options.background_rgb, 255))
        image = Image.alpha_composite(canvas, image)
    return image.convert(_PILLOW_MODES[options.mode])


def _framed(image: Image.Image, options: ImportOptions) -> Image.Image:
    wanted = (options.width, options.height)
    whole = (0.0, 0.0, float(image.width), float(image.height))
    if image.size == wanted:
        return image
    if options.fit == "stretch":
        return _resized(image, wanted, whole)
    if options.fit == "crop":
        return _resized(image, wanted, _largest_box(image.size, wanted))
    return _padded(image, wanted, whole)


def _largest_box(size: tuple[int, int], wanted: tuple[int, int]) -> tuple[float, float, float, float]:
    """The largest box of the wanted proportions in the middle of a picture."""
    scale = min(size[0] / wanted[0], size[1] / wanted[1])
    left, top = (size[0] - wanted[0] * scale) / 2, (size[1] - wanted[1] * scale) / 2
    return max(left, 0.0), max(top, 0.0), min(left + wanted[0] * scale, size[0]), min(top + wanted[1] * scale, size[1])


def _padded(image: Image.Image, wanted: tuple[int, int], whole: tuple[float, float, float, float]) -> Image.Image:
    scale = min(wanted[0] / image.width, wanted[1] / image.height)
    inner = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    canvas = Image.new("RGBA", wanted, (0, 0, 0, 0))
    small = _resized(image, inner, whole).convert("RGBA")
    canvas.paste(small, ((wanted[0] - inner[0]) // 2, (wanted[1] - inner[1]) // 2))
    return canvas


def _resized(image: Image.Image, size: tuple[int, int], box: tuple[float, float, float, float]) -> Image.Image:
    across, down = size[0] / (box[2] - box[0]), size[1] / (box[3] - box[1])
    if across == down == 1 and all(edge.is_integer() for edge in box):
        return image.crop((int(box[0]), int(box[1]), int(box[2]), int(box[3])))
    if _is_pixel_art(image, across, down):
        return image.resize(size, Image.Resampling.NEAREST, box)
    good = Image.Resampling.BICUBIC if min(across, down) > 1 else Image.Resampling.LANCZOS
    if image.mode != "RGBA":
        return image.resize(size, good, box, reducing_gap=3.0)
    return image.convert("RGBa").resize(size, good, box, reducing_gap=3.0).convert("RGBA")


def _is_pixel_art(image: Image.Image, across: float, down: float) -> bool:
    whole = across.is_integer() and down.is_integer() and min(across, down) > 1
    return whole and image.getcolors(_PIXEL_ART_COLOURS) is not None
