"""The pictures a person picked to play with: all parts of Explore share them. No Qt."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genstudio.generation.points import Point

MOST = 16


@dataclass(frozen=True, eq=False)
class Pick:
    """A point, what the model draws there, uint8 (H, W, C), and the picture it was found for, where there was one."""

    point: Point
    image: NDArray[np.uint8]
    given: NDArray[np.uint8] | None = None

    @property
    def about(self) -> str:
        """Where it came from, and what it was drawn by where that are words."""
        point = self.point
        return f"{point.about} · “{point.text}”" if point.text else point.about


@dataclass(frozen=True)
class Picks:
    """Picked pictures in order, and which of them is the current one; each change makes a new one of these."""

    items: tuple[Pick, ...] = ()
    current: int = 0

    def __len__(self) -> int:
        return len(self.items)

    @property
    def chosen(self) -> Pick | None:
        """The current one."""
        return self.items[self.current] if self.items else None

    def plus(self, picks: Iterable[Pick]) -> "Picks":
        """With more at the end, as many as there is room for; the last one becomes current."""
        items = (*self.items, *picks)[:MOST]
        return Picks(items, max(len(items) - 1, 0))

    def minus(self, index: int) -> "Picks":
        """Without one of them."""
        items = self.items[:index] + self.items[index + 1 :]
        return Picks(items, min(self.current, max(len(items) - 1, 0)))

    def at(self, index: int) -> "Picks":
        """With another current one."""
        return Picks(self.items, min(max(index, 0), max(len(self.items) - 1, 0)))

    def moved(self, by: int) -> "Picks":
        """With the current one moved among the others."""
        there = self.current + by
        if not 0 <= there < len(self.items):
            return self
        items = list(self.items)
        items.insert(there, items.pop(self.current))
        return Picks(tuple(items), there)
