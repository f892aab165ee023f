"""What painters are told besides pixels."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class ToldRows:
    """What 1 × 1 layers make of a scene (N, S, H, W), a row at a time; G layers with outputs sorted by `order`."""

    def __init__(self, layers: Sequence[nn.Conv2d], order: Tensor, scene: Tensor) -> None:
        self._weight = torch.stack([layer.weight.detach()[order, :, 0, 0] for layer in layers])  # (G, outputs, S)
        self._scene = scene.permute(2, 1, 3, 0).flatten(2)  # (H, S, W * N)

    def row(self, row: int) -> Tensor:
        """Return the row's (G, outputs, W * N)."""
        return torch.matmul(self._weight, self._scene[row])
