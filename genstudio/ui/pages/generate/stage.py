"""What is being drawn, or what a model says of pictures: a card above the gallery, one at a time."""

import random
from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from genstudio.core.abilities import Ability
from genstudio.generation.export import read_image
from genstudio.generation.given import Given
from genstudio.jobs.classifying import Classification
from genstudio.jobs.completing import CompleteRequest
from genstudio.jobs.generating import GenerateRequest
from genstudio.jobs.keeping import Plain
from genstudio.jobs.scoring import Ranked
from genstudio.jobs.upscaling import UpscaleRequest
from genstudio.jobs.watching import Drawing
from genstudio.store.records import SampleRecord
from genstudio.ui.context import UiContext
from genstudio.ui.models.reading import Reader
from genstudio.ui.pages.generate.answers import RankingPanel, SurprisePanel
from genstudio.ui.pages.generate.drawing import DrawingPanel
from genstudio.ui.pages.generate.enlarging import EnlargedPanel
from genstudio.ui.pages.generate.film import FilmPanel
from genstudio.ui.pages.generate.job import GenerateJob
from genstudio.ui.pages.generate.making import MakePanel
from genstudio.ui.pages.generate.naming import NamingPanel
from genstudio.ui.pages.generate.oddities import Found, OddityPanel
from genstudio.ui.pages.generate.requests import Request
from genstudio.ui.pages.generate.scoring import Ends, ScoreJob, Surprised
from genstudio.ui.theme import GRID

_CONTINUED = 8
_ROLLED = 1_000_000


class Stage(QWidget):
    """Shows the latest of them.

    `make_wanted` carries a `CompleteRequest` for letting a drawing go on differently; `changed` says that a question to
    the model was asked, got on or was answered.
    """

    make_wanted = Signal(object)
    changed = Signal()

    def __init__(self, context: UiContext, reader: Reader, make: MakePanel, job: GenerateJob) -> None:
        super().__init__()
        self._context, self._reader = context, reader
        self._make, self._job = make, job
        self.scores = ScoreJob(context, self)
        self.drawing, self.surprise, self.ranking = DrawingPanel(), SurprisePanel(), RankingPanel()
        self.naming, self.oddities, self.enlarged = NamingPanel(), OddityPanel(), EnlargedPanel()
        self.film = FilmPanel(context, job, reader)
        drawn = (self.film, self.drawing, self.enlarged)
        self._panels = (*drawn, self.surprise, self.ranking, self.naming, self.oddities)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 2 * GRID)
        column.setSpacing(0)
        for panel in self._panels:
            column.addWidget(panel)
            panel.close_button.clicked.connect(self.hide)
        self._connect()
        self.hide()

    def begin(self, request: Request) -> None:
        """Something is going to be made."""
        if isinstance(request, UpscaleRequest):
            self.enlarged.begin(request.picture)
            self._show_only(self.enlarged)
            return
        self.drawing.begin(request.given.known if isinstance(request, CompleteRequest) else None)
        self.drawing.block("" if self._make.can(Ability.COMPLETE) else self.tr("This model cannot complete pictures."))

    def forget(self) -> None:
        """Show nothing any more."""
        self.scores.cancel()
        self.film.forget()
        self.drawing.begin(None)
        self.hide()

    def ask_surprise(self, label: str | None = None) -> None:
        """Ask how surprising the given picture is."""
        request = self._make.surprise_request(label)
        if request is not None:
            self.scores.start(request)

    def ask_oddity(self) -> None:
        """Ask how odd the given picture is."""
        request = self._make.oddity_request()
        if request is not None:
            self.scores.start(request)

    def _connect(self) -> None:
        self._job.drawn.connect(self._show_drawing)
        self.film.wanted.connect(lambda: self._show_only(self.film))
        self._job.arrived.connect(self._take_enlarged)
        self._job.changed.connect(self._follow_job)
        self._make.rank.clicked.connect(lambda: self.scores.start(self._make.rank_request()))
        self._make.name_labels.clicked.connect(lambda: self.scores.start(self._make.naming_request()))
        self._make.oddest.clicked.connect(lambda: self.scores.start(self._make.oddities_request()))
        self.scores.changed.connect(self._show_scores)
        self.scores.surprised.connect(self._show_surprise)
        self.scores.ranked.connect(self._show_ranking)
        self.scores.named.connect(self._show_naming)
        self.scores.found.connect(self._show_oddities)
        self.drawing.continue_wanted.connect(self._continue)
        self.ranking.taken.connect(self._take)

    def _take_enlarged(self, records: list[SampleRecord]) -> None:
        project = self._context.project
        if isinstance(self._job.request, UpscaleRequest) and project is not None:
            files = [project.path(record.file) for record in records]
            future = self._reader.read(lambda: [read_image(file) for file in files])
            self._context.bridge.ask(future, self.enlarged.add, self._context.toasts.problem)

    def _show_drawing(self, drawing: Drawing) -> None:
        if isinstance(self._job.request, UpscaleRequest):
            self.enlarged.show_growing(drawing.pictures)
            return
        first = not self.drawing.has_frames()
        self.drawing.add(drawing)
        if first:
            self._show_only(self.drawing)

    def _follow_job(self) -> None:
        if not self._job.busy:
            self.drawing.end()

    def _show_scores(self) -> None:
        for button in (self._make.rank, self._make.name_labels, self._make.oddest):
            button.disable_because(self.tr("Wait until the model has looked.") if self.scores.busy else "")
        self.changed.emit()

    def _show_surprise(self, answer: Surprised) -> None:
        self.surprise.show_surprise(answer)
        self._show_only(self.surprise)

    def _show_ranking(self, ends: Ends) -> None:
        self.ranking.show_ends(ends)
        self._show_only(self.ranking)

    def _show_naming(self, answer: Classification) -> None:
        self.naming.show_answer(answer)
        self._show_only(self.naming)

    def _show_oddities(self, found: Found) -> None:
        self.oddities.show_found(found)
        self._show_only(self.oddities)

    def _show_only(self, panel: QWidget) -> None:
        for other in self._panels:
            other.setVisible(other is panel)
        self.show()

    def _take(self, picture: object, ranked: Ranked) -> None:
        self._make.given.show_picture(picture, ranked.name)  # type: ignore[arg-type]  # a signal forgets types
        self.ask_surprise(ranked.label or None)

    def _continue(self, given: Given) -> None:
        made = self._job.request
        if self._job.busy or not isinstance(made, GenerateRequest | CompleteRequest):
            return
        seed = random.randrange(_ROLLED)
        if isinstance(made, CompleteRequest):
            self.make_wanted.emit(replace(made, given=given, seed=seed, count=_CONTINUED, batch=_CONTINUED))
            return
        options: Mapping[str, Plain] = made.options
        request = CompleteRequest(
            made.run, made.checkpoint, given, _CONTINUED, seed, _CONTINUED, made.label, options, made.prompt
        )
        self.make_wanted.emit(request)
