"""How many generated pictures look real, and how many of the real ones are covered.

Every picture is a point of a feature space, and a set of them is taken for the union of balls around its points, each
reaching to its point's k-th nearest neighbour in the set. Precision and recall (Kynkäänniemi et al. 2019, "Improved
precision and recall metric for assessing generative models", equations 1 and 2) ask which points of one set lie inside
the other's balls; density and coverage (Naeem et al. 2020, "Reliable fidelity and diversity metrics for generative
models", equations 5 and 6) ask the same in a way that single outliers with enormous balls cannot spoil.
"""

from dataclasses import dataclass
from math import comb

import torch
from torch import Tensor

from genstudio.core.errors import DataError
from genstudio.evaluation.distances import distances
from genstudio.training.learner import Watch, unwatched

NEIGHBOURS = 5
"""k, as Naeem et al. choose it: with it, coverage of a perfect model is 0.97 (their equation 9)."""

_ROWS = 256


@dataclass(frozen=True)
class Manifold:
    """How two sets of points lie to each other.

    precision: the share of generated points within a ball of real ones. recall: the share of real points within a
    ball of generated ones. density: in how many real balls a generated point lies, over k; 1 for equal distributions,
    more where generated points crowd in the midst of real ones. coverage: the share of real balls with a generated
    point inside.
    """

    precision: float
    recall: float
    density: float
    coverage: float


def compare_manifolds(
    generated: Tensor, real: Tensor, *, neighbours: int = NEIGHBOURS, watch: Watch = unwatched
) -> Manifold:
    """Compare generated points (N, D) with real ones (M, D).

    N and M should be equal: all four figures but precision depend on both. Takes O(N M D) time and little memory.
    Raises `DataError` when either has no more than `neighbours` points.
    """
    if min(len(generated), len(real)) <= neighbours:
        raise DataError(f"At least {neighbours + 1} pictures on each side are needed to compare them.")
    real_reach = _reach(real, neighbours)
    generated_reach = _reach(generated, neighbours)
    inside = torch.zeros(len(generated))
    covered, recalled = torch.zeros(len(real), dtype=torch.bool), torch.zeros(len(real), dtype=torch.bool)
    for start in range(0, len(generated), _ROWS):
        rows = slice(start, start + _ROWS)
        apart = distances(generated[rows], real)
        within = apart <= real_reach[None]
        inside[rows] = within.sum(1).to(inside)
        covered |= within.any(0)
        recalled |= (apart <= generated_reach[rows, None]).any(0)
        watch(min(start + _ROWS, len(generated)), len(generated))
    return Manifold(
        precision=float((inside > 0).double().mean()),
        recall=float(recalled.double().mean()),
        density=float(inside.double().mean()) / neighbours,
        coverage=float(covered.double().mean()),
    )


def expected_coverage(count: int, neighbours: int = NEIGHBOURS) -> float:
    """The coverage that a perfect model has on average, of `count` pictures on each side (Naeem et al., equation 9)."""
    return 1 - comb(count - 1, neighbours) / comb(2 * count - 1, neighbours)


def _reach(points: Tensor, neighbours: int) -> Tensor:
    """The distance of every point to its k-th nearest neighbour in its own set, (N,)."""
    reach = [
        distances(points[start : start + _ROWS], points).kthvalue(neighbours + 1, dim=1).values
        for start in range(0, len(points), _ROWS)
    ]
    return torch.cat(reach)  # the nearest of all is the point itself, at 0
