"""A few pictures of a dataset, read without opening all of it. For workers, not for the window's thread."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genstudio.core.errors import DatasetGoneError
from genstudio.core.spec import DataSpec
from genstudio.data.cache import PIXELS, gone


def read_strip(folder: Path, spec: DataSpec, count: int) -> list[NDArray[np.uint8]]:
    """Read up to `count` pictures spread evenly over a dataset, each uint8 (H, W, C).

    Raises `DatasetGoneError` when its file is missing or too short.
    """
    count = min(count, spec.count)
    places = [place * spec.count // count for place in range(count)]
    try:
        return [read_picture(folder, spec, place) for place in places]
    except OSError as error:
        raise DatasetGoneError(gone(folder, error.strerror or "it cannot be read")) from None


def read_picture(folder: Path, spec: DataSpec, place: int) -> NDArray[np.uint8]:
    """Read one picture, uint8 (H, W, C). Raises `DatasetGoneError` when the file is too short, `OSError` without it."""
    flat = np.fromfile(folder / PIXELS, dtype=np.uint8, count=spec.dimensions, offset=place * spec.dimensions)
    if flat.size != spec.dimensions:
        raise DatasetGoneError(gone(folder, f"{PIXELS} is cut off"))
    return np.ascontiguousarray(flat.reshape(spec.channels, spec.height, spec.width).transpose(1, 2, 0))
