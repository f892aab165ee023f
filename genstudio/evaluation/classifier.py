"""A model of pictures used as a classifier: which label makes a picture most probable?

By Bayes' rule p(label | picture) = p(picture | label) p(label) / Σ p(picture | other) p(other). A classifier that was
trained to tell labels apart learns the left side directly; a generative model of every class gives it for nothing
(Ng and Jordan 2002, "On discriminative vs. generative classifiers"). With a lower bound in place of the likelihood
the answer is an approximation.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from genstudio.core.errors import FamilyError
from genstudio.data.batches import Batch
from genstudio.data.labels import per_label
from genstudio.data.source import BatchSource
from genstudio.data.spread import spread
from genstudio.training.learner import Classifies, Learner, ScoresLikelihood, Watch, unwatched
from genstudio.training.previews import evaluating


@dataclass(frozen=True)
class Classified:
    """How a model's labels compare with the true ones.

    confusion: int64 (K, K), pictures of true label (row) that were given a label (column). nats: the mean of
    minus log p(true label | picture), which also tells how sure it was.
    """

    confusion: NDArray[np.int64]
    nats: float

    @property
    def count(self) -> int:
        """How many pictures were looked at."""
        return int(self.confusion.sum())

    @property
    def accuracy(self) -> float:
        """The share of pictures that were given their true label."""
        return float(np.trace(self.confusion)) / self.count


def class_posterior(learner: Learner, batch: Batch, classes: int, prior: Tensor | None = None) -> Tensor:
    """Return log p(label | picture) in nats, (B, classes), for a model that heeds labels.

    prior: p(label), (classes,); equal shares if None. Every label is scored with the same noise. A model that names
    labels itself is asked directly, and `prior` is its own. Call it in eval mode, without gradients. Raises
    `FamilyError` when the model cannot score likelihood either.
    """
    if isinstance(learner, Classifies):
        return learner.class_log_probabilities(batch.images)
    if not isinstance(learner, ScoresLikelihood):
        raise FamilyError("This model cannot say how probable a picture is, so it cannot be used as a classifier.")
    start = batch.generator.get_state()
    scores = []
    for label in range(classes):
        batch.generator.set_state(start)
        scores.append(learner.log_likelihood(replace(batch, labels=torch.full_like(batch.index, label))))
    joint = torch.stack(scores, 1)  # (B, classes)
    if prior is not None:
        joint = joint + prior.to(joint).log()
    return joint.log_softmax(1)


def classify(
    learner: Learner,
    source: BatchSource,
    heldout: NDArray[np.int64],
    *,
    batch: int,
    limit: int,
    watch: Watch = unwatched,
) -> Classified:
    """Give labels to at most `limit` of `heldout`, evenly spread, `batch` at a time, and compare with the true ones.

    Raises `FamilyError` when the pictures have no labels or the model cannot score likelihood.
    """
    prior = prior_of(source)

    def posterior(examples: Batch) -> Tensor:
        return class_posterior(learner, examples, len(prior), prior)

    with evaluating(learner):
        return compare(posterior, source, heldout, batch=batch, limit=limit, watch=watch)


def prior_of(source: BatchSource) -> Tensor:
    """The share each label has among the pictures `source` trains on, (classes,), float64; none is nought.

    Raises `FamilyError` when they have no labels.
    """
    dataset = source.dataset
    if dataset.labels is None:
        raise FamilyError("These pictures have no labels, so there is nothing to classify them by.")
    seen = per_label(dataset.labels[source.indices], len(dataset.spec.classes)) + 1.0
    return torch.from_numpy(seen / seen.sum())


@torch.no_grad()
def compare(
    posterior: Callable[[Batch], Tensor],
    source: BatchSource,
    heldout: NDArray[np.int64],
    *,
    batch: int,
    limit: int,
    watch: Watch = unwatched,
) -> Classified:
    """Compare log p(label | picture), (B, classes), with the true labels of at most `limit` of `heldout`."""
    classes = len(source.dataset.spec.classes)
    indices = np.array(spread(heldout.tolist(), limit), dtype=np.int64)
    confusion, nats = np.zeros((classes, classes), dtype=np.int64), 0.0
    for begin in range(0, len(indices), batch):
        examples = source.fixed(indices[begin : begin + batch], seed=begin)
        assert examples.labels is not None
        scores, truth = posterior(examples).cpu(), examples.labels.cpu()
        np.add.at(confusion, (truth.numpy(), scores.argmax(1).numpy()), 1)
        nats -= float(scores.gather(1, truth[:, None]).double().sum())
        watch(min(begin + batch, len(indices)), len(indices))
    return Classified(confusion, nats / max(len(indices), 1))
