"""Surfaces: cards, section heads, badges, folds, messages in place, and places where there is nothing yet."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from genstudio.ui.icons import icon
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.buttons import Button
from genstudio.ui.widgets.icon_view import IconView
from genstudio.ui.widgets.layouts import column, row
from genstudio.ui.widgets.text import PlainLabel, restyle
from genstudio.ui.widgets.tones import DRAWINGS, Tone, tone_icon


class Card(QFrame):
    """A raised surface with a column of widgets in it."""

    def __init__(self, *, margins: int = 2 * GRID, spacing: int = GRID) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(margins, margins, margins, margins)
        self.column.setSpacing(spacing)


class HotCard(Card):
    """A card that can be chosen with the mouse or the keyboard. `name` is what a screen reader says."""

    chosen = Signal()

    def __init__(self, name: str, *, margins: int = 2 * GRID, spacing: int = GRID) -> None:
        super().__init__(margins=margins, spacing=spacing)
        self.setProperty("hot", "true")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(name)

    def mark(self, chosen: bool) -> None:
        """Show the card as the chosen one of several."""
        self.setProperty("chosen", "true" if chosen else "false")
        restyle(self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click chooses the card."""
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.chosen.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return and Space choose the card."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit()
        else:
            super().keyPressEvent(event)


class SectionHeader(QWidget):
    """A heading with an optional remark under it and controls at its right."""

    def __init__(self, title: str, remark: str = "", *controls: QWidget) -> None:
        super().__init__()
        self.title = PlainLabel(title, "heading")
        self.remark = PlainLabel(remark, "small", wrap=True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addLayout(column(self.title, self.remark, spacing=2), 1)
        self.remark.setVisible(bool(remark))
        for control in controls:
            layout.addWidget(control, 0, Qt.AlignmentFlag.AlignTop)


class PageHeader(QWidget):
    """The title of a place, a sentence under it, and its main buttons at the right."""

    def __init__(self, title: str, sentence: str = "", *controls: QWidget) -> None:
        super().__init__()
        self.title = PlainLabel(title, "title")
        self.sentence = PlainLabel(sentence, "muted", wrap=True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, GRID)
        layout.setSpacing(GRID)
        layout.addLayout(column(self.title, self.sentence, spacing=4), 1)
        self.sentence.setVisible(bool(sentence))
        for control in controls:
            layout.addWidget(control, 0, Qt.AlignmentFlag.AlignTop)

    def set_title(self, title: str) -> None:
        """Show another title."""
        self.title.setText(title)

    def set_sentence(self, sentence: str) -> None:
        """Show another sentence, or none."""
        self.sentence.setText(sentence)
        self.sentence.setVisible(bool(sentence))


class Badge(PlainLabel):
    """A word about how something stands. The word says it; the colour only helps."""

    def __init__(self, text: str = "", kind: str = "") -> None:
        super().__init__(text, "badge")
        self.setProperty("kind", kind)
        self.setSizePolicy(self.sizePolicy().horizontalPolicy().Maximum, self.sizePolicy().verticalPolicy().Fixed)

    def show_state(self, text: str, kind: str = "") -> None:
        """Show another word; `kind` is "", "good", "warning", "bad" or "accent"."""
        self.setText(text)
        if kind != self.property("kind"):
            self.setProperty("kind", kind)
            restyle(self)


class Fold(QWidget):
    """A part that is folded away under its title until it is wanted."""

    toggled = Signal(bool)

    def __init__(self, title: str, content: QWidget, *, open_: bool = False) -> None:
        super().__init__()
        self._content = content
        self._button = QToolButton()
        self._button.setProperty("role", "fold")
        self._button.setText(title)
        self._button.setAccessibleName(title)
        self._button.setCheckable(True)
        self._button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._button.toggled.connect(self._turn)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self._button)
        layout.addWidget(content)
        self._button.setChecked(open_)
        self._turn(open_)

    def set_title(self, title: str) -> None:
        """Show another title on the fold."""
        self._button.setProperty("role", "fold")
        self._button.setText(title)

    def title(self) -> str:
        """What stands on the fold."""
        return self._button.text()

    def is_open(self) -> bool:
        """Whether the part can be seen."""
        return self._button.isChecked()

    def set_open(self, open_: bool) -> None:
        """Fold or unfold."""
        self._button.setChecked(open_)

    def _turn(self, open_: bool) -> None:
        self._button.setIcon(icon("chevron-down" if open_ else "chevron-right", "muted"))
        self._content.setVisible(open_)
        self.toggled.emit(open_)


class Notice(QFrame):
    """A message in its place, with a drawing, the words, and at most two buttons."""

    def __init__(self, text: str = "", tone: Tone = Tone.PLAIN, *buttons: Button) -> None:
        super().__init__()
        self.setProperty("role", "notice")
        self._icon = tone_icon(tone)
        self._label = PlainLabel(text, wrap=True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(GRID + 4, GRID, GRID, GRID)
        layout.setSpacing(GRID)
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(self._label, 1)
        for button in buttons:
            layout.addWidget(button)
        self._say(text, tone)
        if not text:
            self.hide()  # never shown here: without a parent yet, it would be a window of its own

    def text(self) -> str:
        """The words."""
        return self._label.text()

    def show_text(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show these words; an empty text hides the message."""
        self._say(text, tone)
        self.setVisible(bool(text))

    def _say(self, text: str, tone: Tone) -> None:
        self._label.setText(text)
        self.setAccessibleName(text)
        self._icon.show_icon(*DRAWINGS[tone])
        if tone.value != self.property("kind"):
            self.setProperty("kind", tone.value)
            restyle(self)


class EmptyState(QWidget):
    """What an empty place shows: what belongs here, and the one next step."""

    def __init__(self, icon_name: str, title: str, sentence: str, *buttons: Button) -> None:
        super().__init__()
        self.title = PlainLabel(title, "heading")
        self.sentence = PlainLabel(sentence, "muted", wrap=True)
        self.title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.sentence.setFixedWidth(420)
        middle = Qt.AlignmentFlag.AlignHCenter
        layout = QVBoxLayout(self)
        layout.setSpacing(GRID)
        layout.addStretch(2)
        layout.addWidget(IconView(icon_name, "faint", 40), 0, middle)
        layout.addWidget(self.title, 0, middle)
        layout.addLayout(row(1, self.sentence, 1))  # not by alignment: a wrapped text would get too little height
        layout.addSpacing(GRID)
        line = QHBoxLayout()
        line.addStretch()
        for button in buttons:
            line.addWidget(button)
        line.addStretch()
        layout.addLayout(line)
        layout.addStretch(3)
