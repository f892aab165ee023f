"""What this program is, where it keeps things, and what a report of a fault should say."""

import platform
from importlib import metadata
from pathlib import Path

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QWidget

import genstudio
from genstudio.core import paths
from genstudio.ui.dialogs.overlay import Overlay
from genstudio.ui.dialogs.parts import PartsSheet, notices_folder
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.buttons import Button
from genstudio.ui.widgets.fields import value_label
from genstudio.ui.widgets.layouts import row
from genstudio.ui.widgets.text import PlainLabel


class AboutSheet(Overlay):
    """Versions and folders, ready to be copied."""

    def __init__(self, host: QWidget, project: Path | None) -> None:
        super().__init__(host, self.tr("About GenStudio"), width=600)
        sentence = self.tr(
            "Train small generative models on your own images, offline. "
            "Apache License 2.0; the typeface is Inter (SIL Open Font License)."
        )
        self.column.addWidget(PlainLabel(sentence, "muted", wrap=True))
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * GRID)
        grid.setColumnStretch(1, 1)
        self._lines = [*_versions(), *_folders(project)]
        for number, (name, value) in enumerate(self._lines):
            grid.addWidget(PlainLabel(name, "small"), number, 0, Qt.AlignmentFlag.AlignTop)
            label = value_label(value)
            label.setAccessibleName(name)
            label.setWordWrap(True)
            grid.addWidget(label, number, 1)
        self.column.addLayout(grid)
        self._copy = Button(self.tr("Copy for a report"), icon_name="copy")
        self._copy.clicked.connect(self._copy_lines)
        buttons = row(1, self._copy)
        if (notices_folder() / "parts.json").is_file():
            parts = Button(self.tr("Parts and licences…"), icon_name="list")
            parts.clicked.connect(lambda: PartsSheet(host).open())
            buttons.insertWidget(0, parts)
        self.column.addLayout(buttons)

    def _copy_lines(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(f"{name}: {value}" for name, value in self._lines))
        self._copy.setText(self.tr("Copied"))


def _versions() -> list[tuple[str, str]]:
    return [
        ("GenStudio", genstudio.__version__),
        ("Python", platform.python_version()),
        ("Qt", str(qVersion())),
        ("PyTorch", metadata.version("torch")),
        ("System", platform.platform()),
    ]


def _folders(project: Path | None) -> list[tuple[str, str]]:
    places = [("Settings", paths.settings_file()), ("Logs", paths.logs()), ("Plugins", paths.user_plugins())]
    if project is not None:
        places.insert(0, ("Project", project))
    return [(name, str(place)) for name, place in places]
