"""Taking pictures out of the project: as files, as one sheet, as a GIF, as a zip. For workers; no Qt."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from genstudio.core.errors import DataError
from genstudio.generation.export import Picture, contact_sheet, read_image, write_gif, write_png, write_zip
from genstudio.store.files import sentences


class Export(StrEnum):
    """What pictures can be exported as."""

    PNG = "png"
    SHEET = "sheet"
    GIF = "gif"
    ZIP = "zip"


@dataclass(frozen=True)
class ExportKind:
    """`name` is the proposed file name, `filter` the file dialog's; PNG files go into a folder instead."""

    name: str
    filter: str
    write: Callable[[Sequence[Path], Path], None]


def export(kind: Export, files: Sequence[Path], target: Path) -> Path:
    """Write pictures of the project to `target` (for PNG: a folder) and return it.

    Raises `DataError` when pictures are gone or of different sizes, `DiskFullError` when there is no room.
    """
    with sentences(target):
        KINDS[kind].write(files, target)
    return target


def _copy_files(files: Sequence[Path], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        shutil.copyfile(file, _free(folder / file.name))


def _free(path: Path) -> Path:
    """The path itself, or one with a number when something lies there already: an export never overwrites."""
    number, free = 2, path
    while free.exists():
        free = path.with_stem(f"{path.stem}-{number}")
        number += 1
    return free


def _write_sheet(files: Sequence[Path], target: Path) -> None:
    write_png(target, contact_sheet(_of_one_size(files)), None)


def _write_gif(files: Sequence[Path], target: Path) -> None:
    write_gif(target, _of_one_size(files))


def _write_zip(files: Sequence[Path], target: Path) -> None:
    write_zip(target, files)


def _of_one_size(files: Sequence[Path]) -> list[Picture]:
    pictures = [read_image(file) for file in files]
    if len({picture.shape for picture in pictures}) > 1:
        raise DataError("These pictures have different sizes. Choose pictures of one size, or export them as files.")
    return pictures


KINDS = {
    Export.PNG: ExportKind("", "", _copy_files),
    Export.SHEET: ExportKind("contact sheet.png", "PNG (*.png)", _write_sheet),
    Export.GIF: ExportKind("pictures.gif", "GIF (*.gif)", _write_gif),
    Export.ZIP: ExportKind("pictures.zip", "Zip (*.zip)", _write_zip),
}
