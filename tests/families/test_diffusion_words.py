"""Drawing by words: what networks read, guidance by texts, and pictures that are what was asked for."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from genstudio.core.abilities import Ability
from genstudio.core.errors import FamilyError
from genstudio.core.spec import DataSpec
from genstudio.data.batches import Batch
from genstudio.data.dataset import ImageDataset
from genstudio.data.source import BatchSource
from genstudio.testing.pictures import made_for
from genstudio.testing.standins import StandInReader, StandIns
from genstudio.training.checkpoint import learner_tensors
from genstudio.training.learner import Reading, SampleRequest
from genstudio.training.noise import Noise
from genstudio.training.previews import evaluating
from genstudio_diffusion import FAMILY, words
from genstudio_diffusion.condition import Condition
from genstudio_diffusion.config import DiffusionConfig, DiffusionSampling
from genstudio_diffusion.denoiser import Denoiser, Guess
from genstudio_diffusion.guidance import Interval, fit_of_guess, plain, with_classifier
from genstudio_diffusion.model import DiffusionLearner
from genstudio_diffusion.samplers import Denoise
from genstudio_diffusion.transformer import Transformer, TransformerPlan
from genstudio_diffusion.unet import UNet, UNetPlan
from genstudio_diffusion.words import Reader, reader_of

PLAIN = DataSpec(count=24, channels=3, height=16, width=16, classes=("bar", "disc", "ring"))
SPEC = PLAIN.model_copy(update={"captioned": True})
SMALL: dict[str, Any] = {"width": 8, "batch_size": 8, "images": 800}
EVERYWHERE = Interval(0.0, 1e9)


def learner_of(spec: DataSpec = SPEC, *, reads: bool = True, **knobs: Any) -> DiffusionLearner:
    torch.manual_seed(0)
    return DiffusionLearner(DiffusionConfig(**{**SMALL, **knobs}), spec, Reader(StandInReader(spec)) if reads else None)


def source_of(spec: DataSpec = SPEC) -> BatchSource:
    return BatchSource(made_for(spec), np.arange(24), batch_size=8, seed=0, device="cpu")


def trained(steps: int = 3, spec: DataSpec = SPEC, **knobs: Any) -> DiffusionLearner:
    learner, source = learner_of(spec, **knobs).train(), source_of(spec)
    for step in range(steps):
        learner.step(source.batch(8 * step))
    return learner


def drawn(
    learner: DiffusionLearner, texts: Sequence[str] | None, labels: Sequence[int] | None = None, **options: Any
) -> Tensor:
    count = len(texts or labels or "ab")
    told = None if labels is None else torch.tensor(labels)
    knobs = DiffusionSampling(**{"steps": 4, **options})
    request = SampleRequest(Noise(7, range(count)), told, knobs, texts=None if texts is None else tuple(texts))
    with evaluating(learner):
        return learner.sample(request)


# ---- Networks


def network_of(kind: str) -> nn.Module:
    sizes: dict[str, Any] = {
        "inputs": 3, "outputs": 3, "height": 16, "width": 16, "dropout": 0.0, "text": 12, "whole": 10,
    }  # fmt: skip
    torch.manual_seed(0)
    if kind == "unet":
        return UNet(UNetPlan(**sizes, features=8, depth=1, patch=2, attention=8))
    return Transformer(TransformerPlan(**sizes, features=32, depth=1, patch=4))


def text(known: Sequence[int], seed: int = 0) -> Condition:
    """Texts of so many words, of at most five."""
    draw = torch.Generator().manual_seed(seed)
    count = len(known)
    tokens, whole = torch.randn(count, 5, 12, generator=draw), torch.randn(count, 10, generator=draw)
    return Condition(tokens=tokens, known=torch.arange(5) < torch.tensor(known)[:, None], whole=whole)


def stirred(network: nn.Module) -> nn.Module:
    """The same with weights of which none is zero: what begins at zero would hide everything."""
    for parameter in network.parameters():
        nn.init.normal_(parameter, std=0.1)
    return network


KINDS = pytest.mark.parametrize("kind", ["unet", "transformer"])


@KINDS
def test_that_words_are_read_and_what_is_not_known_is_not(kind: str) -> None:
    network = stirred(network_of(kind))
    x, level = torch.randn(2, 3, 16, 16), torch.zeros(2)
    one = text([2, 3])
    assert one.tokens is not None and one.known is not None
    answer = network(x, level, one)
    assert not torch.allclose(answer, network(x, level, replace(one, tokens=one.tokens.flip(2))))
    assert not torch.allclose(answer, network(x, level, replace(one, whole=text([2, 3], 1).whole)))
    elsewhere = torch.where(one.known[:, :, None], one.tokens, 1e3)  # beyond the end of the texts
    torch.testing.assert_close(network(x, level, replace(one, tokens=elsewhere)), answer)


@KINDS
def test_that_a_text_of_no_words_is_as_no_text(kind: str) -> None:
    network = stirred(network_of(kind))
    x, level = torch.randn(2, 3, 16, 16), torch.zeros(2)
    mixed, none = network(x, level, text([0, 3])), network(x, level, Condition())
    torch.testing.assert_close(mixed[0], none[0])
    torch.testing.assert_close(network(x, level, text([3, 3]).unasked()), none)
    assert not torch.allclose(mixed[1], none[1])


@KINDS
def test_that_a_network_that_reads_begins_as_one_that_does_not(kind: str) -> None:
    network = network_of(kind)
    for name, parameter in network.named_parameters():  # the last layer begins at zero, and would hide everything
        if name.startswith(("last", "final")) or ".conv_out" in name or ".told" in name:
            nn.init.normal_(parameter, std=0.1)
    x, level = torch.randn(2, 3, 16, 16), torch.zeros(2)
    answer = network(x, level, Condition())
    assert bool(answer.any())
    torch.testing.assert_close(network(x, level, text([2, 5])), answer)


# ---- Without words


@pytest.mark.parametrize("knobs", [{}, {"network": "transformer", "patch": 4}, {"guide": True}])
def test_that_captions_change_nothing_where_nobody_reads_them(knobs: dict[str, Any]) -> None:
    """Neither the tensors of a checkpoint nor one bit of them."""
    plain_one, captioned = (learner_tensors(trained(4, spec, reads=False, **knobs)) for spec in (PLAIN, SPEC))
    assert plain_one.keys() == captioned.keys()
    assert not any("words" in name or "text" in name or "read" in name for name in plain_one)
    for name, tensor in plain_one.items():
        assert torch.equal(tensor, captioned[name]), name


# ---- The learner


def test_that_the_model_that_reads_is_no_part_of_the_learner() -> None:
    learner = trained()
    assert learner.reader is not None
    assert not any("reader" in name or "of_words" in name for name in learner_tensors(learner))
    assert all(not isinstance(module, StandInReader) for module in learner.modules())


class Counts(StandInReader):
    """asked: what it was told to read, one call each."""

    def __init__(self, spec: DataSpec) -> None:
        super().__init__(spec)
        self.asked: list[Sequence[str]] = []

    def read(self, texts: Sequence[str]) -> Reading:
        self.asked.append(texts)
        return super().read(texts)


def test_that_each_text_is_read_once_and_alone() -> None:
    model = Counts(SPEC)
    reader, here = Reader(model), torch.device("cpu")
    first = reader.read(["red disc", "", "ring", " red disc "], here)
    reader.read(["ring", "red disc"], here)
    assert model.asked == [["red disc"], ["ring"]]
    assert first.known.any(1).tolist() == [True, False, True, True]
    assert torch.equal(first.words[0], first.words[3])


def held_by(reader: Reader) -> int:
    """Bytes of memory that remembered readings hold on to, all that their tensors are parts of."""
    parts = [part for one in reader._read.values() for part in (one.words, one.known, one.whole)]
    return sum(part.untyped_storage().nbytes() for part in parts)


@pytest.mark.parametrize("bound", [0, 3_000, 2**28])
def test_that_readings_are_the_same_bits_whether_remembered_or_not(bound: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Against the model's own readings, each text alone; and memory stays within the bound all the while."""
    monkeypatch.setattr(words, "_KEPT", bound)
    model, draw = StandInReader(SPEC), np.random.default_rng(0)
    reader, here = Reader(model), torch.device("cpu")
    texts = [" ".join(draw.choice(["a", "red", "blue", "ring", "disc"], 1 + number % 20)) for number in range(40)]
    for _ in range(12):
        batch = list(draw.choice(texts, 8))
        found, alone = reader.read(batch, here), [model.read([text]) for text in batch]
        for name in ("words", "known", "whole"):
            assert torch.equal(getattr(found, name), torch.cat([getattr(one, name) for one in alone])), name
        assert held_by(reader) <= bound
    assert (len(reader._read) == 0) == (bound == 0)


