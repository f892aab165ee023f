"""How much noise: the levels a model is trained with, and the levels a sampler visits.

Everywhere in this package a noisy picture is x = x₀ + σ ε: the clean picture plus noise of standard deviation σ, its
*level*. Papers that shrink the picture while they add noise, √ᾱ x₀ + √(1−ᾱ) ε, or blend, (1−t) x₀ + t ε, mean the
same after a division: σ = √((1−ᾱ)/ᾱ), or σ = t / (1−t). So schedules and samplers of all of them meet here.
"""

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Protocol

import torch
from torch import Tensor, nn

from genstudio_diffusion.config import Levels, Spacing

STEPS = 1000  # of a discrete schedule (Ho et al. 2020, section 4)
NOISE_ALONE = 1e6  # stands for the level at which nothing of the picture is left

# Where samplers of continuous levels begin and end (Karras et al. 2022, table 1).
_HIGHEST, _LOWEST, _RHO = 80.0, 0.002, 7.0

_SELDOM = 0.01  # the share of the levels trained with that lies below the last one visited


# ---- Discrete schedules: ᾱ of each of the T steps, float64 (T,), falling


def linear_alphas(steps: int = STEPS) -> Tensor:
    """β from 1e-4 to 0.02 in even steps; other lengths scale it (Ho et al. 2020, section 4)."""
    scale = 1000 / steps
    betas = torch.linspace(scale * 1e-4, scale * 0.02, steps, dtype=torch.float64)
    return torch.cumprod(1 - betas, 0)


def cosine_alphas(steps: int = STEPS, offset: float = 0.008, largest: float = 0.999) -> Tensor:
    """ᾱ along a squared cosine, β at most 0.999 (Nichol and Dhariwal 2021, equation 17)."""
    at = torch.arange(steps + 1, dtype=torch.float64) / steps
    kept = torch.cos((at + offset) / (1 + offset) * math.pi / 2) ** 2
    return torch.cumprod(1 - (1 - kept[1:] / kept[:-1]).clamp(max=largest), 0)


def zero_terminal(alphas: Tensor) -> Tensor:
    """Shift and scale √ᾱ so that it ends at 0, and begins where it did (Lin et al. 2024, algorithm 1)."""
    roots = alphas.sqrt()
    return ((roots - roots[-1]) * roots[0] / (roots[0] - roots[-1])) ** 2


def sigmas_of(alphas: Tensor) -> Tensor:
    """The level of each ᾱ."""
    return ((1 - alphas) / alphas.clamp_min(1e-30)).sqrt().clamp_max(NOISE_ALONE)


# ---- Levels to train with


class TrainingLevels(Protocol):
    """Levels to train with, by quantile; `low` and `high` is as far as they (nearly all) reach.

    last: the level from which drawing goes straight to the clean picture. Below it the network has hardly looked, and
    what noise it leaves there stays in the picture as grain.
    """

    low: float
    high: float
    last: float

    def at(self, quantiles: Tensor) -> Tensor:
        """Quantiles (...) in [0, 1) to levels (...)."""


class LogNormal:
    """ln σ is normally distributed (Karras et al. 2022, section 5).

    The logit-normal times of rectified flows (Esser et al. 2024, section 3.1) are the same: ln σ = logit t.
    """

    def __init__(self, mean: float, spread: float) -> None:
        self.mean, self.spread = mean, spread
        self.low, self.high = math.exp(mean - 3 * spread), math.exp(mean + 3 * spread)
        self.last = min(1.0, math.exp(mean + NormalDist().inv_cdf(_SELDOM) * spread))

    def at(self, quantiles: Tensor) -> Tensor:
        """Levels of quantiles; the very tails, which nobody would ever draw, are cut off."""
        normal = math.sqrt(2) * torch.erfinv(2 * quantiles.clamp(1e-6, 1 - 1e-6) - 1)
        return torch.exp(self.mean + self.spread * normal)


class Discrete(nn.Module):
    """The levels of a schedule, all equally often. A module, so that they follow the learner to its device."""

    sigmas: Tensor

    def __init__(self, alphas: Tensor) -> None:
        super().__init__()
        self.register_buffer("sigmas", sigmas_of(alphas).float(), persistent=False)
        self.low, self.high = float(self.sigmas[0]), float(self.sigmas[-1])
        self.last = self.low

    def at(self, quantiles: Tensor) -> Tensor:
        """Levels of quantiles."""
        return self.sigmas[self.steps_at(quantiles)]

    def steps_at(self, quantiles: Tensor) -> Tensor:
        """Steps t, int64, of quantiles."""
        return (quantiles * len(self.sigmas)).long().clamp_max(len(self.sigmas) - 1)


def alphas_named(name: Levels) -> Tensor:
    """The schedule of a config; continuous levels have none, and samplers of discrete ones use the cosine's."""
    if name == "linear":
        return linear_alphas()
    return zero_terminal(linear_alphas()) if name == "zero-terminal" else cosine_alphas()


def stratified(count: int, generator: torch.Generator, device: torch.device) -> Tensor:
    """`count` quantiles, one out of each of as many equal parts of [0, 1), in random order."""
    order = torch.randperm(count, generator=generator, device=device)
    return (order + torch.rand(count, generator=generator, device=device)) / count


# ---- Levels to visit while drawing: falling, and 0 at the end


def spaced_steps(total: int, steps: int, spacing: Spacing) -> list[int]:
    """Which of `total` steps are visited, the noisiest first (the three ways of Lin et al. 2024, table 2)."""
    steps = min(steps, total)
    if spacing == "trailing":
        return [round(total - i * total / steps) - 1 for i in range(steps)]
    if spacing == "leading":
        return [i * (total // steps) for i in reversed(range(steps))]
    if steps == 1:
        return [total - 1]
    return [round((total - 1) * i / (steps - 1)) for i in reversed(range(steps))]


def discrete_levels(alphas: Tensor, steps: int, spacing: Spacing) -> list[float]:
    """The levels of a schedule, spaced."""
    sigmas = sigmas_of(alphas).tolist()
    return [sigmas[step] for step in spaced_steps(len(sigmas), steps, spacing)] + [0.0]


def karras_levels(steps: int, high: float = _HIGHEST, low: float = _LOWEST) -> list[float]:
    """Levels closer together where there is less noise (Karras et al. 2022, equation 5)."""
    ends = high ** (1 / _RHO), low ** (1 / _RHO)
    shares = [i / (steps - 1) for i in range(steps)] if steps > 1 else [0.0]
    return [(ends[0] + share * (ends[1] - ends[0])) ** _RHO for share in shares] + [0.0]


def flow_levels(steps: int, high: float = _HIGHEST) -> list[float]:
    """Even steps of t from (nearly) 1 to 0, as levels t / (1 - t) (Liu et al. 2023)."""
    start = high / (1 + high)
    times = [start * (1 - i / steps) for i in range(steps)]
    return [t / (1 - t) for t in times] + [0.0]


def thinned(levels: Sequence[float], start: float, steps: int) -> list[float]:
    """So many of given levels, which end in 0, evenly from the one nearest to `start` on."""
    first = min(range(len(levels) - 1), key=lambda place: abs(math.log(levels[place] / start)))
    left = len(levels) - 1 - first
    count = min(steps, left)
    return [levels[first + left * turn // count] for turn in range(count)] + [0.0]
