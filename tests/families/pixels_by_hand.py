"""Models of pixels in order, the slow and obvious way: what their quick ways must equal."""

import itertools

import torch
from torch import Tensor

from genstudio.nn.pixels import Levels
from genstudio.nn.pixels_density import PixelDensity
from genstudio.nn.pixels_heads import MixtureHead


def stored(levels: Levels, chosen: Tensor) -> Tensor:
    """The uint8 numbers whose levels these are."""
    return levels.values(chosen).add(1).mul(127.5).round().to(torch.uint8)


def every_picture(levels: int, channels: int, height: int, width: int) -> Tensor:
    """All pictures there can be, as levels (levels ** dimensions, C, H, W)."""
    every = list(itertools.product(range(levels), repeat=channels * height * width))
    return torch.tensor(every).view(-1, channels, height, width)


def logits_by_hand(
    density: PixelDensity, values: Tensor, place: tuple[int, int, int], condition: Tensor | None
) -> Tensor:
    """Run the whole network, and keep the logits (levels, N) of one sub-pixel (row, column, channel)."""
    row, column, channel = place
    parameters = density.net(values, condition)
    if isinstance(density.head, MixtureHead):
        pixel = density.head.pixel(parameters[:, :, row, column].T)
        for before in range(channel):
            pixel.put(values[:, before, row, column])
        return pixel.logits()
    by_channel = parameters.unflatten(1, (density.levels.count, -1))
    logits: Tensor = by_channel[:, :, channel, row, column].T
    return logits


@torch.inference_mode()
def draw_by_hand(density: PixelDensity, uniforms: Tensor, condition: Tensor | None) -> Tensor:
    """Draw pictures (N, C, H, W), running the whole network once for every sub-pixel."""
    count, height, width, channels = uniforms.shape
    values = torch.zeros(count, channels, height, width)
    for row, column, channel in itertools.product(range(height), range(width), range(channels)):
        chance = logits_by_hand(density, values, (row, column, channel), condition).softmax(0)
        level = (chance.cumsum(0) <= uniforms[:, row, column, channel]).sum(0).clamp(max=len(chance) - 1)
        values[:, channel, row, column] = density.levels.values(level)
    return values


@torch.inference_mode()
def most_apart(density: PixelDensity, values: Tensor, condition: Tensor | None) -> float:
    """The largest difference between a painter's probabilities and those by hand, over all of given pictures."""
    count, channels, height, width = values.shape
    painter, apart = density.net.painter(count, width, condition), 0.0
    for row in range(height):
        painter.start_row(row)
        for column, channel in itertools.product(range(width), range(channels)):
            by_hand = logits_by_hand(density, values, (row, column, channel), condition)
            quick = painter.logits(column, channel)
            apart = max(apart, float((quick.softmax(0) - by_hand.softmax(0)).abs().max()))
            painter.put(column, channel, values[:, channel, row, column])
    return apart
