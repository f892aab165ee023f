"""Drawing with PixelRNN by its own recurrence, each number computed once.

A recurrent layer already carries all it needs from place to place. What comes from states is finished early: from the
row above before the row begins, one matrix product for all columns and layers; from the place on the left before the
pixel begins, one product for all layers. What remains for each sub-pixel is one LSTM cell a layer.

The direction from the right of the Diagonal BiLSTM goes through each row as soon as it is finished, all layers at
once, for the row below it.
"""

from typing import TYPE_CHECKING

from torch import Tensor

from genstudio.nn.pixels_drawing import Painter
from genstudio.nn.pixels_folding import Entrance, Exit, Folded, RowsAbove

from .cells import Cells, DiagonalCells, RowCells
from .courses import Rows

if TYPE_CHECKING:
    from .net import PixelRNN


class RecurrentPainter(Painter):
    """Paints `count` pictures, of whatever height."""

    def __init__(self, net: "PixelRNN", count: int, width: int, condition: Tensor | None) -> None:
        self._channels = net.channels
        folded = Folded(net.first)
        self._entrance = Entrance(net.first, folded, count, width)
        self._above = RowsAbove(net.first, folded, count, width)
        self._bases = self._above.shares()
        kind = RowCells if issubclass(net.course, Rows) else DiagonalCells
        self._cells: Cells = kind(net, count, width, condition)
        self._exit = Exit(net.last, net.head, count)

    def start_row(self, row: int) -> None:
        """See `Painter.start_row`."""
        if row > 0:
            self._above.push(self._entrance.pixels)
        self._bases = self._above.shares()
        self._cells.start_row(row)

    def logits(self, column: int, channel: int) -> Tensor:
        """See `Painter.logits`."""
        if channel == 0:
            self._entrance.begin(self._bases[column], column)
            self._cells.begin(column)
        return self._exit.at(channel, self._cells.at(channel, self._entrance.at(channel)))

    def put(self, column: int, channel: int, values: Tensor) -> None:
        """See `Painter.put`."""
        self._entrance.put(channel, values)
        if channel == self._channels - 1:
            self._cells.end(column)
