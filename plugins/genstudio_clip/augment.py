"""Pictures changed a little at random, so that a few thousand are not learned by heart.

Colours change so little that a red thing stays red: the words say what colour things are.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

_SHIFT = 0.08  # of a side, to each
_ZOOM = 0.15
_TURN = 0.15  # radians
_BRIGHTNESS, _CONTRAST = 0.1, 0.15


def augmented(pictures: Tensor, generator: torch.Generator, *, mirror: bool) -> Tensor:
    """Change pictures (N, 4, H, W) whose last channel is opacity; what comes in from outside is nothing."""
    count, device = len(pictures), pictures.device

    def uniform(reach: float) -> Tensor:
        return torch.empty(count, device=device).uniform_(-reach, reach, generator=generator)

    turn, zoom, height, width = uniform(_TURN), uniform(_ZOOM).exp(), *pictures.shape[2:]
    side = torch.where(uniform(1) < 0, -1.0, 1.0) if mirror else torch.ones_like(turn)
    across = torch.stack([side * zoom * turn.cos(), -zoom * turn.sin() * height / width, 2 * uniform(_SHIFT)], 1)
    down = torch.stack([side * zoom * turn.sin() * width / height, zoom * turn.cos(), 2 * uniform(_SHIFT)], 1)
    grid = F.affine_grid(torch.stack([across, down], 1), list(pictures.shape), align_corners=False)
    moved = F.grid_sample(pictures, grid, align_corners=False)
    return _coloured(moved, uniform(_BRIGHTNESS).view(-1, 1, 1, 1), uniform(_CONTRAST).exp().view(-1, 1, 1, 1))


def _coloured(pictures: Tensor, brighter: Tensor, stronger: Tensor) -> Tensor:
    colours, opacity = pictures[:, :3], pictures[:, 3:]
    changed = (colours * stronger + brighter * opacity).clamp(-1, 1)
    return torch.cat([changed, opacity], 1)
