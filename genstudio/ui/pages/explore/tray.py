"""The tray: picked pictures in a row, and where more of them come from."""

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from genstudio.ui.pages.explore.picks import MOST, Picks
from genstudio.ui.theme import GRID, token_colour
from genstudio.ui.views.image import qimage_from_array
from genstudio.ui.views.plot_colours import smaller
from genstudio.ui.widgets.buttons import Button, IconButton
from genstudio.ui.widgets.cards import Card
from genstudio.ui.widgets.layouts import row
from genstudio.ui.widgets.pictures import draw_picture
from genstudio.ui.widgets.text import PlainLabel, plain_tip

_EDGE, _LEAST, _GAP = 56, 28, 6
_NUMBER = 16


class Strip(QWidget):
    """The pictures of the tray. Arrows move, Alt with an arrow moves the picture, Delete takes it out.

    `chosen` and `removed` carry which one; `moved` by how much the current one.
    """

    chosen = Signal(int)
    removed = Signal(int)
    moved = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._picks = Picks()
        self.setAccessibleName(self.tr("Picked pictures"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_picks(self, picks: Picks) -> None:
        """Show these."""
        self._picks = picks
        if picks.chosen is not None:
            place = self.tr("Picture {number} of {count}").format(number=picks.current + 1, count=len(picks))
            self.setAccessibleDescription(f"{place}, {picks.chosen.about}")
        else:
            self.setAccessibleDescription("")
        self.update()

    def sizeHint(self) -> QSize:
        """A row."""
        return QSize(8 * (_EDGE + _GAP), _EDGE + 4)

    def minimumSizeHint(self) -> QSize:
        """A row of small ones."""
        return QSize(MOST // 2 * _LEAST, _EDGE + 4)

    def event(self, event: object) -> bool:
        """Say of a picture where it came from."""
        if isinstance(event, QHelpEvent):
            index = self._index_at(event.pos())
            text = "" if index is None else self._picks.items[index].about
            QToolTip.showText(event.globalPos(), plain_tip(text), self)
            return True
        return super().event(event)  # type: ignore[arg-type]  # Qt calls it with events only

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, reorder, take out."""
        steps: dict[int, int] = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        step = steps.get(event.key())
        if step is not None and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.moved.emit(step)
        elif step is not None:
            self.chosen.emit(self._picks.current + step)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self._picks.items:
            self.removed.emit(self._picks.current)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click chooses."""
        index = self._index_at(event.position().toPoint())
        if index is not None:
            self.chosen.emit(index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """A picture that is dragged past another one changes places with it."""
        index = self._index_at(event.position().toPoint())
        if index is not None and index != self._picks.current:
            self.moved.emit(1 if index > self._picks.current else -1)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The frame shows that the keyboard is here."""
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The same."""
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pictures with their numbers."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(smaller(self.font()))
        canvas = token_colour(self.palette(), "canvas")
        for index, pick in enumerate(self._picks.items):
            cell = self._cell(index)
            draw_picture(painter, cell.adjusted(2, 2, -2, -2), qimage_from_array(pick.image), 3, canvas)
            current = index == self._picks.current
            token = ("accent" if self.hasFocus() else "text") if current else "line"
            painter.setPen(QPen(token_colour(self.palette(), token), 2 if current else 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(cell.adjusted(1, 1, -1, -1), 4, 4)
            self._draw_number(painter, cell, index)

    def _draw_number(self, painter: QPainter, cell: QRectF, index: int) -> None:
        side = max(_NUMBER, painter.fontMetrics().height() + 2)
        badge = QRectF(cell.left() + 3, cell.top() + 3, side, side)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(token_colour(self.palette(), "raised"))
        painter.drawRoundedRect(badge, 3, 3)
        painter.setPen(token_colour(self.palette(), "muted"))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, str(index + 1))

    def _edge(self) -> int:
        count = max(len(self._picks), 1)
        return max(_LEAST, min(_EDGE, (self.width() + _GAP) // count - _GAP))

    def _cell(self, index: int) -> QRectF:
        edge = self._edge()
        return QRectF(index * (edge + _GAP), (self.height() - edge) / 2, edge, edge)

    def _index_at(self, place: QPoint) -> int | None:
        found = (index for index in range(len(self._picks)) if self._cell(index).contains(place))
        return next(found, None)


class Tray(Card):
    """The strip with its buttons."""

    def __init__(self) -> None:
        super().__init__(margins=GRID, spacing=4)
        self.strip = Strip()
        self.random = Button(self.tr("By chance"), icon_name="dice", tip=self.tr("A picture by chance (Ctrl+D)"))
        self.data = IconButton("data", self.tr("A picture the model learned from…"))
        self.file = IconButton("folder-open", self.tr("Any picture on this computer… Or drop it here."))
        self.starred = IconButton("star", self.tr("The pictures of this run that have a star"))
        self.remove = IconButton("close", self.tr("Take the current picture out of the tray"))
        self.clear = IconButton("trash", self.tr("Empty the tray"))
        self._about = PlainLabel("", "small")
        self._about.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        head = QWidget()
        layout = QHBoxLayout(head)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(PlainLabel(self.tr("Tray"), "heading"))
        layout.addSpacing(GRID)
        layout.addWidget(self._about, 1)
        for part in (self.random, self.data, self.file, self.starred, self.remove, self.clear):
            layout.addWidget(part)
        self.column.addWidget(head)
        body = QWidget()
        below = QVBoxLayout(body)
        below.setContentsMargins(0, 0, 0, 0)
        below.addLayout(row(self.strip))
        self.column.addWidget(body)

    def show_picks(self, picks: Picks, waiting: str = "") -> None:
        """Show what was picked; `waiting` says why nothing can be added now."""
        self.strip.show_picks(picks)
        self._about.setText(picks.chosen.about if picks.chosen else "")
        nothing = "" if picks.items else self.tr("The tray is empty.")
        self.remove.disable_because(nothing)
        self.clear.disable_because(nothing)
        full = waiting or (self.tr("The tray is full. Take something out first.") if len(picks) >= MOST else "")
        for button in (self.random, self.data, self.file, self.starred):
            button.disable_because(full)
