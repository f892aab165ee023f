"""A list of facts: titles at the left, values at the right."""

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from genstudio.ui.models.facts import Fact
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.fields import value_label
from genstudio.ui.widgets.text import PlainLabel, set_tip


class FactList(QWidget):
    """Titles at the left, values at the right; values can be selected and copied."""

    def __init__(self, title: str = "") -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        self._heading = PlainLabel(title, "heading")
        self._heading.hide()
        column.addWidget(self._heading)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(2 * GRID)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._values: list[QLabel] = []
        self._shown: tuple[Fact, ...] = ()
        column.addLayout(self._grid)

    def show_facts(self, facts: Iterable[Fact]) -> None:
        """Show these facts."""
        facts = tuple(facts)
        if [fact[0] for fact in facts] != [fact[0] for fact in self._shown]:
            self._rebuild(facts)
        for label, (_, value, _) in zip(self._values, facts, strict=True):
            label.setText(value)
        self._shown = facts
        self._heading.setVisible(bool(facts and self._heading.text()))

    def facts(self) -> tuple[Fact, ...]:
        """What is shown."""
        return self._shown

    def _rebuild(self, facts: tuple[Fact, ...]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self._values.clear()
        for row, (title, _, sentence) in enumerate(facts):
            name, value = PlainLabel(title, "small"), value_label()
            value.setWordWrap(True)
            value.setAlignment(Qt.AlignmentFlag.AlignRight)
            set_tip(name, sentence)
            self._values.append(value)
            self._grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(value, row, 1)
