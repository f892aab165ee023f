"""A walk past the pictures of the tray, as a film."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog

from genstudio.core import paths
from genstudio.core.recipe import Recipe
from genstudio.generation.points import Point
from genstudio.generation.video import video_problem, write_film
from genstudio.jobs.scenes import scene_recipe
from genstudio.jobs.space import LatentSpace
from genstudio.ui.forms.switch import Switch
from genstudio.ui.pages.explore.desk import Desk
from genstudio.ui.pages.explore.part import Part, widen
from genstudio.ui.pages.explore.picture_grid import PictureGrid
from genstudio.ui.pages.explore.session import Frames
from genstudio.ui.widgets.buttons import Button, IconButton
from genstudio.ui.widgets.fields import FieldRow
from genstudio.ui.widgets.layouts import holding, row
from genstudio.ui.widgets.numbers import Slider, SliderSpin
from genstudio.ui.widgets.progress import ProgressLine
from genstudio.ui.widgets.segments import Segments
from genstudio.ui.widgets.text import PlainLabel
from genstudio.ui.widgets.tones import Tone

if TYPE_CHECKING:
    from genstudio.generation.paths import Pace

_FRAMES, _FPS, _EDGE = 60, 15, 512


@dataclass(frozen=True)
class Plan:
    """What a walk is made from; another plan is another walk."""

    stops: tuple[Point, ...]
    frames: int
    closed: bool
    pace: "Pace"


class WalkPart(Part):
    """The pictures of the tray, in their order, are the stops. It plays as soon as the first frames are drawn."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._plan: Plan | None = None
        self._images: list[NDArray[np.uint8] | None] = []
        self._points: list[Point] = []
        self._frames = Frames(self.session)
        self.film = PictureGrid(self.tr("The walk"))
        self.play = IconButton("pause", self.tr("Pause"))
        self.scrub = Slider(self.tr("Look through the walk"), 0, 0, 0)
        self.frames = SliderSpin(self.tr("Frames"), 8, 240, _FRAMES)
        self.speed = SliderSpin(self.tr("Frames a second"), 4, 60, _FPS)
        self.edge = SliderSpin(self.tr("Size in pixels"), 64, 1024, _EDGE, log=True)
        self.loop, self.smooth = Switch(), Switch()
        self.pace = Segments(
            self.tr("Pace"),
            [
                ("even", self.tr("Even"), self.tr("At one speed all the way")),
                ("resting", self.tr("With rests"), self.tr("Slower at each picture of the tray")),
            ],
            "even",
        )
        self.gif = Button(self.tr("Export as GIF…"), icon_name="film")
        self.mp4 = Button(self.tr("Export as MP4…"), icon_name="film")
        self._mp4_problem = video_problem()
        self._progress = ProgressLine(self.tr("Progress"))
        self._place = PlainLabel("", "small")
        self._hint = PlainLabel("", "small", wrap=True)
        self._clock = QTimer(self)
        self._wanted = QTimer(self)
        self._wanted.setSingleShot(True)
        self._wanted.setInterval(120)
        self.playing = True
        self._lay_out()
        self._connect()

    def shown(self) -> None:
        """Bring the walk up to date, and let it play."""
        self.picks_changed()
        self._run_clock()

    def hidden(self) -> None:
        """Rest while nobody looks."""
        self._clock.stop()
        self._wanted.stop()

    def picks_changed(self) -> None:
        """Other stops."""
        self._begin()

    def space_changed(self) -> None:
        """Forget the frames of another space."""
        self._plan, self._images, self._points = None, [], []
        self.film.show_images([])
        self._show()

    def act(self) -> None:
        """Play, or pause."""
        self.playing = not self.playing
        self.play.set_icon_name("pause" if self.playing else "play")
        self.play.setAccessibleName(self.tr("Pause") if self.playing else self.tr("Play"))
        self._run_clock()

    def keep(self) -> None:
        """Keep the frame on show."""
        if self._points:
            self.desk.keep([self._points[self.scrub.value()]])

    def export_to(self, path: Path) -> None:
        """Write the walk as the kind of film the path's ending names."""
        frames, plan = [image for image in self._images if image is not None], self._plan
        if plan is None or not frames or len(frames) < len(self._images):
            return
        smooth, edge, fps = self.smooth.isChecked(), round(self.edge.value()), self.speed.value()
        workspace, toasts = self.desk.context.workspace, self.desk.context.toasts
        how: dict[str, str | int | float | bool] = {
            "frames": plan.frames,
            "closed": plan.closed,
            "pace": str(plan.pace),
            "fps": fps,
        }

        def write(recipe: Recipe | None) -> Path:
            write_film(path, frames, fps=fps, edge=edge, smooth=smooth, recipe=recipe)
            return path

        def written(recipe: Recipe | None) -> None:
            self.desk.context.bridge.ask(self.desk.reader.read(write, recipe), self._written, toasts.problem)

        toasts.say(self.tr("Writing the film…"), seconds=2)
        self.session.do(lambda space: scene_recipe(workspace, space, "explore-walk", plan.stops, how), written)

    def _lay_out(self) -> None:
        self.centre.addWidget(self.film, 1)
        self.centre.addWidget(self._progress)
        self.centre.addWidget(holding(row(self.play, self.scrub, self._place)))
        self.settings.addWidget(
            PlainLabel(
                self.tr("It goes past the pictures of the tray in their order. Drag them to change it."),
                "small",
                wrap=True,
            )
        )
        self.settings.addWidget(FieldRow(self.tr("Frames"), self.frames))
        self.settings.addWidget(FieldRow(self.tr("Speed"), self.speed, unit=self.tr("frames a second")))
        for switch, title in (
            (self.loop, self.tr("Closed loop, without a seam")),
            (self.smooth, self.tr("Enlarge smoothly")),
        ):
            switch.setAccessibleName(title)
            self.settings.addWidget(holding(row(PlainLabel(title), 1, switch)))
        self.settings.addWidget(FieldRow(self.tr("Pace"), self.pace))
        self.settings.addWidget(FieldRow(self.tr("Size of the film"), self.edge, unit=self.tr("pixels")))
        self.settings.addWidget(self._hint)
        self.settings.addStretch(1)
        for button in (self.gif, self.mp4):
            self.buttons.addWidget(button)
        widen(self.gif, self.mp4)
        self.loop.setChecked(True)

    def _connect(self) -> None:
        for field in (self.frames, self.speed):
            field.changed.connect(lambda _: self._wanted.start())
        self._wanted.timeout.connect(self._begin)
        self.loop.toggled.connect(lambda _: self._begin())
        self.pace.changed.connect(lambda _: self._begin())
        self.play.clicked.connect(self.act)
        self.scrub.valueChanged.connect(lambda _: self._show_frame())
        self.scrub.sliderPressed.connect(self._pause)
        self._clock.timeout.connect(self._tick)
        self.gif.clicked.connect(lambda: self._ask_export(".gif"))
        self.mp4.clicked.connect(lambda: self._ask_export(".mp4"))
        self._show()

    def _begin(self) -> None:
        stops = tuple(pick.point for pick in self.desk.picks.items)
        pace: Pace = "resting" if self.pace.value() == "resting" else "even"
        plan = Plan(stops, round(self.frames.value()), self.loop.isChecked(), pace)
        self._run_clock()
        if plan == self._plan:
            return
        self._plan = plan
        if len(stops) < 2:
            self._images, self._points = [], []
            self.film.show_images([])
            self._show()
            return

        def go(_space: LatentSpace) -> list[Point]:
            from genstudio.generation.paths import walk

            return walk(plan.stops, plan.frames, closed=plan.closed, pace=plan.pace)

        self.session.do(go, lambda points: self._planned(plan, points))

    def _planned(self, plan: Plan, points: list[Point]) -> None:
        if plan == self._plan:
            self._points, self._images = points, [None] * len(points)
            self.scrub.setMaximum(len(points) - 1)
            self._frames.draw(points, self._drawn)
            self._show()

    def _drawn(self, start: int, images: NDArray[np.uint8]) -> None:
        if start + len(images) <= len(self._images):
            self._images[start : start + len(images)] = list(images)
            self._show()
            if start == 0:
                self._show_frame()

    def _tick(self) -> None:
        count = len(self._images)
        following = (self.scrub.value() + 1) % count if count else 0
        if count and self._images[following] is not None:
            self.scrub.setValue(following)

    def _show_frame(self) -> None:
        frame = self.scrub.value()
        image = self._images[frame] if frame < len(self._images) else None
        if image is not None:
            self.film.show_images([image])
        self._place.setText(f"{frame + 1} / {len(self._images)}" if self._images else "")

    def _pause(self) -> None:
        if self.playing:
            self.act()

    def _run_clock(self) -> None:
        if self.playing and self.isVisible():
            self._clock.start(round(1000 / self.speed.value()))
        else:
            self._clock.stop()

    def _ask_export(self, suffix: str) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, self.tr("Export the walk"), f"walk{suffix}", f"(*{suffix})")
        if chosen:
            path = Path(chosen)
            self.export_to(path if path.suffix.lower() == suffix else path.with_name(path.name + suffix))

    def _written(self, path: Path) -> None:
        self.desk.context.toasts.say(self.tr("Written: {0}").format(paths.shown(path)), Tone.GOOD)

    def _show(self) -> None:
        done = sum(image is not None for image in self._images)
        drawing = 0 < len(self._images) != done
        self._progress.setVisible(drawing)
        self._progress.show_share(done / len(self._images) if drawing else 0.0)
        stops = len(self.desk.picks)
        problem = self.tr("Put at least two pictures into the tray.") if stops < 2 else ""
        if not problem and (drawing or not self._images):
            problem = self.tr("The walk is still being drawn.")
        self.gif.disable_because(problem)
        self.mp4.disable_because(problem or self._mp4_problem)
        self._hint.setText(self._mp4_problem if stops >= 2 else problem)
        self._hint.setVisible(bool(self._hint.text()))
