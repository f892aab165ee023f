"""The main window: rail, pages, the bar at the bottom, menus. It makes pages when they are wanted, and not before."""

from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from genstudio.core import words
from genstudio.ui.activity import TrainingState
from genstudio.ui.context import Place, Subject, SubjectKind, UiContext
from genstudio.ui.page import Page
from genstudio.ui.pages.home import HomePage
from genstudio.ui.rail import Rail
from genstudio.ui.status_bar import HEIGHT, StatusBar
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.buttons import PrimaryButton
from genstudio.ui.widgets.cards import EmptyState
from genstudio.ui.widgets.drop_area import dropped_paths
from genstudio.ui.window_actions import WindowActions

if TYPE_CHECKING:
    from genstudio.store.project import Project

PAGES = {
    Place.DATA: ("genstudio.ui.pages.data", "DataPage"),
    Place.TRAIN: ("genstudio.ui.pages.train", "TrainPage"),
    Place.GENERATE: ("genstudio.ui.pages.generate", "GeneratePage"),
    Place.EXPLORE: ("genstudio.ui.pages.explore", "ExplorePage"),
    Place.RUNS: ("genstudio.ui.pages.runs", "RunsPage"),
}
"""The module and the class of every page that is made when it is wanted."""

_GEOMETRY = "window geometry"


class MainWindow(QMainWindow):
    """The one window of the program. `painted` is emitted once, after the first paint; `closing` at the first wish."""

    painted = Signal()
    closing = Signal()

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self.context = context
        self._place = Place.HOME
        self._is_painted = False
        self._may_close = False
        self._pages: dict[Place, Page] = {}
        self._titles = {
            Place.HOME: self.tr("Home"),
            Place.DATA: self.tr("Data"),
            Place.TRAIN: self.tr("Train"),
            Place.GENERATE: self.tr("Generate"),
            Place.EXPLORE: self.tr("Explore"),
            Place.RUNS: self.tr("Runs"),
        }
        self.setAcceptDrops(True)
        self.setMinimumSize(960, 600)
        self.body = QWidget()
        self._rail = Rail(self._titles)
        self._stack = QStackedWidget()
        self._nothing_open: QWidget | None = None
        self._status = StatusBar(context.activity)
        self._lay_out()
        self.actions_book = WindowActions(self, context, self._titles)
        self._connect()
        self._restore_geometry()
        self.go(Place.HOME)

    @property
    def titles(self) -> dict[Place, str]:
        """The places and their names."""
        return self._titles

    @property
    def place(self) -> Place:
        """The place on show."""
        return self._place

    def go(self, place: Place, subject: Subject | None = None) -> None:
        """Show a place, and a subject there."""
        self._place = place
        self._rail.show_place(place)
        page = self.page(place)
        self._stack.setCurrentWidget(page or self._instead())
        self.actions_book.show_place(place, page)
        if page is not None:
            page.shown()
            if subject is not None:
                page.show_subject(subject)

    def page(self, place: Place) -> Page | None:
        """Return a place's page, made now if need be; None while it would have nothing to show."""
        if place not in self._pages:
            if place is not Place.HOME and self.context.project is None:
                return None
            self._pages[place] = self._make_page(place)
            self._stack.addWidget(self._pages[place])
        return self._pages[place] if place is Place.HOME or self.context.project is not None else None

    def made_pages(self) -> set[Place]:
        """The places whose pages have been made."""
        return set(self._pages)

    def close_pages(self) -> None:
        """Let every page end what it began."""
        for page in self._pages.values():
            page.closing()

    def may_close(self) -> None:
        """Let the next wish to close be granted."""
        self._may_close = True

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing is decided by whoever listens to `closing`."""
        self.context.settings.set(_GEOMETRY, bytes(self.saveGeometry().toBase64().data()).decode())
        if self._may_close:
            event.accept()
        else:
            event.ignore()
            self.closing.emit()

    def event(self, event: QEvent) -> bool:
        """Notice the first paint."""
        handled = super().event(event)
        if event.type() == QEvent.Type.Paint and not self._is_painted:
            self._is_painted = True
            QTimer.singleShot(0, self.painted.emit)
        return handled

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files may be dropped anywhere in the window, once there is a studio."""
        if self.context.made_studio is not None and dropped_paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """A project is opened; anything else is taken to be pictures."""
        path = next(iter(dropped_paths(event.mimeData())), None)
        if path is None:
            return
        if path.suffix == ".gsproj" or (path / "project.gsproj").is_file():
            self.context.projects.open(path)
        elif self.context.project is not None:
            self.go(Place.DATA, Subject(SubjectKind.SOURCE, str(path)))
        else:
            self.go(Place.HOME, Subject(SubjectKind.SOURCE, str(path)))

    def _make_page(self, place: Place) -> Page:
        if place is Place.HOME:
            return HomePage(self.context)
        module, name = PAGES[place]
        page = getattr(import_module(module), name)(self.context)
        assert isinstance(page, Page)
        return page

    def _instead(self) -> QWidget:
        if self._nothing_open is None:
            self._nothing_open = self._make_nothing_open()
            self._stack.addWidget(self._nothing_open)
        return self._nothing_open

    def _make_nothing_open(self) -> QWidget:
        button = PrimaryButton(self.tr("Go to Home"), icon_name="home")
        button.clicked.connect(lambda: self.go(Place.HOME))
        sentence = self.tr("Datasets, runs and pictures live in a project. Make one, or open one, at Home.")
        return EmptyState("folder", self.tr("No project is open"), sentence, button)

    def _lay_out(self) -> None:
        middle = QHBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        middle.addWidget(self._rail)
        middle.addWidget(self._stack, 1)
        layout = QVBoxLayout(self.body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(middle, 1)
        layout.addWidget(self._status)
        self.setCentralWidget(self.body)
        self.context.toasts.attach(self.body, HEIGHT + 2 * GRID)

    def _connect(self) -> None:
        self._rail.chosen.connect(self.go)
        self._status.wanted.connect(self.go)
        self.context.projects.changed.connect(self._project_changed)
        self.context.activity.changed.connect(self._show_title)

    def _restore_geometry(self) -> None:
        stored = self.context.settings.get(_GEOMETRY, "")
        if not (stored and self.restoreGeometry(QByteArray.fromBase64(stored.encode()))):
            self.resize(1280, 800)

    def _project_changed(self) -> None:
        project = self.context.project
        self.context.activity.set_project(project)
        for place, page in list(self._pages.items()):
            if place is Place.HOME or project is not None:
                page.project_changed()
        self._show_title()
        self.actions_book.project_changed()
        self.go(self._place)

    def _show_title(self) -> None:
        project, training = self.context.project, self.context.activity.training
        self.setWindowTitle(_title(project, training))


def _title(project: "Project | None", training: TrainingState | None) -> str:
    parts = ["GenStudio"]
    if project is not None:
        parts.insert(0, project.name)
    if training is not None:
        parts.insert(0, f"{training.share:.0%} · {words.count(training.images_seen)}")
    return " — ".join(parts)
