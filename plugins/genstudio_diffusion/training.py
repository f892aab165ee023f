"""What a denoiser is trained with: levels, and the error of its guesses."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from genstudio_diffusion import improved
from genstudio_diffusion.condition import Condition
from genstudio_diffusion.config import DenoisingConfig
from genstudio_diffusion.denoiser import Denoiser
from genstudio_diffusion.levels import Discrete, LogNormal, TrainingLevels, alphas_named

_MOST_SIGNAL = 5.0  # γ of min-SNR


def training_levels(config: DenoisingConfig) -> TrainingLevels:
    """The levels a config trains with."""
    if config.levels == "continuous":
        return LogNormal(config.level_mean, config.level_spread)
    return Discrete(alphas_named(config.levels))


@dataclass(frozen=True)
class Noisy:
    """Pictures (B, C, H, W), the same with noise, the levels (B,) and the quantiles they stand at among all."""

    images: Tensor
    x: Tensor
    sigma: Tensor
    quantiles: Tensor

    def part(self, part: slice) -> "Noisy":
        """Some of them."""
        return Noisy(self.images[part], self.x[part], self.sigma[part], self.quantiles[part])


@dataclass(frozen=True)
class Errors:
    """Of each picture, (B,): what training lowers, and the error as a share of a plain guess's.

    The plain guess is the best that multiplies the noisy picture by one number; 1 is no better than that, at whatever
    level and with whatever parameterisation.
    """

    loss: Tensor
    share: Tensor

    def detached(self) -> "Errors":
        """The same, from which nothing is learned."""
        return Errors(self.loss.detach(), self.share.detach())

    def beside(self, other: "Errors") -> "Errors":
        """Both, one batch after the other."""
        return Errors(torch.cat([self.loss, other.loss]), torch.cat([self.share, other.share]))


class Objective(nn.Module):
    """The loss of a config. A module, so that its tables follow the learner to its device."""

    def __init__(self, config: DenoisingConfig) -> None:
        super().__init__()
        self.levels = training_levels(config)
        self._by_signal = config.weighting == "min-snr"
        learns_variance = config.variance == "learned"
        self._bound = improved.StepBound(alphas_named(config.levels)) if learns_variance else None

    def noisy(self, images: Tensor, quantiles: Tensor, generator: torch.Generator) -> Noisy:
        """Add noise to pictures."""
        sigma = self.levels.at(quantiles)
        noise = torch.randn(images.shape, generator=generator, device=images.device)
        return Noisy(images, images + sigma.view(-1, 1, 1, 1) * noise, sigma, quantiles)

    def errors(self, denoiser: Denoiser, noisy: Noisy, condition: Condition) -> Errors:
        """How wrong a denoiser is."""
        sigma, factors = noisy.sigma, denoiser.factors(noisy.sigma)
        output, spread = denoiser.output(noisy.x, sigma, condition)
        wanted = (noisy.images - factors.skip * noisy.x) / factors.out
        square = (output - wanted).square().flatten(1).mean(1)
        loss = square * signal_weight(sigma, factors.out.flatten()) if self._by_signal else square
        if spread is not None:
            clean = (factors.skip * noisy.x + factors.out * output).detach()
            loss = loss + improved.SHARE * self._step_bound(noisy, clean, spread)
        plain = (sigma * denoiser.size) ** 2 / (sigma**2 + denoiser.size**2)
        return Errors(loss, square.detach() * factors.out.flatten() ** 2 / plain)

    def _step_bound(self, noisy: Noisy, clean: Tensor, spread: Tensor) -> Tensor:
        """The whole bound, were this step's term the mean of all."""
        assert self._bound is not None and isinstance(self.levels, Discrete)
        steps = self.levels.steps_at(noisy.quantiles)
        terms = self._bound(noisy.images, clean, spread, steps, noisy.sigma)
        whole: Tensor = len(self.levels.sigmas) * terms
        return whole


def signal_weight(sigma: Tensor, out: Tensor) -> Tensor:
    """How much a level counts when no signal-to-noise ratio counts for more than 5 (Hang et al. 2023, section 3.4).

    An error of the clean picture counts min(s, 5), s = 1/σ². The network's error is c_out times smaller than that: so
    its square counts min(s, 5) / s for noise, min(s, 5) / (s + 1) for v, as in the paper.
    """
    return (sigma**-2).clamp_max(_MOST_SIGNAL) * out**2
