"""Is a generated picture a copy of one the model was trained on?

For every picture its nearest training pictures are found, mirrored ones and ones shifted by a few pixels included, and
compared a little out of focus. What tells is not the distance of the nearest, for a simple or a soft picture is near to
many, but how much nearer it is than the next ones (Carlini et al. 2023, "Extracting training data from diffusion
models", section 5.1). How small that ratio may be depends on the data: logos drawn by one hand come in pairs,
photographs do not. So it is measured for the dataset's own pictures first, each against all *other* training pictures,
and a near copy is what is rare among those.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from genstudio.core.errors import DataError
from genstudio.evaluation.appearance import as_seen, at_most
from genstudio.evaluation.distances import nearest
from genstudio.evaluation.parts import part_of
from genstudio.training.learner import Watch, unwatched

SIDE = 32
"""Pictures are compared at this size at most, in pixels: a copy stays one when it is made smaller."""

RARE = 0.01
"""The share of a dataset's own pictures that stand out as much by how near they are to another one."""

CLOSE = 0.1
"""The share of a dataset's own pictures whose nearest is as close; what is farther from all of them is no copy."""

SAME = 2.0
"""A distance, out of focus, below which people see hardly a difference, in levels of 255: always a near copy."""

_CANDIDATES = 12
_COARSE = 8
_SHIFT = 16
_FOCUS = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16
_BORDER = len(_FOCUS) // 2
_ROWS = 64
_BATCH = 512


@dataclass(frozen=True, eq=False)
class Matches:
    """The nearest training pictures of N pictures, nearest first.

    places: int64 (N, K), positions in the dataset. distances: float32 (N, K), root mean square differences in levels
    of 255, out of focus and at the best shift. mirrored: bool (N, K), whether the training picture is nearer mirrored.
    """

    places: Tensor
    distances: Tensor
    mirrored: Tensor

    @property
    def nearest(self) -> Tensor:
        """The distance of the nearest, (N,)."""
        return self.distances[:, 0]

    @property
    def ratios(self) -> Tensor:
        """The distance of the nearest over the mean distance of the next ones, (N,)."""
        return self.nearest / self.distances[:, 1:].mean(1).clamp(min=1e-3)


@dataclass(frozen=True)
class Yardstick:
    """What counts as near: at most this `ratio` at no more than this `distance`, or a distance below `SAME`.

    usual: the median distance of the dataset's own pictures to their nearest. expected: the share of them that would be
    called near copies, of `count` looked at.
    """

    ratio: float
    distance: float
    usual: float
    expected: float
    count: int

    def near(self, matches: Matches) -> Tensor:
        """Which pictures are near copies, bool (N,)."""
        return _near(matches, self.ratio, self.distance)


class CopyFinder:
    """Finds the training pictures nearest to others. Holds them small: some 5 kB a picture."""

    def __init__(self, pixels: NDArray[np.uint8], places: NDArray[np.int64]) -> None:
        """Take the pictures at `places` of pixels (N, C, H, W). Raises `DataError` for fewer than three."""
        if len(places) < 3:
            raise DataError("Copies can be told from new pictures only when a model learned from at least three.")
        self._places = torch.from_numpy(places)
        stretches = (places[start : start + _BATCH] for start in range(0, len(places), _BATCH))
        self._levels = torch.cat([_levels(pixels[stretch]) for stretch in stretches])
        self._coarse = torch.cat([self._rough(flipped) for flipped in (False, True)])

    def __len__(self) -> int:
        return len(self._places)

    def match(self, pixels: NDArray[np.uint8], *, own: Tensor | None = None, watch: Watch = unwatched) -> Matches:
        """Find the nearest training pictures of pictures uint8 (N, C, H, W).

        `own`, int64 (N,), counts the training pictures (0 to `len(self)` - 1) that these are themselves.
        """
        levels = _levels(pixels)
        count = len(self)
        found = []
        for start in range(0, len(levels), _ROWS):
            rows = slice(start, start + _ROWS)
            candidates = nearest(_shifted(levels[rows]), self._coarse, 2 * _CANDIDATES + 2)
            who, flipped = candidates % count, candidates >= count
            apart = _apart(levels[rows], self._levels[who], flipped)
            if own is not None:
                apart[who == own[rows, None]] = torch.inf
            found.append(_ranked(apart, who, flipped))
            watch(min(start + _ROWS, len(levels)), len(levels))
        who, apart, flipped = (torch.cat(parts) for parts in zip(*found, strict=True))
        return Matches(self._places[who], apart, flipped)

    def _rough(self, flipped: bool) -> Tensor:
        starts = range(0, len(self), _BATCH)
        parts = (self._levels[start : start + _BATCH] for start in starts)
        return torch.cat([_coarse(part.flip(3) if flipped else part) for part in parts])


