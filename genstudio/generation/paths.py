"""Ways through a latent space: walks past several stops, and grids between four corners."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from genstudio.generation.interpolate import slerp
from genstudio.generation.points import Point

Pace = Literal["even", "resting"]
"""How a walk goes: at one speed, or slowing down where it comes to a stop."""


@dataclass(frozen=True)
class Stretch:
    """One stretch of a way: `share` of it is done between the stops number `start` and `end`."""

    start: int
    end: int
    share: float


def stretches(stops: int, frames: int, *, closed: bool, pace: Pace = "even") -> list[Stretch]:
    """Say where each frame of a walk is.

    An open walk begins at the first stop and ends at the last one. A closed one goes on to the first stop again, whose
    picture is not repeated, so that it can be shown without end and without a seam.
    """
    if stops < 2:
        return [Stretch(0, 0, 0.0)] * frames
    legs = stops if closed else stops - 1
    found = []
    for frame in range(frames):
        way = frame * legs / (frames if closed else max(frames - 1, 1))
        leg = min(int(way), legs - 1)
        found.append(Stretch(leg, (leg + 1) % stops, _eased(way - leg) if pace == "resting" else way - leg))
    return found


def walk(stops: Sequence[Point], frames: int, *, closed: bool = False, pace: Pace = "even") -> list[Point]:
    """Go past the stops along great circles; a place is asked for the label and the words of the nearer stop.

    Noise that a family adds while decoding stays that of the first stop.
    """
    flat = [_tensor(stop) for stop in stops]
    ways = stretches(len(stops), frames, closed=closed, pace=pace)
    return [_between(stops, flat, way) for way in ways]


def grid(corners: Sequence[Point], side: int) -> list[Point]:
    """Fill a square of side x side points between four corners (top left, top right, bottom left, bottom right).

    Each row goes along a great circle from a point of the left edge to one of the right edge (bilinear slerp). The
    corners are the given points to the bit; a point's label, words and noise are those of the nearest corner.
    """
    top_left, top_right, bottom_left, bottom_right = (_tensor(corner) for corner in corners)
    shares = torch.linspace(0, 1, side)
    left, right = slerp(top_left, bottom_left, shares), slerp(top_right, bottom_right, shares)
    points = []
    for row in range(side):
        for column, latent in enumerate(slerp(left[row], right[row], shares)):
            nearest = corners[2 * (2 * row >= side) + (2 * column >= side)]
            points.append(nearest.at(latent.numpy(), nearest.about if _is_corner(row, column, side) else ""))
    return points


def _is_corner(row: int, column: int, side: int) -> bool:
    return row in (0, side - 1) and column in (0, side - 1)


def _between(stops: Sequence[Point], flat: list[Tensor], way: Stretch) -> Point:
    latent = slerp(flat[way.start], flat[way.end], torch.tensor([way.share]))[0]
    nearer = stops[way.start if way.share < 0.5 else way.end]
    return Point(latent.numpy().reshape(nearer.latent.shape), nearer.label, stops[0].stream, text=nearer.text)


def _tensor(point: Point) -> Tensor:
    return torch.from_numpy(np.array(point.flat, dtype=np.float32))


def _eased(share: float) -> float:
    """Begin and end at rest (the smoothstep polynomial)."""
    return share * share * (3 - 2 * share)
