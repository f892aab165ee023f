"""Choosing what to learn from: a card with a strip of pictures for every dataset."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from genstudio.core import words
from genstudio.core.spec import DataSpec
from genstudio.store.records import DatasetRecord
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.cards import HotCard
from genstudio.ui.widgets.layouts import FlowLayout
from genstudio.ui.widgets.pictures import PictureRow
from genstudio.ui.widgets.text import ElidedLabel

STRIP = 5
"""Pictures on a card."""

_COLOURS = {1: "grey", 3: "RGB", 4: "RGBA"}


class DatasetPicker(QWidget):
    """A card for every dataset; `chosen` carries the id of the one a person picked."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._cards: dict[str, _DatasetCard] = {}
        self._chosen = ""
        self._flow = FlowLayout(248, GRID, maximum_columns=5)
        self.setLayout(self._flow)

    def show_datasets(self, records: Sequence[DatasetRecord]) -> None:
        """Show these datasets; the chosen one stays chosen while it is there."""
        for card in self._cards.values():
            self._flow.removeWidget(card)
            card.deleteLater()
        self._cards = {record.id: _DatasetCard(record) for record in records}
        for record, card in self._cards.items():
            card.chosen.connect(lambda picked=record: self._pick(picked))
            self._flow.addWidget(card)
        self.choose(self._chosen)

    def show_strips(self, strips: Mapping[str, list[QImage]]) -> None:
        """Show pictures of datasets, by id."""
        for dataset, images in strips.items():
            if dataset in self._cards:
                self._cards[dataset].strip.show_images(images)

    def choose(self, dataset: str) -> None:
        """Mark a dataset as the chosen one, without `chosen`; an unknown one marks none."""
        self._chosen = dataset if dataset in self._cards else ""
        for own, card in self._cards.items():
            card.mark(own == self._chosen)

    def card(self, dataset: str) -> HotCard:
        """The card of one dataset."""
        return self._cards[dataset]

    def _pick(self, dataset: str) -> None:
        self.choose(dataset)
        self.chosen.emit(dataset)


class _DatasetCard(HotCard):
    def __init__(self, record: DatasetRecord) -> None:
        super().__init__(f"{record.name}: {facts(record.spec)}", margins=GRID + 4)
        self.strip = PictureRow(STRIP)
        self.column.addWidget(self.strip)
        self.column.addWidget(ElidedLabel(record.name, "heading"))
        self.column.addWidget(ElidedLabel(facts(record.spec), "small"))


def facts(spec: DataSpec) -> str:
    """Say in a line what a dataset holds: "4,212 pictures · 32 × 32 RGB · 36 labels"."""
    parts = [f"{words.count(spec.count)} pictures"]
    if spec.width:
        parts.append(f"{spec.width} × {spec.height} {_COLOURS.get(spec.channels, '')}".strip())
    if spec.classes:
        parts.append(f"{len(spec.classes)} labels")
    return " · ".join(parts)
