"""Labels by likelihood: a trained run as a classifier, with a plain classifier beside it to compare with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from genstudio.core.abilities import Ability
from genstudio.core.errors import DataError, FamilyError
from genstudio.data.labels import UNKNOWN
from genstudio.jobs.keeping import device_of
from genstudio.jobs.loading import load
from genstudio.jobs.scoring import check_size, opened
from genstudio.jobs.shelf import Loaded
from genstudio.jobs.watching import Told, Watcher
from genstudio.jobs.workspace import Workspace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from genstudio.data.dataset import ImageDataset
    from genstudio.evaluation.classifier import Classified
    from genstudio.training.learner import Watch

ACCURACY, PLAIN_ACCURACY, CHANCE = "heldout/accuracy", "heldout/plain_accuracy", "heldout/chance"
"""The names under which a run keeps how often labels were right: its own, the plain classifier's, guessing's."""

_BATCH = 32


@dataclass(frozen=True)
class Classification:
    """Labels given to pictures that were held out from training.

    found: by the run: by Bayes' rule, or (`is_direct`) by itself where it names labels. plain: by a classifier that
    learned nothing but labels, from the same pictures.
    """

    labels: tuple[str, ...]
    found: "Classified"
    plain: "Classified"
    is_direct: bool

    @property
    def chance(self) -> float:
        """The share of right answers of somebody who only knows which label is the commonest."""
        return float(self.found.confusion.sum(1).max()) / self.found.count

    @property
    def mistakes(self) -> list[tuple[str, str, int]]:
        """What the run mistakes for what, most often first: (true label, label it said, times)."""
        counts, labels = self.found.confusion.copy(), self.labels
        counts[range(len(labels)), range(len(labels))] = 0
        order = counts.argsort(axis=None, kind="stable")[::-1]
        places = [divmod(int(at), len(labels)) for at in order if counts.flat[at]]
        return [(labels[true], labels[said], int(counts[true, said])) for true, said in places]


@dataclass(frozen=True)
class Posterior:
    """How probable each label is for one picture, from the most probable one on: (label, probability)."""

    shares: tuple[tuple[str, float], ...]


def classify_run(
    ws: Workspace,
    run: str,
    *,
    checkpoint: int | None = None,
    limit: int = 1000,
    progress: Told,
    cancelled: Callable[[], bool],
) -> Classification:
    """Use a run as a classifier on at most `limit` held-out pictures with labels; and a plain one beside it.

    The accuracies are kept with the run. Raises `FamilyError` when the model or its data cannot, `DataError` when
    nothing was held out, `Cancelled`.
    """
    from genstudio.data.dataset import split
    from genstudio.data.source import BatchSource
    from genstudio.evaluation.classifier import classify, compare
    from genstudio.evaluation.plain import learned_plainly

    loaded, dataset, settings = opened(ws, run, checkpoint)
    _check_can(loaded)
    parts = split(len(dataset), dataset.fingerprint, settings.heldout)
    training, heldout = (_labelled(dataset, part) for part in parts)
    if not len(heldout):
        raise DataError("This run held no pictures back, so that there is nothing to try it on.")
    source = BatchSource(dataset, training, batch_size=_BATCH, seed=settings.seed, device=device_of(loaded))
    count = min(limit, len(heldout))
    own, learning = _halves(count, progress, cancelled)
    found = classify(loaded.learner, source, heldout, batch=_BATCH, limit=limit, watch=own)
    plain = learned_plainly(source, seed=settings.seed, watch=learning)
    beside = compare(plain.posterior, source, heldout, batch=_BATCH, limit=limit)
    answer = Classification(dataset.spec.classes, found, beside, _is_direct(loaded))
    figures = {ACCURACY: found.accuracy, PLAIN_ACCURACY: beside.accuracy, CHANCE: answer.chance}
    ws.project.set_run(loaded.checkpoint.run, figures=figures)
    return answer


def posterior_of(
    ws: Workspace, run: str, images: "NDArray[np.uint8]", *, checkpoint: int | None = None
) -> list[Posterior]:
    """Say how probable each label is for pictures uint8 (N, H, W, C) in the size a run works with.

    Labels count as equally common. Raises `FamilyError` when the model cannot, `DataError` for another size.
    """
    from genstudio.data.batches import examples_of
    from genstudio.evaluation.classifier import class_posterior
    from genstudio.training.previews import evaluating

    loaded = load(ws, run, checkpoint)
    _check_can(loaded)
    check_size(loaded, images)
    labels = loaded.header.spec.classes
    with evaluating(loaded.learner):
        examples = examples_of(images, None, device_of(loaded))
        shares = class_posterior(loaded.learner, examples, len(labels)).exp().cpu()
    return [_sorted(labels, row.tolist()) for row in shares]


def _sorted(labels: tuple[str, ...], shares: list[float]) -> Posterior:
    pairs = sorted(zip(labels, shares, strict=True), key=lambda pair: pair[1], reverse=True)
    return Posterior(tuple(pairs))


def can_name_labels(ws: Workspace, run: str, checkpoint: int | None) -> bool:
    """Whether a run can be asked for labels, one way or the other. For the device's thread."""
    loaded = load(ws, run, checkpoint)
    return _is_direct(loaded) or _has_bayes(loaded)


def _is_direct(loaded: Loaded) -> bool:
    """Whether a run names labels itself, and needs no Bayes' rule."""
    from genstudio.training.learner import Classifies

    return bool(loaded.header.spec.classes) and isinstance(loaded.learner, Classifies)


def _has_bayes(loaded: Loaded) -> bool:
    needed = {Ability.CLASS_CONDITION, Ability.LIKELIHOOD}
    return bool(loaded.header.spec.classes) and needed <= loaded.abilities


def _check_can(loaded: Loaded) -> None:
    if not (_is_direct(loaded) or _has_bayes(loaded)):
        raise FamilyError(
            "Only a model that learned pictures together with their labels, and knows how probable a picture is, can "
            "be asked for labels."
        )


def _labelled(dataset: "ImageDataset", indices: "NDArray[np.int64]") -> "NDArray[np.int64]":
    """Those of some pictures that have a label."""
    return indices if dataset.labels is None else indices[dataset.labels[indices] != UNKNOWN]


def _halves(count: int, progress: Told, cancelled: Callable[[], bool]) -> "tuple[Watch, Watch]":
    """Watches for the two halves of the work, which both are told as `count` pictures."""

    def first(done: int, _: int) -> None:
        progress(done // 2, count)

    def second(done: int, _: int) -> None:
        progress((count + done) // 2, count)

    return Watcher(count, first, cancelled), Watcher(count, second, cancelled)
