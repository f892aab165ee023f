"""How good generated pictures are, in figures that need no network from elsewhere.

Every figure is measured twice in the same way: for the generated pictures, and for as many real ones that the reference
does not hold. The second is what a perfect model would get from so few pictures, and what the first is to be read
against.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genstudio.core.errors import DataError
from genstudio.data.shuffle import shuffled
from genstudio.evaluation.appearance import as_seen, at_most
from genstudio.evaluation.features import Features
from genstudio.evaluation.kernel import kernel_distance
from genstudio.evaluation.manifold import compare_manifolds
from genstudio.evaluation.wasserstein import compare_slices
from genstudio.training.learner import Watch, unwatched

LEAST = 20
"""Pictures a dataset has to have: half of them are compared with the other half."""

_SLICED_SIDE = 128
_FITTED = 1000


@dataclass(frozen=True)
class Likeness:
    """How like a set of pictures is to a reference of the same size.

    precision, recall, density, coverage: see `genstudio.evaluation.manifold`. kernel: squared kernel distance, no unit.
    sliced: mean sliced Wasserstein distance in thousandths of the reference's spread; levels: the same by the side of a
    level in pixels.
    """

    precision: float
    recall: float
    density: float
    coverage: float
    kernel: float
    sliced: float
    levels: dict[int, float]


@dataclass(frozen=True, eq=False)
class Division:
    """Places in a dataset: the reference, as many real pictures to try it on, and some that features are fitted to.

    No picture of the reference is in either of the others. `unseen` of the reference were never trained on.
    """

    reference: NDArray[np.int64]
    control: NDArray[np.int64]
    others: NDArray[np.int64]
    unseen: int

    @property
    def count(self) -> int:
        """Pictures on each side."""
        return len(self.reference)


def divide(training: NDArray[np.int64], heldout: NDArray[np.int64], fingerprint: str, count: int) -> Division:
    """Choose a reference of at most `count` pictures, held-out ones first, and as many others.

    The choice depends on the dataset alone, so that every run that learned from it is compared with the same pictures.
    Raises `DataError` for a dataset that is too small.
    """
    unseen = np.setdiff1d(heldout, training)
    everything = np.concatenate([_mixed(unseen, fingerprint), _mixed(training, fingerprint)])
    if len(everything) < LEAST:
        raise DataError(
            f"The dataset has {len(everything)} pictures. At least {LEAST} are needed to say how like them others are."
        )
    count = min(count, len(everything) // 2)
    others = everything[count:][-_FITTED:]
    return Division(everything[:count], everything[-count:], others, min(count, len(unseen)))


def measure_likeness(
    pictures: NDArray[np.uint8], reference: NDArray[np.uint8], features: Features, *, watch: Watch = unwatched
) -> Likeness:
    """Compare pictures uint8 (N, C, H, W) with a reference of as many."""
    ones, others = as_seen(pictures), as_seen(reference)
    points, real = features(ones), features(others)
    watch(1, 2)
    manifold = compare_manifolds(points, real)
    sliced = compare_slices(at_most(ones, _SLICED_SIDE), at_most(others, _SLICED_SIDE))
    watch(2, 2)
    return Likeness(
        precision=manifold.precision,
        recall=manifold.recall,
        density=manifold.density,
        coverage=manifold.coverage,
        kernel=kernel_distance(points, real),
        sliced=sliced.mean,
        levels=sliced.levels,
    )


def _mixed(places: NDArray[np.int64], fingerprint: str) -> NDArray[np.int64]:
    """The same places in an order that depends on the dataset alone: datasets lie sorted."""
    return places[shuffled(len(places), "quality", fingerprint)]
