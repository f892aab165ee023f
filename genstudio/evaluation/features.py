"""The features in which pictures are compared: a scattering transform, fitted to a dataset's own pictures.

Other tools compare pictures in the features of a network that was trained on a million photographs. The studio has no
such network and needs none: it takes figures that follow from the pixels by a fixed rule, chosen by how well they
notice known damages (resources/docs/decisions/0005-features-for-quality.md). They are those of a wavelet scattering
transform (Bruna and Mallat 2013, "Invariant scattering convolution networks"), simplified: at every scale of a pyramid
the strengths of edges in four directions, averaged over the cells of a 4×4 grid; the same of the maps of those
strengths, which tells textures and crossings apart; and the colours of an 8×8 grid. Averages make them tolerant of
small shifts, square roots keep strong edges from drowning faint ones.

Each group of figures (colours; edges of one scale; textures of one scale) is given the same weight, whatever its
number and size, and the 64 principal directions of the dataset's own pictures are kept, evened out.
"""

import math
from collections.abc import Iterator
from typing import Self

import torch
from torch import Tensor
from torch.nn import functional as F

from genstudio.core.errors import DataError
from genstudio.evaluation.appearance import at_most

NAME = "scattering-1"
"""Named in every report; figures of different features cannot be compared."""

DIMENSIONS = 64
SIDE = 64
"""Pictures are looked at in this size at most, in pixels."""

_COLOURS, _EDGES, _TEXTURES = 8, 4, 2  # the sides of the grids that are averaged over
_DIRECTIONS = 4
_SMALLEST = 8
_EVENED = 0.1
_BATCH = 128
_BINOMIAL = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16


class Features:
    """Turns pictures (N, C, H, W), values in [0, 1], into points (N, 64); a real one is about 8 long."""

    def __init__(self, centres: list[Tensor], weights: list[float], axes: Tensor, spreads: Tensor) -> None:
        self._centres, self._weights = centres, weights
        self._axes, self._spreads = axes, spreads

    @classmethod
    def fit(cls, pictures: Tensor) -> Self:
        """Fit to real pictures. Raises `DataError` for fewer than two."""
        if len(pictures) < 2:
            raise DataError("At least two pictures are needed to compare any with them.")
        groups = _grouped(pictures)
        centres = [group.mean(0) for group in groups]
        weights = [_weight(group - centre) for group, centre in zip(groups, centres, strict=True)]
        points = _joined(groups, centres, weights)
        axes, spreads = _principal(points)
        evened = (spreads + _EVENED * spreads[0]).clamp(min=1e-6)
        scale = (spreads / evened).square().mean().sqrt().clamp(min=1e-6)
        return cls(centres, weights, axes, evened * scale)

    def __call__(self, pictures: Tensor) -> Tensor:
        """Return the features of pictures."""
        return _joined(_grouped(pictures), self._centres, self._weights) @ self._axes / self._spreads


def _joined(groups: list[Tensor], centres: list[Tensor], weights: list[float]) -> Tensor:
    parts = zip(groups, centres, weights, strict=True)
    return torch.cat([(group - centre) * weight for group, centre, weight in parts], 1)


def _weight(centred: Tensor) -> float:
    """What gives a group's points the mean square length 1; a group in which nothing differs is left out."""
    length = float(centred.square().sum(1).mean().sqrt())
    return 1 / length if length > 1e-6 else 0.0


def _principal(points: Tensor) -> tuple[Tensor, Tensor]:
    """The principal axes (D, K) of centred points (N, D) and the spreads along them (K,), greatest first."""
    _, singular, axes = torch.linalg.svd(points.double(), full_matrices=False)
    spreads = singular / math.sqrt(len(points))
    kept = min(DIMENSIONS, max(1, int((spreads > 1e-6 * spreads[0].clamp(min=1e-12)).sum())))
    return axes[:kept].T.float(), spreads[:kept].float()


def _grouped(pictures: Tensor) -> list[Tensor]:
    """The groups of figures of pictures: a list of (N, D)."""
    stretches = (pictures[start : start + _BATCH] for start in range(0, len(pictures), _BATCH))
    batches = [list(_groups(at_most(stretch, SIDE))) for stretch in stretches]
    return [torch.cat(parts) for parts in zip(*batches, strict=True)]


def _groups(pictures: Tensor) -> Iterator[Tensor]:
    yield _averages(pictures, _COLOURS)
    while True:
        edges = _edges(pictures)
        yield _averages(edges, _EDGES).sqrt()
        smaller = _halved(pictures)
        if min(smaller.shape[2:]) < _SMALLEST:
            return
        yield _averages(_edges(_halved(edges)), _TEXTURES).sqrt()
        pictures = smaller


def _averages(maps: Tensor, grid: int) -> Tensor:
    return F.adaptive_avg_pool2d(maps, grid).flatten(1)


def _edges(maps: Tensor) -> Tensor:
    """The strengths of edges in four directions, (N, 4C, H, W), never negative."""
    right, down = F.pad(maps, (1, 1, 0, 0), mode="replicate"), F.pad(maps, (0, 0, 1, 1), mode="replicate")
    right, down = right[..., 2:] - right[..., :-2], down[:, :, 2:] - down[:, :, :-2]
    angles = [math.pi * step / _DIRECTIONS for step in range(_DIRECTIONS)]
    return torch.cat([(right * math.cos(angle) + down * math.sin(angle)).abs() for angle in angles], 1)


def _halved(maps: Tensor) -> Tensor:
    channels = maps.shape[1]
    kernel = torch.outer(_BINOMIAL, _BINOMIAL).expand(channels, 1, -1, -1)
    return F.conv2d(F.pad(maps, (2, 2, 2, 2), mode="replicate"), kernel, stride=2, groups=channels)
