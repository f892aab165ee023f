"""Convolutional blocks that several families build their networks from."""

import math

import torch.nn.functional as F
from torch import Tensor, nn


def group_norm(channels: int) -> nn.GroupNorm:
    """Normalise groups of channels over the picture, whatever the batch (Wu and He 2018)."""
    return nn.GroupNorm(math.gcd(channels, 8), channels)


class ResidualBlock(nn.Module):
    """x + f(x) with two 3x3 convolutions, normalised before each (He et al. 2016b, figure 4e).

    `condition` is the width of a vector given along with x (a class, a time), added between the convolutions; 0 means
    there is none. The last convolution starts at zero, so that a deep stack starts as the identity.
    """

    def __init__(self, channels: int, condition: int = 0) -> None:
        super().__init__()
        self.norm_in = group_norm(channels)
        self.conv_in = nn.Conv2d(channels, channels, 3, padding=1)
        self.shift = nn.Linear(condition, channels) if condition else None
        self.norm_out = group_norm(channels)
        self.conv_out = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.conv_out.weight)

    def forward(self, x: Tensor, condition: Tensor | None = None) -> Tensor:
        """(B, C, H, W) and (B, condition) or None to (B, C, H, W)."""
        h: Tensor = self.conv_in(F.silu(self.norm_in(x)))
        if self.shift is not None and condition is not None:
            h = h + self.shift(condition)[:, :, None, None]
        h = self.conv_out(F.silu(self.norm_out(h)))
        return x + h


class Downsample(nn.Conv2d):
    """(B, inputs, H, W) to (B, outputs, H/2, W/2): a convolution that strides over overlapping 4x4 patches."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, 4, stride=2, padding=1)


class Upsample(nn.Module):
    """(B, inputs, H, W) to (B, outputs, 2H, 2W): repeated pixels, smoothed by a convolution.

    Repeating before convolving leaves no chequerboard (Odena et al. 2016).
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Double height and width."""
        smoothed: Tensor = self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))
        return smoothed
