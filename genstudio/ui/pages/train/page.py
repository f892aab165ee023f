"""Train: make a run, and watch it learn."""

from functools import partial

from PySide6.QtWidgets import QStackedWidget, QWidget

from genstudio.core.errors import GenStudioError
from genstudio.core.events import Event, Finished, Outcome, Started
from genstudio.jobs.training import create_run, extend_run
from genstudio.store.records import RunRecord
from genstudio.ui.context import Place, Subject, SubjectKind, UiContext
from genstudio.ui.models.facts import config_facts, figure_facts, run_facts
from genstudio.ui.models.live import LiveState, Wish
from genstudio.ui.models.reading import Reader
from genstudio.ui.page import Page
from genstudio.ui.pages.train.facts import FactList
from genstudio.ui.pages.train.run_view import RunOnShow, RunView, read_run
from genstudio.ui.pages.train.setup import Plan, SetupLists, SetupView, read_lists
from genstudio.ui.widgets.buttons import PrimaryButton
from genstudio.ui.widgets.cards import EmptyState
from genstudio.ui.widgets.fields import SidePanel
from genstudio.ui.widgets.layouts import rule
from genstudio.ui.widgets.tones import Tone

_DETAILS = "train details"


class TrainPage(Page):
    """Either the making of a run or one run on show; both stay as they were while the other is seen."""

    place = Place.TRAIN

    def __init__(self, context: UiContext) -> None:
        super().__init__(context)
        self._reader = Reader()
        self._dataset_name = ""
        self.setup = SetupView(context, self._reader)
        self.view = RunView(context, self._reader)
        self._empty = self._make_empty()
        self._facts, self._figures, self._config = (
            FactList(),
            FactList(self.tr("Figures")),
            FactList(self.tr("Settings")),
        )
        self._centre, self._side = QStackedWidget(), QStackedWidget()
        self._lay_out()
        self._connect()
        self._add_actions()
        self._show(self._empty)

    def shown(self) -> None:
        """Read what there is to learn from, and show the run in training the first time."""
        training = self.context.studio.training
        if training is not None and not self.view.run:
            self.open_run(training.run)
        self._read_lists()

    def project_changed(self) -> None:
        """Forget everything of the project before."""
        self.view.show_nothing()
        self.setup.show_lists(SetupLists((), ()))
        self._show(self._empty)

    def closing(self) -> None:
        """End the reader's thread."""
        self._reader.close()

    def show_subject(self, subject: Subject) -> None:
        """Show a run, or a new run on a dataset."""
        if subject.kind is SubjectKind.RUN:
            self.open_run(subject.id)
        elif subject.kind is SubjectKind.RESUME:
            self._resume_interrupted(subject.id)
        elif subject.kind is SubjectKind.DATASET:
            self.setup.choose_dataset(subject.id)
            self.new_run()

    def new_run(self) -> None:
        """Show the making of a run."""
        self._show(self.setup)
        self._refresh_block()

    def open_run(self, run: str) -> None:
        """Show a run (by id)."""
        project = self.context.project
        if project is not None:
            self.context.bridge.ask(project.later(read_run, project, run), self._show_run, self.context.toasts.problem)

    def resume(self, run: str, images: int | None = None) -> None:
        """Let a run go on; with `images`, until it has seen so many in all."""
        if self.context.project is not None:
            future = self._reader.read(extend_run, self.context.workspace, run, images=images)
            self.context.bridge.ask(future, self._train, self.context.toasts.problem)

    def _lay_out(self) -> None:
        for centre in (self._empty, self.setup, self.view):
            self._centre.addWidget(centre)
        panel = SidePanel()
        for part in (self._facts, self._figures, rule(), self._config):
            panel.column.addWidget(part)
        panel.column.addStretch(1)
        self._run_side = panel
        self._side.addWidget(self.setup.side)
        self._side.addWidget(panel)
        self._side.setFixedWidth(panel.width())
        self.set_content(self._centre, self._side)
        self.view.header.details.setChecked(self.context.settings.get(_DETAILS, False))

    def _connect(self) -> None:
        self.setup.start_wanted.connect(self._start)
        self.setup.back.clicked.connect(self._back)
        self.setup.resume_wanted.connect(self._resume_interrupted)
        self.setup.show_wanted.connect(self.open_run)
        self.view.changed.connect(self._show_facts)
        header = self.view.header
        header.resume_wanted.connect(lambda: self.resume(self.view.run))
        header.longer_wanted.connect(lambda images: self.resume(self.view.run, images))
        header.new_wanted.connect(self.new_run)
        header.generate_wanted.connect(self._generate)
        header.details_wanted.connect(self._show_details)
        self.context.bridge.events.connect(self._hear)

    def _add_actions(self) -> None:
        say = self.tr
        self.add_action(say("New run"), self.new_run, icon_name="plus", shortcut="Ctrl+Shift+N")
        self.add_action(say("Start training"), self._start_from_keyboard, icon_name="play", shortcut="Ctrl+Return")
        self.add_action(say("Pause or resume"), self._press_pause, icon_name="pause", shortcut="Ctrl+Shift+Space")
        self.add_action(say("Stop training"), partial(self._press, Wish.STOP), icon_name="stop", shortcut="Ctrl+.")
        self.add_action(
            say("Preview now"), partial(self._press, Wish.PREVIEW), icon_name="image", shortcut="Ctrl+Shift+P"
        )
        self.add_action(say("Save now"), partial(self._press, Wish.SAVE), icon_name="save", shortcut="Ctrl+S")
        previews = self.view.previews
        self.add_action(say("Earlier pictures"), lambda: previews.step(-1), icon_name="chevron-left", shortcut="[")
        self.add_action(say("Later pictures"), lambda: previews.step(1), icon_name="chevron-right", shortcut="]")

    def _make_empty(self) -> EmptyState:
        self.next_step = PrimaryButton(self.tr("Add pictures"), icon_name="import")
        self.next_step.clicked.connect(self._go_for_data)
        return EmptyState(
            "train",
            self.tr("Nothing to learn from yet"),
            self.tr("A model learns from pictures. Bring a folder of yours, or begin with a set that comes along."),
            self.next_step,
        )

    def _go_for_data(self) -> None:
        self.context.navigate(Place.DATA if self.context.project is not None else Place.HOME)

    def _show(self, centre: QWidget) -> None:
        sides = {self.setup: self.setup.side, self.view: self._run_side}
        side = sides.get(centre)
        self._centre.setCurrentWidget(centre)
        if side is not None:
            self._side.setCurrentWidget(side)
        self._side.setVisible(side is not None and (centre is self.setup or self.view.header.details.isChecked()))
        if centre is self.view:
            self.view.refresh()

    def _show_details(self, wanted: bool) -> None:
        self.context.settings.set(_DETAILS, wanted)
        self._show(self.view)

    def _read_lists(self) -> None:
        project = self.context.project
        if project is not None:
            self.context.bridge.ask(project.later(read_lists, project), self._show_lists)

    def _show_lists(self, lists: SetupLists) -> None:
        self.setup.show_lists(lists)
        self._keep_up(lists)
        self._refresh_block()
        if self._centre.currentWidget() is self._empty and lists.datasets:
            self.new_run()
        elif self._centre.currentWidget() is self.setup and not lists.datasets:
            self._show(self._empty)

    def _keep_up(self, lists: SetupLists) -> None:
        """The run on show may have been renamed or deleted elsewhere."""
        record = next((record for record in lists.runs if record.id == self.view.run), None)
        if record is not None:
            self.view.show_record(record)
        elif self.view.run:
            self.view.show_nothing()
            if self._centre.currentWidget() is self.view:
                self.new_run()

    def _show_run(self, shown: RunOnShow) -> None:
        self._dataset_name = shown.dataset.name if shown.dataset else self.tr("deleted")
        self.view.show_run(shown)
        self._show(self.view)
        self._refresh_block()

    def _show_facts(self, state: LiveState) -> None:
        if self._side.isHidden():
            return
        family = self.view.family(state.record)
        self._facts.show_facts(run_facts(state.record, family, self._dataset_name))
        self._figures.show_facts(figure_facts(state.record, family))
        self._config.show_facts(config_facts(state.record.config, family))

    def _resume_interrupted(self, run: str) -> None:
        self.open_run(run)
        self.resume(run)

    def _start(self, plan: Plan) -> None:
        if self.context.project is None:
            return
        self.setup.block(self.tr("Starting…"))
        workspace = self.context.workspace
        future = self._reader.read(
            create_run, workspace, plan.family, plan.config, plan.dataset, plan.settings, plan.name
        )
        self.context.bridge.ask(future, self._created, self._not_created)

    def _created(self, record: RunRecord) -> None:
        self.setup.foot.clear_name()
        self._train(record)

    def _not_created(self, sentence: str) -> None:
        self.context.toasts.problem(sentence)
        self._refresh_block()

    def _train(self, record: RunRecord) -> None:
        bridge = self.context.bridge
        try:
            training = self.context.studio.start_training(record.id, bridge.sink(record.id))
        except GenStudioError as error:
            self._not_created(str(error))
            return
        bridge.ask(training.future, self._ended, self.context.toasts.problem)
        self.open_run(record.id)

    def _ended(self, _: Finished) -> None:
        # The run's own last word has told everything by now; only what waits for the device's freedom is left.
        self._refresh_block()
        self.view.refresh()

    def _hear(self, event: Event) -> None:
        if isinstance(event, Started | Finished):
            self._refresh_block()
        if isinstance(event, Finished) and not self.isVisible():
            self._announce(event)

    def _announce(self, event: Finished) -> None:
        """Say it to a person who is elsewhere in the window."""
        name = self.view.state.record.name if self.view.state and self.view.run == event.run else self.tr("The run")
        words_of = {
            Outcome.COMPLETED: (self.tr("{run} is trained."), Tone.GOOD),
            Outcome.STOPPED: (self.tr("{run} was stopped and saved."), Tone.PLAIN),
            Outcome.DIVERGED: (self.tr("{run} diverged and was paused at its last good step."), Tone.WARNING),
            Outcome.FAILED: (self.tr("{run} could not go on."), Tone.BAD),
        }
        text, tone = words_of[event.outcome]
        show = Subject(SubjectKind.RUN, event.run)
        self.context.toasts.say(
            text.format(run=name), tone, action=self.tr("Show"), act=lambda: self.context.navigate(Place.TRAIN, show)
        )

    def _refresh_block(self) -> None:
        training = self.context.studio.training
        self.setup.block(self.tr("A run is training. Stop it first, or wait for its end.") if training else "")
        name = self.view.state.record.name if self.view.state else ""
        self.setup.back.setText(self.tr("Back to {run}").format(run=name))
        self.setup.back.setVisible(bool(name))

    def _back(self) -> None:
        self._show(self.view)

    def _generate(self) -> None:
        self.context.navigate(Place.GENERATE, Subject(SubjectKind.RUN, self.view.run))

    def _start_from_keyboard(self) -> None:
        if self._centre.currentWidget() is self.setup:
            self.setup.start()

    def _press(self, wish: Wish) -> None:
        buttons = {
            Wish.STOP: self.view.header.stop,
            Wish.PREVIEW: self.view.header.preview,
            Wish.SAVE: self.view.header.save,
        }
        if self._centre.currentWidget() is self.view and buttons[wish].isVisible():
            buttons[wish].click()

    def _press_pause(self) -> None:
        if self._centre.currentWidget() is self.view and self.view.header.pause.isVisible():
            self.view.header.pause.click()
