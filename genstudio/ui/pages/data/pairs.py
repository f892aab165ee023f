"""Pictures two by two: as they are and as they will be, or two that look alike."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from genstudio.ui.icons import paint_icon
from genstudio.ui.theme import GRID, token_colour
from genstudio.ui.widgets.pictures import draw_picture
from genstudio.ui.widgets.text import plain_tip

_LEAST = 208
_TEXT = 20
_ARROW = 16


@dataclass(frozen=True)
class Pair:
    """Two pictures (None while there is none) and a line about them, which may come from a file's name."""

    left: QImage | None
    right: QImage | None
    text: str


class PairGrid(QWidget):
    """Pairs in as many columns as fit. `sign` is the icon between the two."""

    def __init__(self, name: str, sign: str = "arrow-right") -> None:
        super().__init__()
        self._name = name
        self._sign = sign
        self.pairs: list[Pair] = []
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.show_pairs([])

    def show_pairs(self, pairs: Sequence[Pair]) -> None:
        """Show these pairs."""
        self.pairs = list(pairs)
        self.setAccessibleName(self._name)
        self.setAccessibleDescription(", ".join(pair.text for pair in self.pairs[:12]))
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        """The narrower, the taller."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height that all pairs need."""
        columns, side = self._measure(width)
        rows = -(-len(self.pairs) // columns)
        return rows * (side + _TEXT + 2 * GRID) if rows else 0

    def sizeHint(self) -> QSize:
        """Two columns."""
        width = 2 * _LEAST + 2 * GRID
        return QSize(width, self.heightForWidth(width))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pairs that have to be drawn."""
        painter = QPainter(self)
        for index, pair in enumerate(self.pairs):
            cell = self._cell(index)
            if cell.intersects(event.rect()):
                self._draw(painter, cell, pair)

    def event(self, event: QEvent) -> bool:
        """Show the whole line of a pair as its tooltip, never as markup."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            for index, pair in enumerate(self.pairs):
                if self._cell(index).contains(event.pos()):
                    QToolTip.showText(event.globalPos(), plain_tip(pair.text), self)
                    return True
            QToolTip.hideText()
            return True
        return super().event(event)

    def _draw(self, painter: QPainter, cell: QRect, pair: Pair) -> None:
        palette = self.palette()
        side = cell.height() - _TEXT
        gap = cell.width() - 2 * side
        left = QRectF(cell.x(), cell.y(), side, side)
        right = left.translated(side + gap, 0)
        canvas = token_colour(palette, "canvas")
        draw_picture(painter, left, pair.left, 6, canvas)
        draw_picture(painter, right, pair.right, 6, canvas)
        arrow = QRectF(0, 0, _ARROW, _ARROW)
        arrow.moveCenter(QRectF(cell.x() + side, cell.y(), gap, side).center())
        paint_icon(painter, self._sign, arrow, token_colour(palette, "faint"))
        line = QRect(cell.x(), cell.y() + side, cell.width(), _TEXT)
        text = painter.fontMetrics().elidedText(pair.text, Qt.TextElideMode.ElideMiddle, cell.width())
        painter.setPen(token_colour(palette, "muted"))
        painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)

    def _cell(self, index: int) -> QRect:
        columns, side = self._measure(self.width())
        line, place = divmod(index, columns)
        width = (self.width() - (columns - 1) * 2 * GRID) // columns
        return QRect(place * (width + 2 * GRID), line * (side + _TEXT + 2 * GRID), width, side + _TEXT)

    def _measure(self, width: int) -> tuple[int, int]:
        columns = max(1, (width + 2 * GRID) // (_LEAST + 2 * GRID))
        cell = (width - (columns - 1) * 2 * GRID) // columns
        return columns, (cell - _ARROW - GRID) // 2
