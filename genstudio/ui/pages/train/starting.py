"""The foot of the settings: what the run is called, its seed, and Start."""

import random

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from genstudio.core.config import parse
from genstudio.core.errors import ConfigError
from genstudio.core.settings import RunSettings
from genstudio.ui.forms.numbers import NumberBox
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.buttons import IconButton, PrimaryButton, Reason
from genstudio.ui.widgets.fields import TextField
from genstudio.ui.widgets.text import PlainLabel

_LARGEST_SEED = 2**32 - 1


class StartFoot(QWidget):
    """Name, seed and Start. `started` says that Start was pressed; `changed` that the seed was turned."""

    started = Signal()
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._name = TextField(self.tr("Name of the run"))
        self._seed = NumberBox(whole=True, low=0, high=_LARGEST_SEED)
        self._seed.setAccessibleName(self.tr("Seed"))
        self._seed.setAccessibleDescription(self.tr("The same seed and settings give the same run again."))
        self._seed.show_value(0)
        self._dice = IconButton("dice", self.tr("Another seed"))
        self._error = PlainLabel("", "error", wrap=True)
        self._error.hide()
        self.button = PrimaryButton(self.tr("Start training"), icon_name="play", tip=self.tr("Ctrl+Return"))
        self._reason = Reason()
        self._lay_out()
        self._dice.clicked.connect(self._roll)
        self._seed.value_changed.connect(self.changed)
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

    def settings(self) -> RunSettings | None:
        """Return the run's settings, or say what is wrong with the seed and return None."""
        try:
            settings = parse(RunSettings, {"seed": self._seed.value()})
        except ConfigError as error:
            self._error.setText(next(iter(error.fields.values()), str(error)))
            self._error.show()
            return None
        self._error.hide()
        return settings

    def set_seed(self, seed: int) -> None:
        """Set the seed as a person would."""
        self._seed.set_value(seed)

    def block(self, reason: str) -> None:
        """Say why training cannot start; an empty reason lets it."""
        self.button.disable_because(reason)
        self._reason.show_reason(reason)

    def _roll(self) -> None:
        self._seed.set_value(random.randrange(_LARGEST_SEED))

    def _lay_out(self) -> None:
        seed = QHBoxLayout()
        seed.setSpacing(4)
        seed.addWidget(PlainLabel(self.tr("Seed")), 1)
        seed.addWidget(self._dice)
        seed.addWidget(self._seed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(self._name)
        column.addLayout(seed)
        column.addWidget(self._error)
        column.addWidget(self._reason)
        self.button.setSizePolicy(self._name.sizePolicy())
        column.addWidget(self.button)
