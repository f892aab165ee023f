"""The conformance suite passes a sound family and finds each way of breaking the contract."""

import itertools
import math
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from genstudio.core.abilities import Ability
from genstudio.core.config import SamplingConfig, knob
from genstudio.core.family import AnyFamily, Series
from genstudio.core.spec import DataSpec
from genstudio.data.batches import Batch
from genstudio.testing import check_family
from genstudio.testing.lab import Lab
from genstudio.testing.report import Broken
from genstudio.testing.suite import CHECKS
from genstudio.training.learner import Learner, PreviewRequest, SampleRequest
from genstudio.training.updater import Updater
from tests.unit.training.toy import TOY, ToyConfig
from tests.unit.training.toy.model import ToyLearner

RUN: dict[str, Callable[[Lab], str]] = dict(CHECKS)


def run_check(name: str, family: AnyFamily) -> str:
    return RUN[name](Lab(family, None, steps=30))


def with_learner(learner: Callable[[ToyConfig, DataSpec], Learner], **changes: Any) -> AnyFamily:
    return replace(TOY, build=lambda config, spec, _: learner(config, spec), **changes)


def test_that_a_sound_family_passes_every_check() -> None:
    told: list[str] = []
    stream = torch.random.get_rng_state()
    report = check_family(TOY, progress=told.append)
    assert report.passed, report.problems
    assert report.problems == ""
    assert told == [check.name for check in report.checks] == [name for name, _ in CHECKS]
    assert all(check.detail for check in report.checks)
    assert torch.equal(stream, torch.random.get_rng_state())


def test_that_a_check_which_raises_is_a_failed_check_and_the_others_go_on() -> None:
    def build(config: ToyConfig, spec: DataSpec, context: object) -> Learner:
        raise ZeroDivisionError("oh")

    report = check_family(replace(TOY, build=build))
    failed = {check.name: check.detail for check in report.checks if not check.passed}
    assert failed["learns one batch by heart"] == "It raised ZeroDivisionError: oh"
    assert not report.passed
    assert next(check for check in report.checks if check.name == "words").passed


def test_that_a_dataset_of_ones_own_kind_can_be_asked_for() -> None:
    spec = DataSpec(count=10, channels=4, height=9, width=11)
    assert Lab(TOY, spec, 10).dataset.spec.dimensions == 4 * 9 * 11
    with pytest.raises(Broken, match="none of the kinds"):
        Lab(TOY, DataSpec(count=10, channels=1, height=4, width=4), 10).spec  # noqa: B018


class BareConfig(ToyConfig):
    bare: int = 3


class WordlessConfig(ToyConfig):
    word: int = knob(3, title="Word", help="no sentence", low=1, high=5)


class BoundlessConfig(ToyConfig):
    wide: float = knob(3.0, title="Wide", help="How wide it is.", low=1)


class ChoiceConfig(SamplingConfig):
    way: str = knob("a", title="", help="Which way.")


def presets_of(config_type: type[ToyConfig]) -> dict[str, Any]:
    presets = {name: config_type(images=2000, batch_size=8) for name in ("Draft", "Balanced", "Quality")}
    return {"config_type": config_type, "presets": presets}


def test_family_words_are_looked_at() -> None:
    for family, words in (
        (replace(TOY, name="A Toy"), "small letters"),
        (replace(TOY, title=" "), "title is empty"),
        (replace(TOY, summary="No sentence"), "not a sentence"),
        (replace(TOY, series=()), "declares no series"),
        (replace(TOY, series=(TOY.series[0], TOY.series[0])), "same name"),
        (replace(TOY, series=(Series("loss", "Loss", ""),)), "without title or unit: loss"),
    ):
        with pytest.raises(Broken, match=words):
            run_check("words", family)


def test_that_settings_nobody_could_understand_are_found() -> None:
    for changes, words in (
        (presets_of(BareConfig), "“bare” has no title"),
        (presets_of(WordlessConfig), "“word” has no help"),
        (presets_of(BoundlessConfig), "“wide” has no bounds"),
        ({"sampling_type": ChoiceConfig}, "“way” has no title"),
    ):
        with pytest.raises(Broken, match=words):
            run_check("settings described and bounded", replace(TOY, **changes))


def test_that_presets_which_are_missing_or_of_another_kind_are_found() -> None:
    draft = TOY.presets["Draft"]
    for presets, words in (
        ({"Draft": draft}, "lacks the preset Balanced and Quality"),
        (dict.fromkeys(("Draft", "Balanced", "Quality"), BareConfig()), "is not a ToyConfig"),
    ):
        with pytest.raises(Broken, match=words):
            run_check("presets survive being written down", replace(TOY, presets=presets))


