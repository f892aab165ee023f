"""Text that is never taken for markup: labels and tooltips for anything, file names included."""

from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

Role = Literal["", "title", "heading", "muted", "small", "faint", "error", "number", "badge"]

_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


class PlainLabel(QLabel):
    """A label that shows its text as it is. `role` chooses size and colour (see studio.qss)."""

    def __init__(self, text: str = "", role: Role = "", *, wrap: bool = False) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setWordWrap(wrap)
        self.setText(text)
        if wrap:
            self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    def set_role(self, role: Role) -> None:
        """Change size and colour."""
        if role != self.property("role"):
            self.setProperty("role", role)
            restyle(self)


class ElidedLabel(QWidget):
    """One line that shortens itself with an ellipsis when there is no room; the whole text is its tooltip."""

    def __init__(self, text: str = "", role: Role = "", mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight) -> None:
        super().__init__()
        self._text = ""
        self._mode = mode
        self._label = PlainLabel("", role)
        self._label.setParent(self)
        self._label.hide()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def text(self) -> str:
        """The whole text."""
        return self._text

    def setText(self, text: str) -> None:
        """Show another text."""
        self._text = " ".join(text.split())
        self.setAccessibleName(self._text)
        set_tip(self, self._text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as the whole text."""
        metrics = self._metrics()
        return QSize(metrics.horizontalAdvance(self._text) + 2, metrics.height() + 2)

    def minimumSizeHint(self) -> QSize:
        """Wide enough for a few letters."""
        metrics = self._metrics()
        return QSize(metrics.averageCharWidth() * 4, metrics.height() + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much of the text as fits."""
        paint_line(self, self._label, self._text, self._mode)

    def _metrics(self) -> QFontMetrics:
        self._label.ensurePolished()
        return self._label.fontMetrics()


class Readout(QWidget):
    """One line of figures that change all the time. It takes the room there is, so that no layout follows them."""

    def __init__(self, role: Role = "small") -> None:
        super().__init__()
        self._text = ""
        self._label = PlainLabel("", role)
        self._label.setParent(self)
        self._label.hide()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        """What it says."""
        return self._text

    def setText(self, text: str) -> None:
        """Say something else."""
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.update()

    def sizeHint(self) -> QSize:
        """A line."""
        self._label.ensurePolished()
        return QSize(320, self._label.fontMetrics().height() + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much of the text as fits."""
        paint_line(self, self._label, self._text, Qt.TextElideMode.ElideRight)


def paint_line(widget: QWidget, label: QLabel, text: str, mode: Qt.TextElideMode) -> None:
    """Draw a line of text into a widget as a label of its would, shortened to the room there is."""
    label.ensurePolished()
    painter = QPainter(widget)
    painter.setFont(label.font())
    painter.setPen(label.palette().color(label.foregroundRole()))
    place = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    painter.drawText(widget.rect(), place, label.fontMetrics().elidedText(text, mode, widget.width()))


def set_tip(widget: QWidget | QAction, text: str) -> None:
    """Give a plain tooltip to a widget or action; Qt would otherwise guess whether it is markup."""
    widget.setToolTip(plain_tip(text))


def plain_tip(text: str) -> str:
    """Wrap text so that a tooltip shows it as it is, at most a screen's worth, broken into lines."""
    return f"<span>{text[:2000].translate(_MARKUP)}</span>" if text else ""


def restyle(widget: QWidget) -> None:
    """Let the style sheet look again after a dynamic property changed."""
    if not widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
        return  # its first look is still to come; asking for the style loads all of QStyle
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    widget.update()