def test_that_only_the_oldest_readings_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    model, here = Counts(SPEC), torch.device("cpu")
    reader = Reader(model)
    reader.read(["red disc", "red ring"], here)
    monkeypatch.setattr(words, "_KEPT", held_by(reader))  # so there is room for two texts of two words
    reader.read(["red disc", "blue ring"], here)
    assert list(reader._read) == ["red ring", "blue ring"]
    reader.read(["red ring", "blue ring", "red disc"], here)
    assert model.asked == [["red disc"], ["red ring"], ["blue ring"], ["red disc"]]


def test_that_no_prompt_and_an_empty_one_are_the_same() -> None:
    learner = trained()
    assert torch.equal(drawn(learner, None), drawn(learner, ["", " "]))
    alone = trained(by_label=False)
    mixed = drawn(alone, ["", "a ring"])
    torch.testing.assert_close(mixed[0], drawn(alone, ["", ""])[0], rtol=0, atol=1e-4)


def stirred_learner(**knobs: Any) -> DiffusionLearner:
    learner = learner_of(**knobs)
    stirred(learner.emas.module.network)
    stirred(learner.emas.long.module.network)
    return learner


@pytest.mark.parametrize("labels", [None, [0, 2]])
def test_that_guidance_of_nought_and_one_are_the_model_itself(labels: list[int] | None) -> None:
    """With 0 the text makes no difference, with 1 the model is as it is; above, it is exaggerated."""
    learner = stirred_learner()
    denoiser, x = learner.emas.at(0.1), torch.randn(2, 3, 16, 16)
    told = None if labels is None else torch.tensor(labels)
    condition = learner._condition(told, ["a ring", "a disc"], x.device)
    with torch.no_grad():
        asked, unasked = (plain(denoiser, one)(x, 1.0).clean for one in (condition, condition.unasked()))
        found = {}
        for weight in (0.0, 1.0, 3.0):
            options = DiffusionSampling(guidance=weight, clip=False)
            found[weight] = learner._denoise(told, ["a ring", "a disc"], options)(x, 1.0).clean
    torch.testing.assert_close(found[0.0], unasked)
    torch.testing.assert_close(found[1.0], asked)
    torch.testing.assert_close(found[3.0], unasked + 3 * (asked - unasked))
    assert not torch.allclose(asked, unasked)


