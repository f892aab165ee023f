"""The palette: everything a person can do, found by typing a few letters of it."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from genstudio.ui.actions import Entry
from genstudio.ui.dialogs.overlay import Overlay
from genstudio.ui.theme import GRID, token_colour
from genstudio.ui.widgets.fields import SearchField

_ROW = 32
_ROWS = 10
_ENTRY = Qt.ItemDataRole.UserRole
_KEYS_FOR_LIST = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class CommandPalette(Overlay):
    """Lists what can be done; Return does it."""

    def __init__(self, host: QWidget, entries: Sequence[Entry]) -> None:
        super().__init__(host, "", width=600)
        self.setAccessibleName(self.tr("Command palette"))
        self._entries = list(entries)
        self.column.setContentsMargins(GRID, GRID, GRID, GRID)
        self.column.setSpacing(GRID)
        self._field = SearchField(self.tr("What do you want to do?"))
        self._field.textChanged.connect(self._filter)
        self._field.installEventFilter(self)
        self._list = QListWidget()
        self._list.setAccessibleName(self.tr("Commands"))
        self._list.setItemDelegate(_Delegate(self._list))
        self._list.setUniformItemSizes(True)
        self._list.setFixedHeight(_ROWS * _ROW + 2 * GRID)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.itemClicked.connect(self._do)
        self.column.addWidget(self._field)
        self.column.addWidget(self._list)
        self._filter("")

    def begin(self) -> None:
        """Show the palette and let the person type."""
        self.open(self._field)

    def shown_texts(self) -> list[str]:
        """What is listed now, best match first."""
        return [self._list.item(index).text() for index in range(self._list.count())]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The field keeps the keyboard; keys that move go to the list."""
        if watched is self._field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in _KEYS_FOR_LIST:
                self._list.keyPressEvent(event)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._do(self._list.currentItem())
                return True
        return super().eventFilter(watched, event)

    def _filter(self, typed: str) -> None:
        self._list.clear()
        ranked = [(score, index) for index, entry in enumerate(self._entries) if (score := match(typed, entry))]
        for _, index in sorted(ranked, key=lambda pair: (-pair[0], pair[1])):
            entry = self._entries[index]
            item = QListWidgetItem(entry.text)
            item.setData(_ENTRY, entry)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{entry.menu}: {entry.text} {entry.shortcut}")
            self._list.addItem(item)
        self._list.setCurrentRow(0)

    def _do(self, item: QListWidgetItem | None) -> None:
        entry = item.data(_ENTRY) if item is not None else None
        if isinstance(entry, Entry) and (entry.lead or entry.action.isEnabled()):
            self.leave()
            entry.do()


def match(typed: str, entry: Entry) -> float:
    """Say how well an entry fits what was typed: 0 not at all; whole words count more than scattered letters."""
    wanted = typed.casefold().split()
    text = f"{entry.text} {entry.menu}".casefold()
    if not wanted:
        return 1.0
    if all(part in text for part in wanted):
        starts = sum(any(word.startswith(part) for word in text.split()) for part in wanted)
        return 10.0 + starts + (5.0 if text.startswith(wanted[0]) else 0.0)
    letters = iter(text)
    return 1.0 if all(letter in letters for letter in "".join(wanted)) else 0.0


class _Delegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, _ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        entry = index.data(_ENTRY)
        if not isinstance(entry, Entry):
            return
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        palette = QApplication.palette()
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(token_colour(palette, "accent_soft"))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawRoundedRect(rect, 5, 5)
        inner = rect.adjusted(GRID + 24, 0, -GRID, 0)
        entry.action.icon().paint(painter, QRect(rect.x() + GRID, rect.y() + (_ROW - 16) // 2, 16, 16))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(token_colour(palette, "text" if entry.action.isEnabled() else "faint"))
        metrics = painter.fontMetrics()
        room = inner.width() - metrics.horizontalAdvance(entry.menu + entry.shortcut) - 3 * GRID
        text = metrics.elidedText(entry.text, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(inner, middle | Qt.AlignmentFlag.AlignLeft, text)
        painter.setPen(token_colour(palette, "muted"))
        painter.drawText(inner, middle | Qt.AlignmentFlag.AlignRight, entry.shortcut)
        beside = inner.adjusted(metrics.horizontalAdvance(text) + GRID, 0, 0, 0)
        painter.setPen(token_colour(palette, "faint"))
        painter.drawText(beside, middle | Qt.AlignmentFlag.AlignLeft, entry.menu)
        painter.restore()
