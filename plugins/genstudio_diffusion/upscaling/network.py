"""A network that looks at neighbourhoods only, so that it can look at pictures of any size, and in parts.

A U-Net of few sizes in which nothing is taken over the whole picture: features are normalised pixel by pixel (Ba et al.
2016, over channels) and not over the picture, and there is no attention. What it says of a pixel depends on the pixels
around it alone. So it may learn from crops, and a large picture may be shown to it window by window.
"""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genstudio_diffusion.condition import Condition
from genstudio_diffusion.layers import PixelNorm, Waves

PATCH = 2
SIZES = (1, 2, 3)  # features at each size, in widths
STRIDE = PATCH * 2 ** (len(SIZES) - 1)
"""Windows must begin at multiples of so many pixels to be seen alike as the whole."""


class Told(nn.Module):
    """The noise level and how damaged the given picture is, as one vector."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.waves = Waves(64)
        self.level, self.damage, self.mix = nn.Linear(64, width), nn.Linear(1, width), nn.Linear(width, width)

    def forward(self, log_sigma: Tensor, damage: Tensor) -> Tensor:
        """(N,) and (N, 1) to (N, width)."""
        told = self.level(self.waves(log_sigma)) + self.damage(damage)
        mixed: Tensor = self.mix(F.silu(told))
        return F.silu(mixed)


class Block(nn.Module):
    """A residual block whose features are scaled and shifted by what is told."""

    def __init__(self, features: int, told: int) -> None:
        super().__init__()
        self.norm = PixelNorm(features)
        self.told = nn.Linear(told, 2 * features)
        self.conv_in = nn.Conv2d(features, features, 3, padding=1)
        self.conv_out = nn.Conv2d(features, features, 3, padding=1)
        nn.init.zeros_(self.conv_out.weight)

    def forward(self, x: Tensor, told: Tensor) -> Tensor:
        """(N, features, H, W) to the same."""
        scale, shift = self.told(told)[:, :, None, None].chunk(2, 1)
        h = self.conv_in(torch.addcmul(shift, self.norm(x), scale + 1))
        out: Tensor = x + self.conv_out(F.silu(h))
        return out


class Blocks(nn.ModuleList):
    """Several, one after the other."""

    def __init__(self, features: int, told: int, depth: int) -> None:
        super().__init__(Block(features, told) for _ in range(depth))

    def forward(self, x: Tensor, told: Tensor) -> Tensor:
        """(N, features, H, W) to the same."""
        for block in self:
            x = block(x, told)
        return x


class LocalUNet(nn.Module):
    """See the module. `channels` are those of a picture; the noisy one comes beside the given one."""

    def __init__(self, channels: int, features: int, depth: int) -> None:
        super().__init__()
        widths, told = [features * times for times in SIZES], 4 * features
        self.told = Told(told)
        self.first = nn.Conv2d(2 * channels * PATCH**2, features, 3, padding=1)
        self.down = nn.ModuleList(Blocks(width, told, depth) for width in widths)
        self.up = nn.ModuleList(Blocks(width, told, depth) for width in widths[:-1])
        steps = list(pairwise(widths))
        self.smaller = nn.ModuleList(nn.Conv2d(fine, coarse, 2, stride=2) for fine, coarse in steps)
        self.larger = nn.ModuleList(nn.Conv2d(coarse, 4 * fine, 1) for fine, coarse in steps)
        self.norm = PixelNorm(features)
        self.last = nn.Conv2d(features, channels * PATCH**2, 3, padding=1)
        nn.init.zeros_(self.last.weight)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload] # torch's stubs know tensors only

    def hidden(self) -> list[nn.Parameter]:
        """Matrices and kernels between layers of features."""
        parts = (self.down, self.up, self.smaller, self.larger)
        return [parameter for part in parts for parameter in part.parameters() if parameter.ndim > 1]

    def forward(self, x: Tensor, log_sigma: Tensor, condition: Condition) -> Tensor:
        """(N, 2 C, H, W) and (N,) to (N, C, H, W), of any size; `condition.augmentation` is the damage, (N, 1)."""
        damage = log_sigma.new_zeros(len(x), 1) if condition.augmentation is None else condition.augmentation
        told = self.told(log_sigma, damage)
        height, width = x.shape[2:]
        if height % STRIDE or width % STRIDE:
            x = F.pad(x, (0, -width % STRIDE, 0, -height % STRIDE), mode="replicate")
        h = self.first(F.pixel_unshuffle(x, PATCH).contiguous(memory_format=torch.channels_last))
        kept = []
        for level, blocks in enumerate(self.down):
            h = blocks(h, told)
            if level < len(self.smaller):
                kept.append(h)
                h = self.smaller[level](h)
        for level in reversed(range(len(self.larger))):
            h = self.up[level](kept[level] + F.pixel_shuffle(self.larger[level](h), 2), told)
        out = F.pixel_shuffle(self.last(F.silu(self.norm(h))), PATCH)
        return out[:, :, :height, :width].contiguous()
