"""A run on show: how it stands, what it draws, how its figures go, and what was wrong."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from genstudio.core import paths
from genstudio.core.errors import GenStudioError
from genstudio.core.events import Event, Finished, Metric, Preview, Profiled, Started
from genstudio.core.family import AnyFamily
from genstudio.store.records import (
    DatasetRecord,
    PreviewRecord,
    ProfileRecord,
    RemarkRecord,
    RunRecord,
    RunStatus,
)
from genstudio.ui.context import UiContext
from genstudio.ui.models.live import LiveState, Phase, Wish
from genstudio.ui.models.reading import Reader
from genstudio.ui.models.statuses import last_word
from genstudio.ui.pages.train.curves import RunCurves
from genstudio.ui.pages.train.header import RunHeader
from genstudio.ui.pages.train.samples import PreviewPane
from genstudio.ui.pages.train.splits import remember_split
from genstudio.ui.theme import GRID
from genstudio.ui.views.plot import LivePlot
from genstudio.ui.widgets.cards import Notice
from genstudio.ui.widgets.tones import Tone

if TYPE_CHECKING:
    from genstudio.store.project import Project


@dataclass(frozen=True)
class RunOnShow:
    """What is read of a run before it is shown. `dataset` is None when it was deleted."""

    record: RunRecord
    dataset: DatasetRecord | None
    previews: tuple[PreviewRecord, ...]
    profiles: tuple[ProfileRecord, ...]
    remarks: tuple[RemarkRecord, ...]


def read_run(project: "Project", run: str) -> RunOnShow:
    """Read what a run's view needs. For workers; raises `ProjectError` when there is no such run."""
    record = project.run(run)
    datasets = {dataset.id: dataset for dataset in project.datasets()}
    return RunOnShow(
        record,
        datasets.get(record.dataset),
        tuple(project.previews(record.id)),
        tuple(project.profiles(record.id)),
        tuple(project.remarks(record.id)),
    )


class RunView(QWidget):
    """Shows one run. `changed` carries its `LiveState`; what a person wants of it comes through `header`."""

    changed = Signal(object)

    def __init__(self, context: UiContext, reader: Reader) -> None:
        super().__init__()
        self._context = context
        self._state: LiveState | None = None
        self.header = RunHeader()
        self._message = Notice()
        self._warning = Notice()
        self.previews = PreviewPane(context, reader)
        self.plot = LivePlot(redraws=context.bridge.redraws)
        self._curves = RunCurves(context, self.plot, self)
        self._lay_out()
        self.header.wished.connect(self._wish)
        context.bridge.events.connect(self._hear)
        self.plot.exported.connect(self._say_exported)
        self.plot.export_failed.connect(context.toasts.problem)

    @property
    def state(self) -> LiveState | None:
        """How the run on show stands, or None while none is."""
        return self._state

    @property
    def run(self) -> str:
        """The id of the run on show, empty while none is."""
        return self._state.record.id if self._state else ""

    def show_run(self, shown: RunOnShow) -> None:
        """Show another run."""
        family = self.family(shown.record)
        self._curves.show_run(shown.record.id, family)
        self.previews.show_run(shown.record.id, shown.previews, shown.profiles, family.profiles if family else ())
        standing = tuple(remark.text for remark in shown.remarks if remark.stands)
        self._set_state(LiveState(shown.record, self._phase_of(shown.record), warnings=standing))

    def show_nothing(self) -> None:
        """Forget the run on show."""
        self._state = None

    def expect_training(self) -> None:
        """The run on show was told to train and has not said anything yet."""
        if self._state is not None:
            self._set_state(LiveState(self._state.record, Phase.PREPARING))

    def show_record(self, record: RunRecord) -> None:
        """Take up what became of the run elsewhere: another name, or while it rests anything at all."""
        if self._state is not None and record.id == self.run:
            kept = replace(self._state.record, name=record.name) if self._state.active else record
            self._set_state(replace(self._state, record=kept))

    def refresh(self) -> None:
        """Show the same state again, as when another run began or ended."""
        if self._state is not None:
            self._set_state(self._state)

    def family(self, record: RunRecord) -> AnyFamily | None:
        """The family of a run, or None when its plugin is gone."""
        try:
            return self._context.studio.host.family(record.family)
        except GenStudioError:
            return None

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what was heard while nobody looked."""
        super().showEvent(event)
        self._curves.catch_up()
        self.refresh()

    def _lay_out(self) -> None:
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self.previews)
        split.addWidget(self.plot)
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 1)
        split.setSizes([1000, 1000])
        remember_split(split, self._context.settings, "train split")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * GRID)
        column.addWidget(self.header)
        column.addWidget(self._message)
        column.addWidget(self._warning)
        column.addWidget(split, 1)

    def _say_exported(self, path: str) -> None:
        self._context.toasts.say(self.tr("Written: {0}").format(paths.shown(Path(path))), Tone.GOOD)

    def _wish(self, wish: Wish) -> None:
        training = self._context.studio.training
        if self._state is None or training is None or training.run != self.run:
            return
        control = training.control
        {
            Wish.PAUSE: control.pause,
            Wish.RESUME: control.resume,
            Wish.STOP: control.stop,
            Wish.PREVIEW: control.preview_now,
            Wish.SAVE: control.save_now,
        }[wish]()
        self._set_state(self._state.wished(wish))

    def _hear(self, event: Event) -> None:
        if self._state is None or event.run != self.run:
            return
        if isinstance(event, Metric):
            self._curves.hear(event)
        elif isinstance(event, Preview | Profiled):
            self.previews.hear(event)
        elif isinstance(event, Started | Finished):
            # What was not kept is trained again after a resume; and of a flood of reports some were let go on the way.
            self._curves.reload()
        self._state = self._state.heard(event)
        if not isinstance(event, Metric):
            self.refresh()
        elif self.isVisible():
            self._context.bridge.redraws.want(self.refresh)

    def _set_state(self, state: LiveState) -> None:
        self._state = state
        self.header.show_state(state, blocked=self._blocked())
        word, tone = last_word(state.record)
        self._message.show_text("" if word in state.warnings else word, tone)
        self._show_health(state)
        self.changed.emit(state)

    def _show_health(self, state: LiveState) -> None:
        """The latest warning that holds; else, that one no longer does."""
        if state.warnings:
            self._warning.show_text(state.warnings[-1], Tone.WARNING)
        else:
            self._warning.show_text(state.recovered, Tone.GOOD)

    def _blocked(self) -> str:
        training = self._context.studio.training
        if training is None or training.run == self.run:
            return ""
        return self.tr("Another run is training. Stop it first, or wait for its end.")

    def _phase_of(self, record: RunRecord) -> Phase:
        training = self._context.studio.training
        if training is None or training.run != record.id:
            return Phase.RESTING
        if training.control.pausing:
            return Phase.PAUSED
        return Phase.TRAINING if record.status is RunStatus.RUNNING else Phase.PREPARING
