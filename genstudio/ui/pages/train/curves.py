"""A run's figures in the live plot: all of its history, then what it says."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from genstudio.core.events import Metric
from genstudio.core.family import AnyFamily
from genstudio.jobs.copy_look import NEAR_COPIES
from genstudio.ui.context import UiContext
from genstudio.ui.forms.editors import choice_title
from genstudio.ui.models.facts import HELDOUT, series_title
from genstudio.ui.models.reports import Reports
from genstudio.ui.views.plot import LivePlot

if TYPE_CHECKING:
    from genstudio.store.project import Project
    from genstudio.store.tables.metrics import Curve

BESIDES = ("seconds", "rate", "memory")
"""Series the project keeps of every run that are no figures of its family."""

MOST_WAITING = 1000
"""Reports that wait for somebody to look."""

Curves = Mapping[str, "Curve"]


class RunCurves(QObject):
    """Fills a plot with one run's figures. A series keeps its colour whatever else there is."""

    def __init__(self, context: UiContext, plot: LivePlot, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._plot = plot
        self._run = ""
        self._family: AnyFamily | None = None
        self._unknown: dict[str, int] = {}
        self._reports = Reports()
        self._announced = False

    def show_run(self, run: str, family: AnyFamily | None) -> None:
        """Show another run's figures."""
        self._run, self._family = run, family
        self._unknown.clear()
        self._plot.clear()
        for slot, series in enumerate(family.series if family else ()):
            held_out = HELDOUT + series.name
            self._plot.set_series(series.name, series.title, series.unit, 2 * slot)
            self._plot.set_series(held_out, series_title(held_out, series.title), series.unit, 2 * slot + 1)
        self._announced = False
        self.reload()

    def reload(self) -> None:
        """Show all that the project keeps, in place of what was heard."""
        project = self._context.project
        if project is not None and self._run:
            self._context.bridge.ask(project.later(_read_curves, project, self._run), self._show)

    def hear(self, metric: Metric) -> None:
        """Add one report: to be drawn in the next frame, or as soon as somebody looks."""
        self._reports.add(metric)
        if self._plot.isVisible() or len(self._reports) > MOST_WAITING:
            self._context.bridge.redraws.want(self.catch_up)

    def catch_up(self) -> None:
        """Let the plot have what was heard."""
        self._open_announced()
        for (run, name), (images, values) in self._reports.take().items():
            if run == self._run:
                self._introduce(name)
                self._plot.append(name, images, values)

    def _show(self, answer: tuple[str, Curves]) -> None:
        run, curves = answer
        if run == self._run and curves:
            self._open_announced()
            for name, (images, values) in curves.items():
                if name not in BESIDES:
                    self._introduce(name)
                    self._plot.set_history(name, images, values)

    def _open_announced(self) -> None:
        # What a family announced comes first, whatever a run happens to report first.
        announced = self._family.series if self._family and not self._announced else ()
        self._announced = True
        for series in announced:
            self._plot.append(series.name, [], [])

    def _introduce(self, name: str) -> None:
        # A series the family did not announce goes by its own name; of one announced, what was said first stays.
        title = series_title(name, choice_title(name.removeprefix(HELDOUT)))
        slot = self._unknown.setdefault(name, len(self._unknown))
        self._plot.set_series(name, title, self.tr("share") if name == NEAR_COPIES else "", slot)


def _read_curves(project: "Project", run: str) -> tuple[str, Curves]:
    return run, project.metric_arrays(run)
