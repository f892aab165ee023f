"""The foot of the settings: what the run is called, its seed, and Start."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from genstudio.ui.forms.seed import SeedRow
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.buttons import PrimaryButton, Reason
from genstudio.ui.widgets.fields import TextField


class StartFoot(QWidget):
    """Name, seed and Start. `started` says that Start was pressed; `changed` that the seed was turned."""

    started = Signal()
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._name = TextField(self.tr("Name of the run"))
        self.seed = SeedRow(self.tr("Seed"), self.tr("The same seed and settings give the same run again."))
        self.button = PrimaryButton(self.tr("Start training"), icon_name="play", tip=self.tr("Ctrl+Return"))
        self._reason = Reason()
        self._lay_out()
        self.seed.changed.connect(self.changed)
        self.button.clicked.connect(self.started)

    def name(self) -> str | None:
        """The name typed, or None to let the studio find one."""
        return self._name.text().strip() or None

    def suggest_name(self, name: str) -> None:
        """Say what the run will be called when nobody types a name."""
        self._name.setPlaceholderText(name)

    def clear_name(self) -> None:
        """Forget the name typed, once a run bears it."""
        self._name.clear()

    def block(self, reason: str) -> None:
        """Say why training cannot start; an empty reason lets it."""
        self.button.disable_because(reason)
        self._reason.show_reason(reason)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(self._name)
        column.addWidget(self.seed)
        column.addWidget(self._reason)
        self.button.setSizePolicy(self._name.sizePolicy())
        column.addWidget(self.button)
