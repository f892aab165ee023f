"""Distances between many points, a stretch at a time, so that memory stays bounded however many there are."""

from collections.abc import Sequence

import torch
from torch import Tensor

_ENTRIES = 2**22
"""Distances held at once: 16 MB."""


def distances(points: Tensor, others: Tensor) -> Tensor:
    """Return Euclidean distances (N, M) of points (N, D) to others (M, D); that of two equal points is exactly 0."""
    return torch.cdist(points, others, compute_mode="donot_use_mm_for_euclid_dist")


def nearest(points: Sequence[Tensor], others: Tensor, count: int) -> Tensor:
    """Return the positions (N, count) of the nearest of `others` (M, D) to each of N points, nearest first.

    `points` are versions of the same points, each (N, D), of which the nearest counts; `count` is cut to what there is.
    Memory: some 16 MB. Squares are computed by |a|² + |b|² - 2ab, which is off by about 1e-4 of the points' size.
    """
    centre = others.mean(0)
    others = others - centre
    step = max(1, _ENTRIES // max(len(others), 1))
    lengths = others.square().sum(1)
    found = []
    for start in range(0, len(points[0]), step):
        best = torch.full((), torch.inf)
        for version in points:
            some = version[start : start + step] - centre
            squares = torch.addmm(lengths[None], some, others.T, alpha=-2).add_(some.square().sum(1)[:, None])
            best = torch.minimum(best, squares)
        found.append(best.topk(min(count, len(others)), largest=False).indices)
    return torch.cat(found)
