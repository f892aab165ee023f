"""How a picture was made, and what can be done with that."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from genstudio.core.recipe import Recipe
from genstudio.generation.export import read_image, read_recipe
from genstudio.jobs.generating import make_again
from genstudio.ui.context import UiContext
from genstudio.ui.models.facts import recipe_facts
from genstudio.ui.pages.generate.film import FILMED
from genstudio.ui.pages.generate.originality import OriginalityStrip
from genstudio.ui.pages.train.facts import FactList
from genstudio.ui.theme import GRID
from genstudio.ui.widgets import layouts
from genstudio.ui.widgets.buttons import Button
from genstudio.ui.widgets.cards import Notice, SectionHeader
from genstudio.ui.widgets.text import PlainLabel
from genstudio.ui.widgets.tones import Tone

if TYPE_CHECKING:
    from genstudio.jobs.workspace import Workspace


@dataclass(frozen=True)
class Subject:
    """A picture under inspection: where its file is, and its recipe if one can be read."""

    path: Path
    recipe: Recipe | None


def read_subject(path: Path) -> Subject:
    """Read the recipe inside a PNG. For workers; raises `DataError` when the file is none."""
    return Subject(path, read_recipe(path))


def made_the_same(workspace: "Workspace", subject: Subject) -> bool:
    """Make a picture again and compare every pixel. For the device's lane; raises `GenStudioError`."""
    assert subject.recipe is not None
    return bool(np.array_equal(make_again(workspace, subject.recipe), read_image(subject.path)))


class Inspector(QWidget):
    """The recipe of one picture.

    `use_wanted` carries a recipe whose settings are to be taken over, `film_wanted` the file and recipe of a picture of
    which somebody wants to see how it came about.
    """

    use_wanted = Signal(object)
    film_wanted = Signal(object, object)

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._subject: Subject | None = None
        self._title = SectionHeader(self.tr("Picture"))
        self._hint = PlainLabel(self.tr("Choose a picture to see how it was made."), "small", wrap=True)
        self._facts = FactList()
        self._verdict = Notice()
        self.again = Button(self.tr("Make again"), icon_name="refresh", tip=self.tr("Make it again and compare"))
        self.use = Button(self.tr("Use these settings"), icon_name="sliders")
        self.copy = Button(self.tr("Copy seed"), icon_name="copy")
        self.film = Button(
            self.tr("Show how it came about"),
            icon_name="film",
            tip=self.tr("Look through its drawing, moment by moment"),
        )
        self.originality = OriginalityStrip(context)
        self._lay_out()
        self.again.clicked.connect(self._make_again)
        self.use.clicked.connect(self._use)
        self.copy.clicked.connect(self._copy_seed)
        self.film.clicked.connect(self._film)
        self.show_subject(None)

    @property
    def has_subject(self) -> bool:
        """Whether a picture is inspected."""
        return self._subject is not None

    def show_subject(self, subject: Subject | None) -> None:
        """Inspect a picture, or none."""
        self._subject = subject
        recipe = subject.recipe if subject else None
        self._hint.setVisible(recipe is None)
        self._hint.setText(self._hint_text())
        self._facts.show_facts(recipe_facts(recipe) if recipe else ())
        self._buttons.setVisible(recipe is not None)
        self.film.setVisible(recipe is not None and recipe.ability in FILMED)
        self._verdict.show_text("")
        self.originality.show_picture(recipe.run if recipe else "", subject.path if subject else Path())

    def _hint_text(self) -> str:
        if self._subject is None:
            return self.tr("Choose a picture to see how it was made.")
        return self.tr("Nothing is written inside this picture about how it was made.")

    def _lay_out(self) -> None:
        for button in (self.again, self.use, self.copy, self.film):
            policy = button.sizePolicy()
            policy.setHorizontalPolicy(policy.Policy.Expanding)
            button.setSizePolicy(policy)
        self._buttons = layouts.holding(layouts.column(layouts.row(self.again, self.copy), self.use, self.film))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        for part in (self._title, self._hint, self._facts, self._verdict, self._buttons, self.originality):
            column.addWidget(part)
        column.addStretch(1)

    def _make_again(self) -> None:
        if self._subject is None or self._context.project is None:
            return
        self._verdict.show_text(self.tr("Making it again…"))
        self.again.disable_because(self.tr("It is being made again."))
        future = self._context.studio.on_device(made_the_same, self._context.workspace, self._subject)
        self._context.bridge.ask(future, self._made, self._not_made)

    def _made(self, same: bool) -> None:
        self.again.disable_because("")
        if same:
            self._verdict.show_text(self.tr("Made again: every pixel is the same."), Tone.GOOD)
        else:
            different = self.tr(
                "Made again, but the pixels differ. Another computer or version draws slightly otherwise."
            )
            self._verdict.show_text(different, Tone.WARNING)

    def _not_made(self, sentence: str) -> None:
        self.again.disable_because("")
        self._verdict.show_text(sentence, Tone.BAD)

    def _use(self) -> None:
        if self._subject is not None and self._subject.recipe is not None:
            self.use_wanted.emit(self._subject.recipe)

    def _film(self) -> None:
        if self._subject is not None and self._subject.recipe is not None:
            self.film_wanted.emit(self._subject.path, self._subject.recipe)

    def _copy_seed(self) -> None:
        if self._subject is not None and self._subject.recipe is not None:
            QGuiApplication.clipboard().setText(str(self._subject.recipe.seed))
            self._context.toasts.say(self.tr("The seed is on the clipboard."))
