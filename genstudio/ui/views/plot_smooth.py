"""Smoothing of a curve for the eye, at a cost that does not grow with its history.

The curve is kept as the means of at most 16 384 neighbouring groups of points. That is many
times finer than a screen, so the smoothed line can be made anew at every redraw and at every
touch of the slider, instead of being carried along in one way and rebuilt in another.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_GROUPS = 16_384
REFERENCE_STEPS = 1_000
NEGLIGIBLE = 1e-9


class GroupMeans:
    """Means of consecutive groups of finite points; the groups double when they become many."""

    def __init__(self) -> None:
        self._size = 1
        self._points = 0
        self._sums: Floats = np.zeros((2, MOST_GROUPS))  # rows: x, y

    def append(self, x: Floats, y: Floats) -> None:
        """Add points x (n,), y (n,); points whose y is not finite are left out."""
        finite = np.isfinite(y)
        x, y = x[finite], y[finite]
        total = self._points + len(x)
        # Figures near the end of what a float holds may overflow here; they are only drawn.
        with np.errstate(over="ignore"):
            while total > MOST_GROUPS * self._size:
                self._merge_pairs()
            self._add(np.stack((x, y)))
        self._points = total

    def means(self) -> tuple[Floats, Floats]:
        """Give the mean x (m,) and mean y (m,) of each group, m <= 16 384."""
        groups = -(-self._points // self._size)
        counts = np.full(groups, float(self._size))
        if self._points % self._size:
            counts[-1] = self._points % self._size
        x, y = self._sums[:, :groups] / counts
        return x, y

    def _merge_pairs(self) -> None:
        half = MOST_GROUPS // 2
        self._sums[:, :half] = self._sums.reshape(2, half, 2).sum(axis=2)
        self._sums[:, half:] = 0.0
        self._size *= 2

    def _add(self, values: Floats) -> None:
        group = (self._points + np.arange(values.shape[1])) // self._size
        if len(group) == 0:
            return
        first, end = int(group[0]), int(group[-1]) + 1
        for row in range(2):
            self._sums[row, first:end] += np.bincount(group - first, weights=values[row])


def smoothed(x: Floats, y: Floats, strength: float) -> Floats:
    """Give the exponential moving average of y (n,) over x (n,), without a bias to the start.

    m_i = sum_j w_ij y_j / sum_j w_ij over j <= i, where a point counts for the distance it
    stands for, and less the further back it lies:
    w_ij = (1 - strength ** ((x_j - x_(j-1)) / r)) * strength ** ((x_i - x_j) / r).
    The unit r is the spacing of the points as long as they are few, and a thousandth of the
    whole span once they are many: the same strength then gives the same look.

    Args:
        x: rising (n,).
        y: finite (n,).
        strength: 0 (not at all) to below 1.
    """
    if strength <= 0 or len(x) < 2:
        return y
    reference = (x[-1] - x[0]) / min(len(x) - 1, REFERENCE_STEPS)
    steps = np.diff(x, prepend=x[0] - reference) / reference
    kept = np.power(strength, np.minimum(steps, 1e6))
    scale = max(float(np.max(np.abs(y))), 1e-300)  # keeps sums of huge figures finite
    totals = _linear_recurrence(kept, np.stack((y / scale, np.ones(len(y)))) * (1 - kept))
    means: Floats = totals[0] / totals[1] * scale
    return means


def column_means(x: Floats, y: Floats, span: tuple[float, float], width: int) -> tuple[Floats, Floats]:
    """Give the mean x (m,) and mean y (m,) of each of ``width`` columns of ``span``.

    Up to ``width`` points come back as they are; of more, the two outermost do.
    """
    if len(x) <= width:
        return x, y
    edges = np.linspace(span[0], span[1], width + 1)
    inner = np.unique(np.searchsorted(x, edges).clip(1, len(x) - 1))
    starts = np.unique(np.concatenate(([0], inner, [len(x) - 1])))
    sizes = np.diff(starts, append=len(x))
    scale = max(float(np.max(np.abs(y))), 1e-300)
    return np.add.reduceat(x, starts) / sizes, np.add.reduceat(y / scale, starts) / sizes * scale


def _linear_recurrence(kept: Floats, fed: Floats) -> Floats:
    """Solve s_i = kept_i * s_(i-1) + fed_i along the last axis by doubling (Hillis and Steele)."""
    kept, sums = kept.copy(), fed.copy()
    reach = 1
    while reach < len(kept):
        sums[:, reach:] = sums[:, reach:] + kept[reach:] * sums[:, :-reach]
        kept[reach:] = kept[reach:] * kept[:-reach]
        # The first entries have nothing before them to keep.
        kept[:reach] = 0.0
        if float(kept.max()) < NEGLIGIBLE:
            break
        reach *= 2
    return sums
