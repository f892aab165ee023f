"""Drawing pictures pixel by pixel, in reading order, from any model that can say what comes next.

A naive sampler runs the whole network for every sub-pixel. A `Painter` keeps what it has computed for the pixels
that are drawn and computes only what is new; the pictures are the same.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from genstudio.nn.pixels import Levels

Watch = Callable[[int, int, Tensor, Tensor], None]
"""Told pixels done, pixels in all, pictures (N, C, H, W) in [-1, 1] and entropies (N, H, W) in bits, after each pixel.

Both tensors are views of buffers that are still being drawn on: whoever keeps them copies them.
"""

TRANSPARENT = -1.0


class Painter(ABC):
    """Says what comes next in N pictures that are drawn in reading order, remembering what it has computed.

    It is called in exactly this order: `start_row` once for each row, then for each column and each channel `logits`
    followed by `put`. Tensors are laid out (..., N), pictures innermost.
    """

    @abstractmethod
    def start_row(self, row: int) -> None:
        """Begin a row: do all that depends on the rows above alone."""

    @abstractmethod
    def logits(self, column: int, channel: int) -> Tensor:
        """Return unnormalised log-probabilities (levels, N) of the next sub-pixel."""

    @abstractmethod
    def put(self, column: int, channel: int, values: Tensor) -> None:
        """Learn what was drawn there: values (N,) in [-1, 1]."""


class Guided(Painter):
    """Exaggerates what distinguishes one condition from another: l_without + weight * (l_with - l_without).

    Classifier-free guidance (Ho and Salimans 2022) on the logarithms of probabilities. `both` paints 2 N pictures, the
    first half with the condition and the second without. A weight of 1 changes nothing.
    """

    def __init__(self, both: Painter, weight: float) -> None:
        self._both, self._weight = both, weight

    def start_row(self, row: int) -> None:
        """See `Painter.start_row`."""
        self._both.start_row(row)

    def logits(self, column: int, channel: int) -> Tensor:
        """See `Painter.logits`."""
        conditioned, free = self._both.logits(column, channel).log_softmax(0).chunk(2, dim=1)
        return torch.lerp(free, conditioned, self._weight)

    def put(self, column: int, channel: int, values: Tensor) -> None:
        """See `Painter.put`."""
        self._both.put(column, channel, values.repeat(2))


@dataclass(frozen=True)
class Given:
    """What is already there: images float32 (N, C, H, W) in [-1, 1], of which the pixels `known` (N, H, W) are kept."""

    images: Tensor
    known: Tensor


def draw(
    painter: Painter,
    levels: Levels,
    uniforms: Tensor,
    *,
    temperature: float = 1.0,
    given: Given | None = None,
    watch: Watch | None = None,
) -> Tensor:
    """Draw pictures (N, C, H, W) in [-1, 1], every number at one of the levels.

    uniforms: one random number in [0, 1) for each of (N, H, W, C); a picture depends on its own alone. `temperature`
    divides the log-probabilities: below 1 it prefers what is likely. Known pixels are kept as given, to the bit; the
    painter is told the level nearest to them.
    """
    count, height, width, channels = uniforms.shape
    chances = uniforms.permute(1, 2, 3, 0).contiguous()  # (H, W, C, N)
    canvas = _Canvas(count, channels, height, width, uniforms.device, levels, given)
    for row in range(height):
        painter.start_row(row)
        for column in range(width):
            for channel in range(channels):
                chance = torch.softmax(painter.logits(column, channel) / temperature, 0)  # (L, N)
                level = _choose(chance, chances[row, column, channel])
                values = canvas.put(row, column, channel, levels.values(level), chance)
                painter.put(column, channel, values)
            if watch is not None:
                watch(row * width + column + 1, height * width, canvas.pictures, canvas.bits)
    return canvas.pictures.contiguous()


def _choose(chance: Tensor, uniform: Tensor) -> Tensor:
    """Choose levels (N,) with probabilities (L, N): the first level at which their running sum exceeds `uniform`."""
    return (chance.cumsum(0) <= uniform).sum(0).clamp_(max=len(chance) - 1)


class _Canvas:
    """The pictures while they are drawn, laid out (H, W, C, N), and the entropy of each pixel drawn."""

    def __init__(
        self,
        count: int,
        channels: int,
        height: int,
        width: int,
        device: torch.device,
        levels: Levels,
        given: Given | None,
    ) -> None:
        self._values = torch.zeros(height, width, channels, count, device=device)
        if channels == 4:
            self._values[:, :, 3] = TRANSPARENT
        self._bits = torch.zeros(height, width, count, device=device)
        self._given = given
        if given is not None:
            images = given.images.permute(2, 3, 1, 0)
            self._known = given.known.permute(1, 2, 0).contiguous()
            self._told = levels.values(levels.of_values(images)).contiguous()
            self._values = torch.where(self._known[:, :, None], images, self._values)

    @property
    def pictures(self) -> Tensor:
        """The pictures so far, (N, C, H, W); what is not drawn yet is grey, or transparent where there is alpha."""
        return self._values.permute(3, 2, 0, 1)

    @property
    def bits(self) -> Tensor:
        """The entropies so far, (N, H, W) in bits a pixel; zero where nothing is drawn yet."""
        return self._bits.permute(2, 0, 1)

    def put(self, row: int, column: int, channel: int, drawn: Tensor, chance: Tensor) -> Tensor:
        """Keep one sub-pixel of every picture; returns the values (N,) the painter has to go on from."""
        self._bits[row, column].add_(torch.special.entr(chance).sum(0), alpha=1 / math.log(2))
        place = self._values[row, column, channel]
        if self._given is None:
            return place.copy_(drawn)
        known = self._known[row, column]
        place.copy_(torch.where(known, place, drawn))
        return torch.where(known, self._told[row, column, channel], drawn)
