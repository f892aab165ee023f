"""A place to drop files and folders on."""

from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from genstudio.ui.theme import GRID
from genstudio.ui.widgets.buttons import Button
from genstudio.ui.widgets.icon_view import IconView
from genstudio.ui.widgets.layouts import row
from genstudio.ui.widgets.text import PlainLabel, restyle


class DropArea(QFrame):
    """A dashed frame with a sentence and buttons for those who do not drag. `dropped` carries a list of paths."""

    dropped = Signal(list)

    def __init__(self, title: str, sentence: str, *buttons: Button, icon_name: str = "import") -> None:
        super().__init__()
        self.setProperty("role", "drop")
        self.setAcceptDrops(True)
        middle = Qt.AlignmentFlag.AlignHCenter
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 3 * GRID)
        layout.setSpacing(GRID)
        layout.addStretch(1)
        layout.addWidget(IconView(icon_name, "muted", 32), 0, middle)
        layout.addWidget(PlainLabel(title, "heading"), 0, middle)
        text = PlainLabel(sentence, "small", wrap=True)
        text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(text)
        layout.addLayout(row(1, *buttons, 1))
        layout.addStretch(1)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Light up for local files."""
        if dropped_paths(event.mimeData()):
            event.acceptProposedAction()
            self._light(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Go dark again."""
        self._light(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand the paths over."""
        self._light(False)
        event.acceptProposedAction()
        self.dropped.emit(dropped_paths(event.mimeData()))

    def _light(self, hot: bool) -> None:
        self.setProperty("hot", "true" if hot else "false")
        restyle(self)


def dropped_paths(data: QMimeData) -> list[Path]:
    """Return the local files and folders in a drag."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def accepts_drops(widget: QWidget, data: QMimeData) -> bool:
    """Whether a widget that takes files should take this drag (drags that began inside it are left alone)."""
    return widget.acceptDrops() and bool(dropped_paths(data))
