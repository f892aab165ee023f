"""A gallery of any number of pictures: to look through, choose from and act on."""

from PySide6.QtCore import QEvent, QMimeData, QPoint, QRect, Qt, QUrl, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDrag,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPalette,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QApplication, QWidget

from genstudio.ui.views.gallery_grid import SIZE_PER_NOTCH, PictureGrid
from genstudio.ui.views.gallery_keys import goal_of
from genstudio.ui.views.gallery_paint import CellState
from genstudio.ui.views.gallery_selection import Selection
from genstudio.ui.views.gallery_types import GalleryModel

SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
DRAG_EDGE = 96
SCROLL_MS = 30
"""How often the page moves on while a rubber band is held beyond its edge."""


class Gallery(PictureGrid):
    """Pictures in a grid, to choose, star, open, delete and drag out.

    Keys: arrows, Home, End, Page Up and Page Down move (with Shift they extend, with Ctrl they
    only go); Space or Enter opens; Ctrl + Space chooses besides; S stars; Delete deletes;
    Ctrl + A chooses all; Escape chooses none; Ctrl + wheel, Ctrl + Plus and Ctrl + Minus size
    the cells.
    """

    opened = Signal(str)  # key
    star_wanted = Signal(list)  # keys
    delete_wanted = Signal(list)  # keys
    menu_wanted = Signal(QPoint)  # a place on the screen; what is chosen is meant
    selection_changed = Signal()
    current_changed = Signal(str)  # key

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._selection = Selection()
        self._by_keyboard = False
        self._hovered: int | None = None
        self._pressed: QPoint | None = None  # on the page
        self._pressed_index: int | None = None
        self._collapses = False  # a release without a drag chooses the pressed picture alone
        self._band: QRect | None = None  # on the page
        self._scroll_timer = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Gallery"))
        self.viewport().setMouseTracking(True)

    def reset(self) -> None:
        """Begin again: the model holds other pictures than before."""
        self._selection = Selection()
        self._hovered = None
        super().reset()
        self.selection_changed.emit()

    def inserted(self, first: int, count: int) -> None:
        """Follow the model, in which ``count`` pictures have come in at ``first``."""
        self._selection.inserted(first, count)
        self.lay_out()

    def removed(self, first: int, count: int) -> None:
        """Follow the model, from which the ``count`` pictures from ``first`` on have gone."""
        self._selection.removed(first, count, self.count())
        self._hovered = None
        self.lay_out()
        self.selection_changed.emit()

    def chosen_keys(self) -> list[str]:
        """Give what is chosen, in the gallery's order."""
        if self._model is None:
            return []
        return [self._model.key(index) for index in sorted(self._selection.chosen)]

    def current_key(self) -> str | None:
        """Give the picture the keyboard is at."""
        if self._model is None or not 0 <= self._selection.current < self.count():
            return None
        return self._model.key(self._selection.current)

    def go(self, index: int) -> None:
        """Choose one picture, and bring it into view."""
        if 0 <= index < self.count():
            self._selection.only(index)
            self._say_changed()

    def step(self, by: int) -> str | None:
        """Choose the next picture (1) or the one before (-1); give its key, None at the ends."""
        index = self._selection.current + by
        if not 0 <= index < self.count():
            return None
        self.go(index)
        return self.current_key()

    def choose_all(self) -> None:
        """Choose every picture."""
        self._selection.all(self.count())
        self._say_changed()

    def choose_none(self) -> None:
        """Choose no picture."""
        self._selection.clear()
        self._say_changed()

    def drag_data(self) -> QMimeData:
        """Give what a drag of the chosen pictures carries: their files."""
        data = QMimeData()
        if self._model is not None:
            paths = [self._model.path(index) for index in sorted(self._selection.chosen)]
            data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths if path is not None])
        return data

    def state_of(self, model: GalleryModel, index: int) -> CellState:
        """Say whether a picture is chosen, current and starred; caption the one that is looked at."""
        current = index == self._selection.current and self.hasFocus()
        captioned = index == self._hovered or (current and self._by_keyboard)
        return CellState(
            index in self._selection.chosen,
            current,
            model.star(index),
            model.caption(index) if captioned else "",
        )

    def paint_above(self, painter: QPainter) -> None:
        """Paint the rubber band."""
        if self._band is not None:
            accent = self.palette().color(QPalette.ColorRole.Highlight)
            painter.setPen(QPen(accent, 0))
            painter.setBrush(QColor(accent.red(), accent.green(), accent.blue(), 40))
            painter.drawRect(self._band)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose, or begin what may become a rubber band or a drag."""
        index = self.index_at(event.position().toPoint())
        self._by_keyboard = False
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._pressed_index = self._on_page(event), index
            self._press(index, event.modifiers())
        elif event.button() == Qt.MouseButton.RightButton:
            if index is None:
                self.choose_none()
            elif index not in self._selection.chosen:
                self.go(index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Caption the picture under the mouse; carry on a rubber band or begin a drag."""
        self._hover(self.index_at(event.position().toPoint()))
        if self._pressed is None:
            return
        place = self._on_page(event)
        if self._band is not None:
            self._stretch(place)
        elif (place - self._pressed).manhattanLength() >= QApplication.startDragDistance():
            self._pressed = None
            self._collapses = False
            self._drag_out()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Finish what the press began."""
        if self._collapses and self._pressed_index is not None:
            self.go(self._pressed_index)
        self._end_press()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open the picture."""
        if self.index_at(event.position().toPoint()) is not None:
            self._open()

    def viewportEvent(self, event: QEvent) -> bool:
        """Notice that the mouse leaves; all else goes its usual way."""
        if event.type() == QEvent.Type.Leave:
            self._hover(None)
        return super().viewportEvent(event)

    def timerEvent(self, event: QEvent) -> None:
        """Move the page on while a rubber band is held beyond its edge."""
        place = self.viewport().mapFromGlobal(self.cursor().pos())
        beyond = min(place.y(), 0) + max(place.y() - self.viewport().height(), 0)
        if self._band is not None and beyond:
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + beyond)
            self._stretch(place + QPoint(0, bar.value()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for a menu about what is chosen, where the mouse or the current picture is."""
        place = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard and self._selection.current >= 0:
            place = self.viewport().mapToGlobal(self.cell_rect(self._selection.current).center())
        self.menu_wanted.emit(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, choose, open, star, delete."""
        if not (self._move_by_key(event) or self._act_by_key(event)):
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is."""
        super().focusInEvent(event)
        tabbed = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self._by_keyboard = event.reason() in tabbed
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show it no longer."""
        super().focusOutEvent(event)
        self.viewport().update()

    def _press(self, index: int | None, keys: Qt.KeyboardModifier) -> None:
        if index is None:
            self._selection.begin_band(keep=bool(keys & (SHIFT | CTRL)))
            self._band = QRect(self._pressed or QPoint(), self._pressed or QPoint())
            self._scroll_timer = self.startTimer(SCROLL_MS)
        elif keys & SHIFT:
            self._selection.extend(index)
        elif keys & CTRL:
            self._selection.toggle(index)
        elif index in self._selection.chosen:
            self._collapses = True
            self._selection.go(index)
        else:
            self._selection.only(index)
        self._say_changed(follow=index is not None)

    def _end_press(self) -> None:
        self._pressed = self._band = None
        self._collapses = False
        if self._scroll_timer:
            self.killTimer(self._scroll_timer)
            self._scroll_timer = 0
        self.viewport().update()

    def _stretch(self, place: QPoint) -> None:
        self._band = QRect(self._pressed or place, place).normalized()
        self._selection.band(self.grid.inside(self._band))
        self.viewport().update()
        self.selection_changed.emit()

    def _drag_out(self) -> None:
        data = self.drag_data()
        if not data.hasUrls():
            return
        drag = QDrag(self)
        drag.setMimeData(data)
        key = self.current_key()
        image = self._thumbs.picture(key, DRAG_EDGE, self._smooth) if key else None
        if image is not None:
            drag.setPixmap(QPixmap.fromImage(image))
        drag.exec(Qt.DropAction.CopyAction)

    def _hover(self, index: int | None) -> None:
        before, self._hovered = self._hovered, index
        if before != index:
            for cell in (before, index):
                if cell is not None:
                    self.viewport().update(self.cell_rect(cell))

    def _on_page(self, event: QMouseEvent) -> QPoint:
        return event.position().toPoint() + QPoint(0, self.verticalScrollBar().value())

    def _move_by_key(self, event: QKeyEvent) -> bool:
        rows = self.viewport().height() // self.grid.pitch
        goal = goal_of(event.key(), self._selection.current, self.count(), self.grid.columns, rows)
        if goal is None:
            return False
        self._by_keyboard = True
        if event.modifiers() & SHIFT:
            self._selection.extend(goal)
        elif event.modifiers() & CTRL:
            self._selection.go(goal)
        else:
            self._selection.only(goal)
        self._say_changed()
        return True

    def _act_by_key(self, event: QKeyEvent) -> bool:
        control = bool(event.modifiers() & CTRL)
        match event.key(), control:
            case Qt.Key.Key_Space, True:
                self._toggle_current()
            case ((Qt.Key.Key_Space | Qt.Key.Key_Return | Qt.Key.Key_Enter), False):
                self._open()
            case Qt.Key.Key_S, False:
                self.star_wanted.emit(self.chosen_keys())
            case ((Qt.Key.Key_Delete | Qt.Key.Key_Backspace), False):
                self.delete_wanted.emit(self.chosen_keys())
            case Qt.Key.Key_A, True:
                self.choose_all()
            case Qt.Key.Key_Escape, False if self._selection.chosen:
                self.choose_none()
            case ((Qt.Key.Key_Plus | Qt.Key.Key_Equal), True):
                self.set_cell_size(round(self._cell * SIZE_PER_NOTCH))
            case Qt.Key.Key_Minus, True:
                self.set_cell_size(round(self._cell / SIZE_PER_NOTCH))
            case _:
                return False
        return True

    def _toggle_current(self) -> None:
        if self.current_key() is not None:
            self._selection.toggle(self._selection.current)
            self._say_changed()

    def _open(self) -> None:
        key = self.current_key()
        if key is not None:
            self.opened.emit(key)

    def _say_changed(self, follow: bool = True) -> None:
        """Show and say that something else is chosen or current."""
        key = self.current_key()
        if key is not None and follow:
            self.bring_into_view(self._selection.current)
            self._describe(self._selection.current)
            self.current_changed.emit(key)
        self.selection_changed.emit()
        self.viewport().update()

    def _describe(self, index: int) -> None:
        """Let a screen reader say where the keyboard is."""
        if self._model is not None:
            said = self.tr("Picture {place} of {count}: {caption}").format(
                place=index + 1, count=self.count(), caption=self._model.caption(index)
            )
            self.setAccessibleDescription(said)
