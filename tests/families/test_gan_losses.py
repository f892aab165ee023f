"""Losses and penalties of adversarial networks against closed forms, and against autograd by hand."""

import math

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from genstudio.nn.adversarial import LOSSES, between, slope_penalty, squared_slopes
from genstudio.training.updater import Updater
from genstudio_gan.networks import mlp
from tests.families.gan_points import grid, play, ring

REAL, FAKE = torch.tensor([0.1, 0.2, 0.3, 0.4]), torch.tensor([0.4, 0.1, 0.4, 0.1])  # two distributions on four points


def best_discriminator(name: str) -> Tensor:
    """Numbers for the four points that lower the discriminator's loss as far as it goes, found by descent."""
    said = nn.Parameter(torch.zeros(4, dtype=torch.float64))
    optimiser = torch.optim.LBFGS([said], max_iter=200, tolerance_grad=1e-12, line_search_fn="strong_wolfe")

    def value() -> Tensor:
        optimiser.zero_grad()
        each = LOSSES[name].discriminator
        nothing = torch.zeros_like(said)
        at_zero = each(nothing, nothing, 0.0)
        # Each loss is a part of r plus a part of f (the relativistic one is not, and is looked at elsewhere).
        loss = (REAL * (each(said, nothing, 0.0) - at_zero / 2) + FAKE * (each(nothing, said, 0.0) - at_zero / 2)).sum()
        loss.backward()  # type: ignore[no-untyped-call] # torch's own
        return loss

    optimiser.step(value)  # type: ignore[no-untyped-call] # torch's own
    return said.detach()


def test_that_the_best_discriminator_knows_the_ratio_of_the_densities() -> None:
    """D* = p / (p + q) (Goodfellow et al. 2014, proposition 1), for cross-entropy and for squares."""
    share = (REAL / (REAL + FAKE)).double()
    assert torch.allclose(torch.sigmoid(best_discriminator("minimax")), share, atol=1e-5)
    assert torch.allclose(best_discriminator("lsgan"), share, atol=1e-5)


def test_that_the_minimax_value_is_the_jensen_shannon_divergence() -> None:
    """V(D*, G) = 2 JSD - 2 log 2 (theorem 1)."""
    said = best_discriminator("minimax").float()
    value = -(REAL * nn.functional.softplus(-said) + FAKE * nn.functional.softplus(said)).sum()
    middle = (REAL + FAKE) / 2
    divergence = 0.5 * ((REAL * (REAL / middle).log()).sum() + (FAKE * (FAKE / middle).log()).sum())
    assert math.isclose(float(value), float(2 * divergence - 2 * math.log(2)), abs_tol=1e-5)


def test_that_minimax_stops_telling_the_generator_anything_when_the_discriminator_is_sure() -> None:
    slopes = {}
    for name in ("minimax", "non-saturating"):
        said = torch.tensor([-10.0], requires_grad=True)
        LOSSES[name].generator(said, said.detach()).sum().backward()  # type: ignore[no-untyped-call] # torch's own
        assert said.grad is not None
        slopes[name] = float(said.grad)
    assert abs(slopes["minimax"]) < 1e-4 < 0.9 < abs(slopes["non-saturating"])


@pytest.mark.parametrize("name", LOSSES)
def test_that_both_sides_of_every_loss_pull_opposite_ways(name: str) -> None:
    real, fake = torch.randn(2, 16, generator=torch.Generator().manual_seed(0)).requires_grad_(True)
    (to_real, to_fake) = torch.autograd.grad(LOSSES[name].discriminator(real, fake, 0.0).sum(), (real, fake))
    (wish,) = torch.autograd.grad(LOSSES[name].generator(fake, real.detach()).sum(), fake)
    assert (to_real <= 0).all() or name == "lsgan"
    assert (to_fake >= 0).all() or name == "lsgan"
    assert (wish <= 0).all() or name == "lsgan"
    assert LOSSES[name].discriminator(real, fake, 0.0).shape == (16,)


def test_that_smoothing_makes_certainty_cost_something() -> None:
    sure, fake = torch.tensor([20.0]), torch.tensor([-20.0])
    assert float(LOSSES["non-saturating"].discriminator(sure, fake, 0.0)) < 1e-6
    assert float(LOSSES["non-saturating"].discriminator(sure, fake, 0.1)) > 1.9


def critic_and_points() -> tuple[nn.Module, Tensor]:
    torch.manual_seed(0)
    critic = nn.Sequential(nn.Conv2d(2, 3, 3), nn.Tanh(), nn.Flatten(), nn.Linear(3 * 4 * 4, 1)).double()
    return critic, torch.randn(5, 2, 6, 6, dtype=torch.float64)


