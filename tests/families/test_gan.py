"""The GAN's learner: every combination learns, each option does what it says, latents lead where they should."""

import itertools
import math
from typing import get_args

import pytest
import torch
from torch import Tensor

from genstudio.core.spec import DataSpec
from genstudio.data.batches import Batch
from genstudio.training.checkpoint import learner_tensors, load_learner_tensors
from genstudio.training.guard import Guard
from genstudio.training.learner import SampleRequest
from genstudio.training.noise import Noise
from genstudio.training.previews import evaluating
from genstudio_gan import FAMILY
from genstudio_gan.config import Architecture, GanConfig, GanSampling, Loss
from genstudio_gan.model import GanLearner

SIZE, EDGE, CLASSES = 6, 8, 3
SERIES = {series.name for series in FAMILY.series}


def learner(seed: int = 0, **changes: object) -> GanLearner:
    torch.manual_seed(seed)
    config = GanConfig().replaced({"batch_size": SIZE, "width": 4, "latents": 5, "images": 600, **changes})
    spec = DataSpec(count=1, channels=3, height=EDGE, width=EDGE, classes=("bar", "disc", "ring"))
    return GanLearner(config, spec).train()


def batch(step: int = 0, *, labelled: bool = True) -> Batch:
    noise = torch.Generator().manual_seed(100 + step)
    images = torch.rand(SIZE, 3, EDGE, EDGE, generator=noise) * 2 - 1
    labels = torch.arange(SIZE) % CLASSES if labelled else None
    return Batch(images.to(torch.uint8), images, labels, torch.arange(SIZE), step * SIZE, noise)


def train(gan: GanLearner, steps: range) -> list[dict[str, float]]:
    guard = Guard(gan, steps.start * SIZE, torch.device("cpu"))
    return [{name: float(value) for name, value in guard.step(batch(step), SIZE).items()} for step in steps]


def state(gan: GanLearner) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in learner_tensors(gan).items()}


def request(count: int = 4, *, label: int | None = None, truncation: float = 1.0) -> SampleRequest:
    labels = None if label is None else torch.full((count,), label)
    return SampleRequest(Noise(3, range(count)), labels, GanSampling(truncation=truncation))


COMBINATIONS = list(itertools.product(get_args(Architecture), get_args(Loss)))


@pytest.mark.parametrize(("architecture", "loss"), COMBINATIONS)
@pytest.mark.parametrize("labels", ["projection", "concatenation", "none"])
def test_that_every_combination_learns_draws_and_goes_on_to_the_bit(architecture: str, loss: str, labels: str) -> None:
    choice: dict[str, object] = {
        "architecture": architecture,
        "loss": loss,
        "labels": labels,
        "penalty_every": 2,
        "critic_steps": 2,
    }
    straight, begun, resumed = (learner(seed, **choice) for seed in (0, 0, 1))
    reported = train(straight, range(4))
    assert all(set(values) == SERIES for values in reported)
    assert all(math.isfinite(value) for values in reported for value in values.values())
    train(begun, range(2))
    load_learner_tensors(resumed, state(begun))
    train(resumed, range(2, 4))
    for (name, one), other in zip(state(straight).items(), state(resumed).values(), strict=True):
        assert torch.equal(one, other), name
    with evaluating(straight):
        drawn = straight.sample(request())
    assert drawn.shape == (4, 3, EDGE, EDGE)
    assert float(drawn.abs().max()) <= 1


OPTIONS: list[dict[str, object]] = [
    {"smoothing": 0.2}, {"noise": 0.5}, {"mirror": True}, {"batch_spread": True},
    {"spectral_norm": True}, {"augment": "fixed", "augment_turn": True}, {"critic_steps": 3},
    {"momentum": 0.5}, {"r2": 0.5}, {"variety": 0.0},
    {"penalty_every": 1}, {"discriminator_rate": 1e-3},
]  # fmt: skip


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: " ".join(option))
def test_that_every_option_changes_what_is_learned(option: dict[str, object]) -> None:
    plain, changed = learner(), learner(0, **option)
    train(plain, range(3)), train(changed, range(3))
    one, other = (gan.generator.state_dict() for gan in (plain, changed))
    assert one.keys() != other.keys() or any(not torch.equal(one[name], other[name]) for name in one)


def test_that_the_generator_waits_for_the_critic() -> None:
    gan = learner(critic_steps=3)
    train(gan, range(1))
    before = [[weight.detach().clone() for weight in net.parameters()] for net in (gan.generator, gan.discriminator)]
    train(gan, range(1, 3))
    assert all(torch.equal(one, other) for one, other in zip(before[0], gan.generator.parameters(), strict=True))
    assert not all(
        torch.equal(one, other) for one, other in zip(before[1], gan.discriminator.parameters(), strict=True)
    )


