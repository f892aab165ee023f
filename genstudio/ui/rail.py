"""The rail on the left: the places of the window."""

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QButtonGroup, QFrame, QToolButton, QVBoxLayout

from genstudio.ui.context import Place
from genstudio.ui.icons import icon
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.text import set_tip

WIDTH = 88


class Rail(QFrame):
    """One button for each place; `chosen` carries the place."""

    chosen = Signal(object)

    def __init__(self, titles: dict[Place, str]) -> None:
        super().__init__()
        self.setProperty("role", "rail")
        self._buttons: dict[Place, QToolButton] = {}
        group = QButtonGroup(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GRID, GRID, GRID, GRID)
        layout.setSpacing(4)
        for number, (place, title) in enumerate(titles.items(), 1):
            button = self._make(place, title, number)
            group.addButton(button)
            self._buttons[place] = button
            layout.addWidget(button)
        layout.addStretch(1)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Give larger text more room."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._fit()

    def show_place(self, place: Place) -> None:
        """Mark the place on show."""
        self._buttons[place].setChecked(True)
        for known, button in self._buttons.items():
            button.setIcon(icon(known.value, "accent_text" if known is place else "muted"))

    def _make(self, place: Place, title: str, number: int) -> QToolButton:
        button = QToolButton()
        button.setProperty("role", "place")
        button.setCheckable(True)
        button.setText(title)
        button.setAccessibleName(title)
        button.setIcon(icon(place.value, "muted"))
        button.setIconSize(QSize(24, 24))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        set_tip(button, f"{title}  (Ctrl+{number})")
        button.clicked.connect(lambda: self.chosen.emit(place))
        return button

    def _fit(self) -> None:
        # Measured in the bold face of the chosen place, so that nothing moves when another one is chosen.
        font = QFont(self.font())
        font.setBold(True)
        metrics = QFontMetrics(font)
        widest = max((metrics.horizontalAdvance(button.text()) for button in self._buttons.values()), default=0)
        width = max(WIDTH, widest + 4 * GRID)
        self.setFixedWidth(width)
        for button in self._buttons.values():
            button.setFixedSize(width - 2 * GRID - 1, 44 + metrics.height())
