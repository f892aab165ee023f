"""Drawing with PixelCNN, each number computed once.

What a 3 × 3 convolution sees in the row above is finished before the row begins: one matrix product per row, for all
columns and layers. What it sees on its left is finished before the pixel begins: one product per pixel, for all
layers. What remains for each sub-pixel is a chain of small matrices at a single place.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from genstudio.nn.masked import subpixel_order
from genstudio.nn.pixels_drawing import Painter
from genstudio.nn.pixels_folding import Entrance, Exit, Folded, RowsAbove, by_column, parts, windows

from .told import ToldRows

if TYPE_CHECKING:
    from .plain import Block, PlainPixelCNN


class PlainPainter(Painter):
    """Paints `count` pictures, of whatever height."""

    def __init__(self, net: "PlainPixelCNN", count: int, width: int, condition: Tensor | None) -> None:
        self._channels = net.channels
        folded = Folded(net.first)
        self._entrance = Entrance(net.first, folded, count, width)
        self._above = RowsAbove(net.first, folded, count, width)
        self._told = ToldRows([net.told], subpixel_order(net.features, net.channels), net.scene(condition))
        self._bases = folded.above.new_zeros(width, net.features, count)
        self._blocks = _Blocks(net.stack, net.channels, count, width)
        self._exit = Exit(net.last, net.head, count)

    def start_row(self, row: int) -> None:
        """See `Painter.start_row`."""
        if row > 0:
            self._above.push(self._entrance.pixels)
        self._bases = self._above.shares() + by_column(self._told.row(row), len(self._bases))[:, 0]
        self._blocks.start_row()

    def logits(self, column: int, channel: int) -> Tensor:
        """See `Painter.logits`."""
        if channel == 0:
            self._entrance.begin(self._bases[column], column)
            self._blocks.begin(column)
        return self._exit.at(channel, self._blocks.at(channel, self._entrance.at(channel)))

    def put(self, column: int, channel: int, values: Tensor) -> None:
        """See `Painter.put`."""
        self._entrance.put(channel, values)
        if channel == self._channels - 1:
            self._blocks.end(column)


class _Blocks:
    """All L residual blocks, with F features of which h = F / 2 are in the middle."""

    def __init__(self, blocks: "Sequence[Block]", channels: int, count: int, width: int) -> None:
        weight = blocks[0].around.weight
        depth, features, half = len(blocks), 2 * weight.shape[0], weight.shape[0]
        folded = [Folded(block.around) for block in blocks]
        self._above = torch.stack([layer.above for layer in folded])  # (L, h, 3 h)
        self._left = torch.stack([layer.left for layer in folded])  # (L, h, h)
        self._bias = torch.stack([_bias(layer) for layer in folded])  # (L, h, 1)
        # What the 3 × 3 layers see: the row above, until it is overtaken by this row.
        self._row = weight.new_zeros(width + 2, depth, half, count)
        self._bases = weight.new_zeros(width, depth, half, count)
        self._wide = weight.new_zeros(depth, features, count)
        self._narrow, self._sums = weight.new_zeros(2, depth, half, count)
        self._steps = [
            [
                _Step(block, around, sub, self._wide[i], self._narrow[i], self._sums[i])
                for i, (block, around) in enumerate(zip(blocks, folded, strict=True))
            ]
            for sub in range(channels)
        ]

    def start_row(self) -> None:
        """Compute what the row above comes to, for all columns and blocks."""
        product = torch.baddbmm(self._bias, self._above, windows(self._row, 3))  # (L, h, W * N)
        self._bases = by_column(product, len(self._bases))

    def begin(self, column: int) -> None:
        """Add what the pixel on the left comes to, for all blocks."""
        torch.baddbmm(self._bases[column], self._left, self._row[column], out=self._sums)

    def at(self, channel: int, features: Tensor) -> Tensor:
        """Pass features (F / C, N) of a sub-pixel through all blocks."""
        for step in self._steps[channel]:
            features = step(features)
        return features

    def end(self, column: int) -> None:
        """Keep what is finished of a pixel for its neighbours."""
        self._row[column + 1] = self._narrow


def _bias(layer: Folded) -> Tensor:
    assert layer.bias is not None
    return layer.bias


class _Step:
    """One block at one sub-pixel, with its weights and the places of the buffers it reads and writes."""

    def __init__(self, block: "Block", around: Folded, sub: int, wide: Tensor, narrow: Tensor, middle: Tensor) -> None:
        channels, folded = block.narrow.subpixels, Folded(block.narrow)
        wide_rows, rows = parts(len(wide), channels)[sub], parts(len(middle), channels)[sub]
        self._bias, self._to_narrow = _bias(folded)[rows], folded.centre[sub]
        self._around, self._to_wide = around.centre[sub], Folded(block.widen).centre[sub]
        self._wide, self._wide_seen = wide[wide_rows], wide[: wide_rows.stop]
        self._narrow, self._narrow_seen = narrow[rows], narrow[: rows.stop]
        self._middle, self._middle_seen = middle[rows], middle[: rows.stop]

    def __call__(self, features: Tensor) -> Tensor:
        """(F / C, N) to the same."""
        torch.clamp(features, min=0, out=self._wide)
        torch.addmm(self._bias, self._to_narrow, self._wide_seen, out=self._narrow).relu_()
        self._middle.addmm_(self._around, self._narrow_seen).relu_()
        return torch.addmm(features, self._to_wide, self._middle_seen)
