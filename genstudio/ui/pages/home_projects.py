"""The projects on Home: the open one, a new one, and those opened lately."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from genstudio.core import paths, words
from genstudio.ui.context import Place, UiContext
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.buttons import Button, IconButton, LinkButton, PrimaryButton
from genstudio.ui.widgets.cards import Card, HotCard, SectionHeader
from genstudio.ui.widgets.fields import FieldRow, TextField
from genstudio.ui.widgets.layouts import column, row
from genstudio.ui.widgets.pictures import PictureRow
from genstudio.ui.widgets.text import ElidedLabel, PlainLabel

if TYPE_CHECKING:
    from genstudio.store.project import Project

_SHOWN = 6
_PICTURES = 8
_FORBIDDEN = set('<>:"/\\|?*')


class CurrentProject(Card):
    """What the open project holds, and the ways into it; hidden while none is open."""

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._name = PlainLabel("", "heading")
        self._folder = ElidedLabel("", "small", Qt.TextElideMode.ElideMiddle)
        self._holds = PlainLabel("", "muted")
        self._pictures = PictureRow(_PICTURES)
        self._pictures.setAccessibleName(self.tr("Pictures of the project"))
        self.column.addWidget(self._name)
        self.column.addWidget(self._folder)
        self.column.addWidget(self._holds)
        self.column.addWidget(self._pictures)
        self.column.addSpacing(GRID // 2)
        buttons = {Place.DATA: self.tr("Data"), Place.TRAIN: self.tr("Train"), Place.GENERATE: self.tr("Generate")}
        line = QHBoxLayout()
        line.setSpacing(GRID)
        for place, text in buttons.items():
            button = Button(text, icon_name=place.value)
            button.clicked.connect(lambda _checked=False, where=place: self._context.navigate(where))
            line.addWidget(button)
        line.addStretch()
        self.column.addLayout(line)
        self.hide()

    def refresh(self) -> None:
        """Count again."""
        project = self._context.project
        self.setVisible(project is not None)
        if project is not None:
            self._name.setText(project.name)
            self._folder.setText(paths.shown(project.folder))
            self._context.bridge.ask(project.later(count_things, project), self._show_counts)
            self._context.bridge.ask(self._context.studio.on_io(lambda: some_pictures(project)), self._show_pictures)

    def _show_pictures(self, images: Sequence[QImage]) -> None:
        self._pictures.show_images(list(images))
        self._pictures.setVisible(bool(images))

    def _show_counts(self, counts: Sequence[int]) -> None:
        datasets, runs, samples = counts
        parts = [
            self.tr("1 dataset") if datasets == 1 else self.tr("{count} datasets").format(count=words.count(datasets)),
            self.tr("1 run") if runs == 1 else self.tr("{count} runs").format(count=words.count(runs)),
            self.tr("1 picture") if samples == 1 else self.tr("{count} pictures").format(count=words.count(samples)),
        ]
        self._holds.setText(" · ".join(parts))


def count_things(project: "Project") -> tuple[int, int, int]:
    """Count a project's datasets, runs and generated pictures."""
    return len(project.datasets()), len(project.runs()), len(project.samples())


def some_pictures(project: "Project") -> list[QImage]:
    """Read a few pictures of the dataset imported last; none when there is none that can be read. Blocks."""
    from genstudio.core.errors import DatasetGoneError
    from genstudio.ui.models.strips import read_strip
    from genstudio.ui.views.image import qimage_from_array

    for dataset in reversed(project.datasets()):
        with suppress(DatasetGoneError):
            strip = read_strip(project.path(dataset.folder), dataset.spec, _PICTURES)
            return [qimage_from_array(pixels) for pixels in strip]
    return []


