"""One picture over the page, as near as one likes."""

import math
from collections.abc import Callable

import shiboken6
from PySide6.QtCore import QEvent, QLineF, QObject, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from genstudio.ui.views.checks import checkerboard
from genstudio.ui.views.image import fitted, scaled

LEAST, MOST = 1 / 32, 128.0  # device pixels to a pixel of the picture
NOTCH = 120
ZOOM_PER_NOTCH = 1.25
GRID_FROM = 10  # logical pixels to a pixel of the picture
BORDER = 24
BAR = 56
EDGE = QColor(128, 128, 128, 90)
NEXT_KEYS = (Qt.Key.Key_Right, Qt.Key.Key_PageDown)
BACK_KEYS = (Qt.Key.Key_Left, Qt.Key.Key_PageUp)
CLOSE_KEYS = (Qt.Key.Key_Escape, Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ZoomView(QWidget):
    """A picture that covers its parent until Escape.

    Wheel, + and -: zoom; drag: move; 0 or double click: fit; 1: a pixel for a pixel; arrows:
    the next picture and the one before; S stars; Delete deletes; Space, Enter, Escape: close.
    """

    step_wanted = Signal(int)  # 1 for the next picture, -1 for the one before
    star_wanted = Signal()
    delete_wanted = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._page = parent
        self._image = QImage()
        self._reduced: QImage | None = None
        self._scale = 1.0  # device pixels to a pixel of the picture
        self._corner = QPointF()  # the picture's top left, in this widget
        self._fits = True
        self._grabbed: QPointF | None = None
        self._before: QWidget | None = None
        self._caption = QLabel()
        self._facts = QLabel()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAutoFillBackground(True)
        self.setAccessibleName(self.tr("Picture"))
        self._lay_out()
        self.hide()
        parent.installEventFilter(self)

    def show_picture(self, image: QImage, caption: str) -> None:
        """Cover the parent with a picture; the caption is shown as plain text."""
        self._image, self._reduced = image, None
        self._caption.setText(caption)
        self.setAccessibleDescription(caption)
        if not self.isVisible():
            self._before = QApplication.focusWidget()
            self.setGeometry(self._page.rect())
            self.show()
            self.raise_()
            self.setFocus()
        self.fit()

    def fit(self) -> None:
        """Show the whole picture, as large as there is room."""
        self._fits = True
        room, ratio = self._room(), self.devicePixelRatioF()
        box = QSize(max(1, int(room.width() * ratio)), max(1, int(room.height() * ratio)))
        self._scale = fitted(self._image.size(), box, False).width() / max(self._image.width(), 1)
        self._corner = room.center() - QPointF(self._area().width(), self._area().height()) / 2
        self._changed()

    def show_pixels(self) -> None:
        """Show a pixel of the picture on a pixel of the screen."""
        self.zoom(1 / self._scale)

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom about a place in this widget, or about the middle."""
        self._fits = False
        place = self._room().center() if at is None else at
        scale = min(max(self._scale * factor, LEAST), MOST)
        self._corner = place + (self._corner - place) * (scale / self._scale)
        self._scale = scale
        self._changed()

    @property
    def scale(self) -> float:
        """How many device pixels a pixel of the picture takes."""
        return self._scale

    def pixel_at(self, place: QPointF) -> QPointF:
        """Give the place in the picture, in its own pixels, under a place in this widget."""
        return (place - self._corner) * self.devicePixelRatioF() / self._scale

    def close_view(self) -> None:
        """Give the page back, and the keyboard to who had it."""
        self.hide()
        self._image, self._reduced, self._grabbed = QImage(), None, None
        if self._before is not None and shiboken6.isValid(self._before):
            self._before.setFocus()
        self._before = None
        self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep covering the parent when it changes its size."""
        if watched is self._page and event.type() == QEvent.Type.Resize and self.isVisible():
            self.setGeometry(self._page.rect())
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture, and its pixels' edges when they are large."""
        if self._image.isNull():
            return
        painter = QPainter(self)
        painter.setClipRect(self._room().adjusted(-BORDER, 0, BORDER, BORDER))
        area = self._area()
        if self._image.hasAlphaChannel():
            painter.setBrushOrigin(area.topLeft())
            painter.fillRect(area, checkerboard(self.palette()))
        if self._scale < 1:
            painter.drawImage(area, self._made_smaller())
        else:
            self._paint_enlarged(painter)
        if self._scale >= GRID_FROM * self.devicePixelRatioF():
            self._paint_edges(painter)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Go on fitting, where the picture did."""
        super().resizeEvent(event)
        if self._fits and not self._image.isNull():
            self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the pointer."""
        self.zoom(ZOOM_PER_NOTCH ** (event.angleDelta().y() / NOTCH), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the picture."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._grabbed = event.position() - self._corner
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the picture along."""
        if self._grabbed is not None:
            self._fits = False
            self._corner = event.position() - self._grabbed
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of it."""
        self._grabbed = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Fit."""
        self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom, go on and back, star, delete, close."""
        match event.key():
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.zoom(ZOOM_PER_NOTCH)
            case Qt.Key.Key_Minus:
                self.zoom(1 / ZOOM_PER_NOTCH)
            case Qt.Key.Key_0 | Qt.Key.Key_F:
                self.fit()
            case Qt.Key.Key_1:
                self.show_pixels()
            case Qt.Key.Key_S:
                self.star_wanted.emit()
            case Qt.Key.Key_Delete | Qt.Key.Key_Backspace:
                self.delete_wanted.emit()
            case key if key in CLOSE_KEYS:
                self.close_view()
            case key if key in NEXT_KEYS or key in BACK_KEYS:
                self.step_wanted.emit(1 if key in NEXT_KEYS else -1)
            case _:
                super().keyPressEvent(event)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(16, 8, 16, 8)
        row.setSpacing(8)
        row.addWidget(_button("\N{LEFTWARDS ARROW}", self.tr("Previous picture"), self._go_back))
        row.addWidget(_button("\N{RIGHTWARDS ARROW}", self.tr("Next picture"), self._go_on))
        row.addSpacing(8)
        for label in (self._caption, self._facts):
            label.setTextFormat(Qt.TextFormat.PlainText)
            row.addWidget(label)
        self._facts.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        row.addStretch(1)
        row.addWidget(_button(self.tr("Fit"), self.tr("The whole picture (0)"), self.fit))
        row.addWidget(_button("1 : 1", self.tr("A pixel for a pixel (1)"), self.show_pixels))
        row.addWidget(_button(self.tr("Close"), self.tr("Back to the page (Esc)"), self.close_view))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addStretch(1)

    def _room(self) -> QRectF:
        return QRectF(self.rect()).adjusted(BORDER, BAR, -BORDER, -BORDER)

    def _area(self) -> QRectF:
        """Give the area of the picture in this widget, from a whole device pixel on."""
        ratio = self.devicePixelRatioF()
        size = self._image.size()
        left, top = (math.floor(p * ratio) / ratio for p in self._corner.toTuple())
        scale = self._scale / ratio
        return QRectF(left, top, size.width() * scale, size.height() * scale)

    def _made_smaller(self) -> QImage:
        size = self._image.size() * self._scale
        if self._reduced is None or self._reduced.size() != size:
            self._reduced = scaled(self._image, size, True)
        return self._reduced

    def _paint_enlarged(self, painter: QPainter) -> None:
        """Paint the pixels that are seen, and no others: enlarged, all would be far too many."""
        area, step = self._area(), self._scale / self.devicePixelRatioF()
        seen = QRectF(self.rect()) & area
        left, top = (math.floor(p / step) for p in (seen.topLeft() - area.topLeft()).toTuple())
        right, bottom = (math.ceil(p / step) for p in (seen.bottomRight() - area.topLeft()).toTuple())
        source = QRectF(left, top, right - left, bottom - top)
        corner = area.topLeft() + source.topLeft() * step
        painter.drawImage(QRectF(corner, source.size() * step), self._image, source)

    def _paint_edges(self, painter: QPainter) -> None:
        area, step = self._area(), self._scale / self.devicePixelRatioF()
        seen = QRectF(self.rect()) & area
        painter.setPen(QPen(EDGE, 0))
        for n in range(self._image.width() + 1):
            x = area.left() + n * step
            if seen.left() <= x <= seen.right():
                painter.drawLine(QLineF(x, seen.top(), x, seen.bottom()))
        for n in range(self._image.height() + 1):
            y = area.top() + n * step
            if seen.top() <= y <= seen.bottom():
                painter.drawLine(QLineF(seen.left(), y, seen.right(), y))

    def _changed(self) -> None:
        size = self._image.size()
        self._facts.setText(f"{size.width()} × {size.height()} · {self._scale:.0%}")
        self.update()

    @Slot()
    def _go_back(self) -> None:
        self.step_wanted.emit(-1)

    @Slot()
    def _go_on(self) -> None:
        self.step_wanted.emit(1)


def _button(text: str, tip: str, action: Callable[[], None]) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.clicked.connect(action)
    return button
