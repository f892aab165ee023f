"""Pictures in the order in which they fit some words, and the captions that fit a picture."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from genstudio.core.errors import ConfigError, FamilyError
from genstudio.jobs.given import dataset_folder
from genstudio.jobs.keeping import device_of
from genstudio.jobs.loading import load
from genstudio.jobs.shelf import Loaded
from genstudio.jobs.watching import Told, Watcher
from genstudio.jobs.workspace import Workspace
from genstudio.store.records import SampleRecord

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from genstudio.data.dataset import ImageDataset

_BATCH = 64


@dataclass(frozen=True)
class Match:
    """A picture of a dataset and how well it fits, from -1 to 1: its place there, its file's name, its caption."""

    place: int
    name: str
    caption: str
    fit: float


def match_dataset(
    ws: Workspace,
    run: str,
    text: str,
    *,
    checkpoint: int | None = None,
    limit: int = 10_000,
    progress: Told,
    cancelled: Callable[[], bool],
) -> list[Match]:
    """At most `limit` pictures of the data a run learned from, evenly spread, the best fit to a text first.

    Raises `FamilyError` for a run that reads no words, `ConfigError` without words, `DatasetGoneError`, `Cancelled`.
    """
    from genstudio.data.spread import spread

    dataset = _dataset(ws, run)
    places = spread(range(len(dataset)), limit)
    pictures = [dataset.image(place) for place in places]
    found = match_pictures(ws, run, text, pictures, checkpoint=checkpoint, progress=progress, cancelled=cancelled)
    return [_match(dataset, places[at], fit) for at, fit in found]


def match_pictures(
    ws: Workspace,
    run: str,
    text: str,
    pictures: "Sequence[NDArray[np.uint8]]",
    *,
    checkpoint: int | None = None,
    progress: Told,
    cancelled: Callable[[], bool],
) -> list[tuple[int, float]]:
    """Places among pictures uint8 (H, W, C) of any size with how well each fits a text, the best first.

    Raises `FamilyError`, `ConfigError` for an empty text, `Cancelled`.
    """
    import numpy as np

    fits = _fits(ws, run, checkpoint, pictures, [_said(text)], progress, cancelled)[:, 0]
    return [(int(at), float(fits[at])) for at in np.argsort(-fits, kind="stable")]


def match_samples(
    ws: Workspace,
    run: str,
    text: str,
    samples: Sequence[SampleRecord],
    *,
    checkpoint: int | None = None,
    progress: Told,
    cancelled: Callable[[], bool],
) -> list[tuple[SampleRecord, float]]:
    """Samples of any runs with how well each fits a text, the best first; `run` is the one that knows words.

    Raises `FamilyError`, `ConfigError` for an empty text, `DataError` when a sample's file is gone, `Cancelled`.
    """
    from genstudio.generation.export import read_image

    pictures = [read_image(ws.project.path(sample.file)) for sample in samples]
    found = match_pictures(ws, run, text, pictures, checkpoint=checkpoint, progress=progress, cancelled=cancelled)
    return [(samples[at], fit) for at, fit in found]


def captions_of(
    ws: Workspace,
    run: str,
    picture: "NDArray[np.uint8]",
    *,
    checkpoint: int | None = None,
    count: int = 10,
) -> list[tuple[str, float]]:
    """The captions of the data a run learned from that fit a picture uint8 (H, W, C) best, each with how well.

    Raises `FamilyError` for a run that reads no words or whose data have no captions.
    """
    import numpy as np

    dataset = _dataset(ws, run)
    captions = sorted({caption for caption in dataset.captions or () if caption.strip()})
    if not captions:
        raise FamilyError("The data this run learned from have no captions to choose from.")
    fits = _fits(ws, run, checkpoint, [picture], captions, lambda _done, _total: None, lambda: False)[0]
    return [(captions[at], float(fits[at])) for at in np.argsort(-fits, kind="stable")[:count]]


def _fits(
    ws: Workspace,
    run: str,
    checkpoint: int | None,
    pictures: "Sequence[NDArray[np.uint8]]",
    texts: Sequence[str],
    progress: Told,
    cancelled: Callable[[], bool],
) -> "NDArray[np.float32]":
    from genstudio.generation.match import fits

    loaded: Loaded = load(ws, run, checkpoint)
    watch = Watcher(len(pictures), progress, cancelled)
    return fits(loaded.learner, pictures, texts, batch=_BATCH, device=device_of(loaded), watch=watch)


def _dataset(ws: Workspace, run: str) -> "ImageDataset":
    from genstudio.data.dataset import ImageDataset

    return ImageDataset.open(dataset_folder(ws, run))


def _match(dataset: "ImageDataset", place: int, fit: float) -> Match:
    caption = "" if dataset.captions is None else dataset.captions[place]
    return Match(place, dataset.names[place], caption, fit)


def _said(text: str) -> str:
    if not text.strip():
        problem = "Say what the pictures should show: a word, or a few."
        raise ConfigError(problem, {"text": problem})
    return text