def slopes_by_hand(critic: nn.Module, points: Tensor) -> Tensor:
    """The norm of each example's own slope, one example at a time."""
    norms = []
    for point in points:
        alone = point[None].clone().requires_grad_(True)
        (slope,) = torch.autograd.grad(critic(alone).squeeze(), alone, create_graph=True)
        norms.append(slope.square().sum().sqrt())
    return torch.stack(norms)


def test_that_the_penalty_is_that_of_each_example_alone() -> None:
    critic, points = critic_and_points()
    inputs = points.clone().requires_grad_(True)
    found = slope_penalty(critic(inputs)[:, 0], inputs)
    assert torch.allclose(found, (slopes_by_hand(critic, points) - 1).square(), atol=1e-9)


def test_that_r1_and_r2_are_the_squared_slopes_and_teach_the_weights_the_same() -> None:
    critic, points = critic_and_points()
    inputs = points.clone().requires_grad_(True)
    found, expected = squared_slopes(critic(inputs)[:, 0], inputs), slopes_by_hand(critic, points).square()
    assert torch.allclose(found, expected, atol=1e-12)
    weights = [weight for weight in critic.parameters() if weight.ndim > 1]
    for one, other in zip(
        torch.autograd.grad(found.mean(), weights), torch.autograd.grad(expected.mean(), weights), strict=True
    ):
        assert torch.allclose(one, other, atol=1e-12)


def test_that_the_slope_of_a_linear_critic_is_its_weight() -> None:
    weight = torch.tensor([3.0, 4.0])
    points = torch.randn(7, 2).requires_grad_(True)
    assert torch.allclose(squared_slopes(points @ weight, points), torch.full((7,), 25.0))
    assert torch.allclose(slope_penalty(points @ weight, points), torch.full((7,), 16.0), atol=1e-4)


def test_that_points_between_lie_on_the_line_and_each_has_a_share_of_its_own() -> None:
    real, fake = torch.zeros(3, 2, 2), torch.ones(3, 2, 2)
    mixed = between(real, fake, torch.tensor([0.0, 0.25, 1.0]))
    assert mixed.requires_grad
    assert mixed.detach().flatten(1).tolist() == [[0.0] * 4, [0.25] * 4, [1.0] * 4]


def test_that_spectral_normalisation_divides_by_the_largest_singular_value() -> None:
    torch.manual_seed(0)
    layer = nn.Conv2d(3, 8, 3)
    largest = torch.linalg.svdvals(layer.weight.detach().flatten(1))[0]
    original = layer.weight.detach().clone()
    spectral_norm(layer)
    for _ in range(50):
        layer(torch.zeros(1, 3, 3, 3))
    held = layer.weight.detach()
    assert torch.allclose(held, original / largest, atol=1e-4)
    assert math.isclose(float(torch.linalg.svdvals(held.flatten(1))[0]), 1.0, abs_tol=1e-4)


@pytest.mark.parametrize("apart", [0.5, 2.0])
def test_that_the_penalised_critic_measures_the_wasserstein_distance(apart: float) -> None:
    """In one dimension, W₁ of a distribution and its copy shifted by w is w.

    The penalty lets the slope exceed 1 a little, to 1 + w / 2λ, which is where w² / 2λ more come from.
    """
    torch.manual_seed(0)
    noise, strength = torch.Generator().manual_seed(0), 10.0
    critic = mlp([1, 32, 32, 1])
    updater = Updater(critic, lr=3e-3, betas=(0.0, 0.9), schedule=lambda step: 1 - 0.9 * step / 500)
    estimates = []
    for step in range(500):
        real = torch.randn(128, 1, generator=noise)
        fake = torch.randn(128, 1, generator=noise) - apart
        mixed = between(real, fake, torch.rand(128, generator=noise))
        value = LOSSES["wgan-gp"].discriminator(critic(real)[:, 0], critic(fake)[:, 0], 0.0).mean()
        updater.step(value + strength * slope_penalty(critic(mixed)[:, 0], mixed).mean(), step)
        estimates.append(-float(value.detach()))
    estimate = sum(estimates[-100:]) / 100
    assert estimate == pytest.approx(apart * (1 + apart / (2 * strength)), rel=0.1, abs=0.03)


def test_that_the_relativistic_loss_finds_all_eight_modes_of_the_ring() -> None:
    modes, good = play("relativistic", ring(), seed=0, steps=1200)
    assert modes == 8
    assert good > 0.45


@pytest.mark.slow
@pytest.mark.parametrize("name", ["relativistic", "non-saturating", "hinge", "wgan-gp"])
def test_that_the_steady_losses_find_most_modes_of_the_grid(name: str) -> None:
    modes, good = play(name, grid(), seed=0, steps=1500)
    assert modes >= 15
    assert good > 0.25
