"""Pictures into files and back: PNG with the recipe inside, contact sheet, GIF, zip. No torch here."""

import io
import json
import math
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin
from pydantic import ValidationError

from genstudio.core.errors import DataError
from genstudio.core.files import write_whole
from genstudio.core.recipe import Recipe

Picture = NDArray[np.uint8]
"""uint8 (H, W, C), C of 1 (grey), 3 (RGB) or 4 (RGBA)."""

RECIPE_KEY = "genstudio"
_MOST_RECIPE_BYTES = 400_000  # a latent may be part of it
_MOST_FILE_BYTES = 256_000_000
_MOST_PIXELS = 64_000_000


def write_png(path: Path, image: Picture, recipe: Recipe | None) -> None:
    """Write a picture durably: it is there whole or not at all. Raises `DiskFullError`."""
    info = PngImagePlugin.PngInfo()
    if recipe is not None:
        info.add_itxt(RECIPE_KEY, recipe.model_dump_json())
    buffer = io.BytesIO()
    _pillow(image).save(buffer, "PNG", pnginfo=info)
    write_whole(path, [buffer.getvalue()])


def read_image(path: Path) -> Picture:
    """Read a PNG of ours (or anybody's), uint8 (H, W, C). Raises `DataError` when it is gone, damaged or too large."""
    file = _decoded(path)
    pixels = np.asarray(file if file.mode in ("L", "RGB", "RGBA") else file.convert("RGBA"))
    return pixels[:, :, None] if pixels.ndim == 2 else pixels


def read_recipe(path: Path) -> Recipe | None:
    """Read the recipe inside a PNG; None when it holds none that can be trusted to be one. Raises `DataError`."""
    return parsed_recipe(getattr(_decoded(path), "text", {}).get(RECIPE_KEY, ""))


def read_film_recipe(path: Path) -> Recipe | None:
    """Read the recipe in the comment of a GIF; None when there is none to be trusted."""
    try:
        if path.stat().st_size > _MOST_FILE_BYTES:
            return None
        with Image.open(path, formats=["GIF"]) as film:
            comment = film.info.get("comment", b"")
            return parsed_recipe(comment.decode() if isinstance(comment, bytes) else str(comment))
    except Exception:  # decoders raise whatever they like
        return None


def parsed_recipe(text: str) -> Recipe | None:
    """The recipe that a text is; None when it is none that can be trusted to be one."""
    if not text or len(text) > _MOST_RECIPE_BYTES:
        return None
    try:
        return Recipe.model_validate(json.loads(text, parse_constant=_refuse))
    except (ValidationError, ValueError, RecursionError):
        return None


def contact_sheet(images: Sequence[Picture], columns: int | None = None, gap: int = 2) -> Picture:
    """Lay pictures of one size out in a grid on white (transparent for RGBA), uint8 (H, W, C)."""
    height, width, channels = images[0].shape
    columns = columns or max(1, math.ceil(math.sqrt(len(images))))
    rows = math.ceil(len(images) / columns)
    paper = 0 if channels == 4 else 255
    shape = (rows * (height + gap) + gap, columns * (width + gap) + gap, channels)
    sheet = np.full(shape, paper, dtype=np.uint8)
    for number, image in enumerate(images):
        top = gap + (number // columns) * (height + gap)
        left = gap + (number % columns) * (width + gap)
        sheet[top : top + height, left : left + width] = image
    return sheet


def write_gif(path: Path, frames: Sequence[Picture], milliseconds: int = 80, recipe: Recipe | None = None) -> None:
    """Write an endless GIF, `milliseconds` a frame. GIFs have 256 colours and no half transparency.

    The recipe lies in its comment.
    """
    pictures = [_pillow(frame) for frame in frames]
    comment = recipe.model_dump_json().encode() if recipe is not None else b""
    buffer = io.BytesIO()
    pictures[0].save(
        buffer,
        "GIF",
        save_all=True,
        append_images=pictures[1:],
        duration=milliseconds,
        loop=0,
        disposal=2,
        comment=comment,
    )
    write_whole(path, [buffer.getvalue()])


def write_zip(path: Path, files: Sequence[Path]) -> None:
    """Pack files under their own names; a name that occurs twice gets a number."""
    buffer = io.BytesIO()
    taken: set[str] = set()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for file in files:
            archive.write(file, _free_name(file, taken))
    write_whole(path, [buffer.getvalue()])


def _free_name(file: Path, taken: set[str]) -> str:
    name, number = file.name, 2
    while name in taken:
        name, number = f"{file.stem}-{number}{file.suffix}", number + 1
    taken.add(name)
    return name


def _pillow(image: Picture) -> Image.Image:
    return Image.fromarray(image[:, :, 0] if image.shape[2] == 1 else image)


def _decoded(path: Path) -> Image.Image:
    """Open and decode a PNG within bounds, its text chunks read (Pillow bounds what they unpack to)."""
    try:
        if path.stat().st_size > _MOST_FILE_BYTES:
            raise ValueError("too large a file")
        with Image.open(path, formats=["PNG"]) as file:
            if file.width * file.height > _MOST_PIXELS:
                raise ValueError("too many pixels")
            file.load()
            return file
    except Exception as error:  # decoders raise whatever they like
        raise DataError(f"“{path.name}” is gone, damaged or not a PNG file ({error}).") from None


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not a number")
