"""The sheet of shortcuts, by menu."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from genstudio.ui.actions import Entry
from genstudio.ui.dialogs.overlay import Overlay
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.layouts import scrolling
from genstudio.ui.widgets.text import PlainLabel

_HEIGHT = 520


class ShortcutSheet(Overlay):
    """Lists every shortcut in two columns."""

    def __init__(self, host: QWidget, entries: Sequence[Entry]) -> None:
        super().__init__(host, self.tr("Keyboard shortcuts"), width=820)
        body = QWidget()
        grid = QGridLayout(body)
        grid.setContentsMargins(0, 0, GRID, 0)
        grid.setHorizontalSpacing(2 * GRID)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(2, 1)
        grid.setColumnMinimumWidth(1, 110)
        groups: dict[str, list[Entry]] = {}
        for entry in entries:
            if entry.shortcut:
                groups.setdefault(entry.menu, []).append(entry)
        lines = [0, 0]
        for menu, group in groups.items():
            side = 0 if lines[0] <= lines[1] else 1
            lines[side] = _add_group(grid, side, lines[side], menu, group)
        grid.setRowStretch(max(lines), 1)
        area = scrolling(body)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        area.setFixedHeight(min(_HEIGHT, max(200, host.height() - 160)))
        self.column.addWidget(area)


def _add_group(grid: QGridLayout, side: int, line: int, menu: str, entries: list[Entry]) -> int:
    head = PlainLabel(menu, "heading")
    head.setContentsMargins(0, GRID if line else 0, 0, 0)
    grid.addWidget(head, line, 2 * side)
    for entry in entries:
        line += 1
        grid.addWidget(PlainLabel(entry.text, "muted"), line, 2 * side)
        grid.addWidget(_key(entry.shortcut), line, 2 * side + 1, Qt.AlignmentFlag.AlignLeft)
    return line + 1


def _key(shortcut: str) -> QLabel:
    return PlainLabel(shortcut, "badge")
