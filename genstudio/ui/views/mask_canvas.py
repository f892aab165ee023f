"""Painting by hand which pixels of a picture stay."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QDragEnterEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from genstudio.ui.theme import token_colour
from genstudio.ui.views.checks import checkerboard
from genstudio.ui.views.image import fitted, paint_picture, qimage_from_array, scaled
from genstudio.ui.widgets.drop_area import dropped_paths

_EDGE = 240
_VEIL = 215
_MOVES: dict[int, tuple[int, int]] = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class MaskCanvas(QWidget):
    """A picture, veiled where its pixels do not stay.

    The brush keeps what it passes; with `erasing`, or the right button, it lets go. Keys: arrows move the brush, Space
    keeps, Delete lets go. `changed` comes at the end of a stroke, `dropped` carries the files dropped on it.
    """

    changed = Signal()
    dropped = Signal(list)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._picture: NDArray[np.uint8] | None = None
        self._known = np.zeros((1, 1), bool)
        self._at: tuple[int, int] | None = None
        self._stroke: bool | None = None
        self._empty = ""
        self.brush, self.erasing, self.painting = 3, False, True
        self.setAccessibleName(name)
        self.setAcceptDrops(True)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def picture(self) -> NDArray[np.uint8] | None:
        """The picture, uint8 (H, W, C)."""
        return self._picture

    @property
    def known(self) -> NDArray[np.bool_]:
        """A copy of the mask, bool (H, W)."""
        return self._known.copy()

    def show_picture(self, picture: NDArray[np.uint8] | None, known: NDArray[np.bool_] | None = None) -> None:
        """Show another picture, or none; the mask stays while the size does, unless one is given."""
        self._picture = picture
        shape = (1, 1) if picture is None else picture.shape[:2]
        if known is not None:
            self._known = known.copy()
        elif self._known.shape != shape:
            self._known = np.zeros(shape, bool)
        self._at = None
        self.changed.emit()
        self.update()

    def keep(self, known: NDArray[np.bool_]) -> None:
        """Keep these pixels and no others."""
        self._known = known.copy()
        self.changed.emit()
        self.update()

    def set_empty_text(self, text: str) -> None:
        """Say what to do while there is no picture."""
        self._empty = text
        self.update()

    def sizeHint(self) -> QSize:
        """A square as wide as a side panel."""
        return QSize(_EDGE, _EDGE)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Paint by keys."""
        key = event.key()
        if self._picture is None or not self.painting:
            super().keyPressEvent(event)
        elif key in _MOVES:
            self._move(*_MOVES[key])
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._paint_at(key == Qt.Key.Key_Space and not self.erasing)
            self.changed.emit()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a stroke."""
        if self._picture is None or not self.painting:
            return
        self._stroke = not self.erasing and event.button() is Qt.MouseButton.LeftButton
        self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show the brush, and paint while a button is held."""
        if self._picture is not None and self.painting:
            self._go(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the stroke."""
        if self._stroke is not None:
            self._stroke = None
            self.changed.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files."""
        if dropped_paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand them over."""
        event.acceptProposedAction()
        self.dropped.emit(dropped_paths(event.mimeData()))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The brush is no longer here."""
        self._at = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture, the veil and the brush."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), token_colour(self.palette(), "canvas"))
        if self._picture is None:
            painter.setPen(token_colour(self.palette(), "muted"))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(24, 0, -24, 0), flags, self._empty)
        else:
            self._draw(painter, self._picture)
        if self.hasFocus():
            painter.setPen(QPen(token_colour(self.palette(), "accent"), 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

    def _draw(self, painter: QPainter, picture: NDArray[np.uint8]) -> None:
        area, checks = self._area(), checkerboard(self.palette())
        size = (area.size() * self.devicePixelRatioF()).toSize()
        paint_picture(painter, area, scaled(qimage_from_array(picture), size, False), checks)
        if not self.painting:
            return
        paint_picture(
            painter, area, scaled(qimage_from_array(self._veil()), size, False), QBrush(Qt.BrushStyle.NoBrush)
        )
        if self._at is not None:
            self._draw_brush(painter, area)

    def _veil(self) -> NDArray[np.uint8]:
        """A grey that shows on white and on black, over everything that is drawn anew, as RGBA."""
        colour = token_colour(self.palette(), "strong_line")
        veil = np.zeros((*self._known.shape, 4), np.uint8)
        veil[~self._known] = (colour.red(), colour.green(), colour.blue(), _VEIL)
        return veil

    def _draw_brush(self, painter: QPainter, area: QRectF) -> None:
        assert self._at is not None
        cell = area.width() / self._known.shape[1]
        row, column = self._at
        low = (self.brush - 1) // 2
        square = QRectF(area.x() + (column - low) * cell, area.y() + (row - low) * cell, 0, 0)
        square.setSize(QSizeF(self.brush * cell, self.brush * cell))
        painter.setPen(QPen(token_colour(self.palette(), "accent_text"), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(square.intersected(area))

    def _area(self) -> QRectF:
        height, width = self._known.shape
        ratio = self.devicePixelRatioF()
        size = fitted(QSize(width, height), self.size() * ratio, False).toSizeF() / ratio
        corner = QPointF(self.width() - size.width(), self.height() - size.height()) / 2
        return QRectF(QPointF(round(corner.x()), round(corner.y())), size)

    def _go(self, place: QPointF) -> None:
        area, (height, width) = self._area(), self._known.shape
        column = int((place.x() - area.x()) * width // area.width())
        row = int((place.y() - area.y()) * height // area.height())
        self._at = (min(max(row, 0), height - 1), min(max(column, 0), width - 1))
        if self._stroke is not None:
            self._paint_at(self._stroke)
        self.update()

    def _move(self, down: int, right: int) -> None:
        height, width = self._known.shape
        row, column = self._at or (height // 2, width // 2)
        self._at = (min(max(row + down, 0), height - 1), min(max(column + right, 0), width - 1))
        self.update()

    def _paint_at(self, keep: bool) -> None:
        height, width = self._known.shape
        row, column = self._at or (height // 2, width // 2)
        low = (self.brush - 1) // 2
        top, left = row - low, column - low
        self._known[max(top, 0) : top + self.brush, max(left, 0) : left + self.brush] = keep
        self.update()