def test_that_a_resting_discriminator_does_not_change() -> None:
    gan = learner(rest_above=0.5)
    gan.success.fill_(0.9)
    before = state(gan)
    train(gan, range(1))
    after = state(gan)
    assert all(torch.equal(after[name], before[name]) for name in before if name.startswith("model/discriminator."))
    assert not all(torch.equal(after[name], before[name]) for name in before if name.startswith("model/generator."))


def test_that_clipped_weights_stay_in_their_range() -> None:
    gan = learner(loss="wgan-clip", clip=0.03)
    train(gan, range(3))
    assert all(float(weight.detach().abs().max()) <= 0.03 for weight in gan.discriminator.parameters())


def test_that_lazy_penalties_weigh_as_much_as_those_at_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """One step in four, weighted four times: the same slope in the mean over four steps of the same batch."""

    def total(every: int) -> Tensor:
        gan = learner(penalty_every=every, augment="none")
        losses: list[Tensor] = []

        def step(loss: Tensor, images_seen: int) -> Tensor:
            losses.append(loss)
            return torch.zeros(())

        monkeypatch.setattr(gan.discriminator_updater, "step", step)
        for number in range(4):
            real = batch().images
            gan._teach_discriminator(batch(), real, -real, number)
        return torch.stack(losses).sum().detach()

    assert torch.allclose(total(1), total(4), rtol=1e-5)


def test_that_latents_hold_the_label_and_decoding_needs_nothing_else() -> None:
    gan = learner()
    train(gan, range(3))
    with evaluating(gan):
        latents = gan.draw_latents(request(label=1))
        assert latents.shape == (4, 5 + CLASSES)
        assert latents[:, 5:].tolist() == [[0.0, 1.0, 0.0]] * 4
        assert torch.equal(gan.decode(latents, request(label=2)), gan.sample(request(label=1)))


def test_that_truncation_brings_latents_nearer_to_the_middle() -> None:
    gan = learner()
    whole, half = (gan.draw_latents(request(label=0, truncation=share)) for share in (1.0, 0.5))
    assert torch.allclose(half[:, :5], whole[:, :5] / 2)
    with evaluating(gan):
        middle = gan.sample(request(truncation=0.0, label=0))
    assert torch.equal(middle[0], middle[1])


def test_that_a_drawn_picture_is_found_again() -> None:
    gan = learner(width=8)
    train(gan, range(60))
    with evaluating(gan):
        pictures = gan.sample(request())
        found = gan.encode(pictures)
        again = gan.decode(found, request())
        others = gan.sample(SampleRequest(Noise(9, range(4)), None, GanSampling()))
        assert torch.equal(found, gan.encode(pictures))
    error, by_chance = ((picture - pictures).square().mean() for picture in (again, others))
    assert float(error) < 0.2 * float(by_chance)


def test_that_looking_for_a_picture_leaves_no_trace() -> None:
    gan = learner()
    train(gan, range(2))
    before = state(gan)
    with evaluating(gan):
        gan.encode(batch().images)
    assert all(torch.equal(tensor, before[name]) for name, tensor in state(gan).items())
    assert all(parameter.grad is None for parameter in gan.parameters())


def test_that_held_out_figures_say_what_the_discriminator_makes_of_new_pictures() -> None:
    gan = learner()
    train(gan, range(2))
    with evaluating(gan):
        figures = gan.evaluate(batch(50))
    assert set(figures) <= SERIES
    assert all(values.shape == (SIZE,) for values in figures.values())
    assert set(figures["real_right"].tolist()) <= {0.0, 1.0}


def test_that_twins_have_no_diversity_and_the_same_pictures_no_distance() -> None:
    from genstudio_gan.figures import distance, diversity, small

    real = small(torch.rand(40, 3, 16, 16, generator=torch.Generator().manual_seed(0)) * 2 - 1)
    noise = torch.Generator().manual_seed(1)
    assert float(diversity(real, real[:4].repeat(10, 1))) == pytest.approx(0.0, abs=1e-3)
    assert float(diversity(real, real)) == pytest.approx(1.0)
    assert float(distance(real, real.flip(0), noise)) == pytest.approx(0.0, abs=1e-4)
    assert float(distance(real, real + 0.1, noise)) == pytest.approx(0.1 * 127.5, rel=0.3)


def test_that_the_presets_are_known_to_the_doctor_and_hold_slopes_in_check() -> None:
    for config in FAMILY.presets.values():
        assert isinstance(config, GanConfig)
        assert config.r1 > 0
        assert config.augment == "adaptive"
