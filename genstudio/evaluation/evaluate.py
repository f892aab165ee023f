"""Means of what a family reports over pictures the model has never seen, and its likelihood of them."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from genstudio.data.batches import Batch
from genstudio.data.source import BatchSource
from genstudio.data.spread import spread
from genstudio.training.learner import Learner, Reconstructs, ScoresLikelihood, Watch, unwatched
from genstudio.training.previews import evaluating


def evaluate(
    learner: Learner,
    source: BatchSource,
    heldout: NDArray[np.int64],
    *,
    batch: int,
    limit: int,
    watch: Watch = unwatched,
) -> dict[str, float]:
    """Measure a learner on at most `limit` of `heldout`, evenly spread, `batch` at a time unless the learner wants
    them otherwise; means over the pictures.

    Besides what the learner itself evaluates there are, for one that scores likelihood, `nats_per_image` and
    `bits_per_dim` (nats / (D ln 2), D numbers in a picture): minus log p, or an upper bound of it when the
    learner's `likelihood_kind` is a lower bound. For one that reconstructs there is `redrawing_error`, the root mean
    square difference of a picture and its redrawing in levels, of 255.
    """
    indices = np.array(spread(heldout.tolist(), limit), dtype=np.int64)
    batch = learner.evaluated_together or batch
    sums: dict[str, float] = {}
    with evaluating(learner):
        for begin in range(0, len(indices), batch):
            examples = source.fixed(indices[begin : begin + batch], seed=begin)
            for name, values in _figures(learner, examples).items():
                sums[name] = sums.get(name, 0.0) + float(values.double().sum())
            watch(min(begin + batch, len(indices)), len(indices))
    return {name: total / len(indices) for name, total in sums.items()}


def _figures(learner: Learner, examples: Batch) -> Mapping[str, Tensor]:
    figures = dict(learner.evaluate(examples))
    if isinstance(learner, ScoresLikelihood):
        nats = -learner.log_likelihood(examples)
        figures["nats_per_image"] = nats
        figures["bits_per_dim"] = nats / (examples.pixels[0].numel() * math.log(2))
    if isinstance(learner, Reconstructs):
        difference = 127.5 * (learner.reconstruct(examples.images) - examples.images)
        figures["redrawing_error"] = difference.square().flatten(1).mean(1).sqrt()
    return figures
