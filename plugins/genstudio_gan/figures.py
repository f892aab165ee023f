"""Figures of two batches of pictures: how far apart they are, and how varied each is."""

import torch
import torch.nn.functional as F
from torch import Tensor

_EDGE = 8  # pictures are looked at this small: colours and rough shapes
_DIRECTIONS = 64


def small(images: Tensor) -> Tensor:
    """(B, C, H, W) to (B, D): what is left of pictures at 8 x 8."""
    return F.adaptive_avg_pool2d(images, _EDGE).flatten(1)


def distance(real: Tensor, fake: Tensor, generator: torch.Generator) -> Tensor:
    """Sliced Wasserstein-1 distance between two batches (B, D), in levels of 255 (Rabin et al. 2011), a scalar.

    The mean over random directions of how far the sorted projections are apart, times √D: in one dimension it is the
    Wasserstein distance, and pictures that differ by a constant c everywhere are about c apart.
    """
    shape = (real.shape[1], _DIRECTIONS)
    directions = F.normalize(torch.randn(shape, generator=generator, device=real.device), dim=0)
    apart = (real @ directions).sort(0).values - (fake @ directions).sort(0).values
    return 127.5 * apart.abs().mean()


def diversity(real: Tensor, fake: Tensor) -> Tensor:
    """Mean distance of two generated pictures (B, D) over that of two real ones: 1 as varied, 0 all the same."""
    return _mean_distance(fake) / _mean_distance(real).clamp_min(1e-6)


def _mean_distance(points: Tensor) -> Tensor:
    """Between pairs of a batch; 0 for a single one."""
    return torch.pdist(points).mean() if len(points) > 1 else points.new_zeros(())
