"""Which pictures are odd, judged by a trained model: scores, a threshold from held-out pictures, and how well it tells.

The score is the family's own (`ScoresAnomaly.anomaly_score` says what it is). What counts as odd is decided by pictures
of the usual kind that the model has never seen: the threshold is a quantile of their scores, so that a known share of
usual pictures is called odd by mistake.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from genstudio.core.errors import FamilyError
from genstudio.data.batches import examples_of
from genstudio.data.source import BatchSource
from genstudio.training.learner import Learner, ScoresAnomaly, Watch, unwatched
from genstudio.training.previews import evaluating

QUANTILE = 0.95
"""The share of usual pictures that stay below the threshold."""


@dataclass(frozen=True, eq=False)
class Judged:
    """Of N pictures: `scores` float64 (N,), higher for odder, and `maps` float32 (N, H, W), where it is seen."""

    scores: NDArray[np.float64]
    maps: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Roc:
    """How well scores tell odd pictures from usual ones, whatever the threshold.

    false_alarms and found: float64 (T,), the share of usual and of odd pictures above each threshold, both rising from
    0 to 1. area: the chance that an odd picture scores higher than a usual one; 0.5 is guessing.
    """

    false_alarms: NDArray[np.float64]
    found: NDArray[np.float64]
    area: float


def scores_of(
    learner: Learner, source: BatchSource, places: Sequence[int], *, batch: int, watch: Watch = unwatched
) -> NDArray[np.float64]:
    """Score the pictures of a dataset at `places`, (N,). Raises `FamilyError` for a learner that cannot."""
    scorer, scores = _able(learner), []
    with evaluating(learner):
        for start in range(0, len(places), batch):
            found = scorer.anomaly(source.fixed(places[start : start + batch], seed=0))
            scores.append(found.scores.double().cpu().numpy())
            watch(min(start + batch, len(places)), len(places))
    return np.concatenate(scores) if scores else np.zeros(0)


def judge(learner: Learner, images: NDArray[np.uint8], *, batch: int, device: torch.device | str) -> Judged:
    """Score given pictures, uint8 (N, H, W, C), and map where they are odd. Raises `FamilyError`."""
    scorer, scores, maps = _able(learner), [], []
    with evaluating(learner):
        for start in range(0, len(images), batch):
            found = scorer.anomaly(examples_of(images[start : start + batch], None, device))
            scores.append(found.scores.double().cpu())
            maps.append(found.maps.float().cpu())
    return Judged(torch.cat(scores).numpy(), torch.cat(maps).numpy())


def threshold(usual: NDArray[np.float64], quantile: float = QUANTILE) -> float:
    """What a share of `quantile` of usual pictures' scores stay at or below."""
    return float(np.quantile(usual, quantile, method="higher"))


def roc(usual: NDArray[np.float64], odd: NDArray[np.float64]) -> Roc:
    """Compare the scores of usual and of odd pictures; neither may be empty. Equal scores count half."""
    levels = np.unique(np.concatenate([usual, odd]))[::-1]
    above = [np.searchsorted(np.sort(-scores), -levels, side="right") / len(scores) for scores in (usual, odd)]
    false_alarms, found = (np.concatenate([[0.0], share]) for share in above)
    return Roc(false_alarms, found, float(np.trapezoid(found, false_alarms)))


def _able(learner: Learner) -> ScoresAnomaly:
    if not isinstance(learner, ScoresAnomaly):
        raise FamilyError("This model cannot say how unusual a picture is. Choose one that finds oddities, such as a "
                          "variational autoencoder.")  # fmt: skip
    return learner
