"""Sliders: a base picture goes along directions that mean something."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from genstudio.core.errors import GenStudioError
from genstudio.generation.directions import Direction, Kind, direction, moved
from genstudio.generation.points import Latents, Point, stacked
from genstudio.jobs.space import LatentSpace
from genstudio.jobs.surveying import chosen_by_label
from genstudio.ui.pages.explore.desk import Desk
from genstudio.ui.pages.explore.part import Part, widen
from genstudio.ui.pages.explore.picture_grid import PictureGrid
from genstudio.ui.pages.explore.session import Asked
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.buttons import Button, IconButton, PrimaryButton
from genstudio.ui.widgets.layouts import column, holding, row
from genstudio.ui.widgets.numbers import SliderSpin
from genstudio.ui.widgets.segments import Segments
from genstudio.ui.widgets.text import ElidedLabel, PlainLabel

_MOST_SIGMAS = 3.0
_MOST = 12


@dataclass(frozen=True, eq=False)
class Meaning:
    """What a slider stands for: a name, the latents it was found among, (N, D), and which have it, bool (N,)."""

    name: str
    latents: Latents
    chosen: NDArray[np.bool_]

    def direction(self, kind: Kind) -> Direction:
        """Where it leads."""
        return direction(self.latents, self.chosen, kind)


class SliderRow(QWidget):
    """One direction. `turned` says that it was turned, `unwanted` that it is to go."""

    turned = Signal()
    unwanted = Signal()

    def __init__(self, meaning: Meaning, found: Direction) -> None:
        super().__init__()
        self.meaning, self.direction = meaning, found
        self.amount = SliderSpin(meaning.name, -_MOST_SIGMAS, _MOST_SIGMAS, 0.0, decimals=2, balance=True)
        away = IconButton("close", self.tr("Take the slider away"), size=14)
        head = QHBoxLayout()
        head.addWidget(ElidedLabel(meaning.name), 1)
        head.addWidget(away)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(head)
        layout.addWidget(self.amount)
        self.amount.changed.connect(lambda _: self.turned.emit())
        away.clicked.connect(self.unwanted)


class SlidersPart(Part):
    """The base on the left, what the sliders make of it on the right."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.rows: list[SliderRow] = []
        self.base = PictureGrid(self.tr("The base"))
        self.result = PictureGrid(self.tr("The picture with the sliders"))
        self.add_button = Button(self.tr("Add a slider"), icon_name="plus")
        self._menu = QMenu(self.add_button)
        self._menu.aboutToShow.connect(self._fill_menu)
        self.add_button.setMenu(self._menu)
        self.kind = Segments(
            self.tr("How directions are found"),
            [
                ("mean", self.tr("Typical"), self.tr("Towards the mean of those that have it")),
                ("boundary", self.tr("Separate"), self.tr("Straight across the boundary: other things change less")),
            ],
            "mean",
        )
        self.reset = Button(self.tr("All to zero"), icon_name="undo")
        self.to_tray = PrimaryButton(self.tr("Put into the tray"), icon_name="plus", tip=self.tr("Ctrl+Return"))
        self.keep_button = Button(self.tr("Keep"), icon_name="save", tip=self.tr("Keep it among the run's pictures"))
        self._hint = PlainLabel("", "small", wrap=True)
        self._rows_place = QVBoxLayout()
        self._rows_place.setSpacing(GRID)
        self._live = self.session.live(self._drawn)
        self._lay_out()
        self._connect()
        self._show_buttons()

    def shown(self) -> None:
        """Bring the picture up to date."""
        self.session.begin_survey()
        self.picks_changed()

    def picks_changed(self) -> None:
        """Another base."""
        chosen = self.desk.picks.chosen
        self.base.show_images([] if chosen is None else [chosen.image])
        if chosen is None:
            self.result.show_images([])
        self._ask()
        self._show_buttons()

    def words_changed(self) -> None:
        """Looking at the pictures may have ended with the words before; where they lie is the same by any."""
        if self.session.survey is None:
            self.session.begin_survey()

    def space_changed(self) -> None:
        """Directions of one space mean nothing in another."""
        self._drop(list(self.rows))
        self.base.show_images([])
        self.result.show_images([])

    def act(self) -> None:
        """Put the result into the tray."""
        point = self.point()
        if point is not None:
            self.desk.add_point(point)

    def keep(self) -> None:
        """Keep the result."""
        point = self.point()
        if point is not None:
            self.desk.keep([point])

    def point(self) -> Point | None:
        """Where the sliders lead from the base."""
        chosen = self.desk.picks.chosen
        if chosen is None:
            return None
        amounts = [row.amount.value() for row in self.rows]
        turned = ", ".join(
            f"{row.meaning.name} {amount:+.2f}" for row, amount in zip(self.rows, amounts, strict=True) if amount
        )
        base = chosen.point.about
        about = f"{base.split(' → ')[0]} → {turned}" if turned else base
        return chosen.point.at(moved(chosen.point.flat, [row.direction for row in self.rows], amounts), about)

    def add_label(self, label: str) -> None:
        """A slider towards a label."""
        survey = self.session.survey
        if survey is None:
            return
        try:
            self.add(Meaning(label, survey.latents, chosen_by_label(survey, label)))
        except GenStudioError as error:
            self.desk.context.toasts.problem(str(error))

    def add_chosen(self, name: str, chosen: NDArray[np.bool_]) -> None:
        """A slider towards pictures of the survey, bool (N,)."""
        survey = self.session.survey
        if survey is not None and len(chosen) == len(survey):
            self.add(Meaning(name, survey.latents, chosen))

    def add_tray(self) -> None:
        """A slider from all pictures towards those of the tray."""
        survey, items = self.session.survey, self.desk.picks.items
        if survey is not None and items:
            latents = np.concatenate([stacked([pick.point for pick in items]), survey.latents])
            name = self.tr("The {0} pictures of the tray").format(len(items))
            self.add(Meaning(name, latents, np.arange(len(latents)) < len(items)))

    def add_starred(self) -> None:
        """A slider from all pictures towards the run's pictures with a star."""
        project, survey = self.desk.context.project, self.session.survey
        if project is None or survey is None:
            return
        run = self.session.run

        def find(space: LatentSpace) -> Latents:
            from genstudio.generation.export import read_image, read_recipe

            files = [project.path(record.file) for record in project.samples(run, True)[:200]]
            points = [space.of_sample(read_recipe(file), read_image(file)) for file in files]
            return stacked(points) if points else np.zeros((0, survey.latents.shape[1]), np.float32)

        def found(latents: Latents) -> None:
            if not len(latents):
                self.desk.context.toasts.say(self.tr("No picture of this run has a star yet."))
                return
            every = np.concatenate([latents, survey.latents])
            name = self.tr("{0} pictures with a star").format(len(latents))
            self.add(Meaning(name, every, np.arange(len(every)) < len(latents)))

        self.session.do(find, found)

    def add(self, meaning: Meaning) -> None:
        """Add a slider."""
        if len(self.rows) >= _MOST:
            self.desk.context.toasts.say(self.tr("That is enough sliders. Take one away first."))
            return
        try:
            found = meaning.direction(self._kind())
        except GenStudioError as error:
            self.desk.context.toasts.problem(str(error))
            return
        line = SliderRow(meaning, found)
        line.turned.connect(self._ask)
        line.unwanted.connect(partial(self._remove, line))
        self.rows.append(line)
        self._rows_place.addWidget(line)
        self._show_buttons()

    def to_zero(self) -> None:
        """Turn every slider back; that can be undone."""
        before = [(line, line.amount.value()) for line in self.rows]
        if any(amount for _, amount in before):
            self._turn([(line, 0.0) for line in self.rows])
            self.desk.undoable(self.tr("Sliders set to zero"), lambda: self._turn(before))

    def _lay_out(self) -> None:
        pictures = QHBoxLayout()
        pictures.setSpacing(3 * GRID)
        for picture, title in ((self.base, self.tr("Base")), (self.result, self.tr("With the sliders"))):
            picture.at_top = True
            pictures.addWidget(holding(column(PlainLabel(title, "small"), picture, spacing=4)), 1)
        self.centre.addLayout(pictures, 1)
        self.settings.addLayout(self._rows_place)
        self.settings.addWidget(self._hint)
        self.settings.addWidget(self.add_button)
        self.settings.addWidget(self.kind)
        self.settings.addStretch(1)
        self.buttons.addLayout(row(self.reset, self.keep_button))
        self.buttons.addWidget(self.to_tray)
        widen(self.add_button, self.reset, self.to_tray, self.keep_button)

    def _connect(self) -> None:
        self.kind.changed.connect(lambda _: self._find_again())
        self.reset.clicked.connect(self.to_zero)
        self.to_tray.clicked.connect(self.act)
        self.keep_button.clicked.connect(self.keep)
        self.session.surveyed.connect(self._show_buttons)
        self.session.progressed.connect(self._show_buttons)

    def _fill_menu(self) -> None:
        self._menu.clear()
        survey = self.session.survey
        if survey is None:
            self._menu.addAction(self.tr("The pictures are still being looked at…")).setEnabled(False)
            return
        if survey.classes and not survey.led_to:
            self._menu.addAction(self.tr("No direction leads to a label of this model")).setEnabled(False)
        for label in survey.led_to:
            self._menu.addAction(label.replace("&", "&&")).triggered.connect(
                lambda _=False, label=label: self.add_label(label)
            )
        self._menu.addSeparator()
        self._menu.addAction(self.tr("Towards the pictures of the tray")).triggered.connect(self.add_tray)
        self._menu.addAction(self.tr("Towards the pictures with a star")).triggered.connect(self.add_starred)

    def _kind(self) -> Kind:
        return "boundary" if self.kind.value() == "boundary" else "mean"

    def _find_again(self) -> None:
        for line in self.rows:
            line.direction = line.meaning.direction(self._kind())
        self._ask()

    def _remove(self, line: SliderRow) -> None:
        meaning, amount = line.meaning, line.amount.value()
        self._drop([line])

        def back() -> None:
            self.add(meaning)
            self._turn([(self.rows[-1], amount)])

        self.desk.undoable(self.tr("Slider taken away"), back)

    def _drop(self, lines: list[SliderRow]) -> None:
        for line in lines:
            self.rows.remove(line)
            self._rows_place.removeWidget(line)
            line.deleteLater()
        self._ask()
        self._show_buttons()

    def _turn(self, amounts: list[tuple[SliderRow, float]]) -> None:
        for line, amount in amounts:
            if line in self.rows:
                line.amount.set_value(amount)
        self._ask()

    def _ask(self) -> None:
        point = self.point()
        if point is not None and self.isVisible():
            self._live.ask(Asked(point))

    def _drawn(self, asked: Asked, image: NDArray[np.uint8]) -> None:
        if self.desk.picks.chosen is not None:
            self.result.show_images([image])

    def _show_buttons(self) -> None:
        nothing = "" if self.desk.picks.items else self.tr("Put a picture into the tray first.")
        for button in (self.to_tray, self.keep_button):
            button.disable_because(nothing)
        self.reset.disable_because("" if self.rows else self.tr("There are no sliders yet."))
        waiting = self.tr("The pictures are being looked at; sliders come after that.")
        hint = self.tr(
            "A slider leads towards a label, or towards pictures you like. One step is how far pictures usually differ."
        )
        self._hint.setText(waiting if self.session.survey is None else hint)
        self._hint.setVisible(not self.rows)
        self.add_button.disable_because("" if self.session.survey is not None else waiting)
