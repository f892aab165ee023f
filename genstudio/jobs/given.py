"""Pictures that people give: treated like those the run learned from, and kept with what is made of them."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from genstudio.core.config import parse
from genstudio.core.errors import DataError, DatasetGoneError, ProjectError
from genstudio.generation.export import read_image, write_png
from genstudio.generation.given import Given, Mask
from genstudio.jobs.workspace import Workspace
from genstudio.store.files import make_folder, sentences
from genstudio.store.layout import given_file
from genstudio.store.project import Project

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from genstudio.data.options import ImportOptions

_DIGEST = re.compile(r"[0-9a-f]{64}")
_MOST_BYTES = 256_000_000


def picture_of(ws: Workspace, run: str, file: Path) -> "NDArray[np.uint8]":
    """Read a picture file, uint8 (H, W, C), treated as the run's dataset was at its import. Raises `DataError`."""
    return _treated(file, _options(ws, run))


def whole_picture_of(ws: Workspace, run: str, file: Path) -> "NDArray[np.uint8]":
    """Read a picture file at its own size, uint8 (H, W, C), in the colours of the run's dataset. Raises `DataError`."""
    from genstudio.data.decode import decode
    from genstudio.data.treat import treat

    options = _options(ws, run)

    def whole(data: bytes) -> "NDArray[np.uint8]":
        image = decode(data)
        return treat(image, options.model_copy(update={"width": image.width, "height": image.height}))

    return _read(file, whole)


def mask_of(ws: Workspace, run: str, file: Path) -> Mask:
    """Read a mask, bool (H, W): true where a picture file is light. It is fitted like `picture_of`."""
    return _treated(file, _options(ws, run).replaced({"mode": "grey", "background": "#000000"}))[:, :, 0] > 127


def dataset_picture(ws: Workspace, run: str, place: int) -> "NDArray[np.uint8]":
    """The picture at a place of the run's dataset, uint8 (H, W, C). Raises `DataError`."""
    from genstudio.data.dataset import ImageDataset

    dataset = ImageDataset.open(dataset_folder(ws, run))
    if not 0 <= place < len(dataset):
        raise DataError(f"There is no picture {place:,} in the dataset: it has {len(dataset):,}, counted from 0.")
    return dataset.image(place)


def dataset_folder(ws: Workspace, run: str) -> Path:
    """Where the dataset lies that a run (by name or id) learned from. Raises `DatasetGoneError`."""
    record = ws.project.run(run)
    try:
        return ws.project.path(ws.project.dataset(record.dataset).folder)
    except ProjectError:
        raise DatasetGoneError(
            f"The dataset that “{record.name}” learned from is not in this project any more, so that nobody can say "
            "how pictures have to be treated for it. Undo its deletion, or train a new run."
        ) from None


def keep_given(project: Project, given: Given) -> str:
    """Keep what a completion starts from; returns its digest. Raises `ProjectError` or `DiskFullError`."""
    digest = given.digest
    path = project.path(given_file(digest))
    if not path.is_file():
        make_folder(path.parent)
        with sentences(path):
            write_png(path, given.sheet, None)
    return digest


def read_given(project: Project, digest: object) -> Given:
    """What a completion started from. Raises `DataError` when it is gone or was changed."""
    if isinstance(digest, str) and _DIGEST.fullmatch(digest):
        given = Given.of_sheet(read_image(project.path(given_file(digest))))
        if given.digest == digest:
            return given
    raise DataError("What this picture was completed from was changed or is not in this project.")


def _treated(file: Path, options: "ImportOptions") -> "NDArray[np.uint8]":
    from genstudio.data.treat import image_of, treat

    return _read(file, lambda data: treat(image_of(data, options), options))


def _read(file: Path, decoded: "Callable[[bytes], NDArray[np.uint8]]") -> "NDArray[np.uint8]":
    from genstudio.data.refusal import UnreadableError

    try:
        if file.stat().st_size > _MOST_BYTES:
            raise UnreadableError("the file is too large")
        return decoded(file.read_bytes())
    except UnreadableError as error:
        raise DataError(f"“{file.name}” cannot be used: {error}.") from None
    except OSError as error:
        raise DataError(f"“{file.name}” cannot be read ({error.strerror or error}).") from None


def _options(ws: Workspace, run: str) -> "ImportOptions":
    from genstudio.data.cache import read_header
    from genstudio.data.options import ImportOptions

    return parse(ImportOptions, read_header(dataset_folder(ws, run)).options)
