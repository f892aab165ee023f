"""Reading back the sheets of pictures that a run kept. For workers: nothing here belongs to the window's thread."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from genstudio.core.errors import ProjectError


def read_sheet(path: Path, count: int, columns: int) -> NDArray[np.uint8]:
    """Cut a sheet into its pictures: uint8 (N, H, W, C) with C of 1, 3 or 4.

    Raises `ProjectError` when the file is gone, damaged, or no sheet of so many pictures.
    """
    try:
        with Image.open(path, formats=["PNG"]) as image:
            pixels = np.asarray(image if image.mode in ("L", "RGB", "RGBA") else image.convert("RGBA"))
    except Exception as error:  # Pillow raises a dozen kinds for damaged files
        raise ProjectError(
            f"The pictures kept in {path.name} cannot be read ({error}). The run itself is not touched by this."
        ) from None
    return cut_sheet(pixels if pixels.ndim == 3 else pixels[..., None], count, columns, path.name)


def cut_sheet(sheet: NDArray[np.uint8], count: int, columns: int, name: str = "") -> NDArray[np.uint8]:
    """Cut (rows * H, columns * W, C) into (count, H, W, C), row by row.

    Raises `ProjectError` when the sheet cannot hold so many pictures in so many columns.
    """
    rows = -(-count // columns) if columns > 0 else 0
    if rows < 1 or sheet.shape[0] % rows or sheet.shape[1] % columns:
        raise ProjectError(f"The sheet {name} does not hold {count} pictures in {columns} columns.")
    height, width, channels = sheet.shape[0] // rows, sheet.shape[1] // columns, sheet.shape[2]
    tiles = sheet.reshape(rows, height, columns, width, channels).swapaxes(1, 2)
    return np.ascontiguousarray(tiles.reshape(rows * columns, height, width, channels)[:count])
