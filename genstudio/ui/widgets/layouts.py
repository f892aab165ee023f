"""Rows and columns on the 8-pixel grid, and columns that wrap."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QLayoutItem, QScrollArea, QVBoxLayout, QWidget

from genstudio.ui.theme import GRID


def row(*parts: QWidget | int, spacing: int = GRID, margins: int = 0) -> QHBoxLayout:
    """Lay widgets out from left to right. A number is a stretch factor."""
    layout = QHBoxLayout()
    _fill(layout, parts, spacing, margins)
    return layout


def column(*parts: QWidget | QLayout | int, spacing: int = GRID, margins: int = 0) -> QVBoxLayout:
    """Lay widgets and layouts out from top to bottom. A number is a stretch factor."""
    layout = QVBoxLayout()
    _fill(layout, parts, spacing, margins)
    return layout


def _fill(
    layout: QHBoxLayout | QVBoxLayout, parts: "tuple[QWidget | QLayout | int, ...]", spacing: int, margins: int
) -> None:
    layout.setSpacing(spacing)
    layout.setContentsMargins(margins, margins, margins, margins)
    for part in parts:
        if isinstance(part, int):
            layout.addStretch(part)
        elif isinstance(part, QLayout):
            layout.addLayout(part)
        else:
            layout.addWidget(part)


def holding(layout: QLayout, widget: QWidget | None = None) -> QWidget:
    """Put a layout into a widget (a new plain one, unless given)."""
    holder = widget if widget is not None else QWidget()
    holder.setLayout(layout)
    return holder


def scrolling(content: QWidget) -> QScrollArea:
    """Let a widget scroll up and down when it is taller than its room."""
    content.setProperty("role", content.property("role") or "clear")
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setViewport(QWidget())  # paints nothing; asking for the one that is there loads every class of widgets
    area.setWidget(content)
    content.setAutoFillBackground(False)
    return area


def rule() -> QFrame:
    """Make a thin horizontal line between parts."""
    line = QFrame()
    line.setProperty("role", "rule")
    line.setFixedHeight(1)
    return line


class FlowLayout(QLayout):
    """Places equally wide cards in as many columns as fit; each stretches to fill the row."""

    def __init__(self, minimum: int, spacing: int = 2 * GRID, maximum_columns: int = 8) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._minimum = minimum
        self._columns = maximum_columns
        self._heights: dict[int, int] = {}
        self._smallest: QSize | None = None
        self.setSpacing(spacing)
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        """Add a card."""
        self._items.append(item)
        self.invalidate()

    def count(self) -> int:
        """How many cards there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """Return a card, or None past the end."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Remove a card and return it."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def invalidate(self) -> None:
        """Measure the cards again: Qt asks for the same sizes many times over, and some are slow to tell."""
        self._heights.clear()
        self._smallest = None
        super().invalidate()

    def hasHeightForWidth(self) -> bool:
        """The height follows from the width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height that all cards need."""
        if width not in self._heights:
            self._heights[width] = self._place(QRect(0, 0, width, 0), move=False)
        return self._heights[width]

    def sizeHint(self) -> QSize:
        """One column."""
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        """The widest card's width, and the tallest one's least height: the height hint of wrapped words is a guess."""
        if self._smallest is None:
            tallest = max((item.minimumSize().height() for item in self._items), default=0)
            widest = max((item.minimumSize().width() for item in self._items), default=0)
            # Cards whose words are larger than usual need more room than was asked for.
            self._smallest = QSize(max(self._minimum, widest), tallest)
        return self._smallest

    def setGeometry(self, rect: QRect) -> None:
        """Place the cards."""
        super().setGeometry(rect)
        self._place(rect, move=True)

    def _place(self, rect: QRect, *, move: bool) -> int:
        gap = self.spacing()
        columns = min(self._columns, max(1, (rect.width() + gap) // (self.minimumSize().width() + gap)))
        width = (rect.width() - gap * (columns - 1)) // columns
        top = rect.y()
        for start in range(0, len(self._items), columns):
            cards = self._items[start : start + columns]
            height = max(_height(card, width) for card in cards)
            for index, card in enumerate(cards):
                if move:
                    card.setGeometry(QRect(QPoint(rect.x() + index * (width + gap), top), QSize(width, height)))
            top += height + gap
        return max(0, top - gap - rect.y())


def _height(item: QLayoutItem, width: int) -> int:
    return item.heightForWidth(width) if item.hasHeightForWidth() else item.sizeHint().height()
