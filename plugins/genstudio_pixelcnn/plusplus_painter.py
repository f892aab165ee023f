"""Drawing with PixelCNN++, each number computed once.

The stream u is computed a row at a time (`plusplus_rows`). Of the stream ul, what it is shown of u and what it sees of
the row above is one product per row, for all columns and layers of a size; what it sees on its left one product per
pixel; what remains is a chain of small matrices at a single place. The layers at half the size run at every second
pixel of every second row, those at a quarter at every fourth.
"""

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor

from genstudio.nn.pixels_drawing import Painter
from genstudio.nn.pixels_folding import by_column, windows
from genstudio.nn.pixels_heads import MixturePixel

from .plusplus_rows import Rows, RowsOfSize
from .told import ToldRows

if TYPE_CHECKING:
    from .plusplus import Inner, NormedConv2d, PixelCNNPlusPlus, Residual, Size


class PlusPlusPainter(Painter):
    """Paints `count` pictures, of whatever height."""

    def __init__(self, net: "PixelCNNPlusPlus", count: int, width: int, condition: Tensor | None) -> None:
        self._head, self._channels = net.head, net.channels
        scene = net.scene(condition)
        self._rows = Rows(net, scene)
        self._first = _First(net, count, width, scene)
        self._size = _Place(net.size, count, width)
        self._weight, self._bias = _matrix(net.last), net.last.bias.detach()[:, None]
        self._values = self._bias.new_zeros(net.channels, count)
        self._pixel: MixturePixel | None = None

    def start_row(self, row: int) -> None:
        """See `Painter.start_row`."""
        self._rows.start_row(row, self._first.pixels.permute(2, 1, 0)[:, :, None].clone())
        self._first.start_row(row)
        self._size.start_row(row, self._rows.size)

    def logits(self, column: int, channel: int) -> Tensor:
        """See `Painter.logits`."""
        if channel == 0:
            x = self._size.at(column, self._first.at(column))
            self._pixel = self._head.pixel(torch.addmm(self._bias, self._weight, F.elu(x)))
        assert self._pixel is not None
        return self._pixel.logits()

    def put(self, column: int, channel: int, values: Tensor) -> None:
        """See `Painter.put`."""
        assert self._pixel is not None
        self._pixel.put(values)
        self._values[channel] = values
        if channel == self._channels - 1:
            self._first.put(column, self._values)


def _matrix(layer: "NormedConv2d") -> Tensor:
    """The weights of a 1 × 1 layer, (outputs, inputs)."""
    return layer.weight.detach()[:, :, 0, 0]


class _First:
    """The first layer of ul, and the pixels with their ones (W, C + 1, N): of the row above, then of this one."""

    def __init__(self, net: "PixelCNNPlusPlus", count: int, width: int, scene: Tensor) -> None:
        above, left = net.first_above.weight.detach(), net.first_left.weight.detach()
        self._above = above[:, :, 0].transpose(1, 2).flatten(1)  # (n, 3 (C + 1))
        self._above_left, self._left = left[:, :, 0, 0], left[:, :, 1, 0]  # (n, C + 1)
        self._bias, self._left_bias = net.first_above.bias.detach()[:, None], net.first_left.bias.detach()[:, None]
        self._told = ToldRows([net.told_ul], torch.arange(net.features), scene)
        self._row = above.new_zeros(width + 2, net.channels + 1, count)
        self._bases = above.new_zeros(width, net.features, count)

    @property
    def pixels(self) -> Tensor:
        """The row drawn last, (W, C + 1, N)."""
        return self._row[1:-1]

    def start_row(self, row: int) -> None:
        """Compute what the row above, the scene and the biases come to, for all columns."""
        sums = self._told.row(row)
        if row > 0:
            sums += torch.matmul(self._above, windows(self._row[:, None], 3)) + self._bias
        bases = by_column(sums, len(self._bases))[:, 0]
        bases[1:] += self._left_bias + torch.matmul(self._above_left, self._row[1:-2])
        self._bases = bases

    def at(self, column: int) -> Tensor:
        """Return the features (n, N) at a column."""
        if column == 0:
            return self._bases[0]
        return torch.addmm(self._bases[column], self._left, self._row[column])

    def put(self, column: int, values: Tensor) -> None:
        """Learn the values (C, N) of a pixel."""
        self._row[column + 1, :-1] = values
        self._row[column + 1, -1] = 1