def test_that_a_refusal_must_be_a_sentence_and_something_must_be_accepted() -> None:
    for accepts, words in ((lambda _: "no", "no sentence"), (lambda _: "Never.", "accepts none")):
        with pytest.raises(Broken, match=words):
            run_check("refusals are sentences", replace(TOY, accepts=accepts))


def test_that_a_plugin_which_imports_torch_when_it_is_listed_is_found() -> None:
    with pytest.raises(Broken, match="Listing it imports torch"):
        run_check("listed without torch and Qt", with_learner(ToyLearner))


class Rude(ToyLearner):
    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        torch.set_float32_matmul_precision("medium")
        return super().step(batch)


@pytest.fixture
def highest_precision() -> Iterator[None]:
    """As in a new process, whatever other tests left."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    yield
    torch.set_float32_matmul_precision(before)


@pytest.mark.usefixtures("highest_precision")
def test_that_changing_torchs_global_state_is_found_and_undone() -> None:
    report = check_family(with_learner(Rude), steps=10)
    assert "matmul precision from highest to medium" in next(c for c in report.checks if c.name == "manners").detail
    assert torch.get_float32_matmul_precision() == "highest"


class Square(ToyLearner):
    """Draws squares whatever it was trained on."""

    def sample(self, request: SampleRequest) -> Tensor:
        images = super().sample(request)
        return images[..., : min(images.shape[2:]), : min(images.shape[2:])]


class Attached(ToyLearner):
    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        return {name: value * nn.Parameter(torch.ones(())) for name, value in super().step(batch).items()}


class Chatty(ToyLearner):
    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        return {**super().step(batch), "more": torch.zeros(())}


class Endless(ToyLearner):
    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        return {**super().step(batch), "gradient": torch.tensor(math.inf)}


class Mean(ToyLearner):
    def evaluate(self, batch: Batch) -> Mapping[str, Tensor]:
        return {name: value.mean() for name, value in super().evaluate(batch).items()}


class Untaught(ToyLearner):
    def __init__(self, config: ToyConfig, spec: DataSpec) -> None:
        super().__init__(config, spec)
        self.update = Updater(self.net, lr=1e-12)


class Leaving(ToyLearner):
    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        values = super().step(batch)
        self.net(batch.images).sum().backward()
        return values


class Counting(ToyLearner):
    """Keeps its own clock, which no checkpoint knows."""

    count = 0.0

    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        self.count += 1
        batch.images.mul_(1 - 0.01 * self.count)
        return super().step(batch)


class Wilful(ToyLearner):
    """Rolls its own dice."""

    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        batch.images.add_(0.01 * random.random())
        return super().step(batch)


class Replacing(ToyLearner):
    scale: Tensor

    def __init__(self, config: ToyConfig, spec: DataSpec) -> None:
        super().__init__(config, spec)
        self.register_buffer("scale", torch.ones(()))

    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        self.scale = self.scale * 0.99
        return super().step(batch)


class Growing(ToyLearner):
    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        self.register_buffer("late", torch.ones(()))
        return super().step(batch)


class Bypassing(ToyLearner):
    """Changes a weight past its updater."""

    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        values = super().step(batch)
        with torch.no_grad():
            next(self.net.parameters()).sub_(0.001 * values["loss"])
        return values


class Global(ToyLearner):
    def sample(self, request: SampleRequest) -> Tensor:
        return torch.rand(len(request), *self.shape)


class Constant(ToyLearner):
    def sample(self, request: SampleRequest) -> Tensor:
        return torch.zeros(len(request), *self.shape)


class Alike(ToyLearner):
    def sample(self, request: SampleRequest) -> Tensor:
        return super().sample(request)[:1].expand(len(request), *self.shape)


class Sociable(ToyLearner):
    def sample(self, request: SampleRequest) -> Tensor:
        images = super().sample(request)
        return (images - images.mean(0)).clamp(-1, 1)


class Loud(ToyLearner):
    def sample(self, request: SampleRequest) -> Tensor:
        return 3 * super().sample(request)


class Blank(ToyLearner):
    def sample(self, request: SampleRequest) -> Tensor:
        return super().sample(request) * math.nan


class Leaky(ToyLearner):
    """Learns from being looked at."""

    def previews(self, request: PreviewRequest) -> Iterator[tuple[str, Tensor]]:
        next(self.net.parameters()).add_(0.01)
        yield from super().previews(request)


class Switching(ToyLearner):
    def previews(self, request: PreviewRequest) -> Iterator[tuple[str, Tensor]]:
        self.net.forward = lambda images: images  # type: ignore[method-assign]
        yield "samples", torch.zeros(2, 3)


class Random(ToyLearner):
    def reconstruct(self, images: Tensor) -> Tensor:
        return torch.rand_like(images)


BROKEN: list[tuple[str, type[ToyLearner], str]] = [
    ("learns from all it accepts", Square, "3 × 15 × 18: the shape is"),
    ("reports the series it declares", Attached, "must be detached"),
    ("reports the series it declares", Chatty, "reports loss, gradient, more"),
    ("reports the series it declares", Endless, "“gradient” is not finite"),
    ("reports the series it declares", Mean, r"has shape \(\), not \(8,\)"),
    ("learns one batch by heart", Untaught, "must fall by 10%"),
    ("no gradients left behind", Leaving, "leaves a gradient"),
    ("exact resume through a checkpoint file", Counting, "differs from a run without one"),
    ("exact resume through a checkpoint file", Wilful, "differs from a run without one"),
    ("all state is in tensors", Replacing, "replaces “model/scale”"),
    ("all state is in tensors", Growing, "adds or removes state"),
    ("nothing non-finite is kept", Bypassing, "changed “model/net.1.weight”"),
    ("samples follow from their seed", Global, "same seed gave other pixels"),
    ("samples follow from their seed", Constant, "Another seed gave the same"),
    ("samples follow from their seed", Alike, "Two samples of one seed"),
    ("samples follow from their seed", Sociable, "depend on their neighbours"),
    ("samples follow from their seed", Loud, r"beyond \[-1, 1\]"),
    ("samples follow from their seed", Blank, "not finite"),
    ("previews leave no trace", Leaky, "changes “model/net.1.weight”"),
    ("previews leave no trace", Switching, "the shape is"),
    ("declared abilities work", Random, "redraws the same picture differently"),
]


@pytest.mark.parametrize(("name", "learner", "words"), BROKEN, ids=[learner.__name__ for _, learner, _ in BROKEN])
def test_that_it_is_found(name: str, learner: type[ToyLearner], words: str) -> None:
    with pytest.raises(Broken, match=words):
        run_check(name, with_learner(learner))


class Mute(Learner):
    """Has no ability at all, and no updater."""

    def __init__(self, config: ToyConfig, spec: DataSpec) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))

    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        return {"loss": self.weight.detach(), "gradient": self.weight.detach()}


@pytest.mark.parametrize("ability", list(Ability))
def test_that_an_ability_which_is_declared_but_not_there_is_found(ability: Ability) -> None:
    with pytest.raises(Broken, match=r"has no|lacks|no protocol"):
        run_check("declared abilities work", with_learner(Mute, abilities=frozenset({ability})))


def test_that_a_learner_which_cannot_learn_is_found() -> None:
    with pytest.raises(Broken, match="has no Updater"):
        run_check("no gradients left behind", with_learner(Mute))
    with pytest.raises(Broken, match="build returned a Linear"):
        run_check("manners", with_learner(lambda *_: nn.Linear(1, 1)))  # type: ignore[arg-type]


def test_that_every_check_breaks_for_some_family() -> None:
    """A check nothing can fail is worth nothing."""
    covered = {name for name, _, _ in BROKEN} | {
        "words",
        "listed without torch and Qt",
        "settings described and bounded",
        "presets survive being written down",
        "refusals are sentences",
        "manners",
        "heeds embeddings",
        "learns from partly labelled pictures",
    }
    assert set(itertools.chain(RUN)) == covered


def test_that_embeddings_which_are_promised_and_not_heeded_are_found() -> None:
    assert run_check("heeds embeddings", TOY).startswith("not looked at")
    with pytest.raises(Broken, match="Two embeddings give the same pixels"):
        run_check("heeds embeddings", replace(TOY, embeddings=True))


class Stumbling(ToyLearner):
    """Takes the number that stands for no label as one of the labels."""

    def evaluate(self, batch: Batch) -> Mapping[str, Tensor]:
        figures = super().evaluate(batch)
        if batch.labels is None:
            return figures
        return {name: value / (1 + batch.labels) for name, value in figures.items()}


def test_that_a_missing_label_which_is_taken_for_a_label_is_found() -> None:
    name = "learns from partly labelled pictures"
    assert run_check(name, TOY).startswith("not looked at")
    assert "without a label" in run_check(name, replace(TOY, partial_labels=True))
    with pytest.raises(Broken, match="evaluate is not finite on partly labelled"):
        run_check(name, with_learner(Stumbling, partial_labels=True))
