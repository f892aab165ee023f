"""The kernel distance of two sets of points.

The squared maximum mean discrepancy with the cubic kernel k(x, y) = (x·y / d + 1)³, in its unbiased estimate (Gretton
et al. 2012, "A kernel two-sample test", lemma 6), as Bińkowski et al. 2018 ("Demystifying MMD GANs", section 4) use it
on the features of a large network. It compares means, covariances and third moments; being unbiased, it is 0 on average
for equal distributions, however few points there are, and may come out a little below.
"""

from torch import Tensor

from genstudio.core.errors import DataError

_ROWS = 512


def kernel_distance(generated: Tensor, real: Tensor) -> float:
    """Return the unbiased estimate of MMD² between points (N, D) and (M, D), without a unit.

    Raises `DataError` when either has fewer than two points.
    """
    if min(len(generated), len(real)) < 2:
        raise DataError("At least two pictures on each side are needed to compare them.")
    generated, real = generated.double(), real.double()
    return _within(generated) + _within(real) - 2 * _kernel_sum(generated, real) / (len(generated) * len(real))


def _within(points: Tensor) -> float:
    """The mean kernel of two different points of a set."""
    own = float((points.square().sum(1) / points.shape[1] + 1).pow(3).sum())
    return (_kernel_sum(points, points) - own) / (len(points) * (len(points) - 1))


def _kernel_sum(points: Tensor, others: Tensor) -> float:
    total = 0.0
    for start in range(0, len(points), _ROWS):
        products = points[start : start + _ROWS] @ others.T
        total += float((products / points.shape[1] + 1).pow(3).sum())
    return total
