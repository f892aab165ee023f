"""A seed: the number all chance of a run or a picture follows from."""

import random

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from genstudio.ui.forms.numbers import NumberBox
from genstudio.ui.widgets.buttons import IconButton
from genstudio.ui.widgets.text import PlainLabel, restyle

LARGEST_SEED = 2**32 - 1
_ROLLED = 1_000_000


class SeedRow(QWidget):
    """A title, a dice and a box. `changed` says that the seed was turned, `typed` that somebody typed it."""

    changed = Signal()
    typed = Signal()

    def __init__(self, title: str, help: str, seed: int = 0) -> None:
        super().__init__()
        self._rolling = False
        self.box = NumberBox(whole=True, low=0, high=LARGEST_SEED, grouped=False)
        self.box.setAccessibleName(title)
        self.box.setAccessibleDescription(help)
        self.box.setToolTip(help)
        self.box.show_value(seed)
        self.dice = IconButton("dice", self.tr("Another {title}").format(title=title.lower()))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(PlainLabel(title), 1)
        row.addWidget(self.dice)
        row.addWidget(self.box)
        self.dice.clicked.connect(self.roll)
        self.box.value_changed.connect(self._changed)

    def seed(self) -> int | None:
        """The seed, or None (and the box is marked) when what stands there is none."""
        value = self.box.value()
        good = isinstance(value, int) and 0 <= value <= LARGEST_SEED
        self.box.setProperty("invalid", "false" if good else "true")
        restyle(self.box)
        return value if good and isinstance(value, int) else None

    def set_seed(self, seed: int) -> None:
        """Show a seed, as one that was not typed."""
        self._rolling = True
        self.box.set_value(seed)
        self._rolling = False

    def roll(self) -> None:
        """Choose another seed by chance: one short enough to be read out."""
        self.set_seed(random.randrange(_ROLLED))

    def _changed(self) -> None:
        self.seed()
        self.changed.emit()
        if not self._rolling:
            self.typed.emit()
