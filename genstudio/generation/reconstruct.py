"""Redrawing given pictures."""

import numpy as np
import torch
from numpy.typing import NDArray

from genstudio.core.errors import FamilyError
from genstudio.training.learner import Learner, Reconstructs
from genstudio.training.previews import evaluating, to_uint8


def reconstruct(learner: Learner, images: NDArray[np.uint8], device: torch.device | str) -> NDArray[np.uint8]:
    """Redraw pictures, uint8 (N, H, W, C) to the same. Raises `FamilyError` for a learner that cannot."""
    if not isinstance(learner, Reconstructs):
        raise FamilyError("This model cannot redraw a picture.")
    pixels = torch.from_numpy(np.ascontiguousarray(images)).to(device).permute(0, 3, 1, 2)
    with evaluating(learner):
        return to_uint8(learner.reconstruct(pixels.float().div(127.5).sub(1)))
