"""Where the cells of a gallery lie: plain arithmetic, the same for ten pictures and a million."""

from dataclasses import dataclass
from functools import cached_property

from PySide6.QtCore import QRect

GAP = 12
MARGIN = 12


@dataclass(frozen=True)
class GridLayout:
    """Square cells in rows; they grow from ``cell`` until the rows fill the width."""

    count: int
    width: int
    cell: int

    @cached_property
    def columns(self) -> int:
        """How many cells stand in a row."""
        return max(1, (self._room + GAP) // (self.cell + GAP))

    @cached_property
    def edge(self) -> int:
        """The side of a cell as it is shown."""
        if self.columns == 1:
            return max(1, min(self.cell, self._room))
        return (self._room + GAP) // self.columns - GAP

    @property
    def pitch(self) -> int:
        """From one cell to the next."""
        return self.edge + GAP

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return -(-self.count // self.columns)

    @property
    def height(self) -> int:
        """The height of everything."""
        return 2 * MARGIN + self.rows * self.pitch - GAP if self.count else 0

    def rect(self, index: int) -> QRect:
        """Give the cell of a picture."""
        row, column = divmod(index, self.columns)
        x, y = MARGIN + column * self.pitch, MARGIN + row * self.pitch
        return QRect(x, y, self.edge, self.edge)

    def index_at(self, x: int, y: int) -> int | None:
        """Give the picture whose cell holds a point, or None between cells and outside."""
        column, in_x = divmod(x - MARGIN, self.pitch)
        row, in_y = divmod(y - MARGIN, self.pitch)
        index = row * self.columns + column
        inside = 0 <= column < self.columns and row >= 0 and in_x < self.edge and in_y < self.edge
        return index if inside and index < self.count else None

    def between(self, top: int, bottom: int) -> range:
        """Give the pictures whose rows touch the stretch from ``top`` to ``bottom``."""
        first = max(0, (top - MARGIN + GAP) // self.pitch)
        last = max(0, -(-(bottom - MARGIN) // self.pitch))
        return range(min(first * self.columns, self.count), max(0, min(last * self.columns, self.count)))

    def inside(self, band: QRect) -> list[int]:
        """Give the pictures whose cells touch a rectangle, in order."""
        first = max(0, (band.left() - MARGIN + GAP) // self.pitch)
        last = min(self.columns, -(-(band.right() + 1 - MARGIN) // self.pitch))
        rows = self.between(band.top(), band.bottom() + 1)
        starts = range(rows.start, rows.stop, self.columns)
        return [start + column for start in starts for column in range(first, last) if start + column < self.count]

    @property
    def _room(self) -> int:
        return max(1, self.width - 2 * MARGIN)
