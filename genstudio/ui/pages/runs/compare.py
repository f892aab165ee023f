"""The figures of several runs in one plot."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from genstudio.core.events import Metric
from genstudio.core.family import AnyFamily
from genstudio.jobs.copy_look import NEAR_COPIES
from genstudio.ui.context import UiContext
from genstudio.ui.forms.editors import choice_title
from genstudio.ui.models.facts import HELDOUT, series_title
from genstudio.ui.models.reports import Reports
from genstudio.ui.models.runs_table import RunLine
from genstudio.ui.pages.runs.reading import find_family, read_curves
from genstudio.ui.pages.train.curves import BESIDES, MOST_WAITING
from genstudio.ui.views.plot import LivePlot

if TYPE_CHECKING:
    from genstudio.store.tables.metrics import Curve

MOST = 8
"""Runs in one plot: as many as there are colours."""


class RunComparison(QObject):
    """Keeps a plot showing the chosen runs. A run keeps its colour while it is chosen."""

    def __init__(self, context: UiContext, plot: LivePlot, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._plot = plot
        self._slots: dict[str, int] = {}
        self._families: dict[str, AnyFamily | None] = {}
        self._announced: set[str] = set()
        self._reports = Reports()

    def show_runs(self, lines: Sequence[RunLine]) -> None:
        """Show these runs, at most eight."""
        wanted = {line.record.id: line for line in lines[:MOST]}
        for run in [run for run in self._slots if run not in wanted]:
            del self._slots[run]
            self._announced.discard(run)
            self._plot.remove_run(run)
        for run, line in wanted.items():
            if run not in self._slots:
                self._add(line)

    def forget(self) -> None:
        """Show no run."""
        self.show_runs(())

    def reload(self, run: str) -> None:
        """Read a run's figures again, if it is shown."""
        project = self._context.project
        if project is not None and run in self._slots:
            self._context.bridge.ask(project.later(read_curves, project, run), self._show)

    def hear(self, metric: Metric) -> None:
        """Let a run that is shown go on: in the next frame, or as soon as somebody looks."""
        if metric.run in self._slots:
            self._reports.add(metric)
            if self._plot.isVisible() or len(self._reports) > MOST_WAITING:
                self._context.bridge.redraws.want(self.catch_up)

    def catch_up(self) -> None:
        """Let the plot have what was heard."""
        for (run, name), (images, values) in self._reports.take().items():
            if run in self._slots:
                self._open_announced(run)
                self._introduce(run, name)
                self._plot.append(name, images, values, run)

    def _add(self, line: RunLine) -> None:
        run = line.record.id
        taken = set(self._slots.values())
        self._slots[run] = next(slot for slot in range(MOST) if slot not in taken)
        self._families[run] = find_family(self._context.studio.host, line.record.family)
        self._plot.set_run(run, line.record.name, self._slots[run])
        self.reload(run)

    def _show(self, answer: tuple[str, Mapping[str, "Curve"]]) -> None:
        run, curves = answer
        if run in self._slots and curves:
            self._open_announced(run)
            for name, (images, values) in curves.items():
                if name not in BESIDES:
                    self._introduce(run, name)
                    self._plot.set_history(name, images, values, run)

    def _open_announced(self, run: str) -> None:
        # What the family announced comes first, whatever a run happens to report first.
        family = None if run in self._announced else self._families.get(run)
        self._announced.add(run)
        for series in family.series if family else ():
            self._introduce(run, series.name)
            self._plot.append(series.name, [], [], run)

    def _introduce(self, run: str, name: str) -> None:
        family, bare = self._families.get(run), name.removeprefix(HELDOUT)
        known = {series.name: series for series in family.series} if family else {}
        title = known[bare].title if bare in known else choice_title(bare)
        unit = known[bare].unit if bare in known else self.tr("share") if bare == NEAR_COPIES else ""
        self._plot.set_series(name, series_title(name, title), unit, 0)
