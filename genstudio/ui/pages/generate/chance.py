"""Where chance comes from: the seed of the pictures, and for a walk what stands at its other end."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from genstudio.core.recipe import Recipe
from genstudio.ui.forms.seed import SeedRow
from genstudio.ui.forms.switch import Switch
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.fields import FieldRow
from genstudio.ui.widgets.layouts import holding, row
from genstudio.ui.widgets.numbers import ComboBox
from genstudio.ui.widgets.text import PlainLabel

_SAME = "same"
_NAMED = "named "  # before the name of a label, so that no label can be taken for another entry


@dataclass(frozen=True)
class End:
    """One picture that a walk begins or ends with: its seed, its place there, and its label (None: any)."""

    seed: int
    index: int
    label: str | None


class ChancePanel(QWidget):
    """One seed, or the two of a walk with the label of the second; and whether a new seed is rolled each time.

    `changed` says that a walk has other ends.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.seed = SeedRow(self.tr("Seed"), self.tr("The same seed gives the same pictures."))
        self.seed_b = SeedRow(self.tr("Second seed"), self.tr("The picture at the other end."), 1)
        self.label_b = ComboBox(self.tr("Second label"))
        self.label_row = FieldRow(self.tr("Second label"), self.label_b, self.tr("The label at the other end."))
        self.fresh = Switch()
        self.fresh.setAccessibleName(self.tr("New seed each time"))
        self.fresh.setChecked(True)
        self._walking = False
        self._places = (0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        fresh = holding(row(PlainLabel(self.tr("A new seed each time"), "small"), 1, self.fresh))
        for part in (self.seed, self.seed_b, fresh):
            column.addWidget(part)
        column.addSpacing(GRID)
        column.addWidget(self.label_row)
        for seed in (self.seed, self.seed_b):
            seed.typed.connect(lambda: self.fresh.setChecked(False))
            seed.changed.connect(lambda: self._set_places(0, 0))
        self.offer_labels(())

    def offer_labels(self, labels: Sequence[str]) -> None:
        """Offer these labels for the other end of a walk."""
        before = self.label_b.currentData()
        self.label_b.clear()
        self.label_b.addItem(self.tr("The same"), _SAME)
        self.label_b.addItem(self.tr("Any"), "")
        for label in labels:
            self.label_b.addItem(label, _NAMED + label)
        self.label_b.setCurrentIndex(max(self.label_b.findData(before), 0))
        self.set_walking(self._walking)

    def set_walking(self, walking: bool) -> None:
        """Ask for the other end of a walk as well, or for one seed alone."""
        self._walking = walking
        self.seed_b.setVisible(walking)
        self.label_row.setVisible(walking and self.label_b.count() > 2)

    def roll(self) -> None:
        """Choose other seeds by chance, if so wished."""
        if self.fresh.isChecked():
            self.seed.roll()
            self.seed_b.roll()

    def keep(self, seed: int) -> None:
        """Use this seed, and no new one."""
        self.fresh.setChecked(False)
        self.seed.set_seed(seed)

    def set_ends(self, one: End, other: End) -> None:
        """Walk from one picture to another, by no new seeds."""
        self.keep(one.seed)
        self.seed_b.set_seed(other.seed)
        wanted = _SAME if one.label == other.label else _NAMED + other.label if other.label else ""
        self.label_b.setCurrentIndex(max(self.label_b.findData(wanted), 0))
        self._set_places(one.index, other.index)

    def ends(self, label: str | None) -> tuple[End, End] | None:
        """The two ends of a walk whose first has this label, or None (and it is marked) where a seed is none."""
        seed, seed_b = self.seed.seed(), self.seed_b.seed()
        if seed is None or seed_b is None:
            return None
        chosen = str(self.label_b.currentData())
        label_b = label if chosen == _SAME else chosen.removeprefix(_NAMED) or None
        return End(seed, self._places[0], label), End(seed_b, self._places[1], label_b)

    def sentence(self) -> str:
        """Say which pictures of the seeds a walk goes between, where they are not the first ones."""
        if not self._walking or self._places == (0, 0):
            return ""
        one, other = (place + 1 for place in self._places)
        text = self.tr("From picture {one} of the first seed to picture {other} of the second.")
        return text.format(one=one, other=other)

    def _set_places(self, one: int, other: int) -> None:
        self._places = (one, other)
        self.changed.emit()


def ends_of(recipe: Recipe) -> tuple[End, End]:
    """The two ends of the walk that a picture was made in. Walks of old have one label for both."""
    extra = recipe.extra
    label_b = extra.get("label_b", recipe.label)
    other = End(
        int(extra.get("seed_b") or 0), int(extra.get("index_b") or 0), None if label_b is None else str(label_b)
    )
    return End(recipe.seed, int(extra.get("index_a") or 0), recipe.label), other
