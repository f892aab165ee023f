"""Is a generated picture a copy of one the model was trained on?

For every picture its nearest training pictures are found, mirrored ones and ones shifted by a few pixels included, and
compared a little out of focus: at the same softness, and with brightness and contrast evened out within bounds, for a
copy stays one when it is softened or darkened. What tells is not the distance of the nearest, for a simple or a soft
picture is near to many, but how much nearer it is than the next ones (Carlini et al. 2023, "Extracting training data
from diffusion models", section 5.1). How small that ratio may be depends on the data: logos drawn by one hand come in
pairs, photographs do not. So it is measured for the dataset's own pictures first, each against all *other* training
pictures, and a near copy is what is rare among those.
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

SOFTER = (0.8, 1.4)
"""Standard deviations, in pixels, of the blurs under which training pictures are compared too."""

_CONTRAST, _BRIGHTNESS = (0.75, 1.35), 32.0  # what a copy may be undone of: a factor, and levels of 255
_UNSURE = 0.1  # of the logarithm of sharpness: a shift, too, changes it a little
_LEAST_SPREAD = 4.0
_LEAST_VARIANCE = 1.0  # so that flat pictures have a tone, too
_CANDIDATES = 8
_COARSE = 8
_SHIFT = 16
_FOCUS = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16
_BORDER = len(_FOCUS) // 2
_BLUR, _COLOURS = 4, 3
_ROWS = 64
_BATCH = 512


@dataclass(frozen=True, eq=False)
class Matches:
    """The nearest training pictures of N pictures, nearest first.

    places: int64 (N, K), positions in the dataset. distances: float32 (N, K), root mean square differences in
    levels of 255, out of focus, at the same softness and the best shift and tone. mirrored: bool (N, K), whether
    the training picture is nearer mirrored.
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
    """Finds the training pictures nearest to others. Holds them small: some 11 kB a picture."""

    def __init__(self, pixels: NDArray[np.uint8], places: NDArray[np.int64]) -> None:
        """Take the pictures at `places` of pixels (N, C, H, W). Raises `DataError` for fewer than three."""
        if len(places) < 3:
            raise DataError("Copies can be told from new pictures only when a model learned from at least three.")
        self._places = torch.from_numpy(places)
        stretches = (places[start : start + _BATCH] for start in range(0, len(places), _BATCH))
        sharp = torch.cat([_levels(pixels[stretch]) for stretch in stretches])
        self._levels = torch.stack([sharp, *(_blurred(sharp, sigma) for sigma in SOFTER)])
        self._sharpness = torch.stack([_sharpness(levels) for levels in self._levels])
        self._coarse = [
            torch.cat([self._rough(flipped, evened) for flipped in (False, True)]) for evened in (False, True)
        ]

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
            rough = [
                nearest(_shifted(levels[rows], evened), self._coarse[evened], most)
                for evened, most in ((False, 2 * _CANDIDATES + 2), (True, _CANDIDATES + 2))
            ]
            candidates = torch.cat(rough, 1)
            who, flipped = candidates % count, candidates >= count
            unlike = (self._sharpness[:, who] - _sharpness(levels[rows])[:, None]).abs()
            unlike[1:] += _UNSURE
            softness = unlike.argmin(0)
            apart = _apart(levels[rows], self._levels[softness, who], flipped)
            if own is not None:
                apart[who == own[rows, None]] = torch.inf
            found.append(_ranked(apart, who, flipped))
            watch(min(start + _ROWS, len(levels)), len(levels))
        who, apart, flipped = (torch.cat(parts) for parts in zip(*found, strict=True))
        return Matches(self._places[who], apart, flipped)

    def _rough(self, flipped: bool, evened: bool) -> Tensor:
        starts = range(0, len(self), _BATCH)
        parts = (self._levels[0, start : start + _BATCH] for start in starts)
        return torch.cat([_coarse(part.flip(3) if flipped else part, evened) for part in parts])


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


