"""Guidance: pushing a guess towards a label, harder than the model alone would.

Without a classifier (Ho and Salimans 2022) the denoiser is asked twice, with the label and without, and the difference
is exaggerated: D = D(any) + w (D(label) - D(any)). So w = 0 ignores the label, w = 1 is the model as it is.

With a classifier (Dhariwal and Nichol 2021, section 4) the guess moves along the gradient of log p(label | x, σ). In
terms of the guess that is D + w σ² ∇ₓ log p: by Tweedie's formula the score is (D - x) / σ², and Bayes' rule adds
gradients of logarithms. It is the same for every sampler.

With another model's opinion of clean pictures (Bansal et al. 2023, "universal guidance", section 3.1) that is done with
an opinion of the guess: log p(asked | x) is taken to be that of D(x, σ), and its gradient goes through the denoiser.

All of it is done only where the level lies within limits (Kynkäänniemi et al. 2024): guiding where there is nothing but
noise makes pictures alike, and where there is next to none it changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from genstudio_diffusion.condition import Condition
from genstudio_diffusion.denoiser import Denoiser, Guess
from genstudio_diffusion.samplers import Denoise

LogProbability = Callable[[Tensor, Tensor], Tensor]
"""Noisy pictures (N, C, H, W) and levels (N,) to log p(what was asked for | x), (N,)."""


@dataclass(frozen=True)
class Interval:
    """Levels within which is guided."""

    above: float
    below: float

    def __contains__(self, sigma: object) -> bool:
        return isinstance(sigma, float) and self.above < sigma <= self.below


def plain(denoiser: Denoiser, condition: Condition) -> Denoise:
    """The denoiser as it is."""

    def guess(x: Tensor, sigma: float) -> Guess:
        return denoiser.guess(x, _everywhere(sigma, x), condition)

    return guess


def without_classifier(
    denoiser: Denoiser,
    condition: Condition,
    elsewhere: Condition,
    weight: float,
    interval: Interval,
    early: Tensor | None = None,
) -> Denoise:
    """Exaggerate the difference that a condition makes to another one; both are asked at once.

    early: bool (N,), pictures for which that is done above the interval too.
    """
    alone, ignored = plain(denoiser, condition), plain(denoiser, elsewhere)
    both = condition.beside(elsewhere)

    def guess(x: Tensor, sigma: float) -> Guess:
        too_early = sigma > interval.below
        if weight == 1 or sigma <= interval.above or (too_early and early is None):
            return alone(x, sigma)
        if weight == 0 and not too_early:
            return ignored(x, sigma)
        if too_early and early is not None:
            much = torch.where(early, weight, 1.0).view(-1, 1, 1, 1)
        else:
            much = x.new_full((len(x), 1, 1, 1), weight)
        twice = torch.cat([x, x])
        clean, spread = denoiser.guess(twice, _everywhere(sigma, twice), both)
        with_it, without_it = clean.chunk(2)
        return Guess(torch.lerp(without_it, with_it, much), None if spread is None else spread.chunk(2)[0])

    return guess


def with_classifier(denoise: Denoise, log_probability: LogProbability, weight: float, interval: Interval) -> Denoise:
    """Move guesses along the gradient of a log-probability."""

    def guess(x: Tensor, sigma: float) -> Guess:
        clean, spread = denoise(x, sigma)
        if weight == 0 or sigma not in interval:
            return Guess(clean, spread)
        return Guess(clean + weight * sigma**2 * gradient(log_probability, x, sigma), spread)

    return guess


def gradient(log_probability: LogProbability, x: Tensor, sigma: float) -> Tensor:
    """∇ₓ of the summed log-probabilities, picture by picture, (N, C, H, W)."""
    with torch.inference_mode(False), torch.enable_grad():
        at = x.detach().clone().requires_grad_(True)
        total = log_probability(at, _everywhere(sigma, at)).sum()
        found: Tensor = torch.autograd.grad(total, at)[0]
    return found


def fit_of_guess(
    denoiser: Denoiser, condition: Condition, fit: Callable[[Tensor], Tensor]
) -> Callable[[Tensor, Tensor], Tensor]:
    """How well the guess at the clean picture fits, as a function of the noisy one; fit: (N, C, H, W) to (N,)."""

    def log_probability(x: Tensor, sigma: Tensor) -> Tensor:
        return fit(denoiser(x, sigma, condition))

    return log_probability


def clipped(denoise: Denoise) -> Denoise:
    """Keep every guess within [-1, 1]."""

    def guess(x: Tensor, sigma: float) -> Guess:
        clean, spread = denoise(x, sigma)
        return Guess(clean.clamp(-1, 1), spread)

    return guess


def keeping(denoise: Denoise, fitted: Callable[[Tensor], Tensor], last: float) -> Denoise:
    """Put what is known of pictures into every guess (N, C, H, W) but the last, at a level that is told.

    That one shows how the known parts would have been drawn, so that the others can be led to what they are.
    """

    def guess(x: Tensor, sigma: float) -> Guess:
        clean, spread = denoise(x, sigma)
        return Guess(fitted(clean) if sigma > last else clean, spread)

    return guess


def _everywhere(sigma: float, x: Tensor) -> Tensor:
    return torch.full((len(x),), sigma, dtype=x.dtype, device=x.device)
