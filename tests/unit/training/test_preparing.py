"""Looking at all examples once, before the first step."""

from collections.abc import Iterator, Mapping

import numpy as np
import pytest
import torch
from torch import Tensor

from genstudio.core.errors import Cancelled
from genstudio.core.spec import DataSpec
from genstudio.data.batches import Batch
from genstudio.data.source import BatchSource
from genstudio.testing.pictures import made_for
from genstudio.testing.standins import StandInAutoencoder
from genstudio.training.learner import Learner
from genstudio.training.preparing import prepare

SPEC = DataSpec(count=24, channels=3, height=15, width=18)


class Looks(Learner):
    """Remembers what it was shown."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[int] = []

    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        raise AssertionError

    def prepare(self, count: int, batches: Iterator[Batch]) -> None:
        assert not self.training and not torch.is_grad_enabled()
        self.count = count
        for batch in batches:
            self.seen += batch.index.tolist()


def source() -> BatchSource:
    return BatchSource(made_for(SPEC), np.array([7, 3, 20, 11]), batch_size=2, seed=0, device="cpu")


def test_that_everything_is_seen_once_in_the_order_of_the_dataset() -> None:
    learner = Looks()
    prepare(learner, source(), np.array([1, 21]))
    assert learner.seen == [1, 3, 7, 11, 20, 21] and learner.count == 22
    assert learner.training


def test_that_preparing_can_be_broken_off() -> None:
    def check() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        prepare(Looks(), source(), np.array([1]), check)


def test_that_the_stand_in_for_an_autoencoder_loses_nothing() -> None:
    images = source().fixed(range(4), 0).images
    autoencoder = StandInAutoencoder(SPEC)
    maps = autoencoder.to_latents(images)
    assert maps.shape == (4, *autoencoder.latent_shape) == (4, 48, 4, 5)
    torch.testing.assert_close(autoencoder.from_latents(maps), images)
