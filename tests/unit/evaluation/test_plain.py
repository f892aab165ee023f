"""The classifier that generative models are compared with learns what can be learned, and only that."""

import numpy as np
import pytest
import torch

from genstudio.core.errors import Cancelled
from genstudio.core.spec import DataSpec
from genstudio.data.dataset import ImageDataset
from genstudio.data.source import BatchSource
from genstudio.evaluation.classifier import compare
from genstudio.evaluation.plain import PlainClassifier, learned_plainly


def bars(count: int = 240, edge: int = 8) -> ImageDataset:
    """Bright bars on noise: lying ones and standing ones."""
    draw = np.random.default_rng(0)
    pixels = draw.integers(0, 120, (count, 1, edge, edge)).astype(np.uint8)
    for index in range(count):
        place = draw.integers(edge)
        pixels[index, 0, place, :] = 230 if index % 2 else pixels[index, 0, place, :]
        pixels[index, 0, :, place] = pixels[index, 0, :, place] if index % 2 else 230
    return ImageDataset.in_memory(pixels, labels=[index % 2 for index in range(count)], classes=("standing", "lying"))


def source(dataset: ImageDataset) -> BatchSource:
    return BatchSource(dataset, np.arange(160), batch_size=32, seed=0, device="cpu")


def test_that_bars_it_never_saw_are_told_apart() -> None:
    pictures = source(bars())
    classifier = learned_plainly(pictures, seed=1)
    found = compare(classifier.posterior, pictures, np.arange(160, 240), batch=32, limit=1000)
    assert found.count == 80 and found.accuracy > 0.95 and found.nats < 0.3


def test_that_the_same_seed_gives_the_same_classifier() -> None:
    pictures = source(bars())
    one, other = (learned_plainly(pictures, seed=2).state_dict() for _ in range(2))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_that_large_and_odd_pictures_are_looked_at_in_a_small_size() -> None:
    spec = DataSpec(count=1, channels=3, height=50, width=7, classes=("a", "b", "c"))
    assert PlainClassifier(spec)(torch.zeros(2, 3, 50, 7)).shape == (2, 3)


def test_that_learning_can_be_cancelled() -> None:
    def watch(done: int, total: int, pictures: object = None, uncertainty: object = None) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        learned_plainly(source(bars()), seed=0, watch=watch)
