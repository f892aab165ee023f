"""The U-Net: down to a few pixels, back up, with every size on the way remembered (Ronneberger et al. 2015).

Blocks as in Ho et al. 2020 and Dhariwal and Nichol 2021: what the network is told scales and shifts the features of
every block, far-off parts look at one another where the picture is small. Features are few where the picture is large,
and many where it is small: most of what is learned is there, and most of the time would go where it is not.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genstudio_diffusion.condition import Condition
from genstudio_diffusion.layers import Attention, Fold, PixelNorm, Reads, Text, Told, Words, zeroed

_SMALLEST = 4  # pixels a side of the coarsest map, about
_GROWTH = (1, 2, 4, 6, 8)  # features at each size, in widths: where every pixel is one place, and after each halving


@dataclass(frozen=True)
class UNetPlan:
    """Sizes of a U-Net. inputs, outputs: channels.

    text, whole: how many numbers stand for a token of a text and for all of it, 0 where it reads none.
    """

    inputs: int
    outputs: int
    height: int
    width: int
    features: int
    depth: int
    patch: int
    attention: int
    dropout: float
    classes: int = 0
    text: int = 0
    whole: int = 0
    wraps: bool = False

    @property
    def sizes(self) -> tuple[int, ...]:
        """Features at each size, the finest first. With larger patches the finest sizes are left out.

        Pictures that wrap are halved only as often as both sides can be: what is filled up would come between the ends.
        """
        halvings = max(0, round(math.log2(min(self.height, self.width) / self.patch / _SMALLEST)))
        if self.wraps:
            halvings = min(halvings, _evenly(math.gcd(self.height, self.width) // self.patch))
        begin = round(math.log2(self.patch))
        return tuple(self.features * _GROWTH[min(begin + i, len(_GROWTH) - 1)] for i in range(halvings + 1))

    @property
    def told(self) -> int:
        """Numbers that stand for all a block is told."""
        return max(64, 4 * self.features)

    def looks(self, level: int) -> bool:
        """Whether there is attention at a size."""
        return bool(max(self.height, self.width) <= self.attention * self.patch * 2**level)


def _evenly(count: int) -> int:
    """How often a number can be halved."""
    return (count & -count).bit_length() - 1


class Block(nn.Module):
    """A residual block that is told things: they scale and shift its features (Dhariwal and Nichol 2021, section 3)."""

    def __init__(self, inputs: int, outputs: int, told: int, plan: UNetPlan, *, looks: bool) -> None:
        super().__init__()
        self.norm_in, self.norm_out = PixelNorm(inputs), PixelNorm(outputs, scales=False)
        self.conv_in, self.conv_out = conv(inputs, outputs, plan), conv(outputs, outputs, plan)
        self.told = nn.Linear(told, 2 * outputs)
        self.past = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()
        self.dropout = nn.Dropout(plan.dropout)
        self.norm_look = PixelNorm(outputs) if looks else None
        self.look = Attention(outputs) if looks else None
        self.read = Reads(outputs, plan.text) if looks and plan.text else None
        nn.init.zeros_(self.conv_out.weight)

    def forward(self, x: Tensor, told: Tensor, text: Text | None) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, H, W)."""
        scale, shift = self.told(told)[:, :, None, None].chunk(2, 1)
        h: Tensor = self.norm_out(self.conv_in(F.silu(self.norm_in(x))))
        h = self.conv_out(self.dropout(F.silu(torch.addcmul(shift, h, scale + 1))))
        h = torch.add(self.past(x), h)
        if self.look is not None and self.norm_look is not None:
            rows = self.norm_look(h).flatten(2).transpose(1, 2)  # (N, H · W, outputs)
            h = h + self.look(rows).transpose(1, 2).view(h.shape)
        if self.read is not None and text is not None:
            rows = h.flatten(2).transpose(1, 2)
            h = h + self.read(rows, text).transpose(1, 2).view(h.shape)
        return h


def conv(inputs: int, outputs: int, plan: UNetPlan, stride: int = 1) -> nn.Conv2d:
    """A 3x3 convolution that goes on at the other side where pictures wrap."""
    return nn.Conv2d(inputs, outputs, 3, stride, padding=1, padding_mode="circular" if plan.wraps else "zeros")


class UNet(nn.Module):
    """See the module."""

    def __init__(self, plan: UNetPlan) -> None:
        super().__init__()
        self.plan = plan
        sizes, told = plan.sizes, plan.told
        self.fold = Fold(plan.height, plan.width, plan.patch * 2 ** (len(sizes) - 1), plan.patch, wraps=plan.wraps)
        self.told = Told(told, plan.classes, plan.whole)
        self.words = Words(plan.text) if plan.text else None
        self.first = conv(plan.inputs * plan.patch**2, sizes[0], plan)
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        kept = [sizes[0]]
        for level, features in enumerate(sizes):
            for _ in range(plan.depth):
                self.down.append(Block(kept[-1], features, told, plan, looks=plan.looks(level)))
                kept.append(features)
            if level < len(sizes) - 1:
                self.down.append(conv(features, features, plan, stride=2))
                kept.append(features)
        self.middle = Block(sizes[-1], sizes[-1], told, plan, looks=True)
        above = sizes[-1]
        for level, features in reversed(list(enumerate(sizes))):
            for _ in range(plan.depth + 1):
                self.up.append(Block(above + kept.pop(), features, told, plan, looks=plan.looks(level)))
                above = features
            if level > 0:
                self.up.append(conv(features, features, plan))
        self.norm = PixelNorm(sizes[0])
        self.last = conv(sizes[0], plan.outputs * plan.patch**2, plan)
        zeroed(self.last)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload] # torch's stubs know tensors only

    def hidden(self) -> list[nn.Parameter]:
        """Matrices and kernels between layers of features."""
        parts = (self.down, self.middle, self.up)
        return [parameter for part in parts for parameter in part.parameters() if parameter.ndim > 1]

    def forward(self, x: Tensor, log_sigma: Tensor, condition: Condition) -> Tensor:
        """(N, inputs, H, W) and (N,) to (N, outputs, H, W)."""
        told = self.told(log_sigma, condition)
        text = self.words(condition, len(x)) if self.words is not None else None
        h = self.first(self.fold.fold(x).contiguous(memory_format=torch.channels_last))
        kept = [h]
        for layer in self.down:
            h = layer(h, told, text) if isinstance(layer, Block) else layer(h)
            kept.append(h)
        h = self.middle(h, told, text)
        for layer in self.up:
            if isinstance(layer, Block):
                h = layer(torch.cat([h, kept.pop()], 1), told, text)
            else:
                h = layer(F.interpolate(h, scale_factor=2.0, mode="nearest"))
        return self.fold.unfold(self.last(F.silu(self.norm(h)))).contiguous()
