"""The sliced Wasserstein distance of two sets of pictures, scale by scale.

Karras et al. 2018 ("Progressive growing of GANs", section 5): Laplacian pyramids of the pictures (Burt and Adelson
1983) down to 16 pixels, patches of 7×7 pixels from every level, and the distance of the two clouds of patches. That
distance is the mean, over random directions, of the one-dimensional Wasserstein distance of the projected patches
(Rabin et al. 2011), which takes no more than a sort. Levels tell coarse structure from fine texture apart.

In the paper each side is standardised by its own mean and spread, which makes it blind to a colour cast; here both are
standardised by those of the real patches. A floor remains with few patches: the distance of real pictures to other real
ones, which `genstudio.evaluation.quality` measures beside it.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from genstudio.core.seeds import mixed_seed
from genstudio.training.learner import Watch, unwatched

PATCH = 7
_PATCHES = 32
_SMALLEST = 16
_DIRECTIONS = 128
_POOLED = 32
_FILTER = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16


@dataclass(frozen=True)
class Sliced:
    """Sliced Wasserstein distances in thousandths of the real patches' spread, by the side of the level in pixels."""

    levels: dict[int, float]

    @property
    def mean(self) -> float:
        """The mean over the levels."""
        return sum(self.levels.values()) / len(self.levels)


def compare_slices(generated: Tensor, real: Tensor, *, seed: int = 0, watch: Watch = unwatched) -> Sliced:
    """Compare pictures (N, C, H, W) with real ones (M, C, H, W) of the same size, values in [0, 1].

    Uses at most 32 patches a picture and 128 directions a level; `seed` chooses both.
    """
    levels = {}
    bands = list(zip(pyramid(generated), pyramid(real), strict=True))
    for number, (fakes, reals) in enumerate(bands):
        generator = torch.Generator().manual_seed(mixed_seed("slices", seed, number))
        count = min(len(fakes), len(reals)) * _PATCHES
        ones, others = _patches(fakes, count, generator), _patches(reals, count, generator)
        levels[max(reals.shape[2:])] = 1000 * sliced_wasserstein(ones, others, generator=generator)
        watch(number + 1, len(bands))
    return Sliced(levels)


def sliced_wasserstein(
    points: Tensor, others: Tensor, *, generator: torch.Generator, directions: int = _DIRECTIONS
) -> float:
    """The mean over directions of the one-dimensional W₁ of two clouds (N, D), in units of the spread of `others`.

    The spread and centre of each dimension's group are those of `others`, whole: one number each, so that colours keep
    their weight.
    """
    centre, spread = others.mean(), others.std().clamp(min=1e-6)
    rays = torch.randn(points.shape[1], directions, generator=generator)
    rays = rays / rays.norm(dim=0)
    total = 0.0
    for some in rays.split(_POOLED, dim=1):
        ones = ((points - centre) / spread @ some).sort(0).values
        twos = ((others - centre) / spread @ some).sort(0).values
        total += float((ones - twos).abs().mean(0).double().sum())
    return total / directions


def pyramid(pictures: Tensor) -> Iterator[Tensor]:
    """Yield the Laplacian pyramid of pictures (N, C, H, W), finest level first; the last level is what is left."""
    while min(pictures.shape[2:]) >= 2 * _SMALLEST:
        smaller = _blurred(pictures)[:, :, ::2, ::2]
        grown = F.interpolate(smaller, size=pictures.shape[2:], mode="bilinear", align_corners=False)
        yield pictures - grown
        pictures = smaller
    yield pictures


def _blurred(pictures: Tensor) -> Tensor:
    channels = pictures.shape[1]
    kernel = torch.outer(_FILTER, _FILTER).expand(channels, 1, -1, -1)
    return F.conv2d(F.pad(pictures, (2, 2, 2, 2), mode="reflect"), kernel, groups=channels)


def _patches(pictures: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """`count` patches (count, C·p·p) from everywhere in pictures (N, C, H, W)."""
    side = min(PATCH, *pictures.shape[2:])
    each = math.ceil(count / len(pictures))
    rows, columns = (_starts(len(pictures), each, size - side + 1, generator) for size in pictures.shape[2:])
    offsets = torch.arange(side)
    whose = torch.arange(len(pictures))[:, None, None, None].expand(-1, each, side, side)
    down = (rows[:, :, None] + offsets)[:, :, :, None].expand(-1, -1, -1, side)
    across = (columns[:, :, None] + offsets)[:, :, None, :].expand(-1, -1, side, -1)
    found = pictures.permute(0, 2, 3, 1)[whose, down, across]  # (N, each, p, p, C)
    return found.reshape(-1, side * side * pictures.shape[1])[:count]


def _starts(pictures: int, each: int, places: int, generator: torch.Generator) -> Tensor:
    return torch.randint(places, (pictures, each), generator=generator)
