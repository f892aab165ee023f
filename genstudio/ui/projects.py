"""Opening, making and closing projects from the window, without ever keeping it waiting."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from genstudio.core import paths

if TYPE_CHECKING:
    from genstudio.ui.context import UiContext

_LAST = "last project"
_BASE = "projects folder"


class Projects(QObject):
    """Changes which project is open. `changed` is emitted when another one is, `busy` while one is being opened.

    `base_changed` says that new projects go elsewhere.
    """

    changed = Signal()
    base_changed = Signal()
    busy = Signal(str)

    def __init__(self, context: "UiContext", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context

    @property
    def last(self) -> Path | None:
        """The project to open at the start: the one that was open at the end."""
        last = self._context.settings.get(_LAST, "")
        return Path(last) if last else None

    @property
    def base(self) -> Path:
        """The folder new projects go into: the one a person chose, or the platform's usual place."""
        chosen = self._context.settings.get(_BASE, "")
        return Path(chosen) if chosen else paths.default_projects()

    @property
    def is_base_settled(self) -> bool:
        """Whether a person has said where projects go, or has made some already."""
        return bool(self._context.settings.get(_BASE, "") or self._context.settings.recent_projects)

    def set_base(self, folder: Path) -> None:
        """Let new projects go into this folder from now on."""
        self._context.settings.set(_BASE, str(folder))
        self.base_changed.emit()

    def open(self, path: Path, then: Callable[[], None] | None = None) -> None:
        """Open a project, in place of the one that is open."""
        self._change(self._context.studio.open_project, path, then)

    def create(self, folder: Path, then: Callable[[], None] | None = None) -> None:
        """Make a project in a new folder and open it."""
        self._change(self._context.studio.create_project, folder, then)

    def close(self) -> None:
        """Close the open project."""
        self._context.settings.set(_LAST, "")
        self._ask(self._context.studio.close_project, self._closed)

    def free_folder(self, name: str) -> Path:
        """Return a folder that does not exist yet, for a new project of about this name."""
        base = self.base
        folder, number = base / name, 1
        while folder.exists():
            number += 1
            folder = base / f"{name} {number}"
        return folder

    def _change(self, change: Callable[[Path], object], path: Path, then: Callable[[], None] | None) -> None:
        self.busy.emit(path.name)
        self._ask(lambda: change(path), lambda: self._opened(then))

    def _ask(self, work: Callable[[], object], done: Callable[[], None]) -> None:
        self._context.activity.cancel_works()
        future = self._context.studio.on_io(work)
        self._context.bridge.ask(future, lambda _: done(), self._failed)

    def _opened(self, then: Callable[[], None] | None) -> None:
        project = self._context.project
        if project is not None:
            self._context.settings.remember_project(project.folder)
            self._context.settings.set(_LAST, str(project.folder))
        self._closed()
        if then is not None:
            then()

    def _closed(self) -> None:
        self._context.toasts.forget_undo()
        self.busy.emit("")
        self.changed.emit()

    def _failed(self, sentence: str) -> None:
        self.busy.emit("")
        self._context.toasts.problem(sentence)
        self.changed.emit()
