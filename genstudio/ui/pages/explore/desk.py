"""What all parts of Explore share: the open space, the tray, and keeping what was found."""

import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from genstudio.core.errors import GenStudioError
from genstudio.core.recipe import Recipe
from genstudio.generation.export import read_film_recipe, read_image, read_recipe
from genstudio.generation.points import Point
from genstudio.jobs.given import dataset_picture, picture_of
from genstudio.jobs.scenes import SCENES, scene_points
from genstudio.jobs.space import LatentSpace
from genstudio.jobs.trays import read_tray, write_tray
from genstudio.jobs.workspace import Workspace
from genstudio.store.records import SampleRecord
from genstudio.ui.context import Place, Subject, SubjectKind, UiContext
from genstudio.ui.models.reading import Reader
from genstudio.ui.pages.explore.picks import MOST, Pick, Picks
from genstudio.ui.pages.explore.session import Session, drawn_picks, given_pick
from genstudio.ui.widgets.tones import Tone

_SEEDS = 1_000_000
_AT_FIRST = 4
_KEEP_AFTER_MS = 800


class Desk(QObject):
    """`changed` says that the tray did."""

    changed = Signal()

    def __init__(self, context: UiContext, reader: Reader) -> None:
        super().__init__()
        self.context, self.reader = context, reader
        self.session = Session(context, reader)
        self.picks = Picks()
        self._again: list[Point] = []
        self._unkept: tuple[Workspace, str, Picks] | None = None
        self._keeping = QTimer(self)
        self._keeping.setSingleShot(True)
        self._keeping.setInterval(_KEEP_AFTER_MS)
        self._keeping.timeout.connect(self._keep_tray)
        self.session.opened.connect(self._opened)

    def reopen(self, checkpoint: int | None = None) -> None:
        """Open another state of the same run (None: the newest); the points of the tray stay, and are drawn anew."""
        self._again = [pick.point for pick in self.picks.items]
        self.session.open(self.session.run, checkpoint)

    def put(self, picks: Picks) -> None:
        """Let these be the tray. It is remembered with the run."""
        self.picks = picks
        if self.session.space is not None:
            self._unkept = (self.context.workspace, self.session.run, picks)
            self._keeping.start()
        self.changed.emit()

    def close(self) -> None:
        """Keep what is not kept yet."""
        self._keeping.stop()
        if self._unkept is not None:
            (workspace, run, picks), self._unkept = self._unkept, None
            with suppress(GenStudioError):
                write_tray(workspace, run, [pick.point for pick in picks.items], picks.current)

    def add(self, picks: Sequence[Pick]) -> None:
        """Put pictures into the tray, as far as there is room."""
        if len(self.picks) + len(picks) > MOST:
            self.context.toasts.say(self.tr("The tray is full. Take something out first."))
        self.put(self.picks.plus(picks))

    def remove(self, index: int) -> None:
        """Take a picture out; that can be undone."""
        self._replace(self.picks.minus(index), self.tr("Picture taken out of the tray"))

    def clear(self) -> None:
        """Empty the tray; that can be undone."""
        if self.picks.items:
            self._replace(Picks(), self.tr("Tray emptied"))

    def add_random(self, count: int = 1) -> None:
        """Put pictures by chance into the tray."""
        seeds = [random.randrange(_SEEDS) for _ in range(count)]
        names, text = {seed: self.tr("Seed {0}").format(seed) for seed in seeds}, self.session.words

        def draw(space: LatentSpace) -> list[Pick]:
            points = space.draw([(seed, 0) for seed in seeds], text=text)
            return drawn_picks(space, [point.at(point.latent, names[point.stream[0]]) for point in points])

        self.session.do(draw, self.add)

    def draw_by_words(self) -> None:
        """Draw the pictures of the tray anew by the words of now, and some by chance where it is empty; undoable."""
        words, before = self.session.words, self.picks
        if not before.items:
            self.add_random(_AT_FIRST)
            return
        told = [pick.point.saying(words) for pick in before.items]

        def drawn(picks: list[Pick]) -> None:
            named = zip(before.items, picks, strict=True)
            anew = {old.point: replace(old, point=new.point, image=new.image) for old, new in named}
            items = tuple(anew.get(pick.point, pick) for pick in self.picks.items)
            said = self.tr("The tray drawn by “{0}”").format(words) if words else self.tr("The tray drawn by no words")
            self._replace(Picks(items, self.picks.current), said)

        self.session.do(lambda space: drawn_picks(space, told), drawn)

    def add_point(self, point: Point) -> None:
        """Put the picture at a point into the tray."""
        self.session.do(lambda space: drawn_picks(space, [point]), self.add)

    def add_file(self, file: Path) -> None:
        """Find a picture file in the space and put it into the tray; one made here is found exactly.

        A grid or a walk that was exported here is no picture: what it was made from becomes the tray.
        """
        future = self.reader.read(_read_file, self.context.workspace, self.session.run, file)
        self.context.bridge.ask(future, partial(self._found_file, file.name), self.context.toasts.problem)

    def add_place(self, place: int) -> None:
        """Put a picture of the dataset into the tray."""
        future = self.reader.read(dataset_picture, self.context.workspace, self.session.run, place)
        about = self.tr("Picture {0} of the data").format(f"{place:,}")
        label = self.session.label_of(place)
        self.context.bridge.ask(future, lambda picture: self.add_picture(picture, label, about), self._problem)

    def add_picture(self, picture: NDArray[np.uint8], label: int | None, about: str) -> None:
        """Find a picture in the space and put it into the tray."""
        self.context.toasts.say(self.tr("Looking for it among the pictures the model can draw…"), seconds=1.5)
        self.session.do(lambda space: given_pick(space, picture, label, about), lambda pick: self.add([pick]))

    def add_starred(self) -> None:
        """Put the run's pictures with a star into the tray."""
        project = self.context.project
        if project is None:
            return
        run, room = self.session.run, MOST - len(self.picks)

        def read() -> list[Path]:
            return [project.path(record.file) for record in project.samples(run, True)[:room]]

        self.context.bridge.ask(self.reader.read(read), self._add_files, self._problem)

    def keep(self, points: Sequence[Point]) -> None:
        """Keep the pictures at points among the run's pictures; that can be undone."""
        if points and self.session.space is not None:
            self.session.keep(points, self._kept)

    def undoable(self, text: str, undo: Callable[[], None]) -> None:
        """Say what was done and offer to take it back, as long as the same space is open."""
        space = self.session.space
        self.context.toasts.undoable(text, lambda: undo() if self.session.space is space else None)

    def _add_files(self, files: list[Path]) -> None:
        if not files:
            self.context.toasts.say(self.tr("No picture of this run has a star yet. Give some a star in Generate."))
        for file in files:
            self.add_file(file)

    def _found_file(self, name: str, found: tuple[NDArray[np.uint8], Recipe | None] | list[Point]) -> None:
        if isinstance(found, list):
            said = self.tr("The tray is what “{0}” was made from").format(name)
            self.session.do(lambda space: drawn_picks(space, found), lambda picks: self._replace(_all(picks), said))
            return
        picture, recipe = found

        def find(space: LatentSpace) -> Pick:
            point = space.of_sample(recipe, picture, name)
            return Pick(point, space.decode([point])[0], picture)

        self.session.do(find, lambda pick: self.add([pick]))

    def _kept(self, records: list[SampleRecord]) -> None:
        count, project = len(records), self.context.project
        text = self.tr("Kept one picture") if count == 1 else self.tr("Kept {0} pictures").format(count)
        ids = [record.id for record in records]

        def take_back() -> None:
            if self.context.project is project and project is not None:
                self.context.bridge.ask(project.later(project.delete_samples, ids), lambda _: None, self._problem)

        self.context.toasts.undoable(text, take_back)
        run = Subject(SubjectKind.RUN, self.session.run)
        self.context.toasts.say(
            self.tr("They are with the other pictures of this run."),
            Tone.GOOD,
            action=self.tr("Show in Generate"),
            act=lambda: self.context.navigate(Place.GENERATE, run),
        )

    def _replace(self, picks: Picks, text: str) -> None:
        before = self.picks
        self.put(picks)
        self.undoable(text, lambda: self.put(before))

    def _keep_tray(self) -> None:
        if self._unkept is not None:
            (workspace, run, picks), self._unkept = self._unkept, None
            points = [pick.point for pick in picks.items]
            future = self.reader.read(write_tray, workspace, run, points, picks.current)
            self.context.bridge.ask(future, lambda _: None, self._problem)

    def _remembered(self, found: tuple[list[Point], int]) -> None:
        """The tray as it was when the run was left; pictures by chance where there is none, or it fits no more."""
        points, current = found

        def draw(space: LatentSpace) -> list[Pick]:
            return drawn_picks(space, points) if points else []

        def drawn(picks: list[Pick]) -> None:
            if picks:
                self.put(Picks(tuple(picks[:MOST])).at(current))
            else:
                self.add_random(_AT_FIRST)

        self.session.do(draw, drawn, lambda _: self.add_random(_AT_FIRST))

    def _opened(self) -> None:
        if self.session.space is None:
            self._keeping.stop()
            self._keep_tray()
            self.put(Picks())
        elif self._again:
            points, self._again = self._again, []
            self.session.do(lambda space: drawn_picks(space, points), self.add)
        else:
            future = self.reader.read(read_tray, self.context.workspace, self.session.run)
            space = self.session.space
            self.context.bridge.ask(
                future, lambda found: self._remembered(found) if self.session.space is space else None, self._problem
            )

    def _problem(self, sentence: str) -> None:
        self.context.toasts.problem(sentence)


def _all(picks: list[Pick]) -> Picks:
    return Picks(tuple(picks[:MOST]))


def _read_file(workspace: Workspace, run: str, file: Path) -> tuple[NDArray[np.uint8], Recipe | None] | list[Point]:
    """A picture file and the recipe in it, if there is one; or the points of a grid or a walk. In a worker."""
    suffix = file.suffix.lower()
    if suffix in (".png", ".gif"):
        recipe = read_recipe(file) if suffix == ".png" else read_film_recipe(file)
        if recipe is not None and recipe.run == run and recipe.ability in SCENES:
            return scene_points(recipe)
        if recipe is not None and recipe.run == run:
            return read_image(file), recipe
    return picture_of(workspace, run, file), None
