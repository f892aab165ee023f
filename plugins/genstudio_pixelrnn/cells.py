"""The recurrent layers while a picture is drawn: one LSTM cell a layer, at one place, for one sub-pixel.

Features are sorted by sub-pixel, pictures innermost: (features, N). D is the number of layers, C that of sub-pixels.
What goes into the gates is sorted by sub-pixel, then by gate (o, f, i, g): each cell works on one stretch of it.
"""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from genstudio.nn.masked import subpixel_order
from genstudio.nn.pixels_folding import Folded, by_column, parts, windows

if TYPE_CHECKING:
    from .net import Layer, PixelRNN


class _Weights:
    """The weights of all layers in one direction.

    left, centre: (D, 4 h, 2 h), from the features on the left and at the place itself. taps: (D, 4 h, taps * h), from
    states. bias: (D, 4 h, N), with what the condition adds to it.
    """

    def __init__(self, layers: "list[Layer]", direction: int, count: int, condition: Tensor | None) -> None:
        hidden, subpixels = layers[0].hidden, layers[0].inputs.subpixels
        states = subpixel_order(hidden, subpixels)
        gates = (states.view(subpixels, 1, -1) + hidden * torch.arange(4)[:, None]).flatten()
        rows, features = gates + direction * 4 * hidden, subpixel_order(2 * hidden, subpixels)
        inputs = torch.stack([layer.inputs.masked_weight[rows][:, features, 0] for layer in layers])
        self.left, self.centre = inputs[..., 0], inputs[..., -1]
        taps = torch.stack([layer.states[direction].view(-1, hidden, 4 * hidden) for layer in layers])
        self.taps = taps[:, :, states][..., gates].flatten(1, 2).transpose(1, 2)
        self.bias = torch.stack([_biases(layer, count, condition)[:, rows].T for layer in layers])


def _biases(layer: "Layer", count: int, condition: Tensor | None) -> Tensor:
    """The bias of the gates in all directions, (N, G * 4 h)."""
    assert layer.inputs.bias is not None
    told = 0.0 if layer.told is None or condition is None else layer.told(condition)
    return (layer.inputs.bias + told).expand(count, -1)


class Cells(ABC):
    """All layers at one place, from the first layer's features to those for the exit."""

    def __init__(self, net: "PixelRNN", count: int, width: int, condition: Tensor | None) -> None:
        depth, hidden, like = len(net.stack), net.hidden, net.last.weight
        self._width, self._weights = width, _Weights(net.stack, 0, count, condition)
        self._wide = like.new_zeros(depth + 1, 2 * hidden, count)  # what goes into each layer, and out of the last
        self._sums = like.new_zeros(depth, 4 * hidden, count)  # what goes into the gates
        self._memory, self._aside, self._out = like.new_zeros(3, depth, hidden, count)
        self._bases = like.new_zeros(width, depth, 4 * hidden, count)
        self._rows, self._wide_rows = parts(hidden, net.channels), parts(2 * hidden, net.channels)
        self._cells = [
            [self._cell(layer, number, sub) for number, layer in enumerate(net.stack)] for sub in range(net.channels)
        ]
        skips = [Folded(layer.skip).centre for layer in net.stack if layer.skip is not None]
        self._skips = [torch.cat(by_layer, 1) for by_layer in zip(*skips, strict=True)]

    def _cell(self, layer: "Layer", number: int, sub: int) -> "_Cell":
        buffers = (self._wide[:-1], self._wide[1:], self._sums, self._memory, self._aside, self._out)
        return _Cell(layer, self._weights.centre[number], sub, *(buffer[number] for buffer in buffers))

    @abstractmethod
    def start_row(self, row: int) -> None:
        """Compute what the row above comes to, for all columns and layers."""

    @abstractmethod
    def begin(self, column: int) -> None:
        """Add what the place on the left comes to, for all layers."""

    def at(self, channel: int, features: Tensor) -> Tensor:
        """Pass features (2 h / C, N) of a sub-pixel through all layers."""
        self._wide[0, self._wide_rows[channel]] = features
        for cell in self._cells[channel]:
            cell()
        last = self._wide[-1, self._wide_rows[channel]]
        if not self._skips:
            return last
        return torch.addmm(last, self._skips[channel], self._out[:, : self._rows[channel].stop].flatten(0, 1))

    @abstractmethod
    def end(self, column: int) -> None:
        """Keep what is finished of a pixel for its neighbours."""


