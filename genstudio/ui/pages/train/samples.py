"""What a run shows of itself: pictures from fixed seeds, rows of numbers, and a slider through its whole history."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from genstudio.core import words
from genstudio.core.events import Preview, Profiled
from genstudio.core.family import Profile
from genstudio.store.records import PreviewRecord, ProfileRecord
from genstudio.ui.context import UiContext
from genstudio.ui.forms.editors import choice_title
from genstudio.ui.models.history import Moment, Pictures, PreviewHistory, Shown, load_pictures
from genstudio.ui.models.reading import Reader
from genstudio.ui.theme import GRID
from genstudio.ui.views.image import qimage_from_array
from genstudio.ui.views.image_grid import ImageGridView
from genstudio.ui.views.image_zoom import ZoomView
from genstudio.ui.views.profile_bars import ProfileView
from genstudio.ui.widgets.buttons import IconButton, LinkButton
from genstudio.ui.widgets.layouts import holding
from genstudio.ui.widgets.numbers import Slider
from genstudio.ui.widgets.segments import Segments
from genstudio.ui.widgets.text import PlainLabel


class PreviewPane(QWidget):
    """A grid of pictures or a row of bars, what kind they are, and when they were shown.

    It follows the run while the slider stands at its end; elsewhere it stays where the person put it.
    """

    def __init__(self, context: UiContext, reader: Reader) -> None:
        super().__init__()
        self._context = context
        self._reader = reader
        self._history = PreviewHistory()
        self._run = ""
        self._name = ""
        self._loading: Moment | None = None
        self._wanted: Moment | None = None
        self._following = True
        self._shown: Pictures | None = None
        self._zoomed = 0
        self.grid = ImageGridView()
        self.grid.set_empty_text(self.tr("The first pictures will appear here."))
        self.bars = ProfileView()
        self._profiles: dict[str, Profile] = {}
        self._stage = QStackedWidget()
        self.zoom = ZoomView(self)
        self._kinds: Segments | None = None
        self._kind_names: tuple[str, ...] = ()
        self._when = PlainLabel("", "small")
        self.slider = Slider(self.tr("Moment of the run"), 0, 0, 0)
        self._latest = LinkButton(self.tr("Latest"), tip=self.tr("Follow the run again"))
        self._earlier = IconButton("chevron-left", self.tr("Earlier pictures"))
        self._later = IconButton("chevron-right", self.tr("Later pictures"))
        self._foot = QWidget()
        self._lay_out()
        self._connect()
        self._refresh()

    def show_run(
        self,
        run: str,
        records: Sequence[PreviewRecord],
        rows: Sequence[ProfileRecord] = (),
        profiles: Sequence[Profile] = (),
    ) -> None:
        """Show another run, at its latest moment. `profiles` say what its rows of numbers are."""
        self._history.clear()
        self._profiles = {profile.name: profile for profile in profiles}
        self._run, self._name, self._following = run, "", True
        self._loading = self._wanted = None
        self._history.add_records(records)
        self._history.add_rows(row for row in rows if row.name in self._profiles)
        self._refresh()

    def hear(self, event: Preview | Profiled) -> None:
        """Take in what the run just showed."""
        if isinstance(event, Preview):
            self._history.add_event(event)
        elif event.name in self._profiles:
            self._history.add_rows([event])
        self._context.bridge.redraws.want(self._refresh)

    def moment(self) -> int | None:
        """The clock of the pictures on show, in images seen."""
        moments = self._history.moments(self._name)
        return moments[self.slider.value()] if moments else None

    def step(self, by: int) -> None:
        """Go to earlier (negative) or later pictures."""
        self.slider.setValue(self.slider.value() + by)

    def follow(self) -> None:
        """Show the latest pictures, and keep up with what comes."""
        self.slider.setValue(self.slider.maximum())

    def _connect(self) -> None:
        self.slider.valueChanged.connect(self._moved)
        self._latest.clicked.connect(self.follow)
        self._earlier.clicked.connect(lambda: self.step(-1))
        self._later.clicked.connect(lambda: self.step(1))
        self.grid.clicked.connect(self._zoom_in)
        self.zoom.step_wanted.connect(lambda by: self._zoom_in(self._zoomed + by))

    def _lay_out(self) -> None:
        self._head = QHBoxLayout()
        self._head.setSpacing(GRID)
        self._head.addStretch(1)
        self._head.addWidget(self._when)
        self._head.addWidget(self._latest)
        foot = QHBoxLayout()
        foot.setContentsMargins(0, 0, 0, 0)
        foot.setSpacing(4)
        foot.addWidget(self._earlier)
        foot.addWidget(self.slider, 1)
        foot.addWidget(self._later)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 2 * GRID, 0)
        column.setSpacing(GRID)
        column.addLayout(self._head)
        self._stage.addWidget(self.grid)
        self._stage.addWidget(self.bars)
        column.addWidget(self._stage, 1)
        column.addWidget(holding(foot, self._foot))

    def _refresh(self) -> None:
        names = self._history.names()
        if self._name not in names:
            self._name = names[0] if names else ""
        self._show_kinds(names)
        moments = self._history.moments(self._name)
        place = len(moments) - 1 if self._following else min(self.slider.value(), len(moments) - 1)
        with QSignalBlocker(self.slider):
            self.slider.setMaximum(max(len(moments) - 1, 0))
            self.slider.setValue(max(place, 0))
        self._show_moment()

    def _show_kinds(self, names: Sequence[str]) -> None:
        if self._kinds is not None and self._kind_names == tuple(names):
            self._kinds.set_value(self._name)
            return
        if self._kinds is not None:
            self._head.removeWidget(self._kinds)
            self._kinds.deleteLater()
        self._kind_names = tuple(names)
        options = [(name, choice_title(name), self._tip(name)) for name in names]
        self._kinds = Segments(self.tr("Pictures"), options, self._name)
        self._kinds.setVisible(len(names) > 1)
        self._kinds.changed.connect(self._choose_kind)
        self._head.insertWidget(0, self._kinds, 0, Qt.AlignmentFlag.AlignLeft)

    def _tip(self, name: str) -> str:
        profile = self._profiles.get(name)
        return profile.title if profile else ""

    def _choose_kind(self, name: str) -> None:
        before = self.moment()
        self._name = name
        moments = self._history.moments(name)
        nearest = self._history.nearest(name, before) if before is not None else None
        with QSignalBlocker(self.slider):
            self.slider.setMaximum(max(len(moments) - 1, 0))
            self.slider.setValue(moments.index(nearest) if nearest is not None else 0)
        self._show_moment()

    def _moved(self) -> None:
        self._following = self.slider.value() == self.slider.maximum()
        self._show_moment()

    def _show_moment(self) -> None:
        moment = self.moment()
        several = self.slider.maximum() > 0
        self._foot.setVisible(several)
        self._earlier.setEnabled(several and self.slider.value() > 0)
        self._later.setEnabled(several and not self._following)
        self._latest.setVisible(not self._following)
        if moment is None:
            self._when.setText("")
            self._stage.setCurrentWidget(self.grid)
            self._set_pictures(None)
            return
        when = self.tr("before training") if moment == 0 else self.tr("at {images} images")
        self._when.setText(when.format(images=words.count(moment)))
        row = self._history.row(self._name, moment)
        self._stage.setCurrentWidget(self.grid if row is None else self.bars)
        if row is None:
            self._show_pictures((self._name, moment))
        else:
            self._wanted = None
            self.bars.show_values(self._profiles[self._name], row)

    def _show_pictures(self, moment: Moment) -> None:
        pictures = self._history.pictures(*moment)
        if pictures is not None:
            self._wanted = None
            self._set_pictures(pictures)
            return
        self._wanted = moment
        self._load_next()

    def _load_next(self) -> None:
        # One at a time: dragging the slider must not queue up a hundred sheets nobody waits for any more.
        project = self._context.project
        if self._loading is not None or self._wanted is None or project is None:
            return
        self._loading = self._wanted
        future = self._reader.read(load_pictures, project, self._run, self._wanted)
        self._context.bridge.ask(future, self._loaded, self._not_loaded)

    def _loaded(self, shown: Shown) -> None:
        if shown.run != self._run:
            return
        wanted, self._loading = self._wanted, None
        self._history.add_records(shown.records)
        if shown.pictures is not None:
            self._history.keep(*shown.moment, shown.pictures)
        if shown.moment == wanted:
            self._wanted = None
            if shown.pictures is not None:
                self._set_pictures(shown.pictures)
        self._load_next()

    def _not_loaded(self, sentence: str) -> None:
        self._loading = self._wanted = None
        self._set_pictures(None)
        self._when.setText(sentence)

    def _set_pictures(self, pictures: Pictures | None) -> None:
        self._shown = pictures
        if pictures is not None:
            self.grid.set_images(pictures)
            return
        self.grid.clear()
        if self.zoom.isVisible():
            self.zoom.close_view()

    def _zoom_in(self, index: int) -> None:
        if self._shown is not None and 0 <= index < len(self._shown):
            self._zoomed = index
            count = len(self._shown)
            caption = self.tr("Picture {number} of {count}").format(number=index + 1, count=count)
            self.zoom.show_picture(qimage_from_array(self._shown[index]), f"{caption} · {self._when.text()}")
