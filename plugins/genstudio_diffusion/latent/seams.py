"""Completed pictures without a seam: what is drawn meets the known pixels, as in Poisson editing (Pérez et al. 2003).

Known pixels are put back as they are. What was drawn in their places shows by how much the rest is off beside them: in
tone, because it was drawn by another hand, and in what an autoencoder cannot redraw. That difference flows from known
pixels into drawn ones, as heat does, for so many steps that it has faded some pixels further on. Poisson editing lets
it flow until it rests; then one edge that does not fit would tint all that was drawn.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

_STEPS = 1.5  # of a mean over 3 x 3 pixels, whose spread is 2/3 square pixels each way, for each square pixel
_OPACITY = 3  # the channel of it, where there are four


def met(drawn: Tensor, images: Tensor, known: Tensor, reach: float) -> Tensor:
    """Put known pixels back and let the rest meet them.

    drawn, images: (N, C, H, W) in [-1, 1], of which the latter are given; known: bool (N, H, W), true where they are
    kept, to the bit. reach: how many pixels the difference spreads (its standard deviation); after three times that
    nothing of it is left. What nobody sees, a known pixel's colour where it is transparent, does not count.
    """
    kept = known[:, None]
    off = torch.where(kept, images - drawn, 0)
    if images.shape[1] > _OPACITY:
        off[:, :_OPACITY] *= (images[:, _OPACITY:] + 1) / 2
    source = off
    for _ in range(round(_STEPS * reach**2)):
        spread = F.avg_pool2d(F.pad(off, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
        off = torch.where(kept, source, spread)
    return torch.where(kept, images, (drawn + off).clamp(-1, 1))
