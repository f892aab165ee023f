"""The chips that name curves, show their values and switch them on and off."""

import html

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QEnterEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from genstudio.ui.views.plot_colours import is_dark, mixed, slot_colour
from genstudio.ui.views.plot_series import SeriesKey

LOWEST_HEIGHT = 24
PADDING = 8
DOT = 8
GAP = 6
LONGEST_TITLE = 200


class Chip(QAbstractButton):
    """A coloured dot, a title and a value; unchecked, its curve is hidden and its dot hollow.

    As a readout it shows the value only and cannot be pressed. Titles come from plugins and
    files: they are painted as they are, never as markup, and are not the button's text, in
    which an ampersand would make a shortcut.
    """

    switched = Signal(object, bool)  # the key it was made with, shown

    def __init__(self, key: SeriesKey, title: str, slot: int, readout: bool = False) -> None:
        super().__init__()
        self._key = key
        self._title = title
        self._slot = slot
        self._readout = readout
        self._value = ""
        self._value_width = 0
        self.setCheckable(True)
        self.setChecked(True)
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        if readout:
            self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        else:
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.toggled.connect(self._say_switched)

    @property
    def title(self) -> str:
        """What the chip is called, in full."""
        return self._title

    @property
    def value(self) -> str:
        """The value shown beside the title."""
        return self._value

    def set_value(self, text: str) -> None:
        """Show a value; the room for it only ever grows, so that nothing jumps beside it."""
        if text == self._value:
            return
        self._value = text
        width = self.fontMetrics().horizontalAdvance(text)
        if width > self._value_width:
            self._value_width = width
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Give the room for dot, title and value."""
        width = 2 * PADDING + DOT + GAP + self._title_width()
        width += self._value_width + GAP if self._value_width else 0
        return QSize(width, max(LOWEST_HEIGHT, self.fontMetrics().height() + 8))

    def hitButton(self, position: QPoint) -> bool:
        """Let a press count, unless this is a readout."""
        return not self._readout and super().hitButton(position)

    def event(self, event: QEvent) -> bool:
        """Show the full title as a tip where the chip had to shorten it."""
        if event.type() == QEvent.Type.ToolTip:
            shortened = self.fontMetrics().horizontalAdvance(self._title) > LONGEST_TITLE
            self.setToolTip(f"<span>{html.escape(self._title)}</span>" if shortened else "")
        return super().event(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that the chip can be pressed."""
        self.update()
        super().enterEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint background, dot, title and value."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        surface, text = palette.base().color(), palette.text().color()
        self._paint_back(painter, text, surface)
        self._paint_dot(painter, slot_colour(self._slot, is_dark(palette)))
        strong = text if self.isChecked() else mixed(text, surface, 0.45)
        self._paint_text(painter, strong, mixed(text, surface, 0.62))

    @Slot(bool)
    def _say_switched(self, shown: bool) -> None:
        self.switched.emit(self._key, shown)

    def _title_width(self) -> int:
        if self._readout:
            return 0
        return min(self.fontMetrics().horizontalAdvance(self._title) + 1, LONGEST_TITLE)

    def _paint_back(self, painter: QPainter, text: QColor, surface: QColor) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        if self.underMouse() and not self._readout:
            painter.setBrush(mixed(text, surface, 0.08))
        if self.hasFocus():
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 1.5))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)

    def _paint_dot(self, painter: QPainter, colour: QColor) -> None:
        painter.setPen(QPen(colour, 1.5))
        painter.setBrush(colour if self.isChecked() else Qt.BrushStyle.NoBrush)
        centre = QPointF(PADDING + DOT / 2, self.height() / 2)
        painter.drawEllipse(centre, DOT / 2 - 0.75, DOT / 2 - 0.75)

    def _paint_text(self, painter: QPainter, title: QColor, value: QColor) -> None:
        middle = Qt.AlignmentFlag.AlignVCenter
        left, width = PADDING + DOT + GAP, self._title_width()
        elided = self.fontMetrics().elidedText(self._title, Qt.TextElideMode.ElideRight, width)
        if not self._readout:
            painter.setPen(title)
            painter.drawText(QRectF(left, 0, width, self.height()), middle, elided)
            left += width + GAP
        if self._value and self.isChecked():
            painter.setPen(value)
            box = QRectF(left, 0, self._value_width + 1, self.height())
            painter.drawText(box, middle, self._value)
