"""Import: every picture of a source decoded once, treated alike and written into a dataset of the project.

Decoding runs on a few threads (Pillow lets go of the interpreter while it works); pictures are taken in order, so
that the same source gives the same dataset. The dataset is built in a temporary folder beside its place and renamed
at the end: however an import ends, it leaves a whole dataset or none.
"""

import logging
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genstudio.core.errors import Cancelled, DataError
from genstudio.core.spec import DataSpec
from genstudio.data.cache import CacheHeader
from genstudio.data.duplicates import Seen
from genstudio.data.options import ImportOptions
from genstudio.data.preview import SourcePreview, preview_source, suggest_options
from genstudio.data.refusal import Refused, UnreadableError
from genstudio.data.scan import Item, scan
from genstudio.data.treat import image_of, treat
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

log = logging.getLogger(__name__)

_CHUNK = 16
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


@dataclass(frozen=True)
class _Treated:
    pixels: NDArray[np.uint8]  # (C, H, W)


def import_source(
    source: Path, options: ImportOptions, folder: Path, progress: Progress, cancelled: Cancelling
) -> ImportReport:
    """Import a folder, zip or file into a new dataset in `folder`, which must not exist yet.

    Raises `DataError` when nothing can be imported, `DiskFullError` when there is no room, `Cancelled` when asked to
    stop; in every case nothing is left behind.
    """
    told = _Told(progress, cancelled)
    with scan(source, told.found) as found, DatasetWriter(folder, options, len(found.items)) as writer:
        seen, duplicates = Seen(), []
        for done, (item, outcome) in enumerate(_treat_all(found.items, options, told), 1):
            told.done(done, len(found.items), item.name)
            if isinstance(outcome, str):
                found.refused.append(Refused(item.name, outcome))
                continue
            label = item.label if found.labelled else None
            first = seen.first(item.name, outcome.pixels, label, item.caption)
            if first is not None:
                duplicates.append((first, item.name))
            else:
                writer.add(item.name, outcome.pixels, label, item.caption)
        if not writer.count:
            raise DataError(_none_usable(source, found.refused))
        header = writer.finish(found.refused, duplicates, [], found.notes)
    progress(len(found.items), len(found.items), "")
    return _report(header)


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


def _none_usable(source: Path, refused: list[Refused]) -> str:
    first = refused[0]
    return f"No picture in “{source.name}” could be used. For example, “{first.file}” was refused: {first.reason}."


def _treat_all(items: list[Item], options: ImportOptions, told: "_Told") -> Iterator[tuple[Item, _Treated | str]]:
    """Yield every item, in order, with what became of it: pixels, or the reason why not."""
    threads = max(1, (os.cpu_count() or 2) - 1)
    stop = threading.Event()
    pool = ThreadPoolExecutor(threads, "import", _step_back)
    try:
        chunks = [items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK)]
        waiting: deque[tuple[list[Item], Future[list[_Treated | str]]]] = deque()
        for chunk in chunks:
            waiting.append((chunk, pool.submit(_treat_some, chunk, options, stop)))
            if len(waiting) > 2 * threads:
                yield from _next(waiting, told)
        while waiting:
            yield from _next(waiting, told)
    finally:
        stop.set()
        pool.shutdown(wait=False, cancel_futures=True)


def _next(
    waiting: deque[tuple[list[Item], Future[list[_Treated | str]]]], told: "_Told"
) -> Iterator[tuple[Item, _Treated | str]]:
    chunk, future = waiting.popleft()
    while not wait([future], _PATIENCE).done:
        told.check()
    yield from zip(chunk, future.result(), strict=True)


def _treat_some(items: list[Item], options: ImportOptions, stop: threading.Event) -> list[_Treated | str]:
    return [_treat_one(item, options) for item in items if not stop.is_set()]


def _treat_one(item: Item, options: ImportOptions) -> _Treated | str:
    try:
        pixels = treat(image_of(item.load(), options), options)
    except UnreadableError as error:
        return str(error)
    except MemoryError:
        return "it needs more memory than there is"
    except Exception:  # a fault of ours must not cost a person the other pictures
        log.exception("a picture could not be treated")
        return "it could not be treated"
    return _Treated(np.ascontiguousarray(pixels.transpose(2, 0, 1)))


def _step_back() -> None:
    """Let the window and a running training go first (Linux, where a thread has a niceness of its own)."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


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
