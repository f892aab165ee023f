"""One dataset: all of its pictures, by label or by words, and what there is to know of it."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QDateTime, QLocale, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from genstudio.core import paths
from genstudio.core import words as core_words
from genstudio.store.records import DatasetRecord
from genstudio.ui.context import UiContext
from genstudio.ui.models.reading import Reader
from genstudio.ui.pages.data import words
from genstudio.ui.pages.data.gallery_model import DatasetPictures, dataset_thumbnails
from genstudio.ui.theme import GRID
from genstudio.ui.views.gallery import Gallery
from genstudio.ui.widgets.buttons import Button, IconButton, PrimaryButton
from genstudio.ui.widgets.cards import Notice, PageHeader, SectionHeader
from genstudio.ui.widgets.fields import FieldRow, SearchField, SidePanel, TextField, value_label
from genstudio.ui.widgets.layouts import column, row
from genstudio.ui.widgets.numbers import ComboBox, Slider
from genstudio.ui.widgets.text import PlainLabel
from genstudio.ui.widgets.tones import Tone

if TYPE_CHECKING:
    from genstudio.data.cache import CacheHeader

_CELL = "data cell size"
_PAUSE_MS = 200


class DetailView(QWidget):
    """A dataset on show. Signals carry its id (`renamed` its new name as well)."""

    left = Signal()
    train_wanted = Signal(str)
    delete_wanted = Signal(str)
    report_wanted = Signal(str)
    renamed = Signal(str, str)

    def __init__(self, context: UiContext, reader: Reader) -> None:
        super().__init__()
        self._context = context
        self._reader = reader
        self._record: DatasetRecord | None = None
        self._pictures: DatasetPictures | None = None
        self._header = PageHeader("", "")
        self._problem = Notice()
        self.label_field = ComboBox(self.tr("Label"))
        self.search_field = SearchField(self.tr("Search names and captions"))
        self._gallery = Gallery()
        self._gallery.setAccessibleName(self.tr("Pictures of the dataset"))
        self._zoom = Slider(self.tr("Size of the pictures"), 48, 256, context.settings.get(_CELL, 96))
        self._shown = PlainLabel("", "small")
        self._panel = SidePanel()
        self._name = TextField(self.tr("Name"))
        self._facts = PlainLabel("", "", wrap=True)
        self._counts = PlainLabel("", "small", wrap=True)
        self._about = value_label()
        self._about.setAccessibleName(self.tr("About the chosen picture"))
        self._about.setWordWrap(True)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._lay_out()
        self._connect()

    @property
    def dataset(self) -> str:
        """The id of the dataset on show, or an empty text."""
        return self._record.id if self._record is not None else ""

    def about_text(self) -> str:
        """What is said of the chosen picture."""
        return self._about.text()

    def show_dataset(self, record: DatasetRecord) -> None:
        """Show a dataset; its pictures follow as soon as its header is read."""
        from genstudio.data.cache import read_header

        self._record = record
        self._header.set_title(record.name)
        self._header.set_sentence(f"{words.holding(record.spec)} · {words.shape(record.spec)}")
        self._name.setText(record.name)
        self._facts.setText(_facts(record))
        self._counts.setText("")
        self._about.setText(self.tr("Choose a picture to see its name and label."))
        self._problem.show_text("")
        folder = self._context.workspace.project.path(record.folder)
        future = self._reader.read(read_header, folder)
        self._context.bridge.ask(future, lambda header: self._show_header(record, header), self._failed)

    def _show_header(self, record: DatasetRecord, header: "CacheHeader") -> None:
        if record.id != self.dataset:
            return
        self._pictures = DatasetPictures(header)
        folder = self._context.workspace.project.path(record.folder)
        self._gallery.set_model(self._pictures, dataset_thumbnails(folder, header, self._context.bridge, self._reader))
        counts = self._pictures.counts()
        self._counts.setText(words.label_counts(dict(counts), most=40))
        self.label_field.blockSignals(True)
        self.label_field.clear()
        self.label_field.addItem(self.tr("All labels"), None)
        for number, (label, count) in enumerate(counts):
            self.label_field.addItem(f"{label}  ({core_words.count(count)})", number)
        self.label_field.blockSignals(False)
        self.label_field.setVisible(bool(counts))
        self.search_field.clear()
        self._filter()

    def _failed(self, sentence: str) -> None:
        self._problem.show_text(sentence, Tone.BAD)

    def _filter(self) -> None:
        if self._pictures is None or self._record is None:
            return
        self._pictures.filter(self.label_field.currentData(), self.search_field.text())
        self._gallery.set_empty_text(self.tr("No picture fits. Clear the search or choose all labels."))
        self._gallery.reset()
        text = self.tr("{shown} of {all}")
        count = core_words.count(self._pictures.count())
        self._shown.setText(text.format(shown=count, all=core_words.count(self._record.spec.count)))

    def _show_current(self, key: str) -> None:
        if self._pictures is not None and key:
            self._about.setText("\n".join(self._pictures.about(int(key))))

    def _resize_cells(self, side: int) -> None:
        self._gallery.set_cell_size(side)
        self._context.settings.set(_CELL, side)

    def _rename(self) -> None:
        name = self._name.text().strip()
        if self._record is not None and name and name != self._record.name:
            self.renamed.emit(self.dataset, name)

    def _connect(self) -> None:
        self.label_field.currentIndexChanged.connect(self._filter)
        self.search_field.textChanged.connect(lambda: self._pause.start())
        self._pause.timeout.connect(self._filter)
        self._gallery.current_changed.connect(self._show_current)
        self._gallery.cell_size_changed.connect(self._zoom.setValue)
        self._zoom.valueChanged.connect(self._resize_cells)
        self._name.editingFinished.connect(self._rename)
        self._gallery.set_cell_size(self._zoom.value())

    def _lay_out(self) -> None:
        back = IconButton("arrow-left", self.tr("Back to all datasets"))
        back.clicked.connect(self.left)
        self._zoom.setFixedWidth(120)
        self.label_field.setMaximumWidth(220)
        self.search_field.setMinimumWidth(240)
        self.search_field.setMaximumWidth(320)
        centre = QVBoxLayout()
        centre.setContentsMargins(3 * GRID, 3 * GRID, 2 * GRID, 2 * GRID)
        centre.setSpacing(GRID)
        centre.addLayout(row(back, self._header))
        centre.addWidget(self._problem)
        centre.addLayout(row(self.label_field, self.search_field, 1, self._shown, self._zoom))
        centre.addWidget(self._gallery, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(centre, 1)
        layout.addWidget(self._panel)
        self._fill_panel()

    def _fill_panel(self) -> None:
        train = PrimaryButton(self.tr("Train on this"), icon_name="train")
        report = Button(self.tr("What the import did"), icon_name="list")
        delete = Button(self.tr("Delete"), icon_name="trash", tip=self.tr("It can be taken back"))
        train.clicked.connect(lambda: self.train_wanted.emit(self.dataset))
        report.clicked.connect(lambda: self.report_wanted.emit(self.dataset))
        delete.clicked.connect(lambda: self.delete_wanted.emit(self.dataset))
        add = self._panel.column.addWidget
        add(FieldRow(self.tr("Name"), self._name, self.tr("Press Return to rename.")))
        self._panel.column.addLayout(column(SectionHeader(self.tr("About")), self._facts, spacing=4))
        self._panel.column.addLayout(column(SectionHeader(self.tr("Labels")), self._counts, spacing=4))
        self._panel.column.addLayout(column(SectionHeader(self.tr("Chosen picture")), self._about, spacing=4))
        self._panel.column.addStretch(1)
        self._panel.foot.addLayout(row(report, delete, 1))
        self._panel.foot.addWidget(train)


def _facts(record: DatasetRecord) -> str:
    lines = [
        words.tr("Imported {when}").format(when=_date(record.created)),
        words.tr("From {source}").format(source=paths.shown(Path(record.source))),
    ]
    if record.refused:
        lines.append(words.tr("Left out: {count}").format(count=core_words.count(record.refused)))
    if record.duplicates:
        lines.append(words.tr("Duplicates left out: {count}").format(count=core_words.count(record.duplicates)))
    return "\n".join(lines)


def _date(seconds: float) -> str:
    return QLocale().toString(QDateTime.fromSecsSinceEpoch(round(seconds)), "d MMMM yyyy, HH:mm")
