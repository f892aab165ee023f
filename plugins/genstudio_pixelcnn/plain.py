"""PixelCNN (van den Oord, Kalchbrenner and Kavukcuoglu 2016, "Pixel recurrent neural networks", sections 3.3-3.5).

A 7 × 7 convolution that sees only pixels before (mask A), then residual blocks of masked convolutions (mask B), then
two 1 × 1 layers that end in a softmax over the levels of each sub-pixel. Between sub-pixels, green sees red and blue
sees both; see `genstudio.nn.masked` for how channels keep to their sub-pixel.

Stacked masked convolutions leave a blind spot: a 3 × 3 kernel reaches one column right for every row up, so what lies
further right in the rows just above is never seen. The gated variant mends that. What the paper lacks: a condition (a
class), spread over the places of the picture, is added to what the first layer says.
"""

import torch.nn.functional as F
from torch import Tensor, nn

from genstudio.nn.masked import MaskedConv2d, marked
from genstudio.nn.pixels_condition import Scene
from genstudio.nn.pixels_density import PixelNet

from .plain_painter import PlainPainter


class Block(nn.Module):
    """h features to h / 2, around by a 3 × 3 convolution, back to h, and added to what came in (figure 5, left)."""

    def __init__(self, features: int, subpixels: int, dropout: float) -> None:
        super().__init__()
        half = features // 2
        self.narrow = MaskedConv2d(features, half, "B", subpixels=subpixels)
        self.around = MaskedConv2d(half, half, "B", subpixels=subpixels, above=1, left=1, right=1)
        self.widen = MaskedConv2d(half, features, "B", subpixels=subpixels, bias=False)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """(B, features, H, W) to the same."""
        middle = self.dropout(F.relu(self.around(F.relu(self.narrow(F.relu(x))))))  # (B, features / 2, H, W)
        widened: Tensor = self.widen(middle)
        return x + widened


class PlainPixelCNN(PixelNet):
    """The whole network. `features` is a multiple of twice the channels."""

    def __init__(self, channels: int, features: int, depth: int, outputs: int, scene: Scene, dropout: float) -> None:
        super().__init__()
        self.channels, self.features, self.scene = channels, features, scene
        self.told = nn.Conv2d(scene.features, features, 1, bias=False)
        self.first = MaskedConv2d(2 * channels, features, "A", subpixels=channels, above=3, left=3, right=3)
        self.blocks = nn.ModuleList(Block(features, channels, dropout) for _ in range(depth))
        self.last = MaskedConv2d(features, features, "B", subpixels=channels)
        self.head = MaskedConv2d(features, outputs, "B", subpixels=channels)

    @property
    def stack(self) -> list[Block]:
        """The blocks, as what they are."""
        return [block for block in self.blocks if isinstance(block, Block)]

    def forward(self, values: Tensor, condition: Tensor | None) -> Tensor:
        """(B, C, H, W) in [-1, 1] to logits (B, levels * C, H, W)."""
        x = self.first(marked(values)) + self.told(self.scene(condition))
        for block in self.stack:
            x = block(x)
        parameters: Tensor = self.head(F.relu(self.last(F.relu(x))))
        return parameters

    def painter(self, count: int, width: int, condition: Tensor | None) -> PlainPainter:
        """See `PixelNet.painter`."""
        return PlainPainter(self, count, width, condition)
