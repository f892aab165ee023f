"""Two ways to lay values on the y axis: evenly, or by decades."""

import math
from typing import Protocol

import numpy as np

from genstudio.ui.views.plot_numbers import (
    decade_text,
    decade_ticks,
    linear_ticks,
    nice_step,
    tick_text,
)
from genstudio.ui.views.plot_pyramid import Floats

LARGEST = 1e38  # beyond what a float32 loss can hold, within what screen transforms can
PIXELS_PER_TICK = 28
MOST_TICKS = 6
Tick = tuple[float, str]


class Scale(Protocol):
    """Turns values into places on the axis, and decides where the axis begins and ends."""

    def places(self, x: Floats, y: Floats) -> Floats:
        """Give the place (n,) of each value y (n,); NaN where there is none."""

    def snapped(self, low: float, high: float, height: float) -> tuple[float, float]:
        """Widen a range of places to ends that stay put while the figures move a little."""

    def ticks(self, low: float, high: float, height: float) -> list[Tick]:
        """Give the places to mark, with their labels."""


class LinearScale:
    """Equal distances are equal differences."""

    def places(self, x: Floats, y: Floats) -> Floats:
        """Give y itself, cut off far outside what can be drawn."""
        return np.clip(y, -LARGEST, LARGEST)

    def snapped(self, low: float, high: float, height: float) -> tuple[float, float]:
        """Widen to whole tick steps."""
        least = max(abs(low), abs(high), 1e-30) * 1e-6
        if high - low < least:
            middle, half = (low + high) / 2, max(abs(low + high) / 20, least)
            low, high = middle - half, middle + half
        step = nice_step(high - low, _tick_count(height))
        return math.floor(low / step + 1e-6) * step, math.ceil(high / step - 1e-6) * step

    def ticks(self, low: float, high: float, height: float) -> list[Tick]:
        """Give round values at even distances."""
        step, values = linear_ticks(low, high, _tick_count(height))
        return [(value, tick_text(value, step)) for value in values]


class DecadeScale:
    """Equal distances are equal ratios; what is not above zero has no place."""

    def places(self, x: Floats, y: Floats) -> Floats:
        """Give log10 of y, NaN for what is not positive.

        Where the lowest of a pixel column (two points of one x) is not positive, the highest
        stands for both: a column that touches zero would else vanish as a whole.
        """
        y = np.where(y > 0, y, np.nan)
        if len(y) > 1:
            paired = x[1:] == x[:-1]
            either = np.fmax(y[1:], y[:-1])
            y[1:] = np.where(paired & np.isnan(y[1:]), either, y[1:])
            y[:-1] = np.where(paired & np.isnan(y[:-1]), either, y[:-1])
        logs: Floats = np.log10(y)
        return logs

    def snapped(self, low: float, high: float, height: float) -> tuple[float, float]:
        """Widen to whole decades: of anything finer, a naive axis may draw without end."""
        bottom, top = math.floor(low + 1e-6), math.ceil(high - 1e-6)
        return float(bottom), float(max(top, bottom + 1))

    def ticks(self, low: float, high: float, height: float) -> list[Tick]:
        """Give decades, and 2 and 5 between them where there is room."""
        return [(e, decade_text(e)) for e in decade_ticks(low, high, _tick_count(height))]


def _tick_count(height: float) -> int:
    return min(max(2, int(height / PIXELS_PER_TICK)), MOST_TICKS)