class NewProject(Card):
    """A name is enough for a new project; the folder is shown and can be another."""

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._name = TextField(self.tr("Name"))
        self._name.setPlaceholderText(self.tr("My first studio"))
        self._name.textChanged.connect(self._show_folder)
        self._name.returnPressed.connect(self._create)
        self._row = FieldRow(self.tr("Name"), self._name)
        self._folder = ElidedLabel("", "small", Qt.TextElideMode.ElideMiddle)
        elsewhere = LinkButton(self.tr("Change…"))
        elsewhere.setAccessibleName(self.tr("Change the folder of the new project"))
        elsewhere.clicked.connect(self._choose_base)
        self._create_button = PrimaryButton(self.tr("Create project"), icon_name="plus")
        self._create_button.clicked.connect(self._create)
        self._open_button = Button(self.tr("Open…"), icon_name="folder-open", tip=self.tr("Open a project's folder"))
        self._open_button.clicked.connect(self._open)
        self.column.addWidget(SectionHeader(self.tr("New project"), self.tr("A folder you can copy to any computer.")))
        self.column.addWidget(self._row)
        self.column.addLayout(row(self._folder, elsewhere))
        self.column.addLayout(row(self._create_button, self._open_button, 1))
        self._show_folder()
        context.projects.base_changed.connect(self._show_folder)

    def begin(self) -> None:
        """Let the person type a name."""
        self._name.setFocus()
        self._name.selectAll()

    def show_busy(self, name: str) -> None:
        """A project is being opened, or that is over."""
        reason = self.tr("“{name}” is being opened.").format(name=name) if name else ""
        self._create_button.disable_because(reason)
        self._open_button.disable_because(reason)

    def _wanted(self) -> Path:
        return self._context.projects.base / (self._name.text().strip() or self._name.placeholderText())

    def _show_folder(self) -> None:
        self._folder.setText(paths.shown(self._wanted()))
        self._row.show_error(self._problem())

    def _problem(self) -> str:
        name = self._name.text().strip()
        if set(name) & _FORBIDDEN or name.startswith("."):
            return self.tr("A folder cannot have this name: leave out a dot at the front and / \\ : * ? < > |")
        if (self._wanted() / "project.gsproj").exists():
            return self.tr("There is a project of this name already.") if name else ""
        return ""

    def _create(self) -> None:
        if self._problem():
            return
        folder = self._wanted()
        if not self._name.text().strip() and folder.exists():
            folder = self._context.projects.free_folder(folder.name)
        self._context.when_ready(lambda: self._context.projects.create(folder, self._created))

    def _created(self) -> None:
        self._name.clear()
        self._context.navigate(Place.DATA)

    def _choose_base(self) -> None:
        choose_base(self, self._context)

    def _open(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Open project"), str(self._context.projects.base))
        if chosen:
            self._context.when_ready(lambda: self._context.projects.open(Path(chosen)))


def choose_base(parent: QWidget, context: UiContext) -> None:
    """Let a person say where new projects go."""
    title = QCoreApplication.translate("NewProject", "Where projects go")
    chosen = QFileDialog.getExistingDirectory(parent, title, str(context.projects.base))
    if chosen:
        context.projects.set_base(Path(chosen))


class RecentProjects(Card):
    """The projects opened lately; those that are gone say so."""

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._rows: list[QWidget] = []
        self._list = QVBoxLayout()
        self._list.setSpacing(4)
        self._empty = PlainLabel(self.tr("Other projects you opened are listed here."), "muted", wrap=True)
        self.column.addWidget(SectionHeader(self.tr("Recent projects")))
        self.column.addWidget(self._empty)
        self.column.addLayout(self._list)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.refresh()

    def refresh(self) -> None:
        """Look again at which there are."""
        for old in self._rows:
            self._list.removeWidget(old)
            old.deleteLater()
        current = self._context.project.folder if self._context.project is not None else None
        folders = [folder for folder in self._context.settings.recent_projects if folder != current][:_SHOWN]
        self._rows = [self._make_row(folder) for folder in folders]
        for line in self._rows:
            self._list.addWidget(line)
        self._empty.setVisible(not self._rows)

    def _make_row(self, folder: Path) -> QWidget:
        exists = (folder / "project.gsproj").is_file()
        card = HotCard(self.tr("Open {name}").format(name=folder.name), margins=GRID, spacing=2)
        name = PlainLabel(folder.name, "heading" if exists else "faint")
        where = ElidedLabel(paths.shown(folder), "small", Qt.TextElideMode.ElideMiddle)
        if not exists:
            where.setText(self.tr("Not found: {folder}").format(folder=paths.shown(folder)))
        forget = IconButton(
            "close", self.tr("Take {name} off this list; its files stay").format(name=folder.name), size=16
        )
        forget.clicked.connect(lambda: self._forget(folder))
        card.column.addLayout(row_with(column(name, where, spacing=2), forget))
        card.setEnabled(True)
        if exists:
            card.chosen.connect(lambda: self._context.when_ready(lambda: self._context.projects.open(folder)))
        return card

    def _forget(self, folder: Path) -> None:
        known = self._context.settings.recent_projects
        self._context.settings.forget_project(folder)
        self.refresh()
        text = self.tr("“{name}” is off the list.").format(name=folder.name)
        self._context.toasts.undoable(text, lambda: self._restore(known))

    def _restore(self, known: list[Path]) -> None:
        for folder in reversed(known):
            self._context.settings.remember_project(folder)
        self.refresh()


def row_with(lines: QVBoxLayout, control: QWidget) -> QHBoxLayout:
    """Lay out lines with a control at their right."""
    layout = QHBoxLayout()
    layout.setSpacing(GRID)
    layout.addLayout(lines, 1)
    layout.addWidget(control)
    return layout
