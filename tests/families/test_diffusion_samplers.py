"""Samplers, guidance and likelihood where the best denoiser is known: mixtures of Gaussians."""

import math
from collections.abc import Callable
from functools import partial
from itertools import pairwise

import pytest
import torch
from torch import Tensor

from genstudio_diffusion import samplers
from genstudio_diffusion.condition import Condition
from genstudio_diffusion.denoiser import Denoiser, Guess
from genstudio_diffusion.guidance import Interval, keeping, with_classifier, without_classifier
from genstudio_diffusion.levels import (
    Discrete,
    LogNormal,
    discrete_levels,
    flow_levels,
    karras_levels,
    linear_alphas,
)
from genstudio_diffusion.likelihood import LOWEST, bound, flow_log_density, reconstruction
from tests.families.gaussians import Mixture, normal, ring, sliced_distance

EVERYWHERE = Interval(0.0, math.inf)
Solver = Callable[[samplers.Denoise, Tensor, list[float], samplers.Step], Tensor]


def unheard(done: int, clean: Tensor) -> None:
    pass


# ---- Solvers


def end_point(solver: Solver, steps: int, noise: Tensor) -> Tensor:
    """Where a smooth mixture's flow leads from some noise."""
    wide = Mixture(torch.tensor([[-1.0], [1.0]], dtype=torch.float64), 0.5)
    levels = karras_levels(steps, high=20.0, low=0.02)[:-1]
    return solver(wide.denoise, levels[0] * noise, levels, unheard)


@pytest.mark.parametrize(("solver", "order"), [(samplers.euler, 1.0), (samplers.heun, 2.0), (samplers.dpm_solver, 2.0)])
def test_that_errors_fall_with_the_order_of_the_solver(solver: Solver, order: float) -> None:
    noise = normal(0, 500, 1, 1, 1)
    exact = end_point(samplers.heun, 2000, noise)
    errors = [float((end_point(solver, steps, noise) - exact).abs().mean()) for steps in (40, 80, 160)]
    orders = [math.log2(one / other) for one, other in pairwise(errors)]
    assert orders == pytest.approx([order, order], abs=0.3)


@pytest.mark.parametrize(
    ("solver", "levels", "most"),
    [
        (samplers.euler, karras_levels(50), 0.02),
        (samplers.heun, karras_levels(20), 0.02),
        (samplers.dpm_solver, karras_levels(20), 0.025),
        (samplers.euler, flow_levels(10), 0.03),
        (samplers.euler, flow_levels(50), 0.015),
        (samplers.ddim, discrete_levels(linear_alphas(), 50, "trailing"), 0.02),
    ],
    ids=["Euler", "Heun", "DPM++", "flow 10", "flow 50", "DDIM"],
)
def test_that_few_steps_draw_a_ring_of_gaussians(solver: Solver, levels: list[float], most: float) -> None:
    drawn = solver(ring().denoise, levels[0] * normal(1, 8000, 2, 1, 1), levels, unheard)
    assert sliced_distance(drawn, ring().draw(8000, 2)) < most


@pytest.mark.parametrize("variance", ["small", "large"])
def test_that_ancestral_steps_draw_a_ring_of_gaussians(variance: str) -> None:
    levels = discrete_levels(linear_alphas(), 250, "trailing")
    fresh = iter(normal(4, 250, 4000, 2, 1, 1))
    start = levels[0] * normal(3, 4000, 2, 1, 1)
    drawn = samplers.ddpm(ring().denoise, start, levels, unheard, variance=variance, fresh=lambda: next(fresh))  # type: ignore[arg-type] # pytest gives a str
    assert sliced_distance(drawn, ring().draw(4000, 2)) < 0.05


def test_that_euler_ddim_and_the_straight_flow_take_the_same_step() -> None:
    x, now, then = 3 * normal(5, 10, 2, 1, 1), 3.0, 1.5
    clean = ring().denoise(x, now).clean
    euler = samplers.euler(ring().denoise, x, [now, then], unheard)
    torch.testing.assert_close(samplers.ddim(ring().denoise, x, [now, then], unheard), euler)
    slope = (x - clean) / now  # equation 4 of Karras et al.
    torch.testing.assert_close(x + (then - now) * slope, euler)
    t, t_then = now / (1 + now), then / (1 + then)
    velocity = (x - clean) / now - clean
    torch.testing.assert_close(((1 - t) * x + (t_then - t) * velocity) / (1 - t_then), euler)


def test_that_every_step_is_told_with_the_guess() -> None:
    heard: list[int] = []
    levels = karras_levels(7)

    def listen(done: int, clean: Tensor) -> None:
        heard.append(done)

    for solver in (samplers.euler, samplers.heun, samplers.dpm_solver):
        heard.clear()
        solver(ring().denoise, levels[0] * normal(0, 2, 2, 1, 1), levels, listen)
        assert heard == list(range(1, 8))


