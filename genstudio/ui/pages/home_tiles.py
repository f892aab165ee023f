"""The large tiles of Home."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QImage

from genstudio.core import paths
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.cards import HotCard
from genstudio.ui.widgets.drop_area import dropped_paths
from genstudio.ui.widgets.icon_view import IconView
from genstudio.ui.widgets.layouts import row
from genstudio.ui.widgets.pictures import PictureRow
from genstudio.ui.widgets.text import PlainLabel

_PICTURES = 6


class Tile(HotCard):
    """A way to begin, with a strip of pictures of ours. One that takes files emits `dropped` with a list of paths."""

    dropped = Signal(list)

    def __init__(self, name: str, icon_name: str, title: str, sentence: str, *, takes_files: bool = False) -> None:
        super().__init__(title, margins=2 * GRID, spacing=GRID)
        self.setAccessibleDescription(sentence)
        self.setAcceptDrops(takes_files)
        strip = PictureRow(_PICTURES)
        strip.setAccessibleName(title)
        strip.show_images(read_tile(name))
        self.column.addWidget(strip)
        self.column.addSpacing(GRID // 2)
        self.column.addLayout(row(IconView(icon_name, "accent_text"), PlainLabel(title, "heading"), 1))
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


def read_tile(name: str) -> list[QImage]:
    """Read the pictures of a tile from our own resources; Qt decodes nothing that comes from elsewhere."""
    strip = QImage(str(paths.resources() / "themes" / "tiles" / f"{name}.png"))
    side = strip.height()
    return [strip.copy(left, 0, side, side) for left in range(0, strip.width(), side)] if side else []
