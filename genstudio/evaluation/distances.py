"""Distances between many points, a stretch at a time, so that memory stays bounded however many there are."""

import torch
from torch import Tensor

from genstudio.training.learner import Watch, unwatched

_ENTRIES = 2**22
"""Distances held at once: 16 MB."""


def distances(points: Tensor, others: Tensor) -> Tensor:
    """Return Euclidean distances (N, M) of points (N, D) to others (M, D); that of two equal points is exactly 0."""
    return torch.cdist(points, others, compute_mode="donot_use_mm_for_euclid_dist")


def nearest(
    points: Tensor, others: Tensor, count: int, *, same: bool = False, watch: Watch = unwatched
) -> tuple[Tensor, Tensor]:
    """Return distances and positions (N, count) of the nearest of `others` (M, D) to each of `points` (N, D).

    With `same`, the two are one set and no point is a neighbour of itself. Nearest first; `count` is cut to what there
    is. Memory: some 16 MB. Squares are computed by |a|² + |b|² - 2ab, which is off by about 1e-4 of the points' size.
    """
    centre = others.mean(0)
    points, others = points - centre, others - centre
    count = min(count, len(others) - same)
    step = max(1, _ENTRIES // max(len(others), 1))
    lengths = others.square().sum(1)
    found = []
    for start in range(0, len(points), step):
        some = points[start : start + step]
        squares = torch.addmm(lengths[None], some, others.T, alpha=-2).add_(some.square().sum(1)[:, None])
        if same:
            squares[torch.arange(len(some)), torch.arange(start, start + len(some))] = torch.inf
        found.append(squares.topk(count, largest=False))
        watch(min(start + step, len(points)), len(points))
    values = torch.cat([part.values for part in found]).clamp_(min=0).sqrt_()
    return values, torch.cat([part.indices for part in found])
