"""The pictures made so far: a gallery with its filters, and what can be done with the chosen ones."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QAction, QImage
from PySide6.QtWidgets import QFileDialog, QMenu, QVBoxLayout, QWidget

from genstudio.core import paths
from genstudio.store.records import SampleRecord
from genstudio.ui.context import UiContext
from genstudio.ui.models.reading import Reader
from genstudio.ui.models.samples import SampleList, caption_of, read_samples
from genstudio.ui.models.thumbnails import Thumbnails, read_thumbnail
from genstudio.ui.pages.generate.exporting import KINDS, Export, export
from genstudio.ui.pages.generate.guarding import ExportGuard
from genstudio.ui.pages.generate.matching import Fits, WordSort
from genstudio.ui.theme import GRID
from genstudio.ui.views.gallery import Gallery
from genstudio.ui.views.gallery_size import CellSizeSlider
from genstudio.ui.views.image_zoom import ZoomView
from genstudio.ui.widgets.buttons import Button, IconButton
from genstudio.ui.widgets.layouts import row
from genstudio.ui.widgets.segments import Chip, Segments
from genstudio.ui.widgets.text import PlainLabel
from genstudio.ui.widgets.tones import Tone

if TYPE_CHECKING:
    from genstudio.store.project import Undo

_LARGEST_EDGE = 4096
_CELL = "gallery cell"


class PicturesView(QWidget):
    """The gallery of a project.

    `current_changed` carries the `SampleRecord` under inspection, or None; `chosen_changed` says that others are
    chosen.
    """

    current_changed = Signal(object)
    chosen_changed = Signal()

    def __init__(self, context: UiContext, reader: Reader) -> None:
        super().__init__()
        self._context = context
        self._reader = reader
        self._run = ""
        self._list: SampleList | None = None
        self._grown = 0
        self._told: SampleRecord | None = None
        self._menu_actions: list[QAction] = []
        self.gallery = Gallery()
        self.gallery.set_cell_size(context.settings.get(_CELL, self.gallery.cell_size))
        self.gallery.set_empty_text(self.tr("Pictures appear here as they are made."))
        self.zoom = ZoomView(self)
        self.whose = Segments(
            self.tr("Pictures of"), [("run", self.tr("This run"), ""), ("all", self.tr("All runs"), "")], "run"
        )
        self.starred = Chip(self.tr("Starred"), tip=self.tr("Show only pictures with a star"))
        self.words = WordSort(context)
        self._count = PlainLabel("", "small")
        self.guard = ExportGuard(context, reader)
        self._make_buttons()
        self._lay_out()
        self._connect()

    @property
    def samples(self) -> SampleList | None:
        """What the gallery shows."""
        return self._list

    def show_run(self, run: str) -> None:
        """Show the pictures of a run (by id), or of all, as the filter says."""
        self._run = run
        self.reload()

    def reload(self) -> None:
        """Read the pictures again."""
        project = self._context.project
        if project is None:
            return
        run = (self._run or None) if self.whose.value() == "run" else None
        future = project.later(read_samples, project, run, self.starred.isChecked())
        self._context.bridge.ask(future, self._show, self._context.toasts.problem)

    def show_nothing(self) -> None:
        """Forget the pictures of the project before."""
        self._run = ""
        self.guard.forget()
        if self._context.project is not None:
            self._show(SampleList(self._context.project))
        self._list = None

    def begin_batch(self) -> None:
        """What is added from here on belongs together, in the order it comes."""
        self._grown = 0

    def add(self, records: Sequence[SampleRecord]) -> None:
        """Show pictures that were just made, where the filter lets them."""
        fits = self.whose.value() == "all" or (records and records[0].run == self._run)
        if self._list is None or not fits or self.starred.isChecked():
            return
        self._list.insert(self._grown, records)
        self.gallery.inserted(self._grown, len(records))
        if self._grown == 0:
            self.gallery.verticalScrollBar().setValue(0)
        self._grown += len(records)
        self._refresh()

    def chosen(self) -> list[str]:
        """The ids of what is chosen."""
        return self.gallery.chosen_keys()

    def current(self) -> SampleRecord | None:
        """The one to inspect: the latest of the chosen ones."""
        key = self.gallery.current_key()
        return self._list.record(key) if self._list and key in self.chosen() and key else None

    def star(self, keys: Sequence[str]) -> None:
        """Star pictures; when all of them are, take their stars away."""
        if self._list is None or self._context.project is None or not keys:
            return
        starred = not all(record.starred for record in self._list.records(keys))
        self._list.set_star(keys, starred)
        self.gallery.refresh()
        project = self._context.project
        for key in keys:
            self._context.bridge.ask(project.later(project.star, key, starred), self._done, self._not_done)

    def delete(self, keys: Sequence[str]) -> None:
        """Delete pictures; that can be undone."""
        if self._list is None or self._context.project is None or not keys:
            return
        self._take_out(keys)
        project = self._context.project
        future = project.later(project.delete_samples, list(keys))
        count = len(keys)
        text = self.tr("One picture deleted") if count == 1 else self.tr("{0} pictures deleted").format(count)
        self._context.bridge.ask(future, lambda undo: self._deleted(text, undo), self._not_done)

    def export_to(self, kind: Export, target: Path) -> None:
        """Export what is chosen, or else everything shown."""
        if self._list is None:
            return
        self._export(kind, self.chosen() or list(self._list.keys()), target)

    def _export(self, kind: Export, keys: Sequence[str], target: Path) -> None:
        if self._list is not None:
            future = self._reader.read(_export, kind, self._list, keys, target)
            self._context.bridge.ask(future, self._exported, self._context.toasts.problem)

    def ask_export(self, kind: Export) -> None:
        """Ask where to, then export."""
        title = self.export_button.text()
        if kind is Export.PNG:
            chosen = QFileDialog.getExistingDirectory(self, title)
        else:
            chosen, _ = QFileDialog.getSaveFileName(self, title, KINDS[kind].name, KINDS[kind].filter)
        if chosen:
            self.export_unless_copied(kind, Path(chosen))

    def export_unless_copied(self, kind: Export, target: Path) -> None:
        """Export like `export_to`, but ask first when some of the pictures are near copies of training pictures."""
        if self._list is None:
            return
        keys = self.chosen() or list(self._list.keys())
        files = {key: self._list.file(key) for key in keys}
        self.guard.ask(self._list.records(keys), files, lambda: self._export(kind, keys, target))

    def add_menu_action(self, action: QAction) -> None:
        """Offer one more thing in the menu of what is chosen, while it can be done."""
        self._menu_actions.append(action)

    def _make_buttons(self) -> None:
        self.star_button = IconButton("star", self.tr("Star the chosen pictures"))
        self.delete_button = IconButton("trash", self.tr("Delete the chosen pictures"))
        self.export_button = Button(self.tr("Export"), icon_name="export")
        menu = QMenu(self.export_button)
        titles = {
            Export.PNG: self.tr("PNG files into a folder…"),
            Export.SHEET: self.tr("Contact sheet…"),
            Export.GIF: self.tr("GIF…"),
            Export.ZIP: self.tr("Zip…"),
        }
        for kind, title in titles.items():
            menu.addAction(title).triggered.connect(lambda _=False, kind=kind: self.ask_export(kind))
        self.export_button.setMenu(menu)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * GRID)
        size = CellSizeSlider(self.gallery)
        column.addLayout(
            row(
                *(self.whose, self.starred, self.words, self._count, 1, size),
                *(self.star_button, self.delete_button, self.export_button),
            )
        )
        column.addWidget(self.guard)
        column.addWidget(self.gallery, 1)

    def _connect(self) -> None:
        self.whose.changed.connect(lambda _: self.reload())
        self.starred.toggled.connect(lambda _: self.reload())
        self.words.wanted.connect(self._ask_fits)
        self.words.answered.connect(self._sort)
        self.words.cleared.connect(self.reload)
        self.star_button.clicked.connect(lambda: self.star(self.chosen()))
        self.delete_button.clicked.connect(lambda: self.delete(self.chosen()))
        gallery = self.gallery
        gallery.cell_size_changed.connect(lambda size: self._context.settings.set(_CELL, size))
        gallery.star_wanted.connect(self.star)
        gallery.delete_wanted.connect(self.delete)
        gallery.opened.connect(self._open)
        gallery.selection_changed.connect(self._refresh)
        gallery.menu_wanted.connect(self._show_menu)
        self.zoom.step_wanted.connect(self._step)
        self.zoom.star_wanted.connect(lambda: self.star(self._current_keys()))
        self.zoom.delete_wanted.connect(self._delete_zoomed)

    def _show(self, samples: SampleList) -> None:
        self._list = samples
        self._grown = 0
        read = partial(_read_sample, samples)
        self.gallery.set_model(samples, Thumbnails(read, self._context.bridge, self._reader))
        self._refresh()
        self._ask_fits()

    def _ask_fits(self) -> None:
        if self._list is not None:
            self.words.ask(self._list.records(self._list.keys()))

    def _sort(self, fits: Fits) -> None:
        if self._list is not None:
            self._list.put_first([record.id for record, _ in fits])
            self.gallery.reset()
            self.gallery.verticalScrollBar().setValue(0)

    def _refresh(self) -> None:
        count = self._list.count() if self._list else 0
        chosen = self.chosen()
        some = self.tr("{chosen} of {count} chosen").format(chosen=len(chosen), count=f"{count:,}")
        self._count.setText(some if chosen else self.tr("{0} pictures").format(f"{count:,}") if count else "")
        nothing = "" if chosen else self.tr("Choose pictures first.")
        self.star_button.disable_because(nothing)
        self.delete_button.disable_because(nothing)
        self.export_button.disable_because("" if count else self.tr("There is nothing to export yet."))
        self.chosen_changed.emit()
        inspected = self.current()
        if _id(inspected) != _id(self._told):
            self._told = inspected
            self.current_changed.emit(inspected)

    def _current_keys(self) -> list[str]:
        key = self.gallery.current_key()
        return [key] if key else []

    def _take_out(self, keys: Sequence[str]) -> None:
        if self._list is not None:
            for first, count in self._list.remove(keys):
                self.gallery.removed(first, count)
            self._refresh()

    def _deleted(self, text: str, undo: "Undo") -> None:
        def take_back() -> None:
            project = self._context.project
            if project is not None:
                self._context.bridge.ask(project.later(undo), self._undone, self._not_done)

        self._context.toasts.undoable(text, take_back)

    def _undone(self, _: object) -> None:
        self.reload()

    def _done(self, _: object) -> None:
        """Nothing is left to be said: the window shows it already."""

    def _not_done(self, sentence: str) -> None:
        self._context.toasts.problem(sentence)
        self.reload()

    def _exported(self, target: Path) -> None:
        self._context.toasts.say(self.tr("Written: {0}").format(paths.shown(target)), Tone.GOOD)

    def _open(self, key: str) -> None:
        if self._list is not None:
            self._context.bridge.ask(self._reader.read(_read_large, self._list, key), self._zoom_in, self._not_done)

    def _zoom_in(self, picture: tuple[QImage, str]) -> None:
        self.zoom.show_picture(*picture)

    def _step(self, by: int) -> None:
        key = self.gallery.step(by)
        if key is not None:
            self._open(key)

    def _delete_zoomed(self) -> None:
        going = self._current_keys()
        if self.gallery.step(1) is None and self.gallery.step(-1) is None:
            self.zoom.close_view()
        else:
            self._open(self._current_keys()[0])
        self.delete(going)

    def _show_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        chosen = self.chosen()
        if chosen:
            menu.addAction(self.tr("Zoom")).triggered.connect(lambda: self._open(chosen[0]))
            menu.addAction(self.tr("Star")).triggered.connect(lambda: self.star(chosen))
            menu.addAction(self.tr("Delete")).triggered.connect(lambda: self.delete(chosen))
            menu.addActions([action for action in self._menu_actions if action.isEnabled()])
        export_menu = self.export_button.menu()
        menu.addSeparator()
        menu.addActions(export_menu.actions())
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)


def _id(record: SampleRecord | None) -> str:
    return record.id if record else ""


def _read_large(samples: SampleList, key: str) -> tuple[QImage, str]:
    record = samples.record(key)
    return read_thumbnail(samples.file(key), _LARGEST_EDGE), caption_of(record) if record else ""


def _export(kind: Export, samples: SampleList, keys: Sequence[str], target: Path) -> Path:
    return export(kind, [samples.file(key) for key in keys], target)


def _read_sample(samples: SampleList, key: str, edge: int) -> QImage:
    return read_thumbnail(samples.file(key), edge)
