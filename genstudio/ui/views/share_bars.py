"""A few shares of a whole as bars, each with its name before it and its number behind."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from genstudio.ui.theme import GRID, token_colour

_ROW_GAP, _BAR_HEIGHT = 6, 8
_NAMES_AT_MOST = 0.5  # of the width
_WIDTH = 260


class ShareBars(QWidget):
    """One row a share; the first one has the accent. `name` is what a screen reader says before the shares."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._shares: tuple[tuple[str, float], ...] = ()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def shares(self) -> tuple[tuple[str, float], ...]:
        """What is shown: (name, share from 0 to 1)."""
        return self._shares

    def show_shares(self, shares: Sequence[tuple[str, float]]) -> None:
        """Show these, in this order."""
        self._shares = tuple(shares)
        self.setAccessibleDescription(", ".join(f"{name}: {percent(share)}" for name, share in shares))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As many lines of text as there are shares."""
        return QSize(_WIDTH, len(self._shares) * self._row_height())

    def minimumSizeHint(self) -> QSize:
        """The same, narrower."""
        return QSize(_WIDTH // 2, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw all rows; names are drawn as plain text."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        names = min(self._widest([name for name, _ in self._shares]), round(_NAMES_AT_MOST * self.width()))
        numbers = self._widest([percent(1.0)])
        for row, (name, share) in enumerate(self._shares):
            line = QRectF(0, row * self._row_height(), self.width(), self._row_height())
            self._draw_row(painter, line, (names, numbers), name, share, "accent" if row == 0 else "muted")

    def _draw_row(
        self, painter: QPainter, line: QRectF, sides: tuple[int, int], name: str, share: float, token: str
    ) -> None:
        names, numbers = sides
        elided = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, names)
        painter.setPen(token_colour(self.palette(), "text"))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(line.adjusted(0, 0, names - line.width(), 0), Qt.AlignmentFlag.AlignLeft | middle, elided)
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | middle, percent(share))
        left, right = names + GRID, self.width() - numbers - GRID
        groove = QRectF(left, line.center().y() - _BAR_HEIGHT / 2, max(right - left, 0), _BAR_HEIGHT)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(token_colour(self.palette(), "line"))
        painter.drawRoundedRect(groove, 2, 2)
        painter.setBrush(token_colour(self.palette(), token))
        painter.drawRoundedRect(QRectF(groove.left(), groove.top(), groove.width() * share, _BAR_HEIGHT), 2, 2)

    def _widest(self, texts: Sequence[str]) -> int:
        return max((self.fontMetrics().horizontalAdvance(text) + 1 for text in texts), default=0)

    def _row_height(self) -> int:
        return self.fontMetrics().height() + _ROW_GAP


def percent(share: float) -> str:
    """A share in percent; what is very little is not called nothing."""
    if 0 < share < 0.001:
        return "< 0.1 %"
    return f"{100 * share:.1f} %"
