"""A row of numbers as bars, largest first, with what they say in words above them."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from genstudio.core.family import Profile
from genstudio.ui.theme import GRID, token_colour
from genstudio.ui.views.plot_numbers import value_text
from genstudio.ui.widgets.text import PlainLabel

_GAP = 0.2  # of a bar's room
_WIDEST = 3 * GRID
_TICK_SPACE = 1.6  # of a line's height


class ProfileView(QWidget):
    """Shows the numbers of a `Profile`: its title, how many count, and the bars."""

    def __init__(self) -> None:
        super().__init__()
        self._title, self._summary = PlainLabel("", "heading"), PlainLabel("", "small", wrap=True)
        self.bars = ProfileBars()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._title)
        column.addWidget(self._summary)
        column.addSpacing(GRID)
        column.addWidget(self.bars, 1)

    def show_values(self, profile: Profile, values: Sequence[float]) -> None:
        """Show these."""
        self._title.setText(profile.title)
        self._summary.setText(f"{self.summary(profile, values)} {profile.help}".strip())
        self.bars.show_values(profile, values)
        self.bars.setAccessibleName(f"{profile.title}. {self.summary(profile, values)}")

    def summary(self, profile: Profile, values: Sequence[float]) -> str:
        """Say how many of the numbers are more than nothing."""
        said = self.tr("{many} of {all} {items} are above {floor} {unit}.")
        return said.format(
            many=sum(value > profile.floor for value in values),
            all=len(values),
            items=profile.item,
            floor=f"{profile.floor:g}",
            unit=profile.unit,
        )


class ProfileBars(QWidget):
    """The bars, from 0 up; those that are as good as nothing are grey. Under the mouse stands which one it is."""

    def __init__(self) -> None:
        super().__init__()
        self._ranked: list[tuple[int, float]] = []
        self._floor, self._unit, self._item, self._under = 0.0, "", "", -1
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def ranked(self) -> list[tuple[int, float]]:
        """What is shown, largest first: (place in the row, number)."""
        return self._ranked

    def show_values(self, profile: Profile, values: Sequence[float]) -> None:
        """Show these numbers."""
        self._ranked = sorted(enumerate(values), key=lambda pair: -pair[1])
        self._floor, self._unit, self._item = profile.floor, profile.unit, profile.item
        self.update()

    def sizeHint(self) -> QSize:
        """Wide and low."""
        return QSize(40 * GRID, 24 * GRID)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what lies under the mouse."""
        self._point_at(self._index(event.position().x()))

    def leaveEvent(self, event: object) -> None:
        """Say nothing."""
        del event
        self._point_at(-1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw all bars on one scale, with lines at round numbers."""
        if not self._ranked:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room, top = self._room(), self._top()
        self._draw_scale(painter, room, top)
        step, width = self._step(), self._bar_width()
        painter.setPen(Qt.PenStyle.NoPen)
        for rank, (_, value) in enumerate(self._ranked):
            height = room.height() * max(value, 0.0) / top
            token = "accent" if value > self._floor else "strong_line"
            painter.setBrush(token_colour(self.palette(), "text" if rank == self._under else token))
            height = max(height, 1.0)
            painter.drawRect(
                QRectF(room.left() + rank * step + (step - width) / 2, room.bottom() - height, width, height)
            )
        self._draw_pointed(painter, room)

    def _draw_scale(self, painter: QPainter, room: QRectF, top: float) -> None:
        line = self.fontMetrics().height()
        for share in (0.0, 0.5, 1.0):
            y = room.bottom() - share * room.height()
            painter.setPen(QPen(token_colour(self.palette(), "line"), 1))
            painter.drawLine(QPointF(room.left(), y), QPointF(room.right(), y))
            painter.setPen(token_colour(self.palette(), "muted"))
            text = QRectF(0, y - line / 2, room.left() - GRID, line)
            painter.drawText(text, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{share * top:g}")

    def _draw_pointed(self, painter: QPainter, room: QRectF) -> None:
        foot = QRectF(room.left(), room.bottom() + 4, room.width(), self.fontMetrics().height())
        painter.setPen(token_colour(self.palette(), "muted"))
        text = self._pointed() or self.tr("{items}, largest first; {unit}").format(items=self._item, unit=self._unit)
        painter.drawText(foot, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)

    def _pointed(self) -> str:
        if not 0 <= self._under < len(self._ranked):
            return ""
        place, value = self._ranked[self._under]
        said = self.tr("number {place} of {all} {items}: {value} {unit}")
        return said.format(
            place=place + 1, all=len(self._ranked), items=self._item, value=value_text(value), unit=self._unit
        )

    def _room(self) -> QRectF:
        """Where bars may be: right of the scale, above the foot."""
        line = self.fontMetrics().height()
        left = self.fontMetrics().horizontalAdvance(f"{self._top() / 2:g}") + 2 * GRID
        return QRectF(left, line, max(self.width() - left, 1), max(self.height() - line - _TICK_SPACE * line, 1))

    def _top(self) -> float:
        """A round number that all bars stay below."""
        largest = max((value for _, value in self._ranked), default=0.0)
        return rounded_up(max(largest, 4 * self._floor))

    def _step(self) -> float:
        return min(self._room().width() / max(len(self._ranked), 1), _WIDEST)

    def _bar_width(self) -> float:
        step = self._step()
        return step * (1 - _GAP) if step >= 3 else step

    def _index(self, x: float) -> int:
        index = int((x - self._room().left()) // self._step())
        return index if 0 <= index < len(self._ranked) else -1

    def _point_at(self, index: int) -> None:
        if index != self._under:
            self._under = index
            self.update()


def rounded_up(value: float) -> float:
    """The next of 1, 2, 4, 5 and 10 times a power of ten; 1 for what is not above 0."""
    if not 0 < value < float("inf"):
        return 1.0
    power = 10.0 ** int(f"{value:e}".split("e")[1])
    return float(f"{next(step * power for step in (1, 2, 4, 5, 10) if step * power >= value * 0.999999):g}")
