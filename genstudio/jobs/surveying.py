"""Surveying a latent space: a few thousand pictures and where they lie, found bit by bit, and kept beside the run."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from genstudio.core.errors import DataError, DatasetGoneError
from genstudio.core.files import write_whole
from genstudio.data.spread import spread
from genstudio.generation.points import Point
from genstudio.jobs.given import dataset_folder
from genstudio.jobs.pace import Pace
from genstudio.jobs.space import LatentSpace
from genstudio.jobs.watching import Told
from genstudio.jobs.workspace import Workspace
from genstudio.store.files import make_folder, sentences
from genstudio.store.layout import survey_file

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from genstudio.data.dataset import ImageDataset
    from genstudio.generation.latent_map import LatentMap, Layout

Source = Literal["data", "imagined"]
"""Pictures the model learned from, or such as it makes up itself."""

MOST_PICTURES = 5000
_MOST_BYTES = 128_000_000
_IMAGINED, _FEWEST = 1500, 64
_PATIENCE_SECONDS = 30.0
"""How long making pictures up may take; a slow model makes up fewer, but not fewer than `_FEWEST`."""


@dataclass(frozen=True, eq=False)
class Survey:
    """N pictures and where they lie.

    latents: float32 (N, D). shape: that of one latent. pictures: uint8 (N, H, W, C). labels: int64 (N,), numbers of
    classes, or None. indices: int64 (N,), places in the dataset, or indices of the samples of seed 0. names: one each.
    text: what made-up pictures were to show, in words.
    """

    source: Source
    latents: "NDArray[np.float32]"
    shape: tuple[int, ...]
    pictures: "NDArray[np.uint8]"
    labels: "NDArray[np.int64] | None"
    indices: "NDArray[np.int64]"
    names: tuple[str, ...]
    classes: tuple[str, ...]
    text: str | None = None

    def __len__(self) -> int:
        return len(self.latents)

    @cached_property
    def led_to(self) -> tuple[str, ...]:
        """Labels that a direction may lead to.

        Made-up pictures were told their label beside their latent: where those of a label lie just where others do, the
        latents know nothing of it.
        """
        from genstudio.generation.directions import lie_apart

        if self.labels is None or self.source == "data":
            return self.classes if self.labels is not None else ()
        numbers = [number for number in range(len(self.classes)) if (self.labels == number).any()]
        return tuple(self.classes[number] for number in numbers if lie_apart(self.latents, self.labels == number))

    def label(self, index: int) -> str:
        """The label of a picture, empty where it has none."""
        return "" if self.labels is None or self.labels[index] < 0 else self.classes[self.labels[index]]


class Surveyor:
    """Surveys a space in steps short enough to be done between two of training.

    `step` belongs to the device's thread; it returns whether all is done, and then there is a `result`. Pictures of the
    data lie where they lie; what is made up is drawn by `text`, and then asked for no label besides.
    """

    def __init__(
        self,
        ws: Workspace,
        space: LatentSpace,
        source: Source | None = None,
        limit: int = MOST_PICTURES,
        text: str | None = None,
    ) -> None:
        self._ws, self._space, self._limit = ws, space, limit
        self.source: Source = source or ("data" if space.encodes_quickly else "imagined")
        self._text = text if self.source == "imagined" else None
        self._dataset: ImageDataset | None = None
        self._indices: list[int] | None = None
        self._latents: list[NDArray[np.float32]] = []
        self._pictures: list[NDArray[np.uint8]] = []
        self._pace = Pace()
        self.done = 0
        self.result: Survey | None = None

    @property
    def total(self) -> int:
        """How many pictures there will be; 0 before the first step."""
        return len(self._indices or ())

    def step(self) -> bool:
        """Look at some more pictures. Raises `DatasetGoneError` and whatever the family raises."""
        if self.result is not None:
            return True
        if self._indices is None:
            self._begin()
            return False
        some = self._indices[self.done : self.done + self._pace.at_once]
        with self._pace.timed(len(some)):
            latents, pictures = self._imagined(some) if self._dataset is None else self._encoded(self._dataset, some)
        self._latents.append(latents)
        self._pictures.append(pictures)
        self.done += len(some)
        if self.source == "imagined" and len(self._latents) == 2:  # the first stretch warms up
            self._indices = self._indices[: max(_FEWEST, self.done, self._pace.within(_PATIENCE_SECONDS))]
        if self.done == self.total:
            self.result = self._survey()
            _ = self.result.led_to  # found here, and not where the window waits for it
        return self.result is not None

    def _begin(self) -> None:
        height, width, channels = self._space.shape
        most = max(2, min(self._limit, _MOST_BYTES // (height * width * channels)))
        if self.source == "imagined":
            self._indices = list(range(min(most, _IMAGINED)))
            return
        from genstudio.data.dataset import ImageDataset

        self._dataset = ImageDataset.open(dataset_folder(self._ws, self._space.checkpoint.run))
        if self._dataset.fingerprint != self._space.fingerprint:
            raise DatasetGoneError("The dataset is not the one this run learned from any more.")
        kept = read_survey(self._ws, self._space, self._dataset, most)
        self.result = kept
        self._indices = spread(range(len(self._dataset)), most)

    def _encoded(self, dataset: "ImageDataset", some: list[int]) -> "tuple[NDArray[np.float32], NDArray[np.uint8]]":
        import numpy as np

        pictures = np.stack([dataset.image(index) for index in some])
        return self._space.encode(pictures), pictures

    def _imagined(self, some: list[int]) -> "tuple[NDArray[np.float32], NDArray[np.uint8]]":
        import numpy as np

        if self._classes:
            points = [self._space.draw([(0, index)], self._label(index))[0] for index in some]
        else:
            points = self._space.draw([(0, index) for index in some], text=self._text)
        return np.stack([point.latent for point in points]), self._space.decode(points)

    @property
    def _classes(self) -> tuple[str, ...]:
        """The labels that made-up pictures are asked to have."""
        return self._space.spec.classes if self._space.heeds_labels and self._text is None else ()

    def _label(self, index: int) -> str:
        """All labels in turn, so that whoever looks at the map knows what a made-up picture was to be."""
        return self._classes[index % len(self._classes)]

    def _survey(self) -> Survey:
        import numpy as np

        latents, indices = np.concatenate(self._latents), np.array(self._indices, np.int64)
        dataset = self._dataset
        if dataset is not None:
            labels, classes = None if dataset.labels is None else dataset.labels[indices], dataset.spec.classes
        else:
            labels, classes = indices % len(self._classes) if self._classes else None, self._classes
        names = tuple(f"seed 0, picture {index + 1}" for index in indices)
        return Survey(
            source=self.source,
            latents=latents.reshape(len(latents), -1),
            shape=latents.shape[1:],
            pictures=np.concatenate(self._pictures),
            labels=labels,
            indices=indices,
            names=names if dataset is None else tuple(dataset.names[index] for index in indices),
            classes=classes,
            text=self._text,
        )


def survey_run(
    ws: Workspace,
    space: LatentSpace,
    *,
    source: Source | None = None,
    limit: int = MOST_PICTURES,
    text: str | None = None,
    progress: Told,
    cancelled: Callable[[], bool],
) -> Survey:
    """Survey a space in one go. Raises `Cancelled` and like `Surveyor.step`."""
    from genstudio.core.errors import Cancelled

    surveyor = Surveyor(ws, space, source, limit, text)
    while not surveyor.step():
        if cancelled():
            raise Cancelled
        progress(surveyor.done, surveyor.total)
    assert surveyor.result is not None
    return surveyor.result


def map_of(
    ws: Workspace, space: LatentSpace, survey: Survey, layout: "Layout", told: Told = lambda _done, _total: None
) -> "LatentMap":
    """Lay a survey out, or take the layout that was kept. For any worker; `told` may raise `Cancelled`."""
    from genstudio.generation.latent_map import LatentMap, looks
    from genstudio.generation.neighbours import neighbour_places

    if layout == "axes":
        return LatentMap.along_axes(survey.latents)
    seen = looks(survey.pictures) if survey.source == "imagined" else None  # whoever made them up drew noise for them
    places = _read(ws, space, survey).get("places")
    if places is None or places.shape != (len(survey), 2):
        places = neighbour_places(survey.latents if seen is None else seen, told)
        _keep(ws, space, survey, places)
    return LatentMap(survey.latents, places, None, seen)


def read_survey(ws: Workspace, space: LatentSpace, dataset: "ImageDataset", most: int) -> Survey | None:
    """A survey that was kept, when it is whole and of this checkpoint and these data."""
    import numpy as np

    kept = _arrays(ws, space, "data")
    indices, latents = kept.get("indices"), kept.get("latents")
    if indices is None or latents is None or indices.tolist() != spread(range(len(dataset)), most):
        return None
    shape = tuple(int(side) for side in kept["shape"])
    return Survey(
        source="data",
        latents=latents.astype(np.float32),
        shape=shape,
        pictures=np.ascontiguousarray(dataset.pixels[indices].transpose(0, 2, 3, 1)),
        labels=None if dataset.labels is None else dataset.labels[indices],
        indices=indices.astype(np.int64),
        names=tuple(dataset.names[index] for index in indices),
        classes=dataset.spec.classes,
    )


def point_at(survey: Survey, index: int, heeded: bool, about: str = "") -> Point:
    """The point of a surveyed picture; its label is asked for where the model heeds one."""
    label = None if survey.labels is None or not heeded or survey.labels[index] < 0 else int(survey.labels[index])
    stream = (0, int(survey.indices[index])) if survey.source == "imagined" else (0, 0)
    return Point(survey.latents[index].reshape(survey.shape), label, stream, about, survey.text)


def _read(ws: Workspace, space: LatentSpace, survey: Survey) -> "dict[str, NDArray[np.float32]]":
    import numpy as np

    kept = _arrays(ws, space, survey.source, survey.text)
    same = "latents" in kept and np.array_equal(kept["latents"], survey.latents)
    return kept if same else {}


def _arrays(
    ws: Workspace, space: LatentSpace, source: Source, text: str | None = None
) -> "dict[str, NDArray[np.float32]]":
    """What was kept, or nothing: a file that is gone, damaged or of something else is made anew."""
    import numpy as np

    try:
        path = ws.project.path(survey_file(space.checkpoint.run, space.checkpoint.images_seen, source))
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as kept:
            about = json.loads(str(kept["about"]))
            if about != _about(space, source, text):
                return {}
            return {name: kept[name] for name in ("latents", "places", "indices", "shape")}
    except Exception:  # whatever is in the file, it is only a cache
        return {}


def _keep(ws: Workspace, space: LatentSpace, survey: Survey, places: "NDArray[np.float32]") -> None:
    import numpy as np

    path = ws.project.path(survey_file(space.checkpoint.run, space.checkpoint.images_seen, survey.source))
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        about=np.array(json.dumps(_about(space, survey.source, survey.text))),
        latents=survey.latents,
        places=places,
        indices=survey.indices,
        shape=np.array(survey.shape, np.int64),
    )
    make_folder(path.parent)
    with sentences(path):
        write_whole(path, [buffer.getvalue()])


def _about(space: LatentSpace, source: Source, text: str | None) -> dict[str, str]:
    near = "looks" if source == "imagined" else "latents"
    about = {"checkpoint": space.checkpoint.sha256, "fingerprint": space.fingerprint, "near": near}
    return about if text is None else about | {"text": text}


def chosen_by_label(survey: Survey, label: str) -> "NDArray[np.bool_]":
    """Which pictures have a label, bool (N,), for a direction towards it.

    Raises `DataError` naming the labels there are, and where no direction leads to this one.
    """
    if survey.labels is None or label not in survey.classes:
        known = ", ".join(survey.classes) or "none: these pictures have no labels"
        raise DataError(f"There is no label “{label}” on this map. There are: {known}.")
    chosen: NDArray[np.bool_] = survey.labels == survey.classes.index(label)
    if label not in survey.led_to:
        raise DataError(
            f"Pictures of “{label}” lie where all others do in this space, so that no direction leads to them."
        )
    return chosen
