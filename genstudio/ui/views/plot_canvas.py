"""The drawing area of one panel: curves by pyqtgraph; grid, labels and pointer by the painter.

pyqtgraph renders the texts it is given as markup and brings menus of its own, so it is given
lines only. The mouse is read here too: what it asks for leaves as signals, and the plot that
owns all panels answers, which keeps their time axes together.
"""

from collections.abc import Sequence
from typing import NamedTuple

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QLineF, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPalette, QPen, QWheelEvent
from PySide6.QtWidgets import QFrame, QWidget

from genstudio.ui.views.plot_colours import mixed, smaller
from genstudio.ui.views.plot_scale import Tick

LEFT, TOP, RIGHT, BOTTOM = 64, 8, 16, 8
WHEEL_NOTCH = 120
ZOOM_PER_NOTCH = 0.8
STRONG_WIDTH = 1.6
STRIP = 6
DOT = 2


class Mark(NamedTuple):
    """A dot: where on the axes, and in which colour."""

    x: float
    place: float
    colour: QColor


class _Line(pg.PlotCurveItem):  # type: ignore[misc]  # pyqtgraph ships no types
    """A curve that fills whatever part of the plane is shown.

    The usual one finds its bounds from its points a dozen times a frame, which takes longer than drawing it.
    """

    def __init__(self, **options: object) -> None:
        self._extent = QRectF()
        super().__init__(**options)

    def set_extent(self, extent: QRectF) -> None:
        """Another part of the plane is shown."""
        self.prepareGeometryChange()
        self._extent = extent

    def boundingRect(self) -> QRectF:
        """Give what Qt is to take for the bounds of this curve."""
        return self._extent


