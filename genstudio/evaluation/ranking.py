"""How likely each picture of a dataset is under a model."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genstudio.core.errors import FamilyError
from genstudio.data.source import BatchSource
from genstudio.training.learner import Learner, ScoresLikelihood, Watch, unwatched
from genstudio.training.previews import evaluating


def nats_of(
    learner: Learner, source: BatchSource, indices: Sequence[int], *, batch: int, watch: Watch = unwatched
) -> NDArray[np.float64]:
    """Return minus log p of the pictures at `indices` in nats, (N,): each under its label, where it has one.

    For a learner that knows a lower bound, an upper bound of that. Raises `FamilyError` for one that knows neither.
    """
    if not isinstance(learner, ScoresLikelihood):
        raise FamilyError("This model cannot say how probable a picture is.")
    nats = []
    with evaluating(learner):
        for start in range(0, len(indices), batch):
            examples = source.fixed(indices[start : start + batch], seed=start)
            nats.append(-learner.log_likelihood(examples).double().cpu().numpy())
            watch(min(start + batch, len(indices)), len(indices))
    return np.concatenate(nats)
