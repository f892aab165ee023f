"""A curve the size of a word, for table cells and cards."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

PAD = 2.5
DOT = 2.0
PEN = 1.25

Values = Sequence[float] | NDArray[np.float64]


def paint_sparkline(painter: QPainter, rect: QRectF, values: Values, colour: QColor) -> None:
    """Paint values, evenly spaced, to fill ``rect``, with a dot on the latest.

    What is not finite is left out. Nothing is painted of fewer than two values.
    """
    places = sparkline_points(rect.adjusted(PAD, PAD, -PAD, -PAD), values)
    if len(places) < 2:
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, PEN))
    painter.drawPolyline(QPolygonF(places))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(places[-1], DOT, DOT)
    painter.restore()


def sparkline_points(rect: QRectF, values: Values) -> list[QPointF]:
    """Give the corners of the curve in ``rect``: at most one for each pixel of its width."""
    y = np.asarray(values, dtype=np.float64)
    y = np.clip(y[np.isfinite(y)], -1e38, 1e38)
    if len(y) < 2 or rect.width() < 2:
        return []
    columns = min(len(y), int(rect.width()))
    starts = np.linspace(0, len(y), columns, endpoint=False).astype(np.int64)
    means = np.add.reduceat(y, starts) / np.diff(starts, append=len(y))
    low, high = float(means.min()), float(means.max())
    up = (means - low) / (high - low) if high > low else np.full(columns, 0.5)
    across = np.linspace(rect.left(), rect.right(), columns)
    down = rect.bottom() - up * rect.height()
    return [QPointF(x, y) for x, y in zip(across.tolist(), down.tolist(), strict=True)]


class Sparkline(QWidget):
    """The curve as a widget of its own, in the accent colour unless another is given."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: Values = ()
        self._colour: QColor | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_values(self, values: Values, colour: QColor | None = None) -> None:
        """Show these values."""
        self._values, self._colour = values, colour
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for the room of a word."""
        return QSize(96, 24)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the curve."""
        colour = self._colour or self.palette().color(QPalette.ColorRole.Highlight)
        paint_sparkline(QPainter(self), QRectF(self.rect()), self._values, colour)
