"""Neighbours: how far every pixel should go towards those around it, said by the network (Bako et al. 2017,
"Kernel-predicting convolutional networks for denoising Monte Carlo renderings", section 4.2).

Little noise is best taken away by looking at the pixels next to a pixel. A network that makes the clean picture from
features has to carry every pixel through them, exactly, and a small one cannot: what it leaves is grain. So beside its
output it says eight numbers w for each pixel, and the guess moves by

    σ/(1+σ) Σ w_j φ((x_j - x) / σ),     φ(d) = 3 tanh(d / 3)

with x_j the noisy neighbours. Differences are counted in noise: one that is several times as large as the noise is an
edge, and counts as no more than three (as the influence functions of Perona and Malik 1990 do).
"""

import torch
import torch.nn.functional as F
from torch import Tensor

COUNT = 8
_EDGE = 3.0  # differences beyond so much noise are edges
_AROUND = tuple((row, column) for row in range(3) for column in range(3) if (row, column) != (1, 1))


def pulled(x: Tensor, sigma: Tensor, weights: Tensor, *, wraps: bool) -> Tensor:
    """How far neighbours move a guess, (N, C, H, W), all channels of a pixel by the same weights.

    x: noisy pictures (N, C, H, W) at levels σ (N, 1, 1, 1). weights: (N, 8, H, W), row by row around the pixel. Beyond
    the edge the picture goes on at the other side where it `wraps`; else there is nothing that could move anything.
    """
    height, width = x.shape[2:]
    padded = F.pad(x, (1, 1, 1, 1), mode="circular" if wraps else "replicate")
    scale = 1 / (_EDGE * sigma)
    moved = torch.zeros_like(x)
    for (row, column), weight in zip(_AROUND, torch.split(weights, 1, 1), strict=True):
        apart = padded[:, :, row : row + height, column : column + width] - x
        moved = torch.addcmul(moved, weight, torch.tanh(apart * scale))
    return moved * (_EDGE * sigma / (1 + sigma))
