"""What every place of the window has in common."""

from collections.abc import Callable
from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from genstudio.ui.context import Place, Subject, UiContext
from genstudio.ui.icons import icon
from genstudio.ui.theme import GRID


class Page(QWidget):
    """One place. Subclasses set `place`, build their widgets in `__init__` and fill them in `shown`.

    Actions made with `add_action` appear in a menu of the page's name while the page is on show (so two pages may
    use the same shortcut), and always in the command palette.
    """

    place: ClassVar[Place]

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self.context = context
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)

    def set_content(self, centre: QWidget, side: QWidget | None = None) -> None:
        """Put one thing in the middle, and its settings on the right. Called once."""
        frame = QWidget()
        layout = QVBoxLayout(frame)
        layout.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        layout.addWidget(centre)
        self._row.addWidget(frame, 1)
        if side is not None:
            self._row.addWidget(side)

    def add_action(
        self, text: str, call: Callable[[], None], *, icon_name: str = "", shortcut: str = "", tip: str = ""
    ) -> QAction:
        """Add something a person can do here. `shortcut` is like "Ctrl+Return"; `tip` says when it is of use."""
        action = QAction(text, self)
        if icon_name:
            action.setIcon(icon(icon_name))
        if shortcut:
            action.setShortcut(QKeySequence(shortcut))
        action.setToolTip(tip or text)
        action.setStatusTip(tip)
        action.triggered.connect(lambda: call())
        self.addAction(action)
        return action

    def shown(self) -> None:
        """The page comes into view; bring it up to date."""

    def project_changed(self) -> None:
        """Another project was opened, or none is open any more."""

    def closing(self) -> None:
        """The window is about to go: end the threads and timers that the page began."""

    def show_subject(self, subject: Subject) -> None:
        """Show this thing; called after `shown`. Kinds that mean nothing here are ignored."""
