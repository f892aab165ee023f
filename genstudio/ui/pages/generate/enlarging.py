"""The small picture and what was made of it, side by side."""

import numpy as np
from numpy.typing import NDArray

from genstudio.ui.views.image import qimage_from_array
from genstudio.ui.views.picture_choice import PictureChoice
from genstudio.ui.views.small_and_large import SmallAndLarge
from genstudio.ui.widgets.buttons import IconButton
from genstudio.ui.widgets.cards import Card, SectionHeader
from genstudio.ui.widgets.layouts import row
from genstudio.ui.widgets.segments import Segments
from genstudio.ui.widgets.text import PlainLabel


class EnlargedPanel(Card):
    """Shows the given picture at once, and the enlarged ones as they come."""

    def __init__(self) -> None:
        super().__init__()
        self.pair = SmallAndLarge(self.tr("The small picture and the enlarged one"))
        self.choice = PictureChoice(self.tr("Enlarged in several ways"))
        ways = [
            ("squares", self.tr("Pixels"), self.tr("Show the small picture's pixels as squares")),
            ("smooth", self.tr("Smooth"), self.tr("Show the small picture plainly enlarged")),
        ]
        self.before = Segments(self.tr("The small picture"), ways, "squares")
        self.close_button = IconButton("close", self.tr("Close the comparison"), size=16)
        self._small, self._large = PlainLabel("", "small"), PlainLabel("", "small")
        self._pictures: list[NDArray[np.uint8]] = []
        self._finished: list[NDArray[np.uint8]] = []
        self.column.addWidget(SectionHeader(self.tr("Small and large"), "", self.before, self.close_button))
        self.column.addWidget(self.pair)
        self.column.addLayout(row(self._small, 1, self._large))
        self.column.addWidget(self.choice)
        self.before.changed.connect(lambda way: self.pair.set_smooth(way == "smooth"))
        self.choice.current_changed.connect(lambda _: self._show_current())

    def begin(self, small: NDArray[np.uint8]) -> None:
        """Another picture is going to be enlarged."""
        self._pictures, self._finished = [], []
        self.pair.show_small(small)
        self._small.setText(self.tr("Given: {0}").format(_size(small)))
        self._large.setText("")
        self.choice.hide()

    def show_growing(self, pictures: NDArray[np.uint8]) -> None:
        """Show pictures (N, H, W, C) that are not finished, after those that are."""
        self._show([*self._finished, *pictures])

    def add(self, pictures: list[NDArray[np.uint8]]) -> None:
        """Some are finished."""
        self._finished += pictures
        self._show(list(self._finished))

    def _show(self, pictures: list[NDArray[np.uint8]]) -> None:
        self._pictures = pictures
        self.choice.setVisible(len(pictures) > 1)
        if len(pictures) > 1:
            self.choice.show_images([qimage_from_array(one) for one in pictures])
        self._show_current()

    def _show_current(self) -> None:
        if self._pictures:
            large = self._pictures[min(self.choice.current, len(self._pictures) - 1)]
            self.pair.show_large(large)
            self._large.setText(self._words(large))

    def _words(self, large: NDArray[np.uint8]) -> str:
        size = self.tr("Enlarged: {0}").format(_size(large))
        return self.tr("{0} · drag to see other parts").format(size) if self.pair.in_part else size


def _size(picture: NDArray[np.uint8]) -> str:
    return f"{picture.shape[1]:,} × {picture.shape[0]:,}"
