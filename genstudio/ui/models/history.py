"""The moments of a run at which it showed pictures or rows of numbers: which there are, and which lie ready. No Qt."""

from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from genstudio.core.events import Preview, Profiled
from genstudio.jobs.sheets import read_sheet
from genstudio.store.records import PreviewRecord, ProfileRecord

if TYPE_CHECKING:
    from genstudio.store.project import Project

_READY_BYTES = 64 * 1024 * 1024

Pictures = NDArray[np.uint8]
Moment = tuple[str, int]
"""A name and the clock, in images seen."""


@dataclass(frozen=True)
class Shown:
    """What was read for one moment of a run; `pictures` is None when the run kept none for it."""

    run: str
    moment: Moment
    records: tuple[PreviewRecord, ...]
    pictures: Pictures | None


def load_pictures(project: "Project", run: str, moment: Moment) -> Shown:
    """Read the pictures of a moment from the run's sheets. For workers; raises `GenStudioError`."""
    records = tuple(project.previews(run))
    found = next((record for record in records if (record.name, record.images_seen) == moment), None)
    pictures = None if found is None else read_sheet(project.path(found.file), found.count, found.columns)
    return Shown(run, moment, records, pictures)


class PreviewHistory:
    """A run's previews and rows of numbers by name and by its clock, from step 0 on.

    Pictures are kept ready up to 64 MB, the longest unused ones let go first; the rest is read from the run's sheets.
    """

    def __init__(self) -> None:
        self._moments: dict[str, list[int]] = {}
        self._records: dict[Moment, PreviewRecord] = {}
        self._ready: OrderedDict[Moment, Pictures] = OrderedDict()
        self._bytes = 0
        self._rows: dict[Moment, tuple[float, ...]] = {}

    def names(self) -> tuple[str, ...]:
        """What kinds there are: samples first, then other pictures as they came, then rows of numbers."""
        rows = {name for name, _ in self._rows}
        return tuple(sorted(self._moments, key=lambda name: (name != "samples", name in rows)))

    def moments(self, name: str) -> tuple[int, ...]:
        """The clock, in images seen, of every preview of this name."""
        return tuple(self._moments.get(name, ()))

    def nearest(self, name: str, images_seen: int) -> int | None:
        """The moment of this name that lies nearest to a clock."""
        moments = self._moments.get(name, [])
        if not moments:
            return None
        right = bisect_left(moments, images_seen)
        return min(moments[max(right - 1, 0) : right + 1], key=lambda moment: abs(moment - images_seen))

    def add_records(self, records: Iterable[PreviewRecord]) -> None:
        """Learn of sheets on the disk."""
        for record in records:
            self._records[record.name, record.images_seen] = record
            self._add_moment(record.name, record.images_seen)

    def add_event(self, event: Preview) -> None:
        """Learn of pictures that a run just showed."""
        self._add_moment(event.name, event.images_seen)
        self.keep(event.name, event.images_seen, event.images)

    def add_rows(self, rows: Iterable[ProfileRecord | Profiled]) -> None:
        """Learn of rows of numbers."""
        for row in rows:
            self._rows[row.name, row.images_seen] = row.values
            self._add_moment(row.name, row.images_seen)

    def row(self, name: str, moment: int) -> tuple[float, ...] | None:
        """The numbers of a moment, where there are any."""
        return self._rows.get((name, moment))

    def record(self, name: str, moment: int) -> PreviewRecord | None:
        """The sheet that holds the pictures of a moment, or None when it is not known yet."""
        return self._records.get((name, moment))

    def pictures(self, name: str, moment: int) -> Pictures | None:
        """The pictures of a moment when they lie ready: uint8 (N, H, W, C)."""
        found = self._ready.get((name, moment))
        if found is not None:
            self._ready.move_to_end((name, moment))
        return found

    def keep(self, name: str, moment: int, pictures: Pictures) -> None:
        """Keep pictures ready."""
        before = self._ready.pop((name, moment), None)
        self._bytes += pictures.nbytes - (before.nbytes if before is not None else 0)
        self._ready[name, moment] = pictures
        while self._bytes > _READY_BYTES and len(self._ready) > 1:
            self._bytes -= self._ready.popitem(last=False)[1].nbytes

    def clear(self) -> None:
        """Forget everything."""
        self._moments.clear()
        self._records.clear()
        self._ready.clear()
        self._rows.clear()
        self._bytes = 0

    def _add_moment(self, name: str, moment: int) -> None:
        moments = self._moments.setdefault(name, [])
        place = bisect_left(moments, moment)
        if place == len(moments) or moments[place] != moment:
            insort(moments, moment)
