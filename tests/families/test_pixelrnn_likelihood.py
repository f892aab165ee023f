"""Probabilities are probabilities: over all pictures there can be, they sum to one."""

import math

import pytest
import torch
from torch import Tensor

from genstudio.core.spec import DataSpec
from genstudio.data.batches import Batch
from genstudio_pixelrnn.config import PixelRNNConfig
from genstudio_pixelrnn.model import PixelRNNLearner, density
from tests.families.pixels_by_hand import every_picture, stored

VARIANTS = ("row-lstm", "diagonal-bilstm")


def batch_of(pixels: Tensor, labels: Tensor | None = None) -> Batch:
    images = pixels.float().sub(127.5).div(127.5)
    return Batch(pixels, images, labels, torch.arange(len(pixels)), 0, torch.Generator())


@pytest.mark.parametrize(
    ("levels", "channels", "height", "width"),
    [(2, 1, 3, 3), (4, 1, 2, 2), (3, 3, 1, 2), (2, 4, 1, 2), (2, 1, 1, 8), (2, 1, 8, 1)],
    ids=["3 x 3 black and white", "2 x 2 of 4 greys", "1 x 2 in colour", "1 x 2 with alpha", "one row", "one column"],
)
@pytest.mark.parametrize("variant", VARIANTS)
def test_that_all_pictures_together_have_probability_one(
    variant: str, levels: int, channels: int, height: int, width: int
) -> None:
    torch.manual_seed(2)
    config = PixelRNNConfig.model_validate({"variant": variant, "levels": levels, "features": 8, "depth": 2})
    model = density(config, DataSpec(count=1, channels=channels, height=height, width=width)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3)  # far from uniform
        nats = model(stored(model.levels, every_picture(levels, channels, height, width)), None).sum((1, 2))
    assert nats.double().exp().sum().item() == pytest.approx(1, abs=1e-4)
    assert nats.std().item() > 0.3


@pytest.mark.parametrize("variant", VARIANTS)
def test_that_given_a_class_and_given_none_all_pictures_have_probability_one(variant: str) -> None:
    torch.manual_seed(2)
    config = PixelRNNConfig.model_validate({"variant": variant, "levels": 2, "features": 8, "depth": 2})
    learner = PixelRNNLearner(config, DataSpec(count=1, channels=1, height=3, width=3, classes=("a", "b"))).eval()
    pixels = stored(learner.density.levels, every_picture(2, 1, 3, 3))
    nats = []
    for label in (0, 1, None):
        labels = None if label is None else torch.full((512,), label)
        with torch.no_grad():
            nats.append(learner.log_likelihood(batch_of(pixels, labels)))
        assert nats[-1].double().exp().sum().item() == pytest.approx(1, abs=1e-4)
    assert not torch.allclose(nats[0], nats[1]) and not torch.allclose(nats[0], nats[2])


@pytest.mark.parametrize("variant", VARIANTS)
def test_that_surprise_adds_up_to_minus_the_likelihood_and_to_bits(variant: str) -> None:
    config = PixelRNNConfig.model_validate({"variant": variant, "levels": 16, "features": 8, "skips": True})
    learner = PixelRNNLearner(config, DataSpec(count=1, channels=3, height=5, width=4)).eval()
    batch = batch_of(torch.randint(256, (3, 3, 5, 4), dtype=torch.uint8))
    with torch.no_grad():
        nats, surprise, figures = learner.log_likelihood(batch), learner.surprise(batch), learner.evaluate(batch)
    assert surprise.shape == (3, 5, 4) and bool((surprise >= 0).all())
    assert torch.allclose(surprise.sum((1, 2)), -nats, rtol=1e-5)
    assert torch.allclose(figures["bits_per_dim"], -nats / (60 * math.log(2)), rtol=1e-5)


def test_that_evaluation_and_drawing_use_the_average_of_past_weights() -> None:
    config = PixelRNNConfig(levels=4, features=4, depth=1, images=64, batch_size=4, averaging=0.9)
    learner = PixelRNNLearner(config, DataSpec(count=1, channels=1, height=4, width=4))
    batch = batch_of(torch.randint(256, (4, 1, 4, 4), dtype=torch.uint8))
    with torch.no_grad():
        before = learner.evaluate(batch)["bits_per_dim"]
        for parameter in learner.density.parameters():
            parameter.add_(1.0)
        assert torch.equal(learner.evaluate(batch)["bits_per_dim"], before)
        for parameter in learner.averaged.parameters():
            parameter.add_(1.0)
        assert not torch.equal(learner.evaluate(batch)["bits_per_dim"], before)
