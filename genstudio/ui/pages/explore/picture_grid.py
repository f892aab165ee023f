"""Pictures in a fixed number of columns, as large as they fit: for grids, candidates, and one large picture."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from genstudio.ui.icons import paint_icon
from genstudio.ui.theme import token_colour
from genstudio.ui.views.image import qimage_from_array
from genstudio.ui.widgets.pictures import draw_picture

_FRAME = 2


class PictureGrid(QWidget):
    """Arrows move, Space or a click toggles, Return or a double click takes.

    `current_changed`, `toggled` and `taken` carry which picture. Marked ones bear a heart. With `at_top` they begin at
    the upper edge instead of being centred.
    """

    current_changed = Signal(int)
    toggled = Signal(int)
    taken = Signal(int)

    def __init__(self, name: str, columns: int = 1, gap: int = 6) -> None:
        super().__init__()
        self._name, self._gap = name, gap
        self.columns = columns
        self.at_top = False
        self._images: list[QImage | None] = []
        self._marked: Collection[int] = ()
        self.current = 0
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_images(self, images: Sequence[NDArray[np.uint8] | None], columns: int | None = None) -> None:
        """Show these pictures, uint8 (H, W, C); None is one that is not drawn yet."""
        self._images = [None if image is None else qimage_from_array(image) for image in images]
        self.columns = columns or self.columns
        self.current = min(self.current, max(len(self._images) - 1, 0))
        self._say()
        self.update()

    def show_some(self, start: int, images: NDArray[np.uint8]) -> None:
        """Show some of them, uint8 (N, H, W, C)."""
        for index, image in enumerate(images, start):
            if index < len(self._images):
                self._images[index] = qimage_from_array(image)
        self.update()

    def mark(self, marked: Collection[int]) -> None:
        """Put hearts on these."""
        self._marked = marked
        self._say()
        self.update()

    def count(self) -> int:
        """How many there are."""
        return len(self._images)

    def is_whole(self) -> bool:
        """Whether every one is drawn."""
        return all(image is not None for image in self._images)

    def choose(self, index: int) -> None:
        """Make one the current one."""
        if 0 <= index < len(self._images) and index != self.current:
            self.current = index
            self._say()
            self.update()
            self.current_changed.emit(index)

    def cell(self, index: int) -> QRectF:
        """Where a picture is."""
        side = self._side()
        rows = -(-len(self._images) // self.columns)
        left = (self.width() - self.columns * side - (self.columns - 1) * self._gap) / 2
        top = 0.0 if self.at_top else (self.height() - rows * side - (rows - 1) * self._gap) / 2
        row, column = divmod(index, self.columns)
        return QRectF(
            round(left + column * (side + self._gap)), round(max(top, 0) + row * (side + self._gap)), side, side
        )

    def sizeHint(self) -> QSize:
        """Room for something to be seen."""
        return QSize(400, 320)

    def minimumSizeHint(self) -> QSize:
        """Less will do."""
        return QSize(120, 120)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, toggle, take."""
        key = Qt.Key
        steps: dict[int, int] = {
            key.Key_Left: -1,
            key.Key_Right: 1,
            key.Key_Up: -self.columns,
            key.Key_Down: self.columns,
        }
        step = steps.get(event.key())
        if step is not None:
            self.choose(self.current + step)
        elif event.key() == key.Key_Space and self._images:
            self.toggled.emit(self.current)
        elif event.key() in (key.Key_Return, key.Key_Enter) and self._images:
            self.taken.emit(self.current)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click chooses and toggles."""
        index = self._index_at(event.position().toPoint())
        if index is not None and event.button() is Qt.MouseButton.LeftButton:
            self.choose(index)
            self.toggled.emit(index)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click takes; the click it began with is undone."""
        index = self._index_at(event.position().toPoint())
        if index is not None:
            self.toggled.emit(index)
            self.taken.emit(index)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The frame shows that the keyboard is here."""
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The same."""
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pictures, the frame of the current one, and the hearts."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        canvas = token_colour(self.palette(), "canvas")
        radius = 4 if self.columns < 8 else 2
        for index, image in enumerate(self._images):
            draw_picture(painter, self.cell(index), image, radius, canvas)
            self._draw_marks(painter, self.cell(index), index)

    def _draw_marks(self, painter: QPainter, cell: QRectF, index: int) -> None:
        chosen = index == self.current and len(self._images) > 1
        if index in self._marked or (chosen and self.hasFocus()):
            painter.setPen(
                QPen(token_colour(self.palette(), "accent"), 2 * _FRAME if index in self._marked else _FRAME)
            )
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(cell.adjusted(-1, -1, 1, 1), 5, 5)
        if index in self._marked:
            badge = QRectF(cell.right() - 28, cell.top() + 4, 24, 24)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(token_colour(self.palette(), "accent"))
            painter.drawEllipse(badge)
            paint_icon(painter, "heart", badge.adjusted(5, 5, -5, -5), token_colour(self.palette(), "on_accent"))

    def _say(self) -> None:
        place = self.tr("Picture {number} of {count}").format(number=self.current + 1, count=len(self._images))
        liked = self.tr("chosen") if self.current in self._marked else ""
        self.setAccessibleDescription(", ".join(filter(None, (place, liked))) if self._images else "")

    def _side(self) -> int:
        rows = max(1, -(-len(self._images) // self.columns))
        across = (self.width() - (self.columns - 1) * self._gap) // self.columns
        down = (self.height() - (rows - 1) * self._gap) // rows
        return max(1, min(across, down))

    def _index_at(self, place: QPoint) -> int | None:
        found = (index for index in range(len(self._images)) if self.cell(index).contains(place))
        return next(found, None)