class _Conv:
    """2 × 2 convolutions of one shape, a stack of G, cut up by what they see; `row` is what they saw, (W + 1, G, K, N).

    `row` holds the row above until a column is overtaken by this row's. Its first column is the border.
    """

    def __init__(self, layers: "list[NormedConv2d]", biases: list[Tensor], count: int, width: int) -> None:
        weight = torch.stack([layer.weight.detach() for layer in layers])  # (G, outputs, K, 2, 2)
        groups, outputs, inputs = weight.shape[:3]
        self._above = weight[:, :, :, 0].transpose(2, 3).flatten(2)  # (G, outputs, 2 K)
        self._left, self.centre = weight[:, :, :, 1, 0], weight[:, :, :, 1, 1].contiguous()
        self._bias = torch.stack(biases)[:, :, None]  # (G, outputs, 1, N or 1)
        self._width = width
        self.row = weight.new_zeros(width + 1, groups, inputs, count)
        self._bases = weight.new_zeros(width, groups, outputs, count)
        self.sums = weight.new_zeros(groups, outputs, count)

    def start_row(self, *shown: Tensor) -> None:
        """Compute what the row above, the biases and anything `shown` (G, outputs, W * N) come to, for all columns."""
        product = torch.bmm(self._above, windows(self.row, 2))
        for share in shown:
            product += share
        bases = product.view(*product.shape[:2], self._width, -1) + self._bias
        self._bases = bases.permute(2, 0, 1, 3).contiguous()

    def begin(self, column: int) -> None:
        """Add the pixel on the left: `sums` (G, outputs, N) then lack only the pixel itself."""
        torch.baddbmm(self._bases[column], self._left, self.row[column], out=self.sums)

    def matrices(self, group: int) -> tuple[Tensor, Tensor]:
        """The sums of one convolution and its matrix for the pixel itself."""
        return self.sums[group], self.centre[group]


class _Place:
    """The stream ul at one size, one pixel at a time, and at the smaller sizes inside it. G layers, n features."""

    def __init__(self, size: "Size", count: int, width: int) -> None:
        down, up = ([layer.ul for layer in way] for way in size.ways)
        layers = [*down, *up]
        self._enter = _Conv([x.enter for x in layers], [_enter_bias(x) for x in layers], count, width)
        self._leave = _Conv([x.leave for x in layers], [x.leave.bias.detach()[:, None] for x in layers], count, width)
        self._shown = torch.stack([_asides(layer)[0] for layer in layers])  # (G, n, 2 n)
        groups, *one = self._enter.row.shape[1:]
        self._seen = self._enter.row.new_zeros(
            groups + 1, *one
        )  # what each layer's entrance sees here; what turns back
        self._changed = torch.zeros_like(self._leave.row[0])
        self._inner = None if size.inner is None else _Inner(size.inner, count, width)
        self._turn = _Activation(self._seen[groups])
        places = self._seen.unbind()
        left = [*places[: len(down)], *([] if self._inner is None else [places[groups]])]
        asides = [None] * len(down) + left[: -len(up) - 1 : -1]
        steps = [
            _Step(layer, aside, self._seen[i], self._changed[i], self._enter.matrices(i), self._leave.matrices(i))
            for i, (layer, aside) in enumerate(zip(layers, asides, strict=True))
        ]
        self._down, self._up = steps[: len(down)], steps[len(down) :]

    def start_row(self, row: int, u: RowsOfSize) -> None:
        """Begin a row of this size, at which the stream u shows what it has."""
        shown = torch.stack([features.active[:, :, 0].permute(1, 2, 0) for features in u.shown])  # (G, 2 n, W, N)
        self._enter.start_row(torch.bmm(self._shown, shown.flatten(2)))
        self._leave.start_row()
        if self._inner is not None and u.inner is not None:
            self._inner.start_row(row, u.inner)

    def at(self, column: int, x: Tensor) -> Tensor:
        """Pass features (n, N) through: down, through the smaller sizes, and up again."""
        self._enter.begin(column)
        self._leave.begin(column)
        for step in self._down:
            x = step(x)
        if self._inner is not None:
            self._turn(x)
            x = self._inner.at(column, x)
        for step in self._up:
            x = step(x)
        self._enter.row[column + 1] = self._seen[:-1]
        self._leave.row[column + 1] = self._changed
        return x


