"""Drawing with Gated PixelCNN, each number computed once.

The vertical stack and its links into the horizontal one depend on finished rows: they are computed a row at a time.
What the horizontal stack sees on its left is one product per pixel, for all layers. What remains for each sub-pixel is
a chain of small matrices at a single place.

There a gate takes one sigmoid and one more step, tanh(a) σ(b) = -(σ(b) - 2 σ(2 a) σ(b)): the factor before a is folded
into the weights before the gate, the minus into those after it.
"""

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genstudio.nn.masked import MaskedConv2d, subpixel_order
from genstudio.nn.pixels_drawing import Painter
from genstudio.nn.pixels_folding import Entrance, Exit, Folded, by_column, parts

from .told import ToldRows

if TYPE_CHECKING:
    from .gated import GatedPixelCNN, Layer


class GatedPainter(Painter):
    """Paints `count` pictures, of whatever height."""

    def __init__(self, net: "GatedPixelCNN", count: int, width: int, condition: Tensor | None) -> None:
        self._channels = net.channels
        first = net.stack[0].horizontal
        sorting = _GateOrder(net.features, net.channels, first.weight)
        self._entrance = Entrance(first, Folded(first, sorting.order, sorting.scale), count, width)
        self._vertical = _Vertical(net, sorting, count, width, condition)
        self._horizontal = _Horizontal(net, sorting, count, width)
        self._exit = Exit(net.last, net.head, count)

    def start_row(self, row: int) -> None:
        """See `Painter.start_row`."""
        self._vertical.start_row(row, self._entrance.pixels)

    def logits(self, column: int, channel: int) -> Tensor:
        """See `Painter.logits`."""
        if channel == 0:
            bases = self._vertical.bases[column]
            self._entrance.begin(bases[0], column)
            self._horizontal.begin(bases[1:], column)
        return self._exit.at(channel, self._horizontal.at(channel, self._entrance.at(channel)))

    def put(self, column: int, channel: int, values: Tensor) -> None:
        """See `Painter.put`."""
        self._entrance.put(channel, values)
        if channel == self._channels - 1:
            self._horizontal.end(column)


class _GateOrder:
    """How what goes into the gates (2 n,) is sorted: for each sub-pixel its signals, doubled, then its valves."""

    def __init__(self, features: int, channels: int, like: Tensor) -> None:
        signals = subpixel_order(features, channels).view(channels, -1)
        self.order = torch.cat((signals, signals + features), 1).flatten()
        self.scale = torch.where(self.order < features, 2.0, 1.0).to(like)

    def sort(self, x: Tensor, dim: int = 0) -> Tensor:
        """Sort and double x along a dimension of 2 n."""
        shape = [-1 if d == dim % x.ndim else 1 for d in range(x.ndim)]
        return x.index_select(dim, self.order.to(x.device)) * self.scale.view(shape)


class _Vertical:
    """The vertical stack, a row at a time. `bases` (W, L, 2 n, N) is what it tells the horizontal one of a row."""

    def __init__(
        self, net: "GatedPixelCNN", sorting: _GateOrder, count: int, width: int, condition: Tensor | None
    ) -> None:
        layers, like, wide = net.stack, net.last.weight, 2 * net.features
        self._layers = layers
        self._order = subpixel_order(2 * net.channels, net.channels)
        self._rows = [like.new_zeros(count, x.vertical.in_channels, x.sides[2], width) for x in layers]
        scene, plain = net.scene(condition), torch.arange(wide, device=like.device)
        told = [layer.told for layer in layers]
        self._told_above = ToldRows(told, plain, scene)
        self._told_row = ToldRows(told, wide + sorting.order, scene)
        self._scale = sorting.scale[:, None]
        self._links = torch.stack([sorting.sort(layer.link.weight[:, :, 0, 0]) for layer in layers])  # (L, 2 n, 2 n)
        self._bias = torch.stack([sorting.sort(_bias(layer.link))[:, None] for layer in layers])  # (L, 2 n, 1)
        self.bases = like.new_zeros(width, len(layers), wide, count)

    def start_row(self, row: int, pixels: Tensor) -> None:
        """Begin a row; the one above, if there is any, has the marked pixels (W, 2 C, N)."""
        sums = self._bias + self._told_row.row(row) * self._scale  # (L, 2 n, W * N)
        if row > 0:
            sums.baddbmm_(self._links, self._above(pixels, self._told_above.row(row - 1)))
        self.bases = by_column(sums, len(self.bases))

    def _above(self, pixels: Tensor, told: Tensor) -> Tensor:
        """Push a finished row through all layers; returns what the links see, (L, 2 n, W * N)."""
        x = torch.empty_like(pixels)
        x[:, self._order] = pixels
        x, sums = x.permute(2, 1, 0)[:, :, None], []  # (N, 2 C, 1, W)
        for i, layer in enumerate(self._layers):
            seen = torch.cat((self._rows[i], x), 2)
            self._rows[i] = seen[:, :, 1:]
            above = F.conv2d(seen, layer.vertical.weight, layer.vertical.bias, padding=(0, layer.sides[0]))
            sums.append(above.permute(2, 1, 3, 0).flatten(2))  # (1, 2 n, W * N)
            told_here = told[i].view(len(told[i]), -1, len(x)).permute(2, 0, 1)[:, :, None]
            signal, valve = (above + told_here).chunk(2, dim=1)
            x = torch.tanh(signal) * torch.sigmoid(valve)
        return torch.cat(sums)


