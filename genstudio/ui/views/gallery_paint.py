"""How a cell of a gallery looks: the picture first, and as little else as possible."""

import math
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFontMetrics,
    QImage,
    QPainter,
    QPalette,
    QPen,
    QPolygonF,
)

from genstudio.ui.views.checks import checkerboard
from genstudio.ui.views.image import paint_picture
from genstudio.ui.views.plot_colours import mixed

RING = 3
BADGE = 20
BADGE_INSET = 6
CAPTION_PADDING = 8
SHADE = QColor(0, 0, 0, 165)
ON_SHADE = QColor(255, 255, 255)
STAR = QColor("#ffc940")


class CellState(NamedTuple):
    """What is to be said about a picture besides the picture."""

    chosen: bool
    current: bool
    starred: bool
    caption: str


class CellPainter:
    """Paints cells in the colours of a palette."""

    def __init__(self, palette: QPalette) -> None:
        base, text = palette.base().color(), palette.text().color()
        self.surface = base
        self._accent = palette.color(QPalette.ColorRole.Highlight)
        self._text = text
        self._waiting = mixed(text, base, 0.06)
        self.quiet = mixed(text, base, 0.45)
        self._checks: QBrush = checkerboard(palette)

    def paint(self, painter: QPainter, cell: QRectF, image: QImage | None, state: CellState) -> None:
        """Paint one cell: the picture, if it is here, and what is said about it."""
        area = cell
        if image is not None:
            area = paint_picture(painter, cell, image, self._checks)
        if state.caption:
            self._paint_caption(painter, area, cell, state.caption)
        if state.starred:
            self._paint_star(painter, area)
        if state.chosen or state.current:
            self._paint_rings(painter, area, state)

    def paint_waiting(self, painter: QPainter, cell: QRectF, failed: bool) -> None:
        """Paint the place of a picture that is still to come, or could not be made."""
        painter.fillRect(cell, self._waiting)
        if failed:
            painter.setPen(QPen(self.quiet, 1.5))
            arm, centre = min(cell.width() / 8, 10), cell.center()
            painter.drawLine(centre - QPointF(arm, arm), centre + QPointF(arm, arm))
            painter.drawLine(centre - QPointF(arm, -arm), centre + QPointF(arm, -arm))

    def _paint_caption(self, painter: QPainter, area: QRectF, cell: QRectF, caption: str) -> None:
        metrics: QFontMetrics = painter.fontMetrics()
        strip = QRectF(cell.left(), 0, cell.width(), metrics.height() + CAPTION_PADDING)
        strip.moveBottom(area.bottom())
        painter.fillRect(strip, SHADE)
        room = strip.adjusted(CAPTION_PADDING, 0, -CAPTION_PADDING, 0)
        elided = metrics.elidedText(caption, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.setPen(ON_SHADE)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, elided)

    def _paint_star(self, painter: QPainter, area: QRectF) -> None:
        disc = QRectF(area.right() - BADGE - BADGE_INSET, area.top() + BADGE_INSET, BADGE, BADGE)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(SHADE)
        painter.drawEllipse(disc)
        painter.setBrush(STAR)
        painter.drawPolygon(star(disc.center(), BADGE * 0.36))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_rings(self, painter: QPainter, area: QRectF, state: CellState) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if state.chosen:
            painter.setPen(QPen(self._accent, RING))
            out = RING / 2 + 1
            painter.drawRoundedRect(area.adjusted(-out, -out, out, out), 3, 3)
        if state.current:
            painter.setPen(QPen(self._text, 1))
            out = RING + 1.5 if state.chosen else 2.5
            painter.drawRoundedRect(area.adjusted(-out, -out, out, out), 4, 4)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def star(centre: QPointF, radius: float) -> QPolygonF:
    """Give a star of five points."""
    corners = []
    for corner in range(10):
        reach = radius if corner % 2 == 0 else radius * 0.45
        angle = corner * math.pi / 5 - math.pi / 2
        corners.append(centre + QPointF(reach * math.cos(angle), reach * math.sin(angle)))
    return QPolygonF(corners)
