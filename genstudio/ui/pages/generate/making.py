"""The settings of generating: with which run, in which state of it, what, how many."""

from collections.abc import Mapping, Sequence
from typing import cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from genstudio.core import words
from genstudio.core.abilities import Ability
from genstudio.core.config import SamplingConfig
from genstudio.core.errors import GenStudioError
from genstudio.core.family import AnyFamily
from genstudio.core.recipe import Recipe
from genstudio.generation.given import Given
from genstudio.jobs.completing import CompleteRequest
from genstudio.jobs.generating import GenerateRequest, InterpolateRequest
from genstudio.jobs.keeping import Plain
from genstudio.plugins import PluginHost
from genstudio.ui.forms import KnobsForm
from genstudio.ui.forms.seed import SeedRow
from genstudio.ui.forms.switch import Switch
from genstudio.ui.pages.generate.given import GivenPanel
from genstudio.ui.pages.generate.requests import CountKnobs, Request, StepsKnobs, Trained
from genstudio.ui.pages.generate.scoring import RankRequest, SurpriseRequest
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.buttons import Button
from genstudio.ui.widgets.fields import FieldRow
from genstudio.ui.widgets.layouts import column as column_of
from genstudio.ui.widgets.layouts import holding, row
from genstudio.ui.widgets.numbers import ComboBox
from genstudio.ui.widgets.segments import Segments
from genstudio.ui.widgets.text import PlainLabel

_TOOLS = (Ability.SAMPLE, Ability.INTERPOLATE, Ability.COMPLETE, Ability.SURPRISE)
_WITH_GIVEN = (Ability.COMPLETE, Ability.SURPRISE)


