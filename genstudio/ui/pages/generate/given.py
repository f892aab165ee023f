"""The picture that is given: where it comes from, and, for completing it, which of its pixels stay."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QSizePolicy, QVBoxLayout, QWidget

from genstudio.generation.given import Given, keep
from genstudio.ui.theme import GRID
from genstudio.ui.views.mask_canvas import MaskCanvas
from genstudio.ui.widgets.buttons import Button
from genstudio.ui.widgets.cards import Notice
from genstudio.ui.widgets.layouts import column, holding, row
from genstudio.ui.widgets.numbers import SliderSpin
from genstudio.ui.widgets.segments import Segments
from genstudio.ui.widgets.text import ElidedLabel, PlainLabel

_LARGEST_BRUSH = 16
_PICTURES = "*.png *.jpg *.jpeg *.webp *.gif *.tif *.tiff *.bmp"


class GivenPanel(QWidget):
    """A canvas with what can be done to it.

    `data_wanted`, `chosen_wanted` and `file_wanted` ask for a picture: one of the data, the one chosen in the gallery,
    a file. `changed` says that another picture or another part of it is given.
    """

    data_wanted = Signal()
    chosen_wanted = Signal()
    file_wanted = Signal(Path)
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.canvas = MaskCanvas(self.tr("The given picture"))
        self.canvas.set_empty_text(self.tr("Choose a picture below, or drop a file here."))
        self.from_data = Button(self.tr("Data…"), icon_name="data", tip=self.tr("A picture the model learned from"))
        self.from_gallery = Button(
            self.tr("Chosen"), icon_name="generate", tip=self.tr("The one chosen in the gallery")
        )
        self.from_file = Button(self.tr("File…"), icon_name="folder-open", tip=self.tr("Any picture on this computer"))
        brushes = [
            ("keep", self.tr("Keep"), self.tr("Paint what stays")),
            ("erase", self.tr("Let go"), self.tr("Paint what is drawn anew")),
        ]
        self.brush = Segments(self.tr("Brush"), brushes, "keep")
        self.brush_size = SliderSpin(self.tr("Size of the brush"), 1, _LARGEST_BRUSH, 3, suffix=self.tr("px"))
        self.top = Button(self.tr("Top half"))
        self.left = Button(self.tr("Left half"))
        self.clear = Button(self.tr("Clear"), tip=self.tr("Keep nothing"))
        self._name = ElidedLabel("", "small")
        self._note = Notice()
        self._lay_out()
        self._connect()
        self._note.show_text("")

    def given(self) -> Given | None:
        """The picture and what stays of it, or None while there is none."""
        picture = self.canvas.picture
        return None if picture is None else Given(picture, self.canvas.known)

    def show_picture(self, picture: NDArray[np.uint8] | None, name: str = "") -> None:
        """Give another picture, or none. Its upper half stays, unless a mask of its size is there already."""
        fits = picture is not None and self.canvas.known.shape == picture.shape[:2] and self.canvas.known.any()
        known = None if picture is None or fits else keep("top", *picture.shape[:2])
        self._name.setText(name)
        self.canvas.show_picture(picture, known)

    def show_given(self, given: Given, name: str) -> None:
        """Give a picture with a mask of its own."""
        self._name.setText(name)
        self.canvas.show_picture(given.picture, given.known)

    def set_painting(self, painting: bool) -> None:
        """Whether it matters which pixels stay."""
        self.canvas.painting = painting
        self.canvas.update()
        self._brushes.setVisible(painting)
        self._note.setVisible(painting and bool(self._note.text()))

    def show_note(self, note: str) -> None:
        """Say what the model does with a mask that it cannot treat exactly, or nothing."""
        self._note.show_text(note)
        self._note.setVisible(self.canvas.painting and bool(note))

    def _lay_out(self) -> None:
        halves = row(self.top, self.left, self.clear, spacing=4)
        hint = PlainLabel(self.tr("What is veiled is drawn anew."), "small", wrap=True)
        self._brushes = holding(column(hint, halves, self.brush, self.brush_size, spacing=GRID))
        for button in (self.from_data, self.from_gallery, self.from_file, self.top, self.left, self.clear):
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(GRID)
        outer.addWidget(self.canvas)
        outer.addWidget(self._name)
        outer.addLayout(row(self.from_data, self.from_gallery, self.from_file, spacing=4))
        outer.addWidget(self._brushes)
        outer.addWidget(self._note)

    def _connect(self) -> None:
        self.from_data.clicked.connect(self.data_wanted)
        self.from_gallery.clicked.connect(self.chosen_wanted)
        self.from_file.clicked.connect(self._ask_file)
        self.canvas.dropped.connect(lambda files: self.file_wanted.emit(files[0]))
        self.canvas.changed.connect(self.changed)
        self.brush.changed.connect(self._choose_brush)
        self.brush_size.changed.connect(self._choose_size)
        for button, side in ((self.top, "top"), (self.left, "left"), (self.clear, "0")):
            button.clicked.connect(lambda _=False, side=side: self._keep(side))

    def _ask_file(self) -> None:
        filters = self.tr("Pictures ({0})").format(_PICTURES)
        chosen, _ = QFileDialog.getOpenFileName(self, self.tr("Choose a picture"), "", filters)
        if chosen:
            self.file_wanted.emit(Path(chosen))

    def _choose_brush(self, brush: str) -> None:
        self.canvas.erasing = brush == "erase"

    def _choose_size(self, size: float) -> None:
        self.canvas.brush = round(size)

    def _keep(self, what: str) -> None:
        if self.canvas.picture is not None:
            self.canvas.keep(keep(what, *self.canvas.picture.shape[:2]))
