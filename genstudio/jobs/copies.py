"""Are pictures copies of what their model learned from?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from genstudio.core.config import parse
from genstudio.core.errors import DataError
from genstudio.core.settings import RunSettings
from genstudio.generation.export import read_image
from genstudio.jobs.given import dataset_folder
from genstudio.jobs.watching import Told, Watcher
from genstudio.jobs.workspace import Workspace
from genstudio.store.records import SampleRecord

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from genstudio.data.dataset import ImageDataset
    from genstudio.evaluation.copies import CopyFinder, Matches, Yardstick

NEIGHBOURS = 4
"""Training pictures shown beside each picture."""

_CALIBRATED = 1000


@dataclass(frozen=True, eq=False)
class Neighbour:
    """A training picture: its place in the dataset, its file's name, its pixels uint8 (H, W, C) as they are compared.

    distance: in levels of 255. mirrored: it is nearer when it is mirrored, and `pixels` are.
    """

    place: int
    name: str
    distance: float
    mirrored: bool
    pixels: "NDArray[np.uint8]" = field(repr=False)


@dataclass(frozen=True, eq=False)
class Verdict:
    """One picture beside its nearest training pictures, nearest first.

    near: whether it is a near copy of the first. usual: the distance that the dataset's own pictures have in the
    median to their nearest, in levels of 255. ratio: see `Matches.ratios`.
    """

    near: bool
    usual: float
    ratio: float
    neighbours: tuple[Neighbour, ...]

    @property
    def distance(self) -> float:
        """The distance to the nearest, in levels of 255."""
        return self.neighbours[0].distance


@dataclass(frozen=True, eq=False)
class Bench:
    """All that is needed to look for copies of what a run learned from; making it takes seconds."""

    key: tuple[str, float]  # the dataset's fingerprint, and the share that was held out
    dataset: "ImageDataset"
    training: "NDArray[np.int64]"
    heldout: "NDArray[np.int64]"
    finder: "CopyFinder"
    yardstick: "Yardstick"

    def verdicts(self, matches: "Matches") -> list[Verdict]:
        """A verdict for each of the pictures that were matched."""
        near, ratios = self.yardstick.near(matches).tolist(), matches.ratios.tolist()
        return [
            Verdict(near[row], self.yardstick.usual, ratios[row], self._neighbours(matches, row))
            for row in range(len(near))
        ]

    def _neighbours(self, matches: "Matches", row: int) -> tuple[Neighbour, ...]:
        columns = zip(
            matches.places[row].tolist(), matches.distances[row].tolist(), matches.mirrored[row].tolist(), strict=True
        )
        return tuple(self._neighbour(*column) for column in list(columns)[:NEIGHBOURS])

    def picture(self, place: int, mirrored: bool) -> "NDArray[np.uint8]":
        """A picture of the dataset, uint8 (H, W, C), mirrored if so."""
        pixels = self.dataset.image(place)
        return pixels[:, ::-1].copy() if mirrored else pixels

    def _neighbour(self, place: int, distance: float, mirrored: bool) -> Neighbour:
        return Neighbour(place, self.dataset.names[place], distance, mirrored, self.picture(place, mirrored))


def make_bench(ws: Workspace, run: str, progress: Told, cancelled: Callable[[], bool]) -> Bench:
    """Look at what a run learned from; what was looked at last is kept at hand, for the device's thread.

    Raises `DatasetGoneError`, `DataError` for a dataset that is too small, `Cancelled`.
    """
    record = ws.project.run(run)
    folder = dataset_folder(ws, run)
    key = (ws.project.dataset(record.dataset).fingerprint, parse(RunSettings, record.settings).heldout)
    kept = ws.bench.thing
    if kept is not None and kept.key == key:
        return kept
    bench = _made(key, folder, progress, cancelled)
    ws.bench.thing = bench
    return bench


def _made(key: tuple[str, float], folder: Path, progress: Told, cancelled: Callable[[], bool]) -> Bench:
    import numpy as np
    import torch

    from genstudio.data.dataset import ImageDataset, split
    from genstudio.data.shuffle import shuffled
    from genstudio.evaluation.copies import CopyFinder, calibrate

    dataset = ImageDataset.open(folder)
    training, heldout = split(len(dataset), dataset.fingerprint, key[1])
    finder = CopyFinder(dataset.memory, training)
    unseen = np.setdiff1d(heldout, training)[:_CALIBRATED]
    own = shuffled(len(training), "copies", dataset.fingerprint)[: _CALIBRATED - len(unseen)]
    watch = Watcher(len(own) + len(unseen), progress, cancelled)
    seen, fresh = dataset.memory[training[own]], dataset.memory[unseen]
    yardstick = calibrate(finder, seen, torch.from_numpy(own), fresh, watch=watch)
    return Bench(key, dataset, training, heldout, finder, yardstick)


def check_copies(
    ws: Workspace, run: str, files: Sequence[Path], *, progress: Told, cancelled: Callable[[], bool]
) -> list[Verdict]:
    """Compare pictures (PNG files of a run's size) with what the run learned from; a verdict for each, in order.

    For the device's thread. Raises `DataError` for a file that is gone or of another size, `DatasetGoneError`,
    `Cancelled`.
    """
    import numpy as np

    bench = make_bench(ws, run, progress, cancelled)
    pictures = [read_image(file) for file in files]
    spec = bench.dataset.spec
    if any(picture.shape != (spec.height, spec.width, spec.channels) for picture in pictures):
        raise DataError("A picture of another size or colour mode cannot be compared with what this run learned from.")
    pixels = np.stack(pictures).transpose(0, 3, 1, 2)
    matches = bench.finder.match(pixels, watch=Watcher(len(files), progress, cancelled))
    return bench.verdicts(matches)


def check_samples(
    ws: Workspace, records: Sequence[SampleRecord], *, progress: Told, cancelled: Callable[[], bool]
) -> dict[str, Verdict]:
    """Compare pictures of the project with what their runs learned from; a verdict for each, by its id.

    Raises like `check_copies`.
    """
    verdicts: dict[str, Verdict] = {}
    for run in dict.fromkeys(record.run for record in records):
        own = [record for record in records if record.run == run]
        files = [ws.project.path(record.file) for record in own]
        found = check_copies(ws, run, files, progress=progress, cancelled=cancelled)
        verdicts |= {record.id: verdict for record, verdict in zip(own, found, strict=True)}
    return verdicts