class MakePanel(QWidget):
    """What to make. Only what the chosen run can do is shown.

    `run_changed` carries the id of the chosen run; `tool_changed` says that something else is to be made of it.
    """

    run_changed = Signal(str)
    tool_changed = Signal()

    def __init__(self, host: PluginHost) -> None:
        super().__init__()
        self._host = host
        self._trained: dict[str, Trained] = {}
        self._family: AnyFamily | None = None
        self._tool = Ability.SAMPLE
        self._run = ComboBox(self.tr("Run"))
        self._state = ComboBox(self.tr("State of the run"))
        self._label = ComboBox(self.tr("Label"))
        self._tools_place = row()
        self._tools: Segments | None = None
        self._sentence = PlainLabel("", "small", wrap=True)
        self.seed = SeedRow(self.tr("Seed"), self.tr("The same seed gives the same pictures."))
        self.seed_b = SeedRow(self.tr("Second seed"), self.tr("The picture at the other end."), 1)
        self.fresh = Switch()
        self.fresh.setAccessibleName(self.tr("New seed each time"))
        self.fresh.setChecked(True)
        self.count, self.steps = KnobsForm(CountKnobs()), KnobsForm(StepsKnobs())
        self.given = GivenPanel()
        self.rank = Button(
            self.tr("Most and least likely pictures"),
            icon_name="list",
            tip=self.tr("Order the pictures the model learned from by how likely they are under it"),
        )
        self._ends = (0, 0)
        self._options: dict[str, KnobsForm] = {}
        self._options_place = QVBoxLayout()
        self._lay_out()
        self._connect()

    def show_trained(self, trained: Sequence[Trained]) -> None:
        """Offer these runs; the chosen one and its state stay chosen while they are there."""
        if list(trained) == list(self._trained.values()):
            return
        run, state = self.run(), self._state.currentData()
        self._trained = {one.record.id: one for one in trained}
        self._run.clear()
        for one in trained:
            self._run.addItem(one.record.name, one.record.id)
        self.choose_run(run if run in self._trained else trained[0].record.id if trained else "", state)

    def run(self) -> str:
        """The id of the chosen run, empty while there is none."""
        return str(self._run.currentData() or "")

    def choose_run(self, run: str, state: int | None = None) -> None:
        """Generate with this run (by id), in its latest state or another."""
        self._run.setCurrentIndex(self._run.findData(run))
        self._show_states(state)
        self._show_family()

    def problem(self) -> str:
        """Say why nothing can be generated, or nothing."""
        if not self.run():
            return self.tr("Train a model first.")
        if self._family is None:
            return self.tr("The plugin this run was made with is not here.")
        if not self._family.abilities & set(_TOOLS):
            return self.tr("This model does not draw pictures by itself.")
        if self._tool in _WITH_GIVEN and self.given.given() is None:
            return self.tr("Choose a picture first.")
        return ""

    @property
    def tool(self) -> Ability:
        """What is to be made."""
        return self._tool

    def can(self, ability: Ability) -> bool:
        """Whether the chosen run has an ability."""
        return self._family is not None and ability in self._family.abilities

    def surprise_request(self, label: str | None = None) -> SurpriseRequest | None:
        """The question how surprising the given picture is, under a label or the chosen one."""
        given = self.given.given()
        if given is None or not self.can(Ability.SURPRISE):
            return None
        return SurpriseRequest(self.run(), self._chosen_state(), given.picture, label or self._chosen_label())

    def rank_request(self) -> RankRequest:
        """The question which of its data the chosen run finds likely."""
        return RankRequest(self.run(), self._chosen_state())

    def request(self) -> Request | None:
        """Return what is to be made, or mark what is wrong and return None. A new seed is rolled if so wished."""
        if self.problem() or self._family is None:
            return None
        if self.fresh.isChecked():
            self.seed.roll()
            self.seed_b.roll()
        seed, seed_b = self.seed.seed(), self.seed_b.seed()
        options = self._options_form(self._family).check(self._family.sampling_type)
        count, steps = self.count.check(CountKnobs), self.steps.check(StepsKnobs)
        if seed is None or options is None:
            return None
        chosen = cast(Mapping[str, Plain], options.model_dump(mode="json"))
        if self._tool is Ability.INTERPOLATE:
            walk = steps is not None and seed_b is not None
            return self._walk(seed, seed_b or 0, steps, chosen) if walk and steps is not None else None
        if count is None:
            return None
        given = self.given.given()
        if self._tool is Ability.COMPLETE and given is not None:
            return self._completions(given, seed, count, chosen)
        return self._pictures(seed, count, chosen)

    def use(self, recipe: Recipe) -> None:
        """Take over what a picture was made with; the run stays when its own is gone."""
        if recipe.run in self._trained:
            self.choose_run(recipe.run, recipe.images_seen)
        self.fresh.setChecked(False)
        self.seed.set_seed(recipe.seed)
        self._label.setCurrentIndex(max(self._label.findData(recipe.label), 0))
        if self._family is not None:
            self._options_form(self._family).turn(dict(recipe.options))
        if recipe.ability == Ability.INTERPOLATE.value:
            self.choose_tool(Ability.INTERPOLATE.value)
            self.seed_b.set_seed(int(recipe.extra.get("seed_b") or 0))
            self._set_ends(int(recipe.extra.get("index_a") or 0), int(recipe.extra.get("index_b") or 0))
            self.steps.turn({"steps": recipe.count})
        else:
            completed = recipe.ability == Ability.COMPLETE.value
            self.choose_tool(Ability.COMPLETE.value if completed else Ability.SAMPLE.value)
            self.count.turn({"count": recipe.count, "batch": recipe.batch})

    def can_walk(self, one: Recipe, other: Recipe) -> bool:
        """Whether there is a way from one picture to another: two samples of one run that can interpolate."""
        samples = one.ability == other.ability == Ability.SAMPLE.value
        trained = self._trained.get(one.run)
        family = self._find_family(trained.record.family) if trained else None
        return samples and one.run == other.run and family is not None and Ability.INTERPOLATE in family.abilities

    def walk_between(self, one: Recipe, other: Recipe) -> None:
        """Set up the walk from one picture to another."""
        self.choose_run(one.run, one.images_seen)
        self.choose_tool(Ability.INTERPOLATE.value)
        self.fresh.setChecked(False)
        self.seed.set_seed(one.seed)
        self.seed_b.set_seed(other.seed)
        self._set_ends(one.index, other.index)

    def choose_tool(self, tool: str) -> None:
        """Make this: the value of an ability."""
        self._tool = Ability(tool)
        walking = self._tool is Ability.INTERPOLATE
        if self._tools is not None:
            self._tools.set_value(tool)
        self._set_ends(*self._ends)
        asking = self._tool is Ability.SURPRISE
        self.given.setVisible(self._tool in _WITH_GIVEN)
        self.given.set_painting(self._tool is Ability.COMPLETE)
        self.rank.setVisible(asking and self.can(Ability.LIKELIHOOD))
        self.count.setVisible(not walking and not asking)
        self.steps.setVisible(walking)
        self.seed_b.setVisible(walking)
        self._seeds.setVisible(not asking)
        self._show_options()
        self.tool_changed.emit()

    def _walk(self, seed: int, seed_b: int, steps: StepsKnobs, options: Mapping[str, Plain]) -> InterpolateRequest:
        state, label = self._chosen_state(), self._chosen_label()
        return InterpolateRequest(self.run(), state, seed, seed_b, steps.steps, label, options, *self._ends)

    def _set_ends(self, index_a: int, index_b: int) -> None:
        self._ends = (index_a, index_b)
        walking = self._tool is Ability.INTERPOLATE
        ends = self.tr("From picture {one} of the first seed to picture {other} of the second.")
        named = ends.format(one=index_a + 1, other=index_b + 1) if walking and self._ends != (0, 0) else ""
        self._sentence.setText(f"{self._tool.sentence} {named}".strip())

    def _pictures(self, seed: int, count: CountKnobs, options: Mapping[str, Plain]) -> GenerateRequest:
        batch = min(count.batch, count.count)
        state, label = self._chosen_state(), self._chosen_label()
        return GenerateRequest(self.run(), state, count.count, seed, batch, label, options)

    def _completions(self, given: Given, seed: int, count: CountKnobs, options: Mapping[str, Plain]) -> CompleteRequest:
        batch = min(count.batch, count.count)
        state, label = self._chosen_state(), self._chosen_label()
        return CompleteRequest(self.run(), state, given, count.count, seed, batch, label, options)

    def _chosen_state(self) -> int | None:
        state: int | None = self._state.currentData()
        return state

    def _chosen_label(self) -> str | None:
        label: str | None = self._label.currentData()
        return label

    def _connect(self) -> None:
        self._run.activated.connect(lambda _: self._run_picked())
        for seed in (self.seed, self.seed_b):
            seed.typed.connect(lambda: self.fresh.setChecked(False))
            seed.changed.connect(lambda: self._set_ends(0, 0))

    def _run_picked(self) -> None:
        self.choose_run(self.run())
        self.run_changed.emit(self.run())

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * GRID)
        self._run_row = FieldRow(self.tr("Run"), self._run, " ")
        self._label_row = FieldRow(self.tr("Label"), self._label)
        column.addWidget(self._run_row)
        column.addWidget(holding(column_of(holding(self._tools_place), self._sentence, spacing=4)))
        column.addWidget(self.given)
        column.addWidget(self._label_row)
        column.addWidget(self.rank)
        column.addWidget(self.count)
        column.addWidget(self.steps)
        self._seeds = holding(column_of(self.seed, self.seed_b, self._fresh_row(), spacing=4))
        column.addWidget(self._seeds)
        column.addWidget(FieldRow(self.tr("State"), self._state, self.tr("Earlier states of a run draw differently.")))
        column.addLayout(self._options_place)
        column.addStretch(1)

    def _fresh_row(self) -> QWidget:
        return holding(row(PlainLabel(self.tr("A new seed each time"), "small"), 1, self.fresh))

    def _show_states(self, state: int | None) -> None:
        self._state.clear()
        trained = self._trained.get(self.run())
        states = trained.checkpoints[::-1] if trained else ()
        self._state.addItem(self.tr("Latest"), None)
        for checkpoint in states:
            at = self.tr("at {images} images").format(images=words.count(checkpoint.images_seen))
            self._state.addItem(f"{at} ★" if checkpoint.pinned else at, checkpoint.images_seen)
        self._state.setCurrentIndex(max(self._state.findData(state), 0))

    def _show_family(self) -> None:
        trained = self._trained.get(self.run())
        self._family = self._find_family(trained.record.family) if trained else None
        self._run_row.set_help(self._about_text(trained))
        self._show_labels(trained)
        self._show_tools()
        self._show_options()

    def _find_family(self, name: str) -> AnyFamily | None:
        try:
            return self._host.family(name)
        except GenStudioError:
            return None

    def _about_text(self, trained: Trained | None) -> str:
        if trained is None:
            return ""
        model = self._family.title if self._family else trained.record.family
        seen = words.count(trained.record.images_seen)
        return self.tr("{model} · {images} images").format(model=model, images=seen)

    def _show_labels(self, trained: Trained | None) -> None:
        before = self._label.currentData()
        able = self._family is not None and Ability.CLASS_CONDITION in self._family.abilities
        classes = trained.spec.classes if trained and trained.spec and able else ()
        self._label.clear()
        self._label.addItem(self.tr("Any"), None)
        for name in classes:
            self._label.addItem(name, name)
        self._label.setCurrentIndex(max(self._label.findData(before), 0))
        self._label_row.setVisible(bool(classes))

    def _show_tools(self) -> None:
        able = self._family.abilities if self._family else frozenset[Ability]()
        tools = [tool for tool in _TOOLS if tool in able]
        if self._tools is not None:
            self._tools_place.removeWidget(self._tools)
            self._tools.deleteLater()
        options = [(tool.value, self._tool_title(tool), tool.sentence) for tool in tools]
        self._tools = Segments(self.tr("What to make"), options, self._tool.value)
        self._tools.changed.connect(self.choose_tool)
        self._tools.setVisible(len(tools) > 1)
        self._tools_place.addWidget(self._tools)
        self.choose_tool(self._tool.value if self._tool in tools or not tools else tools[0].value)

    def _tool_title(self, tool: Ability) -> str:
        return self.tr("Surprise") if tool is Ability.SURPRISE else tool.label

    def _options_form(self, family: AnyFamily) -> KnobsForm:
        if family.name not in self._options:
            sampling: SamplingConfig = family.sampling_type()
            form = self._options[family.name] = KnobsForm(sampling)
            form.setVisible(bool(family.sampling_type.model_fields))
            self._options_place.addWidget(form)
        return self._options[family.name]

    def _show_options(self) -> None:
        if self._family is not None:
            self._options_form(self._family)
        drawing = self._tool is not Ability.SURPRISE
        for name, form in self._options.items():
            wanted = drawing and self._family is not None and self._family.name == name
            form.setVisible(wanted and form.has_fields())
