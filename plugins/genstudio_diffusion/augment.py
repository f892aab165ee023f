"""Augmentation that does not leak: the network is told what was done to a picture (Karras et al. 2022, appendix F.2).

So it learns from mirrored, moved and resized pictures, and still draws pictures to which nothing was done: when drawing
it is told "nothing".
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

_MOST_MOVED = 0.125  # of a side
_MOST_SCALED = 0.2  # in ln


def augmented(images: Tensor, probability: float, generator: torch.Generator, *, wraps: bool) -> tuple[Tensor, Tensor]:
    """Mirror, move, turn and resize pictures, each with this probability.

    images: (B, C, H, W). Returns the pictures and what was done to them, (B, 6): mirrored left to right, upside down,
    moved by x and y, scaled, turned; zeros where nothing was. Beyond the edge the picture is repeated from the other
    side where it `wraps`, else its edge is continued.
    """
    done = _drawn(len(images), probability, generator, images.device)
    mirrored = 1 - 2 * done[:, :2]  # (B, 2), 1 or -1
    size = torch.exp(-_MOST_SCALED * done[:, 4])
    angle = math.pi / 8 * done[:, 5]
    height, width = images.shape[2:]
    cosine, sine = size * angle.cos(), size * angle.sin()
    aspect = height / width
    rows = [
        torch.stack([mirrored[:, 0] * cosine, -mirrored[:, 1] * sine * aspect, 2 * _MOST_MOVED * done[:, 2]], 1),
        torch.stack([mirrored[:, 0] * sine / aspect, mirrored[:, 1] * cosine, 2 * _MOST_MOVED * done[:, 3]], 1),
    ]
    grid = F.affine_grid(torch.stack(rows, 1), list(images.shape), align_corners=False)
    if wraps:
        grid = torch.remainder(grid + 1, 2) - 1
    moved = F.grid_sample(images, grid, mode="bilinear", padding_mode="border", align_corners=False)
    touched = done.abs().sum(1).view(-1, 1, 1, 1) > 0
    return torch.where(touched, moved, images), done


def _drawn(count: int, probability: float, generator: torch.Generator, device: torch.device) -> Tensor:
    """(B, 6): with the probability each, 1 for the mirrors, normal noise (at most 2) for the others; else 0."""
    does = torch.rand(count, 6, generator=generator, device=device) < probability
    amounts = torch.randn(count, 6, generator=generator, device=device).clamp(-2, 2) / 2
    amounts[:, :2] = 1.0
    return torch.where(does, amounts, torch.zeros_like(amounts))
