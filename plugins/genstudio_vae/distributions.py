"""Distributions over latents, and over pictures: what the networks' numbers mean."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genstudio.nn.likelihoods import discretised_gaussian, discretised_logistic

QUICK = 10.0
"""A step of Adam moves any number by about the learning rate, whatever its gradient. A few lone numbers have further to
go than weights have; they are stored divided by this, and so arrive as many times sooner."""


@dataclass(frozen=True)
class Gaussian:
    """Independent normal distributions: `mean` and `log_var` are (B, Z), or broadcast to it."""

    mean: Tensor
    log_var: Tensor

    def at(self, noise: Tensor) -> Tensor:
        """Turn standard normal noise (B, Z) into a draw, so that gradients reach the parameters (equation 4)."""
        return self.mean + torch.exp(0.5 * self.log_var) * noise

    def log_prob(self, z: Tensor) -> Tensor:
        """Log-density at z, (B, Z) to (B,)."""
        scaled = (z - self.mean) ** 2 * torch.exp(-self.log_var)
        return -0.5 * (scaled + self.log_var + math.log(2 * math.pi)).sum(-1)

    def entropy(self) -> Tensor:
        """In nats, (B,)."""
        return 0.5 * (self.log_var + math.log(2 * math.pi) + 1.0).sum(-1)

    def divergence(self, other: "Gaussian") -> Tensor:
        """KL(self || other) in nats, latent by latent, (B, Z) (appendix B of the paper, for any two)."""
        shift = (self.mean - other.mean) ** 2
        widths = self.log_var - other.log_var
        return 0.5 * (shift * torch.exp(-other.log_var) + torch.exp(widths) - 1.0 - widths)

    def spoken(self) -> Tensor:
        """What each latent says of the pictures of this batch, in nats, (Z,).

        KL from q(z | x) to the normal distribution with the mean and variance that the latent has over the batch: at
        least the information that latent and picture share (Hoffman and Johnson 2016), whatever the prior is.
        """
        spread = self.mean.var(0, correction=0) + torch.exp(self.log_var).mean(0)
        return 0.5 * (torch.log(spread) - self.log_var.mean(0)).clamp_min(0.0)


class Levels(nn.Module):
    """A bell of learned width, one for each channel, integrated over the levels: sums to 1 over all 256 of them."""

    def __init__(self, distribution: Callable[[Tensor, Tensor, Tensor], Tensor], channels: int) -> None:
        super().__init__()
        self.distribution = distribution
        self.log_width = nn.Parameter(torch.full((channels, 1, 1), -1.0 / QUICK))

    def log_prob(self, images: Tensor, outputs: Tensor) -> Tensor:
        """Log p of each number of the pictures in nats, (B, C, H, W)."""
        width = (QUICK * self.log_width).clamp(-7.0, 2.0)
        return self.distribution(images, outputs, width)

    def mean(self, outputs: Tensor) -> Tensor:
        """The expected picture, in [-1, 1]."""
        return outputs.clamp(-1.0, 1.0)


class Bernoulli(nn.Module):
    """Black and white: level l is read as the probability l / 255 of white (appendix C.1).

    For pictures of pure black and white this is their probability. For others it is the expected log-probability of
    pictures drawn with those probabilities: a cost, but not one of the 256 levels.
    """

    def log_prob(self, images: Tensor, outputs: Tensor) -> Tensor:
        """Log p of each number of the pictures in nats, (B, C, H, W)."""
        white = (images + 1.0) / 2.0
        return -F.binary_cross_entropy_with_logits(outputs, white, reduction="none")

    def mean(self, outputs: Tensor) -> Tensor:
        """The expected picture, in [-1, 1]."""
        return torch.tanh(outputs / 2.0)  # 2 σ(outputs) - 1


def likelihood(kind: Literal["logistic", "gaussian", "bernoulli"], channels: int) -> Levels | Bernoulli:
    """The distribution a config asks for."""
    if kind == "bernoulli":
        return Bernoulli()
    return Levels(discretised_logistic if kind == "logistic" else discretised_gaussian, channels)
