"""The two convolutional networks of every autoencoder here: pictures down to a small map, and up again."""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genstudio.api import DataSpec
from genstudio.nn.blocks import Downsample, ResidualBlock, Upsample, group_norm


@dataclass(frozen=True)
class Shape:
    """How a picture becomes smaller on its way down.

    It is halved as often as there are `features`. Sides that do not divide are padded on the right and at the bottom,
    and cut off again behind the decoder. Features double with every halving, up to eight times `width`.
    """

    channels: int
    height: int
    width: int
    features: tuple[int, ...]

    @classmethod
    def of(cls, spec: DataSpec, width: int, halvings: int | None = None) -> "Shape":
        """Plan for a dataset's pictures; without `halvings` the shorter side becomes about four pixels."""
        if halvings is None:
            halvings = max(1, round(math.log2(min(spec.height, spec.width) / 4)))
        return cls(spec.channels, spec.height, spec.width, tuple(width * min(2**i, 8) for i in range(halvings)))

    @property
    def smallest(self) -> tuple[int, int, int]:
        """Features, height and width of the smallest map."""
        return self.features[-1], -(-self.height // self.step), -(-self.width // self.step)

    @property
    def step(self) -> int:
        """How many pixels a side become one place of the smallest map."""
        return 1 << len(self.features)

    def padded(self, images: Tensor) -> Tensor:
        """Repeat the last row and column until every halving divides."""
        return F.pad(images, (0, -self.width % self.step, 0, -self.height % self.step), mode="replicate")


class Down(nn.Module):
    """(B, C, H, W) in [-1, 1] to the smallest map, (B, F, h, w)."""

    def __init__(self, shape: Shape, depth: int) -> None:
        super().__init__()
        self.shape = shape
        layers: list[nn.Module] = []
        for inputs, outputs in zip((shape.channels, *shape.features), shape.features, strict=False):
            layers += [Downsample(inputs, outputs), *(ResidualBlock(outputs) for _ in range(depth))]
        self.layers = nn.Sequential(*layers, group_norm(shape.features[-1]), nn.SiLU())

    def forward(self, images: Tensor) -> Tensor:
        """Channels lie innermost in memory from here on, which is faster."""
        map_: Tensor = self.layers(self.shape.padded(images).contiguous(memory_format=torch.channels_last))
        return map_

    def hidden(self) -> list[nn.Parameter]:
        """Kernels between layers of features: all but those that look at the picture."""
        return [parameter for parameter in self.layers[1:].parameters() if parameter.ndim > 1]


class Up(nn.Module):
    """The smallest map, (B, F, h, w), to the numbers that pictures are made from, (B, C, H, W)."""

    def __init__(self, shape: Shape, depth: int) -> None:
        super().__init__()
        self.shape = shape
        sizes = shape.features[::-1]
        layers: list[nn.Module] = []
        for inputs, outputs in zip(sizes, (*sizes[1:], None), strict=True):
            layers += [ResidualBlock(inputs) for _ in range(depth)]
            layers += [] if outputs is None else [Upsample(inputs, outputs)]
        self.layers = nn.Sequential(*layers, group_norm(sizes[-1]), nn.SiLU(), FullSize(sizes[-1], shape.channels))

    def forward(self, map_: Tensor) -> Tensor:
        """Blow up, then cut off what was padded."""
        outputs: Tensor = self.layers(map_.contiguous(memory_format=torch.channels_last))
        return outputs[:, :, : self.shape.height, : self.shape.width]

    def hidden(self) -> list[nn.Parameter]:
        """Kernels between layers of features: all but the last, which makes the picture."""
        return [parameter for parameter in self.layers.parameters() if parameter.ndim > 1][:-1]


class FullSize(nn.Sequential):
    """(B, inputs, H/2, W/2) to (B, channels, H, W): the last doubling, where most pixels are and features are dear.

    Only few features are blown up, and smoothly. Drawing four neighbours from four sets of weights instead
    (`PixelShuffle`) costs half as much, but wherever the model is unsure the sets disagree, and a grid shows.
    """

    def __init__(self, inputs: int, channels: int) -> None:
        few = max(8, inputs // 2)
        super().__init__(
            nn.Conv2d(inputs, few, 1),
            nn.Upsample(scale_factor=2, mode="bilinear"),
            nn.Conv2d(few, few, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(few, channels, 3, padding=1),
        )
