"""What a model says of pictures: where one surprises it, and which of its data are likely and which are not."""

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout

from genstudio.core import words
from genstudio.generation.heat import full_scale
from genstudio.ui.pages.generate.drawing import over_or_beside
from genstudio.ui.pages.generate.scoring import Ends, Surprised
from genstudio.ui.theme import GRID
from genstudio.ui.views.image import qimage_from_array
from genstudio.ui.views.picture_choice import PictureChoice
from genstudio.ui.views.pixel_view import HeatPair
from genstudio.ui.views.share_bars import ShareBars
from genstudio.ui.widgets.buttons import IconButton
from genstudio.ui.widgets.cards import Card, SectionHeader
from genstudio.ui.widgets.layouts import column
from genstudio.ui.widgets.text import PlainLabel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from genstudio.jobs.scoring import Ranked

_EDGE = 56
_LABELS = 5


class SurprisePanel(Card):
    """A picture, the heat map of its surprise, and the figures of the whole."""

    def __init__(self) -> None:
        super().__init__()
        self.pair = HeatPair(self.tr("The picture"), self.tr("Where it surprises the model"))
        self.figure, self.nats = PlainLabel("", "title"), PlainLabel("", "small", wrap=True)
        sides = [
            ("beside", self.tr("Beside"), self.tr("Show the surprise beside the picture")),
            ("over", self.tr("Over"), self.tr("Lay the surprise over the picture")),
        ]
        self.sides = over_or_beside(self.tr("Surprise"), sides)
        self.close_button = IconButton("close", self.tr("Close the surprise"), size=16)
        self.column.addWidget(SectionHeader(self.tr("Surprise"), "", self.sides, self.close_button))
        hint = PlainLabel(
            self.tr("Light pixels are those the model did not expect after seeing all pixels before them."),
            "small",
            wrap=True,
        )
        body = QHBoxLayout()
        body.setSpacing(3 * GRID)
        body.addWidget(self.pair)
        self.naming = PlainLabel(self.tr("Labels it could have, by what the model has learned:"), "small", wrap=True)
        self.labels = ShareBars(self.tr("Labels the picture could have"))
        body.addLayout(column(self.figure, self.nats, hint, GRID, self.naming, self.labels, 1), 1)
        self.column.addLayout(body)
        self.sides.changed.connect(lambda side: self.pair.set_over(side == "over"))

    def show_surprise(self, answer: Surprised) -> None:
        """Show what a model says of a picture."""
        most = float(math.ceil(full_scale(answer.bits)))
        self.pair.show_pair(answer.picture, answer.bits, most)
        self.figure.setText(self.tr("{bits} bits per dimension").format(bits=f"{answer.bits_per_dim:.2f}"))
        nats, bits = words.figure(answer.nats), words.figure(float(answer.bits.sum()))
        self.nats.setText(self.tr("{nats} nats ({bits} bits) for the whole picture.").format(nats=nats, bits=bits))
        self.labels.show_shares(() if answer.labels is None else answer.labels.shares[:_LABELS])
        self.naming.setVisible(answer.labels is not None)


class RankingPanel(Card):
    """The most and the least likely pictures of a run's data. `taken` carries one's pixels and its `Ranked`."""

    taken = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self._ends = Ends([], [], 0)
        self.most = PictureChoice(self.tr("Most likely pictures"), _EDGE, captioned=True)
        self.least = PictureChoice(self.tr("Least likely pictures"), _EDGE, captioned=True)
        self._about = PlainLabel("", "small", wrap=True)
        self.close_button = IconButton("close", self.tr("Close the ranking"), size=16)
        self.column.addWidget(SectionHeader(self.tr("Most and least likely pictures"), "", self.close_button))
        for title, strip in ((self.tr("Most likely"), self.most), (self.tr("Least likely"), self.least)):
            self.column.addWidget(PlainLabel(title, "small"))
            self.column.addWidget(strip)
        self.column.addWidget(self._about)
        self.most.taken.connect(lambda index: self._take(self._ends.most[index]))
        self.least.taken.connect(lambda index: self._take(self._ends.least[index]))

    def show_ends(self, ends: Ends) -> None:
        """Show the two ends of a ranking."""
        self._ends = ends
        for strip, some in ((self.most, ends.most), (self.least, ends.least)):
            captions = [f"{ranked.bits_per_dim:.2f}" for ranked, _ in some]
            strip.show_images([qimage_from_array(pixels) for _, pixels in some], captions)
        text = self.tr("Bits per dimension of {count} pictures of the data; choose one to see where it surprises.")
        self._about.setText(text.format(count=words.count(ends.count)))

    def _take(self, chosen: "tuple[Ranked, NDArray[np.uint8]]") -> None:
        ranked, pixels = chosen
        self.taken.emit(pixels, ranked)
