"""On pictures from a source whose entropy is known, the trained model needs no more bits than there are."""

import itertools
import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from genstudio.core.spec import DataSpec
from genstudio.data.batches import Batch
from genstudio_pixelrnn.config import PixelRNNConfig
from genstudio_pixelrnn.model import PixelRNNLearner

LEVELS, BATCH = 3, 64


def chances(latest: Tensor, above: Tensor) -> Tensor:
    """The source: p(level) (N, 3) of a number after two others; it likes to repeat either of them."""
    return (1.6 * F.one_hot(latest, LEVELS) + 1.2 * F.one_hot(above, LEVELS)).softmax(1)


def field(count: int, channels: int, edge: int, generator: torch.Generator) -> tuple[Tensor, float]:
    """Pictures (N, C, edge, edge) as levels from the source, and the bits per number it takes to tell them.

    A number follows the one drawn last, and its own channel in the pixel above to the right; 0 beyond the borders.
    """
    padded = torch.zeros(count, channels, edge + 1, edge + 2, dtype=torch.int64)
    nats = torch.zeros(count)
    for row, column, channel in itertools.product(range(1, edge + 1), range(1, edge + 1), range(channels)):
        latest = padded[:, channel - 1, row, column] if channel else padded[:, -1, row, column - 1]
        chance = chances(latest, padded[:, channel, row - 1, column + 1])
        drawn = torch.multinomial(chance, 1, generator=generator)
        nats -= chance.gather(1, drawn).log()[:, 0]
        padded[:, channel, row, column] = drawn[:, 0]
    return padded[:, :, 1:, 1:-1], nats.mean().item() / (channels * edge**2 * math.log(2))


def batch_of(levels: Tensor, images_seen: int) -> Batch:
    pixels = (levels * 127.5).round().to(torch.uint8)
    images = pixels.float().sub(127.5).div(127.5)
    return Batch(pixels, images, None, torch.arange(len(pixels)), images_seen, torch.Generator())


@pytest.mark.parametrize(
    ("channels", "edge", "steps"),
    [(1, 5, 150), pytest.param(3, 8, 250, marks=pytest.mark.slow)],
    ids=["grey", "colour"],
)
@pytest.mark.parametrize("variant", ["row-lstm", "diagonal-bilstm"])
def test_that_bits_per_dimension_come_within_two_percent_of_the_entropy(
    variant: str, channels: int, edge: int, steps: int
) -> None:
    torch.manual_seed(0)
    config = PixelRNNConfig.model_validate(
        {"variant": variant, "levels": LEVELS, "features": 24, "depth": 1, "reach": 1, "images": BATCH * steps}
        | {"batch_size": BATCH, "learning_rate": 1e-2, "averaging": 0.95}
    )
    learner = PixelRNNLearner(config, DataSpec(count=1, channels=channels, height=edge, width=edge))
    generator = torch.Generator().manual_seed(1)
    for step in range(steps):
        learner.step(batch_of(field(BATCH, channels, edge, generator)[0], step * BATCH))
    levels, entropy = field(1024, channels, edge, generator)
    with torch.no_grad():
        bits = learner.eval().evaluate(batch_of(levels, 0))["bits_per_dim"].mean().item()
    assert 0.8 < entropy < 0.95  # of log2(3) = 1.58 bits if all levels were alike
    assert entropy - 0.005 < bits < 1.02 * entropy, (bits, entropy)
