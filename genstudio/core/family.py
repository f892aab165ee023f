"""What a plugin offers: a family of models, listable without torch and without Qt."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from genstudio.core.abilities import Ability
from genstudio.core.config import FamilyConfig, SamplingConfig
from genstudio.core.health import History, Verdict
from genstudio.core.spec import DataSpec, Modality

if TYPE_CHECKING:
    from torch import Tensor

    from genstudio.training.learner import Learner

ConfigT = TypeVar("ConfigT", bound=FamilyConfig)


class Taxonomy(StrEnum):
    """Where a family stands among generative models (Goodfellow 2016, "NIPS tutorial", figure 9)."""

    TRACTABLE = "explicit tractable density"
    APPROXIMATE = "explicit approximate density"
    IMPLICIT = "implicit density"
    HELPER = "stands beside generative models"

    @property
    def sentence(self) -> str:
        """What the place means, for somebody choosing a family."""
        return _SENTENCES[self]


_SENTENCES = {
    Taxonomy.TRACTABLE: "Knows the exact probability of every picture.",
    Taxonomy.APPROXIMATE: "Knows a bound on the probability of every picture.",
    Taxonomy.IMPLICIT: "Only draws; it never computes a probability.",
    Taxonomy.HELPER: "Draws nothing itself; it judges pictures, or tells other models what to draw.",
}


@dataclass(frozen=True)
class Series:
    """One curve a run reports: `unit` is shown on the axis ("nats per image"), `help` on hover."""

    name: str
    title: str
    unit: str
    help: str = ""


HELDOUT = "heldout/"
"""What stands before the name of a series measured on pictures that were never trained on."""


@dataclass(frozen=True)
class JudgedBy:
    """By which held-out figure the best checkpoint of a run is found: a series by name ("": the first one).

    `highest` says that more is better.
    """

    series: str = ""
    highest: bool = False


@dataclass(frozen=True)
class Profile:
    """A row of numbers a run shows beside its pictures, as bars, largest first.

    `title` says what they are ("What each latent says"), `item` what there are many of ("latents"), `unit` is that of
    each number. What lies below `floor` is as good as nothing.
    """

    name: str
    title: str
    item: str
    unit: str
    floor: float
    help: str = ""


class BuildContext(Protocol):
    """What the studio lends a family while it builds a learner."""

    def load_run(self, run: str) -> "Learner":
        """Return the trained learner of a finished run, for models that stand on others.

        Raises `GenStudioError` when the run or its checkpoint is gone.
        """

    def kept(self, name: str) -> "Tensor | None":
        """Return what the checkpoint that a learner is built for holds under this name of its state dict, or None.

        None is for a new learner. So what was read from files once can be read from the checkpoint ever after, and a
        project be copied to a computer that has not got the files.
        """


@dataclass(frozen=True, kw_only=True)
class Family(Generic[ConfigT]):
    """A family of models.

    `name` is a stable identifier (it is written into checkpoints). `presets` maps Draft, Balanced and Quality to
    configs. `build` imports torch only when called. `series` are the curves every run reports; the first one is the
    headline. `profiles` are rows of numbers that it shows whenever it shows pictures. `accepts` returns None when a
    dataset fits, else the sentence that says why not. A family with `partial_labels` learns from pictures of which
    only some have a label (-1 stands for none); to the others such a dataset has no labels at all. One with
    `embeddings` heeds the numbers that came with each picture; to the others there are none. `judged_by` names the
    held-out figure that says which checkpoint is best, None where no figure does (a GAN's losses say nothing about
    its pictures). `health` reads the figures a run has reported so far and returns what is going wrong with it, if
    anything; it is a pure function, asked whenever the run shows pictures. `lacks` says which abilities a
    run of a config on a dataset (as the family sees it) goes without; labels that are not there are seen to by `able`.
    """

    name: str
    title: str
    summary: str
    taxonomy: Taxonomy
    reference: str
    config_type: type[ConfigT]
    presets: Mapping[str, ConfigT]
    abilities: frozenset[Ability]
    series: tuple[Series, ...]
    build: Callable[[ConfigT, DataSpec, BuildContext], "Learner"]
    sampling_type: type[SamplingConfig] = SamplingConfig
    modalities: frozenset[Modality] = frozenset({Modality.IMAGES})
    accepts: Callable[[DataSpec], str | None] = lambda _: None
    health: Callable[[ConfigT, History], Verdict | None] = lambda _config, _history: None
    lacks: Callable[[ConfigT, DataSpec], frozenset[Ability]] = lambda _config, _spec: frozenset()
    profiles: tuple[Profile, ...] = ()
    partial_labels: bool = False
    embeddings: bool = False
    judged_by: JudgedBy | None = JudgedBy()

    @property
    def judge(self) -> str | None:
        """The name in reports of the held-out figure that says which checkpoint is best, if one does."""
        if self.judged_by is None or not self.series:
            return None
        return HELDOUT + (self.judged_by.series or self.series[0].name)

    def score(self, figures: Mapping[str, float]) -> float | None:
        """What held-out figures, by their names in reports, say of a model: lower is better; None when nothing."""
        value = figures.get(self.judge or "")
        return -value if value is not None and self.judged_by is not None and self.judged_by.highest else value

    def seen(self, spec: DataSpec) -> DataSpec:
        """A dataset as this family sees it."""
        seen = spec.without_labels() if spec.unlabelled and not self.partial_labels else spec
        return seen if self.embeddings else seen.without_embeddings()

    def able(self, config: ConfigT, spec: DataSpec) -> frozenset[Ability]:
        """What a run of this config on this dataset can do: never more than the family can."""
        seen = self.seen(spec)
        without = self.lacks(config, seen)
        return self.abilities - without - (frozenset() if seen.classes else {Ability.CLASS_CONDITION})

    def misfit(self, spec: DataSpec) -> str | None:
        """Say why this family cannot learn from a dataset, or None when it can."""
        if spec.modality not in self.modalities:
            wanted = " or ".join(sorted(self.modalities))
            return f"{self.title} learns from {wanted}; this dataset holds {spec.modality}."
        return self.accepts(self.seen(spec))


AnyFamily = Family[Any]
