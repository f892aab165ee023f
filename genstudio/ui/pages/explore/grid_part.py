"""A grid between four corners."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QFileDialog

from genstudio.core import paths
from genstudio.generation.export import contact_sheet, write_png
from genstudio.generation.points import Point
from genstudio.jobs.scenes import scene_recipe
from genstudio.jobs.space import LatentSpace
from genstudio.ui.pages.explore.desk import Desk
from genstudio.ui.pages.explore.part import Part, widen
from genstudio.ui.pages.explore.picture_grid import PictureGrid
from genstudio.ui.pages.explore.session import Frames
from genstudio.ui.widgets.buttons import Button, PrimaryButton
from genstudio.ui.widgets.fields import FieldRow
from genstudio.ui.widgets.numbers import SliderSpin
from genstudio.ui.widgets.text import PlainLabel
from genstudio.ui.widgets.tones import Tone

_CORNERS = 4
_SIDE, _SIDES = 7, (3, 15)


class GridPart(Part):
    """The first four pictures of the tray are the corners."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._points: list[Point] = []
        self._frames = Frames(self.session)
        self._corners: tuple[Point, ...] = ()
        self.view = PictureGrid(self.tr("Pictures between four corners"), _SIDE, gap=3)
        self.side_field = SliderSpin(self.tr("Pictures on a side"), *_SIDES, _SIDE)
        self.add = PrimaryButton(
            self.tr("Put into the tray"), icon_name="plus", tip=self.tr("The chosen picture; or double-click it")
        )
        self.keep_button = Button(self.tr("Keep"), icon_name="save", tip=self.tr("Keep the chosen picture"))
        self.export = Button(self.tr("Export as one picture…"), icon_name="export")
        self._hint = PlainLabel("", "small", wrap=True)
        self._lay_out()
        self._connect()

    def shown(self) -> None:
        """Bring the grid up to date."""
        self.picks_changed()

    def picks_changed(self) -> None:
        """Draw anew when the corners changed."""
        corners = tuple(pick.point for pick in self.desk.picks.items[:_CORNERS])
        if corners != self._corners:
            self._corners = corners
            self._begin()
        self._show_buttons()

    def space_changed(self) -> None:
        """Forget the pictures of another space."""
        self._corners, self._points = (), []
        self.view.show_images([])
        self._show_buttons()

    def act(self) -> None:
        """Put the chosen picture into the tray."""
        if self._points:
            self.desk.add_point(self._points[self.view.current])

    def keep(self) -> None:
        """Keep the chosen picture."""
        if self._points:
            self.desk.keep([self._points[self.view.current]])

    def export_to(self, path: Path) -> None:
        """Write the whole grid as one PNG; nothing before it is laid out."""
        if not self._points:
            self.desk.context.toasts.problem(self._problem())
            return
        points, side, corners = tuple(self._points), self._side(), self._corners
        workspace = self.desk.context.workspace

        def write(space: LatentSpace) -> Path:
            recipe = scene_recipe(workspace, space, "explore-grid", corners, {"side": side})
            write_png(path, contact_sheet(list(space.decode(points)), side), recipe)
            return path

        toasts = self.desk.context.toasts
        self.session.do(write, lambda there: toasts.say(self.tr("Written: {0}").format(paths.shown(there)), Tone.GOOD))

    def _lay_out(self) -> None:
        self.centre.addWidget(self.view, 1)
        self.settings.addWidget(
            PlainLabel(
                self.tr("The first four pictures of the tray are the corners: two above, two below."),
                "small",
                wrap=True,
            )
        )
        self.settings.addWidget(FieldRow(self.tr("Pictures on a side"), self.side_field))
        self.settings.addWidget(self._hint)
        self.settings.addStretch(1)
        for button in (self.export, self.keep_button, self.add):
            self.buttons.addWidget(button)
        widen(self.export, self.keep_button, self.add)

    def _connect(self) -> None:
        self.side_field.changed.connect(lambda _: self._begin())
        self.view.taken.connect(lambda _: self.act())
        self.add.clicked.connect(self.act)
        self.keep_button.clicked.connect(self.keep)
        self.export.clicked.connect(self._ask_export)

    def _side(self) -> int:
        return round(self.side_field.value())

    def _begin(self) -> None:
        self._points = []
        if len(self._corners) < _CORNERS:
            self.view.show_images([])
            self._show_buttons()
            return
        corners, side = self._corners, self._side()

        def lay(_space: LatentSpace) -> list[Point]:
            from genstudio.generation.paths import grid

            return grid(corners, side)

        def laid(points: list[Point]) -> None:
            if (corners, side) == (self._corners, self._side()):
                self._laid(points)

        self.session.do(lay, laid)
        self._show_buttons()

    def _laid(self, points: list[Point]) -> None:
        same = self.view.count() == len(points)
        self._points = points
        if not same:
            self.view.show_images([None] * len(points), self._side())
        self._frames.draw(points, self._drawn)
        self._show_buttons()

    def _drawn(self, start: int, images: NDArray[np.uint8]) -> None:
        self.view.show_some(start, images)

    def _ask_export(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, self.export.text(), "grid.png", self.tr("Pictures (*.png)"))
        if chosen:
            self.export_to(Path(chosen))

    def _problem(self) -> str:
        """Why there is nothing to take, keep or export now; empty where there is."""
        missing = _CORNERS - len(self._corners)
        if missing > 0:
            return self.tr("Put {0} more into the tray: a grid needs four corners.").format(missing)
        return "" if self._points else self.tr("The grid is still being laid out. Wait a moment.")

    def _show_buttons(self) -> None:
        problem, missing = self._problem(), len(self._corners) < _CORNERS
        self._hint.setText(problem if missing else "")
        self._hint.setVisible(missing)
        for button in (self.add, self.keep_button, self.export):
            button.disable_because(problem)
