"""Augmentation that gradients pass through, for discriminators that see few pictures.

Both real and generated pictures are changed in the same random ways before the discriminator looks, so that it cannot
learn a small dataset by heart, and the generator learns through the changes (Zhao et al. 2020; Karras et al. 2020). As
long as a good share of pictures is left as it is (p well below 1), what is drawn is not augmented itself: from the
distribution of changed pictures follows that of unchanged ones.

All changes of place are products with one matrix for rows and one for columns, so that any number of derivatives
exists and every device gives the same bits.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

_BRIGHTNESS, _CONTRAST, _SATURATION = 0.5, 0.5, 1.0  # half-widths, on pictures in [-1, 1]
_SHIFT = 0.125  # of a side
_CUT = 0.5  # of a side
_ZOOM = 0.2


@dataclass(frozen=True)
class Augmentation:
    """Which kinds of changes there are; each is made to a picture with probability p, independently of the others."""

    colour: bool = True
    shift: bool = True
    cut: bool = True
    turn: bool = False

    def __bool__(self) -> bool:
        return self.colour or self.shift or self.cut or self.turn

    def __call__(self, images: Tensor, p: Tensor, generator: torch.Generator) -> Tensor:
        """Change pictures (B, C, H, W) in [-1, 1]; p: a scalar in [0, 1] on their device."""
        draw = _Draw(len(images), images.device, p, generator)
        if self.colour:
            images = _coloured(images, draw)
        if self.turn:
            images = _turned(images, draw)
        if self.shift:
            images = _shifted(images, draw)
        if self.cut:
            images = _cut(images, draw)
        return images


@dataclass(frozen=True)
class _Draw:
    """Random numbers, one for each picture."""

    count: int
    device: torch.device
    p: Tensor
    generator: torch.Generator

    def uniform(self, low: float, high: float) -> Tensor:
        """(B,)."""
        return torch.empty(self.count, device=self.device).uniform_(low, high, generator=self.generator)

    def chosen(self) -> Tensor:
        """(B,), 1 with probability p, else 0."""
        return (self.uniform(0, 1) < self.p).float()


def _each(values: Tensor) -> Tensor:
    return values.view(-1, 1, 1, 1)


def _coloured(images: Tensor, draw: _Draw) -> Tensor:
    """Brightness, saturation and contrast; transparency stays."""
    colours, rest = images[:, :3], images[:, 3:]
    if colours.shape[1] == 3:
        grey = colours.mean(1, keepdim=True)
        colours = grey + (colours - grey) * _each(1 + draw.chosen() * draw.uniform(-_SATURATION, _SATURATION))
    middle = colours.mean((1, 2, 3), keepdim=True)
    colours = middle + (colours - middle) * _each(1 + draw.chosen() * draw.uniform(-_CONTRAST, _CONTRAST))
    colours = colours + _each(draw.chosen() * draw.uniform(-_BRIGHTNESS, _BRIGHTNESS))
    return torch.cat([colours, rest], 1) if rest.shape[1] else colours


def _turned(images: Tensor, draw: _Draw) -> Tensor:
    """Mirrored left to right, and turned by quarters (oblong pictures by halves)."""
    mirrored = _each(draw.chosen() * draw.uniform(0, 1)) > 0.5
    images = torch.where(mirrored, images.flip(3), images)
    turned = draw.chosen() * draw.uniform(0, 4).floor()
    for quarters in (1, 2, 3) if images.shape[2] == images.shape[3] else (2,):
        images = torch.where(_each(turned == quarters), torch.rot90(images, quarters, (2, 3)), images)
    return images


def _shifted(images: Tensor, draw: _Draw) -> Tensor:
    """By whole pixels, and a little larger or smaller; what comes in from outside is grey."""
    height, width = images.shape[2:]
    moving, zooming = draw.chosen(), draw.chosen()
    zoom = torch.exp(zooming * draw.uniform(-_ZOOM, _ZOOM))
    rows = _resampling(height, (moving * height * draw.uniform(-_SHIFT, _SHIFT)).round(), zoom)
    columns = _resampling(width, (moving * width * draw.uniform(-_SHIFT, _SHIFT)).round(), zoom)
    return rows[:, None].to(images.dtype) @ images @ columns[:, None].mT.to(images.dtype)


def _resampling(size: int, shift: Tensor, zoom: Tensor) -> Tensor:
    """Matrices (B, size, size) that move a line of pixels by `shift` and stretch it by `zoom`, blending neighbours."""
    places = torch.arange(size, device=shift.device, dtype=shift.dtype)
    middle = (size - 1) / 2
    sources = (places - middle - shift[:, None]) / zoom[:, None] + middle  # (B, size): where each new pixel comes from
    return (1 - (sources[:, :, None] - places).abs()).clamp_min(0)


def _cut(images: Tensor, draw: _Draw) -> Tensor:
    """Grey out a rectangle, half as long as the sides, that may reach beyond the edges (DeVries and Taylor 2017)."""
    gone = draw.chosen()[:, None]
    lines = [_within(size, draw) for size in images.shape[2:]]
    hole = (gone * lines[0])[:, None, :, None] * lines[1][:, None, None, :]
    return images * (1 - hole)


def _within(size: int, draw: _Draw) -> Tensor:
    """Which places of a line a stretch of half its length covers, (B, size)."""
    middle = draw.uniform(0, size)[:, None]
    places = torch.arange(size, device=middle.device) + 0.5
    return ((places - middle).abs() <= _CUT * size / 2).float()
