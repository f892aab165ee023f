"""The large tiles of Home."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent

from genstudio.ui.theme import GRID
from genstudio.ui.widgets.cards import HotCard
from genstudio.ui.widgets.drop_area import dropped_paths
from genstudio.ui.widgets.icon_view import IconView
from genstudio.ui.widgets.text import PlainLabel


class Tile(HotCard):
    """A way to begin. One that takes files emits `dropped` with a list of paths."""

    dropped = Signal(list)

    def __init__(self, icon_name: str, title: str, sentence: str, *, takes_files: bool = False) -> None:
        super().__init__(title, margins=3 * GRID, spacing=GRID)
        self.setAccessibleDescription(sentence)
        self.setAcceptDrops(takes_files)
        self.setMinimumHeight(160)
        self.column.addWidget(IconView(icon_name, "accent_text", 32))
        self.column.addSpacing(GRID)
        self.column.addWidget(PlainLabel(title, "heading"))
        self.column.addWidget(PlainLabel(sentence, "muted", wrap=True))
        self.column.addStretch(1)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Light up for files."""
        if dropped_paths(event.mimeData()):
            event.acceptProposedAction()
            self.mark(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Go dark again."""
        self.mark(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand the files over."""
        self.mark(False)
        event.acceptProposedAction()
        self.dropped.emit(dropped_paths(event.mimeData()))
