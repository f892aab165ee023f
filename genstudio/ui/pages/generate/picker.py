"""Choosing a picture of a run's dataset."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from genstudio.data.cache import read_header
from genstudio.jobs.given import dataset_folder
from genstudio.ui.context import UiContext
from genstudio.ui.dialogs.overlay import Overlay
from genstudio.ui.models.reading import Reader
from genstudio.ui.pages.data.gallery_model import DatasetPictures, dataset_thumbnails
from genstudio.ui.views.gallery import Gallery
from genstudio.ui.widgets.buttons import PrimaryButton
from genstudio.ui.widgets.fields import SearchField
from genstudio.ui.widgets.layouts import row
from genstudio.ui.widgets.text import PlainLabel

if TYPE_CHECKING:
    from genstudio.data.cache import CacheHeader
    from genstudio.jobs.workspace import Workspace

_WIDTH, _HEIGHT, _CELL = 760, 420, 64


class DataPicker(Overlay):
    """The pictures of a dataset over the window. `taken` carries the place of the one that was chosen."""

    taken = Signal(int)

    def __init__(self, host: QWidget, context: UiContext, reader: Reader, run: str) -> None:
        super().__init__(host, self.tr("Choose a picture"), _WIDTH)
        self._context, self._reader = context, reader
        self._pictures: DatasetPictures | None = None
        self._search = SearchField(self.tr("Search names, labels and captions"))
        self.gallery = Gallery()
        self.gallery.setAccessibleName(self.tr("Pictures of the dataset"))
        self.gallery.set_cell_size(_CELL)
        self.gallery.setFixedHeight(min(_HEIGHT, max(200, host.height() - 240)))
        self.button = PrimaryButton(self.tr("Take this picture"))
        self.column.addWidget(self._search)
        self.column.addWidget(self.gallery)
        self.column.addLayout(row(PlainLabel(self.tr("A double click takes a picture."), "small"), 1, self.button))
        self.gallery.opened.connect(self._take)
        self.gallery.selection_changed.connect(self._show_button)
        self.button.clicked.connect(lambda: self._take(self.gallery.current_key() or ""))
        self._search.textChanged.connect(self._filter)
        self._show_button()
        context.bridge.ask(reader.read(_read, context.workspace, run), self._show, self._failed)

    def _show(self, found: "tuple[Path, CacheHeader]") -> None:
        folder, header = found
        self._pictures = DatasetPictures(header)
        self.gallery.set_model(self._pictures, dataset_thumbnails(folder, header, self._context.bridge, self._reader))
        self.gallery.setFocus()

    def _failed(self, sentence: str) -> None:
        self.leave()
        self._context.toasts.problem(sentence)

    def _filter(self, text: str) -> None:
        if self._pictures is not None:
            self._pictures.filter(None, text)
            self.gallery.reset()

    def _show_button(self) -> None:
        chosen = self.gallery.chosen_keys()
        self.button.disable_because("" if chosen else self.tr("Choose a picture first."))

    def _take(self, key: str) -> None:
        if key:
            self.leave()
            self.taken.emit(int(key))


def _read(workspace: "Workspace", run: str) -> "tuple[Path, CacheHeader]":
    folder = dataset_folder(workspace, run)
    return folder, read_header(folder)
