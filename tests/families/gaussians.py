"""Mixtures of Gaussians whose best denoiser, class posterior and density are known: what diffusion is proved with.

Points in the plane are pictures of two channels and one pixel, (N, 2, 1, 1).
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from genstudio_diffusion.denoiser import Guess


@dataclass(frozen=True)
class Mixture:
    """Equally likely round Gaussians: means (K, C), one standard deviation."""

    means: Tensor
    deviation: float

    def posterior(self, x: Tensor, sigma: float | Tensor) -> Tensor:
        """Log p(component | x + noise of level σ), (N, K)."""
        squares = (x.flatten(1)[:, None] - self.means).square().sum(2)
        variance = torch.as_tensor(sigma).to(x).view(-1, 1) ** 2 + self.deviation**2
        return torch.log_softmax(-0.5 * squares / variance, 1)

    def component(self, x: Tensor, sigma: float, which: Tensor) -> Tensor:
        """The best guess at the clean picture where the component of each is known, (N,) numbers."""
        variance, own = sigma**2, self.deviation**2
        means = self.means[which].view(x.shape)
        return (own * x + variance * means) / (own + variance)

    def denoise(self, x: Tensor, sigma: float) -> Guess:
        """The best guess at the clean picture."""
        weights = self.posterior(x, sigma).exp()
        variance, own = sigma**2, self.deviation**2
        guess = (own * x.flatten(1) + variance * (weights @ self.means)) / (own + variance)
        return Guess(guess.view(x.shape), None)

    def draw(self, count: int, seed: int) -> Tensor:
        """Points of the mixture, (N, C, 1, 1)."""
        generator = torch.Generator().manual_seed(seed)
        which = torch.arange(count) % len(self.means)
        noise = torch.randn(count, self.means.shape[1], generator=generator, dtype=self.means.dtype)
        return (self.means[which] + self.deviation * noise)[:, :, None, None]


def ring() -> Mixture:
    """Eight narrow Gaussians on a circle."""
    angles = torch.arange(8, dtype=torch.float64) * math.pi / 4
    return Mixture(torch.stack([angles.cos(), angles.sin()], 1), 0.05)


def normal(seed: int, *shape: int) -> Tensor:
    """Standard normal numbers in float64."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def sliced_distance(one: Tensor, other: Tensor) -> float:
    """Mean distance of the sorted projections on 64 directions (sliced Wasserstein-1)."""
    angles = torch.arange(64, dtype=torch.float64) * math.pi / 64
    directions = torch.stack([angles.cos(), angles.sin()])
    shadows = [(points.flatten(1) @ directions).sort(0).values for points in (one, other)]
    return float((shadows[0] - shadows[1]).abs().mean())