class PlotCanvas(pg.GraphicsView):  # type: ignore[misc]  # pyqtgraph ships no types
    """Curves over a quiet grid; x and y ranges are set from outside only."""

    zoomed = Signal(float, float)  # factor, x to keep in place
    zoomed_values = Signal(float, float)  # factor, place on the y axis to keep
    panned = Signal(float)  # by how much in x
    panned_values = Signal(float)  # by how much on the y axis
    boxed = Signal(float, float)  # x0, x1
    boxed_values = Signal(float, float)  # lower place, upper place
    pointed = Signal(object)  # x under the pointer, or None
    reset_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=None)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCacheMode(self.CacheModeFlag.CacheNone)
        # What changes is painted once, by `set_view`; the scene would have it painted a second time on its own.
        self.setViewportUpdateMode(self.ViewportUpdateMode.NoViewportUpdate)
        self.scene().setItemIndexMethod(self.scene().ItemIndexMethod.NoIndex)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self._box = pg.ViewBox(enableMenu=False, enableMouse=False, defaultPadding=0)
        self._box.disableAutoRange()
        self.centralLayout.setContentsMargins(LEFT, TOP, RIGHT, BOTTOM)
        self.centralLayout.addItem(self._box, 0, 0)
        self._range = (0.0, 1.0, 0.0, 1.0)
        self._lines: list[_Line] = []
        self._ticks: list[Tick] = []
        self._dots: Sequence[Mark] = ()
        self._pointer: float | None = None
        self._marks: Sequence[Mark] = ()
        self._pressed: QPointF | None = None
        self._band: QRectF | None = None

    def add_line(self, strong: bool) -> _Line:
        """Give a new, empty curve: a hairline, or a strong one in front of all hairlines.

        A wide polyline is stroked as one outline, whose crossings cost Qt seconds; drawn as
        single segments it costs milliseconds.
        """
        line = _Line(connect="finite", antialias=True)
        line.setSegmentedLineMode("on" if strong else "off")
        line.setZValue(strong)
        line.set_extent(self._extent())
        self._box.addItem(line, ignoreBounds=True)
        self._lines.append(line)
        return line

    def remove_line(self, line: _Line) -> None:
        """Take a curve away."""
        self._box.removeItem(line)
        self._lines.remove(line)
        self.viewport().update()

    def pen(self, colour: QColor, strong: bool, sharpness: float) -> QPen:
        """Give the pen for a line on a device of so many pixels to a logical one.

        A hairline is one of the device's pixels, however fine they are.
        """
        pen = QPen(colour, STRONG_WIDTH * sharpness if strong else 0)
        pen.setCosmetic(True)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        return pen

    def plot_rect(self) -> QRectF:
        """Give the rectangle, in pixels of this widget, that the ranges fill."""
        return QRectF(self.viewport().rect()).adjusted(LEFT, TOP, -RIGHT, -BOTTOM)

    def set_view(
        self,
        span: tuple[float, float],
        places: tuple[float, float],
        ticks: list[Tick],
        dots: Sequence[Mark],
    ) -> None:
        """Show this part of the plane, with ticks on the y axis and dots on lone points."""
        x0, x1, low, high = *span, *places
        if (x0, x1, low, high) != self._range:
            self._range = (x0, x1, low, high)
            self._box.setRange(xRange=(x0, x1), yRange=(low, high), padding=0)
            for line in self._lines:
                line.set_extent(self._extent())
        self._ticks, self._dots = ticks, dots
        self.viewport().update()

    def point_at(self, x: float | None, marks: Sequence[Mark]) -> None:
        """Draw the pointer's line at x with dots on the curves, or nothing for None."""
        before, self._pointer, self._marks = self._pointer, x, marks
        for place in (before, x):
            if place is not None:
                self.viewport().update(self._strip(place))

    def pixel(self, x: float, place: float) -> QPointF:
        """Give the pixel of a point on the axes."""
        x0, x1, low, high = self._range
        area = self.plot_rect()
        across = (x - x0) / (x1 - x0)
        up = (place - low) / (high - low)
        return QPointF(area.left() + across * area.width(), area.bottom() - up * area.height())

    def point(self, pixel: QPointF) -> tuple[float, float]:
        """Give x and place on the axes under a pixel."""
        x0, x1, low, high = self._range
        area = self.plot_rect()
        across = (pixel.x() - area.left()) / max(area.width(), 1)
        up = (area.bottom() - pixel.y()) / max(area.height(), 1)
        return x0 + across * (x1 - x0), low + up * (high - low)

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Paint surface, grid lines and value labels."""
        palette, area = self.palette(), self.plot_rect()
        surface, text = palette.base().color(), palette.text().color()
        painter.fillRect(rect, surface)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setFont(smaller(self.font()))
        line_pen = QPen(mixed(text, surface, 0.10), 0)
        text_pen = QPen(mixed(text, surface, 0.60))
        for place, label in self._ticks:
            y = self.pixel(self._range[0], place).y()
            painter.setPen(line_pen)
            painter.drawLine(QLineF(area.left(), y, area.right(), y))
            painter.setPen(text_pen)
            box = QRectF(0, y - 10, LEFT - 8, 20)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, label)

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Paint dots, the pointer, and the box being drawn."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(self.plot_rect().adjusted(-DOT, -DOT, DOT, DOT))
        painter.setPen(Qt.PenStyle.NoPen)
        for dot in self._dots:
            painter.setBrush(dot.colour)
            painter.drawEllipse(self.pixel(dot.x, dot.place), DOT, DOT)
        if self._pointer is not None:
            self._paint_pointer(painter, self._pointer)
        if self._band is not None:
            accent = self.palette().color(QPalette.ColorRole.Highlight)
            painter.setPen(QPen(accent, 0))
            painter.setBrush(QColor(accent.red(), accent.green(), accent.blue(), 40))
            painter.drawRect(self._band)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the pointer: through time, or with Ctrl through values."""
        turned = event.angleDelta().y() or event.angleDelta().x()
        factor = ZOOM_PER_NOTCH ** (turned / WHEEL_NOTCH)
        x, place = self.point(event.position())
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoomed_values.emit(factor, place)
        else:
            self.zoomed.emit(factor, x)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to pan, or with Shift to draw a box."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._pressed = event.position()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._band = QRectF(event.position(), event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say where the pointer is, and carry on what the press began."""
        x, place = self.point(event.position())
        inside = self.plot_rect().contains(event.position())
        self.pointed.emit(x if inside and self._pressed is None else None)
        if self._pressed is None:
            return
        if self._band is not None:
            self._band = QRectF(self._pressed, event.position()).normalized() & self.plot_rect()
            self.viewport().update()
            return
        from_x, from_place = self.point(self._pressed)
        self._pressed = event.position()
        self.panned_values.emit(from_place - place)
        self.panned.emit(from_x - x)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Finish a box: show what is inside it."""
        band, self._band, self._pressed = self._band, None, None
        self.viewport().update()
        if band is None or band.width() < STRIP or band.height() < STRIP:
            return
        (x0, low), (x1, high) = self.point(band.bottomLeft()), self.point(band.topRight())
        self.boxed_values.emit(low, high)
        self.boxed.emit(x0, x1)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask for everything again."""
        self.reset_wanted.emit()

    def leaveEvent(self, event: QEvent) -> None:
        """Say that the pointer has left."""
        self.pointed.emit(None)
        super().leaveEvent(event)

    def _extent(self) -> QRectF:
        x0, x1, low, high = self._range
        return QRectF(x0, low, x1 - x0, high - low)

    def _strip(self, x: float) -> QRect:
        centre = round(self.pixel(x, 0).x())
        return QRect(QPoint(centre - STRIP, 0), QPoint(centre + STRIP, self.height()))

    def _paint_pointer(self, painter: QPainter, x: float) -> None:
        area, palette = self.plot_rect(), self.palette()
        surface, text = palette.base().color(), palette.text().color()
        across = round(self.pixel(x, 0).x()) + 0.5
        painter.setPen(QPen(mixed(text, surface, 0.35), 0))
        painter.drawLine(QLineF(across, area.top(), across, area.bottom()))
        for mark in self._marks:
            painter.setPen(QPen(surface, 1.5))
            painter.setBrush(mark.colour)
            painter.drawEllipse(self.pixel(mark.x, mark.place), 2 * DOT, 2 * DOT)
