"""Home: three ways to begin, the open project, and the projects opened lately. It is there before the studio is."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from genstudio.ui.context import Place, Subject, SubjectKind, UiContext
from genstudio.ui.page import Page
from genstudio.ui.pages.home_demo import Demo
from genstudio.ui.pages.home_notices import Notices
from genstudio.ui.pages.home_play import Play
from genstudio.ui.pages.home_projects import CurrentProject, NewProject, RecentProjects
from genstudio.ui.pages.home_tiles import Tile
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.cards import PageHeader
from genstudio.ui.widgets.layouts import FlowLayout, column, holding, scrolling

_WIDTH = 1040


class HomePage(Page):
    """Where a session begins."""

    place = Place.HOME

    def __init__(self, context: UiContext) -> None:
        super().__init__(context)
        self._demo = Demo(context)
        self._play = Play(context)
        self._notices = Notices(context)
        self._current = CurrentProject(context)
        self._new = NewProject(context)
        self._recent = RecentProjects(context)
        self._tiles = self._make_tiles()
        body = QWidget()
        self.set_content(scrolling(body))
        self._fill(body)
        context.projects.busy.connect(self._new.show_busy)
        play = self.tr("Play with a trained model")
        self.add_action(play, self._begin_to_play, icon_name="generate", shortcut="Ctrl+Shift+G")
        self.add_action(self.tr("Watch a model learn"), self._watch, icon_name="play", shortcut="Ctrl+Shift+D")
        self.add_action(self.tr("Train your first model"), self._train, icon_name="train", shortcut="Ctrl+Shift+T")
        self.add_action(self.tr("Use my images…"), self._choose_images, icon_name="data", shortcut="Ctrl+Shift+I")

    def shown(self) -> None:
        """Look again at what changed elsewhere."""
        self._recent.refresh()
        self._current.refresh()
        self._notices.refresh()

    def project_changed(self) -> None:
        """Show the project that is open now."""
        self.shown()

    def show_subject(self, subject: Subject) -> None:
        """Make a project, or begin with somebody's pictures."""
        if subject.kind is SubjectKind.PROJECT:
            self._new.begin()
        elif subject.kind is SubjectKind.SOURCE:
            self._use_images([Path(subject.id)])

    def tell_crash(self, report: Path) -> None:
        """Say that the program went down last time."""
        self._notices.tell_crash(report)

    def _make_tiles(self) -> list[Tile]:
        play = Tile(
            "play",
            "generate",
            self.tr("Play with a trained model"),
            self.tr("One click to pictures: a small model that has learned letters draws, blends and varies them."),
        )
        watch = Tile(
            "watch",
            "play",
            self.tr("Watch a model learn"),
            self.tr("One click: a small model starts on letters and digits from 237 typefaces and draws its own."),
        )
        mine = Tile(
            "mine",
            "data",
            self.tr("Use my images"),
            self.tr("Drop a folder or a zip here, or click to choose. A few hundred pictures are enough."),
            takes_files=True,
        )
        play.chosen.connect(self._begin_to_play)
        watch.chosen.connect(self._watch)
        mine.chosen.connect(self._choose_images)
        mine.dropped.connect(self._use_images)
        return [play, watch, mine]

    def _fill(self, body: QWidget) -> None:
        tiles = FlowLayout(200, maximum_columns=3)
        for tile in self._tiles:
            tiles.addWidget(tile)
        below = FlowLayout(320, maximum_columns=2)
        below.addWidget(holding(column(self._current, self._new, 1, spacing=2 * GRID)))
        below.addWidget(self._recent)
        below.setAlignment(self._recent, Qt.AlignmentFlag.AlignTop)
        content = QWidget()
        content.setMaximumWidth(_WIDTH)
        inside = QVBoxLayout(content)
        inside.setContentsMargins(0, 0, GRID, 0)
        inside.setSpacing(2 * GRID)
        inside.addWidget(self._header())
        inside.addWidget(self._notices)
        inside.addLayout(tiles)
        inside.addSpacing(GRID)
        inside.addLayout(below)
        inside.addStretch(1)
        outer = QHBoxLayout(body)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addStretch(1)
        outer.addWidget(content, 1000)
        outer.addStretch(1)

    def _header(self) -> PageHeader:
        return PageHeader(
            self.tr("What will you make?"),
            self.tr("Train small models on your own images and generate with them. All of it stays on this computer."),
        )

    def _begin_to_play(self) -> None:
        self.context.when_ready(self._play.begin)

    def _watch(self) -> None:
        self.context.when_ready(self._demo.watch)

    def _train(self) -> None:
        self.context.when_ready(self._demo.train)

    def _choose_images(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self.tr("A folder of images"), str(Path.home()))
        if chosen:
            self._use_images([Path(chosen)])

    def _use_images(self, paths: list[Path]) -> None:
        source = str(paths[0])
        arrive = Subject(SubjectKind.SOURCE, source)

        def go() -> None:
            self.context.navigate(Place.DATA, arrive)

        def begin() -> None:
            if self.context.project is not None:
                go()
            else:
                projects = self.context.projects
                projects.create(projects.free_folder(Path(source).stem or self.tr("My images")), go)

        self.context.when_ready(begin)
