"""On pictures from a source whose entropy is known, the trained model needs no more bits than there are."""

import math

import pytest
import torch
from torch import Tensor

from genstudio.core.spec import DataSpec
from genstudio.data.batches import Batch
from genstudio_pixelcnn.config import PixelCNNConfig
from genstudio_pixelcnn.model import PixelCNNLearner

EDGE, LEVELS, BATCH = 6, 3, 64


def chances(left: Tensor, above: Tensor) -> Tensor:
    """The source: p(level) (N, 3) of a pixel after its neighbours' levels; it likes to repeat either of them."""
    repeats = 1.6 * torch.nn.functional.one_hot(left, LEVELS) + 1.2 * torch.nn.functional.one_hot(above, LEVELS)
    return repeats.softmax(1)


def field(count: int, generator: torch.Generator) -> tuple[Tensor, float]:
    """Pictures (N, 1, H, W) as levels from the source, and the bits per pixel it takes to tell them."""
    padded = torch.zeros(count, EDGE + 1, EDGE + 1, dtype=torch.int64)
    nats = torch.zeros(count)
    for row in range(1, EDGE + 1):
        for column in range(1, EDGE + 1):
            chance = chances(padded[:, row, column - 1], padded[:, row - 1, column])
            drawn = torch.multinomial(chance, 1, generator=generator)
            nats -= chance.gather(1, drawn).log()[:, 0]
            padded[:, row, column] = drawn[:, 0]
    return padded[:, None, 1:, 1:], nats.mean().item() / (EDGE**2 * math.log(2))


def batch_of(levels: Tensor, images_seen: int) -> Batch:
    pixels = (levels * 127.5).round().to(torch.uint8)
    images = pixels.float().sub(127.5).div(127.5)
    return Batch(pixels, images, None, torch.arange(len(pixels)), images_seen, torch.Generator())


SLOWLY = pytest.mark.slow  # half a minute


@pytest.mark.parametrize(
    ("variant", "features", "steps"),
    [("pixelcnn", 32, 350), ("gated", 32, 250), pytest.param("pixelcnn++", 16, 300, marks=SLOWLY)],
)
def test_that_bits_per_dimension_come_within_two_percent_of_the_entropy(
    variant: str, features: int, steps: int
) -> None:
    torch.manual_seed(0)
    config = PixelCNNConfig(
        variant=variant, levels=LEVELS, features=features, depth=2, dropout=0.0, images=BATCH * steps,
        batch_size=BATCH, learning_rate=5e-3, averaging=0.95, mixtures=3,
    )  # fmt: skip
    learner = PixelCNNLearner(config, DataSpec(count=1, channels=1, height=EDGE, width=EDGE))
    generator = torch.Generator().manual_seed(1)
    for step in range(steps):
        learner.step(batch_of(field(BATCH, generator)[0], step * BATCH))
    levels, entropy = field(1024, generator)
    with torch.no_grad():
        bits = learner.eval().evaluate(batch_of(levels, 0))["bits_per_dim"].mean().item()
    assert 0.8 < entropy < 0.9
    assert entropy - 0.005 < bits < 1.02 * entropy, (bits, entropy)
