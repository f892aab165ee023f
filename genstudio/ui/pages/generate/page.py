"""Generate: make pictures with a trained model, look at them, keep the good ones."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from genstudio.core.abilities import Ability
from genstudio.core.events import CheckpointSaved, Event, Finished
from genstudio.core.recipe import Recipe
from genstudio.store.records import SampleRecord
from genstudio.ui.context import Place, Subject, SubjectKind, UiContext
from genstudio.ui.models.reading import Reader
from genstudio.ui.models.samples import recipe_of
from genstudio.ui.page import Page
from genstudio.ui.pages.generate import inspector
from genstudio.ui.pages.generate.choosing import GivenChooser
from genstudio.ui.pages.generate.exporting import Export
from genstudio.ui.pages.generate.job import GenerateJob
from genstudio.ui.pages.generate.making import WITH_GIVEN, MakePanel
from genstudio.ui.pages.generate.pictures import PicturesView
from genstudio.ui.pages.generate.prompting import example_of
from genstudio.ui.pages.generate.requests import Request, Trained, read_trained
from genstudio.ui.pages.generate.stage import Stage
from genstudio.ui.pages.train.splits import remember_split
from genstudio.ui.widgets.buttons import Button, PrimaryButton, Reason
from genstudio.ui.widgets.cards import EmptyState, PageHeader
from genstudio.ui.widgets.drop_area import dropped_paths
from genstudio.ui.widgets.fields import SIDE_WIDTH, SidePanel
from genstudio.ui.widgets.progress import ProgressLine
from genstudio.ui.widgets.text import set_tip

_WORKERS = 2
_INSPECTOR_HEIGHT, _HINT_HEIGHT, _ANY_HEIGHT = 320, 144, 2**24 - 1  # the last is the most that Qt knows


class GeneratePage(Page):
    """A gallery in the middle; what to make, and how the chosen picture was made, on the right."""

    place = Place.GENERATE

    def __init__(self, context: UiContext) -> None:
        super().__init__(context)
        self._reader = Reader(_WORKERS)
        self._wanted_run = ""
        self._examples: dict[str, str] = {}
        self.pictures = PicturesView(context, self._reader)
        self.make = MakePanel(context.studio.host)
        self.inspector = inspector.Inspector(context)
        self.job = GenerateJob(context, self)
        self.stage = Stage(context, self._reader, self.make, self.job)
        self.chooser = GivenChooser(context, self._reader, self.make, self.pictures, self)
        self.button = PrimaryButton(self.tr("Generate"), icon_name="generate", tip=self.tr("Ctrl+Return"))
        self.cancel = Button(self.tr("Cancel"), icon_name="close")
        self._progress = ProgressLine(self.tr("Progress"))
        self._reason = Reason()
        self._centre = QStackedWidget()
        self._side = QSplitter(Qt.Orientation.Vertical)
        self._empty = self._make_empty()
        self._lay_out()
        self._connect()
        self._add_actions()
        self.setAcceptDrops(True)
        self._show_job()

    def shown(self) -> None:
        """See which runs can generate by now."""
        project = self.context.project
        if project is not None:
            self.context.bridge.ask(project.later(read_trained, project), self._show_trained)

    def project_changed(self) -> None:
        """Forget everything of the project before."""
        self.job.cancel()
        self.stage.forget()
        self._wanted_run = ""
        self.make.show_trained(())
        self.pictures.show_nothing()
        self.inspector.show_subject(None)
        self._centre.setCurrentWidget(self._empty)
        self._side.hide()

    def show_subject(self, subject: Subject) -> None:
        """Generate with this run."""
        if subject.kind is SubjectKind.RUN:
            self._wanted_run = subject.id

    def closing(self) -> None:
        """End the readers' threads."""
        self._reader.close()

    def generate(self) -> None:
        """Make what the settings say."""
        if self.make.tool is Ability.SURPRISE:
            self.stage.ask_surprise()
            return
        if self.make.tool is Ability.SCORE_ANOMALY:
            self.stage.ask_oddity()
            return
        request = None if self.job.busy else self.make.request()
        if request is not None:
            self.make.prompt.remember()
            self._start(request)

    def _start(self, request: Request) -> None:
        self.pictures.begin_batch()
        self.stage.begin(request)
        self.job.start(request)

    def inspect_file(self, path: Path) -> None:
        """Read the recipe inside a PNG, wherever it lies."""
        future = self._reader.read(inspector.read_subject, path)
        self.context.bridge.ask(future, self.inspector.show_subject, self.context.toasts.problem)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take a PNG from outside; anything else is the window's matter."""
        if event.source() is None and _dropped_png(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Show how a dropped picture was made."""
        path = _dropped_png(event)
        if path is not None:
            event.acceptProposedAction()
            self.inspect_file(path)

    def _lay_out(self) -> None:
        gallery = QWidget()
        column = QVBoxLayout(gallery)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(PageHeader(self.tr("Generate")))
        column.addWidget(self.stage)
        column.addWidget(self.pictures, 1)
        self._centre.addWidget(self._empty)
        self._centre.addWidget(gallery)
        making, inspecting = SidePanel(), SidePanel()
        making.column.addWidget(self.make)
        for part in (self._progress, self._reason, self.cancel, self.button):
            making.foot.addWidget(part)
        for button in (self.button, self.cancel):
            policy = button.sizePolicy()
            policy.setHorizontalPolicy(policy.Policy.Expanding)
            button.setSizePolicy(policy)
        inspecting.column.addWidget(self.inspector)
        self._inspecting = inspecting
        self._side.addWidget(making)
        self._side.addWidget(inspecting)
        self._side.setChildrenCollapsible(False)
        self._side.setStretchFactor(0, 1)
        self._side.setStretchFactor(1, 0)
        self._side.setFixedWidth(SIDE_WIDTH)
        remember_split(self._side, self.context.settings, "generate split")
        self._side.hide()
        self.set_content(self._centre, self._side)

    def _connect(self) -> None:
        self.button.clicked.connect(self.generate)
        self.cancel.clicked.connect(self._cancel)
        self.make.run_changed.connect(self.pictures.show_run)
        self.make.prompt.entered.connect(self.generate)
        self.make.source.changed.connect(self._ask_example)
        self.make.tool_changed.connect(self._show_job)
        self.make.given.changed.connect(self._show_job)
        self.stage.changed.connect(self._show_job)
        self.stage.make_wanted.connect(self._start)
        self.job.changed.connect(self._show_job)
        self.job.arrived.connect(self.pictures.add)
        self.pictures.current_changed.connect(self._inspect)
        self.pictures.chosen_changed.connect(self._show_walk)
        self.inspector.use_wanted.connect(self._use)
        self.inspector.film_wanted.connect(self.stage.film.show_picture)
        self.stage.film.changed.connect(lambda: self._inspect(self.pictures.current()))
        self.context.bridge.events.connect(self._hear)

    def _add_actions(self) -> None:
        say, pictures = self.tr, self.pictures
        self.add_action(say("Generate"), self.generate, icon_name="generate", shortcut="Ctrl+Return")
        self.add_action(say("Cancel generating"), self._cancel, icon_name="close", shortcut="Ctrl+.")
        self.add_action(say("Another seed"), self.make.chance.seed.roll, icon_name="dice", shortcut="Ctrl+D")
        self.add_action(say("Sort by words"), self.pictures.words.setFocus, icon_name="search", shortcut="Ctrl+Alt+Q")
        self.add_action(say("Make again"), self.inspector.again.click, icon_name="refresh", shortcut="Ctrl+R")
        self.add_action(
            say("Use these settings"), self.inspector.use.click, icon_name="sliders", shortcut="Ctrl+Shift+U"
        )
        self.add_action(
            say("Show how it came about"), self.inspector.film.click, icon_name="film", shortcut="Ctrl+Alt+H"
        )
        self.add_action(
            say("Star"), lambda: pictures.star(pictures.chosen()), icon_name="star", shortcut="Ctrl+Shift+S"
        )
        self.walk = self.add_action(
            say("Interpolate between two pictures"), self._walk, icon_name="morph", shortcut="Ctrl+Shift+B"
        )
        self.explore = self.add_action(
            say("Explore around this picture"), self._explore, icon_name="explore", shortcut="Ctrl+Shift+X"
        )
        pictures.add_menu_action(self.walk)
        self.enlarge = self.add_action(
            say("Upscale this picture"), self._enlarge, icon_name="zoom-in", shortcut="Ctrl+Alt+B"
        )
        for action in (self.explore, self.enlarge):
            pictures.add_menu_action(action)
        complete, surprise = partial(self._choose_tool, Ability.COMPLETE), partial(self._choose_tool, Ability.SURPRISE)
        restyle = partial(self._choose_tool, Ability.IMAGE_TO_IMAGE)
        self.add_action(say("Complete a picture"), complete, icon_name="image", shortcut="Ctrl+Alt+F")
        self.add_action(say("Restyle a picture"), restyle, icon_name="sliders", shortcut="Ctrl+Alt+Y")
        upscale = partial(self._choose_tool, Ability.UPSCALE)
        self.add_action(say("Upscale a picture"), upscale, icon_name="zoom-in", shortcut="Ctrl+Alt+E")
        self.add_action(say("Show where a picture surprises"), surprise, icon_name="eye", shortcut="Ctrl+Alt+W")
        self.add_action(say("Most and least likely pictures"), self._rank, icon_name="list", shortcut="Ctrl+Alt+K")
        self.add_action(say("Find odd pictures"), self._find_oddities, icon_name="eye", shortcut="Ctrl+Alt+U")
        self.add_action(
            say("Continue differently from here"),
            self.stage.drawing.go_on.click,
            icon_name="dice",
            shortcut="Ctrl+Alt+N",
        )
        self._show_walk()
        titles = {
            Export.PNG: say("Export as PNG files…"),
            Export.SHEET: say("Export as contact sheet…"),
            Export.GIF: say("Export as GIF…"),
            Export.ZIP: say("Export as zip…"),
        }
        for number, (kind, title) in enumerate(titles.items(), 1):
            ask = partial(pictures.ask_export, kind)
            self.add_action(title, ask, icon_name="export", shortcut=f"Ctrl+Alt+{number}")

    def _make_empty(self) -> EmptyState:
        train = PrimaryButton(self.tr("Train a model"), icon_name="train")
        train.clicked.connect(lambda: self.context.navigate(Place.TRAIN))
        sentence = self.tr("Pictures come from a trained model. Train one; a draft takes a few minutes.")
        return EmptyState("generate", self.tr("No trained model yet"), sentence, train)

    def _show_trained(self, trained: tuple[Trained, ...]) -> None:
        before = self.make.run()
        self.make.show_trained(trained)
        self.pictures.words.offer(self.make.source.newest_with(Ability.MATCH_TEXT))
        wanted, self._wanted_run = self._wanted_run, ""
        if wanted and any(one.record.id == wanted for one in trained):
            self.make.choose_run(wanted)
        self._centre.setCurrentIndex(1 if trained else 0)
        self._side.setVisible(bool(trained))
        if self.make.run() != before or self.pictures.samples is None:
            self.pictures.show_run(self.make.run())
        self._show_job()

    def _show_job(self) -> None:
        scores = self.stage.scores
        busy = self.job.busy or scores.busy
        problem = self.make.problem()
        self._progress.setVisible(busy)
        self._progress.show_share((self.job.share if self.job.busy else scores.share) if busy else 0.0)
        self.cancel.setVisible(busy)
        cancelling = self.job.cancelling or scores.cancelling
        self.cancel.setText(self.tr("Cancelling…") if cancelling else self.tr("Cancel"))
        self.button.setText(self._button_text())
        # As long as there is nothing to inspect, the settings have the room; a given picture needs all of it.
        given = self.make.tool in WITH_GIVEN
        self._inspecting.setVisible(self.inspector.has_subject or not given)
        self._inspecting.setMinimumHeight(_INSPECTOR_HEIGHT if self.inspector.has_subject else 0)
        self._inspecting.setMaximumHeight(_ANY_HEIGHT if self.inspector.has_subject else _HINT_HEIGHT)
        self.button.setVisible(not busy)
        self.button.disable_because(problem)
        self._reason.show_reason(problem)

    def _ask_example(self) -> None:
        run = self.make.run()
        if self.make.can(Ability.TEXT_CONDITION) and run not in self._examples:
            self._examples[run] = ""
            future = self._reader.read(example_of, self.context.workspace, run)
            self.context.bridge.ask(future, partial(self._show_example, run), self._no_example)
        self.make.prompt.show_example(run, self._examples.get(run, ""))

    def _show_example(self, run: str, caption: str) -> None:
        self._examples[run] = caption
        self.make.prompt.show_example(run, caption)

    def _no_example(self, _: str) -> None:
        """Its data are gone; then there is none."""

    def _hear(self, event: Event) -> None:
        # A run in training can be used as soon as it has saved itself.
        if isinstance(event, CheckpointSaved | Finished) and self.isVisible():
            self.shown()

    def _choose_tool(self, tool: Ability) -> None:
        if self.make.can(tool):
            self.make.choose_tool(tool.value)
        else:
            self.context.toasts.say(self.tr("The chosen run cannot do that: its model does not offer it."))

    def _rank(self) -> None:
        self._choose_tool(Ability.SURPRISE)
        if self.make.rank.isVisible():
            self.make.rank.click()

    def _find_oddities(self) -> None:
        self._choose_tool(Ability.SCORE_ANOMALY)
        if self.make.oddest.isVisible():
            self.make.oddest.click()

    def _button_text(self) -> str:
        texts = {
            Ability.COMPLETE: self.tr("Complete"),
            Ability.IMAGE_TO_IMAGE: self.tr("Restyle"),
            Ability.UPSCALE: self.tr("Upscale"),
            Ability.SURPRISE: self.tr("Show surprise"),
            Ability.SCORE_ANOMALY: self.tr("Say how odd it is"),
        }
        return texts.get(self.make.tool, self.tr("Generate"))

    def _cancel(self) -> None:
        self.job.cancel()
        self.stage.scores.cancel()
        self._show_job()

    def _inspect(self, record: SampleRecord | None) -> None:
        samples = self.pictures.samples
        if record is None or samples is None:
            self.inspector.show_subject(None)
        else:
            recipe = recipe_of(record)
            self.inspector.show_subject(inspector.Subject(samples.file(record.id), recipe))
            self.inspector.film.disable_because(self.stage.film.problem(recipe))
        self._show_job()

    def _two(self) -> list[Recipe]:
        samples = self.pictures.samples
        keys = self.pictures.chosen()
        records = samples.records(keys) if samples is not None and len(keys) == 2 else []
        recipes = [recipe for record in records if (recipe := recipe_of(record)) is not None]
        return recipes if len(recipes) == 2 and self.make.can_walk(*recipes) else []

    def _show_walk(self) -> None:
        able = bool(self._two())
        self.walk.setEnabled(able)
        set_tip(self.walk, "" if able else self.tr("Choose two pictures of one run that can interpolate."))
        around = self.pictures.current() is not None and self.make.can(Ability.INTERPOLATE)
        self.explore.setEnabled(around)
        set_tip(self.explore, "" if around else self.tr("Choose a picture of a run with a space to explore."))

        upscaler = self.make.source.newest_with(Ability.UPSCALE)
        self.enlarge.setEnabled(self.pictures.current() is not None and bool(upscaler))
        why = self.tr("Choose a picture.") if upscaler else self.tr("Train an Upscaler first; it works for all runs.")
        set_tip(self.enlarge, "" if self.enlarge.isEnabled() else why)

    def _enlarge(self) -> None:
        """Enlarge the chosen picture, whoever made it, with the chosen run or the newest one that can."""
        samples, current = self.pictures.samples, self.pictures.current()
        if samples is None or current is None:
            return
        file = samples.file(current.id)
        if not self.make.can(Ability.UPSCALE):
            self.make.choose_run(self.make.source.newest_with(Ability.UPSCALE))
            self.pictures.show_run(self.make.run())
        self._choose_tool(Ability.UPSCALE)
        self.chooser.take_file(file)

    def _walk(self) -> None:
        recipes = self._two()
        if recipes:
            self.make.walk_between(*recipes)
            self.generate()

    def _explore(self) -> None:
        samples, current = self.pictures.samples, self.pictures.current()
        if samples is not None and current is not None:
            file = samples.file(current.id)
            self.context.navigate(Place.EXPLORE, Subject(SubjectKind.PICTURE, current.run, file))

    def _use(self, recipe: Recipe) -> None:
        self.make.use(recipe)
        self.chooser.use(recipe)
        self.pictures.show_run(self.make.run())


def _dropped_png(event: QDragEnterEvent | QDropEvent) -> Path | None:
    paths = dropped_paths(event.mimeData())
    return next((path for path in paths if path.suffix.lower() == ".png"), None)
