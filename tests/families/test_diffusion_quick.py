"""Few steps: a twin learns where known flows lead, and draws in one to four steps."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from genstudio.core.errors import FamilyError
from genstudio.core.spec import DataSpec
from genstudio.data.batches import Batch
from genstudio.data.source import BatchSource
from genstudio.testing.pictures import made_for
from genstudio.training.checkpoint import learner_tensors, load_learner_tensors
from genstudio.training.learner import CompletionRequest, RestyleRequest, SampleRequest
from genstudio.training.noise import Noise
from genstudio.training.previews import evaluating
from genstudio.training.updater import Updater
from genstudio_diffusion import samplers
from genstudio_diffusion.condition import Condition
from genstudio_diffusion.config import DiffusionConfig, DiffusionSampling
from genstudio_diffusion.denoiser import Denoiser
from genstudio_diffusion.guidance import plain
from genstudio_diffusion.levels import flow_levels, karras_levels
from genstudio_diffusion.model import DiffusionLearner
from genstudio_diffusion.quick import POINTS, miss, repeated, ways
from tests.families.gaussians import Mixture, normal, sliced_distance


class Small(nn.Module):
    """A network for points of the plane."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(6, 96), nn.SiLU(), nn.Linear(96, 96), nn.SiLU(), nn.Linear(96, 96))
        self.last = nn.Sequential(nn.SiLU(), nn.Linear(96, 2))

    def forward(self, x: Tensor, log_sigma: Tensor, condition: Condition) -> Tensor:
        told = torch.stack([log_sigma, log_sigma.sin(), log_sigma.cos(), (2 * log_sigma).sin()], 1)
        out: Tensor = self.last(self.layers(torch.cat([x.flatten(1), told], 1)))
        return out.view(x.shape)


FINE = flow_levels(16)


def unheard(done: int, clean: Tensor) -> None:
    pass


def taught(mixture: Mixture, steps: int = 400, count: int = 40) -> Denoiser:
    """A twin that has learned from the best denoiser of a mixture."""
    torch.manual_seed(0)
    made = Denoiser(Small(), "flow", low=0.02, high=80.0)
    updater = Updater(made, lr=6e-3, clip=1.0, schedule=lambda seen: 0.5 + 0.5 * math.cos(math.pi * seen / steps))
    generator = torch.Generator().manual_seed(1)
    for step in range(steps):
        noise = torch.randn(count, 2, 1, 1, generator=generator)
        updater.step(miss(made, *ways(mixture.denoise, noise, FINE), Condition(), FINE)[0], step)
    return made.eval()


@pytest.fixture(scope="module")
def three() -> Mixture:
    angles = torch.arange(3, dtype=torch.float32) * 2 * math.pi / 3
    return Mixture(torch.stack([angles.cos(), angles.sin()], 1), 0.25)


@pytest.fixture(scope="module")
def jumper(three: Mixture) -> Denoiser:
    return taught(three)


def test_that_a_twin_knows_where_the_flow_leads(three: Mixture, jumper: Denoiser) -> None:
    """From every level it learned at; the denoiser itself guesses the middle of all that may be meant."""
    points, ends = ways(three.denoise, normal(3, 2000, 2, 1, 1).float(), FINE)
    one = plain(jumper, Condition())
    for level, at in zip(FINE, points, strict=False):
        with torch.no_grad():
            apart = float((one(at, level).clean - ends).square().mean().sqrt())
        assert apart < 0.12
    assert float((three.denoise(points[0], FINE[0]).clean - ends).square().mean().sqrt()) > 0.7


def test_that_ways_end_where_the_flow_does(three: Mixture) -> None:
    noise = normal(4, 500, 2, 1, 1).float()
    _, ends = ways(three.denoise, noise, flow_levels(400))
    levels = karras_levels(400)
    exact = samplers.heun(three.denoise, levels[0] * noise, levels, unheard)
    assert float((ends - exact).abs().mean()) < 0.01


@pytest.mark.parametrize("steps", [1, 2, 4])
def test_that_a_twin_draws_a_mixture_in_few_steps(three: Mixture, jumper: Denoiser, steps: int) -> None:
    generator, levels = torch.Generator().manual_seed(5), flow_levels(steps)
    true, start = three.draw(4000, 6).double(), levels[0] * normal(7, 4000, 2, 1, 1).float()

    def fresh() -> Tensor:
        return torch.randn(start.shape, generator=generator)

    with torch.no_grad():
        drawn = samplers.jumps(plain(jumper, Condition()), start, levels, unheard, fresh=fresh)
    without = samplers.euler(three.denoise, start, levels, unheard)
    assert sliced_distance(drawn.double(), true) < 0.06
    assert sliced_distance(without.double(), true) > 0.1


# ---- In a learner

SPEC = DataSpec(count=24, channels=3, height=8, width=8, classes=("bar", "disc", "ring"))
BATCH, IMAGES = 16, 160
FIRST = 80  # where the second half begins


def learner_of(**knobs: Any) -> DiffusionLearner:
    torch.manual_seed(0)
    chosen = {"width": 8, "batch_size": BATCH, "images": IMAGES, "quick": 0.5, **knobs}
    return DiffusionLearner(DiffusionConfig(**chosen), SPEC)


