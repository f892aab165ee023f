"""A control with its title, unit, help line and error; a panel of such on the right; a search field."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from genstudio.ui.icons import icon
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.layouts import rule, scrolling
from genstudio.ui.widgets.text import PlainLabel, restyle

SIDE_WIDTH = 328


class FieldRow(QWidget):
    """A titled control. The help line is always in view; an error takes its place until it is mended."""

    def __init__(self, title: str, control: QWidget, help: str = "", unit: str = "") -> None:
        super().__init__()
        self.control = control
        self._help = help
        label = PlainLabel(title)
        label.setBuddy(control)
        if not control.accessibleName():
            control.setAccessibleName(title)
        control.setAccessibleDescription(help)
        head = QHBoxLayout()
        head.addWidget(label, 1)
        if unit:
            head.addWidget(PlainLabel(unit, "small"))
        self._note = PlainLabel(help, "small", wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(control)
        layout.addWidget(self._note)
        self._note.setVisible(bool(help))

    @property
    def error(self) -> str:
        """The error on show, or an empty text."""
        return self._note.text() if self._note.property("role") == "error" else ""

    def show_error(self, error: str) -> None:
        """Show an error beside the control; an empty text brings the help line back."""
        self._note.set_role("error" if error else "small")
        self._note.setText(error or self._help)
        self._note.setVisible(bool(error or self._help))
        self.control.setAccessibleDescription(error or self._help)
        self.control.setProperty("invalid", "true" if error else "false")
        restyle(self.control)

    def set_help(self, help: str) -> None:
        """Change the help line."""
        self._help = help
        if not self.error:
            self.show_error("")


class SidePanel(QFrame):
    """The settings on the right of a place: a scrolling column, and a foot that is always in view."""

    def __init__(self, width: int = SIDE_WIDTH) -> None:
        super().__init__()
        self.setProperty("role", "side")
        self.setFixedWidth(width)
        body = QWidget()
        self.column = QVBoxLayout(body)
        self.column.setContentsMargins(2 * GRID, 3 * GRID, 2 * GRID, 2 * GRID)
        self.column.setSpacing(2 * GRID)
        self.area: QScrollArea = scrolling(body)
        self.area.verticalScrollBar().rangeChanged.connect(self._keep_edge)
        self.foot = QVBoxLayout()
        self.foot.setContentsMargins(2 * GRID, GRID, 2 * GRID, 2 * GRID)
        self.foot.setSpacing(GRID)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self._edge = rule()
        self._edge.hide()
        layout.addWidget(self.area, 1)
        layout.addWidget(self._edge)
        layout.addLayout(self.foot)

    def _keep_edge(self, _low: int, high: int) -> None:
        """Let the scroll bar take its room from the margin, so that what scrolls ends where the foot does.

        A line above the foot shows that there is more behind it.
        """
        self._edge.setVisible(high > 0 and self.foot.count() > 0)
        bar = self.area.verticalScrollBar().sizeHint().width() if high else 0
        self.column.setContentsMargins(2 * GRID, 3 * GRID, max(2 * GRID - bar, 0), 2 * GRID)


class SearchField(QLineEdit):
    """A field that filters what is shown below it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setPlaceholderText(name)
        self.setClearButtonEnabled(True)
        self.addAction(icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)


class TextField(QLineEdit):
    """A field for a line of text."""

    def __init__(self, name: str, text: str = "") -> None:
        super().__init__(text)
        self.setAccessibleName(name)


def value_label(text: str = "") -> QLabel:
    """Make a label whose text can be selected and copied, as for figures and paths."""
    label = PlainLabel(text)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return label
