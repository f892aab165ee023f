"""In which order a recurrent layer goes through a picture, and what each place sees of the step before.

Places are numbered in reading order, row i and column j as i * W + j. What is computed for B pictures at once is laid
out place by place, then picture by picture: (places, B, ...). A layer takes some places at a time, one *step*; its
*course* lays the places of a step next to each other, in the order of the steps.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class Link:
    """Entries `target` of a step see entries `source` of the step before, each counted from the first of its step."""

    source: slice
    target: slice


@dataclass(frozen=True)
class Steps:
    """How many entries (places * B) each step has, and what links it to the step after it.

    links: for every step but the last, one for each tap of the state-to-state convolution. carry: the tap along which
    the memory of the cells is handed on.
    """

    sizes: tuple[int, ...]
    links: tuple[tuple[Link, ...], ...]
    carry: int


def _link(source: range, target: range, count: int) -> Link:
    return Link(*(slice(places.start * count, places.stop * count) for places in (source, target)))


class Course(ABC):
    """The way through pictures of one size, B at a time.

    directions: how many scans go side by side, G. taps: how many states of the step before a place sees. left: how
    many places to the left of its own the gates get input from.
    """

    directions: ClassVar[int]
    taps: ClassVar[int]
    left: ClassVar[int]
    steps: Steps

    @abstractmethod
    def __init__(self, height: int, width: int, count: int, device: torch.device) -> None:
        """Plan the way."""

    @abstractmethod
    def enter(self, x: Tensor) -> Tensor:
        """Lay out what the gates get input from: (places, B, F) to (G, places, B, (left + 1) * F)."""

    @abstractmethod
    def leave(self, h: Tensor) -> Tensor:
        """Put states (G, places, B, h) back into reading order and together, (places, B, h)."""


class Rows(Course):
    """From row to row; a place sees those above left, above and above right (Row LSTM, section 3.1, with k = 3).

    From layer to layer this comes to a triangle that widens upwards by one place a row on either side.
    """

    directions, taps, left = 1, 3, 1

    def __init__(self, height: int, width: int, count: int, device: torch.device) -> None:  # noqa: ARG002
        self._width = width
        all_but_last, everywhere, all_but_first = range(width - 1), range(width), range(1, width)
        links = (
            _link(all_but_last, all_but_first, count),
            _link(everywhere, everywhere, count),
            _link(all_but_first, all_but_last, count),
        )
        self.steps = Steps((width * count,) * height, (links,) * (height - 1), carry=1)

    def enter(self, x: Tensor) -> Tensor:
        """See `Course.enter`: a place to the left, then the place itself."""
        row = x.view(-1, self._width, *x.shape[1:])  # (H, W, B, F)
        return torch.cat((F.pad(row, (0, 0, 0, 0, 1, -1)), row), -1).flatten(0, 1)[None]

    def leave(self, h: Tensor) -> Tensor:
        """See `Course.leave`."""
        return h[0]


class Diagonals(Course):
    """From diagonal to diagonal, from both upper corners (Diagonal BiLSTM, section 3.2).

    A place sees the one above and the one beside it, which hands on its memory. The paper skews the picture until its
    diagonals are columns (figure 3); here the places are sorted by diagonal, which is the skewed picture without its
    empty corners. The direction from the right mirrors the picture first; it has seen places on the right in its own
    row, which are still to come, so its map is moved down by one row before it is added to the other.

    Together they see all that is before a place, with one exception that the paper does not mention: features know
    their own pixel but for its last sub-pixel, so that of the last pixel in the row above is known only where the
    first convolution reaches it.
    """

    directions, taps, left = 2, 2, 0

    def __init__(self, height: int, width: int, count: int, device: torch.device) -> None:
        self._width = width
        row = torch.arange(height, device=device)[:, None].expand(height, width)
        column = torch.arange(width, device=device).expand(height, width)
        ranks = torch.stack([(row + away) * height + row for away in (column, width - 1 - column)])
        order = ranks.flatten(1).argsort(1)  # (2, places)
        self._order = order.flatten()
        self._back = (order.argsort(1) + torch.tensor([[0], [height * width]], device=device)).flatten()
        self.steps = _diagonal_steps(height, width, count)

    def skewed(self, x: Tensor) -> Tensor:
        """Reading order (places, ...) to both diagonal orders (2, places, ...)."""
        return x.index_select(0, self._order).view(2, *x.shape)

    def unskewed(self, h: Tensor) -> Tensor:
        """Diagonal orders (2, places, ...) to reading order, each direction by itself."""
        return h.flatten(0, 1).index_select(0, self._back).view(h.shape)

    def enter(self, x: Tensor) -> Tensor:
        """See `Course.enter`."""
        return self.skewed(x)

    def leave(self, h: Tensor) -> Tensor:
        """See `Course.leave`."""
        from_left, from_right = self.unskewed(h).unbind()
        return from_left + F.pad(from_right, (0, 0, 0, 0, self._width, -self._width))


def _diagonal_steps(height: int, width: int, count: int) -> Steps:
    """A step is a diagonal i + j, sorted by i."""
    spans = [range(max(0, t - width + 1), min(height, t + 1)) for t in range(height + width - 1)]
    links = (tuple(_diagonal_link(before, after, down, count) for down in (1, 0)) for before, after in pairwise(spans))
    return Steps(tuple(len(rows) * count for rows in spans), tuple(links), carry=1)


def _diagonal_link(before: range, after: range, down: int, count: int) -> Link:
    """Row i of a diagonal is seen from row i + down of the next one, where both are in the picture."""
    first, stop = max(before.start, after.start - down), min(before.stop, after.stop - down)
    source = range(first - before.start, stop - before.start)
    return _link(source, range(first + down - after.start, stop + down - after.start), count)
