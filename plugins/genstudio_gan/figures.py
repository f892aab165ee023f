"""Figures of batches of pictures: how far apart they are, and how varied."""

import math

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

    The mean over random directions of how far the sorted projections are apart, scaled so that two batches that differ
    by the same constant everywhere are about that constant apart.
    """
    shape = (real.shape[1], _DIRECTIONS)
    directions = F.normalize(torch.randn(shape, generator=generator, device=real.device), dim=0)
    apart = (real @ directions).sort(0).values - (fake @ directions).sort(0).values
    return 127.5 * math.sqrt(math.pi / 2) * apart.abs().mean()


def diversity(real: Tensor, fake: Tensor) -> Tensor:
    """Mean distance of a generated picture (B, D) to its nearest other, over that of real ones: 1 as varied, 0 twins.

    Distances to the nearest notice a generator with a handful of pictures, which the mean over all pairs does not.
    """
    return _to_nearest(fake) / _to_nearest(real).clamp_min(1e-6)


def _to_nearest(points: Tensor) -> Tensor:
    """Mean distance to the nearest other point; 0 for a single one."""
    count = len(points)
    if count < 2:
        return points.new_zeros(())
    apart = torch.cdist(points, points) + torch.diag(points.new_full((count,), torch.inf))
    return apart.min(1).values.mean()


def dullness(pictures: Tensor, latents: Tensor, labels: Tensor | None) -> Tensor:
    """Large when different latents (B, D) make the same pictures (B, C, H, W); a scalar (Mao et al. 2019, equation 2).

    Pictures are compared with a neighbour of, nearly always, the same label.
    """
    if labels is not None:
        order = labels.argsort(stable=True)
        pictures, latents = pictures[order], latents[order]
    there, here = (points.flatten(1) for points in (pictures, latents))
    moved = (there - there.roll(1, 0)).abs().mean() / (here - here.roll(1, 0)).abs().mean()
    return 1 / (moved + 0.1)
