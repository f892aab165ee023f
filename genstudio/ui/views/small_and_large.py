"""A small picture and its enlarged version side by side: the same part of both, at one scale."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from genstudio.ui.theme import GRID, token_colour
from genstudio.ui.views.checks import checkerboard
from genstudio.ui.views.image import qimage_from_array

_HEIGHT, _GAP = 320, 2 * GRID
_STEP = 0.05  # of the picture, with an arrow key
_ARROWS: dict[int, tuple[float, float]] = {
    Qt.Key.Key_Left: (-_STEP, 0.0),
    Qt.Key.Key_Right: (_STEP, 0.0),
    Qt.Key.Key_Up: (0.0, -_STEP),
    Qt.Key.Key_Down: (0.0, _STEP),
}


class SmallAndLarge(QWidget):
    """Two panes. What is larger than a pane is shown pixel for pixel, in part; dragging and arrow keys move the part.

    `moved` says that another part is shown.
    """

    moved = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self._small: QImage | None = None
        self._large: QImage | None = None
        self._smooth = False
        self._grabbed: QPointF | None = None
        self.at = QPointF(0.5, 0.5)  # the middle of the part, in shares of the picture
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_small(self, picture: NDArray[np.uint8]) -> None:
        """Show another small picture, uint8 (h, w, C), and nothing beside it yet."""
        self._small, self._large, self.at = qimage_from_array(picture), None, QPointF(0.5, 0.5)
        self.update()

    def show_large(self, picture: NDArray[np.uint8]) -> None:
        """Show the enlarged one beside it, uint8 (H, W, C), finished or not."""
        self._large = qimage_from_array(picture)
        self.update()

    def set_smooth(self, smooth: bool) -> None:
        """Show the small picture plainly enlarged, or its pixels as squares."""
        self._smooth = smooth
        self.update()

    @property
    def in_part(self) -> bool:
        """Whether there is more of the pictures than is shown."""
        size = self._size()
        return size.width() > self._pane().width() or size.height() > self._pane().height()

    def sizeHint(self) -> QSize:
        """Two squares."""
        return QSize(2 * _HEIGHT + _GAP, _HEIGHT)

    def move_to(self, at: QPointF) -> None:
        """Show the part around a place, in shares of the picture, as far as there is one."""
        size, pane = self._size(), self._pane()
        across = min(0.5, pane.width() / (2 * max(size.width(), 1)))
        down = min(0.5, pane.height() / (2 * max(size.height(), 1)))
        self.at = QPointF(min(max(at.x(), across), 1 - across), min(max(at.y(), down), 1 - down))
        self.moved.emit()
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of both."""
        if self.in_part:
            self._grabbed = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move both along."""
        if self._grabbed is not None:
            by, size = event.position() - self._grabbed, self._size()
            self._grabbed = event.position()
            self.move_to(self.at - QPointF(by.x() / size.width(), by.y() / size.height()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._grabbed = None
        self.unsetCursor()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the part."""
        arrow = _ARROWS.get(event.key())
        if arrow is not None and self.in_part:
            self.move_to(self.at + QPointF(*arrow))
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The frame shows that the keyboard is here."""
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The same."""
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw both panes."""
        painter, pane = QPainter(self), self._pane()
        second = pane.translated(pane.width() + _GAP, 0)
        for area, image, smooth in ((pane, self._small, self._smooth), (second, self._large, False)):
            painter.setClipRect(area)
            painter.fillRect(area, token_colour(self.palette(), "canvas"))
            if image is not None:
                self._draw(painter, area, image, smooth)
            painter.setPen(QPen(token_colour(self.palette(), "accent" if self.hasFocus() else "line"), 1))
            painter.drawRect(area.adjusted(0, 0, -1, -1))

    def _draw(self, painter: QPainter, pane: QRectF, image: QImage, smooth: bool) -> None:
        """Draw the part of an image that is seen, as large as the other one."""
        size = self._size()
        across, down = min(1.0, pane.width() / size.width()), min(1.0, pane.height() / size.height())
        left = min(max(self.at.x() - across / 2, 0.0), 1 - across)
        top = min(max(self.at.y() - down / 2, 0.0), 1 - down)
        width, height = image.width(), image.height()
        source = QRectF(left * width, top * height, across * width, down * height)
        target = QRectF(0, 0, across * size.width(), down * size.height())
        ratio, corner = self.devicePixelRatioF(), pane.center() - target.center()
        target.moveTo(math.floor(corner.x() * ratio) / ratio, math.floor(corner.y() * ratio) / ratio)
        if image.hasAlphaChannel():
            painter.setBrushOrigin(target.topLeft())
            painter.fillRect(target, checkerboard(self.palette()))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(target, image, source)

    def _pane(self) -> QRectF:
        return QRectF(0, 0, (self.width() - _GAP) // 2, self.height())

    def _size(self) -> QSizeF:
        """The size of the whole picture here: a pixel for a pixel of the screen, or larger by a whole step to fill."""
        image = self._large or self._small
        if image is None:
            return QSizeF(1, 1)
        ratio, pane = self.devicePixelRatioF(), self._pane()
        room = min(pane.width() * ratio / image.width(), pane.height() * ratio / image.height())
        step = max(1, math.floor(room)) / ratio
        return QSizeF(image.width() * step, image.height() * step)
