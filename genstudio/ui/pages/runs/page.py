"""Runs: everything that was trained, side by side."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from genstudio.core import paths
from genstudio.core.events import Event, Finished, Metric, Started
from genstudio.ui.context import Place, Subject, SubjectKind, UiContext
from genstudio.ui.models.runs_table import RunLine, RunsModel
from genstudio.ui.page import Page
from genstudio.ui.pages.runs.compare import RunComparison
from genstudio.ui.pages.runs.details import RunPanel
from genstudio.ui.pages.runs.evaluating import EvaluateJob
from genstudio.ui.pages.runs.reading import RunDetails, find_family, read_details, read_lines, read_sparkline
from genstudio.ui.pages.runs.table import RunsTable
from genstudio.ui.pages.train.splits import remember_split
from genstudio.ui.theme import GRID
from genstudio.ui.views.plot import LivePlot
from genstudio.ui.widgets.buttons import PrimaryButton
from genstudio.ui.widgets.cards import EmptyState, PageHeader
from genstudio.ui.widgets.tones import Tone

_TABLE_HEIGHT = 340


class RunsPage(Page):
    """A table of runs over the plot of those chosen; the latest chosen one in the side panel."""

    place = Place.RUNS

    def __init__(self, context: UiContext) -> None:
        super().__init__(context)
        self._wanted = ""
        self._news: dict[str, Metric] = {}
        self._details: RunDetails | None = None
        self.model = RunsModel(self)
        self.table = RunsTable(self.model)
        self.plot = LivePlot(redraws=context.bridge.redraws, compare=True)
        self.plot.set_empty_text(self.tr("Choose runs above to compare how they learned."))
        self._comparison = RunComparison(context, self.plot, self)
        self.job = EvaluateJob(context, self)
        self.panel = RunPanel()
        self._centre = QStackedWidget()
        self._empty = self._make_empty()
        self._lay_out()
        self._connect()
        self._add_actions()

    def shown(self) -> None:
        """Read the runs again."""
        self._news.clear()
        self._comparison.catch_up()
        project = self.context.project
        if project is not None:
            future = project.later(read_lines, project, self.context.studio.host)
            self.context.bridge.ask(future, self._show_lines, self.context.toasts.problem)

    def project_changed(self) -> None:
        """Forget everything of the project before."""
        self.job.cancel()
        self._comparison.forget()
        self._show_lines([])

    def show_subject(self, subject: Subject) -> None:
        """Choose a run."""
        if subject.kind is SubjectKind.RUN:
            self._wanted = subject.id

    def delete(self, runs: Sequence[str]) -> None:
        """Delete runs; that can be undone."""
        project = self.context.project
        if project is None:
            return
        for run in runs:
            row = self.model.row_of(run)
            name = self.model.line(row).record.name if row is not None else run
            self._delete_one(run, name)

    def _delete_one(self, run: str, name: str) -> None:
        project = self.context.project
        assert project is not None

        def take_back() -> None:
            if self.context.project is project:
                future = project.later(project.restore_run, run)
                self.context.bridge.ask(future, self._changed, self._not_done)

        def deleted(_: object) -> None:
            self.context.toasts.undoable(self.tr("“{run}” deleted").format(run=name), take_back)
            self.shown()

        self.context.bridge.ask(project.later(project.delete_run, run), deleted, self._not_done)

    def _lay_out(self) -> None:
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        above = QWidget()
        column = QVBoxLayout(above)
        column.setContentsMargins(0, 0, 0, 2 * GRID)
        column.setSpacing(GRID)
        column.addWidget(PageHeader(self.tr("Runs")))
        column.addWidget(self.table, 1)
        split.addWidget(above)
        split.addWidget(self.plot)
        split.setStretchFactor(1, 1)
        split.setSizes([_TABLE_HEIGHT, 10 * _TABLE_HEIGHT])
        remember_split(split, self.context.settings, "runs split")
        self._centre.addWidget(self._empty)
        self._centre.addWidget(split)
        self.panel.hide()
        self.set_content(self._centre, self.panel)

    def _connect(self) -> None:
        self.model.rename_wanted.connect(self._rename)
        self.table.chosen_changed.connect(self._choose)
        self.table.opened.connect(self._open)
        self.table.delete_wanted.connect(self.delete)
        self.panel.open_wanted.connect(lambda: self._open(self._run()))
        self.panel.resume_wanted.connect(self._resume)
        self.panel.generate_wanted.connect(self._generate)
        self.panel.evaluate_wanted.connect(self._evaluate)
        self.panel.delete_wanted.connect(lambda: self.delete(self.table.chosen()))
        self.panel.pin_wanted.connect(self._pin)
        self.job.changed.connect(self._show_panel)
        self.job.measured.connect(self._measured)
        self.context.bridge.events.connect(self._hear)
        self.plot.exported.connect(self._exported)
        self.plot.export_failed.connect(self.context.toasts.problem)

    def _add_actions(self) -> None:
        say, panel = self.tr, self.panel
        self.add_action(say("Open run"), panel.open.click, icon_name="eye", shortcut="Ctrl+Shift+O")
        self.add_action(say("Resume run"), panel.resume.click, icon_name="play", shortcut="Ctrl+Return")
        self.add_action(say("Generate with run"), panel.generate.click, icon_name="generate", shortcut="Ctrl+G")
        self.add_action(say("Evaluate run"), panel.evaluate.click, icon_name="chart", shortcut="Ctrl+E")
        self.add_action(say("Rename run"), self.table.rename, icon_name="rename", shortcut="F2")
        self.add_action(say("Delete runs"), panel.delete.click, icon_name="trash", shortcut="Ctrl+Del")
        self.table.addActions(self.actions())
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def _make_empty(self) -> EmptyState:
        train = PrimaryButton(self.tr("Train a model"), icon_name="train")
        train.clicked.connect(lambda: self.context.navigate(Place.TRAIN))
        sentence = self.tr("Every training is kept here, with its settings, its curves and what it drew.")
        return EmptyState("runs", self.tr("No runs yet"), sentence, train)

    def _run(self) -> str:
        return self._details.record.id if self._details else ""

    def _show_lines(self, lines: Sequence[RunLine]) -> None:
        self.model.show_lines(lines)
        self._centre.setCurrentIndex(1 if lines else 0)
        self._read_sparklines(lines)
        wanted, self._wanted = self._wanted, ""
        if wanted:
            self.table.choose(wanted)
        elif lines and not self.table.chosen():
            self.table.choose(lines[0].record.id)
        self._choose(self.table.chosen())

    def _read_sparklines(self, lines: Sequence[RunLine]) -> None:
        for row, line in enumerate(lines):
            if not self.model.line(row).curve:
                self._read_sparkline(line)

    def _read_sparkline(self, line: RunLine) -> None:
        project = self.context.project
        if project is not None and line.headline is not None:
            future = project.later(read_sparkline, project, line.record.id, line.headline.name)
            self.context.bridge.ask(future, self.model.set_curves, self._ignore)

    def _choose(self, runs: Sequence[str]) -> None:
        lines = {line.record.id: line for line in self.model.lines()}
        self._comparison.show_runs([lines[run] for run in runs if run in lines])
        project = self.context.project
        if runs and project is not None:
            self.context.bridge.ask(project.later(read_details, project, runs[-1]), self._show_details, self._ignore)
        else:
            self._details = None
            self.panel.hide()

    def _show_details(self, details: RunDetails) -> None:
        if details.record.id in self.table.chosen():
            self._details = details
            self._show_panel()
            self.panel.show()

    def _show_panel(self) -> None:
        if self._details is None:
            return
        record = self._details.record
        blocked = self.tr("A run is training. Stop it first.") if self.context.studio.training else ""
        family = find_family(self.context.studio.host, record.family)
        self.panel.show_details(self._details, family, blocked=blocked, evaluating=self.job.busy)
        self.panel.show_count(len(self.table.chosen()))
        self.panel.show_progress(self.job.share, self.job.run == record.id)

    def _hear(self, event: Event) -> None:
        if isinstance(event, Metric):
            self._hear_figures(event)
            self._comparison.hear(event)
        elif isinstance(event, Started | Finished) and self.context.project is not None:
            self._comparison.reload(event.run)
            if isinstance(event, Finished):
                self._read_sparklines([line for line in self.model.lines() if line.record.id == event.run])
            self.shown()

    def _hear_figures(self, metric: Metric) -> None:
        """Let the table keep up with a run, frame by frame. Out of view it rests: showing it reads everything."""
        before = self._news.get(metric.run, metric)
        self._news[metric.run] = replace(metric, values={**before.values, **metric.values})
        if self.isVisible():
            self.context.bridge.redraws.want(self._show_news)

    def _show_news(self) -> None:
        news, self._news = self._news, {}
        for metric in news.values():
            self.model.hear(metric)

    def _rename(self, run: str, name: str) -> None:
        project = self.context.project
        if project is not None:
            self.context.bridge.ask(project.later(project.rename_run, run, name), self._changed, self._not_done)

    def _pin(self, images_seen: int, pinned: bool) -> None:
        project = self.context.project
        if project is not None:
            future = project.later(project.pin_checkpoint, self._run(), images_seen, pinned)
            self.context.bridge.ask(future, self._ignore, self._not_done)

    def _open(self, run: str) -> None:
        self.context.navigate(Place.TRAIN, Subject(SubjectKind.RUN, run))

    def _resume(self) -> None:
        self.context.navigate(Place.TRAIN, Subject(SubjectKind.RESUME, self._run()))

    def _generate(self) -> None:
        self.context.navigate(Place.GENERATE, Subject(SubjectKind.RUN, self._run()))

    def _evaluate(self) -> None:
        if self._details is not None:
            self.job.start(self._run(), self._details.record.name, int(self.panel.samples.value()))

    def _measured(self, run: str) -> None:
        row = self.model.row_of(run)
        name = self.model.line(row).record.name if row is not None else ""
        self.context.toasts.say(self.tr("“{run}” was measured; its figures are here.").format(run=name), Tone.GOOD)
        self.shown()

    def _changed(self, _: object) -> None:
        self.shown()

    def _not_done(self, sentence: str) -> None:
        self.context.toasts.problem(sentence)
        self.shown()

    def _exported(self, path: str) -> None:
        self.context.toasts.say(self.tr("Written: {0}").format(paths.shown(Path(path))), Tone.GOOD)

    def _ignore(self, _: object) -> None:
        """A run may be deleted while it is read; the table says so already."""
