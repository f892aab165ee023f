"""Redrawing given pictures."""

import numpy as np
import torch
from numpy.typing import NDArray

from genstudio.core.errors import FamilyError
from genstudio.training.learner import Learner, Reconstructs
from genstudio.training.previews import evaluating, to_uint8

_BATCH = 64


def reconstruct(learner: Learner, images: NDArray[np.uint8], device: torch.device | str) -> NDArray[np.uint8]:
    """Redraw pictures, uint8 (N, H, W, C) to the same. Raises `FamilyError` for a learner that cannot."""
    if not isinstance(learner, Reconstructs):
        raise FamilyError("This model cannot redraw a picture.")
    pixels = torch.from_numpy(images.transpose(0, 3, 1, 2).copy())  # (N, C, H, W)
    with evaluating(learner):
        redrawn = [
            to_uint8(learner.reconstruct(chunk.to(device, torch.float32).sub_(127.5).div_(127.5)))
            for chunk in torch.split(pixels, _BATCH)
        ]
    return np.concatenate(redrawn)