def test_that_inverting_undoes_drawing() -> None:
    wide = Mixture(torch.tensor([[-1.0], [1.0]], dtype=torch.float64), 0.5)
    levels = karras_levels(100)
    noise = normal(6, 50, 1, 1, 1)
    drawn = samplers.heun(wide.denoise, levels[0] * noise, levels, unheard)
    torch.testing.assert_close(samplers.inverted(wide.denoise, drawn, levels), noise, rtol=0, atol=0.01)


def test_that_drawing_ends_where_training_seldom_looked() -> None:
    """A denoiser that takes nothing away below a level leaves the points as noisy as they come there."""
    levels = LogNormal(0.0, 1.0)
    seldom = levels.at(torch.linspace(0, 0.999, 1000)) < levels.last
    assert float(seldom.float().mean()) == pytest.approx(0.01, abs=0.002)
    assert LogNormal(5.0, 0.1).last < 80 and Discrete(linear_alphas()).last == pytest.approx(0.01, abs=0.001)

    def blind(x: Tensor, sigma: float) -> Guess:
        return ring().denoise(x, sigma) if sigma > 0.99 * levels.last else Guess(x, None)

    apart = []
    for visited in (karras_levels(20), karras_levels(20, low=levels.last)):
        drawn = samplers.dpm_solver(blind, visited[0] * normal(1, 8000, 2, 1, 1), visited, unheard)
        radius = drawn.flatten(1).norm(dim=1)
        apart.append(float(radius.std()))
    assert apart[0] > 0.07 > 0.05 > apart[1]  # the points' own radii vary by 0.05


def test_that_repainting_draws_what_is_likely_beside_what_is_known() -> None:
    """Two pixels that are always alike: where one is known, the other follows."""
    pair = Mixture(torch.tensor([[-1.0, -1.0], [1.0, 1.0]], dtype=torch.float64), 0.05)
    images = torch.full((400, 2, 1, 1), 1.0, dtype=torch.float64)
    known = torch.tensor([True, False]).view(1, 2, 1, 1)
    levels = karras_levels(20)
    generator = torch.Generator().manual_seed(0)

    def fresh() -> Tensor:
        return torch.randn(images.shape, generator=generator, dtype=torch.float64)

    start = levels[0] * fresh()
    keeps = keeping(pair.denoise, lambda guess: torch.where(known, images, guess), levels[-2])
    drawn = samplers.repaint(keeps, start, levels, unheard, 4, fresh)
    assert float((drawn[:, 1] > 0.7).double().mean()) > 0.97


# ---- Guidance


TWO = Mixture(torch.tensor([[-1.0], [1.0]], dtype=torch.float64), 0.3)
LABELS = torch.tensor([0, 1, 1, 0])


def log_probability(x: Tensor, sigma: Tensor) -> Tensor:
    return TWO.posterior(x, sigma).gather(1, LABELS[:, None])[:, 0]


@pytest.mark.parametrize("sigma", [0.1, 1.0, 10.0])
def test_that_the_gradient_of_the_true_posterior_makes_the_conditional_denoiser(sigma: float) -> None:
    x = sigma * normal(7, 4, 1, 1, 1)
    guided = with_classifier(TWO.denoise, log_probability, 1.0, EVERYWHERE)(x, sigma).clean
    torch.testing.assert_close(guided, TWO.component(x, sigma, LABELS))


def test_that_the_weight_of_a_classifier_shifts_the_mass() -> None:
    levels, noise = karras_levels(40), normal(8, 3000, 1, 1, 1)

    def to_the_right(x: Tensor, sigma: Tensor) -> Tensor:
        return TWO.posterior(x, sigma)[:, 1]

    shares = []
    for weight in (0.0, 1.0, 3.0):
        denoise = with_classifier(TWO.denoise, to_the_right, weight, EVERYWHERE)
        drawn = samplers.heun(denoise, levels[0] * noise, levels, unheard)
        shares.append((float((drawn > 0).double().mean()), float(drawn.mean())))
    assert shares[0][0] == pytest.approx(0.5, abs=0.03)
    assert shares[1] == pytest.approx((1.0, 1.0), abs=0.02)
    assert shares[2][1] > shares[1][1]


def test_that_a_classifier_outside_its_interval_does_nothing() -> None:
    x = normal(7, 4, 1, 1, 1)
    for sigma, inside in ((0.5, True), (0.1, False), (3.0, False)):
        guided = with_classifier(TWO.denoise, log_probability, 5.0, Interval(0.2, 2.0))(x, sigma).clean
        assert torch.equal(guided, TWO.denoise(x, sigma).clean) is not inside


