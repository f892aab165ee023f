"""Bringing pictures to where they are given: from the data, the gallery or a file, treated off the window's thread."""

from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from genstudio.core.abilities import Ability
from genstudio.core.recipe import Recipe
from genstudio.generation.given import Given
from genstudio.jobs.completing import note_of
from genstudio.jobs.given import dataset_picture, picture_of, read_given, whole_picture_of
from genstudio.ui.context import UiContext
from genstudio.ui.models.reading import Reader
from genstudio.ui.pages.generate.making import FROM_GIVEN, MakePanel
from genstudio.ui.pages.generate.picker import DataPicker
from genstudio.ui.pages.generate.pictures import PicturesView


class GivenChooser(QObject):
    """Answers what the panel of the given picture asks for."""

    def __init__(
        self, context: UiContext, reader: Reader, make: MakePanel, pictures: PicturesView, page: QWidget
    ) -> None:
        super().__init__(page)
        self._context, self._reader, self._page = context, reader, page
        self._make, self._given, self._pictures = make, make.given, pictures
        self._asked = 0
        self._run = ""
        self.picker: DataPicker | None = None
        self._given.data_wanted.connect(self.pick)
        self._given.chosen_wanted.connect(self._take_chosen)
        self._given.file_wanted.connect(self.take_file)
        self._given.changed.connect(self._ask_note)
        make.tool_changed.connect(self._follow)
        pictures.gallery.selection_changed.connect(self._show_chosen)
        self._show_chosen()

    def pick(self) -> None:
        """Show the pictures of the run's data to choose from."""
        self.picker = DataPicker(self._page.window(), self._context, self._reader, self._make.run())
        self.picker.taken.connect(self._take_place)
        self.picker.open(self.picker.gallery)

    def take_file(self, file: Path) -> None:
        """Give a picture file: fitted to what the model draws, or as large as it is where it is to be enlarged."""
        read = whole_picture_of if self._make.tool is Ability.UPSCALE else picture_of
        future = self._reader.read(read, self._context.workspace, self._make.run(), file)
        self._context.bridge.ask(future, partial(self._show, file.name), self._context.toasts.problem)

    def use(self, recipe: Recipe) -> None:
        """Give again what a picture was made from."""
        project = self._context.project
        if recipe.ability in FROM_GIVEN and project is not None:
            future = self._reader.read(read_given, project, recipe.extra.get("given"))
            self._context.bridge.ask(future, self._show_given, self._context.toasts.problem)

    def _take_place(self, place: int) -> None:
        future = self._reader.read(dataset_picture, self._context.workspace, self._make.run(), place)
        name = self.tr("Picture {0} of the data").format(f"{place:,}")
        self._context.bridge.ask(future, partial(self._show, name), self._context.toasts.problem)

    def _take_chosen(self) -> None:
        samples, key = self._pictures.samples, self._chosen()
        if samples is not None and key:
            self.take_file(samples.file(key))

    def _chosen(self) -> str:
        return next(iter(self._pictures.chosen()), "")

    def _show(self, name: str, picture: NDArray[np.uint8]) -> None:
        self._given.show_picture(picture, name)

    def _show_given(self, given: Given) -> None:
        self._given.show_given(given, self.tr("What it was made from"))

    def _show_chosen(self) -> None:
        nothing = "" if self._chosen() else self.tr("Choose a picture in the gallery first.")
        self._given.from_gallery.disable_because(nothing)

    def _follow(self) -> None:
        if self._make.run() != self._run:  # another run may know pictures of another size
            self._run = self._make.run()
            self._given.show_picture(None)
        self._ask_note()

    def _ask_note(self) -> None:
        self._asked += 1
        given = self._given.given()
        if given is None or self._make.tool is not Ability.COMPLETE or given.known.all():
            self._given.show_note("")
            return
        request = self._make.rank_request()
        future = self._context.studio.on_device(
            note_of, self._context.workspace, request.run, request.checkpoint, given.known
        )
        self._context.bridge.ask(future, partial(self._show_note, self._asked), self._context.toasts.problem)

    def _show_note(self, asked: int, note: str) -> None:
        if asked == self._asked:
            self._given.show_note(note)
