"""A history of points that can be drawn at any zoom in time that depends on the screen only.

Level 0 holds the points themselves; every level above holds the lowest and highest value of
four neighbours below it. A query takes the level that has a few buckets for each pixel column,
so that a million points cost what a thousand do. No point is ever thrown away.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FACTOR = 4
BUCKETS_PER_COLUMN = 2


class GrowingArray:
    """A one-dimensional float64 array with room to grow; appending is amortised O(1)."""

    def __init__(self) -> None:
        self._room: Floats = np.empty(64)
        self._used = 0

    def __len__(self) -> int:
        return self._used

    def extend(self, values: Floats) -> None:
        """Append ``values`` (n,)."""
        end = self._used + len(values)
        if end > len(self._room):
            roomier = np.empty(max(end, 2 * len(self._room)))
            roomier[: self._used] = self._room[: self._used]
            self._room = roomier
        self._room[self._used : end] = values
        self._used = end

    def view(self) -> Floats:
        """Give what is stored (n,), without a copy; valid until the next ``extend``."""
        return self._room[: self._used]


class MinMaxPyramid:
    """Points (x, y) with rising x, and the extremes of every 4, 16, 64 … neighbours.

    Values that are not finite count as missing: they never become an extreme, and a bucket
    without a finite value is NaN, which draws as a gap.
    """

    def __init__(self) -> None:
        self._x = GrowingArray()
        self._y = GrowingArray()
        self._levels: list[tuple[GrowingArray, GrowingArray]] = []

    def __len__(self) -> int:
        return len(self._x)

    @property
    def x(self) -> Floats:
        """All x (n,), as appended."""
        return self._x.view()

    @property
    def y(self) -> Floats:
        """All y (n,), as appended: infinities and NaN included."""
        return self._y.view()

    def append(self, x: Floats, y: Floats) -> None:
        """Add points x (n,), y (n,); x must rise, within the call and from call to call.

        Raises:
            ValueError: the lengths differ, or x does not rise.
        """
        if len(x) != len(y):
            raise ValueError(f"{len(x)} x values came with {len(y)} y values.")
        if not _rises(x, self._x.view()[-1:]):
            raise ValueError("The x values must rise from each point to the next.")
        self._x.extend(x)
        self._y.extend(y)
        self._grow_levels()

    def query(self, x0: float, x1: float, width: int) -> tuple[Floats, Floats]:
        """Give a drawing of the points in [x0, x1] and of the neighbour on either side.

        Up to ``2 * width`` points come back as they are; of more, the lowest and the highest
        of each of ``width`` columns do. Every extreme of the range is among them.

        Returns:
            x (m,), y (m,) with m <= 2 * width + 2; missing values are NaN.
        """
        first = max(int(np.searchsorted(self.x, x0, "left")) - 1, 0)
        last = min(int(np.searchsorted(self.x, x1, "right")) + 1, len(self))
        if last - first <= 2 * width + 2:
            return self.x[first:last], only_finite(self.y[first:last])
        x, low, high = self._buckets(first, last, self._level_for(last - first, width))
        return reduce_to_columns(x, low, high, (x0, x1), width)

    def _grow_levels(self) -> None:
        low = high = only_finite(self.y[self._settled() :])
        level = 0
        while len(low) >= FACTOR:
            if level == len(self._levels):
                self._levels.append((GrowingArray(), GrowingArray()))
            lows, highs = self._levels[level]
            lows.extend(np.fmin.reduce(_in_fours(low), axis=1))
            highs.extend(np.fmax.reduce(_in_fours(high), axis=1))
            level += 1
            done = FACTOR * len(self._levels[level][0]) if level < len(self._levels) else 0
            low, high = lows.view()[done:], highs.view()[done:]

    def _settled(self) -> int:
        return FACTOR * len(self._levels[0][0]) if self._levels else 0

    def _level_for(self, points: int, width: int) -> int:
        level = 0
        while level < len(self._levels) and points // FACTOR ** (level + 1) >= BUCKETS_PER_COLUMN * width:
            level += 1
        return level

    def _buckets(self, first: int, last: int, level: int) -> tuple[Floats, Floats, Floats]:
        """Give the points ``first:last`` as buckets: start x, lowest, highest (m,) each.

        Whole buckets come from ``level``; the ragged ends are made from the points themselves,
        so that nothing from outside the range leaks in.
        """
        size = FACTOR**level
        inner_first = -(-first // size)
        inner_last = min(last // size, self._complete(level))
        if level == 0 or inner_first >= inner_last:
            y = only_finite(self.y[first:last])
            return self.x[first:last], y, y
        lows, highs = self._levels[level - 1]
        head = only_finite(self.y[first : inner_first * size])
        tail = only_finite(self.y[inner_last * size : last])
        low = _joined(head, lows.view()[inner_first:inner_last], tail, np.fmin)
        high = _joined(head, highs.view()[inner_first:inner_last], tail, np.fmax)
        starts = self.x[inner_first * size : inner_last * size : size]
        x_head = self.x[first : first + min(len(head), 1)]
        x_tail = self.x[inner_last * size : inner_last * size + min(len(tail), 1)]
        return np.concatenate((x_head, starts, x_tail)), low, high

    def _complete(self, level: int) -> int:
        return len(self._levels[level - 1][0]) if level else len(self)


def only_finite(y: Floats) -> Floats:
    """Give y (n,) with every infinity turned into NaN."""
    return np.where(np.isfinite(y), y, np.nan)


def reduce_to_columns(
    x: Floats, low: Floats, high: Floats, span: tuple[float, float], width: int
) -> tuple[Floats, Floats]:
    """Give the lowest and highest value of each of ``width`` columns as one line to draw.

    Args:
        x: where each bucket starts (n,), rising.
        low: its lowest value (n,).
        high: its highest value (n,).
        span: the x at the left of the first column and at the right of the last.
        width: how many columns.

    Returns:
        x (m,), y (m,) with m <= 2 * width + 2.
    """
    if len(x) <= 1:
        return x, low
    edges = np.linspace(span[0], span[1], width + 1)[:-1]
    starts = np.unique(np.concatenate(([0], np.searchsorted(x, edges))))
    starts = starts[starts < len(x)]
    lowest = np.fmin.reduceat(low, starts)
    highest = np.fmax.reduceat(high, starts)
    rising = _rising(lowest + highest)
    y = np.empty(2 * len(starts))
    # Drawn in the direction of travel: otherwise every column adds a stroke back.
    y[0::2] = np.where(rising, lowest, highest)
    y[1::2] = np.where(rising, highest, lowest)
    return np.repeat(x[starts], 2), y


def _rising(middle: Floats) -> NDArray[np.bool_]:
    rising = np.ones(len(middle), dtype=np.bool_)
    rising[1:] = middle[1:] >= middle[:-1]
    return rising


def _rises(x: Floats, before: Floats) -> bool:
    return bool(np.all(np.isfinite(x)) and np.all(np.diff(np.concatenate((before, x))) > 0))


def _in_fours(values: Floats) -> Floats:
    return values[: len(values) // FACTOR * FACTOR].reshape(-1, FACTOR)


def _joined(head: Floats, inner: Floats, tail: Floats, extreme: np.ufunc) -> Floats:
    ends = [np.array([extreme.reduce(part)]) if len(part) else part for part in (head, tail)]
    return np.concatenate((ends[0], inner, ends[1]))
