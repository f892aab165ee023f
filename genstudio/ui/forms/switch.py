"""A switch, which Qt lacks."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from genstudio.ui.theme import token_colour


class Switch(QAbstractButton):
    """On or off, painted from the palette; space turns it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """As high as a line of text with air around it."""
        height = self.fontMetrics().height() + 4
        return QSize(round(height * 1.75), height)

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw the track and the knob, and a ring when the keyboard is here."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        token = "line" if not self.isEnabled() else "accent" if self.isChecked() else "strong_line"
        painter.setBrush(token_colour(self.palette(), token))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(track, track.height() / 2, track.height() / 2)
        self._draw_knob(painter, track)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(token_colour(self.palette(), "accent_text"), 1.5))
            ring = QRectF(self.rect()).adjusted(0.75, 0.75, -0.75, -0.75)
            painter.drawRoundedRect(ring, ring.height() / 2, ring.height() / 2)

    def _draw_knob(self, painter: QPainter, track: QRectF) -> None:
        side = track.height() - 4
        left = track.right() - side - 2 if self.isChecked() else track.left() + 2
        painter.setBrush(token_colour(self.palette(), "on_accent" if self.isEnabled() else "surface"))
        painter.drawEllipse(QRectF(left, track.top() + 2, side, side))
