"""The settings of generating: with which run, what, how many, by which chance."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from genstudio.core.abilities import Ability
from genstudio.core.recipe import Recipe
from genstudio.jobs.completing import CompleteRequest
from genstudio.jobs.generating import GenerateRequest, InterpolateRequest
from genstudio.jobs.keeping import Plain
from genstudio.jobs.restyling import RestyleRequest
from genstudio.jobs.upscaling import UpscaleRequest
from genstudio.plugins import PluginHost
from genstudio.ui.forms import KnobsForm
from genstudio.ui.pages.generate.chance import ChancePanel, End, ends_of
from genstudio.ui.pages.generate.given import GivenPanel
from genstudio.ui.pages.generate.oddities import OddityRequest
from genstudio.ui.pages.generate.options import OptionsPanel
from genstudio.ui.pages.generate.prompting import PromptPanel, words_of
from genstudio.ui.pages.generate.requests import CountKnobs, Request, StepsKnobs, StrengthKnobs, Trained, WaysKnobs
from genstudio.ui.pages.generate.scoring import NamingRequest, RankRequest, SurpriseRequest
from genstudio.ui.pages.generate.tools import TOOLS, ToolChoice
from genstudio.ui.pages.generate.trained import TrainedChoice
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.buttons import Button

ASKING = (Ability.SURPRISE, Ability.SCORE_ANOMALY)
"""The tools that ask something of the model, and make nothing."""

WITHOUT_LABEL = (Ability.SCORE_ANOMALY, Ability.UPSCALE)
"""The tools to which a label makes no difference."""

FROM_GIVEN = (Ability.COMPLETE, Ability.IMAGE_TO_IMAGE, Ability.UPSCALE)
"""The tools that make something out of a picture."""

WITH_GIVEN = (*FROM_GIVEN, *ASKING)
"""The tools that start from a picture."""

BY_WORDS = (Ability.SAMPLE, Ability.INTERPOLATE, Ability.COMPLETE, Ability.IMAGE_TO_IMAGE)
"""The tools that can be told in words what to draw."""


class MakePanel(QWidget):
    """What to make. Only what the chosen run can do is shown.

    `run_changed` carries the id of the run a person picked; `tool_changed` says that something else is to be made.
    """

    run_changed = Signal(str)
    tool_changed = Signal()

    def __init__(self, host: PluginHost) -> None:
        super().__init__()
        self.source = TrainedChoice(host, self)
        self.tools = ToolChoice()
        self.chance = ChancePanel()
        self.count, self.steps = KnobsForm(CountKnobs()), KnobsForm(StepsKnobs())
        self.strength, self.ways = KnobsForm(StrengthKnobs()), KnobsForm(WaysKnobs())
        self.prompt = PromptPanel()
        self.given = GivenPanel()
        self.rank = Button(
            self.tr("Most and least likely pictures"),
            icon_name="list",
            tip=self.tr("Order the pictures the model learned from by how likely they are under it"),
        )
        self.oddest = Button(
            self.tr("The oddest pictures of the data"),
            icon_name="list",
            tip=self.tr("Order the pictures of the data by how odd they are to the model, and show where"),
        )
        self.name_labels = Button(
            self.tr("How often it names the right label"),
            icon_name="list",
            tip=self.tr("Let it name the labels of held-out pictures, beside a plain classifier trained just for that"),
        )
        self.options = OptionsPanel()
        self._lay_out()
        self.source.picked.connect(self.run_changed)
        self.source.changed.connect(self._show_source)
        self.tools.changed.connect(self._show_tool)
        self.chance.changed.connect(self._show_ends)

    def show_trained(self, trained: Sequence[Trained]) -> None:
        """Offer these runs; the chosen one and its checkpoint stay chosen while they are there."""
        self.source.show_trained(trained)

    def run(self) -> str:
        """The id of the chosen run, empty while there is none."""
        return self.source.run()

    def choose_run(self, run: str, checkpoint: int | None = None) -> None:
        """Generate with this run (by id), from its latest checkpoint or another."""
        self.source.choose(run, checkpoint)

    @property
    def tool(self) -> Ability:
        """What is to be made."""
        return self.tools.tool

    def choose_tool(self, tool: str) -> None:
        """Make this: the value of an ability."""
        self.tools.choose(tool)

    def can(self, ability: Ability) -> bool:
        """Whether the chosen run has an ability."""
        return ability in self.source.abilities()

    def problem(self) -> str:
        """Say why nothing can be generated, or nothing."""
        if not self.run():
            return self.tr("Train a model first.")
        if self.source.family is None:
            return self.tr("The plugin this run was made with is not here.")
        if not any(map(self.can, TOOLS)):
            return self.tr("This model does not draw pictures by itself.")
        if self.tool in WITH_GIVEN and self.given.given() is None:
            return self.tr("Choose a picture first.")
        return ""

    def request(self) -> Request | None:
        """Return what is to be made, or mark what is wrong and return None. A new seed is rolled if so wished."""
        family = self.source.family
        if self.problem() or family is None:
            return None
        self.chance.roll()
        options = self.options.options(family)
        if options is None:
            return None
        if self.tool is Ability.UPSCALE:
            return self._enlarged(options)
        return self._walk(options) if self.tool is Ability.INTERPOLATE else self._pictures(options)

    def surprise_request(self, label: str | None = None) -> SurpriseRequest | None:
        """The question how surprising the given picture is, under a label or the chosen one."""
        given = self.given.given()
        if given is None or not self.can(Ability.SURPRISE):
            return None
        return SurpriseRequest(self.run(), self.source.checkpoint(), given.picture, label or self.source.label())

    def rank_request(self) -> RankRequest:
        """The question which of its data the chosen run finds likely."""
        return RankRequest(self.run(), self.source.checkpoint())

    def oddity_request(self) -> OddityRequest | None:
        """The question how odd the given picture is."""
        given = self.given.given()
        if given is None or not self.can(Ability.SCORE_ANOMALY):
            return None
        return OddityRequest(self.run(), self.source.checkpoint(), given.picture)

    def oddities_request(self) -> OddityRequest:
        """The question which of its data are odd."""
        return OddityRequest(self.run(), self.source.checkpoint(), None)

    def naming_request(self) -> NamingRequest:
        """The question how often the chosen run names the right label."""
        return NamingRequest(self.run(), self.source.checkpoint())

    def use(self, recipe: Recipe) -> None:
        """Take over what a picture was made with; the run stays when its own is gone."""
        if self.source.offers(recipe.run):
            self.choose_run(recipe.run, recipe.images_seen)
        self.chance.keep(recipe.seed)
        self.source.choose_label(recipe.label)
        self.prompt.use(recipe)
        if self.source.family is not None:
            self.options.turn(self.source.family, dict(recipe.options))
        if recipe.ability == Ability.INTERPOLATE.value:
            self.choose_tool(Ability.INTERPOLATE.value)
            self.chance.set_ends(*ends_of(recipe))
            self.steps.turn({"steps": recipe.count})
        else:
            self.choose_tool(recipe.ability if recipe.ability in FROM_GIVEN else Ability.SAMPLE.value)
            if recipe.ability == Ability.IMAGE_TO_IMAGE.value:
                self.strength.turn({"strength": recipe.extra.get("strength")})
            if recipe.ability == Ability.UPSCALE.value:
                self.ways.turn({"ways": recipe.count})
            else:
                self.count.turn({"count": recipe.count, "batch": recipe.batch})

    def can_walk(self, one: Recipe, other: Recipe) -> bool:
        """Whether there is a way from one picture to another: two samples of one run that can interpolate."""
        samples = one.ability == other.ability == Ability.SAMPLE.value
        return samples and one.run == other.run and Ability.INTERPOLATE in self.source.abilities(one.run)

    def walk_between(self, one: Recipe, other: Recipe) -> None:
        """Set up the walk from one picture to another: each end with its own label and words."""
        self.choose_run(one.run, one.images_seen)
        self.source.choose_label(one.label)
        self.prompt.set_words(words_of(one), words_of(other))
        self.choose_tool(Ability.INTERPOLATE.value)
        self.chance.set_ends(*(End(recipe.seed, recipe.index, recipe.label) for recipe in (one, other)))

    def _walk(self, options: Mapping[str, Plain]) -> InterpolateRequest | None:
        ends, steps = self.chance.ends(self.source.label()), self.steps.check(StepsKnobs)
        if ends is None or steps is None:
            return None
        one, other = ends
        return InterpolateRequest(
            self.run(),
            self.source.checkpoint(),
            one.seed,
            other.seed,
            steps.steps,
            one.label,
            options,
            index_a=one.index,
            index_b=other.index,
            label_b=other.label,
            prompt=self.prompt.words(),
            prompt_b=self.prompt.words_b(),
        )

    def _enlarged(self, options: Mapping[str, Plain]) -> UpscaleRequest | None:
        seed, ways, given = self.chance.seed.seed(), self.ways.check(WaysKnobs), self.given.given()
        if seed is None or ways is None or given is None:
            return None
        run, checkpoint = self.run(), self.source.checkpoint()
        return UpscaleRequest(run, checkpoint, given.picture, ways.ways, seed, ways.ways, options)

    def _pictures(self, options: Mapping[str, Plain]) -> GenerateRequest | CompleteRequest | RestyleRequest | None:
        seed, count = self.chance.seed.seed(), self.count.check(CountKnobs)
        if seed is None or count is None:
            return None
        run, checkpoint, label = self.run(), self.source.checkpoint(), self.source.label()
        batch, given, prompt = min(count.batch, count.count), self.given.given(), self.prompt.words()
        if self.tool is Ability.COMPLETE and given is not None:
            return CompleteRequest(run, checkpoint, given, count.count, seed, batch, label, options, prompt)
        if self.tool is Ability.IMAGE_TO_IMAGE and given is not None:
            far = self.strength.check(StrengthKnobs)
            if far is None:
                return None
            picture, strength = given.picture, far.strength
            return RestyleRequest(run, checkpoint, picture, strength, count.count, seed, batch, label, options, prompt)
        return GenerateRequest(run, checkpoint, count.count, seed, batch, label, options, prompt=prompt)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * GRID)
        source, counts = self.source, (self.strength, self.count, self.ways, self.steps)
        parts = (
            source.run_row,
            self.tools,
            self.given,
            self.prompt,
            source.label_row,
            self.rank,
            self.oddest,
            self.name_labels,
            *counts,
            self.chance,
        )
        for part in (*parts, source.checkpoint_row, self.options):
            column.addWidget(part)
        column.addStretch(1)

    def _show_source(self) -> None:
        self.chance.offer_labels(self.source.labels())
        self.prompt.show_run(self.run(), self.can(Ability.TEXT_CONDITION))
        self.tools.offer(self.source.abilities())

    def _show_tool(self) -> None:
        walking, asking = self.tool is Ability.INTERPOLATE, self.tool in ASKING
        surprise = self.tool is Ability.SURPRISE
        self.given.setVisible(self.tool in WITH_GIVEN)
        self.source.label_row.setVisible(bool(self.source.labels()) and self.tool not in WITHOUT_LABEL)
        self.strength.setVisible(self.tool is Ability.IMAGE_TO_IMAGE)
        self.given.set_painting(self.tool is Ability.COMPLETE)
        self.rank.setVisible(surprise and self.can(Ability.LIKELIHOOD))
        self.oddest.setVisible(self.tool is Ability.SCORE_ANOMALY)
        can_name = self.can(Ability.LIKELIHOOD) and self.can(Ability.CLASS_CONDITION) and bool(self.source.labels())
        self.name_labels.setVisible(surprise and can_name)
        enlarging = self.tool is Ability.UPSCALE
        self.ways.setVisible(enlarging)
        self.count.setVisible(not walking and not asking and not enlarging)
        self.steps.setVisible(walking)
        self.chance.set_walking(walking)
        self.prompt.set_tool(self.tool in BY_WORDS, walking)
        self.chance.setVisible(not asking)
        self.options.show_family(None if asking else self.source.family, self.source.abilities())
        self._show_ends()
        self.tool_changed.emit()

    def _show_ends(self) -> None:
        self.tools.say(self.chance.sentence())
