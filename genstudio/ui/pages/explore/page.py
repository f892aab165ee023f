"""Explore: a run's latent space as a map, and ways to play with what is found there."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QVBoxLayout, QWidget

from genstudio.core import words
from genstudio.core.abilities import Ability
from genstudio.core.errors import GenStudioError
from genstudio.core.events import CheckpointSaved, Event, Finished
from genstudio.jobs.loading import BEST
from genstudio.ui.context import Place, Subject, SubjectKind, UiContext
from genstudio.ui.models.checkpoints import left_behind
from genstudio.ui.models.reading import Reader
from genstudio.ui.page import Page
from genstudio.ui.pages.explore.desk import Desk
from genstudio.ui.pages.explore.evolve_part import EvolvePart
from genstudio.ui.pages.explore.grid_part import GridPart
from genstudio.ui.pages.explore.map_part import MapPart
from genstudio.ui.pages.explore.part import Part
from genstudio.ui.pages.explore.sliders_part import SlidersPart
from genstudio.ui.pages.explore.tray import Tray
from genstudio.ui.pages.explore.walk_part import WalkPart
from genstudio.ui.pages.generate.picker import DataPicker
from genstudio.ui.pages.generate.prompting import PromptPanel, example_of
from genstudio.ui.pages.generate.requests import Trained, read_trained
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.buttons import LinkButton, PrimaryButton
from genstudio.ui.widgets.cards import EmptyState, PageHeader
from genstudio.ui.widgets.drop_area import dropped_paths
from genstudio.ui.widgets.fields import FieldRow, SidePanel
from genstudio.ui.widgets.numbers import ComboBox
from genstudio.ui.widgets.segments import Segments

_WORKERS = 2
_PICTURES = "*.png *.jpg *.jpeg *.webp *.gif *.tif *.tiff *.bmp"


class ExplorePage(Page):
    """The parts share a run and a tray of picked pictures."""

    place = Place.EXPLORE

    def __init__(self, context: UiContext) -> None:
        super().__init__(context)
        self._reader = Reader(_WORKERS)
        self.desk = Desk(context, self._reader)
        self._trained: dict[str, Trained] = {}
        self._wanted_run = ""
        self._wanted_file: Path | None = None
        self.map = MapPart(self.desk)
        self.sliders, self.grid = SlidersPart(self.desk), GridPart(self.desk)
        self.walk, self.evolve = WalkPart(self.desk), EvolvePart(self.desk)
        self.parts: dict[str, Part] = {
            "map": self.map,
            "sliders": self.sliders,
            "grid": self.grid,
            "walk": self.walk,
            "evolve": self.evolve,
        }
        self.tabs = self._make_tabs()
        self.run = ComboBox(self.tr("Run"))
        self.newer = LinkButton(self.tr("It has learned more since: look at that"))
        about = self.tr("Held-out pictures found it best then; since then it has begun to learn by heart.")
        self.best = LinkButton(self.tr("Look at its best"), tip=about)
        said = self.tr("What is drawn from now on, empty for anything. Return draws the tray anew by it.")
        self.words = PromptPanel(said)
        self.tray = Tray()
        self.picker: DataPicker | None = None
        self._centre, self._stack = QStackedWidget(), QStackedWidget()
        self._sides, self._feet = QStackedWidget(), QStackedWidget()
        self._side = SidePanel()
        self._lay_out()
        self._connect()
        self._add_actions()
        self.setAcceptDrops(True)

    @property
    def part(self) -> Part:
        """The part on show."""
        return self.parts[self.tabs.value()]

    def shown(self) -> None:
        """See which runs can be explored by now."""
        project = self.context.project
        if project is not None:
            self.context.bridge.ask(project.later(read_trained, project), self._show_trained)

    def hideEvent(self, event: object) -> None:
        """Nothing plays while nobody looks."""
        self.part.hidden()

    def showEvent(self, event: object) -> None:
        """Go on where it was left."""
        self._fit_header()
        if self.desk.session.space is not None:
            self.part.shown()

    def resizeEvent(self, event: object) -> None:
        """Where there is little room, the ways to explore matter more than the title."""
        self._fit_header()

    def changeEvent(self, event: QEvent) -> None:
        """The same for larger text."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._fit_header()

    def _fit_header(self) -> None:
        room = self.width() - self._side.width() - 6 * GRID
        wanted = self.tabs.sizeHint().width() + self._header.title.sizeHint().width() + GRID
        self._header.title.setVisible(wanted <= room)

    def project_changed(self) -> None:
        """Forget everything of the project before."""
        self._wanted_run, self._wanted_file = "", None
        self._trained = {}
        self.run.clear()
        self.desk.session.leave()
        self._show_centre()

    def show_subject(self, subject: Subject) -> None:
        """Explore this run, or around this picture of one."""
        if subject.kind in (SubjectKind.RUN, SubjectKind.PICTURE):
            self._wanted_run, self._wanted_file = subject.id, subject.file

    def closing(self) -> None:
        """End timers and the readers' threads; jobs that go on end at their next step."""
        self.part.hidden()
        self.desk.close()
        self.desk.session.leave()
        self._reader.close()

    def go_part(self, name: str) -> None:
        """Show a part."""
        self.part.hidden()
        self.tabs.set_value(name)
        for stack, widget in ((self._stack, self.part), (self._sides, self.part.side), (self._feet, self.part.foot)):
            stack.setCurrentWidget(widget)
        self._fit_sides()
        if self.desk.session.space is not None:
            self.part.shown()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take a picture from outside."""
        if self.desk.session.space is not None and _dropped_picture(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Find a dropped picture in the space."""
        path = _dropped_picture(event)
        if path is not None:
            event.acceptProposedAction()
            self.desk.add_file(path)

    def _make_tabs(self) -> Segments:
        options = [
            ("map", self.tr("Map"), self.tr("Where the pictures lie, and what is between them")),
            ("sliders", self.tr("Sliders"), self.tr("More or less of what labels and favourites stand for")),
            ("grid", self.tr("Grid"), self.tr("Everything between four pictures")),
            ("walk", self.tr("Walk"), self.tr("A film past the pictures of the tray")),
            ("evolve", self.tr("Evolve"), self.tr("Pick favourites, get their children")),
        ]
        return Segments(self.tr("Way to explore"), options, "map")

    def _lay_out(self) -> None:
        self._header = PageHeader(self.tr("Explore"), "", self.tabs)
        desk = QWidget()
        column = QVBoxLayout(desk)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * GRID)
        column.addWidget(self._header)
        column.addWidget(self._stack, 1)
        column.addWidget(self.tray)
        self._run_row = FieldRow(self.tr("Run"), self.run, " ")
        self._side.column.addWidget(self._run_row)
        self._side.column.addWidget(self.newer)
        self._side.column.addWidget(self.best)
        self._side.column.addWidget(self.words)
        self._side.column.addWidget(self._sides, 1)
        self._side.foot.addWidget(self._feet)
        for part in self.parts.values():
            self._stack.addWidget(part)
            self._sides.addWidget(part.side)
            self._feet.addWidget(part.foot)
        self._centre.addWidget(self._make_empty())
        self._centre.addWidget(desk)
        self.newer.hide()
        self.best.hide()
        self._sides.setMinimumWidth(1)  # parts that are not on show must not ask for more than the panel has
        self.set_content(self._centre, self._side)
        self._fit_sides()
        self._show_centre()

    def _fit_sides(self) -> None:
        """Let the part on show alone say how much room there must be."""
        for part in self.parts.values():
            for widget in (part.side, part.foot):
                policy = widget.sizePolicy()
                shown = part is self.part
                policy.setVerticalPolicy(policy.Policy.Preferred if shown else policy.Policy.Ignored)
                widget.setSizePolicy(policy)
        for stack in (self._sides, self._feet):
            stack.updateGeometry()

    def _connect(self) -> None:
        desk, strip = self.desk, self.tray.strip
        self.tabs.changed.connect(self.go_part)
        self.run.activated.connect(lambda _: self._open(str(self.run.currentData() or "")))
        self.newer.clicked.connect(lambda: desk.reopen())
        self.best.clicked.connect(lambda: desk.reopen(BEST))
        self.words.line.editingFinished.connect(self._say)
        self.words.entered.connect(self._draw_by_words)
        desk.changed.connect(self._show_picks)
        desk.session.opened.connect(self._opened)
        self.map.direction_wanted.connect(self._add_direction)
        self.tray.random.clicked.connect(lambda: desk.add_random())
        self.tray.data.clicked.connect(self._pick_data)
        self.tray.file.clicked.connect(self._ask_file)
        self.tray.starred.clicked.connect(desk.add_starred)
        self.tray.remove.clicked.connect(lambda: desk.remove(desk.picks.current))
        self.tray.clear.clicked.connect(desk.clear)
        strip.chosen.connect(lambda index: desk.put(desk.picks.at(index)))
        strip.moved.connect(lambda by: desk.put(desk.picks.moved(by)))
        strip.removed.connect(desk.remove)
        self.context.bridge.events.connect(self._hear)
        self._show_picks()

    def _add_actions(self) -> None:
        say = self.tr
        self.add_action(
            say("Do the main thing here"), lambda: self.part.act(), icon_name="check", shortcut="Ctrl+Return"
        )
        self.add_action(say("Keep what is on show"), lambda: self.part.keep(), icon_name="save", shortcut="Ctrl+S")
        self.add_action(
            say("A picture by chance into the tray"), self.tray.random.click, icon_name="dice", shortcut="Ctrl+D"
        )
        self.add_action(
            say("A picture of the data into the tray"), self.tray.data.click, icon_name="data", shortcut="Ctrl+Shift+D"
        )
        self.add_action(
            say("A picture file into the tray"), self.tray.file.click, icon_name="folder-open", shortcut="Ctrl+Shift+O"
        )
        self.add_action(
            say("Pictures with a star into the tray"),
            self.tray.starred.click,
            icon_name="star",
            shortcut="Ctrl+Shift+S",
        )
        self.add_action(say("Empty the tray"), self.desk.clear, icon_name="trash", shortcut="Ctrl+Shift+Backspace")
        titles = {
            "map": say("Show the map"),
            "sliders": say("Show the sliders"),
            "grid": say("Show the grid"),
            "walk": say("Show the walk"),
            "evolve": say("Show the generations"),
        }
        icons = {"map": "explore", "sliders": "sliders", "grid": "grid", "walk": "film", "evolve": "heart"}
        for number, (name, title) in enumerate(titles.items(), 1):
            go = partial(self.go_part, name)
            self.add_action(title, go, icon_name=icons[name], shortcut=f"Alt+{number}")

    def _make_empty(self) -> EmptyState:
        train = PrimaryButton(self.tr("Train a model"), icon_name="train")
        train.clicked.connect(lambda: self.context.navigate(Place.TRAIN))
        families = self.context.studio.host.families()
        able = ", ".join(family.title for family in families if Ability.INTERPOLATE in family.abilities)
        sentence = self.tr(
            "Some models keep a space in which every place is a picture: {0}. Train one of them, and play here."
        )
        return EmptyState("explore", self.tr("No model to explore yet"), sentence.format(able), train)

    def _show_trained(self, trained: tuple[Trained, ...]) -> None:
        able = {one.record.id: one for one in trained if self._can(one)}
        wanted, self._wanted_run = self._wanted_run, ""
        now = self.desk.session.run
        if list(able) != list(self._trained) or not self.run.count():
            self.run.clear()
            for run, one in able.items():
                self.run.addItem(one.record.name, run)
        self._trained = able
        goal = wanted if wanted in able else now if now in able else next(iter(able), "")
        self.run.setCurrentIndex(self.run.findData(goal))
        self._show_centre()
        if goal and goal != now:
            self._open(goal)
        elif self.desk.session.space is not None:
            self._take_wanted()
        self._show_newer()

    def _can(self, one: Trained) -> bool:
        try:
            family = self.context.studio.host.family(one.record.family)
        except GenStudioError:
            return False
        return Ability.INTERPOLATE in one.abilities(family)

    def _open(self, run: str) -> None:
        if run:
            self.desk.session.open(run)

    def _opened(self) -> None:
        self._ask_words()
        for part in self.parts.values():
            part.space_changed()
        space = self.desk.session.space
        if space is not None:
            seen = words.count(space.checkpoint.images_seen)
            self._run_row.set_help(self.tr("As it was after {0} images").format(seen))
            if self.isVisible():
                self.part.shown()
            self._take_wanted()
        self._show_picks()
        self._show_newer()

    def _ask_words(self) -> None:
        """Ask for words where the open model draws by them, with one of its captions as an example."""
        session = self.desk.session
        run, able = session.run, session.space is not None and session.space.heeds_words
        self.words.show_run(run, able)
        session.say(self.words.words())
        if able:
            future = self._reader.read(example_of, self.context.workspace, run)
            self.context.bridge.ask(future, partial(self.words.show_example, run), lambda _: None)

    def _say(self) -> None:
        """What stands in the line holds from now on."""
        session, words = self.desk.session, self.words.words()
        if words != session.words:
            session.say(words)
            self.words.remember()
            if self.isVisible() and session.space is not None:
                self.part.words_changed()

    def _draw_by_words(self) -> None:
        self._say()
        self.desk.draw_by_words()

    def _take_wanted(self) -> None:
        """Put the picture somebody came here with into the tray."""
        file, self._wanted_file = self._wanted_file, None
        if file is not None:
            self.desk.add_file(file)

    def _show_newer(self) -> None:
        space, one = self.desk.session.space, self._trained.get(self.desk.session.run)
        newest = one.checkpoints[-1].images_seen if one is not None and one.checkpoints else 0
        self.newer.setVisible(space is not None and newest > space.checkpoint.images_seen)
        best = left_behind(one.checkpoints) if one is not None else None
        if best is not None:
            self.best.setText(self.tr("It was best at {0} images: look at that").format(words.count(best.images_seen)))
        elsewhere = best is not None and space is not None and best.images_seen != space.checkpoint.images_seen
        self.best.setVisible(elsewhere)

    def _show_centre(self) -> None:
        self._centre.setCurrentIndex(1 if self._trained else 0)
        self._side.setVisible(bool(self._trained))

    def _show_picks(self) -> None:
        waiting = "" if self.desk.session.space is not None else self.tr("No model is open yet.")
        self.tray.show_picks(self.desk.picks, waiting)
        if self.isVisible():
            self.part.picks_changed()

    def _add_direction(self, name: str, chosen: object) -> None:
        import numpy as np

        assert isinstance(chosen, np.ndarray)
        self.sliders.add_chosen(name, chosen)
        self.go_part("sliders")

    def _pick_data(self) -> None:
        if self.desk.session.run:
            self.picker = DataPicker(self.window(), self.context, self._reader, self.desk.session.run)
            self.picker.taken.connect(self.desk.add_place)
            self.picker.open(self.picker.gallery)

    def _ask_file(self) -> None:
        filters = self.tr("Pictures ({0})").format(_PICTURES)
        chosen, _ = QFileDialog.getOpenFileName(self, self.tr("Choose a picture"), "", filters)
        if chosen:
            self.desk.add_file(Path(chosen))

    def _hear(self, event: Event) -> None:
        # A run in training can be explored as soon as it has saved itself, and anew after each further time.
        if isinstance(event, CheckpointSaved | Finished) and self.isVisible():
            self.shown()


def _dropped_picture(event: QDragEnterEvent | QDropEvent) -> Path | None:
    wanted = {pattern.removeprefix("*") for pattern in _PICTURES.split()}
    return next((path for path in dropped_paths(event.mimeData()) if path.suffix.lower() in wanted), None)