def _shifted(levels: Tensor, evened: bool) -> list[Tensor]:
    """Rough versions of pictures, moved by as much as a copy may be moved."""
    down, across = (side // _SHIFT for side in levels.shape[2:])
    moves = [(y, x) for y in sorted({-down, 0, down}) for x in sorted({-across, 0, across})]
    return [_coarse(levels.roll(move, (2, 3)), evened) for move in moves]


def _coarse(levels: Tensor, evened: bool) -> Tensor:
    """Pictures as points in which a shift by a pixel or two makes little difference, (N, D).

    `evened`: and their tone none. Candidates are found in both ways: those next to a picture may be alike in tone, too.
    """
    points = F.adaptive_avg_pool2d(levels.float(), _COARSE).flatten(1)
    if not evened:
        return points
    points = points - points.mean(1, keepdim=True)
    return points / points.std(1, keepdim=True).clamp(min=_LEAST_SPREAD)


def _blurred(levels: Tensor, sigma: float) -> Tensor:
    """Pictures uint8 (N, C, h, w) still less in focus."""
    reach = torch.arange(-_BLUR, _BLUR + 1)
    line = torch.exp(-reach.square() / (2 * sigma**2))
    kernel = torch.outer(line, line) / line.sum() ** 2
    parts = []
    for start in range(0, len(levels), _BATCH):
        some = levels[start : start + _BATCH].float()
        channels = some.shape[1]
        padded = F.pad(some, (_BLUR,) * 4, mode="replicate")
        parts.append(F.conv2d(padded, kernel.expand(channels, 1, -1, -1), groups=channels).round().to(torch.uint8))
    return torch.cat(parts)


def _sharpness(levels: Tensor) -> Tensor:
    """How much neighbours differ in pictures (N, C, h, w), over how much all pixels do, as a logarithm (N,)."""
    parts = []
    for start in range(0, len(levels), _BATCH):
        some = levels[start : start + _BATCH].float()
        steps = some.diff(dim=2).square().mean((1, 2, 3)) + some.diff(dim=3).square().mean((1, 2, 3))
        parts.append(torch.log((steps + 1e-2) / _spread(some)))
    return torch.cat(parts)


def _spread(levels: Tensor) -> Tensor:
    """How much the pixels of pictures (N, C, h, w) differ: the mean variance of their channels, (N,)."""
    batches = (levels[start : start + _BATCH].float() for start in range(0, len(levels), _BATCH))
    return torch.cat([batch.var((2, 3), correction=0).mean(1) + _LEAST_VARIANCE for batch in batches])


def _apart(levels: Tensor, others: Tensor, flipped: Tensor) -> Tensor:
    """Distances (n, K) of pictures (n, C, h, w) to others (n, K, C, h, w), at the best shift and tone of each."""
    others = torch.where(flipped[..., None, None, None], others.flip(4), others).float()
    down, across = levels.shape[2] // _SHIFT, levels.shape[3] // _SHIFT
    # What lies beyond the edge of a shifted picture has come into its outermost pixels, out of focus as they are.
    edge = min(_BORDER, down, across)
    top_most, left_most = down + edge, across + edge
    middle = levels[:, None, :, top_most : levels.shape[2] - top_most, left_most : levels.shape[3] - left_most].float()
    best = torch.full(flipped.shape, torch.inf)
    for top in range(2 * down + 1):
        for left in range(2 * across + 1):
            high, wide = top + edge, left + edge
            window = others[..., high : high + middle.shape[3], wide : wide + middle.shape[4]]
            best = torch.minimum(best, _toned(middle, window))
    return best.clamp(min=0).sqrt()


def _toned(pictures: Tensor, others: Tensor) -> Tensor:
    """Mean squares of what differs, once the tone of pictures (n, 1, C, h, w) is fitted to others (n, K, C, h, w).

    One factor and one offset for all colours, within bounds; how opaque a picture is, is no tone.
    """
    colours = _COLOURS if pictures.shape[2] > _COLOURS else pictures.shape[2]
    x, y = pictures[:, :, :colours].flatten(2), others[:, :, :colours].flatten(2)
    mean_x, mean_y = x.mean(2), y.mean(2)
    spread_x, spread_y = x.square().mean(2) - mean_x.square(), y.square().mean(2) - mean_y.square()
    together = torch.einsum("nkp,nkp->nk", x.expand_as(y), y) / x.shape[2] - mean_x * mean_y
    factor = (together / spread_x.clamp(min=_LEAST_VARIANCE)).clamp(*_CONTRAST)
    offset = mean_y - factor * mean_x
    left = offset - offset.clamp(-_BRIGHTNESS, _BRIGHTNESS)
    squares = spread_y - 2 * factor * together + factor.square() * spread_x + left.square()
    if colours == pictures.shape[2]:
        return squares
    rest = (others[:, :, colours:] - pictures[:, :, colours:]).square().flatten(2).mean(2)
    return (colours * squares + rest) / (colours + 1)


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
