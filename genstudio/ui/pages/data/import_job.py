"""The work behind an import, for the io lane: a look at the source, and the import itself. No widgets."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

from genstudio.data.importing import ImportOptions, Refused, preview_source, suggest_options
from genstudio.jobs.importing import import_dataset, resolve_source
from genstudio.ui.pages.data.staging import forget
from genstudio.ui.views.image import qimage_from_array

if TYPE_CHECKING:
    from genstudio.data.importing import ImportReport
    from genstudio.jobs.workspace import Workspace
    from genstudio.store.records import DatasetRecord


@dataclass(frozen=True)
class Look:
    """What a source holds: `pictures` are (as it is, as it will be, name)."""

    source: Path | str
    options: ImportOptions
    pictures: tuple[tuple[QImage, QImage, str], ...]
    total: int
    labels: Mapping[str, int]
    captioned: int
    refused: tuple[Refused, ...]
    notes: tuple[str, ...]


def look_at(source: Path | str, options: object = None) -> Look:
    """Look at a source, with options that suit it unless given. Blocks; raises `DataError`."""
    path = resolve_source(source)
    chosen = options if isinstance(options, ImportOptions) else suggest_options(path)
    preview = preview_source(path, chosen)
    pictures = tuple(
        (qimage_from_array(original), qimage_from_array(image), name)
        for original, image, name in zip(preview.originals, preview.images, preview.names, strict=True)
    )
    return Look(
        source, chosen, pictures, preview.total, preview.labels, preview.captioned, preview.refused, preview.notes
    )


class ImportJob:
    """One import; `cancel` may be called from any thread."""

    def __init__(
        self,
        workspace: "Workspace",
        source: Path | str,
        options: ImportOptions,
        name: str,
        progress: Callable[[int, int, str], None],
    ) -> None:
        self._workspace = workspace
        self._source = source
        self._options = options
        self._name = name
        self._progress = progress
        self._cancelled = False

    def cancel(self) -> None:
        """Ask the import to end; nothing of it is kept."""
        self._cancelled = True

    def run(self) -> "tuple[DatasetRecord, ImportReport]":
        """Import. Blocks; raises `DataError`, `DiskFullError`, `ProjectError`, `Cancelled`."""
        outcome = import_dataset(
            self._workspace, self._source, self._options, self._name or None, self._progress, lambda: self._cancelled
        )
        if isinstance(self._source, Path):
            forget(self._source)
        return outcome
