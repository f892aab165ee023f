"""How far something has come, as a thin bar; also when nobody knows how far."""

from PySide6.QtCore import QRectF, QSize, Qt, QTimerEvent
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from genstudio.ui.theme import token_colour

_HEIGHT = 4
_FRAME_MS = 40
_SWEEP = 0.3


class ProgressLine(QWidget):
    """A thin bar. `share` is 0 to 1, or None while the total is not known: then a part of it wanders."""

    def __init__(self, name: str, width: int = 160) -> None:
        super().__init__()
        self._share: float | None = 0.0
        self._phase = 0.0
        self._timer = 0
        self._width = width
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def share(self) -> float | None:
        """How far it has come."""
        return self._share

    def show_share(self, share: float | None) -> None:
        """Show how far something has come."""
        before, self._share = self._share, share if share is None else min(max(share, 0.0), 1.0)
        said = "" if self._share is None else f"{self._share:.0%}"
        if said != self.accessibleDescription():
            self.setAccessibleDescription(said)
        self._run_clock()
        if self._pixels(before) != self._pixels(self._share):
            self.update()

    def sizeHint(self) -> QSize:
        """A thin line."""
        return QSize(self._width, _HEIGHT)

    def showEvent(self, event: QShowEvent) -> None:
        """The clock runs only while somebody can see it."""
        self._run_clock()

    def hideEvent(self, event: QHideEvent) -> None:
        """The same."""
        self._run_clock()

    def timerEvent(self, event: QTimerEvent) -> None:
        """Let the part wander on."""
        self._phase = (self._phase + 0.02) % (1 + _SWEEP)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bar."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(token_colour(self.palette(), "line"))
        painter.drawRoundedRect(QRectF(self.rect()), 2, 2)
        left, right = (0.0, self._share) if self._share is not None else (self._phase - _SWEEP, self._phase)
        left, right = max(left, 0.0) * self.width(), min(right, 1.0) * self.width()
        if right > left:
            painter.setBrush(token_colour(self.palette(), "accent"))
            painter.drawRoundedRect(QRectF(left, 0, right - left, self.height()), 2, 2)

    def _pixels(self, share: float | None) -> int | None:
        return None if share is None else round(share * self.width() * self.devicePixelRatioF())

    def _run_clock(self) -> None:
        wanted = self._share is None and self.isVisible()
        if wanted and not self._timer:
            self._timer = self.startTimer(_FRAME_MS)
        elif not wanted and self._timer:
            self.killTimer(self._timer)
            self._timer = 0