class Told(Denoiser):
    """A denoiser that guesses the number of its label."""

    def __init__(self) -> None:
        super().__init__(torch.nn.Identity(), "clean", low=0.1, high=10.0)
        self.asked = 0

    def guess(self, x: Tensor, sigma: Tensor, condition: Condition) -> Guess:
        assert condition.labels is not None
        self.asked += len(x)
        return Guess(condition.labels.view(-1, 1, 1, 1).to(x).expand_as(x), None)


@pytest.mark.parametrize(("weight", "guess", "asked"), [(0.0, -1.0, 4), (1.0, 5.0, 4), (2.0, 11.0, 8), (0.5, 2.0, 8)])
def test_that_guidance_is_a_mixture_of_two_answers(weight: float, guess: float, asked: int) -> None:
    denoiser, condition = Told(), Condition(torch.full((4,), 5))
    guided = without_classifier(denoiser, condition, condition.unasked(), weight, EVERYWHERE)
    assert torch.equal(guided(torch.zeros(4, 1, 2, 2), 1.0).clean, torch.full((4, 1, 2, 2), guess))
    assert denoiser.asked == asked


def test_that_guidance_outside_its_interval_is_the_model_as_it_is() -> None:
    denoiser, condition = Told(), Condition(torch.full((1,), 5))
    guided = without_classifier(denoiser, condition, condition.unasked(), 3.0, Interval(0.2, 2.0))
    answers = [float(guided(torch.zeros(1, 1, 1, 1), sigma).clean) for sigma in (0.1, 1.0, 5.0)]
    assert answers == [5.0, 17.0, 5.0]


def test_that_some_pictures_are_guided_from_the_first_step() -> None:
    denoiser, condition = Told(), Condition(torch.full((2,), 5))
    early = torch.tensor([True, False])
    guided = without_classifier(denoiser, condition, condition.unasked(), 3.0, Interval(0.2, 2.0), early)
    answers = [guided(torch.zeros(2, 1, 1, 1), sigma).clean.flatten().tolist() for sigma in (0.1, 1.0, 5.0)]
    assert answers == [[5.0, 5.0], [17.0, 17.0], [17.0, 5.0]]


# ---- Likelihood


def clean_of(mixture: Mixture, x: Tensor, sigma: Tensor) -> Tensor:
    weights = mixture.posterior(x, sigma).exp()
    variance, own = sigma.to(x).view(-1, 1) ** 2, mixture.deviation**2
    guess = (own * x.flatten(1) + variance * (weights @ mixture.means)) / (own + variance)
    return guess.view(x.shape)


@pytest.mark.parametrize(("steps", "apart"), [(64, 0.05), (256, 0.004)])
def test_that_the_density_along_the_flow_is_a_gaussians(steps: int, apart: float) -> None:
    deviation = 0.4
    one = Mixture(torch.zeros(1, 3, dtype=torch.float64), deviation)
    x = deviation * normal(9, 5, 3, 1, 1)
    each = -0.5 * (x / deviation) ** 2 - math.log(deviation * math.sqrt(2 * math.pi))
    exact = each.flatten(1).sum(1)
    found = flow_log_density(partial(clean_of, one), x, torch.Generator().manual_seed(0), steps=steps)
    torch.testing.assert_close(found, exact, rtol=0, atol=3 * apart)


def test_that_the_bound_is_tight_for_the_best_denoiser() -> None:
    """A pixel that is black or white: one bit, and what it costs to tell 256 levels apart at the lowest noise."""
    coin = Mixture(torch.tensor([[-1.0], [1.0]]), 1e-9)
    images = coin.draw(4000, 0).float().round()
    costs = bound(partial(clean_of, coin), images, 16, torch.Generator().manual_seed(0))
    telling = reconstruction(images, normal(1, *images.shape).float())
    assert float(telling.mean()) < 0.25
    assert float(costs.mean() - telling.mean()) == pytest.approx(math.log(2), abs=0.03)


def test_that_reconstruction_is_a_probability_of_levels() -> None:
    """Over all levels that a noisy number may have come from, the probabilities add up to one."""
    level, noisy = torch.tensor(100 * 2 / 255 - 1), torch.tensor(100.3 * 2 / 255 - 1)
    others = level + torch.arange(-4, 5) * 2 / 255
    costs = [reconstruction(other.view(1, 1, 1, 1), (noisy - other).view(1, 1, 1, 1) / LOWEST) for other in others]
    assert float(torch.exp(-torch.stack(costs)).sum()) == pytest.approx(1.0, abs=1e-5)


def test_that_a_worse_denoiser_has_a_worse_bound() -> None:
    coin = Mixture(torch.tensor([[-1.0], [1.0]]), 1e-9)
    images = coin.draw(4000, 0).float().round()
    costs = bound(lambda x, sigma: 0.9 * clean_of(coin, x, sigma), images, 16, torch.Generator().manual_seed(0))
    assert float(costs.mean()) > 1.0
