"""How a picture came about: its drawing as a strip that can be scrubbed, kept from when it was drawn or made again."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout

from genstudio.core import paths
from genstudio.core.abilities import Ability
from genstudio.core.recipe import Recipe
from genstudio.jobs.filming import Film, Filmer, film_again, film_of, write_film_of
from genstudio.jobs.watching import Drawing, Told
from genstudio.jobs.workspace import Workspace
from genstudio.store.records import SampleRecord
from genstudio.ui.activity import Work
from genstudio.ui.context import Place, UiContext
from genstudio.ui.models.films import FilmShelf
from genstudio.ui.models.reading import Reader
from genstudio.ui.pages.generate.job import GenerateJob
from genstudio.ui.theme import GRID
from genstudio.ui.views.image import qimage_from_array
from genstudio.ui.views.picture_choice import PictureChoice
from genstudio.ui.views.pixel_view import PixelView
from genstudio.ui.widgets.buttons import Button, IconButton
from genstudio.ui.widgets.cards import Card, SectionHeader
from genstudio.ui.widgets.layouts import column, holding
from genstudio.ui.widgets.numbers import Slider
from genstudio.ui.widgets.text import PlainLabel
from genstudio.ui.widgets.tones import Tone

FILMED = frozenset(ability.value for ability in (Ability.SAMPLE, Ability.COMPLETE, Ability.IMAGE_TO_IMAGE))
"""What pictures that can be watched again were made by."""

_KEY, _EDGE = "film", 44

Answer = tuple[Path, Film | None]
"""The file of the picture that was asked for, and its film."""


class FilmPanel(Card):
    """A moment of the drawing large, and beside it all of them as a strip over a slider.

    `wanted` says that there is something to see; `changed` that something new is known of what can be shown.
    """

    wanted = Signal()
    changed = Signal()

    def __init__(self, context: UiContext, job: GenerateJob, reader: Reader) -> None:
        super().__init__()
        self._context, self._job, self._reader = context, job, reader
        self._shelf = FilmShelf()
        self._film: Film | None = None
        self._asked: tuple[Path, str] | None = None
        self._in_one_go: set[str] = set()
        self._cancelled = threading.Event()
        self.picture = PixelView(self.tr("The picture at this moment of its drawing"))
        self.strip = PictureChoice(self.tr("Moments of the drawing"), _EDGE)
        self.slider = Slider(self.tr("Moment of the drawing"), 0, 0, 0)
        self.place = PlainLabel("", "small")
        self.save = Button(self.tr("Save as GIF"), icon_name="film", tip=self.tr("Write the drawing as a film"))
        self.close_button = IconButton("close", self.tr("Close how it came about"), size=16)
        self._lay_out()
        self.slider.valueChanged.connect(self._show_moment)
        self.strip.current_changed.connect(self.slider.setValue)
        self.save.clicked.connect(self._ask_where)
        self.close_button.clicked.connect(self.leave)
        job.drawn.connect(self._see)
        job.arrived.connect(self._finish)

    def problem(self, recipe: Recipe | None) -> str:
        """Say why it cannot be shown how a picture came about, or nothing."""
        if recipe is not None and recipe.run in self._in_one_go:
            return self.tr("This model makes a picture in one go: there is nothing in between.")
        return ""

    def show_picture(self, file: Path, recipe: Recipe) -> None:
        """Show how the picture in a file came about: at once while that is kept, else it is made again."""
        self.leave()
        self._asked, self._cancelled = (file, recipe.run), threading.Event()
        kept = self._shelf.find(file)
        self._show_waiting("" if kept else self.tr("Making it again, to watch it…"))
        future = self._reader.read(_kept, *kept, file) if kept else self._made_again(file, recipe)
        self._context.bridge.ask(future, self._answered, self._fail, self._ended)
        self.wanted.emit()

    def show_film(self, film: Film) -> None:
        """Show a film, at its end."""
        self._film = film
        self.strip.show_images([qimage_from_array(frame) for frame in film.frames])
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, len(film) - 1)
            self.slider.setValue(len(film) - 1)
        self._show_moment()
        self._reveal(True)
        self.slider.setFocus()

    def leave(self) -> None:
        """Stop making anything again, and let go of what is shown."""
        self._cancelled.set()
        self._asked = self._film = None

    def forget(self) -> None:
        """Another project: keep nothing."""
        self.leave()
        self._shelf.forget()
        self._in_one_go.clear()

    def save_to(self, path: Path) -> None:
        """Write what is shown as a GIF."""
        if self._film is not None:
            future = self._reader.read(write_film_of, path, self._film)
            self._context.bridge.ask(future, lambda _: self._say_saved(path), self._context.toasts.problem)

    def _lay_out(self) -> None:
        about = self.tr("Drag, or use the arrow keys: what the picture was like on the way.")
        self.column.addWidget(SectionHeader(self.tr("How it came about"), about, self.save, self.close_button))
        aside = column(self.strip, self.place, self.slider, 1, spacing=GRID)
        body = QHBoxLayout()
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(3 * GRID)
        body.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignTop)
        body.addWidget(holding(aside), 1)
        self._body = holding(body)
        self._waiting = PlainLabel("", "muted", wrap=True)
        self.column.addWidget(self._waiting)
        self.column.addWidget(self._body)

    def _show_waiting(self, text: str) -> None:
        self._waiting.setText(text)
        self._reveal(False)

    def _reveal(self, there: bool) -> None:
        self._body.setVisible(there)
        self._waiting.setVisible(not there and bool(self._waiting.text()))
        self.save.setVisible(there)

    def _see(self, drawing: Drawing) -> None:
        self._shelf.see(drawing)

    def _finish(self, records: Sequence[SampleRecord]) -> None:
        project = self._context.project
        if project is not None:
            self._shelf.finish([project.path(record.file) for record in records])

    def _made_again(self, file: Path, recipe: Recipe) -> "Future[Answer]":
        told, cancelled = self._context.bridge.newest(self._got_on), self._cancelled.is_set
        self._got_on(0, 0)
        return self._context.studio.on_device(_again, self._context.workspace, file, recipe, told, cancelled)

    def _got_on(self, done: int, total: int) -> None:
        if self._asked is not None:
            work = Work(self.tr("Making it again"), done / total if total else None, Place.GENERATE, self.leave)
            self._context.activity.report(_KEY, work)

    def _answered(self, answer: Answer) -> None:
        file, film = answer
        self._ended()
        if self._asked is None or self._asked[0] != file:
            return  # somebody wants to see another one by now, or none
        if film is not None:
            self.show_film(film)
        else:
            self._in_one_go.add(self._asked[1])
            self._show_waiting(self.tr("This model makes a picture in one go: there is nothing in between to show."))
            self.changed.emit()

    def _fail(self, sentence: str) -> None:
        self._ended()
        if self._asked is not None:
            self._show_waiting(sentence)

    def _ended(self) -> None:
        self._context.activity.done(_KEY)

    def _show_moment(self) -> None:
        if self._film is None:
            return
        index = self.slider.value()
        self.picture.show_image(qimage_from_array(self._film.frames[index]))
        self.strip.choose(index)
        share = round(100 * self._film.at[index])
        text = self.tr("Moment {number} of {count} · {share} % of the way")
        self.place.setText(text.format(number=index + 1, count=len(self._film), share=share))

    def _ask_where(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, self.save.text(), "how it came about.gif", "GIF (*.gif)")
        if chosen:
            self.save_to(Path(chosen))

    def _say_saved(self, path: Path) -> None:
        self._context.toasts.say(self.tr("Written: {0}").format(paths.shown(path)), Tone.GOOD)


def _kept(filmer: Filmer, index: int, file: Path) -> Answer:
    return file, film_of(filmer, index, file)


def _again(workspace: Workspace, file: Path, recipe: Recipe, told: Told, cancelled: Callable[[], bool]) -> Answer:
    return file, film_again(workspace, recipe, progress=told, cancelled=cancelled)
