"""Where a picture is unlike what a model learned, and how unlikely it is as a whole."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from genstudio.core.errors import FamilyError
from genstudio.data.batches import examples_of
from genstudio.training.learner import Learner, MapsSurprise, Watch, unwatched
from genstudio.training.previews import evaluating


@dataclass(frozen=True, eq=False)
class Surprise:
    """Of N pictures: `maps` float32 (N, H, W) in bits a pixel, `nats` float64 (N,), minus log p of each picture.

    `dimensions` are the numbers in a picture.
    """

    maps: NDArray[np.float32]
    nats: NDArray[np.float64]
    dimensions: int

    @property
    def bits_per_dim(self) -> NDArray[np.float64]:
        """Bits for each number of a picture, (N,)."""
        return self.nats / (self.dimensions * math.log(2))


def surprise(
    learner: Learner,
    images: NDArray[np.uint8],
    *,
    label: int | None,
    batch: int,
    device: torch.device | str,
    watch: Watch = unwatched,
) -> Surprise:
    """Map the surprise of pictures uint8 (N, H, W, C), all under one label or (None) under none.

    Raises `FamilyError` for a learner that cannot, and `Cancelled`.
    """
    if not isinstance(learner, MapsSurprise):
        raise FamilyError("This model cannot show where a picture is unlike what it learned.")
    maps, nats = [], []
    with evaluating(learner):
        for start in range(0, len(images), batch):
            found = learner.surprise(examples_of(images[start : start + batch], label, device, start))
            maps.append(found.float().cpu() / math.log(2))
            nats.append(found.double().sum((1, 2)).cpu())
            watch(min(start + batch, len(images)), len(images))
    return Surprise(torch.cat(maps).numpy(), torch.cat(nats).numpy(), images[0].size)
