"""Evolving pictures by picking: favourites have children, generation after generation."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from genstudio.jobs.space import LatentSpace
from genstudio.ui.pages.explore.desk import Desk
from genstudio.ui.pages.explore.part import Part, widen
from genstudio.ui.pages.explore.picks import Pick
from genstudio.ui.pages.explore.picture_grid import PictureGrid
from genstudio.ui.pages.explore.session import drawn_picks
from genstudio.ui.widgets.buttons import Button, IconButton, PrimaryButton
from genstudio.ui.widgets.fields import FieldRow
from genstudio.ui.widgets.layouts import holding, row
from genstudio.ui.widgets.numbers import SliderSpin
from genstudio.ui.widgets.text import PlainLabel

COUNT, _COLUMNS = 12, 4
_PARENT = 48
_SEEDS = 1_000_000
_STRENGTH = 30


@dataclass
class Generation:
    """Candidates, which of them are favourites, and the favourites they come from."""

    picks: list[Pick]
    parents: list[Pick] = field(default_factory=list)
    favourites: set[int] = field(default_factory=set)

    def favoured(self) -> list[Pick]:
        """The favourites, in their order."""
        return [self.picks[index] for index in sorted(self.favourites)]


class EvolvePart(Part):
    """The line of generations can be walked back and forth; breeding from an earlier one begins a new line there."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.line: list[Generation] = []
        self.at = 0
        self._busy = False
        self.parents = PictureGrid(self.tr("The parents of these"), 1)
        self.view = PictureGrid(self.tr("Candidates"), _COLUMNS, gap=10)
        self.back = IconButton("arrow-left", self.tr("Back to the generation before"))
        self.forth = IconButton("arrow-right", self.tr("On to the next generation"))
        self._place = PlainLabel("", "heading")
        self._parents_label = PlainLabel(self.tr("Children of"), "small")
        self.strength = SliderSpin(self.tr("How far children stray"), 0, 100, _STRENGTH, suffix="%")
        self.breed = PrimaryButton(self.tr("Next generation"), icon_name="heart", tip=self.tr("Ctrl+Return"))
        self.from_tray = Button(self.tr("Start from the tray"), icon_name="undo")
        self.afresh = Button(self.tr("Start by chance"), icon_name="dice")
        self.to_tray = Button(self.tr("Put into the tray"), icon_name="plus", tip=self.tr("The favourites"))
        self.keep_button = Button(self.tr("Keep the favourites"), icon_name="save")
        self._lay_out()
        self._connect()
        self._show()

    def shown(self) -> None:
        """Begin by chance, if nothing was begun yet."""
        if not self.line and self.session.space is not None:
            self.begin_by_chance()

    def space_changed(self) -> None:
        """Another space, another line."""
        self.line, self.at, self._busy = [], 0, False
        self._show()
        if self.isVisible() and self.session.space is not None:
            self.begin_by_chance()

    @property
    def generation(self) -> Generation | None:
        """The generation on show."""
        return self.line[self.at] if self.line else None

    def act(self) -> None:
        """Breed the next generation from the favourites."""
        generation = self.generation
        if generation is not None and generation.favourites and not self._busy:
            self.breed_from(generation.favoured())

    def keep(self) -> None:
        """Keep the favourites."""
        generation = self.generation
        if generation is not None:
            self.desk.keep([pick.point for pick in generation.favoured()])

    def begin_by_chance(self, seed: int | None = None) -> None:
        """Begin a line with pictures by chance; the same seed gives the same ones."""
        chosen = random.randrange(_SEEDS) if seed is None else seed
        name, text = self.tr("Seed {0}, picture {1}"), self.session.words

        def draw(space: LatentSpace) -> list[Pick]:
            points = space.draw([(chosen, index) for index in range(COUNT)], text=text)
            named = [point.at(point.latent, name.format(chosen, place)) for place, point in enumerate(points, 1)]
            return drawn_picks(space, named)

        self._do_line(lambda picks: [Generation(picks)], draw)

    def begin_from_tray(self) -> None:
        """Begin a line with the children of the pictures of the tray."""
        if self.desk.picks.items:
            before = self.line, self.at
            self.line, self.at = [], 0
            self.breed_from(list(self.desk.picks.items))
            self.desk.undoable(self.tr("A new line begun"), lambda: self._put(*before))

    def breed_from(self, parents: list[Pick], seed: int | None = None) -> None:
        """Make the children of these; the same seed gives the same ones."""
        chosen = random.randrange(_SEEDS) if seed is None else seed
        strength, about = (
            self.strength.value() / 100,
            self.tr("Generation {0}").format(len(self.line[: self.at + 1]) + 1),
        )
        points = [parent.point for parent in parents]

        def breed(space: LatentSpace) -> list[Pick]:
            from genstudio.generation.evolve import children

            strangers = space.draw([(chosen, index) for index in range(COUNT)])
            return drawn_picks(
                space,
                [
                    child.at(child.latent, about)
                    for child in children(points, strangers, strength=strength, seed=chosen)
                ],
            )

        before, kept = self.at, self.line[: self.at + 1]
        self._do_line(lambda picks: [*kept, Generation(picks, parents)], breed)
        if kept:
            self.desk.undoable(self.tr("Next generation"), lambda: self.go(before))

    def go(self, at: int) -> None:
        """Show a generation of the line."""
        if 0 <= at < len(self.line):
            self.at = at
            self._show()

    def _lay_out(self) -> None:
        self.parents.setFixedHeight(_PARENT)
        self.centre.addWidget(holding(row(self.back, self._place, self.forth, 1)))
        self._parents_row = holding(row(self._parents_label, self.parents, 1))
        self.centre.addWidget(self._parents_row)
        self.centre.addWidget(self.view, 1)
        hint = self.tr(
            "Click the pictures you like, then breed: their children mix what they have and stray a little. Go "
            "back whenever you like."
        )
        self.settings.addWidget(PlainLabel(hint, "small", wrap=True))
        help_text = self.tr("0% stays between the parents, 100% forgets them.")
        self.settings.addWidget(FieldRow(self.tr("How far children stray"), self.strength, help_text))
        for button in (self.from_tray, self.afresh):
            self.settings.addWidget(button)
        self.settings.addStretch(1)
        for button in (self.to_tray, self.keep_button, self.breed):
            self.buttons.addWidget(button)
        widen(self.from_tray, self.afresh, self.to_tray, self.keep_button, self.breed)

    def _connect(self) -> None:
        self.view.toggled.connect(self._toggle)
        self.view.taken.connect(self._favour)
        self.back.clicked.connect(lambda: self.go(self.at - 1))
        self.forth.clicked.connect(lambda: self.go(self.at + 1))
        self.breed.clicked.connect(self.act)
        self.from_tray.clicked.connect(self.begin_from_tray)
        self.afresh.clicked.connect(lambda: self.begin_by_chance())
        self.to_tray.clicked.connect(self._put_into_tray)
        self.keep_button.clicked.connect(self.keep)

    def _do_line(
        self, line: Callable[[list[Pick]], list[Generation]], make: Callable[[LatentSpace], list[Pick]]
    ) -> None:
        self._busy = True
        self._show()

        def made(picks: list[Pick]) -> None:
            self._busy = False
            self._put(line(picks), len(line(picks)) - 1)

        def failed(sentence: str) -> None:
            self._busy = False
            self._show()
            self.desk.context.toasts.problem(sentence)

        self.session.do(make, made, failed)

    def _put(self, line: list[Generation], at: int) -> None:
        self.line, self.at = line, at
        self._show()

    def _toggle(self, index: int) -> None:
        generation = self.generation
        if generation is not None:
            generation.favourites ^= {index}
            self._show_favourites(generation)

    def _favour(self, index: int) -> None:
        """Breed from one alone."""
        generation = self.generation
        if generation is not None and not self._busy:
            generation.favourites |= {index}
            self.breed_from([generation.picks[index]])

    def _put_into_tray(self) -> None:
        generation = self.generation
        if generation is not None:
            self.desk.add(generation.favoured())

    def _show(self) -> None:
        generation = self.generation
        self._place.setText(self.tr("Generation {0} of {1}").format(self.at + 1, len(self.line)) if self.line else "")
        self.back.disable_because("" if self.at > 0 else self.tr("This is the first generation."))
        last = self.at >= len(self.line) - 1
        self.forth.disable_because(self.tr("This is the latest generation.") if last else "")
        parents = generation.parents if generation is not None else []
        self._parents_row.setVisible(bool(parents))
        self.parents.setFixedWidth(max(len(parents), 1) * (_PARENT + 6))
        self.parents.show_images([pick.image for pick in parents], max(len(parents), 1))
        images: list[NDArray[np.uint8]] = [pick.image for pick in generation.picks] if generation is not None else []
        self.view.show_images(images)
        if generation is not None:
            self._show_favourites(generation)
        else:
            self._show_buttons(0)

    def _show_favourites(self, generation: Generation) -> None:
        self.view.mark(set(generation.favourites))
        self._show_buttons(len(generation.favourites))

    def _show_buttons(self, favourites: int) -> None:
        nothing = "" if favourites else self.tr("Click the pictures you like first.")
        waiting = self.tr("The children are being drawn.") if self._busy else ""
        self.breed.disable_because(waiting or nothing)
        for button in (self.to_tray, self.keep_button):
            button.disable_because(nothing)
        empty = "" if self.desk.picks.items else self.tr("The tray is empty.")
        self.from_tray.disable_because(waiting or empty)
        self.afresh.disable_because(waiting)

    def picks_changed(self) -> None:
        """The tray may have become empty."""
        generation = self.generation
        self._show_buttons(len(generation.favourites) if generation is not None else 0)
