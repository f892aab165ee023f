"""Odd pictures: the oddest of the data with a threshold, or a given one; where, and how odd usual ones are."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QHBoxLayout

from genstudio.core import words
from genstudio.generation.heat import full_scale
from genstudio.jobs.oddities import Oddities, Usual, find_oddities, judge_pictures
from genstudio.jobs.watching import Told
from genstudio.jobs.workspace import Workspace
from genstudio.ui.pages.generate.drawing import over_or_beside
from genstudio.ui.theme import GRID
from genstudio.ui.views.image import qimage_from_array
from genstudio.ui.views.picture_choice import PictureChoice
from genstudio.ui.views.pixel_view import HeatPair
from genstudio.ui.views.score_spread import ScoreSpread
from genstudio.ui.views.share_bars import percent
from genstudio.ui.widgets.buttons import IconButton
from genstudio.ui.widgets.cards import Card, SectionHeader
from genstudio.ui.widgets.layouts import column
from genstudio.ui.widgets.text import PlainLabel

_EDGE = 56
_SHOWN = 24
_LOOKED_AT = 1000


@dataclass(frozen=True, eq=False)
class OddityRequest:
    """Who is to look for oddities: in a picture uint8 (H, W, C), or (None) in the data the run learned from."""

    run: str
    checkpoint: int | None
    picture: NDArray[np.uint8] | None


@dataclass(frozen=True, eq=False)
class Odd:
    """One picture uint8 (H, W, C), its score and the map float32 (H, W) of where it is odd."""

    name: str
    picture: NDArray[np.uint8]
    score: float
    map: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Found:
    """Pictures, the oddest first, and what usual ones score. `whole` is the ranking, None for a given picture."""

    pictures: tuple[Odd, ...]
    usual: Usual
    whole: Oddities | None


def look(request: OddityRequest, progress: Told, cancelled: Callable[[], bool]) -> Callable[[Workspace], Found]:
    """The job that answers a request."""
    return lambda workspace: (
        _ranked(workspace, request, progress, cancelled)
        if request.picture is None
        else _judged(workspace, request, request.picture, progress, cancelled)
    )


def _ranked(workspace: Workspace, request: OddityRequest, progress: Told, cancelled: Callable[[], bool]) -> Found:
    whole = find_oddities(
        workspace,
        request.run,
        checkpoint=request.checkpoint,
        limit=_LOOKED_AT,
        shown=_SHOWN,
        progress=progress,
        cancelled=cancelled,
    )
    pictures = tuple(Odd(one.name, one.picture, one.score, one.map) for one in whole.oddest)
    return Found(pictures, whole.usual, whole)


def _judged(
    workspace: Workspace,
    request: OddityRequest,
    picture: NDArray[np.uint8],
    progress: Told,
    cancelled: Callable[[], bool],
) -> Found:
    (judged,), usual = judge_pictures(
        workspace,
        request.run,
        picture[None],
        checkpoint=request.checkpoint,
        progress=progress,
        cancelled=cancelled,
    )
    return Found((Odd("", picture, judged.score, judged.map),), usual, None)


class OddityPanel(Card):
    """The answer: a row of pictures to choose from, and the chosen one with its map among the usual scores."""

    def __init__(self) -> None:
        super().__init__()
        self._found: Found | None = None
        self.strip = PictureChoice(self.tr("The oddest pictures"), _EDGE, captioned=True)
        self.pair = HeatPair(self.tr("The picture"), self.tr("Where it is odd"))
        self.verdict, self.about = PlainLabel("", "title"), PlainLabel("", "small", wrap=True)
        self.spread = ScoreSpread(self.tr("Scores of usual pictures"))
        self.line, self.meaning = PlainLabel("", "small", wrap=True), PlainLabel("", "small", wrap=True)
        sides = [
            ("beside", self.tr("Beside"), self.tr("Show the map beside the picture")),
            ("over", self.tr("Over"), self.tr("Lay the map over the picture")),
        ]
        self.sides = over_or_beside(self.tr("Where it is odd"), sides)
        self.close_button = IconButton("close", self.tr("Close the oddities"), size=16)
        self.column.addWidget(SectionHeader(self.tr("Oddities"), "", self.sides, self.close_button))
        self.column.addWidget(self.strip)
        body = QHBoxLayout()
        body.setSpacing(3 * GRID)
        body.addWidget(self.pair)
        body.addLayout(column(self.verdict, self.about, self.spread, self.line, GRID, self.meaning, 1), 1)
        self.column.addLayout(body)
        self.sides.changed.connect(lambda side: self.pair.set_over(side == "over"))
        self.strip.current_changed.connect(self._show)

    def show_found(self, found: Found) -> None:
        """Show an answer, its oddest picture first."""
        self._found = found
        captions = [f"{one.score:,.0f}" for one in found.pictures]
        self.strip.current = 0
        self.strip.show_images([qimage_from_array(one.picture) for one in found.pictures], captions)
        self.strip.setVisible(found.whole is not None)
        self.line.setText(self._line(found))
        self.meaning.setText(found.usual.meaning)
        self._show(0)

    def _show(self, index: int) -> None:
        if self._found is None:
            return
        one, usual = self._found.pictures[index], self._found.usual
        most = math.ceil(full_scale(np.stack([odd.map for odd in self._found.pictures])))
        self.pair.show_pair(one.picture, one.map, float(most), in_bits=False)
        odd = one.score > usual.threshold
        self.verdict.setText(self.tr("Odd") if odd else self.tr("Usual"))
        share = usual.share_above(one.score)
        said = (
            self.tr("Score {score}: no held-out picture is as odd.")
            if share == 0
            else self.tr("Score {score}: {share} of held-out pictures are as odd or odder.")
        )
        text = said.format(score=f"{one.score:,.0f}", share=percent(share))
        self.about.setText(f"{one.name}\n{text}".strip())
        self.spread.show_scores(usual.scores, usual.threshold, one.score)

    def _line(self, found: Found) -> str:
        usual = found.usual
        said = self.tr("The dashed line: {share} of {count} held-out pictures stay below it.").format(
            share=f"{usual.quantile:.0%}", count=words.count(len(usual.scores))
        )
        if found.whole is None:
            return said
        above = self.tr("{above} of {count} pictures of the data are above.").format(
            above=words.count(found.whole.above), count=words.count(found.whole.looked_at)
        )
        return f"{said} {above}"
