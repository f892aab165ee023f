"""The demo: a project with built-in letters, ready to train or already training."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from genstudio.core.errors import FamilyError
from genstudio.ui.activity import Work
from genstudio.ui.context import Place, Subject, SubjectKind, UiContext

if TYPE_CHECKING:
    from genstudio.jobs.workspace import Workspace
    from genstudio.store.records import DatasetRecord, RunRecord

_SET = "glyphs"
_PRESET = "Draft"
_KEY = "demo"


class Demo(QObject):
    """Prepares the demo project step by step, then leads to Train."""

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._starts = False
        self._cancelled = False

    def watch(self) -> None:
        """Prepare the demo and start training at once."""
        self._begin(starts=True)

    def train(self) -> None:
        """Prepare the demo and let the person choose and start."""
        self._begin(starts=False)

    def _begin(self, *, starts: bool) -> None:
        self._starts, self._cancelled = starts, False
        projects = self._context.projects
        folder = projects.base / self.tr("Demo")
        if (folder / "project.gsproj").is_file():
            projects.open(folder, self._opened)
        else:
            projects.create(projects.free_folder(folder.name), self._opened)

    def _opened(self) -> None:
        workspace = self._context.workspace
        progress = self._context.bridge.newest(self._show_progress)
        future = self._context.studio.on_io(lambda: letters(workspace, progress, lambda: self._cancelled))
        self._show_progress(0, 0, "")
        self._context.bridge.ask(future, self._have_letters, self._failed, self._ended)

    def _have_letters(self, dataset: "DatasetRecord") -> None:
        self._ended()
        if not self._starts:
            self._context.navigate(Place.TRAIN, Subject(SubjectKind.DATASET, dataset.id))
            return
        workspace = self._context.workspace
        future = self._context.studio.on_io(lambda: draft_run(workspace, dataset))
        self._context.bridge.ask(future, self._have_run)

    def _have_run(self, run: "RunRecord") -> None:
        self._context.navigate(Place.TRAIN, Subject(SubjectKind.RESUME, run.id))

    def _show_progress(self, done: int, total: int, name: str) -> None:
        share = done / total if total else None
        self._context.activity.report(_KEY, Work(self.tr("Preparing the letters"), share, Place.HOME, self._cancel))

    def _cancel(self) -> None:
        self._cancelled = True

    def _failed(self, sentence: str) -> None:
        self._ended()
        self._context.toasts.problem(sentence)

    def _ended(self) -> None:
        self._context.activity.done(_KEY)


def letters(
    workspace: "Workspace", progress: Callable[[int, int, str], None], cancelled: Callable[[], bool]
) -> "DatasetRecord":
    """Return the built-in letters of a project, imported now if they are not there yet. Blocks."""
    from genstudio.jobs.importing import import_dataset

    for dataset in workspace.project.datasets():
        if dataset.source == _SET:
            return dataset
    return import_dataset(workspace, _SET, None, None, progress, cancelled)[0]


def draft_run(workspace: "Workspace", dataset: "DatasetRecord") -> "RunRecord":
    """Make a short run of the first family that can learn from a dataset. Blocks; raises `FamilyError` if none can."""
    from genstudio.core.settings import RunSettings
    from genstudio.jobs.shipped import beginners_first
    from genstudio.jobs.training import create_run

    for family in beginners_first(workspace.host.families()):
        if family.misfit(dataset.spec) is None and _PRESET in family.presets:
            return create_run(workspace, family.name, family.presets[_PRESET], dataset.id, RunSettings())
    raise FamilyError("No installed family can learn from these pictures. See Help ▸ Plugins for what failed to load.")
