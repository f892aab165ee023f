"""The parts by others that an installed program contains, with their licences."""

import json
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QGridLayout, QWidget

from genstudio.core import paths
from genstudio.ui.dialogs.overlay import Overlay
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.buttons import Button
from genstudio.ui.widgets.fields import value_label
from genstudio.ui.widgets.layouts import holding, row, scrolling
from genstudio.ui.widgets.text import PlainLabel


def notices_folder() -> Path:
    """Where the build puts notices, a list of parts and the bill of materials; absent in a checkout."""
    return paths.resources() / "notices"


class PartsSheet(Overlay):
    """Names, versions and licences; the texts are one click away."""

    def __init__(self, host: QWidget) -> None:
        super().__init__(host, self.tr("Parts and licences"), width=720)
        parts = json.loads((notices_folder() / "parts.json").read_text("utf-8"))
        sentence = self.tr("This program contains {count} parts by others. Thank you.")
        self.column.addWidget(PlainLabel(sentence.format(count=len(parts) - 1), "muted", wrap=True))
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * GRID)
        grid.setColumnStretch(2, 1)
        for number, part in enumerate(parts[1:]):
            for place, name in enumerate(("name", "version", "licence")):
                label = value_label(str(part[name]))
                label.setAccessibleName(f"{part['name']}: {name}")
                label.setWordWrap(name == "licence")
                grid.addWidget(label, number, place, Qt.AlignmentFlag.AlignTop)
        area = scrolling(holding(grid))
        area.setMinimumHeight(360)
        self.column.addWidget(area)
        texts = Button(self.tr("Show all licence texts"), icon_name="list")
        texts.clicked.connect(lambda: _open(notices_folder() / "NOTICES.txt"))
        self.column.addLayout(row(1, texts))


def _open(file: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(file)))
