"""Gated and conditional PixelCNN (van den Oord et al. 2016, "Conditional image generation with PixelCNN decoders").

Two stacks of layers. The vertical one sees all rows above without any mask: it is shifted down by one row before the
horizontal one reads it, so no blind spot is left. The horizontal one sees the row so far. Every layer ends in a gate,
tanh(a) · σ(b) (equation 2); a condition (a class, or any vector that describes a picture), spread over the places of
the picture, shifts a and b in both stacks (equation 5). Only the horizontal stack is residual, and not in the first
layer, which must not let the pixel itself through. All layers also feed the output directly (skip connections).

The network is that of figure 2 with kernels of 7 × 7 in the first layer and 3 × 3 in the others.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genstudio.nn.masked import Kind, MaskedConv2d, marked
from genstudio.nn.pixels_condition import Scene
from genstudio.nn.pixels_density import PixelNet

from .gated_painter import GatedPainter

_FIRST, _OTHERS = 3, 1  # how far the kernels reach up and to the sides


def gate(x: Tensor) -> Tensor:
    """(B, 2 n, ...) to (B, n, ...): tanh of one half opened by the sigmoid of the other."""
    signal, valve = x.chunk(2, dim=1)
    return torch.tanh(signal) * torch.sigmoid(valve)


def shifted_down(x: Tensor) -> Tensor:
    """Every row moves down by one; the first row becomes zero."""
    return F.pad(x, (0, 0, 1, -1))


class Layer(nn.Module):
    """One layer of both stacks. The first has mask A and no residual, the last feeds only the output."""

    def __init__(
        self,
        inputs: int,
        features: int,
        subpixels: int,
        scene: int,
        dropout: float,
        *,
        first: bool = False,
        last: bool = False,
    ) -> None:
        super().__init__()
        self.first, reach = first, _FIRST if first else _OTHERS
        self.sides = (reach, reach, reach, 0)
        self.vertical = nn.Conv2d(inputs, 2 * features, (reach + 1, 2 * reach + 1))
        self.link = nn.Conv2d(2 * features, 2 * features, 1)
        kind: Kind = "A" if first else "B"
        self.horizontal = MaskedConv2d(inputs, 2 * features, kind, subpixels=subpixels, left=reach, bias=False)
        self.residual = None if last else MaskedConv2d(features, features, "B", subpixels=subpixels, bias=False)
        self.told = nn.Conv2d(scene, 4 * features, 1, bias=False)
        self.dropout = nn.Dropout(dropout)

    def forward(self, v: Tensor, h: Tensor, scene: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Vertical and horizontal features (B, inputs, H, W) to both, and what the output gets (B, features, H, W)."""
        above = self.vertical(F.pad(v, self.sides))  # (B, 2 n, H, W), rows up to and including its own
        told_above, told_row = self.told(scene).chunk(2, dim=1)
        row = self.horizontal(h) + self.link(shifted_down(above)) + told_row
        out = self.dropout(gate(row))
        if self.residual is not None:
            v, h = self.dropout(gate(above + told_above)), self.residual(out) if self.first else h + self.residual(out)
        return v, h, out


class GatedPixelCNN(PixelNet):
    """The whole network.

    `features` is a multiple of the channels, `depth` at least 2.
    """

    def __init__(self, channels: int, features: int, depth: int, outputs: int, scene: Scene, dropout: float) -> None:
        super().__init__()
        self.channels, self.features, self.scene = channels, features, scene
        told = scene.features
        first = Layer(2 * channels, features, channels, told, dropout, first=True)
        others = (
            Layer(features, features, channels, told, dropout, last=layer == depth) for layer in range(2, depth + 1)
        )
        self.layers = nn.ModuleList((first, *others))
        self.skips = MaskedConv2d(depth * features, features, "B", subpixels=channels, bias=False)
        self.last = MaskedConv2d(features, features, "B", subpixels=channels)
        self.head = MaskedConv2d(features, outputs, "B", subpixels=channels)

    @property
    def stack(self) -> list[Layer]:
        """The layers, as what they are."""
        return [layer for layer in self.layers if isinstance(layer, Layer)]

    def forward(self, values: Tensor, condition: Tensor | None) -> Tensor:
        """(B, C, H, W) in [-1, 1] to logits (B, levels * C, H, W)."""
        v = h = marked(values)
        scene, outs = self.scene(condition), []
        for layer in self.stack:
            v, h, out = layer(v, h, scene)
            outs.append(out)
        x = F.relu(self.skips(torch.cat(outs, 1)))
        parameters: Tensor = self.head(F.relu(self.last(x)))
        return parameters

    def painter(self, count: int, width: int, condition: Tensor | None) -> GatedPainter:
        """See `PixelNet.painter`."""
        return GatedPainter(self, count, width, condition)
