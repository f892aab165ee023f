"""Import: every picture of a source decoded once, treated alike and written into a dataset of the project.

Decoding runs on a few threads (Pillow lets go of the interpreter while it works); pictures are taken in order, so
that the same source gives the same dataset. The dataset is built in a temporary folder beside its place and renamed
at the end: however an import ends, it leaves a whole dataset or none.
"""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genstudio.core.errors import Cancelled, DataError
from genstudio.core.spec import DataSpec
from genstudio.data.cache import CacheHeader
from genstudio.data.duplicates import MOST_COMPARED, Seen, near_pairs
from genstudio.data.options import ImportOptions
from genstudio.data.pool import Outcome, treat_all
from genstudio.data.preview import SourcePreview, preview_source, suggest_options
from genstudio.data.refusal import Refused
from genstudio.data.scan import Item, Scan, scan
from genstudio.data.writing import DatasetWriter

__all__ = [
    "ImportOptions",
    "ImportReport",
    "Progress",
    "Refused",
    "SourcePreview",
    "import_source",
    "preview_source",
    "suggest_options",
]

Progress = Callable[[int, int, str], None]
"""Called as (done, total, what); total is 0 while it is not known yet."""

Cancelling = Callable[[], bool]
"""Whether a person wants the import to end now; called often."""

_PATIENCE = 0.05


@dataclass(frozen=True)
class ImportReport:
    """What an import did.

    duplicates: pairs (kept, left out) of files whose pictures, labels and captions became the very same.
    near_duplicates: pairs (earlier, later) that look alike; both were kept. notes: sentences about the whole.
    """

    spec: DataSpec
    fingerprint: str
    imported: int
    refused: tuple[Refused, ...]
    duplicates: tuple[tuple[str, str], ...]
    near_duplicates: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()


def import_source(
    source: Path, options: ImportOptions, folder: Path, progress: Progress, cancelled: Cancelling
) -> ImportReport:
    """Import a folder, zip or file into a new dataset in `folder`, which must not exist yet.

    Of pictures that are the very same the first is kept; those that nearly are the same are all kept and reported.
    Raises `DataError` when nothing can be imported, `DiskFullError` when there is no room, `Cancelled` when asked to
    stop; in every case nothing is left behind.
    """
    told = _Told(progress, cancelled)
    with scan(source, told.found) as found, DatasetWriter(folder, options, len(found.items)) as writer:
        total = len(found.items)
        taken = _Taken(found, writer)
        with closing(treat_all(found.items, options, told.check)) as outcomes:
            for done, (item, outcome) in enumerate(outcomes, 1):
                told.done(done, total, item.name)
                taken.take(item, outcome)
        _check_whole(source, writer.count, found.refused)
        progress(total, total, "looking for near duplicates")
        header = writer.finish(found.refused, taken.duplicates, taken.near_duplicates(told.check), found.notes)
    return _report(header)


class _Taken:
    """Takes pictures into the dataset, and remembers those left out because they are there already."""

    def __init__(self, found: Scan, writer: DatasetWriter) -> None:
        self.duplicates: list[tuple[str, str]] = []
        self._found, self._writer = found, writer
        self._seen = Seen()
        self._sketches: list[NDArray[np.float32]] = []

    def take(self, item: Item, outcome: Outcome) -> None:
        if isinstance(outcome, str):
            self._found.refused.append(Refused(item.name, outcome))
            return
        label = item.label if self._found.labelled else None
        first = self._seen.first(item.name, outcome.pixels, label, item.caption, item.embedding)
        if first is not None:
            self.duplicates.append((first, item.name))
            return
        self._writer.add(item.name, outcome.pixels, label, item.caption, item.embedding)
        self._sketches.append(outcome.sketch)

    def near_duplicates(self, check: Callable[[], None]) -> list[tuple[str, str]]:
        if len(self._sketches) > MOST_COMPARED:
            self._found.notes.append(f"Near duplicates are looked for in up to {MOST_COMPARED:,} pictures only.")
            return []
        names = self._writer.names
        return [(names[earlier], names[later]) for earlier, later in near_pairs(np.stack(self._sketches), check)]


def _report(header: CacheHeader) -> ImportReport:
    return ImportReport(
        spec=header.spec,
        fingerprint=header.fingerprint,
        imported=header.spec.count,
        refused=tuple(Refused(file, reason) for file, reason in header.refused),
        duplicates=header.duplicates,
        near_duplicates=header.near_duplicates,
        notes=header.notes,
    )


def _check_whole(source: Path, taken: int, refused: list[Refused]) -> None:
    if not source.exists():
        raise DataError(f"“{source}” vanished during the import. Bring it back and import again.")
    if not taken:
        file, reason = refused[-1].file, refused[-1].reason
        raise DataError(f"No picture in “{source.name}” could be used. For example, “{file}” was refused: {reason}.")


class _Told:
    """Tells how far things are, a few times a second, and listens for a wish to stop."""

    def __init__(self, progress: Progress, cancelled: Cancelling) -> None:
        self._progress, self._cancelled = progress, cancelled
        self._last, self._found = 0.0, 0

    def check(self) -> None:
        if self._cancelled():
            raise Cancelled

    def found(self, name: str) -> None:
        self._found += 1
        self.done(self._found, 0, name)

    def done(self, done: int, total: int, name: str) -> None:
        now = time.monotonic()
        if now - self._last >= _PATIENCE:
            self._last = now
            self.check()
            self._progress(done, total, name)
