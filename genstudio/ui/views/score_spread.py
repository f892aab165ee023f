"""How scores of usual pictures are spread, with a threshold and one score to compare."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from genstudio.ui.theme import GRID, token_colour

_BINS = 32
_HEIGHT = 72
_WIDTH = 260


class ScoreSpread(QWidget):
    """Bars for how many usual pictures have a score, a line at the threshold, and a mark at the score looked at."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._scores: NDArray[np.float64] = np.zeros(0)
        self._threshold, self._mark = 0.0, float("nan")
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_scores(self, usual: NDArray[np.float64], threshold: float, mark: float) -> None:
        """Show scores of usual pictures, the threshold, and a score."""
        self._scores, self._threshold, self._mark = usual, threshold, mark
        said = self.tr("Score {score}, threshold {threshold}.")
        self.setAccessibleDescription(said.format(score=f"{mark:,.0f}", threshold=f"{threshold:,.0f}"))
        self.update()

    def sizeHint(self) -> QSize:
        """Wide and low."""
        return QSize(_WIDTH, _HEIGHT + self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        """The same, narrower."""
        return QSize(_WIDTH // 2, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw bars, line and mark on one scale."""
        if not self._scores.size:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        low, high = self._ends()
        counts, edges = np.histogram(self._scores, bins=_BINS, range=(low, high))
        painter.setPen(Qt.PenStyle.NoPen)
        for count, left, right in zip(counts, edges[:-1], edges[1:], strict=True):
            height = _HEIGHT * float(count) / max(int(counts.max()), 1)
            begin, end = self._x(float(left)), self._x(float(right))
            painter.setBrush(token_colour(self.palette(), "muted"))
            painter.drawRoundedRect(QRectF(begin + 1, _HEIGHT - height, max(end - begin - 2, 1), height), 1, 1)
        self._draw_line(painter, self._threshold, token_colour(self.palette(), "text"), Qt.PenStyle.DashLine)
        self._draw_line(painter, self._mark, token_colour(self.palette(), "accent"), Qt.PenStyle.SolidLine)
        painter.setPen(token_colour(self.palette(), "muted"))
        below = QRectF(0, _HEIGHT, self.width(), self.height() - _HEIGHT)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, self.tr("usual"))
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, self.tr("odd"))

    def _draw_line(self, painter: QPainter, score: float, colour: QColor, style: Qt.PenStyle) -> None:
        if np.isfinite(score):
            painter.setPen(QPen(colour, 2, style))
            painter.drawLine(QPointF(self._x(score), 0), QPointF(self._x(score), _HEIGHT))

    def _ends(self) -> tuple[float, float]:
        known = [*self._scores[[0, -1]], self._threshold, *([self._mark] if np.isfinite(self._mark) else [])]
        low, high = float(min(known)), float(max(known))
        return low, high if high > low else low + 1.0

    def _x(self, score: float) -> float:
        low, high = self._ends()
        return GRID / 2 + (self.width() - GRID) * (score - low) / (high - low)