def _bias(layer: nn.Conv2d) -> Tensor:
    assert layer.bias is not None
    return layer.bias.detach()


class _Horizontal:
    """The horizontal stack at one place, from the first layer's gate to the sum of all skips. L layers, n features."""

    def __init__(self, net: "GatedPixelCNN", sorting: _GateOrder, count: int, width: int) -> None:
        like, features, depth, channels = net.last.weight, net.features, len(net.stack), net.channels
        folded = [Folded(layer.horizontal, sorting.order, sorting.scale) for layer in net.stack[1:]]
        self._left = torch.stack([layer.left for layer in folded])  # (L - 1, 2 n, n)
        self._row = like.new_zeros(width + 1, depth - 1, features, count)  # what layers 2 to L saw of this row
        self._now = like.new_zeros(depth - 1, features, count)  # what they see here
        self._sums = like.new_zeros(depth - 1, 2 * features, count)
        gated = like.new_zeros(depth, features, count)
        self._seen = [gated[:, : rows.stop] for rows in parts(features, channels)]
        self._skips = _folded_skips(net.skips, features)
        self._gates = [_Gate(gated[0, rows]) for rows in parts(features, channels)]
        self._steps = [
            [
                _Step(layer, folded[i], sub, gated[i : i + 2], self._now[max(i - 1, 0) : i + 1], self._sums[i])
                for i, layer in enumerate(net.stack[:-1])
            ]
            for sub in range(channels)
        ]

    def begin(self, bases: Tensor, column: int) -> None:
        """Go to a column: `bases` (L - 1, 2 n, N) and what the pixel on the left comes to."""
        torch.baddbmm(bases, self._left, self._row[column], out=self._sums)

    def at(self, channel: int, sums: Tensor) -> Tensor:
        """Turn a sub-pixel's first sums (2 n / C, N) into features for the exit (n / C, N)."""
        self._gates[channel](sums)
        for step in self._steps[channel]:
            step()
        return torch.mm(self._skips[channel], self._seen[channel].flatten(0, 1))

    def end(self, column: int) -> None:
        """Keep what is finished of a pixel for its neighbour."""
        self._row[column + 1] = self._now


def _folded_skips(layer: MaskedConv2d, features: int) -> list[Tensor]:
    """The skips as one matrix (n / C, L * visible) for each sub-pixel, with the minus of the gates."""
    channels, order = layer.subpixels, subpixel_order(features, layer.subpixels)
    weight = -layer.masked_weight.detach()[order].view(features, -1, features)[:, :, order]  # (n, L, n)
    rows = parts(features, channels)
    return [weight[rows[sub], :, : rows[sub].stop].flatten(1) for sub in range(channels)]


class _Gate:
    """Turns a sub-pixel's sums (2 n / C, N) into minus its gated features, in `out` (n / C, N)."""

    def __init__(self, out: Tensor) -> None:
        self._out, self._half = out, len(out)

    def __call__(self, sums: Tensor) -> None:
        sums.sigmoid_()
        valve = sums[self._half :]
        torch.addcmul(valve, sums[: self._half], valve, value=-2, out=self._out)


class _Step:
    """From one layer's gated features to the next layer's, at one sub-pixel.

    gated: (2, n, N), of both layers. inputs: what both layers see, or the second alone if the first is the very first.
    sums: (2 n, N), of the second, without what it sees here.
    """

    def __init__(
        self, layer: "Layer", following: Folded, sub: int, gated: Tensor, inputs: Tensor, sums: Tensor
    ) -> None:
        assert layer.residual is not None
        channels = layer.residual.subpixels
        rows = parts(gated.shape[1], channels)[sub]
        self._gated_seen, self._residual = gated[0, : rows.stop], -Folded(layer.residual).centre[sub]
        self._before = None if layer.first else inputs[0, rows]
        self._now, self._now_seen = inputs[-1, rows], inputs[-1, : rows.stop]
        self._sums, self._weight = sums[parts(len(sums), channels)[sub]], following.centre[sub]
        self._gate = _Gate(gated[1, rows])

    def __call__(self) -> None:
        if self._before is None:
            torch.mm(self._residual, self._gated_seen, out=self._now)
        else:
            torch.addmm(self._before, self._residual, self._gated_seen, out=self._now)
        self._gate(self._sums.addmm_(self._weight, self._now_seen))