def test_that_words_guide_where_there_is_nothing_but_noise_and_labels_do_not() -> None:
    learner, x, labels = stirred_learner(), 30 * torch.randn(2, 3, 16, 16), torch.tensor([0, 2])
    found = {}
    for texts in (None, ["a ring", "a disc"]):
        for weight in (1.0, 3.0):
            options = DiffusionSampling(guidance=weight, guide_below=5.0, clip=False)
            with torch.no_grad():
                found[texts is None, weight] = learner._denoise(labels, texts, options)(x, 30.0).clean
    assert torch.equal(found[True, 1.0], found[True, 3.0])
    assert not torch.allclose(found[False, 1.0], found[False, 3.0])


def test_that_a_label_is_guided_alike_whatever_stands_beside_it() -> None:
    learner, x, labels = stirred_learner(), 30 * torch.randn(2, 3, 16, 16), torch.tensor([0, 2])
    options = DiffusionSampling(guidance=3.0, guide_below=5.0, clip=False)
    with torch.no_grad():
        alone = learner._denoise(labels, None, options)(x, 30.0).clean
        beside = learner._denoise(labels, ["a ring", ""], options)(x, 30.0).clean
    torch.testing.assert_close(beside[1], alone[1])
    assert not torch.allclose(beside[0], alone[0])


