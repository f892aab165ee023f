"""Watching pictures being drawn, looking through how they came to be, and letting one go on differently from there."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout

from genstudio.generation.given import Given
from genstudio.jobs.watching import Drawing
from genstudio.ui.models.take import Take, drawn_so_far
from genstudio.ui.theme import GRID, token_colour
from genstudio.ui.views.image import qimage_from_array
from genstudio.ui.views.picture_choice import PictureChoice
from genstudio.ui.views.pixel_view import HeatPair, emptied
from genstudio.ui.widgets.buttons import Button, IconButton
from genstudio.ui.widgets.cards import Card, SectionHeader
from genstudio.ui.widgets.layouts import column, holding, row
from genstudio.ui.widgets.numbers import Slider
from genstudio.ui.widgets.segments import Segments
from genstudio.ui.widgets.text import PlainLabel


def over_or_beside(name: str, options: Sequence[tuple[str, str, str]]) -> Segments:
    """The choice between a heat map beside the picture and one over it."""
    return Segments(name, options, "beside")


class DrawingPanel(Card):
    """The pictures of a chunk while they are drawn, and afterwards a slider through all of that.

    `continue_wanted` carries a `Given`: a picture, and what was drawn of it at the place the slider stands at.
    """

    continue_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._take = Take()
        self._kept: NDArray[np.bool_] | None = None
        self._blocked = ""
        self._is_live = False
        self._earlier, self._size = 0, 0  # pictures of this batch drawn before the ones in hand, and of those
        self.pair = HeatPair(self.tr("The picture as it is drawn"), self.tr("How unsure the model is of each pixel"))
        self.choice = PictureChoice(self.tr("Pictures being drawn"))
        self.slider = Slider(self.tr("Look through the drawing"), 0, 0, 0)
        self.place = PlainLabel("", "small")
        sides = [
            ("beside", self.tr("Beside"), self.tr("Show how unsure the model is beside the picture")),
            ("over", self.tr("Over"), self.tr("Lay how unsure the model is over the picture")),
        ]
        self.sides = over_or_beside(self.tr("Uncertainty"), sides)
        self.go_on = Button(
            self.tr("Continue differently from here"),
            icon_name="dice",
            tip=self.tr("Keep what is drawn up to here, and let chance draw the rest anew"),
        )
        self.close_button = IconButton("close", self.tr("Close the drawing"), size=16)
        self._lay_out()
        self._connect()

    def begin(self, kept: NDArray[np.bool_] | None) -> None:
        """Another batch begins; `kept` (H, W) is what of its pictures was given."""
        self._take, self._kept, self._is_live = Take(), kept, True
        self._earlier = 0

    def add(self, drawing: Drawing) -> None:
        """Show the next frame. One of another chunk begins anew."""
        if not self._take.follows(drawing):
            self._earlier += self._size
            self._take = Take()
        self._size = len(drawing.pictures)
        at_end = self.slider.value() >= self.slider.maximum()
        self._take.add(drawing)
        self.slider.blockSignals(True)
        self.slider.setMaximum(len(self._take) - 1)
        if at_end or len(self._take) == 1:
            self.slider.setValue(len(self._take) - 1)
        self.slider.blockSignals(False)
        self._show_frame()

    def end(self) -> None:
        """The batch has ended."""
        self._is_live = False
        if len(self._take):
            self._show_frame()

    def block(self, reason: str) -> None:
        """Say why nothing can go on from here, or nothing."""
        self._blocked = reason
        if len(self._take):
            self._show_frame()

    def has_frames(self) -> bool:
        """Whether there is anything to see."""
        return len(self._take) > 0

    def _lay_out(self) -> None:
        about = self.tr("The map shows how unsure the model was of each pixel before it drew it.")
        head = SectionHeader(self.tr("Watch it draw"), about, self.sides, self.close_button)
        aside = column(self.choice, 1, self.place, self.slider, row(self.go_on, 1), spacing=GRID)
        body = QHBoxLayout()
        body.setSpacing(3 * GRID)
        body.addWidget(self.pair, 0, Qt.AlignmentFlag.AlignTop)
        body.addWidget(holding(aside), 1)
        self.column.addWidget(head)
        self.column.addLayout(body)

    def _connect(self) -> None:
        self.slider.valueChanged.connect(lambda _: self._show_frame())
        self.choice.current_changed.connect(lambda _: self._show_frame())
        self.sides.changed.connect(lambda side: self.pair.set_over(side == "over"))
        self.go_on.clicked.connect(self._go_on)

    def _show_frame(self) -> None:
        if not len(self._take):
            return
        frame = self._take[min(self.slider.value(), len(self._take) - 1)]
        known, ground = self._known(frame), token_colour(self.palette(), "canvas")
        self.choice.show_images([qimage_from_array(emptied(one, known, ground)) for one in frame.pictures])
        bits = self._bits(frame)
        self.pair.show_pair(frame.pictures[self.choice.current], bits, self._take.most, known)
        self.sides.setVisible(bits is not None)
        share = self.tr("{done} of {total}").format(done=f"{frame.done:,}", total=f"{frame.total:,}")
        place = self.tr("Pixel {share}").format(share=share) if self._is_of_pixels(frame) else share
        self.place.setText(place + self._which(frame))
        self.go_on.disable_because(self._reason(frame))

    def _which(self, frame: Drawing) -> str:
        """Which pictures of a batch these are, when it is drawn in several goes: the latest go is the one shown."""
        if not self._earlier:
            return ""
        shown = self.tr(" · pictures {first} to {last} of this batch, the latest ones")
        return shown.format(first=self._earlier + 1, last=self._earlier + len(frame.pictures))

    def _is_of_pixels(self, frame: Drawing) -> bool:
        height, width = frame.pictures.shape[1:3]
        return bool(frame.total == height * width)

    def _reason(self, frame: Drawing) -> str:
        if self._blocked:
            return self._blocked
        if self._is_live:
            return self.tr("Wait until it is drawn.")
        known = self._known(frame)
        if known is None:
            return self.tr("This model does not draw one pixel after the other.")
        if known.all():
            return self.tr("Move the slider back first: everything is drawn here.")
        return ""

    def _bits(self, frame: Drawing) -> NDArray[np.float32] | None:
        if frame.uncertainty is None:
            return None
        bits = frame.uncertainty[self.choice.current]
        return bits if self._kept is None else np.where(self._kept, np.float32(0), bits)

    def _known(self, frame: Drawing) -> NDArray[np.bool_] | None:
        drawn = drawn_so_far(frame)
        return drawn if drawn is None or self._kept is None else drawn | self._kept

    def _go_on(self) -> None:
        frame = self._take[self.slider.value()]
        known = self._known(frame)
        if known is not None:
            self.continue_wanted.emit(Given(np.ascontiguousarray(frame.pictures[self.choice.current]), known))
