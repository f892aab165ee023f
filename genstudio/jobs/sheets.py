"""Previews on disk: many small pictures of one size as one lossless PNG, without gaps."""

import io
import math
from pathlib import Path
from typing import TYPE_CHECKING

from genstudio.core.errors import DataError
from genstudio.core.files import write_whole
from genstudio.store.files import make_folder, sentences

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MOST_PIXELS = 64_000_000


def columns_for(count: int) -> int:
    """How many columns make a sheet of so many pictures nearly square."""
    return max(1, math.ceil(math.sqrt(count)))


def write_sheet(path: Path, images: "NDArray[np.uint8]") -> None:
    """Write pictures uint8 (N, H, W, C), C of 1, 3 or 4, as one PNG, durably. Raises like `sentences`."""
    from PIL import Image

    sheet = _laid_out(images, columns_for(len(images)))
    buffer = io.BytesIO()
    Image.fromarray(sheet.squeeze(2) if sheet.shape[2] == 1 else sheet).save(buffer, "PNG", compress_level=3)
    make_folder(path.parent)
    with sentences(path):
        write_whole(path, [buffer.getvalue()])


def read_sheet(path: Path, count: int, columns: int) -> "NDArray[np.uint8]":
    """Read the pictures of a sheet, uint8 (N, H, W, C). Raises `DataError` when the file is gone or damaged."""
    import numpy as np
    from PIL import Image

    try:
        with Image.open(path, formats=["PNG"]) as file:
            if file.width * file.height > _MOST_PIXELS or file.mode not in ("L", "RGB", "RGBA"):
                raise ValueError("not one of our sheets")
            sheet = np.asarray(file)
    except Exception:
        raise DataError(
            f"The preview “{path.name}” is gone or damaged; the run itself is not touched by that."
        ) from None
    rows = math.ceil(count / columns)
    height, width = sheet.shape[0] // rows, sheet.shape[1] // columns
    grid = sheet.reshape(rows, height, columns, width, -1).transpose(0, 2, 1, 3, 4)
    return grid.reshape(rows * columns, height, width, -1)[:count]


def _laid_out(images: "NDArray[np.uint8]", columns: int) -> "NDArray[np.uint8]":
    import numpy as np

    count, height, width, channels = images.shape
    rows = math.ceil(count / columns)
    cells = np.zeros((rows * columns, height, width, channels), dtype=np.uint8)
    cells[:count] = images
    grid = cells.reshape(rows, columns, height, width, channels).transpose(0, 2, 1, 3, 4)
    return grid.reshape(rows * height, columns * width, channels)
