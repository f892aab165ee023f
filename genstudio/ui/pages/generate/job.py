"""Making pictures on the device, seen from the window."""

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from genstudio.jobs.completing import CompleteRequest, complete
from genstudio.jobs.generating import InterpolateRequest, generate, interpolate
from genstudio.jobs.restyling import RestyleRequest, restyle
from genstudio.jobs.upscaling import UpscaleRequest, upscale
from genstudio.jobs.watching import Drawing
from genstudio.jobs.workspace import Workspace
from genstudio.store.records import SampleRecord
from genstudio.ui.activity import Work
from genstudio.ui.context import Place, UiContext
from genstudio.ui.pages.generate.requests import Request

_KEY = "generate"


class GenerateJob(QObject):
    """One batch at a time; while a run trains, it is made between two of its steps.

    `changed` says that it began, got on or ended; `arrived` carries the pictures of a finished chunk, `drawn` the
    `Drawing` of one in progress, where the family shows that. `request` is the latest one.
    """

    changed = Signal()
    arrived = Signal(list)
    drawn = Signal(object)

    def __init__(self, context: UiContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._cancelled = threading.Event()
        self.busy = False
        self.share: float | None = None
        self.request: Request | None = None

    def start(self, request: Request) -> None:
        """Begin to make pictures."""
        bridge = self._context.bridge
        self.request = request
        self._cancelled = threading.Event()
        self.busy, self.share = True, None
        work = _work(request, bridge.newest(self._got_on), self._teller(), self._shower(), self._cancelled)
        future = self._context.studio.on_device(work, self._context.workspace)
        bridge.ask(future, self._done, self._failed, self._ended)
        self._report()

    def cancel(self) -> None:
        """Ask for an end; pictures of finished chunks stay."""
        self._cancelled.set()

    @property
    def cancelling(self) -> bool:
        """Whether an end was asked for and has not come yet."""
        return self.busy and self._cancelled.is_set()

    def _teller(self) -> Callable[[list[SampleRecord]], None]:
        project, post = self._context.project, self._context.bridge.post

        def arrived(records: list[SampleRecord]) -> None:
            # Another project may be open by now.
            if self._context.project is project:
                self.arrived.emit(records)

        return lambda records: post(lambda: arrived(records))

    def _shower(self) -> Callable[[Drawing], None]:
        project, post = self._context.project, self._context.bridge.post

        def shown(drawing: Drawing) -> None:
            if self._context.project is project:
                self.drawn.emit(drawing)

        return lambda drawing: post(lambda: shown(drawing))

    def _got_on(self, done: int, total: int) -> None:
        if self.busy:
            self.share = done / total if total else None
            self._report()

    def _done(self, _: object) -> None:
        self._ended()

    def _failed(self, sentence: str) -> None:
        self._context.toasts.problem(sentence)
        self._ended()

    def _ended(self) -> None:
        self.busy = False
        self._context.activity.done(_KEY)
        self.changed.emit()

    def _report(self) -> None:
        text = self.tr("Making pictures")
        self._context.activity.report(_KEY, Work(text, self.share, Place.GENERATE, self.cancel))
        self.changed.emit()


def _work(
    request: Request,
    progress: Callable[[int, int], None],
    on_samples: Callable[[list[SampleRecord]], None],
    on_drawing: Callable[[Drawing], None],
    cancelled: threading.Event,
) -> Callable[[Workspace], object]:
    stop = cancelled.is_set

    def work(workspace: Workspace) -> object:
        if isinstance(request, InterpolateRequest):
            return interpolate(workspace, request, progress=progress, on_samples=on_samples, cancelled=stop)
        if isinstance(request, CompleteRequest):
            return complete(
                workspace, request, progress=progress, on_samples=on_samples, cancelled=stop, on_drawing=on_drawing
            )
        if isinstance(request, RestyleRequest):
            return restyle(
                workspace, request, progress=progress, on_samples=on_samples, cancelled=stop, on_drawing=on_drawing
            )
        if isinstance(request, UpscaleRequest):
            return upscale(
                workspace, request, progress=progress, on_samples=on_samples, cancelled=stop, on_drawing=on_drawing
            )
        return generate(
            workspace, request, progress=progress, on_samples=on_samples, cancelled=stop, on_drawing=on_drawing
        )

    return work
