"""Odd pictures: those of a run's dataset in order, how well they are told apart, and given ones."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from genstudio.core.errors import ConfigError, DataError
from genstudio.jobs.keeping import device_of
from genstudio.jobs.scoring import check_size, opened
from genstudio.jobs.shelf import Loaded
from genstudio.jobs.watching import Told, Watcher
from genstudio.jobs.workspace import Workspace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from genstudio.core.settings import RunSettings
    from genstudio.data.dataset import ImageDataset
    from genstudio.evaluation.anomaly import Roc

_BATCH = 32
_FEWEST = 5  # held-out pictures a threshold is made from


@dataclass(frozen=True, eq=False)
class Oddity:
    """A picture of a dataset, uint8 (H, W, C), with its score and the map float32 (H, W) of where it is odd.

    `seen` says whether the run was trained on it: pictures learned by heart look less odd than they are.
    """

    place: int
    name: str
    label: str
    score: float
    seen: bool
    picture: "NDArray[np.uint8]"
    map: "NDArray[np.float32]"


@dataclass(frozen=True, eq=False)
class Usual:
    """What usual pictures score: `scores` float64 of held-out ones, sorted, and the threshold at a quantile of them.

    `meaning` says in plain sentences what a score is.
    """

    scores: "NDArray[np.float64]"
    quantile: float
    threshold: float
    meaning: str

    def share_above(self, score: float) -> float:
        """The share of usual pictures that are at least as odd."""
        return float((self.scores >= score).mean())


@dataclass(frozen=True, eq=False)
class Oddities:
    """The oddest pictures of `looked_at`, the oddest first; `above` of all of them are over the threshold.

    told: how well the score tells pictures of a label, or of another dataset, from held-out ones; None if not asked.
    """

    usual: Usual
    oddest: tuple[Oddity, ...]
    looked_at: int
    above: int
    told: "Roc | None"


@dataclass(frozen=True, eq=False)
class Judgement:
    """A given picture's score, the map float32 (H, W) of where it is odd, and whether it is over the threshold."""

    score: float
    map: "NDArray[np.float32]"
    odd: bool
    share_above: float


def find_oddities(
    ws: Workspace,
    run: str,
    *,
    checkpoint: int | None = None,
    limit: int = 1000,
    shown: int = 24,
    quantile: float = 0.95,
    odd: str | None = None,
    against: str | None = None,
    progress: Told,
    cancelled: Callable[[], bool],
) -> Oddities:
    """Order at most `limit` pictures of a run's dataset, evenly spread, and return the `shown` oddest.

    `odd` names a label whose pictures are the odd ones, `against` a dataset of odd ones: then it is measured how well
    they are told from held-out pictures, and the former count as usual no more. Raises `FamilyError` when the model
    cannot, `DataError` when too few pictures were held out or another dataset has another size, `ConfigError` for an
    unknown label, `Cancelled`.
    """
    import numpy as np

    from genstudio.data.spread import spread
    from genstudio.evaluation.anomaly import roc

    scene = _Scene.of(ws, run, checkpoint, odd)
    places = spread(range(len(scene.dataset)), limit)
    others = _other_places(ws, scene, odd, against, limit)
    parts = _Parts(progress, cancelled, len(places) + len(scene.heldout) + len(others[1]))
    usual = scene.usual(quantile, parts)
    scores = scene.scores(scene.dataset, places, parts)
    strange = scene.scores(*others, parts)
    order = np.argsort(-scores, kind="stable")
    oddest = scene.oddities([places[at] for at in order[:shown]], scores[order[:shown]])
    told = roc(usual.scores, strange) if len(strange) else None
    return Oddities(usual, oddest, len(places), int((scores > usual.threshold).sum()), told)


def judge_pictures(
    ws: Workspace,
    run: str,
    images: "NDArray[np.uint8]",
    *,
    checkpoint: int | None = None,
    quantile: float = 0.95,
    progress: Told,
    cancelled: Callable[[], bool],
) -> tuple[list[Judgement], Usual]:
    """Say of given pictures, uint8 (N, H, W, C) in the run's size, how odd they are, beside what usual ones score.

    Raises as `find_oddities`.
    """
    from genstudio.evaluation.anomaly import judge

    scene = _Scene.of(ws, run, checkpoint, None)
    check_size(scene.loaded, images)
    usual = scene.usual(quantile, _Parts(progress, cancelled, len(scene.heldout)))
    found = judge(scene.loaded.learner, images, batch=_BATCH, device=device_of(scene.loaded))
    judged = [
        Judgement(float(score), map_, bool(score > usual.threshold), usual.share_above(float(score)))
        for score, map_ in zip(found.scores, found.maps, strict=True)
    ]
    return judged, usual