def batch_at(images_seen: int) -> Batch:
    return BatchSource(made_for(SPEC), np.arange(24), batch_size=BATCH, seed=0, device="cpu").batch(images_seen)


def trained(learner: DiffusionLearner, start: int = 0, end: int = IMAGES) -> list[float]:
    learner.train()
    return [float(learner.step(batch_at(seen))["quick"]) for seen in range(start, end, BATCH)]


def request(count: int = 3, labels: Tensor | None = None, **options: Any) -> SampleRequest:
    return SampleRequest(Noise(7, range(count)), labels, DiffusionSampling(**{"sampler": "quick", **options}))


def drawn(learner: DiffusionLearner, asked: SampleRequest) -> Tensor:
    with evaluating(learner):
        return learner.sample(asked)


@pytest.fixture(scope="module")
def whole() -> DiffusionLearner:
    learner = learner_of()
    trained(learner)
    return learner


def test_that_the_twin_learns_in_the_last_share_and_begins_as_the_average() -> None:
    learner = learner_of()
    assert learner.quick is not None
    assert trained(learner, 0, FIRST) == [0.0] * 5
    before = learner.emas.long.module.state_dict()
    learner.quick.learns(FIRST, learner.emas.long.module)
    assert all(torch.equal(value, before[name]) for name, value in learner.quick.twin.state_dict().items())
    assert min(trained(learner, FIRST)) > 0


def test_that_a_run_that_goes_on_beyond_its_end_leaves_the_twin_as_it_is(whole: DiffusionLearner) -> None:
    longer = learner_of()
    load_learner_tensors(longer, {name: tensor.clone() for name, tensor in learner_tensors(whole).items()})
    assert trained(longer, IMAGES, IMAGES + 2 * BATCH) == [0.0, 0.0]
    assert longer.quick is not None and whole.quick is not None
    before = whole.quick.state_dict()
    assert all(torch.equal(value, before[name]) for name, value in longer.quick.state_dict().items())


def test_that_a_twin_changes_nothing_in_the_model_it_stands_beside(whole: DiffusionLearner) -> None:
    alone = learner_of(quick=0.0)
    assert trained(alone) == [0.0] * 10
    own = whole.state_dict()
    assert all(torch.equal(value, own[name]) for name, value in alone.state_dict().items())
    assert not any("quick" in name for name in alone.state_dict())


def test_that_a_run_goes_on_bit_by_bit_while_the_twin_learns(whole: DiffusionLearner) -> None:
    one, other = learner_of(), learner_of()
    trained(one, 0, FIRST + 2 * BATCH)
    load_learner_tensors(other, {name: tensor.clone() for name, tensor in learner_tensors(one).items()})
    trained(other, FIRST + 2 * BATCH)
    own = learner_tensors(whole)
    assert all(torch.equal(value, own[name]) for name, value in learner_tensors(other).items())


@pytest.mark.parametrize(("steps", "looks"), [(1, 1), (3, 3), (4, 4), (20, 4)])
def test_that_it_draws_with_one_look_a_step_and_four_at_most(whole: DiffusionLearner, steps: int, looks: int) -> None:
    told: list[int] = []

    def listen(done: int, total: int, pictures: Tensor | None = None, uncertainty: Tensor | None = None) -> None:
        told.append(done)
        assert total == looks and pictures is not None

    asked = request(steps=steps, labels=torch.tensor([0, 1, -1]))
    pictures = drawn(whole, SampleRequest(asked.noise, asked.labels, asked.options, listen))
    assert told == list(range(1, looks + 1))
    assert pictures.shape == (3, 3, 8, 8) and float(pictures.abs().max()) <= 1
    assert torch.equal(pictures, drawn(whole, request(steps=steps, labels=torch.tensor([0, 1, -1]))))


def test_that_it_restyles_and_completes_in_few_steps(whole: DiffusionLearner) -> None:
    images, known = torch.zeros(3, 3, 8, 8), torch.zeros(3, 8, 8, dtype=torch.bool)
    known[:, :4] = True
    with evaluating(whole):
        assert whole.restyle(RestyleRequest(request(), images, 0.5)).shape == images.shape
        completed = whole.complete(CompletionRequest(request(), images, known))
    assert torch.equal(completed[:, :, :4], images[:, :, :4])


def test_that_restyling_in_one_step_heeds_what_is_given(whole: DiffusionLearner) -> None:
    given = torch.stack([torch.full((3, 8, 8), level) for level in (-0.9, 0.9)])
    with evaluating(whole):
        noise = Noise(7, [0, 0])
        asked = SampleRequest(noise, torch.zeros(2, dtype=torch.int64), DiffusionSampling(sampler="quick", steps=1))
        drawn = whole.restyle(RestyleRequest(asked, given, 0.5))
    assert not torch.equal(drawn[0], drawn[1])


def test_that_a_model_without_a_trained_twin_says_so() -> None:
    with pytest.raises(FamilyError, match="not trained for few steps"):
        drawn(learner_of(quick=0.0), request())
    with pytest.raises(FamilyError, match="had not begun"):
        drawn(learner_of(), request())


def test_that_conditions_are_repeated_level_by_level() -> None:
    labels = torch.tensor([2, 0])
    told = repeated(Condition(labels), POINTS)
    assert told.labels is not None and torch.equal(told.labels, labels.repeat(POINTS)) and told.tokens is None
