"""One curve of a plot: everything it was told, and what its chip and its legend show."""

from dataclasses import dataclass, field

import numpy as np

from genstudio.ui.views.plot_pyramid import Floats, MinMaxPyramid
from genstudio.ui.views.plot_smooth import GroupMeans, column_means, smoothed


@dataclass(frozen=True)
class SeriesKey:
    """Which curve: the run it belongs to ("" where there is only one) and the series' name."""

    run: str
    name: str


@dataclass(frozen=True)
class SeriesLook:
    """What a series is called, what it is measured in, and its fixed place in the palette."""

    title: str
    unit: str
    slot: int


@dataclass
class Curve:
    """The full history of one series of one run."""

    points: MinMaxPyramid = field(default_factory=MinMaxPyramid)
    groups: GroupMeans = field(default_factory=GroupMeans)

    def append(self, x: Floats, y: Floats) -> None:
        """Add points x (n,), y (n,).

        A point that does not lie beyond all before it is left out: a resumed run repeats what
        it had reported after its last checkpoint, with the same figures.

        Raises:
            ValueError: the lengths differ.
        """
        if len(x) != len(y):
            raise ValueError(f"{len(x)} x values came with {len(y)} y values.")
        known = self.points.x[-1] if len(self.points) else -np.inf
        before = np.fmax.accumulate(np.concatenate(([known], x)))[:-1]
        new = np.isfinite(x) & (x > before)
        self.points.append(x[new], y[new])
        self.groups.append(x[new], y[new])

    def clear(self) -> None:
        """Forget every point."""
        self.points, self.groups = MinMaxPyramid(), GroupMeans()

    def raw_line(self, x0: float, x1: float, width: int) -> tuple[Floats, Floats]:
        """Give x (m,), y (m,) of the points as they came, for ``width`` pixels."""
        return self.points.query(x0, x1, width)

    def smooth_line(self, x0: float, x1: float, width: int, strength: float) -> tuple[Floats, Floats]:
        """Give x (m,), y (m,) of the smoothed curve, m <= width + 2, for ``width`` columns."""
        x, y = self.groups.means()
        y = smoothed(x, y, strength)
        first = max(int(np.searchsorted(x, x0)) - 1, 0)
        last = min(int(np.searchsorted(x, x1, "right")) + 1, len(x))
        return column_means(x[first:last], y[first:last], (x0, x1), width)

    def nearest(self, x: float) -> tuple[float, float] | None:
        """Give the point whose x is nearest, or None before the first."""
        xs = self.points.x
        if len(xs) == 0:
            return None
        at = int(np.searchsorted(xs, x))
        if at == len(xs) or (at > 0 and x - xs[at - 1] <= xs[at] - x):
            at -= 1
        return float(xs[at]), float(self.points.y[at])
