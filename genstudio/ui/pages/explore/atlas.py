"""What a map is painted from: all pictures small in one sheet, and a colour for each label."""

import colorsys
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage

from genstudio.ui.views.image import qimage_from_array
from genstudio.ui.views.plot_colours import ON_DARK, slot_colour

EDGE = 48
_GOLDEN = 0.61803398875


@dataclass(frozen=True, eq=False)
class Atlas:
    """N pictures of one size in a sheet of so many columns."""

    sheet: QImage
    columns: int
    width: int
    height: int

    def part(self, index: int) -> QRectF:
        """Where a picture lies in the sheet."""
        row, column = divmod(index, self.columns)
        return QRectF(column * self.width, row * self.height, self.width, self.height)


def make_atlas(pictures: NDArray[np.uint8]) -> Atlas:
    """Lay out pictures uint8 (N, H, W, C), made small where they are large. For workers."""
    small = pictures if max(pictures.shape[1:3]) <= EDGE else np.stack([_small(picture) for picture in pictures])
    count, height, width, channels = small.shape
    columns = math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    padded = np.zeros((rows * columns, height, width, channels), np.uint8)
    padded[:count] = small
    sheet = padded.reshape(rows, columns, height, width, channels).transpose(0, 2, 1, 3, 4)
    pixels = np.ascontiguousarray(sheet.reshape(rows * height, columns * width, channels))
    return Atlas(qimage_from_array(pixels), columns, width, height)


def label_colours(count: int, dark: bool) -> list[QColor]:
    """A colour for each label: the fixed ones that everybody can tell apart, and for more labels hues far apart."""
    if count <= len(ON_DARK):
        return [slot_colour(slot, dark) for slot in range(count)]
    light = 0.66 if dark else 0.42
    hues = [(index * _GOLDEN) % 1 for index in range(count)]
    return [QColor.fromRgbF(*colorsys.hls_to_rgb(hue, light, 0.62)) for hue in hues]


def _small(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    scale = EDGE / max(height, width)
    flat = picture[:, :, 0] if picture.shape[2] == 1 else picture
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    pixels = np.asarray(Image.fromarray(flat).resize(size, Image.Resampling.BOX))
    return pixels[:, :, None] if pixels.ndim == 2 else pixels