def calibrate(
    finder: CopyFinder,
    training: NDArray[np.uint8],
    own: Tensor,
    heldout: NDArray[np.uint8],
    *,
    watch: Watch = unwatched,
) -> Yardstick:
    """Measure how near real pictures (N, C, H, W) are to training pictures that they are not.

    Pictures of the training data, `own` as in `CopyFinder.match`, and held-out ones together: where the data were
    divided by chance both are equally near, and of few pictures every one is needed.
    """
    total = len(training) + len(heldout)
    parts = [finder.match(training, own=own, watch=part_of(watch, 0, total))]
    if len(heldout):
        parts.append(finder.match(heldout, watch=part_of(watch, len(training), total)))
    matches = Matches(*(torch.cat([getattr(part, name) for part in parts]) for name in Matches.__annotations__))
    ratio = float(matches.ratios.quantile(RARE))
    distance = float(matches.nearest.quantile(CLOSE))
    expected = float(_near(matches, ratio, distance).double().mean())
    return Yardstick(ratio, distance, float(matches.nearest.median()), expected, total)


def _near(matches: Matches, ratio: float, distance: float) -> Tensor:
    stands_out = (matches.ratios <= ratio) & (matches.nearest <= distance)
    return stands_out | (matches.nearest < SAME)


def _levels(pixels: NDArray[np.uint8]) -> Tensor:
    """Pictures as they are compared: small, a little out of focus, multiplied by opacity, uint8 (N, C, h, w)."""
    batches = (pixels[start : start + _BATCH] for start in range(0, len(pixels), _BATCH))
    return torch.cat([_softened(at_most(as_seen(batch), SIDE)).mul(255).round().to(torch.uint8) for batch in batches])


def _softened(pictures: Tensor) -> Tensor:
    """Grain and a slight blur make little difference out of focus, another shape makes nearly as much as before."""
    channels = pictures.shape[1]
    kernel = torch.outer(_FOCUS, _FOCUS).expand(channels, 1, -1, -1)
    return F.conv2d(F.pad(pictures, (_BORDER,) * 4, mode="replicate"), kernel, groups=channels)


def _shifted(levels: Tensor) -> list[Tensor]:
    """Rough versions of pictures, moved by as much as a copy may be moved."""
    down, across = (side // _SHIFT for side in levels.shape[2:])
    moves = [(y, x) for y in sorted({-down, 0, down}) for x in sorted({-across, 0, across})]
    return [_coarse(levels.roll(move, (2, 3))) for move in moves]


def _coarse(levels: Tensor) -> Tensor:
    """Pictures as points in which a shift by a pixel or two makes little difference, (N, D)."""
    return F.adaptive_avg_pool2d(levels.float(), _COARSE).flatten(1)


def _apart(levels: Tensor, others: Tensor, flipped: Tensor) -> Tensor:
    """Distances (n, K) of pictures (n, C, h, w) to others (n, K, C, h, w), at the best shift of each."""
    others = torch.where(flipped[..., None, None, None], others.flip(4), others).float()
    down, across = levels.shape[2] // _SHIFT, levels.shape[3] // _SHIFT
    middle = levels[:, None, :, down : levels.shape[2] - down, across : levels.shape[3] - across].float()
    best = torch.full(flipped.shape, torch.inf)
    for top in range(2 * down + 1):
        for left in range(2 * across + 1):
            window = others[..., top : top + middle.shape[3], left : left + middle.shape[4]]
            best = torch.minimum(best, (window - middle).square().flatten(2).mean(2))
    return best.sqrt()


def _ranked(apart: Tensor, who: Tensor, flipped: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The nearest first, each training picture once: the nearer of itself and its mirror image."""
    order = apart.argsort(dim=1, stable=True)
    apart, who, flipped = (values.gather(1, order) for values in (apart, who, flipped))
    same = who[:, :, None] == who[:, None, :]
    again = torch.tril(same, -1).any(2)
    apart = apart.masked_fill(again, torch.inf)
    count = int(torch.isfinite(apart).sum(1).min())
    order = apart.argsort(dim=1, stable=True)[:, : min(count, _CANDIDATES)]
    return who.gather(1, order), apart.gather(1, order), flipped.gather(1, order)
