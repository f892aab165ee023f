"""Probabilities are probabilities: over all pictures there can be, they sum to one."""

import math

import pytest
import torch

from genstudio.core.spec import DataSpec
from genstudio.data.batches import Batch
from genstudio_pixelcnn.config import PixelCNNConfig
from genstudio_pixelcnn.model import PixelCNNLearner, density
from tests.families.pixels_by_hand import every_picture, stored

VARIANTS = ("pixelcnn", "gated", "pixelcnn++")


@pytest.mark.parametrize(
    ("levels", "channels", "height", "width"),
    [(2, 1, 3, 3), (4, 1, 2, 2), (3, 3, 1, 2), (2, 4, 1, 2), (2, 1, 1, 8)],
    ids=["3 x 3 black and white", "2 x 2 of 4 greys", "1 x 2 in colour", "1 x 2 with alpha", "one row"],
)
@pytest.mark.parametrize("variant", VARIANTS)
def test_that_all_pictures_together_have_probability_one(
    variant: str, levels: int, channels: int, height: int, width: int
) -> None:
    torch.manual_seed(2)
    config = PixelCNNConfig(variant=variant, levels=levels, features=8, depth=2)
    model = density(config, DataSpec(count=1, channels=channels, height=height, width=width)).eval()
    every = every_picture(levels, channels, height, width)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3)  # far from uniform
        nats = model(stored(model.levels, every), model.vectors(None, len(every))).sum((1, 2))
    assert nats.double().exp().sum().item() == pytest.approx(1, abs=1e-4)
    assert nats.std().item() > 0.3


@pytest.mark.parametrize("variant", VARIANTS)
def test_that_given_a_class_and_given_none_all_pictures_have_probability_one(variant: str) -> None:
    torch.manual_seed(2)
    config = PixelCNNConfig(variant=variant, levels=2, features=8, depth=2)
    learner = PixelCNNLearner(config, DataSpec(count=1, channels=1, height=3, width=3, classes=("a", "b"))).eval()
    pixels = stored(learner.density.levels, every_picture(2, 1, 3, 3))
    totals = []
    for label in (0, 1, None):
        labels = None if label is None else torch.full((512,), label)
        images, index = pixels.float().sub(127.5).div(127.5), torch.arange(512)
        with torch.no_grad():
            nats = learner.log_likelihood(Batch(pixels, images, labels, index, 0, torch.Generator()))
        assert nats.double().exp().sum().item() == pytest.approx(1, abs=1e-4)
        totals.append(nats)
    assert not torch.allclose(totals[0], totals[1]) and not torch.allclose(totals[0], totals[2])


@pytest.mark.parametrize("variant", VARIANTS)
def test_that_surprise_adds_up_to_minus_the_likelihood_and_to_bits(variant: str) -> None:
    config = PixelCNNConfig(variant=variant, levels=16, features=8, depth=2)
    learner = PixelCNNLearner(config, DataSpec(count=1, channels=3, height=5, width=4)).eval()
    pixels = torch.randint(256, (3, 3, 5, 4), dtype=torch.uint8)
    images = pixels.float().sub(127.5).div(127.5)
    batch = Batch(pixels, images, None, torch.arange(3), 0, torch.Generator())
    with torch.no_grad():
        nats, surprise, figures = learner.log_likelihood(batch), learner.surprise(batch), learner.evaluate(batch)
    assert surprise.shape == (3, 5, 4) and bool((surprise >= 0).all())
    assert torch.allclose(surprise.sum((1, 2)), -nats, rtol=1e-5)
    assert torch.allclose(figures["bits_per_dim"], -nats / (60 * math.log(2)), rtol=1e-5)
