"""Figures of held-out pictures are means over all of them, whatever the batch."""

import math
from collections.abc import Mapping
from typing import Literal

import numpy as np
import pytest
import torch
from torch import Tensor

from genstudio.core.errors import Cancelled
from genstudio.data.batches import Batch
from genstudio.data.source import BatchSource
from genstudio.evaluation.evaluate import evaluate
from genstudio.testing.pictures import made_up
from genstudio.training.learner import Learner

DATASET = made_up(1, 8, 8, labelled=True)
HELDOUT = np.arange(0, 23, 2, dtype=np.int64)


class Scorer(Learner):
    """Scores a picture by its position in the dataset, and redraws it ten levels too light."""

    likelihood_kind: Literal["exact", "lower bound"] = "exact"

    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        return {}

    def evaluate(self, batch: Batch) -> Mapping[str, Tensor]:
        assert not self.training
        assert not torch.is_grad_enabled()
        return {"position": batch.index.float()}

    def log_likelihood(self, batch: Batch) -> Tensor:
        return -batch.index.float()

    def reconstruct(self, images: Tensor) -> Tensor:
        return images + 10 / 127.5


def source() -> BatchSource:
    return BatchSource(DATASET, HELDOUT, batch_size=4, seed=0, device="cpu")


@pytest.mark.parametrize("batch", [1, 5, 12, 100])
def test_that_figures_are_means_over_pictures_whatever_the_batch(batch: int) -> None:
    learner = Scorer().train()
    figures = evaluate(learner, source(), HELDOUT, batch=batch, limit=100)
    mean = float(HELDOUT.mean())
    assert figures == {
        "position": pytest.approx(mean),
        "nats_per_image": pytest.approx(mean),
        "bits_per_dim": pytest.approx(mean / (64 * math.log(2))),
        "redrawing_error": pytest.approx(10, rel=1e-4),
    }
    assert learner.training


def test_that_a_limit_looks_at_so_many_pictures_from_all_over() -> None:
    heard: list[tuple[int, int]] = []

    def watch(done: int, total: int, pictures: Tensor | None = None, uncertainty: Tensor | None = None) -> None:
        heard.append((done, total))

    figures = evaluate(Scorer(), source(), HELDOUT, batch=2, limit=3, watch=watch)
    assert heard == [(2, 3), (3, 3)]
    assert figures["position"] == pytest.approx((0 + 10 + 22) / 3)


def test_that_an_evaluation_can_be_cancelled() -> None:
    def watch(done: int, total: int, pictures: Tensor | None = None, uncertainty: Tensor | None = None) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        evaluate(Scorer(), source(), HELDOUT, batch=2, limit=10, watch=watch)
