"""The map: where the pictures lie, and what the model draws between them."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QTimer, Signal

from genstudio.generation.latent_map import LatentMap, Layout
from genstudio.generation.points import Point, stacked
from genstudio.jobs.space import LatentSpace
from genstudio.ui.pages.explore.atlas import Atlas, make_atlas
from genstudio.ui.pages.explore.desk import Desk
from genstudio.ui.pages.explore.map_canvas import MapCanvas, Place
from genstudio.ui.pages.explore.map_layer import Show, Tiles
from genstudio.ui.pages.explore.part import Part, widen
from genstudio.ui.pages.explore.picture_grid import PictureGrid
from genstudio.ui.pages.explore.session import Asked, Frames
from genstudio.ui.theme import GRID
from genstudio.ui.views.image import qimage_from_array
from genstudio.ui.widgets.buttons import Button, IconButton, PrimaryButton
from genstudio.ui.widgets.cards import Notice
from genstudio.ui.widgets.fields import FieldRow
from genstudio.ui.widgets.layouts import column, holding, row
from genstudio.ui.widgets.numbers import ComboBox
from genstudio.ui.widgets.progress import ProgressLine
from genstudio.ui.widgets.segments import Segments
from genstudio.ui.widgets.text import ElidedLabel, PlainLabel

_PICTURE = 208
_TILE, _PAUSE_MS = 40, 120


class MapPart(Part):
    """`direction_wanted` carries a name and which pictures are meant, bool (N,)."""

    direction_wanted = Signal(str, object)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._atlas: Atlas | None = None
        self._located: dict[Point, list[float]] = {}
        self.canvas = MapCanvas()
        self.picture = PictureGrid(self.tr("What the model draws at this place"))
        self.pair = PictureGrid(self.tr("The given picture and its redrawing"), 2)
        self.nearest = PictureGrid(self.tr("The nearest picture"))
        self.layouts = Segments(
            self.tr("How the map is drawn"),
            [
                ("neighbours", self.tr("Neighbours"), self.tr("What is alike lies together")),
                ("axes", self.tr("Axes"), self.tr("Along the two axes along which pictures differ most; exact")),
            ],
            "neighbours",
        )
        self.show_as = Segments(
            self.tr("What is shown"),
            [
                ("dots", self.tr("Dots"), self.tr("Dots in the colours of labels; pictures when you come near")),
                ("pictures", self.tr("Pictures"), self.tr("The pictures the model learned from, however small")),
                ("everywhere", self.tr("Everywhere"), self.tr("What the model draws at every place")),
            ],
            "dots",
        )
        self.label = ComboBox(self.tr("Label in the foreground"))
        self.near, self.far = IconButton("zoom-in", self.tr("Nearer")), IconButton("zoom-out", self.tr("Further"))
        self.whole = IconButton("fit", self.tr("Show all"))
        self.add = PrimaryButton(self.tr("Put into the tray"), icon_name="plus", tip=self.tr("Return on the map"))
        self.keep_button = Button(self.tr("Keep"), icon_name="save", tip=self.tr("Keep it among the run's pictures"))
        self.slider = Button(self.tr("Make a slider"), icon_name="sliders")
        self._progress = ProgressLine(self.tr("Progress"))
        self._doing = PlainLabel("", "small")
        self._name, self._label = ElidedLabel("", "small"), PlainLabel("", "small", wrap=True)
        self._note = Notice()
        self._live = self.session.live(self._drawn)
        self._tiles = Frames(self.session)
        self._wanted = QTimer(self)
        self._wanted.setSingleShot(True)
        self._wanted.setInterval(_PAUSE_MS)
        self._lay_out()
        self._connect()
        self._show_progress()

    def shown(self) -> None:
        """Begin to look at the pictures, if nobody has yet, or made-up ones were drawn by other words."""
        self.session.begin_survey(anew=self.session.outdated)
        self._show_map()
        self.picks_changed()

    def words_changed(self) -> None:
        """A map of made-up pictures is one of what they show."""
        self.session.begin_survey(anew=self.session.outdated)
        self._show_map()

    def hidden(self) -> None:
        """Draw nothing while nobody looks."""
        self._wanted.stop()
        self._tiles.end()

    def picks_changed(self) -> None:
        """Mark where the pictures of the tray lie, and compare the current one with what was given."""
        chosen = self.desk.picks.chosen
        self._pair_row.setVisible(chosen is not None and chosen.given is not None)
        if chosen is not None and chosen.given is not None:
            self.pair.show_images([chosen.given, chosen.image])
        found, items = self._map(), self.desk.picks.items
        fits = [pick.point for pick in items] if found is not None else []
        if found is None or not fits or fits[0].flat.size != found.latents.shape[1]:
            self.canvas.show_pins([])
            return
        new = [pick for pick in items if pick.point not in self._located]
        if new:
            points = [pick.point for pick in new]
            located = found.locate(stacked(points), np.stack([pick.image for pick in new]))
            self._located.update(zip(points, located.tolist(), strict=True))
        self._begin_somewhere()
        places = [self._located[point] for point in fits]
        self.canvas.show_pins([(x, y) for x, y in places], self.desk.picks.current)

    def space_changed(self) -> None:
        """Forget the map of another space."""
        self._atlas, self._located = None, {}
        self.hidden()
        self.canvas.show_map(None, None, None)
        self.picture.show_images([])
        self.nearest.show_images([])
        self._name.setText("")
        self._label.hide()
        self.label.clear()
        self._show_buttons()
        self._note.show_text(self.session.problem, self.session.tone)
        if self.isVisible() and self.session.space is not None:
            self.session.begin_survey()

    def act(self) -> None:
        """Put the pinned place into the tray."""
        point = self._pinned_point()
        if point is not None:
            self.desk.add_point(point)

    def keep(self) -> None:
        """Keep the picture at the pinned place."""
        point = self._pinned_point()
        if point is not None:
            self.desk.keep([point])

    def _lay_out(self) -> None:
        self.canvas.set_empty_text(self.tr("The map appears here as soon as every picture has found its place."))
        bar = holding(row(self.show_as, 1, self.far, self.near, self.whole))
        self._label_row = FieldRow(self.tr("Label in the foreground"), self.label)
        for part in (bar, self._note, holding(column(self._doing, self._progress, spacing=4))):
            self.centre.addWidget(part)
        self.centre.addWidget(self.canvas, 1)
        self.picture.setFixedHeight(_PICTURE)
        self.pair.setFixedHeight(96)
        self._pair_row = FieldRow(self.tr("Given, and as the model redraws it"), self.pair)
        self.nearest.setFixedHeight(72)
        self.settings.addWidget(FieldRow(self.tr("The model's picture here"), self.picture))
        self.settings.addWidget(self._label)
        self._label.hide()
        self.settings.addWidget(
            holding(column(PlainLabel(self.tr("Nearest picture"), "small"), self.nearest, self._name, spacing=4))
        )
        hint = self.tr(
            "Move over the map: the picture follows. Click to stay. The wheel comes nearer, the right button moves the "
            "map, Shift and drag chooses pictures."
        )
        self.settings.addWidget(PlainLabel(hint, "small", wrap=True))
        self.settings.addWidget(self._pair_row)
        self.settings.addWidget(self._label_row)
        self.settings.addWidget(FieldRow(self.tr("How the map is drawn"), self.layouts))
        self.settings.addWidget(self.slider)
        self.settings.addStretch(1)
        self.buttons.addWidget(self.keep_button)
        self.buttons.addWidget(self.add)
        widen(self.add, self.keep_button, self.slider)
        self.buttons.setSpacing(GRID)

    def _connect(self) -> None:
        self.layouts.changed.connect(lambda _: self._show_map())
        self.show_as.changed.connect(lambda _: self._show_as())
        self.canvas.view_changed.connect(self._view_changed)
        self._wanted.timeout.connect(self._draw_everywhere)
        self.label.activated.connect(lambda _: self._highlight())
        self.near.clicked.connect(lambda: self.canvas.zoom(1.5))
        self.far.clicked.connect(lambda: self.canvas.zoom(1 / 1.5))
        self.whole.clicked.connect(self.canvas.fit)
        self.canvas.wandered.connect(self._wander)
        self.canvas.pinned.connect(lambda _: self._show_buttons())
        self.canvas.taken.connect(self.act)
        self.canvas.chosen_changed.connect(self._show_buttons)
        self.add.clicked.connect(self.act)
        self.keep_button.clicked.connect(self.keep)
        self.slider.clicked.connect(self._want_direction)
        self.session.surveyed.connect(self._surveyed)
        self.session.mapped.connect(self._show_map)
        self.session.progressed.connect(self._show_progress)
        self._show_buttons()

    def _layout_name(self) -> Layout:
        return "axes" if self.layouts.value() == "axes" else "neighbours"

    def _map(self) -> LatentMap | None:
        return self.session.maps.get(self._layout_name())

    def _surveyed(self) -> None:
        survey = self.session.survey
        if survey is None:
            return
        self.label.clear()
        self.label.addItem(self.tr("All labels"), -1)
        for number, name in enumerate(self.session.classes):
            self.label.addItem(name, number)
        self._label_row.setVisible(bool(self.session.classes))
        imagined = survey.source == "imagined"
        made_up = self.tr("This model finds pictures slowly: the map shows some it made up, what looks alike together.")
        self._note.show_text(made_up if imagined else "")
        future = self.desk.reader.read(make_atlas, survey.pictures)
        self.desk.context.bridge.ask(future, self._pictured, self.desk.context.toasts.problem)
        self.session.want_map(self._layout_name())

    def _pictured(self, atlas: Atlas) -> None:
        survey = self.session.survey
        if survey is not None and len(survey) <= atlas.columns**2:
            self._atlas = atlas
            self._show_map()

    def _show_map(self) -> None:
        found, survey = self._map(), self.session.survey
        if survey is None:
            return
        if found is None:
            self.session.want_map(self._layout_name())
            return
        self._located = {}
        self.canvas.show_map(found, self._atlas, survey.labels)
        self._view_changed()
        self.picks_changed()
        self._show_buttons()

    def _show_as(self) -> None:
        shows: dict[str, Show] = {"dots": "dots", "pictures": "pictures", "everywhere": "everywhere"}
        self.canvas.set_show(shows[self.show_as.value()])
        self._label_row.setVisible(bool(self.session.classes) and self.show_as.value() != "everywhere")
        self._draw_everywhere()

    def _view_changed(self) -> None:
        if self.canvas.look.show == "everywhere" and self.isVisible():
            self._wanted.start()

    def _draw_everywhere(self) -> None:
        """Draw what lies everywhere in view, from the middle outwards."""
        found, survey = self._map(), self.session.survey
        self._tiles.end()
        if found is None or survey is None or self.canvas.look.show != "everywhere":
            return
        places, step = self.canvas.cells(_TILE)
        tiles = Tiles(places, step, [None] * len(places))

        def points(_space: LatentSpace) -> list[Point]:
            return [self._point(found, (float(x), float(y))) for x, y in places]

        def drawn(start: int, images: NDArray[np.uint8]) -> None:
            for index, image in enumerate(images, start):
                tiles.images[index] = qimage_from_array(image)
            self.canvas.show_tiles(tiles)

        self.session.do(points, lambda found_points: self._tiles.draw(found_points, drawn))

    def _begin_somewhere(self) -> None:
        """Stay where the current picture of the tray lies, until another place is chosen."""
        chosen = self.desk.picks.chosen
        if self.canvas.pin is None and chosen is not None and chosen.point in self._located:
            x, y = self._located[chosen.point]
            self.canvas.put_pin((x, y))
            self._wander((x, y))
            self._show_buttons()

    def _highlight(self) -> None:
        number = self.label.currentData()
        self.canvas.highlight(-1 if number is None else number)

    def _wander(self, place: Place | None) -> None:
        found = self._map()
        if found is None or self.session.survey is None or place is None:
            return
        self._live.ask(Asked(self._point(found, place), place))
        index = found.nearest(place)
        self.nearest.show_images([self.session.survey.pictures[index]])
        self._name.setText(self.session.about(index))
        self._show_label(found, place)

    def _show_label(self, found: LatentMap, place: Place) -> None:
        """What the label of a picture at a place would be, where the pictures around it have labels."""
        survey = self.session.survey
        likely = None if survey is None or survey.labels is None else found.likeliest(place, survey.labels)
        self._label.setVisible(likely is not None)
        if survey is not None and likely is not None:
            said = self.tr("Its label would be {label}, as that of {share} of what lies around.")
            self._label.setText(said.format(label=survey.classes[likely[0]], share=f"{round(100 * likely[1])} %"))

    def _point(self, found: LatentMap, place: Place) -> Point:
        """The point at a place; what it is asked to be, and its noise, are those of the nearest picture."""
        near = self.session.point_at(found.nearest(place))
        return near.at(found.lift(place), self.tr("Map, at {0:.2f}, {1:.2f}").format(*place))

    def _pinned_point(self) -> Point | None:
        found, place = self._map(), self.canvas.pin
        return self._point(found, place) if found is not None and place is not None else None

    def _drawn(self, asked: Asked, image: NDArray[np.uint8]) -> None:
        if self.session.space is None or image.shape[:2] != self.session.space.shape[:2]:
            return
        self.picture.show_images([image])
        over = self.canvas.underMouse() and asked.tag != self.canvas.pin
        self.canvas.show_lens(qimage_from_array(image) if over else None)

    def _want_direction(self) -> None:
        chosen = self.canvas.chosen.copy()
        self.direction_wanted.emit(self.tr("{0} chosen on the map").format(int(chosen.sum())), chosen)

    def _show_buttons(self) -> None:
        nowhere = "" if self.canvas.pin is not None else self.tr("Click on a place of the map first.")
        self.add.disable_because(nowhere)
        self.keep_button.disable_because(nowhere)
        count = int(self.canvas.chosen.sum())
        self.slider.disable_because("" if count else self.tr("Choose pictures on the map first: Shift and drag."))
        self.slider.setText(self.tr("Make a slider of {0}").format(count) if count else self.tr("Make a slider"))

    def _show_progress(self) -> None:
        doing = self.session.doing
        self._progress.setVisible(bool(doing))
        self._progress.show_share(self.session.share if doing else 0.0)
        self._doing.setVisible(bool(doing))
        self._doing.setText(doing)
