"""A few pictures of which one is the current one."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from genstudio.ui.theme import SMALL, token_colour
from genstudio.ui.widgets.pictures import draw_picture

_GAP, _FRAME = 6, 2


class PictureChoice(QWidget):
    """Cells of one size, as many in a row as fit; a caption may stand below each.

    Arrows move, a click, Return or Space takes. `current_changed` follows the arrows and clicks, `taken` the taking.
    """

    current_changed = Signal(int)
    taken = Signal(int)

    def __init__(self, name: str, edge: int = 48, captioned: bool = False) -> None:
        super().__init__()
        self._name, self._edge, self._line = name, edge, SMALL + 6 if captioned else 0
        self._images: list[QImage] = []
        self._captions: Sequence[str] = ()
        self.current = 0
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_images(self, images: list[QImage], captions: Sequence[str] = ()) -> None:
        """Show these pictures; the current one stays current while there are so many."""
        if len(images) != len(self._images):
            self.updateGeometry()
        self._images, self._captions = images, captions
        self.current = min(self.current, max(len(images) - 1, 0))
        self._say()
        self.update()

    def choose(self, index: int) -> None:
        """Make a picture the current one."""
        if 0 <= index < len(self._images) and index != self.current:
            self.current = index
            self._say()
            self.update()
            self.current_changed.emit(index)

    def sizeHint(self) -> QSize:
        """Four in a row."""
        width = 4 * (self._edge + _GAP) - _GAP
        return QSize(width, self.heightForWidth(width))

    def hasHeightForWidth(self) -> bool:
        """As many rows as are needed."""
        return True

    def heightForWidth(self, width: int) -> int:
        """As many rows as are needed."""
        rows = -(-max(len(self._images), 1) // self._columns(width))
        return rows * (self._edge + self._line + _GAP) - _GAP

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move; Return and Space take."""
        columns, key = self._columns(self.width()), Qt.Key
        steps: dict[int, int] = {key.Key_Left: -1, key.Key_Right: 1, key.Key_Up: -columns, key.Key_Down: columns}
        step = steps.get(event.key())
        if step is not None:
            self.choose(self.current + step)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._images:
            self.taken.emit(self.current)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click chooses and takes."""
        index = self._index_at(event.position().toPoint())
        if index is not None:
            self.choose(index)
            self.taken.emit(index)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The frame shows that the keyboard is here."""
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The same."""
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cells, a frame around the current one, and the captions."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        canvas = token_colour(self.palette(), "canvas")
        for index, image in enumerate(self._images):
            cell = self._cell(index)
            draw_picture(painter, cell.adjusted(_FRAME, _FRAME, -_FRAME, -_FRAME), image, 3, canvas)
            self._draw_frame(painter, cell, index == self.current)
            if index < len(self._captions):
                below = QRectF(cell.x(), cell.bottom(), cell.width(), self._line)
                painter.setPen(token_colour(self.palette(), "muted"))
                painter.drawText(below, Qt.AlignmentFlag.AlignCenter, self._captions[index])

    def _draw_frame(self, painter: QPainter, cell: QRectF, current: bool) -> None:
        token = "line" if not current else "accent" if self.hasFocus() else "muted"
        painter.setPen(QPen(token_colour(self.palette(), token), _FRAME if current else 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(cell.adjusted(1, 1, -1, -1), 4, 4)

    def _say(self) -> None:
        place = self.tr("Picture {number} of {count}").format(number=self.current + 1, count=len(self._images))
        caption = f", {self._captions[self.current]}" if self.current < len(self._captions) else ""
        self.setAccessibleDescription(f"{place}{caption}" if self._images else "")

    def _columns(self, width: int) -> int:
        return max(1, (width + _GAP) // (self._edge + _GAP))

    def _cell(self, index: int) -> QRectF:
        row, place = divmod(index, self._columns(self.width()))
        step = self._edge + _GAP
        return QRectF(place * step, row * (step + self._line), self._edge, self._edge)

    def _index_at(self, place: QPoint) -> int | None:
        found = (index for index in range(len(self._images)) if self._cell(index).contains(place))
        return next(found, None)