def test_that_a_twin_is_told_words_and_none_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    learner, source = learner_of(quick=0.5, batch_size=8), source_of()
    told: list[bool] = []

    def denoise(_labels: Tensor | None, texts: Sequence[str], _options: DiffusionSampling) -> Denoise:
        told.append(texts != [""])
        return lambda x, _sigma: Guess(x, None)

    monkeypatch.setattr(learner, "_denoise", denoise)
    assert learner.quick is not None
    for step in range(3):
        learner._quick_step(source.batch(learner.quick.first + 8 * step))
    assert told[0] == told[2] != told[1]


def test_that_other_words_draw_other_pictures_with_labels_and_without() -> None:
    learner = stirred_learner()
    assert not torch.equal(drawn(learner, ["a ring"] * 2), drawn(learner, ["a disc"] * 2))
    by_both = [drawn(learner, ["a ring"] * 2, labels) for labels in ([0, 0], [1, 1])]
    assert not torch.equal(*by_both)


def test_that_noise_leans_to_no_label_where_words_say_what_to_draw() -> None:
    learner = learner_of()
    noise = torch.randn(3, 3, 16, 16)
    found = learner._labels(noise, None, ["a ring", "", " "])
    leaning = learner._labels(noise, None, None)
    assert found is not None and leaning is not None
    assert found.tolist() == [-1, *leaning[1:].tolist()]
    given = learner._labels(noise, torch.tensor([2, 1, -1]), ["a ring", "a ring", ""])
    assert given is not None and given.tolist() == [2, 1, int(leaning[2])]


def test_that_texts_are_left_out_as_often_as_it_is_said() -> None:
    learner = learner_of(label_dropout=0.25)
    condition = Condition(torch.zeros(4000, dtype=torch.int64), torch.zeros(4000, 1, 1), torch.ones(4000, 1).bool())
    batch = Batch(torch.zeros(0), torch.zeros(4000, 0), None, torch.arange(4000), 0, torch.Generator().manual_seed(0))
    left = learner._forgetful(condition, batch)
    assert left.known is not None and left.labels is not None
    assert float((~left.known).float().mean()) == pytest.approx(0.25, abs=0.03)
    assert float((left.labels < 0).float().mean()) == pytest.approx(0.5, abs=0.03)
    assert bool(((left.labels < 0) & ~left.known[:, 0]).any())


# ---- Guidance by how well words fit


def test_that_the_push_of_words_is_the_gradient_of_their_fit() -> None:
    """Against the derivative written out: D(x) = x / 2 + a, look(x) · w with a linear look of length 1."""

    class Half(nn.Module):
        def forward(self, x: Tensor, log_sigma: Tensor, condition: Condition) -> Tensor:
            return 0.5 * x + 0.25

    denoiser = Denoiser(Half(), "clean", low=1e-3, high=1e3)
    towards = torch.randn(2, 3, 4, 4)

    def fit(clean: Tensor) -> Tensor:
        seen = nn.functional.normalize(clean.flatten(1), dim=1)
        return (seen * towards.flatten(1)).sum(1)

    x, sigma, weight = torch.randn(2, 3, 4, 4), 1.5, 3.0
    shrunk = 1 / (1 + sigma**2) ** 0.5
    clean = 0.5 * shrunk * x + 0.25
    fitting = fit_of_guess(denoiser, Condition(), fit)
    found = with_classifier(plain(denoiser, Condition()), fitting, weight, EVERYWHERE)(x, sigma).clean
    flat, wanted = clean.flatten(1), towards.flatten(1)
    length = flat.norm(dim=1, keepdim=True)
    slope = wanted / length - (flat * wanted).sum(1, keepdim=True) * flat / length**3  # of the fit, at the guess
    expected = clean + weight * sigma**2 * 0.5 * shrunk * slope.view_as(clean)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


def test_that_words_that_pull_make_pictures_fit_better() -> None:
    learner = trained(10)
    assert learner.reader is not None
    told = ["a ring", "a disc"]
    whole = learner.reader.read(told, torch.device("cpu")).whole
    fits = [float(learner.reader.fit(drawn(learner, told, words_weight=weight), whole).mean()) for weight in (0, 20)]
    assert fits[1] > fits[0] + 0.02


# ---- What a run can do


