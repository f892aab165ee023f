"""Bayes' rule on models whose likelihoods are known."""

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pytest
import torch
from torch import Tensor

from genstudio.core.errors import FamilyError
from genstudio.data.batches import Batch
from genstudio.data.dataset import ImageDataset
from genstudio.data.source import BatchSource
from genstudio.evaluation.classifier import class_posterior, classify
from genstudio.training.learner import Learner

SHADES = (40, 120, 200)


class Mute(Learner):
    """Knows no likelihood."""

    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        raise NotImplementedError


class Shades(Mute):
    """Class k has pixels around a shade of its own: a normal density of standard deviation 30."""

    likelihood_kind: Literal["exact"] = "exact"

    def __init__(self) -> None:
        super().__init__()
        self.noise: list[float] = []

    def log_likelihood(self, batch: Batch) -> Tensor:
        assert batch.labels is not None
        self.noise.append(float(torch.rand(1, generator=batch.generator)))
        shade = torch.tensor(SHADES)[batch.labels]
        return -((batch.pixels.float().mean((1, 2, 3)) - shade) ** 2) / (2 * 30**2)


def dataset(labelled: bool = True) -> ImageDataset:
    draw = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], [20, 20, 60])
    pixels = np.array(SHADES)[labels][:, None, None, None] + draw.integers(-10, 10, (100, 1, 2, 2))
    if not labelled:
        return ImageDataset.in_memory(pixels.astype(np.uint8))
    return ImageDataset.in_memory(pixels.astype(np.uint8), labels=labels.tolist(), classes=("a", "b", "c"))


def source(pictures: ImageDataset) -> BatchSource:
    return BatchSource(pictures, np.arange(80), batch_size=8, seed=0, device="cpu")


def test_that_posteriors_follow_from_likelihoods_and_prior() -> None:
    learner, batch = Shades(), source(dataset()).fixed(np.array([0, 25, 90]), 0)
    prior = torch.tensor([0.2, 0.3, 0.5])
    found = class_posterior(learner, batch, 3, prior).exp()
    means = batch.pixels.float().mean((1, 2, 3))[:, None]
    joint = prior * torch.exp(-((means - torch.tensor(SHADES)) ** 2) / 1800)
    assert torch.allclose(found, joint / joint.sum(1, keepdim=True), atol=1e-6)


def test_that_every_label_is_scored_with_the_same_noise() -> None:
    learner = Shades()
    class_posterior(learner, source(dataset()).fixed(np.arange(4), 0), 3)
    assert len(set(learner.noise)) == 1 and len(learner.noise) == 3


def test_that_pictures_far_apart_are_told_apart() -> None:
    found = classify(Shades(), source(dataset()), np.arange(100), batch=16, limit=1000)
    assert found.count == 100 and found.accuracy == 1.0
    assert np.diag(found.confusion).tolist() == [20, 20, 60]
    assert found.nats == pytest.approx(0, abs=0.1)


def test_that_no_more_are_looked_at_than_asked_for() -> None:
    assert classify(Shades(), source(dataset()), np.arange(100), batch=16, limit=30).count == 30


def test_that_what_cannot_be_done_is_said_in_a_sentence() -> None:
    with pytest.raises(FamilyError, match="no labels"):
        classify(Shades(), source(dataset(labelled=False)), np.arange(4), batch=2, limit=4)
    with pytest.raises(FamilyError, match="how probable"):
        classify(Mute(), source(dataset()), np.arange(4), batch=2, limit=4)
