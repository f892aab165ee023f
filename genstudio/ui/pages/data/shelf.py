"""All datasets of the project, a place to drop more, and the built-in ones."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QVBoxLayout, QWidget

from genstudio.core import paths
from genstudio.store.records import DatasetRecord
from genstudio.ui.pages.data import words
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.buttons import Button, IconButton
from genstudio.ui.widgets.cards import Card, HotCard, PageHeader, SectionHeader
from genstudio.ui.widgets.drop_area import DropArea
from genstudio.ui.widgets.layouts import FlowLayout, column, row, scrolling
from genstudio.ui.widgets.pictures import PictureRow
from genstudio.ui.widgets.text import ElidedLabel, PlainLabel, set_tip

if TYPE_CHECKING:
    from genstudio.data.builtin import BuiltinDataset

STRIP = 8
"""Pictures on a card, in two rows."""


class Shelf(QWidget):
    """The list of datasets. Signals carry ids, paths (`dropped`) or the name of a built-in dataset."""

    opened = Signal(str)
    train_wanted = Signal(str)
    delete_wanted = Signal(str)
    dropped = Signal(list)
    folder_wanted = Signal()
    files_wanted = Signal()
    builtin_wanted = Signal(str)

    def __init__(self, builtin: "Sequence[BuiltinDataset]") -> None:
        super().__init__()
        self._cards: dict[str, DatasetCard] = {}
        self._builtin_strips: dict[str, PictureRow] = {}
        self._header = PageHeader(self.tr("Data"), "")
        self._grid = QWidget()
        self._flow = FlowLayout(264)
        self._grid.setLayout(self._flow)
        body = QWidget()
        inside = QVBoxLayout(body)
        inside.setContentsMargins(0, 0, GRID, 0)
        inside.setSpacing(2 * GRID)
        inside.addWidget(self._grid)
        inside.addWidget(self._make_drop())
        inside.addSpacing(GRID)
        inside.addWidget(SectionHeader(self.tr("Built in"), self.tr("Open data that comes with the studio.")))
        inside.addWidget(self._make_builtin(builtin))
        inside.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._header)
        layout.addWidget(scrolling(body), 1)
        self.show_datasets([])

    def show_datasets(self, records: Sequence[DatasetRecord]) -> None:
        """Show these datasets, newest first."""
        for card in self._cards.values():
            self._flow.removeWidget(card)
            card.deleteLater()
        self._cards = {record.id: DatasetCard(record) for record in reversed(records)}
        for dataset, card in self._cards.items():
            card.chosen.connect(lambda chosen=dataset: self.opened.emit(chosen))
            card.train_wanted.connect(lambda chosen=dataset: self.train_wanted.emit(chosen))
            card.delete_wanted.connect(lambda chosen=dataset: self.delete_wanted.emit(chosen))
            self._flow.addWidget(card)
        self._grid.setVisible(bool(records))
        self._header.set_sentence(self._sentence(records))

    def show_strip(self, dataset: str, images: list[QImage]) -> None:
        """Show pictures of a dataset, by id."""
        if dataset in self._cards:
            self._cards[dataset].strip.show_images(images)

    def show_builtin_strip(self, name: str, images: list[QImage]) -> None:
        """Show pictures of a built-in dataset, by name."""
        self._builtin_strips[name].show_images(images)

    def _sentence(self, records: Sequence[DatasetRecord]) -> str:
        if not records:
            return self.tr("A model learns from a dataset. Drop a folder of pictures below, or take a built-in set.")
        return self.tr("Choose a dataset to look through it. These are copies; your own files are not touched.")

    def _make_drop(self) -> DropArea:
        folder = Button(self.tr("Choose a folder…"), icon_name="folder-open")
        files = Button(self.tr("Choose files…"), icon_name="image", tip=self.tr("Pictures, a zip, IDX, npz …"))
        folder.clicked.connect(self.folder_wanted)
        files.clicked.connect(self.files_wanted)
        sentence = self.tr(
            "A folder, a zip or pictures: PNG, JPEG, WebP, GIF, TIFF, BMP. Subfolders become labels; "
            "a text file beside a picture becomes its caption."
        )
        area = DropArea(self.tr("Drop pictures here"), sentence, folder, files)
        area.dropped.connect(self.dropped)
        return area

    def _make_builtin(self, builtin: "Sequence[BuiltinDataset]") -> QWidget:
        holder = QWidget()
        flow = FlowLayout(320, maximum_columns=3)
        holder.setLayout(flow)
        for dataset in builtin:
            flow.addWidget(self._builtin_card(dataset))
        return holder

    def _builtin_card(self, dataset: "BuiltinDataset") -> Card:
        card = Card()
        strip = PictureRow(STRIP)
        strip.setAccessibleName(self.tr("Pictures of {name}").format(name=dataset.title))
        self._builtin_strips[dataset.name] = strip
        take = Button(self.tr("Import…"), icon_name="import")
        take.setAccessibleName(self.tr("Import {name}").format(name=dataset.title))
        take.clicked.connect(lambda: self.builtin_wanted.emit(dataset.name))
        text = column(
            PlainLabel(dataset.title, "heading"),
            PlainLabel(dataset.sentence, "muted", wrap=True),
            PlainLabel(dataset.licence, "faint", wrap=True),
            spacing=4,
        )
        card.column.addWidget(strip)
        card.column.addLayout(text)
        card.column.addStretch(1)
        card.column.addLayout(row(take, 1))
        return card


class DatasetCard(HotCard):
    """One dataset: some of its pictures, its name, what it holds."""

    train_wanted = Signal()
    delete_wanted = Signal()

    def __init__(self, record: DatasetRecord) -> None:
        super().__init__(record.name, margins=GRID + 4, spacing=GRID)
        self.setAccessibleDescription(words.holding(record.spec))
        self.strip = PictureRow(STRIP // 2)
        self.strip.setAccessibleName(record.name)
        self.strip.reserve(STRIP)
        train = IconButton("train", self.tr("Train on {name}").format(name=record.name), size=16)
        delete = IconButton("trash", self.tr("Delete {name}").format(name=record.name), size=16)
        train.clicked.connect(self.train_wanted)
        delete.clicked.connect(self.delete_wanted)
        name = ElidedLabel(record.name, "heading")
        self.column.addWidget(self.strip)
        self.column.addLayout(row(name, train, delete, spacing=2))
        held = ElidedLabel(words.holding(record.spec), "small")
        self.column.addWidget(held)
        self.column.addWidget(PlainLabel(words.shape(record.spec), "small"))
        set_tip(self, paths.shown(Path(record.source)))
