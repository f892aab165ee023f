"""The time axis that all panels of a plot stand on, with the place of the pointer on it."""

from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from genstudio.ui.views.plot_canvas import LEFT, RIGHT
from genstudio.ui.views.plot_colours import mixed, smaller
from genstudio.ui.views.plot_numbers import count_text, linear_ticks, short_count

HEIGHT = 28
PIXELS_PER_TICK = 96


class TimeAxis(QWidget):
    """Round counts below the panels; its name ("images seen") at the right end."""

    def __init__(self, clock: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._range = (0.0, 1.0)
        self._pointer: float | None = None
        self._scroll_bar = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Ask for one line."""
        return QSize(200, HEIGHT)

    def set_range(self, x0: float, x1: float, scroll_bar: int) -> None:
        """Show this range; ``scroll_bar`` is the width that the panels lack at the right."""
        self._range = (x0, x1)
        self._scroll_bar = scroll_bar
        self.update()

    def point_at(self, x: float | None) -> None:
        """Show the count under the pointer, or none."""
        self._pointer = x
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint line, ticks, name and pointer."""
        painter = QPainter(self)
        palette = self.palette()
        surface, text = palette.base().color(), palette.text().color()
        painter.fillRect(self.rect(), surface)
        painter.setFont(smaller(self.font()))
        painter.setPen(QPen(mixed(text, surface, 0.25), 0))
        painter.drawLine(QLineF(LEFT, 0, self._right(), 0))
        painter.setPen(mixed(text, surface, 0.60))
        self._paint_ticks(painter, self._paint_name(painter))
        if self._pointer is not None:
            self._paint_pointer(painter, self._pointer)

    def _right(self) -> float:
        return max(self.width() - RIGHT - self._scroll_bar, LEFT + 1)

    def _pixel(self, x: float) -> float:
        x0, x1 = self._range
        return LEFT + (x - x0) / (x1 - x0) * (self._right() - LEFT)

    def _paint_name(self, painter: QPainter) -> float:
        """Paint the axis' name and give the pixel where it begins."""
        width = painter.fontMetrics().horizontalAdvance(self._clock) + 2
        box = QRectF(self._right() - width, 4, width, HEIGHT - 4)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._clock)
        return box.left()

    def _paint_ticks(self, painter: QPainter, end: float) -> None:
        count = max(2, int((self._right() - LEFT) / PIXELS_PER_TICK))
        step, values = linear_ticks(*self._range, count)
        for value in values:
            label = short_count(value, step)
            width = painter.fontMetrics().horizontalAdvance(label) + 8
            box = QRectF(self._pixel(value) - width / 2, 4, width, HEIGHT - 4)
            if box.right() < end:
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, label)

    def _paint_pointer(self, painter: QPainter, x: float) -> None:
        palette = self.palette()
        label = count_text(x)
        width = painter.fontMetrics().horizontalAdvance(label) + 16
        left = min(max(self._pixel(x) - width / 2, LEFT), self._right() - width)
        box = QRectF(left, 4, width, HEIGHT - 6)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.text())
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(palette.base().color())
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, label)
