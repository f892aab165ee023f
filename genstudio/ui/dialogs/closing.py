"""What the window asks when it is closed while a run is training."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from genstudio.ui.dialogs.overlay import Overlay
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.buttons import Button, PrimaryButton
from genstudio.ui.widgets.text import PlainLabel


class ClosingSheet(Overlay):
    """Keep training, or stop, save and close. Escape keeps training."""

    confirmed = Signal()

    def __init__(self, host: QWidget, run: str) -> None:
        super().__init__(host, self.tr("A run is still training"), width=480)
        name = run or self.tr("A run")
        sentence = self.tr("“{name}” is training. Closing stops it after this step and saves it; it can go on later.")
        self.column.addWidget(PlainLabel(sentence.format(name=name), "muted", wrap=True))
        keep = Button(self.tr("Keep training"))
        keep.clicked.connect(self.leave)
        self.stop = PrimaryButton(self.tr("Stop, save and close"))
        self.stop.clicked.connect(self._confirm)
        line = QHBoxLayout()
        line.setSpacing(GRID)
        line.addStretch()
        line.addWidget(keep)
        line.addWidget(self.stop)
        self.column.addLayout(line)

    def _confirm(self) -> None:
        self.stop.setText(self.tr("Saving…"))
        self.stop.setEnabled(False)
        self.confirmed.emit()
