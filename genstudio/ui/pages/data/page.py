"""The place of datasets. It switches between the shelf, an import, its report, and one dataset."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QVBoxLayout, QWidget

from genstudio.data.builtin import builtin_datasets
from genstudio.store.records import DatasetRecord
from genstudio.ui.context import Place, Subject, SubjectKind, UiContext
from genstudio.ui.models.reading import Reader
from genstudio.ui.models.strips import read_strip
from genstudio.ui.page import Page
from genstudio.ui.pages.data.detail import DetailView
from genstudio.ui.pages.data.import_view import ImportView
from genstudio.ui.pages.data.report_view import Report, ReportView, read_report
from genstudio.ui.pages.data.shelf import STRIP, Shelf
from genstudio.ui.theme import GRID
from genstudio.ui.views.image import qimage_from_array

if TYPE_CHECKING:
    from genstudio.data.importing import ImportReport
    from genstudio.store.project import Project, Undo

_LAST_FOLDER = "last import folder"


class DataPage(Page):
    """Datasets: what there is, importing more, a closer look at one."""

    place = Place.DATA

    def __init__(self, context: UiContext) -> None:
        super().__init__(context)
        self._reader = Reader()
        self._builtin = builtin_datasets()
        self._shelf = Shelf(self._builtin)
        self._import = ImportView(context)
        self._report = ReportView()
        self._detail = DetailView(context, self._reader)
        self._records: dict[str, DatasetRecord] = {}
        self._wanted = ""
        self._has_builtin_strips = False
        self._stack = QStackedWidget()
        self._shelf_frame = _framed(self._shelf)
        for widget in (self._shelf_frame, self._import, self._report, self._detail):
            self._stack.addWidget(widget)
        layout = self.layout()
        assert layout is not None
        layout.addWidget(self._stack)
        self._connect()
        self.add_action(
            self.tr("Import a folder or zip…"), self.choose_folder, icon_name="folder-open", shortcut="Ctrl+Shift+O"
        )
        self.add_action(self.tr("Import files…"), self.choose_files, icon_name="image", shortcut="Ctrl+Alt+O")
        self.add_action(self.tr("All datasets"), self.show_shelf, icon_name="grid", shortcut="Alt+Left")

    def shown(self) -> None:
        """Read the datasets again."""
        project = self.context.workspace.project
        self.context.bridge.ask(project.later(project.datasets), self._show_records)
        self._ask_builtin_strips()

    def project_changed(self) -> None:
        """Another project has other datasets."""
        self._records = {}
        self._shelf.show_datasets([])
        self.show_shelf()

    def show_subject(self, subject: Subject) -> None:
        """Open a dataset, or look at a source."""
        if subject.kind is SubjectKind.DATASET:
            self._wanted = subject.id
            self.shown()
        elif subject.kind is SubjectKind.SOURCE:
            if subject.id:
                self.import_paths([Path(subject.id)])
            else:
                self.choose_folder()

    def closing(self) -> None:
        """End the reading of pictures."""
        self._reader.close()

    def show_shelf(self) -> None:
        """Show all datasets; an import goes on in the meantime."""
        self._stack.setCurrentWidget(self._shelf_frame)
        self._ask_builtin_strips()

    def import_paths(self, paths: Sequence[Path]) -> None:
        """Look at what was dropped or chosen, unless an import is running: then show that."""
        if paths and not self._import.is_running:
            self.context.settings.set(_LAST_FOLDER, str(paths[0].parent))
            self._import.begin(paths)
        self._stack.setCurrentWidget(self._import)

    def import_builtin(self, name: str) -> None:
        """Look at a built-in dataset."""
        if not self._import.is_running:
            title = next(dataset.title for dataset in self._builtin if dataset.name == name)
            self._import.begin_builtin(name, title)
        self._stack.setCurrentWidget(self._import)

    def choose_folder(self) -> None:
        """Ask for a folder and look at it."""
        chosen = QFileDialog.getExistingDirectory(self, self.tr("A folder of pictures"), self._start_folder())
        if chosen:
            self.import_paths([Path(chosen)])

    def choose_files(self) -> None:
        """Ask for files and look at them."""
        chosen, _ = QFileDialog.getOpenFileNames(self, self.tr("Pictures, a zip, or a dataset"), self._start_folder())
        self.import_paths([Path(file) for file in chosen])

    def _start_folder(self) -> str:
        return self.context.settings.get(_LAST_FOLDER, str(Path.home()))

    def _connect(self) -> None:
        self._shelf.opened.connect(self._open)
        self._shelf.train_wanted.connect(self._train)
        self._shelf.delete_wanted.connect(self._delete)
        self._shelf.dropped.connect(self.import_paths)
        self._shelf.folder_wanted.connect(self.choose_folder)
        self._shelf.files_wanted.connect(self.choose_files)
        self._shelf.builtin_wanted.connect(self.import_builtin)
        self._import.finished.connect(self._imported)
        for view in (self._import, self._report, self._detail):
            view.left.connect(self.show_shelf)
        self._report.opened.connect(self._open)
        self._report.train_wanted.connect(self._train)
        self._detail.train_wanted.connect(self._train)
        self._detail.delete_wanted.connect(self._delete)
        self._detail.report_wanted.connect(lambda dataset: self._show_report_of(self._records[dataset]))
        self._detail.renamed.connect(self._rename)

    def _show_records(self, records: Sequence[DatasetRecord]) -> None:
        project = self.context.project
        if project is None:
            return
        changed = list(self._records.values()) != list(records)
        self._records = {record.id: record for record in records}
        if changed:
            self._shelf.show_datasets(records)
            for record in records:
                self._ask_strip(project, record)
        if self._wanted in self._records:
            self._open(self._wanted)
        elif self._detail.dataset not in self._records and self._stack.currentWidget() is self._detail:
            self.show_shelf()
        self._wanted = ""

    def _ask_builtin_strips(self) -> None:
        for dataset in () if self._has_builtin_strips else self._builtin:
            future = self._reader.read(_source_strip, dataset.path)
            self.context.bridge.ask(future, partial(self._shelf.show_builtin_strip, dataset.name), _let_be)
        self._has_builtin_strips = True

    def _ask_strip(self, project: "Project", record: DatasetRecord) -> None:
        future = self._reader.read(_strip, project.path(record.folder), record)
        self.context.bridge.ask(future, partial(self._shelf.show_strip, record.id), _let_be)

    def _open(self, dataset: str) -> None:
        if dataset in self._records:
            self._detail.show_dataset(self._records[dataset])
            self._stack.setCurrentWidget(self._detail)

    def _train(self, dataset: str) -> None:
        self.context.navigate(Place.TRAIN, Subject(SubjectKind.DATASET, dataset))

    def _imported(self, record: DatasetRecord, report: "ImportReport") -> None:
        del report  # it is read from the dataset, where it is kept
        self._show_report_of(record)
        self.shown()
        if not self.isVisible():
            self.context.toasts.say(self.tr("“{name}” was imported.").format(name=record.name))

    def _show_report_of(self, record: DatasetRecord) -> None:
        folder = self.context.workspace.project.path(record.folder)
        future = self._reader.read(read_report, folder, record.id, record.name)
        self.context.bridge.ask(future, self._show_report)

    def _show_report(self, report: Report) -> None:
        self._report.show_report(report)
        self._stack.setCurrentWidget(self._report)

    def _rename(self, dataset: str, name: str) -> None:
        project = self.context.workspace.project
        future = project.later(project.rename_dataset, dataset, name)
        self.context.bridge.ask(future, lambda _: self._renamed(dataset))

    def _renamed(self, dataset: str) -> None:
        self._wanted = dataset
        self.shown()

    def _delete(self, dataset: str) -> None:
        project = self.context.workspace.project
        name = self._records[dataset].name
        future = self._reader.read(project.delete_dataset, dataset)  # the io lane may be busy importing
        self.context.bridge.ask(future, lambda undo: self._deleted(name, undo))

    def _deleted(self, name: str, undo: "Undo") -> None:
        self.shown()
        text = self.tr("“{name}” was deleted.").format(name=name)
        self.context.toasts.undoable(text, lambda: self._restore(undo))

    def _restore(self, undo: "Undo") -> None:
        self.context.bridge.ask(self._reader.read(undo), lambda _: self.shown())


def _let_be(_: str) -> None:
    """A card keeps its empty cells."""


def _strip(folder: Path, record: DatasetRecord) -> list[QImage]:
    return [qimage_from_array(pixels) for pixels in read_strip(folder, record.spec, STRIP)]


def _source_strip(source: Path) -> list[QImage]:
    from genstudio.data.options import ImportOptions
    from genstudio.data.preview import preview_source

    preview = preview_source(source, ImportOptions(mode="rgba"), STRIP)
    return [qimage_from_array(pixels) for pixels in preview.images]


def _framed(widget: QWidget) -> QWidget:
    frame = QWidget()
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(3 * GRID, 3 * GRID, 2 * GRID, GRID)
    layout.addWidget(widget)
    return frame
