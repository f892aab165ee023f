"""What lies over the map: the pinned place, the pictures of the tray, the picture under the mouse, the band."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from genstudio.generation.latent_map import LatentMap
from genstudio.ui.theme import token_colour
from genstudio.ui.views.plot_colours import smaller
from genstudio.ui.widgets.pictures import draw_picture

if TYPE_CHECKING:
    from genstudio.ui.pages.explore.map_canvas import MapCanvas

_LENS, _AWAY = 96.0, 18.0


@dataclass
class Overlay:
    """Places are those of the map, `marks` those of the tray; `mouse` and `band` are on the screen.

    `lens` is what is drawn at the mouse.
    """

    pin: tuple[float, float] | None = None
    marks: tuple[tuple[float, float], ...] = ()
    current: int = -1
    mouse: QPointF | None = None
    hovered: int | None = None
    lens: QImage | None = None
    band: QRectF | None = None


def paint_overlay(painter: QPainter, canvas: "MapCanvas", overlay: Overlay, found: LatentMap) -> None:
    """Paint it."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    palette = canvas.palette()
    accent, text = token_colour(palette, "accent"), token_colour(palette, "text")
    for number, place in enumerate(overlay.marks):
        _paint_mark(painter, canvas, canvas.point_of(place), number, number == overlay.current)
    if overlay.pin is not None:
        _paint_pin(painter, canvas.point_of(overlay.pin), accent, token_colour(palette, "canvas"))
    if overlay.hovered is not None:
        place = found.places[overlay.hovered]
        _ring(painter, canvas.point_of((float(place[0]), float(place[1]))), 8, text)
    if overlay.band is not None:
        painter.setPen(QPen(accent, 1.5, Qt.PenStyle.DashLine))
        soft = QColor(accent)
        soft.setAlpha(40)
        painter.setBrush(soft)
        painter.drawRect(overlay.band)
    if overlay.lens is not None and overlay.mouse is not None and overlay.band is None:
        _paint_lens(painter, canvas, overlay.mouse, overlay.lens)
    if canvas.hasFocus():
        painter.setPen(QPen(accent, 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(canvas.rect()).adjusted(1, 1, -1, -1), 6, 6)


def _paint_mark(painter: QPainter, canvas: "MapCanvas", point: QPointF, number: int, current: bool) -> None:
    painter.setFont(smaller(canvas.font()))
    side = painter.fontMetrics().height() + 4.0
    box = QRectF(point.x() - side / 2, point.y() - side / 2, side, side)
    painter.setPen(QPen(token_colour(canvas.palette(), "accent"), 1.5))
    painter.setBrush(token_colour(canvas.palette(), "accent" if current else "raised"))
    painter.drawEllipse(box)
    painter.setPen(token_colour(canvas.palette(), "on_accent" if current else "text"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(number + 1))


def _paint_pin(painter: QPainter, point: QPointF, accent: QColor, ground: QColor) -> None:
    for width, colour in ((5.0, ground), (2.0, accent)):
        painter.setPen(QPen(colour, width))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(point, 9, 9)
        for x, y in ((-1, 0), (1, 0), (0, -1), (0, 1)):
            painter.drawLine(point + QPointF(5 * x, 5 * y), point + QPointF(14 * x, 14 * y))


def _ring(painter: QPainter, point: QPointF, radius: float, colour: QColor) -> None:
    painter.setPen(QPen(colour, 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(point, radius, radius)


def _paint_lens(painter: QPainter, canvas: "MapCanvas", mouse: QPointF, image: QImage) -> None:
    left = mouse.x() + _AWAY if mouse.x() + _AWAY + _LENS < canvas.width() else mouse.x() - _AWAY - _LENS
    top = mouse.y() - _AWAY - _LENS if mouse.y() - _AWAY - _LENS > 0 else mouse.y() + _AWAY
    cell = QRectF(round(left), round(top), _LENS, _LENS)
    painter.setPen(QPen(token_colour(canvas.palette(), "strong_line"), 1))
    painter.setBrush(token_colour(canvas.palette(), "raised"))
    painter.drawRoundedRect(cell.adjusted(-4, -4, 4, 4), 8, 8)
    draw_picture(painter, cell, image, 4, token_colour(canvas.palette(), "canvas"))