def test_that_a_run_draws_by_words_only_where_it_learned_them() -> None:
    def able(spec: DataSpec, **knobs: Any) -> frozenset[Ability]:
        return FAMILY.able(DiffusionConfig(**knobs), spec)

    assert Ability.TEXT_CONDITION not in able(SPEC)
    assert Ability.TEXT_CONDITION not in able(PLAIN, words="run")
    assert Ability.TEXT_CONDITION in able(SPEC, words="run")
    assert Ability.CLASS_CONDITION in able(SPEC)
    assert Ability.CLASS_CONDITION not in able(SPEC, by_label=False)
    assert Ability.CLASS_CONDITION not in able(SPEC.without_labels())


def test_that_what_cannot_teach_words_is_refused() -> None:
    config = DiffusionConfig(words="match-text")
    with pytest.raises(FamilyError, match="no captions"):
        reader_of(config, PLAIN, StandIns(PLAIN))
    with pytest.raises(FamilyError, match="does not read"):
        reader_of(DiffusionConfig(words="encode"), SPEC, StandIns(SPEC))
    assert reader_of(DiffusionConfig(), PLAIN, StandIns(PLAIN)) is None
    assert isinstance(reader_of(config, SPEC, StandIns(SPEC)), Reader)


# ---- Made-up pictures with captions: a colour and a shape

COLOURS = {"red": (230, 40, 40), "green": (40, 200, 60), "blue": (50, 80, 240)}
SHAPES = ("square", "cross")


def made(colour: str, shape: str, shift: int) -> NDArray[np.uint8]:
    """A figure of a colour on black, uint8 (3, 8, 8)."""
    picture = np.zeros((3, 8, 8), dtype=np.uint8)
    ink = np.array(COLOURS[colour], dtype=np.uint8)[:, None, None]
    if shape == "square":
        picture[:, 1:7, 1 + shift : 6 + shift] = ink
    else:
        picture[:, :, 3 + shift : 5 + shift] = ink
        picture[:, 3:5, :] = ink
    return picture


def captioned(without: tuple[str, str] | None = None) -> ImageDataset:
    pairs = [pair for pair in itertools.product(COLOURS, SHAPES) if pair != without]
    each = [(*pair, shift) for pair in pairs for shift in (0, 1)]
    return ImageDataset.in_memory(
        np.stack([made(*one) for one in each]), captions=[f"{colour} {shape}" for colour, shape, _ in each]
    )


def recognised(picture: Tensor) -> tuple[str, str]:
    """The colour whose ink is nearest to what is bright, and whether the corners of a square's place are bright."""
    levels = (picture + 1) * 127.5
    bright = levels.amax(0) > 100
    mean = levels[:, bright].mean(1)
    colour = min(COLOURS, key=lambda name: float((mean - torch.tensor(COLOURS[name])).abs().sum()))
    corners = bright[1:3, 1:7].float().mean() + bright[5:7, 1:7].float().mean()
    return colour, "square" if float(corners) > 1.1 else "cross"


def test_that_the_rule_recognises_what_is_made() -> None:
    for colour, shape, shift in itertools.product(COLOURS, SHAPES, (0, 1)):
        picture = torch.from_numpy(made(colour, shape, shift)).float() / 127.5 - 1
        assert recognised(picture) == (colour, shape)


@pytest.mark.parametrize(
    "knobs",
    [
        pytest.param({"patch": 1, "width": 8}, id="unet"),
        pytest.param({"network": "transformer", "patch": 2, "width": 12}, id="transformer", marks=pytest.mark.slow),
    ],
)
def test_that_what_is_asked_for_in_words_is_drawn(knobs: dict[str, Any]) -> None:
    dataset = captioned()
    torch.manual_seed(0)
    steps = 260
    config = DiffusionConfig(
        **{"width": 16, **knobs}, batch_size=12, images=12 * steps, augment=0.0, dropout=0.0, learning_rate=4e-3
    )
    learner = DiffusionLearner(config, dataset.spec, Reader(StandInReader(dataset.spec))).train()
    source = BatchSource(dataset, np.arange(len(dataset)), batch_size=12, seed=0, device="cpu")
    for step in range(steps):
        learner.step(source.batch(12 * step))
    asked = list(itertools.product(COLOURS, SHAPES)) * 2
    pictures = drawn(learner, [" ".join(pair) for pair in asked], steps=12)
    right = [recognised(picture) == pair for picture, pair in zip(pictures, asked, strict=True)]
    assert sum(right) >= 11  # of 12; by chance it would be 2
