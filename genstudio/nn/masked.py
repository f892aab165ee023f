"""Convolutions that see only what comes before in reading order (van den Oord et al. 2016, "Pixel recurrent neural
networks", section 3.4).

Pixels are read row by row from the top left; within a pixel red comes before green before blue (before alpha). Which
sub-pixel a feature belongs to is settled by its position alone: in every feature map, channel k belongs to sub-pixel
k mod C, where C is the number of channels of the picture. So the groups survive concatenation, chunking and residual
connections as long as every part has a multiple of C channels, and no layer needs to be told about them.
"""

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Kind = Literal["A", "B"]
"""What a layer sees at its own place: A the sub-pixels before, B those and the sub-pixel itself."""


class MaskedConv2d(nn.Conv2d):
    """A convolution over `above` rows above and `left` columns to the left; (B, inputs, H, W) to (B, outputs, H, W).

    The rows above are seen from `left` columns left to `right` columns right. Kernel rows that would lie below are not
    even computed. The mask is multiplied in whenever the layer is used, never written into the weights. `subpixels` is
    C of the module's docstring; `inputs` and `outputs` are multiples of it.
    """

    mask: Tensor

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kind: Kind,
        *,
        subpixels: int,
        above: int = 0,
        left: int = 0,
        right: int = 0,
        bias: bool = True,
    ) -> None:
        super().__init__(inputs, outputs, (above + 1, left + 1 + right), bias=bias)
        self.kind, self.subpixels, self.left = kind, subpixels, left
        self.sides = (left, right, above, 0)
        self.register_buffer("mask", _mask(self.weight, kind, subpixels, left), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve with the masked weights; beyond the borders there are zeros."""
        padded = F.pad(x, self.sides) if any(self.sides) else x
        return F.conv2d(padded, self.masked_weight, self.bias)

    @property
    def masked_weight(self) -> Tensor:
        """The weights (outputs, inputs, above + 1, left + 1 + right) with zeros where the layer must not look."""
        return self.weight * self.mask


def _mask(weight: Tensor, kind: Kind, subpixels: int, left: int) -> Tensor:
    """Ones where the kernel may look: everywhere above, to the left, and at the centre by sub-pixel."""
    outputs, inputs = weight.shape[:2]
    if outputs % subpixels or inputs % subpixels:
        raise ValueError(f"{inputs} and {outputs} channels cannot be shared by {subpixels} sub-pixels")
    mask = torch.ones(weight.shape)
    mask[:, :, -1, left + 1 :] = 0
    own, seen = torch.arange(outputs)[:, None] % subpixels, torch.arange(inputs) % subpixels
    mask[:, :, -1, left] = (seen < own if kind == "A" else seen <= own).float()
    return mask


def subpixel_order(channels: int, subpixels: int) -> Tensor:
    """Positions of a feature map's channels sorted by sub-pixel: what each may see is then a prefix of the order."""
    return torch.arange(channels).view(-1, subpixels).T.reshape(-1)


def marked(values: Tensor) -> Tensor:
    """Append a plane of ones for each sub-pixel: (B, C, H, W) to (B, 2 C, H, W), channels innermost in memory.

    Only there do the zeros beyond the borders differ from a pixel whose value is zero (Salimans et al. 2017, code). The
    layout is kept by all convolutions that follow; on processors it makes them a fifth faster.
    """
    return torch.cat((values, torch.ones_like(values)), 1).contiguous(memory_format=torch.channels_last)