class _Cell:
    """One layer's cell for one sub-pixel, with its weights and the places of the buffers it reads and writes.

    before, after: (2 h, N), what goes into the layer and out of it. out: (h, N), its states and `aside`.
    """

    def __init__(
        self,
        layer: "Layer",
        weight: Tensor,
        sub: int,
        before: Tensor,
        after: Tensor,
        sums: Tensor,
        memory: Tensor,
        aside: Tensor,
        out: Tensor,
    ) -> None:
        wide, gates, rows = (parts(len(x), layer.widen.subpixels)[sub] for x in (before, sums, out))
        self._seen, self._enter = before[: wide.stop], weight[gates, : wide.stop].contiguous()
        self._gates, each = sums[gates], rows.stop - rows.start
        self._valves, self._candidate = self._gates[: 3 * each], self._gates[3 * each :]
        self._o, self._f, self._i = self._valves.chunk(3)
        self._memory, self._squashed = memory[rows], torch.empty_like(memory[rows])
        self._aside, self._out, self._out_seen = aside[rows], out[rows], out[: rows.stop]
        self._widen, self._before, self._after = Folded(layer.widen).centre[sub], before[wide], after[wide]

    def __call__(self) -> None:
        self._gates.addmm_(self._enter, self._seen)
        self._valves.sigmoid_()
        self._candidate.tanh_()
        self._memory.mul_(self._f).addcmul_(self._i, self._candidate)
        torch.tanh(self._memory, out=self._squashed)
        torch.addcmul(self._aside, self._o, self._squashed, out=self._out)
        torch.addmm(self._before, self._widen, self._out_seen, out=self._after)


class RowCells(Cells):
    """Row LSTM: states come from three places above, memory from the one right above."""

    def __init__(self, net: "PixelRNN", count: int, width: int, condition: Tensor | None) -> None:
        super().__init__(net, count, width, condition)
        self._states = self._out.new_zeros(width + 2, *self._out.shape)  # of the row above, until overtaken by this row
        self._memories = self._out.new_zeros(width, *self._out.shape)

    def start_row(self, row: int) -> None:  # noqa: ARG002 - all rows alike
        """See `Cells.start_row`."""
        product = torch.bmm(self._weights.taps, windows(self._states, 3))  # (D, 4 h, W * N)
        self._bases = by_column(product, self._width) + self._weights.bias
        self._wide.zero_()  # nothing is left of the first column

    def begin(self, column: int) -> None:
        """See `Cells.begin`."""
        torch.baddbmm(self._bases[column], self._weights.left, self._wide[:-1], out=self._sums)
        self._memory.copy_(self._memories[column])

    def end(self, column: int) -> None:
        """See `Cells.end`."""
        self._states[column + 1] = self._out
        self._memories[column] = self._memory


class DiagonalCells(Cells):
    """Diagonal BiLSTM: states come from above and from the left, memory from the left; those from the right aside."""

    def __init__(self, net: "PixelRNN", count: int, width: int, condition: Tensor | None) -> None:
        super().__init__(net, count, width, condition)
        self._from_right = _FromRight(net, count, width, condition)
        self._above, self._beside = self._weights.taps.chunk(2, -1)
        self._states = self._out.new_zeros(width, *self._out.shape)  # of the row above, until overtaken by this row
        self._features = self._wide.new_zeros(width, *self._wide[1:].shape)
        self._state = torch.zeros_like(self._out)

    def start_row(self, row: int) -> None:
        """See `Cells.start_row`."""
        if row > 0:
            self._from_right.go(self._features)
        self._bases = by_column(torch.bmm(self._above, windows(self._states, 1)), self._width) + self._weights.bias
        self._state.zero_()  # nothing is left of the first column
        self._memory.zero_()

    def begin(self, column: int) -> None:
        """See `Cells.begin`."""
        torch.baddbmm(self._bases[column], self._beside, self._state, out=self._sums)
        self._aside.copy_(self._from_right.states[column])

    def end(self, column: int) -> None:
        """See `Cells.end`."""
        torch.sub(self._out, self._aside, out=self._state)
        self._states[column] = self._state
        self._features[column] = self._wide[:-1]


class _FromRight:
    """The direction from the right, all layers at once: `states` (W, D, h, N) of the row above the one drawn now."""

    def __init__(self, net: "PixelRNN", count: int, width: int, condition: Tensor | None) -> None:
        self._weights, self._subpixels = _Weights(net.stack, 1, count, condition), net.channels
        self._above, self._beside = self._weights.taps.chunk(2, -1)
        self.states = net.last.weight.new_zeros(width, len(net.stack), net.hidden, count)

    def go(self, features: Tensor) -> None:
        """Go through a finished row, from its features (W, D, 2 h, N)."""
        entering = torch.bmm(self._weights.centre, windows(features, 1))
        sums = torch.baddbmm(entering, self._above, windows(self.states, 1))  # (D, 4 h, W * N)
        bases = by_column(sums, len(features)) + self._weights.bias
        state, memory = self.states.new_zeros(2, *self.states.shape[1:])
        for column in reversed(range(len(features))):
            gates = bases[column].baddbmm_(self._beside, state).view(len(state), self._subpixels, 4, -1, state.shape[2])
            gates[:, :, :3].sigmoid_()
            o, f, i, g = (gate.flatten(1, 2) for gate in gates.unbind(2))
            memory.mul_(f).addcmul_(i, g.tanh())
            state = torch.mul(o, memory.tanh(), out=self.states[column])
