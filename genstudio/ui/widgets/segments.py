"""A row of joined buttons of which one is down, and small toggles."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QGridLayout, QPushButton, QSizePolicy

from genstudio.ui.icons import icon
from genstudio.ui.widgets.text import set_tip


class Segments(QFrame):
    """A choice of one among a few, all in view. `changed` carries the value a person chose.

    `options` are (value, text, tip); `icons` may give a drawing per value. `columns` is how many stand in a row, 0 for
    all of them.
    """

    changed = Signal(str)

    def __init__(
        self,
        name: str,
        options: Sequence[tuple[str, str, str]],
        value: str,
        icons: dict[str, str] | None = None,
        *,
        columns: int = 0,
    ) -> None:
        super().__init__()
        self.setProperty("role", "segments")
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._buttons: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)
        layout = QGridLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(1)
        for place, (option, text, tip) in enumerate(options):
            button = self._make(f"{name}: {text}", text, tip, (icons or {}).get(option, ""))
            self._buttons[option] = button
            button.clicked.connect(lambda _checked=False, chosen=option: self.changed.emit(chosen))
            row, column = divmod(place, columns or len(options))
            layout.addWidget(button, row, column)
            layout.setColumnStretch(column, 1)
        self.set_value(value)

    def value(self) -> str:
        """The chosen value."""
        return next((value for value, button in self._buttons.items() if button.isChecked()), "")

    def set_value(self, value: str) -> None:
        """Choose a value, without `changed`."""
        if value in self._buttons:
            self._buttons[value].setChecked(True)

    def button(self, value: str) -> QPushButton:
        """The button of a value, as for disabling it."""
        return self._buttons[value]

    def _make(self, name: str, text: str, tip: str, icon_name: str) -> QPushButton:
        button = QPushButton(text.replace("&", "&&"))
        button.setCheckable(True)
        button.setAccessibleName(name)
        set_tip(button, tip)
        if icon_name:
            button.setIcon(icon(icon_name))
        self._group.addButton(button)
        return button


class Chip(QPushButton):
    """A small round toggle, as for filters."""

    def __init__(self, text: str, *, checked: bool = False, tip: str = "") -> None:
        super().__init__(text.replace("&", "&&"))
        self.setProperty("role", "chip")
        self.setCheckable(True)
        self.setChecked(checked)
        self.setAccessibleName(text)
        set_tip(self, tip)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
