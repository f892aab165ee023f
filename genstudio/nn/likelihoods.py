"""Probabilities of stored levels under continuous distributions, integrated over each level's bin.

A picture's numbers are not real numbers but one of 256 levels, -1 to 1 in equal steps. Giving level k the probability
mass of the bin around it, with the first and the last bin open to the outside, makes probabilities that sum to one:
log-likelihoods are then comparable between models, and never above zero.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

_ROOT2 = math.sqrt(2.0)


def discretised_logistic(images: Tensor, mean: Tensor, log_scale: Tensor, levels: int = 256) -> Tensor:
    """Log-probability in nats of each number of `images` under a logistic distribution.

    All tensors broadcast against each other; `images` holds levels in [-1, 1], `log_scale` the natural logarithm of
    the scale, which should stay within about -12 to 7. Salimans et al. 2017 ("PixelCNN++"), equation 2, with
    log(σ(u) - σ(l)) = -softplus(-u) - softplus(l) + log(1 - exp(l - u)), which is exact where a difference of two
    sigmoids has lost all its digits.
    """
    half = 1.0 / (levels - 1)
    sharpness = torch.exp(-log_scale)
    upper, lower = (images - mean + half) * sharpness, (images - mean - half) * sharpness
    below_upper, above_lower = -F.softplus(-upper), -F.softplus(lower)  # log σ(u), log(1 - σ(l))
    inside = below_upper + above_lower + torch.log(-torch.expm1(-2.0 * half * sharpness))
    return torch.where(images < -1.0 + half, below_upper, torch.where(images > 1.0 - half, above_lower, inside))


def discretised_gaussian(images: Tensor, mean: Tensor, log_scale: Tensor, levels: int = 256) -> Tensor:
    """Log-probability in nats of each number of `images` under a normal distribution.

    As `discretised_logistic`, with `log_scale` the logarithm of the standard deviation, which should stay within about
    -8 to 7 (Ho et al. 2020, equation 13). With erfcx(t) = exp(t²) erfc(t) the tail beyond x standard deviations is
    erfcx(x / √2) exp(-x² / 2) / 2, whose logarithm and gradient keep their digits however far out.
    """
    half = 1.0 / (levels - 1)
    sharpness = torch.exp(-log_scale)
    distance = (images - mean).abs()
    near, far = (distance - half) * sharpness, (distance + half) * sharpness  # the bin's sides, from the mean outwards
    tail = torch.special.erfcx(near / _ROOT2)
    beyond = torch.special.erfcx(far / _ROOT2) * torch.exp(-2.0 * half * distance * sharpness**2)
    is_last = images.abs() > 1.0 - half
    is_outward = is_last & ((images > 0) == (images > mean))  # the open side looks away from the mean
    mass = torch.log(0.5 * (tail - torch.where(is_outward, 0.0, beyond))) - 0.5 * near**2
    return torch.where(is_last & ~is_outward, torch.log1p(-0.5 * torch.special.erfc(far / _ROOT2)), mass)


def bits_per_dimension(nats: Tensor, dimensions: int) -> Tensor:
    """Turn nats per image into bits per number of the image."""
    return nats / (dimensions * math.log(2.0))
