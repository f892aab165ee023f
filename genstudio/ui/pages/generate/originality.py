"""Whether the picture under inspection is a copy: a button, a verdict, and the training pictures nearest to it."""

from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from genstudio.jobs.copies import Verdict
from genstudio.jobs.quality_words import levels
from genstudio.ui.context import UiContext
from genstudio.ui.pages.generate.copying import CopyJob, neighbour_images
from genstudio.ui.theme import GRID
from genstudio.ui.views.picture_choice import PictureChoice
from genstudio.ui.widgets.buttons import Button
from genstudio.ui.widgets.cards import Notice
from genstudio.ui.widgets.layouts import column, holding
from genstudio.ui.widgets.text import PlainLabel, set_tip
from genstudio.ui.widgets.tones import Tone

_EDGE = 64


class OriginalityStrip(QWidget):
    """Asks when its button is pressed, and forgets the answer when another picture is shown."""

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._run, self._path = "", Path()
        self._asked = (self._run, self._path)
        self.job = CopyJob(context, self)
        self.button = Button(
            self.tr("Check for copies"),
            icon_name="copy",
            tip=self.tr("Find the training pictures that are nearest to it"),
        )
        self.button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.verdict = Notice()
        self.nearest = PictureChoice(self.tr("Nearest training pictures"), _EDGE, captioned=True)
        self._name = PlainLabel("", "small", wrap=True)
        title = PlainLabel(self.tr("Nearest training pictures"), "small")
        self._found = holding(column(self.verdict, title, self.nearest, self._name, spacing=GRID))
        self._neighbours: tuple[str, ...] = ()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(GRID)
        outer.addWidget(self.button)
        outer.addWidget(self._found)
        self.button.clicked.connect(self._ask)
        self.nearest.current_changed.connect(self._say_name)
        self.job.changed.connect(self._show_job)
        self.job.answered.connect(self._show)
        self.job.failed.connect(self._fail)
        self.show_picture("", Path())

    def show_picture(self, run: str, path: Path) -> None:
        """Be about this picture of a run (by id), or about none."""
        self._run, self._path = run, path
        self.setVisible(bool(run))
        self._found.hide()
        self._show_job()

    def _ask(self) -> None:
        self._asked = (self._run, self._path)
        self.job.ask_file(self._run, self._path)

    def _show_job(self) -> None:
        self.button.disable_because(
            self.tr("It is being compared with the training pictures.") if self.job.busy else ""
        )

    def _show(self, verdicts: object) -> None:
        assert isinstance(verdicts, list)
        if self._asked != (self._run, self._path):
            return
        verdict: Verdict = verdicts[0]
        tone = Tone.WARNING if verdict.near else Tone.GOOD
        self.verdict.show_text(self._sentence(verdict), tone)
        self._neighbours = tuple(neighbour.name for neighbour in verdict.neighbours)
        self.nearest.show_images(*neighbour_images(verdict))
        self.nearest.choose(0)
        self._say_name(0)
        set_tip(self.nearest, self.tr("Below each: the mean difference of its pixels, in levels of 255"))
        self._reveal()

    def _sentence(self, verdict: Verdict) -> str:
        if verdict.near:
            text = self.tr("A near copy: {distance} levels from a training picture.")
        else:
            text = self.tr("No copy: {distance} levels from the nearest training picture.")
        usual = self.tr("Your own pictures are usually {usual} apart.").format(usual=levels(verdict.usual))
        return f"{text.format(distance=levels(verdict.distance))} {usual}"

    def _say_name(self, index: int) -> None:
        self._name.setText(self._neighbours[index] if index < len(self._neighbours) else "")

    def _fail(self, sentence: str) -> None:
        self.verdict.show_text(sentence, Tone.BAD)
        self.nearest.show_images([])
        self._name.setText("")
        self._reveal()

    def _reveal(self) -> None:
        """Show the answer, and bring it into view as soon as it is laid out."""
        self._found.show()
        QTimer.singleShot(0, self, self._scroll_to_answer)

    def _scroll_to_answer(self) -> None:
        above = self.parentWidget()
        while above is not None and not isinstance(above, QScrollArea):
            above = above.parentWidget()
        if above is not None:
            above.ensureWidgetVisible(self._found)
