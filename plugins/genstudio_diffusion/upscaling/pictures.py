"""Small and large pictures: making small, making large, damage, and transparency.

Small pictures are made as cameras and programs make them: with a filter as wide as the shrinking asks for. The plain
enlarging that a model starts from, and is measured against, is bicubic.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

_CORRECTIONS = 8
_ALPHA = 4  # channels of a picture with transparency
_FAINTEST = 4 / 255  # opacity that is seen
_BLOCK = 8  # pixels a side of what a JPEG file compresses
_MOST_BLUR, _MOST_NOISE, _MOST_STEP = 1.0, 0.25, 0.5  # in pixels, and in units of [-1, 1], at damage 1


def shrunk(pictures: Tensor, factor: int) -> Tensor:
    """(N, C, f h, f w) to (N, C, h, w), antialiased."""
    size = [side // factor for side in pictures.shape[2:]]
    return F.interpolate(pictures, size=size, mode="bicubic", antialias=True, align_corners=False)


def enlarged(pictures: Tensor, factor: int) -> Tensor:
    """(N, C, h, w) to (N, C, f h, f w), plainly."""
    return F.interpolate(pictures, scale_factor=factor, mode="bicubic", align_corners=False)


def consistent(large: Tensor, small: Tensor, factor: int) -> Tensor:
    """Correct large pictures until, made small, they are the given small ones (Irani and Peleg 1991)."""
    for _ in range(_CORRECTIONS):
        large = large + enlarged(small - shrunk(large, factor), factor)
    return large


def weighted(pictures: Tensor) -> Tensor:
    """Colours times opacity, in [-1, 1]: what is clear is black, whatever colour it hides. Others stay as they are.

    A model of these is not asked to guess what nobody sees, and nothing hidden bleeds into edges.
    """
    if pictures.shape[1] != _ALPHA:
        return pictures
    colours, opacity = pictures[:, :-1], pictures[:, -1:]
    return torch.cat([(colours + 1) * (opacity + 1) / 2 - 1, opacity], 1)


def unweighted(pictures: Tensor, hidden: Tensor) -> Tensor:
    """The reverse. Where next to nothing is to be seen, pixels are clear and colours those of `hidden`, as large."""
    if pictures.shape[1] != _ALPHA:
        return pictures
    opacity = (pictures[:, -1:] + 1) / 2
    colours = (pictures[:, :-1] + 1) / opacity.clamp_min(_FAINTEST) - 1
    faint = opacity < _FAINTEST
    seen = torch.where(faint, hidden[:, :-1], colours.clamp(-1, 1))
    return torch.cat([seen, torch.where(faint, -1.0, pictures[:, -1:])], 1)


def cropped(pictures: Tensor, side: int, factor: int, generator: torch.Generator) -> Tensor:
    """A part of each picture anywhere in it, (B, C, s, s'): `side` or as much as there is, a multiple of the factor."""
    count, _, height, width = pictures.shape
    sides = [min(side, whole) // factor * factor for whole in (height, width)]
    draw = torch.rand(2, count, 1, generator=generator, device=pictures.device)
    rows, columns = (
        (draw[axis] * (whole - part + 1)).long() + torch.arange(part, device=pictures.device)
        for axis, (whole, part) in enumerate(zip((height, width), sides, strict=True))
    )
    which = torch.arange(count, device=pictures.device)[:, None, None]
    return pictures.permute(0, 2, 3, 1)[which, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def middle(pictures: Tensor, side: int, factor: int) -> Tensor:
    """The middle of pictures, `side` or as much as there is, a multiple of the factor."""
    height, width = (min(side, whole) // factor * factor for whole in pictures.shape[2:])
    top, left = (pictures.shape[2] - height) // 2, (pictures.shape[3] - width) // 2
    return pictures[:, :, top : top + height, left : left + width]


def turned(pictures: Tensor, generator: torch.Generator) -> Tensor:
    """Each as it is or mirrored, across or down or both; square ones may be on their side, all of a batch alike."""
    chances = torch.rand(3, len(pictures), 1, 1, 1, generator=generator, device=pictures.device) < 0.5
    pictures = torch.where(chances[0], pictures.flip(3), pictures)
    pictures = torch.where(chances[1], pictures.flip(2), pictures)
    if pictures.shape[2] == pictures.shape[3]:
        pictures = torch.where(chances[2], pictures.transpose(2, 3), pictures)
    return pictures


def damaged(pictures: Tensor, amounts: Tensor, generator: torch.Generator) -> Tensor:
    """Blur, noise and compress pictures (B, C, H, W), by amounts (B,) in [0, 1] at most; 0 leaves them as they are."""
    shares = torch.rand(3, len(pictures), 1, 1, 1, generator=generator, device=pictures.device)
    blur, noise, blocks = shares * amounts.view(-1, 1, 1, 1)
    grain = torch.randn(pictures.shape, generator=generator, device=pictures.device)
    worse = _blurred(pictures, _MOST_BLUR * blur) + _MOST_NOISE * noise * grain
    worse = _compressed(worse, _MOST_STEP * blocks)
    return torch.where(amounts.view(-1, 1, 1, 1) > 0, worse.clamp(-1, 1), pictures)


def _blurred(pictures: Tensor, widths: Tensor) -> Tensor:
    """A Gaussian of width (B, 1, 1, 1) in pixels, each picture its own."""
    count, channels = pictures.shape[:2]
    places = torch.arange(-2.0, 3.0, device=pictures.device)
    weights = torch.exp(-0.5 * (places / widths.view(-1, 1).clamp_min(0.05)) ** 2)  # (B, 5)
    weights = (weights / weights.sum(1, keepdim=True)).repeat_interleave(channels, 0)
    folded = F.pad(pictures, (2, 2, 2, 2), mode="replicate").flatten(0, 1)[None]  # (1, B · C, H + 4, W + 4)
    across = F.conv2d(folded, weights[:, None, None, :], groups=count * channels)
    down = F.conv2d(across, weights[:, None, :, None], groups=count * channels)
    return down[0].view(pictures.shape)


def _compressed(pictures: Tensor, steps: Tensor) -> Tensor:
    """Round the waves in blocks of 8 × 8 to multiples, coarser for finer waves, as JPEG does.

    steps: (B, 1, 1, 1), of the coarsest wave as a share of [-1, 1]; the finest one is rounded to four times as much.
    """
    height, width = pictures.shape[2:]
    padded = F.pad(pictures, (0, -width % _BLOCK, 0, -height % _BLOCK), mode="replicate")
    rows, columns = padded.shape[2] // _BLOCK, padded.shape[3] // _BLOCK
    waves = _cosines(pictures.device)
    blocks = padded.view(*pictures.shape[:2], rows, _BLOCK, columns, _BLOCK).transpose(3, 4)
    found = waves @ blocks @ waves.T  # (B, C, rows, columns, 8, 8)
    ramp = torch.arange(_BLOCK, device=pictures.device)
    step = steps[..., None, None] * (1 + 3 * (ramp[:, None] + ramp) / (2 * _BLOCK - 2)) + 1e-6
    back: Tensor = waves.T @ ((found / step).round() * step) @ waves
    return back.transpose(3, 4).reshape(padded.shape)[:, :, :height, :width]


def _cosines(device: torch.device) -> Tensor:
    """The orthonormal cosine transform of 8 numbers, (8, 8)."""
    at = torch.arange(_BLOCK, device=device, dtype=torch.float32)
    waves = torch.cos(math.pi / _BLOCK * (at + 0.5) * at[:, None]) * math.sqrt(2 / _BLOCK)
    waves[0] /= math.sqrt(2)
    return waves
