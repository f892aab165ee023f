"""Weights of masked convolutions, cut up for computing one sub-pixel at a time.

Painters keep feature vectors sorted by sub-pixel and pictures innermost: (features, N). What a sub-pixel may see at
its own place is then a prefix of the vector, and a layer's share of the work there one small dense matrix.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from genstudio.nn.masked import MaskedConv2d, subpixel_order


class Folded:
    """A masked convolution, its mask multiplied in, its outputs and inputs sorted by sub-pixel.

    above: (outputs, taps * inputs), all taps in the rows above, as `windows` lays out what they see. left: (outputs,
    taps * inputs), those in the same row. centre: for each sub-pixel (outputs / C, visible inputs). bias: (outputs, 1)
    or None. `order` and `scale` (outputs,) are for outputs that are sorted, or scaled, in another way.
    """

    def __init__(self, layer: MaskedConv2d, order: Tensor | None = None, scale: Tensor | None = None) -> None:
        subpixels, (outputs, inputs) = layer.subpixels, layer.weight.shape[:2]
        order = subpixel_order(outputs, subpixels) if order is None else order
        weight = layer.masked_weight.detach()[order][:, subpixel_order(inputs, subpixels)]
        self.bias = None if layer.bias is None else layer.bias.detach()[order, None]
        if scale is not None:
            weight = weight * scale[:, None, None, None]
            self.bias = None if self.bias is None else self.bias * scale[:, None]
        self.above = weight[:, :, :-1].permute(0, 3, 2, 1).reshape(outputs, -1)
        self.left = weight[:, :, -1, : layer.left].transpose(1, 2).reshape(outputs, -1)
        centre, own, each = weight[:, :, -1, layer.left], int(layer.kind == "B"), inputs // subpixels
        rows = parts(outputs, subpixels)
        self.centre = [centre[rows[sub], : (sub + own) * each].contiguous() for sub in range(subpixels)]


def parts(size: int, subpixels: int) -> list[slice]:
    """The stretch of a sorted feature vector that belongs to each sub-pixel."""
    each = size // subpixels
    return [slice(sub * each, (sub + 1) * each) for sub in range(subpixels)]


def windows(row: Tensor, taps: int) -> Tensor:
    """What `taps` neighbouring columns hold: (W + taps - 1, G, K, N) to (G, taps * K, W * N)."""
    columns, groups, size, count = row.shape
    seen = row.unfold(0, taps, 1).permute(1, 4, 2, 0, 3)  # (G, taps, K, W, N)
    return seen.reshape(groups, taps * size, (columns - taps + 1) * count)


def by_column(row: Tensor, width: int) -> Tensor:
    """(G, K, W * N), as a matrix product over a whole row gives it, to (W, G, K, N)."""
    groups, size, _ = row.shape
    return row.view(groups, size, width, -1).permute(2, 0, 1, 3).contiguous()


class ToldRows:
    """What 1 × 1 layers make of a scene (N, S, H, W), a row at a time; G layers with outputs sorted by `order`."""

    def __init__(self, layers: Sequence[nn.Conv2d], order: Tensor, scene: Tensor) -> None:
        self._weight = torch.stack([layer.weight.detach()[order, :, 0, 0] for layer in layers])  # (G, outputs, S)
        self._scene = scene.permute(2, 1, 3, 0).flatten(2)  # (H, S, W * N)

    def row(self, row: int) -> Tensor:
        """Return the row's (G, outputs, W * N)."""
        return torch.matmul(self._weight, self._scene[row])


class Entrance:
    """The first layer at one place, and the row of marked pixels it looks back on, (left + W, 2 C, N)."""

    def __init__(self, layer: MaskedConv2d, folded: Folded, count: int, width: int) -> None:
        outputs, inputs = layer.weight.shape[:2]
        self._left, self._channels, self._folded = layer.left, layer.subpixels, folded
        self.row = layer.weight.new_zeros(layer.left + width, inputs, count)
        self.row[layer.left :, 1::2] = 1  # sorted by sub-pixel, every value is followed by its mark
        self._pixel = self.row[0]
        self._sum = layer.weight.new_zeros(outputs, count)
        self._sums = [self._sum[rows] for rows in parts(outputs, layer.subpixels)]

    @property
    def pixels(self) -> Tensor:
        """The marked pixels of the row, (W, 2 C, N)."""
        return self.row[self._left :]

    def begin(self, base: Tensor, column: int) -> None:
        """Go to a column, where the rows above and the bias come to `base` (outputs, N)."""
        before = self.row[column : column + self._left].flatten(0, 1)
        torch.addmm(base, self._folded.left, before, out=self._sum)
        self._pixel = self.row[column + self._left]

    def at(self, channel: int) -> Tensor:
        """Return the layer's outputs (outputs / C, N) for a sub-pixel; the caller may work on in place."""
        if channel == 0:
            return self._sums[0]
        return self._sums[channel].addmm_(self._folded.centre[channel], self._pixel[: 2 * channel])

    def put(self, channel: int, values: Tensor) -> None:
        """Learn a value of the pixel it is at."""
        self._pixel[2 * channel] = values


class Exit:
    """ReLU, 1 × 1, ReLU, 1 × 1: from features to logits, one sub-pixel at a time."""

    def __init__(self, last: MaskedConv2d, head: MaskedConv2d, count: int) -> None:
        subpixels, (middle, inputs) = last.subpixels, last.weight.shape[:2]
        self._last, self._head = Folded(last), Folded(head)
        self._in, self._middle = last.weight.new_zeros(inputs, count), last.weight.new_zeros(middle, count)
        self._in_rows, self._middle_rows = parts(inputs, subpixels), parts(middle, subpixels)
        self._out_rows = parts(head.weight.shape[0], subpixels)

    def at(self, channel: int, features: Tensor) -> Tensor:
        """Return logits (levels, N) of a sub-pixel from its features (inputs / C, N)."""
        last, head = self._last, self._head
        assert last.bias is not None and head.bias is not None
        into, middle = self._in_rows[channel], self._middle_rows[channel]
        torch.clamp(features, min=0, out=self._in[into])
        passed = self._middle[middle]
        torch.addmm(last.bias[middle], last.centre[channel], self._in[: into.stop], out=passed).relu_()
        return torch.addmm(head.bias[self._out_rows[channel]], head.centre[channel], self._middle[: middle.stop])