class _Parts:
    """Work in several parts, told as one."""

    def __init__(self, progress: Told, cancelled: Callable[[], bool], total: int) -> None:
        self._progress, self._cancelled, self._total, self._before = progress, cancelled, total, 0

    def part(self, count: int) -> Watcher:
        """Watch the next part, of so many pictures."""
        before, self._before = self._before, self._before + count
        return Watcher(count, lambda done, _: self._progress(before + done, self._total), self._cancelled)


@dataclass(frozen=True, eq=False)
class _Scene:
    """A trained run, its data, and what of it was held out."""

    loaded: Loaded
    dataset: "ImageDataset"
    settings: "RunSettings"
    heldout: list[int]
    trained: frozenset[int]

    @classmethod
    def of(cls, ws: Workspace, run: str, checkpoint: int | None, odd: str | None) -> "_Scene":
        from genstudio.data.dataset import split

        loaded, dataset, settings = opened(ws, run, checkpoint)
        training, heldout = split(len(dataset), dataset.fingerprint, settings.heldout)
        usual = [place for place in heldout.tolist() if odd is None or dataset.label(place) != odd]
        if settings.heldout <= 0 or len(usual) < _FEWEST:
            raise DataError(
                f"This run held {len(usual)} usual pictures back; at least {_FEWEST} are needed to say what is odd. "
                "Train a run on more pictures, or hold more of them back."
            )
        return cls(loaded, dataset, settings, usual, frozenset(training.tolist()))

    def scores(self, dataset: "ImageDataset", places: list[int], parts: _Parts) -> "NDArray[np.float64]":
        """Scores of pictures of a dataset, (N,)."""
        from genstudio.data.source import BatchSource
        from genstudio.evaluation.anomaly import scores_of

        everything = range(len(dataset))
        device = device_of(self.loaded)
        source = BatchSource(dataset, everything, batch_size=_BATCH, seed=self.settings.seed, device=device)
        return scores_of(self.loaded.learner, source, places, batch=_BATCH, watch=parts.part(len(places)))

    def usual(self, quantile: float, parts: _Parts) -> Usual:
        """What held-out pictures score."""
        import numpy as np

        from genstudio.evaluation.anomaly import threshold
        from genstudio.training.learner import ScoresAnomaly

        scores = np.sort(self.scores(self.dataset, self.heldout, parts))
        learner = self.loaded.learner
        meaning = learner.anomaly_score if isinstance(learner, ScoresAnomaly) else ""
        return Usual(scores, quantile, threshold(scores, quantile), meaning)

    def oddities(self, places: list[int], scores: "NDArray[np.float64]") -> tuple[Oddity, ...]:
        """Pictures of the dataset with their maps."""
        import numpy as np

        from genstudio.evaluation.anomaly import judge

        if not places:
            return ()
        pictures = np.stack([self.dataset.image(place) for place in places])
        maps = judge(self.loaded.learner, pictures, batch=_BATCH, device=device_of(self.loaded)).maps
        return tuple(
            self._oddity(place, float(score), picture, map_)
            for place, score, picture, map_ in zip(places, scores, pictures, maps, strict=True)
        )

    def _oddity(self, place: int, score: float, picture: "NDArray[np.uint8]", map_: "NDArray[np.float32]") -> Oddity:
        name, label = self.dataset.names[place], self.dataset.label(place)
        return Oddity(place, name, label, score, place in self.trained, picture, map_)


def _other_places(
    ws: Workspace, scene: _Scene, odd: str | None, against: str | None, limit: int
) -> "tuple[ImageDataset, list[int]]":
    """The odd pictures that the score is tried on: none, those of a label, or a dataset's."""
    from genstudio.data.dataset import ImageDataset
    from genstudio.data.spread import spread

    if against is not None:
        dataset = ImageDataset.open(ws.project.path(ws.project.dataset(against).folder))
        check_size(scene.loaded, dataset.image(0)[None])
        return dataset, spread(range(len(dataset)), limit)
    if odd is None:
        return scene.dataset, []
    places = [place for place in range(len(scene.dataset)) if scene.dataset.label(place) == odd]
    if not places:
        known = ", ".join(scene.dataset.spec.classes) or "none"
        problem = f"No picture of this run's dataset has the label “{odd}”. It has: {known}."
        raise ConfigError(problem, {"odd": problem})
    return scene.dataset, spread(places, limit)