class _Inner:
    """The way of ul to the next smaller size and back."""

    def __init__(self, inner: "Inner", count: int, width: int) -> None:
        half = (width + 1) // 2
        self._shrink = _Conv([inner.shrink_ul], [inner.shrink_ul.bias.detach()[:, None]], count, width)
        self._grow = inner.grow_ul.weight.detach().permute(2, 3, 1, 0).contiguous()  # (2, 2, n, n)
        self._bias = inner.grow_ul.bias.detach()[:, None]
        self._small = self._bias.new_zeros(half, len(self._bias), count)  # what came back, for two columns and two rows
        self._size, self._row = _Place(inner.size, count, half), 0

    def start_row(self, row: int, u: RowsOfSize) -> None:
        """Begin a row of the larger size; every second one begins a row of the smaller."""
        self._row = row
        if row % 2 == 0:
            self._shrink.start_row()
            self._size.start_row(row // 2, u)

    def at(self, column: int, x: Tensor) -> Tensor:
        """Take features (n, N) of the larger size there, and return those that come back."""
        half = column // 2
        if self._row % 2 == 0 and column % 2 == 0:
            self._shrink.begin(column)
            shrunk = torch.addmm(self._shrink.sums[0], self._shrink.centre[0], x)
            self._small[half] = self._size.at(half, shrunk)
        self._shrink.row[column + 1, 0] = x
        return torch.addmm(self._bias, self._grow[self._row % 2, column % 2], self._small[half])


def _asides(layer: "Residual") -> tuple[Tensor, Tensor]:
    """What a layer makes of the stream u (n, 2 n), and of what is shown from the way down (n, 2 n or 0)."""
    assert layer.aside is not None
    weight, seen = _matrix(layer.aside), layer.enter.weight.shape[1]
    return weight[:, :seen], weight[:, seen:]


def _enter_bias(layer: "Residual") -> Tensor:
    assert layer.aside is not None
    return (layer.enter.bias + layer.aside.bias).detach()[:, None]


class _Activation:
    """ELU of x and of -x, (n, N) to (2 n, N), in one place."""

    def __init__(self, place: Tensor) -> None:
        self._both = place
        self.plus, self._minus = place.chunk(2)

    def __call__(self, x: Tensor) -> None:
        self.plus.copy_(x)
        self.finish()

    def finish(self) -> None:
        """Go on when x is in `plus` already."""
        torch.neg(self.plus, out=self._minus)
        F.elu_(self._both)


class _Step:
    """One residual layer at one pixel. `seen` and `changed` (2 n, N) are what its two convolutions see."""

    def __init__(
        self,
        layer: "Residual",
        aside: Tensor | None,
        seen: Tensor,
        changed: Tensor,
        enter: tuple[Tensor, Tensor],
        leave: tuple[Tensor, Tensor],
    ) -> None:
        self._seen, self._changed, self._aside = seen, changed, aside
        self._see, self._change = _Activation(seen), _Activation(changed)
        (self._enter_sums, self._enter), (self._leave_sums, self._leave) = enter, leave
        self._signal, self._valve = self._leave_sums.chunk(2)
        self._to_aside = _asides(layer)[1]

    def __call__(self, x: Tensor) -> Tensor:
        """(n, N) to the same."""
        self._see(x)
        torch.addmm(self._enter_sums, self._enter, self._seen, out=self._change.plus)
        if self._aside is not None:
            self._change.plus.addmm_(self._to_aside, self._aside)
        self._change.finish()
        self._leave_sums.addmm_(self._leave, self._changed)
        self._valve.sigmoid_()
        return torch.addcmul(x, self._signal, self._valve)
