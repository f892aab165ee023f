"""Text that is never taken for markup: labels and tooltips for anything, file names included."""

from html import escape
from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

Role = Literal["", "title", "heading", "muted", "small", "faint", "error", "number", "badge"]


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
        painter = QPainter(self)
        painter.setFont(self._label.font())
        text = self._metrics().elidedText(self._text, self._mode, self.width())
        self.style().drawItemText(
            painter,
            self.rect(),
            int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft),
            self._label.palette(),
            self.isEnabled(),
            text,
            self._label.foregroundRole(),
        )

    def _metrics(self) -> QFontMetrics:
        self._label.ensurePolished()
        return self._label.fontMetrics()


def set_tip(widget: QWidget | QAction, text: str) -> None:
    """Give a plain tooltip to a widget or action; Qt would otherwise guess whether it is markup."""
    widget.setToolTip(plain_tip(text))


def plain_tip(text: str) -> str:
    """Wrap text so that a tooltip shows it as it is, at most a screen's worth, broken into lines."""
    return f"<span>{escape(text[:2000])}</span>" if text else ""


def restyle(widget: QWidget) -> None:
    """Let the style sheet look again after a dynamic property changed."""
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    widget.update()
