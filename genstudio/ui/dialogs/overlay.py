"""A sheet over the window, in place of a dialog: Escape or a click beside it closes it, and focus goes back."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QVBoxLayout, QWidget
from shiboken6 import isValid

from genstudio.ui.theme import BODY, GRID, token_colour
from genstudio.ui.widgets.buttons import IconButton
from genstudio.ui.widgets.text import PlainLabel


class Overlay(QWidget):
    """Covers its host and shows a card in the middle; subclasses fill `column`. It deletes itself when closed."""

    closed = Signal()

    def __init__(self, host: QWidget, title: str, width: int = 560) -> None:
        super().__init__(host)
        self._host = host
        self._back = host.window().focusWidget()
        self.setAccessibleName(title)
        self.card = QFrame()
        self.card.setProperty("role", "floating")
        wanted = round(width * self.fontInfo().pixelSize() / BODY)
        self.card.setFixedWidth(min(wanted, max(320, host.width() - 8 * GRID)))
        self.column = QVBoxLayout(self.card)
        self.column.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 3 * GRID)
        self.column.setSpacing(2 * GRID)
        if title:
            self._add_head(title)
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        outer.addWidget(self.card, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(3)
        host.installEventFilter(self)
        QApplication.instance().focusChanged.connect(self._keep_focus)  # type: ignore[union-attr]  # a widget has one

    def open(self, first: QWidget | None = None) -> None:
        """Show the sheet in place of any other, and let the keyboard begin at `first`."""
        for other in self._host.findChildren(Overlay):
            if other is not self:
                other.leave()
        self.setGeometry(self._host.rect())
        self.show()
        self.raise_()
        (first or self.card).setFocus(Qt.FocusReason.PopupFocusReason)

    def leave(self) -> None:
        """Close the sheet."""
        if self._host is None or not self.isVisible():
            return
        QApplication.instance().focusChanged.disconnect(self._keep_focus)  # type: ignore[union-attr]  # as above
        self._host.removeEventFilter(self)
        self.hide()
        if self._back is not None and isValid(self._back) and self._back.isVisible():
            self._back.setFocus()
        self.closed.emit()
        self.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside the card closes."""
        if not self.card.geometry().contains(event.position().toPoint()):
            self.leave()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Dim what lies beneath."""
        QPainter(self).fillRect(self.rect(), token_colour(self.palette(), "shadow"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep covering the host."""
        if watched is self._host and event.type() == QEvent.Type.Resize:
            self.setGeometry(self._host.rect())
        return super().eventFilter(watched, event)

    def _add_head(self, title: str) -> None:
        close = IconButton("close", self.tr("Close"))
        close.clicked.connect(self.leave)
        head = QHBoxLayout()
        head.addWidget(PlainLabel(title, "heading"), 1)
        head.addWidget(close)
        self.column.addLayout(head)

    def _keep_focus(self, old: QWidget | None, new: QWidget | None) -> None:
        if new is not None and self.isVisible() and not self.isAncestorOf(new) and new.window() is self.window():
            (old if old is not None and self.isAncestorOf(old) else self.card).setFocus()
