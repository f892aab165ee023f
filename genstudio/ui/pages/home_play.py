"""The model that comes with the studio: one click puts it into a project and lets it draw."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from genstudio.ui.activity import Work
from genstudio.ui.context import Place, Subject, SubjectKind, UiContext

if TYPE_CHECKING:
    from collections.abc import Callable

    from genstudio.jobs.watching import Told
    from genstudio.jobs.workspace import Workspace
    from genstudio.store.records import RunRecord

_MODEL = "letters"
_PICTURES = 24
_KEY = "play"


class Play(QObject):
    """Opens the playground, unpacks the model there unless it was, has it draw, then leads to Generate."""

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._cancelled = False
        self._run = ""

    def begin(self) -> None:
        """Do all of it."""
        self._cancelled = False
        projects = self._context.projects
        folder = projects.base / self.tr("Playground")
        if (folder / "project.gsproj").is_file():
            projects.open(folder, self._opened)
        else:
            projects.create(projects.free_folder(folder.name), self._opened)

    def _opened(self) -> None:
        from genstudio.jobs.shipped import models_folder, unpack_model

        workspace = self._context.workspace
        progress = self._context.bridge.newest(self._show_progress)
        future = self._context.studio.on_io(
            lambda: unpack_model(workspace, models_folder() / _MODEL, progress, lambda: self._cancelled)
        )
        self._show_progress(0, 0, "")
        self._context.bridge.ask(future, self._have_run, self._failed, self._ended)

    def _have_run(self, run: "RunRecord") -> None:
        workspace = self._context.workspace
        told = self._context.bridge.newest(self._show_drawing)
        self._run = run.id
        self._show_drawing(0, 0)
        future = self._context.studio.on_device(lambda: first_pictures(workspace, run, told, lambda: self._cancelled))
        self._context.bridge.ask(future, self._arrive, self._failed, self._ended)

    def _arrive(self, _: None) -> None:
        self._ended()
        self._context.navigate(Place.GENERATE, Subject(SubjectKind.RUN, self._run))

    def _show_progress(self, done: int, total: int, name: str) -> None:
        self._report(self.tr("Unpacking the model"), done, total)

    def _show_drawing(self, done: int, total: int) -> None:
        self._report(self.tr("The model draws"), done, total)

    def _report(self, text: str, done: int, total: int) -> None:
        share = done / total if total else None
        self._context.activity.report(_KEY, Work(text, share, Place.HOME, self._cancel))

    def _cancel(self) -> None:
        self._cancelled = True

    def _failed(self, sentence: str) -> None:
        self._ended()
        self._context.toasts.problem(sentence)

    def _ended(self) -> None:
        self._context.activity.done(_KEY)


def first_pictures(workspace: "Workspace", run: "RunRecord", told: "Told", cancelled: "Callable[[], bool]") -> None:
    """Draw a screenful with a run that has drawn nothing yet. Blocks."""
    from genstudio.jobs.generating import GenerateRequest, generate

    if workspace.project.samples(run.id):
        return
    request = GenerateRequest(run=run.id, checkpoint=None, count=_PICTURES, seed=3, batch=_PICTURES)
    generate(workspace, request, progress=told, on_samples=lambda _: None, cancelled=cancelled)
