"""The stream u of PixelCNN++, a row at a time: it sees finished rows only.

At half the size there is a row for every second row, and so on; a row of a smaller size is computed as soon as the
rows it sees are finished, and serves until its next one.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor

if TYPE_CHECKING:
    from .plusplus import Grow, NormedConv2d, PixelCNNPlusPlus, Residual, Size


@dataclass(frozen=True)
class RowFeatures:
    """A row of features x (N, n, 1, W), and `active` (N, 2 n, 1, W), as in `plusplus.Features`."""

    x: Tensor
    active: Tensor


def _activated(x: Tensor) -> RowFeatures:
    return RowFeatures(x, F.elu(torch.cat((x, -x), 1)))


class _Conv:
    """A 2 × 3 convolution that remembers the row before, zeros at first."""

    def __init__(self, layer: "NormedConv2d") -> None:
        self._weight, self._bias, self._stride = layer.weight.detach(), layer.bias.detach(), layer.stride
        self._before: Tensor | None = None

    def __call__(self, row: Tensor) -> Tensor:
        """(N, inputs, 1, W) to (N, outputs, 1, W / stride)."""
        before = torch.zeros_like(row) if self._before is None else self._before
        self._before = row
        return F.conv2d(torch.cat((before, row), 2), self._weight, self._bias, self._stride, padding=(0, 1))

    def remember(self, row: Tensor) -> None:
        """Pass over a row without computing."""
        self._before = row


class _Residual:
    """A residual layer of the stream u."""

    def __init__(self, layer: "Residual") -> None:
        self._enter, self._leave = _Conv(layer.enter), _Conv(layer.leave)
        self._aside = None if layer.aside is None else (layer.aside.weight.detach(), layer.aside.bias.detach())

    def __call__(self, features: RowFeatures, left: RowFeatures | None = None) -> RowFeatures:
        inner = self._enter(features.active)
        if self._aside is not None and left is not None:
            inner = inner + F.conv2d(left.active, *self._aside)
        change = self._leave(F.elu(torch.cat((inner, -inner), 1)))
        signal, valve = change.chunk(2, dim=1)
        return _activated(torch.addcmul(features.x, signal, valve.sigmoid()))


class _Grow:
    """Doubles a row into two."""

    def __init__(self, layer: "Grow") -> None:
        self._weight, self._bias, self._cut = layer.weight.detach(), layer.bias.detach(), layer.cut

    def __call__(self, row: Tensor, width: int) -> Tensor:
        """(N, n, 1, W) to (N, n, 2, width), with `width` at most 2 W."""
        grown = F.conv_transpose2d(row, self._weight, self._bias, stride=2)
        return grown[:, :, :, self._cut : self._cut + width]


class RowsOfSize:
    """The stream u at one size and all smaller ones.

    `shown` are the features that the stream ul is shown at this row: after every layer down, and after every layer up.
    """

    def __init__(self, size: "Size") -> None:
        down, up = size.ways
        self._down = [_Residual(layer.u) for layer in down]
        self._up = [_Residual(layer.u) for layer in up]
        self.shown: list[RowFeatures] = []
        self.inner: RowsOfSize | None = None
        if size.inner is not None:
            self.inner = RowsOfSize(size.inner.size)
            self._shrink, self._grow = _Conv(size.inner.shrink_u), _Grow(size.inner.grow_u)
            self._grown: Tensor | None = None

    def push(self, row: int, x: Tensor) -> Tensor:
        """Take in the next row of features (N, n, 1, W), number `row` of this size; returns them after the way up."""
        left = [_activated(x)]
        for layer in self._down:
            left.append(layer(left[-1]))
        self.shown = left[1:]
        features = left.pop() if self.inner is None else _activated(self._through_inner(self.inner, row, left[-1].x))
        for layer in self._up:
            features = layer(features, left.pop())
            self.shown.append(features)
        return features.x

    def _through_inner(self, inner: "RowsOfSize", row: int, x: Tensor) -> Tensor:
        """What comes back from the smaller size: two rows for each of its own."""
        if row % 2 == 0:
            small = inner.push(row // 2, self._shrink(x))
            self._grown = self._grow(small, x.shape[3])
        else:
            self._shrink.remember(x)
        assert self._grown is not None
        return self._grown[:, :, row % 2, None]


class Rows:
    """The stream u from the pixels on."""

    def __init__(self, net: "PixelCNNPlusPlus", scene: Tensor) -> None:
        self._first, self.size = _Conv(net.first_u), RowsOfSize(net.size)
        self._scene, self._told = scene, net.told_u.weight.detach()

    def start_row(self, row: int, above: Tensor) -> None:
        """Begin a row of the picture, below the pixels `above` (N, C + 1, 1, W)."""
        features = F.conv2d(self._scene[:, :, row, None], self._told)
        self.size.push(row, features if row == 0 else features + self._first(above))
