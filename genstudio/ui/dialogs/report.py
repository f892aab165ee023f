"""Saving a report: what goes in is listed, and chosen, before anything is written. Nothing is sent."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFileDialog, QWidget

from genstudio.core import words
from genstudio.ui.dialogs.overlay import Overlay
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.buttons import PrimaryButton
from genstudio.ui.widgets.layouts import column, holding, row, scrolling
from genstudio.ui.widgets.text import PlainLabel

if TYPE_CHECKING:
    from genstudio.jobs.reporting import ReportPart


class ReportSheet(Overlay):
    """Lists the parts; `wanted` brings the file to write and the parts that were chosen."""

    wanted = Signal(object, object)

    def __init__(self, host: QWidget, parts: "Sequence[ReportPart]") -> None:
        super().__init__(host, self.tr("Save a report"), width=600)
        sentence = self.tr(
            "One zip file for whoever is to find out what went wrong. It stays on this computer until you give it to "
            "somebody. Your own folder appears as ~ in it; names of files and runs may occur in the logs."
        )
        self.column.addWidget(PlainLabel(sentence, "muted", wrap=True))
        self._boxes = [(part, self._make_box(part)) for part in parts]
        lines = [column(box, self._explain(part), spacing=2) for part, box in self._boxes]
        area = scrolling(holding(column(*(holding(line) for line in lines), 1, spacing=GRID)))
        area.setMinimumHeight(min(360, 56 * max(1, len(lines))))
        self.column.addWidget(area)
        self._save = PrimaryButton(self.tr("Save…"), icon_name="export")
        self._save.clicked.connect(self._choose_file)
        self.column.addLayout(row(1, self._save))

    def _make_box(self, part: "ReportPart") -> QCheckBox:
        box = QCheckBox(f"{part.file}  ({words.size(len(part.text))})")
        box.setChecked(not part.private)
        box.setAccessibleDescription(part.sentence)
        return box

    def _explain(self, part: "ReportPart") -> PlainLabel:
        return PlainLabel(part.sentence, "small", wrap=True)

    def _choose_file(self) -> None:
        name = f"genstudio-report-{time.strftime('%Y-%m-%d')}.zip"
        title = self.tr("Save the report as")
        chosen, _ = QFileDialog.getSaveFileName(self, title, str(Path.home() / name), self.tr("Zip files (*.zip)"))
        if chosen:
            self.wanted.emit(Path(chosen), [part for part, box in self._boxes if box.isChecked()])
            self.leave()
