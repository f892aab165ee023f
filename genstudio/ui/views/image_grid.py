"""A batch of pictures as one grid, for watching a model learn."""

import math

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from genstudio.ui.views.checks import checkerboard
from genstudio.ui.views.gallery_keys import goal_of
from genstudio.ui.views.image import CLEAR, OPAQUE, Pixels, fitted, write_pixels

GAP = 8


class ImageGridView(QWidget):
    """Pictures of one size, as large as they fit, their pixels kept crisp.

    The pictures lie one below the other in a single sheet of memory, which the next batch of
    the same shape is written into; showing a batch allocates nothing for each picture.
    """

    clicked = Signal(int)  # which picture

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sheet: QImage | None = None
        self._source: QImage | None = None
        self._blend = False  # whether painting from the source mixes neighbouring pixels
        self._size = QSize()  # of a picture, in its own pixels
        self._shown = QSize()  # of a picture, in device pixels
        self._count = 0
        self._columns = 1
        self._smooth = False
        self._current = -1
        self._empty_text = ""
        self._checks = checkerboard(self.palette())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Pictures"))

    def set_images(self, images: Pixels) -> None:
        """Show a batch, uint8 (N, H, W) or (N, H, W, 1, 3 or 4).

        Raises:
            ValueError: another shape or another type of number.
        """
        images = images[..., None] if images.ndim == 3 else images
        if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] not in (1, 3, 4):
            raise ValueError(f"A batch is uint8 (N, H, W, 1, 3 or 4), not {images.dtype} {images.shape}.")
        count, height, width, channels = images.shape
        kind = CLEAR if channels == 4 else OPAQUE
        sheet = self._sheet
        if sheet is None or (sheet.width(), sheet.height()) != (width, count * height) or sheet.format() != kind:
            sheet = QImage(width, count * height, kind)
        self._source = None  # else the sheet would be copied before it is written to
        write_pixels(sheet, images.reshape(count * height, width, channels))
        self._sheet, self._count, self._size = sheet, count, QSize(width, height)
        self._arrange()

    def clear(self) -> None:
        """Show nothing."""
        self._sheet, self._count = None, 0
        self._arrange()

    def count(self) -> int:
        """Give how many pictures are shown."""
        return self._count

    def set_smooth(self, smooth: bool) -> None:
        """Enlarge smoothly, or (the usual) keep pixels crisp."""
        self._smooth = smooth
        self._arrange()

    def set_empty_text(self, text: str) -> None:
        """Say what is shown as long as there is no picture."""
        self._empty_text = text
        self.update()

    def cell_rect(self, index: int) -> QRectF:
        """Give the area of a picture in this widget, on whole device pixels."""
        ratio = self.devicePixelRatioF()
        row, column = divmod(index, self._columns)
        rows = -(-self._count // self._columns)
        pitch_x, pitch_y = self._shown.width() + GAP * ratio, self._shown.height() + GAP * ratio
        left = (self.width() * ratio - self._columns * pitch_x + GAP * ratio) / 2
        top = (self.height() * ratio - rows * pitch_y + GAP * ratio) / 2
        x, y = math.floor(left + column * pitch_x), math.floor(top + row * pitch_y)
        size = self._shown
        return QRectF(x / ratio, y / ratio, size.width() / ratio, size.height() / ratio)

    def sizeHint(self) -> QSize:
        """Ask for a square that shows something."""
        return QSize(320, 320)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the pictures out of their sheet."""
        painter = QPainter(self)
        if self._source is None:
            painter.setPen(self.palette().placeholderText().color())
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect(), flags, self._empty_text)
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._blend)
        for index in range(self._count):
            area = self.cell_rect(index)
            if event.region().intersects(area.toAlignedRect()):
                self._paint_picture(painter, self._source, index, area)

    def resizeEvent(self, event: QEvent) -> None:
        """Arrange the pictures for the new size."""
        self._arrange()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Say which picture was clicked."""
        for index in range(self._count):
            if self.cell_rect(index).contains(event.position()):
                self._go(index)
                self.clicked.emit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move by the arrows; Space or Enter is a click."""
        goal = goal_of(event.key(), self._current, self._count, self._columns, 1)
        if goal is not None:
            self._go(goal)
        elif self._current >= 0 and event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.clicked.emit(self._current)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show it no longer."""
        super().focusOutEvent(event)
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        """Take up the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._checks = checkerboard(self.palette())

    def _arrange(self) -> None:
        """Find the size at which most is seen, and prepare the sheet to be painted at it."""
        self._source = None
        if self._sheet is not None and self._count:
            sizes = {c: self._size_in(c) for c in range(1, self._count + 1)}
            # Of equal sizes the fullest rows, and of those the widest block.
            self._columns = max(sizes, key=lambda c: (sizes[c].width(), -(-self._count % c), c))
            self._shown = sizes[self._columns]
            self._source, self._blend = self._prepared(self._sheet)
        self._current = min(self._current, self._count - 1)
        self.update()

    def _size_in(self, columns: int) -> QSize:
        """Give the size of a picture, in device pixels, when they stand in so many columns."""
        ratio, rows = self.devicePixelRatioF(), -(-self._count // columns)
        across = (self.width() - (columns - 1) * GAP) / columns * ratio
        down = (self.height() - (rows - 1) * GAP) / rows * ratio
        return fitted(self._size, QSize(max(1, int(across)), max(1, int(down))), self._smooth)

    def _prepared(self, sheet: QImage) -> tuple[QImage, bool]:
        """Give what to paint from, and whether to blend: enlarged by blocks, reduced by halves."""
        factor = self._shown.width() / self._size.width()
        if factor >= 1 and (self._smooth or factor == int(factor)):
            return sheet, self._smooth
        if factor > 1:
            return sheet.scaled(sheet.size() * math.ceil(factor)), True
        halves = 2 ** int(math.log2(1 / factor))
        if halves == 1:
            return sheet, True
        way = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
        width = max(1, sheet.width() // halves)
        height = max(1, self._size.height() // halves) * self._count
        return sheet.scaled(QSize(width, height), *way), True

    def _paint_picture(self, painter: QPainter, source: QImage, index: int, area: QRectF) -> None:
        if source.hasAlphaChannel():
            painter.setBrushOrigin(area.topLeft())
            painter.fillRect(area, self._checks)
        height = source.height() / self._count
        painter.drawImage(area, source, QRectF(0, index * height, source.width(), height))
        if index == self._current and self.hasFocus():
            painter.setPen(QPen(self.palette().highlight().color(), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(area.adjusted(-1, -1, 1, 1))

    def _go(self, index: int) -> None:
        self._current = index
        self.setAccessibleDescription(self.tr("Picture {place} of {count}").format(place=index + 1, count=self._count))
        self.update()
