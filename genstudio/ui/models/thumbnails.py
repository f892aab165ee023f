"""Small pictures from files, made off the window's thread by Pillow; Qt never decodes bytes it did not make."""

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtGui import QImage

from genstudio.generation.export import Picture, read_image
from genstudio.ui.bridge import Bridge
from genstudio.ui.models.reading import Reader
from genstudio.ui.views.gallery_types import Deliver
from genstudio.ui.views.image import qimage_from_array


class Thumbnails:
    """Makes pictures off the window's thread. A `ThumbnailProvider`.

    `read` makes the picture of a key, at most so large (in pixels of its longer side), and is called in a worker.
    """

    def __init__(self, read: Callable[[str, int], QImage], bridge: Bridge, reader: Reader) -> None:
        self._read = read
        self._bridge = bridge
        self._reader = reader
        self._asked: dict[tuple[str, int], Future[QImage]] = {}

    def request(self, key: str, edge: int, deliver: Deliver) -> None:
        """Start to make a picture; `deliver` is called later, in the window's thread."""
        future = self._reader.read(self._read, key, edge)
        self._asked[key, edge] = future

        def done(image: QImage) -> None:
            self._asked.pop((key, edge), None)
            deliver(key, edge, image)

        def failed(_: str) -> None:
            self._asked.pop((key, edge), None)
            deliver(key, edge, None)

        self._bridge.ask(future, done, failed)

    def forget(self, key: str, edge: int) -> None:
        """Drop a request that has not begun."""
        future = self._asked.pop((key, edge), None)
        if future is not None:
            future.cancel()


def read_thumbnail(path: Path, edge: int) -> QImage:
    """Read a PNG, made smaller where its longer side exceeds `edge`. For workers; raises `DataError`."""
    return qimage_from_array(reduced(read_image(path), edge))


def reduced(picture: Picture, edge: int) -> Picture:
    """Make a picture (H, W, C) smaller until its longer side is at most `edge`; smaller ones are left as they are."""
    height, width, channels = picture.shape
    if max(height, width) <= edge:
        return picture
    image = Image.fromarray(picture[:, :, 0] if channels == 1 else picture)
    image.thumbnail((edge, edge), Image.Resampling.LANCZOS, reducing_gap=2.0)
    pixels = np.asarray(image)
    return pixels[:, :, None] if pixels.ndim == 2 else pixels
